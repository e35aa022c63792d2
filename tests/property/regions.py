"""Regions for property tests: two that do not touch, and small random ones with any features."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import strategies as st

from capsim.region.region import (
    AgeBand,
    AmbulantTeam,
    Duration,
    ElectiveType,
    Hospital,
    KadUnit,
    Municipality,
    PatientGroup,
    Region,
    Rules,
    Session,
    ShortTermPool,
    Specialty,
    Ward,
)


def side_by_side(region: Region) -> Region:
    """``region`` and a copy of it in one, without anything in common. The copy's regional hospital
    is local there, since a region has one: its patients stay at home."""

    def new(id: str) -> str:
        return f"{id}_b" if id else id

    number = {m.number: str(int(m.number) + 500) for m in region.municipalities}
    hospitals = tuple(
        replace(h, id=new(h.id), tier="local", regional_share_acute=0.0, regional_share_elective=0.0)
        for h in region.hospitals
    )
    originals = tuple(
        replace(h, tier="local", regional_share_acute=0.0, regional_share_elective=0.0)
        for h in region.hospitals
    )
    wards = tuple(replace(w, id=new(w.id), hospital=new(w.hospital)) for w in region.wards)
    municipalities = tuple(
        replace(
            m,
            number=number[m.number],
            catchment=new(m.catchment),
            short_term_pool=new(m.short_term_pool),
            kad_unit=new(m.kad_unit),
        )
        for m in region.municipalities
    )
    everyone = (*region.municipalities, *municipalities)
    everywhere = (*originals, *hospitals)
    far = {(m.number, h.id): 999.0 for m in everyone for h in everywhere}
    far.update(region.travel_minutes)
    far.update({(number[m], new(h)): way for (m, h), way in region.travel_minutes.items()})
    teams = tuple(
        replace(t, id=new(t.id), base=new(t.base), municipalities=tuple(number[m] for m in t.municipalities))
        for t in region.teams
    )
    types = tuple(
        replace(t, local_share=(1.0,) * len(region.ages), minimum_tier="local") for t in region.elective_types
    )
    specialties = {s.specialty for s in region.sessions}
    sessions = tuple(
        Session(h.id, s, kind, (600.0 if kind == "theatre" else 1.5,) * 5 + (0.0, 0.0))
        for h in everywhere
        for s in sorted(specialties)
        for kind in ("theatre", "ward")
    )
    return replace(
        region,
        name="two",
        hospitals=everywhere,
        wards=(*region.wards, *wards),
        municipalities=everyone,
        travel_minutes=far,
        travel_km=far,
        elective_types=types,
        sessions=sessions,
        short_term_pools=(
            *region.short_term_pools,
            *(replace(p, id=new(p.id)) for p in region.short_term_pools),
        ),
        kad_units=(*region.kad_units, *(replace(k, id=new(k.id)) for k in region.kad_units)),
        teams=(*region.teams, *teams),
        site_shares={},
    )


shapes = st.sampled_from(["lognormal", "exponential", "fixed"])


@st.composite
def durations(draw: st.DrawFn, most: float = 6.0) -> Duration:
    return Duration(draw(st.floats(0.05, most)), draw(st.floats(0.1, 1.5)), draw(shapes))


@st.composite
def random_regions(draw: st.DrawFn) -> Region:
    """One regional and up to two local hospitals, up to four municipalities, and any mix of
    features: KAD, places, teams, theatres, hours of the day, boarding limit, phases."""
    hospitals = ["hub", *[f"local{i}" for i in range(draw(st.integers(0, 2)))]]
    numbers = [f"{1000 + i}" for i in range(draw(st.integers(1, 4)))]
    has = {name: draw(st.booleans()) for name in ("kad", "places", "team", "electives", "hours")}
    need = draw(st.floats(0, 0.8)) if draw(st.booleans()) else 0.0
    age = AgeBand(
        "all",
        acute_per_1000=draw(st.floats(20, 400)),
        elective_per_1000=100.0,
        acute_stay=draw(durations()),
        elective_stay=draw(durations()),
        needs_municipality=need,
        needs_short_term=draw(st.floats(0, 1)),
        kad_suitable=draw(st.floats(0, 0.5)),
        kad_own_per_1000=draw(st.floats(0, 60)),
    )
    types: tuple[ElectiveType, ...] = ()
    sessions: tuple[Session, ...] = ()
    if has["electives"]:
        types = tuple(
            ElectiveType(
                kind,
                kind,
                kind,
                "all",
                (draw(st.floats(1, 60)),),
                70.0,
                0.5,
                1.0,
                "local",
                (draw(st.floats(0, 1)),),
                target_median_days=draw(st.floats(5, 60)),
            )
            for kind in ("surgery", "day_surgery", "planned_stay")
        )
        sessions = tuple(
            Session(
                h, "all", kind, (draw(st.floats(0.5, 3)) * (1 if kind == "ward" else 120),) * 5 + (0.0, 0.0)
            )
            for h in hospitals
            for kind in ("theatre", "ward")
        )
    team = AmbulantTeam(
        "team",
        "team",
        "hub",
        tuple(numbers),
        (draw(st.floats(0, 5)),) * 7,
        averts_share=0.4,
        escalates_share=0.3,
        early_discharge_share=0.5,
        early_discharge_after=draw(st.floats(0, 1)),
        course=draw(durations(3.0)),
    )
    region = Region(
        name="random",
        title="random",
        start=date(2024, 1, 1),
        ages=(age,),
        groups=(PatientGroup("all", (1.0,)),),
        specialties=(Specialty("all", "all", (1.0,)),),
        hospitals=tuple(
            Hospital(
                h, h, "regional" if h == "hub" else "local", "t", "f", 63.0, 10.0, ("all",), 0.2, 0.3, 1.5
            )
            for h in hospitals
        ),
        wards=tuple(
            Ward(f"{h}_ward", h, ("all",), draw(st.integers(1, 12)), draw(st.integers(0, 2)))
            for h in hospitals
        ),
        municipalities=tuple(
            Municipality(
                n,
                n,
                hospitals[i % len(hospitals)],
                "f",
                (draw(st.floats(50, 2000)),),
                short_term_pool="pool" if has["places"] else "",
                home_care_starts_per_day=draw(st.integers(1, 3)),
                answered_in_time=draw(st.floats(0, 1)),
                response_days=draw(st.floats(0, 3)),
                kad_unit="kad" if has["kad"] else "",
            )
            for i, n in enumerate(numbers)
        ),
        travel_minutes={
            (n, h): 10.0 * (i + j) for i, n in enumerate(numbers) for j, h in enumerate(hospitals)
        },
        travel_km={(n, h): 10.0 * (i + j) for i, n in enumerate(numbers) for j, h in enumerate(hospitals)},
        elective_types=types,
        sessions=sessions,
        short_term_pools=(ShortTermPool("pool", draw(st.integers(0, 8)), draw(st.floats(0, 1)), 1),)
        if has["places"]
        else (),
        kad_units=(KadUnit("kad", "kad", draw(st.integers(0, 3)), False, 0.8),) if has["kad"] else (),
        teams=(team,) if has["team"] else (),
        rules=Rules(
            loaded_start=draw(st.booleans()),
            ward_round_hour=10.0 if has["hours"] else None,
            discharge_hour=12.0 if has["hours"] else None,
            boarding_limit_hours=draw(st.sampled_from([None, 0.0, 6.0])),
            elective_at_any_hour=draw(st.booleans()),
            notified_early_share=draw(st.floats(0, 1)),
            complex_home_care_share=draw(st.floats(0, 1)),
            complex_home_care_days=draw(st.floats(0, 5)),
            short_term_stay=draw(durations(20.0)),
            stretch_after_days=draw(st.sampled_from([None, 2.0, 7.0])),
            kad_stay=draw(durations(4.0)),
            kad_sent_on_share=draw(st.floats(0, 1)),
        ),
    )
    if draw(st.booleans()):  # beds and places change part way
        beds, places = draw(st.integers(0, 12)), draw(st.integers(0, 8))
        region = region.changed(
            lambda r: replace(
                r,
                wards=tuple(replace(w, beds=beds) for w in r.wards),
                short_term_pools=tuple(replace(p, places=places) for p in r.short_term_pools),
            ),
            from_day=draw(st.integers(-10, 20)),
        )
    return region
