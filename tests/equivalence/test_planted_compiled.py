"""The same for the compiled engine: faults planted in its kernel, one at a time, are found.

Compiling each would take half a minute, so the kernel runs uncompiled, in a process of its own that this
test starts (``CAPSIM_KERNEL_IN_PYTHON``).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from capsim.models.kernel import clock, codes, engine, hospital, municipality, queues, ways
from capsim.models.kernel.world import IN_PYTHON
from capsim.models.pathway import Kind, order_key
from tests.equivalence.engines import by_compiled, by_simpy, difference
from tests.equivalence.systems import system
from tests.equivalence.test_planted import Fault, with_fault

SYSTEMS = 40
MODULES = (clock, codes, engine, hospital, municipality, queues, ways)

FAULTS = (
    # the order of events
    Fault("the later event first", "clock.push", "t < when", "t > when"),
    Fault("events at the same time: the larger key first", "clock.push", "k < what", "k > what"),
    Fault("what comes at the end happens", "engine.run", "when >= w.end <<", "when >= w.end + 1 <<"),
    # queues
    Fault("queues: last come first", "queues.append", "w.first[queue] < 0", "True"),
    Fault("waiting lists by id", "hospital.to_list", "w.due[p]", "0"),
    Fault("the clinic by the due date of treatment", "hospital.to_clinic", "w.first_due[p]", "w.due[p]"),
    Fault("waiting lists: the larger id of those due at once", "queues.join",
          "w.entry_patient[base + up] < p", "w.entry_patient[base + up] > p"),
    Fault("the emergency department before the corridor", "hospital.next_acute",
          "while not is_empty(w, ward, CORRIDOR)",
          "while is_empty(w, ward, EMERGENCY) and not is_empty(w, ward, CORRIDOR)"),
    # who may have what
    Fault("guests take the acute reserve", "hospital.has_guest_bed", " + w.acute_reserve[ward]", ""),
    Fault("from home into the places kept free", "ways.from_home", "> w.kept_free[pool]", "> 0"),
    Fault("lists in the same order every day", "engine.sessions", "day % 2 == 0", "True"),
    Fault("an extra place for one who is ill again", "municipality.still_asks",
          " and w.turn[p] == turn", ""),
    Fault("the heir is not told", "municipality.release_place", "w.heir[pool] >= 0", "False"),
    Fault("one start too many a day", "municipality.start_home_care",
          "w.occupied[unit] < w.capacity[unit]", "w.occupied[unit] <= w.capacity[unit]"),
    # time and books
    Fault("boards a second late", "ways.to_hospital", "w.now + w.boarding_limit",
          "w.now + w.boarding_limit + 1"),
    Fault("answers at night", "ways.await_municipality", "round_after(receives, w.ward_round)", "receives"),
    Fault("a course lasts past the readmission", "ways.after_discharge", "min(", "max("),
    Fault("a guest is expected to leave the own ward", "hospital.take_in", "forget(w, of, p)", "pass"),
    Fault("the census counts those on the way", "engine.count", "= w.occupied[first + k]",
          "= w.occupied[first + k] + w.reserved[first + k]"),
)  # fmt: skip

NO_FAULT = Fault(
    "the last woken goes on first",
    "clock.next_woken",
    "w.woken_from = at + 1 if at + 1 < w.n_woken else 0",
    "w.woken_to -= 1; at = w.woken_to",
)
"""The woken only book what was decided, so this changes nothing."""

EXCHANGED = (
    (Kind.LEAVE, Kind.MIDNIGHT),
    (Kind.MIDNIGHT, Kind.CAPACITY),
    (Kind.SESSION, Kind.CLINIC),
    (Kind.PLACE_END, Kind.ASK_MUNICIPALITY),
    (Kind.ASK_MUNICIPALITY, Kind.ARRIVAL),
    (Kind.LEAVE, Kind.BED_TIME),
)


def exchange(a: Kind, b: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of these two kinds of event at the same time, the other one comes first."""
    other = {a: b, b: a}
    for kind, instead in other.items():
        for module in MODULES:
            if hasattr(module, kind.name):
                monkeypatch.setattr(module, kind.name, order_key(instead, 0))


def plant(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    module, name = fault.where.split(".")
    function = getattr(next(m for m in MODULES if m.__name__.endswith(module)), name)
    monkeypatch.setattr(function, "__code__", with_fault(fault, function))


def found_in() -> dict[str, int | None]:
    """The first system in which each planted fault is seen; None if in none."""
    assert IN_PYTHON
    given = [system(seed) for seed in range(SYSTEMS)]
    simpy = [by_simpy(g) for g in given]

    def first() -> int | None:
        for seed, (g, records) in enumerate(zip(given, simpy, strict=True)):
            try:
                same = difference(g, records, by_compiled(g)) is None
            except (IndexError, OverflowError, ValueError):  # compiled code would read what is not there
                same = False
            if not same:
                return seed
        return None

    out = {"nothing": first()}
    for fault in (*FAULTS, NO_FAULT):
        with pytest.MonkeyPatch.context() as monkeypatch:
            plant(fault, monkeypatch)
            out[fault.what] = first()
    for a, b in EXCHANGED:
        with pytest.MonkeyPatch.context() as monkeypatch:
            exchange(a, b, monkeypatch)
            out[f"{a.name} and {b.name} change ranks"] = first()
    return out


def test_faults_planted_in_the_kernel_are_found() -> None:
    """Each of them; and nothing where nothing is planted, which also shows that the kernel says the same
    uncompiled."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.equivalence.test_planted_compiled"],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"CAPSIM_KERNEL_IN_PYTHON": "1"},
    )
    assert ran.returncode == 0, ran.stderr
    seen = json.loads(ran.stdout)
    assert seen.pop("nothing") is None
    assert seen.pop(NO_FAULT.what) is None
    assert len(seen) == len(FAULTS) + len(EXCHANGED)
    assert [what for what, where in seen.items() if where is None] == []


if __name__ == "__main__":
    print(json.dumps(found_in()))
