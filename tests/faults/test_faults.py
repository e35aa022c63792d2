"""Workers and parents that are killed, files that are damaged, folders that cannot be written."""

from __future__ import annotations

import contextlib
import errno
import json
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from capsim.errors import CapsimError, InputError
from capsim.region.loading import load_region
from capsim.scenarios.levers import MoveElective, SetPaymentRate
from capsim.scenarios.scenario import Scenario
from capsim.study import store
from capsim.study.study import Study

REPLICATIONS = 8
SCENARIOS = (
    Scenario("hips", (MoveElective("hip_prosthesis", "fjordby", {"dalen": 1.0}, share=0.3),)),
    Scenario("rate", (SetPaymentRate(9999),)),
)


@pytest.fixture(scope="module")
def study() -> Study:
    """On the SimPy engine: the compiled one is done before anything can happen to it."""
    return Study(load_region("mini"), SCENARIOS, REPLICATIONS, days=100, warm_up_days=10, engine="simpy")


@pytest.fixture(scope="module")
def undisturbed(study, tmp_path_factory):
    return study.run(out=tmp_path_factory.mktemp("undisturbed"), progress=False)


def digests(result) -> dict:
    return {(r["scenario"], r["replication"]): r["records_sha256"] for r in result.runs}


def wait_for(condition, seconds: float = 300.0):
    """What ``condition`` returns as soon as it is true."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.01)
    raise AssertionError("waited in vain")


def test_a_killed_worker_loses_nothing(study, undisturbed, tmp_path):
    before = set(multiprocessing.active_children())
    killed = []

    def kill_one() -> None:
        # a worker is at work when a run of its replication is on disk and others are not
        wait_for(lambda: list(tmp_path.glob("runs/*/*/run.json")))
        worker = next(p for p in multiprocessing.active_children() if p not in before)
        worker.kill()
        killed.append(worker)

    killer = threading.Thread(target=kill_one)
    killer.start()
    result = study.run(workers=2, out=tmp_path, progress=False)
    killer.join()
    assert killed
    assert result.failures == []
    assert digests(result) == digests(undisturbed)
    assert (tmp_path / "metrics.parquet").read_bytes() == (
        undisturbed.folder / "metrics.parquet"
    ).read_bytes()


SCRIPT = """
import json, sys
from capsim.region.loading import load_region
from capsim.scenarios.scenario import scenario_from_mapping
from capsim.study.study import Study

if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    scenarios = [scenario_from_mapping(s, "test") for s in asked["scenarios"]]
    Study(load_region("mini"), scenarios, asked["replications"], asked["days"], 10, engine="simpy").run(
        workers=2, out=asked["out"], progress=False
    )
"""


@pytest.mark.skipif(sys.platform == "win32", reason="looks for the workers in /proc")
def test_a_killed_parent_takes_its_workers_along_and_the_study_goes_on(study, undisturbed, tmp_path):
    from capsim.scenarios.scenario import scenario_to_mapping

    out, script = tmp_path / "out", tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    asked = {
        "scenarios": [scenario_to_mapping(s) for s in study.scenarios],
        "replications": REPLICATIONS,
        "days": study.days,
        "out": str(out),
    }
    parent = subprocess.Popen([sys.executable, str(script), json.dumps(asked)])
    wait_for(lambda: list(out.glob("runs/*/*/run.json")))
    workers = children_of(parent.pid)
    assert workers
    parent.kill()
    parent.wait()
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), seconds=60)
    already = {p: p.stat().st_mtime_ns for p in out.glob("runs/*/*/run.json")}
    assert len(already) < len(study.scenarios) * REPLICATIONS
    result = study.run(workers=2, out=out, progress=False)
    assert digests(result) == digests(undisturbed)
    assert all(p.stat().st_mtime_ns == written for p, written in already.items())


def children_of(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("harm", [truncate, flip_a_bit, Path.unlink])
@pytest.mark.parametrize("file", ["run.json", "metrics.parquet", "census.parquet"])
def test_a_damaged_run_is_run_again_and_the_others_are_not(study, undisturbed, file, harm):
    folder = undisturbed.folder
    whole = (folder / "metrics.parquet").read_bytes()
    written = {p: p.stat().st_mtime_ns for p in folder.glob("runs/*/*/run.json")}
    place = store.run_folder(folder, "hips", 2)
    harm(place / file)
    result = study.run(out=folder, progress=False)
    assert digests(result) == digests(undisturbed)
    assert (folder / "metrics.parquet").read_bytes() == whole
    again = {p for p, before in written.items() if p.stat().st_mtime_ns != before}
    assert again == {place / "run.json"}


def test_a_half_written_file_is_never_seen(study, tmp_path, monkeypatch):
    def dies(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", dies)
    with pytest.raises(KeyboardInterrupt):
        study.run(out=tmp_path, progress=False)
    assert not list(tmp_path.rglob("*.json"))


def test_a_full_disk_stops_the_study_with_one_line_and_keeps_what_is_finished(study, tmp_path, monkeypatch):
    move, moved = os.replace, []

    def fills_up(source, target):
        moved.append(target)
        if len(moved) > 12:
            raise OSError(errno.ENOSPC, "No space left on device")
        move(source, target)

    small = replace(study, replications=2)
    monkeypatch.setattr(os, "replace", fills_up)
    with pytest.raises(CapsimError, match="No space left on device") as caught:
        small.run(out=tmp_path, progress=False)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.rglob("*.tmp"))
    kept = list(tmp_path.glob("runs/*/*/run.json"))
    assert kept
    monkeypatch.undo()
    assert len(small.run(out=tmp_path, progress=False).runs) == 6


def test_a_folder_that_cannot_be_made_is_one_clear_error(study, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(InputError, match="cannot be made"):
        study.run(out=tmp_path / "file" / "out", progress=False)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_one_clear_error(study, tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(CapsimError, match="cannot be"):
            study.run(out=tmp_path, progress=False)
    finally:
        tmp_path.chmod(0o700)
