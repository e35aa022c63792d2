"""New processes: what one waits for before anything is simulated, and the first result."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from page import Found, Row, number, table

HERE = Path(__file__).resolve().parent

FIRST_STEPS = ("imports", "loading", "sampling", "simulation", "metrics")
FIRST_RESULT = """
import time
marks = [time.perf_counter()]
from capsim import load_region, sample_patients, simulate
from capsim.analysis.metrics import summarise
marks.append(time.perf_counter())
region = load_region("mini")
marks.append(time.perf_counter())
patients = sample_patients(region)
marks.append(time.perf_counter())
records = simulate(region, patients, "compiled")
marks.append(time.perf_counter())
summarise(records)
marks.append(time.perf_counter())
print(*(b - a for a, b in zip(marks, marks[1:])), flush=True)
"""


def startup(rounds: int) -> Found:
    """New processes: the package, the command's help, the first result; and that without a cache."""
    programs = {
        "import": ["-c", "import capsim"],
        "help": ["-m", "capsim", "--help"],
        "first": ["-c", FIRST_RESULT],
    }
    seconds: dict[str, list[float]] = {name: [] for name in programs}
    said: dict[str, str] = {}
    for replicate in range(-1, rounds):  # the first fills the caches
        for name, program in programs.items():
            took, said[name] = _fresh(program)
            if replicate >= 0:
                seconds[name].append(took)
    with TemporaryDirectory(prefix="capsim-cache-") as empty:
        cold, _ = _fresh(programs["first"], NUMBA_CACHE_DIR=empty)

    def imports(name: str) -> Callable[[], str]:
        return lambda: _import_times(programs[name])

    def steps() -> str:
        inside = [float(word) for word in said["first"].split()]
        total = seconds["first"][-1]
        rows = [*zip(FIRST_STEPS, inside, strict=True), ("starting Python", total - sum(inside))]
        cells = [[name, number(took), f"{took / total:.0%}"] for name, took in rows]
        return (
            f"{table(['step of the last round', 's', 'share'], cells)}\n\n{_import_times(programs['first'])}"
        )

    first = "first compiled result in a new process (load mini, sample, simulate, metrics)"
    rows = (
        Row("`import capsim`", tuple(seconds["import"]), "s", at_most=0.2, why=imports("import")),
        Row("`capsim --help`", tuple(seconds["help"]), "s", at_most=1.0, why=imports("help")),
        Row(first, tuple(seconds["first"]), "s", at_most=1.5, why=steps),
        Row("the same when nothing is compiled yet: once on a machine", (cold,), "s"),
    )
    return Found(rows)


def _fresh(program: Sequence[str], **environment: str) -> tuple[float, str]:
    """Seconds from the start of a new Python until it has said everything (or ended, if it says nothing),
    and what it said. What Python does after that nobody waits for."""
    start = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *program],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=HERE.parent,
        env={**os.environ, **environment},
    ) as process:
        assert process.stdout is not None
        said, took = "", 0.0
        for line in process.stdout:
            said, took = said + line, time.perf_counter() - start
        ended = time.perf_counter() - start
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, program)
    return took if said else ended, said


def _import_times(program: Sequence[str]) -> str:
    """The packages that take longest to import."""
    timed = [sys.executable, "-X", "importtime", *program]
    done = subprocess.run(timed, capture_output=True, text=True, check=True, cwd=HERE.parent)
    own: dict[str, float] = {}
    for microseconds, name in re.findall(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)", done.stderr):
        package = name.partition(".")[0]
        own[package] = own.get(package, 0.0) + int(microseconds) / 1e6
    most = sorted(own, key=own.__getitem__, reverse=True)[:6]
    return table(["imports, by package", "s"], [[f"`{name}`", f"{own[name]:.3f}"] for name in most])
