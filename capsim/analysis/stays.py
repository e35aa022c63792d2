"""Hospital stays: admissions, bed-days, length of stay, deaths, transfers and readmissions."""

from __future__ import annotations

import numpy as np

from capsim.analysis.window import Axis, Window, across
from capsim.demand.columns import BIRTH
from capsim.models.pathway import DAY, NEVER, Outcome

__all__ = ["READMISSION_DAYS", "readmissions", "stays"]

READMISSION_DAYS = 30


def stays(w: Window) -> None:
    """Stays in hospital, day surgery excluded; of somatic patients, and by sector.

    ``admissions`` (stays): begun in the window, at the first hospital; a transfer is no new one.
    ``acute_admissions`` (stays): of these, those not planned; readmissions and births are acute.
    ``acute_share``: acute / all admissions. ``acute_surgical_per_day`` (stays per day): acute
    admissions, without births, in specialties that have theatre sessions. ``bed_days`` (days): time
    in wards within the window, at the hospital where it was spent. ``bed_days_per_1000`` (days per
    1000 inhabitants and year). ``los_mean_days`` (days): from admission to leaving, at whichever
    hospitals, of those who left in the window. ``deaths`` (patients): in hospital, at the last one.
    ``transfers`` (stays): moved to the catchment hospital in the window, at the receiving hospital.
    """
    r, run = w.records, w.run
    s, p, f = r.stays, r.patients, r.facilities
    sites = (run.by_all, run.by_urgency, run.by_sector)
    groups = (*sites, run.by_type, run.by_age, run.by_group)
    homes = across((run.of_municipality, run.of_community), (run.by_all,))

    begun = np.flatnonzero(run.admitted & w.during(s.admitted))
    cuts = [*across((run.in_hospital,), sites), *across((run.in_region,), groups), *homes]
    w.sums("admissions", "stays", begun, cuts)
    acute_cuts = [
        *across((run.in_hospital, run.in_region), (run.by_all, run.by_sector)),
        *across((run.in_region,), (run.by_age, run.by_group)),
        *homes,
    ]
    w.sums("acute_admissions", "stays", begun[run.acute[begun]], acute_cuts)
    w.means("acute_share", "share", begun, acute_cuts, run.acute[begun])
    theatre = {session.specialty for session in w.region.sessions if session.kind == "theatre"}
    if theatre:
        surgical = np.array([x.id in theatre for x in w.region.specialties] + [False])
        who = begun[run.acute[begun] & surgical[r.itinerary.specialty[begun]] & (p.stream[begun] != BIRTH)]
        everywhere = across((run.in_hospital, run.in_region), (run.by_all,))
        a_day = np.full(len(who), 1 / w.days)
        w.sums("acute_surgical_per_day", "stays per day", who, everywhere, a_day)

    seconds = w.overlap(run.span_start, run.span_end)
    rows = np.flatnonzero(seconds)
    who, days = run.span_patient[rows], seconds[rows] / DAY
    there = Axis("place", w.hospitals, f.ward_hospital[run.span_ward[rows]], of_rows=True)
    w.sums(
        "bed_days", "days", who, [*across((there,), sites), *across((run.in_region,), groups), *homes], days
    )
    w.per_1000("bed_days", "days", who, days, every_sector=False)

    left = np.flatnonzero(run.admitted & w.during(s.left))
    length = (s.left[left] - s.admitted[left]) / DAY
    cuts = [*across((run.in_hospital,), sites), *across((run.in_region,), groups)]
    w.means("los_mean_days", "days", left, cuts, length)
    last = Axis("place", w.hospitals, run.last_hospital)
    if "after" in p.features:
        died = left[s.outcome[left] == Outcome.DIED]
        cuts = across((last, run.in_region), (run.by_all, run.by_sector))
        cuts += [*across((run.in_region,), (run.by_age, run.by_group)), *homes]
        w.sums("deaths", "patients", died, cuts)
        moved = np.flatnonzero((s.moved_to >= 0) & w.during(s.moved))
        w.sums("transfers", "stays", moved, across((last, run.in_region), (run.by_all,)))


def readmissions(w: Window) -> None:
    """``readmission_share``: of somatic stays that ended alive in the window, but not in the last 30
    days of the run, the share whose patient was acutely admitted again within 30 days. By age and
    group of patients, hospital of the first stay, and where the patient lives."""
    r, run = w.records, w.run
    s, plan = r.stays, r.itinerary
    if not np.any(r.patients.readmitted):
        return
    last = r.clock_end - READMISSION_DAYS * DAY
    index = run.admitted & w.during(s.left) & (s.left < last) & (s.outcome != Outcome.DIED)
    who = np.flatnonzero(index)
    child = plan.child[who]
    came = (child >= 0) & (s.arrived[child] != NEVER)
    cuts = [
        *across((run.in_hospital, *run.people), (run.by_all,)),
        *across((run.in_region, run.in_hospital), (run.by_age,)),
        (run.in_region, run.by_group),
    ]
    w.means("readmission_share", "share", who, cuts, came)
