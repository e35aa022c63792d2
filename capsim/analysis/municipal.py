"""The municipalities' own: KAD beds, short-term and long-term places, supported housing."""

from __future__ import annotations

import numpy as np

from capsim.analysis.window import Axis, Window, across, ratio
from capsim.demand.columns import FROM_HOME
from capsim.models.pathway import DAY, NEVER, Need, Outcome

__all__ = ["kad", "long_term", "short_term"]


def kad(w: Window) -> None:
    """Municipal acute beds, per unit, municipality, helsefellesskap and in all; every patient.

    ``kad_admissions`` (stays): begun in the window. ``kad_sent_on_share``: of those who left, the
    share sent on to hospital. ``kad_refused_share``: refused since the unit was full / refused and
    admitted. ``kad_occupancy`` (share): patients / beds, time-weighted.
    """
    r, run = w.records, w.run
    s, plan, f = r.stays, r.itinerary, r.facilities
    if not f.kad_units:
        return
    units = Axis("place", f.kad_units, plan.kad)
    cuts = across((units, *run.people), (run.by_all,))
    seen = np.flatnonzero(s.kad_start != NEVER)
    begun, ended = seen[w.during(s.kad_start[seen])], seen[w.during(s.kad_end[seen])]
    refused = np.flatnonzero(s.kad_refused & w.during(r.patients.arrival))
    tried = np.concatenate([refused, begun])
    w.sums("kad_admissions", "stays", begun, cuts, every_sector=True)
    w.means("kad_sent_on_share", "share", ended, cuts, plan.kad_sent_on[ended], every_sector=True)
    w.means(
        "kad_refused_share", "share", tried, cuts, np.arange(len(tried)) < len(refused), every_sector=True
    )
    seconds = w.overlap(s.kad_start[seen], s.kad_end[seen])
    used = w.cells(seen, units, run.by_all, seconds, every_sector=True)[:, 0] / (w.end - w.begin)
    beds = w.mean_capacity(f.kad_beds)
    for unit, patients, there in zip(f.kad_units, used, beds, strict=True):
        w.share(unit, "kad_occupancy", patients, there)
    w.share("region", "kad_occupancy", used.sum(), beds.sum())


def short_term(w: Window) -> None:
    """Short-term places, per pool and in all; every patient.

    ``short_term_occupancy`` (share): patients / places, time-weighted, a place being held from the
    offer; by ``origin``, those from hospital and from home. ``short_term_wait_days`` (days): from
    when the municipality could receive, had it room, to the offer, of those from hospital who need
    one and were offered it in the window; without the days of those who fell ill again in between.
    ``stretched_days`` (days): in extra places, over capacity.
    ``short_term_turned_away_share``: of those who asked from home, the share for whom too few were
    free. ``long_term_in_short_term_days`` (days): in short-term places, by those who wait there for a
    long-term place.
    """
    r, run = w.records, w.run
    s, p, plan, f = r.stays, r.patients, r.itinerary, r.facilities
    if not f.pools:
        return
    pools = Axis("place", f.pools, s.pool)
    everywhere = (pools, Axis("place", ("region",), np.where(s.pool >= 0, 0, -1)))
    cuts = across(everywhere, (run.by_all,))
    since = _held_since(w)
    inside = np.flatnonzero((since != NEVER) & (s.pool >= 0))
    seconds = w.overlap(since[inside], s.place_end[inside])
    origin = Axis("origin", ("hospital", "home"), (p.stream == FROM_HOME).astype(np.int64))
    places = w.mean_capacity(f.places)
    for place, there in zip(everywhere, (places, places.sum(keepdims=True)), strict=True):
        for by in (run.by_all, origin):
            used = w.cells(inside, place, by, seconds, every_sector=True) / (w.end - w.begin)
            w.write("short_term_occupancy", "share", place, by, ratio(used, there[:, None]))
    offered = np.flatnonzero((plan.need == Need.SHORT_TERM) & w.during(s.offer))
    w.means("short_term_wait_days", "days", offered, cuts, _waited(w, offered, s.offer), every_sector=True)
    extra = s.stretched[inside]
    w.sums("stretched_days", "days", inside[extra], cuts, seconds[extra] / DAY, every_sector=True)
    asked = np.flatnonzero(
        (p.stream == FROM_HOME) & w.during(p.arrival) & (s.outcome != Outcome.NOT_IN_SCENARIO)
    )
    away = s.outcome[asked] == Outcome.TURNED_AWAY
    w.means("short_term_turned_away_share", "share", asked, cuts, away, every_sector=True)
    blocks = plan.need[inside] == Need.LONG_TERM
    if (plan.need == Need.LONG_TERM).any():
        w.sums(
            "long_term_in_short_term_days",
            "days",
            inside[blocks],
            [*cuts, *across((run.of_municipality, run.of_community), (run.by_all,))],
            seconds[blocks] / DAY,
            every_sector=True,
        )


def long_term(w: Window) -> None:
    """Waits for long-term care and supported housing, per municipality, helsefellesskap and in all.

    ``long_term_wait_days`` (days): from when the municipality could receive, had it room, to the
    long-term place, of those who got one in the window; also the time in a short-term place, but not
    when ill again.
    ``housing_wait_days`` (days): to supported housing or a temporary dwelling, likewise.
    """
    run, s, plan = w.run, w.records.stays, w.records.itinerary
    cuts = across(run.people, (run.by_all,))
    for need, got, result in (
        (Need.LONG_TERM, s.settled, "long_term_wait_days"),
        (Need.HOUSING, s.offer, "housing_wait_days"),
    ):
        who = np.flatnonzero((plan.need == need) & w.during(got))
        w.means(result, "days", who, cuts, _waited(w, who, got), every_sector=True)


def _held_since(w: Window) -> np.ndarray:
    """Since when each patient's short-term place was held: the offer, or the start of those who did
    not come from hospital; NEVER without one. Whose long-term place came first never had one."""
    s, need = w.records.stays, w.records.itinerary.need
    held = (need == Need.SHORT_TERM) | ((need == Need.LONG_TERM) & (s.place_start != NEVER))
    return np.where(held & (s.offer != NEVER), s.offer, s.place_start)


def _waited(w: Window, who: np.ndarray, until: np.ndarray) -> np.ndarray:
    """Days from when the municipality could receive, without those ill in between."""
    s = w.records.stays
    first, ill = s.can_receive[who], s.ill[who]
    before = np.where(ill != NEVER, ill - first, 0).clip(min=0)
    return (before + until[who] - np.maximum(first, s.ready_again[who])) / DAY
