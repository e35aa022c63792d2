"""What the levers on demand do to a region, and what they refuse."""

from __future__ import annotations

from dataclasses import replace

import pytest

from capsim import GpCoverage, ProjectPopulation, ScaleDemand
from capsim.errors import InputError
from capsim.region.loading import load_region
from capsim.region.region import UNLIMITED, DemandChange, Region
from capsim.scenarios.levers import expected_volume
from tests.levers import in_force


@pytest.fixture(scope="module")
def mini() -> Region:
    return load_region("mini")


def people(region: Region) -> dict[str, tuple[float, ...]]:
    return {m.number: m.population for m in region.municipalities}


def test_a_year_of_the_shipped_region(mini):
    later = in_force(ProjectPopulation("frozen", year=2030).apply(mini))
    assert people(later) == mini.populations[2030]
    assert later.wards == mini.wards


def test_growth_by_age_and_a_ramp(mini):
    region = ProjectPopulation("frozen", growth={"80p": 1.8}, ramp_days=7).apply(mini)
    young, _, old = mini.municipality("9001").population
    for day, factor in ((0, 1.1), (7, 1.8)):
        later = in_force(region, day).municipality("9001").population
        assert later == pytest.approx((young, later[1], factor * old))


def test_capacity_that_follows_keeps_the_ratio_to_its_use(mini):
    """Twice of everybody is twice of everything; more of the oldest is more where they are treated."""
    lever = ProjectPopulation("follow_population", growth={a.id: 2.0 for a in mini.ages})
    twice = in_force(lever.apply(mini))
    assert [w.beds for w in twice.wards] == [2 * w.beds for w in mini.wards]
    assert [k.beds for k in twice.kad_units] == [2 * k.beds for k in mini.kad_units]
    assert [p.places for p in twice.short_term_pools] == [2 * p.places for p in mini.short_term_pools]
    assert [c.slots for c in twice.clinics] == [tuple(2 * d for d in c.slots) for c in mini.clinics]
    for before, after in zip(mini.sessions, twice.sessions, strict=True):
        assert after.capacity == pytest.approx([2 * day for day in before.capacity])
    for key in ("long_term_places", "supported_housing", "home_care_starts_per_day"):
        for before, after in zip(mini.municipalities, twice.municipalities, strict=True):
            assert getattr(after, key) == 2 * getattr(before, key)
    for before, after in zip(mini.teams, twice.teams, strict=True):
        assert after.staff_mean == pytest.approx(2 * before.staff_mean)
    old = in_force(replace(lever, growth={"80p": 1.5}).apply(mini))
    beds = {w.id: w.beds / v.beds for w, v in zip(old.wards, mini.wards, strict=True)}
    assert beds["fjordby_medicine"] > 1 == beds["fjordby_obstetrics"]


def test_what_is_unlimited_stays_so(mini):
    free = replace(
        mini, municipalities=tuple(replace(m, long_term_places=UNLIMITED) for m in mini.municipalities)
    )
    later = in_force(ProjectPopulation("follow_population", growth={"80p": 1.5}).apply(free))
    assert {m.long_term_places for m in later.municipalities} == {UNLIMITED}


def test_people_without_a_gp_change_acute_demand(mini):
    region = in_force(GpCoverage({"9001": 0.1, "9002": -0.05}, acute_effect=0.2).apply(mini))
    changes = {c.municipalities[0]: c.factor for c in region.demand_changes}
    assert changes == pytest.approx({"9001": 1.02, "9002": 0.99})
    assert {c.streams for c in region.demand_changes} == {("acute",)}


def test_demand_is_scaled_where_all_match(mini):
    lever = ScaleDemand(0.8, streams=("elective",), types=("hip_prosthesis",), ages=("80p",), ramp_days=7)
    region = lever.apply(mini)
    assert in_force(region).demand_changes[0].factor == pytest.approx(0.975)
    expected = DemandChange(0.8, ("elective",), (), ("80p",), (), ("hip_prosthesis",))
    assert in_force(region, 7).demand_changes == (expected,)


def test_expected_volumes_know_changed_demand(mini):
    half = in_force(ScaleDemand(0.5, types=("hip_prosthesis",)).apply(mini))
    for type, factor in (("hip_prosthesis", 0.5), ("cataract", 1.0)):
        before, after = (sum(expected_volume(r, type).values()) for r in (mini, half))
        assert after == pytest.approx(factor * before)
    acute = in_force(ScaleDemand(0.5, streams=("acute",)).apply(mini))
    assert expected_volume(acute, "cataract") == expected_volume(mini, "cataract")
    frail = in_force(ScaleDemand(0.0, groups=("frail",), ages=("80p",)).apply(mini))
    assert (
        0 < sum(expected_volume(frail, "cataract").values()) < sum(expected_volume(mini, "cataract").values())
    )


@pytest.mark.parametrize(
    ("lever", "message"),
    [
        (
            ProjectPopulation("frozen", year=2031),
            "must be a year of population.csv with every municipality: 2024, 2030",
        ),
        (ProjectPopulation("frozen", year=2024), "is the population that the region has: nothing"),
        (ProjectPopulation("frozen", growth={"90p": 1.3}), "growth: found '90p'; must be one of: 0_66"),
        (GpCoverage({"5001": 0.1}, 0.2), "without_gp: found '5001'"),
        (ScaleDemand(0.5, ages=("90p",)), "ages: found '90p'"),
        (ScaleDemand(0.5, groups=("x",)), "groups: found 'x'"),
        (ScaleDemand(0.5, types=("x",)), "types: found 'x'"),
        (ScaleDemand(0.5, municipalities=("5001",)), "municipalities: found '5001'"),
    ],
)
def test_what_does_not_fit_the_region_is_refused(mini, lever, message):
    with pytest.raises(InputError, match=message):
        lever.apply(mini)


def test_a_year_must_be_known_for_every_municipality(mini):
    partly = replace(mini, populations={2030: {"9001": mini.populations[2030]["9001"]}})
    with pytest.raises(InputError, match="with every municipality: none; or give growth by age band"):
        ProjectPopulation("frozen", year=2030).apply(partly)


def test_streams_that_the_region_lacks_are_refused(mini):
    with pytest.raises(InputError, match="no such patients"):
        ScaleDemand(0.5, streams=("birth",)).apply(replace(mini, acute_types=()))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ProjectPopulation("frozen"), "give either a year or the growth"),
        (lambda: ProjectPopulation("frozen", 2030, {"80p": 1.3}), "give either a year or the growth"),
        (lambda: ProjectPopulation("more", 2030), "must be one of: frozen, follow_population"),
        (lambda: ProjectPopulation("frozen", growth={"80p": -1}), r"growth\.80p: found -1"),
        (lambda: GpCoverage({"9001": 0.1}, 0), "not 0"),
        (lambda: GpCoverage({"9001": 0.1}), "missing 1 required"),
        (lambda: GpCoverage({}, 0.1), "at least one municipality"),
        (lambda: GpCoverage({"9001": 0.0}, 0.1), "at least one municipality"),
        (lambda: GpCoverage({"9001": -1.0}, 2.0), "would make acute demand in 9001 negative"),
        (lambda: ScaleDemand(1.0), "must not be 1"),
        (lambda: ScaleDemand(-0.1), "from 0 to 100"),
        (lambda: ScaleDemand(0.5, streams=("acut",)), "must be one of: acute, elective"),
        (lambda: ScaleDemand(0.5, streams=("readmission",)), "must be one of: acute, elective"),
        (lambda: ScaleDemand(0.5, ages=("80p", "80p")), "each age band once"),
    ],
)
def test_what_makes_no_sense_is_refused(make, message):
    with pytest.raises((InputError, TypeError), match=message):
        make()
