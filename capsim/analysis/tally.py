"""Counting who is where, in one compiled pass. Imported when it is first used."""

# compiled code: numba infers the types
# mypy: ignore-errors
from __future__ import annotations

from numba import njit, types

__all__ = ["tally"]


def _read(of):
    return types.Array(of, 1, "C", readonly=True)


ROWS, INDEX, FLAGS, WEIGHTS = (_read(t) for t in (types.int64, types.int32, types.boolean, types.float64))
SIGNATURE = types.void(
    ROWS, INDEX, types.boolean, INDEX, types.boolean, types.int64, FLAGS, WEIGHTS,
    types.int64[::1], types.float64[::1],
)  # fmt: skip


def _tally(who, place, place_of_rows, by, by_of_rows, groups, counts, weight, number, total):
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


try:
    tally = njit(SIGNATURE, cache=True)(_tally)
except RuntimeError:  # no folder to keep it in
    tally = njit(SIGNATURE)(_tally)
