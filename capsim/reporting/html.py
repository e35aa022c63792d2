"""The board's report: one HTML file that needs nothing else, in Norwegian or English.

Every name in it may come from a stranger's spreadsheet, so the template escapes whatever it is given;
only the charts, whose markup is made here, are let through.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from capsim.analysis.comparison import BASE, ENOUGH, Change, changes, levels, pairs_in
from capsim.analysis.compensation import settlements
from capsim.reporting import texts
from capsim.reporting.lever_texts import lever_text
from capsim.reporting.payers import (
    MARGINAL,
    SOCIETY,
    net_changes,
    payers_of,
    price_note,
    reasons_text,
    settlement_texts,
)
from capsim.reporting.texts import phrase

if TYPE_CHECKING:
    from capsim.reporting.charts import Drawn
    from capsim.study.study import Result

__all__ = ["inline_svg", "report"]

HOSPITAL_RESULTS = (
    "wait_mean_days",
    "fristbrudd_share",
    "postponed_share",
    "occupancy_mean",
    "overliggerdogn",
)
VOLUMES_SHOWN = 6  # of each scenario: the largest certain changes
MISSING = ("money", "response")
SETTLING_DAYS = 730  # waits settle over about 300 days (model: wait / ε), so two years show them


def report(
    result: Result,
    path: str | Path,
    language: str = "nb",
    drawn: Mapping[str, Drawn] | None = None,
) -> Path:
    """Writes the report of a study to ``path`` and returns it.

    One file: charts are drawn in the page, nothing is fetched, and it prints. ``language`` is ``nb``
    or ``en``; others raise :class:`InputError`. ``drawn`` are the figures of
    :func:`capsim.reporting.charts.save_all` if they have been saved. The same result gives the same bytes.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    texts.check_language(language)
    page = Environment(
        loader=FileSystemLoader(Path(__file__).parent, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    ).get_template("report.html.j2")
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    contents = _Report(result, language).contents(drawn)
    path.write_text(page.render(contents), encoding="utf-8", newline="\n")
    return path


def inline_svg(svg: bytes, name: str, alternative: str) -> str:
    """An SVG file's figure as an ``<svg>`` element of a page.

    Text stays text, ids begin with ``name`` so that figures can share the page, and ``alternative``
    is what a screen reader says.
    """
    root = ElementTree.fromstring(svg)
    for metadata in root.findall("{*}metadata"):
        root.remove(metadata)
    for element in root.iter():
        element.tag = _local(element.tag)
        attributes = {_local(key): value for key, value in element.attrib.items()}
        element.attrib.clear()
        for key, value in attributes.items():
            if key == "id":
                value = f"{name}-{value}"
            elif key == "href":
                value = value.replace("#", f"#{name}-", 1)
            element.set(key, value.replace("url(#", f"url(#{name}-"))
    for size in ("width", "height"):
        del root.attrib[size]
    root.set("role", "img")
    root.set("aria-label", alternative)
    return ElementTree.tostring(root, encoding="unicode")


def _local(name: str) -> str:
    """A tag or attribute without its namespace, which HTML does not need."""
    return name.rpartition("}")[2]


class _Report:
    """What the template is filled with, from a result in a language."""

    def __init__(self, result: Result, language: str):
        self.result = result
        self.language = language
        self.study = result.study
        self.region = result.study.region
        self.titles = {s.name: texts.printable(s.title_in(language)) for s in self.study.scenarios}
        self.regions = {s.name: s.apply(self.region) for s in self.study.scenarios}
        there = set(result.metrics["scenario"].unique())
        self.scenarios = [s for s in self.study.scenarios if s.name in there and s.name != BASE]
        whole = result.metrics[result.metrics["window"] == "all"]
        self.levels = levels(whole[whole["by"] == "all"])
        compared = BASE in there  # not when every run of the base failed
        self.changes = changes(whole[whole["by"].isin(["all", "type"])]) if compared else []
        last = texts.last_year(self.study.days)
        later = result.metrics[
            (result.metrics["window"] == last)
            & (result.metrics["result"] == "wait_mean_days")
            & (result.metrics["place"] == "region")
            & (result.metrics["by"] == "all")
        ]
        # the waits of the last of several years
        self.later = changes(later) if (later["scenario"] == BASE).any() else []
        self.few = texts.few_text(pairs_in(result.metrics), language) if self.scenarios else ""
        self.transfers = result.transfers
        self.net = net_changes(whole) if compared else {}
        made_of = whole[(whole["by"] == f"reason_{MARGINAL}") & (whole["place"] == SOCIETY)]
        self.made_of = changes(made_of) if self.net and len(made_of) else []
        self.settlements = settlements(whole, self.region) if compared else []
        self.facts = [
            {
                "name": texts.setting_label(name, language),
                "code": texts.printable(name),
                "source": texts.printable(source) or self.t("no_source"),
                "certainty": texts.certainty_label(certainty, language),
                "assumed": texts.is_assumption(certainty),
            }
            for name, (source, certainty) in texts.facts(self.region).items()
        ]

    def contents(self, drawn: Mapping[str, Drawn] | None) -> dict[str, Any]:
        from capsim import __version__
        from capsim.region.loading import shipped_regions

        study = self.study
        many = len(self.scenarios) > 1
        plural = {"nb": "er", "en": "s"}[self.language] if many else ""
        lead = {"start": texts.date_text(self.region.start, self.language), "days": study.days}
        return {
            "language": self.language,
            "t": self.t,
            "title": self.t("report_title", region=texts.printable(self.region.title)),
            "lead": self.t("report_lead", version=__version__, n=len(self.scenarios), s=plural, **lead)
            if self.scenarios
            else self.t("report_lead_base", version=__version__, **lead),
            "days": study.days,
            "scenarios": [
                {
                    "title": self.titles[s.name],
                    "asked": [lever_text(lever, self.regions[s.name], self.language) for lever in s.levers],
                    "evidence": s.evidence.get(self.language, ""),
                    "found": list(self._found(s.name)),
                }
                for s in self.scenarios
            ],
            "payers": list(self._payers()),
            "costings": [texts.capitalised(texts.costing_label(c, self.language)) for c in texts.COSTINGS],
            "payer_notes": [
                *map(self.t, ("payers_transfers", "payers_differences", "payers_costings")),
                price_note(self.region, self.language),
            ],
            "sure": list(self._sure()),
            "base": list(self._base()),
            "warnings": list(self._warnings()),
            "charts": list(self._charts(drawn)),
            "key_table": list(self._key_table()),
            "hospital_table": list(self._hospital_table()),
            "facts": self.facts,
            "shipped": self.region.name in shipped_regions(),
            "missing": [self.t(f"missing_{what}") for what in MISSING],
            "technical": list(self._technical()),
        }

    def t(self, key: str, **values: object) -> str:
        return phrase(key, self.language, **values)

    def _place(self, place: str, scenario: str = BASE) -> str:
        return texts.place_name(self.regions[scenario], place, self.language)

    def _label(self, result: str) -> str:
        return texts.result_label(result, self.language)

    def _found(self, scenario: str) -> Iterator[str]:
        """The answers for one scenario, most important first."""
        rows = [c for c in self.changes if c.scenario == scenario]
        overall = [c for c in rows if c.by == "all"]
        region = {c.result: c for c in overall if c.place == "region"}
        if scenario in self.transfers:
            paid = region["payment_nok"].difference if "payment_nok" in region else 0.0
            yield f"{texts.capitalised(texts.transfer_text(paid, self.language))}."
            yield self.t("everything_same")
            return
        key = [region[name] for name in texts.KEY_RESULTS if name in region]
        if not texts.has_payment(self.regions[scenario]):
            key = [change for change in key if change.result != "payment_nok"]
        for change in key:
            if change.certain:
                yield f"{texts.capitalised(texts.claim(change, self.language))}."
        uncertain = [
            f"{self._label(c.result)} {texts.change_text(c, self.language)}" for c in key if not c.certain
        ]
        if uncertain:
            yield self.t("not_certain", items="; ".join(uncertain))
        for change in self.later:
            if change.scenario == scenario:
                when = texts.capitalised(texts.window_label(change.window, self.language))
                yield self.t("in_window", window=when, claim=texts.claim(change, self.language))
        for hospital in self.region.hospitals:
            claims = [
                texts.claim(c, self.language)
                for c in overall
                if c.place == hospital.id and c.result in HOSPITAL_RESULTS and c.certain
            ]
            if claims:
                yield self.t("also_at", place=texts.printable(hospital.name), claim="; ".join(claims))
        yield from self._volumes([c for c in rows if c.by == "type" and c.result == "volume"])
        yield from self._only_here(scenario)

    def _volumes(self, rows: list[Change]) -> Iterator[str]:
        """The largest certain changes in how many are treated where."""
        hospitals = {h.id for h in self.region.hospitals}
        certain = [c for c in rows if c.certain and c.place in hospitals]
        for c in sorted(certain, key=lambda c: -abs(c.difference))[:VOLUMES_SHOWN]:
            kind = texts.printable(self.region.elective_type(c.group).name)
            change = texts.change_text(c, self.language)
            text = self.t("volume_change", type=kind, place=self._place(c.place), change=change)
            yield texts.capitalised(text)

    def _only_here(self, scenario: str) -> Iterator[str]:
        """What a new team does, and what is bought; the base has none to be compared with."""
        base, changed = (
            {team.id for stage in region.phases() for team in stage.region.teams}
            for region in (self.region, self.regions[scenario])
        )
        there = {(v.place, v.result) for v in self.levels if v.scenario == BASE}
        bought = ("region", "private_treatments")
        new: dict[str, list[str]] = {}
        for level in self.levels:
            key = level.place, level.result
            is_new = level.place in changed - base or (key == bought and key not in there)
            if level.scenario == scenario and is_new:
                item = f"{self._label(level.result)}: {texts.level_text(level, self.language)}"
                new.setdefault(level.place, []).append(item)
        for place, items in new.items():
            yield self.t("only_here", place=self._place(place, scenario), items="; ".join(items))

    def _payers(self) -> Iterator[dict[str, Any]]:
        """What every scenario does to each payer, and what would make it good."""
        for scenario in self.scenarios:
            at = {costing: self.net.get((scenario.name, costing), {}) for costing in texts.COSTINGS}
            rows = [
                {
                    "payer": texts.capitalised(self._place(payer)),
                    "cells": [self._cell(at[costing].get(payer)) for costing in at],
                }
                for payer in payers_of(self.region)
                if any(payer in changes for changes in at.values())
            ]
            made_of = [c for c in self.made_of if c.scenario == scenario.name]
            said = [
                reasons_text(made_of, MARGINAL, self.language),
                self._treated(scenario.name),
                *self._settled(scenario.name),
            ]
            if rows:
                yield {"title": self.titles[scenario.name], "rows": rows, "texts": list(filter(None, said))}

    def _treated(self, scenario: str) -> str:
        """What was treated, to be read beside what it cost."""
        at = (scenario, "drg_points", "region", "all")
        change = next((c for c in self.changes if (c.scenario, c.result, c.place, c.by) == at), None)
        if change is None:
            return ""
        return self.t("treated_beside", change=texts.change_text(change, self.language))

    def _settled(self, scenario: str) -> Iterator[str]:
        """The side payments of a scenario, once if they are the same at either cost."""
        fits = [row.fit for row in self.settlements]
        own = [row for row in self.settlements if row.scenario == scenario and row.fit == fits[0]]
        by_costing = {c: [row for row in own if row.costing == c] for c in texts.COSTINGS}
        found = {texts.costing_label(c, self.language): rows for c, rows in by_costing.items() if rows}
        if len({tuple(row._replace(costing="") for row in rows) for rows in found.values()}) == 1:
            found = {self.t("both_costings"): next(iter(found.values()))}
        for costing, rows in found.items():
            yield from settlement_texts(rows, costing, self.region, self.language)

    def _sure(self) -> Iterator[str]:
        study = self.study
        compared = "" if self.scenarios else "_base"
        if study.replications > 1:
            yield self.t(f"sure_replications{compared}", n=study.replications)
            yield self.t(f"sure_interval{compared}", enough=ENOUGH)
        else:
            yield self.t("sure_one")
        yield from filter(None, [self.few])
        if self.facts:
            assumed = sum(bool(fact["assumed"]) for fact in self.facts)
            yield self.t("sure_assumptions", assumed=assumed, settings=len(self.facts))
        if self.scenarios:
            yield self.t("sure_measures")
            yield self.t("sure_fit")
            if study.days < SETTLING_DAYS:
                yield self.t("sure_year", days=study.days)
        yield from filter(None, [texts.payment_note(self.region, study.days, self.language)])

    def _base(self) -> Iterator[str]:
        """The key results of the region in the base case."""
        at = {v.result: v for v in self.levels if v.scenario == BASE and v.place == "region"}
        for name in texts.KEY_RESULTS:
            if name in at:
                stated = name != "payment_nok" or texts.has_payment(self.region)
                level = texts.level_text(at[name], self.language) if stated else self.t("not_stated")
                yield self.t("level", what=texts.capitalised(self._label(name)), level=level)

    def _warnings(self) -> Iterator[str]:
        """What a reader has to know first."""
        planned = len(self.study.scenarios) * self.study.replications
        missing = texts.missing_text(planned - len(self.result.runs), planned, self.language)
        yield from filter(None, [missing, self.few])
        yield from map(self._failure, self.result.failures)

    def _failure(self, failure: dict[str, Any]) -> str:
        title = self.titles.get(failure["scenario"], failure["scenario"])
        error = texts.printable(str(failure["error"]))
        return self.t("failed", scenario=title, replication=failure["replication"], error=error)

    def _charts(self, drawn: Mapping[str, Drawn] | None) -> Iterator[dict[str, str]]:
        from markupsafe import Markup

        from capsim.reporting.charts import all_charts
        from capsim.reporting.drawing import svg_of

        if drawn is None:
            figures = all_charts(self.result, self.language)
            shown = {name: (figure.get_suptitle(), svg_of(figure)) for name, figure in figures.items()}
        else:
            shown = {name: (title, svg.read_bytes()) for name, (title, svg) in drawn.items()}
        for name, (title, svg) in shown.items():
            kind, _, of = name.partition("difference_")
            what = texts.capitalised(texts.result_label(of, self.language))
            text = self.t("alt_difference", what=what) if of else self.t(f"alt_{kind}")
            alternative = "{}. {}".format(title.replace("\n", " "), text)
            yield {
                "name": name,
                "svg": Markup(inline_svg(svg, name, alternative)),
                "caption": text,
            }

    def _key_table(self) -> Iterator[dict[str, Any]]:
        """Rows of the region's key results, result by result and scenario by scenario."""
        for name in texts.KEY_RESULTS:
            rows = [c for c in self.changes if (c.result, c.place, c.by) == (name, "region", "all")]
            for i, change in enumerate(rows):
                scale = texts.Scale(name, change.unit, [c.base for c in rows], self.language)
                region = self.regions[change.scenario]
                known = [name != "payment_nok" or texts.has_payment(r) for r in (self.region, region)]
                base, value = (
                    scale.full(amount) if stated else self.t("not_stated")
                    for amount, stated in zip((change.base, change.value), known, strict=True)
                )
                yield {
                    "label": texts.capitalised(self._label(name)) if i == 0 else "",
                    "span": len(rows),
                    "scenario": self.titles[change.scenario],
                    "base": base,
                    "value": value,
                    "change": self._cell(change if known[1] else None),
                    "n": change.n,
                }

    def _hospital_table(self) -> Iterator[dict[str, Any]]:
        """Rows of hospitals under each of their results; a cell per scenario."""
        base = {(v.result, v.place): v for v in self.levels if v.scenario == BASE}
        found = {(c.result, c.place, c.scenario): c for c in self.changes if c.by == "all"}
        for name in HOSPITAL_RESULTS:
            rows = [
                {
                    "hospital": texts.printable(hospital.name),
                    "base": texts.level_text(base[name, hospital.id], self.language),
                    "cells": [self._cell(found.get((name, hospital.id, s.name))) for s in self.scenarios],
                }
                for hospital in self.region.hospitals
                if (name, hospital.id) in base
            ]
            if rows:
                yield {"label": texts.capitalised(self._label(name)), "rows": rows}

    def _cell(self, change: Change | None) -> dict[str, Any]:
        if change is None:
            return {"text": "–", "certain": False}
        return {"text": texts.change_text(change, self.language), "certain": change.certain}

    def _technical(self) -> Iterator[tuple[str, str]]:
        from capsim import __version__
        from capsim.study.plain import content_hash, region_to_plain

        study = self.study
        yield self.t("tech_version"), f"capsim {__version__}"
        yield self.t("tech_region"), f"{self.region.name} ({texts.printable(self.region.title)})"
        yield self.t("tech_hash"), content_hash(region_to_plain(self.region))
        yield self.t("tech_seed"), str(study.seed)
        yield self.t("tech_replications"), str(study.replications)
        yield self.t("tech_days"), f"{study.days} + {study.warm_up_days}"
        yield self.t("tech_engine"), study.engine
        for scenario in self.scenarios:
            levers = "; ".join(texts.printable(repr(lever)) for lever in scenario.levers)
            yield self.t("tech_levers", scenario=scenario.name), levers or "–"
