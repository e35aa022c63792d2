"""Levers on ambulant teams, hospital-at-home and shared staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, Literal

from capsim.region.region import AmbulantTeam, Duration, Region, StaffPool, Week
from capsim.scenarios.evidence import central
from capsim.scenarios.keys import (
    AtOnce,
    FromDay,
    Key,
    Lever,
    RampDays,
    amount,
    check_id,
    check_name,
    hospital_known,
    minutes_between,
    municipalities_known,
    not_taken,
    once_each,
    one_of,
    refuse,
    times,
)

__all__ = ["AddAmbulantTeam", "AddHospitalAtHome", "ShareStaff"]

TeamKind = Literal["somatic", "follow_up", "fact", "hospital_at_home", "legevaktbil", "digital"]

WORKING: Mapping[TeamKind, Mapping[str, float]] = {
    "somatic": {},
    "follow_up": {
        "minutes_per_visit": 45.0,
        "visits_first_day": 0.5,
        "visits_last_day": 0.1,
        "course_days": 21.0,
    },
    "fact": {"visits_per_enrolled_week": 1.0},
    "hospital_at_home": {
        "minutes_per_visit": 45.0,
        "visits_first_day": 2.0,
        "visits_last_day": 1.0,
        "municipal_visits_per_day": 1.0,
    },
    "legevaktbil": {"visits_first_day": 1.0, "visits_last_day": 1.0, "course_days": 1.0},
    "digital": {
        "digital_share": 1.0,
        "minutes_per_visit": 10.0,
        "visits_first_day": 1.0,
        "visits_last_day": 0.3,
        "course_days": 60.0,
    },
}
"""How a team of each kind works unless said otherwise; all are assumptions. What is not named here is
as in :class:`~capsim.region.region.AmbulantTeam`."""

_COURSE = {"course_days": 7.0, "course_cv": 0.5}


@dataclass(frozen=True)
class AddAmbulantTeam(Lever):
    """Add a team that treats patients at home, from a base hospital, in some municipalities.

    Changes: what the team does, by ``kind``. ``somatic`` (also geriatric) averts acute admissions while it
    has a free place; ``follow_up`` follows patients after discharge, so that fewer are readmitted; ``fact``
    has people enrolled, whose stays in mental health and substance use are shorter; ``hospital_at_home``
    takes patients home early (``AddHospitalAtHome`` takes places instead of staff); ``legevaktbil`` and
    ``digital`` (follow-up on video) have a central effect of 0. Its places follow from ``staff_by_weekday``
    (people on duty, Monday first), the minutes of a visit and the driving
    (:class:`capsim.region.region.AmbulantTeam`). What is left out is the kind's.

    Must move: admissions, readmissions or bed-days of the target group, as the kind says. Side effect:
    visits, which somebody must staff; freed beds at the hospital, so fewer postponements.
    Evidence: by kind, with range, in the table below. Nothing is cheaper by default.
    """

    id: Annotated[str, Key("Id of the new team: lower-case letters a-z, digits and _")]
    base: Annotated[str, Key("Id of the hospital it drives from (hospitals.csv)")]
    municipalities: Annotated[tuple[str, ...], Key("Numbers of the municipalities served, each once")]
    staff_by_weekday: Annotated[
        Week, Key("People on duty, seven numbers, Monday first", "persons", 0, 10_000)
    ] = (4, 4, 4, 4, 4, 0, 0)
    kind: Annotated[TeamKind, Key("What it does")] = "somatic"
    name: Annotated[str, Key("Name in reports; empty: the id")] = ""
    target_ages: Annotated[tuple[str, ...], Key("Age bands served (ages.csv); empty: all")] = ()
    target_groups: Annotated[
        tuple[str, ...], Key("Patient groups served (groups.csv); empty: all; required for fact")
    ] = ()
    averts_share: Annotated[
        float | None, Key("Part of the target's acute patients who may be treated at home", "share", 0, 1)
    ] = None
    escalates_share: Annotated[
        float | None, Key("Part of those who end in hospital after all", "share", 0, 1)
    ] = None
    early_discharge_share: Annotated[
        float | None, Key("Part of the target's stays that may end early at home", "share", 0, 1)
    ] = None
    early_discharge_after: Annotated[
        float | None, Key("Part of the clinical stay spent in hospital before that", "share", 0, 1)
    ] = None
    municipal_visits_per_day: Annotated[
        float | None, Key("Home care's visits to each patient discharged early", "per day", 0, 100)
    ] = None
    follows_share: Annotated[
        float | None, Key("Part of the target's discharges that are followed up", "share", 0, 1)
    ] = None
    readmission_effect: Annotated[
        float | None, Key("Change of their chance of readmission; −0.1 is a tenth less", "share", -1, 1)
    ] = None
    caseload_per_staff: Annotated[
        float | None, Key("People enrolled per person on duty, mean over the week", "persons", 0, 1000)
    ] = None
    visits_per_enrolled_week: Annotated[float | None, Key("Visits to each of them", "per week", 0, 100)] = (
        None
    )
    stay_effect: Annotated[
        float | None,
        Key("Change of their stays in mental health and substance use (−0.33: a third less)", "share", -1, 1),
    ] = None
    working_minutes: Annotated[float, Key("Working time per person and shift", "minutes", 0, 1440, True)] = (
        420.0
    )
    minutes_per_visit: Annotated[
        float | None, Key("Time per visit without driving", "minutes", 0, 1440, True)
    ] = None
    visits_per_tour: Annotated[float, Key("Visits per tour from the base", "visits", 0, 1000, True)] = 3.0
    digital_share: Annotated[
        float | None, Key("Share of visits on video, without driving", "share", 0, 1)
    ] = None
    visits_first_day: Annotated[float | None, Key("Visits on a course's first day", "per day", 0, 1000)] = (
        None
    )
    visits_last_day: Annotated[float | None, Key("Visits on a course's last day", "per day", 0, 1000)] = None
    course_days: Annotated[float | None, Key("Mean length of a course", "days", 0, 36_500, True)] = None
    course_cv: Annotated[float | None, Key("Its coefficient of variation", "1", 0, 1000)] = None
    from_day: FromDay = 0
    ramp_days: RampDays = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        _makes_sense(self)
        if self.kind == "fact" and not self.target_groups:
            refuse(self, "target_groups", "name the groups it enrols people of, e.g. severe mental illness")

    def value(self, key: str) -> Any:
        """What a key is, given or the kind's."""
        given = getattr(self, key)
        if given is not None:
            return given
        known = central(self.kind, key)
        if known is not None:
            return known
        return WORKING[self.kind].get(key, {**_OF_TEAM, **_COURSE}.get(key))

    def changed(self, region: Region, part: float) -> Region:
        _fits(self, region)
        if self.kind == "fact" and not any(t.stream in ("phv", "tsb") for t in region.acute_types):
            allowed = "the region has no mental health or substance use care (acute_types.csv)"
            refuse(self, "kind", allowed, self.kind)
        if self.value("follows_share") and not any(a.readmitted for a in region.ages):
            refuse(self, "kind", "the region has no readmissions (ages.csv, readmitted)", self.kind)
        values = {f.name: self.value(f.name) for f in fields(AmbulantTeam) if f.name in _KEYS}
        whole = AmbulantTeam(
            **{
                **values,
                "name": self.name or self.id,
                "course": Duration(self.value("course_days"), self.value("course_cv")),
            }
        )
        if not whole.caseload_per_staff and any(whole.staff_by_weekday) and not whole.places(region):
            allowed = (
                f"{whole.visits_per_day(region):.2g} visits a day make no whole place: give it more staff"
            )
            refuse(self, "staff_by_weekday", allowed, list(self.staff_by_weekday))
        team = replace(whole, staff_by_weekday=times(whole.staff_by_weekday, part))
        return replace(region, teams=(*region.teams, team))


_KEYS = {f.name for f in fields(AddAmbulantTeam)}
_OF_TEAM = {f.name: f.default for f in fields(AmbulantTeam)}


@dataclass(frozen=True)
class AddHospitalAtHome(Lever):
    """Open hospital-at-home places: stays that end early in hospital and go on at home.

    Changes: the share ``early_discharge_share`` of stays without a municipal need goes home after
    ``early_discharge_after`` of the clinical stay, while a place is free; the place is held for the rest.
    The staff that the places need follows from visits and driving, every day of the week. Home care
    makes visits of its own and must have a start that day. Intravenous antibiotics at home are
    such places with a late, long course: a small share, ``early_discharge_after`` about 0.2.

    Must move: bed-days and occupancy at the hospital. Side effect: home care in the municipality, which
    others wait for too; visits, which somebody must staff.
    Evidence: randomised trials of early discharge, 4–7 days shorter in those eligible (lengths recalled);
    readmission is not changed (risk ratio 1.09, 0.71–1.66). Nothing is cheaper by default.
    """

    id: Annotated[str, Key("Id of the new team: lower-case letters a-z, digits and _")]
    base: Annotated[str, Key("Id of the hospital it drives from (hospitals.csv)")]
    municipalities: Annotated[tuple[str, ...], Key("Numbers of the municipalities served, each once")]
    places: Annotated[int, Key("Patients at a time", "places", 1, 10_000)]
    name: Annotated[str, Key("Name in reports; empty: the id")] = ""
    target_ages: Annotated[tuple[str, ...], Key("Age bands served (ages.csv); empty: all")] = ()
    target_groups: Annotated[tuple[str, ...], Key("Patient groups served (groups.csv); empty: all")] = ()
    early_discharge_share: Annotated[
        float | None, Key("Part of the target's stays that may end early at home", "share", 0, 1)
    ] = None
    early_discharge_after: Annotated[
        float | None, Key("Part of the clinical stay spent in hospital before that", "share", 0, 1)
    ] = None
    municipal_visits_per_day: Annotated[
        float, Key("Home care's visits to each patient", "per day", 0, 100)
    ] = 1.0
    minutes_per_visit: Annotated[float, Key("Time per visit without driving", "minutes", 0, 1440, True)] = (
        45.0
    )
    visits_first_day: Annotated[float, Key("Visits on a course's first day", "per day", 0, 1000)] = 2.0
    visits_last_day: Annotated[float, Key("Visits on a course's last day", "per day", 0, 1000)] = 1.0
    from_day: FromDay = 0
    ramp_days: RampDays = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        _makes_sense(self)

    def _team(self, staff: Week) -> AddAmbulantTeam:
        mine = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("places", "ramp_days")}
        return AddAmbulantTeam(staff_by_weekday=staff, kind="hospital_at_home", **mine)

    def changed(self, region: Region, part: float) -> Region:
        _fits(self, region)
        one = self._team((1,) * 7).changed(region, 1.0).teams[-1]
        persons = amount(self.places, part) * one.visits_per_patient_day / one.visits_per_day(region)
        return replace(region, teams=(*region.teams, replace(one, staff_by_weekday=(persons,) * 7)))


@dataclass(frozen=True)
class ShareStaff(Lever):
    """Let sessions, short-term places and ambulant teams draw on the same people (kombinerte stillinger).

    Changes: the users named share a pool of ``staff_by_weekday``. When a week's duties ask for more than
    there is, sessions are staffed first, then places, then teams.

    Must move: the capacity of those who come last. Side effect: none for those who come first, which is what
    to look at: what one service gains the other lacks.
    Evidence: none of its own; how many people a session or place needs is the user's own.
    """

    id: Annotated[str, Key("Id of the new staff pool: lower-case letters a-z, digits and _")]
    staff_by_weekday: Annotated[
        Week, Key("People on duty, seven numbers, Monday first", "persons", 0, 100_000)
    ]
    name: Annotated[str, Key("Name in reports; empty: the id")] = ""
    hospital: Annotated[str, Key("Id of the hospital whose sessions share; empty: none")] = ""
    specialties: Annotated[tuple[str, ...], Key("Specialties of those sessions, each once")] = ()
    staff_per_session: Annotated[
        float, Key("People for 480 minutes in theatre, or one patient called in", "persons", 0, 1000)
    ] = 0.0
    short_term_pools: Annotated[
        tuple[str, ...], Key("Ids of pools whose places share (short_term_pools.csv), each once")
    ] = ()
    staff_per_place: Annotated[float, Key("People on duty for each place", "persons", 0, 1000)] = 0.0
    teams: Annotated[tuple[str, ...], Key("Ids of ambulant teams that share, each once")] = ()
    from_day: FromDay = 0
    ramp_days: AtOnce = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_id(self, "id", self.id)
        check_name(self, "name", self.name)
        for column, what in (("specialties", "specialty"), ("short_term_pools", "pool"), ("teams", "team")):
            once_each(self, column, getattr(self, column), what, at_least=0)
        if bool(self.hospital) != bool(self.specialties):
            refuse(self, "hospital", "give the hospital and the specialties of its sessions, or neither")
        if self.specialties and not self.staff_per_session:
            refuse(self, "staff_per_session", "must be more than 0 when sessions share", 0)
        if self.short_term_pools and not self.staff_per_place:
            refuse(self, "staff_per_place", "must be more than 0 when places share", 0)
        if len(self.specialties) + len(self.short_term_pools) + len(self.teams) < 2:
            refuse(self, "teams", "at least two must share: sessions, short-term pools or teams")

    def changed(self, region: Region, part: float) -> Region:
        not_taken(self, region, self.id)
        if self.hospital:
            hospital_known(self, region, "hospital", self.hospital)
        for specialty in self.specialties:
            known = {s.specialty for s in region.sessions if s.hospital == self.hospital}
            one_of(self, "specialties", specialty, sorted(known))
        for pool in self.short_term_pools:
            one_of(self, "short_term_pools", pool, (p.id for p in region.short_term_pools))
        for team in self.teams:
            one_of(self, "teams", team, (t.id for t in region.teams))
        return replace(
            region,
            staff_pools=(
                *region.staff_pools,
                StaffPool(self.id, self.name or self.id, self.staff_by_weekday),
            ),
            sessions=tuple(
                replace(s, staff_pool=self.id, staff=self.staff_per_session)
                if s.hospital == self.hospital and s.specialty in self.specialties
                else s
                for s in region.sessions
            ),
            short_term_pools=tuple(
                replace(p, staff_pool=self.id, staff_per_place=self.staff_per_place)
                if p.id in self.short_term_pools
                else p
                for p in region.short_term_pools
            ),
            teams=tuple(replace(t, staff_pool=self.id) if t.id in self.teams else t for t in region.teams),
        )


def _makes_sense(lever: AddAmbulantTeam | AddHospitalAtHome) -> None:
    check_id(lever, "id", lever.id)
    check_name(lever, "name", lever.name)
    once_each(lever, "municipalities", lever.municipalities, "municipality")
    visits = lever.visits_first_day, lever.visits_last_day
    if visits == (0, 0):
        refuse(lever, "visits_first_day", "the first and the last day cannot both have no visit", 0)


def _fits(lever: AddAmbulantTeam | AddHospitalAtHome, region: Region) -> None:
    """Refuse a team that the region has no hospital, road, age band or group for."""
    hospital_known(lever, region, "base", lever.base)
    municipalities_known(lever, region, "municipalities", lever.municipalities)
    for number in lever.municipalities:
        minutes_between(lever, region, number, lever.base)
    for age in lever.target_ages:
        one_of(lever, "target_ages", age, (a.id for a in region.ages))
    for group in lever.target_groups:
        one_of(lever, "target_groups", group, (g.id for g in region.groups))
    not_taken(lever, region, lever.id)
