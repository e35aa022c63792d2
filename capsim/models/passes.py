"""Passes over many rows that count without arrays in between, for the conservation laws. Compiled when
first imported, and kept on disk where numba finds a folder that it can write to."""

# compiled code: numba infers the types
# mypy: ignore-errors
from __future__ import annotations

import numpy as np
from numba import njit, types

from capsim.kept import kept, read_only
from capsim.models.pathway import DAY, NEVER

__all__ = ["beyond", "disorder", "limits", "present"]

WHOLE, FLAGS, TABLE = read_only(types.int64), read_only(types.boolean), read_only(types.int64, 2)
ANY = 2**62
TURNS = 4  # in one second
COLUMNS = 22  # of times that nothing_out_of_order reads
AT_HAND = 1024


@kept(types.int64(types.UniTuple(WHOLE, COLUMNS), TABLE, TABLE, FLAGS))
def disorder(times: tuple[np.ndarray, ...], steps: np.ndarray, needs: np.ndarray, without: np.ndarray) -> int:
    """Over the pairs of ``times`` that ``steps`` (pairs, 2) name: of how many patients both came, the second
    before the first; and over those of ``needs``: the second without the first, which it needs but for
    some (flags). A few patients at a time, whose times the processor has at hand."""
    violations = 0
    for low in range(0, len(without), AT_HAND):
        high = min(low + AT_HAND, len(without))
        for pair in steps:
            one, next = times[pair[0]][low:high], times[pair[1]][low:high]
            for i in range(high - low):
                violations += (one[i] > next[i]) & (next[i] != NEVER)  # NEVER is before every time
        for pair in needs:
            one, next = times[pair[0]][low:high], times[pair[1]][low:high]
            for i in range(high - low):
                violations += (one[i] == NEVER) & (next[i] != NEVER) & (not without[low + i])
    return violations


@njit(inline="always")
def _since(time: int, days: int) -> int:
    """The first midnight not before ``time``, of those from 0 to ``days``."""
    return min(max((time + DAY - 1) // DAY, 0), days)


@kept(types.UniTuple(types.int64[:, ::1], 2)(WHOLE, WHOLE, WHOLE, *[types.int64] * 3))
def present(
    unit: np.ndarray, start: np.ndarray, end: np.ndarray, count: int, first: int, days: int
) -> tuple[np.ndarray, np.ndarray]:
    """How many of the spans cover the second ``first`` and each one ``days`` long after it, at each of
    ``count`` units, shape (days, count): without and with those who come or go in that very second."""
    least, most = np.zeros((days + 1, count), np.int64), np.zeros((days + 1, count), np.int64)
    for i in range(len(unit)):
        u = unit[i]
        if 0 <= u < count:
            least[_since(start[i] + 1 - first, days), u] += 1
            least[_since(end[i] - first, days), u] -= 1
            most[_since(start[i] - first, days), u] += 1
            most[_since(end[i] + 1 - first, days), u] -= 1
    for day in range(1, days):
        for u in range(count):
            least[day, u] += least[day - 1, u]
            most[day, u] += most[day - 1, u]
    return least[:days], most[:days]


@kept(types.int64[:, ::1](WHOLE, WHOLE, WHOLE, WHOLE, WHOLE, FLAGS, FLAGS, TABLE, types.int64))
def limits(
    unit: np.ndarray,
    start: np.ndarray,
    end: np.ndarray,
    leave: np.ndarray,
    turn: np.ndarray,
    exempt: np.ndarray,
    kept: np.ndarray,
    capacity: np.ndarray,
    first: int,
) -> np.ndarray:
    """Of each span when it begins and ends, as numbers in the order (unit, second, ends before begins,
    turn), and how many there may be then, shape (3, spans): see
    :meth:`capsim.models.holdings.Spans.over`."""
    days, units = capacity.shape
    out = np.empty((3, len(unit)), np.int64)
    for i in range(len(unit)):
        u = unit[i]
        if not 0 <= u < units:
            raise IndexError("no such unit")
        before = u * (days * DAY + 1)
        time = min(max(start[i] - first, 0), days * DAY)
        day = min(time // DAY, days - 1)
        most = capacity[day, u]
        if kept[i] or time == day * DAY:
            most = max(most, capacity[max(day - 1, 0), u])
        out[0, i] = TURNS * (before + time) + turn[i]
        out[1, i] = TURNS * (before + min(max(end[i] - first, 0), days * DAY))
        out[2, i] = ANY if exempt[i] or time == 0 else most - leave[i]
    return out


@kept(types.int64(WHOLE, WHOLE, WHOLE, WHOLE))
def beyond(came: np.ndarray, order: np.ndarray, gone: np.ndarray, limit: np.ndarray) -> int:
    """How many spans began when more were there, they included, than their ``limit``; ``order``: of the
    rows as they came, ``gone`` in order. Those of one unit have gone before those of the next come."""
    left = violations = 0
    for place, i in enumerate(order):
        while left < len(gone) and gone[left] <= came[i]:
            left += 1
        violations += place + 1 - left > limit[i]
    return violations
