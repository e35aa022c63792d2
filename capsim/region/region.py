"""What is there: hospitals, municipalities, and the rules between them.

Everything here is frozen data. A scenario never edits a :class:`Region`; it makes a new one.
Units are in the names: days unless a field says hours, minutes, km or nok.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from numbers import Real
from typing import Literal, get_args

import numpy as np

from capsim.errors import InputError, Problem
from capsim.region.rates import Grant, PrivatePurchase, Rates, Response

__all__ = [
    "CHANGEABLE",
    "AcuteType",
    "AgeBand",
    "AmbulantTeam",
    "Checked",
    "Clinic",
    "DemandChange",
    "Duration",
    "ElectiveType",
    "Hospital",
    "KadUnit",
    "Municipality",
    "PatientGroup",
    "Phase",
    "ReferralPool",
    "Region",
    "Registration",
    "Rules",
    "Session",
    "ShortTermPool",
    "Specialty",
    "StaffPool",
    "VisitType",
    "Ward",
    "check_is_region",
    "standard_normal",
]


def standard_normal(u: np.ndarray) -> np.ndarray:
    """The standard normal quantiles at the uniforms ``u`` in [0, 1); finite at 0 too."""
    from scipy.special import ndtri

    return ndtri(np.maximum(u, 2.0**-54))


Shape = Literal["lognormal", "exponential", "fixed"]
Kind = Literal["surgery", "day_surgery", "planned_stay"]
Week = tuple[float, float, float, float, float, float, float]
UNLIMITED = 1_000_000
"""A capacity that is never reached: what a blank cell of a municipality's capacity means."""


@dataclass(frozen=True)
class Duration:
    """A length of time: mean in days, coefficient of variation, and its distribution's shape.

    ``exponential`` has CV 1 and ``fixed`` CV 0, whatever ``cv`` says.
    """

    mean_days: float
    cv: float = 1.0
    shape: Shape = "lognormal"

    def __post_init__(self) -> None:
        for column in ("mean_days", "cv"):
            value = getattr(self, column)
            real = isinstance(value, Real) and not isinstance(value, bool)
            if not (real and 0 <= value < math.inf):
                raise InputError(
                    Problem("Duration", "must be a number, 0 or more", column=column, value=value)
                )
        if self.shape not in get_args(Shape):
            allowed = f"must be one of: {', '.join(get_args(Shape))}"
            raise InputError(Problem("Duration", allowed, column="shape", value=self.shape))

    def days(self, u: np.ndarray) -> np.ndarray:
        """Days, shape of ``u``: the quantiles at the uniforms ``u`` in [0, 1)."""
        if self.shape == "exponential":
            return -self.mean_days * np.log1p(-u)
        if self.shape == "fixed" or self.cv == 0 or self.mean_days == 0:
            return np.full(np.shape(u), self.mean_days)
        sigma2 = np.log1p(self.cv**2)
        return self.mean_days * np.exp(np.sqrt(sigma2) * standard_normal(u) - sigma2 / 2)


class Checked:
    """A record whose numbers must be what a region's files may hold, also when it is made in Python
    (:func:`capsim.region.schema.check_record`)."""

    def __post_init__(self) -> None:
        from capsim.region.schema import check_record  # which is made of these records

        check_record(self)


@dataclass(frozen=True)
class AgeBand(Checked):
    """One age band: yearly rates per 1000 inhabitants, lengths of stay, municipal need."""

    id: str
    acute_per_1000: float
    elective_per_1000: float  # inpatient electives, all types together; context for checks
    acute_stay: Duration
    elective_stay: Duration
    needs_municipality: float  # share of all stays
    needs_short_term: float  # share of those with a need; the rest needs home care
    kad_suitable: float  # share of acute patients a KAD unit could take
    kad_own_per_1000: float  # KAD admissions that replace no hospital stay
    needs_long_term: float = 0.0  # share of those with a need; within what needs_short_term leaves
    dies: float = 0.0  # share of acute stays that end in death in hospital
    readmitted: float = 0.0
    """share of those who leave alive without a municipal need that are readmitted within 30 days;
    with one: times :attr:`Rules.readmission_need_factor`"""


@dataclass(frozen=True)
class PatientGroup(Checked):
    """A group of patients: its share of each age band's population and how often it falls ill.

    ``share`` is by age band and sums to one over the groups within a band. The multipliers are
    relative, and normalised within each band over its acute stays, whose totals therefore do not
    change: how often acutely ill, how often in need of the municipality afterwards, how often
    readmitted. (Planned stays, where the often ill are fewer, have a little less of the last two.)
    """

    id: str
    share: tuple[float, ...]
    acute_multiplier: float = 1.0
    need_multiplier: float = 1.0
    readmission_multiplier: float = 1.0


@dataclass(frozen=True)
class Specialty(Checked):
    """A specialty and the share of acute somatic admissions that belong to it, by age band.

    ``sector``: somatic, mental health (``phv``) or substance use (``tsb``). ``drg_weight``: mean DRG
    weight of its acute stays, readmissions included.
    """

    id: str
    name: str
    acute_share: tuple[float, ...]
    sector: Literal["somatic", "phv", "tsb"] = "somatic"
    drg_weight: float = 0.0


@dataclass(frozen=True)
class AcuteType(Checked):
    """Acute admissions with a stream of their own: mental health, substance use, births.

    ``per_1000``: a year, by age band, of the inhabitants in ``groups`` and all others together; the
    patients are of ``groups`` (empty: any). ``needs_municipality``: share of stays; of those,
    ``needs_housing`` waits for supported housing and the rest for home care. ``regional_share``:
    treated at the regional hospital whatever the catchment.
    """

    id: str
    name: str
    stream: Literal["phv", "tsb", "birth"]
    specialty: str
    per_1000: tuple[float, ...]
    stay: Duration
    groups: tuple[str, ...] = ()
    needs_municipality: float = 0.0
    needs_housing: float = 0.0
    dies: float = 0.0
    readmitted: float = 0.0
    regional_share: float = 0.0
    drg_weight: float = 0.0


@dataclass(frozen=True)
class Hospital(Checked):
    """A hospital. The ``regional_*`` fields describe patients whose catchment it is.

    ``emergency`` lists the specialties it takes acute patients in. ``regional_stay_factor`` scales
    the stay of those who are treated at the regional hospital instead of here. Of those, the share
    ``transfer_back_share`` of the acute ones needs it only for the first ``transfer_back_after`` of
    the stay, and moves here when this hospital has a free bed (delte pasientforløp).
    """

    id: str
    name: str
    tier: Literal["regional", "local"]
    trust: str
    helsefellesskap: str
    lat: float
    lon: float
    emergency: tuple[str, ...]
    regional_share_acute: float = 0.0
    regional_share_elective: float = 0.0
    regional_stay_factor: float = 1.0
    transfer_back_share: float = 0.0
    transfer_back_after: float = 0.5


@dataclass(frozen=True)
class Ward(Checked):
    """Staffed beds for some specialties of a hospital. ``acute_reserve`` beds are left to acute
    patients when electives are called in. ``id`` is unique in the region.

    ``weekend_beds`` are staffed on weekends and holidays, ``summer_beds`` in the summer weeks (both:
    the smaller); None is ``beds``. ``outlier``: wards of the same hospital where an acute patient who
    finds no bed here may lie, in that order.
    """

    id: str
    hospital: str
    specialties: tuple[str, ...]
    beds: int
    acute_reserve: int = 0
    weekend_beds: int | None = None
    summer_beds: int | None = None
    outlier: tuple[str, ...] = ()

    def staffed(self, free_day: bool, summer: bool) -> int:
        """Beds on a day: ``free_day`` for weekends and holidays, ``summer`` in the summer weeks."""
        beds = self.beds
        if free_day and self.weekend_beds is not None:
            beds = min(beds, self.weekend_beds)
        if summer and self.summer_beds is not None:
            beds = min(beds, self.summer_beds)
        return beds


@dataclass(frozen=True)
class Clinic(Checked):
    """First-contact slots of a hospital's specialty by weekday, Monday first; fractions are saved
    up. Where there is no clinic, referrals go straight to the waiting list."""

    hospital: str
    specialty: str
    slots: Week


@dataclass(frozen=True)
class Session(Checked):
    """Weekly elective capacity of a hospital's specialty, Monday first.

    ``theatre``: minutes for surgery and day surgery. ``ward``: planned stays called in, in
    patients; fractions are saved up. ``staff``: persons of ``staff_pool`` on duty for 480 minutes in
    theatre or one patient called in.
    """

    hospital: str
    specialty: str
    kind: Literal["theatre", "ward"]
    capacity: Week
    staff_pool: str = ""
    staff: float = 0.0


@dataclass(frozen=True)
class ElectiveType(Checked):
    """A kind of elective treatment. Rates are per 1000 inhabitants and year, by age band.

    ``stay_factor`` scales the age band's elective stay. ``local_share`` is the share, by age band,
    that a local hospital may take. ``need_factor`` scales the age band's municipal need.
    ``deadline_days``: from referral to the latest treatment; reported when passed. A site with fewer
    than ``volume_threshold`` a year is reported too; 0 is no threshold.
    ``site_share``: (catchment hospital, site, share) where it differs from the hospitals' general
    regional share. ``treated_share``: of those seen at first contact, the share that goes on to
    treatment (``per_1000`` counts only these). ``choice_share``: patients who choose their site
    themselves. ``stay``, ``needs_municipality`` and ``needs_housing`` replace the age band's where
    they are not None (mental health and substance use). ``drg_weight``: of the treatment.
    """

    id: str
    name: str
    kind: Kind
    specialty: str
    per_1000: tuple[float, ...]
    minutes_mean: float
    minutes_cv: float
    stay_factor: float
    minimum_tier: Literal["regional", "local"]
    local_share: tuple[float, ...]
    need_factor: float = 1.0
    target_median_days: float = 50.0
    deadline_days: float = 150.0
    volume_threshold: int = 0
    site_share: tuple[tuple[str, str, float], ...] = ()
    treated_share: float = 1.0
    choice_share: float = 0.0
    stay: Duration | None = None
    groups: tuple[str, ...] = ()  # whom it can happen to; empty: any
    needs_municipality: float | None = None
    needs_housing: float = 0.0
    drg_weight: float = 0.0


@dataclass(frozen=True)
class VisitType(Checked):
    """Outpatient visits as a load, without a queue: ``recurring`` treatments (dialysis, infusion) and
    ``clinic`` visits after the first contact. They take slots and travel.

    ``per_1000``: visits a year by age band. ``regional_share``: at the regional hospital instead of
    the catchment's. Of all visits ``video_share`` travel nowhere, ``private_share`` go to an
    avtalespesialist (no hospital slot) and ``near_share`` to a clinic in their own municipality;
    those two travel ``near_minutes`` and ``near_km`` one way. ``drg_weight``: of a hospital's visit.
    """

    id: str
    name: str
    kind: Literal["recurring", "clinic"]
    specialty: str
    per_1000: tuple[float, ...]
    regional_share: float = 0.0
    video_share: float = 0.0
    private_share: float = 0.0
    near_share: float = 0.0
    near_minutes: float = 15.0
    near_km: float = 10.0
    staff_minutes: float = 30.0
    drg_weight: float = 0.0


@dataclass(frozen=True)
class ReferralPool(Checked):
    """A joint referral intake: referrals of ``types`` go to the shortest expected wait among the
    ``hospitals`` that the patient accepts and may be treated at."""

    id: str
    types: tuple[str, ...]
    hospitals: tuple[str, ...]


@dataclass(frozen=True)
class StaffPool(Checked):
    """People shared by sessions, short-term places and ambulant teams (kombinerte stillinger).

    ``staff_by_weekday``: on duty, Monday first. When a week's duties ask for more than there is,
    sessions are staffed first, then places, then teams.
    """

    id: str
    name: str
    staff_by_weekday: Week


@dataclass(frozen=True)
class ShortTermPool(Checked):
    """Short-term municipal places, one municipality's own or shared by several.

    Patients from home are offered a place ``from_home_per_day`` times a day for each municipality
    in proportion to its population, and accepted only while more than ``kept_free`` are free.
    ``staff_per_place``: persons of ``staff_pool`` on duty for each place.
    """

    id: str
    places: int
    from_home_per_day: float = 0.0
    kept_free: int = 0
    staff_pool: str = ""
    staff_per_place: float = 0.0


@dataclass(frozen=True)
class Municipality(Checked):
    """A municipality: people by age band, its catchment hospital, and how it receives patients.

    ``answered_in_time`` is the share of needs whose answer is there when the patient is ready; the rest
    wait an exponential time from the notice, mean ``response_days``, rounded up to whole days where
    there is a ward round. ``kad_unit`` is empty where there is none. ``catchment`` may be any
    hospital's id. ``long_term_places`` and ``supported_housing`` are those that patients from hospital
    may have; they become free by turnover (:attr:`Rules.long_term_stay_days`,
    :attr:`Rules.housing_stay_days`).
    """

    number: str
    name: str
    catchment: str
    helsefellesskap: str
    population: tuple[float, ...]
    short_term_pool: str = ""
    home_care_starts_per_day: int = UNLIMITED
    answered_in_time: float = 1.0
    response_days: float = 0.0
    kad_unit: str = ""
    long_term_places: int = UNLIMITED
    supported_housing: int = UNLIMITED
    demand_factor: float = 1.0
    lat: float | None = None
    lon: float | None = None

    @property
    def inhabitants(self) -> float:
        return float(sum(self.population))


@dataclass(frozen=True)
class Registration(Checked):
    """The share of the patients in ``municipality`` (of stay) who are registered in another one."""

    municipality: str
    registered: str
    share: float


@dataclass(frozen=True)
class KadUnit(Checked):
    """Municipal acute beds (KAD). ``use_rate``: the share of suitable patients a referrer sends."""

    id: str
    name: str
    beds: int
    colocated: bool = False
    use_rate: float = 1.0


@dataclass(frozen=True)
class AmbulantTeam(Checked):
    """A team that treats patients at home.

    Capacity follows geography (:meth:`places`): visits a day = staff on duty × working minutes /
    (minutes per visit + driving), and a place takes the mean of the first and the last day's
    visits, since visits taper off over a course. Driving is the population-weighted way from the
    base hospital, there and back, shared by the visits of one tour; digital visits drive nothing.

    ``kind`` is a label; what a team does follows from its numbers. It averts acute admissions
    (``averts_share``), takes patients home early (``early_discharge_share``), follows them up after
    discharge so that fewer are readmitted (``follows_share``, ``readmission_effect``), or has people
    enrolled whose stays in mental health and substance use are shorter (``caseload_per_staff``,
    ``stay_effect``). An effect is a relative change: −0.33 is a third less. The base hospital's trust
    pays for it, but for ``municipal_share`` of its staff, which the municipalities it serves pay.
    """

    id: str
    name: str
    base: str
    municipalities: tuple[str, ...]
    staff_by_weekday: Week
    kind: Literal["somatic", "follow_up", "fact", "hospital_at_home", "legevaktbil", "digital"] = "somatic"
    working_minutes: float = 420.0
    minutes_per_visit: float = 60.0
    visits_per_tour: float = 3.0
    digital_share: float = 0.0
    visits_first_day: float = 1.5
    visits_last_day: float = 0.5
    target_ages: tuple[str, ...] = ()  # empty: all
    target_groups: tuple[str, ...] = ()  # empty: all
    averts_share: float = 0.0  # of acute patients in the target group: may be treated at home
    escalates_share: float = 0.0  # of those: end in hospital after all
    course: Duration = field(default_factory=lambda: Duration(7.0, 0.5))
    early_discharge_share: float = 0.0  # of target stays without municipal need
    early_discharge_after: float = 0.6  # share of the clinical stay spent in hospital first
    municipal_visits_per_day: float = 0.0  # by home care, beside the team's own; needs a start there
    follows_share: float = 0.0  # of target patients who leave hospital alive
    readmission_effect: float = 0.0  # on the chance of those followed up
    caseload_per_staff: float = 0.0  # people enrolled per person on duty, mean over the week
    visits_per_enrolled_week: float = 0.0
    stay_effect: float = 0.0  # on phv and tsb stays of the enrolled
    staff_pool: str = ""
    municipal_share: float = 0.0  # of what its staff costs

    @property
    def staff_mean(self) -> float:
        """People on duty, mean over the week."""
        return sum(self.staff_by_weekday) / 7

    @property
    def enrolled(self) -> float:
        """People enrolled when the caseload is full."""
        return self.staff_mean * self.caseload_per_staff

    @property
    def visits_per_patient_day(self) -> float:
        return (self.visits_first_day + self.visits_last_day) / 2

    def visits_per_day(self, region: Region) -> float:
        """Visits a day, mean over the week, with the region's travel table."""
        people = {m.number: m.inhabitants for m in region.municipalities}
        weight = sum(people[m] for m in self.municipalities)
        way = sum(region.travel_minutes[m, self.base] * people[m] for m in self.municipalities)
        driving = 2 * way / weight / self.visits_per_tour * (1 - self.digital_share)
        minutes = self.staff_mean * self.working_minutes
        return minutes / (self.minutes_per_visit + driving)

    def places(self, region: Region) -> int:
        """Patients the team can have at the same time (whole places)."""
        return int(self.visits_per_day(region) / self.visits_per_patient_day + 1e-9)


@dataclass(frozen=True)
class Rules(Checked):
    """How the world works: hours of the day, waiting lists, chances that hold for everyone.

    ``None`` switches an hour or limit off, which is how the model is set to a textbook queue.
    """

    loaded_start: bool = True  # False: the clock starts with empty beds, places and lists
    # acute arrivals: relative intensity
    month_factor: tuple[float, ...] = (1.0,) * 12
    office_hours: tuple[int, int] = (8, 16)
    hour_weight: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    """weekday office hours, weekday other hours, weekend day, weekend other hours (per hour)"""
    # referrals
    referral_weekdays_only: bool = True
    referral_month_factor: tuple[float, ...] = (1.0,) * 12
    # hospital
    ward_round_hour: float | None = 10.0
    discharge_hour: float | None = 12.0
    home_care_hours: tuple[float, float] = (10.0, 18.0)
    boarding_limit_hours: float | None = 6.0
    clinical_share_of_stay: float = 1.0  # published stays are door to door
    # elective
    elective_at_any_hour: bool = False  # True: by bed at any hour, in order of referral
    session_hour: float = 8.0
    bed_hour: float = 13.0
    candidates_per_referral: float = 1.6
    joining_elasticity: float = 0.2
    target_sigma: float = 0.77
    lateness_days: float = 0.0
    list_look_ahead: int = 20  # patients passed over in the search for one who fits
    session_carry_minutes: int = 480  # unused theatre minutes saved for the list's next session
    summer_weeks: tuple[int, int] = (27, 32)  # ISO weeks, first and last
    summer_session_factor: float = 1.0
    # municipality
    notified_early_share: float = 0.0
    notice_hours: float = 24.0
    complex_home_care_share: float = 0.0
    complex_home_care_days: float = 0.0  # mean of an exponential, then rounded up to whole days
    short_term_stay: Duration = field(default_factory=lambda: Duration(20.0, 1.0, "exponential"))
    stretch_after_days: float | None = 7.0  # mean of an exponential, then rounded up to whole days
    place_hour: float | None = 11.0  # hour at which short-term stays end; None: at any time
    home_care_morning_hour: float = 8.0
    # KAD
    kad_stay: Duration = field(default_factory=lambda: Duration(3.6, 0.8))
    kad_sent_on_share: float = 0.0
    # long-term care and supported housing
    long_term_stay_days: float = 700.0  # mean; a place becomes free so often
    housing_stay_days: float = 1500.0
    housing_stretch_days: float | None = 60.0  # mean of an exponential, as ``stretch_after_days``
    # illness again while waiting for the municipality
    ill_again_per_day: float = 0.0
    ill_again_stay: Duration = field(default_factory=lambda: Duration(4.0, 1.0))
    # readmission
    readmission_mean_days: float = 10.0  # from discharge; exponential, cut off at 30 days
    readmission_need_factor: float = 1.0  # for those with a municipal need, relative to the others
    # first contact
    first_contact_share: float = 0.5  # of the patient's own target time: when it is planned
    first_contact_ahead_days: float = 14.0  # a slot is given at most so long before
    statutory_share: float = 0.8  # of the target time: the statutory deadline for first contact
    clinic_hour: float = 8.0
    summer_clinic_factor: float = 1.0
    # choice of hospital, in days of waiting
    choice_days_per_travel_hour: float = 30.0
    choice_scale_days: float = 20.0  # scale of the Gumbel-distributed taste
    pool_extra_minutes: float = 60.0  # mean extra travel accepted in a joint intake; exponential
    # money
    first_contact_weight: float = 0.0  # DRG weight of a first contact at a hospital


CHANGEABLE = frozenset(
    {
        "choice_days_per_travel_hour",
        "choice_scale_days",
        "clinical_share_of_stay",
        "complex_home_care_days",
        "complex_home_care_share",
        "first_contact_share",
        "home_care_hours",
        "housing_stay_days",
        "housing_stretch_days",
        "ill_again_per_day",
        "ill_again_stay",
        "kad_sent_on_share",
        "kad_stay",
        "long_term_stay_days",
        "notified_early_share",
        "pool_extra_minutes",
        "readmission_mean_days",
        "readmission_need_factor",
        "short_term_stay",
        "statutory_share",
        "stretch_after_days",
    }
)
"""The rules that may change during a run: they are read for each patient. The others are read once, or
must be the same for all."""


def _check_rules(before: Rules, after: Region) -> None:
    """Refuse what the run would not heed, or not everywhere: other rules than :data:`CHANGEABLE`, and to
    switch extra places, temporary dwellings or illness again on or off."""
    if before is after.rules:
        return
    for name in (f.name for f in fields(Rules)):
        old, new = getattr(before, name), getattr(after.rules, name)
        switched = (old is None) != (new is None) or (name == "ill_again_per_day" and (old > 0) != (new > 0))
        if (old != new and name not in CHANGEABLE) or switched:
            whole = "holds for the whole run: change it with dataclasses.replace(region, rules=…)"
            raise InputError(Problem(f"region {after.name}", whole, column=f"rules.{name}", value=new))


@dataclass(frozen=True)
class DemandChange:
    """Demand multiplied by ``factor`` where all of the others match; empty: everywhere.

    ``streams`` are those of :data:`capsim.demand.columns.STREAMS`; ``types`` are ids of elective
    or acute types.
    """

    factor: float
    streams: tuple[str, ...] = ()
    municipalities: tuple[str, ...] = ()
    ages: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    types: tuple[str, ...] = ()


@dataclass(frozen=True, repr=False)
class Region:
    """A region on a reference date. :meth:`hospital`, :meth:`municipality` … find things by id.

    ``travel_minutes`` and ``travel_km`` map (municipality number, hospital id) to one way by car.
    ``demand_scale`` multiplies a stream's rate ("acute", "elective", …); ``demand_changes`` do so for
    part of it. A population other than the one the patients were drawn for scales demand by age band
    and municipality. ``later`` holds the region as it looks from later days on: that is what a
    lever with ``from_day`` writes. ``sources`` maps a setting's name to (source, certainty).
    """

    name: str
    title: str
    start: date  # the calendar date of day 0
    ages: tuple[AgeBand, ...]
    groups: tuple[PatientGroup, ...]
    specialties: tuple[Specialty, ...]
    hospitals: tuple[Hospital, ...]
    wards: tuple[Ward, ...]
    municipalities: tuple[Municipality, ...]
    travel_minutes: Mapping[tuple[str, str], float]
    travel_km: Mapping[tuple[str, str], float]
    acute_types: tuple[AcuteType, ...] = ()
    elective_types: tuple[ElectiveType, ...] = ()
    clinics: tuple[Clinic, ...] = ()
    sessions: tuple[Session, ...] = ()
    referral_pools: tuple[ReferralPool, ...] = ()
    visit_types: tuple[VisitType, ...] = ()
    short_term_pools: tuple[ShortTermPool, ...] = ()
    kad_units: tuple[KadUnit, ...] = ()
    teams: tuple[AmbulantTeam, ...] = ()
    staff_pools: tuple[StaffPool, ...] = ()
    rates: Rates = field(default_factory=Rates)
    grants: tuple[Grant, ...] = ()
    purchases: tuple[PrivatePurchase, ...] = ()
    registrations: tuple[Registration, ...] = ()
    response: Response = field(default_factory=Response)
    rules: Rules = field(default_factory=Rules)
    demand_scale: Mapping[str, float] = field(default_factory=dict)
    demand_changes: tuple[DemandChange, ...] = ()
    populations: Mapping[int, Mapping[str, tuple[float, ...]]] = field(default_factory=dict)
    """year → municipality number → inhabitants by age band, for the years that are known or projected"""
    site_shares: Mapping[tuple[str, str], tuple[tuple[str, float], ...]] = field(default_factory=dict)
    """(elective type, municipality number) → ((hospital, share), …); wins over the general rule"""
    later: tuple[Phase, ...] = ()
    sources: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def __repr__(self) -> str:
        """In a notebook: all of it would be a hundred pages."""
        counts = f"{len(self.hospitals)} hospitals, {len(self.municipalities)} municipalities"
        return f"<Region {self.name!r}: {counts}, {len(self.phases())} phases>"

    def phases(self) -> tuple[Phase, ...]:
        """The region from the beginning and from every later day on which something changes."""
        return (Phase(_BEGINNING, replace(self, later=())), *self.later)

    def place_names(self) -> dict[str, str]:
        """What hospitals, municipalities, KAD units and teams are called, by id, also later ones."""
        names: dict[str, str] = {}
        for now in (phase.region for phase in self.phases()):
            names.update((m.number, m.name) for m in now.municipalities)
            for places in (now.kad_units, now.teams, now.hospitals):
                names.update((place.id, place.name) for place in places)
        return names

    def without_prices(self) -> Region:
        """The region as it is at first, whatever it costs: without rates and grants."""
        return replace(self, rates=Rates(), grants=(), later=())

    def changed(self, change: Callable[[Region], Region], from_day: int = 0) -> Region:
        """The region with ``change`` in force from day ``from_day`` on (also in later phases). What is
        to hold for the whole run, the warm-up included, is changed with ``dataclasses.replace``.

        Raises:
            InputError: if it changes a rule that holds for the whole run (not :data:`CHANGEABLE`).
        """
        return self.ramped(lambda region, _: change(region), from_day)

    def ramped(
        self,
        change: Callable[[Region, float], Region],
        from_day: int = 0,
        ramp_days: int = 0,
        until_day: int | None = None,
    ) -> Region:
        """The region with ``change`` in force from day ``from_day`` on (also in later phases), all
        of it from ``from_day + ramp_days`` on and until then in up to eight equal steps; and nothing
        of it from ``until_day`` on, where that is given.

        ``change(region, part)`` is asked for the region with that part of the change, in (0, 1].
        """
        steps = min(ramp_days, RAMP_STEPS - 1)
        parts = {
            from_day + (k * ramp_days // steps if steps else 0): (k + 1) / (steps + 1)
            for k in range(steps + 1)
        }
        phases = list(self.phases())
        for day in (*parts, *(() if until_day is None else (until_day,))):
            if all(phase.from_day != day for phase in phases):
                before = max((p for p in phases if p.from_day < day), key=lambda p: p.from_day)
                phases.append(Phase(day, before.region))
        phases.sort(key=lambda p: p.from_day)
        out = []
        for phase in phases:
            over = until_day is not None and phase.from_day >= until_day
            begun = [] if over else [part for day, part in parts.items() if day <= phase.from_day]
            now = change(phase.region, max(begun)) if begun else phase.region
            _check_rules(phase.region.rules, now)
            out.append(Phase(phase.from_day, now))
        return replace(out[0].region, later=tuple(out[1:]))

    def hospital(self, id: str) -> Hospital:
        return self._named("hospital", self.hospitals, "id", id)

    def municipality(self, number: str) -> Municipality:
        return self._named("municipality", self.municipalities, "number", number)

    def elective_type(self, id: str) -> ElectiveType:
        return self._named("elective type", self.elective_types, "id", id)

    def kad_unit(self, id: str) -> KadUnit:
        return self._named("KAD unit", self.kad_units, "id", id)

    def short_term_pool(self, id: str) -> ShortTermPool:
        return self._named("short-term pool", self.short_term_pools, "id", id)

    def _named(self, what: str, items: tuple, key: str, value: str):  # type: ignore[no-untyped-def]
        for item in items:
            if getattr(item, key) == value:
                return item
        known = ", ".join(getattr(item, key) for item in items) or "none"
        raise InputError(Problem(f"region {self.name}", f"must be one of: {known}", column=what, value=value))

    @property
    def regional_hospital(self) -> Hospital | None:
        """The regionsykehus, or None in a region without one."""
        return next((h for h in self.hospitals if h.tier == "regional"), None)

    @property
    def inhabitants(self) -> float:
        return sum(m.inhabitants for m in self.municipalities)

    def general_site_share(self, type: ElectiveType, number: str) -> tuple[tuple[str, float], ...]:
        """((hospital, share), …) for patients of a municipality, before the age rule: the table's
        row if there is one, else the type's own, else the catchment's regional share."""
        if (type.id, number) in self.site_shares:
            return self.site_shares[type.id, number]
        home = self.hospital(self.municipality(number).catchment)
        own = tuple((site, share) for catchment, site, share in type.site_share if catchment == home.id)
        if own:
            return own
        regional = self.regional_hospital
        if regional is None or regional is home:
            return ((home.id, 1.0),)
        if type.minimum_tier == "regional":
            return ((regional.id, 1.0),)
        share = home.regional_share_elective
        return ((home.id, 1.0 - share), (regional.id, share))


_BEGINNING = -1_000_000
RAMP_STEPS = 8


@dataclass(frozen=True)
class Phase:
    """The region as it is from a day on."""

    from_day: int
    region: Region


def field_names(cls: type) -> tuple[str, ...]:
    """The names of a dataclass's fields."""
    return tuple(f.name for f in fields(cls))


def check_is_region(where: str, region: object) -> None:
    """
    Raises:
        InputError: if it is none.
    """
    if not isinstance(region, Region):
        allowed = "must be a region, as load_region gives it"
        raise InputError(Problem(where, allowed, column="region", value=region))
