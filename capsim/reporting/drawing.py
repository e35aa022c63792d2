"""How every figure looks: its frame of heading, key and source line, and two ways to draw intervals.

Figures are made without pyplot and no setting of matplotlib is touched, so they can be made in any
thread. No text is read as mathematics, since a name may hold dollar signs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from capsim.analysis.comparison import BASE, Change, Level
from capsim.reporting import texts

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

__all__ = [
    "DASHES",
    "INK",
    "PALETTE",
    "SMALL",
    "TEXT",
    "calendar",
    "dots",
    "folded",
    "forest",
    "new_figure",
    "scenario_key",
    "style",
    "svg_of",
]

WIDTH = 7.2  # inches: the text width of an A4 page
MARGIN = 0.25  # inches that no text may use
LABELS = 2.75  # inches at most for the names beside a forest
INK, GREY, LIGHT = "#1a1a1a", "#6b6b6b", "#d9d9d9"
# Okabe and Ito's palette, which colour-blind readers can tell apart; the marks do it in print
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
MARKS = ("s", "^", "D", "v", "P", "X")
DASHES = (0, (5, 2))
TITLE, TEXT, SMALL = 11.0, 8.0, 6.5  # points


def new_figure(
    height: float, title: str, footer: str, key: Sequence[tuple[Artist, str]] = ()
) -> tuple[Figure, Figure | SubFigure]:
    """A figure with a heading, a source line and, if there is one, a ``key`` (marks and what they
    mean); and the part of it to draw in, ``height`` inches high."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    room = WIDTH - MARGIN
    heading = folded(title, room, TITLE, "bold")
    source = folded(footer, room, SMALL)
    outside = 0.19 * (heading.count("\n") + 1) + 0.12 * (source.count("\n") + 1) + 0.15
    labels = [folded(text, room - 0.4) for _, text in key]
    above = sum(0.125 * (text.count("\n") + 1) + 0.045 for text in labels) + 0.06 if key else 0.0
    figure = _figure_class()(
        figsize=(WIDTH, height + above + outside), layout=ConstrainedLayoutEngine(w_pad=0.08)
    )
    FigureCanvasAgg(figure)
    left: dict[str, Any] = {"x": 0.012, "ha": "left", "parse_math": False}
    figure.suptitle(heading, fontsize=TITLE, fontweight="bold", color=INK, **left)
    figure.supxlabel(source, fontsize=SMALL, color=GREY, **left)
    if not key:
        return figure, figure
    top, body = figure.subfigures(2, 1, height_ratios=[above, height]).flat  # type: ignore[union-attr]
    legend = top.legend(
        [mark for mark, _ in key],
        labels,
        loc="upper left",
        bbox_to_anchor=(0.012, 1.0),
        frameon=False,
        fontsize=TEXT,
        borderpad=0,
        borderaxespad=0,
        labelspacing=0.35,
        handlelength=1.8,
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
    return figure, body


@cache
def _figure_class() -> type[Figure]:
    """A figure that is drawn once when it is saved. matplotlib draws twice, the first time only to lay it
    out."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    class Once(Figure):
        def draw(self, renderer: Any) -> None:
            engine = self.get_layout_engine()
            if isinstance(engine, ConstrainedLayoutEngine) and self.canvas.is_saving():
                engine.execute(self)
            else:
                super().draw(renderer)

    return Once


def scenario_key(entries: Mapping[str, str]) -> list[tuple[Artist, str]]:
    """The key of a figure that shows scenarios: the mark of each, and its text."""
    from matplotlib.lines import Line2D

    return [
        (Line2D([], [], color=color, marker=mark, markersize=4, linewidth=1.2), entries[scenario])
        for scenario, (color, mark) in _looks(entries).items()
    ]


def dots(
    axes: Axes,
    rows: Mapping[str, Mapping[str, Level]],
    labels: Sequence[str],
    scenarios: Mapping[str, str],
    language: str,
) -> None:
    """A mark with its interval for every row and scenario, a row's scenarios one below the other.
    Intervals stay within what the result can be.

    ``rows`` maps a row to its level in each scenario; ``labels`` are what the rows are called.
    """
    style(axes, "x", language)
    step = 0.72 / len(scenarios)
    for i, (scenario, (color, mark)) in enumerate(_looks(scenarios).items()):
        found = [(k, levels[scenario]) for k, levels in enumerate(rows.values()) if scenario in levels]
        y = [k + (i - (len(scenarios) - 1) / 2) * step for k, _ in found]
        axes.hlines(
            y,
            [texts.shown_interval(level)[0] for _, level in found],
            [texts.shown_interval(level)[1] for _, level in found],
            color=color,
            linewidth=1.2,
        )
        axes.plot([level.mean for _, level in found], y, mark, color=color, markersize=3.6, clip_on=False)
    for k in range(1, len(rows)):
        axes.axhline(k - 0.5, color=LIGHT, linewidth=0.5)
    axes.set_yticks(range(len(rows)), labels, fontsize=TEXT, parse_math=False)
    axes.set_ylim(len(rows) - 0.5, -0.5)


def forest(
    title: str,
    panels: Mapping[str, Sequence[tuple[str, Change]]],
    factor: float | None,
    axis: str,
    footer: str,
    language: str,
    alike: bool = True,
) -> Figure:
    """Differences with intervals, the numbers written beside the marks; a panel per heading.

    A panel is a list of (label, change). With a ``factor`` (to the unit that ``axis`` names) all
    panels have the same scale if they are to be ``alike``; without one, marks are in percent of the base
    and every panel has its own, which an uncertain row of a few chances cannot stretch: an arrow says
    that it goes on.
    """

    def written(change: Change) -> str:
        return texts.change_text(change, language)

    every = [row for rows in panels.values() for row in rows]
    names = max(inches(label) for label, _ in every)
    beside = max(inches(written(change)) for _, change in every)
    plot = WIDTH - beside - min(names, LABELS) - 0.35
    headings = [folded(text, WIDTH - MARGIN, TEXT, "bold") for text in panels] if len(panels) > 1 else [""]
    row = 0.2 if names <= LABELS else 0.3
    heights = [
        row * len(rows) + 0.42 + 0.16 * (heading.count("\n") + 1 if heading else 0)
        for heading, rows in zip(headings, panels.values(), strict=True)
    ]
    figure, body = new_figure(sum(heights), title, footer)
    parts = body.subfigures(len(panels), 1, squeeze=False, height_ratios=heights).flat
    drawn: list[Axes] = []
    for part, heading, rows in zip(parts, headings, panels.values(), strict=True):
        if heading:
            part.suptitle(heading, x=0.012, ha="left", fontsize=TEXT, fontweight="bold", parse_math=False)
        axes, words = part.subplots(1, 2, width_ratios=[plot, beside])
        style(axes, "x", language)
        axes.axvline(0, color=INK, linewidth=0.8)
        words.set_axis_off()
        scales = [
            factor if factor is not None else 100 / abs(change.base) if change.base else np.nan
            for _, change in rows
        ]
        limit = np.inf if factor is not None else _limit(rows, scales)
        for y, ((_, change), scale) in enumerate(zip(rows, scales, strict=True)):
            color = PALETTE[0] if change.certain else GREY
            fill = color if change.certain else "white"
            low, middle, high = (end * scale for end in (change.low, change.difference, change.high))
            axes.hlines(y, max(low, -limit), min(high, limit), color=color, linewidth=1.4)
            if abs(middle) <= limit:
                axes.plot(middle, y, "o", markersize=4.2, color=color, markerfacecolor=fill)
            for beyond, arrow, end in (
                (np.fmin(low, middle) < -limit, "<", -limit),
                (np.fmax(high, middle) > limit, ">", limit),
            ):
                if beyond:
                    axes.plot(end, y, arrow, markersize=5, color=color)
            words.text(
                0, y, written(change), fontsize=TEXT, va="center", color=color, parse_math=False
            ).set_in_layout(False)
        labels = [folded(label, LABELS) for label, _ in rows]
        axes.set_yticks(range(len(rows)), labels, fontsize=TEXT, parse_math=False)
        for side in (axes, words):
            side.set_ylim(len(rows) - 0.5, -0.5)
        axes.margins(x=0.08)
        drawn.append(axes)
    drawn[-1].set_xlabel(axis, fontsize=TEXT)
    reach = [max(abs(end) for end in axes.get_xlim()) for axes in drawn]
    for axes, own in zip(drawn, reach, strict=True):
        end = max(reach) if alike and factor is not None else own
        axes.set_xlim(-end, end)
    return figure


def _limit(rows: Sequence[tuple[str, Change]], scales: Sequence[float]) -> float:
    """How far from zero a panel goes: as far as its certain rows, or three times as far as its middle
    row that changes at all."""
    sizes = [
        float(np.nanmax(np.abs([c.low, c.difference, c.high]))) * scale
        for (_, c), scale in zip(rows, scales, strict=True)
    ]
    moving = [size for size in sizes if size > 0]
    certain = [size for size, (_, c) in zip(sizes, rows, strict=True) if c.certain and size > 0]
    return max([3 * float(np.median(moving)), *certain]) if moving else np.inf


def style(axes: Axes, across: Literal["x", "y"], language: str) -> None:
    """No frame but the lower line; grid lines at the ticks of one axis, whose numbers are written as
    the language does."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(GREY)
    axes.tick_params(labelsize=TEXT - 1, length=0, colors=INK)
    axes.set_axisbelow(True)
    axes.grid(axis=across, color=LIGHT, linewidth=0.5)
    axis = axes.xaxis if across == "x" else axes.yaxis
    axis.set_major_locator(MaxNLocator(6 if across == "x" else 4, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: texts.tick(value, language)))


def calendar(axes: Axes, start: date, days: int, language: str) -> None:
    """Names of months under the days 0, 1, … from ``start``, and the year where it begins."""
    every = 2 if days <= 500 else 6 if days <= 1500 else 12
    ticks: list[int] = []
    labels: list[str] = []
    for day in range(days):
        today = start + timedelta(day)
        if today.day == 1 and (today.month - 1) % every == 0:
            with_year = not ticks or today.month == 1
            ticks.append(day)
            labels.append(texts.month(today.month, language) + (f"\n{today.year}" if with_year else ""))
    axes.set_xticks(ticks, labels)


def svg_of(figure: Figure) -> bytes:
    """The figure as SVG, the same bytes every time: no date, and ids by number.

    matplotlib names clips and marks by a hash of coordinates to the last bit, which the layout
    does not always reach alike; numbered in the order of use they are the same. Text stays text.
    """
    import io
    import re

    import matplotlib

    drawn = io.BytesIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "capsim"}):
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    svg = drawn.getvalue().decode()
    numbers: dict[str, str] = {}
    same = re.sub(
        r"(?<=[\"#])([mpC])[0-9a-f]{10}(?=[\")_])",
        lambda id: numbers.setdefault(id[0], f"{id[1]}{len(numbers)}"),
        svg,
    )
    return same.encode()


def folded(text: str, width: float, size: float = TEXT, weight: str = "normal") -> str:
    """``text`` broken into lines of at most ``width`` inches."""
    lines, reach = [""], 0.0
    for word in text.replace(" %", "\u00a0%").split(" "):
        longer = f"{lines[-1]} {word}".strip(" ")
        reach += inches(f"–{word}", size, weight)  # at most: a dash is wider than a space
        if reach > width:
            reach = inches(longer, size, weight)
        if lines[-1] and reach > width:
            lines.append(word)
            reach = inches(word, size, weight)
        else:
            lines[-1] = longer
    return "\n".join(lines)


@lru_cache(maxsize=10_000)  # the same words stand in many footers
def inches(text: str, size: float = TEXT, weight: str = "normal") -> float:
    """How wide ``text`` is drawn, and a little more, since hinting widens small letters."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    font = FontProperties(size=size, weight=weight)
    return 1.05 * TextToPath().get_text_width_height_descent(text, font, ismath=False)[0] / 72


def _looks(scenarios: Mapping[str, object]) -> dict[str, tuple[str, str]]:
    """Colour and mark of each scenario; the base is black and round."""
    others = [s for s in scenarios if s != BASE]
    looks = {s: (PALETTE[i % len(PALETTE)], MARKS[i % len(MARKS)]) for i, s in enumerate(others)}
    return {s: looks.get(s, (INK, "o")) for s in scenarios}
