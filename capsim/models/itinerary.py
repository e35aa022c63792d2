"""What awaits each patient: the row's variates read with a region's parameters.

Everything that depends on the row and the region alone is settled here, vectorised, in whole
seconds and codes, before the clock starts. Each duration is scaled and rounded in this one place.
What depends on others (is a bed free?) is left to the engines.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from capsim.demand.patients import (
    ACUTE,
    ELECTIVE,
    FROM_HOME,
    KAD_OWN,
    STREAMS,
    PatientTable,
    features_of,
    target_days,
)
from capsim.errors import InputError, Problem
from capsim.models.facilities import Facilities, site_probabilities
from capsim.models.pathway import DAY, HOUR, Need, Start
from capsim.region.region import Region, standard_normal

__all__ = ["Itinerary", "itinerary_of"]

NONE = -1
DRAW_FOR_IT = "pass this region to sample_patients(scenarios=…)"
FULL_SESSION_MINUTES = 480  # no case is longer than a full day in theatre


@dataclass(frozen=True, eq=False)
class Itinerary:
    """One entry per patient, in the table's order; durations in whole seconds (int64), -1 for "none".

    ``active``: in this scenario. ``start``: a :class:`~capsim.models.pathway.Start`. ``began``: when
    the stay of somebody already in a bed or place began. ``hospital``, ``specialty``, ``ward``, ``list``,
    ``pool``, ``kad`` index :class:`Facilities`. ``minutes``: in theatre; 0 for planned stays.
    ``response``: from notice to answer; ``complex``: further days for a tailored home-care service;
    both in whole days. ``home_second``: second of the day at which home care receives. Of shape
    (patients, teams): whether a team ``averts`` the admission, its ``course`` and whether that one
    ``escalates``; whether it discharges ``early``, and ``early_after``, from admission to asking it.
    """

    active: np.ndarray
    start: np.ndarray
    began: np.ndarray
    hospital: np.ndarray
    specialty: np.ndarray
    ward: np.ndarray
    stay: np.ndarray
    need: np.ndarray
    notified_early: np.ndarray
    response: np.ndarray
    complex: np.ndarray
    home_second: np.ndarray
    pool: np.ndarray
    place_stay: np.ndarray
    stretch: np.ndarray
    kad: np.ndarray
    kad_stay: np.ndarray
    kad_sent_on: np.ndarray
    averts: np.ndarray
    course: np.ndarray
    escalates: np.ndarray
    early: np.ndarray
    early_after: np.ndarray
    list: np.ndarray
    day_surgery: np.ndarray
    minutes: np.ndarray
    due: np.ndarray
    join: np.ndarray


def seconds(days: np.ndarray) -> np.ndarray:
    """Days as whole seconds, half to even; the only place where a duration is rounded."""
    return np.rint(days * DAY).astype(np.int64)


def itinerary_of(patients: PatientTable, facilities: Facilities) -> Itinerary:
    """Read the table with the phase of the region that each patient arrives in.

    Raises:
        InputError: if the table was drawn for other municipalities or with less demand than the
            region asks for.
    """
    _check(patients, facilities.regions)
    out = _empty(len(patients), len(facilities.teams))
    phase = np.searchsorted(facilities.phase_start, patients.arrival, side="right") - 1
    for k, region in enumerate(facilities.regions):
        rows = np.flatnonzero(phase.clip(min=0) == k)
        if len(rows):
            _fill(out, rows, patients, facilities, region)
    _settle_start(out, patients, facilities)
    return Itinerary(**out)


def _check(patients: PatientTable, regions: tuple[Region, ...]) -> None:
    for region in regions:
        if tuple(m.number for m in region.municipalities) != patients.municipalities:
            allowed = f"must have the municipalities the patients were drawn for ({patients.region})"
            raise InputError(Problem("simulate", allowed, column="region", value=region.name))
        for stream, scale in region.demand_scale.items():
            if stream not in STREAMS:
                raise InputError(
                    Problem(
                        f"region {region.name}",
                        f"must be one of: {', '.join(STREAMS)}",
                        column="demand_scale",
                        value=stream,
                    )
                )
            if scale > patients.ceiling[stream]:
                allowed = f"patients were drawn up to {patients.ceiling[stream]}: {DRAW_FOR_IT}"
                raise InputError(
                    Problem(f"region {region.name}", allowed, column=f"demand_scale {stream}", value=scale)
                )
        missing = features_of([region]) - patients.features
        if missing:
            allowed = (
                f"the patients were drawn for a region without: {', '.join(sorted(missing))}; {DRAW_FOR_IT}"
            )
            raise InputError(Problem("simulate", allowed, column="region", value=region.name))


def _empty(n: int, teams: int) -> dict[str, np.ndarray]:
    whole = (
        "began",
        "stay",
        "response",
        "complex",
        "home_second",
        "place_stay",
        "stretch",
        "kad_stay",
        "minutes",
        "due",
    )
    index = ("hospital", "specialty", "ward", "pool", "kad", "list")
    flag = ("active", "notified_early", "kad_sent_on", "day_surgery")
    out: dict[str, np.ndarray] = {c: np.zeros(n, dtype=np.int64) for c in whole}
    out.update({c: np.full(n, NONE, dtype=np.int64) for c in index})
    out.update({c: np.zeros(n, dtype=bool) for c in flag})
    out.update({c: np.zeros((n, teams), dtype=bool) for c in ("averts", "escalates", "early")})
    out.update({c: np.zeros((n, teams), dtype=np.int64) for c in ("course", "early_after")})
    out["need"] = np.zeros(n, dtype=np.int8)
    out["start"] = np.zeros(n, dtype=np.int8)
    out["join"] = np.zeros(n)
    return out


def _fill(
    out: dict[str, np.ndarray],
    rows: np.ndarray,
    patients: PatientTable,
    facilities: Facilities,
    region: Region,
) -> None:
    """Settle ``rows`` with one phase of the region."""

    def u(name: str) -> np.ndarray:
        return patients.variates[name][rows]

    stream = patients.stream[rows]
    scale = np.array([region.demand_scale.get(s, 1.0) for s in STREAMS])
    out["active"][rows] = patients.level[rows] < scale[stream]
    elective = rows[stream == ELECTIVE]
    in_hospital = rows[(stream == ACUTE) | (stream == KAD_OWN)]
    if len(in_hospital):
        _acute(out, in_hospital, patients, facilities, region)
    if len(elective):
        _elective(out, elective, patients, facilities, region)
    if "municipal" in patients.features:
        _municipal_need(out, rows[stream != FROM_HOME], patients, region)
    if "place" in patients.features:
        pool = np.array(
            [
                facilities.pools.index(m.short_term_pool) if m.short_term_pool else NONE
                for m in region.municipalities
            ]
        )
        out["pool"][rows] = pool[patients.municipality[rows]]
        out["place_stay"][rows] = seconds(region.rules.short_term_stay.days(u("place_stay")))
    if "kad" in patients.features:
        _kad(out, in_hospital, patients, facilities, region)
    if "team" in patients.features:
        _teams(out, rows[(stream == ACUTE) | (stream == ELECTIVE)], patients, facilities, region)


def _stay_days(patients: PatientTable, rows: np.ndarray, region: Region, which: str) -> np.ndarray:
    """Clinical stay by age band, before any factor for the site or the type."""
    days = np.zeros(len(rows))
    age = patients.age[rows]
    for a, band in enumerate(region.ages):
        here = age == a
        days[here] = getattr(band, which).days(patients.variates["stay"][rows[here]])
    return days * region.rules.clinical_share_of_stay


def _site_factor(region: Region, municipality: np.ndarray, hospital: np.ndarray) -> np.ndarray:
    """Stays are longer for those who are treated at a regional hospital that is not their own."""
    hospitals = [h.id for h in region.hospitals]
    catchment = np.array([hospitals.index(m.catchment) for m in region.municipalities])
    factor = np.array([h.regional_stay_factor for h in region.hospitals])
    away = np.array([h.tier == "regional" for h in region.hospitals])[hospital]
    home = catchment[municipality]
    return np.where(away & (home != hospital), factor[home], 1.0)


def _acute(
    out: dict[str, np.ndarray],
    rows: np.ndarray,
    patients: PatientTable,
    facilities: Facilities,
    region: Region,
) -> None:
    """Which hospital, ward, how long: the regional function first, then the catchment hospital,
    then the nearest with the emergency function."""
    hospitals = list(facilities.hospitals)
    municipality, age = patients.municipality[rows], patients.age[rows]
    share = np.array([s.acute_share for s in region.specialties]).T.cumsum(axis=1)
    specialty = (patients.variates["specialty"][rows][:, None] * share[age][:, -1:] >= share[age]).sum(axis=1)
    specialty = specialty.clip(max=len(region.specialties) - 1)
    nearest = _nearest_emergency(region, facilities)
    hospital = nearest[municipality, specialty]
    if (regional := region.regional_hospital) is not None:
        catchment = np.array([hospitals.index(m.catchment) for m in region.municipalities])[municipality]
        chance = np.array([h.regional_share_acute for h in region.hospitals])[catchment]
        hospital = np.where(
            patients.variates["regional"][rows] < chance, hospitals.index(regional.id), hospital
        )
    out["hospital"][rows] = hospital
    out["specialty"][rows] = specialty
    out["ward"][rows] = facilities.ward_of[hospital, specialty]
    days = _stay_days(patients, rows, region, "acute_stay") * _site_factor(region, municipality, hospital)
    out["stay"][rows] = seconds(days).clip(min=1)


def _nearest_emergency(region: Region, facilities: Facilities) -> np.ndarray:
    """(municipalities, specialties): the catchment hospital, or the nearest that takes them acute."""
    out = np.zeros((len(region.municipalities), len(region.specialties)), dtype=np.int64)
    for m, municipality in enumerate(region.municipalities):

        def way(
            h: int, number: str = municipality.number, home: str = municipality.catchment
        ) -> tuple[bool, float, int]:
            id = facilities.hospitals[h]
            return (id != home, region.travel_minutes[number, id], h)

        order = sorted(range(len(facilities.hospitals)), key=way)
        for s, specialty in enumerate(region.specialties):
            able = [
                h
                for h in order
                if specialty.id in region.hospitals[h].emergency and facilities.ward_of[h, s] >= 0
            ]
            if not able and max(specialty.acute_share) > 0:
                raise InputError(
                    Problem(
                        f"region {region.name}, hospitals",
                        "no hospital with a ward for this specialty takes its acute patients",
                        column="emergency",
                        value=specialty.id,
                    )
                )
            out[m, s] = able[0] if able else 0
    return out


def _elective(
    out: dict[str, np.ndarray],
    rows: np.ndarray,
    patients: PatientTable,
    facilities: Facilities,
    region: Region,
) -> None:
    """Site, list, due date, minutes and stay of each referral candidate."""
    v = patients.variates
    municipality, age, kind = patients.municipality[rows], patients.age[rows], patients.type[rows]
    types = region.elective_types
    cumulative = np.array([site_probabilities(region, k) for k in range(len(types))]).cumsum(axis=2)
    bounds = cumulative[kind, municipality]
    site = (
        (v["site"][rows][:, None] * bounds[:, -1:] >= bounds)
        .sum(axis=1)
        .clip(max=len(facilities.hospitals) - 1)
    )
    if (regional := region.regional_hospital) is not None:
        may = np.array(
            [t.local_share if t.minimum_tier == "local" else (0.0,) * len(region.ages) for t in types]
        )
        is_local = np.array([h.tier == "local" for h in region.hospitals])[site]
        away = is_local & (v["local"][rows] >= may[kind, age])
        site = np.where(away, facilities.hospitals.index(regional.id), site)
    specialties = [s.id for s in region.specialties]
    specialty = np.array([specialties.index(t.specialty) for t in types])
    out["hospital"][rows] = site
    out["specialty"][rows] = specialty[kind]
    out["ward"][rows] = facilities.ward_of[site, specialty[kind]]
    day_surgery = np.array([t.kind == "day_surgery" for t in types])
    out["day_surgery"][rows] = day_surgery[kind]
    factor = np.array([t.stay_factor for t in types])
    days = (
        _stay_days(patients, rows, region, "elective_stay")
        * factor[kind]
        * _site_factor(region, municipality, site)
    )
    out["stay"][rows] = np.where(day_surgery[kind], 0, seconds(days).clip(min=1))
    out["minutes"][rows] = _minutes(region, kind, v["minutes"][rows])
    out["join"][rows] = v["join"][rows]
    arrival = patients.arrival[rows]
    if region.rules.elective_at_any_hour:
        out["due"][rows] = arrival
        return
    out["due"][rows] = arrival + seconds(target_days(region, kind, v["target"][rows]))
    theatre = np.array([t.kind != "planned_stay" for t in types])
    table = np.array(
        [
            [[facilities.list_index(h, s, k) for k in ("ward", "theatre")] for s in specialties]
            for h in facilities.hospitals
        ]
    )
    out["list"][rows] = table[site, specialty[kind], theatre[kind].astype(int)]
    lost = rows[(out["list"][rows] == NONE) & out["active"][rows]]
    if len(lost):
        first = lost[0]
        what, where = types[patients.type[first]], facilities.hospitals[out["hospital"][first]]
        raise InputError(
            Problem(
                f"region {region.name}, sessions",
                f"{what.id} is treated at {where}: give {what.specialty} a session there",
                column="hospital",
                value=where,
            )
        )


def _minutes(region: Region, kind: np.ndarray, u: np.ndarray) -> np.ndarray:
    """Theatre minutes with turnover, lognormal, whole, between 5 and a full day's session."""
    types = region.elective_types
    mean = np.array([t.minutes_mean if t.kind != "planned_stay" else 0.0 for t in types])[kind]
    sigma2 = np.log1p(np.array([t.minutes_cv for t in types])[kind] ** 2)
    minutes = np.rint(mean * np.exp(np.sqrt(sigma2) * standard_normal(u) - sigma2 / 2)).astype(np.int64)
    return np.where(mean > 0, minutes.clip(5, FULL_SESSION_MINUTES), 0)


def _municipal_need(
    out: dict[str, np.ndarray], rows: np.ndarray, patients: PatientTable, region: Region
) -> None:
    """What the municipality must provide, and how long it takes to answer."""
    v, rules = patients.variates, region.rules
    age, municipality = patients.age[rows], patients.municipality[rows]
    need = np.array([a.needs_municipality for a in region.ages])[age]
    kind = patients.type[rows]
    if region.elective_types:
        factor = np.array([t.need_factor for t in region.elective_types] + [1.0])
        need = need * factor[kind]  # type -1, everyone else, reads the last entry
    short = np.array([a.needs_short_term for a in region.ages])[age]
    has_pool = np.array([bool(m.short_term_pool) for m in region.municipalities])[municipality]
    short_term = (v["need_kind"][rows] < short) & has_pool
    needs = (v["need"][rows] < need) & ~out["day_surgery"][rows]
    out["need"][rows] = np.where(needs, np.where(short_term, Need.SHORT_TERM, Need.HOME_CARE), Need.NOTHING)
    out["notified_early"][rows] = v["early"][rows] < rules.notified_early_share
    late = v["answered"][rows] >= np.array([m.answered_in_time for m in region.municipalities])[municipality]
    mean = np.array([m.response_days for m in region.municipalities])[municipality]
    answer = np.where(late, -mean * np.log1p(-v["response"][rows]), 0.0)
    if rules.ward_round_hour is not None:  # late answers come whole days late
        answer = np.ceil(answer)
    out["response"][rows] = seconds(answer)
    complicated = (v["complex"][rows] < rules.complex_home_care_share) & ~short_term
    days = np.ceil(-rules.complex_home_care_days * np.log1p(-v["complex_days"][rows]))
    out["complex"][rows] = np.where(complicated, days.astype(np.int64) * DAY, 0)
    first, last = (round(h * HOUR) for h in rules.home_care_hours)
    out["home_second"][rows] = first + np.floor(v["home_hour"][rows] * (last - first)).astype(np.int64)
    if rules.stretch_after_days is not None:
        wait = -rules.stretch_after_days * np.log1p(-v["stretch"][rows])
        out["stretch"][rows] = np.ceil(wait).astype(np.int64).clip(min=1) * DAY


def _kad(
    out: dict[str, np.ndarray],
    rows: np.ndarray,
    patients: PatientTable,
    facilities: Facilities,
    region: Region,
) -> None:
    v = patients.variates
    municipality, age = patients.municipality[rows], patients.age[rows]
    unit = np.array(
        [facilities.kad_units.index(m.kad_unit) if m.kad_unit else NONE for m in region.municipalities]
    )
    use = {k.id: k.use_rate for k in region.kad_units}
    rate = np.array([use.get(m.kad_unit, 0.0) for m in region.municipalities])
    suitable = np.array([a.kad_suitable for a in region.ages])[age]
    sent = (v["kad_suitable"][rows] < suitable) & (v["kad_use"][rows] < rate[municipality])
    own = patients.stream[rows] == KAD_OWN
    out["kad"][rows] = np.where(sent | own, unit[municipality], NONE)
    out["kad_stay"][rows] = seconds(region.rules.kad_stay.days(v["kad_stay"][rows])).clip(min=1)
    out["kad_sent_on"][rows] = v["kad_sent_on"][rows] < region.rules.kad_sent_on_share


def _teams(
    out: dict[str, np.ndarray],
    rows: np.ndarray,
    patients: PatientTable,
    facilities: Facilities,
    region: Region,
) -> None:
    """Every team that serves the patient's municipality and has the patient in its target."""
    v = patients.variates
    for team in region.teams:
        t = facilities.teams.index(team.id)
        served = np.array([m.number in team.municipalities for m in region.municipalities])
        ages = np.array([not team.target_ages or a.id in team.target_ages for a in region.ages])
        groups = np.array([not team.target_groups or g.id in team.target_groups for g in region.groups])
        target = served[patients.municipality[rows]] & ages[patients.age[rows]] & groups[patients.group[rows]]
        acute = patients.stream[rows] == ACUTE
        out["averts"][rows, t] = target & acute & (v["team"][rows] < team.averts_share)
        out["course"][rows, t] = seconds(team.course.days(v["course"][rows])).clip(min=1)
        out["escalates"][rows, t] = v["escalates"][rows] < team.escalates_share
        stays = (out["need"][rows] == Need.NOTHING) & ~out["day_surgery"][rows]
        out["early"][rows, t] = target & stays & (v["early_discharge"][rows] < team.early_discharge_share)
        out["early_after"][rows, t] = np.floor(team.early_discharge_after * out["stay"][rows])


def _settle_start(out: dict[str, np.ndarray], patients: PatientTable, facilities: Facilities) -> None:
    """Where those who came before the clock started are when it starts, in closed form: they found
    a bed at once, were treated when due, and needed nothing that was full."""
    clock = int(facilities.phase_start[0])
    lateness = round(facilities.regions[0].rules.lateness_days * DAY)
    early = np.flatnonzero((patients.arrival < clock) & out["active"])
    stream = patients.stream[early]
    elective, from_home = stream == ELECTIVE, stream == FROM_HOME
    in_kad = (out["kad"][early] >= 0) & ~elective
    admitted = np.where(elective, out["due"][early] + lateness, patients.arrival[early])
    admitted = np.where(from_home, patients.arrival[early], admitted)
    left = admitted + np.where(from_home, 0, out["stay"][early])
    placed = (from_home | (out["need"][early] == Need.SHORT_TERM)) & (out["pool"][early] >= 0)
    place: Callable[[Start], np.int8] = np.int8
    start = np.select(
        [
            in_kad & (patients.arrival[early] + out["kad_stay"][early] > clock),
            in_kad,
            elective & (admitted > clock),
            ~from_home & (left > clock),
            placed & (left + out["place_stay"][early] > clock),
        ],
        [
            place(Start.IN_KAD),
            place(Start.GONE),
            place(Start.ON_LIST),
            place(Start.IN_BED),
            place(Start.IN_PLACE),
        ],
        default=place(Start.GONE),
    )
    out["start"][early] = start
    out["began"][early] = np.where(
        start == Start.IN_PLACE, left, np.where(in_kad, patients.arrival[early], admitted)
    )
