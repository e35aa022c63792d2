"""What the ledger comes to: costs, income and net of each payer and of society."""

from __future__ import annotations

import numpy as np

from capsim.analysis.ledger import COSTINGS, PATIENTS, RHF, STATE, TRANSFERS, Costing, Reason
from capsim.analysis.pricing import daily_price, drg_weights
from capsim.analysis.window import Window

__all__ = ["GROUPS", "MUNICIPALITIES", "SOCIETY", "TRUSTS", "money"]

MUNICIPALITIES, TRUSTS, SOCIETY = "municipalities", "trusts", "society"
GROUPS = (MUNICIPALITIES, TRUSTS, RHF, STATE, PATIENTS, SOCIETY)
"""The payers of a table for a whole region, in order: together they are society."""


def money(w: Window) -> None:
    """Whole kroner and øre, by ``costing``: resources at their ``average`` cost, or those used at their
    ``marginal`` cost and those there at the cost of having them (:mod:`capsim.analysis.ledger`).

    ``cost_nok``: what a payer pays, to resources and to other payers. ``income_nok``: what it gets
    from other payers. ``net_nok``: income − cost; of society: minus what resources take, since transfers
    cancel. ``net_nok`` by ``reason_average`` and ``reason_marginal``: what it is made of. Payers are
    municipalities, trusts, the RHF, the state and patients, and "municipalities", "trusts" and
    "society" together. Fixed grants to trusts and municipalities are not in the model, so that only
    differences between scenarios say something.

    ``payment_nok``: betalingsplikt that a municipality, the municipalities of a helsefellesskap or
    of the region pay, and that a trust receives, in every sector. ``payment_cost_coverage`` (kroner
    per krone): somatic payments / what the beds cost on all somatic overliggerdøgn, paid for or not.
    ``drg_points`` (points): weights of the stays and day surgery that ended in the window and of what was
    bought: a cost that falls with them is no saving. ``private_treatments`` (patients): bought from
    private providers, by day of referral.
    """
    ledger = w.run.ledger
    names, n = ledger.accounts, ledger.payers
    towns = len(w.region.municipalities)
    trusts = slice(towns, n - 3)
    costings = (Costing.AVERAGE, Costing.MARGINAL)
    flows = [ledger.flows(costing, w.first_day, w.last_day) for costing in costings]
    for group, (paid, received) in zip(COSTINGS, flows, strict=True):
        net = (received - paid)[:n]
        whole = {name: slice(i, i + 1) for i, name in enumerate(names[:n])}
        whole |= {MUNICIPALITIES: slice(0, towns), TRUSTS: trusts}
        for place, rows in whole.items():
            cost, income = int(paid[rows].sum()), int(received[rows].sum())
            for result, value in (("cost_nok", cost), ("income_nok", income), ("net_nok", income - cost)):
                w.add(place, result, "nok", value / 100, "costing", group)
        spent = int(received[n:].sum())
        for result, value in (("cost_nok", spent), ("income_nok", 0), ("net_nok", -spent)):
            w.add(SOCIETY, result, "nok", value / 100, "costing", group)
        parts = {name: rows for name, rows in whole.items() if name not in names[:towns]}
        parts[SOCIETY] = slice(0, n)
        for place, rows in parts.items():
            by_reason = net[rows].sum(axis=0)
            for reason in Reason:
                if place != SOCIETY or reason not in TRANSFERS:
                    value = by_reason[reason] / 100
                    w.add(place, "net_nok", "nok", value, f"reason_{group}", reason.name.lower())
    _payments(w, *flows[Costing.AVERAGE])
    _treated(w)


def _treated(w: Window) -> None:
    """How much was treated, to be read beside what it cost."""
    run, s, plan = w.run, w.records.stays, w.records.itinerary
    bought = np.flatnonzero(plan.bought & w.during(w.records.patients.arrival))
    day = plan.day_surgery & ~run.admitted & w.during(s.treated)
    over = day | (run.admitted & w.during(s.left))
    who = np.concatenate([np.flatnonzero(over), bought])
    cuts = [(run.in_region, run.by_all)]
    w.sums("drg_points", "points", who, cuts, drg_weights(w.records)[who], every_sector=True)
    if plan.bought.any():
        cuts.append((run.in_region, run.by_elective_type))
        w.sums("private_treatments", "patients", bought, cuts, every_sector=True)


def _payments(w: Window, paid: np.ndarray, received: np.ndarray) -> None:
    run, ledger = w.run, w.run.ledger
    f = w.records.facilities
    if not any(f.regions[k].rates.payment for k in np.unique(w.of_days(f.phase_of_day))):
        return
    towns = len(w.region.municipalities)
    w.of_homes("payment_nok", "nok", run.by_all, paid[:towns, [Reason.PAYMENT]] / 100)
    trusts = ledger.accounts[towns : ledger.payers - 3]
    got = received[towns : ledger.payers - 3, Reason.PAYMENT]
    for name, amount in zip(trusts, got.tolist(), strict=True):
        w.add(name, "payment_nok", "nok", amount / 100)

    d = run.delays
    counted = np.flatnonzero(d.counts & (d.day >= w.first_day) & (d.day < w.last_day))
    counted = counted[run.somatic[d.patient[counted]]]
    index = {h.id: trusts.index(h.trust) for h in w.region.hospitals}
    at = np.array([index[h] for h in w.hospitals])[run.last_hospital[d.patient[counted]]]
    payments = ledger.of(Reason.PAYMENT)
    inside = (payments.day >= w.first_day) & (payments.day < w.last_day)
    posted = np.flatnonzero(inside & run.somatic[payments.subject])
    to, ore = payments.receiver[posted].astype(np.int64) - towns, payments.amount[posted]
    somatic = np.bincount(to, ore, minlength=len(trusts))
    for group, which in zip(COSTINGS, ("average_nok", "marginal_nok"), strict=True):
        price = daily_price(w.region, "bed_day", which, w.last_day)
        cost = np.bincount(at, price[d.day[counted]], minlength=len(trusts))
        for name, part, whole in zip(
            (*trusts, "region"), (*somatic, somatic.sum()), (*cost, cost.sum()), strict=True
        ):
            w.share(name, "payment_cost_coverage", part, whole, "costing", group, "nok per nok")
