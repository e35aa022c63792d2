"""Who held what and when, read from the records: what the conservation laws count."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from capsim.models.facilities import Facilities
from capsim.models.pathway import DAY, NEVER, Need
from capsim.models.records import Records
from capsim.region.region import UNLIMITED

__all__ = [
    "FOREVER",
    "Spans",
    "beds",
    "capacity_of",
    "discharged_early",
    "kad_beds",
    "places",
    "places_counted",
    "settled",
    "team_places",
    "until",
]

FOREVER = 2**38
"""Later than every time of a run, in seconds."""
_UNIT = 2**40


def until(end: np.ndarray) -> np.ndarray:
    """Ends with ``FOREVER`` for those that did not come."""
    return np.where(end == NEVER, FOREVER, end)


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
        when = _key(np.arange(self.count)[None, :], times[:, None])
        start, end = self._sorted()
        least = np.searchsorted(start, when) - np.searchsorted(end, when, side="right")
        most = np.searchsorted(start, when, side="right") - np.searchsorted(end, when)
        return least, most

    def at(self, unit: np.ndarray, time: np.ndarray) -> np.ndarray:
        """How many are at each ``unit`` at each ``time``, with those who come in that second and
        without those who go."""
        when = _key(unit, time)
        start, end = self._sorted()
        return np.searchsorted(start, when, side="right") - np.searchsorted(end, when, side="right")

    def level(self, last: np.ndarray) -> np.ndarray:
        """How many there are after each row's start. In a second those who go come first, then those
        who come in the order of rows, of them those in ``last`` (flags) after the others."""
        n = len(self.start)
        time = np.concatenate([self.start, self.end])
        unit = np.concatenate([self.unit, self.unit])
        comes = np.repeat([1, 0], n)
        order = np.lexsort((np.concatenate([last, last]), comes, time, unit))
        level = np.empty(2 * n, dtype=np.int64)
        # every unit's steps add up to zero, so units do not mix
        level[order] = np.cumsum(2 * comes[order] - 1)
        return level[:n]

    def _sorted(self) -> tuple[np.ndarray, np.ndarray]:
        return np.sort(_key(self.unit, self.start)), np.sort(_key(self.unit, self.end))


def _key(unit: np.ndarray, time: np.ndarray) -> np.ndarray:
    """One integer in the order (unit, time)."""
    return unit.astype(np.int64) * _UNIT + time


def _spans(patient: np.ndarray, unit: np.ndarray, start: np.ndarray, end: np.ndarray, count: int) -> Spans:
    seen = (start != NEVER) & (unit >= 0)
    return Spans(patient[seen], unit[seen].astype(np.int64), start[seen], until(end[seen]), count)


def beds(records: Records) -> Spans:
    """In a bed of a ward's, the corridor not included."""
    s = records.stays
    everyone = np.arange(len(s.outcome))
    moved = np.flatnonzero(s.moved != NEVER)
    return _spans(
        np.concatenate([everyone, moved]),
        np.concatenate([s.ward, s.moved_to[moved]]),
        np.concatenate([s.bed, s.moved[moved]]),
        np.concatenate([np.where(s.moved != NEVER, s.moved, s.left), s.left[moved]]),
        len(records.facilities.wards),
    )


def places(records: Records) -> Spans:
    """A short-term place, held from the offer. A long-term patient whose long-term place comes before
    the patient has left hospital gives the short-term one up at once."""
    s, plan = records.stays, records.itinerary
    long_term = plan.need == Need.LONG_TERM
    offered = ((plan.need == Need.SHORT_TERM) | (long_term & (s.offer != s.settled))) & (s.offer != NEVER)
    never_there = long_term & (s.place_start == NEVER)
    return _spans(
        np.arange(len(s.outcome)),
        s.pool.astype(np.int64),
        np.where(offered, s.offer, s.place_start),
        np.where(never_there, s.settled, s.place_end),
        len(records.facilities.pools),
    )


def places_counted(records: Records) -> tuple[Spans, np.ndarray]:
    """Like :func:`places`, but patients of a pool that has closed count at the one that took it over,
    from the midnight on at which it did; and which rows are such a continuation (flags)."""
    f, own = records.facilities, places(records)
    counted_at = np.where(f.heir >= 0, f.heir, np.arange(own.count))
    for _ in range(own.count):  # a pool that took over may be taken over in turn
        counted_at = np.take_along_axis(counted_at, counted_at, axis=1)
    parts = []
    for pool in range(own.count):
        here, at = own.unit == pool, counted_at[:, pool]
        changes = np.flatnonzero(at[1:] != at[:-1]) + 1
        times = [-FOREVER, *((f.first_day + changes) * DAY).tolist(), FOREVER]
        for now, (begin, stop) in zip(at[[0, *changes]].tolist(), pairwise(times), strict=True):
            since, to = own.start[here].clip(min=begin), own.end[here].clip(max=stop)
            parts.append((own.patient[here], np.full(len(since), now), since, to, since > own.start[here]))
    if not parts:
        return own, np.zeros(0, dtype=bool)
    patient, unit, start, end, continued = (np.concatenate(c) for c in zip(*parts, strict=True))
    there = start < end
    return Spans(patient[there], unit[there], start[there], end[there], own.count), continued[there]


def kad_beds(records: Records) -> Spans:
    s = records.stays
    who = np.arange(len(s.outcome))
    return _spans(who, records.itinerary.kad, s.kad_start, s.kad_end, len(records.facilities.kad_units))


def discharged_early(records: Records) -> np.ndarray:
    """Whom a team took home early, or is about to: flags. It is asked when the patient is ready."""
    s = records.stays
    return (s.team >= 0) & ((s.team_start == NEVER) | ((s.left != NEVER) & (s.team_start >= s.left)))


def team_places(records: Records) -> Spans:
    """With a team: instead of hospital, after an early discharge (held from the asking), followed up."""
    s = records.stays
    everyone = np.arange(len(s.outcome))
    since = np.where(discharged_early(records), s.ready, s.team_start)
    return _spans(
        np.concatenate([everyone, everyone]),
        np.concatenate([s.team, s.follow_team]),
        np.concatenate([since, s.follow_start]),
        np.concatenate([s.team_end, s.follow_end]),
        len(records.facilities.teams),
    )


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
