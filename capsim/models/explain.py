"""One patient's way in words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from capsim.demand.columns import ASSESSMENT, ELECTIVE, FROM_HOME, READMISSION, STREAMS, TYPED
from capsim.models.pathway import DAY, NEVER, Cause, Need, Outcome, Start

if TYPE_CHECKING:
    from capsim.models.records import Records

__all__ = ["explain"]

WORDS = {
    Outcome.NOT_IN_SCENARIO: "not in this scenario: above its demand",
    Outcome.NOT_JOINED: "stayed away: the list was long",
    Outcome.TURNED_AWAY: "turned away: too few short-term places free",
    Outcome.REFUSED_KAD: "stayed at home: the KAD unit was full",
    Outcome.ON_LIST: "still on the waiting list when the run stopped",
    Outcome.AWAITING_BED: "still waiting for a bed when the run stopped",
    Outcome.IN_HOSPITAL: "still in hospital when the run stopped",
    Outcome.IN_PLACE: "still in a short-term place when the run stopped",
    Outcome.IN_KAD: "still in KAD when the run stopped",
    Outcome.WITH_TEAM: "still with the ambulant team when the run stopped",
    Outcome.HOME: "finished",
    Outcome.NOT_YET: "called in for later the day the run stopped",
    Outcome.DIED: "died in hospital",
    Outcome.ASSESSED: "finished at first contact",
    Outcome.AT_CLINIC: "still waiting for first contact when the run stopped",
}
NEEDS = {
    Need.NOTHING: "nothing",
    Need.HOME_CARE: "home care",
    Need.SHORT_TERM: "short term care",
    Need.LONG_TERM: "long term care",
    Need.HOUSING: "supported housing",
}
BLOCKED_BY = {
    Cause.RESPONSE: "the municipality's answer",
    Cause.HOME_CARE: "home care",
    Cause.SHORT_TERM: "a short-term place",
    Cause.LONG_TERM: "a long-term place",
    Cause.HOUSING: "supported housing",
}
Step = tuple[int, str]


def explain(records: Records, p: int) -> str:
    """A line for each thing that happened to patient ``p``, in the order of time."""
    plan, start = records.itinerary, records.region.start
    steps = [*_before(records, p), *_referral(records, p), *_hospital(records, p), *_after(records, p)]
    if plan.start[p] > Start.GONE:
        steps.append((records.clock_start, "(the clock starts)"))
    midnight = datetime(start.year, start.month, start.day)
    lines = [_who(records, p)]
    for time, text in sorted(((int(t), text) for t, text in steps if t != NEVER), key=lambda step: step[0]):
        when = midnight + timedelta(seconds=time)
        lines.append(f"  day {time // DAY:>4}  {when:%Y-%m-%d %H:%M}  {text}")
    return "\n".join([*lines, f"  {_end(records, p)}"])


def _who(records: Records, p: int) -> str:
    patients, region = records.patients, records.region
    stream, kind, root = (int(c[p]) for c in (patients.stream, patients.type, patients.root))
    words = STREAMS[stream].replace("_", " ")
    if stream == READMISSION:
        words += f" of patient {int(patients.parent[p])}"
    if root in TYPED:
        words += f" ({region.acute_types[kind].id})"
    elif root in (ELECTIVE, ASSESSMENT):
        words += f" ({region.elective_types[kind].id})"
    home = region.municipalities[int(patients.municipality[p])]
    if stream != FROM_HOME:  # they have neither
        words += f", age {region.ages[int(patients.age[p])].id}"
        words += f", group {region.groups[int(patients.group[p])].id}"
    return f"Patient {p}: {words}, {home.name} ({home.number})"


def _before(records: Records, p: int) -> list[Step]:
    """Until the hospital: the arrival, KAD, a team at home."""
    s, plan, f, patients = records.stays, records.itinerary, records.facilities, records.patients
    arrived = patients.arrival[p] if s.arrived[p] == NEVER else s.arrived[p]
    if patients.stream[p] == READMISSION:
        steps = [(s.arrived[p], f"readmitted, after the stay of patient {int(patients.parent[p])}")]
    elif s.joined[p]:
        site = f.hospitals[int(s.hospital[p])]
        instead = "" if s.hospital[p] == plan.hospital[p] else f" instead of {f.hospitals[plan.hospital[p]]}"
        steps = [(arrived, f"referred to {site}{instead}")]
    else:
        steps = [(arrived, "arrives")]
    if s.kad_refused[p]:
        steps.append((arrived, f"the KAD unit {f.kad_units[int(plan.kad[p])]} is full"))
    if s.kad_start[p] != NEVER:
        sent_on = ", sent on to hospital" if plan.kad_sent_on[p] else ""
        steps.append((s.kad_start[p], f"to KAD {f.kad_units[int(plan.kad[p])]}"))
        steps.append((s.kad_end[p], f"leaves KAD{sent_on}"))
    if s.team[p] >= 0:
        escalates = ", escalates" if NEVER < s.team_start[p] < s.asked[p] else ""
        steps.append((s.team_start[p], f"at home with the ambulant team {f.teams[int(s.team[p])]}"))
        steps.append((s.team_end[p], f"the team's course ends{escalates}"))
    return steps


def _referral(records: Records, p: int) -> list[Step]:
    s, plan, events = records.stays, records.itinerary, records.events
    late = ", after the statutory deadline" if s.seen[p] > plan.statutory[p] else ""
    steps = [(s.seen[p], f"first contact{late}" + ("" if plan.goes_on[p] else ": no treatment"))]
    for i in np.flatnonzero(events.postponed_patient == p).tolist():
        cause = int(events.postponed_cause[i])
        why = "" if cause == Cause.HOSPITAL else f", the ready wait for {BLOCKED_BY[Cause(cause)]}"
        steps.append((events.postponed_time[i], f"postponed: no bed{why}"))
    if plan.day_surgery[p]:
        steps.append((s.treated[p], "day surgery"))
    return steps


def _hospital(records: Records, p: int) -> list[Step]:
    s, plan, f = records.stays, records.itinerary, records.facilities
    if s.asked[p] == NEVER or plan.day_surgery[p]:
        return []
    own = f.wards[f.ward_of[s.hospital[p], plan.specialty[p]]]
    lies = f.wards[s.ward[p]]
    other = "" if lies == own else ", another ward's"
    steps = [(s.asked[p], f"called in to {own}" if s.joined[p] else f"needs a bed in {own}")]
    if s.bed[p] == s.admitted[p]:
        steps.append((s.admitted[p], f"admitted to {lies}{other}"))
    else:
        steps.append((s.admitted[p], f"corridor patient at {own}"))
        steps.append((s.bed[p], f"gets a bed in {lies}{other}"))
    if s.moved[p] != NEVER:
        steps.append((s.moved[p], f"moves back to {f.wards[int(s.moved_to[p])]}"))
    need = Need(int(plan.need[p]))
    steps.append((s.ready[p], f"ready for discharge, needs {NEEDS[need]}"))
    steps.append((s.can_receive[p], "the municipality can receive, if it has room"))
    steps.append((s.ill[p], "ill again"))
    steps.append((s.ready_again[p], "ready for discharge anew"))
    steps.append((s.offer[p], f"offered {_offer(records, p, need)}"))
    if s.settled[p] != s.offer[p]:
        steps.append((s.settled[p], "a long-term place is free"))
    steps.append((s.left[p], "dies" if s.outcome[p] == Outcome.DIED else "leaves hospital"))
    return steps


def _offer(records: Records, p: int, need: Need) -> str:
    s = records.stays
    if need == Need.HOUSING:
        return "a temporary dwelling" if s.stretched[p] else "supported housing"
    if need == Need.LONG_TERM and s.settled[p] == s.offer[p]:
        return "a long-term place"
    if need == Need.HOME_CARE:
        return "home care"
    extra = " (an extra place)" if s.stretched[p] else ""
    return f"a short-term place{extra}" + (" to wait in" if need == Need.LONG_TERM else "")


def _after(records: Records, p: int) -> list[Step]:
    """After hospital, or from home: the short-term place, follow-up, readmission."""
    s, plan, f = records.stays, records.itinerary, records.facilities
    steps = []
    if s.place_start[p] != NEVER:
        steps.append((s.place_start[p], f"short-term place in {f.pools[int(s.pool[p])]}"))
        steps.append((s.place_end[p], "leaves the short-term place"))
    if s.follow_team[p] >= 0:
        steps.append((s.follow_start[p], f"followed up by {f.teams[int(s.follow_team[p])]}"))
        steps.append((s.follow_end[p], "the follow-up ends"))
    if (child := int(plan.child[p])) >= 0:
        steps.append((s.arrived[child], f"readmitted, as patient {child}"))
    return steps


def _end(records: Records, p: int) -> str:
    plan, outcome = records.itinerary, Outcome(int(records.stays.outcome[p]))
    if outcome == Outcome.NOT_IN_SCENARIO and plan.active[p]:
        if records.patients.stream[p] == READMISSION:
            return "not readmitted in this scenario"
        return "finished before the clock started"
    return WORDS[outcome]
