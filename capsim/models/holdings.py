"""Who held what and when, read from the records: what the conservation laws count."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from itertools import pairwise

import numpy as np

from capsim.demand.columns import ASSESSMENT, ELECTIVE
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


@dataclass(frozen=True, eq=False)
class Spans:
    """A row for each stretch of time from ``start`` to ``end`` (s) at one of ``count`` units (index
    ``unit``); ``patient`` is -1 for somebody settled before the start."""

    patient: np.ndarray
    unit: np.ndarray
    start: np.ndarray
    end: np.ndarray
    count: int

    def present(self, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How many are there at each of ``times``, shape (times, count): without and with those who
        come or go in that very second."""
        when = _key(np.arange(self.count)[:, None], times)
        most = np.searchsorted(self._starts, when, side="right") - np.searchsorted(self._ends, when)
        return self._before(when).T, most.T

    def before(self, unit: np.ndarray, time: np.ndarray) -> np.ndarray:
        """How many are at each ``unit`` at each ``time``, without those who come or go in that second."""
        return self._before(_key(unit, time))

    def at(self, unit: np.ndarray, time: np.ndarray) -> np.ndarray:
        """How many are at each ``unit`` at each ``time``, with those who come in that second and
        without those who go."""
        when = _key(unit, time)
        return np.searchsorted(self._starts, when, side="right") - np.searchsorted(
            self._ends, when, side="right"
        )

    def level(self, last: np.ndarray) -> np.ndarray:
        """How many there are after each row's start. In a second those who go come first, then those
        who come in the order of rows, of them those in ``last`` (flags) after the others."""
        when = 2 * _key(self.unit, self.start) + last
        order = np.argsort(when)
        when = when[order]
        same = np.concatenate([[False], when[1:] == when[:-1], [False]])
        alike = np.flatnonzero(same[1:] | same[:-1])
        order[alike] = order[alike][np.lexsort((order[alike], when[alike]))]
        level = np.empty(len(order), dtype=np.int64)
        # at the units before it all who have come have gone, so units do not mix
        gone = np.searchsorted(self._ends, when >> 1, side="right")
        level[order] = np.arange(1, len(order) + 1) - gone
        return level

    def _before(self, when: np.ndarray) -> np.ndarray:
        return np.searchsorted(self._starts, when) - np.searchsorted(self._ends, when, side="right")

    @cached_property
    def _starts(self) -> np.ndarray:
        return np.sort(_key(self.unit, self.start))

    @cached_property
    def _ends(self) -> np.ndarray:
        return np.sort(_key(self.unit, self.end))


def _key(unit: np.ndarray, time: np.ndarray) -> np.ndarray:
    """One integer in the order (unit, time), whatever the time: a wrong one must not hide another."""
    return unit.astype(np.int64) * _UNIT + np.maximum(time, -FOREVER)


def _spans(patient: np.ndarray, unit: np.ndarray, start: np.ndarray, end: np.ndarray, count: int) -> Spans:
    """The spans of those who came (not ``NEVER``) to a unit (not -1)."""
    seen = np.flatnonzero((start != NEVER) & (unit >= 0))
    return Spans(patient[seen], unit[seen].astype(np.int64), start[seen], until(end[seen]), count)


class Holdings(Records):
    """Records, and what is read from them more than once."""

    @classmethod
    def of(cls, records: Records) -> Holdings:
        if isinstance(records, cls):
            return records
        return cls(**{f.name: getattr(records, f.name) for f in fields(Records)})

    @cached_property
    def happened(self) -> dict[str, np.ndarray]:
        """By column of times in :class:`Stays`: to whom it happened (flags)."""
        columns = {f.name: getattr(self.stays, f.name) for f in fields(Stays)}
        return {name: times != NEVER for name, times in columns.items() if times.dtype == np.int64}

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
                continued = since > own.start[here]
                parts.append((own.patient[here], np.full(len(since), now), since, to, continued))
        patient, unit, start, end, continued = (np.concatenate(c) for c in zip(*parts, strict=True))
        there = np.flatnonzero(start < end)
        return Spans(patient[there], unit[there], start[there], end[there], own.count), continued[there]

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
    who = np.flatnonzero((plan.need == need) & (s.settled != NEVER))
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
