"""Paired differences: a replication is compared with itself, and nothing else."""

import numpy as np
import pandas as pd
import pytest

from capsim.analysis.comparison import changes, compare, estimate, is_certain, money_only, pairs, pairs_in
from capsim.errors import InputError


def metrics(values, result="overliggerdogn", unit="days", place="region", fit=0):
    """A tidy table from {scenario: [value in replication 0, 1, …]}; None leaves the row out."""
    rows = [
        (scenario, fit, r, "all", place, "all", "all", result, unit, value)
        for scenario, series in values.items()
        for r, value in enumerate(series)
        if value is not None
    ]
    columns = ["scenario", "fit", "replication", "window", "place", "by", "group", "result", "unit", "value"]
    return pd.DataFrame(rows, columns=columns)


def test_difference_and_interval_are_those_worked_out_by_hand():
    # differences -1, -2, -6: mean -3, standard deviation √7, t(2; 0.975) = 4.302653,
    # half-width 4.302653 × √(7/3) = 6.572411
    table = compare(metrics({"base": [10.0, 20.0, 30.0], "team": [9.0, 18.0, 24.0]}))
    columns = "scenario fit window place by group result unit base value difference low high n certain"
    assert " ".join(table.columns) == columns
    row = table.iloc[0]
    assert (row.base, row.value, row.difference, row.n) == (20.0, 17.0, -3.0, 3)
    assert row.low == pytest.approx(-3 - 6.572411, abs=1e-5)
    assert row.high == pytest.approx(-3 + 6.572411, abs=1e-5)


def test_pairing_sees_a_change_that_unpaired_noise_would_hide():
    noise = [100.0, 300.0, 50.0, 220.0]
    table = compare(
        metrics({"base": noise, "team": [v - d for v, d in zip(noise, [5, 6, 5, 6], strict=True)]})
    )
    assert table.high.item() < 0


def test_certain_is_the_same_in_the_table_as_row_by_row():
    noise = list(np.random.default_rng(2).normal(size=9))
    for n, shift in ((9, 5.0), (9, -5.0), (9, 0.01), (7, 5.0), (8, 5.0), (1, 5.0)):
        same = metrics({"base": [100.0] * n, "team": [100.0 + shift + e for e in noise[:n]]})
        row = compare(same).iloc[0]
        assert row.certain == is_certain(row.low, row.high, row.n)
        assert row.certain == (abs(shift) > 1 and n >= 8)


def test_replications_are_paired_by_number_not_by_order_of_rows():
    table = metrics({"base": [10.0, 20.0, 30.0], "team": [11.0, 21.0, 31.0]})
    shuffled = compare(table.sample(frac=1, random_state=3))
    assert (shuffled.difference.item(), shuffled.low.item(), shuffled.high.item()) == (1.0, 1.0, 1.0)


def test_what_nobody_touched_is_exactly_zero():
    values = list(np.random.default_rng(1).lognormal(size=12))
    row = compare(metrics({"base": values, "rate": values})).iloc[0]
    assert (row.difference, row.low, row.high) == (0.0, 0.0, 0.0)


def test_one_replication_gives_a_difference_but_no_interval():
    row = compare(metrics({"base": [4.0], "team": [3.0]})).iloc[0]
    assert row.difference == -1.0
    assert np.isnan(row.low)
    assert np.isnan(row.high)
    assert not is_certain(row.low, row.high, 1)


def test_a_change_is_certain_from_eight_pairs_on():
    assert is_certain(0.1, 0.9, 8)
    assert is_certain(-2.0, -2.0, 8)
    assert not is_certain(-2.0, -2.0, 7)
    assert not is_certain(-0.1, 0.9, 30)
    for n in (7, 8):
        base = [float(v) for v in range(n)]
        (change,) = changes(metrics({"base": base, "team": [v - 5 for v in base]}))
        assert change.certain == (n == 8)


def test_pairs_stand_beside_the_base_of_the_same_replication():
    table = pairs(metrics({"base": [1.0, 2.0, 5.0], "team": [3.0, None, 4.0]}))
    assert list(table.columns[-3:]) == ["value", "base", "difference"]
    found = table[["scenario", "replication", "base", "difference"]].to_numpy().tolist()
    assert found == [["team", 0, 1.0, 2.0], ["team", 2, 5.0, -1.0]]


def test_pairs_are_the_replications_that_base_and_scenario_share():
    assert pairs_in(metrics({"base": [1.0, 2.0, 3.0], "team": [1.0, None, 3.0]})) == 2
    assert pairs_in(metrics({"base": [1.0, 2.0]})) == 0


def test_a_result_missing_on_one_side_is_left_out_of_the_pair():
    table = metrics({"base": [1.0, None, 3.0], "team": [2.0, 9.0, None]})
    row = compare(table).iloc[0]
    assert (row.base, row.value, row.n) == (1.0, 2.0, 1)
    only_there = metrics({"team": [5.0, 6.0]}, result="team_occupancy", unit="share", place="team")
    assert len(compare(pd.concat([table, only_there]))) == 1


def test_fits_are_compared_apart_and_averaged_in_the_estimate():
    a = metrics({"base": [10.0, 12.0], "more_places": [8.0, 10.0]}, fit="A")
    b = metrics({"base": [20.0, 24.0], "more_places": [16.0, 20.0]}, fit="B")
    both = pd.concat([a, b])
    assert list(compare(both).difference) == [-2.0, -4.0]
    base = estimate(both).query("scenario == 'base'").iloc[0]
    assert (base["mean"], base.n) == (16.5, 2)  # (15 + 18) / 2: two replications, not four


def test_estimate_is_a_t_interval_over_replications():
    row = estimate(metrics({"base": [1.0, 2.0, 3.0]})).iloc[0]
    columns = "scenario window place by group result unit mean low high n"
    assert " ".join(estimate(metrics({"base": [1.0]})).columns) == columns
    half = 4.302653 / np.sqrt(3)
    assert (row["mean"], row.low, row.high) == pytest.approx((2.0, 2 - half, 2 + half), abs=1e-5)


def test_only_a_rate_without_response_moves_money_alone():
    pay = {"result": "payment_nok", "unit": "nok"}
    table = pd.concat(
        [
            metrics({"base": [1.0, 2.0], "rate": [1.0, 2.0], "response": [1.0, 1.9], "nothing": [1.0, 2.0]}),
            metrics(
                {"base": [9.0, 9.0], "rate": [12.0, 12.0], "response": [12.0, 12.0], "nothing": [9.0, 9.0]},
                **pay,
            ),
        ]
    )
    assert money_only(table) == {"rate"}


def test_without_a_base_there_is_nothing_to_compare_with():
    with pytest.raises(InputError, match="base"):
        compare(metrics({"team": [1.0, 2.0]}))
