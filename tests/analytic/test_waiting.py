"""A ward in which patients queue for a bed waits as long as queueing theory says."""

import numpy as np
import pytest

from capsim.queueing import mg1, mm
from capsim.region.region import Duration
from tests.measures import controls, in_hospital, mean_wait, runs, unlimited, waiting
from tests.regions import exponential, queue_region

STAY = 0.01  # days: 864 seconds, so that rounding to whole seconds does not show
COPIES = 60


def ward_agrees(case, theory, beds, per_day, stay, days, replications):
    region = queue_region(beds, per_day, stay, copies=COPIES)
    # a wait is seldom longer than 20 times the mean wait of those who wait at all
    last_days = min(1.0, 20 * STAY / (beds - per_day * STAY))
    measured = [
        (
            waiting(records),
            mean_wait(records, leave_out_days=last_days),
            in_hospital(records) / beds,
            *unlimited(records, beds, records.patients.arrival, records.itinerary.stay),
        )
        for records in runs(region, days, 2, seed=11, replications=replications)
    ]
    number, wait, used, *above = np.concatenate(measured, axis=1)
    helped = controls(above, beds, per_day * stay.mean_days)
    case.theory("number waiting", theory.waiting, number, helped)
    case.theory("wait, days", theory.wait, wait, helped)
    case.theory("occupancy", theory.occupancy, used)


def patients_wait_as_erlang_says(against, beds, occupancy, days, replications=1):
    per_day = occupancy * beds / STAY
    case = against(f"M/M/{beds} at load {occupancy}")
    ward_agrees(case, mm(beds, per_day, STAY), beds, per_day, exponential(STAY), days, replications)


@pytest.mark.parametrize(
    ("beds", "occupancy", "days"), [(1, 0.5, 50), (1, 0.7, 76), (2, 0.6, 36), (5, 0.7, 38)]
)
def test_patients_wait_as_erlang_says(against, beds, occupancy, days):
    patients_wait_as_erlang_says(against, beds, occupancy, days)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("beds", "occupancy", "days", "replications"),
    [
        (1, 0.3, 80, 1),
        (1, 0.9, 125, 5),
        (2, 0.3, 70, 1),
        (2, 0.8, 85, 1),
        (5, 0.5, 40, 1),
        (5, 0.8, 50, 1),
        (10, 0.8, 22, 2),
        (20, 0.8, 12, 2),
    ],
)
def test_patients_wait_as_erlang_says_at_more_loads(against, beds, occupancy, days, replications):
    patients_wait_as_erlang_says(against, beds, occupancy, days, replications)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stay", "cv", "occupancy", "days"),
    [
        (Duration(STAY, shape="fixed"), 0.0, 0.7, 80),
        (Duration(STAY, 0.5), 0.5, 0.5, 50),
        (Duration(STAY, 1.2), 1.2, 0.5, 185),
        (Duration(STAY, 0.8), 0.8, 0.7, 80),
    ],
)
def test_patients_wait_as_pollaczek_and_khinchine_say(against, stay, cv, occupancy, days):
    per_day = occupancy / STAY
    case = against(f"M/G/1 at load {occupancy}, {stay.shape} stay, cv {cv}")
    ward_agrees(case, mg1(per_day, STAY, cv), 1, per_day, stay, days, 1)
