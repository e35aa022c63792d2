"""The same patient has the same luck in every scenario, and a stranger changes nobody's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from capsim.demand.patients import PatientTable, sample_patients
from capsim.demand.streams import stream_key
from capsim.models import Records, simulate
from capsim.models.pathway import NEVER, Outcome
from capsim.region.loading import load_region
from capsim.region.region import Region
from tests.property.regions import side_by_side

DAYS, WARM_UP = 120, 60


@pytest.fixture(scope="module")
def mini() -> Region:
    return load_region("mini")


def draw(region: Region, seed: int = 7, scenarios: tuple[Region, ...] = ()) -> PatientTable:
    return sample_patients(region, days=DAYS, warm_up_days=WARM_UP, seed=seed, scenarios=scenarios)


def by_key(patients: PatientTable) -> dict[tuple[int, int], tuple]:
    """Every patient by name: when they come, what they are, and all their luck."""
    columns = [patients.arrival, patients.age, patients.group, patients.type, patients.level]
    columns += [patients.variates[name] for name in sorted(patients.variates)]
    rows = zip(*(c.tolist() for c in columns), strict=True)
    return dict(zip(zip(patients.key.tolist(), patients.index.tolist(), strict=True), rows, strict=True))


def of(records: Records, municipalities: set[str]) -> dict[tuple[int, int], tuple]:
    """What happened to every patient of some municipalities, by name."""
    patients = records.patients
    here = np.array([m in municipalities for m in patients.municipalities])[patients.municipality]
    columns = [getattr(records.stays, name) for name in records.stays.__dataclass_fields__]
    names = zip(patients.key[here].tolist(), patients.index[here].tolist(), strict=True)
    return dict(zip(names, zip(*(c[here].tolist() for c in columns), strict=True), strict=True))


def test_patients_are_named_once(mini: Region) -> None:
    patients = draw(mini)
    assert len(by_key(patients)) == len(patients)
    assert (np.diff(patients.arrival) >= 0).all()


def test_a_million_stream_names_have_a_million_keys() -> None:
    keys = {
        stream_key(seed, replication, stream, number)
        for seed in range(10)
        for replication in range(100)
        for stream in ("acute", "elective", "kad", "team", "place")
        for number in range(200)
    }
    assert len(keys) == 1_000_000
    assert stream_key("1", "2") != stream_key(1, 2) != stream_key("12")


def test_the_same_scenario_twice_is_the_same_to_the_last_bit(mini: Region) -> None:
    first, second = simulate(mini, draw(mini)), simulate(mini, draw(mini))
    assert first.digest() == second.digest()
    assert first.equals(second)
    other = simulate(mini, draw(mini, seed=8))
    assert other.digest() != first.digest()


def test_one_more_municipality_changes_nobody_elses_draws(mini: Region) -> None:
    new = replace(mini.municipalities[0], number="9099", name="Nyby")
    ways = {**mini.travel_minutes, **{("9099", h.id): 30.0 for h in mini.hospitals}}
    larger = replace(mini, municipalities=(*mini.municipalities, new), travel_minutes=ways, travel_km=ways)
    # places from home are shared by head count, so the newcomer gets a pool of its own
    pool = replace(mini.short_term_pool(new.short_term_pool), id="nyby_places")
    new = replace(new, short_term_pool="nyby_places")
    larger = replace(
        larger,
        municipalities=(*mini.municipalities, new),
        short_term_pools=(*mini.short_term_pools, pool),
    )
    before, after = by_key(draw(mini)), by_key(draw(larger))
    assert len(after) > len(before)
    assert before.items() <= after.items()


def test_a_rate_times_1_37_keeps_everyone_who_was_there(mini: Region) -> None:
    more = replace(mini, demand_scale={"acute": 1.37})
    patients = draw(mini, scenarios=(more,))
    alone = by_key(draw(mini))
    together = by_key(patients)
    assert alone.items() <= together.items()
    base, scaled = simulate(mini, patients), simulate(more, patients)
    there = base.stays.outcome != Outcome.NOT_IN_SCENARIO
    assert (scaled.stays.outcome[there] != Outcome.NOT_IN_SCENARIO).all()
    acute = (patients.stream == 0) & (patients.arrival >= 0)
    ratio = (acute & scaled.itinerary.active).sum() / (acute & base.itinerary.active).sum()
    assert 1.2 < ratio < 1.55
    less = simulate(replace(mini, demand_scale={"acute": 0.9}), patients)
    assert (less.itinerary.active <= base.itinerary.active).all()
    assert less.itinerary.active.sum() < base.itinerary.active.sum()


def test_the_base_alone_and_in_company_is_the_same_run(mini: Region) -> None:
    """Patients drawn for more scenarios do not change the base case's trajectory."""
    more = replace(mini, demand_scale={"elective": 1.5})
    alone, company = simulate(mini, draw(mini)), simulate(mini, draw(mini, scenarios=(more,)))
    everywhere = {m.number for m in mini.municipalities}
    kept = {k: v for k, v in of(company, everywhere).items() if v[0] != Outcome.NOT_IN_SCENARIO}
    assert kept == {k: v for k, v in of(alone, everywhere).items() if v[0] != Outcome.NOT_IN_SCENARIO}


def test_a_lever_in_one_of_two_uncoupled_regions_leaves_the_other_alone(mini: Region) -> None:
    both = side_by_side(mini)
    patients = draw(both)

    def fewer(region: Region) -> Region:
        first = {w.id for w in mini.wards}
        wards = tuple(replace(w, beds=max(1, w.beds // 2)) if w.id in first else w for w in region.wards)
        pools = {p.id for p in mini.short_term_pools}
        places = tuple(replace(p, places=0) if p.id in pools else p for p in region.short_term_pools)
        return replace(region, wards=wards, short_term_pools=places)

    base, changed = simulate(both, patients), simulate(both.changed(fewer, from_day=10), patients)
    here = {m.number for m in mini.municipalities}
    there = {m.number for m in both.municipalities} - here
    assert of(base, there) == of(changed, there)
    assert of(base, here) != of(changed, here)
    assert of(base, there)


def test_a_feature_that_a_scenario_adds_changes_no_other_draw(mini: Region) -> None:
    without = replace(mini, teams=())
    with_team = replace(mini, teams=mini.teams) if mini.teams else None
    assert with_team is not None
    plain, more = draw(without), draw(without, scenarios=(with_team,))
    assert "team" not in plain.variates
    assert "team" in more.variates
    for name, values in plain.variates.items():
        assert np.array_equal(values, more.variates[name]), name


def test_a_change_from_a_day_on_changes_nothing_before_it(mini: Region) -> None:
    patients = draw(mini)
    closed = mini.changed(lambda r: replace(r, wards=tuple(replace(w, beds=1) for w in r.wards)), from_day=40)
    base, later = simulate(mini, patients), simulate(closed, patients)
    day40 = 40 * 86_400
    for name in ("admitted", "left", "offer", "kad_start", "treated"):
        a, b = getattr(base.stays, name), getattr(later.stays, name)
        before, after = (a != NEVER) & (a < day40), (b != NEVER) & (b < day40)
        assert before.any(), name
        assert np.array_equal(before, after), name
        assert np.array_equal(a[before], b[before]), name
    assert not base.equals(later)
