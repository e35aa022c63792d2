"""Who pays and who gains, in words: what a scenario does to each payer's net, and what would make it good."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from capsim.analysis.comparison import Change, changes, is_certain
from capsim.reporting import texts
from capsim.reporting.texts import phrase

if TYPE_CHECKING:
    import pandas as pd

    from capsim.analysis.compensation import Settlement
    from capsim.region.region import Region

__all__ = [
    "MARGINAL",
    "SOCIETY",
    "net_changes",
    "payers_claim",
    "payers_line",
    "payers_of",
    "price_note",
    "reasons_text",
    "settlement_texts",
]

SOCIETY, MARGINAL = "society", "marginal"
REASONS_SHOWN = 4  # the largest certain ones
LARGEST_SHOWN = 3  # municipalities


def payers_of(region: Region) -> tuple[str, ...]:
    """The payers of a table, in order: they add up to the last of them, society."""
    trusts = dict.fromkeys(h.trust for h in region.hospitals)
    return ("municipalities", *trusts, "rhf", "state", "patients", SOCIETY)


def net_changes(metrics: pd.DataFrame) -> dict[tuple[str, str], dict[str, Change]]:
    """What every scenario does to the net of every payer over the whole study:
    (scenario, costing) → payer → change. Empty without a net of payers."""
    net = metrics[
        (metrics["result"] == "net_nok") & (metrics["by"] == "costing") & (metrics["window"] == "all")
    ]
    found: dict[tuple[str, str], dict[str, Change]] = {}
    for change in changes(net) if len(net) else []:
        found.setdefault((change.scenario, change.group), {})[change.place] = change
    return found


def payers_claim(at: Mapping[str, Change], region: Region, language: str) -> str:
    """Who certainly gains and who certainly pays, and what it comes to for society."""
    parts = []
    for key, sign in (("payers_gain", 1), ("payers_pay", -1)):
        places = [p for p in payers_of(region) if p in at and p != SOCIETY and at[p].certain]
        amounts = [
            f"{texts.place_name(region, p, language)} ({texts.amount_text(at[p], language)})"
            for p in places
            if at[p].difference * sign > 0
        ]
        if amounts:
            parts.append(phrase(key, language, payers=texts.listed(amounts, language)))
    if SOCIETY in at:
        society = at[SOCIETY]
        by = texts.amount_text(society._replace(difference=abs(society.difference)), language).lstrip("+")
        if society.unchanged:
            key = "society_zero"
        elif society.certain:
            key = "society_gains" if society.difference > 0 else "society_pays"
        else:
            key = "society_none" if parts else "payers_none"
        parts.append(phrase(key, language, by=by))
    return "; ".join(parts)


def payers_line(at: Mapping[str, Change], region: Region, language: str) -> str:
    """One line: who pays, who gains, the largest first, and society's net; a star where it is certain."""

    scale = texts.Scale("net_nok", "nok", [c.difference for c in at.values()], language)

    def amount(change: Change) -> str:
        if change.unchanged:
            return phrase("unchanged", language)
        return scale.full(change.difference, sign=True) + "*" * change.certain

    def named(sign: int) -> str:
        least = 0.5 * 10**-scale.decimals / scale.factor  # less is shown as zero
        payers = [at[p] for p in payers_of(region) if p in at and p != SOCIETY]
        found = [change for change in payers if sign * change.difference >= least]
        found.sort(key=lambda change: -abs(change.difference))
        items = [f"{texts.place_name(region, change.place, language)} {amount(change)}" for change in found]
        return "; ".join(items) or phrase("nobody", language)

    society = amount(at[SOCIETY]) if SOCIETY in at else "–"
    return phrase("who_pays", language, pays=named(-1), gains=named(1), society=society)


def reasons_text(found: Iterable[Change], costing: str, language: str) -> str:
    """What most of the change of society's net is made of; empty when nothing is certain. ``found``: its
    changes by reason under a costing."""
    certain = sorted((c for c in found if c.certain), key=lambda c: -abs(c.difference))
    items = [
        f"{texts.reason_label(c.group, language)} {texts.amount_text(c, language)}"
        for c in certain[:REASONS_SHOWN]
    ]
    if not items:
        return ""
    label = texts.costing_label(costing, language)
    return phrase("society_reasons", language, costing=label, items="; ".join(items))


def settlement_texts(
    rows: Sequence[Settlement], costing: str, region: Region, language: str
) -> Iterator[str]:
    """Whether there are side payments that leave no municipality, trust or RHF worse off, and which;
    ``rows`` are those of one settlement, ``costing`` says of which kind."""
    total = next(row for row in rows if row.kind == "total")
    parties = [row for row in rows if row.kind in ("municipality", "trust", "rhf")]
    key = f"settle_{total.exists}"
    if all(row.difference_nok == row.low == row.high == 0 for row in parties):
        key = "settle_nothing"
    elif total.exists == "yes" and total.low == total.high == 0:
        key = "settle_zero"
    open_ = total.exists == "uncertain"
    change = total.difference_nok, total.low, total.high
    yield phrase(
        key,
        language,
        costing=texts.capitalised(costing),
        total=_amount(*(change if open_ else _size(*change)), language=language, sign=open_),
        grant=_amount(total.side_payment_nok, total.payment_low, total.payment_high, language=language),
    )
    society = sum(row.difference_nok for row in rows if row.kind != "total")
    if total.difference_nok > 0 and society < 0:
        yield phrase("settle_paid_by_state", language, society=_amount(-society, language=language))
    if not any(is_certain(row.low, row.high, row.n) for row in parties):
        return
    towns = [row for row in parties if row.kind == "municipality"]
    together = sum(row.side_payment_nok for row in towns)
    items = [_payment(phrase("municipalities_together", language), together, language=language)]
    items += [_of(row, region, language) for row in parties if row.kind != "municipality"]
    text = phrase("side_payments", language, costing=costing, items="; ".join(filter(None, items)))
    people = {m.number: m.inhabitants for m in region.municipalities}
    towns.sort(key=lambda row: -people[row.payer])
    largest = list(filter(None, (_of(row, region, language) for row in towns[:LARGEST_SHOWN])))
    if largest:
        text += f" {phrase('side_payments_largest', language, items='; '.join(largest))}"
    yield text


def price_note(region: Region, language: str) -> str:
    """The years that prices are of, and which are assumptions."""
    prices = region.rates.prices
    if not prices:
        return phrase("prices_none", language)
    certainty = {item: region.sources.get(f"price.{item}", ("", "assumption"))[1] for item in prices}
    assumed = [texts.price_label(item, language) for item in prices if texts.is_assumption(certainty[item])]
    years = [str(year) for year in sorted({price.year for price in prices.values()})]
    return phrase(
        "prices" if assumed else "prices_sure",
        language,
        years=texts.listed(years, language),
        assumed=len(assumed),
        all=len(prices),
        items=texts.listed(assumed, language),
    )


def _of(row: Settlement, region: Region, language: str) -> str:
    name = texts.place_name(region, row.payer, language)
    return _payment(name, row.side_payment_nok, row.payment_low, row.payment_high, language=language)


def _payment(payer: str, *amount: float, language: str) -> str:
    """That a payer receives or pays; empty when it is nothing."""
    if amount[0] == 0:
        return ""
    key = "receives" if amount[0] > 0 else "pays"
    return phrase(key, language, payer=payer, amount=_amount(*_size(*amount), language=language))


def _size(value: float, *ends: float) -> tuple[float, ...]:
    """A negative amount and its interval turned around."""
    return (value, *ends) if value >= 0 else (-value, *(-end for end in reversed(ends)))


def _amount(value: float, *ends: float, language: str, sign: bool = False) -> str:
    """Kroner, with their interval if there is one."""
    scale = texts.Scale("", "nok", (value, *ends), language, difference=True)
    if not ends or math.isnan(ends[0]) or ends[0] == ends[1] == value:
        return scale.full(value, sign)
    low, high = (scale.bare(end, sign) for end in ends)
    return f"{scale.full(value, sign)} ({low} {phrase('to', language)} {high})"
