"""What a scenario changes: means and paired differences from the base, with 95 % intervals.

Replication *r* of a scenario meets the same patients, with the same luck, as replication *r* of the
base. So the difference is taken within each replication, and its interval holds the chance that is
left after that: a change that touches nobody is exactly zero, not nearly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from capsim.errors import InputError, Problem

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

__all__ = [
    "BASE",
    "CONFIDENCE",
    "ENOUGH",
    "Change",
    "Level",
    "changes",
    "compare",
    "estimate",
    "interval",
    "is_certain",
    "levels",
    "money_only",
    "pairs",
    "pairs_in",
    "transfers_in",
]

BASE = "base"
CONFIDENCE = 0.95
# A judgement: counts and waits are skewed, and with fewer pairs than about this many their t-intervals
# exclude zero too often; effects seen in five or six replications were gone in sixteen.
ENOUGH = 8

_PAIR = ["fit", "replication", "window", "place", "by", "group", "result", "unit"]
_RESULT = ["window", "place", "by", "group", "result", "unit"]


class Change(NamedTuple):
    """A row of :func:`compare`: what a scenario does to one result at one place."""

    scenario: str
    window: str
    place: str
    by: str
    group: str
    result: str
    unit: str
    base: float
    value: float
    difference: float
    low: float
    high: float
    n: int

    @property
    def certain(self) -> bool:
        """Whether there are pairs enough and the interval excludes zero."""
        return is_certain(self.low, self.high, self.n)

    @property
    def unchanged(self) -> bool:
        """Whether the difference is exactly zero in every replication."""
        return self.difference == self.low == self.high == 0


class Level(NamedTuple):
    """A row of :func:`estimate`: the mean of one result at one place."""

    scenario: str
    window: str
    place: str
    by: str
    group: str
    result: str
    unit: str
    mean: float
    low: float
    high: float
    n: int


def compare(metrics: pd.DataFrame) -> pd.DataFrame:
    """Mean difference from the base of every result of every other scenario.

    ``metrics`` is the tidy table of a study (one row per scenario, fit, replication, window, place,
    by, group and result; ``value`` in ``unit``). Returns the columns scenario, fit, window, place,
    by, group, result, unit, base, value, difference, low, high, n, certain, in the order of ``metrics``:
    ``base`` and ``value`` are means over the ``n`` replications that both have, ``difference`` is
    the mean of their differences and ``low``–``high`` its 95 % t-interval, NaN when ``n`` < 2;
    ``certain`` as in :func:`is_certain`.

    A result that is undefined on one side of a pair (nobody waited, the team does not exist in the
    base) has no difference: that replication is left out, and so is the row when none is left.
    Raises :class:`InputError` when ``metrics`` has no base.
    """
    keys = ["scenario", "fit", *_RESULT]
    values = {
        "base": ("base", "mean"),
        "value": ("value", "mean"),
        "difference": ("difference", "mean"),
        "spread": ("difference", "std"),
        "n": ("difference", "size"),
    }
    table = _grouped(pairs(metrics), keys, values)
    table = _with_interval(table, "difference")
    table["certain"] = (table["n"] >= ENOUGH) & ((table["low"] > 0) | (table["high"] < 0))  # is_certain
    return table[[*keys, "base", "value", "difference", "low", "high", "n", "certain"]]


def estimate(metrics: pd.DataFrame) -> pd.DataFrame:
    """Mean of every result of every scenario, with its 95 % t-interval over replications.

    Returns the columns scenario, window, place, by, group, result, unit, mean, low, high, n. A
    study over several fits is first averaged over them within each replication, so the interval
    holds chance only. ``low`` and ``high`` are NaN when ``n`` < 2.
    """
    keys = ["scenario", *_RESULT]
    values = metrics
    if metrics["fit"].nunique() > 1:
        values = _grouped(metrics, ["scenario", "replication", *_RESULT], {"value": ("value", "mean")})
    table = _grouped(
        values, keys, {"mean": ("value", "mean"), "spread": ("value", "std"), "n": ("value", "size")}
    )
    return _with_interval(table, "mean")[[*keys, "mean", "low", "high", "n"]]


def changes(metrics: pd.DataFrame) -> list[Change]:
    """The rows of :func:`compare`, one object each."""
    return [Change._make(row) for row in compare(metrics)[list(Change._fields)].itertuples(index=False)]


def levels(metrics: pd.DataFrame) -> list[Level]:
    """The rows of :func:`estimate`, one object each."""
    return [Level._make(row) for row in estimate(metrics)[list(Level._fields)].itertuples(index=False)]


def pairs(metrics: pd.DataFrame) -> pd.DataFrame:
    """Rows of the other scenarios beside the base's value of the same replication: the columns of
    ``metrics``, and ``base`` and ``difference``. Raises :class:`InputError` when there is no base."""
    import numpy as np

    is_base = (metrics["scenario"] == BASE).to_numpy()
    if not is_base.any():
        raise InputError(Problem("metrics", f"a comparison needs the scenario {BASE!r}", column="scenario"))
    key = _numbered(metrics, _PAIR)
    row_of = np.full(key.max() + 1, -1)
    row_of[key[is_base]] = np.flatnonzero(is_base)
    if (row_of >= 0).sum() < is_base.sum():
        raise InputError(Problem("metrics", f"holds a result of {BASE!r} twice", column="scenario"))
    of = row_of[key[~is_base]]  # the base's row of each other one, -1 for none
    paired = metrics[~is_base][of >= 0].reset_index(drop=True)
    base = metrics["value"].to_numpy()[of[of >= 0]]
    return paired.assign(base=base, difference=paired["value"] - base)


def money_only(metrics: pd.DataFrame) -> frozenset[str]:
    """:func:`transfers_in` the comparison of ``metrics``."""
    return transfers_in(compare(metrics))


def transfers_in(comparison: pd.DataFrame) -> frozenset[str]:
    """The scenarios that only move money between payers, of a table that :func:`compare` made.

    Those are the ones whose amounts in kroner differ from the base somewhere while every other
    result, in every replication and at every place, is exactly the base's: a payment rate without a
    response. What they move is a transfer, never a saving.
    """
    differs = (comparison["difference"] != 0) | (comparison["high"] > comparison["low"])
    money = comparison["unit"].str.startswith("nok")
    moved, changed = (set(comparison.loc[differs & which, "scenario"].unique()) for which in (money, ~money))
    return frozenset(moved - changed)


def interval(values: np.ndarray) -> tuple[float, float, float]:
    """Mean of ``values`` (one per replication) and the bounds of its 95 % t-interval, NaN for fewer
    than two."""
    import numpy as np

    n = len(values)
    if n == 0:
        return math.nan, math.nan, math.nan
    mean = float(np.mean(values))
    half = float(_half_width(np.std(values, ddof=1) if n > 1 else math.nan, n))
    return mean, mean - half, mean + half


def is_certain(low: float, high: float, n: int) -> bool:
    """Whether an interval over ``n`` pairs may be called a change: it lies wholly on one side of zero
    and ``n`` is :data:`ENOUGH`. One without bounds (NaN) may not."""
    return n >= ENOUGH and (low > 0 or high < 0)


def pairs_in(metrics: pd.DataFrame) -> int:
    """How many replications the base has in common with any other scenario."""
    is_base = metrics["scenario"] == BASE
    base, others = (set(metrics.loc[rows, "replication"].unique()) for rows in (is_base, ~is_base))
    return len(base & others)


def _grouped(table: pd.DataFrame, keys: Sequence[str], values: Mapping[str, tuple[str, str]]) -> pd.DataFrame:
    """A row for each combination of ``keys``, in the order of ``table``, with each of ``values``: what it
    is called, and of which column it is which statistic."""
    import pandas as pd

    key = _numbered(table, keys)
    found = table.groupby(key, sort=True)[[*dict.fromkeys(column for column, _ in values.values())]]
    first = ~pd.Series(key).duplicated().to_numpy()
    statistics = found.agg(**values)
    return table.loc[first, list(keys)].reset_index(drop=True).join(statistics)


def _numbered(table: pd.DataFrame, keys: Sequence[str]) -> np.ndarray:
    """The number of each row's combination of ``keys``, from 0 in the order in which they appear."""
    import numpy as np
    import pandas as pd

    number, count = np.zeros(len(table), dtype=np.int64), 1
    for name in keys:
        column = table[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            code, size = column.cat.codes.to_numpy(), len(column.cat.categories)
        else:
            code, values = pd.factorize(column)
            size = len(values)
        if count * size >= 2**63:
            number, found = pd.factorize(number)
            count = len(found)
        number = number * size + code
        count *= size
    return pd.factorize(number)[0]


def _with_interval(table: pd.DataFrame, center: str) -> pd.DataFrame:
    """``table`` with ``low`` and ``high`` about ``center``, from its columns ``spread`` and ``n``."""
    half = _half_width(table["spread"].to_numpy(dtype=float), table["n"].to_numpy(dtype=float))
    return table.assign(low=table[center] - half, high=table[center] + half)


def _half_width(spread: Any, n: Any) -> Any:
    """Half of Student's interval for the mean of ``n`` values with standard deviation ``spread``;
    NaN without a degree of freedom."""
    import numpy as np
    from scipy.special import stdtrit

    return stdtrit(n - 1.0, 0.5 + CONFIDENCE / 2) * spread / np.sqrt(n)
