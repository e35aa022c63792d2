"""Closed forms of queueing theory: what the simulation must agree with where theory has an answer.

Beds and places are servers, patients customers, a stay the time of service. Rates are per day and
times in days. The textbook is Gross, Shortle, Thompson and Harris, *Fundamentals of Queueing Theory*
(4th ed., 2008), cited as [GH] with its chapter; other sources are named where they are used.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from capsim.errors import InputError, Problem

__all__ = [
    "Queue",
    "census_mean",
    "erlang_b",
    "erlang_c",
    "mg1",
    "mm",
    "optimal_places",
    "priority_waits_mg1",
    "priority_waits_mm",
    "unlimited_excess",
]


@dataclass(frozen=True)
class Queue:
    """A queue in the long run.

    ``delayed``: share of patients who must wait. ``waiting``: mean number who wait. ``wait``: mean
    wait in days, of all patients. ``occupancy``: mean share of the beds in use.
    """

    delayed: float
    waiting: float
    wait: float
    occupancy: float


def _stable(occupancy: float) -> None:
    if occupancy >= 1:
        allowed = "must be below 1: at or above it the queue has no long run"
        raise InputError(Problem("queueing", allowed, column="occupancy", value=occupancy))


def erlang_b(beds: int, load: float) -> float:
    """Share of patients refused when every full unit refuses (M/G/c/c).

    ``load`` is patients a day × mean stay. B(0) = 1, B(n) = a B(n−1) / (n + a B(n−1)): Erlang 1917,
    [GH] ch. 2; the same for every distribution of the stay (insensitivity, Sevastyanov 1957).
    """
    refused = 1.0
    for n in range(1, beds + 1):
        refused = load * refused / (n + load * refused)
    return refused


def erlang_c(beds: int, load: float) -> float:
    """Share of patients who must wait when a full unit lets them queue (M/M/c).

    C = B / (1 − ρ (1 − B)) with ρ = load / beds and B of :func:`erlang_b`; [GH] ch. 2.

    Raises:
        InputError: if the load is not below the number of beds.
    """
    _stable(load / beds)
    refused = erlang_b(beds, load)
    return refused / (1 - load / beds * (1 - refused))


def mm(beds: int, per_day: float, stay_days: float) -> Queue:
    """First come, first served with Poisson arrivals and exponential stays (M/M/c).

    Mean number waiting Lq = C ρ / (1 − ρ), mean wait Lq / λ (Little); [GH] ch. 2.

    Raises:
        InputError: if the load is not below the number of beds.
    """
    load = per_day * stay_days
    occupancy = load / beds
    delayed = erlang_c(beds, load)
    waiting = delayed * occupancy / (1 - occupancy)
    return Queue(delayed, waiting, waiting / per_day, occupancy)


def mg1(per_day: float, stay_days: float, cv: float) -> Queue:
    """One bed, Poisson arrivals, stays of any distribution with coefficient of variation ``cv`` (M/G/1).

    Wait = ρ s (1 + cv²) / (2 (1 − ρ)): Pollaczek and Khinchine 1930/32; [GH] ch. 5.

    Raises:
        InputError: if the load is not below one.
    """
    occupancy = per_day * stay_days
    _stable(occupancy)
    wait = occupancy * stay_days * (1 + cv**2) / (2 * (1 - occupancy))
    return Queue(occupancy, per_day * wait, wait, occupancy)


def priority_waits_mg1(
    per_day: Sequence[float], stay_days: Sequence[float], cv: Sequence[float]
) -> tuple[float, ...]:
    """Mean wait in days of each class at one bed; earlier classes go first, nobody is interrupted.

    W_k = W_0 / ((1 − σ_{k−1}) (1 − σ_k)), W_0 = Σ λ_i E[S_i²] / 2, σ_k = Σ_{i≤k} λ_i s_i: Cobham,
    *Operations Research* 2 (1954) 70–76; [GH] ch. 3.

    Raises:
        InputError: if the classes together leave no free time.
    """
    loads = [rate * stay for rate, stay in zip(per_day, stay_days, strict=True)]
    in_progress = sum(
        load * stay * (1 + c**2) / 2 for load, stay, c in zip(loads, stay_days, cv, strict=True)
    )
    return _cobham(in_progress, loads)


def priority_waits_mm(beds: int, per_day: Sequence[float], stay_days: float) -> tuple[float, ...]:
    """Mean wait in days of each class at several beds with one exponential stay for all classes.

    As :func:`priority_waits_mg1` with W_0 = C s / c, C of :func:`erlang_c` for all classes
    together: Cobham 1954; [GH] ch. 3.

    Raises:
        InputError: if the load is not below the number of beds.
    """
    load = sum(per_day) * stay_days
    in_progress = erlang_c(beds, load) * stay_days / beds
    return _cobham(in_progress, [rate * stay_days / beds for rate in per_day])


def _cobham(in_progress: float, shares: Sequence[float]) -> tuple[float, ...]:
    _stable(sum(shares))
    waits, before = [], 0.0
    for share in shares:
        waits.append(in_progress / ((1 - before) * (1 - before - share)))
        before += share
    return tuple(waits)


def unlimited_excess(beds: int, load: float) -> float:
    """Mean number of patients above ``beds`` where beds never run out, E[(N − c)⁺] (M/G/∞).

    The census N is Poisson with mean and variance ``load``, whatever the stay's distribution ([GH]
    ch. 5), so that E[(N − c)⁺] = a − c + Σ_{n<c} (c − n) P(N = n).
    """
    below, chance = 0.0, math.exp(-load)
    for n in range(beds):
        below += (beds - n) * chance
        chance *= load / (n + 1)
    return load - beds + below


def census_mean(
    per_day: Callable[[float], float],
    remains: Callable[[float], float],
    day: float,
    longest_days: float,
    steps_per_day: int = 1440,
) -> float:
    """Mean census, and its variance, at the time ``day`` where beds never run out and patients
    come at the rate ``per_day(t)`` (M_t/G/∞).

    ``remains(s)`` is the share of stays longer than s days, taken as zero beyond ``longest_days``.
    m(t) = ∫ λ(t − s) P(S > s) ds, and the census is Poisson: Eick, Massey and Whitt, *Operations
    Research* 41 (1993) 731–742. The integral is a midpoint sum.
    """
    step = 1 / steps_per_day
    lags = ((i + 0.5) * step for i in range(math.ceil(longest_days * steps_per_day)))
    return step * sum(per_day(day - lag) * remains(lag) for lag in lags)


def optimal_places(rate: float, place_cost: float, per_day: float, stay_days: float) -> int:
    """How many places a municipality buys that pays ``rate`` for each day somebody waits and
    ``place_cost`` for each place and day: the smallest n with rate × (Lq(n) − Lq(n + 1)) < cost.

    Lq is the mean number waiting of :func:`mm`, convex in n (Dyer and Proll, *Management Science* 23
    (1977) 1022–1023), so the first n that satisfies it has the least total cost.

    Raises:
        InputError: if a place costs nothing.
    """
    if place_cost <= 0:
        raise InputError(Problem("queueing", "must be above 0", column="place_cost", value=place_cost))
    n = math.floor(per_day * stay_days) + 1
    while rate * (mm(n, per_day, stay_days).waiting - mm(n + 1, per_day, stay_days).waiting) >= place_cost:
        n += 1
    return n
