"""What awaits a patient beside the stay itself: death or readmission, the municipality, KAD, teams."""

from __future__ import annotations

import numpy as np

from capsim.demand.columns import ACUTE, ELECTIVE, KAD_OWN, TYPED
from capsim.demand.patients import READMISSION_WINDOW_DAYS, PatientTable
from capsim.demand.scaling import group_factors, readmission_share
from capsim.models.facilities import SECTORS, Facilities
from capsim.models.pathway import DAY, HOUR, Need
from capsim.models.routing import seconds
from capsim.region.region import AmbulantTeam, Region

__all__ = ["fill", "kad", "place"]

NONE = -1
Out = dict[str, np.ndarray]


def fill(out: Out, rows: np.ndarray, patients: PatientTable, facilities: Facilities, region: Region) -> None:
    """Everything that follows from a stay in hospital, for all who may have one."""
    after = "after" in patients.features
    if after:
        _enrolment(out, rows, patients, facilities, region)
        out["dies"][rows] = patients.variates["dies"][rows] < _death_share(patients, rows, region)
    if "municipal" in patients.features:
        _municipal_need(out, rows, patients, region)
    if after:
        _ill_again(out, rows, patients, region)
        _readmission(out, rows, patients, region)
    if "team" in patients.features:
        acute_or_elective = rows[np.isin(patients.stream[rows], (ACUTE, ELECTIVE))]
        _teams(out, acute_or_elective, patients, facilities, region)
        if after:
            _follow_up(out, rows, patients, facilities, region)


def place(out: Out, rows: np.ndarray, patients: PatientTable, facilities: Facilities, region: Region) -> None:
    """The short-term pool of the patient's municipality, and the stay there."""
    pool = np.array(
        [
            facilities.pools.index(m.short_term_pool) if m.short_term_pool else NONE
            for m in region.municipalities
        ]
    )
    out["pool"][rows] = pool[patients.municipality[rows]]
    stay = region.rules.short_term_stay.days(patients.variates["place_stay"][rows])
    out["place_stay"][rows] = seconds(stay)


def _typed(patients: PatientTable, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whose (first) stay is of an acute type, and the type's index for them, else -1."""
    typed = np.isin(patients.root[rows], TYPED)
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


def _municipal_need(out: Out, rows: np.ndarray, patients: PatientTable, region: Region) -> None:
    """What the municipality must provide, and how long it takes to answer."""
    v, rules = patients.variates, region.rules
    age, group = patients.age[rows], patients.group[rows]
    municipality = patients.municipality[rows]
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
    needs = (v["need"][rows] < share) & ~out["day_surgery"][rows]
    housing = np.array([t.needs_housing for t in region.elective_types] + [0.0])[planned]
    housing = np.where(
        typed, np.array([t.needs_housing for t in region.acute_types] + [0.0])[of_type], housing
    )
    short = np.array([a.needs_short_term for a in region.ages])[age]
    long = np.array([a.needs_long_term for a in region.ages])[age]
    has_pool = np.array([bool(m.short_term_pool) for m in region.municipalities])[municipality]
    u = v["need_kind"][rows]
    somatic_kind = np.where(
        (u < short) & has_pool, Need.SHORT_TERM, np.where(u >= 1 - long, Need.LONG_TERM, Need.HOME_CARE)
    )
    kind = np.where(has_own, np.where(u < housing, Need.HOUSING, Need.HOME_CARE), somatic_kind)
    out["need"][rows] = np.where(needs, kind, Need.NOTHING)
    out["notified_early"][rows] = v["early"][rows] < rules.notified_early_share
    late = v["answered"][rows] >= np.array([m.answered_in_time for m in region.municipalities])[municipality]
    mean = np.array([m.response_days for m in region.municipalities])[municipality]
    answer = np.where(late, -mean * np.log1p(-v["response"][rows]), 0.0)
    if rules.ward_round_hour is not None:  # late answers come whole days late
        answer = np.ceil(answer)
    out["response"][rows] = seconds(answer)
    complicated = (v["complex"][rows] < rules.complex_home_care_share) & (kind == Need.HOME_CARE)
    days = np.ceil(-rules.complex_home_care_days * np.log1p(-v["complex_days"][rows]))
    out["complex"][rows] = np.where(complicated, days.astype(np.int64) * DAY, 0)
    first, last = (round(h * HOUR) for h in rules.home_care_hours)
    out["home_second"][rows] = first + np.floor(v["home_hour"][rows] * (last - first)).astype(np.int64)
    for mean_wait, of_kind in (
        (rules.stretch_after_days, kind != Need.HOUSING),
        (rules.housing_stretch_days, kind == Need.HOUSING),
    ):
        if mean_wait is not None:
            days = np.ceil(-mean_wait * np.log1p(-v["stretch"][rows[of_kind]]))
            out["stretch"][rows[of_kind]] = days.astype(np.int64).clip(min=1) * DAY
    if "settled_stay" in v:
        mean_stay = np.where(kind == Need.HOUSING, rules.housing_stay_days, rules.long_term_stay_days)
        out["settled_stay"][rows] = seconds(-mean_stay * np.log1p(-v["settled_stay"][rows])).clip(min=1)


def _ill_again(out: Out, rows: np.ndarray, patients: PatientTable, region: Region) -> None:
    """When somebody who is ready and still waits falls ill again, and for how long."""
    v, rules = patients.variates, region.rules
    if rules.ill_again_per_day > 0:
        wait = -np.log1p(-v["ill_after"][rows]) / rules.ill_again_per_day
        out["ill_after"][rows] = seconds(np.minimum(wait, 36_500)).clip(min=1)
        out["ill_stay"][rows] = seconds(rules.ill_again_stay.days(v["ill_stay"][rows])).clip(min=1)


def _readmission(out: Out, rows: np.ndarray, patients: PatientTable, region: Region) -> None:
    """Whether the stay's readmission comes, and how long after leaving."""
    u = patients.variates["readmit"][rows]
    there = (out["child"][rows] >= 0) & ~out["dies"][rows]
    out["readmits"][rows] = there & (u < _readmission_share(out, rows, patients, region))
    mean = region.rules.readmission_mean_days
    inside = -np.expm1(-READMISSION_WINDOW_DAYS / mean)
    delay = -mean * np.log1p(-patients.variates["readmit_delay"][rows] * inside)
    out["readmit_delay"][rows] = seconds(delay).clip(min=1)


def _readmission_share(out: Out, rows: np.ndarray, patients: PatientTable, region: Region) -> np.ndarray:
    p = patients
    needs = out["need"][rows] != Need.NOTHING
    return readmission_share(region, p.age[rows], p.group[rows], p.root[rows], p.type[rows], needs)


def kad(
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
    out["active"][rows] &= ~own | (unit[municipality] >= 0)
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
        target = _target(team, rows, patients, region)
        acute = patients.stream[rows] == ACUTE
        out["averts"][rows, t] = target & acute & (v["team"][rows] < team.averts_share)
        out["course"][rows, t] = seconds(team.course.days(v["course"][rows])).clip(min=1)
        out["escalates"][rows, t] = v["escalates"][rows] < team.escalates_share
        stays = (out["need"][rows] == Need.NOTHING) & ~out["day_surgery"][rows]
        out["early"][rows, t] = target & stays & (v["early_discharge"][rows] < team.early_discharge_share)
        out["early_after"][rows, t] = np.floor(team.early_discharge_after * out["stay"][rows])


def _target(team: AmbulantTeam, rows: np.ndarray, patients: PatientTable, region: Region) -> np.ndarray:
    """Who of ``rows`` lives where the team works and is of its target ages and groups."""
    served = np.array([m.number in team.municipalities for m in region.municipalities])
    ages = np.array([not team.target_ages or a.id in team.target_ages for a in region.ages])
    groups = np.array([not team.target_groups or g.id in team.target_groups for g in region.groups])
    return served[patients.municipality[rows]] & ages[patients.age[rows]] & groups[patients.group[rows]]


def _follow_up(
    out: Out, rows: np.ndarray, patients: PatientTable, facilities: Facilities, region: Region
) -> None:
    """Whom each team follows up after discharge, and whether they are readmitted all the same."""
    v = patients.variates
    share = _readmission_share(out, rows, patients, region)
    for team in region.teams:
        t = facilities.teams.index(team.id)
        follows = _target(team, rows, patients, region) & (v["follows"][rows] < team.follows_share)
        out["follows"][rows, t] = follows & ~out["dies"][rows] & ~out["day_surgery"][rows]
        out["course"][rows, t] = seconds(team.course.days(v["course"][rows])).clip(min=1)
        comes = v["readmit"][rows] < share * (1 + team.readmission_effect)
        out["readmits_followed"][rows, t] = comes & (out["child"][rows] >= 0)


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
        out["enrolled"][who] = facilities.teams.index(team.id)
        out["stay"][who] = np.rint(out["stay"][who] * (1 + team.stay_effect)).astype(np.int64).clip(min=1)
