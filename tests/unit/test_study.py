"""A study gives the same result however it is run, keeps what is finished, and lists what failed."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from capsim import models
from capsim.demand.patients import sample_patients
from capsim.errors import CapsimError, InputError
from capsim.region.loading import load_region
from capsim.region.region import Region
from capsim.scenarios.levers import AddAmbulantTeam, AddKadBeds, MoveElective, SetPaymentRate
from capsim.scenarios.scenario import Scenario
from capsim.study import executors, store
from capsim.study.plain import content_hash, region_from_plain, region_to_plain
from capsim.study.study import Study, collect_result, load_result

HIPS = Scenario("hips", (MoveElective("hip_prosthesis", "fjordby", {"dalen": 1.0}, share=0.3),))
TEAM = Scenario("team", (AddAmbulantTeam("added", base="fjordby", municipalities=("9001",)),))
RATE = Scenario("rate", (SetPaymentRate(9999, from_day=5),), {"nb": "Høyere døgnsats"})


@pytest.fixture(scope="module")
def mini() -> Region:
    return load_region("mini")


@pytest.fixture(scope="module")
def study(mini) -> Study:
    return Study(mini, [HIPS, TEAM, RATE], replications=3, days=20, warm_up_days=10)


@pytest.fixture(scope="module")
def finished(study, tmp_path_factory):
    return study.run(out=tmp_path_factory.mktemp("finished"), progress=False)


def digests(result) -> dict:
    return {(r["scenario"], r["replication"]): r["records_sha256"] for r in result.runs}


# --- what is asked for


def test_the_base_case_is_always_simulated_first(mini):
    assert [s.name for s in Study(mini, [HIPS]).scenarios] == ["base", "hips"]
    assert [s.name for s in Study(mini, [HIPS, Scenario("base")]).scenarios] == ["base", "hips"]
    assert [s.name for s in Study(mini).scenarios] == ["base"]
    assert Study(mini, HIPS) == Study(mini, [HIPS])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"replications": 0}, "1 or more"),
        ({"replications": 2.0}, "whole number"),
        ({"days": -1}, "1 or more"),
        ({"warm_up_days": -1}, "0 or more"),
        ({"seed": -1}, "0 or more"),
        ({"seed": True}, "whole number"),
        ({"days": 36_501}, "at most 36500"),
        ({"warm_up_days": 10**9}, "at most 36500"),
        ({"replications": 100_001}, "at most 100000"),
        ({"region": "mini"}, "region: found 'mini'; must be a region, as load_region gives it"),
        ({"scenarios": [SetPaymentRate(1)]}, "must be a list of Scenario"),
        ({"scenarios": None}, "must be a list of Scenario"),
        ({"scenarios": [Scenario("nothing")]}, "found 'nothing'; a scenario needs a lever"),
        (
            {"scenarios": [Scenario("late", (SetPaymentRate(1, from_day=20),))], "days": 20},
            r"scenario late, lever 1 \(SetPaymentRate\), from_day: found 20; .* to 19, the last of 20 days",
        ),
        (
            {"scenarios": [Scenario("early", (SetPaymentRate(1, from_day=-11),))], "warm_up_days": 10},
            "from_day: found -11; must be from -10",
        ),
        ({"engine": "warp"}, "must be one of"),
        ({"scenarios": [HIPS, HIPS]}, "a name of its own"),
        ({"scenarios": [Scenario("base", (SetPaymentRate(1),))]}, "no levers"),
        (
            {"scenarios": [Scenario("x", (AddKadBeds("nowhere", 1),))]},
            "scenario x, lever 1: AddKadBeds, unit",
        ),
    ],
)
def test_a_study_that_makes_no_sense_is_refused(mini, change, message):
    with pytest.raises(InputError, match=message):
        Study(**{"region": mini, **change})


def test_workers_must_be_a_number(study):
    with pytest.raises(InputError, match="workers"):
        study.run(workers=0)


def of_csv(folder, name):
    return pd.read_csv(
        folder / f"{name}.csv", sep=";", decimal=",", encoding="utf-8-sig", dtype={"place": str}
    )


def test_the_csv_of_results_holds_each_scenarios_means_once_and_places_by_name(finished):
    table = of_csv(finished.folder, "metrics")
    assert [c for c in table if c != "place_name"] == list(finished.estimate().columns)
    assert set(table["window"]) == {"all"}  # a year and the whole study are the same
    whole = finished.metrics.query("window == 'all'")
    assert len(table) == whole.groupby(["scenario", "place", "by", "group", "result"], observed=True).ngroups
    days = whole.query("result == 'bed_days' and place == 'region' and by == 'all'")
    shown = table.query("result == 'bed_days' and place == 'region' and by == 'all'")
    assert list(shown["scenario"]) == ["base", "hips", "team", "rate"]
    for row in shown.itertuples():
        of_scenario = days[days["scenario"] == row.scenario]["value"]
        assert row.mean == pytest.approx(of_scenario.mean(), rel=1e-14)
        assert row.n == len(of_scenario)
        assert row.low < row.mean < row.high
    names = dict(zip(table["place"], table["place_name"], strict=True))
    assert names["fjordby"] == finished.study.region.hospital("fjordby").name
    assert names["9001"] == finished.study.region.municipality("9001").name
    assert names["region"] == "region"
    assert names["added"] == "added"  # a team that only a scenario has
    comparison = of_csv(finished.folder, "comparison")
    assert list(comparison["place_name"].dropna()) != []
    assert set(comparison["certain"]) <= {"yes", "no"}


def test_two_years_stand_in_the_csv_beside_the_whole(mini, tmp_path):
    Study(mini, replications=1, days=400, warm_up_days=10).run(out=tmp_path, progress=False)
    assert set(of_csv(tmp_path, "metrics")["window"]) == {"all", "year_1", "year_2"}


def test_a_comparison_that_is_none_any_more_does_not_stay(study, finished, tmp_path, monkeypatch):
    shutil.copytree(finished.folder, tmp_path / "again")
    for replication in range(study.replications):
        store.forget_run(tmp_path / "again", "base", replication)
    monkeypatch.setattr(models, "simulate", broken)
    result = study.run(out=tmp_path / "again", progress=False)
    assert {f["scenario"] for f in result.failures} == {"base"}
    assert (tmp_path / "again" / "metrics.csv").exists()
    for name in ("comparison.csv", "compensation.csv"):
        assert (finished.folder / name).exists()
        assert not (tmp_path / "again" / name).exists()


def broken(*_, **__):
    raise CapsimError("broken on purpose")


@pytest.mark.parametrize(
    "damage",
    [{"failures": 3}, {"failures": [{}]}, {"failures": None}, {"runs": [1]}, {"fingerprint": None}],
)
@pytest.mark.parametrize("read", [load_result, collect_result])
def test_a_damaged_manifest_is_refused(finished, tmp_path, damage, read):
    shutil.copytree(finished.folder, tmp_path / "damaged")
    path = tmp_path / "damaged" / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8")) | damage
    path.write_text(json.dumps({k: v for k, v in manifest.items() if v is not None}), encoding="utf-8")
    with pytest.raises(InputError, match=r"manifest\.json is damaged"):
        read(tmp_path / "damaged")


def test_a_damaged_table_and_one_of_another_study_are_refused(mini, finished, tmp_path):
    shutil.copytree(finished.folder, tmp_path / "damaged")
    table = tmp_path / "damaged" / "metrics.parquet"
    table.write_bytes(table.read_bytes()[:100])
    with pytest.raises(InputError, match=r"metrics\.parquet is damaged; `capsim collect`"):
        load_result(tmp_path / "damaged")
    other = replace(finished.study, scenarios=[replace(HIPS, name="other")], replications=1)
    other.run(out=tmp_path / "other", progress=False)
    shutil.copy(tmp_path / "other" / "metrics.parquet", table)
    with pytest.raises(InputError, match="tables of another study"):
        load_result(tmp_path / "damaged")
    assert collect_result(tmp_path / "damaged").metrics.equals(finished.metrics)


def test_a_stop_while_a_table_is_written_comes_after_it():
    """DuckDB answers Ctrl-C with errors of its own, or forgets it."""
    before, done = signal.getsignal(signal.SIGINT), []

    def write() -> None:
        with store._uninterrupted():
            signal.raise_signal(signal.SIGINT)
            done.append("written")

    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            write()
        assert done == ["written"]
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(OSError, match="full"), store._uninterrupted():
            raise OSError("disk full")
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # as in a worker
        with store._uninterrupted():
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)


def test_numpys_numbers_are_numbers(mini):
    assert Study(mini, replications=np.int64(3)) == Study(mini, replications=3)


def test_a_changed_kernel_is_another_code(tmp_path, monkeypatch):
    """Results of an older kernel are not gone on with."""
    package = tmp_path / "capsim"
    shutil.copytree(Path(store.__file__).parent.parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(store, "__file__", str(package / "study" / "store.py"))
    before = store.code_hash.__wrapped__()
    kernel = package / "models" / "kernel" / "queues.py"
    kernel.write_text(kernel.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert store.code_hash.__wrapped__() != before


def test_what_a_notebook_shows_is_told_in_one_line(mini, finished):
    patients = sample_patients(mini, days=2, warm_up_days=1, seed=4)
    table = f"<PatientTable of 'mini': {len(patients)} rows, 2 days from 2024-01-01 after 1 of warm-up, "
    assert repr(patients) == table + "seed 4, replication 0>"
    assert repr(models.simulate(mini, patients)) == f"<Records of {mini!r} and {patients!r}>"
    assert repr(mini) == "<Region 'mini': 2 hospitals, 3 municipalities, 1 phases>"
    assert repr(finished).startswith("<Result of 12 runs of base, hips, team, rate; folder: ")


# --- the same however it is run


def test_the_number_of_workers_changes_nothing(study, finished, tmp_path):
    result = study.run(workers=2, out=tmp_path, progress=False)
    assert digests(result) == digests(finished)
    for name in ("metrics.parquet", "census.parquet", "metrics.csv", "comparison.csv"):
        assert (tmp_path / name).read_bytes() == (finished.folder / name).read_bytes(), name


def test_the_order_of_tasks_changes_nothing(study, finished, tmp_path, monkeypatch):
    in_order = executors.serial

    def shuffled(work, tasks):
        tasks = list(tasks)
        random.Random(1).shuffle(tasks)
        return in_order(work, tasks)

    monkeypatch.setattr(executors, "serial", shuffled)
    result = study.run(out=tmp_path, progress=False)
    assert digests(result) == digests(finished)
    assert (tmp_path / "metrics.parquet").read_bytes() == (finished.folder / "metrics.parquet").read_bytes()


def test_a_scenario_is_the_same_whatever_else_is_studied(mini, study, finished):
    alone = replace(study, scenarios=[HIPS]).run(progress=False)
    for key, digest in digests(alone).items():
        assert digests(finished)[key] == digest


def test_a_rate_without_response_changes_no_patients_way(finished):
    found = digests(finished)
    assert all(found["rate", r] == found["base", r] for r in range(3))
    assert found["hips", 0] != found["base", 0]


def test_patients_are_drawn_once_a_replication(study, monkeypatch):
    from capsim.demand import patients

    drawn = []
    sample = patients.sample_patients
    monkeypatch.setattr(patients, "sample_patients", lambda *a: drawn.append(a[4]) or sample(*a))
    study.run(progress=False)
    assert drawn == [0, 1, 2]


# --- what it hands back


def test_metrics_are_tidy_and_in_the_order_of_the_study(finished):
    columns = "scenario fit replication window place by group result unit value"
    assert list(finished.metrics.columns) == columns.split()
    runs = list(
        dict.fromkeys(zip(finished.metrics["scenario"], finished.metrics["replication"], strict=True))
    )
    assert runs == [(s, r) for s in ("base", "hips", "team", "rate") for r in range(3)]
    assert finished.metrics["value"].notna().all()
    keys = [c for c in finished.metrics.columns if c != "value"]
    assert not finished.metrics.duplicated(keys).any()


def test_the_census_counts_every_midnight(finished, mini):
    assert list(finished.census.columns) == ["scenario", "replication", "day", "hospital", "patients"]
    assert len(finished.census) == 4 * 3 * 20 * len(mini.hospitals)


def test_a_folder_can_be_read_again_and_moved(finished, tmp_path, study):
    moved = tmp_path / "moved"
    finished.folder.rename(moved)
    try:
        again = load_result(moved)
    finally:
        moved.rename(finished.folder)
    assert again.metrics.equals(finished.metrics)
    assert again.census.equals(finished.census)
    assert again.runs == finished.runs
    assert again.study.fingerprint == study.fingerprint
    assert again.compare().equals(finished.compare())
    assert again.study.scenarios[3].title_in("nb") == "Høyere døgnsats"


def test_the_manifest_names_what_made_the_result(finished):
    manifest = json.loads((finished.folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["complete"] is True
    assert manifest["seed"] == 2024
    assert set(manifest["runs"][0]) == {"scenario", "replication", "records_sha256", "seconds"}
    assert len(manifest["runs"]) == 12
    assert len(manifest["region_sha256"]) == 64


def test_csv_files_open_in_norwegian_excel(finished):
    raw = (finished.folder / "comparison.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    header, first = raw.decode("utf-8-sig").split("\r\n")[:2]
    assert header.startswith("scenario;fit;window;")
    assert "," in first
    assert "." not in first.split(";")[8]


def test_nothing_is_kept_on_disk_unless_asked(study, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    result = replace(study, replications=1).run(progress=False)
    assert result.folder is None
    assert len(result.runs) == 4
    assert list(tmp_path.iterdir()) == []


def test_records_are_kept_when_asked(study, tmp_path):
    small = replace(study, scenarios=[], replications=1)
    small.run(out=tmp_path, progress=False)
    place = store.run_folder(tmp_path, "base", 0)
    assert not (place / "records.parquet").exists()
    kept = small.run(out=tmp_path, progress=False, keep_records=True)
    assert (place / "records.parquet").stat().st_size > 1000
    assert (place / "events.parquet").exists()
    assert len(kept.runs) == 1


def test_the_bar_counts_runs_on_stderr(study, capsys):
    replace(study, replications=1).run()
    out, err = capsys.readouterr()
    assert out == ""
    assert "4/4" in err


# --- going on


def test_what_is_finished_is_not_simulated_again(study, finished, monkeypatch):
    monkeypatch.setattr("capsim.models.simulate", None)
    again = study.run(out=finished.folder, progress=False)
    assert again.runs == finished.runs
    assert again.metrics.equals(finished.metrics)


def test_more_replications_are_added_to_those_there_are(study, tmp_path):
    two = replace(study, replications=2).run(out=tmp_path, progress=False)
    three = study.run(out=tmp_path, progress=False)
    seconds = {(r["scenario"], r["replication"]): r["seconds"] for r in three.runs}
    assert all(seconds[r["scenario"], r["replication"]] == r["seconds"] for r in two.runs)
    assert len(three.runs) == 12


def test_another_study_is_not_written_over(study, finished, tmp_path):
    with pytest.raises(InputError, match="holds another study"):
        replace(study, seed=1).run(out=finished.folder, progress=False)
    (tmp_path / "thesis.docx").write_text("ten years of work")
    with pytest.raises(InputError, match="new or empty folder"):
        study.run(out=tmp_path, progress=False)


def test_collecting_again_gives_the_same(study, finished, tmp_path):
    study.run(out=tmp_path, progress=False)
    (tmp_path / "metrics.parquet").unlink()
    with pytest.raises(InputError, match="capsim collect"):
        load_result(tmp_path)
    assert collect_result(tmp_path).metrics.equals(finished.metrics)
    assert (tmp_path / "metrics.parquet").read_bytes() == (finished.folder / "metrics.parquet").read_bytes()


# --- what fails


def test_a_failing_scenario_is_listed_and_the_others_finish(study, tmp_path, monkeypatch):
    from capsim import models

    simulate = models.simulate

    def fails_with_a_team(region, patients, engine):
        if any(len(phase.region.teams) > len(study.region.teams) for phase in region.phases()):
            raise RuntimeError("the team's car broke down")
        return simulate(region, patients, engine)

    monkeypatch.setattr(models, "simulate", fails_with_a_team)
    result = study.run(out=tmp_path, progress=False)
    assert [(f["scenario"], f["replication"]) for f in result.failures] == [("team", r) for r in range(3)]
    assert "the team's car broke down" in result.failures[0]["error"]
    assert set(result.metrics["scenario"]) == {"base", "hips", "rate"}
    assert load_result(tmp_path).failures == result.failures
    monkeypatch.undo()
    whole = study.run(out=tmp_path, progress=False)
    assert whole.failures == []
    assert len(whole.runs) == 12


def test_a_study_without_a_finished_run_says_why(study, tmp_path, monkeypatch):
    monkeypatch.setattr("capsim.models.simulate", lambda *a, **k: 1 / 0)
    with pytest.raises(CapsimError, match="ZeroDivisionError"):
        study.run(out=tmp_path, progress=False)
    with pytest.raises(InputError, match="no finished run"):
        collect_result(tmp_path)


def test_a_task_whose_process_dies_is_given_up_after_three_tries_and_the_others_finish():
    tasks = ["1 + 1", "__import__('os')._exit(9)", "2 + 2", "3 + 3"]
    found = dict(executors.processes(eval, tasks, workers=2))
    assert found == {tasks[0]: 2, tasks[1]: executors.Lost(3), tasks[2]: 4, tasks[3]: 6}


def test_a_script_without_a_guard_is_told_so_however_large_the_region(tmp_path):
    """Each process starts the script anew and dies of it, before it has read what is sent to it."""
    script = tmp_path / "study.py"
    study = "cs.Study(cs.load_region('midt_norge'), [], replications=2, days=1, warm_up_days=1)"
    script.write_text(f"import capsim as cs\n\n{study}.run(workers=2)\n", encoding="utf-8")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert 'under `if __name__ == "__main__":`' in done.stderr.splitlines()[-1]


def test_processes_that_all_die_at_once_are_not_started_for_ever():
    with pytest.raises(CapsimError, match="__main__"):
        list(executors.processes(eval, ["__import__('os')._exit(9)"] * 9, workers=2))


# --- names and regions on disk


def test_no_scenario_name_leads_out_of_the_folder_or_meets_another(tmp_path):
    names = ["base", "Base", "BASE", "../../up", "/etc", "c:\\x", "con", "a=b", "æøå", "ÆØÅ", "x" * 200, ".."]
    places = [store.run_folder(tmp_path, name, 0) for name in names]
    assert len({str(p).lower() for p in places}) == len(names)
    for place in places:
        assert place.resolve().parent.parent == (tmp_path / "runs").resolve()
        assert "=" not in place.parent.name


@pytest.mark.parametrize("name", ["mini", "midt_norge"])
def test_a_region_comes_back_from_disk_as_it_was(name):
    region = load_region(name)
    plain = json.loads(json.dumps(region_to_plain(region)))
    again = region_from_plain(plain)
    assert type(again) is Region
    assert content_hash(region_to_plain(again)) == content_hash(region_to_plain(region))
    assert again.travel_minutes == region.travel_minutes
    assert again.rates == region.rates
    assert again.rules == region.rules


def test_a_changed_region_comes_back_with_its_later_days(mini):
    region = HIPS.apply(mini)
    assert region_from_plain(region_to_plain(region)) == region


def test_a_damaged_result_folder_is_no_result_folder(finished, tmp_path):
    for name in ("manifest.json", "study.yaml", "region.json"):
        path: Path = finished.folder / name
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        try:
            with pytest.raises(InputError, match=name.partition(".")[0]):
                load_result(finished.folder)
        finally:
            path.write_bytes(whole)
    with pytest.raises(InputError, match="is no result folder"):
        load_result(tmp_path)
