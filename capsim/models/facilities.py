"""Everything that can be full, numbered, with its capacity in each phase of the region.

Both engines read these arrays; what a ward or list is called stays in the region.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from capsim.demand.rates import elective_per_day, is_holiday
from capsim.errors import InputError, Problem
from capsim.models.pathway import DAY
from capsim.region.region import Region

__all__ = ["PATIENT", "Facilities", "facilities_of", "site_probabilities"]

PATIENT = 1000  # a called-in planned stay takes this much of a ward list's capacity


@dataclass(frozen=True, eq=False)
class Facilities:
    """Capacities by phase. ``phase_start``: seconds (int64), the first at the clock's start.

    ``ward_beds`` (phases, wards), ``kad_beds`` (phases, units), ``places`` (phases, pools),
    ``team_places`` (phases, teams), ``home_care_starts`` (phases, municipalities) are whole.
    ``lists`` names each waiting list (hospital, specialty, kind); ``session_capacity`` has shape
    (lists, days) from the first simulated day: minutes for theatre lists, thousandths of a patient
    for ward lists. ``reference_length`` is each list's at the reference wait.
    """

    regions: tuple[Region, ...]
    phase_start: np.ndarray
    first_day: int
    hospitals: tuple[str, ...]
    wards: tuple[str, ...]
    ward_hospital: np.ndarray
    ward_of: np.ndarray  # (hospitals, specialties) -> ward, -1 where none
    ward_reserve: np.ndarray
    ward_beds: np.ndarray
    lists: tuple[tuple[str, str, str], ...]
    list_ward: np.ndarray
    session_capacity: np.ndarray
    reference_length: np.ndarray
    pools: tuple[str, ...]
    places: np.ndarray
    kept_free: np.ndarray
    kad_units: tuple[str, ...]
    kad_beds: np.ndarray
    teams: tuple[str, ...]
    team_places: np.ndarray
    home_care_starts: np.ndarray

    def list_index(self, hospital: str, specialty: str, kind: str) -> int:
        try:
            return self.lists.index((hospital, specialty, kind))
        except ValueError:
            return -1


def _union(regions: tuple[Region, ...], table: str) -> tuple[str, ...]:
    """Ids of a table's rows over all phases, in the order of their first appearance."""
    return tuple(dict.fromkeys(item.id for region in regions for item in getattr(region, table)))


def _by_phase(regions: tuple[Region, ...], table: str, ids: tuple[str, ...], amount) -> np.ndarray:  # type: ignore[no-untyped-def]
    """Whole capacities, shape (phases, ids); zero while a thing does not exist."""
    out = np.zeros((len(regions), len(ids)), dtype=np.int64)
    for k, region in enumerate(regions):
        for item in getattr(region, table):
            out[k, ids.index(item.id)] = amount(region, item)
    return out


def facilities_of(region: Region, first_day: int, last_day: int) -> Facilities:
    """Number everything in ``region`` for a clock that runs from ``first_day`` to ``last_day``.

    Raises:
        InputError: if a specialty has electives at a hospital that has no ward or session for it.
    """
    phases = region.phases()
    regions = tuple(p.region for p in phases)
    hospitals = tuple(h.id for h in region.hospitals)
    specialties = tuple(s.id for s in region.specialties)
    wards = _union(regions, "wards")
    first_seen = {w.id: w for r in reversed(regions) for w in r.wards}
    ward_of = np.full((len(hospitals), len(specialties)), -1, dtype=np.int64)
    for w, id in enumerate(wards):
        for specialty in first_seen[id].specialties:
            ward_of[hospitals.index(first_seen[id].hospital), specialties.index(specialty)] = w
    lists = _lists(regions, hospitals, specialties)
    return Facilities(
        regions=regions,
        phase_start=np.array([max(p.from_day, first_day) * DAY for p in phases], dtype=np.int64),
        first_day=first_day,
        hospitals=hospitals,
        wards=wards,
        ward_hospital=np.array([hospitals.index(first_seen[w].hospital) for w in wards], dtype=np.int64),
        ward_of=ward_of,
        ward_reserve=np.array([first_seen[w].acute_reserve for w in wards], dtype=np.int64),
        ward_beds=_by_phase(regions, "wards", wards, lambda _, w: w.beds),
        lists=lists,
        list_ward=np.array(
            [ward_of[hospitals.index(h), specialties.index(s)] for h, s, _ in lists], dtype=np.int64
        ),
        session_capacity=_session_capacity(phases, lists, first_day, last_day),
        reference_length=_reference_length(regions[0], hospitals, lists),
        pools=(pools := _union(regions, "short_term_pools")),
        places=_by_phase(regions, "short_term_pools", pools, lambda _, p: p.places),
        kept_free=np.array(
            [next(p.kept_free for r in regions for p in r.short_term_pools if p.id == i) for i in pools],
            dtype=np.int64,
        ),
        kad_units=(units := _union(regions, "kad_units")),
        kad_beds=_by_phase(regions, "kad_units", units, lambda _, k: k.beds),
        teams=(teams := _union(regions, "teams")),
        team_places=_by_phase(regions, "teams", teams, lambda r, t: t.places(r)),
        home_care_starts=np.array(
            [[m.home_care_starts_per_day for m in r.municipalities] for r in regions], dtype=np.int64
        ),
    )


def _lists(
    regions: tuple[Region, ...], hospitals: tuple[str, ...], specialties: tuple[str, ...]
) -> tuple[tuple[str, str, str], ...]:
    if regions[0].rules.elective_at_any_hour:
        return ()
    known = {(s.hospital, s.specialty, s.kind) for r in regions for s in r.sessions}
    return tuple(
        (h, s, k) for h in hospitals for s in specialties for k in ("theatre", "ward") if (h, s, k) in known
    )


def _session_capacity(phases, lists, first_day: int, last_day: int) -> np.ndarray:  # type: ignore[no-untyped-def]
    """(lists, days): closed on weekends without capacity and holidays, reduced in summer weeks."""
    start, rules = phases[0].region.start, phases[0].region.rules
    days = [start + timedelta(d) for d in range(first_day, last_day)]
    weekday = np.array([d.weekday() for d in days])
    week = np.array([d.isocalendar().week for d in days])
    first_week, last_week = rules.summer_weeks
    factor = np.where((week >= first_week) & (week <= last_week), rules.summer_session_factor, 1.0)
    factor[[is_holiday(d) for d in days]] = 0.0
    out = np.zeros((len(lists), len(days)), dtype=np.int64)
    position = {name: i for i, name in enumerate(lists)}
    for phase in phases:
        current = np.zeros((len(lists), 7))
        for session in phase.region.sessions:
            if (name := (session.hospital, session.specialty, session.kind)) in position:
                current[position[name]] += session.capacity
        current *= np.array([1 if kind == "theatre" else PATIENT for _, _, kind in lists]).reshape(-1, 1)
        later = np.arange(first_day, last_day) >= phase.from_day
        out[:, later] = np.rint(current[:, weekday[later]] * factor[later])
    return out


def site_probabilities(region: Region, type_index: int) -> np.ndarray:
    """Share of a type's patients drawn to each hospital, shape (municipalities, hospitals), before
    the age rule (see :func:`capsim.models.itinerary.itinerary_of`)."""
    hospitals = [h.id for h in region.hospitals]
    out = np.zeros((len(region.municipalities), len(hospitals)))
    kind = region.elective_types[type_index]
    for m, municipality in enumerate(region.municipalities):
        for site, share in region.general_site_share(kind, municipality.number):
            out[m, hospitals.index(site)] += share
    return out


def _reference_length(base: Region, hospitals: tuple[str, ...], lists) -> np.ndarray:  # type: ignore[no-untyped-def]
    """Each list's length at the reference wait, by Little's law: joining referrals a day × the mean
    of the target time. The base region's, so that a lever cannot move its own yardstick."""
    out = np.zeros(len(lists))
    if not lists:
        return out
    per_day = elective_per_day(base)  # (municipalities, types, ages)
    regional = base.regional_hospital
    sigma = base.rules.target_sigma
    position = {name: i for i, name in enumerate(lists)}
    for k, kind in enumerate(base.elective_types):
        share = site_probabilities(base, k)
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
