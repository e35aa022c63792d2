"""Who loses is made good by who gains, to the øre, or the state is told what is missing."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capsim.analysis.comparison import interval
from capsim.analysis.compensation import PARTIES, compensation, settlements
from capsim.errors import InputError
from capsim.region.loading import load_region

COLUMNS = ["scenario", "fit", "replication", "window", "place", "by", "group", "result", "unit", "value"]
ROW = (
    "scenario fit costing payer kind difference_nok low high "
    "side_payment_nok payment_low payment_high exists n"
)
OTHERS = ("9001", "9002", "9003", "Mini HF", "rhf", "state", "patients")
EIGHT = [1.0] * 8
MINI = load_region("mini")


def net(differences, costing="marginal", fit="default", base=-1e6, scenario="lever"):
    """A tidy table in which each payer's net differs from the base by these kroner in each replication."""
    n = len(next(iter(differences.values())))
    return pd.DataFrame(
        [
            (name, fit, r, "all", payer, "costing", costing, "net_nok", "nok", base + 1000 * r + more)
            for payer in OTHERS
            for r in range(n)
            for name, more in (("base", 0.0), (scenario, float(differences.get(payer, [0.0] * n)[r])))
        ],
        columns=COLUMNS,
    )


def times(amount, pattern=EIGHT):
    return [amount * factor for factor in pattern]


def settled(differences):
    return {row.payer: row for row in settlements(net(differences), MINI)}


def sum_in_ore(rows):
    return sum(round(100 * row.side_payment_nok) for row in rows.values() if row.kind != "total")


def test_losers_receive_their_loss_and_winners_pay_in_proportion_to_their_gain():
    rows = settled(
        {
            "9001": times(-100),
            "9002": times(-50),
            "9003": times(100),
            "Mini HF": times(300),
            "state": times(-80),
            "patients": times(-2),
        }
    )
    paid = {payer: row.side_payment_nok for payer, row in rows.items()}
    # 150 lost, 400 gained: a quarter of it is paid by 9003, three by the trust
    assert paid == {
        "9001": 100, "9002": 50, "9003": -37.5, "Mini HF": -112.5, "rhf": 0, "state": 0, "patients": 0,
        "total": 0,
    }  # fmt: skip
    assert {row.exists for row in rows.values()} == {"yes"}
    assert rows["total"].difference_nok == 250
    assert rows["state"].difference_nok == -80
    assert [row.kind for row in rows.values()] == [
        *["municipality"] * 3, "trust", "rhf", "state", "patients", "total",
    ]  # fmt: skip


def test_where_all_of_them_together_lose_the_state_is_asked_for_the_rest():
    rows = settled({"9001": times(-100), "rhf": times(-10), "Mini HF": times(30)})
    assert rows["9001"].side_payment_nok == 100
    assert rows["rhf"].side_payment_nok == 10
    assert rows["Mini HF"].side_payment_nok == -30
    assert rows["state"].side_payment_nok == -80
    assert rows["total"].side_payment_nok == 80
    assert {row.exists for row in rows.values()} == {"no"}


def test_money_that_only_moved_between_them_is_given_back():
    pattern = [1, 2, 1, 3, 1, 2, 1, 1.5]
    rows = settled({"9001": times(-7, pattern), "9002": times(-4, pattern), "Mini HF": times(11, pattern)})
    assert rows["total"][5:8] == (0, 0, 0)
    assert rows["total"].exists == "yes"
    assert rows["state"].side_payment_nok == 0
    assert sum_in_ore(rows) == 0
    few = settled({"9001": times(-7, [1] * 7), "Mini HF": times(7, [1] * 7)})
    assert few["total"].exists == "uncertain"


@pytest.mark.parametrize(
    ("gain", "exists"),
    [
        ([100, 102, 98, 101, 99, 100, 103, 97], "yes"),
        ([100, 102, 98, 101, 99, 100, 103], "uncertain"),  # seven replications
        ([20, -19, 21, -22, 18, -20, 19, -18], "uncertain"),
        ([-100, -102, -98, -101, -99, -100, -103, -97], "no"),
    ],
)
def test_what_is_certain_follows_the_interval_and_the_number_of_replications(gain, exists):
    assert settled({"Mini HF": gain})["total"].exists == exists


def test_the_interval_of_the_grant_is_the_totals_and_never_below_zero():
    loss = [-20.0, 19.0, -21.0, 10.0, -18.0, 20.0, -19.0, 18.0]
    rows = settled({"9001": loss})
    mean, low, high = interval(np.array(loss))
    assert low < 0 < high
    total = rows["total"]
    assert (total.difference_nok, total.low, total.high) == pytest.approx((mean, low, high), abs=0.01)
    assert (total.payment_low, total.payment_high) == pytest.approx((0, -low), abs=0.01)
    state = rows["state"]
    assert (state.payment_low, state.payment_high) == pytest.approx((low, 0), abs=0.01)


def test_a_losers_payment_is_as_uncertain_as_its_loss():
    loss = np.array([-20.0, -25.0, -21.0, -18.0, -18.0, -27.0, -19.0, -23.0])
    row = settled({"9001": loss, "Mini HF": times(100)})["9001"]
    _, low, high = interval(loss)
    assert (row.payment_low, row.payment_high) == pytest.approx((-high, -low), abs=0.01)


def test_the_winners_jackknife_worked_out_by_hand():
    """The two gain 30 and 10 with no spread, the loser loses 16 ± 4: the first pays 3/4 of what is lost,
    so its payment spreads by 3/4 of that."""
    loss = np.array([-12.0, -20.0] * 4)
    rows = settled({"9001": loss, "9002": times(30), "Mini HF": times(10)})
    _, low, high = interval(loss)
    first = rows["9002"]
    assert first.side_payment_nok == -12
    assert (first.payment_low, first.payment_high) == pytest.approx((0.75 * low, 0.75 * high), abs=0.01)


def test_one_replication_gives_amounts_without_intervals():
    rows = settled({"9001": [-10.0], "Mini HF": [4.0]})
    assert rows["state"].side_payment_nok == -6
    assert all(np.isnan([row.low, row.high]).all() for row in rows.values())
    assert np.isnan(rows["9001"].payment_low)
    assert np.isnan(rows["total"].payment_high)
    assert rows["total"].exists == "uncertain"


ORE = st.integers(-(10**13), 10**13)


@given(st.lists(st.lists(ORE, min_size=2, max_size=9), min_size=5, max_size=5))
def test_not_an_ore_is_lost_and_nobody_pays_more_than_the_gain(ore):
    n = min(map(len, ore))
    differences = {payer: [o / 100 for o in some[:n]] for payer, some in zip(OTHERS, ore, strict=False)}
    rows = {row.payer: row for row in settlements(net(differences, base=0.0), MINI)}
    assert sum_in_ore(rows) == 0
    parties = [row for row in rows.values() if row.kind in PARTIES]
    total = sum(round(100 * row.difference_nok) for row in parties)
    assert total == round(100 * rows["total"].difference_nok)
    assert round(100 * rows["state"].side_payment_nok) == min(total, 0)
    for row in parties:
        after = round(100 * row.difference_nok) + round(100 * row.side_payment_nok)
        assert after >= 0
        assert row.side_payment_nok >= 0 or row.difference_nok > 0


def test_the_table_has_a_settlement_for_every_scenario_fit_and_costing():
    parts = [
        net({"9001": times(-5)}, costing, fit) for costing in ("average", "marginal") for fit in ("A", "B")
    ]
    table = compensation(pd.concat(parts), MINI)
    assert list(table) == ROW.split()
    assert len(table) == 4 * 8
    assert set(map(tuple, table[["fit", "costing"]].to_numpy())) == {
        (fit, costing) for fit in "AB" for costing in ("average", "marginal")
    }


def test_only_the_whole_study_and_single_payers_count():
    table = net({"9001": times(-5), "Mini HF": times(9)})
    year = table.assign(window="year_1", value=2 * table["value"])
    together = table[table["place"] == "9001"].assign(place="municipalities")
    reasons = table.assign(by="reason_marginal", group="payment")
    assert compensation(pd.concat([table, year, together, reasons]), MINI).equals(compensation(table, MINI))


def test_without_money_there_is_nothing_and_without_a_base_it_is_refused():
    table = net({"9001": times(-5)})
    empty = compensation(table[table["result"] == "overliggerdogn"], MINI)
    assert list(empty) == ROW.split()
    assert empty.empty
    assert compensation(table[table["scenario"] == "base"], MINI).empty
    with pytest.raises(InputError, match="base"):
        compensation(table[table["scenario"] != "base"], MINI)
