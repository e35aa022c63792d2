"""What the levers on money do to a region, for how long, and what they refuse."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from capsim import BuyPrivate, JointGrant, Scenario, SetIsfShare, SetPaymentRate, SetPaymentRule, SetResponse
from capsim.config import study_config
from capsim.errors import InputError
from capsim.region.loading import load_region
from capsim.region.rates import IsfRule, PaymentRule, Price, PrivatePurchase, Rates, Response
from capsim.region.region import Region, Registration
from capsim.reporting.lever_texts import lever_text
from capsim.scenarios.levers import LEVERS
from capsim.scenarios.scenario import scenario_from_mapping, scenario_to_mapping
from tests.levers import in_force

OLD = PaymentRule(4000, "registered", ("somatic",), 1)
NOW = PaymentRule(5000, "stay", ("somatic", "phv"))
PRICE = Price(3000.0, 500.0, 2000.0, 2018)
THERE = 2400.0  # a unit that is there a day: at a use of 2000 / (3000 - 500) = 0.8, 2000 + 0.8 x 500


@pytest.fixture(scope="module")
def mini() -> Region:
    """mini with two years of rules, a price of a place, and DRG weights."""
    region = load_region("mini")
    rates = Rates(
        payment={2018: OLD, 2024: NOW},
        isf={2024: IsfRule(50_000.0, 0.4), 2025: IsfRule(52_000.0, 0.3)},
        prices={"short_term_day": PRICE, "home_care_start": replace(PRICE, year=2024)},
    )
    kinds = tuple(replace(t, drg_weight=1.0) for t in region.elective_types)
    registered = (Registration("9001", "9002", 0.1),)
    return replace(
        region, start=date(2024, 1, 1), rates=rates, elective_types=kinds, registrations=registered, grants=()
    )


@pytest.fixture(scope="module")
def bare(mini: Region) -> Region:
    """The same without a rule, price or weight."""
    kinds = tuple(replace(t, drg_weight=0.0) for t in mini.elective_types)
    return replace(mini, rates=Rates(), elective_types=kinds, registrations=())


# --- the betalingsplikt


def test_the_rate_changes_in_every_year_and_the_design_in_none(mini):
    rates = in_force(SetPaymentRate(8000).apply(mini)).rates
    assert rates.payment == {
        2018: replace(OLD, nok_per_day=8000),
        2024: replace(NOW, nok_per_day=8000),
    }
    assert (rates.isf, rates.prices) == (mini.rates.isf, mini.rates.prices)


def test_the_table_that_no_lever_changed_is_kept_beside_the_new_one(mini):
    region = SetPaymentRate(8000, from_day=30).apply(mini)
    assert in_force(region, 29).rates == mini.rates
    assert in_force(region, 30).rates.reference == mini.rates.payment
    twice = in_force(SetPaymentRule(free_days=3).apply(SetPaymentRate(8000).apply(mini))).rates
    assert twice.reference == mini.rates.payment
    assert twice.payment[2024] == replace(NOW, nok_per_day=8000, free_days=3)
    assert twice.level(2024) == mini.rates.level(2024) == 5000


def test_a_region_without_a_rule_gets_one(bare):
    for lever in (SetPaymentRate(700), SetPaymentRule(700)):
        rates = in_force(lever.apply(bare)).rates
        assert rates.payment == {2024: PaymentRule(700)}
        assert rates.payment_for(2030) == 700
    with pytest.raises(InputError, match=r"nok_per_day: must be given: the region has no betalingsplikt"):
        SetPaymentRule(free_days=1).apply(bare)


def test_what_a_rule_leaves_out_stays(mini):
    lever = SetPaymentRule(
        free_days=2, steps=[[3, 1], [7, 2.5]], notice_days=1, sectors=["tsb"], payer="registered"
    )
    now = in_force(lever.apply(mini)).rates.payment[2024]
    assert now == PaymentRule(5000, "registered", ("tsb",), 2, ((3, 1.0), (7, 2.5)), 1.0)
    assert [now.factor(n) for n in (1, 2, 3, 6, 7, 30)] == [0, 0, 1, 1, 2.5, 2.5]
    steps = in_force(Scenario("x", (lever, SetPaymentRule(steps=()))).apply(mini)).rates.payment[2024]
    assert steps == replace(now, steps=())
    level = in_force(SetPaymentRule(9000).apply(mini)).rates.payment
    assert level == in_force(SetPaymentRate(9000).apply(mini)).rates.payment


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SetPaymentRule(), "give at least one of: nok_per_day, free_days"),
        (lambda: SetPaymentRule(nok_per_day=-1), "from 0 to 1000000"),
        (lambda: SetPaymentRule(free_days=1.5), "must be a whole number"),
        (lambda: SetPaymentRule(steps=((0, 2),)), "steps: found 0; the days must be 1 or more and ascend"),
        (lambda: SetPaymentRule(steps=((3, 2), (3, 1))), "steps: found 3; the days"),
        (lambda: SetPaymentRule(steps=((3, 101),)), "a factor must be from 0 to 100"),
        (lambda: SetPaymentRule(steps={"3": 2}), "steps: .*must be a list"),
        (lambda: SetPaymentRule(steps=(3, 2)), "steps: .*must be a list"),
        (lambda: SetPaymentRule(notice_days=366), "from 0 to 365"),
        (lambda: SetPaymentRule(sectors=()), "name at least one sector"),
        (lambda: SetPaymentRule(sectors=("tsb", "tsb")), "each sector once"),
        (lambda: SetPaymentRule(sectors=("dental",)), "must be one of: somatic, phv, tsb"),
        (lambda: SetPaymentRule(payer="trust"), "must be one of: registered, stay"),
        (lambda: SetPaymentRule(free_days=1, ramp_days=7), "must be 0: this comes all at once"),
        (lambda: SetIsfShare(1.2), "from 0 to 1"),
        (lambda: SetResponse(), "here nobody answers"),
        (lambda: SetResponse("elastic", band="middle"), "must be one of: low, central, high"),
        (lambda: SetResponse("elastic", from_day=3), "must be 0: it is the rate that changes on a day"),
        (lambda: BuyPrivate("cataract", 0), "more than 0 and at most 1"),
        (lambda: BuyPrivate("cataract", 0.5, ("9001", "9001")), "each municipality once"),
    ],
)
def test_what_makes_no_sense_is_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()


@pytest.mark.parametrize(
    ("lever", "message"),
    [
        (SetPaymentRule(free_days=0, sectors=("somatic",)), None),
        (SetPaymentRule(sectors=("tsb",)), "sectors: found 'tsb'; must be one of: somatic"),
        (SetPaymentRule(payer="stay"), None),
    ],
)
def test_a_rule_fits_the_sectors_of_the_region(mini, lever, message):
    somatic = replace(mini, specialties=tuple(s for s in mini.specialties if s.sector == "somatic"))
    if message is None:
        assert lever.apply(somatic).later
    else:
        with pytest.raises(InputError, match=message):
            lever.apply(somatic)


def test_a_rule_in_force_already_is_refused(mini):
    same = replace(mini, rates=replace(mini.rates, payment={2024: NOW}))
    for lever, key in (
        (SetPaymentRate(5000), "nok_per_day"),
        (SetPaymentRule(free_days=0), "free_days"),
        (SetPaymentRule(payer="stay"), "payer"),
    ):
        with pytest.raises(InputError, match=rf"{key}: found .*in force in every year already"):
            lever.apply(same)
    with pytest.raises(InputError, match="everybody is registered where they stay"):
        SetPaymentRule(payer="registered").apply(replace(mini, registrations=()))


# --- activity-based funding


def test_the_activity_based_share_is_of_every_year_from_its_day(mini, bare):
    region = SetIsfShare(0.5, from_day=10).apply(mini)
    assert in_force(region, 9).rates.isf == mini.rates.isf
    assert in_force(region, 10).rates.isf == {
        2024: IsfRule(50_000.0, 0.5),
        2025: IsfRule(52_000.0, 0.5),
    }
    assert in_force(region, 10).rates.payment == mini.rates.payment
    with pytest.raises(InputError, match="no activity-based funding"):
        SetIsfShare(0.5).apply(bare)
    with pytest.raises(InputError, match=r"share: found 0\.5; is in force in every year already"):
        Scenario("twice", (SetIsfShare(0.5), SetIsfShare(0.5))).apply(mini)
    assert SetIsfShare(0.4).apply(mini).later  # it was 0.4 in the first year only


# --- a joint grant

GRANT = JointGrant(
    ("9001", "9002"), "Fjordby HF", "home_care_starts", 6, state_share=0.5, trust_share=0.2, until_day=200
)


@pytest.fixture(scope="module")
def trust(mini: Region) -> str:
    return mini.hospitals[0].trust


@pytest.fixture(scope="module")
def grant(trust: str) -> JointGrant:
    return replace(GRANT, trust=trust)


def starts(region: Region) -> dict[str, int]:
    return {m.number: m.home_care_starts_per_day for m in region.municipalities}


def test_a_grant_buys_until_it_ends(mini, grant):
    region = replace(grant, from_day=50).apply(mini)
    for day in (0, 49, 200, 1000):
        assert starts(in_force(region, day)) == starts(mini)
        assert in_force(region, day).grants == ()
    for day in (50, 199):
        more = {n: have - starts(mini)[n] for n, have in starts(in_force(region, day)).items()}
        assert sum(more.values()) == 6
        assert more["9003"] == 0
        assert more["9001"] > more["9002"] > 0
    forever = replace(grant, until_day=None).apply(mini)
    assert in_force(forever, 30_000).grants == in_force(forever, 0).grants != ()


def test_the_state_and_the_trust_pay_their_shares_by_inhabitants(mini, grant, trust):
    grants = in_force(grant.apply(mini)).grants
    people = {n: mini.municipality(n).inhabitants for n in grant.municipalities}
    assert len({g.id for g in grants}) == len(grants) == 4
    for payer, share in (("state", 0.5), (trust, 0.2)):
        paid = {g.receiver: g.nok_per_day for g in grants if g.payer == payer}
        assert sum(paid.values()) == pytest.approx(share * 6 * THERE)
        assert paid["9001"] / paid["9002"] == pytest.approx(people["9001"] / people["9002"])
    alone = in_force(replace(grant, trust_share=0.0).apply(mini)).grants
    assert {g.payer for g in alone} == {"state"}


def test_a_grant_costs_what_the_units_do_in_the_year_it_begins(mini, grant):
    places = replace(grant, buys="short_term_places", amount=5)
    level = 5000 / 4000  # the price is of 2018
    paid = sum(g.nok_per_day for g in in_force(places.apply(mini)).grants)
    assert paid == pytest.approx(0.7 * 5 * THERE * level)
    given = replace(grant, nok_per_year=730_000.0)
    assert sum(g.nok_per_day for g in in_force(given.apply(mini)).grants) == pytest.approx(0.7 * 2000)


def test_a_grant_that_is_phased_in_pays_for_what_is_there(mini, grant):
    region = replace(grant, ramp_days=70).apply(mini)
    for day in (0, 10, 35, 69, 70):
        now = in_force(region, day)
        bought = sum(starts(now).values()) - sum(starts(mini).values())
        assert sum(g.nok_per_day for g in now.grants) == pytest.approx(0.7 * THERE * bought)
    assert bought == 6


def test_municipalities_that_share_get_their_units_in_one_place(mini, trust):
    pooled = JointGrant(("9001", "9002", "9003"), trust, "kad_beds", 2, 0.5, nok_per_year=1e6).apply(mini)
    assert in_force(pooled).kad_unit("mini_kad").beds == mini.kad_unit("mini_kad").beds + 2
    lever = JointGrant(("9001", "9002", "9003"), trust, "short_term_places", 4, 1.0)
    places = in_force(lever.apply(mini)).short_term_pools
    assert sum(p.places for p in places) == sum(p.places for p in mini.short_term_pools) + 4


def test_two_grants_need_two_ids(mini, grant):
    with pytest.raises(InputError, match=r"id: found 'home_care_starts'; .* choose another"):
        Scenario("two", (grant, grant)).apply(mini)
    both = in_force(Scenario("two", (grant, replace(grant, id="second"))).apply(mini)).grants
    assert len({g.id for g in both}) == 8


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"state_share": 0.0, "trust_share": 0.0}, "more than 0 and at most 1"),
        ({"state_share": 0.9}, r"state_share: found 1\.1"),
        ({"amount": 0}, "from 1 to 100000"),
        ({"until_day": 50, "from_day": 50}, "later than the day when all of it is in force"),
        ({"until_day": 50, "ramp_days": 60}, "later than the day when all of it is in force"),
        ({"municipalities": ()}, "at least one municipality"),
        ({"buys": "beds"}, "must be one of: short_term_places"),
        ({"id": "My grant"}, "must be an id"),
        ({"nok_per_year": 0}, "more than 0"),
    ],
)
def test_a_grant_that_makes_no_sense_is_refused(change, message):
    with pytest.raises(InputError, match=message):
        replace(GRANT, **change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"trust": "Oslo HF"}, "trust: found 'Oslo HF'; must be one of"),
        ({"municipalities": ("5001",)}, "municipalities: found '5001'"),
        (
            {"buys": "long_term_places"},
            "nok_per_year: must be given: the region has no price of long_term_day",
        ),
        ({"amount": 1}, "amount: found 1; shared by inhabitants, leaves nothing for 9002"),
    ],
)
def test_a_grant_that_does_not_fit_the_region_is_refused(mini, grant, change, message):
    with pytest.raises(InputError, match=message):
        replace(grant, **change).apply(mini)


def test_a_grant_cannot_buy_what_is_not_there_or_has_no_limit(mini, grant):
    kad = replace(grant, buys="kad_beds", nok_per_year=1e6)
    towns = tuple(replace(m, kad_unit="") for m in mini.municipalities)
    with pytest.raises(InputError, match="has no kad beds in this region"):
        kad.apply(replace(mini, municipalities=towns))
    towns = tuple(replace(m, home_care_starts_per_day=1_000_000) for m in mini.municipalities)
    with pytest.raises(InputError, match=r"JointGrant, amount: found 6; home care in .* is not limited"):
        grant.apply(replace(mini, municipalities=towns))


# --- private providers


def test_a_share_is_bought_from_its_day_on_and_in_steps(mini):
    region = BuyPrivate("cataract", 0.4, ("9001",), from_day=10, ramp_days=7).apply(mini)
    assert in_force(region, 9).purchases == ()
    assert in_force(region, 10).purchases == (PrivatePurchase("cataract", 0.4 / 8, ("9001",)),)
    assert in_force(region, 17).purchases == (PrivatePurchase("cataract", 0.4, ("9001",)),)


def test_no_more_than_everybody_is_treated_privately(mini):
    half = BuyPrivate("cataract", 0.5)
    region = Scenario("all", (half, BuyPrivate("cataract", 0.5, ("9002",)))).apply(mini)
    assert len(in_force(region).purchases) == 2
    with pytest.raises(InputError, match=r"share: found 0\.1; 1 is bought already: at most 0"):
        BuyPrivate("cataract", 0.1, ("9002",)).apply(region)
    assert BuyPrivate("cataract", 0.5, ("9001", "9003")).apply(region).later
    assert BuyPrivate("hip_prosthesis", 1.0).apply(region).later


def test_what_has_no_price_cannot_be_bought(mini, bare):
    with pytest.raises(InputError, match="type: found 'eyes'; must be one of"):
        BuyPrivate("eyes", 0.5).apply(mini)
    with pytest.raises(InputError, match="municipalities: found '5001'"):
        BuyPrivate("cataract", 0.5, ("5001",)).apply(mini)
    with pytest.raises(InputError, match="has no DRG weight"):
        BuyPrivate("cataract", 0.5).apply(bare)
    with pytest.raises(InputError, match="no DRG unit price"):
        BuyPrivate("cataract", 0.5).apply(replace(mini, rates=Rates()))
    phv = tuple(replace(s, sector="phv") if s.id == "medicine" else s for s in mini.specialties)
    with pytest.raises(InputError, match="must be somatic"):
        BuyPrivate("planned_medicine", 0.5).apply(replace(mini, specialties=phv))


# --- who answers to the rate


@pytest.mark.parametrize(
    ("band", "exponents"), [("low", (0, 0, 0)), ("central", (0.2, 0.02, 0.05)), ("high", (0.5, 0.05, 0.15))]
)
def test_a_response_holds_in_every_phase(mini, band, exponents):
    changed = SetPaymentRate(9000, from_day=100).apply(mini)
    region = SetResponse("elastic", "reporting", band, delay_days=90).apply(changed)
    expected = Response("elastic", True, *exponents, delay_days=90)
    assert [phase.from_day for phase in region.phases()] == [phase.from_day for phase in changed.phases()]
    assert {phase.region.response for phase in region.phases()} == {expected}
    assert in_force(region, 100).rates == in_force(changed, 100).rates


def test_nobody_answers_unless_told(mini):
    region = SetPaymentRate(9000).apply(mini)
    assert {phase.region.response for phase in region.phases()} == {Response()}


def test_a_response_without_anything_to_answer_to_is_refused(mini, bare):
    with pytest.raises(InputError, match="has no rate to answer to"):
        SetResponse("elastic").apply(bare)
    for lever in (SetResponse("elastic"), SetResponse(hospitals="reporting")):
        with pytest.raises(InputError, match="name SetPaymentRate or SetPaymentRule before this lever"):
            lever.apply(mini)
    assert SetResponse("cost_minimising").apply(mini).response.municipal == "cost_minimising"
    free = replace(mini, rates=replace(mini.rates, prices={}))
    with pytest.raises(InputError, match="no price of a place"):
        SetResponse("cost_minimising").apply(free)


def test_the_words_say_whether_anybody_answers(mini):
    lever = SetPaymentRate(9000)
    alone = lever.apply(mini)
    assert lever_text(lever, alone, "en").endswith("Nobody is assumed to change behaviour.")
    both = SetResponse("elastic").apply(alone)
    assert lever_text(lever, both, "en") == "The betalingsplikt is set to NOK 9,000 per day."
    assert "central estimate" in lever_text(SetResponse("elastic"), both, "en")
    steps = SetPaymentRule(steps=((1, 0.5), (7, 2)), payer="registered", sectors=("somatic", "tsb"))
    words = lever_text(steps, mini, "nb")
    assert "0,50 ganger satsen fra døgn 1 og 2 ganger satsen fra døgn 7" in words
    assert "kommunen der pasienten er folkeregistrert" in words
    assert "somatikk og rusbehandling" in words


# --- files

MONEY = (
    SetPaymentRate(8000),
    SetPaymentRule(steps=((1, 0.5), (7, 2.0)), sectors=("somatic",), payer="stay"),
    SetPaymentRule(free_days=2, notice_days=1.0, steps=()),
    SetIsfShare(0.5),
    GRANT,
    BuyPrivate("cataract", 0.3, ramp_days=30),
    SetResponse("cost_minimising", "reporting", "high"),
)


def test_a_file_holds_them_all():
    scenario = Scenario("money", MONEY)
    written = yaml.safe_load(yaml.safe_dump(scenario_to_mapping(scenario)))
    assert scenario_from_mapping(written, "again") == scenario


def experiment(name: str) -> dict[str, Any]:
    path = Path(__file__).parents[2] / "configs" / "experiment" / f"{name}.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["tour", "payment_rate"])
def test_every_scenario_of_an_experiment_fits_the_region(name):
    values = experiment(name)
    scenarios = study_config(values).study().scenarios[1:]
    assert [s.name for s in scenarios] == list(values["scenarios"])
    assert all(s.title_in("nb") != s.title_in("en") != s.name for s in scenarios)


def test_the_tour_has_every_lever_by_its_name():
    levers = {key: values["levers"] for key, values in experiment("tour")["scenarios"].items()}
    for name, pulled in levers.items():
        assert re.sub(r"(?<!^)([A-Z])", r"_\1", pulled[-1]["lever"]).lower() == name
        assert len(pulled) == (2 if name == "set_response" else 1)
    assert {pulled[-1]["lever"] for pulled in levers.values()} == set(LEVERS)
