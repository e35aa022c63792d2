"""Conservation laws, checked after every run. Vectorised: a few percent of the run's time.

Each law is a function that returns the number of violations. A violation means a fault in the
engine, never in the input: the result must not be used.
"""

from __future__ import annotations

import numpy as np

from capsim.demand.patients import ELECTIVE, FROM_HOME
from capsim.errors import InvariantError
from capsim.models.pathway import DAY, NEVER, Need, Outcome, Start
from capsim.models.records import Records

__all__ = ["LAWS", "check", "peak"]

FOREVER = 2**62


def check(records: Records) -> None:
    """Raise :class:`InvariantError` naming every law that does not hold."""
    broken = [f"{law.__name__}: {n} violations" for law in LAWS if (n := law(records)) > 0]
    if broken:
        p = records.patients
        raise InvariantError(
            f"region {records.region.name}, seed {p.seed}, replication {p.replication}: {'; '.join(broken)}"
        )


def everyone_is_somewhere(records: Records) -> int:
    """Arrivals = finished + inside: everyone in the scenario has exactly one end or whereabouts,
    and the times say the same as the outcome."""
    s, o = records.stays, records.stays.outcome
    inside = records.itinerary.active & (records.itinerary.start != Start.GONE)
    in_hospital = (s.admitted != NEVER) & (s.left == NEVER)
    in_place = (s.place_start != NEVER) & (s.place_end == NEVER)
    in_kad = (s.kad_start != NEVER) & (s.kad_end == NEVER)
    with_team = (s.team_start != NEVER) & (s.team_end == NEVER)
    wrong = inside != (o != Outcome.NOT_IN_SCENARIO)
    wrong |= (o == Outcome.IN_HOSPITAL) != in_hospital
    wrong |= (o == Outcome.IN_PLACE) != in_place
    wrong |= (o == Outcome.IN_KAD) != in_kad
    wrong |= (o == Outcome.WITH_TEAM) != with_team
    called = (s.asked != NEVER) & (s.admitted == NEVER) & (s.treated == NEVER)
    wrong |= np.isin(o, (Outcome.AWAITING_BED, Outcome.NOT_YET)) != called
    still = np.isin(o, (Outcome.ON_LIST, Outcome.AWAITING_BED, Outcome.NOT_YET, Outcome.IN_HOSPITAL))
    still |= np.isin(o, (Outcome.IN_PLACE, Outcome.IN_KAD, Outcome.WITH_TEAM))
    wrong |= still & (in_hospital.astype(int) + in_place + in_kad + with_team > 1)
    return int(wrong.sum())


def nothing_out_of_order(records: Records) -> int:
    """Nobody starts before arriving, and each step comes after the one before."""
    s, arrival = records.stays, records.patients.arrival
    steps = (
        (arrival, s.asked),
        (s.asked, s.admitted),
        (s.admitted, s.bed),
        (s.admitted, s.ready),
        (s.ready, s.can_receive),
        (s.can_receive, s.offer),
        (s.ready, s.left),
        (s.offer, s.left),
        (s.left, s.place_start),
        (s.place_start, s.place_end),
        (arrival, s.kad_start),
        (s.kad_start, s.kad_end),
        (arrival, s.team_start),
        (s.team_start, s.team_end),
        (arrival, s.treated),
    )
    both = sum(int(((a != NEVER) & (b != NEVER) & (a > b)).sum()) for a, b in steps)
    # a step that needs another does not happen without it
    needs = ((s.asked, s.admitted), (s.admitted, s.left), (s.can_receive, s.offer), (s.offer, s.place_start))
    from_home = (records.patients.stream == FROM_HOME) | (records.itinerary.start == Start.IN_PLACE)
    return both + sum(int(((a == NEVER) & (b != NEVER) & ~from_home).sum()) for a, b in needs)


def nobody_in_two_beds(records: Records) -> int:
    """A hospital bed, a KAD bed, a municipal place and a team's place follow each other."""
    s = records.stays
    spans = (
        (s.kad_start, s.kad_end),
        (s.admitted, s.left),
        (s.place_start, s.place_end),
        (s.team_start, s.team_end),
    )
    wrong = 0
    for i, (a, b) in enumerate(spans):
        for c, d in spans[i + 1 :]:
            seen = (a != NEVER) & (c != NEVER)
            first_end = np.where(b[seen] == NEVER, FOREVER, b[seen])
            second_end = np.where(d[seen] == NEVER, FOREVER, d[seen])
            wrong += int(((a[seen] < second_end) & (c[seen] < first_end)).sum())
    return wrong


def within_capacity(records: Records) -> int:
    """Beds, KAD beds, team places and (but for extra places) short-term places hold no more than
    the largest number there were, or than were there when the clock started."""
    s, plan, f = records.stays, records.itinerary, records.facilities
    wrong = 0
    for (which, start, end), capacity in zip(
        _spans(records), (f.ward_beds, f.places, f.kad_beds, f.team_places), strict=True
    ):
        seen = (start != NEVER) & (which >= 0)
        if capacity is f.places:
            seen &= ~s.stretched
        count = capacity.shape[1]
        initial = np.bincount(which[seen & (plan.start > Start.GONE)], minlength=count)
        most = peak(which[seen], start[seen], end[seen], count)
        wrong += int((most > np.maximum(capacity.max(axis=0), initial)).sum())
    return wrong


def peak(which: np.ndarray, start: np.ndarray, end: np.ndarray, count: int) -> np.ndarray:
    """Largest number present at the same time in each of ``count`` units; ends come first."""
    which = np.concatenate([which, which])
    ended = np.where(end == NEVER, FOREVER, end)
    time = np.concatenate([start, ended])
    step = np.concatenate([np.ones(len(start), dtype=np.int64), -np.ones(len(end), dtype=np.int64)])
    order = np.lexsort((step, time, which))
    level = np.cumsum(step[order])  # every unit's steps add up to zero, so units do not mix
    out = np.zeros(count, dtype=np.int64)
    np.maximum.at(out, which[order], level)
    return out


def census_agrees(records: Records) -> int:
    """Bed-days by place = bed-days by patient: at every midnight the engine's count of each ward,
    pool, unit and team is the number of stays that cover it. (Who came or left exactly at
    midnight may have done so before or after the count.)"""
    e = records.events
    first = records.facilities.first_day + 1
    midnights = np.arange(first, first + len(e.census_ward), dtype=np.int64) * DAY
    wrong = 0
    for (which, start, end), counted in zip(
        _spans(records), (e.census_ward, e.census_pool, e.census_kad, e.census_team), strict=True
    ):
        ended = np.where(end == NEVER, FOREVER, end)
        for unit in range(counted.shape[1]):
            here = (which == unit) & (start != NEVER)
            begin, finish = np.sort(start[here]), np.sort(ended[here])
            least = np.searchsorted(begin, midnights) - np.searchsorted(finish, midnights, side="right")
            most = np.searchsorted(begin, midnights, side="right") - np.searchsorted(finish, midnights)
            wrong += int(((counted[:, unit] < least) | (counted[:, unit] > most)).sum())
    return wrong


def _spans(records: Records) -> tuple[tuple[np.ndarray, np.ndarray, np.ndarray], ...]:
    """(unit, from, to) of every patient's time in a ward's bed, a short-term place (held from the
    offer), a KAD bed and with a team."""
    s, plan = records.stays, records.itinerary
    holds_place = (plan.need == Need.SHORT_TERM) & (s.offer != NEVER)
    place = np.where(holds_place, s.offer, s.place_start)
    # an early discharge holds the team's place from the time of asking, which is when it is ready
    early = (s.team_start != NEVER) & (s.left != NEVER) & (s.team_start >= s.left)
    since = np.where(early, s.ready, s.team_start)
    return (
        (plan.ward, s.bed, s.left),
        (plan.pool, place, s.place_end),
        (plan.kad, s.kad_start, s.kad_end),
        (s.team, since, s.team_end),
    )


def lists_add_up(records: Records) -> int:
    """Little's law as an identity: after every session the engine's list is as long as those who
    have joined and not been called in, so the area under its length is the patients' waiting."""
    s, plan, p, e = records.stays, records.itinerary, records.patients, records.events
    joined = s.joined & (plan.list >= 0) & (plan.start != Start.IN_BED)
    since = p.arrival.clip(min=records.clock_start - 1)
    wrong = 0
    for index in range(len(records.facilities.lists)):
        here = joined & (plan.list == index)
        held = e.session_list == index
        called = np.where(s.asked[here] == NEVER, FOREVER, s.asked[here])
        time = e.session_time[held]
        length = np.searchsorted(np.sort(since[here]), time) - np.searchsorted(
            np.sort(called), time, side="right"
        )
        wrong += int((length != e.session_waiting[held]).sum())
    return wrong


def sessions_within_minutes(records: Records) -> int:
    """No session uses more than it has; planned = called in + postponed."""
    e, s = records.events, records.stays
    over = int(((e.session_used + e.session_lost > e.session_capacity) | (e.session_lost < 0)).sum())
    mismatch = int(s.postponed.sum()) != len(e.postponed_time) or int(e.session_postponed.sum()) != len(
        e.postponed_time
    )
    called = (s.asked != NEVER) & (records.itinerary.list >= 0) & (records.itinerary.start != Start.IN_BED)
    return over + mismatch + int((s.planned - s.postponed != called).sum())


def whole_hours(records: Records) -> int:
    """Patients are declared ready and leave at the hours of the day that the rules set."""
    rules, s = records.region.rules, records.stays
    wrong = 0
    if rules.ward_round_hour is not None:
        ready = s.ready[s.ready != NEVER]
        wrong += int((ready % DAY != round(rules.ward_round_hour * 3600)).sum())
    if rules.discharge_hour is not None:
        noon = (s.left != NEVER) & (records.itinerary.need != Need.HOME_CARE)
        wrong += int((s.left[noon] % DAY != round(rules.discharge_hour * 3600)).sum())
    return wrong


def only_candidates_stay_away(records: Records) -> int:
    """Only electives join or stay away, and nobody treated has not joined."""
    s, elective = records.stays, records.patients.stream == ELECTIVE
    joined_without = (s.joined & ~elective) | ((s.treated != NEVER) & ~s.joined)
    away = (s.outcome == Outcome.NOT_JOINED) & (s.joined | ~elective)
    return int((joined_without | away).sum())


LAWS = (
    everyone_is_somewhere,
    nothing_out_of_order,
    nobody_in_two_beds,
    within_capacity,
    census_agrees,
    lists_add_up,
    sessions_within_minutes,
    whole_hours,
    only_candidates_stay_away,
)
