"""A hospital with one long waiting list for theatre, or a short one: what does the list's length cost?

Referrals and theatre time a day are the same; only how far ahead patients are due differs. As much is
treated as is referred, so a list stays as long as it was when the clock started.
"""

from __future__ import annotations

import math
from datetime import date

from capsim.models import Records
from capsim.region.region import (
    AgeBand,
    Duration,
    ElectiveType,
    Hospital,
    Municipality,
    PatientGroup,
    Region,
    Rules,
    Session,
    Specialty,
    Ward,
)

PER_DAY = 400.0
MINUTES, MINUTES_CV = 100.0, 0.5
STAY = Duration(3.0, 0.8)
BEDS = 2000  # more than are ever needed: what waits, waits for theatre
PEOPLE = 1000.0
WEEKDAYS = (1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0)
SESSION_DAYS = 334 / 485  # of the days simulated: weekdays but for holidays


def region(waiting: int) -> Region:
    """With some ``waiting``: referred a day × mean days from referral to being due."""
    rules = Rules(candidates_per_referral=1.0, joining_elasticity=0.0)
    days = waiting / PER_DAY
    per_1000 = PER_DAY * 365 * 1000 / PEOPLE
    age = AgeBand(
        "all",
        acute_per_1000=0.0,
        elective_per_1000=per_1000,
        acute_stay=STAY,
        elective_stay=STAY,
        needs_municipality=0.0,
        needs_short_term=0.0,
        kad_suitable=0.0,
        kad_own_per_1000=0.0,
    )
    operation = ElectiveType(
        "all",
        "all",
        "surgery",
        "all",
        (per_1000,),
        MINUTES,
        MINUTES_CV,
        1.0,
        "local",
        (1.0,),
        target_median_days=days / math.exp(rules.target_sigma**2 / 2),
    )
    week = tuple(PER_DAY / SESSION_DAYS * MINUTES * open for open in WEEKDAYS)
    return Region(
        name="waiting_list",
        title="One waiting list",
        start=date(2024, 1, 1),
        ages=(age,),
        groups=(PatientGroup("all", (1.0,)),),
        specialties=(Specialty("all", "all", (1.0,)),),
        hospitals=(Hospital("H", "H", "local", "t", "t", 0.0, 0.0, ("all",)),),
        wards=(Ward("W", "H", ("all",), BEDS),),
        municipalities=(Municipality("M", "M", "H", "t", (PEOPLE,)),),
        travel_minutes={("M", "H"): 0.0},
        travel_km={("M", "H"): 0.0},
        elective_types=(operation,),
        sessions=(Session("H", "all", "theatre", week),),
        rules=rules,
    )


def mean_waiting(records: Records) -> float:
    """Patients on the list after a session, mean over the sessions."""
    return float(records.events.session_waiting.mean())


def treated(records: Records) -> int:
    """Patients who were operated on inside the run."""
    return int((records.stays.treated >= records.clock_start).sum())
