"""Where each patient is to go, and for how long: hospital, ward, clinic, list, stay."""

from __future__ import annotations

import numpy as np

from capsim.demand.columns import ELECTIVE, TASTE, TYPED
from capsim.demand.patients import PatientTable, target_days
from capsim.errors import InputError, Problem
from capsim.models.facilities import Facilities, site_segments
from capsim.models.pathway import DAY
from capsim.models.staffing import FULL_SESSION_MINUTES
from capsim.region.region import Region, standard_normal

__all__ = ["acute", "elective", "readmitted", "seconds"]

Out = dict[str, np.ndarray]


def seconds(days: np.ndarray) -> np.ndarray:
    """Days as whole seconds, half to even: how every drawn duration is rounded, once."""
    return np.rint(days * DAY).astype(np.int64)


def acute(out: Out, rows: np.ndarray, patients: PatientTable, facilities: Facilities, region: Region) -> None:
    """Which hospital, ward, how long: the regional function first, then the catchment hospital,
    then the nearest with the emergency function."""
    if not len(rows):
        return
    age = patients.age[rows]
    share = np.array([s.acute_share for s in region.specialties]).T.cumsum(axis=1)
    u = patients.variates.get("specialty", np.zeros(len(patients)))[rows]
    specialty = (u[:, None] * share[age][:, -1:] >= share[age]).sum(axis=1)
    specialty = specialty.clip(max=len(region.specialties) - 1)
    typed = np.isin(patients.stream[rows], TYPED)
    ids = [s.id for s in region.specialties]
    of_type = np.array([ids.index(t.specialty) for t in region.acute_types] + [0])
    specialty = np.where(typed, of_type[np.where(typed, patients.type[rows], -1)], specialty)
    out["specialty"][rows] = specialty
    _to_emergency(out, rows, patients, facilities, region)
    days = _clinical_days(patients, rows, region)
    factor = _site_factor(region, patients.municipality[rows], out["hospital"][rows])
    out["stay"][rows] = seconds(days * np.where(typed, 1.0, factor)).clip(min=1)
    _transfers(out, rows[~typed], patients, facilities, region)


def readmitted(
    out: Out, rows: np.ndarray, patients: PatientTable, facilities: Facilities, region: Region
) -> None:
    """A readmission is acute, in the specialty of the stay before; its stay is that of an acute
    patient of the age, or of the type where that has its own."""
    if not len(rows):
        return
    parent = patients.parent[rows]
    out["specialty"][rows] = out["specialty"][parent]
    out["hospital"][rows] = out["hospital"][parent]
    _to_emergency(out, rows, patients, facilities, region)
    own = np.isin(patients.root[rows], TYPED)
    days = _clinical_days(patients, rows, region)
    factor = _site_factor(region, patients.municipality[rows], out["hospital"][rows])
    out["stay"][rows] = seconds(days * np.where(own, 1.0, factor)).clip(min=1)
    _transfers(out, rows[~own], patients, facilities, region)


def _to_emergency(
    out: Out, rows: np.ndarray, patients: PatientTable, facilities: Facilities, region: Region
) -> None:
    """The hospital and ward of acute patients whose specialty is known. Without an emergency
    function anywhere (a specialty of electives alone) the hospital stays what it was."""
    hospitals = list(facilities.hospitals)
    municipality, specialty = patients.municipality[rows], out["specialty"][rows]
    nearest = _nearest_emergency(region, facilities)[municipality, specialty]
    hospital = np.where(nearest >= 0, nearest, out["hospital"][rows])
    if (regional := region.regional_hospital) is not None:
        catchment = np.array([hospitals.index(m.catchment) for m in region.municipalities])[municipality]
        chance = np.array([h.regional_share_acute for h in region.hospitals])[catchment]
        typed = np.isin(patients.root[rows], TYPED)
        of_type = np.array([t.regional_share for t in region.acute_types] + [0.0])
        chance = np.where(typed, of_type[np.where(typed, patients.type[rows], -1)], chance)
        there = facilities.ward_of[hospitals.index(regional.id)][specialty] >= 0
        away = there & (patients.variates["regional"][rows] < chance)
        hospital = np.where(away, hospitals.index(regional.id), hospital)
    out["hospital"][rows] = hospital
    out["ward"][rows] = facilities.ward_of[hospital, specialty]


def _nearest_emergency(region: Region, facilities: Facilities) -> np.ndarray:
    """(municipalities, specialties): the catchment hospital, or the nearest that takes them acute; -1
    where none does."""
    used = {t.specialty for t in region.acute_types}
    out = np.full((len(region.municipalities), len(region.specialties)), -1, dtype=np.int64)
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
            if able:
                out[m, s] = able[0]
            elif max(specialty.acute_share) > 0 or specialty.id in used:
                raise InputError(
                    Problem(
                        f"region {region.name}, hospitals",
                        "no hospital with a ward for this specialty takes its acute patients",
                        column="emergency",
                        value=specialty.id,
                    )
                )
    return out


def _transfers(
    out: Out, rows: np.ndarray, patients: PatientTable, facilities: Facilities, region: Region
) -> None:
    """Those who need the regional hospital only for the first part of the stay (delte pasientforløp)."""
    regional = region.regional_hospital
    if "after" not in patients.features or regional is None:
        return
    hospitals = list(facilities.hospitals)
    home = np.array([hospitals.index(m.catchment) for m in region.municipalities])[
        patients.municipality[rows]
    ]
    away = (out["hospital"][rows] == hospitals.index(regional.id)) & (home != out["hospital"][rows])
    share = np.array([h.transfer_back_share for h in region.hospitals])[home]
    after = np.array([h.transfer_back_after for h in region.hospitals])[home]
    ward = facilities.ward_of[home, out["specialty"][rows]]
    moves = away & (ward >= 0) & (patients.variates["transfer"][rows] < share)
    out["home_ward"][rows] = np.where(moves, ward, -1)
    out["transfer_after"][rows] = np.where(moves, np.floor(out["stay"][rows] * after).astype(np.int64), -1)


def _clinical_days(patients: PatientTable, rows: np.ndarray, region: Region) -> np.ndarray:
    """Clinical stay by age band or by the type's own, before any factor for the site."""
    u = patients.variates["stay"][rows]
    days = np.zeros(len(rows))
    age, root, kind = patients.age[rows], patients.root[rows], patients.type[rows]
    planned = patients.stream[rows] == ELECTIVE
    for a, band in enumerate(region.ages):
        here = (age == a) & ~planned
        days[here] = band.acute_stay.days(u[here])
        here = (age == a) & planned
        days[here] = band.elective_stay.days(u[here])
    days *= region.rules.clinical_share_of_stay
    if planned.any():
        factor = np.array([t.stay_factor for t in region.elective_types])
        days[planned] *= factor[kind[planned]]
    for k, referred in enumerate(region.elective_types):
        if referred.stay is not None:
            here = (root == ELECTIVE) & (kind == k)
            days[here] = referred.stay.days(u[here])
    typed = np.isin(root, TYPED)
    for k, of_type in enumerate(region.acute_types):
        here = typed & (kind == k)
        days[here] = of_type.stay.days(u[here])
    return days


def _site_factor(region: Region, municipality: np.ndarray, hospital: np.ndarray) -> np.ndarray:
    """Stays are longer for those who are treated at a regional hospital that is not their own."""
    hospitals = [h.id for h in region.hospitals]
    catchment = np.array([hospitals.index(m.catchment) for m in region.municipalities])
    factor = np.array([h.regional_stay_factor for h in region.hospitals])
    away = np.array([h.tier == "regional" for h in region.hospitals])[hospital]
    home = catchment[municipality]
    return np.where(away & (home != hospital), factor[home], 1.0)


def elective(
    out: Out, rows: np.ndarray, patients: PatientTable, facilities: Facilities, region: Region
) -> None:
    """Site, clinic, list, due dates, minutes and stay of each referral candidate."""
    if not len(rows):
        return
    v, rules, types = patients.variates, region.rules, region.elective_types
    municipality, kind = patients.municipality[rows], patients.type[rows]
    sites, cumulative = site_segments(region)
    bounds = cumulative[kind, municipality]
    segment = (v["site"][rows][:, None] * bounds[:, -1:] >= bounds).sum(axis=1).clip(max=bounds.shape[1] - 1)
    site = sites[kind, municipality, segment]
    may_be_local = _may_be_local(patients, rows, region)
    if (regional := region.regional_hospital) is not None:
        is_local = np.array([h.tier == "local" for h in region.hospitals])[site]
        site = np.where(is_local & ~may_be_local, facilities.hospitals.index(regional.id), site)
    specialties = [s.id for s in region.specialties]
    specialty = np.array([specialties.index(t.specialty) for t in types])[kind]
    treated = patients.stream[rows] == ELECTIVE
    out["hospital"][rows] = site
    out["specialty"][rows] = specialty
    out["ward"][rows] = facilities.ward_of[site, specialty]
    out["goes_on"][rows] = treated
    day_surgery = np.array([t.kind == "day_surgery" for t in types])[kind]
    out["day_surgery"][rows] = day_surgery
    somatic = np.array([t.stay is None for t in types])[kind]
    days = _clinical_days(patients, rows, region)

    def stay_at(site: np.ndarray, here: np.ndarray) -> np.ndarray:
        factor = np.where(somatic[here], _site_factor(region, municipality[here], site), 1.0)
        none = day_surgery[here] | ~treated[here]
        return np.where(none, 0, seconds(days[here] * factor).clip(min=1))

    out["stay"][rows] = stay_at(site, np.arange(len(rows)))
    if "minutes" in v:
        out["minutes"][rows] = np.where(treated, _minutes(region, kind, v["minutes"][rows]), 0)
    out["join"][rows] = v["join"][rows]
    arrival = patients.arrival[rows]
    if rules.elective_at_any_hour:
        out["due"][rows] = arrival
        return
    target = target_days(region, kind, v["target"][rows])
    out["due"][rows] = arrival + seconds(target)
    out["first_due"][rows] = first = arrival + seconds(target * rules.first_contact_share)
    out["not_before"][rows] = np.maximum(arrival, first - round(rules.first_contact_ahead_days * DAY))
    out["statutory"][rows] = arrival + seconds(target * rules.statutory_share)
    out["list"][rows] = facilities.type_list[kind, site]
    out["clinic"][rows] = facilities.type_clinic[kind, site]
    _refuse_lost(out, rows, patients, facilities, region)
    have = _options(out, rows, patients, facilities, region, may_be_local)
    stays = [stay_at(np.full(len(have), h), have) for h in range(len(facilities.hospitals))]
    out["option_stay"] = np.concatenate([out["option_stay"], np.stack(stays, axis=1)])


def _may_be_local(patients: PatientTable, rows: np.ndarray, region: Region) -> np.ndarray:
    """Whether a local hospital may treat each referral: always, in a region without a regional one."""
    if region.regional_hospital is None:
        return np.ones(len(rows), dtype=bool)
    may = np.array(
        [
            t.local_share if t.minimum_tier == "local" else (0.0,) * len(region.ages)
            for t in region.elective_types
        ]
    )
    return patients.variates["local"][rows] < may[patients.type[rows], patients.age[rows]]


def _refuse_lost(
    out: Out, rows: np.ndarray, patients: PatientTable, facilities: Facilities, region: Region
) -> None:
    lost = rows[(out["list"][rows] < 0) & out["active"][rows] & out["goes_on"][rows]]
    if len(lost):
        what = region.elective_types[patients.type[lost[0]]]
        where = facilities.hospitals[out["hospital"][lost[0]]]
        raise InputError(
            Problem(
                f"region {region.name}, sessions",
                f"{what.id} is treated at {where}: give {what.specialty} a session there",
                column="hospital",
                value=where,
            )
        )


def _options(
    out: Out,
    rows: np.ndarray,
    patients: PatientTable,
    facilities: Facilities,
    region: Region,
    may_be_local: np.ndarray,
) -> np.ndarray:
    """Who of ``rows`` has a choice of site (positions), and what each site is worth to them, in days of
    waiting.

    In a joint intake every site the patient accepts is worth the same, so the shortest expected wait
    decides. Whoever chooses alone weighs travel and a taste of their own (a Gumbel variate): a logit.
    """
    if "choice" not in patients.features:
        return np.zeros(0, dtype=np.int64)
    v, rules, types = patients.variates, region.rules, region.elective_types
    hospitals = list(facilities.hospitals)
    kind, site = patients.type[rows], out["hospital"][rows]
    pooled = np.zeros((len(types), len(hospitals)), dtype=bool)
    for pool in region.referral_pools:
        for k, t in enumerate(types):
            if t.id in pool.types:
                pooled[k, [hospitals.index(h) for h in pool.hospitals]] = True
    in_pool = pooled[kind, site]
    chooses = v["chooses"][rows] < np.array([t.choice_share for t in types])[kind]
    have = np.flatnonzero(in_pool | chooses)
    if not len(have):
        return have
    who = rows[have]
    minutes = np.array(
        [[region.travel_minutes[m.number, h] for h in hospitals] for m in region.municipalities]
    )
    way = minutes[patients.municipality[who]]
    extra = way - way[np.arange(len(who)), site[have]][:, None]
    able = facilities.type_list[kind[have]] >= 0
    local = np.array([h.tier == "local" for h in region.hospitals])
    able &= ~local | may_be_local[have][:, None]
    taste = np.stack([v[TASTE + h][who] for h in hospitals], axis=1)
    gumbel = -np.log(-np.log(np.maximum(taste, 2.0**-54)))
    alone = -extra / 60 * rules.choice_days_per_travel_hour + gumbel * rules.choice_scale_days
    most = -rules.pool_extra_minutes * np.log1p(-v["accepts"][who])
    accepted = pooled[kind[have]] & (extra <= most[:, None])
    joint = in_pool[have][:, None]
    worth = np.where(joint, np.where(accepted, 0.0, -np.inf), alone)
    worth[~able] = -np.inf
    worth[np.arange(len(who)), site[have]] = np.where(
        in_pool[have], 0.0, alone[np.arange(len(who)), site[have]]
    )
    out["option"][who] = len(out["options"]) + np.arange(len(who))
    out["options"] = np.concatenate([out["options"], worth])
    return have


def _minutes(region: Region, kind: np.ndarray, u: np.ndarray) -> np.ndarray:
    """Theatre minutes with turnover, lognormal, whole, between 5 and a full day's session."""
    types = region.elective_types
    mean = np.array([t.minutes_mean if t.kind != "planned_stay" else 0.0 for t in types])[kind]
    sigma2 = np.log1p(np.array([t.minutes_cv for t in types])[kind] ** 2)
    minutes = np.rint(mean * np.exp(np.sqrt(sigma2) * standard_normal(u) - sigma2 / 2)).astype(np.int64)
    return np.where(mean > 0, minutes.clip(5, FULL_SESSION_MINUTES), 0)
