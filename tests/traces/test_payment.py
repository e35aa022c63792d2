"""Traces worked out by hand: who pays whom for what, in whole øre.

Day 0 is a Monday in January 2024 where a trace does not say otherwise.
"""

from dataclasses import replace
from datetime import date

import pytest

from capsim.analysis.ledger import Costing, Reason
from capsim.analysis.metrics import summarise
from capsim.demand.columns import ACUTE
from capsim.region.rates import Grant, IsfRule, PaymentRule, Price, PrivatePurchase, Rates
from capsim.region.region import VisitType
from capsim.scenarios.levers import SetPaymentRule
from tests.regions import ambulant_team, town, with_neighbour, with_regional_hospital
from tests.tables import (
    acute,
    from_home,
    hours,
    in_n,
    own_kad,
    posted,
    readmission,
    referral,
    registered_in_n,
    simulated,
    table,
    times,
    trace,
    typed,
)

PAYMENT, ISF, GUEST, GRANT = Reason.PAYMENT, Reason.ISF, Reason.GUEST, Reason.GRANT
AVERAGE, MARGINAL = Costing.AVERAGE, Costing.MARGINAL
HOME_CARE = {"needs": "home care"}


def paying(region, *rules, **more):
    """The region with a day rate by (year, rule)."""
    return replace(region, rates=Rates(payment=dict(rules)), **more)


def priced(region, **prices):
    """The region with prices (average, marginal, capacity) of 2024 and a weight of 1 for every stay,
    of which the state pays 40 % and a guest's trust 80 % of 50 000 kroner."""
    rates = Rates(
        isf={2024: IsfRule(50_000.0, 0.4)},
        prices={item: Price(*nok, 2024) for item, nok in prices.items()},
    )
    return replace(
        region,
        rates=rates,
        specialties=tuple(replace(s, drg_weight=1.0) for s in region.specialties),
        elective_types=tuple(replace(t, drg_weight=1.0) for t in region.elective_types),
    )


# --- betalingsplikt


def test_a_delay_across_new_year_is_paid_by_the_rate_of_each_date():
    # Day 0 is 29 December 2023. The place is taken from home until 4 15:00. The patient is declared
    # ready 1 10:00 (30 December), offered the place 4 15:00 (2 January) and leaves 5 12:00 (the 3rd).
    # Midnights 2, 3 and 4 end 30 December, 31 December and 1 January: two at 5508 and one at 5745.
    # Midnight 5 comes after the offer.
    region = paying(
        town(beds=1, places=1, place_hour=None),
        (2023, PaymentRule(5508.0)),
        (2024, PaymentRule(5745.0)),
        start=date(2023, 12, 29),
    )
    records = trace(region, from_home("0 08:00", 4 + hours(7)), acute("0 08:00", 1, needs="short-term place"))
    assert [times(records, c)[1] for c in ("ready", "offer", "left")] == ["1 10:00", "4 15:00", "5 12:00"]
    assert posted(records, PAYMENT) == [
        (1, "M", "trust", 550_800),
        (2, "M", "trust", 550_800),
        (3, "M", "trust", 574_500),
    ]
    paid = summarise(records).query("window == 'all' and result == 'payment_nok'")
    assert dict(zip(paid.place, paid.value, strict=True)) == dict.fromkeys(
        ("M", "all", "region", "trust"), 16_761.0
    )


BY_PAYER = ((2018, PaymentRule(4747.0, "registered")), (2019, PaymentRule(4885.0, "stay")))


@pytest.mark.parametrize(
    ("start", "payers"),
    [
        (date(2018, 6, 4), [("N", 474_700)] * 3),
        (date(2019, 6, 3), [("M", 488_500)] * 3),
        (date(2018, 12, 29), [("N", 474_700), ("N", 474_700), ("M", 488_500)]),
    ],
)
def test_the_municipality_of_registration_pays_until_2018_and_that_of_stay_since(start, payers):
    # Both are in M; A is registered in N. Ready 1 10:00, received 4 10:00: midnights 2 to 4, which
    # across New Year end 30 and 31 December and 1 January. M pays for B all the time.
    region = paying(with_neighbour(town(beds=2)), *BY_PAYER, start=start)
    delayed = acute("0 08:00", 1, response=2.5, **HOME_CARE)
    records = trace(region, registered_in_n(delayed), delayed)
    assert times(records, "offer") == ["4 10:00"] * 2
    for_b = [(day, "M", "trust", amount) for day, (_, amount) in enumerate(payers, 1)]
    for_a = [(day, payer, "trust", amount) for day, (payer, amount) in enumerate(payers, 1)]
    assert posted(records, PAYMENT) == sorted(for_a + for_b)


def test_illness_again_stops_the_count_and_it_goes_on_when_ready_anew():
    # Ready 1 10:00, answered after six days, 7 10:00. Ill after two days, 3 10:00, for a day: ready
    # anew 4 10:00. Midnights 2 and 3 count, 4 was spent ill, 5 to 7 count. The first is free; from the
    # stay's fourth on, midnight 6, the rate is doubled.
    rule = PaymentRule(1000.0, free_days=1, steps=((4, 2.0),))
    records = trace(
        paying(town(beds=1, falling_ill=True), (2024, rule)),
        acute("0 08:00", 1, response=5.5, ill_after=2, ill_for=1, **HOME_CARE),
    )
    assert [*times(records, "ill"), *times(records, "ready_again")] == ["3 10:00", "4 10:00"]
    assert times(records, "offer") == ["7 10:00"]
    assert [(day, amount) for day, *_, amount in posted(records, PAYMENT)] == [
        (2, 100_000),
        (4, 100_000),
        (5, 200_000),
        (6, 200_000),
    ]


@pytest.mark.parametrize(
    ("rule", "amounts"),
    [
        (PaymentRule(1000.0), [1000, 1000, 1000, 1000]),
        (PaymentRule(1000.0, free_days=2), [0, 0, 1000, 1000]),
        (PaymentRule(1000.0, free_days=9), [0, 0, 0, 0]),
        (PaymentRule(1000.0, steps=((2, 1.5), (4, 0.25))), [1000, 1500, 1500, 250]),
        (PaymentRule(1000.0, free_days=1, steps=((1, 3.0), (3, 0.0))), [0, 3000, 0, 0]),
        (PaymentRule(333.335, steps=((2, 0.5),)), [333.34, 166.67, 166.67, 166.67]),  # 16 666.75 øre
        (PaymentRule(1000.0, notice_days=2), [0, 0, 1000, 1000]),
        (PaymentRule(1000.0, free_days=1, notice_days=2, steps=((3, 2.0),)), [0, 0, 2000, 2000]),
        (PaymentRule(1000.0, sectors=()), [0, 0, 0, 0]),
        (PaymentRule(0.0), [0, 0, 0, 0]),
    ],
)
def test_the_design_of_the_rule(rule, amounts):
    # Ready and notified 1 10:00, received 5 10:00: midnights 2 to 5, which are 14 hours, and 1, 2 and
    # 3 days and 14 hours after the notice.
    records = trace(paying(town(beds=1), (2024, rule)), acute("0 08:00", 1, response=3.5, **HOME_CARE))
    expected = [(day, round(nok * 100)) for day, nok in enumerate(amounts, 1) if nok]
    assert [(day, amount) for day, *_, amount in posted(records, PAYMENT)] == expected


def test_a_new_rate_holds_from_its_day_and_the_count_of_the_stay_goes_on():
    # Ready 1 10:00, received 6 10:00: midnights 2 to 6 end on days 1 to 5. From day 3 on the rate is
    # 2000, and the stay's fourth, which ends on day 4, costs half of it.
    region = paying(town(beds=1), (2024, PaymentRule(1000.0, steps=((2, 1.5),))))
    region = SetPaymentRule(nok_per_day=2000, steps=((4, 0.5),), from_day=3).apply(region)
    records = trace(region, acute("0 08:00", 1, response=4.5, **HOME_CARE))
    amounts = [(1, 100_000), (2, 150_000), (3, 200_000), (4, 100_000), (5, 100_000)]
    assert [(day, amount) for day, *_, amount in posted(records, PAYMENT)] == amounts


def test_an_early_notice_runs_before_readiness():
    # A's notice is given 1 08:00 and the answer comes after four days, in the round of 5 10:00; ready 3
    # 10:00: midnights 4 and 5 are 2 2/3 and 3 2/3 days after the notice. B's is given at readiness, 3
    # 10:00, and answered 7 10:00: of midnights 4 to 7 only the last is three days after it.
    needs = {"response": 3.5, **HOME_CARE}
    records = trace(
        paying(town(beds=2), (2024, PaymentRule(1000.0, notice_days=3))),
        acute("0 08:00", 3, early_notice=True, **needs),
        acute("0 08:00", 3, **needs),
    )
    assert times(records, "offer") == ["5 10:00", "7 10:00"]
    assert [day for day, *_ in posted(records, PAYMENT)] == [4, 6]


def test_patients_of_mental_health_and_substance_use_are_paid_for_since_2019():
    # Day 0 is 29 December 2018. All are ready 1 10:00 and received 4 10:00: midnights end 30 and 31
    # December, when only the somatic patient is paid for, and 1 January.
    region = paying(
        town(beds=1, psychiatry_beds=2),
        (2018, PaymentRule(4747.0, sectors=("somatic",))),
        (2019, PaymentRule(4885.0, sectors=("somatic", "phv", "tsb"))),
        start=date(2018, 12, 29),
    )
    needs = {"response": 2.5, **HOME_CARE}
    records = trace(
        region,
        acute("0 08:00", 1, **needs),
        typed("0 08:00", "mind", 1, **needs),
        typed("0 08:00", "drugs", 1, **needs),
    )
    assert times(records, "offer") == ["4 10:00"] * 3
    assert [(day, amount) for day, *_, amount in posted(records, PAYMENT)] == [
        (1, 474_700),
        (2, 474_700),
        *[(3, 488_500)] * 3,
    ]


def test_the_days_of_the_warm_up_are_not_paid_but_count_as_days_of_the_stay():
    # The clock starts four days before day 0. Ready -3 10:00, received 2 10:00: midnights -2 to 2 are
    # the stay's first to fifth; the dates that are measured begin with midnight 1, the fourth.
    rule = PaymentRule(1000.0, steps=((3, 2.0), (5, 3.0)))
    region = paying(town(beds=1), (2024, rule))
    patients = table(region, [acute("-4 08:00", 1, response=4.5, **HOME_CARE)], days=30, warm_up_days=4)
    records = simulated(region, patients)
    assert [*times(records, "ready"), *times(records, "offer")] == ["-3 10:00", "2 10:00"]
    assert posted(records, PAYMENT) == [(0, "M", "trust", 200_000), (1, "M", "trust", 300_000)]


# --- funding by activity


def two_trusts(region):
    """The town and its regionsykehus, which belongs to another trust."""
    there = with_regional_hospital(region)
    own, regional = there.hospitals
    return replace(there, hospitals=(own, replace(regional, trust="other")))


def test_payment_goes_where_the_patient_lies_and_funding_is_divided_by_time():
    # A, of M, is in R from 0 08:00 for four days, moves to H 2 12:00, is ready there 4 10:00 and
    # received 6 10:00: midnights 5 and 6 are H's. Of the 146 hours 52 are R's. One DRG point is
    # 2 000 000 øre of the state's: 712 328.77 and 1 287 671.23. M's trust adds as much for the days
    # in R, since 80 % is due to a guest's host and 40 % comes from the state.
    region = priced(two_trusts(town(beds=1)))
    region = replace(region, rates=replace(region.rates, payment={2024: PaymentRule(5745.0)}))
    records = trace(region, acute("0 08:00", 4, regional=True, moves_back=True, response=1.5, **HOME_CARE))
    assert [*times(records, "moved"), *times(records, "left")] == ["2 12:00", "6 10:00"]
    assert posted(records, PAYMENT) == [(4, "M", "trust", 574_500), (5, "M", "trust", 574_500)]
    assert posted(records, ISF) == [
        (6, "rhf", "other", 712_329),
        (6, "rhf", "trust", 1_287_671),
        (6, "state", "rhf", 712_329),
        (6, "state", "rhf", 1_287_671),
    ]
    assert posted(records, GUEST) == [(6, "trust", "other", 712_329)]


@pytest.mark.parametrize(
    ("rule", "funding", "guest"),
    [
        (IsfRule(50_000.0, 0.4), 2_000_000, 2_000_000),
        (IsfRule(54_394.0, 0.3, 0.75), 1_631_820, 2_447_730),
        (IsfRule(50_000.0, 0.9), 4_500_000, 0),  # more than a guest's host is due: nothing to add
        (IsfRule(50_000.0, 0.0), 0, 4_000_000),
    ],
)
def test_a_guest_is_worth_the_guest_share_to_whom_treats(rule, funding, guest):
    # A, of M, needs R and stays there for a day, to 1 12:00. B, of N, is at home in R. C, of M, is at
    # home in H. All get the state's part; for A the trust of H adds the rest of the guest share.
    region = priced(two_trusts(town(beds=1)))
    region = replace(
        region,
        wards=tuple(replace(w, beds=2) for w in region.wards),
        rates=replace(region.rates, isf={2024: rule}),
    )
    records = trace(
        region, acute("0 08:00", 1, regional=True), in_n(acute("0 08:00", 1)), acute("0 08:00", 1)
    )
    assert [records.facilities.wards[w] for w in records.stays.ward] == ["WR", "WR", "W"]
    isf = [(1, "rhf", "other", funding)] * 2 + [(1, "rhf", "trust", funding)]
    assert posted(records, ISF) == (isf + [(1, "state", "rhf", funding)] * 3 if funding else [])
    assert posted(records, GUEST) == ([(1, "trust", "other", guest)] if guest else [])
    if guest > 0:
        assert funding + guest == round(rule.unit_price_nok * rule.guest_share * 100)


def test_a_treatment_is_funded_when_it_ends_and_at_the_weight_of_its_own():
    # The eye, weight 0.3, is operated on Tuesday 1 08:00. The hip, weight 3, goes to theatre 1, takes
    # its bed 1 13:00 for four days and leaves 5 12:00 (ready 5 10:00). A is readmitted: both stays are
    # of the specialty, weight 1. B's stay does not end within the run.
    region = priced(town(beds=9, theatre_minutes=400, returning=True))
    weights = {"hip": 3.0, "cataract": 0.3}
    region = replace(
        region,
        elective_types=tuple(replace(t, drg_weight=weights.get(t.id, 0.0)) for t in region.elective_types),
    )
    records = trace(
        region,
        acute("0 08:00", 1, back_after=2.5),
        readmission(of=0, stay=1),
        acute("0 08:00", 40),
        referral("0 11:00", "hip", due=1, stay=4),
        referral("0 11:00", "cataract", due=1),
    )
    assert times(records, "left") == ["1 12:00", "5 12:00", "-", "5 12:00", "-"]
    assert times(records, "treated")[3:] == ["1 13:00", "1 08:00"]
    to_trust = [row for row in posted(records, ISF) if row[2] == "trust"]
    assert to_trust == [
        (1, "rhf", "trust", 600_000),
        (1, "rhf", "trust", 2_000_000),
        (5, "rhf", "trust", 2_000_000),
        (5, "rhf", "trust", 6_000_000),
    ]
    assert posted(records, GUEST) == []


def test_a_readmission_has_the_weight_of_the_specialty_whatever_it_follows():
    # A stay of weight 2 in mental health, to 1 12:00; back after two and a half days, 4 00:00, for a day,
    # to 5 12:00: that one has the specialty's 0.5.
    region = priced(town(beds=1, psychiatry_beds=1, returning=True))
    heavy = tuple(replace(t, drg_weight=2.0) for t in region.acute_types)
    light = tuple(replace(s, drg_weight=0.5) for s in region.specialties)
    records = trace(
        replace(region, acute_types=heavy, specialties=light),
        typed("0 08:00", "mind", 1, back_after=2.5),
        readmission(of=0, stay=1),
    )
    assert times(records, "left") == ["1 12:00", "5 12:00"]
    funded = [(day, amount) for day, payer, _, amount in posted(records, ISF) if payer == "rhf"]
    assert funded == [(1, 4_000_000), (5, 1_000_000)]


def test_day_surgery_that_takes_a_bed_is_funded_once():
    # In a region where electives come at any hour, to a bed: the eye is treated 0 11:00 and gone at noon
    # the same day or the next.
    region = priced(town(beds=1, elective_at_any_hour=True))
    records = trace(region, referral("0 11:00", "cataract", due=1))
    assert times(records, "treated") == times(records, "admitted") == ["0 11:00"]
    assert [row[2:] for row in posted(records, ISF) if row[1] == "rhf"] == [("trust", 2_000_000)]


def test_a_first_contact_is_a_visit_that_is_funded():
    # Seen on a morning with slots, two each weekday at 1800, for 2500 and 4 % of a DRG point: of that the
    # state pays 0.04 x 50 000 x 0.4 = 800.
    region = priced(town(beds=1, theatre_minutes=400, clinic_slots=2), clinic_visit=(2500.0, 600.0, 1800.0))
    region = replace(region, rules=replace(region.rules, first_contact_weight=0.04))
    records = trace(region, referral("0 11:00", "cataract", due=20))
    seen = times(records, "seen")[0]
    assert seen.endswith("08:00")
    day = int(seen.split()[0])
    assert posted(records, Reason.CLINIC_VISITS) == [(day, "trust", "clinics", 250_000)]
    assert posted(records, Reason.CLINIC_VISITS, costing=MARGINAL) == [(day, "trust", "clinics", 60_000)]
    assert (day, "rhf", "trust", 80_000) in posted(records, ISF)
    slots = posted(records, Reason.CLINIC_CAPACITY, costing=MARGINAL)
    assert slots == [(d, "trust", "clinics", 360_000) for d in range(30) if d % 7 < 5]
    assert posted(records, Reason.CLINIC_CAPACITY) == []


def test_residents_are_the_trusts_that_they_were_when_the_catchment_moves():
    # From day 10 on M's patients lie in R, which is another trust's: M's own trust goes on paying for
    # them as guests there, since fixed grants do not follow.
    region = priced(two_trusts(town(beds=1)))

    def moves(r):
        home, other = r.municipalities
        return replace(r, municipalities=(replace(home, catchment="R"), other))

    records = trace(region.changed(moves, from_day=10), acute("0 08:00", 1), acute("10 08:00", 1))
    assert [records.facilities.hospitals[h] for h in records.stays.hospital] == ["H", "R"]
    assert posted(records, GUEST) == [(11, "trust", "other", 2_000_000)]


# --- beds and theatres


def test_a_bed_costs_by_the_day_used_or_by_what_one_more_changes_and_by_being_there():
    # In 0 08:00 for a day and gone 1 12:00: 28 hours. Two beds, all thirty days. A second patient comes
    # 29 08:00 and is there for 16 hours when the run stops.
    region = priced(town(beds=2), bed_day=(16_000.0, 6500.0, 8265.5))
    records = trace(region, acute("0 08:00", 1), acute("29 08:00", 3))
    assert posted(records, Reason.BED_DAYS) == [
        (0, "trust", "beds", 1_866_667),  # 1 600 000 x 28 / 24
        (29, "trust", "beds", 1_066_667),
    ]
    assert [row[3] for row in posted(records, Reason.BED_DAYS, costing=MARGINAL)] == [758_333, 433_333]
    assert posted(records, Reason.BED_CAPACITY) == []
    there = posted(records, Reason.BED_CAPACITY, costing=MARGINAL)
    assert there == [(day, "trust", "beds", 1_653_100) for day in range(30)]


def test_a_bed_that_closes_is_paid_for_until_it_is_empty():
    # Three beds, of which one is there from day 1 on. A and B are in from 0 08:00 until 2 12:00 and 3
    # 12:00: at the midnights that begin days 1, 2 and 3 there are two, two and one. C, who comes 3
    # 08:00, waits for B's bed.
    region = priced(town(beds=3), bed_day=(0.0, 0.0, 1000.0))
    region = region.changed(lambda r: replace(r, wards=(replace(r.wards[0], beds=1),)), from_day=1)
    records = trace(region, acute("0 08:00", 2), acute("0 08:00", 3), acute("3 08:00", 1))
    assert times(records, "bed") == ["0 08:00", "0 08:00", "3 12:00"]
    there = [row[3] for row in posted(records, Reason.BED_CAPACITY, costing=MARGINAL)]
    assert there == [300_000, 200_000, 200_000, *[100_000] * 27]


def test_who_waits_in_the_corridor_uses_a_bed_day_and_no_bed():
    # One bed, A's for four days. B, from 0 09:00, is in the corridor from 0 15:00 to 4 12:00.
    region = priced(town(beds=1), bed_day=(16_000.0, 16_000.0, 1000.0))
    records = trace(region, acute("0 08:00", 4), acute("0 09:00", 5))
    assert times(records, "admitted") == ["0 08:00", "0 15:00"]
    assert times(records, "bed") == ["0 08:00", "4 12:00"]
    assert times(records, "left") == ["4 12:00", "5 12:00"]
    used = [row[3] for row in posted(records, Reason.BED_DAYS)]
    assert sorted(used) == [6_666_667, 7_800_000]  # 100 and 117 hours
    assert {row[3] for row in posted(records, Reason.BED_CAPACITY, costing=MARGINAL)} == {100_000}


def test_the_trust_that_sends_a_patient_back_pays_for_the_transport():
    region = priced(two_trusts(town(beds=1)), transfer=(9000.0, 8000.0, 0.0))
    records = trace(region, acute("0 08:00", 4, regional=True, moves_back=True))
    assert posted(records, Reason.PATIENT_TRANSFERS) == [(2, "other", "transport", 900_000)]
    assert posted(records, Reason.PATIENT_TRANSFERS, costing=MARGINAL) == [(2, "other", "transport", 800_000)]


def test_a_stay_across_new_year_is_priced_by_each_year():
    # Day 0 is 31 December 2023: 16 hours at the price of 2023 and 12 at that of 2024, moved by the
    # day rate: 16 000 x 5508 / 5745 = 15 339.95 kroner.
    region = priced(town(beds=1), bed_day=(16_000.0, 16_000.0, 0.0))
    rates = replace(region.rates, payment={2023: PaymentRule(5508.0), 2024: PaymentRule(5745.0)})
    records = trace(replace(region, rates=rates, start=date(2023, 12, 31)), acute("0 08:00", 1))
    assert posted(records, Reason.BED_DAYS) == [
        (0, "trust", "beds", 1_022_663),  # 1 533 995 x 16 / 24 = 1 022 663.3
        (1, "trust", "beds", 800_000),
    ]


def test_psychiatric_beds_have_a_price_of_their_own():
    region = priced(
        town(beds=1, psychiatry_beds=2), bed_day=(16_000.0, 0.0, 0.0), bed_day_phv=(9000.0, 0.0, 10.0)
    )
    records = trace(region, typed("0 12:00", "mind", 2))  # ready 2 10:00, home 2 12:00
    assert posted(records, Reason.BED_DAYS) == [(0, "trust", "beds", 1_800_000)]
    assert {row[3] for row in posted(records, Reason.BED_CAPACITY, costing=MARGINAL)} == {2000}


def test_theatre_is_paid_by_the_minute_used_and_the_minute_staffed():
    # 400 minutes each weekday, of which the hip takes 200 on Tuesday.
    region = priced(town(beds=1, theatre_minutes=400), theatre_minute=(300.0, 100.0, 170.0))
    records = trace(region, referral("0 11:00", "hip", due=1, stay=1))
    assert posted(records, Reason.THEATRE_MINUTES) == [(1, "trust", "theatres", 6_000_000)]
    assert posted(records, Reason.THEATRE_MINUTES, costing=MARGINAL) == [(1, "trust", "theatres", 2_000_000)]
    staffed = posted(records, Reason.THEATRE_CAPACITY, costing=MARGINAL)
    assert staffed == [(day, "trust", "theatres", 6_800_000) for day in range(30) if day % 7 < 5]


# --- municipal services


def test_an_extra_place_costs_what_an_extra_place_does():
    # The place is D's, from home, 0 08:00 to 9 11:00 (9 08:00 is nearest to it): 9 1/8 days. A, ready 1
    # 10:00, is found an extra one after two days: from 3 12:00 for two days, to 5 11:00: 1 23/24 days.
    region = priced(
        town(beds=1, places=1), short_term_day=(4750.0, 900.0, 3272.5), stretched_day=(7100.0, 7100.0, 0.0)
    )
    records = trace(
        region,
        from_home("0 08:00", 9),
        acute("0 08:00", 1, needs="short-term place", place=2, stretch=1.5),
    )
    assert times(records, "place_end") == ["9 11:00", "5 11:00"]
    assert records.stays.stretched.tolist() == [False, True]
    assert posted(records, Reason.PLACE_DAYS) == [(0, "M", "places", 4_334_375)]
    assert posted(records, Reason.PLACE_DAYS, costing=MARGINAL) == [(0, "M", "places", 821_250)]
    for costing in (AVERAGE, MARGINAL):
        assert posted(records, Reason.STRETCHED_DAYS, costing=costing) == [(3, "M", "places", 1_390_417)]
    there = posted(records, Reason.PLACE_CAPACITY, costing=MARGINAL)
    assert there == [(day, "M", "places", 327_250) for day in range(30)]


def test_nobody_pays_for_a_long_term_place_before_the_patient_has_left():
    # One long-term place. A has it from 1 10:00, moves in 1 12:00 and leaves it 29 20:00: B, ready since
    # 2 10:00, is granted it in that second and would leave hospital 30 12:00, after the run.
    region = priced(town(beds=2, long_term_places=1), long_term_day=(4000.0, 4000.0, 3000.0))
    needs = {"needs": "long-term place"}
    records = trace(
        region,
        acute("0 08:00", 1, settles_for=28 + hours(10), **needs),
        acute("1 08:00", 1, **needs),
    )
    assert times(records, "settled") == ["1 10:00", "29 20:00"]
    assert times(records, "left") == ["1 12:00", "-"]
    assert posted(records, Reason.LONG_TERM_DAYS) == [(1, "M", "places", 11_333_333)]  # 28 1/3 days
    there = posted(records, Reason.LONG_TERM_CAPACITY, costing=MARGINAL)
    assert there == [(day, "M", "places", 300_000) for day in range(30)]


def test_those_who_live_there_when_the_clock_starts_are_paid_for_until_they_leave():
    # Two homes, full; those who live there have 10 days on average, and leave after the quantiles 1/4
    # and 3/4 of it: -10 ln 3/4 and -10 ln 1/4 days are 248 557 and 1 197 758 seconds.
    region = priced(town(beds=1, psychiatry_beds=1, homes=2), housing_day=(2500.0, 2500.0, 0.0))
    region = replace(region, rules=replace(region.rules, loaded_start=True))
    records = trace(region, acute("0 08:00", 1))
    assert posted(records, Reason.HOUSING_DAYS) == [
        (0, "M", "places", 719_204),
        (0, "M", "places", 3_465_735),
    ]


def test_a_dwelling_is_temporary_and_a_home_is_not():
    # One home: A's, from 1 12:00 for three days after the grant, to 4 10:00: 2 11/12 days. B, who asks
    # 2 10:00, waits for 4 10:00 but is found a dwelling after a day, 3 10:00: from 3 12:00 for five days.
    region = priced(
        town(beds=1, psychiatry_beds=2, homes=1),
        housing_day=(2500.0, 2500.0, 0.0),
        temporary_dwelling_day=(3750.0, 3750.0, 0.0),
    )
    records = trace(
        region,
        typed("0 08:00", "mind", 1, needs="home", settles_for=3),
        typed("1 08:00", "mind", 1, needs="home", stretch=0.5, settles_for=5),
    )
    assert times(records, "left") == ["1 12:00", "3 12:00"]
    assert times(records, "settled") == ["1 10:00", "-"]
    assert posted(records, Reason.HOUSING_DAYS) == [(1, "M", "places", 729_167)]
    assert posted(records, Reason.STRETCHED_DAYS) == [(3, "M", "places", 1_875_000)]


def test_a_course_of_home_care_is_paid_for_by_who_gives_it():
    # A goes home 1 10:00; B needs nothing; C is still waiting at the end. Three starts could be a day.
    region = priced(town(beds=3, home_care_starts=3), home_care_start=(17_000.0, 15_000.0, 2000.0))
    records = trace(
        region,
        acute("0 08:00", 1, **HOME_CARE),
        acute("0 08:00", 1),
        acute("0 08:00", 1, response=40, **HOME_CARE),
    )
    assert posted(records, Reason.HOME_CARE) == [(1, "M", "home_care", 1_700_000)]
    assert posted(records, Reason.HOME_CARE, costing=MARGINAL) == [(1, "M", "home_care", 1_500_000)]
    there = posted(records, Reason.HOME_CARE_CAPACITY, costing=MARGINAL)
    assert there == [(day, "M", "home_care", 600_000) for day in range(30)]


def test_a_need_does_not_go_away_with_the_admission():
    # KAD keeps A to D from hospital, 0 08:00 to 1 20:00; they would have needed home care (A), a place
    # for two days (B) and a long-term place for ten (C); D nothing. E is sent on to hospital, and gets
    # home care after it. F, KAD's own, would not have been in hospital. G would have died there.
    region = priced(
        town(beds=1, kad_beds=9, long_term_places=5, places=5, dying=True),
        home_care_start=(17_000.0, 17_000.0, 0.0),
        short_term_day=(4750.0, 4750.0, 0.0),
        long_term_day=(4000.0, 4000.0, 0.0),
    )
    there = {"kad": 1.5}
    records = trace(
        region,
        acute("0 08:00", 1, **there, **HOME_CARE),
        acute("0 08:00", 1, **there, needs="short-term place", place=2),
        acute("0 08:00", 1, **there, needs="long-term place", settles_for=10),
        acute("0 08:00", 1, **there),
        acute("0 08:00", 1, **there, sent_on=True, **HOME_CARE),
        own_kad("0 08:00", 1.5, **HOME_CARE),
        acute("0 08:00", 1, **there, dies=True, **HOME_CARE),
    )
    assert times(records, "kad_end") == ["1 20:00"] * 7
    assert [clocked == "-" for clocked in times(records, "asked")] == [True] * 4 + [False] + [True] * 2
    left = int(times(records, "left")[4].split()[0])
    assert posted(records, Reason.HOME_CARE) == [
        (1, "M", "home_care", 1_700_000),
        (left, "M", "home_care", 1_700_000),
    ]
    assert posted(records, Reason.PLACE_DAYS) == [(1, "M", "places", 950_000)]
    assert posted(records, Reason.LONG_TERM_DAYS) == [(1, "M", "places", 4_000_000)]


def unequal(region):
    """The town and its neighbour, which has twice the people."""
    both = with_neighbour(region)
    small, large = both.municipalities
    return replace(both, municipalities=(small, replace(large, population=(2000.0,))))


def test_two_municipalities_share_a_kad_unit_by_population():
    # One bed at 1000.01: 33 333.67 and 66 667.33 øre; the øre that is left is M's. N's patient is in it
    # 0 08:00 for a day and a half, at 7000, which N alone pays.
    region = priced(unequal(town(beds=1, kad_beds=1)), kad_day=(7000.0, 1000.0, 1000.01))
    records = trace(region, in_n(acute("0 08:00", 1, kad=1.5)))
    assert posted(records, Reason.KAD_DAYS) == [(0, "N", "kad", 1_050_000)]
    assert posted(records, Reason.KAD_DAYS, costing=MARGINAL) == [(0, "N", "kad", 150_000)]
    shared = [(day, who, "kad", part) for day in range(30) for who, part in (("M", 33_334), ("N", 66_667))]
    assert posted(records, Reason.KAD_CAPACITY, costing=MARGINAL) == shared


def test_a_pool_is_paid_for_by_those_who_use_it_when_they_use_it():
    # M and N share three places; from day 10 on N has left for none of its own.
    region = priced(unequal(town(beds=1, places=3)), short_term_day=(4750.0, 900.0, 100.0))

    def leaves(r):
        home, other = r.municipalities
        return replace(r, municipalities=(home, replace(other, short_term_pool="")))

    records = trace(region.changed(leaves, from_day=10))
    there = posted(records, Reason.PLACE_CAPACITY, costing=MARGINAL)
    first = [(day, who, "places", part) for day in range(10) for who, part in (("M", 10_000), ("N", 20_000))]
    assert there == first + [(day, "M", "places", 30_000) for day in range(10, 30)]


# --- teams, grants, travel, visits


def test_the_municipalities_pay_their_share_of_a_team():
    # Three on duty at 4200: 12 600 a day, of which the municipalities pay a quarter, 1050 and 2100.
    team = ambulant_team("team", 3, averts_share=0.5, municipal_share=0.25)
    region = unequal(town(beds=1, teams=(replace(team, municipalities=("M", "N")),)))
    region = priced(region, team_staff_day=(4200.0, 0.0, 4100.0), team_visit=(100.0, 100.0, 0.0))
    records = trace(region, in_n(acute("2 08:00", 1, averted=2.5)))
    assert times(records, "team_end") == ["4 20:00"]
    each = [(day, who, "teams", part) for day in range(30)
            for who, part in (("M", 105_000), ("N", 210_000), ("trust", 945_000))]  # fmt: skip
    assert posted(records, Reason.TEAM_STAFF) == each
    marginal = posted(records, Reason.TEAM_STAFF, costing=MARGINAL)
    assert [row[3] for row in marginal[:3]] == [102_500, 205_000, 922_500]
    assert posted(records, Reason.TEAM_VISITS) == [(2, "trust", "teams", 25_000)]  # one a day, 2 1/2 days


def test_home_care_visits_beside_a_team():
    # Discharged early to the team half way through a stay of four days, 2 12:00, and with it until 4
    # 12:00, when the stay would have ended: two days with a visit and a half of home care's.
    team = ambulant_team("team", 1, early_discharge_share=0.5, municipal_visits_per_day=1.5)
    region = priced(town(beds=1, teams=(team,)), home_visit=(600.0, 600.0, 0.0))
    records = trace(region, acute("0 08:00", 4, leaves_early=True))
    assert [*times(records, "left"), *times(records, "team_end")] == ["2 12:00", "4 12:00"]
    assert posted(records, Reason.HOME_VISITS) == [(2, "M", "home_care", 180_000)]


def test_what_is_bought_costs_the_rhf_less_what_the_state_pays():
    # All cataracts are bought, at 80 % of 0.5 points x 50 000, of which the state pays half. A would have
    # joined at the reference wait; B would not.
    region = priced(town(beds=1, theatre_minutes=400, candidates_per_referral=2.0))
    kinds = tuple(replace(t, drg_weight=0.5) for t in region.elective_types)
    region = replace(region, elective_types=kinds, purchases=(PrivatePurchase("cataract", 1.0),))
    records = trace(
        region,
        referral("3 11:00", "cataract", due=1, joins=0.4),
        referral("3 12:00", "cataract", due=1, joins=0.6),
    )
    assert times(records, "treated") == ["-", "-"]
    assert posted(records, Reason.PRIVATE_TREATMENTS) == [(3, "rhf", "private_providers", 2_000_000)]
    assert posted(records, ISF) == [(3, "state", "rhf", 1_000_000)]


def test_a_grant_is_paid_every_day_that_it_is_in_force():
    region = priced(town(beds=1))
    grants = (Grant("a", "state", "M", 100.255), Grant("b", "trust", "M", 50.0))
    granted = region.ramped(lambda r, _: replace(r, grants=grants), from_day=3, until_day=5)
    records = trace(granted)
    assert posted(records, GRANT) == [
        (3, "state", "M", round(100.255 * 100)),
        (3, "trust", "M", 5000),
        (4, "state", "M", round(100.255 * 100)),
        (4, "trust", "M", 5000),
    ]


def test_patients_pay_for_the_way_and_are_refunded_a_part():
    # A, of M, moves back: 60 km out to R, none home from H. B, of M, stays in R: 120 km. C, of N, in R
    # has no way at all. 5.30 a km, 3.00 of it refunded by the trust of the hospital at home.
    region = priced(two_trusts(town(beds=1)), travel_km=(5.3, 5.3, 0.0), travel_refund_km=(3.0, 3.0, 0.0))
    region = replace(region, wards=tuple(replace(w, beds=3) for w in region.wards))
    records = trace(
        region,
        acute("0 08:00", 4, regional=True, moves_back=True),
        acute("1 08:00", 4, regional=True),
        in_n(acute("2 08:00", 1)),
    )
    assert times(records, "moved") == ["2 12:00", "-", "-"]
    assert posted(records, Reason.TRAVEL) == [
        (0, "patients", "transport", 31_800),
        (1, "patients", "transport", 63_600),
    ]
    assert posted(records, Reason.TRAVEL_REFUND) == [
        (0, "trust", "patients", 18_000),
        (1, "trust", "patients", 36_000),
    ]


def test_visits_that_are_a_load_are_paid_for_as_they_fall():
    # 1000 people with 365 visits each a year: 1000 a day, 30 000 in all. A tenth is private (1300, the
    # RHF), the rest the hospital's at 2500, 0.04 points each of 50 000 x 0.4. No way to travel but the
    # private one's 10 km out and home.
    kind = VisitType("check", "Check", "clinic", "all", (365_000.0,), private_share=0.1, drg_weight=0.04)
    region = priced(
        town(beds=1), clinic_visit=(2500.0, 600.0, 0.0), private_visit=(1300.0, 1300.0, 0.0),
        travel_km=(5.3, 5.3, 0.0),
    )  # fmt: skip
    records = trace(replace(region, visit_types=(kind,)))
    assert (records.patients.stream == ACUTE).sum() == 0
    assert posted(records, Reason.CLINIC_VISITS) == [(0, "trust", "clinics", 27_000 * 250_000)]
    assert posted(records, Reason.PRIVATE_VISITS) == [(0, "rhf", "private_providers", 3000 * 130_000)]
    assert posted(records, ISF)[0] == (0, "rhf", "trust", 27_000 * 80_000)
    assert posted(records, Reason.TRAVEL) == [(0, "patients", "transport", 3000 * 20 * 530)]
