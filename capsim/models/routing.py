"""Where each patient is to go, and for how long: hospital, ward, clinic, list, stay."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from capsim.demand.columns import ELECTIVE, TASTE, TYPED
from capsim.demand.patients import PatientTable, target_days
from capsim.errors import InputError, Problem
from capsim.models.facilities import Facilities, site_segments
from capsim.models.pathway import DAY
from capsim.models.staffing import FULL_SESSION_MINUTES
from capsim.region.region import Region, standard_normal

__all__ = ["Sorts", "acute", "among", "elective", "put", "readmitted", "seconds"]

NONE = -1
FEW = 100
Out = dict[str, np.ndarray]


def seconds(days: np.ndarray) -> np.ndarray:
    """Days as whole seconds, half to even: how every drawn duration is rounded, once."""
    out = days * DAY
    return np.rint(out, out=out).astype(np.int64)


def among(column: np.ndarray, codes: Iterable[int]) -> np.ndarray:
    """Where ``column`` is one of a few ``codes``: flags, shape of ``column``."""
    return np.logical_or.reduce([column == code for code in codes])


def put(out: Out, column: str, rows: np.ndarray | tuple[np.ndarray, int], values: np.ndarray | bool) -> None:
    """Write ``values`` at ``rows``. A column that is still the constant that others share becomes one of
    its own first, unless there is nothing to write but that constant; values for everybody, in the
    table's order, become the column."""
    constant = out[column]
    if not constant.flags.writeable:
        one = constant.flat[:1]
        if np.all(np.ravel(values)[:FEW] == one) and np.all(values == one):  # a few mostly tell
            return
        if np.shape(values) == constant.shape:
            out[column] = np.asarray(values, dtype=constant.dtype)
            return
        out[column] = constant.copy() if one.any() else np.zeros(constant.shape, constant.dtype)
    out[column][rows] = np.asarray(values, dtype=constant.dtype)


@dataclass(frozen=True, eq=False)
class Sorts:
    """Patients of one stream, type, age and group (readmissions: of one first stream, too) are alike in
    all that a region says about a stay: worked out once for each sort, and looked up.

    ``rows``: a patient of each sort; ``of``: the sort of each patient (n,).
    """

    rows: np.ndarray
    of: np.ndarray

    @classmethod
    def among(cls, patients: PatientTable) -> Sorts:
        p = patients
        code = np.zeros(len(p), dtype=np.int64)
        for column in (p.stream, p.root, p.type, p.age, p.group):
            low, high = (int(column.min()), int(column.max())) if len(p) else (0, 0)
            code *= high - low + 1
            code += column
            code -= low
        one = np.full(code.max(initial=0) + 1, NONE)
        one[code] = np.arange(len(p))
        there = one >= 0
        return cls(one[there], (there.cumsum() - 1)[code])


def _cell(table: np.ndarray, row: np.ndarray, column: np.ndarray | int) -> np.ndarray:
    """``table[row, column]``, none of them negative: several times as fast."""
    return table.ravel().take(row * table.shape[1] + column)


def acute(
    out: Out,
    rows: np.ndarray,
    sorts: Sorts,
    patients: PatientTable,
    facilities: Facilities,
    region: Region,
) -> None:
    """Which hospital, ward, how long: the regional function first, then the catchment hospital,
    then the nearest with the emergency function."""
    if not len(rows):
        return
    age = patients.age[rows]
    typed = among(patients.stream[rows], TYPED)
    ids = [s.id for s in region.specialties]
    of_type = np.array([ids.index(t.specialty) for t in region.acute_types] + [0])
    specialty = of_type[patients.type[rows]]  # -1 for the others
    share = np.array([s.acute_share for s in region.specialties]).T.cumsum(axis=1)
    if "specialty" in patients.variates:
        u = patients.variates["specialty"][rows]
        for a, cumulative in enumerate(share):
            here = np.flatnonzero((age == a) & ~typed)
            drawn = np.searchsorted(cumulative, u[here] * cumulative[-1], side="right")
            specialty[here] = drawn.clip(max=len(ids) - 1)
    put(out, "specialty", rows, specialty)
    _settle_acute(out, rows, sorts, patients, facilities, region)


def readmitted(
    out: Out,
    rows: np.ndarray,
    sorts: Sorts,
    patients: PatientTable,
    facilities: Facilities,
    region: Region,
) -> None:
    """A readmission is acute, in the specialty of the stay before; its stay is that of an acute
    patient of the age, or of the type where that has its own."""
    if not len(rows):
        return
    parent = patients.parent[rows]
    put(out, "specialty", rows, out["specialty"][parent])
    put(out, "hospital", rows, out["hospital"][parent])
    _settle_acute(out, rows, sorts, patients, facilities, region)


def _settle_acute(
    out: Out,
    rows: np.ndarray,
    sorts: Sorts,
    patients: PatientTable,
    facilities: Facilities,
    region: Region,
) -> None:
    """Site, ward and stay of acute patients whose specialty is known. Without an emergency function
    anywhere (a specialty of electives alone) the hospital stays what it was."""
    is_typed = among(patients.root[rows], TYPED)
    typed, others = np.flatnonzero(is_typed), np.flatnonzero(~is_typed)
    hospitals = list(facilities.hospitals)
    municipality, specialty = patients.municipality[rows].astype(np.int64), out["specialty"][rows]
    hospital = _cell(_nearest_emergency(region, facilities), municipality, specialty)
    nowhere = np.flatnonzero(hospital < 0)
    hospital[nowhere] = out["hospital"][rows[nowhere]]
    if (regional := region.regional_hospital) is not None:
        catchment = [hospitals.index(m.catchment) for m in region.municipalities]
        chance = np.array([region.hospitals[h].regional_share_acute for h in catchment])[municipality]
        of_type = np.array([t.regional_share for t in region.acute_types])
        chance[typed] = of_type[patients.type[rows[typed]]]
        there = facilities.ward_of[hospitals.index(regional.id)][specialty] >= 0
        away = there & (patients.variates["regional"][rows] < chance)
        hospital[np.flatnonzero(away)] = hospitals.index(regional.id)
    put(out, "hospital", rows, hospital)
    put(out, "ward", rows, facilities.ward_of[hospital, specialty])
    factor = _site_factor(region)[municipality, hospital]
    factor[typed] = 1.0
    put(out, "stay", rows, seconds(_clinical_days(patients, rows, sorts, region) * factor).clip(min=1))
    _transfers(out, rows[others], patients, facilities, region)


def _nearest_emergency(region: Region, facilities: Facilities) -> np.ndarray:
    """(municipalities, specialties): the catchment hospital, or the nearest that takes them acute; -1
    where none does."""
    used = {t.specialty for t in region.acute_types}
    able = facilities.ward_of >= 0
    able &= [[s.id in h.emergency for s in region.specialties] for h in region.hospitals]
    for s, specialty in enumerate(region.specialties):
        if not able[:, s].any() and (max(specialty.acute_share) > 0 or specialty.id in used):
            raise InputError(
                Problem(
                    f"region {region.name}, hospitals",
                    "no hospital with a ward for this specialty takes its acute patients",
                    column="emergency",
                    value=specialty.id,
                )
            )
    elsewhere = np.array([[m.catchment != h for h in facilities.hospitals] for m in region.municipalities])
    order = np.lexsort((_travel_minutes(region, facilities), elsewhere))
    able = able[order]  # (municipalities, hospitals from near to far, specialties)
    nearest = np.take_along_axis(order, able.argmax(axis=1), axis=1)
    return np.where(able.any(axis=1), nearest, -1)


def _travel_minutes(region: Region, facilities: Facilities) -> np.ndarray:
    """Shape (municipalities, hospitals)."""
    ways = [[region.travel_minutes[m.number, h] for h in facilities.hospitals] for m in region.municipalities]
    return np.array(ways)


def _transfers(
    out: Out, rows: np.ndarray, patients: PatientTable, facilities: Facilities, region: Region
) -> None:
    """Those who need the regional hospital only for the first part of the stay (delte pasientforløp)."""
    regional = region.regional_hospital
    if "after" not in patients.features or regional is None:
        return
    hospitals = list(facilities.hospitals)
    rows = rows[np.flatnonzero(out["hospital"][rows] == hospitals.index(regional.id))]
    home = np.array([hospitals.index(m.catchment) for m in region.municipalities])[
        patients.municipality[rows]
    ]
    share = np.array([h.transfer_back_share for h in region.hospitals])[home]
    after = np.array([h.transfer_back_after for h in region.hospitals])[home]
    ward = facilities.ward_of[home, out["specialty"][rows]]
    away = home != hospitals.index(regional.id)
    moves = away & (ward >= 0) & (patients.variates["transfer"][rows] < share)
    put(out, "home_ward", rows[moves], ward[moves])
    asks = np.floor(out["stay"][rows] * after).astype(np.int64)
    put(out, "transfer_after", rows[moves], asks[moves])


def _clinical_days(patients: PatientTable, rows: np.ndarray, sorts: Sorts, region: Region) -> np.ndarray:
    """Clinical stay by age band or by the type's own, before any factor for the site."""
    p, one, types = patients, sorts.rows, region.elective_types
    stays = [*(t.stay for t in types), *(t.stay for t in region.acute_types)]
    own = np.where(among(p.root[one], TYPED), p.type[one] + len(types), NONE)
    own = np.where(p.root[one] == ELECTIVE, p.type[one], own)
    has_own = np.array([stay is not None for stay in stays] + [False])[own]
    planned = p.stream[one] == ELECTIVE
    of_age = 2 * p.age[one].astype(np.int64) + planned
    stays += [stay for band in region.ages for stay in (band.acute_stay, band.elective_stay)]
    which = np.where(has_own, own, of_age + len(types) + len(region.acute_types)).astype(np.int16)
    share = np.where(has_own, 1.0, region.rules.clinical_share_of_stay)
    factors = np.array([t.stay_factor for t in types] + [1.0])
    factor = np.where(has_own, 1.0, factors[np.where(planned, p.type[one], NONE)])
    sort, u = sorts.of[rows], p.variates["stay"][rows]
    which, days = which[sort], np.zeros(len(rows))
    for k, stay in enumerate(stays):
        here = np.flatnonzero(which == k)
        if stay is not None and len(here):
            days[here] = stay.days(u[here])
    return days * share[sort] * factor[sort]


def _site_factor(region: Region) -> np.ndarray:
    """Stays are longer for those who are treated at a regional hospital that is not their own: shape
    (municipalities, hospitals)."""
    hospitals = [h.id for h in region.hospitals]
    home = np.array([hospitals.index(m.catchment) for m in region.municipalities])[:, None]
    factor = np.array([h.regional_stay_factor for h in region.hospitals])[home]
    away = np.array([h.tier == "regional" for h in region.hospitals])
    return np.where(away & (home != np.arange(len(hospitals))), factor, 1.0)


def elective(
    out: Out,
    rows: np.ndarray,
    sorts: Sorts,
    patients: PatientTable,
    facilities: Facilities,
    region: Region,
) -> None:
    """Site, clinic, list, due dates, minutes and stay of each referral candidate."""
    if not len(rows):
        return
    v, rules, types = patients.variates, region.rules, region.elective_types
    municipality, kind = patients.municipality[rows].astype(np.int64), patients.type[rows].astype(np.int64)
    may_be_local = _may_be_local(patients, rows, region)
    site = _drawn_site(region, kind, municipality, v["site"][rows])
    if (regional := region.regional_hospital) is not None:
        is_local = np.array([h.tier == "local" for h in region.hospitals])[site]
        site[np.flatnonzero(is_local & ~may_be_local)] = facilities.hospitals.index(regional.id)
    specialties = [s.id for s in region.specialties]
    specialty = np.array([specialties.index(t.specialty) for t in types])[kind]
    treated = patients.stream[rows] == ELECTIVE
    put(out, "hospital", rows, site)
    put(out, "specialty", rows, specialty)
    put(out, "ward", rows, _cell(facilities.ward_of, site, specialty))
    put(out, "goes_on", rows, treated)
    day_surgery = np.array([t.kind == "day_surgery" for t in types])[kind]
    put(out, "day_surgery", rows, day_surgery)
    days, lies = _clinical_days(patients, rows, sorts, region), treated & ~day_surgery
    site_factor = _site_factor(region)
    own_stay = np.array([t.stay is not None for t in types])[kind]

    def stay_at(site: np.ndarray | int, here: np.ndarray | slice) -> np.ndarray:
        factor = _cell(site_factor, municipality[here], site)
        factor[np.flatnonzero(own_stay[here])] = 1.0
        return seconds(days[here] * factor).clip(min=1) * lies[here]

    put(out, "stay", rows, stay_at(site, slice(None)))
    if "minutes" in v:
        operated = np.flatnonzero(treated & np.array([t.kind != "planned_stay" for t in types])[kind])
        minutes = _minutes(region, kind[operated], v["minutes"][rows[operated]])
        put(out, "minutes", rows[operated], minutes)
    put(out, "join", rows, v["join"][rows])
    arrival = patients.arrival[rows]
    if rules.elective_at_any_hour:
        put(out, "due", rows, arrival)
        return
    target = target_days(region, kind, v["target"][rows])
    first = arrival + seconds(target * rules.first_contact_share)
    ahead = first - round(rules.first_contact_ahead_days * DAY)
    put(out, "due", rows, arrival + seconds(target))
    put(out, "first_due", rows, first)
    put(out, "not_before", rows, np.maximum(arrival, ahead))
    put(out, "statutory", rows, arrival + seconds(target * rules.statutory_share))
    put(out, "list", rows, _cell(facilities.type_list, kind, site))
    put(out, "clinic", rows, _cell(facilities.type_clinic, kind, site))
    _refuse_lost(out, rows, patients, facilities, region)
    have = _options(out, rows, patients, facilities, region, may_be_local)
    stays = [stay_at(h, have) for h in range(len(facilities.hospitals))]
    out["option_stay"] = np.concatenate([out["option_stay"], np.stack(stays, axis=1)])


def _drawn_site(region: Region, kind: np.ndarray, municipality: np.ndarray, u: np.ndarray) -> np.ndarray:
    """The site that each referral is drawn to, before the age rule."""
    sites, cumulative = site_segments(region)
    last = cumulative.shape[2] - 1
    place = kind * len(region.municipalities) + municipality
    u = u * cumulative[:, :, last].ravel()[place]
    segment = np.zeros(len(u), dtype=np.int64)
    for i in range(last):  # whoever is beyond the last has the last
        segment += u >= cumulative[:, :, i].ravel()[place]
    return _cell(sites.reshape(-1, last + 1), place, segment)


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
    share = _cell(may, patients.type[rows].astype(np.int64), patients.age[rows])
    return patients.variates["local"][rows] < share


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
    way = _travel_minutes(region, facilities)[patients.municipality[who]]
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
    put(out, "option", who, len(out["options"]) + np.arange(len(who)))
    out["options"] = np.concatenate([out["options"], worth])
    return have


def _minutes(region: Region, kind: np.ndarray, u: np.ndarray) -> np.ndarray:
    """Theatre minutes with turnover, lognormal, whole, between 5 and a full day's session."""
    types = region.elective_types
    mean = np.array([t.minutes_mean for t in types])
    sigma2 = np.log1p(np.array([t.minutes_cv for t in types]) ** 2)
    minutes = np.rint(
        mean[kind] * np.exp(np.sqrt(sigma2)[kind] * standard_normal(u) - (sigma2 / 2)[kind])
    ).astype(np.int64)
    return minutes.clip(5, FULL_SESSION_MINUTES) * (mean > 0)[kind]
