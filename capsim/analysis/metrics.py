"""From records to tidy results: each result defined once.

A result is a row (window, place, by, group, result, unit, value). Warm-up is filtered here, after
the run. A result that is undefined, since nobody did what it measures, has no row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from capsim.analysis.delays import CAUSES, delay_days, payment_per_day
from capsim.analysis.window import Window
from capsim.demand.patients import ELECTIVE, FROM_HOME
from capsim.models.pathway import DAY, HOUR, NEVER, Need, Outcome, Start
from capsim.models.records import Records

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["census", "kaplan_meier", "summarise"]

FOREVER = 2**62
COLUMNS = ("window", "place", "by", "group", "result", "unit", "value")


def summarise(records: Records) -> pd.DataFrame:
    """Every result of a run for the whole study and for each of its years.

    Columns ``window`` ("all", "year_1", …), ``place`` (an id, or "region"), ``by``, ``group``,
    ``result``, ``unit``, ``value``.
    """
    import pandas as pd

    days = records.patients.days
    years = [(f"year_{k + 1}", k * 365, min((k + 1) * 365, days)) for k in range(-(-days // 365))]
    delays = delay_days(records)
    rows: list[tuple] = []
    for name, first, last in [("all", 0, days), *(years if len(years) > 1 else [])]:
        window = Window(records, records.region, delays, name, first, last)
        for topic in (_waits, _sessions, _beds, _admissions, _delays, _kad, _teams, _places, _travel):
            topic(window)
        rows += window.rows
    if len(years) == 1:
        rows += [("year_1", *row[1:]) for row in rows]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def census(records: Records) -> pd.DataFrame:
    """Patients in each hospital (corridor included) at the midnight that begins each day of the
    study: columns ``day``, ``hospital``, ``patients``."""
    import pandas as pd

    days = records.patients.days
    table = _midnight_census(records, np.arange(days) * DAY)
    frame = pd.DataFrame(table, columns=list(records.facilities.hospitals))
    frame["day"] = np.arange(days)
    return frame.melt("day", var_name="hospital", value_name="patients")


def kaplan_meier(duration: np.ndarray, observed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Times (distinct, increasing) and the share still waiting after each (Kaplan–Meier 1958).

    ``observed`` is False for those still waiting, whose wait is at least ``duration``.
    """
    order = np.argsort(duration, kind="stable")
    time, start = np.unique(duration[order], return_index=True)
    ended = np.add.reduceat(observed[order].astype(float), start) if len(time) else np.zeros(0)
    at_risk = len(duration) - start
    return time, np.cumprod(1 - ended / at_risk)


def _wait_quantities(duration: np.ndarray, observed: np.ndarray) -> dict[str, float]:
    """Median, 90th percentile and restricted mean of the time waited; those that the cohort has
    not yet reached are left out."""
    if not observed.any():
        return {}
    time, waiting = kaplan_meier(duration, observed)
    out = {}
    for name, level in (("wait_median_days", 0.5), ("wait_p90_days", 0.1)):
        reached = np.flatnonzero(waiting <= level + 1e-12)
        if len(reached):
            out[name] = float(time[reached[0]])
    steps = np.diff(np.concatenate([[0.0], time]))
    out["wait_mean_days"] = float(steps @ np.concatenate([[1.0], waiting[:-1]]))
    return out


def _waits(w: Window) -> None:
    """Time from referral to treatment, the list's length, and who joined."""
    r = w.records
    s, p, plan = r.stays, r.patients, r.itinerary
    elective = (p.stream == ELECTIVE) & (s.outcome != Outcome.NOT_IN_SCENARIO)
    if not elective.any():
        return
    joined = elective & s.joined
    arrived = joined & w.during(p.arrival)
    until = np.where((s.treated == NEVER) | (s.treated >= w.end), w.end, s.treated)
    duration = (until - p.arrival) / DAY
    observed = (s.treated != NEVER) & (s.treated < w.end)
    treated = joined & w.during(s.treated)
    deadline = np.array([t.deadline_days for t in w.region.elective_types])[p.type] * DAY
    late = (s.treated - p.arrival) > deadline
    still = joined & (p.arrival < w.end) & ((s.asked == NEVER) | (s.asked >= w.end))
    candidates = elective & w.during(p.arrival)

    def write(place: str, by: str, group: str, here: np.ndarray) -> None:
        cohort = arrived & here
        for result, value in _wait_quantities(duration[cohort], observed[cohort]).items():
            w.add(place, result, "days", value, by, group)
        now = treated & here
        w.share(place, "treated_wait_mean_days", duration[now].sum(), now.sum(), by, group, "days")
        w.share(place, "past_deadline_share", (late & now).sum(), now.sum(), by, group)
        w.add(place, "waiting", "patients", (still & here).sum(), by, group)
        w.share(place, "joined_share", cohort.sum(), (candidates & here).sum(), by, group)
        if by == "type":
            w.add(place, "volume", "patients", now.sum(), by, group)

    everyone = np.ones(len(p), dtype=bool)
    write("region", "all", "all", everyone)
    for h, hospital in enumerate(w.hospitals):
        if (here := elective & (plan.hospital == h)).any():
            write(hospital, "all", "all", here)
    years = (w.last_day - w.first_day) / 365
    for k, kind in enumerate(w.region.elective_types):
        of_type = elective & (p.type == k)
        write("region", "type", kind.id, of_type)
        for h, hospital in enumerate(w.hospitals):
            if kind.volume_threshold and (volume := (treated & of_type & (plan.hospital == h)).sum()):
                below = volume < kind.volume_threshold * years
                w.add(hospital, "volume_below_threshold", "1", below, "type", kind.id)
        for h, hospital in enumerate(w.hospitals):  # also where nobody comes: a lever may send them
            write(hospital, "type", kind.id, of_type & (plan.hospital == h))
    for m, number in enumerate(w.numbers):
        cohort = arrived & (p.municipality == m)
        for result, value in _wait_quantities(duration[cohort], observed[cohort]).items():
            w.add(number, result, "days", value)


def _sessions(w: Window) -> None:
    """Postponed for want of a bed / planned, for operations and by type, and minutes lost to it."""
    r = w.records
    p, plan, e = r.patients, r.itinerary, r.events
    if not r.facilities.lists:
        return
    called = np.flatnonzero((plan.list >= 0) & w.during(r.stays.asked) & (plan.start != Start.IN_BED))
    postponed = e.postponed_patient[w.during(e.postponed_time)]
    operation = np.array([t.kind != "planned_stay" for t in w.region.elective_types])

    def write(place: str, by: str, group: str, keep) -> None:  # type: ignore[no-untyped-def]
        lost, held = keep(postponed).sum(), keep(called).sum()
        w.share(place, "postponed_share", lost, lost + held, by, group)

    write("region", "all", "all", lambda who: operation[p.type[who]])
    for h, hospital in enumerate(w.hospitals):
        write(hospital, "all", "all", lambda who, h=h: operation[p.type[who]] & (plan.hospital[who] == h))
    for k, kind in enumerate(w.region.elective_types):
        write("region", "type", kind.id, lambda who, k=k: p.type[who] == k)
    theatre = np.array([name[2] == "theatre" for name in r.facilities.lists])
    held = w.during(e.session_time) & theatre[e.session_list]
    site = np.array([w.hospitals.index(name[0]) for name in r.facilities.lists])
    lost = w.per_hospital(site[e.session_list[held]], e.session_lost[held])
    for h in np.unique(site[theatre]):
        w.add(w.hospitals[h], "theatre_minutes_lost", "minutes", lost[h])
    w.add("region", "theatre_minutes_lost", "minutes", lost.sum())


def _midnight_census(records: Records, times: np.ndarray) -> np.ndarray:
    """Patients in hospital at each time, shape (times, hospitals); who leaves then has left."""
    s, plan = records.stays, records.itinerary
    out = np.zeros((len(times), len(records.facilities.hospitals)))
    seen = s.admitted != NEVER
    ended = np.where(s.left == NEVER, FOREVER, s.left)
    for h in range(out.shape[1]):
        here = seen & (plan.hospital == h)
        came = np.searchsorted(np.sort(s.admitted[here]), times, side="right")
        out[:, h] = came - np.searchsorted(np.sort(ended[here]), times, side="right")
    return out


def _beds(w: Window) -> None:
    """Occupancy of staffed beds, and patients in the corridor."""
    r = w.records
    s, plan, f = r.stays, r.itinerary, r.facilities
    seen = s.admitted != NEVER
    seconds = np.where(seen, w.overlap(s.admitted, s.left), 0)
    span = w.end - w.begin
    ward_beds = w.mean_capacity(f.ward_beds)
    by_ward = np.bincount(plan.ward[seen], seconds[seen], minlength=len(f.wards)) / span
    for ward, patients, beds in zip(f.wards, by_ward, ward_beds, strict=True):
        w.share(ward, "occupancy_mean", patients, beds)
    beds = np.bincount(f.ward_hospital, ward_beds, minlength=len(w.hospitals))
    present = np.bincount(f.ward_hospital, by_ward, minlength=len(w.hospitals))
    mornings = np.arange(w.first_day, w.last_day) * DAY
    midnight = _midnight_census(r, mornings)
    staffed = np.array([f.ward_beds[np.searchsorted(f.phase_start, t, side="right") - 1] for t in mornings])
    staffed = np.stack([np.bincount(f.ward_hospital, day, minlength=len(w.hospitals)) for day in staffed])
    seven = mornings + 7 * HOUR
    in_corridor = np.zeros(len(w.hospitals))
    boarders = seen & ((s.bed == NEVER) | (s.bed > s.admitted))
    until = np.where(s.bed == NEVER, s.left, s.bed)[boarders]
    until = np.where(until == NEVER, w.end, until)
    mornings_there = np.searchsorted(seven, until) - np.searchsorted(seven, s.admitted[boarders])
    np.add.at(in_corridor, plan.hospital[boarders], mornings_there)
    at_seven = _midnight_census(r, seven).sum(axis=0)
    acute = seen & (r.patients.stream != ELECTIVE) & w.during(s.asked)
    got = np.where(s.bed != NEVER, s.bed, np.where(s.left != NEVER, s.left, r.clock_end))
    hours = np.where(acute, got - s.asked, 0) / HOUR
    for h, hospital in enumerate(w.hospitals):
        w.share(hospital, "occupancy_mean", present[h], beds[h])
        if beds[h] > 0:
            full = midnight[:, h] / staffed[:, h].clip(min=1e-9)
            w.add(hospital, "occupancy_p95", "share", np.quantile(full, 0.95))
            for level in (85, 92, 100):
                w.add(hospital, f"days_above_{level}_share", "share", (full > level / 100).mean())
        w.share(hospital, "corridor_share", in_corridor[h], at_seven[h])
        here = acute & (plan.hospital == h)
        w.share(hospital, "boarding_hours", hours[here].sum(), here.sum(), unit="hours")
    w.share("region", "occupancy_mean", present.sum(), beds.sum())
    w.share("region", "corridor_share", in_corridor.sum(), at_seven.sum())
    w.share("region", "boarding_hours", hours.sum(), acute.sum(), unit="hours")
    full = midnight.sum(axis=1) / staffed.sum(axis=1).clip(min=1e-9)
    w.add("region", "occupancy_p95", "share", np.quantile(full, 0.95))


def _admissions(w: Window) -> None:
    """Stays begun, bed-days, length of stay of those who left; day surgery excluded."""
    r = w.records
    s, p, plan = r.stays, r.patients, r.itinerary
    seen = s.admitted != NEVER
    begun = seen & w.during(s.admitted)
    acute = p.stream != ELECTIVE
    seconds = np.where(seen, w.overlap(s.admitted, s.left), 0)
    left = seen & w.during(s.left)
    length = np.where(left, s.left - s.admitted, 0) / DAY
    theatre = {session.specialty for session in w.region.sessions if session.kind == "theatre"}
    surgical = np.array([x.id in theatre for x in w.region.specialties] + [False])[plan.specialty]
    span = w.last_day - w.first_day
    for h, hospital in [(None, "region"), *enumerate(w.hospitals)]:
        here = seen if h is None else seen & (plan.hospital == h)
        for group, which in (("all", here), ("acute", here & acute), ("elective", here & ~acute)):
            by = "all" if group == "all" else "urgency"
            w.add(hospital, "admissions", "stays", (begun & which).sum(), by, group)
            w.add(hospital, "bed_days", "days", seconds[which].sum() / DAY, by, group)
            w.share(hospital, "los_mean_days", length[which].sum(), (left & which).sum(), by, group, "days")
        w.share(hospital, "acute_share", (begun & here & acute).sum(), (begun & here).sum())
        if theatre:
            w.add(
                hospital,
                "acute_surgical_per_day",
                "stays per day",
                (begun & here & acute & surgical).sum() / span,
            )
    for k, kind in enumerate(w.region.elective_types):
        if kind.kind != "day_surgery":
            of_type = seen & (p.stream == ELECTIVE) & (p.type == k)
            w.add("region", "admissions", "stays", (begun & of_type).sum(), "type", kind.id)
            w.add("region", "bed_days", "days", seconds[of_type].sum() / DAY, "type", kind.id)
            days, stays = length[of_type].sum(), (left & of_type).sum()
            w.share("region", "los_mean_days", days, stays, "type", kind.id, "days")
    for a, band in enumerate(w.region.ages):
        w.add("region", "admissions", "stays", (begun & (p.age == a)).sum(), "age", band.id)
        w.add("region", "acute_admissions", "stays", (begun & acute & (p.age == a)).sum(), "age", band.id)
        w.add("region", "bed_days", "days", seconds[p.age == a].sum() / DAY, "age", band.id)
    inside = np.flatnonzero(seen)
    by_home = w.per_municipality(inside, seconds[inside] / DAY)
    for number, days, people in zip(w.numbers, by_home, w.inhabitants, strict=True):
        w.share(number, "bed_days_per_1000", days, people * span / 365 / 1000, unit="days per 1000 per year")
    w.share(
        "region",
        "bed_days_per_1000",
        by_home.sum(),
        w.inhabitants.sum() * span / 365 / 1000,
        unit="days per 1000 per year",
    )


def _delays(w: Window) -> None:
    """Ready stays (with a municipal need), overliggerdøgn by cause, who leaves within 24 hours, and
    what the municipalities pay."""
    r = w.records
    s, p, plan = r.stays, r.patients, r.itinerary
    needs = (plan.need != Need.NOTHING) & (s.admitted != NEVER)
    if not needs.any():
        return
    ready = np.flatnonzero(needs & w.during(s.ready))
    d = w.delays
    inside = (d.day >= w.first_day) & (d.day < w.last_day)
    counted = inside & d.counts
    patient, day = d.patient[counted], d.day[counted]
    w.add_people(w.per_municipality(ready), "ready_stays", "stays", per_1000=True)
    w.add_people(w.per_municipality(patient), "overliggerdogn", "days", per_1000=True)
    price = payment_per_day(w.region, w.first_day, w.last_day)[day - w.first_day]
    w.add_people(w.per_municipality(patient, price), "payment_nok", "nok")
    for h, hospital in enumerate(w.hospitals):
        w.add(hospital, "ready_stays", "stays", (plan.hospital[ready] == h).sum())
        w.add(hospital, "overliggerdogn", "days", (plan.hospital[patient] == h).sum())
    for c, cause in enumerate(CAUSES):
        of_cause = inside & (d.cause == c)
        w.add(
            "region",
            "overliggerdogn" if cause != "hospital" else "days_after_offer",
            "days",
            of_cause.sum(),
            "cause",
            cause,
        )
        for h, hospital in enumerate(w.hospitals):
            if cause != "hospital":
                w.add(
                    hospital,
                    "overliggerdogn",
                    "days",
                    (plan.hospital[d.patient[of_cause]] == h).sum(),
                    "cause",
                    cause,
                )
        if cause != "hospital":
            for number, days in zip(w.numbers, w.per_municipality(d.patient[of_cause]), strict=True):
                w.add(number, "overliggerdogn", "days", days, "cause", cause)
    w.share("region", "delay_mean_days", len(patient), len(np.unique(patient)), unit="days")
    known = ready[s.ready[ready] + DAY < r.clock_end]
    prompt = (s.left[known] != NEVER) & (s.left[known] - s.ready[known] <= DAY)
    w.share("region", "ready_within_24h_share", prompt.sum(), len(known))
    for h, hospital in enumerate(w.hospitals):
        here = plan.hospital[known] == h
        w.share(hospital, "ready_within_24h_share", prompt[here].sum(), here.sum())
    of_home = p.municipality[known]
    for m, number in enumerate(w.numbers):
        w.share(number, "ready_within_24h_share", prompt[of_home == m].sum(), (of_home == m).sum())
    per = np.sort(w.per_municipality(patient))[::-1]
    if per.sum() > 0:
        half = int(np.searchsorted(np.cumsum(per), per.sum() / 2)) + 1
        w.add("region", "half_of_days_municipalities", "municipalities", half)


def _kad(w: Window) -> None:
    """Admissions, occupancy, sent on to hospital, refused; per unit, municipality and the region."""
    r = w.records
    s, plan, f = r.stays, r.itinerary, r.facilities
    if not f.kad_units:
        return
    seen = s.kad_start != NEVER
    begun, ended = seen & w.during(s.kad_start), seen & w.during(s.kad_end)
    refused = s.kad_refused & w.during(r.patients.arrival)
    seconds = w.overlap(s.kad_start, s.kad_end)
    beds = w.mean_capacity(f.kad_beds)

    def write(place: str, here: np.ndarray) -> None:
        w.add(place, "kad_admissions", "stays", (begun & here).sum())
        w.share(place, "kad_sent_on_share", (ended & here & plan.kad_sent_on).sum(), (ended & here).sum())
        w.share(place, "kad_refused_share", (refused & here).sum(), ((refused | begun) & here).sum())

    for k, unit in enumerate(f.kad_units):
        here = plan.kad == k
        write(unit, here)
        w.share(unit, "kad_occupancy", seconds[here].sum() / (w.end - w.begin), beds[k])
    for m, number in enumerate(w.numbers):
        if (here := (plan.kad >= 0) & (r.patients.municipality == m)).any():
            write(number, here)
    everyone = np.ones(len(seen), dtype=bool)
    write("region", everyone)
    w.share("region", "kad_occupancy", seconds.sum() / (w.end - w.begin), beds.sum())


def _teams(w: Window) -> None:
    """Admissions averted (treated at home without escalation), days at home, visits, occupancy."""
    r = w.records
    s, plan, f = r.stays, r.itinerary, r.facilities
    if not f.teams:
        return
    present = s.team_start != NEVER
    early = present & (s.left != NEVER) & (s.team_start >= s.left)
    escalates = plan.escalates[np.arange(len(s.team)), s.team.clip(min=0)]
    averted = present & ~early & ~escalates & w.during(s.team_start)
    seconds = w.overlap(s.team_start, s.team_end)
    places = w.mean_capacity(f.team_places)
    latest = {t.id: t for region in f.regions for t in region.teams}
    visits = 0.0
    for k, id in enumerate(f.teams):
        here = present & (s.team == k)
        days = seconds[here].sum() / DAY
        visits += days * latest[id].visits_per_patient_day
        w.add(id, "admissions_averted", "stays", (averted & here).sum())
        w.add(id, "bed_days_at_home", "days", days)
        w.add(id, "visits", "visits", days * latest[id].visits_per_patient_day)
        w.share(id, "team_occupancy", days / (w.last_day - w.first_day), places[k])
    w.add("region", "admissions_averted", "stays", averted.sum())
    w.add("region", "bed_days_at_home", "days", seconds.sum() / DAY)
    w.add("region", "visits", "visits", visits)


def _places(w: Window) -> None:
    """Short-term places: occupancy, waiting from hospital, extra places, turned away from home."""
    r = w.records
    s, p, plan, f = r.stays, r.patients, r.itinerary, r.facilities
    if not f.pools:
        return
    held = np.where((plan.need == Need.SHORT_TERM) & (s.offer != NEVER), s.offer, s.place_start)
    seconds = w.overlap(held, s.place_end)
    places = w.mean_capacity(f.places)
    offered = (plan.need == Need.SHORT_TERM) & w.during(s.offer)
    waited = np.where(offered, s.offer - s.can_receive, 0) / DAY
    from_home = (p.stream == FROM_HOME) & w.during(p.arrival) & (s.outcome != Outcome.NOT_IN_SCENARIO)
    away = from_home & (s.outcome == Outcome.TURNED_AWAY)
    origins = (("hospital", p.stream != FROM_HOME), ("home", p.stream == FROM_HOME))

    def write(place: str, here: np.ndarray, there: float) -> None:
        w.share(place, "short_term_occupancy", seconds[here].sum() / (w.end - w.begin), there)
        for group, of_origin in origins:
            used = seconds[here & of_origin].sum() / (w.end - w.begin)
            w.share(place, "short_term_occupancy", used, there, "origin", group)
        w.share(place, "short_term_wait_days", waited[here].sum(), (offered & here).sum(), unit="days")
        w.add(place, "stretched_days", "days", seconds[here & s.stretched].sum() / DAY)
        w.share(place, "short_term_turned_away_share", (away & here).sum(), (from_home & here).sum())

    for k, id in enumerate(f.pools):
        write(id, plan.pool == k, places[k])
    write("region", plan.pool >= 0, places.sum())


def _travel(w: Window) -> None:
    """To and from hospital by car, for every stay and day surgery that began in the window."""
    r = w.records
    s, p, plan = r.stays, r.patients, r.itinerary
    came = np.flatnonzero(w.during(s.admitted) | (w.during(s.treated) & plan.day_surgery))
    if not len(came):
        return
    for table, result, unit, scale in (
        (w.region.travel_minutes, "travel_hours", "hours", 2 / 60),
        (w.region.travel_km, "travel_km", "km", 2.0),
    ):
        way = np.array([[table[number, h] for h in w.hospitals] for number in w.numbers])
        total = way[p.municipality[came], plan.hospital[came]] * scale
        by_home = w.per_municipality(came, total)
        w.add_people(by_home, result, unit)
        if result == "travel_hours":
            patients = w.per_municipality(came)
            for number, hours, n in zip(w.numbers, by_home, patients, strict=True):
                w.share(number, "travel_hours_per_patient", hours, n, unit="hours")
            w.share("region", "travel_hours_per_patient", by_home.sum(), patients.sum(), unit="hours")
