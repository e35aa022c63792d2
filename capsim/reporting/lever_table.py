"""A line per lever on the terminal: what it moves, by how much, and who pays; or that it is dead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from capsim.analysis.comparison import BASE, Change, interval
from capsim.reporting import texts
from capsim.reporting.payers import MARGINAL, SOCIETY, net_changes
from capsim.reporting.summary import CONSOLE
from capsim.reporting.texts import phrase
from capsim.scenarios.levers import LEVERS, Lever

if TYPE_CHECKING:
    import pandas as pd

    from capsim.region.region import Region
    from capsim.study.study import Result

__all__ = ["MOVED", "Moved", "lever_table"]


class Moved(NamedTuple):
    """A result of the tidy table. What stands in braces is the lever's key of that name (the first of
    several), or the regional hospital."""

    result: str
    place: str = "region"
    by: str = "all"
    group: str = "all"


MOVED: Mapping[str, Moved] = {
    "AddAmbulantTeam": Moved("acute_admissions"),
    "AddAmbulantTeam.follow_up": Moved("readmission_share"),
    "AddAmbulantTeam.digital": Moved("visits", "{id}"),  # no effect is known
    "AddAmbulantTeam.legevaktbil": Moved("visits", "{id}"),
    "AddAmbulantTeam.fact": Moved("bed_days", "{base}", "sector", "phv"),
    "AddBeds": Moved("occupancy_mean", "{ward}"),
    "AddClinicSlots": Moved("first_contact_wait_mean_days", "{hospital}"),
    "AddHomeCareStarts": Moved("overliggerdogn", "{municipality}", "cause", "home_care"),
    "AddHospitalAtHome": Moved("bed_days", "{base}"),
    "AddKadBeds": Moved("kad_refused_share", "{unit}"),
    "AddLongTermPlaces": Moved("long_term_wait_days", "{municipality}"),
    "AddShortTermPlaces": Moved("overliggerdogn", "region", "cause", "short_term"),
    "AddSupportedHousing": Moved("overliggerdogn", "{municipality}", "cause_phv_tsb", "housing"),
    "AddTheatreSessions": Moved("wait_mean_days", "{hospital}"),
    "BuyPrivate": Moved("wait_mean_days", "region", "type", "{type}"),
    "ColocateKad": Moved("kad_admissions", "{unit}"),
    "EarlyNotification": Moved("overliggerdogn", "region", "cause", "response"),
    "GpCoverage": Moved("acute_admissions", "{without_gp}"),
    "JointGrant": Moved("overliggerdogn"),
    "MoveCatchment": Moved("admissions", "{to}"),
    "MoveElective": Moved("volume", "{to}", "type", "{type}"),
    "MoveTheatreSessions": Moved("wait_mean_days", "{to}"),
    "PoolKad": Moved("kad_refused_share"),
    "PoolReferrals": Moved("wait_mean_days", "region", "type", "{types}"),
    "PoolShortTermPlaces": Moved("overliggerdogn", "region", "cause", "short_term"),
    "ProjectPopulation": Moved("acute_admissions"),
    "RaiseKadUse": Moved("kad_occupancy"),
    "ScaleDemand": Moved("admissions"),
    "ScaleDemand.types": Moved("volume", "region", "type", "{types}"),
    "SetEmergencyFunction": Moved("acute_admissions", "{hospital}"),
    "SetIsfShare": Moved("income_nok", "trusts", "costing", MARGINAL),
    "SetPaymentRate": Moved("payment_nok"),
    "SetPaymentRule": Moved("payment_nok"),
    "SetResponse": Moved("overliggerdogn"),
    "ShareStaff": Moved("overliggerdogn", "region", "cause", "short_term"),
    "ShiftOutpatients": Moved("outpatient_travel_hours"),
    "TransferBack": Moved("bed_days", "{regional}"),
}
"""Lever (and what kind of it, where that decides) → the result that it must move."""


TOGETHER = ("municipalities", "trusts", SOCIETY)


def lever_table(result: Result, language: str = "nb") -> tuple[str, list[str]]:
    """A line per scenario, for its last lever: the result that the lever must move and by how much,
    who loses most, who gains most and society, in millions at marginal cost; and the number of levers
    shown. Also the names of the levers whose result is exactly the base's in every replication.
    """
    texts.check_language(language)
    region, metrics = result.study.region, result.metrics
    there = set(metrics["scenario"].unique())
    net = net_changes(metrics) if BASE in there else {}
    keys = ("lever", "moved", "by", "pays", "gains", "society")
    lines = [[phrase(f"col_{key}", language) for key in keys]]
    shown, dead = [], []
    for scenario, changed in zip(result.study.scenarios, result.study.regions, strict=True):
        if not scenario.levers or not {BASE, scenario.name} <= there:
            continue
        lever = scenario.levers[-1]
        name = type(lever).__name__
        shown.append(name)
        moved = _moved(lever, region)
        change = _change(metrics, scenario.name, moved)
        if change is None:
            dead.append(name)
        by = phrase("dead", language) if change is None else texts.amount_text(change, language)
        at = net.get((scenario.name, MARGINAL), {})
        title = texts.printable(scenario.title_in(language))
        lines.append([title, _label(moved, changed, language), by, *_who(at, region, language)])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    table = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    counted = {"shown": len(set(shown)), "all": len(LEVERS), "dead": len(set(dead))}
    notes = [phrase("levers_note", language), phrase("levers_shown", language, **counted)]
    notes.append(phrase("levers_alone", language))
    return "\n".join([*table, "", *notes]).translate(CONSOLE), dead


def _moved(lever: Lever, region: Region) -> Moved:
    name = type(lever).__name__
    kinds = (getattr(lever, "kind", ""), "types" if getattr(lever, "types", ()) else "")
    found = next((MOVED[f"{name}.{kind}"] for kind in kinds if f"{name}.{kind}" in MOVED), MOVED[name])
    values = {f.name: _first(getattr(lever, f.name)) for f in fields(lever)}
    values["regional"] = region.regional_hospital.id if region.regional_hospital else ""
    return Moved(*(part.format(**values) for part in found))


def _first(value: Any) -> Any:
    """The first of several, "" of none."""
    return next(iter(value), "") if isinstance(value, tuple | Mapping) else value


def _change(metrics: pd.DataFrame, scenario: str, moved: Moved) -> Change | None:
    """What the scenario does to the result, or None if that is the base's in every replication. What is
    not there at all on one side (a new unit) counts as 0 there."""
    rows = metrics[
        (metrics["window"] == "all")
        & (metrics["place"] == moved.place)
        & (metrics["by"] == moved.by)
        & (metrics["group"] == moved.group)
        & (metrics["result"] == moved.result)
        & metrics["scenario"].isin([BASE, scenario])
    ]
    if rows.empty:
        return None
    table = rows.pivot_table(index="replication", columns="scenario", values="value")
    table = table.reindex(columns=[BASE, scenario], fill_value=0.0).dropna()
    base, value = table[BASE].to_numpy(), table[scenario].to_numpy()
    if np.array_equal(base, value):
        return None
    difference = interval(value - base)
    unit = rows["unit"].iloc[0]
    return Change(
        scenario, "all", *moved[1:], moved.result, unit, base.mean(), value.mean(), *difference, len(table)
    )


def _label(moved: Moved, region: Region, language: str) -> str:
    """The result, where if not in the whole region, and of what."""
    parts = [texts.result_label(moved.result, language)]
    if moved.place != "region":
        parts.append(texts.place_name(region, moved.place, language))
    if moved.by.startswith("cause"):
        parts.append(texts.cause_label(moved.group, language))
    elif moved.by == "type":
        names = {t.id: t.name for t in region.elective_types}
        parts.append(texts.printable(names.get(moved.group, moved.group)))
    elif moved.by == "sector":
        parts.append(moved.group.upper())  # PHV, TSB
    return texts.capitalised(", ".join(parts))


def _who(at: Mapping[str, Change], region: Region, language: str) -> list[str]:
    """Who loses most, who gains most, and society; in millions."""

    def amount(change: Change) -> str:
        return texts.number(change.difference / 1e6, 2, language, sign=True)

    def most(sign: int) -> str:
        single = (c for place, c in at.items() if place not in TOGETHER and sign * c.difference > 0)
        change = max(single, key=lambda c: abs(c.difference), default=None)
        if change is None:
            return phrase("nobody", language)
        return f"{texts.place_name(region, change.place, language)} {amount(change)}"

    whole = at.get(SOCIETY)
    society = "–" if whole is None else amount(whole) if whole.difference else phrase("unchanged", language)
    return [most(-1), most(1), society]
