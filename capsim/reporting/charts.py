"""One function per figure: from a study's result to a matplotlib Figure that states what it shows.

Titles are computed claims; where an interval contains zero they say that no change is certain. In a
notebook a figure shows itself after ``%matplotlib inline``; :func:`save` writes it as SVG and PNG.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from capsim.analysis.beds import staffed_beds
from capsim.analysis.comparison import (
    BASE,
    Change,
    Level,
    changes,
    levels,
    pairs,
    pairs_in,
)
from capsim.errors import CapsimError, InputError, Problem
from capsim.reporting import claims, drawing, texts
from capsim.reporting.drawing import DASHES, INK, PALETTE, SMALL, TEXT, folded
from capsim.reporting.payers import MARGINAL, SOCIETY, net_changes, payers_claim, payers_of
from capsim.reporting.texts import phrase
from capsim.scenarios.demand import ProjectPopulation
from capsim.scenarios.move_elective import MoveElective
from capsim.scenarios.payment import SetPaymentRate, SetResponse

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from capsim.region.region import Region
    from capsim.study.study import Result

__all__ = [
    "Drawn",
    "all_charts",
    "census",
    "difference",
    "levers",
    "overliggerdogn_by_cause",
    "overliggerdogn_by_municipality",
    "payers",
    "payment_band",
    "save",
    "save_all",
    "waits",
]

WAITS = {"wait_mean_days": "panel_mean", "wait_median_days": "panel_median", "wait_p90_days": "panel_p90"}
FULL = 85  # percent of staffed beds; above it, postponements and corridor patients begin
DIFFERENCES = ("overliggerdogn", "wait_mean_days", "occupancy_mean")
# What is in a figure of all_charts: a small part of a study's rows.
GROUPED = ("all", "cause", "costing")
SHOWN = {*texts.KEY_RESULTS, *WAITS, *DIFFERENCES, "overliggerdogn_per_1000", "days_after_offer", "net_nok"}


class Drawn(NamedTuple):
    """A figure that has been saved: its title and its SVG file."""

    title: str
    svg: Path


def census(result: Result, scenario: str = BASE, language: str = "nb") -> Figure:
    """Patients at midnight in each hospital's somatic wards: mean and 5–95 % band over replications,
    and staffed beds as a line. One small panel per hospital, each with its own scale."""
    texts.check_language(language)
    region, name = _scenario(result, scenario, language)
    data = result.census[result.census["scenario"] == scenario]
    hospitals = [h for h in region.hospitals if (data["hospital"] == h.id).any()]
    if not hospitals:
        raise _missing("census", "census")
    days = int(data["day"].max()) + 1
    tables = {
        h.id: data[data["hospital"] == h.id].pivot(index="replication", columns="day", values="patients")
        for h in hospitals
    }
    staffed = staffed_beds(region, days)
    beds = {h.id: staffed[h.id] for h in hospitals}
    # whole percent, as the panels say it, so that the title counts what can be read there
    shares = {
        id: round(100 * float(table.to_numpy(dtype=float).mean() / beds[id].mean()))
        for id, table in tables.items()
    }
    some = sum(share > FULL for share in shares.values())
    title = phrase("census_claim", language, scenario=name, some=some, all=len(hospitals))

    rows = -(-len(hospitals) // 2)
    footer = _footer(result, "note_census", language, compared=False)
    figure, body = drawing.new_figure(1.35 * rows + 0.3, title, footer, _key_of_census(language))
    grid = body.subplots(rows, 2, squeeze=False, sharex=True)
    for hospital, axes in zip(hospitals, grid.flat, strict=False):
        _draw_census(axes, tables[hospital.id], beds[hospital.id], language)
        heading = phrase(
            "census_panel",
            language,
            hospital=texts.printable(hospital.name),
            share=texts.number(shares[hospital.id], 0, language),
            beds=texts.number(beds[hospital.id].mean(), 0, language),
        )
        axes.set_title(folded(heading, 3.3), loc="left", fontsize=TEXT, parse_math=False)
        drawing.calendar(axes, region.start, days, language)
    for axes in grid.flat[len(hospitals) :]:
        axes.set_axis_off()
    return figure


def waits(result: Result, language: str = "nb") -> Figure:
    """Mean, median and 90th percentile of the wait for treatment at each hospital, in the base and
    in every scenario; a row of panels per whole year when the study has more than one."""
    texts.check_language(language)
    metrics = _overall(result.metrics, WAITS)
    years = [f"year_{k + 1}" for k in range(result.study.days // 365)]
    windows = years if len(years) > 1 else ["all"]
    found = levels(metrics[metrics["window"].isin(windows)])
    ids = {h.id for h in result.study.region.hospitals}
    drawn = [level for level in found if level.place in ids]
    hospitals = [h for h in result.study.region.hospitals if any(v.place == h.id for v in drawn)]
    windows = [window for window in windows if any(v.window == window for v in drawn)]
    if not hospitals:
        raise _missing("waits", "wait_mean_days")
    names = _titles(result, language)
    last = _overall(metrics, ["wait_mean_days"], windows[-1])
    said = claims.wait_claims(last, result.study.region, names, language)
    if len(windows) > 1:
        when = texts.window_label(windows[-1], language)
        said = {s: (f"{claim} ({when})", certain) for s, (claim, certain) in said.items()}
    title = claims.waits_of_base(found, names[BASE], language)
    entries = dict(names)
    if len(said) == 1:
        ((scenario, (claim, _)),) = said.items()
        title = phrase("scenario_claim", language, scenario=names[scenario], claim=claim)
    elif said:
        some = sum(certain for _, certain in said.values())
        title = claims.count_title(phrase("waits_plain", language), some, len(said), language)
        entries |= {s: f"{names[s]} – {claim}" for s, (claim, _) in said.items()}

    step = 0.1 if len(windows) == 1 else 0.075  # so that several years still fit a page
    height = len(hospitals) * max(0.3, step * len(names) + 0.1) + 0.45
    footer = _footer(result, "note_waits" if said else "note_levels", language)
    figure, body = drawing.new_figure(height * len(windows), title, footer, drawing.scenario_key(entries))
    shown = [name for name in WAITS if any(level.result == name for level in drawn)]
    grid = body.subplots(len(windows), len(shown), squeeze=False, sharey=True, sharex="col")
    labels = [folded(texts.printable(h.name), 1.5) for h in hospitals]
    for window, line in zip(windows, grid, strict=True):
        for name, axes in zip(shown, line, strict=True):
            rows: dict[str, dict[str, Level]] = {h.id: {} for h in hospitals}
            for level in drawn:
                if level.window == window and level.result == name and level.place in rows:
                    rows[level.place][level.scenario] = level
            drawing.dots(axes, rows, labels, names, language)
            heading = phrase(WAITS[name], language)
            if len(windows) > 1:
                heading = f"{texts.capitalised(texts.window_label(window, language))}: {heading}"
            axes.set_title(folded(heading, 1.7), loc="left", fontsize=TEXT, parse_math=False)
    for axes in grid[-1]:
        axes.set_xlabel(texts.unit_label("days", language), fontsize=TEXT)
    return figure


def overliggerdogn_by_municipality(result: Result, scenario: str = BASE, language: str = "nb") -> Figure:
    """Overliggerdøgn per 1000 inhabitants in every municipality, from the largest to the smallest.

    Sorted by population because replications seldom support a ranking by result. The title compares
    the smallest and the largest fifth of the municipalities.
    """
    texts.check_language(language)
    region, name = _scenario(result, scenario, language)
    metrics = _overall(result.metrics, ["overliggerdogn_per_1000"], "all")
    metrics = metrics[metrics["scenario"] == scenario]
    at = {level.place: level for level in levels(metrics)}
    there = [m for m in region.municipalities if m.number in at]
    there.sort(key=lambda m: -m.inhabitants)
    if not there:
        raise _missing("overliggerdogn_by_municipality", "overliggerdogn_per_1000")
    title = claims.size_claim(metrics, there, language)
    if scenario != BASE:
        title = phrase("scenario_claim", language, scenario=name, claim=title)

    end = max(np.fmax(at[m.number].high, at[m.number].mean) for m in there)
    columns = 2 if len(there) > 20 else 1
    rows = -(-len(there) // columns)
    note = phrase("municipality_note", language)
    footer = f"{note} {_footer(result, 'note_levels', language, compared=False)}"
    figure, body = drawing.new_figure(0.185 * rows + 0.7, title, footer)
    grid = body.subplots(1, columns, squeeze=False, sharex=True)
    for i, axes in enumerate(grid.flat):
        part = there[i * rows : (i + 1) * rows]
        found = [at[m.number] for m in part]
        drawing.style(axes, "x", language)
        lows, highs = zip(*(texts.shown_interval(v) for v in found), strict=True)
        axes.hlines(range(len(part)), lows, highs, color=PALETTE[5], linewidth=2.2)
        axes.plot([v.mean for v in found], range(len(part)), "o", color=PALETTE[0], markersize=3.2)
        names = [f"{texts.printable(m.name)} ({texts.number(m.inhabitants, 0, language)})" for m in part]
        labels = [folded(label, 2.2) for label in names]
        axes.set_yticks(range(len(part)), labels, fontsize=SMALL, parse_math=False)
        axes.set_ylim(rows - 0.4, -1.2)
        if "region" in at:
            mean = at["region"].mean
            text = phrase("region_mean", language, mean=texts.number(mean, 1, language))
            axes.axvline(mean, color=INK, linewidth=0.8, linestyle=DASHES, zorder=0)
            beside = {"xytext": (3, 0), "textcoords": "offset points", "va": "top"}
            axes.annotate(text, (mean, -1.15), fontsize=SMALL, **beside)
        axes.set_xlim(0, 1.05 * end or 1.0)  # nobody may have waited at all
        axes.set_xlabel(texts.unit_label(found[0].unit if found else "", language), fontsize=TEXT)
    return figure


def overliggerdogn_by_cause(result: Result, place: str = "region", language: str = "nb") -> Figure:
    """Overliggerdøgn by what the patient waits for, in the base and in every scenario.

    Days in hospital after the offer are no overliggerdøgn; where they are known they are the last
    line, and take no part in the title's share.
    """
    texts.check_language(language)
    metrics = result.metrics
    metrics = metrics[
        metrics["result"].isin(["overliggerdogn", "days_after_offer"])
        & (metrics["by"] == "cause")
        & (metrics["window"] == "all")
        & (metrics["place"] == place)
    ]
    seen = set(metrics.loc[metrics["value"] > 0, "group"])  # housing is waited for in other sectors
    rows: dict[str, dict[str, Level]] = {
        c: {} for c in texts.CAUSES if (metrics["group"] == c).any() and (c != "housing" or c in seen)
    }
    if not rows:
        raise _missing("overliggerdogn_by_cause", "overliggerdogn by cause")
    for level in levels(metrics[metrics["group"].isin(list(rows))]):
        rows[level.group][level.scenario] = level
    names = _titles(result, language)
    title = claims.cause_claim(metrics[metrics["scenario"] == BASE], names[BASE], language)
    height = len(rows) * max(0.32, 0.11 * len(names) + 0.14) + 0.6
    footer = _footer(result, "note_levels", language)
    figure, body = drawing.new_figure(height, title, footer, drawing.scenario_key(names))
    axes = body.subplots()
    labels = [folded(texts.capitalised(texts.cause_label(c, language)), 1.6) for c in rows]
    drawing.dots(axes, rows, labels, names, language)
    where = texts.place_name(result.study.region, place, language)
    axes.set_xlabel(phrase("cause_axis", language, place=where), fontsize=TEXT, parse_math=False)
    axes.set_xlim(left=0)
    return figure


def difference(
    result: Result,
    name: str,
    *,
    window: str = "all",
    by: str = "all",
    group: str = "all",
    language: str = "nb",
    transfers: frozenset[str] | None = None,
) -> Figure:
    """Difference of one result from the base in every scenario, for the region and each hospital.

    ``name`` is a result of the tidy table (``overliggerdogn``, ``wait_mean_days``, …). A filled mark
    has a certain change. ``transfers``: the scenarios that only move money, if they are known. Raises
    :class:`InputError` when the study has no such result or nothing to compare with the base.
    """
    texts.check_language(language)
    metrics = result.metrics
    metrics = metrics[
        (metrics["result"] == name)
        & (metrics["window"] == window)
        & (metrics["by"] == by)
        & (metrics["group"] == group)
    ]
    region = result.study.region
    places = {"region": texts.place_name(region, "region", language)}
    places |= {h.id: texts.printable(h.name) for h in region.hospitals}
    found = [c for c in (changes(metrics) if len(metrics) else []) if c.place in places]
    if not found:
        known = ", ".join(sorted(result.metrics["result"].unique()))
        raise InputError(Problem("difference", f"must be one of: {known}", column="result", value=name))
    transfers = result.transfers if transfers is None else transfers
    panels: dict[str, list[tuple[str, Change]]] = {}
    some = 0
    titles = _titles(result, language)
    for scenario, title in titles.items():
        at = {c.place: c for c in found if c.scenario == scenario}
        rows = [(texts.capitalised(places[p]), at[p]) for p in places if p in at]
        if not rows:
            continue
        some += any(c.certain for _, c in rows)
        claim = claims.difference_claim(at, language)
        if scenario in transfers:
            money = phrase("money_only", language)
            paid = at.get("region") if name == "payment_nok" else None
            claim = texts.transfer_text(paid.difference, language) if paid else f"{money}; {claim}"
        panels[phrase("scenario_claim", language, scenario=title, claim=claim)] = rows
    title = next(iter(panels))
    if len(panels) > 1:
        what = texts.capitalised(texts.result_label(name, language))
        title = claims.count_title(what, some, len(panels), language)
    ends = [end for c in found for end in (c.difference, c.low, c.high)]
    scale = texts.Scale(name, found[0].unit, ends, language, difference=True)
    axis = phrase("difference_axis", language, unit=scale.unit)
    footer = _footer(result, "note_differences", language)
    return drawing.forest(title, panels, scale.factor, axis, footer, language)


def levers(result: Result, language: str = "nb", transfers: frozenset[str] | None = None) -> Figure:
    """What each scenario does to the key results of the region, one panel per scenario.

    Marks are in percent of the base, so that results with different units share a panel; the texts
    beside them are in the results' own units. ``transfers``: the scenarios that only move money, if they
    are known.
    """
    texts.check_language(language)
    metrics = _overall(result.metrics, texts.KEY_RESULTS, "all")
    found = changes(metrics[metrics["place"] == "region"])
    if not found:
        raise _missing("levers", "a scenario beside the base")
    transfers = result.transfers if transfers is None else transfers
    panels: dict[str, list[tuple[str, Change]]] = {}
    some = 0
    for scenario, title in _titles(result, language).items():
        at = {c.result: c for c in found if c.scenario == scenario}
        paid = at["payment_nok"].difference if "payment_nok" in at else 0.0
        if not texts.has_payment(_scenario(result, scenario, language)[0]):
            at.pop("payment_nok", None)
        if not at:
            continue
        rows = [
            (texts.capitalised(texts.result_label(r, language)), at[r]) for r in texts.KEY_RESULTS if r in at
        ]
        certain = sum(c.certain for _, c in rows)
        key = "levers_claim" if certain else "levers_none"
        heading = phrase(key, language, scenario=title, some=certain, all=len(rows))
        if scenario in transfers:
            claim = texts.transfer_text(paid, language)
            heading = phrase("scenario_claim", language, scenario=title, claim=claim)
        else:
            some += certain > 0
        panels[heading] = rows
    title = next(iter(panels))
    if len(panels) > 1:
        title = claims.count_title(phrase("levers_what", language), some, len(panels), language)
        if transfers:
            title += phrase("levers_transfers", language, n=len(transfers))
    footer = _footer(result, "note_differences", language)
    return drawing.forest(title, panels, None, phrase("levers_axis", language), footer, language)


def payers(
    result: Result,
    costing: str = MARGINAL,
    language: str = "nb",
    transfers: frozenset[str] | None = None,
) -> Figure:
    """What each scenario does to the net of the municipalities, each trust, the RHF, the state, patients
    and society; a panel per scenario, each with its own scale. ``costing``: ``marginal`` or ``average``.
    ``transfers``: the scenarios that only move money, if they are known."""
    texts.check_language(language)
    region, found = result.study.region, net_changes(result.metrics)
    transfers = result.transfers if transfers is None else transfers
    panels: dict[str, list[tuple[str, Change]]] = {}
    some = 0
    for scenario, title in _titles(result, language).items():
        at = found.get((scenario, costing), {})
        rows = [
            (texts.capitalised(texts.place_name(region, p, language)), at[p])
            for p in payers_of(region)
            if p in at
        ]
        if not rows:
            continue
        some += SOCIETY in at and at[SOCIETY].certain
        claim = payers_claim(at, region, language)
        if scenario in transfers:
            claim = f"{phrase('money_only', language)}; {claim}"
        panels[phrase("scenario_claim", language, scenario=title, claim=claim)] = rows
    if not panels:
        raise _missing("payers", f"net_nok of scenarios at {costing} cost")
    title = next(iter(panels))
    if len(panels) > 1:
        title = claims.count_title(phrase("payers_what", language), some, len(panels), language)
        if transfers:
            title += phrase("levers_transfers", language, n=len(transfers))
    ends = [end for rows in panels.values() for _, c in rows for end in (c.difference, c.low, c.high)]
    scale = texts.Scale("net_nok", "nok", ends, language, difference=True)
    axis = phrase("payers_axis", language, unit=scale.unit)
    note = phrase("payers_note", language, costing=phrase(f"costing_{costing}", language))
    footer = f"{note} {_footer(result, 'note_differences', language)}"
    return drawing.forest(title, panels, scale.factor, axis, footer, language, alike=False)


def payment_band(result: Result, language: str = "nb") -> Figure:
    """Overliggerdøgn by day rate when somebody answers to it: the difference from the base, its central
    estimate with an interval, and the band between the means of the low and the high estimate.

    Drawn of the scenarios that set a rate (``SetPaymentRate``) and an answer (``SetResponse``) and do
    nothing else; a panel for each kind of answer.
    """
    texts.check_language(language)
    answers = _answers(result)
    if not answers:
        raise _missing("payment_band", "two day rates with a central SetResponse")
    central = [at["central"] for answer in answers.values() for at in answer.values() if "central" in at]
    some = sum(change.certain for change in central)
    title = phrase("band_claim" if some else "band_none", language, some=some, all=len(central))
    footer = f"{phrase('band_note', language)} {_footer(result, 'note_differences', language)}"
    figure, body = drawing.new_figure(2.6 * len(answers), title, footer, _key_of_band(language))
    grid = body.subplots(len(answers), 1, squeeze=False, sharex=True)
    region = result.study.region
    today = region.rates.payment_for(region.start.year)
    for axes, ((municipal, hospitals), answer) in zip(grid.flat, answers.items(), strict=True):
        _draw_band(axes, answer, today, municipal != "cost_minimising", language)
        heading = [phrase(f"answer_{what}", language) for what in (municipal, hospitals) if what != "none"]
        label = texts.capitalised(texts.listed(heading, language))
        axes.set_title(label, loc="left", fontsize=TEXT, parse_math=False)
    grid[-1, 0].set_xlabel(phrase("band_x", language), fontsize=TEXT)
    return figure


def all_charts(result: Result, language: str = "nb") -> dict[str, Figure]:
    """Every figure that the study has results for, by name; none when every run of the base failed."""
    return {name: draw() for name, draw in _drawings(result, language).items()}


def save_all(result: Result, folder: str | Path, language: str = "nb", workers: int = 1) -> dict[str, Drawn]:
    """Draws every figure of :func:`all_charts` over ``workers`` processes and writes each with
    :func:`save` to ``folder``; returns them by name."""
    from capsim.study import executors

    drawings = _drawings(result, language)
    work = partial(_draw_and_save, drawings, Path(folder))
    with closing(executors.execute(work, drawings, workers)) as outcomes:
        drawn = dict(outcomes)
    for name, outcome in drawn.items():
        if isinstance(outcome, executors.Lost):
            raise CapsimError(f"the process that draws {name} was killed {outcome.tries} times")
    return {name: drawn[name] for name in drawings}


def _draw_and_save(drawings: Mapping[str, Callable[[], Figure]], folder: Path, name: str) -> Drawn:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a drawing library's remarks are no help to who reads a report
        figure = drawings[name]()
        svg, _ = save(figure, folder / name)
    return Drawn(figure.get_suptitle(), svg)


def _drawings(result: Result, language: str) -> dict[str, Callable[[], Figure]]:
    """How to draw each figure of :func:`all_charts`, with no more of the result than figures show: little
    enough to be sent to a process."""
    if not (result.metrics["scenario"] == BASE).any():
        return {}
    transfers = result.transfers
    metrics = result.metrics
    metrics = metrics[metrics["result"].isin(SHOWN) & metrics["by"].isin(GROUPED)]
    result = replace(result, metrics=metrics, census=result.census[result.census["scenario"] == BASE])
    compared = metrics["scenario"].nunique() > 1
    at_hospitals = metrics["place"].isin([h.id for h in result.study.region.hospitals])
    at_hospitals &= metrics["by"] == "all"
    here = set(metrics.loc[at_hospitals, "result"].unique())
    known: dict[str, Any] = {"language": language, "transfers": transfers}
    drawings: dict[str, Callable[[], Figure]] = {}
    if len(result.census):
        drawings["census"] = partial(census, result, language=language)
    if compared:
        drawings["levers"] = partial(levers, result, **known)
        if (metrics["result"] == "net_nok").any():
            drawings["payers"] = partial(payers, result, **known)
        if _answers(result):
            drawings["payment_band"] = partial(payment_band, result, language=language)
    if here & set(WAITS):
        drawings["waits"] = partial(waits, result, language=language)
    if (metrics["result"] == "overliggerdogn_per_1000").any():
        drawings["overliggerdogn_by_municipality"] = partial(
            overliggerdogn_by_municipality, result, language=language
        )
    if ((metrics["result"] == "overliggerdogn") & (metrics["by"] == "cause")).any():
        drawings["overliggerdogn_by_cause"] = partial(overliggerdogn_by_cause, result, language=language)
    drawn = metrics[at_hospitals & metrics["result"].isin(DIFFERENCES)]
    there = set(pairs(drawn)["result"].unique()) if compared and (drawn["scenario"] == BASE).any() else set()
    for name in DIFFERENCES:
        if name in there:
            drawings[f"difference_{name}"] = partial(difference, result, name, **known)
    return drawings


def save(figure: Figure, path_without_suffix: str | Path) -> tuple[Path, Path]:
    """Writes ``….svg`` (text stays text) and ``….png`` (150 dpi); returns their paths.

    The same figure gives the same bytes.
    """
    stem = Path(path_without_suffix)
    stem.parent.mkdir(parents=True, exist_ok=True)
    svg, png = (stem.with_name(f"{stem.name}.{suffix}") for suffix in ("svg", "png"))
    svg.write_bytes(drawing.svg_of(figure))
    figure.savefig(png, dpi=150, metadata={"Software": None})
    return svg, png


# --- data


def _footer(result: Result, note: str, language: str, compared: bool = True) -> str:
    """Source, uncertainty and assumptions. When scenarios are ``compared`` it also says whether
    capacity follows the patients that are moved: that decides what moving them does."""
    from capsim import __version__

    study = result.study
    base = result.metrics[result.metrics["scenario"] == BASE]
    facts = texts.facts(study.region)
    source = phrase(
        "footer",
        language,
        version=__version__,
        region=texts.printable(study.region.title),
        n=texts.replications_text(base["replication"].nunique(), language),
        seed=study.seed,
        days=study.days,
        start=texts.date_text(study.region.start, language),
        warm_up=study.warm_up_days,
        note=phrase(note, language),
        assumed=sum(texts.is_assumption(certainty) for _, certainty in facts.values()),
        settings=len(facts),
    )
    moves = [
        phrase(
            "capacity_follows",
            language,
            scenario=texts.printable(scenario.title_in(language)),
            sessions=phrase(f"sessions_{lever.sessions}", language),
            beds=phrase(f"beds_{lever.beds}", language),
        )
        for scenario in study.scenarios
        for lever in scenario.levers
        if compared and isinstance(lever, MoveElective)
    ]
    policies = [
        phrase(f"capacity_{lever.capacity}", language, scenario=texts.printable(scenario.title_in(language)))
        for scenario in study.scenarios
        for lever in scenario.levers
        if isinstance(lever, ProjectPopulation)
    ]
    few = ""
    if compared and result.metrics["scenario"].nunique() > 1:
        few = texts.few_text(pairs_in(result.metrics), language)
    return " ".join(filter(None, [few, source, *moves, *policies]))


def _overall(metrics: pd.DataFrame, results: Iterable[str], window: str | None = None) -> pd.DataFrame:
    """Rows of some results for everybody, in one window or in all."""
    keep = metrics["result"].isin(list(results)) & (metrics["by"] == "all")
    if window is not None:
        keep &= metrics["window"] == window
    return metrics[keep]


def _titles(result: Result, language: str) -> dict[str, str]:
    """Scenario → title, in the study's order, of those that have results."""
    there = set(result.metrics["scenario"].unique())
    return {s.name: texts.printable(s.title_in(language)) for s in result.study.scenarios if s.name in there}


def _scenario(result: Result, name: str, language: str) -> tuple[Region, str]:
    """The region and the title of a scenario."""
    known = {s.name: s for s in result.study.scenarios}
    if name not in known:
        allowed = f"must be one of: {', '.join(known)}"
        raise InputError(Problem("chart", allowed, column="scenario", value=name))
    return known[name].apply(result.study.region), texts.printable(known[name].title_in(language))


def _missing(chart: str, what: str) -> InputError:
    return InputError(Problem(f"chart {chart}", "the study has no such result", value=what))


# --- answers to the day rate


def _answers(result: Result) -> dict[tuple[str, str], dict[float, dict[str, Change]]]:
    """What overliggerdøgn change by, by kind of answer (municipal, hospitals), day rate and band; of
    kinds with two rates or more that have a central estimate."""
    metrics = _overall(result.metrics, ["overliggerdogn"], "all")
    metrics = metrics[metrics["place"] == "region"]
    found = {c.scenario: c for c in changes(metrics)} if (metrics["scenario"] == BASE).any() else {}
    answers: dict[tuple[str, str], dict[float, dict[str, Change]]] = {}
    for scenario in result.study.scenarios:
        match scenario.levers:
            case (SetPaymentRate(nok_per_day=rate), SetResponse() as answer) if scenario.name in found:
                kind = answers.setdefault((answer.municipal, answer.hospitals), {})
                kind.setdefault(rate, {})[answer.band] = found[scenario.name]
    return {
        kind: dict(sorted(rates.items()))
        for kind, rates in answers.items()
        if sum("central" in bands for bands in rates.values()) >= 2
    }


def _draw_band(
    axes: Axes, answer: Mapping[float, Mapping[str, Change]], today: float, none_today: bool, language: str
) -> None:
    """One kind of answer: a band, a line through the central estimates and their intervals. ``today``: the
    region's own rate, at which ``none_today`` is answered by anybody."""
    drawing.style(axes, "y", language)
    axes.axhline(0, color=INK, linewidth=0.8)
    bands = ("low", "central", "high")
    known = {today: [0.0] * len(bands)} if none_today else {}
    for rate, at in answer.items():
        known[rate] = [at[band].difference if band in at else np.nan for band in bands]
    low, middle, high = np.array([known[rate] for rate in sorted(known)]).T
    axes.fill_between(sorted(known), low, high, color=PALETTE[5], alpha=0.35, linewidth=0)
    axes.plot(sorted(known), middle, color=PALETTE[0], linewidth=1.2)
    for rate, change in ((rate, at["central"]) for rate, at in answer.items() if "central" in at):
        axes.vlines(rate, change.low, change.high, color=PALETTE[0], linewidth=1.4)
        fill = PALETTE[0] if change.certain else "white"
        axes.plot(rate, change.difference, "o", color=PALETTE[0], markersize=4.2, markerfacecolor=fill)
    axes.axvline(today, color=INK, linewidth=0.8, linestyle=DASHES, zorder=0)
    text = phrase("band_today", language, rate=texts.number(today, 0, language))
    beside: dict[str, Any] = {"xytext": (3, -2), "textcoords": "offset points", "va": "top"}
    axes.annotate(text, (today, 1), xycoords=("data", "axes fraction"), fontsize=SMALL, **beside)
    axes.set_xticks(list(answer), [texts.number(rate, 0, language) for rate in answer])
    axes.set_ylabel(folded(phrase("band_y", language), 1.9), fontsize=TEXT)


def _key_of_band(language: str) -> list[tuple[Artist, str]]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    marks: dict[str, Artist] = {
        "band_central": Line2D([], [], color=PALETTE[0], marker="o", markersize=4.2, linewidth=1.2),
        "band_range": Patch(color=PALETTE[5], alpha=0.35, linewidth=0),
    }
    return [(mark, phrase(key, language)) for key, mark in marks.items()]


# --- the census' panels


def _draw_census(axes: Axes, table: pd.DataFrame, beds: np.ndarray, language: str) -> None:
    """``table`` has a row per replication and a column per day, ``beds`` a number per day. Weekdays
    and weekends differ much, so the mean over seven days is drawn too; of the beds only that."""
    import pandas as pd

    days = len(beds)
    week_of_beds = pd.Series(beds).rolling(7, center=True, min_periods=1).mean()
    mean = table.mean(axis=0)
    low, high = np.nanpercentile(table.to_numpy(dtype=float), [5, 95], axis=0)
    drawing.style(axes, "y", language)
    axes.fill_between(table.columns, low, high, color=PALETTE[5], alpha=0.35, linewidth=0)
    axes.plot(table.columns, mean, color=PALETTE[5], linewidth=0.7 if days < 500 else 0.3)
    axes.plot(table.columns, mean.rolling(7, center=True).mean(), color=PALETTE[0], linewidth=1.4)
    axes.step(np.arange(days), week_of_beds, where="post", color=INK, linewidth=1.0, linestyle=DASHES)
    axes.set_xlim(0, days)


def _key_of_census(language: str) -> list[tuple[Artist, str]]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    marks: dict[str, Artist] = {
        "mean_line": Line2D([], [], color=PALETTE[5], linewidth=0.7),
        "week_line": Line2D([], [], color=PALETTE[0], linewidth=1.4),
        "band": Patch(color=PALETTE[5], alpha=0.35, linewidth=0),
        "beds_line": Line2D([], [], color=INK, linewidth=1.0, linestyle=DASHES),
    }
    return [(mark, phrase(key, language)) for key, mark in marks.items()]
