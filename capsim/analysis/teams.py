"""Ambulant teams: who is treated at home, followed up or enrolled, and the visits it takes."""

from __future__ import annotations

import numpy as np

from capsim.analysis.window import Axis, Window, across
from capsim.models.pathway import DAY, NEVER

__all__ = ["teams"]


def teams(w: Window) -> None:
    """Per team and in all, every patient; admissions averted and days at home also by where the
    patient lives.

    ``admissions_averted`` (stays): courses in place of a hospital stay begun in the window, that do
    not escalate. ``bed_days_at_home`` (days): in such courses, and after early discharge.
    ``followed_up`` (patients): courses after discharge begun in the window. ``enrolled`` (patients):
    full caseload, mean. ``visits`` (visits): days in any course × the team's visits per patient-day,
    and its caseload × visits per enrolled and week. ``municipal_visits`` (visits): by home care
    beside the team's, days at home × the team's municipal visits a day. ``team_occupancy`` (share):
    patients in courses / places, time-weighted.
    """
    r, run = w.records, w.run
    s, plan, f = r.stays, r.itinerary, r.facilities
    if not f.teams:
        return
    latest = {team.id: team for region in f.regions for team in region.teams}
    team_of = Axis("place", f.teams, s.team.astype(np.int64))
    follower = Axis("place", f.teams, s.follow_team.astype(np.int64))
    everywhere = across((team_of, *run.people), (run.by_all,))

    present = np.flatnonzero(s.team_start != NEVER)
    early = (s.left[present] != NEVER) & (s.team_start[present] >= s.left[present])
    escalates = plan.escalates[present, s.team[present]]
    averted = present[~early & ~escalates & w.during(s.team_start[present])]
    w.sums("admissions_averted", "stays", averted, everywhere, every_sector=True)
    days = w.overlap(s.team_start[present], s.team_end[present]) / DAY
    w.sums("bed_days_at_home", "days", present, everywhere, days, every_sector=True)
    municipal = np.array([latest[id].municipal_visits_per_day for id in f.teams])
    if municipal.any():
        visits = days * municipal[s.team[present]]
        w.sums("municipal_visits", "visits", present, everywhere, visits, every_sector=True)

    followed = np.flatnonzero(s.follow_start != NEVER)
    if any(team.follows_share for team in latest.values()):
        begun = followed[w.during(s.follow_start[followed])]
        cuts = across((follower, run.in_region), (run.by_all,))
        w.sums("followed_up", "patients", begun, cuts, every_sector=True)
    follow_days = w.overlap(s.follow_start[followed], s.follow_end[followed]) / DAY

    enrolled, enrolled_visits = _enrolled(w)
    if enrolled.any():
        for id, people in zip(f.teams, enrolled, strict=True):
            w.add(id, "enrolled", "patients", people)
        w.add("region", "enrolled", "patients", enrolled.sum())
    course_days = np.zeros(len(f.teams))
    np.add.at(course_days, s.team[present], days)
    np.add.at(course_days, s.follow_team[followed], follow_days)
    per_day = np.array([latest[id].visits_per_patient_day for id in f.teams])
    visits = course_days * per_day + enrolled_visits
    places = w.mean_capacity(f.team_places)
    for id, n, used, there in zip(f.teams, visits, course_days / w.days, places, strict=True):
        w.add(id, "visits", "visits", n)
        w.share(id, "team_occupancy", used, there)
    w.add("region", "visits", "visits", visits.sum())


def _enrolled(w: Window) -> tuple[np.ndarray, np.ndarray]:
    """Each team's people enrolled (mean over the window), and the visits to them in the window."""
    ids = w.records.facilities.teams
    people, visits = np.zeros(len(ids)), np.zeros(len(ids))
    for days, region in w.phases():
        for team in region.teams:
            people[ids.index(team.id)] += team.enrolled * days / w.days
            visits[ids.index(team.id)] += team.enrolled * team.visits_per_enrolled_week * days / 7
    return people, visits
