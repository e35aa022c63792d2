"""What may stand in a configuration and in a scenario file, and what is said of the rest."""

from __future__ import annotations

import pytest

from capsim.config import StudyConfig, read_plain_yaml, study_config
from capsim.errors import InputError


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"replicatons": 3}, "replicatons: unknown key; did you mean replications"),
        ({"_target_": "os.system"}, "_target_: unknown key"),
        ({"days": float("nan")}, "days: found nan"),
        ({"days": True}, "days: found True"),
        ({"days": 365, "years": 1}, "give either days or years"),
        ({"years": 0}, "1 or more"),
        ({"workers": "two"}, "workers: found 'two'"),
        ({"seed": -1}, "0 or more"),
        ({"engine": "simp"}, "did you mean simpy"),
        ({"language": "no"}, "language"),
        ({"language": False}, "language"),
        ({"keep_records": "yes"}, "true or false"),
        ({"out": ""}, "out"),
        ({"region_dir": 5001}, "region_dir"),
        ({"region_dir": ""}, "region_dir: found ''; must be the name of a folder"),
        ({"days": 40_000}, "at most 36500"),
        ({"years": 101}, "at most 100"),
        ({"workers": 1001}, "at most 1000"),
        ({"scenario": {"name": "x"}, "scenario_file": "x.yaml"}, "either scenario or scenario_file"),
        ({"scenarios": ["x"]}, "mapping"),
        ({"municipal_response": "elastc"}, "municipal_response: found 'elastc'; did you mean elastic"),
        ({"hospital_response": True}, "hospital_response"),
        ({"table": "lever"}, "did you mean levers"),
    ],
)
def test_a_configuration_that_cannot_be_meant_is_refused(values, message):
    with pytest.raises(InputError, match=message):
        study_config(values)


def test_a_region_or_scenario_file_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="nowhere"):
        StudyConfig(region_dir="nowhere").study()
    with pytest.raises(InputError, match=r"nowhere\.yaml"):
        StudyConfig(region="mini", scenario_file="nowhere.yaml").study()


def test_the_measured_time_is_one_year_unless_told():
    assert StudyConfig(region="mini").study().days == 365
    assert StudyConfig(region="mini", days=20).study().days == 20
    assert StudyConfig(region="mini", years=3).study().days == 3 * 365


RATE = {
    "name": "rate",
    "title": {"nb": "Dobbel sats", "en": "Double rate"},
    "evidence": {"nb": "Ingen."},
    "levers": [{"lever": "SetPaymentRate", "nok_per_day": 11490}],
}
BEDS = {"name": "beds", "levers": [{"lever": "AddBeds", "ward": "fjordby_medicine", "beds": 2}]}
ANSWER = {"lever": "SetResponse", "municipal": "elastic"}


def test_a_response_runs_each_scenario_that_changes_the_rate_three_times():
    given = {"rate": RATE, "beds": BEDS, "base": {"name": "base"}}
    config = StudyConfig(region="mini", scenarios=given, municipal_response="elastic")
    study = config.study()
    assert [s.name for s in study.scenarios] == ["base", "rate_low", "rate_central", "rate_high", "beds"]
    low, central, high = study.scenarios[1:4]
    assert [s.levers[-1].band for s in (low, central, high)] == ["low", "central", "high"]
    assert {(s.levers[-1].municipal, s.levers[-1].hospitals) for s in (low, high)} == {("elastic", "none")}
    assert low.levers[:-1] == central.levers[:-1]
    assert dict(low.title) == {"nb": "Dobbel sats, lav respons", "en": "Double rate, low response"}
    assert high.evidence == {"nb": "Ingen."}


def test_municipalities_that_minimise_cost_answer_in_every_scenario():
    config = StudyConfig(
        region="mini",
        scenarios={"rate": RATE, "beds": BEDS},
        municipal_response="cost_minimising",
        hospital_response="reporting",
    )
    names = [s.name for s in config.study().scenarios]
    assert names == [
        "base",
        *(f"{name}_{b}" for name in ("rate", "beds") for b in ("low", "central", "high")),
    ]


def test_without_a_response_scenarios_are_as_given():
    names = [s.name for s in StudyConfig(region="mini", scenarios={"rate": RATE}).study().scenarios]
    assert names == ["base", "rate"]


@pytest.mark.parametrize(
    ("scenario", "message"),
    [
        ({**RATE, "levers": [*RATE["levers"], ANSWER]}, "rate has a SetResponse of its own"),
        (BEDS, "no scenario changes the rate"),
    ],
)
def test_a_response_that_cannot_be_meant_is_refused(scenario, message):
    config = StudyConfig(region="mini", scenario=scenario, municipal_response="elastic")
    with pytest.raises(InputError, match=message):
        config.study()


def test_every_core_works_unless_told():
    assert StudyConfig(workers=3).cores == 3
    assert StudyConfig().cores >= 1


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("a: NO", "row 1: YAML reads NO as true or false"),
        ("no: 1", "row 1: YAML reads no as true or false"),
        ("a: 1:30", "row 1: YAML reads 1:30 as another number"),
        ("a: 010", "row 1: YAML reads 010"),
        ("a: 67_79", "row 1: YAML reads 67_79"),
        ("a: 1\na: 2", "row 2: the key a stands twice"),
        ("a: [1, {b: 2, b: 3}]", "the key b stands twice"),
        ("5001: x", "5001 is none; put it in quotes"),
        ("[" * 3000, "nested too deeply"),
        ("to: {orkdal: 1,0}", "decimals have a point"),
        ("a: &x 1\nb: *x", "anchors"),
        ("a: !!python/object/apply:os.system [ls]", "tags"),
        ("a: [", "row 1"),
    ],
)
def test_yaml_that_means_something_else_than_it_says_is_refused(tmp_path, written, message):
    path = tmp_path / "my.yaml"
    path.write_text(written, encoding="utf-8")
    with pytest.raises(InputError, match=message) as caught:
        read_plain_yaml(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_plain_yaml_is_read_as_written(tmp_path):
    path = tmp_path / "my.yaml"
    path.write_text("a: 2024-03-01", encoding="utf-8")
    assert read_plain_yaml(path) == {"a": "2024-03-01"}
    path.write_text("a: 0.5\nb: [1, 0, -3]\nc: {d: 'no'}\ne:\nf: true\ng: æøå\n", encoding="utf-8-sig")
    assert read_plain_yaml(path) == {
        "a": 0.5,
        "b": [1, 0, -3],
        "c": {"d": "no"},
        "e": None,
        "f": True,
        "g": "æøå",
    }
    path.write_bytes(b"a: \xe6\xf8\xe5")
    with pytest.raises(InputError, match="UTF-8"):
        read_plain_yaml(path)
