"""Find by simulation what share of each list's capacity is lost to postponements in midt_norge.

    python tools/settle_sessions.py [passes]

Each pass simulates the base case for two years, writes the shares to tools/midt_norge/lost.csv and
builds the region anew with them. More capacity changes who is postponed, hence several passes; the
last printed table says how long the lists are at the end, relative to the reference.
"""

from __future__ import annotations

import csv
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from capsim.demand.patients import sample_patients
from capsim.models import simulate
from capsim.region.loading import load_region

HERE = Path(__file__).parent
REPLICATIONS, DAYS, SEED = 4, 730, 77  # seeds that no shipped study uses


def measured(replication: int) -> tuple[list[tuple[str, str, str]], np.ndarray]:
    """By list: capacity lost, capacity had, and the length at the end over the reference length."""
    region = load_region("midt_norge")
    patients = sample_patients(region, days=DAYS, seed=SEED, replication=replication)
    records = simulate(region, patients)
    facilities, events = records.facilities, records.events
    inside = events.session_time >= 0
    count = len(facilities.lists)
    which = events.session_list[inside]
    lost = np.bincount(which, events.session_lost[inside], count)
    had = lost + np.bincount(which, events.session_used[inside], count)
    last = np.zeros(count)
    last[events.session_list] = events.session_waiting
    return list(facilities.lists), np.stack([lost, had, last / facilities.reference_length])


def built_with(lists: list[tuple[str, str, str]]) -> np.ndarray:
    """The shares that the region was built with."""
    with (HERE / "midt_norge" / "lost.csv").open(encoding="utf-8", newline="") as file:
        rows = {(r["hospital"], r["specialty"], r["kind"]): float(r["lost"]) for r in csv.DictReader(file)}
    return np.array([rows[name] for name in lists])


def settle() -> None:
    with ProcessPoolExecutor() as pool:
        runs = list(pool.map(measured, range(REPLICATIONS)))
    lists = runs[0][0]
    lost, had, length = np.mean([run[1] for run in runs], axis=0)
    share = (lost / had + built_with(lists)) / 2  # half way, or passes swing from side to side
    with (HERE / "midt_norge" / "lost.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["hospital", "specialty", "kind", "lost"])
        writer.writerows((*name, f"{value:.3f}") for name, value in zip(lists, share, strict=True))
    subprocess.run([sys.executable, str(HERE / "build_midt_norge.py")], check=True)
    for name, value, left in zip(lists, share, length, strict=True):
        print(f"{' '.join(name):45s} lost {value:6.3f}   length at the end {left:5.2f} of the reference")


if __name__ == "__main__":
    for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 1):
        settle()
