"""Results as a table and as the page docs/performance.md."""

from __future__ import annotations

import os
import platform
import re
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from textwrap import fill

from replication import STEPS

Steps = Mapping[str, float]


@dataclass(frozen=True)
class Row:
    """A result: one value a round, and the goal of their median, if it has one. ``why`` is asked only
    if the goal is missed; ``missing`` says why there are no values."""

    what: str
    values: tuple[float, ...] = ()
    unit: str = "×"
    at_least: float | None = None
    at_most: float | None = None
    why: Callable[[], str] | None = None
    missing: str = ""

    @property
    def goal(self) -> str:
        for sign, bound in (("≥", self.at_least), ("≤", self.at_most)):
            if bound is not None:
                return f"{sign} {number(bound)} {self.unit}"
        return ""

    @property
    def measured(self) -> str:
        return f"{number(statistics.median(self.values))} {self.unit}" if self.values else "–"

    @property
    def spread(self) -> str:
        if len(self.values) < 2:
            return "–"
        return f"{number(min(self.values))}–{number(max(self.values))} ({len(self.values)})"

    @property
    def verdict(self) -> str:
        if not self.values:
            return f"not measured: {self.missing}"
        middle = statistics.median(self.values)
        missed = (self.at_least is not None and middle < self.at_least) or (
            self.at_most is not None and middle > self.at_most
        )
        return "**missed**" if missed else "met" if self.goal else ""


@dataclass(frozen=True)
class Found:
    """What a measurement brings: rows, and paragraphs of Markdown that belong to them."""

    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


def over(tops: Sequence[float], bottoms: Sequence[float]) -> tuple[float, ...]:
    """Round by round."""
    return tuple(a / b for a, b in zip(tops, bottoms, strict=True))


def number(value: float) -> str:
    """Three significant digits, without an exponent."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 0.001 else f"{value:.5f}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first are numbers."""
    rule = ["---", *["--:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))


def profile(runs: Mapping[str, Sequence[Steps]], scale: float = 1.0, unit: str = "s") -> str:
    """A table of steps: for each name the median over its runs, times ``scale``, and the share."""
    head, columns = ["step"], []
    for name, steps in runs.items():
        middle = [scale * statistics.median(run[step] for run in steps) for step in STEPS]
        head += [f"{name}, {unit}", "share"]
        columns.append((middle, sum(middle)))
    rows = [
        [step, *(cell for m, total in columns for cell in (number(m[i]), f"{m[i] / total:.0%}"))]
        for i, step in enumerate(STEPS)
    ]
    rows.append(["all", *(cell for _, total in columns for cell in (number(total), "100%"))])
    return table(head, rows)


HEAD = """# Performance

<!-- written by make bench (benchmarks/goals.py); do not edit -->

What is compared ran in turn, round by round, on the same machine; a figure is the median over the rounds,
with the least and the largest beside it. Ratios hold on other machines better than seconds do. `make bench`
measures all of it anew and writes this page.

"""
WORKLOADS = """## What was measured

* **Tandem**: the blocking tandem of `benchmarks/blocking_tandem.py`, 145,000 patients in 455 days. One
  regional and four local hospitals, twelve municipalities with short-term places and KAD beds; whoever needs
  a place keeps the hospital bed until one is free. The peers (`benchmarks/tandem/`) draw and simulate the
  same model with the same parameters; each engine runs in a process of its own that is warm. A whole
  replication of capsim's is sampling, simulation, the conservation laws and the outputs, as a user gets it.
* **C**: `benchmarks/tandem/kern.c`, `gcc -O3 -march=native`, on capsim's own patients.
* **Regions**: 4 and 16 copies of the tandem in one region.
* **Waiting list**: `benchmarks/waiting_list.py`, 400 referrals and as many operations a day on one list; how
  far ahead patients are due makes the list long or short.
* **midt_norge**: the shipped region, a year after 120 days of warm-up, with all metrics.
* **Workers**: the study that `make run` runs, without charts and report.
* **New processes**: from the start of Python until the result is there (`import capsim`: until it has ended).
"""


def machine() -> str:
    """A paragraph on what the figures were measured with."""
    try:
        model = re.findall(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))[0]
    except (OSError, IndexError):
        model = platform.processor() or platform.machine()
    versions = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba", "simpy"))
    python = f"Python {platform.python_version()}"
    return f"Measured on: {model.strip()}, {os.cpu_count()} cores, {platform.system()}, {python}, {versions}."


def wrapped(text: str) -> str:
    """The text with its prose in lines of a page's width; tables and headings stay."""
    blocks = text.split("\n\n")
    prose = re.compile(r"[^|#*<\s]")
    return "\n\n".join(fill(b, 110, break_on_hyphens=False) if prose.match(b) else b for b in blocks)


def judged(rows: Sequence[Row]) -> str:
    cells = [[r.what, r.goal, r.measured, r.spread, r.verdict] for r in rows if r.goal]
    return table(["goal", "", "measured", "least–largest (rounds)", ""], cells)


def page(found: Sequence[Found]) -> str:
    """The page, in Markdown."""
    rows = [row for f in found for row in f.rows]
    goals = [row for row in rows if row.goal]
    missed = [row for row in goals if "missed" in row.verdict]
    unmeasured = [row for row in goals if not row.values]
    parts = [f"{len(goals) - len(missed) - len(unmeasured)} of {len(goals)} goals are met"]
    parts += [f"{len(missed)} missed"] if missed else []
    parts += [f"{len(unmeasured)} not measured"] if unmeasured else []
    also = table(
        ["also measured", "", "least–largest (rounds)"],
        [[r.what, r.measured, r.spread] for r in rows if not r.goal],
    )
    text = f"{HEAD}{machine()}\n\n## Goals\n\n{', '.join(parts)}.\n\n{judged(rows)}\n\n{also}\n\n"
    if missed:
        text += "## Why the missed goals are missed\n\n"
        for row in missed:
            why = row.why() if row.why else ""
            text += f"### {row.what}\n\n{row.measured}, goal {row.goal}.\n\n{why}\n\n"
    notes = "\n\n".join(note for f in found for note in f.notes)
    return wrapped(f"{text}{WORKLOADS}\n{notes}") + "\n"
