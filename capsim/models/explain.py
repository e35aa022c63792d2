"""One patient's way in words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from capsim.demand.columns import STREAMS
from capsim.models.pathway import DAY, NEVER, Need, Outcome, Start

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
}


def explain(records: Records, p: int) -> str:
    """A line for each thing that happened to patient ``p``, in the order of time."""
    s, plan, f = records.stays, records.itinerary, records.facilities
    patients, region = records.patients, records.region
    municipality = region.municipalities[int(patients.municipality[p])]
    kind = STREAMS[int(patients.stream[p])].replace("_", " ")
    if patients.type[p] >= 0:
        kind += f" ({region.elective_types[int(patients.type[p])].id})"
    ward = f.wards[int(plan.ward[p])] if plan.ward[p] >= 0 else ""
    pool = f.pools[int(plan.pool[p])] if plan.pool[p] >= 0 else ""
    lines = [
        f"Patient {p}: {kind}, age {region.ages[int(patients.age[p])].id}, "
        f"group {region.groups[int(patients.group[p])].id}, {municipality.name} ({municipality.number})"
    ]
    escalates = NEVER < s.team_start[p] < s.asked[p]
    need = Need(int(plan.need[p])).name.lower().replace("_", " ")
    happened = [
        (patients.arrival[p], "referred" if s.joined[p] else "arrives"),
        (s.kad_start[p], f"to KAD {f.kad_units[int(plan.kad[p])]}" if plan.kad[p] >= 0 else ""),
        (s.kad_end[p], "leaves KAD" + (", sent on to hospital" if plan.kad_sent_on[p] else "")),
        (
            s.team_start[p],
            f"at home with the ambulant team {f.teams[int(s.team[p])]}" if s.team[p] >= 0 else "",
        ),
        (s.team_end[p], "the team's course ends" + (", escalates" if escalates else "")),
        (s.asked[p], f"called in to {ward}" if s.joined[p] and ward else f"needs a bed in {ward}"),
        (
            s.admitted[p],
            f"admitted to {ward}" if s.bed[p] == s.admitted[p] else f"corridor patient at {ward}",
        ),
        (s.bed[p] if s.bed[p] != s.admitted[p] else NEVER, "gets a bed"),
        (s.treated[p] if plan.day_surgery[p] else NEVER, "day surgery"),
        (s.ready[p], f"ready for discharge, needs {need}"),
        (s.can_receive[p], "the municipality can receive, if it has room"),
        (s.offer[p], f"offered {need}" + (" (an extra place)" if s.stretched[p] else "")),
        (s.left[p], "leaves hospital"),
        (s.place_start[p], f"short-term place in {pool}"),
        (s.place_end[p], "leaves the short-term place"),
    ]
    happened += [
        (time, "postponed: no bed")
        for time, who in zip(records.events.postponed_time, records.events.postponed_patient, strict=True)
        if who == p
    ]
    if plan.start[p] > Start.GONE:
        happened.append((records.clock_start, "(the clock starts)"))
    midnight = datetime(region.start.year, region.start.month, region.start.day)
    happened = [(int(t), text) for t, text in happened if t != NEVER and text]
    for time, text in sorted(happened, key=lambda entry: entry[0]):
        when = midnight + timedelta(seconds=time)
        lines.append(f"  day {time // DAY:>4}  {when:%Y-%m-%d %H:%M}  {text}")
    if plan.start[p] == Start.GONE and plan.active[p]:
        lines.append("  finished before the clock started")
    else:
        lines.append(f"  {WORDS[Outcome(int(s.outcome[p]))]}")
    return "\n".join(lines)
