"""Conservation laws on generated regions, and that a broken law is noticed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capsim.analysis.delays import delay_days
from capsim.analysis.metrics import summarise
from capsim.demand.patients import sample_patients
from capsim.errors import InvariantError
from capsim.models import Records, invariants, simulate
from capsim.models.pathway import DAY, NEVER, round_after, round_nearest
from capsim.region.loading import load_region
from capsim.region.region import Region
from tests.property.regions import random_regions


def run(region: Region, seed: int = 1, days: int = 40, warm_up: int = 15) -> Records:
    """``simulate`` checks every law of ``invariants.LAWS`` itself."""
    return simulate(region, sample_patients(region, days=days, warm_up_days=warm_up, seed=seed))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(region=random_regions(), seed=st.integers(0, 2**31))
def test_generated_regions_break_no_law(region: Region, seed: int) -> None:
    records = run(region, seed)
    metrics = summarise(records)
    assert not metrics.isna().any().any()
    shares = metrics[(metrics.unit == "share") & ~metrics.result.str.contains("occupancy")]
    assert shares.value.between(0, 1).all()


@pytest.mark.slow
@settings(
    max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(region=random_regions(), seed=st.integers(0, 2**31))
def test_many_generated_regions_break_no_law(region: Region, seed: int) -> None:
    assert run(region, seed).equals(run(region, seed))


@pytest.fixture(scope="module")
def records() -> Records:
    return run(load_region("mini"), days=120, warm_up=60)


def spoiled(records: Records, column: str, change) -> Records:  # type: ignore[no-untyped-def]
    """The records with one column of the stays falsified where something happened."""
    values = getattr(records.stays, column).copy()
    change(values)
    return replace(records, stays=replace(records.stays, **{column: values}))


def later(seconds: int):  # type: ignore[no-untyped-def]
    def change(values: np.ndarray) -> None:
        values[np.flatnonzero(values > 0)[:3]] += seconds

    return change


@pytest.mark.parametrize(
    ("column", "change", "law"),
    [
        ("left", later(30 * DAY), "census_agrees"),
        ("bed", later(-20 * DAY), "nothing_out_of_order"),
        ("left", later(3600), "whole_hours"),
        ("outcome", lambda v: v.__setitem__(np.flatnonzero(v == 10)[:2], 6), "everyone_is_somewhere"),
        ("kad_end", later(400 * DAY), "census_agrees"),
        ("place_end", later(50 * DAY), "census_agrees"),
        ("asked", lambda v: v.__setitem__(np.flatnonzero(v > 0), NEVER), "lists_add_up"),
        ("postponed", lambda v: v.__setitem__(0, v[0] + 1), "sessions_within_minutes"),
        ("joined", lambda v: v.__setitem__(slice(None), True), "only_candidates_stay_away"),
    ],
)
def test_falsified_records_are_noticed(records: Records, column: str, change, law: str) -> None:  # type: ignore[no-untyped-def]
    invariants.check(records)
    with pytest.raises(InvariantError, match=law):
        invariants.check(spoiled(records, column, change))


def test_a_bed_that_is_not_there_is_noticed() -> None:
    mini = load_region("mini")
    records = run(replace(mini, rules=replace(mini.rules, loaded_start=False)))
    fewer = replace(records.facilities, ward_beds=records.facilities.ward_beds * 0 + 1)
    with pytest.raises(InvariantError, match="within_capacity"):
        invariants.check(replace(records, facilities=fewer))


@given(time=st.integers(-(10**8), 10**8), hour=st.integers(0, DAY - 1), before=st.integers(0, 10**7))
def test_hours_of_the_day(time: int, hour: int, before: int) -> None:
    after = round_after(time, hour)
    assert after % DAY == hour
    assert time <= after < time + DAY
    nearest = round_nearest(time, hour, time - before)
    assert nearest % DAY == hour
    assert nearest > time - before
    assert abs(nearest - time) <= DAY // 2 or nearest - (time - before) <= DAY


def test_with_unlimited_places_no_delay_is_the_municipalitys_capacity() -> None:
    mini = load_region("mini")
    unlimited = replace(
        mini,
        short_term_pools=tuple(replace(p, places=10_000) for p in mini.short_term_pools),
        municipalities=tuple(replace(m, home_care_starts_per_day=10_000) for m in mini.municipalities),
    )
    for region, limited in ((unlimited, False), (mini, True)):
        delays = delay_days(run(region, days=200, warm_up=60))
        capacity = np.isin(delays.cause, (1, 2)).sum()
        assert bool(capacity > 0) is limited
        assert (delays.cause == 0).sum() > 0
