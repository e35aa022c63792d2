"""Small regions: textbook queues for the tests against theory, and one town for the hand traces, with
a neighbour, a regional hospital or a ward for guests if asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from capsim.region.region import (
    UNLIMITED,
    AcuteType,
    AgeBand,
    AmbulantTeam,
    Clinic,
    Duration,
    ElectiveType,
    Hospital,
    KadUnit,
    Kind,
    Municipality,
    PatientGroup,
    Region,
    Rules,
    Session,
    ShortTermPool,
    Specialty,
    Ward,
    Week,
)

TEXTBOOK = Rules(
    loaded_start=False,
    referral_weekdays_only=False,
    ward_round_hour=None,
    discharge_hour=None,
    boarding_limit_hours=None,
    elective_at_any_hour=True,
    candidates_per_referral=1.0,
    joining_elasticity=0.0,
    stretch_after_days=None,
    place_hour=None,
)
"""No calendar, no hour of the day, no limit: patients queue for a bed and leave when they are well."""

GROUP = PatientGroup("all", (1.0,))
PEOPLE = 1000.0
PER_YEAR = 365.0  # a rate of 365 per 1000 and year is one a day in a municipality of 1000


def exponential(mean_days: float) -> Duration:
    return Duration(mean_days, shape="exponential")


def queue_region(
    beds: int = 1_000_000,
    acute_per_day: float = 0.0,
    stay: Duration | None = None,
    *,
    elective_per_day: float = 0.0,
    elective_stay: Duration | None = None,
    kad_beds: int = 0,
    kad_per_day: float = 0.0,
    kad_stay: Duration | None = None,
    places: int = 0,
    needs_place: float = 0.0,
    place_stay: Duration | None = None,
    copies: int = 1,
    rules: Rules = TEXTBOOK,
) -> Region:
    """``copies`` hospitals that have nothing to do with each other, each with one ward and one
    municipality: as many independent replications of a textbook queue in one run.

    Rates are per copy. With ``kad_beds`` each municipality has a KAD unit, with ``places`` a
    short-term pool; ``needs_place`` is the share of stays that end in it.
    """
    nothing = exponential(1.0)
    age = AgeBand(
        id="all",
        acute_per_1000=acute_per_day * PER_YEAR,
        elective_per_1000=elective_per_day * PER_YEAR,
        acute_stay=stay or nothing,
        elective_stay=elective_stay or nothing,
        needs_municipality=needs_place,
        needs_short_term=1.0,
        kad_suitable=0.0,
        kad_own_per_1000=kad_per_day * PER_YEAR,
    )
    planned = ElectiveType(
        "planned", "Planned", "planned_stay", "all", (age.elective_per_1000,), 0, 0, 1, "local", (1.0,)
    )
    ids = [f"h{i:03d}" for i in range(copies)]
    towns = tuple(
        Municipality(
            number=f"m{id}",
            name=id,
            catchment=id,
            helsefellesskap="all",
            population=(PEOPLE,),
            short_term_pool=f"p{id}" if places else "",
            kad_unit=f"k{id}" if kad_beds else "",
        )
        for id in ids
    )
    nowhere = {(m.number, id): 0.0 for m in towns for id in ids}
    return Region(
        name="queue",
        title="Textbook queue",
        start=date(2024, 1, 1),
        ages=(age,),
        groups=(GROUP,),
        specialties=(Specialty("all", "All", (1.0,)),),
        hospitals=tuple(Hospital(id, id, "local", "all", "all", 0.0, 0.0, ("all",)) for id in ids),
        wards=tuple(Ward(id, id, ("all",), beds) for id in ids),
        municipalities=towns,
        travel_minutes=nowhere,
        travel_km=nowhere,
        elective_types=(planned,) if elective_per_day else (),
        short_term_pools=tuple(ShortTermPool(f"p{id}", places) for id in ids) if places else (),
        kad_units=tuple(KadUnit(f"k{id}", id, kad_beds) for id in ids) if kad_beds else (),
        rules=replace(rules, short_term_stay=place_stay or nothing, kad_stay=kad_stay or nothing),
    )


TEN_DAYS = exponential(10.0)
HALF = 0.5
WEEKDAYS = (1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0)


def elective(id: str, kind: Kind, minutes: float = 0.0) -> ElectiveType:
    return ElectiveType(id, id, kind, "all", (1.0,), minutes, 0.0, 1.0, "local", (1.0,))


TYPES = (
    elective("hip", "surgery", 200),
    elective("knee", "surgery", 120),
    elective("cataract", "day_surgery", 30),
    elective("infusion", "planned_stay"),
)


RARELY = 0.1
"""The share of stays that end in death: small, because those with a need are a share of the others."""


def acute_type(id: str, stream: Any, specialty: str) -> AcuteType:
    """Mental health, substance use or births: rates are of no use to patients made by hand."""
    return AcuteType(id, id, stream, specialty, (0.0,), TEN_DAYS, (), HALF, HALF, RARELY, HALF)


def ambulant_team(id: str, places: int, **does: Any) -> AmbulantTeam:
    """A team in H for M with so many places: no way to drive and one visit a day, so a place for each
    on duty."""
    return AmbulantTeam(
        id=id,
        name=id,
        base="H",
        municipalities=("M",),
        staff_by_weekday=(float(places),) * 7,
        working_minutes=60.0,
        minutes_per_visit=60.0,
        visits_first_day=1.0,
        visits_last_day=1.0,
        escalates_share=HALF,
        course=TEN_DAYS,
        early_discharge_after=HALF,
        **does,
    )


def town(
    beds: int = 1,
    *,
    reserve: int = 0,
    weekend_beds: int | None = None,
    summer_beds: int | None = None,
    theatre_minutes: float = 0.0,
    planned_stays: float = 0.0,
    clinic_slots: float | None = None,
    places: int = 0,
    kept_free: int = 0,
    home_care_starts: int = UNLIMITED,
    long_term_places: int | None = None,
    homes: int | None = None,
    kad_beds: int = 0,
    team_places: int = 0,
    teams: tuple[AmbulantTeam, ...] = (),
    psychiatry_beds: int = 0,
    maternity_beds: int = 0,
    dying: bool = False,
    returning: bool = False,
    falling_ill: bool = False,
    candidates_per_referral: float = 1.0,
    joining_elasticity: float = 0.0,
    **rules: Any,
) -> Region:
    """One hospital H with one ward W, one municipality M: the world of the hand traces.

    Day 0 is a Monday without holidays near it. Every duration is exponential with mean ten days
    and every share one half: :mod:`tables` picks the uniforms that give what a trace needs.
    Sessions and clinics are held Monday to Friday. ``dying``, ``returning`` (readmission),
    ``falling_ill`` (again, while waiting) and needing a long-term place (``long_term_places``) are
    possible only if asked for. All other rules are the shipped ones unless given.
    """
    adult = AgeBand(
        "adult",
        0,
        0,
        TEN_DAYS,
        TEN_DAYS,
        HALF,
        HALF,
        HALF,
        0,
        needs_long_term=0.0 if long_term_places is None else 2 * RARELY,
        dies=RARELY if dying else 0.0,
        readmitted=HALF if returning else 0.0,
    )
    if team_places:
        team = ambulant_team("team", team_places, averts_share=HALF, early_discharge_share=HALF)
        teams = (team, *teams)
    specialties = [Specialty("all", "All", (1.0,))]
    wards = [Ward("W", "H", ("all",), beds, reserve, weekend_beds, summer_beds)]
    acute_types = []
    if psychiatry_beds:
        specialties += [Specialty("phv", "PHV", (0.0,), "phv"), Specialty("tsb", "TSB", (0.0,), "tsb")]
        wards.append(Ward("V", "H", ("phv", "tsb"), psychiatry_beds))
        acute_types += [acute_type("mind", "phv", "phv"), acute_type("drugs", "tsb", "tsb")]
    if maternity_beds:
        specialties.append(Specialty("obstetrics", "Obstetrics", (0.0,)))
        wards.append(Ward("B", "H", ("obstetrics",), maternity_beds))
        acute_types.append(acute_type("birth", "birth", "obstetrics"))
    emergency = tuple(s.id for s in specialties)
    sessions = [("theatre", theatre_minutes), ("ward", planned_stays)]
    default: dict[str, Any] = {
        "loaded_start": False,
        "candidates_per_referral": candidates_per_referral,
        "joining_elasticity": joining_elasticity,
        "notified_early_share": HALF,
        "complex_home_care_share": HALF,
        "complex_home_care_days": TEN_DAYS.mean_days,
        "short_term_stay": TEN_DAYS,
        "stretch_after_days": TEN_DAYS.mean_days,
        "kad_stay": TEN_DAYS,
        "kad_sent_on_share": HALF,
        "long_term_stay_days": TEN_DAYS.mean_days,
        "housing_stay_days": TEN_DAYS.mean_days,
        "housing_stretch_days": TEN_DAYS.mean_days,
        "ill_again_per_day": 1 / TEN_DAYS.mean_days if falling_ill else 0.0,
        "ill_again_stay": TEN_DAYS,
    }
    return Region(
        name="town",
        title="Town",
        start=date(2024, 1, 8),
        ages=(adult,),
        groups=(GROUP,),
        specialties=tuple(specialties),
        hospitals=(Hospital("H", "Hospital", "local", "trust", "all", 0.0, 0.0, emergency),),
        wards=tuple(wards),
        municipalities=(
            Municipality(
                number="M",
                name="Municipality",
                catchment="H",
                helsefellesskap="all",
                population=(PEOPLE,),
                short_term_pool="P" if places else "",
                home_care_starts_per_day=home_care_starts,
                answered_in_time=HALF,
                response_days=TEN_DAYS.mean_days,
                kad_unit="K" if kad_beds else "",
                long_term_places=UNLIMITED if long_term_places is None else long_term_places,
                supported_housing=UNLIMITED if homes is None else homes,
            ),
        ),
        travel_minutes={("M", "H"): 0.0},
        travel_km={("M", "H"): 0.0},
        acute_types=tuple(acute_types),
        elective_types=TYPES,
        clinics=() if clinic_slots is None else (Clinic("H", "all", _weekdays(clinic_slots)),),
        sessions=tuple(Session("H", "all", kind, _weekdays(capacity)) for kind, capacity in sessions),
        short_term_pools=(ShortTermPool("P", places, kept_free=kept_free),) if places else (),
        kad_units=(KadUnit("K", "KAD", kad_beds, use_rate=HALF),) if kad_beds else (),
        teams=teams,
        rules=Rules(**{**default, **rules}),
    )


def _weekdays(amount: float) -> Week:
    return tuple(amount * open for open in WEEKDAYS)  # type: ignore[return-value]


def with_neighbour(region: Region) -> Region:
    """The town with a municipality N like M, which shares its hospital and its short-term places."""
    home = region.municipalities[0]
    ways = {**region.travel_minutes, ("N", "H"): 0.0}
    return replace(
        region,
        municipalities=(home, replace(home, number="N", name="Neighbour")),
        travel_minutes=ways,
        travel_km=ways,
    )


def with_guest_ward(region: Region, beds: int = 1, reserve: int = 0) -> Region:
    """The town with a ward G in H for a tenth of the acute patients, where those of W may lie too."""
    ward = replace(region.wards[0], outlier=("G",))
    shares = (1 - RARELY, RARELY)
    first, *others = region.specialties
    specialties = (
        replace(first, acute_share=shares[:1]),
        Specialty("other", "Other", shares[1:]),
        *others,
    )
    hospital = region.hospitals[0]
    return replace(
        region,
        specialties=specialties,
        hospitals=(replace(hospital, emergency=(*hospital.emergency, "other")),),
        wards=(ward, *region.wards[1:], Ward("G", "H", ("other",), beds, reserve)),
    )


def with_regional_hospital(region: Region, beds: int = 1) -> Region:
    """The town with a regionsykehus R, 60 minutes away, with a ward WR, and with sessions and clinics
    like H's. Half of M's acute patients need it, and half of those may move back to H half way through
    the stay. A municipality N lives there; what N has of the municipal kind is M's alike."""
    home, own = region.municipalities[0], region.hospitals[0]
    back = replace(own, regional_share_acute=HALF, transfer_back_share=HALF, transfer_back_after=HALF)
    ways = {("M", "H"): 0.0, ("M", "R"): 60.0, ("N", "R"): 0.0, ("N", "H"): 60.0}
    return replace(
        region,
        hospitals=(back, replace(own, id="R", name="Regional", tier="regional")),
        wards=(*region.wards, Ward("WR", "R", ("all",), beds)),
        municipalities=(home, replace(home, number="N", name="Neighbour", catchment="R")),
        travel_minutes=ways,
        travel_km=ways,
        clinics=(*region.clinics, *(replace(c, hospital="R") for c in region.clinics)),
        sessions=(*region.sessions, *(replace(s, hospital="R") for s in region.sessions)),
    )
