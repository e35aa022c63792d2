"""What awaits a patient beside the stay itself: death or readmission, the municipality, KAD, teams."""

from __future__ import annotations

import numpy as np

from capsim.demand.columns import ACUTE, ELECTIVE, FROM_HOME, KAD_OWN, TYPED
from capsim.demand.patients import READMISSION_WINDOW_DAYS, PatientTable
from capsim.demand.scaling import group_factors, readmission_share
from capsim.models.facilities import SECTORS, Facilities
from capsim.models.pathway import DAY, HOUR, Need
from capsim.models.routing import Sorts, among, put, seconds
from capsim.region.region import AmbulantTeam, Region

__all__ = ["fill", "kad", "place"]

NONE = -1
Out = dict[str, np.ndarray]


def fill(
    out: Out,
    rows: np.ndarray,
    sorts: Sorts,
    patients: PatientTable,
    facilities: Facilities,
    region: Region,
) -> None:
    """Everything that follows from a stay in hospital, for all who may have one."""
    teams, after = "team" in patients.features, "after" in patients.features
    sort = sorts.of[rows]
    if after:
        if any(team.caseload_per_staff for team in region.teams):
            _enrolment(out, rows, patients, facilities, region)
        share = _death_share(patients, sorts.rows, region)[sort]
        put(out, "dies", rows, patients.variates["dies"][rows] < share)
    if "municipal" in patients.features:
        _municipal_need(out, rows, sorts, patients, region)
    if teams:
        acute_or_elective = rows[among(patients.stream[rows], (ACUTE, ELECTIVE))]
        _teams(out, acute_or_elective, patients, facilities, region)
    if after:
        _ill_again(out, rows, patients, region)
        needs = out["need"][rows] != Need.NOTHING
        share = _readmission_shares(patients, sorts.rows, region).ravel()[2 * sort + needs]
        _readmission(out, rows, patients, region, share)
        if teams:
            _follow_up(out, rows, patients, facilities, region, share)


def place(out: Out, rows: np.ndarray, patients: PatientTable, facilities: Facilities, region: Region) -> None:
    """The short-term pool of the patient's municipality, and the stay there. Where there is none nobody
    asks for a place from home."""
    pool = np.array(
        [
            facilities.pools.index(m.short_term_pool) if m.short_term_pool else NONE
            for m in region.municipalities
        ]
    )
    asked = pool[patients.municipality[rows]]
    put(out, "pool", rows, asked)
    nowhere = rows[(asked < 0) & (patients.stream[rows] == FROM_HOME)]
    put(out, "active", nowhere, np.zeros(len(nowhere), dtype=bool))
    stay = region.rules.short_term_stay.days(patients.variates["place_stay"][rows])
    put(out, "place_stay", rows, seconds(stay))


def _typed(patients: PatientTable, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whose (first) stay is of an acute type, and the type's index for them, else -1."""
    typed = among(patients.root[rows], TYPED)
    return typed, np.where(typed, patients.type[rows], NONE)


def _own_elective(patients: PatientTable, rows: np.ndarray) -> np.ndarray:
    """The elective type of first stays and readmissions that began as electives, else -1."""
    return np.where(patients.root[rows] == ELECTIVE, patients.type[rows], NONE)


def _death_share(patients: PatientTable, rows: np.ndarray, region: Region) -> np.ndarray:
    """Chance that the stay ends in death: the age band's for acute stays, the type's own; none for
    planned stays."""
    share = np.array([a.dies for a in region.ages])[patients.age[rows]]
    typed, kind = _typed(patients, rows)
    share = np.where(typed, np.array([t.dies for t in region.acute_types] + [0.0])[kind], share)
    return np.where(patients.stream[rows] == ELECTIVE, 0.0, share)


def _need_shares(
    patients: PatientTable, rows: np.ndarray, region: Region
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Chance of a need of the municipality after a stay that does not end in death; whether it is the
    type's own; and the share of these needs that is for housing."""
    age, group = patients.age[rows], patients.group[rows]
    typed, of_type = _typed(patients, rows)
    planned = _own_elective(patients, rows)
    share = np.array([a.needs_municipality for a in region.ages])[age]
    share = share * group_factors(region, [g.need_multiplier for g in region.groups])[age, group]
    first_elective = np.where(patients.stream[rows] == ELECTIVE, planned, NONE)
    share = share * np.array([t.need_factor for t in region.elective_types] + [1.0])[first_elective]
    own = np.array([np.nan if t.needs_municipality is None else t.needs_municipality
                    for t in region.elective_types] + [np.nan])[planned]  # fmt: skip
    own = np.where(
        typed, np.array([t.needs_municipality for t in region.acute_types] + [np.nan])[of_type], own
    )
    has_own = ~np.isnan(own)
    # the share is of all stays, and the dead need nothing
    share = np.where(has_own, own, share) / (1 - _death_share(patients, rows, region)).clip(min=1e-9)
    housing = np.array([t.needs_housing for t in region.elective_types] + [0.0])[planned]
    housing = np.where(
        typed, np.array([t.needs_housing for t in region.acute_types] + [0.0])[of_type], housing
    )
    return share, has_own, housing


def _municipal_need(out: Out, rows: np.ndarray, sorts: Sorts, patients: PatientTable, region: Region) -> None:
    """What the municipality must provide, and how long it takes to answer."""
    v, rules, towns = patients.variates, region.rules, region.municipalities
    municipality, sort, age = patients.municipality[rows], sorts.of[rows], patients.age[sorts.rows]
    share, has_own, housing = _need_shares(patients, sorts.rows, region)
    # of each sort: what the least variates mean, up to which, and from where on it is long-term care
    least = np.where(has_own, Need.HOUSING, Need.SHORT_TERM).astype(np.int8)
    below = np.where(has_own, housing, np.array([a.needs_short_term for a in region.ages])[age])
    above = np.where(has_own, np.inf, 1 - np.array([a.needs_long_term for a in region.ages])[age])
    has_pool = np.array([bool(m.short_term_pool) for m in towns])[municipality]
    u = v["need_kind"][rows]
    kind = np.full(len(rows), Need.HOME_CARE, dtype=np.int8)
    kind[np.flatnonzero(u >= above[sort])] = Need.LONG_TERM
    has_least = np.flatnonzero((u < below[sort]) & (has_pool | has_own[sort]))
    kind[has_least] = least[sort[has_least]]
    needs = (v["need"][rows] < share[sort]) & ~out["day_surgery"][rows]
    put(out, "need", rows, kind * needs)
    put(out, "notified_early", rows, v["early"][rows] < rules.notified_early_share)
    in_time = np.array([m.answered_in_time for m in towns])[municipality]
    late = rows[np.flatnonzero(v["answered"][rows] >= in_time)]
    mean = np.array([m.response_days for m in towns])[patients.municipality[late]]
    answer = -mean * np.log1p(-v["response"][late])
    if rules.ward_round_hour is not None:  # late answers come whole days late
        answer = np.ceil(answer)
    put(out, "response", late, seconds(answer))
    is_complex = (v["complex"][rows] < rules.complex_home_care_share) & (kind == Need.HOME_CARE)
    complicated = rows[np.flatnonzero(is_complex)]
    days = np.ceil(-rules.complex_home_care_days * np.log1p(-v["complex_days"][complicated]))
    put(out, "complex", complicated, days.astype(np.int64) * DAY)
    first, last = (round(h * HOUR) for h in rules.home_care_hours)
    put(out, "home_second", rows, first + np.floor(v["home_hour"][rows] * (last - first)).astype(np.int64))
    for mean_wait, mean_stay, flags in (
        (rules.stretch_after_days, rules.long_term_stay_days, kind != Need.HOUSING),
        (rules.housing_stretch_days, rules.housing_stay_days, kind == Need.HOUSING),
    ):
        of_kind = rows[np.flatnonzero(flags)]
        if mean_wait is not None:
            days = np.ceil(-mean_wait * np.log1p(-v["stretch"][of_kind]))
            put(out, "stretch", of_kind, days.astype(np.int64).clip(min=1) * DAY)
        if "settled_stay" in v:
            stay = -mean_stay * np.log1p(-v["settled_stay"][of_kind])
            put(out, "settled_stay", of_kind, seconds(stay).clip(min=1))


def _ill_again(out: Out, rows: np.ndarray, patients: PatientTable, region: Region) -> None:
    """When somebody who is ready and still waits falls ill again, and for how long."""
    v, rules = patients.variates, region.rules
    if rules.ill_again_per_day > 0:
        wait = -np.log1p(-v["ill_after"][rows]) / rules.ill_again_per_day
        put(out, "ill_after", rows, seconds(np.minimum(wait, 36_500)).clip(min=1))
        put(out, "ill_stay", rows, seconds(rules.ill_again_stay.days(v["ill_stay"][rows])).clip(min=1))


def _readmission(
    out: Out, rows: np.ndarray, patients: PatientTable, region: Region, share: np.ndarray
) -> None:
    """Whether the stay's readmission comes, by its chance ``share``, and how long after leaving."""
    there = (out["child"][rows] >= 0) & ~out["dies"][rows]
    put(out, "readmits", rows, there & (patients.variates["readmit"][rows] < share))
    mean = region.rules.readmission_mean_days
    inside = -np.expm1(-READMISSION_WINDOW_DAYS / mean)
    delay = -mean * np.log1p(-patients.variates["readmit_delay"][rows] * inside)
    put(out, "readmit_delay", rows, seconds(delay).clip(min=1))


def _readmission_shares(patients: PatientTable, rows: np.ndarray, region: Region) -> np.ndarray:
    """Chance of readmission without and with a need of the municipality, shape (rows, 2)."""
    p = patients

    def share(needs: bool) -> np.ndarray:
        every = np.full(len(rows), needs)
        return readmission_share(region, p.age[rows], p.group[rows], p.root[rows], p.type[rows], every)

    return np.stack([share(False), share(True)], axis=1)


def kad(out: Out, rows: np.ndarray, patients: PatientTable, facilities: Facilities, region: Region) -> None:
    """Whom KAD takes instead of hospital, if it has room, and for how long."""
    v = patients.variates
    municipality, age = patients.municipality[rows], patients.age[rows]
    unit = np.array(
        [facilities.kad_units.index(m.kad_unit) if m.kad_unit else NONE for m in region.municipalities]
    )[municipality]
    use = {k.id: k.use_rate for k in region.kad_units}
    rate = np.array([use.get(m.kad_unit, 0.0) for m in region.municipalities])[municipality]
    suitable = np.array([a.kad_suitable for a in region.ages])[age]
    sent = (v["kad_suitable"][rows] < suitable) & (v["kad_use"][rows] < rate)
    own = patients.stream[rows] == KAD_OWN
    taken = np.flatnonzero(sent | own)
    put(out, "kad", rows[taken], unit[taken])
    put(out, "active", rows, out["active"][rows] & (~own | (unit >= 0)))
    put(out, "kad_stay", rows, seconds(region.rules.kad_stay.days(v["kad_stay"][rows])).clip(min=1))
    put(out, "kad_sent_on", rows, v["kad_sent_on"][rows] < region.rules.kad_sent_on_share)


def _teams(
    out: Out, rows: np.ndarray, patients: PatientTable, facilities: Facilities, region: Region
) -> None:
    """Every team that serves the patient's municipality and has the patient in its target."""
    v = patients.variates
    acute = patients.stream[rows] == ACUTE
    stays = (out["need"][rows] == Need.NOTHING) & ~out["day_surgery"][rows]
    for team in region.teams:
        here = rows, facilities.teams.index(team.id)
        target = _target(team, rows, patients, region)
        put(out, "averts", here, target & acute & (v["team"][rows] < team.averts_share))
        put(out, "course", here, seconds(team.course.days(v["course"][rows])).clip(min=1))
        put(out, "escalates", here, v["escalates"][rows] < team.escalates_share)
        early = v["early_discharge"][rows] < team.early_discharge_share
        put(out, "early", here, target & stays & early)
        after = np.floor(team.early_discharge_after * out["stay"][rows])
        put(out, "early_after", here, after.astype(np.int64))


def _target(team: AmbulantTeam, rows: np.ndarray, patients: PatientTable, region: Region) -> np.ndarray:
    """Who of ``rows`` lives where the team works and is of its target ages and groups."""
    served = np.array([m.number in team.municipalities for m in region.municipalities])
    ages = np.array([not team.target_ages or a.id in team.target_ages for a in region.ages])
    groups = np.array([not team.target_groups or g.id in team.target_groups for g in region.groups])
    return served[patients.municipality[rows]] & ages[patients.age[rows]] & groups[patients.group[rows]]


def _follow_up(
    out: Out,
    rows: np.ndarray,
    patients: PatientTable,
    facilities: Facilities,
    region: Region,
    share: np.ndarray,
) -> None:
    """Whom each team follows up after discharge, and whether they are readmitted all the same; ``share``:
    the chance of readmission without a team."""
    v = patients.variates
    may = ~out["dies"][rows] & ~out["day_surgery"][rows]
    has_child = out["child"][rows] >= 0
    for team in region.teams:
        here = rows, facilities.teams.index(team.id)
        follows = _target(team, rows, patients, region) & (v["follows"][rows] < team.follows_share)
        put(out, "follows", here, follows & may)
        put(out, "course", here, seconds(team.course.days(v["course"][rows])).clip(min=1))
        comes = v["readmit"][rows] < share * (1 + team.readmission_effect)
        put(out, "readmits_followed", here, comes & has_child)


def _enrolment(
    out: Out, rows: np.ndarray, patients: PatientTable, facilities: Facilities, region: Region
) -> None:
    """Whom a team's caseload holds: the caseload over the people in its target. Their stays in mental
    health and substance use change by the team's effect, an effect per enrolled person."""
    sector = np.array([SECTORS.index(s.sector) for s in region.specialties] + [0])
    psychiatric = rows[sector[out["specialty"][rows]] > 0]
    population = np.array([m.population for m in region.municipalities])
    share = np.array([g.share for g in region.groups]).T  # (ages, groups)
    u = patients.variates["enrolled"][psychiatric]
    taken = np.zeros(len(psychiatric))  # by the teams before: nobody is enrolled twice
    for team in region.teams:
        if not team.caseload_per_staff:
            continue
        ages = np.array([not team.target_ages or a.id in team.target_ages for a in region.ages])
        groups = np.array([not team.target_groups or g.id in team.target_groups for g in region.groups])
        served = np.array([m.number in team.municipalities for m in region.municipalities])
        people = population[served].sum(axis=0)[ages] @ share[ages][:, groups].sum(axis=1)
        chance = min(1.0, team.enrolled / people) if people > 0 else 0.0
        target = _target(team, psychiatric, patients, region)
        who = psychiatric[target & (taken <= u) & (u < taken + chance)]
        taken[target] += chance
        put(out, "enrolled", who, np.full(len(who), facilities.teams.index(team.id)))
        stay = np.rint(out["stay"][who] * (1 + team.stay_effect)).astype(np.int64)
        put(out, "stay", who, stay.clip(min=1))
