"""Who answers to the day rate, how much and when: by hand, and nothing at all at the reference rate."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from scipy import stats

from capsim.analysis.delays import delay_days
from capsim.demand.patients import sample_patients
from capsim.errors import InputError
from capsim.models import Records, simulate
from capsim.models.pathway import DAY, NEVER, Need
from capsim.models.responding import mean_rate, responded, short_term_per_day
from capsim.queueing import mm
from capsim.region.loading import load_region
from capsim.region.rates import PaymentRule, Price, Rates, Response
from capsim.region.region import Region, ShortTermPool
from capsim.scenarios.evidence import RESPONSE_EFFECTS
from capsim.scenarios.levers import ScaleDemand, SetPaymentRate, SetPaymentRule, SetResponse
from tests.levers import in_force
from tests.regions import TEXTBOOK, exponential, queue_region

RATE = 5745.0
BANDS = ("low", "central", "high")


@pytest.fixture(scope="module")
def mini() -> Region:
    """mini with one year's rate, so that a rate twice as high is so in every year."""
    mini = load_region("mini")
    return replace(mini, rates=replace(mini.rates, payment={2024: PaymentRule(RATE)}))


def answers(region: Region, response: Response) -> Region:
    """The region in all of its phases with a response."""
    later = tuple(replace(p, region=replace(p.region, response=response)) for p in region.later)
    return replace(region, response=response, later=later)


def at_rate(region: Region, nok: float, response: Response, from_day: int = 0) -> Region:
    """What the region has become well after the rate has changed."""
    changed = SetPaymentRate(nok, from_day=from_day).apply(region) if nok != RATE else region
    return in_force(responded(answers(changed, response)), 10_000)


ELASTIC = Response("elastic", time=0.5, places=0.05)


# --- what the rate is


@pytest.mark.parametrize(
    ("rule", "share"),
    [
        (PaymentRule(100.0), 1.0),
        (PaymentRule(100.0, free_days=1), 0.7),
        (PaymentRule(100.0, free_days=2), 0.49),
        (PaymentRule(100.0, notice_days=1), 0.7),
        (PaymentRule(100.0, free_days=1, notice_days=1), 0.7),  # the same night
        (PaymentRule(100.0, free_days=2, notice_days=1), 0.49),
        (PaymentRule(100.0, steps=((3, 2.0),)), 0.51 + 2 * 0.49),
        (PaymentRule(100.0, free_days=1, steps=((2, 0.5), (3, 3.0))), 0.21 * 0.5 + 0.49 * 3),
        (PaymentRule(100.0, sectors=("phv", "tsb")), 0.0),
        (PaymentRule(0.0), 0.0),
        (None, 0.0),
    ],
)
def test_the_mean_rate_is_what_a_delay_costs(rule: PaymentRule | None, share: float) -> None:
    """Of those who wait a night 0.7 wait another: the n-th night is 0.3 x 0.7^(n - 1) of all."""
    assert mean_rate(rule) == pytest.approx(100 * share, abs=1e-6)


# --- nothing


FULL = Response("elastic", True, time=0.7, places=0.3, reported=0.2)


def test_nobody_answers_unless_the_region_says_so(mini: Region) -> None:
    changed = SetPaymentRate(2 * RATE).apply(mini)
    assert responded(changed) is changed


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3, 0.9, 1.0])
def test_nobody_answers_to_the_reference_rate(mini: Region, share: float) -> None:
    """Not a bit changes: also when a lever sets the rate that was there, or only free days that no
    delay reaches."""
    rules = replace(mini.rules, notified_early_share=share)
    towns = tuple(replace(m, answered_in_time=share) for m in mini.municipalities)
    region = replace(mini, rules=rules, municipalities=towns)
    same = replace(region.rates, payment={2024: PaymentRule(RATE, steps=((61, 3.0),))})
    same = replace(same, reference=region.rates.payment)
    for changed in (region, region.changed(lambda r: replace(r, rates=same), from_day=3)):
        for phase in responded(answers(changed, FULL)).phases():
            assert replace(phase.region, rates=region.rates) == region


def test_what_is_not_paid_for_in_somatic_care_moves_nobody(mini: Region) -> None:
    rule = PaymentRule(RATE, sectors=("phv",))
    region = replace(mini, rates=replace(mini.rates, payment={2024: rule}))
    changed = SetPaymentRate(3 * RATE).apply(region)
    for phase in responded(answers(changed, FULL)).phases():
        assert replace(phase.region, rates=region.rates) == region


# --- elastic municipalities


def test_elastic_municipalities_by_hand(mini: Region) -> None:
    """Twice the rate: waits by 2^-0.5 = 0.7071, places by 2^0.05 = 1.0353."""
    twice = at_rate(mini, 2 * RATE, ELASTIC)
    for before, after in zip(mini.municipalities, twice.municipalities, strict=True):
        assert 1 - after.answered_in_time == pytest.approx((1 - before.answered_in_time) * 0.5**0.5)
        assert after.response_days == pytest.approx(before.response_days * 0.5**0.5)
        assert after.home_care_starts_per_day == before.home_care_starts_per_day
    assert twice.rules.complex_home_care_days == pytest.approx(mini.rules.complex_home_care_days * 0.5**0.5)
    assert twice.rules.stretch_after_days == pytest.approx(7 * 0.5**0.5)
    assert twice.rules.notified_early_share == mini.rules.notified_early_share
    assert twice.ages == mini.ages
    whole = replace(
        mini, short_term_pools=(ShortTermPool("a", 100), ShortTermPool("b", 14), ShortTermPool("c", 0))
    )
    assert [p.places for p in at_rate(whole, 2 * RATE, ELASTIC).short_term_pools] == [
        104,
        14,
        0,
    ]  # 103.5, 14.49
    assert [p.places for p in at_rate(whole, RATE / 2, ELASTIC).short_term_pools] == [97, 14, 0]  # 96.6, 13.5
    never = replace(mini, rules=replace(mini.rules, stretch_after_days=None))
    assert at_rate(never, 2 * RATE, ELASTIC).rules.stretch_after_days is None


def test_a_lower_rate_cannot_make_more_than_everybody_late(mini: Region) -> None:
    quarter = at_rate(mini, RATE / 4, replace(ELASTIC, time=2.0))
    assert all(0 <= m.answered_in_time <= 1 for m in quarter.municipalities)
    late = [1 - m.answered_in_time for m in mini.municipalities]
    assert [1 - m.answered_in_time for m in quarter.municipalities] == pytest.approx(
        [min(1.0, 16 * share) for share in late]
    )


def test_the_answer_is_bounded(mini: Region) -> None:
    for nok, bound in ((0.0, RATE / 4), (1.0, RATE / 4), (1_000_000.0, RATE * 4)):
        far, near = (at_rate(mini, x, FULL) for x in (nok, bound))
        assert replace(far, rates=near.rates) == near
    own = replace(FULL, bounds=(0.5, 1.5))
    far, near = (at_rate(mini, x, own) for x in (1_000_000.0, RATE * 1.5))
    assert replace(far, rates=near.rates) == near


def test_there_is_staff_for_a_tenth_more_places_and_no_more(mini: Region) -> None:
    pools = (ShortTermPool("a", 100), ShortTermPool("b", 30))
    region = replace(mini, short_term_pools=pools)
    eager = Response("elastic", places=2.0)
    assert [p.places for p in at_rate(region, 2 * RATE, eager).short_term_pools] == [110, 33]
    assert [p.places for p in at_rate(region, RATE / 2, eager).short_term_pools] == [25, 8]  # no cap on fewer
    less = replace(eager, staff_cap=0.02)
    assert [p.places for p in at_rate(region, 2 * RATE, less).short_term_pools] == [102, 31]


def answer(region: Region) -> tuple[float, ...]:
    """What an answer moves, all of it upwards with the rate."""
    r = region.rules
    return (
        *(m.answered_in_time for m in region.municipalities),
        *(-m.response_days for m in region.municipalities),
        *(p.places for p in region.short_term_pools),
        -r.complex_home_care_days,
        -(r.stretch_after_days or 0.0),
        r.notified_early_share,
        *(a.needs_municipality for a in region.ages),
    )


@pytest.mark.parametrize("x", [0.1, 0.5, 0.9, 1.0, 1.1, 2.0, 10.0])
def test_the_band_opens_away_from_the_reference_rate(mini: Region, x: float) -> None:
    """Of every parameter |low| <= |central| <= |high|, in the direction of the rate; all of them
    exactly nothing at the reference, and the low end of the band always."""
    many = replace(mini, short_term_pools=(ShortTermPool("fjordby_places", 1000),))
    none = np.array(answer(many))
    moved = []
    for band in BANDS:
        lever = SetResponse("elastic", "reporting", band, delay_days=0)  # type: ignore[arg-type]
        changed = SetPaymentRate(x * RATE).apply(many) if x != 1 else many
        response = lever.changed(many, 1.0).response
        assert response.time == {e.what: getattr(e, band) for e in RESPONSE_EFFECTS}["time"]
        after = in_force(responded(answers(changed, response)), 10_000)
        moved.append((np.array(answer(after)) - none) * np.sign(x - 1))
    low, central, high = moved
    assert (low == 0).all()
    assert (central >= 0).all()
    assert (high >= central).all()
    if x != 1:
        assert (high > central).any()
        assert (central > 0).sum() > 5


# --- when


def test_municipalities_answer_after_months_and_hospitals_at_once(mini: Region) -> None:
    region = SetPaymentRate(2 * RATE, from_day=40).apply(mini)
    region = SetPaymentRate(RATE, from_day=140).apply(region)
    after = responded(answers(region, replace(FULL, delay_days=180)))
    twice = at_rate(mini, 2 * RATE, replace(FULL, delay_days=0))
    for day, municipal, hospitals in (
        (-500, mini, mini), (39, mini, mini), (40, mini, twice), (139, mini, twice), (140, mini, mini),
        (219, mini, mini), (220, twice, mini), (319, twice, mini), (320, mini, mini), (9999, mini, mini),
    ):  # fmt: skip
        now = in_force(after, day)
        assert now.municipalities == municipal.municipalities, day
        assert now.short_term_pools == municipal.short_term_pools, day
        assert now.rules.stretch_after_days == municipal.rules.stretch_after_days, day
        assert now.ages == hospitals.ages, day
        assert now.rules.notified_early_share == hospitals.rules.notified_early_share, day
        assert now.response == Response()


def test_the_reference_rises_every_year_and_a_fixed_rate_does_not(mini: Region) -> None:
    """11 490 is twice 5745 in 2024, and 1.92 times 5981 from 2025; day 366 is New Year."""
    payment = {2024: PaymentRule(RATE), 2025: PaymentRule(5981.0)}
    region = replace(mini, rates=replace(mini.rates, payment=payment), start=date(2024, 1, 1))
    after = responded(answers(SetPaymentRate(2 * RATE).apply(region), replace(ELASTIC, delay_days=10)))
    days = mini.municipalities[0].response_days
    for day, x in ((9, 1.0), (10, 2.0), (375, 2.0), (376, 2 * RATE / 5981), (2000, 2 * RATE / 5981)):
        now = in_force(after, day).municipalities[0].response_days
        assert now == pytest.approx(days * x**-0.5), day


def test_what_another_lever_does_later_is_answered_to_as_well(mini: Region) -> None:
    """A change of the region after the rate's is kept, and answered to."""
    more = tuple(replace(p, places=p.places + 100) for p in mini.short_term_pools)
    region = SetPaymentRate(2 * RATE).apply(mini)
    region = region.changed(lambda r: replace(r, short_term_pools=more), from_day=50)
    after = responded(answers(region, replace(ELASTIC, delay_days=20)))
    at = [in_force(after, day).short_term_pools[0].places for day in (0, 19, 20, 49, 50)]
    few, many = mini.short_term_pools[0].places, more[0].places
    grown = [int(n * 2**0.05 + 0.5) for n in (few, many)]
    assert at == [few, few, grown[0], grown[0], grown[1]]


LATE = 60


def test_nothing_happens_before_the_answer(mini: Region) -> None:
    """Every time before the day of the answer is the same to the second, and the others are not."""
    response = Response("elastic", time=0.5, places=1.0, delay_days=LATE)
    region = answers(SetPaymentRate(4 * RATE).apply(mini), response)
    patients = sample_patients(mini, 120, 30, scenarios=(region,))
    alone, answered = simulate(mini, patients), simulate(region, patients)
    assert not alone.equals(answered)
    for column in alone.stays.__dataclass_fields__:
        before, after = getattr(alone.stays, column), getattr(answered.stays, column)
        if before.dtype != np.int64 or column in ("ready", "can_receive"):  # written for days ahead
            continue
        early = [np.where((t != NEVER) & (t < LATE * DAY), t, NEVER) for t in (before, after)]
        assert np.array_equal(*early), column


# --- hospitals that report


def test_hospitals_report_more_and_earlier_at_a_higher_rate(mini: Region) -> None:
    """Twice the rate with exponent 0.5: needs times 1.414, at most everybody; late notices divided."""
    response = Response(reporting=True, reported=0.5)
    region = replace(mini, rules=replace(mini.rules, notified_early_share=0.4))
    ages = tuple(replace(a, needs_municipality=s) for a, s in zip(mini.ages, (0.1, 0.5, 0.9), strict=True))
    region = replace(region, ages=ages)
    twice, half = at_rate(region, 2 * RATE, response), at_rate(region, RATE / 2, response)
    root = 2**0.5
    assert [a.needs_municipality for a in twice.ages] == pytest.approx([0.1 * root, 0.5 * root, 1.0])
    assert [a.needs_municipality for a in half.ages] == pytest.approx([0.1 / root, 0.5 / root, 0.9 / root])
    assert twice.rules.notified_early_share == pytest.approx(1 - 0.6 / root)
    assert half.rules.notified_early_share == pytest.approx(1 - 0.6 * root)
    assert twice.municipalities == half.municipalities == region.municipalities


def reported(records: Records) -> int:
    """Stays declared ready with a need, day 0 on."""
    s = records.stays
    return int(((records.itinerary.need != Need.NOTHING) & (s.ready >= 0)).sum())


def test_more_are_reported_ready_at_a_higher_rate_and_fewer_at_a_lower(mini: Region) -> None:
    response = Response(reporting=True, reported=0.3)
    scenarios = [answers(SetPaymentRate(x * RATE, from_day=-30).apply(mini), response) for x in (0.5, 2.0)]
    for replication in range(3):
        patients = sample_patients(mini, 200, 30, 5, replication, scenarios=scenarios)
        half, base, twice = (reported(simulate(r, patients)) for r in (scenarios[0], mini, scenarios[1]))
        assert half < 0.95 * base < base < 0.95 * twice


# --- places at minimal cost


def cheapest(rate: float, cost: float, per_day: float, stay: float) -> int:
    """By trying every number of places that the load leaves stable."""
    load = per_day * stay
    tried = range(int(load) + 1, int(load) + 60)
    return min(tried, key=lambda n: (rate * mm(n, per_day, stay).waiting + cost * n, n))


def priced(region: Region, rate: float, cost: float, price_year: int = 2024) -> Region:
    rates = Rates({2024: PaymentRule(rate)}, prices={"short_term_day": Price(cost, 0.0, 0.0, price_year)})
    return replace(region, rates=rates, response=Response("cost_minimising"))


CASES = [
    (4.0, 0.5, 10.0, 5745.0, 4750.0),  # half of four a day for ten days: a load of 20
    (1.0, 1.0, 0.9, 5745.0, 400.0),
    (30.0, 0.1, 20.0, 5745.0, 4750.0),
    (30.0, 0.1, 20.0, 50_000.0, 4750.0),
    (30.0, 0.1, 20.0, 100.0, 4750.0),
    (0.5, 0.2, 3.0, 5745.0, 50.0),
]


@pytest.mark.parametrize(("acute", "need", "stay", "rate", "cost"), CASES)
def test_a_municipality_buys_the_places_that_are_cheapest(
    acute: float, need: float, stay: float, rate: float, cost: float
) -> None:
    region = queue_region(
        acute_per_day=acute, stay=exponential(1.0), places=1, needs_place=need, place_stay=exponential(stay)
    )
    assert short_term_per_day(region) == pytest.approx([acute * need])
    best = cheapest(rate, cost, acute * need, stay)
    bought = responded(priced(region, rate, cost))
    assert [p.places for p in bought.short_term_pools] == [best]
    assert bought.later == ()
    for own in (best, best + 7):
        enough = replace(region, short_term_pools=(ShortTermPool(region.short_term_pools[0].id, own),))
        assert [p.places for p in responded(priced(enough, rate, cost)).short_term_pools] == [own]
    nothing = responded(priced(region, 0.0, cost))
    assert [p.places for p in nothing.short_term_pools] == [1]


def test_more_is_bought_at_a_higher_rate_some_months_after_it() -> None:
    rates = [500.0, 5745.0, 50_000.0]
    best = [cheapest(rate, 4750.0, 3.0, 20.0) for rate in rates]
    assert best == sorted(set(best))
    region = queue_region(
        acute_per_day=30.0, stay=exponential(1.0), places=1, needs_place=0.1, place_stay=exponential(20.0)
    )
    region = priced(region, rates[0], 4750.0)
    for day, rate in ((10, rates[1]), (50, rates[2]), (60, 0.0)):
        region = SetPaymentRate(rate, from_day=day).apply(region)
    after = responded(answers(region, Response("cost_minimising", delay_days=100)))
    places = [in_force(after, day).short_term_pools[0].places for day in (109, 110, 149, 150, 159, 160)]
    assert places == [best[0], best[1], best[1], best[2], best[2], 1]  # and none where a day costs nothing


def test_a_place_is_priced_in_the_year_of_the_decision() -> None:
    """A place of 2018 at 3925 costs 4750 in 2024: 3925 x 5745 / 4747."""
    region = queue_region(
        acute_per_day=30.0, stay=exponential(1.0), places=1, needs_place=0.1, place_stay=exponential(20.0)
    )
    rates = Rates(
        {2018: PaymentRule(4747.0), 2024: PaymentRule(5745.0)},
        prices={"short_term_day": Price(1000.0, 0.0, 0.0, 2018)},
    )
    bought = responded(replace(region, rates=rates, response=Response("cost_minimising")))
    best = cheapest(5745.0, 1000.0 * 5745 / 4747, 3.0, 20.0)
    assert [p.places for p in bought.short_term_pools] == [best]
    assert best != cheapest(5745.0, 1000.0 * 4747 / 5745, 3.0, 20.0)


def test_those_who_share_a_pool_buy_together() -> None:
    region = queue_region(
        acute_per_day=10.0, stay=exponential(1.0), places=1, needs_place=0.1,
        place_stay=exponential(20.0), copies=3,
    )  # fmt: skip
    shared = tuple(replace(m, short_term_pool="ph000") for m in region.municipalities[:2])
    region = replace(region, municipalities=(*shared, region.municipalities[2]))
    bought = responded(priced(region, RATE, 4750.0))
    assert [p.places for p in bought.short_term_pools] == [
        cheapest(RATE, 4750.0, 2.0, 20.0),
        1,  # nobody's
        cheapest(RATE, 4750.0, 1.0, 20.0),
    ]


def test_a_place_without_a_price_cannot_be_weighed(mini: Region) -> None:
    region = replace(mini, rates=replace(mini.rates, prices={}), response=Response("cost_minimising"))
    with pytest.raises(InputError, match="must price short_term_day"):
        responded(region)


def test_the_design_of_the_rule_is_weighed_by_its_mean() -> None:
    """Two free days leave 0.49 of the rate."""
    region = queue_region(
        acute_per_day=30.0, stay=exponential(1.0), places=1, needs_place=0.1, place_stay=exponential(20.0)
    )
    lever = SetPaymentRule(free_days=2)
    region = responded(
        answers(lever.apply(priced(region, 20_000.0, 4750.0)), Response("cost_minimising", delay_days=0))
    )
    assert in_force(region, 0).short_term_pools[0].places == cheapest(0.49 * 20_000, 4750.0, 3.0, 20.0)


# --- how many need a place


def test_who_needs_a_place_by_hand() -> None:
    """Stays x need x kind x readmissions: 6 acute and 2 planned a day, 0.4 and 0.3 (need_factor 0.75)
    with a need, all short-term; a tenth of stays return, and a tenth of those."""
    region = queue_region(
        acute_per_day=6.0, stay=exponential(1.0), places=1, needs_place=0.4, place_stay=exponential(1.0),
        elective_per_day=2.0, rules=TEXTBOOK,
    )  # fmt: skip
    kind = replace(region.elective_types[0], need_factor=0.75)
    day = replace(kind, id="eye", kind="day_surgery")  # nobody stays
    region = replace(region, elective_types=(kind, day), ages=(replace(region.ages[0], readmitted=0.1),))
    assert short_term_per_day(region) == pytest.approx([(6 * 0.4 + 2 * 0.3) * 1.11])


def test_demand_that_a_lever_changes_counts(mini: Region) -> None:
    """Half of the acute patients of one municipality, and none of the planned ones of the oldest."""
    base = short_term_per_day(mini)
    acute = in_force(ScaleDemand(0.0, streams=("elective",)).apply(mini))
    of_acute = short_term_per_day(acute)
    assert (of_acute < base).all()
    half = in_force(ScaleDemand(0.5, streams=("acute",), municipalities=("9001",)).apply(mini))
    assert short_term_per_day(half) == pytest.approx(base - of_acute * [0.5, 0, 0])
    by_stream = replace(mini, demand_scale={"acute": 2.0})
    assert short_term_per_day(by_stream) == pytest.approx(base + of_acute)


def test_the_closed_form_is_what_the_simulation_asks_for(mini: Region) -> None:
    """Where nobody is averted and nobody returns, patients who need a short-term place a day are
    Poisson with the closed form's mean."""
    region = replace(
        mini,
        teams=(),
        kad_units=(),
        municipalities=tuple(replace(m, kad_unit="") for m in mini.municipalities),
        ages=tuple(replace(a, readmitted=0.0, dies=0.0) for a in mini.ages),
        rules=replace(mini.rules, candidates_per_referral=1.0, joining_elasticity=0.0),
        wards=tuple(replace(w, beds=3 * w.beds) for w in mini.wards),
    )
    days, found = 365, np.zeros(3)
    for replication in range(6):
        patients = sample_patients(region, days, 60, 3, replication)
        plan = simulate(region, patients).itinerary
        comes = (plan.need == Need.SHORT_TERM) & plan.active & ~plan.dies & ~plan.day_surgery
        comes &= patients.arrival >= 0
        found += np.bincount(patients.municipality[comes], minlength=3)
    expected = short_term_per_day(region) * days * 6
    assert (np.abs(found - expected) < 4 * np.sqrt(expected)).all(), (found, expected)


@pytest.mark.slow
@pytest.mark.parametrize("x", [0.25, 4.0])
def test_the_band_opens_in_what_patients_wait(mini: Region, x: float) -> None:
    """Overliggerdøgn where places are few, ten pairs: nothing at all at the low end, fewer at a higher
    rate and more at a lower, and more so at the high end, each with a 99 % interval."""
    pools = tuple(replace(p, places=p.places - 4, from_home_per_day=0.0) for p in mini.short_term_pools)
    few = replace(mini, short_term_pools=pools)
    rate = SetPaymentRate(x * RATE, from_day=-60).apply(few)
    scenarios = [
        SetResponse("elastic", band=band, delay_days=0).apply(rate)  # type: ignore[arg-type]
        for band in BANDS
    ]
    effects = []
    for replication in range(10):
        patients = sample_patients(few, 365, 60, 9, replication, scenarios=scenarios)
        base, *bands = (simulate(region, patients) for region in (few, *scenarios))
        days = [int((d.counts & (d.day >= 0)).sum()) for d in map(delay_days, (base, *bands))]
        assert base.digest() == bands[0].digest()
        effects.append([(d - days[0]) * np.sign(1 - x) for d in days[1:]])
    low, central, high = np.array(effects).T
    assert not low.any()
    for more in (central, high - central):
        half = stats.t.ppf(0.995, 9) * more.std(ddof=1) / np.sqrt(10)
        assert more.mean() > half, (more.mean(), half)
