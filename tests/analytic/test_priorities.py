"""Acute patients go before electives at any hour, and nobody is interrupted: both wait as Cobham says."""

import pytest

from capsim.demand.columns import ACUTE
from capsim.queueing import priority_waits_mg1, priority_waits_mm
from capsim.region.region import Duration
from tests.measures import controls, mean_wait, runs, unlimited
from tests.regions import exponential, queue_region

pytestmark = pytest.mark.slow

STAY = 0.01  # days


def both_wait(case, theory, beds, acute, elective, days):
    """``acute`` and ``elective``: (load per bed, stay)."""
    rates = [share * beds / stay.mean_days for share, stay in (acute, elective)]
    region = queue_region(
        beds,
        rates[0],
        acute[1],
        elective_per_day=rates[1],
        elective_stay=elective[1],
        copies=60,
    )
    (records,) = runs(region, days, 2, seed=41)
    is_acute = records.patients.stream == ACUTE
    above = unlimited(records, beds, records.patients.arrival, records.itinerary.stay)
    helped = controls(above, beds, (acute[0] + elective[0]) * beds)
    first, second = theory(rates)
    case.theory("acute wait, days", first, mean_wait(records, is_acute), helped)
    case.theory("elective wait, days", second, mean_wait(records, ~is_acute), helped)


@pytest.mark.parametrize(
    ("beds", "acute", "elective", "days"), [(1, 0.3, 0.3, 110), (2, 0.5, 0.2, 100), (3, 0.4, 0.3, 70)]
)
def test_electives_wait_behind_acute_patients(against, beds, acute, elective, days):
    both_wait(
        against(f"priorities, {beds} beds, load {acute}+{elective}"),
        lambda rates: priority_waits_mm(beds, rates, STAY),
        beds,
        (acute, exponential(STAY)),
        (elective, exponential(STAY)),
        days,
    )


def test_electives_wait_behind_acute_patients_whose_stays_differ(against):
    stays = Duration(STAY, 1.2), Duration(STAY / 2, shape="fixed")
    both_wait(
        against("priorities, 1 bed, lognormal and fixed"),
        lambda rates: priority_waits_mg1(rates, [s.mean_days for s in stays], [1.2, 0.0]),
        1,
        (0.3, stays[0]),
        (0.25, stays[1]),
        200,
    )
