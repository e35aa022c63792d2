"""The table on the terminal: what every scenario does to the key results of the region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capsim.analysis.comparison import BASE, changes, levels, money_only
from capsim.reporting import texts
from capsim.reporting.texts import phrase

if TYPE_CHECKING:
    from capsim.study.study import Result

__all__ = ["summary_table"]

# what a Windows console of an older code page cannot show
_CONSOLE = str.maketrans({"\u2212": "-", "–": "-", "\u00a0": " "})


def summary_table(result: Result, language: str = "nb") -> str:
    """A line per scenario and key result: base, scenario, and the difference with its 95 % interval;
    a star where the interval excludes zero. With the base case alone, its means and their intervals.

    Without a final newline; only characters that old consoles know, but for those in names.
    """
    texts.check_language(language)
    metrics = result.metrics
    metrics = metrics[
        metrics["result"].isin(texts.KEY_RESULTS)
        & (metrics["place"] == "region")
        & (metrics["by"] == "all")
        & (metrics["window"] == "all")
    ]
    n = metrics.loc[metrics["scenario"] == BASE, "replication"].nunique()
    title = texts.printable(result.study.region.title)
    lines = [phrase("table_head", language, region=title, n=n)]
    compared = n > 0  # not when every run of the base failed
    found = changes(metrics) if compared else []
    rank = {name: i for i, name in enumerate(texts.KEY_RESULTS)}
    found.sort(key=lambda c: rank[c.result])
    transfers = money_only(result.metrics) if compared else frozenset()
    heading = [phrase(key, language) for key in ("col_result", "col_base", "col_value", "col_difference")]
    blocks: list[tuple[str, list[list[str]]]] = []
    for scenario in result.study.scenarios:
        changed = [c for c in found if c.scenario == scenario.name]
        if not changed:
            continue
        cells = []
        for change in changed:
            scale = texts.Scale(change.result, change.unit, [change.base], language)
            label = texts.capitalised(texts.result_label(change.result, language))
            star = "* " if change.certain else "  "
            text = star + texts.change_text(change, language)
            cells.append([label, scale.full(change.base), scale.full(change.value), text])
        name = texts.printable(scenario.title_in(language))
        if scenario.name in transfers:
            name = f"{name}: {phrase('money_only', language)}"
        blocks.append((name, cells))
    if not blocks:
        heading = [phrase(key, language) for key in ("col_result", "col_base")]
        base = [level for level in levels(metrics) if level.scenario == BASE]
        base.sort(key=lambda level: rank[level.result])
        cells = [
            [
                texts.capitalised(texts.result_label(level.result, language)),
                texts.level_text(level, language),
            ]
            for level in base
        ]
        blocks.append((phrase("base", language), cells))
    widths = [
        max(map(len, column))
        for column in zip(heading, *(r for _, rows in blocks for r in rows), strict=True)
    ]

    def line(cells: list[str]) -> str:
        last = len(cells) - 1
        padded = [
            cell.ljust(width) if i in (0, last) else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"  {'  '.join(padded)}".rstrip()

    lines.append(line(heading))
    for name, rows in blocks:
        lines += ["", name, *map(line, rows)]
    if len(heading) > 2:
        lines += ["", phrase("table_star", language)]
    return "\n".join(lines).translate(_CONSOLE)
