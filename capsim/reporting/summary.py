"""The table on the terminal: what every scenario does to the key results of the region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capsim.analysis.comparison import BASE, ENOUGH, changes, levels, pairs_in
from capsim.reporting import texts
from capsim.reporting.payers import MARGINAL, net_changes, payers_line
from capsim.reporting.texts import phrase

if TYPE_CHECKING:
    from capsim.analysis.comparison import Change, Level
    from capsim.study.study import Result

__all__ = ["summary_table"]

CONSOLE = str.maketrans({"\u2212": "-", "–": "-", "\u00a0": " "})
"""What a Windows console of an older code page cannot show."""


def summary_table(result: Result, language: str = "nb") -> str:
    """A line per scenario and key result: base, scenario, and the difference with its 95 % interval;
    a star where the change is certain; then who pays and who gains. Over several years, also the waits of
    the last. With the base case alone, its means and their intervals.

    Without a final newline; only characters that old consoles know, but for those in names.
    """
    texts.check_language(language)
    metrics = result.metrics
    study = result.study
    last = texts.last_year(study.days)
    in_last = (metrics["result"] == "wait_mean_days") & (metrics["window"] == last)
    metrics = metrics[
        metrics["result"].isin(texts.KEY_RESULTS)
        & (metrics["place"] == "region")
        & (metrics["by"] == "all")
        & ((metrics["window"] == "all") | in_last)
    ]
    n = metrics.loc[metrics["scenario"] == BASE, "replication"].nunique()
    title = texts.printable(study.region.title)
    replications = texts.replications_text(n, language)
    start = texts.date_text(study.region.start, language)
    lines = [phrase("table_head", language, region=title, n=replications, days=study.days, start=start)]
    planned = len(study.scenarios) * study.replications
    lines += filter(None, [texts.missing_text(planned - len(result.runs), planned, language)])
    compared = n > 0  # not when every run of the base failed
    found = changes(metrics) if compared else []
    rank = {name: i for i, name in enumerate(texts.KEY_RESULTS)}
    found.sort(key=lambda c: (rank[c.result], c.window))
    transfers = result.transfers
    net = net_changes(result.metrics) if compared else {}
    heading = [phrase(key, language) for key in ("col_result", "col_base", "col_value", "col_difference")]
    blocks: list[tuple[str, list[list[str]], str]] = []

    def label(row: Change | Level) -> str:
        text = texts.capitalised(texts.result_label(row.result, language))
        return text if row.window == "all" else f"{text}, {texts.window_label(row.window, language)}"

    unknown = phrase("not_stated", language)
    pays = texts.has_payment(study.region)
    for scenario, region in zip(study.scenarios, study.regions, strict=True):
        changed = [c for c in found if c.scenario == scenario.name]
        if not changed:
            continue
        cells = []
        for change in changed:
            scale = texts.Scale(change.result, change.unit, [change.base], language)
            if change.result == "payment_nok" and not texts.has_payment(region):
                cells.append([label(change), unknown, unknown, ""])
                continue
            base = scale.full(change.base) if change.result != "payment_nok" or pays else unknown
            star = "* " if change.certain else "  "
            text = star + texts.change_text(change, language)
            cells.append([label(change), base, scale.full(change.value), text])
        name = texts.printable(scenario.title_in(language))
        if scenario.name in transfers:
            name = f"{name}: {phrase('money_only', language)}"
        at = net.get((scenario.name, MARGINAL))
        blocks.append((name, cells, f"  {payers_line(at, study.region, language)}" if at else ""))
    if not blocks:
        heading = [phrase(key, language) for key in ("col_result", "col_base")]
        alone = [level for level in levels(metrics) if level.scenario == BASE]
        alone.sort(key=lambda level: (rank[level.result], level.window))
        cells = [
            [
                label(level),
                unknown if level.result == "payment_nok" and not pays else texts.level_text(level, language),
            ]
            for level in alone
        ]
        blocks.append((phrase("base", language), cells, ""))
    widths = [
        max(map(len, column))
        for column in zip(heading, *(r for _, rows, _ in blocks for r in rows), strict=True)
    ]

    def line(cells: list[str]) -> str:
        last = len(cells) - 1
        padded = [
            cell.ljust(width) if i in (0, last) else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"  {'  '.join(padded)}".rstrip()

    lines.append(line(heading))
    for name, rows, who in blocks:
        lines += ["", name, *map(line, rows), *([who] if who else [])]
    lines.append("")
    if net:
        lines.append(phrase("who_pays_note", language))
    if len(heading) > 2:
        few = texts.few_text(pairs_in(metrics), language)
        lines.append(few or phrase("table_star", language, enough=ENOUGH))
    if (metrics["result"] == "payment_nok").any():
        lines.append(phrase("sectors_note", language))
        lines.append(texts.payment_note(study.region, study.days, language))
    while not lines[-1]:
        lines.pop()
    return "\n".join(lines).translate(CONSOLE)
