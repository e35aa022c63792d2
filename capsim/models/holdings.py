"""Who held what and when, read from the records: what the conservation laws count."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from itertools import pairwise
from typing import Literal

import numpy as np

from capsim.demand.columns import ASSESSMENT, ELECTIVE
from capsim.models import passes
from capsim.models.facilities import Facilities
from capsim.models.pathway import DAY, NEVER, Need, Start
from capsim.models.records import Records, Stays
from capsim.models.routing import among
from capsim.region.region import UNLIMITED

__all__ = ["FOREVER", "Holdings", "Spans", "capacity_of", "discharged_early", "settled", "until"]

FOREVER = 2**38
"""Later than every time of a run, in seconds."""
_UNIT = 2**40


def until(end: np.ndarray) -> np.ndarray:
    """Ends with ``FOREVER`` for those that did not come."""
    out = end.copy()
    out[np.flatnonzero(end == NEVER)] = FOREVER
    return out


Side = Literal["left", "right"]


@dataclass(frozen=True, eq=False)
class Spans:
    """A row for each stretch of time from ``start`` to ``end`` (s) at one of ``count`` units (index
    ``unit``); ``patient`` is -1 for somebody settled before the start."""

    patient: np.ndarray
    unit: np.ndarray
    start: np.ndarray
    end: np.ndarray
    count: int

    def daily(self, first: int, days: int) -> tuple[np.ndarray, np.ndarray]:
        """How many are there at the second ``first`` and at that hour of the days after it, shape (days,
        count): without and with those who come or go in that very second."""
        return passes.present(*self._columns, self.count, first, days)

    def over(
        self,
        capacity: np.ndarray,
        first_day: int,
        leave: np.ndarray,
        turn: np.ndarray,
        exempt: np.ndarray,
        kept: np.ndarray,
    ) -> int:
        """How many began when no more than ``leave`` was left of the day's ``capacity`` (days, units; row
        0 is ``first_day``), but for those ``exempt``. What is ``kept``, or begins at midnight, may do with
        the day before's. In a second those who go come first, then those who come by ``turn`` (0 to 3),
        those of one turn in the order of rows."""
        capacity = np.ascontiguousarray(capacity)
        came, gone, limit = passes.limits(
            *self._columns, leave, turn, exempt, kept, capacity, first_day * DAY
        )
        return passes.beyond(came, _in_order(came), np.sort(gone), limit)

    def before(self, unit: np.ndarray, time: np.ndarray) -> np.ndarray:
        """How many are at each ``unit`` at each ``time``, without those who come or go in that second."""
        return self._count(unit, time, "left", "right")

    def at(self, unit: np.ndarray, time: np.ndarray) -> np.ndarray:
        """How many are at each ``unit`` at each ``time``, with those who come in that second and
        without those who go."""
        return self._count(unit, time, "right", "right")

    def touching(self, unit: np.ndarray, time: np.ndarray) -> np.ndarray:
        """How many are at each ``unit`` at each ``time``, with those who come or go in that second."""
        return self._count(unit, time, "right", "left")

    def _count(self, unit: np.ndarray, time: np.ndarray, came: Side, gone: Side) -> np.ndarray:
        """Who has come and not gone; "right" with those who do so in that second."""
        when = _key(unit, time)
        order = np.argsort(when)  # to look up neighbours in turn is several times as fast
        when, out = when[order], np.empty(len(when), dtype=np.int64)
        out[order] = self._starts.searchsorted(when, came) - self._ends.searchsorted(when, gone)
        return out

    @property
    def _columns(self) -> tuple[np.ndarray, ...]:
        """As compiled code takes them."""
        return tuple(np.ascontiguousarray(c, dtype=np.int64) for c in (self.unit, self.start, self.end))

    @cached_property
    def _starts(self) -> np.ndarray:
        return np.sort(_key(self.unit, self.start))

    @cached_property
    def _ends(self) -> np.ndarray:
        return np.sort(_key(self.unit, self.end))


def _key(unit: np.ndarray, time: np.ndarray) -> np.ndarray:
    """One integer in the order (unit, time), whatever the time: a wrong one must not hide another."""
    return unit.astype(np.int64) * _UNIT + np.maximum(time, -FOREVER)


def _in_order(numbers: np.ndarray) -> np.ndarray:
    """The rows in the order of ``numbers`` >= 0, those alike in their own."""
    bits = len(numbers).bit_length()
    if int(numbers.max(initial=0)).bit_length() + bits > 63:
        return np.argsort(numbers, kind="stable")
    # to sort numbers that say their row is several times as fast
    return np.sort((numbers << bits) + np.arange(len(numbers))) & ((1 << bits) - 1)


def _spans(patient: np.ndarray, unit: np.ndarray, start: np.ndarray, end: np.ndarray, count: int) -> Spans:
    """The spans of those who came (not ``NEVER``) to a unit (not -1)."""
    came = (start != NEVER) & (unit >= 0)
    if not came.all():
        rows = np.flatnonzero(came)
        patient, unit, start, end = patient[rows], unit[rows], start[rows], end[rows]
    return Spans(patient, unit.astype(np.int64), start, until(end), count)


@dataclass(frozen=True, eq=False)
class Asks:
    """A row for each stretch of time from ``start`` to ``end`` (s) in which a ``patient`` asks the
    municipality for a ``need``, and whether an illness ends it (flags)."""

    patient: np.ndarray
    need: np.ndarray
    start: np.ndarray
    end: np.ndarray
    falls_ill: np.ndarray


class Happened(dict[str, np.ndarray]):
    """By column of times in :class:`Stays`: to whom it happened (flags), worked out when first asked."""

    def __init__(self, stays: Stays) -> None:
        super().__init__()
        self._stays = stays

    def __missing__(self, column: str) -> np.ndarray:
        flags: np.ndarray = getattr(self._stays, column) != NEVER
        self[column] = flags
        return flags


class Holdings(Records):
    """Records, and what is read from them more than once."""

    @classmethod
    def of(cls, records: Records) -> Holdings:
        if isinstance(records, cls):
            return records
        return cls(**{f.name: getattr(records, f.name) for f in fields(Records)})

    @cached_property
    def happened(self) -> Happened:
        return Happened(self.stays)

    @cached_property
    def everyone(self) -> np.ndarray:
        return np.arange(len(self.patients))

    @cached_property
    def beds(self) -> Spans:
        """In a bed of a ward's, the corridor not included."""
        s = self.stays
        moved = np.flatnonzero(self.happened["moved"])
        first_end = s.left.copy()
        first_end[moved] = s.moved[moved]
        lay = np.flatnonzero(self.happened["bed"])
        return _spans(
            np.concatenate([lay, moved]),
            np.concatenate([s.ward[lay], s.moved_to[moved]]),
            np.concatenate([s.bed[lay], s.moved[moved]]),
            np.concatenate([first_end[lay], s.left[moved]]),
            len(self.facilities.wards),
        )

    @cached_property
    def places(self) -> Spans:
        """A short-term place, held from the offer. A long-term patient whose long-term place comes before
        the patient has left hospital gives the short-term one up at once."""
        s, need, there = self.stays, self.itinerary.need, self.happened
        long_term = need == Need.LONG_TERM
        offered = ((need == Need.SHORT_TERM) | (long_term & (s.offer != s.settled))) & there["offer"]
        who = np.flatnonzero(offered | there["place_start"])
        never_there = (long_term & ~there["place_start"])[who]
        return _spans(
            who,
            s.pool[who],
            np.where(offered[who], s.offer[who], s.place_start[who]),
            np.where(never_there, s.settled[who], s.place_end[who]),
            len(self.facilities.pools),
        )

    @cached_property
    def places_counted(self) -> tuple[Spans, np.ndarray]:
        """Like :attr:`places`, but patients of a pool that has closed count at the one that took it over,
        from the midnight on at which it did; and which rows are such a continuation (flags)."""
        f, own = self.facilities, self.places
        counted_at = np.where(f.heir >= 0, f.heir, np.arange(own.count))
        closes = np.flatnonzero((f.heir >= 0).any(axis=0))
        for _ in range(own.count if len(closes) else 0):  # a pool that took over may be taken over in turn
            counted_at = np.take_along_axis(counted_at, counted_at, axis=1)
        rest = np.flatnonzero(np.isin(own.unit, np.setdiff1d(np.arange(own.count), closes)))
        parts = [
            (own.patient[rest], own.unit[rest], own.start[rest], own.end[rest], np.zeros(len(rest), bool))
        ]
        for pool in closes.tolist():
            here, at = own.unit == pool, counted_at[:, pool]
            changes = np.flatnonzero(at[1:] != at[:-1]) + 1
            times = [-FOREVER, *((f.first_day + changes) * DAY).tolist(), FOREVER]
            for now, (begin, stop) in zip(at[[0, *changes]].tolist(), pairwise(times), strict=True):
                since, to = own.start[here].clip(min=begin), own.end[here].clip(max=stop)
                continued = (since > own.start[here]) | (now != pool)
                parts.append((own.patient[here], np.full(len(since), now), since, to, continued))
        patient, unit, start, end, continued = (np.concatenate(c) for c in zip(*parts, strict=True))
        there = np.flatnonzero(start < end)
        return Spans(patient[there], unit[there], start[there], end[there], own.count), continued[there]

    @cached_property
    def asks(self) -> Asks:
        """Of the municipality, from when it can receive: until the offer or illness, and once more when
        ready anew."""
        s, need = self.stays, self.itinerary.need
        who = np.flatnonzero((need != Need.NOTHING) & self.happened["can_receive"])
        first, ill, again, end = s.can_receive[who], s.ill[who], s.ready_again[who], until(s.offer[who])
        was_ill = ill != NEVER
        before = np.flatnonzero(~was_ill | (first < ill))
        after = np.flatnonzero(was_ill & (again != NEVER))
        return Asks(
            np.concatenate([who[before], who[after]]),
            np.concatenate([need[who[before]], need[who[after]]]),
            np.concatenate([first[before], np.maximum(first, again)[after]]),
            np.concatenate([np.where(was_ill, ill, end)[before], end[after]]),
            np.concatenate([was_ill[before], np.zeros(len(after), bool)]),
        )

    @cached_property
    def kad_beds(self) -> Spans:
        s, kad = self.stays, self.itinerary.kad
        return _spans(self.everyone, kad, s.kad_start, s.kad_end, len(self.facilities.kad_units))

    @cached_property
    def team_places(self) -> Spans:
        """With a team: instead of hospital, after an early discharge (held from the asking), followed up."""
        s = self.stays
        took, follows = np.flatnonzero(s.team >= 0), np.flatnonzero(s.follow_team >= 0)
        since = np.where(discharged_early(self)[took], s.ready[took], s.team_start[took])
        return _spans(
            np.concatenate([took, follows]),
            np.concatenate([s.team[took], s.follow_team[follows]]),
            np.concatenate([since, s.follow_start[follows]]),
            np.concatenate([s.team_end[took], s.follow_end[follows]]),
            len(self.facilities.teams),
        )

    @cached_property
    def clinic(self) -> np.ndarray:
        """The clinic that each of those referred waits for, at the site they were sent to; -1 for none."""
        p, f = self.patients, self.facilities
        out = np.full(len(p), -1, dtype=np.int64)
        if f.clinics:
            referred = np.flatnonzero(among(p.stream, (ELECTIVE, ASSESSMENT)))
            out[referred] = f.type_clinic[p.type[referred], self.stays.hospital[referred]]
        return out

    @cached_property
    def comes_back(self) -> np.ndarray:
        """When each patient is to be readmitted, far in the future if not: after leaving, or after having
        left before the clock started."""
        s, plan = self.stays, self.itinerary
        before = among(plan.start, (Start.GONE, Start.IN_PLACE)) & plan.active
        comes = plan.readmits.copy()
        followed = np.flatnonzero(s.follow_team >= 0)
        comes[followed] = plan.readmits_followed[followed, s.follow_team[followed]]
        comes &= (before | self.happened["left"]) & ~plan.dies
        who = np.flatnonzero(comes)
        out = np.full(len(comes), FOREVER)
        out[who] = np.where(before[who], plan.began[who], s.left[who]) + plan.readmit_delay[who]
        return out


def discharged_early(records: Records) -> np.ndarray:
    """Whom a team took home early, or is about to: flags. It is asked when the patient is ready."""
    s = records.stays
    out = np.zeros(len(s.team), dtype=bool)
    took = np.flatnonzero(s.team >= 0)
    since, left = s.team_start[took], s.left[took]
    out[took] = (since == NEVER) | ((left != NEVER) & (since >= left))
    return out


def settled(records: Records, need: Need) -> Spans:
    """In a long-term place or a home: those who lived there at the start, then those from hospital."""
    s, plan, f = records.stays, records.itinerary, records.facilities
    who = np.flatnonzero((plan.need == need) & Holdings.of(records).happened["settled"])
    old, end = _settled_before(f, need, records.region.rules.loaded_start)
    return Spans(
        np.concatenate([np.full(len(old), -1), who]),
        np.concatenate([old, records.patients.municipality[who]]),
        np.concatenate([np.full(len(old), records.clock_start), s.settled[who]]),
        np.concatenate([end, s.settled[who] + plan.settled_stay[who]]),
        len(records.region.municipalities),
    )


def _settled_before(f: Facilities, need: Need, loaded: bool) -> tuple[np.ndarray, np.ndarray]:
    """(municipality, end) of each who lived there when the clock started: every place was taken."""
    first = capacity_of(f, need)[0]
    there = np.where(first < UNLIMITED, first, 0) if loaded else np.zeros_like(first)
    opening = f.openings[f.openings[:, 2] == (need == Need.HOUSING)]
    stays = there - np.bincount(opening[:, 1], minlength=len(there))
    municipality = np.concatenate([opening[:, 1], np.repeat(np.arange(len(there)), stays)])
    return municipality, np.concatenate([opening[:, 0], np.full(stays.sum(), FOREVER)])


def capacity_of(f: Facilities, need: Need) -> np.ndarray:
    """(days, municipalities) places of those settled for ``need``."""
    return f.long_term_places if need == Need.LONG_TERM else f.supported_housing
