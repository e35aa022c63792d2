"""Small regions: textbook queues for the tests against theory, and one town for the hand traces."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from capsim.region.region import (
    AgeBand,
    AmbulantTeam,
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


def town(
    beds: int = 1,
    *,
    reserve: int = 0,
    theatre_minutes: float = 0.0,
    planned_stays: float = 0.0,
    places: int = 0,
    kept_free: int = 0,
    home_care_starts: int = 1_000_000,
    kad_beds: int = 0,
    team_places: int = 0,
    candidates_per_referral: float = 1.0,
    joining_elasticity: float = 0.0,
    **rules: Any,
) -> Region:
    """One hospital H with one ward W, one municipality M: the world of the hand traces.

    Day 0 is a Monday without holidays near it. Every duration is exponential with mean ten days
    and every share one half: :mod:`tables` picks the uniforms that give what a trace needs.
    Sessions are held Monday to Friday. All other rules are the shipped ones unless given.
    """
    adult = AgeBand("adult", 0, 0, TEN_DAYS, TEN_DAYS, HALF, HALF, HALF, 0)
    team = AmbulantTeam(
        id="team",
        name="Team",
        base="H",
        municipalities=("M",),
        staff_by_weekday=(float(team_places),) * 7,
        working_minutes=60.0,
        minutes_per_visit=60.0,  # with no way to drive and one visit a day, a place for each on duty
        visits_first_day=1.0,
        visits_last_day=1.0,
        averts_share=HALF,
        escalates_share=HALF,
        course=TEN_DAYS,
        early_discharge_share=HALF,
        early_discharge_after=HALF,
    )
    sessions = [("theatre", theatre_minutes), ("ward", planned_stays)]
    return Region(
        name="town",
        title="Town",
        start=date(2024, 1, 8),
        ages=(adult,),
        groups=(GROUP,),
        specialties=(Specialty("all", "All", (1.0,)),),
        hospitals=(Hospital("H", "Hospital", "local", "trust", "all", 0.0, 0.0, ("all",)),),
        wards=(Ward("W", "H", ("all",), beds, reserve),),
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
            ),
        ),
        travel_minutes={("M", "H"): 0.0},
        travel_km={("M", "H"): 0.0},
        elective_types=TYPES,
        sessions=tuple(
            Session("H", "all", kind, tuple(capacity * open for open in WEEKDAYS))
            for kind, capacity in sessions
        ),
        short_term_pools=(ShortTermPool("P", places, kept_free=kept_free),) if places else (),
        kad_units=(KadUnit("K", "KAD", kad_beds, use_rate=HALF),) if kad_beds else (),
        teams=(team,) if team_places else (),
        rules=Rules(
            loaded_start=False,
            candidates_per_referral=candidates_per_referral,
            joining_elasticity=joining_elasticity,
            notified_early_share=HALF,
            complex_home_care_share=HALF,
            complex_home_care_days=TEN_DAYS.mean_days,
            short_term_stay=TEN_DAYS,
            kad_stay=TEN_DAYS,
            kad_sent_on_share=HALF,
            **{"stretch_after_days": TEN_DAYS.mean_days, **rules},
        ),
    )
