"""A full KAD unit refuses as many as Erlang says, whatever the distribution of the stays."""

import numpy as np
import pytest

from capsim.queueing import erlang_b
from capsim.region.region import Duration
from tests.measures import controls, copies, runs, time_average, unlimited
from tests.regions import exponential, queue_region

STAY = 0.01  # days


def a_full_unit_refuses(against, beds, load, stay, days):
    region = queue_region(kad_beds=beds, kad_per_day=load / STAY, kad_stay=stay, copies=60)
    (records,) = runs(region, days, 1, seed=23)
    came = records.patients.arrival >= 0
    copy, n = records.patients.municipality, copies(records)
    arrived = np.bincount(copy[came], minlength=n)
    refused = np.bincount(copy[came & records.stays.kad_refused], minlength=n)
    used = time_average(records, records.stays.kad_start, records.stays.kad_end)
    above = unlimited(records, beds, records.patients.arrival, records.itinerary.kad_stay)
    theory = erlang_b(beds, load)
    case = against(f"KAD, {beds} beds, load {load}, {stay.shape} stay")
    case.theory("refused share", theory, refused / arrived, controls(above, beds, load))
    case.theory("occupancy", load * (1 - theory) / beds, used / beds)


@pytest.mark.parametrize(
    ("beds", "load", "stay", "days"),
    [
        (1, 0.8, exponential(STAY), 5),
        (4, 3, exponential(STAY), 4),
        (10, 8, Duration(STAY, 1.5), 4),
    ],
)
def test_a_full_unit_refuses_as_erlang_says(against, beds, load, stay, days):
    a_full_unit_refuses(against, beds, load, stay, days)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("beds", "load", "stay", "days"),
    [
        (4, 3, Duration(STAY, shape="fixed"), 4),
        (4, 3, Duration(STAY, 2.0), 8),
        (20, 18, exponential(STAY), 5),
    ],
)
def test_the_refusals_do_not_depend_on_how_stays_are_distributed(against, beds, load, stay, days):
    a_full_unit_refuses(against, beds, load, stay, days)
