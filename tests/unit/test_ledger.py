"""The ledger: what is divided adds up, what is none is refused, and prices follow the year."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capsim.analysis import ledger as ledgers
from capsim.analysis.ledger import COSTINGS, TRANSFERS, Book, Costing, Ledger, Reason, accounts_of, allocate
from capsim.analysis.pricing import Poster, daily_price
from capsim.analysis.window import Run
from capsim.demand.patients import sample_patients
from capsim.errors import InputError, InvariantError
from capsim.models import Records, simulate
from capsim.models.pathway import DAY, NEVER
from capsim.region.loading import load_region
from capsim.region.rates import Grant, PaymentRule, Price, Rates
from capsim.region.region import Region
from capsim.scenarios.levers import AddBeds, SetPaymentRate

AVERAGE, MARGINAL, BOTH = Costing.AVERAGE, Costing.MARGINAL, Costing.BOTH


# --- dividing


def by_hand(total: int, weights: list[int]) -> list[int]:
    """The method of the largest remainder, in fractions."""
    whole = weights if sum(weights) else [1] * len(weights)
    exact = [Fraction(total * w, sum(whole)) for w in whole]
    parts = [int(e) for e in exact]
    order = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in order[: total - sum(parts)]:
        parts[i] += 1
    return parts


@given(
    totals=st.lists(st.integers(0, 10**12), min_size=1, max_size=5),
    weights=st.lists(st.integers(0, 10**6), min_size=1, max_size=70),
)
def test_parts_add_up_to_the_whole(totals: list[int], weights: list[int]) -> None:
    parts = allocate(np.array(totals), weights)
    assert parts.shape == (len(totals), len(weights))
    assert parts.sum(axis=1).tolist() == totals
    assert parts.tolist() == [by_hand(total, weights) for total in totals]


@given(total=st.integers(0, 2**40), k=st.integers(1, 9))
def test_without_any_weight_the_parts_are_equal(total: int, k: int) -> None:
    parts = allocate(np.array([total]), [0] * k)[0]
    assert parts.sum() == total
    assert parts.max() - parts.min() <= 1
    assert (np.diff(parts) <= 0).all()  # what is left goes to the first


def test_the_largest_remainder_by_hand() -> None:
    """100 øre by 1 : 2 : 3 is 16 2/3, 33 1/3 and 50: the first has the øre that is left. 7 by 1 : 1 is
    a tie. Whoever weighs nothing has nothing."""
    assert allocate(np.array([100, 7, 0]), [1, 2, 3]).tolist() == [[17, 33, 50], [1, 2, 4], [0, 0, 0]]
    assert allocate(np.array([7]), [1, 1]).tolist() == [[4, 3]]
    assert allocate(np.array([7]), [0, 5, 0]).tolist() == [[0, 7, 0]]


# --- a book


ACCOUNTS = ("1001", "1002", "trust", "rhf", "state", "patients", *ledgers.RESOURCES)
M, N, TRUST, STATE, BEDS = 0, 1, 2, 4, ACCOUNTS.index("beds")
AT = np.array([0, 1, 1])
ORE = np.array([100, 250, 333])


def book() -> Book:
    """A payment, a grant that two share, and beds used (average) and there (marginal)."""
    out = Book(ACCOUNTS, 2)
    out.post(Reason.PAYMENT, AT, M, TRUST, ORE, np.array([7, 8, 9]))
    out.post_shared(Reason.GRANT, AT, np.array([M, N]), [1, 2], STATE, ORE, 0, BOTH)
    out.post(Reason.BED_DAYS, AT, TRUST, BEDS, ORE, -1, AVERAGE)
    out.post(Reason.BED_CAPACITY, AT, TRUST, BEDS, 2 * ORE, -1, MARGINAL)
    return out


def test_flows_and_balances_by_hand() -> None:
    """M pays 683 øre and, of the shared 683, 33 + 83 + 111; N the rest. Day 0 has the first of each."""
    ledger = book().close()
    assert ledger.payers == 6
    assert len(ledger) == 3 + 6 + 3 + 3
    average, marginal = ledger.balances(AVERAGE), ledger.balances(MARGINAL)
    assert average[[M, N, TRUST, STATE, BEDS]].tolist() == [-683 - 227, -456, 0, 683, 683]
    assert marginal[[M, N, TRUST, STATE, BEDS]].tolist() == [-683 - 227, -456, -683, 683, 1366]
    paid, received = ledger.flows(AVERAGE, 0, 1)
    assert (paid[M, Reason.PAYMENT], paid[M, Reason.GRANT], paid[N, Reason.GRANT]) == (100, 33, 67)
    assert (received[TRUST, Reason.PAYMENT], received[BEDS, Reason.BED_DAYS]) == (100, 100)
    assert paid.sum() == received.sum() == 300
    assert ledger.flows(MARGINAL, 1, 2)[0][TRUST, Reason.BED_CAPACITY] == 2 * (250 + 333)


def test_what_is_zero_is_no_posting() -> None:
    empty = Book(ACCOUNTS, 2)
    empty.post(Reason.PAYMENT, AT, M, TRUST, np.array([0, 5, 0]))
    assert empty.close().amount.tolist() == [5]
    assert len(Book(ACCOUNTS, 2).close()) == 0


def loses_the_remainder(total: np.ndarray, weights: np.ndarray) -> np.ndarray:
    weights = np.asarray(weights)
    return total[:, None] * weights // weights.sum()


def test_a_lost_øre_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledgers, "allocate", loses_the_remainder)
    with pytest.raises(InvariantError, match=r"ledger: grant is 681 øre, its facts 683"):
        book().close()


def test_a_lost_posting_is_noticed() -> None:
    lossy = book()
    lossy.columns.pop(0)
    with pytest.raises(InvariantError, match="payment is 0 øre, its facts 683"):
        lossy.close()


@pytest.mark.parametrize(
    ("reason", "day", "payer", "receiver", "amount"),
    [
        (Reason.PAYMENT, 0, M, M, 5),
        (Reason.PAYMENT, -1, M, TRUST, 5),
        (Reason.PAYMENT, 2, M, TRUST, 5),
        (Reason.PAYMENT, 0, M, TRUST, -5),
        (Reason.BED_DAYS, 0, BEDS, TRUST, 5),  # a resource pays nobody
        (Reason.BED_DAYS, 0, TRUST, M, 5),  # what is used goes to a resource
        (Reason.PAYMENT, 0, M, BEDS, 5),  # and a transfer does not
    ],
)
def test_what_is_no_posting_is_refused(
    reason: Reason, day: int, payer: int, receiver: int, amount: int
) -> None:
    wrong = book()
    wrong.post(reason, np.array([day]), payer, receiver, np.array([amount]))
    with pytest.raises(InvariantError, match="ledger: 1 postings are none"):
        wrong.close()


# --- the ledger of a run


@pytest.fixture(scope="module")
def mini() -> Region:
    """mini, where each hospital is a trust of its own: guests are settled."""
    mini = load_region("mini")
    return replace(mini, hospitals=tuple(replace(h, trust=f"{h.name} HF") for h in mini.hospitals))


@pytest.fixture(scope="module")
def records(mini: Region) -> Records:
    grown = AddBeds("fjordby_medicine", 2, from_day=100).apply(mini)
    grants = (Grant("a", "state", "9001", 1000.5), Grant("b", "Dalen sykehus HF", "9002", 33.33))
    granted = grown.changed(lambda r: replace(r, grants=grants), from_day=200)
    return simulate(granted, sample_patients(granted, days=400, warm_up_days=60))


@pytest.fixture(scope="module")
def ledger(records: Records) -> Ledger:
    return Run(records).ledger


def test_every_reason_of_a_run_is_posted(ledger: Ledger) -> None:
    """But treatment bought from private providers, which nobody does here."""
    assert set(ledger.reason.tolist()) == set(Reason) - {Reason.PRIVATE_TREATMENTS}


def test_flows_are_those_of_the_postings_one_by_one(ledger: Ledger) -> None:
    rows = list(
        zip(
            *(
                column.tolist()
                for column in (
                    ledger.day, ledger.payer, ledger.receiver, ledger.reason, ledger.amount, ledger.costing
                )
            ),
            strict=True,
        )
    )  # fmt: skip
    for costing in (AVERAGE, MARGINAL):
        for first, last in ((0, 400), (0, 365), (365, 400), (17, 18)):
            paid = np.zeros((len(ledger.accounts), len(Reason)), dtype=object)
            received = paid.copy()
            for day, payer, receiver, reason, amount, of in rows:
                if of in (costing, BOTH) and first <= day < last:
                    paid[payer, reason] += amount
                    received[receiver, reason] += amount
            flows = ledger.flows(costing, first, last)
            assert np.array_equal(flows[0], paid)
            assert np.array_equal(flows[1], received)
            if (first, last) == (0, 400):
                assert np.array_equal(ledger.balances(costing), (received - paid).sum(axis=1))


def test_the_accounts_add_up_to_zero_and_transfers_cancel(ledger: Ledger) -> None:
    for costing in (AVERAGE, MARGINAL):
        balances = ledger.balances(costing)
        assert balances.sum() == 0
        assert balances[: ledger.payers].sum() == -balances[ledger.payers :].sum() < 0
        paid, received = ledger.flows(costing, 0, 400)
        assert (received - paid)[: ledger.payers, list(TRANSFERS)].sum() == 0
        assert not paid[ledger.payers :].any()
    assert accounts_of(load_region("mini"))[:5] == ("9001", "9002", "9003", "Mini HF", "rhf")


def test_the_ledger_as_a_table(records: Records, ledger: Ledger) -> None:
    frame = ledger.to_frame()
    assert len(frame) == len(ledger)
    total = frame[frame.costing.isin(["average", "both"]) & (frame["from"] == "9001")].amount_nok.sum()
    assert total == pytest.approx(ledger.flows(AVERAGE, 0, 400)[0][0].sum() / 100)
    payments = frame[frame.reason == "payment"]
    assert set(payments["from"]) <= {m.number for m in records.region.municipalities}
    assert set(payments["to"]) == {"Fjordby sykehus HF", "Dalen sykehus HF"}
    assert set(frame.costing) == {*COSTINGS, "both"}


def test_a_grant_to_nobody_known_is_refused(mini: Region) -> None:
    for payer, receiver in (("state", "beds"), ("Sykehuset", "9001")):
        granted = replace(mini, grants=(Grant("a", payer, receiver, 1.0),))
        run = Run(simulate(granted, sample_patients(granted, days=2, warm_up_days=0)))
        with pytest.raises(InputError, match=r"grant a.*must be a payer"):
            _ = run.ledger


# --- prices


PRICED = Rates(
    payment={2018: PaymentRule(4747.0), 2024: PaymentRule(5745.0), 2025: PaymentRule(5981.0)},
    prices={"kad_day": Price(4330.0, 1000.5, 0.0, 2018), "bed_day": Price(16_000.0, 6500.0, 8265.0, 2024)},
)


def test_a_price_is_moved_by_the_day_rate(mini: Region) -> None:
    """Day 365 is 31 December 2024, a leap year. 4330 x 5745 / 4747 = 5240.331, and x 5981
    / 4747 = 5455.599."""
    region = replace(mini, rates=PRICED)
    price = daily_price(region, "kad_day", "average_nok", 368)
    assert set(price[:366].tolist()) == {524_033}
    assert price[366:].tolist() == [545_560] * 2
    assert daily_price(region, "bed_day", "marginal_nok", 367)[[0, 365, 366]].tolist() == [
        650_000,
        650_000,
        676_701,  # 6500 x 5981 / 5745 = 6767.015
    ]
    assert daily_price(region, "kad_day", "capacity_nok", 3).tolist() == [0, 0, 0]
    assert daily_price(region, "travel_km", "average_nok", 3).tolist() == [0, 0, 0]


def test_a_lever_on_the_rate_moves_no_price(mini: Region) -> None:
    """The level is that of the table before the lever changed it."""
    for from_day in (-60, 0, 100):
        region = SetPaymentRate(50_000, from_day=from_day).apply(replace(mini, rates=PRICED))
        for phase in region.phases():
            assert phase.region.rates.level(2025) / phase.region.rates.level(2024) == 5981 / 5745
        price = daily_price(region, "bed_day", "average_nok", 200)
        assert set(price.tolist()) == {1_600_000}


def test_a_region_without_a_day_rate_has_one_price_level(mini: Region) -> None:
    region = replace(mini, rates=replace(PRICED, payment={}))
    assert set(daily_price(region, "kad_day", "average_nok", 400).tolist()) == {433_000}


# --- time


@pytest.mark.parametrize("start", [date(2024, 1, 1), date(2023, 12, 25)])
def test_what_lasts_is_cut_at_new_year_and_the_years_of_the_study(mini: Region, start: date) -> None:
    """Day by day: nothing is lost, and a piece lies within one year, by the calendar and of the study. A
    change of the region cuts nothing: no price follows it, and rounding would be society's."""
    days = 400
    region = AddBeds("fjordby_medicine", 2, from_day=100).apply(replace(mini, start=start))
    records = simulate(region, sample_patients(region, days=days, warm_up_days=10))
    poster = Poster(records, Run(records).delays)
    spans = [
        (-5 * DAY, 3 * DAY + 1), (0, days * DAY), (99 * DAY + 50, 100 * DAY), (100 * DAY, 100 * DAY + 1),
        (6 * DAY + 100, 8 * DAY), (5, 5), (-9 * DAY, 0), (12 * DAY, NEVER), (NEVER, 30),
        (364 * DAY + 3, 367 * DAY + 9), ((days - 1) * DAY, (days + 5) * DAY), (days * DAY, days * DAY + 9),
    ]  # fmt: skip
    row, first, length = poster.pieces(*(np.array(ends) for ends in zip(*spans, strict=True)))

    def belongs(d: int) -> tuple[int, int]:
        return (start + timedelta(d)).year, d // 365

    edges = [d for d in range(1, days) if belongs(d) != belongs(d - 1)]
    assert edges == poster.edges[1:-1].tolist()
    for k, (begin, end) in enumerate(spans):
        begin = begin if begin != NEVER else 10**9
        end = end if end != NEVER else 10**9
        expected: dict[tuple[int, int], int] = {}
        for d in range(days):
            inside = min(end, (d + 1) * DAY) - max(begin, d * DAY)
            if inside > 0:
                expected[belongs(d)] = expected.get(belongs(d), 0) + inside
        mine = row == k
        found = {belongs(d): round(x * DAY) for d, x in zip(first[mine].tolist(), length[mine], strict=True)}
        assert found == expected, k
        assert len(found) == mine.sum()


def test_a_year_between_two_rows_has_the_earlier_ones_rule() -> None:
    rates = Rates(payment={2018: PaymentRule(1.0), 2024: PaymentRule(2.0)})
    years = (1999, 2018, 2019, 2023, 2024, 2050)
    assert [rates.payment_for(year) for year in years] == [1, 1, 1, 1, 2, 2]
    assert Rates().payment_in(2024) is None
    assert Rates().payment_for(2024) == 0
    assert Rates().level(2024) == 1
