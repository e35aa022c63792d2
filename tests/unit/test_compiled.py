"""Which engine runs, and the compiled one's program: what it is made of, where it is kept."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import capsim
from capsim.demand.patients import PatientTable
from capsim.errors import InputError, InvariantError
from capsim.models import ways
from capsim.models.clock import Process
from capsim.models.engine import Simulation
from capsim.models.kernel import codes, program
from capsim.models.kernel.world import ARRAYS, NUMBERS, World
from capsim.region.region import Region
from tests.regions import exponential, queue_region

SIMULATE = """
import sys
import capsim
region = capsim.load_region("mini")
patients = capsim.sample_patients(region, days=40, warm_up_days=20)
print(capsim.simulate(region, patients, engine=sys.argv[1]).digest())
"""


def world_of_queue() -> tuple[Region, PatientTable]:
    region = queue_region(2, acute_per_day=1.0, stay=exponential(2.0))
    return region, capsim.sample_patients(region, days=30, warm_up_days=0)


def simulated_elsewhere(engine: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SIMULATE, engine],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | environment,
    )


def test_auto_is_the_compiled_engine(monkeypatch):
    ran = []
    monkeypatch.setattr(program, "run", lambda world: ran.append(world))
    region, patients = world_of_queue()
    with pytest.raises(InvariantError):  # nothing ran: nobody came
        capsim.simulate(region, patients)
    assert len(ran) == 1


class Ambulance(Simulation):
    """A pathway of one's own: nobody comes without an ambulance, which takes an hour."""

    def way(self, p: int, stream: int) -> Process:
        yield self.until(self.env.now + 3600, codes.ARRIVAL + p)
        yield from ways.to_hospital(self, p)


def test_a_pathway_of_ones_own_runs_on_simpy():
    region, patients = world_of_queue()
    records = capsim.simulate(region, patients, pathway=Ambulance)
    asked = records.stays.asked[records.stays.asked >= 0]
    assert len(asked)
    np.testing.assert_array_equal(asked, records.stays.arrived[records.stays.asked >= 0] + 3600)


@pytest.mark.parametrize(
    ("engine", "pathway", "allowed"), [("compiled", Ambulance, "simpy or auto"), ("fast", None, "compiled")]
)
def test_an_engine_that_cannot_is_refused(engine, pathway, allowed):
    region, patients = world_of_queue()
    with pytest.raises(InputError, match=allowed):
        capsim.simulate(region, patients, engine=engine, pathway=pathway)


def test_what_is_no_region_and_no_pathway_is_refused():
    region, patients = world_of_queue()
    with pytest.raises(InputError, match="simulate, region: found 'mini'; must be a region"):
        capsim.simulate("mini", patients)
    for regions in (("mini",), (region, 30, 0, 1, 0, ["mini"])):
        with pytest.raises(InputError, match="sample_patients, region: found 'mini'; must be a region"):
            capsim.sample_patients(*regions)
    for pathway in (int, Simulation.way):
        with pytest.raises(InputError, match="must be a subclass of"):
            capsim.simulate(region, patients, pathway=pathway)


def test_uncompiled_the_kernel_gives_the_same_records():
    """Also that nothing is written to what is shared: Python refuses where compiled code would not."""
    uncompiled = simulated_elsewhere("compiled", CAPSIM_KERNEL_IN_PYTHON="1")
    assert uncompiled.stdout == simulated_elsewhere("simpy").stdout
    assert "compiling" not in uncompiled.stderr


def arrays() -> dict[str, np.ndarray]:
    return {name: np.zeros(1, dtype=dtype) for name, dtype in ARRAYS.items()}


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a.pop("left"),
        lambda a: a.update(another=np.zeros(1)),
        lambda a: a.update(left=np.zeros(1, dtype=np.int32)),
        lambda a: a.update(left=np.zeros(4, dtype=np.int64)[::2]),
    ],
)
def test_a_world_of_other_arrays_is_refused(change):
    wrong = arrays()
    change(wrong)
    with pytest.raises(TypeError, match=r"left|another"):
        World(wrong, dict.fromkeys(NUMBERS, 0))


def test_the_program_is_known_by_all_it_is_made_of(monkeypatch, tmp_path):
    before = program.fingerprint()
    monkeypatch.setattr(codes, "LEAVE", codes.LEAVE + 1)
    assert program.fingerprint() != before, "a rank of the pathway"
    monkeypatch.undo()
    for source in program.HERE.glob("*.py"):
        (tmp_path / source.name).write_bytes(source.read_bytes())
    monkeypatch.setattr(program, "HERE", tmp_path)
    assert program.fingerprint() == before
    with (tmp_path / "hospital.py").open("a") as hospital:
        hospital.write("# a change\n")
    assert program.fingerprint() != before, "a module that is called"


def test_the_program_is_kept_where_it_can_be(monkeypatch, tmp_path):
    monkeypatch.setattr(program, "user_cache_dir", lambda *_, **__: str(tmp_path / "users"))
    monkeypatch.setattr(program, "HERE", tmp_path / "installed")
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    beside = program._folder()
    assert beside is not None
    assert beside.parent == tmp_path / "installed" / "__pycache__"
    older = beside.parent / "capsim-older"
    older.mkdir()
    assert program._folder() == beside
    assert not older.exists()

    monkeypatch.setattr(program, "HERE", tmp_path / "read_only")
    (tmp_path / "read_only").write_text("no folder can be made in a file")
    users = program._folder()
    assert users is not None
    assert users.parent == tmp_path / "users"

    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "given"))
    given = program._folder()
    assert given is not None
    assert given.parent == tmp_path / "given"

    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "read_only"))
    assert program._folder() is None


COUNT = """
import numpy as np
from capsim.analysis.tally import waits
found = np.full((1, 3), np.nan)
found[0, 2] = 0
waits(np.zeros(4, np.int32), np.array([1.0, 2.0, 3.0, 4.0]), np.ones(4, bool), found)
print(found)
"""


@pytest.mark.parametrize("kind", ["*.nbi", "*.nbc"])
def test_a_damaged_pass_is_compiled_anew(tmp_path, kind):
    def counted() -> str:
        environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
        done = subprocess.run([sys.executable, "-c", COUNT], capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    first = counted()
    assert first == "[[2.  4.  2.5]]\n"
    whole = {path: path.stat().st_size for path in tmp_path.rglob(kind)}
    assert whole
    for path in whole:
        path.write_bytes(path.read_bytes()[:50])
    assert counted() == first
    assert {path: path.stat().st_size for path in tmp_path.rglob(kind)} == whole  # kept again


@pytest.mark.slow
def test_a_program_is_compiled_once(tmp_path):
    """The notice is one line, and the next process finds the program."""
    folder = str(tmp_path)
    first = simulated_elsewhere("compiled", NUMBA_CACHE_DIR=folder)
    assert first.stderr.splitlines() == [program.NOTICE]
    second = simulated_elsewhere("compiled", NUMBA_CACHE_DIR=folder)
    assert second.stderr == ""
    assert second.stdout == first.stdout
    assert len(list(Path(folder).glob("capsim-*"))) == 1
    # what a full disk or a lost connection leaves: both the program and the passes are made anew
    for kept in (*tmp_path.rglob("*.nbc"), *tmp_path.rglob("*.nbi")):
        kept.write_bytes(kept.read_bytes()[:100])
    third = simulated_elsewhere("compiled", NUMBA_CACHE_DIR=folder)
    assert third.stderr.splitlines() == [program.NOTICE]
    assert third.stdout == first.stdout
    assert simulated_elsewhere("compiled", NUMBA_CACHE_DIR=folder).stderr == ""
