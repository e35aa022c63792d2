"""Waits from referral, the statutory deadline, postponements, and volumes."""

from __future__ import annotations

from math import isnan

import numpy as np

from capsim.analysis.delays import CAUSES
from capsim.analysis.window import DAYS_PER_YEAR, Axis, Cuts, Window, across
from capsim.demand.columns import ELECTIVE
from capsim.models.pathway import DAY, NEVER, Outcome, Start

__all__ = ["first_contacts", "kaplan_meier", "postponements", "treatments"]


def kaplan_meier(duration: np.ndarray, observed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Times (distinct, increasing) and the share still waiting after each (Kaplan–Meier 1958).

    ``observed`` is False for those still waiting, whose wait is at least ``duration``.
    """
    order = np.argsort(duration, kind="stable")
    time, start = np.unique(duration[order], return_index=True)
    ended = np.add.reduceat(observed[order].astype(float), start) if len(time) else np.zeros(0)
    at_risk = len(duration) - start
    return time, np.cumprod(1 - ended / at_risk)


def first_contacts(w: Window) -> None:
    """Waits from referral to first contact, of those who joined where there is a clinic, whether they
    go on to treatment or not.

    ``first_contact_wait_median_days``, ``_p90_days``, ``_mean_days`` (days): of the cohort referred
    in the window, Kaplan–Meier with those not seen by its end as censored. ``fristbrudd_share``: of
    those seen in the window, the share seen after the statutory deadline; measured here and nowhere
    else. ``waiting_first_contact`` (patients): referred and not seen at the window's end.
    """
    r, run = w.records, w.run
    s, plan, arrival = r.stays, r.itinerary, r.patients.arrival
    who = np.flatnonzero(run.referral & s.joined & (arrival < w.end))
    who = who[r.facilities.type_clinic[r.patients.type[who], run.hospital[who]] >= 0]
    if not len(who):
        return
    by_type = run.by_elective_type
    cuts = [
        *across((*run.people, run.in_hospital), (run.by_all,)),
        *across((run.in_region, run.in_hospital), (run.by_sector,)),
        (run.in_region, by_type),
    ]
    _cohort_waits(w, "first_contact_wait", who, s.seen, cuts)
    seen = who[w.during(s.seen[who])]
    w.means("fristbrudd_share", "share", seen, cuts, s.seen[seen] > plan.statutory[seen])
    unseen = who[(s.seen[who] == NEVER) | (s.seen[who] >= w.end)]
    w.sums("waiting_first_contact", "patients", unseen, cuts)


def treatments(w: Window) -> None:
    """Waits from referral to treatment (day surgery, or admission), the lists, and who joined.

    ``wait_median_days``, ``wait_p90_days``, ``wait_mean_days`` (days): of the cohort in the window's
    referrals that goes on to treatment, Kaplan–Meier with those not treated by its end as censored.
    ``treated_wait_mean_days`` (days): of those treated in the window. ``past_deadline_share``: of
    them, the share treated after the type's own deadline. ``waiting`` (patients): going on to
    treatment and not called in at the window's end, those before first contact among them.
    ``joined_share``: of the window's referral candidates, those who joined. ``volume`` (patients):
    treated in the window, by type. ``volume_below_threshold`` (0 or 1): whether a site that treated
    any treated fewer a year than the type's threshold.
    """
    r, run = w.records, w.run
    s, p = r.stays, r.patients
    candidates = np.flatnonzero((p.stream == ELECTIVE) & (s.outcome != Outcome.NOT_IN_SCENARIO))
    if not len(candidates):
        return
    by_type = run.by_elective_type
    sites = across((run.in_region, run.in_hospital), (run.by_all, run.by_sector, by_type))
    cuts = [*sites, *across((run.of_municipality, run.of_community), (run.by_all,))]
    joined = candidates[s.joined[candidates]]
    _cohort_waits(w, "wait", joined, s.treated, cuts)
    treated = joined[w.during(s.treated[joined])]
    waited = s.treated[treated] - p.arrival[treated]
    w.means("treated_wait_mean_days", "days", treated, cuts, waited / DAY)
    deadline = np.array([t.deadline_days for t in w.region.elective_types])[p.type[treated]] * DAY
    w.means("past_deadline_share", "share", treated, cuts, waited > deadline)
    not_called = (s.asked[joined] == NEVER) | (s.asked[joined] >= w.end)
    w.sums("waiting", "patients", joined[not_called & (p.arrival[joined] < w.end)], cuts)
    came = candidates[w.during(p.arrival[candidates])]
    w.means("joined_share", "share", came, cuts, s.joined[came])
    w.sums("volume", "patients", treated, across((run.in_region, run.in_hospital), (by_type,)))
    threshold = np.array([t.volume_threshold for t in w.region.elective_types])
    volume = w.cells(treated, run.in_hospital, by_type)
    below = np.where((volume > 0) & (threshold > 0), volume < threshold * w.days / DAYS_PER_YEAR, np.nan)
    w.write("volume_below_threshold", "1", run.in_hospital, by_type, below)


QUANTITIES = ("median_days", "p90_days", "mean_days")


def _cohort_waits(w: Window, prefix: str, who: np.ndarray, until: np.ndarray, cuts: Cuts) -> None:
    """Median, 90th percentile and restricted mean (up to the longest wait seen) of the time from
    referral to ``until``, of those of ``who`` who were referred in the window; those that a cohort
    has not yet reached have no row."""
    from capsim.analysis.tally import waits as of_cells

    arrival = w.records.patients.arrival
    who = who[w.during(arrival[who])]
    ended = until[who]
    observed = (ended != NEVER) & (ended < w.end)
    duration = (np.where(observed, ended, w.end) - arrival[who]) / DAY
    order = np.argsort(duration, kind="stable")
    who, duration, observed = who[order], duration[order], observed[order]
    for place, by in cuts:
        found = np.full((len(place.names), len(by.names), 3), np.nan)
        found[:, :, 2] = 0.0
        of_cells(w.cell(who, place, by), duration, observed, found.reshape(-1, 3))
        for p, g in np.argwhere(np.isfinite(found[:, :, 2])).tolist():
            for name, value in zip(QUANTITIES, found[p, g].tolist(), strict=True):
                if not isnan(value):
                    w.add(place.names[p], f"{prefix}_{name}", "days", value, by.by, by.names[g])


def postponements(w: Window) -> None:
    """Planned patients who were taken off a session's plan for want of a bed.

    ``postponed_share``: postponed / planned, planned being called in or postponed; operations (not
    planned stays) in all, and by type. ``postponed`` (operations): how often, by what kept the bed:
    the municipal cause if ready patients did, else ``hospital``. ``theatre_minutes_lost`` (minutes):
    of sessions, for want of a bed, that no other patient could use.
    """
    r, run = w.records, w.run
    s, p, plan, e, f = r.stays, r.patients, r.itinerary, r.events, r.facilities
    if not f.lists:
        return
    by_type = run.by_elective_type
    operation = np.array([t.kind != "planned_stay" for t in w.region.elective_types], dtype=bool)
    called = np.flatnonzero((p.stream == ELECTIVE) & w.during(s.asked) & (plan.start != Start.IN_BED))
    events = np.flatnonzero(w.during(e.postponed_time))
    for cuts, of in (
        (across((run.in_region, run.in_hospital), (run.by_all,)), operation),
        (across((run.in_region,), (by_type,)), np.ones_like(operation)),
    ):
        lost = e.postponed_patient[events]
        lost, held = lost[of[p.type[lost]]], called[of[p.type[called]]]
        planned = np.concatenate([lost, held])
        w.means("postponed_share", "share", planned, cuts, np.arange(len(planned)) < len(lost))
    events = events[operation[p.type[e.postponed_patient[events]]]]
    who = e.postponed_patient[events]
    by_cause = Axis("cause", CAUSES, e.postponed_cause[events].astype(np.int64), of_rows=True)
    w.sums("postponed", "operations", who, across((run.in_region, run.in_hospital), (run.by_all, by_cause)))
    theatre = np.array([kind == "theatre" for _, _, kind in f.lists])
    held = w.during(e.session_time) & theatre[e.session_list]
    site = np.array([w.hospitals.index(hospital) for hospital, _, _ in f.lists])
    lost = np.bincount(site[e.session_list[held]], e.session_lost[held], minlength=len(w.hospitals))
    for h in np.unique(site[theatre]):
        w.add(w.hospitals[h], "theatre_minutes_lost", "minutes", lost[h])
    w.add("region", "theatre_minutes_lost", "minutes", lost.sum())
