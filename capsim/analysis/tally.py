"""Counting who is where, and how long they wait, in compiled passes. Imported when it is first used."""

# compiled code: numba infers the types
# mypy: ignore-errors
from __future__ import annotations

import numpy as np
from numba import types

from capsim.kept import kept, read_only

__all__ = ["tally", "waits"]


ROWS, INDEX, FLAGS, WEIGHTS = (read_only(t) for t in (types.int64, types.int32, types.boolean, types.float64))
SIGNATURE = types.void(
    ROWS, INDEX, types.boolean, INDEX, types.boolean, types.int64, FLAGS, WEIGHTS,
    types.int64[::1], types.float64[::1],
)  # fmt: skip


@kept(SIGNATURE)
def tally(who, place, place_of_rows, by, by_of_rows, groups, counts, weight, number, total):
    """Add each row, and its weight, to the cell of its place and group, in the order of the rows.

    ``who``: the patient of each row; ``place`` and ``by``: the index of each patient (or of each row),
    -1 for none, no entries if all are 0; ``counts``: the patients who count, no entries if all do;
    ``weight``: of each row, no entries if none is wanted. ``number`` and ``total``, flat tables of
    (places, groups), are added to.
    """
    for row in range(len(who)):
        p = who[row]
        if len(counts) and not counts[p]:
            continue
        at = 0
        if len(place):
            at = place[row if place_of_rows else p]
        of = 0
        if len(by):
            of = by[row if by_of_rows else p]
        if at < 0 or of < 0:
            continue
        number[at * groups + of] += 1
        if len(weight):
            total[at * groups + of] += weight[row]


WAITS = types.void(INDEX, WEIGHTS, FLAGS, types.float64[:, ::1])
HALF, TENTH = 0.5 + 1e-12, 0.1 + 1e-12


@kept(WAITS)
def waits(cell, duration, observed, found):
    """Median, 90th percentile and restricted mean of the Kaplan-Meier curve of each cell, to the rows of
    ``found`` (cells, 3); NaN where the cohort has not reached it, and for cells where nobody was observed.

    Rows in the order of ``duration``, which is how long at least those wait who are not ``observed``; those
    whose ``cell`` is negative do not count.
    """
    cells = len(found)
    left = np.zeros(cells, dtype=np.int64)
    for row in range(len(cell)):
        if cell[row] >= 0:
            left[cell[row]] += 1
    at_risk, ended = np.zeros(cells, dtype=np.int64), np.zeros(cells, dtype=np.int64)
    time, waiting, seen = np.zeros(cells), np.ones(cells), np.zeros(cells, dtype=np.bool_)
    for row in range(len(cell) + cells):
        last = row >= len(cell)  # the steps that are still open
        c = row - len(cell) if last else cell[row]
        if c < 0:
            continue
        if last or duration[row] != time[c] or at_risk[c] == 0:
            if at_risk[c] > 0:
                waiting[c] *= 1 - ended[c] / at_risk[c]
                if np.isnan(found[c, 0]) and waiting[c] <= HALF:
                    found[c, 0] = time[c]
                if np.isnan(found[c, 1]) and waiting[c] <= TENTH:
                    found[c, 1] = time[c]
            if last:
                if not seen[c]:
                    found[c, 2] = np.nan
                continue
            found[c, 2] += (duration[row] - time[c]) * waiting[c]
            time[c], at_risk[c], ended[c] = duration[row], left[c], 0
        left[c] -= 1
        ended[c] += observed[row]
        seen[c] |= observed[row]
