"""Where beds never run out, the census is Poisson: its mean and its variance are what theory says."""

import math
from dataclasses import replace

import numpy as np
import pytest

from capsim.models.pathway import DAY, HOUR
from capsim.queueing import census_mean
from capsim.region.region import Duration
from tests.measures import census, copies, runs
from tests.regions import TEXTBOOK, exponential, queue_region

pytestmark = pytest.mark.slow


def agrees(case, when, records, times, theory):
    """Mean and variance about the known mean, each copy of the ward a replication."""
    counted = census(records, times)
    assert counted.shape == (len(times), copies(records))
    case.theory(f"census {when}".strip(), theory, counted.mean(axis=0))
    case.theory(f"variance {when}".strip(), theory, ((counted - theory) ** 2).mean(axis=0))


@pytest.mark.parametrize("stay", [exponential(0.01), Duration(0.01, shape="fixed")])
def test_the_census_has_the_loads_mean_and_variance(against, stay):
    load = 3.0
    region = queue_region(acute_per_day=load / 0.01, stay=stay, copies=60)
    (records,) = runs(region, 28, 1, seed=31)
    times = np.arange(0, 28 * DAY, 5 * 864)  # every five stays
    agrees(against(f"M/G/inf, load {load:g}, {stay.shape} stay"), "", records, times, load)


@pytest.mark.parametrize(
    ("per_day", "stay", "remains"),
    [
        (30.0, exponential(0.1), lambda s: math.exp(-s / 0.1)),
        (16.0, Duration(0.2, shape="fixed"), lambda s: float(s < 0.2)),
    ],
)
def test_the_census_follows_the_hours_of_the_day(against, per_day, stay, remains):
    # From 8 to 16 arrivals are four times as frequent: the census is highest at 16 and lowest at 8.
    days = 700
    weight = (4.0, 1.0, 4.0, 1.0)
    region = queue_region(
        acute_per_day=per_day, stay=stay, copies=60, rules=replace(TEXTBOOK, hour_weight=weight)
    )
    (records,) = runs(region, days, 2, seed=37)

    def rate(day):
        return per_day * (4.0 if 8 <= day % 1 * 24 < 16 else 1.0) / 2  # mean weight (8 x 4 + 16 x 1) / 24 = 2

    case = against(f"Mt/G/inf, {stay.shape} stay")
    for hour in (16, 8):
        theory = census_mean(rate, remains, hour / 24, longest_days=3.0)
        agrees(case, f"at {hour}:00", records, np.arange(days) * DAY + hour * HOUR, theory)
