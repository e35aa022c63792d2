"""One replication-year of midt_norge after 120 days of warm-up, step by step, on both engines.

    python benchmarks/midt_norge.py [--engines simpy,compiled] [--replications 3]

The goals of the SimPy engine are 14 seconds and 1.5 GB, on one core. Seconds differ between machines,
so its event loop is also given as a ratio: its time per event over that of idiomatic SimPy
(``tandem/eng_simpy.py``), measured in turn in the same run.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent / "tandem"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import eng_simpy
from replication import STEPS, peak_gb, replication

from capsim.analysis.metrics import summarise
from capsim.models import Records
from capsim.models.pathway import NEVER
from capsim.region.loading import load_region

GOAL_SECONDS, GOAL_GB = 14.0, 1.5


def one_year(number: int, engine: str, **draw: int) -> tuple[Records, dict[str, float]]:
    """Replication ``number``: its records, and seconds by step."""
    return replication(load_region("midt_norge"), engine, summarise, replication=number, **draw)


def happenings(records: Records) -> int:
    """Times in the records that lie inside the run: events of patients, as the peers count theirs."""
    stays = (t for name, t in records.columns().items() if name.startswith("stays.") and t.dtype == np.int64)
    return sum(int(((t != NEVER) & (t >= records.clock_start)).sum()) for t in stays)


def main() -> int:
    """Print the tables; the exit code says whether the SimPy engine meets both goals, where it ran."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--engines", default="simpy,compiled")
    parser.add_argument("--replications", type=int, default=3)
    parser.add_argument("--peak", action="store_true", help="only print the process's peak memory in GB")
    args = parser.parse_args()
    engines = args.engines.split(",")
    if args.peak:
        one_year(0, engines[0])
        print(peak_gb())
        return 0
    good = True
    for engine in engines:
        runs, ratios = [], []
        for number in range(args.replications):
            records, steps = one_year(number, engine)
            patients, events = len(records.patients), happenings(records)
            del records
            start = time.perf_counter()
            peer = eng_simpy.run(number)
            per_event = (time.perf_counter() - start) / peer["events"]
            runs.append([steps[step] for step in STEPS])
            ratios.append(steps["event loop"] / events / per_event)
        total, memory = float(np.median(np.sum(runs, axis=1))), peak_gb()
        print(f"midt_norge, 120 + 365 days, {engine}: {patients} rows of patients, {events} events")
        for step, seconds in zip(STEPS, np.median(runs, axis=0), strict=True):
            print(f"  {step:20s} {seconds:6.2f} s")
        print(f"  {'total':20s} {total:6.2f} s\n  {'peak memory so far':20s} {memory:6.2f} GB")
        print(f"  time per event relative to idiomatic SimPy: {np.median(ratios):.3f}")
        if engine == "simpy":
            good = total <= GOAL_SECONDS and not memory > GOAL_GB
            print(f"  goals {GOAL_SECONDS:g} s and {GOAL_GB:g} GB: {'met' if good else 'missed'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
