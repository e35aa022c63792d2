"""The `capsim` command as a planner types it: in a process of its own, from another folder."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import capsim

CAPSIM = [sys.executable, "-c", "from capsim.cli import main; main()"]
MINI = Path(capsim.__file__).parent / "region" / "data" / "mini"
QUICK = ["days=20", "warm_up_days=10", "workers=1"]


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONUTF8": "1", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [*CAPSIM, *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def refused(*arguments: str, cwd: Path) -> str:
    """The one line that the command refuses with."""
    done = run(*arguments, cwd=cwd)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("capsim: ")
    return lines[0]


@pytest.fixture(scope="module")
def tour(tmp_path_factory) -> tuple[subprocess.CompletedProcess[str], Path]:
    """The experiment `mini`, shortened."""
    here = tmp_path_factory.mktemp("tour")
    return run("experiment=mini", "replications=2", "out=result", *QUICK, cwd=here), here


# --- what a run leaves behind


def test_a_study_ends_well_and_writes_everything(tour):
    done, here = tour
    assert done.returncode == 0, done.stderr
    written = {path.name for path in (here / "result").iterdir()}
    assert written >= {
        "study.yaml",
        "manifest.json",
        "metrics.parquet",
        "metrics.csv",
        "comparison.csv",
        "compensation.csv",
        "report.html",
        "charts",
    }
    charts = {path.suffix for path in (here / "result" / "charts").iterdir()}
    assert charts == {".svg", ".png"}
    manifest = json.loads((here / "result" / "manifest.json").read_text(encoding="utf-8"))
    scenarios = ("base", "mini_move_hips", "mini_ambulant_team", "double_payment_rate")
    assert [(r["scenario"], r["replication"]) for r in manifest["runs"]] == [
        (s, r) for s in scenarios for r in range(2)
    ]
    assert all(len(run["records_sha256"]) == 64 for run in manifest["runs"])


def test_the_terminal_shows_a_table_and_where_things_are(tour):
    done, _ = tour
    assert "Dobbel døgnsats" in done.stdout
    assert "Betaler: " in done.stdout
    for name in ("report.html", "comparison.csv", "compensation.csv"):
        assert str(Path("result") / name) in done.stdout
    assert "8/8" in done.stderr


def test_what_would_make_good_is_a_table_for_norwegian_excel(tour):
    _, here = tour
    written = (here / "result" / "compensation.csv").read_bytes()
    assert written.startswith(b"\xef\xbb\xbfscenario;fit;costing;payer;kind;difference_nok;")
    rate = [line for line in written.decode("utf-8-sig").split("\r\n") if line.startswith("double_pay")]
    assert len(rate) == 2 * 8  # costings × (three municipalities, trust, RHF, state, patients, total)
    assert any(",5;" in line for line in rate)


def test_nothing_is_left_beside_the_result(tour):
    _, here = tour
    assert [path.name for path in here.iterdir()] == ["result"]


def test_the_same_command_goes_on_and_gives_the_same(tour):
    _, here = tour

    def state() -> dict[str, str]:
        files = (here / "result").rglob("*.*")
        return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in files if p.is_file()}

    before = state()
    again = run("experiment=mini", "replications=2", "out=result", *QUICK, cwd=here)
    assert again.returncode == 0, again.stderr
    assert state() == before


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to one process")
def test_a_stop_says_how_to_go_on_and_going_on_says_what_is_there(tmp_path):
    # a shell's background job ignores Ctrl-C, and so do its children unless they are told otherwise
    heeds = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    command = [*CAPSIM, "experiment=mini", "replications=12", "out=stopped", *QUICK]
    command[2] = heeds + command[2]
    started = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
    while not any((tmp_path / "stopped").glob("runs/*/*/run.json")):
        assert started.poll() is None
        time.sleep(0.05)
    started.send_signal(signal.SIGINT)
    told = started.communicate(timeout=60)[1].decode()
    assert started.returncode == 130
    assert "finished runs are kept, and the same command with out=stopped goes on from there" in told
    assert "Traceback" not in told
    there = len(list((tmp_path / "stopped").glob("runs/*/*/run.json")))
    again = run("experiment=mini", "replications=12", "out=stopped", *QUICK, cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert f"{there} of 48 runs are there already" in again.stderr


def test_collect_makes_the_tables_and_the_report_again(tour):
    _, here = tour
    (here / "result" / "report.html").unlink()
    (here / "result" / "comparison.csv").unlink()
    done = run("collect", "result", "language=en", cwd=here)
    assert done.returncode == 0, done.stderr
    assert "Double day rate" in done.stdout
    assert (here / "result" / "comparison.csv").exists()
    assert "Double day rate" in (here / "result" / "report.html").read_text(encoding="utf-8")


MY_RATE = "name: my_rate\nlevers:\n  - {lever: SetPaymentRate, nok_per_day: 7000}\n"


def test_a_region_and_a_scenario_of_ones_own_and_a_new_folder_for_the_result(tmp_path):
    shutil.copytree(MINI, tmp_path / "my_region")
    (tmp_path / "my.yaml").write_text(MY_RATE, encoding="utf-8")
    asked = ["region_dir=my_region", "scenario_file=my.yaml", "replications=1", *QUICK]
    done = run(*asked, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"my_region", "my.yaml", "results"}
    (folder,) = (tmp_path / "results").iterdir()
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert [run["scenario"] for run in manifest["runs"]] == ["base", "my_rate"]
    assert "nok_per_day: 7000" in (folder / "study.yaml").read_text(encoding="utf-8")


def test_a_multirun_makes_a_study_of_each_also_from_a_configuration_folder_of_ones_own(tmp_path):
    folder = tmp_path / "mine" / "scenario"
    folder.mkdir(parents=True)
    (folder / "my_rate.yaml").write_text(MY_RATE, encoding="utf-8")
    asked = ["--config-dir", "mine", "region=mini", "replications=1", "out=sweep", *QUICK]
    done = run("-m", *asked, "scenario=mini_move_hips,my_rate", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = {}
    for path in (tmp_path / "sweep").glob("*/manifest.json"):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        found[path.parent.name] = [run["scenario"] for run in manifest["runs"]]
    assert found == {"0_mini_move_hips": ["base", "mini_move_hips"], "1_my_rate": ["base", "my_rate"]}
    (folder / "base.yaml").write_text("name: base\n", encoding="utf-8")
    assert "rename the file" in refused(*asked, "scenario=my_rate", cwd=tmp_path)


def test_a_failing_scenario_gives_exit_code_one_and_the_others_finish(tmp_path):
    broken = (
        "from capsim import models\n"
        "simulate = models.simulate\n"
        "def fails(region, patients, engine):\n"
        "    if region.later: raise RuntimeError('it broke')\n"
        "    return simulate(region, patients, engine)\n"
        "models.simulate = fails\n"
        "from capsim.cli import main; main()\n"
    )
    asked = ["region=mini", "scenario=mini_move_hips", "replications=1", "out=result", *QUICK]
    done = subprocess.run(
        [sys.executable, "-c", broken, *asked], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    assert "mini_move_hips, replication 0 failed: RuntimeError: it broke" in done.stderr
    assert (tmp_path / "result" / "report.html").exists()


def test_a_table_of_levers_says_which_is_dead_with_exit_code_one(tmp_path):
    asked = ["region=mini", "table=levers", "replications=1", "out=result", *QUICK]
    done = run(*asked, "scenario=payment_rate_response", cwd=tmp_path)  # the answer comes after the end
    assert done.returncode == 1, done.stderr
    assert "DØDT" in done.stdout
    assert "1 av 32 tiltak vist; døde: 1." in done.stdout
    assert "capsim: SetResponse is dead" in done.stderr
    done = run("region=mini", "table=levers", "replications=1", "out=rate", "language=en", *QUICK,
               "scenario=double_payment_rate", cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "1 of 32 levers shown; dead: 0." in done.stdout
    assert "Payment for overliggerdøgn" in done.stdout


# --- help, completion, subcommands


def test_help_names_what_can_be_chosen(tmp_path):
    done = run("--help", cwd=tmp_path)
    assert done.returncode == 0
    for word in ("scenario=move_hips", "three_questions", "midt_norge", "region check", "-sc install=bash",
                 "experiment=tour", "municipal_response="):  # fmt: skip
        assert word in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("scenario=mo", "scenario=move_hips"), ("region=mi", "region=midt_norge"), ("experiment=th", "three_")],
)
def test_tab_completes_what_can_be_chosen(tmp_path, typed, offered):
    line = f"capsim {typed}"
    environment = {**os.environ, "COMP_LINE": line, "COMP_POINT": str(len(line))}
    done = subprocess.run(
        [*CAPSIM, "-sc", "query=bash"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert offered in done.stdout


def test_a_region_template_can_be_filled_in_and_checked(tmp_path):
    assert run("region", "template", "mine", cwd=tmp_path).returncode == 0
    assert (tmp_path / "mine" / "region.yaml").exists()
    shutil.copytree(MINI, tmp_path / "good")
    assert run("region", "check", "good", cwd=tmp_path).returncode == 0
    change(
        tmp_path / "good" / "wards.csv", "fjordby_surgery,fjordby,surgery,5,0", "fjordby_surgery,fjord,x,-5,0"
    )
    done = run("region", "check", "good", cwd=tmp_path)
    assert done.returncode == 2
    for word in ("wards.csv", "row 3", "beds", "-5", "fjord"):
        assert word in done.stdout


def test_the_console_script_is_this_command():
    (script,) = importlib.metadata.entry_points(group="console_scripts", name="capsim")
    assert script.value == "capsim.cli:main"


# --- what is refused: one line, exit code 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["+replicatons=3"], ["replicatons", "did you mean replications"]),
        (["scenario=move_hip"], ["scenario", "did you mean move_hips"]),
        (["region=midt_norg"], ["region", "did you mean midt_norge"]),
        (["days=-3"], ["days", "-3", "1 or more"]),
        (["days=1:30"], ["days", "1:30"]),
        (["days=[1"], ["[1"]),
        (["scenario=move_hips", "scenario.levers.0.share=.nan"], ["share", "number"]),
        (["scenario=move_hips", "experiment=mini"], ["either scenario or experiment"]),
        (["scenario=move_hips", "region=mini"], ["source", "stolav", "fjordby"]),
        (["scenario=move_hips", "+scenario._target_=os.system"], ["underscore"]),
        (["collect", "nowhere"], ["nowhere", "no result folder"]),
        (["region", "chek", "x"], ["usage"]),
        (["help"], ["unknown command 'help'", "capsim --help"]),
        (["-m", "hello"], ["unknown command 'hello'"]),
        (["--foo"], ["unrecognized arguments: --foo", "capsim --help"]),
        (["region_dir="], ["region_dir", "name of a folder"]),
        (["region_dir=min æregion"], ["'min æregion'", "folder with region.yaml"]),
        (["scenario_file=a=(b"], ["a=(b", "cannot be read"]),
        (["days=40000"], ["days", "40000", "at most 36500"]),
        (["table=leverz"], ["table", "did you mean levers"]),
        (["scenario=move_hips", "municipal_response=elastic"], ["no scenario changes the rate"]),
        (["scenario=move_hips", "scenario.levers.0.share=0.3"], ["title of its own: scenario.title.nb"]),
        (["replications=æ"], ["found 'replications=æ'", "must be key=value", "quotes"]),
        (["scenario.levers.0.share=0.3"], ["scenario.levers.0.share", "no scenario is chosen"]),
        (["scenario=move_hips", "scenario.levers.9.share=1"], ["levers.9.share", "no such key"]),
        (["scenario=move_hips", "scenario.levers.0.shar=1"], ["levers.0.shar", "no such key"]),
        (["replications=["], ["must be key=value", "'['"]),
        (["scenario=[base,move_hips]"], ["scenario", "[base,move_hips]", "give one scenario"]),
        (["scenario_file=deep.yaml"], ["deep.yaml", "cannot be read"]),
    ],
)
def test_a_command_that_cannot_be_meant(tmp_path, arguments, words):
    line = refused(*arguments, cwd=tmp_path)
    for word in words:
        assert word in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("name: NO\nlevers: []\n", ["my.yaml", "row 1", "NO", "quotes"]),
        (
            "name: x\nlevers:\n  - {lever: AddKadBeds, unit: mini_kad, beds: -99}\n",
            ["lever 1", "beds", "-99"],
        ),
        ("", ["my.yaml", "mapping"]),
    ],
)
def test_a_scenario_file_that_says_something_else(tmp_path, written, words):
    (tmp_path / "my.yaml").write_text(written, encoding="utf-8")
    line = refused("region=mini", "scenario_file=my.yaml", cwd=tmp_path)
    for word in words:
        assert word in line
    assert [path.name for path in tmp_path.iterdir()] == ["my.yaml"]


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("wards.csv", "surgery,5,0", "surgery,-5,0", ["wards.csv", "row 3", "beds", "-5"]),
        ("ages.csv", "41,39", "nan,39", ["ages.csv", "row 2", "acute_per_1000", "nan"]),
        ("groups.csv", "frail,0,0.08", "frail,0,0.28", ["groups.csv", "67_79"]),
        ("travel.csv", "9002,dalen", "9009,dalen", ["travel.csv", "9009"]),
        ("region.yaml", "stretch_after_days: 7", "stretch_after_days: 1:30", ["region.yaml", "1:30"]),
        ("region.yaml", "title: Miniregionen", "title: a\ntitle: b", ["region.yaml", "title"]),
        ("municipalities.csv", "Øyvær", "<b>Øyvær</b>", ["municipalities.csv", "row 4", "name"]),
    ],
)
def test_a_region_that_is_wrong(tmp_path, file, old, new, words):
    shutil.copytree(MINI, tmp_path / "mine")
    change(tmp_path / "mine" / file, old, new)
    line = refused("region_dir=mine", "scenario=base", cwd=tmp_path)
    for word in words:
        assert word in line


def test_an_empty_table_is_refused_and_what_excel_writes_is_read(tmp_path):
    shutil.copytree(MINI, tmp_path / "mine")
    path = tmp_path / "mine" / "wards.csv"
    excel = path.read_text(encoding="utf-8").replace(",", ";").replace("\n", "\r\n")
    path.write_text(excel, encoding="utf-8-sig", newline="")
    ages = tmp_path / "mine" / "ages.csv"
    ages.write_text(
        ages.read_text(encoding="utf-8").replace(",", ";").replace(".", ","), encoding="utf-8-sig", newline=""
    )
    assert run("region", "check", "mine", cwd=tmp_path).returncode == 0
    path.write_text("", encoding="utf-8")
    line = refused("region_dir=mine", "scenario=base", cwd=tmp_path)
    assert "wards.csv" in line
    assert "empty" in line


def test_a_result_folder_that_cannot_be_used(tmp_path):
    (tmp_path / "file").write_text("x")
    asked = ["region=mini", "scenario=base", "replications=1", *QUICK]
    assert "cannot be made" in refused(*asked, f"out={Path('file') / 'out'}", cwd=tmp_path)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "thesis.docx").write_text("x")
    assert "new or empty folder" in refused(*asked, "out=docs", cwd=tmp_path)


# --- paths, pipes and what is missing


def test_paths_may_hold_whatever_a_folder_may(tmp_path):
    shutil.copytree(MINI, tmp_path / "min (æ) region=1")
    (tmp_path / "min, skår.yaml").write_text(MY_RATE, encoding="utf-8")
    out = "Kåre's a=b {1}"
    asked = ["region_dir=min (æ) region=1", "scenario_file=min, skår.yaml", f"out={out}", "replications=1"]
    done = run(*asked, *QUICK, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / out / "report.html").exists()


@pytest.mark.parametrize(
    ("given", "passed_on"),
    [
        (["out=Kåre"], ["out='Kåre'"]),
        (["out=C:\\Users\\Kåre"], ["out='C:\\Users\\Kåre'"]),
        (["out=C:\\new\\"], ["out='C:\\new\\\\'"]),
        (["out='Kåre'", 'region_dir="a b"'], ["out='Kåre'", 'region_dir="a b"']),
        (["region_dir=null", "days=3", "-m"], ["region_dir=null", "days=3", "-m"]),
        (["-m", "scenario_file=æ.yaml,ø.yaml"], ["-m", "scenario_file='æ.yaml','ø.yaml'"]),
        (["-m", "out=choice(a,b)"], ["-m", "out=choice(a,b)"]),
        (["scenario.title.nb=Økt sats, 9"], ["scenario.title.nb='Økt sats, 9'"]),
        (["+scenarios.mine.name=æ"], ["+scenarios.mine.name='æ'"]),
        (["scenario.levers.0.share=0.3"], ["scenario.levers.0.share=0.3"]),
    ],
)
def test_paths_are_put_in_quotes_for_hydra(given, passed_on):
    from hydra.core.override_parser.overrides_parser import OverridesParser

    from capsim.cli import _quoted

    assert _quoted(given) == passed_on
    for before, after in zip(given, passed_on, strict=True):
        if "\\" in before:
            assert OverridesParser.create().parse_override(after).value() == before.removeprefix("out=")


def test_the_version_is_said(tmp_path):
    done = run("--version", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"capsim {capsim.__version__}\n")


def test_collecting_with_missing_runs_gives_exit_code_one(tour, tmp_path):
    _, here = tour
    shutil.copytree(here / "result", tmp_path / "result")
    (tmp_path / "result" / "runs" / "mini_move_hips" / "1" / "run.json").unlink()
    assert run("collect", "result", cwd=tmp_path).returncode == 1


def test_a_reader_who_leaves_and_a_report_that_is_a_folder_end_quietly(tour, tmp_path):
    _, here = tour
    shutil.copytree(here / "result", tmp_path / "result")
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [*CAPSIM, "collect", "result"],
        cwd=tmp_path,
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (1, "")
    (tmp_path / "result" / "report.html").unlink()
    (tmp_path / "result" / "report.html").mkdir()
    assert "report.html" in refused("collect", "result", cwd=tmp_path)
