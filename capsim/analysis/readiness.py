"""Patients ready for discharge: how many, and how long they wait for the municipality."""

from __future__ import annotations

import numpy as np

from capsim.analysis.delays import CAUSES
from capsim.analysis.window import Axis, Window, across
from capsim.models.pathway import DAY, NEVER, Cause, Need, Outcome

__all__ = ["ready_stays"]


def ready_stays(w: Window) -> None:
    """What happens after patients with a municipal need are declared ready. Somatic, as the published
    statistics; mental health and substance use by ``sector``.

    ``ready_stays`` (stays; also per 1000 inhabitants and year): declared ready in the window.
    ``overliggerdogn`` (days; also per 1000): midnights in hospital from readiness to the
    municipality's offer (:mod:`capsim.analysis.delays`), by ``cause`` (of mental health and
    substance use: ``cause_phv_tsb``); ``days_after_offer`` (days): those
    from the offer to leaving. ``ready_within_24h_share``: of ready stays, those who left within 24
    hours; those who died are left out, and those declared ready within 24 hours of the run's end.
    ``delay_mean_days`` (days): overliggerdøgn / patients with at least one.
    ``half_of_days_municipalities`` (municipalities): the fewest that together have half of the
    overliggerdøgn.
    """
    r, run, d = w.records, w.run, w.run.delays
    s, plan = r.stays, r.itinerary
    needs = run.admitted & (plan.need != Need.NOTHING)
    if not needs.any():
        return
    last = Axis("place", w.hospitals, run.last_hospital)
    everywhere = (last, *run.people)
    cuts = across(everywhere, (run.by_all, run.by_sector))

    ready = np.flatnonzero(needs & w.during(s.ready))
    w.sums("ready_stays", "stays", ready, cuts)
    w.per_1000("ready_stays", "stays", ready, None)
    known = ready[(s.ready[ready] + DAY < r.clock_end) & (s.outcome[ready] != Outcome.DIED)]
    prompt = (s.left[known] != NEVER) & (s.left[known] - s.ready[known] <= DAY)
    w.means("ready_within_24h_share", "share", known, cuts, prompt)

    inside = (d.day >= w.first_day) & (d.day < w.last_day)
    counted = np.flatnonzero(inside & d.counts)
    who = d.patient[counted]
    by_cause = Axis("cause", CAUSES[: Cause.HOSPITAL], d.cause[counted].astype(np.int64), of_rows=True)
    w.sums("overliggerdogn", "days", who, [*cuts, *across(everywhere, (by_cause,))])
    w.per_1000("overliggerdogn", "days", who, None)
    other = ~run.somatic[who]
    psychiatric = Axis("cause_phv_tsb", by_cause.names, by_cause.index[other], of_rows=True)
    w.sums("overliggerdogn", "days", who[other], across(everywhere, (psychiatric,)), every_sector=True)
    after = d.patient[inside & ~d.counts]
    hospital = Axis("cause", CAUSES[Cause.HOSPITAL :], np.zeros(len(after), dtype=np.int64), of_rows=True)
    w.sums("days_after_offer", "days", after, across((run.in_region, last), (hospital,)))
    for by in (run.by_all, run.by_sector):
        days = w.cells(who, run.in_region, by)
        delayed = w.cells(np.unique(who), run.in_region, by)
        for group, part, whole in zip(by.names, days[0], delayed[0], strict=True):
            w.share("region", "delay_mean_days", part, whole, by.by, group, "days")
    per = np.sort(w.cells(who, run.of_municipality, run.by_all)[:, 0])[::-1]
    if per.sum() > 0:
        half = int(np.searchsorted(np.cumsum(per), per.sum() / 2)) + 1
        w.add("region", "half_of_days_municipalities", "municipalities", half)
