"""What may happen in a system, branch by branch, and whether it did: so that agreement is about something."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from capsim.demand.columns import ACUTE, FROM_HOME, KAD_OWN, READMISSION
from capsim.models import Records
from capsim.models.facilities import Facilities
from capsim.models.holdings import discharged_early
from capsim.models.itinerary import Itinerary
from capsim.models.pathway import DAY, HOUR, NEVER, Cause, Need, Outcome, Start
from capsim.models.records import Events, Stays
from capsim.region.region import Rules
from tests.equivalence.systems import ties

__all__ = ["FEATURES", "features", "table"]


@dataclass(frozen=True)
class Seen:
    """A run with short names."""

    records: Records

    @cached_property
    def s(self) -> Stays:
        return self.records.stays

    @cached_property
    def e(self) -> Events:
        return self.records.events

    @cached_property
    def plan(self) -> Itinerary:
        return self.records.itinerary

    @cached_property
    def f(self) -> Facilities:
        return self.records.facilities

    @cached_property
    def rules(self) -> Rules:
        return self.f.regions[0].rules

    @cached_property
    def stream(self) -> np.ndarray:
        return self.records.patients.stream

    @cached_property
    def own(self) -> np.ndarray:
        """The ward of the patient's specialty."""
        return self.f.ward_of[self.s.hospital, self.plan.specialty]

    @cached_property
    def first_arrivals(self) -> np.ndarray:
        p = self.records.patients
        return p.arrival[self.plan.active & (p.parent < 0) & (p.arrival >= self.records.clock_start)]

    @cached_property
    def child_came(self) -> np.ndarray:
        """When the readmission after the stay came."""
        return np.where(self.plan.child >= 0, self.s.arrived[self.plan.child], NEVER)

    @cached_property
    def parent_start(self) -> np.ndarray:
        parent = self.records.patients.parent
        return np.where((parent >= 0) & (self.s.arrived != NEVER), self.plan.start[parent], -1)


def came(times: np.ndarray) -> np.ndarray:
    return times != NEVER


def had(outcome: Outcome) -> Callable[[Seen], np.ndarray]:
    return lambda r: r.s.outcome == outcome


def at_start(start: Start) -> Callable[[Seen], np.ndarray]:
    return lambda r: r.plan.active & (r.plan.start == start)


def postponed_by(cause: Cause) -> Callable[[Seen], np.ndarray]:
    return lambda r: r.e.postponed_cause == cause


def offered(need: Need, waited: bool) -> Callable[[Seen], np.ndarray]:
    """After a wait for the municipality's capacity, or without."""
    return lambda r: (
        came(r.s.offer)
        & (r.plan.need == need)
        & ((r.s.offer > np.maximum(r.s.can_receive, r.s.ready_again)) == waited)
    )


def bed_time(r: Seen) -> np.ndarray:
    return r.s.asked // DAY * DAY + round(r.rules.bed_hour * HOUR)


def in_patients(r: Seen) -> np.ndarray:
    return (
        r.s.joined & came(r.s.admitted) & (r.plan.start != Start.IN_BED) & (not r.rules.elective_at_any_hour)
    )


def over(census: np.ndarray, capacity: np.ndarray) -> np.ndarray:
    """More there at midnight than there are places that day."""
    return census > capacity[1 : len(census) + 1]


def averted(r: Seen) -> np.ndarray:
    return came(r.s.team_start) & ~discharged_early(r.records)


def minutes_given_away(r: Seen) -> bool:
    """Fewer minutes are lost than those of the postponed."""
    theatre = np.array([kind == "theatre" for _, _, kind in r.f.lists], dtype=bool)[r.e.session_list]
    return int(r.plan.minutes[r.e.postponed_patient].sum()) > int(r.e.session_lost[theatre].sum())


def carried(r: Seen) -> np.ndarray:
    day = r.e.session_time // DAY - r.f.first_day
    return r.e.session_capacity > r.f.session_capacity[r.e.session_list, day]


def heirs_change(r: Seen) -> np.ndarray:
    """A pool that had an heir has another or none."""
    return (r.f.heir[:-1] >= 0) & (r.f.heir[1:] != r.f.heir[:-1])


FEATURES: dict[str, Callable[[Seen], object]] = {
    # the hospital's beds
    "a bed in another ward at once": lambda r: (r.s.ward != r.own) & (r.s.bed == r.s.asked) & came(r.s.bed),
    "a bed in another ward after the emergency department": lambda r: (
        (r.s.ward != r.own) & (r.s.bed == r.s.admitted) & (r.s.bed > r.s.asked)
    ),
    "a bed in another ward after the corridor": lambda r: (r.s.ward != r.own) & (r.s.bed > r.s.admitted),
    "waits in the emergency department": lambda r: ~r.s.joined & (r.s.admitted > r.s.asked) & came(r.s.asked),
    "in the corridor": lambda r: came(r.s.admitted) & (r.s.bed != r.s.admitted),
    "leaves from the corridor": lambda r: came(r.s.left) & ~came(r.s.bed),
    "dies in the corridor": lambda r: (r.s.outcome == Outcome.DIED) & ~came(r.s.bed),
    "needs the municipality in the corridor": lambda r: came(r.s.offer) & ~came(r.s.bed),
    "too many in bed at the start": lambda r: (r.plan.start == Start.IN_BED) & (r.s.bed != r.s.admitted),
    "still waits for a bed at the end": had(Outcome.AWAITING_BED),
    "beds close under patients": lambda r: over(r.e.census_ward, r.f.ward_beds),
    "dies": had(Outcome.DIED),
    # planned care
    "takes the reserved bed": lambda r: in_patients(r) & (r.s.admitted == bed_time(r)),
    "the reserved bed is not free yet": lambda r: in_patients(r) & (r.s.admitted > bed_time(r)),
    "postponed for the hospital's own patients": postponed_by(Cause.HOSPITAL),
    "postponed, the ready wait for an answer": postponed_by(Cause.RESPONSE),
    "postponed, the ready wait for home care": postponed_by(Cause.HOME_CARE),
    "postponed, the ready wait for a short-term place": postponed_by(Cause.SHORT_TERM),
    "postponed, the ready wait for a long-term place": postponed_by(Cause.LONG_TERM),
    "postponed, the ready wait for housing": postponed_by(Cause.HOUSING),
    "postponed twice": lambda r: r.s.postponed > 1,
    "minutes lost": lambda r: r.e.session_lost > 0,
    "lost minutes given to day patients": minutes_given_away,
    "capacity saved from the session before": carried,
    "refuses to join": had(Outcome.NOT_JOINED),
    "chooses another site": lambda r: r.s.joined & (r.s.hospital != r.plan.hospital),
    "chooses the site as planned": lambda r: (
        r.s.joined & (r.plan.option >= 0) & (r.s.hospital == r.plan.hospital)
    ),
    "a list without sessions": lambda r: r.f.list_pace == 0,
    "first contact at a clinic": lambda r: came(r.s.seen) & r.plan.goes_on,
    "no treatment after first contact": had(Outcome.ASSESSED),
    "first contact after the deadline": lambda r: came(r.s.seen) & (r.s.seen > r.plan.statutory),
    "no clinic for it": lambda r: r.s.joined & (r.plan.clinic < 0) & (r.plan.list >= 0),
    "waits for first contact at the end": had(Outcome.AT_CLINIC),
    "on the list at the end": had(Outcome.ON_LIST),
    "elective at any hour": lambda r: came(r.s.admitted) & r.rules.elective_at_any_hour & r.s.joined,
    "elective at any hour waits": lambda r: (
        r.rules.elective_at_any_hour & r.s.joined & (r.s.admitted > r.s.asked)
    ),
    # instead of hospital
    "in KAD": lambda r: came(r.s.kad_start),
    "KAD full, to hospital": lambda r: r.s.kad_refused & (r.stream == ACUTE),
    "KAD full, stays at home": lambda r: r.s.kad_refused & (r.stream == KAD_OWN),
    "sent on from KAD": lambda r: came(r.s.kad_end) & came(r.s.asked),
    "KAD beds close under patients": lambda r: over(r.e.census_kad, r.f.kad_beds),
    "a team averts": averted,
    "a team averts and escalates": lambda r: averted(r) & came(r.s.team_end) & came(r.s.asked),
    "a team is full": lambda r: (
        r.plan.averts.any(axis=1) & (r.s.team < 0) & came(r.s.asked) & (r.stream == ACUTE)
        if r.f.teams
        else False
    ),
    "a team discharges early": lambda r: discharged_early(r.records) & came(r.s.left),
    "early discharge refused": lambda r: r.plan.early.any(axis=1) & (r.s.team < 0) & came(r.s.left),
    "a team follows up": lambda r: came(r.s.follow_start),
    "follow-up cut short by a readmission": lambda r: came(r.s.follow_end) & (r.s.follow_end == r.child_came),
    "a team's places close under patients": lambda r: over(r.e.census_team, r.f.team_places),
    # between hospitals
    "moves back": lambda r: came(r.s.moved),
    "no bed to move back to": lambda r: (r.plan.transfer_after >= 0) & came(r.s.left) & ~came(r.s.moved),
    "moves back and dies": lambda r: came(r.s.moved) & (r.s.outcome == Outcome.DIED),
    "moves back and needs the municipality": lambda r: came(r.s.moved) & came(r.s.offer),
    "moves back at a later morning": lambda r: r.s.moved - r.s.admitted - r.plan.transfer_after > 2 * DAY,
    # readmissions
    "readmitted": lambda r: (r.stream == READMISSION) & came(r.s.arrived),
    "readmitted after a stay before the start": lambda r: r.parent_start == Start.GONE,
    "readmitted of those in a place at the start": lambda r: r.parent_start == Start.IN_PLACE,
    "readmitted twice": lambda r: (
        (r.stream == READMISSION) & came(r.s.arrived) & (r.stream[r.records.patients.parent] == READMISSION)
    ),
    "a follow-up changes a readmission": lambda r: (
        came(r.s.follow_start) & (r.plan.readmits != came(r.child_came)) & (r.plan.child >= 0)
    ),
    # the municipality
    "answers late": lambda r: came(r.s.offer) & (r.plan.response > 0),
    "a home-care start at once": offered(Need.HOME_CARE, waited=False),
    "a home-care start in a morning": offered(Need.HOME_CARE, waited=True),
    "a home-care start after many mornings": lambda r: (
        offered(Need.HOME_CARE, waited=True)(r) & (r.s.offer - r.s.can_receive > 2 * DAY)
    ),
    "a short-term place at once": offered(Need.SHORT_TERM, waited=False),
    "a short-term place after a wait": lambda r: offered(Need.SHORT_TERM, waited=True)(r) & ~r.s.stretched,
    "an extra short-term place": lambda r: r.s.stretched & (r.plan.need == Need.SHORT_TERM),
    "an extra short-term place to wait in": lambda r: r.s.stretched & (r.plan.need == Need.LONG_TERM),
    "a long-term place at once": lambda r: (
        (r.plan.need == Need.LONG_TERM) & came(r.s.settled) & (r.s.settled == r.s.can_receive)
    ),
    "a long-term place after a wait in hospital": lambda r: (
        (r.plan.need == Need.LONG_TERM) & (r.s.settled == r.s.offer) & (r.s.settled > r.s.can_receive)
    ),
    "no short-term place to wait in": lambda r: (
        (r.plan.need == Need.LONG_TERM) & (r.s.pool < 0) & (r.s.offer > r.s.can_receive)
    ),
    "a long-term place after one to wait in": lambda r: (
        came(r.s.place_end) & (r.s.place_end == r.s.settled) & (r.plan.need == Need.LONG_TERM)
    ),
    "a long-term place before leaving for one to wait in": lambda r: (
        (r.plan.need == Need.LONG_TERM) & came(r.s.left) & (r.s.settled > r.s.offer) & ~came(r.s.place_start)
    ),
    "readmitted while waiting in a place": lambda r: (
        (r.plan.need == Need.LONG_TERM) & came(r.s.place_end) & (r.s.place_end == r.child_came)
    ),
    "readmitted from a short-term place": lambda r: (
        (r.plan.need == Need.SHORT_TERM) & came(r.s.place_end) & (r.s.place_end == r.child_came)
    ),
    "a home at once": offered(Need.HOUSING, waited=False),
    "a home after a wait": lambda r: offered(Need.HOUSING, waited=True)(r) & ~r.s.stretched,
    "a temporary dwelling": lambda r: r.s.stretched & (r.plan.need == Need.HOUSING),
    "ill again before the answer": lambda r: came(r.s.ill) & (r.s.ill <= r.s.can_receive),
    "ill again in the queue for home care": lambda r: (
        (r.s.ill > r.s.can_receive) & (r.plan.need == Need.HOME_CARE)
    ),
    "ill again in the queue for a short-term place": lambda r: (
        (r.s.ill > r.s.can_receive) & (r.plan.need == Need.SHORT_TERM)
    ),
    "ill again in the queue for a long-term place": lambda r: (
        (r.s.ill > r.s.can_receive) & (r.plan.need == Need.LONG_TERM)
    ),
    "ill again in the queue for a home": lambda r: (
        (r.s.ill > r.s.can_receive) & (r.plan.need == Need.HOUSING)
    ),
    "a place from home": lambda r: (r.stream == FROM_HOME) & (r.s.place_start > r.records.clock_start),
    "turned away": had(Outcome.TURNED_AWAY),
    "a pool has an heir": lambda r: r.f.heir >= 0,
    "an heir is lost": heirs_change,
    "waits for another pool than planned": lambda r: (r.s.pool != r.plan.pool) & came(r.s.offer),
    "more in a pool than its places": lambda r: over(r.e.census_pool, r.f.places),
    # rules and the start
    "everything empty at the start": lambda r: not r.rules.loaded_start,
    "a settled patient of before leaves": lambda r: len(r.f.openings) > 0,
    "in bed at the start": at_start(Start.IN_BED),
    "on a list at the start": at_start(Start.ON_LIST),
    "waiting for first contact at the start": at_start(Start.AT_CLINIC),
    "in a place at the start": at_start(Start.IN_PLACE),
    "in KAD at the start": at_start(Start.IN_KAD),
    "phases": lambda r: len(np.unique(r.f.phase_of_day)) > 1,
    "no ward round and no hour of discharge": lambda r: (
        r.rules.ward_round_hour is None and r.rules.discharge_hour is None
    ),
    "no boarding limit": lambda r: r.rules.boarding_limit_hours is None,
    "no extra places": lambda r: r.rules.stretch_after_days is None,
    "nine of ten arrivals tie": lambda r: ties(r.first_arrivals) >= 0.9,
}


def features(records: Records) -> dict[str, bool]:
    """Whether each occurs."""
    seen = Seen(records)
    return {name: bool(np.any(occurs(seen))) for name, occurs in FEATURES.items()}  # type: ignore[arg-type]


def table(runs: Iterable[dict[str, bool]]) -> dict[str, int]:
    """In how many runs each occurs, the rarest first."""
    count = dict.fromkeys(FEATURES, 0)
    for run in runs:
        for name, occurs in run.items():
            count[name] += occurs
    return dict(sorted(count.items(), key=lambda item: item[1]))
