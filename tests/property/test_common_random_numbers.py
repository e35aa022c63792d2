"""The same patient has the same luck in every scenario, and a stranger changes nobody's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capsim.demand.columns import (
    ACUTE,
    ASSESSMENT,
    ELECTIVE,
    FROM_HOME,
    KAD_OWN,
    READMISSION,
    STREAMS,
    TYPED,
)
from capsim.demand.patients import PatientTable, sample_patients
from capsim.demand.streams import stream_key
from capsim.errors import InputError
from capsim.models import Records, simulate
from capsim.models.facilities import facilities_of
from capsim.models.itinerary import itinerary_of
from capsim.models.pathway import NEVER, Outcome
from capsim.region.loading import load_region
from capsim.region.rates import PrivatePurchase
from capsim.region.region import DemandChange, Region, Registration
from tests.property.regions import random_regions, side_by_side

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


def rows(patients: PatientTable, region: Region, columns: frozenset[str]) -> dict[tuple[int, int], tuple]:
    """Every row by name: what it is (types and parents by name too), and its luck in ``columns``."""
    names = list(zip(patients.key.tolist(), patients.index.tolist(), strict=True))
    planned = [t.id for t in region.elective_types]
    acute = [t.id for t in region.acute_types]
    type_of = np.full(len(patients), "", dtype=object)
    for streams, ids in (((ELECTIVE, ASSESSMENT), planned), (TYPED, acute)):
        here = np.isin(patients.root, streams)
        type_of[here] = np.array([*ids, ""], dtype=object)[patients.type[here]]
    parents = [names[p] if p >= 0 else None for p in patients.parent]
    luck = [patients.variates[name].tolist() for name in sorted(columns)]
    what = (patients.arrival, patients.stream, patients.municipality, patients.age, patients.group)
    told = zip(*(c.tolist() for c in what), patients.level.tolist(), type_of, parents, *luck, strict=True)
    return dict(zip(names, told, strict=True))


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
    # whether a readmission comes depends on whether there was a stay, which others may have prevented
    there = (base.stays.outcome != Outcome.NOT_IN_SCENARIO) & (patients.parent < 0)
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


def no_type(id: str) -> Callable[[Region], Region]:
    def without(r: Region) -> Region:
        return replace(
            r,
            acute_types=tuple(t for t in r.acute_types if t.id != id),
            elective_types=tuple(t for t in r.elective_types if t.id != id),
        )

    return without


def ages(**settings: float) -> Callable[[Region], Region]:
    return lambda r: replace(r, ages=tuple(replace(a, **settings) for a in r.ages))


def types(**settings: float) -> Callable[[Region], Region]:
    return lambda r: replace(r, acute_types=tuple(replace(t, **settings) for t in r.acute_types))


FEWER: dict[str, Callable[[Region], Region]] = {
    "phv": no_type("phv_acute"),
    "tsb": no_type("tsb_acute"),
    "birth": no_type("birth"),
    "planned phv": no_type("planned_phv"),
    "heart surgery": no_type("heart_surgery"),
    "cataract": no_type("cataract"),
    "assessment": lambda r: replace(r, clinics=()),
    "readmission": lambda r: types(readmitted=0.0)(ages(readmitted=0.0)(r)),
    "readmission of births alone": lambda r: replace(
        r,
        acute_types=tuple(replace(t, readmitted=0.0) if t.id == "birth" else t for t in r.acute_types),
    ),
    "kad_own": ages(kad_own_per_1000=0.0),
    "acute": ages(acute_per_1000=0.0),
    "places from home": lambda r: replace(
        r, short_term_pools=tuple(replace(p, from_home_per_day=0.0) for p in r.short_term_pools)
    ),
    "death": lambda r: types(dies=0.0)(ages(dies=0.0)(r)),
    "long-term places": ages(needs_long_term=0.0),
    "illness again": lambda r: replace(r, rules=replace(r.rules, ill_again_per_day=0.0)),
    "transfer back": lambda r: replace(
        r, hospitals=tuple(replace(h, transfer_back_share=0.0) for h in r.hospitals)
    ),
    "everything after a stay": lambda r: FEWER["illness again"](
        FEWER["transfer back"](
            FEWER["death"](FEWER["readmission"](FEWER["long-term places"](no_housing(replace(r, teams=())))))
        )
    ),
    "municipal need": lambda r: no_need(r),
    "short-term places": lambda r: replace(
        r,
        short_term_pools=(),
        municipalities=tuple(replace(m, short_term_pool="") for m in r.municipalities),
    ),
    "KAD": lambda r: replace(
        r, kad_units=(), municipalities=tuple(replace(m, kad_unit="") for m in r.municipalities)
    ),
    "teams": lambda r: replace(r, teams=()),
    "registered": lambda r: replace(r, registrations=()),
    "choice": lambda r: replace(
        r, elective_types=tuple(replace(t, choice_share=0.0) for t in r.elective_types)
    ),
}


def no_housing(r: Region) -> Region:
    planned = tuple(replace(t, needs_housing=0.0) for t in r.elective_types)
    return replace(types(needs_housing=0.0)(r), elective_types=planned)


def no_need(r: Region) -> Region:
    without = types(needs_municipality=0.0)(ages(needs_municipality=0.0)(r))
    planned = tuple(
        replace(t, needs_municipality=None if t.needs_municipality is None else 0.0) for t in r.elective_types
    )
    return replace(without, elective_types=planned)


@pytest.mark.parametrize("feature", FEWER)
def test_a_stream_or_feature_turned_off_leaves_every_other_row_as_it_was(mini: Region, feature: str) -> None:
    """Whoever comes after the clock starts is in both tables, but for the rows of the stream itself
    and their readmissions; of those who came before it the ones that may still be there."""
    chosen = tuple(replace(t, choice_share=0.3) for t in mini.elective_types)
    region = replace(mini, elective_types=chosen)
    fewer = FEWER[feature](region)
    all_of_it, part = draw(region), draw(fewer)
    common = frozenset(all_of_it.variates) & frozenset(part.variates)
    before, after = rows(all_of_it, region, common), rows(part, fewer, common)
    begin = -WARM_UP * 86_400
    for name, row in after.items():
        assert row == before.get(name, row), feature
        assert name in before or row[0] < begin, feature
    gone = {before[name][1] for name in before.keys() - after.keys() if before[name][0] >= begin}
    own = {READMISSION}  # whose parents may be the ones turned off
    if feature in STREAMS:
        own.add(STREAMS.index(feature))
    elif feature in ("planned phv", "heart surgery", "cataract"):
        own |= {ELECTIVE, ASSESSMENT}
    elif feature == "places from home" or feature == "short-term places":
        own.add(FROM_HOME)
    elif feature == "KAD":
        own.add(KAD_OWN)
    assert gone <= own, feature
    there = {name for name, row in before.items() if row[0] >= begin and row[1] not in own}
    assert there <= after.keys()


def test_what_is_not_drawn_for_is_refused_and_drawing_for_it_changes_nothing(mini: Region) -> None:
    base = FEWER["everything after a stay"](mini)
    assert "dies" not in draw(base).variates
    with pytest.raises(InputError, match="scenarios="):
        simulate(mini, draw(base))
    for_both = draw(base, scenarios=(mini,))
    assert set(for_both.variates) >= {"dies", "readmit", "transfer", "settled_stay"}
    everywhere = {m.number for m in mini.municipalities}
    alone, company = simulate(base, draw(base)), simulate(base, for_both)
    there = {k: v for k, v in of(company, everywhere).items() if v[0] != Outcome.NOT_IN_SCENARIO}
    assert there == {k: v for k, v in of(alone, everywhere).items() if v[0] != Outcome.NOT_IN_SCENARIO}


@given(region=random_regions(), seed=st.integers(0, 2**31))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_rows_of_generated_regions_are_named_once_and_children_are_like_their_parents(
    region: Region, seed: int
) -> None:
    patients = sample_patients(region, days=40, warm_up_days=15, seed=seed)
    names = set(zip(patients.key.tolist(), patients.index.tolist(), strict=True))
    assert len(names) == len(patients)
    child = np.flatnonzero(patients.parent >= 0)
    parent = patients.parent[child]
    assert (child > parent).all() or (patients.arrival[child] == patients.arrival[parent]).all()
    for column in ("arrival", "municipality", "registered", "age", "group", "type", "root", "level"):
        values = getattr(patients, column)
        assert np.array_equal(values[child], values[parent]), column
    assert (patients.stream[child] == READMISSION).all()
    assert (patients.stream[patients.parent < 0] != READMISSION).all()
    assert len(np.unique(parent)) == len(parent)  # one child each
    grandparent = patients.parent[parent]
    assert (patients.parent[grandparent[grandparent >= 0]] < 0).all()  # two in a row at most


def test_a_change_of_demand_scales_the_rows_it_names_and_their_readmissions(mini: Region) -> None:
    """The rows with level below the factor: half of the oldest acute patients in one municipality, and
    three halves of one type of operation; nobody else."""
    half = DemandChange(0.5, ("acute",), municipalities=("9001",), ages=("80p",))
    more = DemandChange(1.5, types=("cataract",))
    changed = replace(mini, demand_changes=(half, more))
    patients = draw(mini, scenarios=(changed,))
    base = itinerary_of(patients, facilities_of(mini, -WARM_UP, DAYS)).active
    active = itinerary_of(patients, facilities_of(changed, -WARM_UP, DAYS)).active
    oldest = (patients.root == ACUTE) & (patients.municipality == 0) & (patients.age == 2)
    cataract = [t.id for t in mini.elective_types].index("cataract")
    eyes = np.isin(patients.root, (ELECTIVE, ASSESSMENT)) & (patients.type == cataract)
    others = ~oldest & ~eyes
    assert np.array_equal(base, patients.level < 1)
    assert np.array_equal(active[others], base[others])
    assert np.array_equal(active[oldest], patients.level[oldest] < 0.5)
    assert np.array_equal(active[eyes], patients.level[eyes] < 1.5)
    for who, factor in ((oldest, 0.5), (eyes, 1.5)):
        was, now = (int((who & flags & (patients.parent < 0)).sum()) for flags in (base, active))
        assert abs(now - factor * was) < 4 * np.sqrt(was)
    child = np.flatnonzero(patients.parent >= 0)
    assert np.array_equal(active[child], active[patients.parent[child]])


def test_who_is_registered_elsewhere(mini: Region) -> None:
    """Of those who lie in hospital, the share of their municipality; the same in every scenario, and
    with nobody else's draws changed; everybody is at home where the region does not say."""
    away = (
        Registration("9001", "9002", 0.3),
        Registration("9001", "9003", 0.2),
        Registration("9003", "9001", 1.0),
    )
    region = replace(mini, registrations=away)
    patients = draw(region)
    stays = patients.root <= KAD_OWN
    assert (patients.registered[patients.municipality == 1] == 1).all()
    assert (patients.registered[stays & (patients.municipality == 2)] == 0).all()
    home = stays & (patients.municipality == 0)
    share = np.bincount(patients.registered[home], minlength=3) / home.sum()
    assert np.abs(share - [0.5, 0.3, 0.2]).max() < 4 * np.sqrt(0.25 / home.sum())
    at_home = draw(replace(mini, registrations=()))
    assert np.array_equal(at_home.registered, at_home.municipality)
    assert np.array_equal(at_home.arrival, patients.arrival)
    everywhere = {m.number for m in mini.municipalities}
    assert of(simulate(region, patients), everywhere) == of(simulate(mini, draw(mini)), everywhere)


def test_what_is_bought_is_taken_from_the_public_lists_and_from_nobody_else(mini: Region) -> None:
    """Those with a level below 1 but not below 1 less the share; of them, those who would have joined at
    the reference wait have it bought. Of one municipality only, if the lever says so."""
    buys = (PrivatePurchase("cataract", 0.3), PrivatePurchase("cataract", 0.2, ("9001",)))
    changed = replace(mini, purchases=buys)
    patients = draw(mini, scenarios=(changed,))
    plans = [itinerary_of(patients, facilities_of(r, -WARM_UP, DAYS)) for r in (mini, changed)]
    cataract = [t.id for t in mini.elective_types].index("cataract")
    eyes = (patients.stream == ELECTIVE) & (patients.type == cataract)
    public = np.where(patients.municipality == 0, 0.5, 0.7)
    taken = eyes & (patients.level >= public) & (patients.level < 1)
    assert np.array_equal(plans[1].active, plans[0].active & ~taken)
    joins = patients.variates["join"] * mini.rules.candidates_per_referral < 1
    assert np.array_equal(plans[1].bought, taken & joins)
    assert not plans[0].bought.any()
    bought, wanted = plans[1].bought.sum(), (eyes & joins & (patients.level < 1)).sum()
    assert 0.3 < bought / wanted < 0.5


def test_another_population_scales_demand_by_age_and_municipality(mini: Region) -> None:
    grown = tuple(
        replace(m, population=(m.population[0] * 0.8, m.population[1], m.population[2] * 1.6))
        for m in mini.municipalities
    )
    later = replace(mini, municipalities=grown)
    patients = draw(mini, scenarios=(later,))
    active = itinerary_of(patients, facilities_of(later, -WARM_UP, DAYS)).active
    of_age = np.isin(patients.root, (ACUTE, ELECTIVE, KAD_OWN, ASSESSMENT, *TYPED))
    for age, factor in ((0, 0.8), (1, 1.0), (2, 1.6)):
        here = of_age & (patients.age == age)
        assert np.array_equal(active[here], patients.level[here] < factor)
        assert active[here].any()


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
