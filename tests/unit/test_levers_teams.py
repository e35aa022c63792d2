"""What the levers on teams and shared staff do to a region, and what they refuse."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import get_args, get_type_hints

import pytest

from capsim import AddAmbulantTeam, AddHospitalAtHome, ShareStaff
from capsim.errors import InputError
from capsim.region.loading import load_region
from capsim.region.region import AmbulantTeam, Region
from capsim.scenarios.evidence import LEVER_EFFECTS, TEAM_EFFECTS
from capsim.scenarios.levers import LEVERS
from capsim.scenarios.teams import WORKING
from tests.levers import in_force

WHERE = {"id": "new", "base": "fjordby", "municipalities": ("9001",)}


@pytest.fixture(scope="module")
def mini() -> Region:
    return load_region("mini")


def team(region: Region, day: int = 0) -> AmbulantTeam:
    return in_force(region, day).teams[-1]


def test_every_kind_has_effects_and_ways_of_working():
    kinds = set(TEAM_EFFECTS)
    assert kinds == set(WORKING)
    assert kinds == set(get_args(get_type_hints(AmbulantTeam)["kind"]))
    assert set(LEVER_EFFECTS) == set(LEVERS)
    for effect in (e for effects in (*TEAM_EFFECTS.values(), *LEVER_EFFECTS.values()) for e in effects):
        ends = [x for x in (effect.low, effect.central, effect.high) if x is not None]
        assert ends == sorted(ends), effect
        assert effect.source
    keys = {f.name for f in fields(AddAmbulantTeam)}
    assert all(e.what in keys for effects in TEAM_EFFECTS.values() for e in effects)


@pytest.mark.parametrize("kind", TEAM_EFFECTS)
def test_a_kind_has_the_central_effects_of_the_table(mini, kind):
    groups = ("mental_illness",) if kind == "fact" else ()
    lever = AddAmbulantTeam(**WHERE, kind=kind, target_groups=groups)
    new = team(lever.apply(mini))
    assert new.kind == kind
    for effect in TEAM_EFFECTS[kind]:
        assert getattr(new, effect.what) == effect.central
    effects = ("averts_share", "follows_share", "readmission_effect", "stay_effect", "early_discharge_share")
    other = set(effects) - {e.what for e in TEAM_EFFECTS[kind]}
    assert all(getattr(new, what) == 0 for what in other)


def test_what_is_given_goes_before_what_is_known(mini):
    lever = AddAmbulantTeam(**WHERE, kind="digital", averts_share=0.05, course_days=30, visits_last_day=0.5)
    new = team(lever.apply(mini))
    assert (new.averts_share, new.course.mean_days, new.visits_last_day) == (0.05, 30, 0.5)
    assert replace(lever, kind="somatic", averts_share=None).value("averts_share") == 0.10


def test_a_team_that_drives_nowhere_has_more_visits(mini):
    per_day = [
        team(AddAmbulantTeam(**WHERE, digital_share=share).apply(mini)).visits_per_day(mini)
        for share in (0.0, 1.0)
    ]
    assert per_day[0] < per_day[1]


def test_staff_come_in_steps(mini):
    region = AddAmbulantTeam(**WHERE, staff_by_weekday=(8,) * 7, ramp_days=7).apply(mini)
    assert [team(region, day).staff_mean for day in (0, 1, 7)] == [1, 2, 8]


@pytest.mark.parametrize("places", [1, 7, 33])
def test_hospital_at_home_has_the_places_asked(mini, places):
    lever = AddHospitalAtHome("home", "fjordby", ("9001", "9002", "9003"), places)
    new = team(lever.apply(mini))
    assert new.places(mini) == places
    assert new.kind == "hospital_at_home"
    assert (new.early_discharge_share, new.early_discharge_after) == (0.10, 0.6)
    assert new.municipal_visits_per_day == 1.0
    region = replace(lever, ramp_days=70).apply(mini)
    assert team(region, 69).places(mini) == int(places * 7 / 8 + 0.5)


def test_sessions_places_and_teams_share_their_staff(mini):
    lever = ShareStaff(
        "shared",
        (5,) * 7,
        hospital="fjordby",
        specialties=("surgery",),
        staff_per_session=4,
        short_term_pools=("fjordby_places",),
        staff_per_place=0.2,
        teams=("follow_up_team",),
    )
    region = in_force(lever.apply(mini))
    assert region.staff_pools[-1].staff_by_weekday == (5,) * 7
    assert {(s.hospital, s.specialty) for s in region.sessions if s.staff_pool == "shared"} == {
        ("fjordby", "surgery")
    }
    assert region.short_term_pool("fjordby_places").staff_per_place == 0.2
    assert [t.id for t in region.teams if t.staff_pool == "shared"] == ["follow_up_team"]


@pytest.mark.parametrize(
    ("lever", "message"),
    [
        (AddHospitalAtHome("home", "oslo", ("9001",), 3), "AddHospitalAtHome, base: found 'oslo'"),
        (AddHospitalAtHome("dalen", "fjordby", ("9001",), 3), "already has something"),
        (AddHospitalAtHome("home", "fjordby", ("5001",), 3), "municipalities: found '5001'"),
        (AddAmbulantTeam(**WHERE, staff_by_weekday=(0.01,) * 7), "make no whole place: give it more staff"),
        (ShareStaff("s", (1,) * 7, teams=("dalen_team", "x")), "teams: found 'x'"),
        (ShareStaff("dalen_staff", (1,) * 7, teams=("dalen_team", "fact_team")), "already has something"),
        (
            ShareStaff(
                "s",
                (1,) * 7,
                hospital="dalen",
                specialties=("phv",),
                staff_per_session=1,
                teams=("dalen_team",),
            ),
            "must be one of: medicine, surgery",
        ),
    ],
)
def test_what_does_not_fit_the_region_is_refused(mini, lever, message):
    with pytest.raises(InputError, match=message):
        lever.apply(mini)


def test_a_kind_that_would_do_nothing_in_the_region_is_refused(mini):
    bare = replace(mini, acute_types=(), ages=tuple(replace(a, readmitted=0.0) for a in mini.ages))
    with pytest.raises(InputError, match="no mental health or substance use care"):
        AddAmbulantTeam(**WHERE, kind="fact", target_groups=("mental_illness",)).apply(bare)
    with pytest.raises(InputError, match="no readmissions"):
        AddAmbulantTeam(**WHERE, kind="follow_up").apply(bare)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: AddAmbulantTeam(**WHERE, kind="fact"), "name the groups it enrols"),
        (lambda: AddAmbulantTeam(**WHERE, kind="surgical"), "must be one of: somatic, follow_up"),
        (lambda: AddAmbulantTeam(**WHERE, readmission_effect=-1.5), "from -1 to 1"),
        (lambda: AddHospitalAtHome("home", "fjordby", ("9001",), 0), "from 1 to 10000"),
        (lambda: AddHospitalAtHome("Home", "fjordby", ("9001",), 3), "AddHospitalAtHome, id: .* id of lower"),
        (lambda: AddHospitalAtHome("home", "fjordby", (), 3), "at least one municipality"),
        (
            lambda: AddHospitalAtHome("h", "b", ("1",), 3, visits_first_day=0, visits_last_day=0),
            "cannot both have no visit",
        ),
        (lambda: ShareStaff("s", (1,) * 7, teams=("a",)), "at least two must share"),
        (lambda: ShareStaff("s", (1,) * 7, hospital="dalen", teams=("a", "b")), "or neither"),
        (lambda: ShareStaff("s", (1,) * 7, short_term_pools=("a", "b")), "staff_per_place: .* more than 0"),
        (lambda: ShareStaff("s", (1,) * 7, hospital="d", specialties=("a", "b")), "staff_per_session"),
        (lambda: ShareStaff("s", (-1,) * 7, teams=("a", "b")), "from 0 to 100000"),
    ],
)
def test_what_makes_no_sense_is_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()
