"""Rules on money alone move money alone: no trajectory by a bit, and nothing for society by an øre."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from capsim.analysis.ledger import Costing, Ledger, Reason
from capsim.analysis.window import Run
from capsim.demand.patients import PatientTable, sample_patients
from capsim.models import Records, simulate
from capsim.region.loading import load_region
from capsim.region.region import Region
from capsim.scenarios.levers import AddShortTermPlaces, Lever, SetIsfShare, SetPaymentRate, SetPaymentRule
from tests.recount import check_ledger

DAYS, WARM_UP = 150, 60  # from October, past a New Year


@pytest.fixture(scope="module")
def mini() -> Region:
    """mini, where each hospital is a trust of its own and short-term places are scarce."""
    mini = load_region("mini")
    hospitals = tuple(replace(h, trust=f"{h.name} HF") for h in mini.hospitals)
    pools = tuple(replace(p, places=max(1, p.places - 3)) for p in mini.short_term_pools)
    return replace(mini, hospitals=hospitals, short_term_pools=pools, start=date(2024, 10, 1))


@pytest.fixture(scope="module")
def patients(mini: Region) -> PatientTable:
    return sample_patients(mini, DAYS, WARM_UP)


@pytest.fixture(scope="module")
def base(mini: Region, patients: PatientTable) -> Records:
    return simulate(mini, patients)


@pytest.fixture(scope="module")
def ledger(base: Records) -> Ledger:
    return Run(base).ledger


def flows(ledger: Ledger, costing: Costing) -> np.ndarray:
    """What each account nets by reason, in øre."""
    paid, received = ledger.flows(costing, 0, DAYS)
    return received - paid


MONEY: dict[str, Lever] = {
    "no rate": SetPaymentRate(0),
    "one krone": SetPaymentRate(1),
    "the rate of 2024": SetPaymentRate(5745),
    "a million": SetPaymentRate(1_000_000),
    "a million, from the warm-up on": SetPaymentRate(1_000_000, from_day=-WARM_UP),
    "a million, from some day on": SetPaymentRate(1_000_000, from_day=17),
    "a rate with an øre, later": SetPaymentRate(9999.99, from_day=100),
    "free days": SetPaymentRule(free_days=2),
    "steps": SetPaymentRule(steps=((2, 1.5), (5, 3.0), (9, 0.5)), from_day=100),
    "notice": SetPaymentRule(notice_days=1.5),
    "somatic care": SetPaymentRule(sectors=("somatic",)),
    "where registered": SetPaymentRule(payer="registered"),
    "all of it": SetPaymentRule(3333.33, 1, ((3, 2.0),), 0.5, ("somatic", "phv"), "registered", from_day=100),
    "no activity-based funding": SetIsfShare(0.0),
    "a higher share": SetIsfShare(0.6, from_day=100),
    "more than a guest's host is due": SetIsfShare(1.0),
}


@pytest.mark.parametrize("name", MONEY)
def test_a_rule_moves_nobody_and_nothing_for_society(
    mini: Region, patients: PatientTable, base: Records, ledger: Ledger, name: str
) -> None:
    """Every column of the records is the same, bit by bit. In the ledger only the rule's own transfers
    move, and they cancel: what resources take is the same to the øre, account by account."""
    lever = MONEY[name]
    changed = simulate(lever.apply(mini), patients)
    assert changed.digest() == base.digest()
    assert changed.equals(base)
    after = Run(changed).ledger
    own = [Reason.ISF, Reason.GUEST] if isinstance(lever, SetIsfShare) else [Reason.PAYMENT]
    others = [r for r in Reason if r not in own]
    for costing in (Costing.AVERAGE, Costing.MARGINAL):
        was, now = flows(ledger, costing), flows(after, costing)
        resources = slice(ledger.payers, None)
        assert np.array_equal(was[resources], now[resources])
        assert was[: ledger.payers].sum() == now[: ledger.payers].sum()
        assert now[: ledger.payers, own].sum() == 0
        assert not np.array_equal(was[:, own], now[:, own])
        if own == [Reason.PAYMENT] and lever.from_day in (0, -WARM_UP):  # type: ignore[attr-defined]
            assert np.array_equal(was[:, others], now[:, others])
        else:  # funding of the outpatient load is rounded once more where a region changes
            assert np.abs(was[:, others] - now[:, others]).max() < 100
    check_ledger(changed, after)


def test_payments_are_in_proportion_to_the_rate(mini: Region, patients: PatientTable) -> None:
    def paid(nok: float) -> int:
        book = Run(simulate(SetPaymentRate(nok).apply(mini), patients)).ledger
        return int(book.amount[book.reason == Reason.PAYMENT].sum())

    assert paid(0) == 0
    assert paid(300) == 300 * paid(1) == 3 * paid(100) > 0


def test_the_ledger_is_the_records_alone(base: Records, ledger: Ledger) -> None:
    again = Run(base).ledger
    for column in ("day", "payer", "receiver", "reason", "amount", "subject", "costing"):
        assert np.array_equal(getattr(again, column), getattr(ledger, column))


def test_one_trust_settles_no_guests_and_costs_society_the_same(
    mini: Region, patients: PatientTable, ledger: Ledger
) -> None:
    joined = replace(mini, hospitals=tuple(replace(h, trust="HF") for h in mini.hospitals))
    after = Run(simulate(joined, patients)).ledger
    assert not (after.reason == Reason.GUEST).any()
    assert (ledger.reason == Reason.GUEST).any()
    for costing in (Costing.AVERAGE, Costing.MARGINAL):
        was, now = flows(ledger, costing), flows(after, costing)
        assert np.array_equal(was[ledger.payers :], now[after.payers :])
        trusts = was[3:5].sum(axis=0) - now[3]
        assert not trusts.any()


def test_capacity_costs_society_what_its_owner_pays(
    mini: Region, patients: PatientTable, ledger: Ledger
) -> None:
    """Six places more: capacity at marginal costing, nothing on average but what is used."""
    more = AddShortTermPlaces("fjordby_places", 6).apply(mini)
    after = Run(simulate(more, patients)).ledger
    was, now = (flows(book, Costing.MARGINAL)[:, Reason.PLACE_CAPACITY] for book in (ledger, after))
    places = ledger.accounts.index("places")
    price = mini.rates.prices["short_term_day"].capacity_nok * 100
    expected = 6 * (92 * price + 58 * price * 5981 / 5745)
    assert now[places] - was[places] == pytest.approx(expected, abs=400)
    assert (now - was)[: ledger.payers].sum() == -(now - was)[places]
    assert not flows(after, Costing.AVERAGE)[:, Reason.PLACE_CAPACITY].any()


@pytest.mark.slow
def test_the_ledger_of_midt_norge() -> None:
    """Sixty days across New Year, counted again in plain Python."""
    region = replace(load_region("midt_norge"), start=date(2024, 12, 1))
    records = simulate(region, sample_patients(region, days=60, warm_up_days=60))
    check_ledger(records, Run(records).ledger)
