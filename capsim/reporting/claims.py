"""What the titles of figures claim, computed from replications; never more than these can carry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from capsim.analysis.comparison import BASE, Change, Level, changes, interval, is_certain
from capsim.reporting import texts
from capsim.reporting.texts import phrase

if TYPE_CHECKING:
    import pandas as pd

    from capsim.region.region import Municipality, Region

__all__ = ["cause_claim", "count_title", "difference_claim", "size_claim", "wait_claims", "waits_of_base"]


def count_title(what: str, some: int, all: int, language: str) -> str:
    """In how many of all scenarios ``what`` certainly changes."""
    return phrase("count_certain" if some else "count_none", language, what=what, some=some, all=all)


def difference_claim(at: Mapping[str, Change], language: str) -> str:
    """What one scenario does to a result: for the region, and at how many hospitals."""
    hospitals = [c for place, c in at.items() if place != "region"]
    certain = sum(c.certain for c in hospitals)
    what = texts.result_label(next(iter(at.values())).result, language)
    if "region" not in at and not certain:
        return phrase("no_hospital", language, what=what)
    claim = texts.claim(at["region"], language) if "region" in at else what
    if not certain:
        return claim
    return phrase("also_hospitals", language, claim=claim, some=certain, all=len(hospitals))


def wait_claims(
    metrics: pd.DataFrame, region: Region, scenarios: Iterable[str], language: str
) -> dict[str, tuple[str, bool]]:
    """For every scenario but the base, where the mean wait certainly changes, and whether it does
    anywhere; ``metrics`` are the mean waits of one window."""
    found = changes(metrics)
    hospitals = {h.id for h in region.hospitals}
    claims = {}
    for scenario in scenarios:
        here = [c for c in found if c.scenario == scenario and c.place in hospitals and c.certain]
        parts = []
        for key, sign in (("waits_shorter", -1), ("waits_longer", 1)):
            places = [
                f"{texts.place_name(region, c.place, language)} ({texts.amount_text(c, language)})"
                for c in here
                if c.difference * sign > 0
            ]
            if places:
                parts.append(phrase(key, language, places=texts.listed(places, language)))
        if scenario != BASE:
            claims[scenario] = ("; ".join(parts) or phrase("waits_none", language), bool(parts))
    return claims


def waits_of_base(found: Sequence[Level], name: str, language: str) -> str:
    """The mean wait in the region, when there is nothing to compare it with."""
    means = [
        level
        for level in found
        if (level.scenario, level.place, level.result) == (BASE, "region", "wait_mean_days")
    ]
    if not means or np.isnan(means[-1].low):
        return phrase("waits_plain", language)
    return phrase("waits_base", language, scenario=name, level=texts.level_text(means[-1], language))


def size_claim(metrics: pd.DataFrame, municipalities: Sequence[Municipality], language: str) -> str:
    """Compares the smallest fifth of the municipalities with the largest, per inhabitant and
    within each replication; ``municipalities`` are sorted from the largest."""
    fifth = len(municipalities) // 5
    if fifth == 0 or metrics["replication"].nunique() < 2:
        return phrase("municipality_plain", language)
    table = metrics.pivot_table(index="replication", columns="place", values="value")

    def rate(part: Sequence[Municipality]) -> np.ndarray:
        people = np.array([m.inhabitants for m in part])
        return table[[m.number for m in part]].to_numpy() @ people / people.sum()

    gap = rate(municipalities[-fifth:]) - rate(municipalities[:fifth])
    mean, low, high = interval(gap)
    if not is_certain(low, high, len(gap)):
        return phrase("municipality_claim_none", language)
    which, other = ("smallest", "largest") if mean > 0 else ("largest", "smallest")
    if mean < 0:
        mean, low, high = -mean, -high, -low
    scale = texts.Scale("", "days", [mean, low, high], language, difference=True)
    return phrase(
        "municipality_claim",
        language,
        which=phrase(which, language),
        other=phrase(other, language),
        by=scale.bare(mean),
        low=scale.bare(low),
        high=scale.bare(high),
    )


def cause_claim(metrics: pd.DataFrame, name: str, language: str) -> str:
    """Names the largest cause of overliggerdøgn if its lead over the next is certain."""
    counted = metrics[metrics["result"] == "overliggerdogn"]
    table = counted.pivot_table(index="replication", columns="group", values="value", fill_value=0)
    order = list(table.mean().sort_values(ascending=False, kind="stable").index)
    total = table.to_numpy().sum()
    if total == 0:
        return phrase("cause_none", language, scenario=name)
    first = table[order[0]].to_numpy()
    if len(order) > 1:
        _, low, high = interval(first - table[order[1]].to_numpy())
        if not is_certain(low, high, len(first)):
            return phrase("cause_none", language, scenario=name)
    share = first.sum() / total
    key = "cause_claim" if share > 0.5 else "cause_largest"
    percent = f"{texts.number(100 * share, 0, language)}\u00a0{texts.unit_label('share', language)}"
    cause = texts.cause_label(order[0], language)
    return phrase(key, language, scenario=name, cause=cause, share=percent)
