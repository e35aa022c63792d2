"""Everything that can be full, numbered, with its capacity on each day.

An engine reads these arrays; what a ward or list is called stays in the region.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from capsim.demand.rates import elective_per_day, is_holiday
from capsim.errors import InputError, Problem
from capsim.models.pathway import DAY
from capsim.models.staffing import staffed
from capsim.region.region import UNLIMITED, ElectiveType, Region

__all__ = [
    "PATIENT",
    "SECTORS",
    "Facilities",
    "capacity_changes",
    "facilities_of",
    "join_threshold",
    "site_segments",
]

PATIENT = 1000  # a called-in planned stay, or a first contact, takes this much of a day's capacity
SECTORS = ("somatic", "phv", "tsb")


@dataclass(frozen=True, eq=False, repr=False)
class Facilities:
    """Everything numbered, with capacities by day: row 0 is the first simulated day.

    ``phase_start``: seconds (int64) at which each of ``regions`` begins, the first at the clock's
    start; ``phase_of_day`` (days,) indexes them. ``ward_beds`` (days, wards), ``kad_beds`` (days,
    units), ``places`` and ``kept_free`` (days, pools), ``team_places`` (days, teams), ``home_care_starts``,
    ``long_term_places`` and ``supported_housing`` (days, municipalities) are whole.

    ``ward_of`` (hospitals, specialties) is the ward of a specialty, -1 where none; ``outliers`` lists
    where a ward's overflow may lie; ``ward_sector`` indexes :data:`SECTORS`. ``lists`` names each
    waiting list (hospital, specialty, kind); ``session_capacity`` has shape (lists, days): minutes
    for theatre lists, thousandths of a patient for ward lists. ``reference_length`` is each list's at
    the reference wait, ``list_pace`` (phases, lists) its patients a day. ``clinics`` names (hospital,
    specialty), ``clinic_capacity`` (clinics, days) in thousandths of a slot. ``type_list`` and
    ``type_clinic`` (elective types, hospitals) say where a type waits, -1 for nowhere. ``pool_of``
    (days, municipalities) is the short-term pool a municipality uses, -1 for none; ``heir`` (days,
    pools) the one that took a closed pool over, whose remaining patients count against it. ``openings``:
    a row (seconds, municipality, 0 for a long-term place and 1 for housing) for each of those settled
    when the clock starts who leaves before it stops.
    """

    regions: tuple[Region, ...]
    phase_start: np.ndarray
    phase_of_day: np.ndarray
    first_day: int
    hospitals: tuple[str, ...]
    wards: tuple[str, ...]
    ward_hospital: np.ndarray
    ward_of: np.ndarray
    ward_reserve: np.ndarray
    ward_beds: np.ndarray
    ward_sector: np.ndarray
    outliers: tuple[tuple[int, ...], ...]
    lists: tuple[tuple[str, str, str], ...]
    list_ward: np.ndarray
    session_capacity: np.ndarray
    reference_length: np.ndarray
    list_pace: np.ndarray
    clinics: tuple[tuple[str, str], ...]
    clinic_capacity: np.ndarray
    type_list: np.ndarray
    type_clinic: np.ndarray
    pools: tuple[str, ...]
    places: np.ndarray
    kept_free: np.ndarray
    kad_units: tuple[str, ...]
    kad_beds: np.ndarray
    teams: tuple[str, ...]
    team_places: np.ndarray
    pool_of: np.ndarray
    heir: np.ndarray
    home_care_starts: np.ndarray
    long_term_places: np.ndarray
    supported_housing: np.ndarray
    openings: np.ndarray


def _union(regions: tuple[Region, ...], table: str) -> tuple[str, ...]:
    """Ids of a table's rows over all phases, in the order of their first appearance."""
    return tuple(dict.fromkeys(item.id for region in regions for item in getattr(region, table)))


def _by_phase(
    regions: tuple[Region, ...], table: str, ids: tuple[str, ...], amount: Callable[[Region, Any], int]
) -> np.ndarray:
    """Whole capacities, shape (phases, ids); zero while a thing does not exist."""
    out = np.zeros((len(regions), len(ids)), dtype=np.int64)
    for k, region in enumerate(regions):
        for item in getattr(region, table):
            out[k, ids.index(item.id)] = amount(region, item)
    return out


@dataclass(frozen=True)
class _Days:
    """The calendar of a run: for each simulated day its weekday, whether it is free, and in summer."""

    weekday: np.ndarray
    holiday: np.ndarray
    summer: np.ndarray

    @property
    def free(self) -> np.ndarray:
        """Weekends and holidays."""
        return self.holiday | (self.weekday >= 5)


def _calendar(region: Region, first_day: int, last_day: int) -> _Days:
    days = [region.start + timedelta(d) for d in range(first_day, last_day)]
    week = np.array([d.isocalendar().week for d in days])
    first, last = region.rules.summer_weeks
    return _Days(
        np.array([d.weekday() for d in days]),
        np.array([is_holiday(d) for d in days]),
        (week >= first) & (week <= last),
    )


def facilities_of(region: Region, first_day: int, last_day: int) -> Facilities:
    """Number everything in ``region`` for a clock that runs from ``first_day`` to ``last_day``.

    Raises:
        InputError: if a specialty has electives at a hospital that has no ward or session for it.
    """
    phases = region.phases()
    regions = tuple(staffed(p.region) for p in phases)
    days = np.arange(first_day, last_day)
    phase_of_day = np.searchsorted([p.from_day for p in phases], days, side="right") - 1
    calendar = _calendar(region, first_day, last_day)
    hospitals = tuple(h.id for h in region.hospitals)
    specialties = tuple(s.id for s in region.specialties)
    wards = _union(regions, "wards")
    first_seen = {w.id: w for r in reversed(regions) for w in r.wards}
    ward_of = np.full((len(hospitals), len(specialties)), -1, dtype=np.int64)
    for w, id in enumerate(wards):
        for specialty in first_seen[id].specialties:
            ward_of[hospitals.index(first_seen[id].hospital), specialties.index(specialty)] = w
    sector = {s.id: SECTORS.index(s.sector) for s in region.specialties}
    lists = _lists(regions, hospitals, specialties)
    clinics = _clinics(regions, hospitals, specialties)
    pools, units, teams = (_union(regions, t) for t in ("short_term_pools", "kad_units", "teams"))

    places = _by_phase(regions, "short_term_pools", pools, lambda _, p: p.places)
    pool_of = np.array(
        [
            [pools.index(m.short_term_pool) if m.short_term_pool else -1 for m in r.municipalities]
            for r in regions
        ]
    )

    def daily(by_phase: np.ndarray) -> np.ndarray:
        return by_phase[phase_of_day]

    def of_municipalities(name: str) -> np.ndarray:
        return daily(
            np.array([[getattr(m, name) for m in r.municipalities] for r in regions], dtype=np.int64)
        )

    return Facilities(
        regions=regions,
        phase_start=np.array([max(p.from_day, first_day) * DAY for p in phases], dtype=np.int64),
        phase_of_day=phase_of_day,
        first_day=first_day,
        hospitals=hospitals,
        wards=wards,
        ward_hospital=np.array([hospitals.index(first_seen[w].hospital) for w in wards], dtype=np.int64),
        ward_of=ward_of,
        ward_reserve=np.array([first_seen[w].acute_reserve for w in wards], dtype=np.int64),
        ward_beds=_ward_beds(regions, phase_of_day, wards, calendar),
        ward_sector=np.array([sector[first_seen[w].specialties[0]] for w in wards], dtype=np.int64),
        outliers=tuple(tuple(wards.index(o) for o in first_seen[w].outlier) for w in wards),
        lists=lists,
        list_ward=np.array(
            [ward_of[hospitals.index(h), specialties.index(s)] for h, s, _ in lists], dtype=np.int64
        ),
        session_capacity=_session_capacity(regions, phase_of_day, lists, calendar),
        reference_length=_reference_length(regions[0], hospitals, lists),
        list_pace=_list_pace(regions, lists),
        clinics=clinics,
        clinic_capacity=_clinic_capacity(regions, phase_of_day, clinics, calendar),
        type_list=_places_of_types(region, hospitals, lists, _list_of),
        type_clinic=_places_of_types(region, hospitals, clinics, lambda h, t: (h, t.specialty)),
        pools=pools,
        places=daily(places),
        kept_free=daily(_by_phase(regions, "short_term_pools", pools, lambda _, p: p.kept_free)),
        kad_units=units,
        kad_beds=daily(_by_phase(regions, "kad_units", units, lambda _, k: k.beds)),
        teams=teams,
        pool_of=daily(pool_of),
        heir=daily(_heirs(pool_of, places)),
        team_places=daily(_by_phase(regions, "teams", teams, lambda r, t: t.places(r))),
        home_care_starts=of_municipalities("home_care_starts_per_day"),
        long_term_places=of_municipalities("long_term_places"),
        supported_housing=of_municipalities("supported_housing"),
        openings=_openings(regions[phase_of_day[0]], first_day, last_day),
    )


def _heirs(pool_of: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The pool that took over each one that has closed since the phase before, shape (phases, pools):
    the new pool of the first municipality that used it, or that pool's own heir; -1 while it is open: it
    has places, or somebody uses it."""
    out = np.full(places.shape, -1, dtype=np.int64)
    for k in range(1, len(places)):
        closed = (places[k] == 0) & ~np.isin(np.arange(places.shape[1]), pool_of[k])
        out[k] = np.where(closed, out[k - 1], -1)
        for before, now in zip(pool_of[k - 1].tolist(), pool_of[k].tolist(), strict=True):
            if before >= 0 and now >= 0 and closed[before] and out[k, before] < 0:
                out[k, before] = now
        for pool in np.flatnonzero(out[k] >= 0).tolist():
            while (heir := out[k, out[k, pool]]) >= 0:  # ends: one that is used has none
                out[k, pool] = heir
    return out


def _openings(region: Region, first_day: int, last_day: int) -> np.ndarray:
    """When those who live in the long-term places and homes at the start leave: all are taken then,
    and the stays that remain are the quantiles of an exponential, so that nothing is left to chance."""
    rules = region.rules
    rows = []
    if rules.loaded_start:
        for m, municipality in enumerate(region.municipalities):
            for kind, places, mean in (
                (0, municipality.long_term_places, rules.long_term_stay_days),
                (1, municipality.supported_housing, rules.housing_stay_days),
            ):
                if places < UNLIMITED:
                    left = -mean * np.log1p(-(np.arange(places) + 0.5) / max(places, 1))
                    rows += [(first_day * DAY + round(d * DAY), m, kind) for d in left.tolist()]
    table = np.array(sorted(rows), dtype=np.int64).reshape(-1, 3)
    return table[table[:, 0] < last_day * DAY]


def _ward_beds(
    regions: tuple[Region, ...], phase_of_day: np.ndarray, wards: tuple[str, ...], calendar: _Days
) -> np.ndarray:
    """Staffed beds, shape (days, wards): by weekday, holiday and summer."""
    kinds = [(free, summer) for free in (False, True) for summer in (False, True)]

    def on(free: bool, summer: bool) -> np.ndarray:
        return _by_phase(regions, "wards", wards, lambda _, ward: ward.staffed(free, summer))

    table = np.array([on(*kind) for kind in kinds])  # (kinds of day, phases, wards)
    kind_of_day = 2 * calendar.free + calendar.summer
    return table[kind_of_day, phase_of_day]


def _lists(
    regions: tuple[Region, ...], hospitals: tuple[str, ...], specialties: tuple[str, ...]
) -> tuple[tuple[str, str, str], ...]:
    if regions[0].rules.elective_at_any_hour:
        return ()
    known = {(s.hospital, s.specialty, s.kind) for r in regions for s in r.sessions}
    return tuple(
        (h, s, k) for h in hospitals for s in specialties for k in ("theatre", "ward") if (h, s, k) in known
    )


def _clinics(
    regions: tuple[Region, ...], hospitals: tuple[str, ...], specialties: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    if regions[0].rules.elective_at_any_hour:
        return ()
    known = {(c.hospital, c.specialty) for r in regions for c in r.clinics}
    return tuple((h, s) for h in hospitals for s in specialties if (h, s) in known)


def _list_of(hospital: str, kind: ElectiveType) -> tuple[str, str, str]:
    return hospital, kind.specialty, "ward" if kind.kind == "planned_stay" else "theatre"


def _places_of_types(
    region: Region, hospitals: tuple[str, ...], known: tuple, name: Callable[[str, ElectiveType], tuple]
) -> np.ndarray:
    """Where each type waits at each hospital, shape (types, hospitals): an index of ``known`` or -1."""
    position = {key: i for i, key in enumerate(known)}
    table = [[position.get(name(h, t), -1) for h in hospitals] for t in region.elective_types]
    return np.array(table, dtype=np.int64).reshape(len(table), len(hospitals))


def _session_capacity(
    regions: tuple[Region, ...], phase_of_day: np.ndarray, lists: tuple, calendar: _Days
) -> np.ndarray:
    """(lists, days): closed on weekends without capacity and holidays, reduced in summer weeks."""
    factor = np.where(calendar.summer, regions[0].rules.summer_session_factor, 1.0)
    factor[calendar.holiday] = 0.0
    unit = np.array([1 if kind == "theatre" else PATIENT for _, _, kind in lists]).reshape(-1, 1)
    weekly = np.array([_weekly(r.sessions, lists, lambda s: (s.hospital, s.specialty, s.kind), "capacity")
                       * unit for r in regions])  # fmt: skip
    return _daily(weekly, phase_of_day, calendar, factor)


def _clinic_capacity(
    regions: tuple[Region, ...], phase_of_day: np.ndarray, clinics: tuple, calendar: _Days
) -> np.ndarray:
    """(clinics, days) thousandths of a slot: closed on holidays, reduced in summer weeks."""
    factor = np.where(calendar.summer, regions[0].rules.summer_clinic_factor, 1.0)
    factor[calendar.holiday] = 0.0
    weekly = np.array([_weekly(r.clinics, clinics, lambda c: (c.hospital, c.specialty), "slots") * PATIENT
                       for r in regions])  # fmt: skip
    return _daily(weekly, phase_of_day, calendar, factor)


def _weekly(items: tuple, names: tuple, name: Callable[[Any], tuple], column: str) -> np.ndarray:
    """The capacity of each of ``names`` by weekday, shape (names, 7)."""
    position = {key: i for i, key in enumerate(names)}
    out = np.zeros((len(names), 7))
    for item in items:
        if name(item) in position:
            out[position[name(item)]] += getattr(item, column)
    return out


def _daily(weekly: np.ndarray, phase_of_day: np.ndarray, calendar: _Days, factor: np.ndarray) -> np.ndarray:
    """(names, days) whole, from (phases, names, 7)."""
    return np.rint(weekly[phase_of_day, :, calendar.weekday].T * factor).astype(np.int64)


def _list_pace(regions: tuple[Region, ...], lists: tuple) -> np.ndarray:
    """Patients a day that each list's sessions can take, shape (phases, lists), mean over the week
    without holidays; a theatre list's minutes are divided by its specialty's mean case."""
    out = np.zeros((len(regions), len(lists)))
    for k, region in enumerate(regions):
        weekly = _weekly(region.sessions, lists, lambda s: (s.hospital, s.specialty, s.kind), "capacity")
        per_day = elective_per_day(region).sum(axis=(0, 2))
        for i, (_, specialty, kind) in enumerate(lists):
            minutes = 1.0
            if kind == "theatre":
                cases = [
                    (n, t.minutes_mean)
                    for n, t in zip(per_day.tolist(), region.elective_types, strict=True)
                    if t.specialty == specialty and t.kind != "planned_stay"
                ]
                total = sum(n for n, _ in cases)
                minutes = sum(n * m for n, m in cases) / total if total else 60.0
            out[k, i] = weekly[i].sum() / 7 / max(minutes, 1e-9)
    return out


def site_segments(region: Region) -> tuple[np.ndarray, np.ndarray]:
    """Where each type's patients are drawn to, before the age rule: the sites in the order of the
    region's shares, (types, municipalities, segments) of hospital indices, and the cumulated shares.
    The order is part of the draw: a lever that moves patients divides a segment and moves no other."""
    hospitals = {h.id: i for i, h in enumerate(region.hospitals)}
    shares = []
    for t in region.elective_types:
        general: dict[str, tuple[tuple[str, float], ...]] = {}  # of those without a row of their own
        row = []
        for m in region.municipalities:
            own = (t.id, m.number) in region.site_shares
            if not own and m.catchment in general:
                row.append(general[m.catchment])
                continue
            row.append(region.general_site_share(t, m.number))
            if not own:
                general[m.catchment] = row[-1]
        shares.append(row)
    most = max((len(segments) for row in shares for segments in row), default=1)
    shape = (len(region.elective_types), len(region.municipalities), most)
    full = [s + ((s[-1][0], 0.0),) * (most - len(s)) for row in shares for s in row]
    site = np.array([hospitals[id] for s in full for id, _ in s], dtype=np.int64)
    part = np.array([share for s in full for _, share in s], dtype=np.float64)
    return site.reshape(shape), part.reshape(shape).cumsum(axis=2)


def _reference_length(base: Region, hospitals: tuple[str, ...], lists) -> np.ndarray:  # type: ignore[no-untyped-def]
    """Each list's length at the reference wait, by Little's law: joining referrals a day × the mean
    of the target time. The base region's, so that a lever cannot move its own yardstick."""
    out = np.zeros(len(lists))
    if not lists:
        return out
    per_day = elective_per_day(base) * base.demand_scale.get("elective", 1.0)  # (municipalities, types, ages)
    regional = base.regional_hospital
    sigma = base.rules.target_sigma
    position = {name: i for i, name in enumerate(lists)}
    sites, cumulated = site_segments(base)
    shares = np.diff(cumulated, axis=2, prepend=0.0)
    for k, kind in enumerate(base.elective_types):
        share = np.zeros((len(base.municipalities), len(hospitals)))
        for i in range(sites.shape[2]):
            share[np.arange(len(share)), sites[k, :, i]] += shares[k, :, i]
        by_site = np.zeros(len(hospitals))
        for h, hospital in enumerate(base.hospitals):
            flow = share[:, h] @ per_day[:, k, :]  # by age
            local = np.array(kind.local_share) if kind.minimum_tier == "local" else np.zeros(len(base.ages))
            stays = flow.sum() if hospital is regional or regional is None else flow @ local
            by_site[h] += stays
            if regional is not None:
                by_site[hospitals.index(regional.id)] += flow.sum() - stays
        mean_wait = kind.target_median_days * np.exp(sigma**2 / 2) + base.rules.lateness_days
        which = "ward" if kind.kind == "planned_stay" else "theatre"
        for h, rate in enumerate(by_site):
            name = (hospitals[h], kind.specialty, which)
            if name in position:
                out[position[name]] += rate * mean_wait
            elif rate > 1e-9:
                where = f"region {base.name}, sessions"
                raise InputError(
                    Problem(
                        where,
                        f"{kind.id} is treated there: give {kind.specialty} a {which} session",
                        column="hospital",
                        value=hospitals[h],
                    )
                )
    return out


def capacity_changes(facilities: Facilities) -> np.ndarray:
    """Whether anything changes at the midnight that begins each simulated day, shape (days,): staffing,
    or the region's phase, which also decides the pace of lists and the pools in use."""
    f = facilities
    out = np.zeros(len(f.phase_of_day), dtype=np.int64)
    for table in (
        f.phase_of_day[:, None], f.ward_beds, f.places, f.long_term_places, f.supported_housing,
        f.home_care_starts, f.kad_beds, f.team_places,
    ):  # fmt: skip
        out[1:] |= (table[1:] != table[:-1]).any(axis=1)
    return out


def join_threshold(reference: float, elasticity: float, candidates: float) -> list[float]:
    """Chance that a candidate joins, by the list's length: (length / reference)^-ε / candidates.

    Cut off at one, and at ten times the reference length. A table, so that both engines compare with
    the same bits."""
    if elasticity == 0 or reference < 1e-9:
        return [1.0 / candidates]
    length = np.arange(max(10, int(10 * reference)) + 1)
    ratio = np.maximum(length, 0.5) / reference
    return (ratio**-elasticity / candidates).clip(max=1.0).tolist()
