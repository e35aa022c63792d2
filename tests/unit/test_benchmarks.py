"""The benchmarks run: each workload at a tiny size. Nothing here looks at the clock."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
TINY = {"days": 6, "warm_up_days": 3}


@pytest.fixture(scope="module")
def goals():
    """benchmarks/goals.py, with what it imports; afterwards they are gone, since their names are short."""
    path, known = list(sys.path), set(sys.modules)
    sys.path[:0] = [str(BENCHMARKS), str(BENCHMARKS / "tandem")]
    import goals

    yield goals
    sys.path[:] = path
    for name in set(sys.modules) - known:
        if str(BENCHMARKS) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def test_the_tandem_is_the_same_on_both_engines_and_is_summarised(goals):
    assert goals.tandem.same_records(1, **TINY) == 1
    out = goals.tandem.run(0, k=2, engine="compiled", **TINY)
    assert out["occ"].shape == (10,)
    assert out["n"] > 3000
    assert 0 < out["occ_reg"] < 1


def test_a_replication_step_by_step_is_what_simulate_gives(goals):
    from capsim.models import simulate

    records, steps = goals.tandem.by_step(1, **TINY)
    assert tuple(steps) == goals.STEPS
    assert all(seconds >= 0 for seconds in steps.values())
    assert simulate(goals.tandem.region(1), records.patients).equals(records)


def test_c_has_the_same_patients(goals):
    if reason := goals.compare.missing("c"):
        pytest.skip(reason)
    with goals.compare.c_engine() as folder:
        row = goals.tandem.against_c(ctypes.CDLL(f"{folder}/libkern.so"), 1, **TINY)
    assert row["admitted"] > 0.99
    assert row["left"] > 0.99


@pytest.mark.parametrize("waiting", [0, 10_000])
def test_a_waiting_list_is_as_long_as_asked_for(goals, waiting):
    region = goals.waiting_list.region(waiting)
    records, _ = goals.replication(region, "compiled", lambda records: None, **TINY)
    assert goals.waiting_list.mean_waiting(records) == pytest.approx(waiting, abs=1500)
    assert goals.waiting_list.treated(records) > 1000


def test_arrays_that_columns_share_count_once(goals):
    records, _ = goals.tandem.by_step(1, **TINY)
    held = goals.bytes_per_patient(records)
    assert held["all"] <= held["table"] + held["itinerary"] + held["stays"]
    columns = [array for _, array in goals.arrays_of(records.itinerary)]
    assert len({id(array) for array in columns}) < len(columns)
    assert all(isinstance(array, np.ndarray) for array in columns)


def test_the_page_says_what_is_met_and_why_what_is_missed_is(goals):
    rows = (
        goals.Row("fast", (2.0, 3.0, 4.0), at_least=3),
        goals.Row("slow", (2.0,), "s", at_most=1.5, why=lambda: "It waits."),
        goals.Row("absent", at_least=1, missing="nobody has it"),
        goals.Row("known", (7.0,), "GB"),
    )
    text = goals.page([goals.Found(rows, ("A note.",))])
    assert "1 of 3 goals are met, 1 missed, 1 not measured." in text
    assert "| fast | ≥ 3 × | 3 × | 2–4 (3) | met |" in text
    assert "| slow | ≤ 1.5 s | 2 s | – | **missed** |" in text
    assert "| absent | ≥ 1 × | – | – | not measured: nobody has it |" in text
    assert "### slow\n\n2 s, goal ≤ 1.5 s.\n\nIt waits.\n" in text
    assert "| known | 7 GB | – |" in text
    assert text.endswith("A note.\n")
