"""The closed forms themselves: textbook values, and what must hold between them."""

import math

import pytest

from capsim.errors import InputError
from capsim.queueing import (
    census_mean,
    erlang_b,
    erlang_c,
    mg1,
    mm,
    optimal_places,
    priority_waits_mg1,
    priority_waits_mm,
    unlimited_excess,
)


def test_erlangs_formulas_have_their_textbook_values():
    # by hand: B(2, 1) = (1/2) / (1 + 1 + 1/2) = 1/5; C(2, 1) = 1/5 / (1 - 1/2 x 4/5) = 1/3
    assert erlang_b(2, 1.0) == pytest.approx(1 / 5)
    assert erlang_c(2, 1.0) == pytest.approx(1 / 3)
    # Erlang's tables: 10 lines offered 8 erlang lose 12.2 %
    assert erlang_b(10, 8.0) == pytest.approx(0.12166, abs=1e-5)
    assert erlang_b(0, 3.0) == 1.0


def test_erlang_b_is_stable_for_a_whole_region():
    # the sum it is defined by, in logarithms: a^n / n! over all n
    beds, load = 2000, 1950.0
    log = [n * math.log(load) - math.lgamma(n + 1) for n in range(beds + 1)]
    top = max(log)
    assert erlang_b(beds, load) == pytest.approx(
        math.exp(log[-1] - top) / sum(math.exp(x - top) for x in log)
    )


def test_one_bed_waits_as_the_single_server_formula_says():
    # M/M/1 at load 0.8 with a stay of half a day: Lq = 0.64 / 0.2 = 3.2, W = 3.2 / 1.6 a day = 2 days
    queue = mm(1, 1.6, 0.5)
    assert (queue.delayed, queue.waiting, queue.wait, queue.occupancy) == pytest.approx((0.8, 3.2, 2.0, 0.8))
    assert mg1(1.6, 0.5, 1.0).wait == pytest.approx(queue.wait)


def test_fixed_stays_halve_the_wait():
    assert mg1(1.6, 0.5, 0.0).wait == pytest.approx(mm(1, 1.6, 0.5).wait / 2)


def test_priority_moves_waiting_but_does_not_remove_it():
    # Kleinrock's conservation law: the mean of the waits, weighted by load, is that without priority
    rates, stay, beds = [1.5, 2.0, 1.0], 0.5, 3
    waits = priority_waits_mm(beds, rates, stay)
    assert waits[0] < waits[1] < waits[2]
    without = mm(beds, sum(rates), stay).wait
    assert sum(r * w for r, w in zip(rates, waits, strict=True)) / sum(rates) == pytest.approx(without)
    loads, cvs, stays = [0.3, 0.4], [0.5, 2.0], [0.2, 0.7]
    waits = priority_waits_mg1([load / s for load, s in zip(loads, stays, strict=True)], stays, cvs)
    residual = sum(load * s * (1 + c * c) / 2 for load, s, c in zip(loads, stays, cvs, strict=True))
    together = residual / (1 - 0.7)
    assert sum(load * w for load, w in zip(loads, waits, strict=True)) == pytest.approx(0.7 * together)


def test_one_class_has_no_priority():
    assert priority_waits_mm(3, [4.0], 0.6) == pytest.approx((mm(3, 4.0, 0.6).wait,))
    assert priority_waits_mg1([1.6], [0.5], [0.3]) == pytest.approx((mg1(1.6, 0.5, 0.3).wait,))


def test_the_excess_over_no_beds_is_the_load_and_falls_by_the_chance_of_being_full():
    assert unlimited_excess(0, 3.5) == pytest.approx(3.5)
    # E[(N - 1)+] = a - P(N >= 1)
    assert unlimited_excess(1, 3.5) == pytest.approx(3.5 - (1 - math.exp(-3.5)))


def test_the_census_of_a_steady_rate_is_the_load_and_of_a_wave_has_its_known_peak():
    def remains(s):
        return math.exp(-s / 0.25)

    assert census_mean(lambda t: 8.0, remains, 0.3, 8.0) == pytest.approx(2.0, rel=1e-4)
    # sine of one day, exponential stays of mean s (Eick, Massey and Whitt, eq. 15):
    # m(t) = λ s (1 + b (sin(wt) - w s cos(wt)) / (1 + (w s)²))
    w, b, t = 2 * math.pi, 0.6, 0.4
    ws = w * 0.25
    exact = 2.0 * (1 + b * (math.sin(w * t) - ws * math.cos(w * t)) / (1 + ws**2))
    wave = census_mean(lambda u: 8 * (1 + b * math.sin(w * u)), remains, t, 8.0)
    assert wave == pytest.approx(exact, rel=1e-4)


@pytest.mark.parametrize(("rate", "cost"), [(5000, 700), (5000, 2500), (5000, 4900), (100, 5000)])
def test_the_optimal_number_of_places_has_the_least_cost(rate, cost):
    per_day, stay = 0.9, 20.0
    best = optimal_places(rate, cost, per_day, stay)
    total = {n: cost * n + rate * mm(n, per_day, stay).waiting for n in range(19, 120)}
    assert best == min(total, key=total.__getitem__)


def test_what_has_no_long_run_is_refused():
    for hopeless in (
        lambda: erlang_c(3, 3.0),
        lambda: mm(3, 6.0, 0.5),
        lambda: mg1(2.0, 0.5, 1.0),
        lambda: priority_waits_mm(1, [1.0, 1.0], 0.5),
        lambda: priority_waits_mg1([1.0, 1.0], [0.5, 0.5], [1.0, 1.0]),
    ):
        with pytest.raises(InputError, match="occupancy"):
            hopeless()
    with pytest.raises(InputError, match="place_cost"):
        optimal_places(5000, 0, 1.0, 1.0)
