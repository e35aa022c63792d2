"""The region as data, and that midt_norge holds what its sources say."""

from __future__ import annotations

import importlib.util
import math
import sys
from collections import Counter
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from capsim.demand.rates import is_holiday
from capsim.errors import InputError
from capsim.region.loading import load_region
from capsim.region.rates import ITEMS, IsfRule, PaymentRule, Rates
from capsim.region.region import (
    CHANGEABLE,
    AmbulantTeam,
    Duration,
    ElectiveType,
    Municipality,
    Region,
    Rules,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def mini() -> Region:
    return load_region("mini")


@pytest.fixture(scope="module")
def midt() -> Region:
    return load_region("midt_norge")


# --- the data model ----------------------------------------------------------------------------------


def test_a_duration_has_the_mean_and_variation_it_states() -> None:
    u = (np.arange(400_000) + 0.5) / 400_000
    days = Duration(4.0, 1.1).days(u)
    assert days.mean() == pytest.approx(4.0, rel=0.001)
    assert days.std() / days.mean() == pytest.approx(1.1, rel=0.01)
    exponential = Duration(4.0, 9.0, "exponential").days(u)
    assert exponential.mean() == pytest.approx(4.0, rel=0.001)
    assert exponential.std() == pytest.approx(4.0, rel=0.001)
    assert Duration(4.0, 0.0).days(u[:2]).tolist() == [4.0, 4.0]
    assert Duration(4.0, 9.0, "fixed").days(u[:2]).tolist() == [4.0, 4.0]


def test_a_dated_change_holds_from_its_day_on_and_no_earlier(mini: Region) -> None:
    def fewer(region: Region) -> Region:
        return replace(region, title=region.title + " −1")

    later = mini.changed(fewer, from_day=30).changed(fewer, from_day=10)
    assert [(phase.from_day, phase.region.title) for phase in later.phases()][1:] == [
        (10, "Miniregionen −1"),
        (30, "Miniregionen −1 −1"),
    ]
    assert later.phases()[0].region == mini
    assert [phase.from_day for phase in mini.changed(fewer).later] == [0]  # the warm-up is as it was


@pytest.mark.parametrize("name", sorted({f.name for f in fields(Rules)} - CHANGEABLE))
def test_a_rule_that_holds_for_the_whole_run_cannot_be_changed_on_a_day(mini: Region, name: str) -> None:
    """Nothing would come of it, and nobody would be told."""
    old = getattr(mini.rules, name)
    other = {bool: lambda: not old, int: lambda: old + 1, tuple: lambda: old[::-1]}
    new = other.get(type(old), lambda: (old or 0) / 2 + 0.2)()

    def change(region: Region) -> Region:
        return replace(region, rules=replace(region.rules, **{name: new}))

    if old != new:
        with pytest.raises(InputError, match=f"rules.{name}: .*holds for the whole run"):
            mini.changed(change)
    later = change(mini).changed(lambda region: replace(region, wards=())).later
    assert getattr(later[0].region.rules, name) == new


@pytest.mark.parametrize(
    ("name", "on", "off"),
    [
        ("stretch_after_days", 0.0, None),
        ("stretch_after_days", 5.0, None),
        ("housing_stretch_days", 0.0, None),
        ("ill_again_per_day", 0.1, 0.0),
    ],
)
def test_what_is_switched_off_stays_so(mini: Region, name: str, on: float, off: float | None) -> None:
    with_it, without = (replace(mini, rules=replace(mini.rules, **{name: value})) for value in (on, off))
    for before, after in ((with_it, without), (without, with_it)):
        with pytest.raises(InputError, match="holds for the whole run"):
            before.changed(lambda region, after=after: after)
    assert mini.changed(lambda region: with_it).later  # on, and stays on


def test_a_rule_changed_for_the_whole_run_is_no_change_of_a_later_day(mini: Region) -> None:
    """The phases there are keep their own rules, and further changes are not refused for it."""
    later = mini.changed(lambda region: replace(region, title="later"), from_day=30)
    whole = replace(later, rules=replace(later.rules, discharge_hour=14.0))
    assert [p.from_day for p in whole.changed(lambda r: replace(r, title="again"), from_day=10).later] == [
        10,
        30,
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: replace(r.rules, kad_sent_on_share=3), "Rules, kad_sent_on_share: found 3; must be a nu"),
        (lambda r: replace(r.rules, discharge_hour=99), "from 0 to 23.99"),
        (lambda r: replace(r.rules, discharge_hour="12"), "discharge_hour: found '12'; must be a number"),
        (lambda r: replace(r.rules, month_factor=(-1.0,) * 12), "month_factor: .*must be"),
        (
            lambda r: replace(r.rules, clinic_hour=None),
            "Rules, clinic_hour: found 'None'; must be a number from",
        ),
        (lambda r: replace(r.wards[0], beds=None), "beds: found 'None'; must be a whole number"),
        (
            lambda r: replace(r.rules, month_factor=(1.0,) * 3),
            "month_factor: .*must be a tuple of 12 numbers",
        ),
        (
            lambda r: replace(r.rules, month_factor=[1.0] * 12),
            "month_factor: .*must be a tuple of 12 numbers",
        ),
        (
            lambda r: replace(r.sessions[0], capacity=(9.0,) * 3),
            "Session .* .*, capacity: .*tuple of 7 numbers",
        ),
        (lambda r: replace(r.groups[0], share=[1.0]), "share: .*must be a tuple of numbers"),
        (lambda r: replace(r.municipalities[0], long_term_places=-1), "Municipality 9001, long_term"),
        (lambda r: replace(r.short_term_pools[0], places=-5), "ShortTermPool .*, places: found -5; must be"),
        (lambda r: replace(r.wards[0], beds=float("nan")), "Ward .*, beds: found nan; must be a whole"),
        (lambda r: replace(r.rules.kad_stay, mean_days=-1), "Duration, mean_days: found -1; must be"),
        (lambda r: replace(r.rules.kad_stay, shape="normal"), "must be one of: lognormal, exponential, fix"),
        (lambda r: replace(r.rules.kad_stay, cv=True), "Duration, cv: found True; must be"),
    ],
)
def test_numbers_set_in_python_are_checked_as_those_of_files(mini: Region, change, message: str) -> None:
    with pytest.raises(InputError, match=message):
        change(mini)


def test_an_unknown_id_is_answered_with_those_that_exist(mini: Region) -> None:
    assert mini.hospital("dalen").name == "Dalen sykehus"
    with pytest.raises(InputError, match="must be one of: fjordby, dalen"):
        mini.hospital("roros")


def test_a_patient_is_sent_by_the_types_own_shares_else_by_the_hospitals(mini: Region) -> None:
    hip, heart = mini.elective_type("hip_prosthesis"), mini.elective_type("heart_surgery")
    cataract = mini.elective_type("cataract")
    assert mini.general_site_share(hip, "9001") == (("fjordby", 1.0),)
    assert mini.general_site_share(hip, "9002") == (("dalen", 0.75), ("fjordby", 0.25))
    assert mini.general_site_share(heart, "9003") == (("fjordby", 1.0),)
    assert mini.general_site_share(cataract, "9003") == (("dalen", 0.95), ("fjordby", 0.05))
    moved = replace(mini, site_shares={("cataract", "9003"): (("fjordby", 1.0),)})
    assert moved.general_site_share(cataract, "9003") == (("fjordby", 1.0),)


def test_years_outside_the_table_pay_the_nearest_years_rate() -> None:
    rates = Rates(
        payment={2012: PaymentRule(4000.0, "registered"), 2024: PaymentRule(5745.0)},
        isf={2024: IsfRule(52_248.0, 0.4), 2025: IsfRule(54_394.0, 0.3)},
    )
    assert [rates.payment_for(year) for year in (2011, 2012, 2030)] == [4000.0, 4000.0, 5745.0]
    assert rates.payment_in(2011) == PaymentRule(4000.0, "registered")
    assert [rates.isf_in(year) for year in (2012, 2026)] == [rates.isf[2024], rates.isf[2025]]
    none = Rates()
    assert (none.payment_for(2024), none.payment_in(2024), none.isf_in(2024)) == (0.0, None, None)


def test_prices_follow_the_day_rate_that_no_lever_changed() -> None:
    table = {2018: PaymentRule(4747.0), 2024: PaymentRule(5745.0)}
    dearer = replace(Rates(table), payment={2024: PaymentRule(20_000.0)}, reference=table)
    assert dearer.payment_for(2024) == 20_000.0
    for rates in (Rates(table), dearer):
        assert rates.level(2026) / rates.level(2018) == pytest.approx(5745 / 4747)
    assert Rates().level(2024) == 1.0


def test_a_day_costs_the_rate_times_the_last_step_reached() -> None:
    stepped = PaymentRule(5000.0, free_days=1, steps=((3, 1.5), (5, 2.0)))
    assert [stepped.factor(n) for n in range(1, 7)] == [0.0, 1.0, 1.5, 1.5, 2.0, 2.0]
    assert PaymentRule(5000.0).factor(1) == 1.0


def test_a_teams_visits_follow_staff_and_driving(mini: Region) -> None:
    team = AmbulantTeam("t", "T", "dalen", ("9002", "9003"), (1,) * 7)
    people = {number: mini.municipality(number).inhabitants for number in ("9002", "9003")}
    way = (7 * people["9002"] + 42 * people["9003"]) / sum(people.values())
    assert team.visits_per_day(mini) == pytest.approx(420 / (60 + 2 * way / 3))
    assert replace(team, staff_by_weekday=(0.5,) * 7).visits_per_day(mini) == pytest.approx(
        team.visits_per_day(mini) / 2
    )
    assert replace(team, digital_share=1.0).visits_per_day(mini) == pytest.approx(7.0)
    assert replace(team, visits_first_day=3.0, visits_last_day=1.0).places(mini) == int(
        team.visits_per_day(mini) / 2
    )


# --- the shipped regions -------------------------------------------------------------------------------


def test_mini_uses_every_part(mini: Region) -> None:
    assert {hospital.tier for hospital in mini.hospitals} == {"regional", "local"}
    assert {kind.kind for kind in mini.elective_types} == {"surgery", "day_surgery", "planned_stay"}
    assert {kind.minimum_tier for kind in mini.elective_types} == {"regional", "local"}
    assert mini.kad_units
    assert mini.teams
    assert mini.teams[0].places(mini) > 0
    assert Counter(m.short_term_pool for m in mini.municipalities).most_common(1)[0][1] == 2  # one is shared
    assert any(kind.site_share for kind in mini.elective_types)
    assert {kind.stream for kind in mini.acute_types} == {"phv", "tsb", "birth"}
    assert {specialty.sector for specialty in mini.specialties} == {"somatic", "phv", "tsb"}
    assert any(kind.stay is not None and kind.needs_housing for kind in mini.elective_types)
    assert {kind.kind for kind in mini.visit_types} == {"recurring", "clinic"}
    assert any(ward.outlier for ward in mini.wards)
    assert any(ward.weekend_beds is not None for ward in mini.wards)
    assert any(ward.summer_beds is not None for ward in mini.wards)
    assert all(age.dies and age.readmitted and age.needs_long_term for age in mini.ages)
    assert {team.kind for team in mini.teams} == {"somatic", "follow_up", "fact"}
    assert {s.staff_pool for s in (*mini.sessions, *mini.short_term_pools, *mini.teams)} == {
        "",
        "dalen_staff",
    }
    assert mini.clinics
    assert mini.rates.isf
    assert set(mini.rates.prices) == set(ITEMS)
    assert mini.registrations
    assert {bool(team.municipal_share) for team in mini.teams} == {True, False}
    assert not mini.referral_pools  # a joint intake is a lever's


def _builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_midt_norge", ROOT / "tools" / "build_midt_norge.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_midt_norge_is_what_its_script_builds(tmp_path: Path) -> None:
    _builder().main(tmp_path)
    shipped = ROOT / "capsim" / "region" / "data" / "midt_norge"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in shipped.iterdir())
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (shipped / path.name).read_bytes(), path.name


def test_midt_norge_has_the_published_population(midt: Region) -> None:
    assert len(midt.municipalities) == 65
    assert midt.inhabitants == 753_580
    assert sum(place.population[-1] for place in midt.municipalities) == 37_586
    by_hospital = Counter[str]()
    for place in midt.municipalities:
        by_hospital[place.catchment] += round(place.inhabitants)
    assert by_hospital == {
        "stolav": 290_641,
        "orkdal": 55_977,
        "levanger": 98_667,
        "namsos": 37_671,
        "snr": 112_077,
        "alesund": 107_881,
        "volda": 50_666,
    }


def _per_1000(region: Region, rates: tuple[float, ...]) -> float:
    counts = [
        sum(n * rate for n, rate in zip(m.population, rates, strict=True)) for m in region.municipalities
    ]
    return sum(counts) / region.inhabitants


PUBLISHED_ACUTE = (59, 59, 175, 330, 480)  # per 1000 by age, all stays
PUBLISHED_NEED = (0.065, 0.065, 0.24, 0.24, 0.57)


def _somatic(region: Region) -> list[ElectiveType]:
    sector = {specialty.id: specialty.sector for specialty in region.specialties}
    return [t for t in region.elective_types if sector[t.specialty] == "somatic"]


def test_midt_norge_has_the_rates_of_its_sources(midt: Region) -> None:
    acute = _per_1000(midt, PUBLISHED_ACUTE)
    elective = _per_1000(midt, tuple(age.elective_per_1000 for age in midt.ages))
    assert acute + elective == pytest.approx(149, abs=0.5)
    assert acute / (acute + elective) == pytest.approx(0.68, abs=0.01)
    kinds = {
        kind: sum(_per_1000(midt, t.per_1000) for t in _somatic(midt) if t.kind == kind)
        for kind in ("surgery", "planned_stay", "day_surgery")
    }
    assert kinds["surgery"] == pytest.approx(21.0, abs=0.01)
    assert kinds["surgery"] + kinds["planned_stay"] == pytest.approx(elective, abs=0.001)
    assert kinds["day_surgery"] == pytest.approx(37.0, abs=0.01)
    for position, age in enumerate(midt.ages):
        inpatient = sum(t.per_1000[position] for t in _somatic(midt) if t.kind != "day_surgery")
        assert inpatient == pytest.approx(age.elective_per_1000, abs=1e-9)
    hips = _per_1000(midt, midt.elective_type("hip_prosthesis").per_1000)
    assert hips == pytest.approx(1000 * (444 + 423 + 262) / 725_600, abs=0.001)


def test_index_births_readmissions_and_kad_add_up_to_the_published_acute_rate(midt: Region) -> None:
    """Reckoned anew from the tables, group by group: what a patient of the model has before them."""
    rules = midt.rules
    use = {unit.id: unit.use_rate for unit in midt.kad_units}
    birth = next(t for t in midt.acute_types if t.stream == "birth")
    totals, ready, index_again = [], [], []
    for a, age in enumerate(midt.ages):
        share = np.array([g.share[a] for g in midt.groups])
        weight = share * [g.acute_multiplier for g in midt.groups]
        weight /= weight.sum()
        need, again = (
            np.array([getattr(g, name) for g in midt.groups])
            for name in ("need_multiplier", "readmission_multiplier")
        )
        need, again = need / (weight @ need), again / (weight @ again)
        people = np.array([m.population[a] for m in midt.municipalities])
        used = people @ [use[m.kad_unit] for m in midt.municipalities] / people.sum()
        kad = 0.96 * age.acute_per_1000 * age.kad_suitable * used
        sent_on = rules.kad_sent_on_share * (kad + 0.96 * age.kad_own_per_1000)
        stays = (age.acute_per_1000 - kad + sent_on) * weight
        planned = age.elective_per_1000 * share

        def returning(stays: np.ndarray, dies: float, age=age, need=need, again=again) -> np.ndarray:  # type: ignore[no-untyped-def]
            needs = age.needs_municipality * need / (1 - dies)
            chance = age.readmitted * again * (1 + needs * (rules.readmission_need_factor - 1))
            return stays * (1 - dies) * chance

        first = returning(stays, age.dies) + returning(planned, 0.0)
        second = returning(first, age.dies)
        born = birth.per_1000[a] * (1 + birth.readmitted + birth.readmitted**2)
        acute = stays + first + second
        totals.append(acute.sum() + born)
        everyone = acute.sum() + born + age.elective_per_1000
        ready.append(age.needs_municipality * ((acute + planned) @ need) / everyone)
        alive = acute.sum() * (1 - age.dies) + age.elective_per_1000
        index_again.append((first.sum() + second.sum()) / alive)
    assert totals == pytest.approx(PUBLISHED_ACUTE, rel=0.005)
    assert ready == pytest.approx(PUBLISHED_NEED, rel=0.005)
    assert index_again == pytest.approx([0.06, 0.09, 0.13, 0.17, 0.178], rel=0.01)


def test_births_are_those_of_the_sources(midt: Region) -> None:
    birth = next(t for t in midt.acute_types if t.stream == "birth")
    assert _per_1000(midt, birth.per_1000) * midt.inhabitants / 1000 == pytest.approx(
        4000 + 835 + 314 + 756 + 1350 + 424, abs=1
    )
    takes = {h.id for h in midt.hospitals if birth.specialty in h.emergency}
    assert takes == {h.id for h in midt.hospitals} - {"orkdal"}


def test_mental_health_has_the_published_admissions_and_fills_its_beds(midt: Region) -> None:
    share = midt.inhabitants / 5_550_203
    planned = [t for t in midt.elective_types if t not in _somatic(midt)]
    for stream, published, beds in (("phv", 45_700 * share, 488), ("tsb", 2942, 78)):
        of_specialty = {s.id for s in midt.specialties if s.sector == stream}
        count = days = 0.0
        for t in midt.acute_types:
            if t.stream == stream:
                n = _per_1000(midt, t.per_1000) * (1 + t.readmitted + t.readmitted**2)
                count, days = count + n, days + n * t.stay.mean_days
        for p in planned:
            if p.specialty in of_specialty and p.stay is not None:
                n = _per_1000(midt, p.per_1000) * 1.09
                count, days = count + n, days + n * p.stay.mean_days
        assert count * midt.inhabitants / 1000 == pytest.approx(published, rel=0.02)
        wards = [w for w in midt.wards if set(w.specialties) <= of_specialty]
        assert sum(w.beds for w in wards) == beds
        assert days * midt.inhabitants / 1000 / 365 / beds == pytest.approx(0.8, abs=0.02)


def test_outpatients_of_st_olavs_add_up(midt: Region) -> None:
    near = {m.number for m in midt.municipalities if m.catchment in ("stolav", "orkdal")}
    total = 0.0
    for visit in midt.visit_types:
        for m in midt.municipalities:
            visits = sum(n * rate / 1000 for n, rate in zip(m.population, visit.per_1000, strict=True))
            there = 1.0 if m.number in near else visit.regional_share
            total += visits * there * (1 - visit.private_share)
    open_days = 365 - 104 - 10 - 0.4 * 30  # weekends, holidays on weekdays, summer weeks
    slots = sum(c.slots[0] for c in midt.clinics if c.hospital in ("stolav", "orkdal"))
    assert total + slots / 1.05 * open_days == pytest.approx(465_651, rel=0.01)
    private = sum(_per_1000(midt, v.per_1000) * v.private_share for v in midt.visit_types)
    seen = sum(c.slots[0] for c in midt.clinics) / 1.05 * open_days / midt.inhabitants * 1000
    everyone = sum(_per_1000(midt, v.per_1000) for v in midt.visit_types) + seen
    assert 0.18 < private / everyone < 0.24


def test_elective_stays_keep_their_mean_whatever_the_type(midt: Region) -> None:
    inpatient = [t for t in _somatic(midt) if t.kind != "day_surgery"]
    for position, age in enumerate(midt.ages):
        factor = sum(t.per_1000[position] * t.stay_factor for t in inpatient) / age.elective_per_1000
        assert factor == pytest.approx(1.0, abs=0.01)


def test_kad_demand_is_4_1_per_1000_of_which_a_third_replaces_a_stay(midt: Region) -> None:
    use = {unit.id: unit.use_rate for unit in midt.kad_units}

    def replaced(place: Municipality) -> float:
        rates = (
            (n, a.acute_per_1000 * a.kad_suitable) for n, a in zip(place.population, midt.ages, strict=True)
        )
        return sum(n * rate for n, rate in rates) * use[place.kad_unit] / midt.inhabitants

    substitutes = sum(map(replaced, midt.municipalities))
    own = _per_1000(midt, tuple(age.kad_own_per_1000 for age in midt.ages))
    assert substitutes + own == pytest.approx(4.1, abs=0.001)
    assert substitutes == pytest.approx(4.1 / 3, abs=0.001)
    assert (len(midt.kad_units), sum(unit.beds for unit in midt.kad_units)) == (25, 79)


def test_beds_and_places_add_up(midt: Region) -> None:
    days = [midt.start + timedelta(i) for i in range(365)]
    kinds = Counter(
        (day.weekday() >= 5 or is_holiday(day), 27 <= day.isocalendar().week <= 32) for day in days
    )
    sector = {specialty.id: specialty.sector for specialty in midt.specialties}
    beds = Counter[str]()
    for ward in midt.wards:
        if sector[ward.specialties[0]] == "somatic":
            beds[ward.hospital] += sum(n * ward.staffed(*kind) for kind, n in kinds.items()) / 365
    published = {"stolav": 640, "orkdal": 60, "levanger": 163, "namsos": 63, "snr": 187, "alesund": 166,
                 "volda": 82}  # fmt: skip
    assert beds == pytest.approx(published, abs=1.5)
    places = {pool.id: pool.places for pool in midt.short_term_pools}
    for place in midt.municipalities:
        needing = sum(
            n * (acute + age.elective_per_1000) / 1000 * need * age.needs_short_term
            for n, age, acute, need in zip(
                place.population, midt.ages, PUBLISHED_ACUTE, PUBLISHED_NEED, strict=True
            )
        )
        load = needing * 0.88 * midt.rules.short_term_stay.mean_days / 365  # the readmitted leave early
        wanted = load + max(5.1, 0.85 * math.sqrt(load))
        assert abs(places[place.short_term_pool] - wanted) < 1


def test_somatic_wards_overflow_within_the_hospital_medical_ones_to_medical_first(midt: Region) -> None:
    wards = {ward.id: ward for ward in midt.wards}
    assert wards["levanger_medicine"].outlier == ("levanger_surgery",)
    assert wards["stolav_neurology"].outlier[:3] == (
        "stolav_general_medicine", "stolav_cardiopulmonary", "stolav_oncology",
    )  # fmt: skip
    for closed in ("stolav_obstetrics", "stolav_phv", "alesund_tsb", "volda_dps"):
        assert not wards[closed].outlier
        assert all(closed not in ward.outlier for ward in midt.wards)


def test_the_projection_has_the_published_totals_and_is_no_copy(midt: Region) -> None:
    years = midt.populations
    assert sorted(years) == [2024, 2026, 2030, 2040]
    assert years[2024] == {m.number: m.population for m in midt.municipalities}
    more = [number for number in years[2040] if number.startswith("15")]
    assert sum(sum(years[2040][number]) for number in more) == 278_653
    assert sum(years[2040]["1506"]) == 34_409
    assert sum(sum(years[2040][number][3:]) for number in more) == pytest.approx(40_939, abs=30)
    aged = {year: sum(people[-1] for people in rows.values()) for year, rows in years.items()}
    assert 1.6 < aged[2040] / aged[2024] < 2.0
    assert aged[2024] < aged[2026] < aged[2030] < aged[2040]
    for earlier, later in ((2026, 2030), (2030, 2040)):
        assert all(years[earlier][number] != years[later][number] for number in years[2024])


def test_every_rule_and_rate_of_midt_norge_has_a_source(midt: Region) -> None:
    assert all(source for name, (source, _) in midt.sources.items() if name not in ("name", "title", "start"))
    years = set(range(2012, 2027))
    assert set(midt.rates.payment) == set(midt.rates.isf) == years
    assert set(midt.rates.prices) == set(ITEMS)
    assert midt.rates.payment_for(2024) == 5745
    assert midt.sources["payment_nok_per_day.2013"][1] == "derived"
    assert {year for year in years if midt.sources[f"isf.{year}"][1] == "quoted"} == {2018, 2020, 2024}
    assert midt.sources["price.bed_day"][1] == "assumption"


def test_the_betalingsplikt_of_midt_norge_has_its_reforms(midt: Region) -> None:
    for year, rule in midt.rates.payment.items():
        somatic = year < 2019
        assert rule.payer == ("registered" if somatic else "stay")
        assert rule.sectors == (("somatic",) if somatic else ("somatic", "phv", "tsb"))
    assert midt.registrations == ()


def test_isf_has_the_quoted_prices_and_shares_and_grows_between_them(midt: Region) -> None:
    isf = midt.rates.isf
    quoted = {2018: 43_428, 2020: 45_808, 2024: 52_248}
    assert {year: isf[year].unit_price_nok for year in quoted} == quoted
    prices = [isf[year].unit_price_nok for year in sorted(isf)]
    assert prices == sorted(prices)
    assert isf[2022].unit_price_nok ** 2 == pytest.approx(45_808 * 52_248, rel=1e-4)
    assert isf[2012].unit_price_nok / 43_428 == pytest.approx(4000 / 4747, rel=1e-4)
    assert isf[2026].unit_price_nok / 52_248 == pytest.approx(6220 / 5745, rel=1e-4)
    shares = {0.4: (2012, 2013, 2023, 2024), 0.5: range(2014, 2023), 0.3: (2025, 2026)}
    assert all(isf[year].share == share for share, those in shares.items() for year in those)
    unfunded = {s.id for s in midt.specialties if s.sector != "somatic"}
    kinds = (*midt.acute_types, *midt.elective_types, *midt.visit_types)
    assert all((kind.drg_weight == 0) == (kind.specialty in unfunded) for kind in kinds)
    assert all((s.drg_weight == 0) == (s.id in unfunded) for s in midt.specialties)


def test_capacity_costs_what_the_average_has_above_the_marginal_at_a_normal_use(midt: Region) -> None:
    use = {
        name: price.capacity_nok / (price.average_nok - price.marginal_nok)
        for name, price in midt.rates.prices.items()
        if price.capacity_nok
    }
    assert use == pytest.approx(
        {"bed_day": 0.87, "bed_day_phv": 0.77, "bed_day_tsb": 0.83, "theatre_minute": 0.98,
         "clinic_visit": 0.99, "short_term_day": 0.9, "long_term_day": 0.98, "housing_day": 0.98,
         "kad_day": 0.45, "home_care_start": 0.9, "team_staff_day": 1.0}
    )  # fmt: skip
    flat = [price for name, price in midt.rates.prices.items() if name not in use]
    assert all(price.average_nok == price.marginal_nok for price in flat)
    assert {midt.rates.prices[name].year for name in ITEMS if name != "travel_km"} == {2024}
