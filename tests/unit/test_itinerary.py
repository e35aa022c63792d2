"""What awaits patients, settled before the clock: teams' shares, stays by site, who KAD takes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from capsim.demand.columns import FROM_HOME, KAD_OWN
from capsim.demand.patients import PatientTable, sample_patients
from capsim.demand.scaling import demand_multiplier
from capsim.models.engine import Simulation
from capsim.models.facilities import Facilities, facilities_of
from capsim.models.itinerary import Itinerary, itinerary_of
from capsim.region.loading import load_region
from capsim.region.region import DemandChange, Region
from capsim.scenarios.levers import AddTheatreSessions, PoolKad, PoolReferrals
from tests.regions import ambulant_team, town
from tests.tables import acute, times, trace


@pytest.fixture(scope="module")
def mini() -> Region:
    return load_region("mini")


def settled(region: Region, *, days: int = 365) -> tuple[PatientTable, Facilities, Itinerary]:
    patients = sample_patients(region, days=days, warm_up_days=30)
    facilities = facilities_of(region, -30, days)
    return patients, facilities, itinerary_of(patients, facilities)


def test_two_teams_with_a_caseload_enrol_different_people(mini: Region) -> None:
    fact = replace(next(t for t in mini.teams if t.caseload_per_staff), caseload_per_staff=60.0)
    once = replace(mini, teams=(*(t for t in mini.teams if not t.caseload_per_staff), fact))
    twice = replace(once, teams=(*once.teams, replace(fact, id="fact_b")))
    _, facilities, one = settled(once, days=3000)
    _, both, two = settled(twice, days=3000)
    first, second = facilities.teams.index(fact.id), both.teams.index("fact_b")
    mine = one.enrolled == first
    assert mine.sum() > 20
    np.testing.assert_array_equal(mine, two.enrolled == first)  # the first team's people stay its own
    other = (two.enrolled == second).sum()
    assert abs(other - mine.sum()) < 4 * np.sqrt(other + mine.sum())
    assert other > 0.5 * mine.sum()


def test_follow_up_that_does_harm_is_not_cut_off(mini: Region) -> None:
    """Half as many again are readmitted, also of those with the largest chance."""
    harm = replace(
        mini,
        teams=tuple(replace(t, follows_share=1.0, readmission_effect=0.5, target_ages=(), target_groups=())
                    if t.follows_share else t for t in mini.teams),
    )  # fmt: skip
    _, facilities, plan = settled(harm, days=1500)
    team = next(i for i, t in enumerate(facilities.teams) if harm.teams[i].follows_share)
    followed = plan.follows[:, team]
    for some in (plan.need == 0, plan.need > 0):
        without, with_team = (
            followed & some & flags for flags in (plan.readmits, plan.readmits_followed[:, team])
        )
        assert with_team.sum() / without.sum() == pytest.approx(1.5, abs=0.25)


def test_the_stay_is_that_of_the_site_where_the_patient_is_sent(mini: Region) -> None:
    joint = PoolReferrals("joint", ("other_surgery",), ("fjordby", "dalen"), from_day=-36_500).apply(mini)
    patients = sample_patients(mini, days=200, warm_up_days=30, scenarios=[joint])
    facilities = facilities_of(joint, -30, 200)
    plan = itinerary_of(patients, facilities)
    regional, local = (facilities.hospitals.index(h) for h in ("fjordby", "dalen"))
    factor = mini.hospital("dalen").regional_stay_factor
    assert factor > 1
    far = [i for i, m in enumerate(mini.municipalities) if m.catchment == "dalen"]
    who = np.flatnonzero((plan.option >= 0) & (plan.stay > 0) & np.isin(patients.municipality, far))
    stays = plan.option_stay[plan.option[who]]
    np.testing.assert_allclose(stays[:, regional] / stays[:, local], factor, rtol=1e-3)
    simulation = Simulation(patients, plan, facilities)
    for p in who[:20].tolist():
        other = local if plan.hospital[p] == regional else regional
        simulation.send_to(p, other)
        assert simulation.stay[p] == plan.option_stay[plan.option[p], other]


def test_the_pace_of_lists_is_that_of_the_first_day(mini: Region) -> None:
    week = (300.0, 300.0, 300.0, 300.0, 300.0, 0.0, 0.0)
    more = AddTheatreSessions("dalen", "surgery", week, from_day=-36_500).apply(mini)
    patients, facilities, plan = settled(more, days=30)
    at = facilities.lists.index(("dalen", "surgery", "theatre"))
    pace = Simulation(patients, plan, facilities).pace[at]
    assert pace == facilities.list_pace[1, at] > facilities.list_pace[0, at]


def test_each_team_is_asked_at_its_own_part_of_the_stay() -> None:
    # A stays 10 days from 08:00 of day 0. "late" comes first in the region's order and would take
    # A home after 8 days; it has nobody on duty. "soon" is asked after 2 days: the round nearest day 2
    # 08:00 is 10:00, home at 12:00.
    late = replace(ambulant_team("late", 0, early_discharge_share=0.5), early_discharge_after=0.8)
    soon = replace(ambulant_team("soon", 1, early_discharge_share=0.5), early_discharge_after=0.2)
    region = replace(town(beds=1), teams=(late, soon))
    records = trace(region, acute("0 08:00", 10, leaves_early=True))
    assert times(records, "left") == ["2 12:00"]
    # With only "late", now staffed: after 8 days.
    staffed = replace(late, staff_by_weekday=(1.0,) * 7)
    records = trace(replace(region, teams=(staffed,)), acute("0 08:00", 10, leaves_early=True))
    assert times(records, "left") == ["8 12:00"]


def test_kads_own_patients_have_the_groups_of_the_acutely_ill(mini: Region) -> None:
    patients, _, _ = settled(mini, days=3000)
    own = (patients.stream == KAD_OWN) & (patients.age == len(mini.ages) - 1)
    share = np.bincount(patients.group[own], minlength=len(mini.groups)) / own.sum()
    weight = np.array([g.share[-1] * g.acute_multiplier for g in mini.groups])
    assert own.sum() > 50
    assert np.abs(share - weight / weight.sum()).max() < 4 / np.sqrt(own.sum())


def test_demand_changed_by_age_or_group_does_not_meet_those_who_ask_from_home(mini: Region) -> None:
    patients, _, _ = settled(mini)
    rows = np.flatnonzero(patients.stream == FROM_HOME)
    columns = [getattr(patients, c)[rows] for c in ("stream", "municipality", "age", "group", "type")]
    for change in (
        DemandChange(0.5, ages=(mini.ages[0].id,)),
        DemandChange(0.5, groups=(mini.groups[0].id,)),
    ):
        less = replace(mini, demand_changes=(change,))
        assert (demand_multiplier(less, patients.population, *columns) == 1).all()
    all_of_them = replace(mini, demand_changes=(DemandChange(0.5),))
    assert (demand_multiplier(all_of_them, patients.population, *columns) == 0.5).all()


def test_a_municipality_that_joins_kad_brings_its_own_demand(mini: Region) -> None:
    alone = replace(
        mini,
        municipalities=tuple(
            m if m.number == "9001" else replace(m, kad_unit="") for m in mini.municipalities
        ),
    )
    numbers = tuple(m.number for m in mini.municipalities)
    joined = PoolKad("joint_kad", numbers, from_day=-36_500).apply(alone)
    patients = sample_patients(alone, days=3000, warm_up_days=0, scenarios=[joined])
    own = patients.stream == KAD_OWN
    for region, come in ((alone, {0}), (joined, {0, 1, 2})):
        plan = itinerary_of(patients, facilities_of(region, 0, 3000))
        assert set(patients.municipality[own & plan.active].tolist()) == come
