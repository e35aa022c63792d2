"""Every goal of performance, measured, as a table and as a page: `make bench` runs this.

    python benchmarks/goals.py [--rounds 5] [--only peers,loop,…] [--page docs/performance.md]

What is compared runs in turn, round by round, so that a slow minute of the machine hits both sides;
a result is the median over the rounds. A missed goal is no error: the page says so, and where the time
goes instead.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import mean, median

sys.path.insert(0, str(Path(__file__).resolve().parent / "tandem"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import blocking_tandem as tandem
import compare
import midt_norge
import waiting_list
from page import Found, Row, Steps, judged, number, over, page, profile, table
from replication import STEPS, arrays_of, bytes_per_patient, engine_seconds, replication
from startup import startup
from workers import workers

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "performance.md"


def per(steps: Steps, patients: int) -> Steps:
    """Seconds of each step per patient."""
    return {step: seconds / patients for step, seconds in steps.items()}


# ---------------------------------------------------------------- the blocking tandem


def peers(rounds: int) -> Found:
    """Whole replications of the tandem, each engine in a process of its own."""
    wanted = ("simpy", "numba", "c", "cimba", "capsim-simpy", "capsim-compiled")
    rows = compare.interleaved([e for e in wanted if not compare.missing(e)], rounds)
    wall = {e: [row["wall"] for row in of] for e, of in rows.items()}
    simpy, compiled, cimba = wall["simpy"], wall["capsim-compiled"], wall.get("cimba", [])

    def where(engine: str) -> Callable[[], str]:
        def steps() -> str:
            return profile(
                {engine: [tandem.by_step(seed, engine=engine)[1] for seed in range(3)]}, 1000, "ms"
            )

        return steps

    seconds = [
        [
            engine,
            f"{median(wall[engine]):.3f}",
            number(median(over(simpy, wall[engine]))),
            f"{median(row['events'] for row in of):,.0f}",
        ]
        for engine, of in rows.items()
    ]
    notes = (
        "Seconds of a replication of the tandem, over all engines. `simpy` is idiomatic SimPy; `numba` and "
        "`c` are bare kernels that only this model fits, without records or laws:",
        table(["engine", "s", "times as fast as simpy", "events"], seconds),
        "The records of capsim's two engines are the same to the last bit for "
        f"{tandem.same_records(3)} of 3 seeds of the tandem. That the outputs agree with idiomatic SimPy's "
        "over many seeds is what `python benchmarks/blocking_tandem.py --agree 60` checks.",
    )
    what = "tandem, whole replication"
    found = (
        Row(
            f"{what}: compiled against idiomatic SimPy",
            over(simpy, compiled),
            at_least=60,
            why=where("compiled"),
        ),
        Row(
            f"{what}: compiled against the fastest peer, cimba with callbacks",
            over(cimba, compiled) if cimba else (),
            at_least=3,
            why=where("compiled"),
            missing=compare.missing("cimba"),
        ),
        Row(
            f"{what}: SimPy engine against idiomatic SimPy",
            over(simpy, wall["capsim-simpy"]),
            at_least=2,
            why=where("simpy"),
        ),
    )
    return Found(found, notes)


def loop(rounds: int) -> Found:
    """The compiled event loop and C, in turn on the same arrays."""
    what = "tandem, event loop: time of the compiled one over that of C -O3, on the same arrays"
    if reason := compare.missing("c"):
        return Found((Row(what, at_most=1.3, missing=reason),))
    runs = tandem.loops(2 * rounds)
    of_c = [run["c"] for run in runs]
    middle = {name: median(run[name] for run in runs) for name in runs[0]}
    least = {name: min(run[name] for run in runs) for name in ("admitted", "left")}

    def why() -> str:
        around = middle["engine"] - middle["loop"]
        return (
            f"The loop takes {1000 * middle['loop']:.0f} ms and C {1000 * middle['c']:.0f} ms. It writes "
            f"{middle['written']:.1f} times per patient, C {middle['written_by_c']:.1f}: the records also "
            "hold when a bed was asked for and given, when the municipality could receive and when it "
            "offered a place. And it reads each of them from a column of its own, since any region's "
            "patients and rules are such columns; C has one record of 40 bytes for all that this one model "
            f"knows of a patient. Making the arrays takes a further {1000 * around:.0f} ms."
        )

    notes = (
        "C and the compiled loop have the same patients, with times in whole seconds: at least "
        f"{least['admitted']:.2%} are admitted and {least['left']:.2%} leave in the same second, over the "
        "seeds. The others follow from two events in one second, which C takes in another order. C's time "
        "includes its working memory, capsim's loop has it ready; capsim's whole engine, which makes all "
        "arrays and reads the events back, is in the second table.",
    )
    rows = (
        Row(what, over([run["loop"] for run in runs], of_c), at_most=1.3, why=why),
        Row(
            "tandem, engine from the itinerary to the stays: time of the compiled one over that of C -O3",
            over([run["engine"] for run in runs], of_c),
        ),
    )
    return Found(rows, notes)


def scale(rounds: int) -> Found:
    """Regions in one simulation: cost per patient."""
    seconds: dict[int, list[float]] = {1: [], 4: [], 16: []}
    with compare.started(["capsim-compiled"]) as ask:
        ask("capsim-compiled", 999, 16)
        for seed in range(rounds):
            for k, of in seconds.items():
                row = ask("capsim-compiled", seed, k)
                of.append(row["wall"] / row["n"])

    def why() -> str:
        runs = {}
        for k in seconds:
            records, steps = tandem.by_step(0, k)
            runs[f"{k} region{'s' if k > 1 else ''}"] = [per(steps, len(records.patients))]
        return profile(runs, 1e6, "µs per patient")

    rows = (
        Row(
            f"tandem, cost per patient: 16 regions in one simulation against {k}",
            over(seconds[16], seconds[k]),
            at_most=1.5,
            why=why,
        )
        for k in (1, 4)
    )
    return Found(tuple(rows))


# ---------------------------------------------------------------- one long list


def waiting(rounds: int) -> Found:
    """A list of 10,000 against one of nearly none."""
    lengths = {"no list": 0, "10,000 waiting": 10_000}
    runs: dict[str, list[Steps]] = {name: [] for name in lengths}
    patients: dict[str, list[int]] = {name: [] for name in lengths}
    treated: dict[str, list[int]] = {name: [] for name in lengths}
    waits: dict[str, list[float]] = {name: [] for name in lengths}
    for replicate in range(-1, rounds):  # the first to warm up
        for name, length in lengths.items():
            region, draw = waiting_list.region(length), {"replication": max(replicate, 0)}
            records, steps = replication(region, "compiled", lambda records: None, **draw)
            if replicate >= 0:
                runs[name].append(steps)
                patients[name].append(len(records.patients))
                treated[name].append(waiting_list.treated(records))
                waits[name].append(waiting_list.mean_waiting(records))
    seconds = {name: [sum(steps.values()) for steps in of] for name, of in runs.items()}

    def ratios(by: Mapping[str, Sequence[float]]) -> tuple[float, ...]:
        none, long = (over(seconds[name], by[name]) for name in lengths)
        return over(long, none)

    def why() -> str:
        each = {name: [per(*one) for one in zip(runs[name], patients[name], strict=True)] for name in lengths}
        return profile(each, 1e6, "µs per patient")

    none, long = (tuple(mean(of[name]) for of in (waits, treated, patients)) for name in lengths)
    notes = (
        f"The lists' lengths, from the records: {long[0]:,.0f} patients on average after a session against "
        f"{none[0]:,.0f}; {long[1]:,.0f} and {none[1]:,.0f} were treated. The cost is divided by the "
        f"patients of the table, {long[2]:,.0f} and {none[2]:,.0f}: those on the long list when the clock "
        f"starts are among them. Divided by those treated it is {number(median(ratios(treated)))} ×.",
    )
    short, full = ([steps["event loop"] for steps in runs[name]] for name in lengths)
    what = "with 10,000 on a waiting list against none"
    rows = (
        Row(f"cost per patient {what}", ratios(patients), at_most=1.2, why=why),
        Row(f"the event loop alone {what}", over(full, short)),
    )
    return Found(rows, notes)


# ---------------------------------------------------------------- midt_norge


def midt(rounds: int) -> Found:
    """midt_norge on both engines, in turn."""
    runs: dict[str, list[Steps]] = {"compiled": [], "simpy": []}
    digests: dict[str, list[str]] = {"compiled": [], "simpy": []}
    midt_norge.one_year(0, "compiled")
    for replicate in range(rounds):
        for engine in runs:
            records, steps = midt_norge.one_year(replicate, engine)
            runs[engine].append(steps)
            digests[engine].append(records.digest())
            patients, held = len(records.patients), bytes_per_patient(records)
            del records
    whole = {engine: [sum(steps.values()) for steps in of] for engine, of in runs.items()}
    alone = {engine: [engine_seconds(steps) for steps in of] for engine, of in runs.items()}
    peaks = {engine: _peak(engine) for engine in runs}
    same = sum(a == b for a, b in zip(*digests.values(), strict=True))
    below = "The table is [below](#midt_norge-step-by-step)."

    def shares() -> str:
        middle = {step: median(steps[step] for steps in runs["compiled"]) for step in STEPS}
        engine = engine_seconds(middle) / sum(middle.values())
        return (
            f"Of the compiled replication the engine is {engine:.0%}. The other {1 - engine:.0%} are what "
            f"the two engines share, and what no engine makes faster. {below}"
        )

    notes = (
        "### midt_norge, step by step",
        f"{patients:,} patients, medians of {rounds} rounds:",
        profile(runs),
        f"The records of the two engines are the same to the last bit in {same} of {rounds} replications. "
        f"The arrays hold {held['table']:.0f} bytes per patient in the table, {held['itinerary']:.0f} in the "
        f"itinerary and {held['stays']:.0f} in the stays: {held['all']:.0f} together.",
    )
    what = "midt_norge, whole replication"
    rows = (
        Row(
            f"{what}, from sampling to metrics (what one waits for): compiled against the SimPy engine",
            over(whole["simpy"], whole["compiled"]),
            at_least=25,
            why=shares,
        ),
        Row(
            "midt_norge, engine alone (from the itinerary to the stays): compiled against the SimPy engine",
            over(alone["simpy"], alone["compiled"]),
            at_least=25,
        ),
        Row(
            f"{what}, SimPy engine",
            tuple(whole["simpy"]),
            "s",
            at_most=midt_norge.GOAL_SECONDS,
            why=lambda: below,
        ),
        Row(
            f"{what}, SimPy engine: most memory of the process",
            (peaks["simpy"],),
            "GB",
            at_most=midt_norge.GOAL_GB,
            why=lambda: "The SimPy engine has a list for each column beside the arrays.",
        ),
        Row(f"{what}, compiled", tuple(whole["compiled"]), "s"),
        Row(f"{what}, compiled: most memory of the process", (peaks["compiled"],), "GB"),
    )
    return Found(rows, notes)


def _peak(engine: str) -> float:
    """GB, in a new process."""
    program = [sys.executable, str(HERE / "midt_norge.py"), "--peak", "--engines", engine]
    return float(subprocess.run(program, capture_output=True, text=True, check=True).stdout)


# ---------------------------------------------------------------- memory


def memory(rounds: int) -> Found:
    """Bytes of the tandem's arrays, which are the same in every round."""
    records, _ = tandem.by_step(0)
    tables = {"table": records.patients, "itinerary": records.itinerary, "stays": records.stays}
    held = bytes_per_patient(records)["all"]

    def why() -> str:
        rows = []
        for text, of in tables.items():
            kinds: dict[str, tuple[list[str], dict[int, int]]] = {}
            for name, array in arrays_of(of):
                names, sizes = kinds.setdefault(str(array.dtype), ([], {}))
                names.append(name)
                sizes[id(array)] = array.nbytes
            for kind, (names, sizes) in kinds.items():
                each = sum(sizes.values()) / len(records.patients)
                if round(each):
                    rows.append([f"{text}, {kind}", f"{len(names)}", f"{each:.0f}", f"{each / held:.0%}"])
        return table(["arrays", "columns", "bytes per patient", "share"], rows)

    what = "tandem, arrays of a replication per patient: table, itinerary (in) and stays (out)"
    return Found((Row(what, (held,), "B", at_most=200, why=why),))


MEASUREMENTS: Mapping[str, Callable[[int], Found]] = {
    "peers": peers,
    "loop": loop,
    "scale": scale,
    "waiting": waiting,
    "midt": midt,
    "workers": workers,
    "memory": memory,
    "startup": startup,
}
LONG = ("midt", "workers")
"""A round of these is a minute: three are enough."""


def main() -> int:
    """Measure, print and write; 0 also when goals are missed."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="of what is short; at most 3 of what is long")
    parser.add_argument("--only", default=",".join(MEASUREMENTS), help="measurements, with commas between")
    parser.add_argument("--page", type=Path, default=PAGE)
    args = parser.parse_args()
    found, began = [], time.perf_counter()
    for name in args.only.split(","):
        found.append(MEASUREMENTS[name](min(args.rounds, 3) if name in LONG else args.rounds))
        for row in found[-1].rows:
            goal = f", goal {row.goal}: {row.verdict.strip('*')}" if row.goal else ""
            print(f"{row.what}: {row.measured}, {row.spread}{goal}", flush=True)
        print(f"… {time.perf_counter() - began:.0f} s", flush=True)
    args.page.write_text(page(found), encoding="utf-8")
    print(f"\n{judged([row for f in found for row in f.rows])}\n\n{args.page.name} is written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
