"""From records to tidy results: each result defined once, in the docstring of what computes it.

A result is a row (window, place, by, group, result, unit, value). Warm-up is filtered here, after
the run. A share or mean that is undefined, since nobody did what it measures, has no row; a count is 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from capsim.analysis.beds import census, occupancy
from capsim.analysis.money import money
from capsim.analysis.municipal import kad, long_term, short_term
from capsim.analysis.readiness import ready_stays
from capsim.analysis.stays import readmissions, stays
from capsim.analysis.teams import teams
from capsim.analysis.travel import travel
from capsim.analysis.waits import first_contacts, kaplan_meier, postponements, treatments
from capsim.analysis.window import DAYS_PER_YEAR, Run, Window
from capsim.models.records import Records

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["census", "kaplan_meier", "summarise", "what_happened"]

TOPICS = (
    first_contacts,
    treatments,
    postponements,
    occupancy,
    stays,
    readmissions,
    ready_stays,
    kad,
    short_term,
    long_term,
    teams,
    travel,
)
COLUMNS = ("window", "place", "by", "group", "result", "unit", "value")
Happened = Mapping[str, Sequence[tuple]]
"""Rows of every result that no price decides, by window."""


def summarise(records: Records, happened: Happened | None = None) -> pd.DataFrame:
    """Every result of a run for the whole study and for each of its years.

    Columns ``window`` ("all", "year_1", …), ``place`` (an id, or "region"), ``by``, ``group``,
    ``result``, ``unit``, ``value``. ``by`` says what ``group`` is a value of: ``all``, ``sector``,
    ``type``, ``urgency``, ``age``, ``patient_group``, ``cause``, ``cause_phv_tsb``,
    ``origin``, ``purpose`` (of travel and of slots), ``visit`` (an outpatient type), ``costing``,
    ``reason_average`` or ``reason_marginal``. ``happened``: the rows of :func:`what_happened`, if they
    are known from records that only prices set apart.
    """
    import pandas as pd

    happened = what_happened(records) if happened is None else happened
    rows: list[tuple] = []
    windows = _windows(records)
    for window in windows:
        money(window)
        rows += (*happened[window.name], *window.rows)
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    only_year = len(windows) == 1  # it is the whole study
    return pd.concat([table, table.assign(window="year_1")], ignore_index=True) if only_year else table


def what_happened(records: Records) -> Happened:
    """The part of :func:`summarise` that is no money: the same for records that only prices set apart
    (:func:`capsim.models.repriced`)."""
    windows = _windows(records)
    for window in windows:
        for topic in TOPICS:
            topic(window)
    return {window.name: window.rows for window in windows}


def _windows(records: Records) -> list[Window]:
    """The whole study, and its years if there are several."""
    run, days = Run(records), records.patients.days
    starts = range(0, days, DAYS_PER_YEAR)
    years = [(f"year_{k + 1}", first, min(first + DAYS_PER_YEAR, days)) for k, first in enumerate(starts)]
    spans = [("all", 0, days), *(years if len(years) > 1 else [])]
    return [Window(run, name, first, last) for name, first, last in spans]
