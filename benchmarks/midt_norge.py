"""One replication-year of midt_norge on the SimPy engine, step by step, with its memory.

    python benchmarks/midt_norge.py [--replications 3]

The goals are 14 seconds and 1.5 GB for a year after 120 days of warm-up, on one core. Seconds differ
between machines, so the event loop is also given as a ratio: its time per event over that of
idiomatic SimPy (``tandem/eng_simpy.py``), measured in turn in the same run.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent / "tandem"))

import eng_simpy

from capsim.analysis.metrics import summarise
from capsim.demand.patients import sample_patients
from capsim.models import invariants
from capsim.models.engine import Simulation
from capsim.models.facilities import facilities_of
from capsim.models.itinerary import itinerary_of
from capsim.models.records import Records
from capsim.region.loading import load_region

GOAL_SECONDS, GOAL_GB = 14.0, 1.5
STEPS = ("sample", "prepare", "event loop", "collect", "check", "metrics")


def peak_gb() -> float:
    """The most memory this process has used, in GB."""
    try:
        import resource
    except ImportError:  # Windows
        return float("nan")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform != "darwin" else peak / 2**30


def one_year(replication: int) -> tuple[list[float], int, int]:
    """Seconds of each step, patients, and events of the loop."""
    region = load_region("midt_norge")
    marks = [time.perf_counter()]

    def mark() -> None:
        marks.append(time.perf_counter())

    patients = sample_patients(region, replication=replication)
    mark()
    facilities = facilities_of(region, -patients.warm_up_days, patients.days)
    plan = itinerary_of(patients, facilities)
    simulation = Simulation(patients, plan, facilities)
    mark()
    simulation.run()
    events = next(simulation.env._eid)  # SimPy numbers its events
    mark()
    records = Records(region, patients, facilities, plan, simulation.stays(), simulation.events())
    simulation.forget()
    mark()
    invariants.check(records)
    mark()
    summarise(records)
    mark()
    return np.diff(marks).tolist(), len(patients), events


def main() -> int:
    """Print the table; the exit code says whether both goals are met."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--replications", type=int, default=3)
    args = parser.parse_args()
    runs, ratios = [], []
    for replication in range(args.replications):
        seconds, patients, events = one_year(replication)
        start = time.perf_counter()
        peer = eng_simpy.run(replication)
        per_event = (time.perf_counter() - start) / peer["events"]
        runs.append(seconds)
        ratios.append(seconds[STEPS.index("event loop")] / events / per_event)
    print(f"midt_norge, 120 + 365 days: {patients} rows of patients, {events} events")
    for step, seconds in zip(STEPS, np.median(runs, axis=0), strict=True):
        print(f"  {step:12s} {seconds:6.2f} s")
    total, memory = float(np.median(np.sum(runs, axis=1))), peak_gb()
    for name, value, goal, unit in (
        ("total", total, GOAL_SECONDS, "s"),
        ("peak memory", memory, GOAL_GB, "GB"),
    ):
        print(f"  {name:12s} {value:6.2f} {unit}  goal {goal:g}: {'met' if value <= goal else 'missed'}")
    print(f"  time per event relative to idiomatic SimPy: {np.median(ratios):.2f}")
    return 0 if total <= GOAL_SECONDS and not memory > GOAL_GB else 1


if __name__ == "__main__":
    sys.exit(main())
