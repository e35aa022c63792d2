"""The compiled engine: the arrays that the kernel runs on, and the records that it leaves."""

from __future__ import annotations

import numpy as np

from capsim.demand.columns import READMISSION
from capsim.demand.patients import PatientTable
from capsim.models import kernel
from capsim.models.facilities import PATIENT, Facilities
from capsim.models.itinerary import Itinerary
from capsim.models.pathway import DAY, HOUR, NEVER, Cause, Need, Outcome, Start
from capsim.models.records import Events, Stays
from capsim.models.engine import _join_threshold

__all__ = ["run"]

FROM_PLAN = (
    "stay", "transfer_after", "readmit_delay", "response", "complex", "home_second", "ill_after", "ill_stay",
    "settled_stay", "place_stay", "stretch", "kad_stay", "first_due", "not_before", "due", "began", "join", "child",
    "option", "minutes", "ward", "home_ward", "hospital", "pool", "kad", "list", "clinic", "specialty", "need", "start",
    "dies", "readmits", "notified_early", "kad_sent_on", "day_surgery", "goes_on", "active",
)  # fmt: skip
FROM_TABLE = ("arrival", "municipality", "type", "stream")
NONE = ("moved_to", "team", "follow_team", "blocked_by")


def run(patients: PatientTable, plan: Itinerary, f: Facilities) -> tuple[Stays, Events]:
    """Run the clock to the end: what happened to whom, and the run's own books."""
    w, tables = world(patients, plan, f)
    kernel.run(w, tables)
    return stays(w, patients), events(w, tables, f)


def world(patients, plan, f):
    n = len(patients)
    p = np.zeros(n, dtype=kernel.PATIENT)
    for name in FROM_PLAN:
        p[name] = getattr(plan, name)
    for name in FROM_TABLE:
        p[name] = getattr(patients, name)
    for name in kernel._TIMES_OUT:
        p[name] = NEVER
    for name in NONE:
        p[name] = -1
    p["outcome"] = int(Outcome.NOT_IN_SCENARIO)
    p["leave_day"] = kernel.NO_DAY
    teams = np.zeros((n if f.teams else 0, len(f.teams)), dtype=kernel.TEAM)
    if f.teams:
        for name in kernel.TEAM.names:
            teams[name] = getattr(plan, name)
    counts = {
        "wards": len(f.wards), "lists": len(f.lists), "clinics": len(f.clinics), "pools": len(f.pools),
        "long_term": f.long_term_places.shape[1], "housing": f.long_term_places.shape[1],
        "home_care": f.long_term_places.shape[1], "kad_units": len(f.kad_units), "teams": len(f.teams),
    }
    c = np.zeros(1, dtype=kernel.COUNTER)
    at = 0
    for name, count in counts.items():
        c[name] = at
        at += count
    u = np.zeros(at, dtype=kernel.UNIT)
    first = {name: int(c[name][0]) for name in counts}
    for name in ("heir", "queue", "queue_end", "emergency", "emergency_end", "corridor", "corridor_end", "recovery", "recovery_end", "ward"):
        u[name] = -1
    def of(name):
        return u[first[name] : first[name] + counts[name]]
    wards = of("wards")
    wards["capacity"], wards["reserve"] = f.ward_beds[0], f.ward_reserve
    links = []
    for i, outliers in enumerate(f.outliers):
        wards["outliers"][i] = len(links)
        links += list(outliers)
        wards["outliers_end"][i] = len(links)
    guests = [[] for _ in f.outliers]
    for i, outliers in enumerate(f.outliers):
        for o in outliers:
            guests[o].append(i)
    for i, g in enumerate(guests):
        wards["guests"][i] = len(links)
        links += g
        wards["guests_end"][i] = len(links)
    rules = f.regions[0].rules
    lists = of("lists")
    thresholds = []
    # who may ever be on each list or at each clinic
    active = plan.active
    choosers = np.flatnonzero(active & (plan.option >= 0))
    def most(column, table, k):
        fixed = column[active & (plan.option < 0)]
        size = np.bincount(fixed[fixed >= 0], minlength=k)
        for row in choosers:
            sites = table[patients.type[row]]
            np.add.at(size, np.unique(sites[sites >= 0]), 1)
        return size
    entries = 0
    biggest = 1
    size = most(plan.list, f.type_list, len(f.lists))
    for i, (_, _, kind) in enumerate(f.lists):
        by_patient = kind == "ward"
        lists["ward"][i] = f.list_ward[i]
        lists["by_patient"][i] = PATIENT if by_patient else 0
        lists["carry"][i] = PATIENT if by_patient else rules.session_carry_minutes
        table = _join_threshold(f.reference_length[i], rules.joining_elasticity, rules.candidates_per_referral)
        lists["threshold"][i], lists["thresholds"][i] = len(thresholds), len(table)
        thresholds += table
        lists["first_entry"][i] = entries
        entries += int(size[i]) + 1
        biggest = max(biggest, int(size[i]) + 1)
    size = most(plan.clinic, f.type_clinic, len(f.clinics))
    clinics = of("clinics")
    for i in range(len(f.clinics)):
        clinics["first_entry"][i] = entries
        entries += int(size[i]) + 1
    pools = of("pools")
    pools["capacity"], pools["kept_free"] = f.places[0], f.kept_free[0]
    of("long_term")["capacity"] = f.long_term_places[0]
    of("housing")["capacity"] = f.supported_housing[0]
    home = of("home_care")
    home["capacity"], home["day"] = f.home_care_starts[0], NEVER
    of("kad_units")["capacity"] = f.kad_beds[0]
    latest = {t.id: t for region in f.regions for t in region.teams}
    team = of("teams")
    team["capacity"] = f.team_places[0]
    team["visits"] = [latest[t].municipal_visits_per_day > 0 for t in f.teams]
    days = len(f.phase_of_day)

    def seconds(hour):
        return -1 if hour is None else round(hour * HOUR)

    for name, value in {
        "now": -patients.warm_up_days * DAY, "end": patients.days * DAY, "free_node": -1,
        "n_wards": counts["wards"], "n_lists": counts["lists"], "n_clinics": counts["clinics"],
        "n_pools": counts["pools"], "n_municipalities": counts["long_term"], "n_kad_units": counts["kad_units"],
        "n_teams": counts["teams"], "n_hospitals": len(f.hospitals),
        "ward_round": seconds(rules.ward_round_hour), "discharge_hour": seconds(rules.discharge_hour),
        "place_hour": seconds(rules.place_hour), "boarding_limit": seconds(rules.boarding_limit_hours),
        "session_second": seconds(rules.session_hour), "clinic_second": seconds(rules.clinic_hour),
        "bed_second": seconds(rules.bed_hour), "home_care_second": seconds(rules.home_care_morning_hour),
        "notice": seconds(rules.notice_hours), "stretches": rules.stretch_after_days is not None,
        "housing_stretches": rules.housing_stretch_days is not None,
        "falls_ill": "after" in patients.features and rules.ill_again_per_day > 0,
        "look_ahead": rules.list_look_ahead, "any_hour": rules.elective_at_any_hour,
        "loaded_start": rules.loaded_start, "first_day": f.first_day, "days": patients.days,
    }.items():
        c[name] = value
    needs = int((plan.need != Need.NOTHING).sum())
    changes = np.zeros(days, dtype=bool)
    changes[1:] = f.phase_of_day[1:] != f.phase_of_day[:-1]
    for table in (f.ward_beds, f.places, f.long_term_places, f.supported_housing, f.home_care_starts, f.kad_beds, f.team_places):
        changes[1:] |= (table[1:] != table[:-1]).any(axis=1)
    w = kernel.World(
        c=c, p=p, t=teams, u=u,
        events=np.empty(6 * n + 1000, dtype=kernel.EVENT),
        nodes=np.empty(3 * n + 4 * needs + 1000, dtype=kernel.NODE),
        entries=np.empty(entries + 1, dtype=kernel.ENTRY),
        woken=np.zeros(n + 1, dtype=np.int64),
        blocked=np.zeros((len(f.wards), len(Cause)), dtype=np.int64),
        leaving=np.zeros((len(f.wards), days), dtype=np.int64),
        links=np.array(links + [0], dtype=np.int64),
        thresholds=np.array(thresholds + [0.0]),
        postponements=np.empty((n + 1000, 3), dtype=np.int64),
        scratch=np.empty((2, biggest + 1), dtype=np.int64),
    )
    comes = active & (patients.stream != READMISSION) & (plan.start == Start.COMES_LATER)
    sessions = int((f.session_capacity > 0).sum())
    midnights = max(patients.days - f.first_day - 1, 0)
    units = len(f.wards) + len(f.pools) + len(f.kad_units) + len(f.teams)
    tables = kernel.Tables(
        comes=np.flatnonzero(comes), phase=f.phase_of_day.astype(np.int64), changes=changes,
        ward_beds=f.ward_beds, places=f.places, kept_free=f.kept_free, heir=f.heir, pool_of=f.pool_of,
        long_term=f.long_term_places, housing=f.supported_housing, home_care=f.home_care_starts,
        kad_beds=f.kad_beds, team_places=f.team_places, openings=f.openings,
        session_capacity=f.session_capacity.reshape(len(f.lists), days if len(f.lists) else 0), clinic_capacity=f.clinic_capacity.reshape(len(f.clinics), days if len(f.clinics) else 0),
        pace=f.list_pace, type_list=f.type_list, type_clinic=f.type_clinic, ward_of=f.ward_of,
        options=plan.options, option_stay=plan.option_stay,
        sessions=np.empty((sessions, 8), dtype=np.int64), census=np.empty((midnights, units), dtype=np.int32),
    )
    tables = kernel.Tables(*(np.ascontiguousarray(a) for a in tables))
    return w, tables


def stays(w, patients):
    p, end = w.p, int(w.c["end"][0])
    times = {name: np.where(p[name] < end, p[name], NEVER) for name in kernel._TIMES_OUT}
    arrived = np.where(patients.parent < 0, patients.arrival, times.pop("arrived"))
    shorts = {name: np.ascontiguousarray(p[name]) for name in ("pool", "hospital", "ward", "moved_to", "team", "follow_team", "planned", "postponed", "outcome")}
    flags = {name: p[name].astype(bool) for name in ("stretched", "kad_refused", "joined")}
    return Stays(arrived=np.where(p["active"].astype(bool), arrived, NEVER), **times, **shorts, **flags)


def events(w, tables, f):
    c = w.c[0]
    posts = w.postponements[: c["postponements"]]
    sess = tables.sessions[: c["sessions"]]
    cuts = np.cumsum([len(f.wards), len(f.pools), len(f.kad_units)])
    census = [np.ascontiguousarray(x) for x in np.split(tables.census[: c["census"]], cuts, axis=1)]
    return Events(*posts.T.copy(), *sess.T.copy(), *census)
