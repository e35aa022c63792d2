"""Regions for property tests: two that do not touch, and small random ones with any features."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from random import Random

from hypothesis import strategies as st

from capsim.region.rates import (
    ITEMS,
    Grant,
    IsfRule,
    PaymentRule,
    Price,
    PrivatePurchase,
    Rates,
    Response,
)
from capsim.region.region import (
    UNLIMITED,
    AcuteType,
    AgeBand,
    AmbulantTeam,
    Clinic,
    DemandChange,
    Duration,
    ElectiveType,
    Hospital,
    KadUnit,
    Municipality,
    PatientGroup,
    ReferralPool,
    Region,
    Registration,
    Rules,
    Session,
    ShortTermPool,
    Specialty,
    StaffPool,
    VisitType,
    Ward,
    Week,
)


def side_by_side(region: Region) -> Region:
    """``region`` and a copy of it in one, without anything in common. The copy's regional hospital
    is local there, since a region has one: its patients stay at home."""

    def new(id: str) -> str:
        return f"{id}_b" if id else id

    number = {m.number: str(int(m.number) + 500) for m in region.municipalities}
    originals = tuple(
        replace(h, tier="local", regional_share_acute=0.0, regional_share_elective=0.0)
        for h in region.hospitals
    )
    hospitals = (*originals, *(replace(h, id=new(h.id)) for h in originals))
    wards = tuple(
        replace(w, id=new(w.id), hospital=new(w.hospital), outlier=tuple(map(new, w.outlier)))
        for w in region.wards
    )
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
    far = {(m.number, h.id): 999.0 for m in everyone for h in hospitals}
    far.update(region.travel_minutes)
    far.update({(number[m], new(h)): way for (m, h), way in region.travel_minutes.items()})
    types = tuple(
        replace(
            t,
            local_share=(1.0,) * len(region.ages),
            minimum_tier="local",
            site_share=(*t.site_share, *((new(c), new(site), share) for c, site, share in t.site_share)),
        )
        for t in region.elective_types
    )
    sessions = tuple(
        Session(h.id, s, kind, (600.0 if kind == "theatre" else 1.5,) * 5 + (0.0, 0.0))
        for h in hospitals
        for s in sorted({t.specialty for t in region.elective_types})
        for kind in ("theatre", "ward")
    )
    clinics = tuple(replace(c, hospital=new(c.hospital)) for c in region.clinics)
    intakes = tuple(
        replace(p, id=new(p.id), hospitals=tuple(map(new, p.hospitals))) for p in region.referral_pools
    )
    places = tuple(replace(p, id=new(p.id), staff_pool=new(p.staff_pool)) for p in region.short_term_pools)
    teams = tuple(
        replace(
            t,
            id=new(t.id),
            base=new(t.base),
            municipalities=tuple(number[m] for m in t.municipalities),
            staff_pool=new(t.staff_pool),
        )
        for t in region.teams
    )
    return replace(
        region,
        name="two",
        hospitals=hospitals,
        wards=(*region.wards, *wards),
        municipalities=everyone,
        travel_minutes=far,
        travel_km=far,
        elective_types=types,
        clinics=(*region.clinics, *clinics),
        sessions=sessions,
        referral_pools=(*region.referral_pools, *intakes),
        short_term_pools=(*region.short_term_pools, *places),
        kad_units=(*region.kad_units, *(replace(k, id=new(k.id)) for k in region.kad_units)),
        teams=(*region.teams, *teams),
        staff_pools=(*region.staff_pools, *(replace(p, id=new(p.id)) for p in region.staff_pools)),
        site_shares={},
    )


shapes = st.sampled_from(["lognormal", "exponential", "fixed"])
shares = st.floats(0, 1)
weights = st.sampled_from([0.0, 0.04, 1.0, 3.3])
trusts = st.sampled_from(["u", "u", "t"])
AGES = ("young", "old")
GROUPS = ("ill", "others")
SOMATIC = ("medicine", "surgery")


def by_age(amounts: st.SearchStrategy[float]) -> st.SearchStrategy[tuple[float, ...]]:
    return st.tuples(*(amounts for _ in AGES))


@st.composite
def durations(draw: st.DrawFn, most: float = 6.0) -> Duration:
    return Duration(draw(st.floats(0.05, most)), draw(st.floats(0.1, 1.5)), draw(shapes))


def some(draw: st.DrawFn, amounts: st.SearchStrategy[float]) -> float:
    """Nothing, half of the time: the feature is off."""
    return draw(amounts) if draw(st.booleans()) else 0.0


@st.composite
def weeks(draw: st.DrawFn, most: float) -> Week:
    return (*((draw(st.floats(most / 4, most)),) * 5), draw(st.floats(0, most / 2)), 0.0)


@st.composite
def age_bands(draw: st.DrawFn, id: str) -> AgeBand:
    return AgeBand(
        id,
        acute_per_1000=draw(st.floats(20, 400)),
        elective_per_1000=100.0,
        acute_stay=draw(durations()),
        elective_stay=draw(durations()),
        needs_municipality=some(draw, st.floats(0, 0.8)),
        needs_short_term=draw(st.floats(0, 0.7)),
        kad_suitable=draw(st.floats(0, 0.5)),
        kad_own_per_1000=draw(st.floats(0, 60)),
        needs_long_term=some(draw, st.floats(0, 0.3)),
        dies=some(draw, st.floats(0, 0.2)),
        readmitted=some(draw, st.floats(0, 0.6)),
    )


@st.composite
def acute_types(draw: st.DrawFn) -> tuple[AcuteType, ...]:
    """Some of mental health, substance use and births."""
    streams = draw(st.lists(st.sampled_from(["phv", "tsb", "birth"]), unique=True))
    return tuple(
        AcuteType(
            id=f"acute_{stream}",
            name=stream,
            stream=stream,
            specialty=stream,
            per_1000=draw(by_age(st.floats(0, 60))),
            stay=draw(durations(12.0)),
            groups=draw(st.sampled_from([(), ("ill",)])),
            needs_municipality=some(draw, st.floats(0, 0.8)),
            needs_housing=some(draw, shares),
            dies=some(draw, st.floats(0, 0.1)),
            readmitted=some(draw, st.floats(0, 0.6)),
            regional_share=some(draw, shares),
            drg_weight=draw(weights),
        )
        for stream in streams
    )


@st.composite
def elective_types(draw: st.DrawFn) -> tuple[ElectiveType, ...]:
    """One of each kind, and a planned stay in mental health with a stay and a need of its own."""
    types = [
        ElectiveType(
            id=id,
            name=id,
            kind=kind,
            specialty=specialty,
            per_1000=draw(by_age(st.floats(1, 60))),
            minutes_mean=0.0 if kind == "planned_stay" else 70.0,
            minutes_cv=0.5,
            stay_factor=1.0,
            minimum_tier=draw(st.sampled_from(["local", "regional"])),
            local_share=draw(by_age(shares)),
            target_median_days=draw(st.floats(5, 60)),
            treated_share=draw(st.floats(0.2, 1)),
            choice_share=some(draw, shares),
            drg_weight=draw(weights),
        )
        for id, kind, specialty in (
            ("hip", "surgery", "surgery"),
            ("eye", "day_surgery", "surgery"),
            ("infusion", "planned_stay", "medicine"),
        )
    ]
    if draw(st.booleans()):
        own = {"stay": draw(durations(10.0)), "needs_municipality": draw(st.floats(0, 0.8))}
        mind = replace(
            types[-1], id="mind", specialty="phv", minimum_tier="regional", needs_housing=draw(shares), **own
        )
        types.append(mind)
    return tuple(types)


@st.composite
def wards_of(draw: st.DrawFn, hospital: str, more: tuple[str, ...]) -> tuple[Ward, ...]:
    """One ward for all, or one for each specialty with the overflow of one in the other; and one for
    each of ``more``."""

    def ward(id: str, specialties: tuple[str, ...], outlier: tuple[str, ...] = ()) -> Ward:
        beds = draw(st.integers(1, 12))
        return Ward(
            id=f"{hospital}_{id}",
            hospital=hospital,
            specialties=specialties,
            beds=beds,
            acute_reserve=draw(st.integers(0, 2)),
            weekend_beds=draw(st.sampled_from([None, max(0, beds - 2)])),
            summer_beds=draw(st.sampled_from([None, beds // 2])),
            outlier=tuple(f"{hospital}_{o}" for o in outlier),
        )

    if draw(st.booleans()):
        main = [ward("all", SOMATIC)]
    else:
        lie_in_surgery = draw(st.sampled_from([(), ("surgery",)]))
        lie_in_medicine = draw(st.sampled_from([(), ("medicine",)]))
        main = [
            ward("medicine", ("medicine",), lie_in_surgery),
            ward("surgery", ("surgery",), lie_in_medicine),
        ]
    return (*main, *(ward(s, (s,)) for s in more))


@st.composite
def teams(draw: st.DrawFn, numbers: tuple[str, ...], staff_pool: str) -> tuple[AmbulantTeam, ...]:
    """Up to three teams: one that averts and takes home early, one that follows up, one with people
    enrolled."""
    first = AmbulantTeam(
        "team",
        "team",
        "hub",
        numbers,
        draw(weeks(5.0)),
        averts_share=0.4,
        escalates_share=0.3,
        early_discharge_share=0.5,
        early_discharge_after=draw(shares),
        course=draw(durations(3.0)),
        municipal_visits_per_day=draw(st.sampled_from([0.0, 1.0])),
        staff_pool=staff_pool,
        municipal_share=draw(st.sampled_from([0.0, 1 / 3, 1.0])),
    )
    follow = replace(
        first,
        id="follow",
        averts_share=0.0,
        early_discharge_share=draw(st.sampled_from([0.0, 0.3])),
        follows_share=draw(shares),
        readmission_effect=draw(st.floats(-1, 0.5)),
        target_ages=draw(st.sampled_from([(), ("old",)])),
        course=draw(durations(20.0)),
        staff_pool="",
    )
    enrolled = replace(
        first,
        id="fact",
        averts_share=0.0,
        early_discharge_share=0.0,
        target_groups=("ill",),
        caseload_per_staff=draw(st.floats(0, 20)),
        visits_per_enrolled_week=draw(st.sampled_from([0.0, 0.7])),
        stay_effect=draw(st.floats(-0.9, 0.5)),
    )
    return tuple(t for t in (first, follow, enrolled) if draw(st.booleans()))


@st.composite
def rules(draw: st.DrawFn) -> Rules:
    ward_round, discharge = draw(
        st.sampled_from([(10.0, 12.0), (10.0, 15.0), (None, None), (None, 12.0), (9.5, None)])
    )
    return Rules(
        loaded_start=draw(st.booleans()),
        ward_round_hour=ward_round,
        discharge_hour=discharge,
        boarding_limit_hours=draw(st.sampled_from([None, 0.0, 6.0])),
        elective_at_any_hour=draw(st.integers(0, 9)) == 9,
        lateness_days=draw(st.sampled_from([0.0, 10.0])),
        summer_weeks=draw(st.sampled_from([(27, 32), (1, 4)])),
        summer_session_factor=0.6,
        summer_clinic_factor=0.6,
        notified_early_share=draw(shares),
        complex_home_care_share=draw(shares),
        complex_home_care_days=draw(st.floats(0, 5)),
        short_term_stay=draw(durations(20.0)),
        stretch_after_days=draw(st.sampled_from([None, 2.0, 7.0])),
        place_hour=draw(st.sampled_from([None, 10.0, 11.0])),
        kad_stay=draw(durations(4.0)),
        kad_sent_on_share=draw(shares),
        long_term_stay_days=draw(st.floats(1, 60)),
        housing_stay_days=draw(st.floats(1, 60)),
        housing_stretch_days=draw(st.sampled_from([None, 5.0])),
        ill_again_per_day=some(draw, st.floats(0.01, 1)),
        ill_again_stay=draw(durations(4.0)),
        readmission_mean_days=draw(st.floats(1, 20)),
        readmission_need_factor=draw(st.floats(0.5, 2)),
        first_contact_share=draw(shares),
        first_contact_ahead_days=draw(st.floats(0, 30)),
        pool_extra_minutes=draw(st.floats(1, 100)),
        notice_hours=draw(st.sampled_from([0.0, 24.0])),
        first_contact_weight=draw(weights),
    )


@st.composite
def random_regions(draw: st.DrawFn, everything: bool = False) -> Region:
    """One regional and up to two local hospitals, up to four municipalities, and any mix of features, or
    ``everything``."""
    hospitals = ("hub", *(f"local{i}" for i in range(draw(st.integers(0, 2)))))
    numbers = tuple(f"{1000 + i}" for i in range(draw(st.integers(1, 4))))
    features = ("kad", "places", "electives", "clinics", "intake", "shared")
    has = {feature: everything or draw(st.booleans()) for feature in features}
    of_type = draw(acute_types())
    types = draw(elective_types()) if has["electives"] else ()
    own = tuple(sorted({t.specialty for t in (*of_type, *types)} - set(SOMATIC)))
    medicine = draw(st.floats(0, 1))
    acute_share = {"medicine": medicine, "surgery": 1 - medicine}
    pools = ("pool", "other")[: draw(st.integers(1 + everything, 2))] if has["places"] else ()
    units = ("kad", "kad_2")[: draw(st.integers(1, 2))] if has["kad"] else ()
    staff_pool = "staff" if has["shared"] else ""
    share_ill = draw(by_age(st.floats(0.01, 0.99)))
    ways = {(n, h): 10.0 * (i + j) for i, n in enumerate(numbers) for j, h in enumerate(hospitals)}
    region = Region(
        name="random",
        title="random",
        start=draw(st.sampled_from([date(2024, 1, 1), date(2024, 7, 1), date(2018, 12, 20)])),
        ages=tuple(draw(age_bands(id)) for id in AGES),
        groups=(
            PatientGroup(GROUPS[0], share_ill, 2.0, draw(st.floats(0.5, 2)), draw(st.floats(0.5, 2))),
            PatientGroup(GROUPS[1], tuple(1 - x for x in share_ill)),
        ),
        specialties=tuple(
            Specialty(
                s,
                s,
                (acute_share.get(s, 0.0),) * len(AGES),
                {"phv": "phv", "tsb": "tsb"}.get(s, "somatic"),  # type: ignore[arg-type]
                draw(weights),
            )
            for s in (*SOMATIC, *own)
        ),
        hospitals=tuple(
            Hospital(
                id=h,
                name=h,
                tier="regional" if h == "hub" else "local",
                trust="t" if h == "hub" else draw(trusts),
                helsefellesskap="f",
                lat=63.0,
                lon=10.0,
                emergency=(*SOMATIC, *own) if h == "hub" else draw(st.sampled_from([SOMATIC, ("medicine",)])),
                regional_share_acute=0.3,
                regional_share_elective=0.3,
                regional_stay_factor=1.5,
                transfer_back_share=some(draw, shares),
                transfer_back_after=draw(shares),
            )
            for h in hospitals
        ),
        wards=tuple(w for h in hospitals for w in draw(wards_of(h, own if h == "hub" else ()))),
        municipalities=tuple(
            Municipality(
                number=n,
                name=n,
                catchment=hospitals[i % len(hospitals)],
                helsefellesskap="f",
                population=draw(by_age(st.floats(50, 4000))),
                short_term_pool=pools[i % len(pools)] if pools else "",
                home_care_starts_per_day=draw(st.integers(1, 3)),
                answered_in_time=draw(shares),
                response_days=draw(st.floats(0, 3)),
                kad_unit=units[i % len(units)] if units else "",
                long_term_places=draw(st.sampled_from([UNLIMITED, 0, 1, 5])),
                supported_housing=draw(st.sampled_from([UNLIMITED, 0, 1, 5])),
            )
            for i, n in enumerate(numbers)
        ),
        travel_minutes=ways,
        travel_km=ways,
        acute_types=of_type,
        elective_types=types,
        clinics=tuple(
            Clinic(h, s, draw(weeks(3.0)))
            for h in hospitals
            for s in (*SOMATIC, *own)
            if h == "hub" or s not in own
        )
        if has["clinics"]
        else (),
        sessions=tuple(
            Session(
                h,
                s,
                kind,
                draw(weeks(360.0 if kind == "theatre" else 3.0)),
                staff_pool=staff_pool,
                staff=draw(st.floats(0, 3)),
            )
            for h in hospitals
            for s in sorted({t.specialty for t in types})
            for kind in ("theatre", "ward")
            if h == "hub" or s not in own
        ),
        referral_pools=(ReferralPool("intake", ("hip", "eye"), hospitals),)
        if has["intake"] and types
        else (),
        short_term_pools=tuple(
            ShortTermPool(p, draw(st.integers(0, 8)), draw(shares), 1, staff_pool, draw(st.floats(0, 2)))
            for p in pools
        ),
        kad_units=tuple(KadUnit(k, k, draw(st.integers(0, 3)), False, 0.8) for k in units),
        teams=draw(teams(numbers, staff_pool)),
        staff_pools=(StaffPool("staff", "staff", draw(weeks(20.0))),) if has["shared"] else (),
        rules=draw(rules()),
    )
    region = draw(with_money(region))
    for _ in range(draw(st.integers(0, 3))):
        region = draw(changed(region))
    return region


YEARS = (2018, 2019, 2024)
SECTORS = ("somatic", "phv", "tsb")


@st.composite
def payment_rules(draw: st.DrawFn) -> PaymentRule:
    """Amounts and factors in quarters, so that there is no doubt about the øre."""
    first = draw(st.integers(1, 4))
    return PaymentRule(
        draw(st.integers(0, 30_000)) / 4,
        draw(st.sampled_from(["registered", "stay"])),
        draw(st.sampled_from([("somatic",), SECTORS, ("phv", "tsb"), ()])),
        draw(st.sampled_from([0, 0, 1, 3])),
        draw(st.sampled_from([(), ((first, 1.5),), ((first, 0.25), (first + 2, 3.0))])),
        draw(st.sampled_from([0.0, 0.5, 2.0])),
    )


def by_year(draw: st.DrawFn, rows: st.SearchStrategy) -> dict[int, object]:
    return {year: draw(rows) for year in YEARS if draw(st.booleans())}


isf_rules = st.builds(
    IsfRule, st.sampled_from([0.0, 43_428.0, 52_248.5]), shares, st.floats(0, 1.5), st.floats(0, 1.5)
)


def prices(random: Random) -> dict[str, Price]:
    """A price of most items. Drawn at random from one number: what is wrong with a price does not get
    clearer by a smaller one."""
    out = {}
    for item in ITEMS:
        if random.random() < 0.9:
            average = round(random.uniform(0, 20_000), random.randrange(3))
            marginal = random.choice([0.0, average, round(average * random.random(), 2)])
            out[item] = Price(average, marginal, random.choice([0.0, 1234.56]), random.choice(YEARS))
    return out


@st.composite
def with_money(draw: st.DrawFn, region: Region) -> Region:
    """The region with any part of what moves money, or none."""
    numbers = [m.number for m in region.municipalities]
    payers = [*numbers, *sorted({h.trust for h in region.hospitals}), "rhf", "state", "patients"]
    elsewhere = [(a, b) for a, b in pairwise(numbers) if draw(st.booleans())]
    visits = VisitType(
        "visit", "visit", "clinic", "medicine", (800.0, 3000.0), draw(shares), 0.1, draw(st.floats(0, 0.5)),
        0.1, drg_weight=draw(weights),
    )  # fmt: skip
    rates = Rates(
        payment=by_year(draw, payment_rules()),  # type: ignore[arg-type]
        isf=by_year(draw, isf_rules),  # type: ignore[arg-type]
        prices=prices(Random(draw(st.integers(0, 2**31)))) if draw(st.booleans()) else {},
    )
    return replace(
        region,
        rates=rates,
        registrations=tuple(Registration(a, b, draw(st.floats(0, 0.5))) for a, b in elsewhere),
        visit_types=(visits,) if draw(st.booleans()) else (),
        purchases=tuple(
            PrivatePurchase(t.id, draw(st.floats(0, 0.6)), draw(st.sampled_from([(), tuple(numbers[:1])])))
            for t in region.elective_types
            if draw(st.integers(0, 3)) == 3
        ),
        grants=tuple(
            Grant(f"grant_{k}", *draw(st.permutations(payers))[:2], draw(st.integers(0, 10**6)) / 100)
            for k in range(draw(st.integers(0, 2)))
        ),
        response=draw(responses(priced="short_term_day" in rates.prices)),
    )


@st.composite
def responses(draw: st.DrawFn, priced: bool) -> Response:
    """Nobody answers, half of the time."""
    if draw(st.booleans()):
        return Response()
    return Response(
        draw(st.sampled_from(["elastic", "none", *(["cost_minimising"] if priced else [])])),
        draw(st.booleans()),
        draw(shares),
        draw(shares),
        draw(shares),
        delay_days=draw(st.sampled_from([0, 10])),
    )


@st.composite
def changed(draw: st.DrawFn, region: Region) -> Region:
    """The region with something else from a day on, or bit by bit over some days."""
    capacity = draw(st.integers(0, 12))
    factor = draw(st.floats(0.2, 2))
    change = DemandChange(
        factor,
        streams=draw(st.sampled_from([(), ("acute",), ("phv", "tsb", "birth"), ("elective", "assessment")])),
        ages=draw(st.sampled_from([(), ("old",)])),
        groups=draw(st.sampled_from([(), ("ill",)])),
    )

    def part_of(old: float, part: float) -> int:
        return round(old + (capacity - old) * part)

    def beds(r: Region, part: float) -> Region:
        return replace(r, wards=tuple(replace(w, beds=part_of(w.beds, part)) for w in r.wards))

    def municipal(r: Region, part: float) -> Region:
        def settled(places: int) -> int:
            return places if places == UNLIMITED else part_of(places, part)

        return replace(
            r,
            short_term_pools=tuple(replace(p, places=part_of(p.places, part)) for p in r.short_term_pools),
            municipalities=tuple(
                replace(
                    m,
                    home_care_starts_per_day=1 + part_of(m.home_care_starts_per_day, part),
                    long_term_places=settled(m.long_term_places),
                    supported_housing=settled(m.supported_housing),
                )
                for m in r.municipalities
            ),
        )

    def merged(r: Region, part: float) -> Region:
        """One pool and one KAD unit for all, at the end of the ramp; also of those merged before."""
        if part < 1:
            return r
        pools, units = r.short_term_pools, r.kad_units
        pool = f"merged_{len(pools)}_{sum(p.places for p in pools)}"
        if pools:
            r = replace(
                r,
                short_term_pools=(ShortTermPool(pool, sum(p.places for p in pools), kept_free=1),),
                municipalities=tuple(replace(m, short_term_pool=pool) for m in r.municipalities),
            )
        if units:
            unit = replace(units[0], beds=sum(k.beds for k in units))
            r = replace(
                r,
                kad_units=(unit,),
                municipalities=tuple(replace(m, kad_unit=unit.id) for m in r.municipalities),
            )
        return r

    def other_units(r: Region, part: float) -> Region:
        return replace(
            r,
            kad_units=tuple(replace(k, beds=part_of(k.beds, part)) for k in r.kad_units),
            teams=tuple(replace(t, staff_by_weekday=(float(part_of(1, part)),) * 7) for t in r.teams),
            clinics=tuple(replace(c, slots=(float(part_of(1, part)),) * 7) for c in r.clinics),
        )

    def demand(r: Region, part: float) -> Region:
        grown = tuple(
            replace(m, population=tuple(p * (1 + (factor - 1) * part) for p in m.population))
            for m in r.municipalities
        )
        return replace(r, municipalities=grown)

    def catchment(r: Region, part: float) -> Region:
        """Everybody's hospital is the hub, at the end of the ramp."""
        if part < 1:
            return r
        return replace(r, municipalities=tuple(replace(m, catchment="hub") for m in r.municipalities))

    def money(r: Region, part: float) -> Region:
        """Another rule in every year, and one grant more."""
        paid = {year: replace(rule, nok_per_day=100.0 * capacity) for year, rule in r.rates.payment.items()}
        rates = replace(r.rates, payment=paid, reference=r.rates.reference or r.rates.payment)
        isf = {year: replace(rule, share=capacity / 12) for year, rule in r.rates.isf.items()}
        grant = Grant(f"more_{len(r.grants)}", "state", r.municipalities[0].number, 10.01 * part)
        return replace(r, rates=replace(rates, isf=isf), grants=(*r.grants, grant))

    def fewer(r: Region, part: float) -> Region:
        return replace(r, demand_changes=(*r.demand_changes, replace(change, factor=1 + (factor - 1) * part)))

    return region.ramped(
        draw(st.sampled_from([beds, municipal, merged, other_units, catchment, demand, fewer, money])),
        from_day=draw(st.integers(-20, 25)),
        ramp_days=draw(st.sampled_from([0, 0, 3, 30])),
    )
