"""What the levers do to a region, and what they refuse."""

from __future__ import annotations

import importlib.util
from dataclasses import fields, replace
from importlib.resources import files
from pathlib import Path

import pytest

from capsim.config import read_plain_yaml
from capsim.errors import InputError
from capsim.region.loading import load_region
from capsim.region.region import Region, Session
from capsim.reporting.lever_texts import FURTHER, SENTENCES, lever_text
from capsim.scenarios.levers import (
    AddAmbulantTeam,
    AddKadBeds,
    AddShortTermPlaces,
    MoveElective,
    SetPaymentRate,
    expected_volume,
)
from capsim.scenarios.scenario import LEVERS, Scenario, scenario_from_mapping, scenario_to_mapping
from tests.levers import in_force


@pytest.fixture(scope="module")
def mini() -> Region:
    return load_region("mini")


def at(region: Region, type: str, site: str) -> float:
    return sum(v for (_, place), v in expected_volume(region, type).items() if place == site)


def minutes(region: Region, site: str) -> float:
    return sum(sum(s.capacity) for s in region.sessions if s.hospital == site and s.kind == "theatre")


def beds(region: Region, site: str) -> int:
    return sum(w.beds for w in region.wards if w.hospital == site)


MOVE = MoveElective("hip_prosthesis", source="fjordby", to={"dalen": 1.0}, share=0.3)


# --- MoveElective


def test_expected_volume_counts_every_patient_once(mini):
    for kind in mini.elective_types:
        people = sum(
            p * rate * m.demand_factor / 1000
            for m in mini.municipalities
            for p, rate in zip(m.population, kind.per_1000, strict=True)
        )
        assert sum(expected_volume(mini, kind).values()) == pytest.approx(people)


def test_those_a_local_hospital_may_not_take_are_expected_at_the_regional_hospital(mini):
    volume = expected_volume(mini, "heart_surgery")
    assert {site for (_, site), v in volume.items() if v > 0} == {"fjordby"}
    dalen = mini.municipality("9002")
    kind = mini.elective_type("hip_prosthesis")
    home = dict(mini.general_site_share(kind, "9002"))["dalen"]
    may = sum(
        p * rate / 1000 * share
        for p, rate, share in zip(dalen.population, kind.per_1000, kind.local_share, strict=True)
    )
    assert expected_volume(mini, kind)["9002", "dalen"] == pytest.approx(home * may * dalen.demand_factor)


def test_the_asked_share_moves_and_nothing_is_lost(mini):
    moved = in_force(MOVE.apply(mini))
    before, after = at(mini, "hip_prosthesis", "fjordby"), at(moved, "hip_prosthesis", "fjordby")
    assert after == pytest.approx(0.7 * before)
    whole = sum(expected_volume(mini, "hip_prosthesis").values())
    assert sum(expected_volume(moved, "hip_prosthesis").values()) == pytest.approx(whole)
    assert expected_volume(moved, "other_surgery") == expected_volume(mini, "other_surgery")


def test_the_nearest_move_first_and_wholly(mini):
    # Dalen (9002) and Øyvær (9003) lie nearer to dalen than to fjordby; Fjordby's own people follow last.
    extra = {
        m.number: mini.travel_minutes[m.number, "dalen"] - mini.travel_minutes[m.number, "fjordby"]
        for m in mini.municipalities
    }
    order = sorted(extra, key=lambda number: extra[number])
    assert order[-1] == "9001"
    kind = mini.elective_type("hip_prosthesis")
    moved = in_force(MOVE.apply(mini))
    for number in order[:-1]:
        assert "fjordby" not in dict(moved.general_site_share(kind, number))
    assert 0 < dict(moved.general_site_share(kind, "9001"))["dalen"] < 1


def test_targets_share_the_movers_as_asked():
    midt = load_region("midt_norge")
    lever = MoveElective("hip_prosthesis", "stolav", {"orkdal": 0.25, "levanger": 0.75}, share=0.4)
    moved = in_force(lever.apply(midt))
    gone = at(midt, "hip_prosthesis", "stolav") - at(moved, "hip_prosthesis", "stolav")
    gain = {s: at(moved, "hip_prosthesis", s) - at(midt, "hip_prosthesis", s) for s in ("orkdal", "levanger")}
    assert gone == pytest.approx(0.4 * at(midt, "hip_prosthesis", "stolav"))
    assert gain["orkdal"] == pytest.approx(0.25 * gone)
    assert gain["levanger"] == pytest.approx(0.75 * gone)


def test_a_patient_who_does_not_move_keeps_the_site(mini):
    """Sites are drawn by where a uniform falls among the cumulated shares: outside the source's own
    segment nothing may shift."""

    def site_of(region: Region, number: str, u: float) -> str:
        for site, share in region.general_site_share(kind, number):
            u -= share
            if u < 0:
                return site
        return site

    kind = mini.elective_type("hip_prosthesis")
    moved = in_force(MOVE.apply(mini))
    draws = [(number, i / 1000) for number in ("9001", "9002", "9003") for i in range(1000)]
    changes = [(site_of(mini, *d), site_of(moved, *d)) for d in draws]
    assert {pair for pair in changes if pair[0] != pair[1]} == {("fjordby", "dalen")}


def test_theatre_minutes_follow_the_patients_and_none_is_lost(mini):
    moved = in_force(MOVE.apply(mini))
    total = minutes(mini, "fjordby") + minutes(mini, "dalen")
    assert minutes(moved, "fjordby") + minutes(moved, "dalen") == pytest.approx(total)
    # the movers' part of all theatre minutes expected at fjordby
    load = sum(
        at(mini, t.id, "fjordby") * t.minutes_mean for t in mini.elective_types if t.kind != "planned_stay"
    )
    kind = mini.elective_type("hip_prosthesis")
    movers = 0.3 * (1 - kind.choice_share) * at(mini, "hip_prosthesis", "fjordby")
    hips = movers * kind.minutes_mean
    assert minutes(moved, "fjordby") == pytest.approx(minutes(mini, "fjordby") * (1 - hips / load))
    # taken evenly of every weekday, and given on the same weekdays
    fjordby = next(s for s in moved.sessions if s.hospital == "fjordby" and s.kind == "theatre")
    assert [c > 0 for c in fjordby.capacity] == [True, False, True, False, False, False, False]
    dalen = [s.capacity for s in moved.sessions if s.hospital == "dalen" and s.kind == "theatre"]
    assert [sum(day) > 0 for day in zip(*dalen, strict=True)] == [True, True, True] + [False] * 4


def test_sessions_that_stay_stay(mini):
    assert in_force(replace(MOVE, sessions="stay").apply(mini)).sessions == mini.sessions


def test_a_target_without_a_session_gets_one(mini):
    bare = replace(mini, sessions=tuple(s for s in mini.sessions if s.hospital != "dalen"))
    moved = in_force(MOVE.apply(bare))
    assert any(s.hospital == "dalen" and s.kind == "theatre" and sum(s.capacity) > 0 for s in moved.sessions)
    with pytest.raises(InputError, match="use sessions: move"):
        replace(MOVE, sessions="stay").apply(bare)


def test_a_planned_stay_moves_called_in_patients_not_minutes(mini):
    lever = MoveElective("planned_medicine", "fjordby", {"dalen": 1.0}, share=0.5)
    moved = in_force(lever.apply(mini))

    def called_in(region: Region, site: str) -> float:
        return sum(
            sum(s.capacity)
            for s in region.sessions
            if (s.hospital, s.specialty, s.kind) == (site, "medicine", "ward")
        )

    assert called_in(moved, "fjordby") == pytest.approx(0.5 * called_in(mini, "fjordby"))
    assert called_in(moved, "dalen") > called_in(mini, "dalen")
    assert minutes(moved, "fjordby") == minutes(mini, "fjordby")


def test_beds_follow_when_asked_and_none_is_lost(mini):
    lever = MoveElective("planned_medicine", "fjordby", {"dalen": 1.0}, share=0.5, beds="move")
    moved = in_force(lever.apply(mini))
    kind = mini.elective_type("planned_medicine")
    stay = sum(
        p * rate * a.elective_stay.mean_days * kind.stay_factor
        for m in mini.municipalities
        for p, rate, a in zip(m.population, kind.per_1000, mini.ages, strict=True)
    ) / sum(p * r for m in mini.municipalities for p, r in zip(m.population, kind.per_1000, strict=True))
    roughly = 0.5 * at(mini, "planned_medicine", "fjordby") * stay / 365
    gained = beds(moved, "dalen") - beds(mini, "dalen")
    assert gained == pytest.approx(roughly, abs=1)
    assert gained >= 1
    assert beds(moved, "dalen") + beds(moved, "fjordby") == beds(mini, "dalen") + beds(mini, "fjordby")
    assert beds(in_force(replace(lever, beds="stay").apply(mini)), "dalen") == beds(mini, "dalen")


def test_asking_for_more_than_is_eligible_says_how_much_is(mini):
    with pytest.raises(InputError, match=r"at most 0\.\d+ of hip_prosthesis at fjordby is eligible"):
        replace(MOVE, share=1.0).apply(mini)


def test_moving_twice_moves_from_what_is_left(mini):
    twice = Scenario("twice", (replace(MOVE, share=0.2), replace(MOVE, share=0.25)))
    moved = in_force(twice.apply(mini))
    before = at(mini, "hip_prosthesis", "fjordby")
    assert at(moved, "hip_prosthesis", "fjordby") == pytest.approx(before * 0.8 * 0.75)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"type": "hip"}, "must be one of: hip_prosthesis"),
        ({"source": "oslo"}, "must be one of: fjordby, dalen"),
        ({"to": {"oslo": 1.0}}, "must be one of: fjordby, dalen"),
        ({"type": "heart_surgery"}, "needs the regional hospital"),
    ],
)
def test_a_move_that_does_not_fit_the_region_is_refused(mini, change, message):
    with pytest.raises(InputError, match=message):
        replace(MOVE, **change).apply(mini)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"share": 1.5}, "must be from 0 to 1"),
        ({"share": float("nan")}, "must be a number"),
        ({"share": "half"}, "must be a number"),
        ({"share": True}, "must be a number"),
        ({"to": {"dalen": 0.4}}, "add up to 1"),
        ({"to": {}}, "at least one hospital"),
        ({"to": {"fjordby": 1.0}}, "must not name the source"),
        ({"sessions": "maybe"}, "must be one of: move, stay"),
        ({"from_day": 1.5}, "must be a whole number"),
        ({"source": 5001}, "put numbers that are names in quotes"),
        ({"source": False}, "YAML reads no"),
    ],
)
def test_a_move_that_makes_no_sense_is_refused(change, message):
    with pytest.raises(InputError, match=message):
        replace(MOVE, **change)


def test_day_surgery_has_no_beds_to_move(mini):
    with pytest.raises(InputError, match="uses no bed"):
        MoveElective("cataract", "fjordby", {"dalen": 1.0}, share=0.3, beds="move").apply(mini)


def test_a_ward_of_the_specialty_is_needed_at_the_target(mini):
    without = replace(mini, wards=tuple(w for w in mini.wards if w.hospital != "dalen"))
    with pytest.raises(InputError, match="no ward for surgery"):
        MOVE.apply(without)


# --- from_day


def test_a_lever_works_from_its_day_on(mini):
    region = AddKadBeds("mini_kad", 3, from_day=100).apply(mini)
    have = mini.kad_unit("mini_kad").beds
    assert region.kad_unit("mini_kad").beds == have
    assert in_force(region, 99).kad_unit("mini_kad").beds == have
    assert in_force(region, 100).kad_unit("mini_kad").beds == have + 3


def test_later_levers_build_on_earlier_ones_in_any_order(mini):
    early, late = AddKadBeds("mini_kad", 1, from_day=10), AddKadBeds("mini_kad", 5, from_day=50)
    have = mini.kad_unit("mini_kad").beds
    for levers in ((early, late), (late, early)):
        region = Scenario("two", levers).apply(mini)
        found = [in_force(region, day).kad_unit("mini_kad").beds - have for day in (0, 10, 50)]
        assert found == [0, 1, 6]


# --- the others


def test_a_team_joins_the_region_with_places_that_follow_its_staff(mini):
    full = AddAmbulantTeam("geriatric", base="fjordby", municipalities=("9001",), staff_by_weekday=(8,) * 7)
    half = replace(full, staff_by_weekday=(4,) * 7)
    places = [in_force(lever.apply(mini)).teams[-1].places(mini) for lever in (full, half)]
    assert places[1] == pytest.approx(places[0] / 2, abs=1)
    assert in_force(full.apply(mini)).teams[-1].name == "geriatric"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"base": "oslo"}, "must be one of: fjordby, dalen"),
        ({"municipalities": ("5001",)}, "must be one of: 9001, 9002, 9003"),
        ({"target_ages": ("old",)}, "must be one of: 0_66"),
        ({"target_groups": ("children",)}, "must be one of: mental_illness"),
    ],
)
def test_a_team_that_does_not_fit_the_region_is_refused(mini, change, message):
    team = AddAmbulantTeam("geriatric", base="fjordby", municipalities=("9001",))
    with pytest.raises(InputError, match=message):
        replace(team, **change).apply(mini)


def test_two_teams_cannot_share_an_id(mini):
    team = AddAmbulantTeam("geriatric", base="fjordby", municipalities=("9001",))
    with pytest.raises(InputError, match="already has something"):
        Scenario("twice", (team, team)).apply(mini)


@pytest.mark.parametrize(
    "change",
    [
        {"staff_by_weekday": (1, 1, 1)},
        {"staff_by_weekday": (-1,) * 7},
        {"averts_share": 1.2},
        {"minutes_per_visit": 0},
        {"municipalities": ()},
        {"visits_first_day": 0, "visits_last_day": 0},
    ],
)
def test_a_team_that_makes_no_sense_is_refused(change):
    with pytest.raises(InputError):
        AddAmbulantTeam(**{"id": "t", "base": "fjordby", "municipalities": ("9001",), **change})


def test_the_rate_holds_for_all_later_years_and_not_before(mini):
    region = SetPaymentRate(8000, from_day=30).apply(mini)
    old = mini.rates.payment_for(mini.start.year)
    assert in_force(region, 29).rates.payment_for(mini.start.year) == old
    for year in (mini.start.year, mini.start.year + 1, mini.start.year + 20):
        assert in_force(region, 30).rates.payment_for(year) == 8000


def test_a_negative_or_endless_rate_is_refused():
    for rate in (-1, float("inf"), float("nan")):
        with pytest.raises(InputError):
            SetPaymentRate(rate)


def test_closing_more_than_there_is_is_refused(mini):
    have = mini.kad_unit("mini_kad").beds
    assert in_force(AddKadBeds("mini_kad", -have).apply(mini)).kad_unit("mini_kad").beds == 0
    with pytest.raises(InputError, match=f"there are {have}"):
        AddKadBeds("mini_kad", -have - 1).apply(mini)


def test_short_term_places_by_pool_or_by_municipality(mini):
    have = mini.short_term_pool("fjordby_places").places
    for lever in (AddShortTermPlaces("fjordby_places", 2), AddShortTermPlaces(municipality="9001", places=2)):
        assert in_force(lever.apply(mini)).short_term_pool("fjordby_places").places == have + 2
    with pytest.raises(InputError, match="give either"):
        AddShortTermPlaces("fjordby_places", 2, municipality="9001")
    with pytest.raises(InputError, match="must be one of"):
        AddShortTermPlaces("somewhere", 2).apply(mini)


# --- scenarios from YAML

GOOD = {
    "name": "hips",
    "title": {"nb": "Hofter til Dalen"},
    "levers": [
        {
            "lever": "MoveElective",
            "type": "hip_prosthesis",
            "source": "fjordby",
            "to": {"dalen": 1},
            "share": 0.3,
        },
        {"lever": "SetPaymentRate", "nok_per_day": 8000, "from_day": 10},
    ],
}


def test_a_scenario_reads_as_written_and_writes_as_read():
    scenario = scenario_from_mapping(GOOD, "my.yaml")
    assert scenario.levers == (MOVE, SetPaymentRate(8000, from_day=10))
    assert scenario.title_in("nb") == "Hofter til Dalen"
    assert scenario.title_in("en") == "Hofter til Dalen"
    assert Scenario("plain").title_in("nb") == "plain"
    assert scenario_from_mapping(scenario_to_mapping(scenario), "again") == scenario


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"levers": [{"lever": "MoveElectiv"}]}, "did you mean MoveElective"),
        (
            {"levers": [{"lever": "SetPaymentRate", "nok": 1}]},
            r"lever 1 \(SetPaymentRate\), nok: unknown key",
        ),
        ({"levers": [{"lever": "SetPaymentRate"}]}, "nok_per_day: is missing"),
        ({"levers": [{"lever": "SetPaymentRate", "nok_per_day": "8000"}]}, "must be a number"),
        ({"levers": [{"lever": "SetPaymentRate", "nok_per_day": 1, "_target_": "os.system"}]}, "underscore"),
        ({"levers": [{"_target_": "os.system"}]}, "underscore"),
        ({"levers": [{"nok_per_day": 1}]}, "say which lever"),
        ({"levers": {"lever": "SetPaymentRate"}}, "must be a list"),
        ({"levers": "all"}, "must be a list"),
        ({"lever": []}, "did you mean levers"),
        ({"_partial_": True}, "underscore"),
        ({"title": ["Hofter"]}, "mapping of language to text"),
        ({"levers": [{"lever": "SetPaymentRate", "nok_per_day": "8 000,5"}]}, "decimals have a point"),
        ({"title": {"no": "Hofter"}}, "unknown key"),
        ({"name": 7}, "must be text"),
        ({"name": ""}, "must be a name"),
        ({"name": "=HYPERLINK()"}, "must be a name"),
        ({"name": "<script>"}, "must be a name"),
    ],
)
def test_a_scenario_that_says_something_else_is_refused(change, message):
    with pytest.raises(InputError, match=message) as caught:
        scenario_from_mapping({**GOOD, **change}, "my.yaml")
    assert "my.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_error_names_scenario_and_lever(mini):
    scenario = Scenario("too_many", (SetPaymentRate(1), AddKadBeds("mini_kad", -99)))
    with pytest.raises(InputError, match="scenario too_many, lever 2: AddKadBeds, beds: found -99"):
        scenario.apply(mini)


def shipped() -> list[Scenario]:
    """The scenarios that come with capsim."""
    paths = sorted(files("capsim.configs").joinpath("scenario").iterdir(), key=lambda p: p.name)
    scenarios = [scenario_from_mapping(read_plain_yaml(path), path.name) for path in paths]
    assert [f"{s.name}.yaml" for s in scenarios] == [path.name for path in paths]
    return scenarios


@pytest.mark.parametrize("scenario", shipped(), ids=lambda s: s.name)
def test_every_shipped_scenario_fits_a_shipped_region(scenario):
    region = load_region("mini" if scenario.name.startswith("mini") else "midt_norge")
    assert scenario.title_in("nb") != scenario.title_in("en") != scenario.name
    changed = scenario.apply(region)
    assert bool(changed.later) == bool(scenario.levers)
    assert scenario_from_mapping(scenario_to_mapping(scenario), "again") == scenario
    for lever in scenario.levers:
        for language in ("nb", "en"):
            words = lever_text(lever, changed, language)
            assert words.endswith(".")
            assert not set(words) & set("{}")


def test_every_lever_is_in_a_shipped_scenario_and_in_words():
    assert {type(lever).__name__ for s in shipped() for lever in s.levers} == set(LEVERS)
    assert set(SENTENCES) == set(LEVERS)
    further = {tuple(name.split(".")) for name in FURTHER}
    assert all(key in {f.name for f in fields(LEVERS[lever])} for lever, key in further)


def test_nothing_pulled_changes_nothing(mini):
    assert Scenario("nothing").apply(mini) == mini
    zero = in_force(replace(MOVE, share=0.0).apply(mini))
    assert zero.sessions == mini.sessions
    assert expected_volume(zero, "hip_prosthesis") == expected_volume(mini, "hip_prosthesis")
    assert isinstance(zero.sessions[0], Session)


TEAM = {"id": "x", "base": "fjordby", "municipalities": ("9001",)}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: AddKadBeds("mini_kad", 0), "not 0: that changes nothing"),
        (lambda: AddKadBeds("mini_kad", 100_001), "from -100000 to 100000"),
        (lambda: AddShortTermPlaces("fjordby_places"), "places: found 0"),
        (lambda: AddShortTermPlaces(9001, 3), 'municipality="9001"'),
        (lambda: SetPaymentRate(1e7), "from 0 to 1000000"),
        (lambda: SetPaymentRate(1, from_day=40_000), "from_day"),
        (
            lambda: AddAmbulantTeam(**TEAM | {"id": "Mitt team"}),
            "id: found 'Mitt team'; must be an id of lower",
        ),
        (lambda: AddAmbulantTeam(**TEAM | {"id": ""}), "must be an id of lower"),
        (lambda: AddAmbulantTeam(**TEAM, name="=2+5"), "name: found '=2\\+5'; must be a name"),
        (lambda: AddAmbulantTeam(**TEAM, name="a\x07"), "must be a name"),
        (lambda: AddAmbulantTeam(**TEAM | {"municipalities": ("9001", "9001")}), "each municipality once"),
        (lambda: AddAmbulantTeam(**TEAM, staff_by_weekday=(1, 1, 1, 1, 1, 0, 20_000)), "from 0 to 10000"),
        (lambda: AddAmbulantTeam(**TEAM, course_days=0), "more than 0 and at most 36500"),
        (lambda: replace(MOVE, to={"dalen": 1.5}), r"to\.dalen: found 1\.5; must be from 0 to 1"),
        (lambda: Scenario("x", 5), "must be made of"),
        (lambda: Scenario("x", title="En tittel"), "mapping of language to text"),
    ],
)
def test_a_likely_slip_is_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_a_municipality_given_as_a_pool_is_pointed_out(mini):
    with pytest.raises(InputError, match='municipality="9001"'):
        AddShortTermPlaces("9001", 3).apply(mini)


def test_one_lever_needs_no_list():
    assert Scenario("x", SetPaymentRate(1)).levers == (SetPaymentRate(1),)


def test_the_page_of_levers_is_what_its_tool_writes():
    path = Path(__file__).parents[2] / "tools" / "write_lever_docs.py"
    spec = importlib.util.spec_from_file_location("write_lever_docs", path)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    written = tool.lever_docs()
    assert tool.PAGE.read_text(encoding="utf-8") == written, "run: python tools/write_lever_docs.py"
    for cls in LEVERS.values():
        assert all(f"| `{f.name}` | " in written for f in fields(cls))
