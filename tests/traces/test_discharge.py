"""Traces worked out by hand: the end of a stay, readiness, and the days that are paid for."""

from dataclasses import replace
from datetime import date

from capsim.analysis.delays import CAUSES, delay_days
from capsim.analysis.metrics import summarise
from capsim.region.rates import PaymentRule, Rates
from tests.regions import town
from tests.tables import acute, from_home, hours, times, trace


def days_by_cause(records, patient):
    """Midnights after readiness by what they were spent waiting for."""
    rows = delay_days(records)
    causes = [CAUSES[c] for c, p in zip(rows.cause, rows.patient, strict=True) if p == patient]
    return {cause: causes.count(cause) for cause in CAUSES if cause in causes}


def test_readiness_is_declared_at_the_nearest_ward_round_after_admission():
    # Ward round 10:00, discharge 12:00. Clinical ends and the 10:00 nearest to them:
    # 0: in 0 08:00 + 1 d 12 h = 1 20:00, ten hours after 1 10:00 and fourteen before 2 10:00 -> 1 10:00
    # 1: in 0 08:00 + 1 d 14 h = 1 22:00, twelve hours from both: the later                 -> 2 10:00
    # 2: in 0 09:00 + 10 min = 0 09:10                                                       -> 0 10:00
    # 3: in 0 10:00 + 1 h = 0 11:00, nearest 0 10:00 is not after admission                  -> 1 10:00
    # 4: in 0 11:00 + 20 h = 1 07:00                                                         -> 1 10:00
    # 5: in 0 23:00 + 1 h = 1 00:00, ten hours before 1 10:00                                -> 1 10:00
    records = trace(
        town(beds=10),
        acute("0 08:00", hours(36)),
        acute("0 08:00", hours(38)),
        acute("0 09:00", hours(1 / 6)),
        acute("0 10:00", hours(1)),
        acute("0 11:00", hours(20)),
        acute("0 23:00", hours(1)),
    )
    assert times(records, "ready") == ["1 10:00", "2 10:00", "0 10:00", "1 10:00", "1 10:00", "1 10:00"]
    assert times(records, "left") == ["1 12:00", "2 12:00", "0 12:00", "1 12:00", "1 12:00", "1 12:00"]


def test_a_patient_leaves_at_the_hour_of_those_who_receive():
    # All are ready at 1 10:00 and received at once. Nothing needed: 12:00. Home care at the drawn
    # hour, 14:30, or 10:00 which is now. A short-term place at 12:00.
    records = trace(
        town(beds=10, places=1),
        acute("0 08:00", 1),
        acute("0 08:00", 1, needs="home care", home_care_at=14.5),
        acute("0 08:00", 1, needs="home care", home_care_at=10),
        acute("0 08:00", 1, needs="short-term place"),
    )
    assert times(records, "offer") == ["-", "1 10:00", "1 10:00", "1 10:00"]
    assert times(records, "left") == ["1 12:00", "1 14:30", "1 10:00", "1 12:00"]
    assert times(records, "place_start") == ["-", "-", "-", "1 12:00"]


def test_overliggerdogn_are_the_midnights_after_readiness_up_to_the_offer():
    # All are ready at 1 10:00 and go home with home care at 10:00. Answers take whole days.
    # 0: answered in time: received the same day, no midnight.
    # 1: answered after half a day, the next morning, 2 10:00: midnight 2.
    # 2: answered after a day and a half, 3 10:00: midnights 2 and 3.
    # 3: a tailored service takes 2.5 days, 4 10:00: midnights 2, 3 and 4, waiting for an answer.
    needs = {"needs": "home care"}
    records = trace(
        town(beds=10),
        acute("0 08:00", 1, **needs),
        acute("0 08:00", 1, response=0.5, **needs),
        acute("0 08:00", 1, response=1.5, **needs),
        acute("0 08:00", 1, complex_days=2.5, **needs),
    )
    assert times(records, "offer") == ["1 10:00", "2 10:00", "3 10:00", "4 10:00"]
    assert times(records, "left") == ["1 10:00", "2 10:00", "3 10:00", "4 10:00"]
    assert [days_by_cause(records, p) for p in range(4)] == [
        {},
        {"response": 1},
        {"response": 2},
        {"response": 3},
    ]
    table = summarise(records)
    total = table.query("window == 'all' and place == 'M' and by == 'all' and result == 'overliggerdogn'")
    assert total.value.tolist() == [6.0]


def test_a_midnight_at_the_second_of_the_offer_counts_and_one_at_readiness_does_not():
    # No hours of the day. 0: ready 1 08:00, offer 2 00:00: midnight 2 is not after the offer.
    # 1: ready 2 00:00, offer 2 08:00: midnight 2 is not after readiness.
    needs = {"needs": "home care"}
    records = trace(
        town(beds=10, ward_round_hour=None, discharge_hour=None),
        acute("0 08:00", 1, response=hours(16), **needs),
        acute("0 08:00", hours(40), response=hours(8), **needs),
    )
    assert times(records, "ready") == ["1 08:00", "2 00:00"]
    assert times(records, "offer") == times(records, "left") == ["2 00:00", "2 08:00"]
    assert [days_by_cause(records, p) for p in range(2)] == [{"response": 1}, {}]


def test_days_after_the_offer_are_the_hospitals_and_nobody_pays_for_them():
    # The only place is taken from 0 08:00 for 2 days and 7 hours. B is in from 0 20:00 for 2 days,
    # clinical end 2 20:00: ready 2 10:00. The place frees at 2 15:00: offered the same day. The
    # next discharge hour is 3 12:00: midnight 3 is after the offer.
    region = replace(town(beds=10, places=1, place_hour=None), rates=Rates({2024: PaymentRule(5000.0)}))
    records = trace(region, from_home("0 08:00", 2 + hours(7)), acute("0 20:00", 2, needs="short-term place"))
    assert times(records, "ready")[1] == "2 10:00"
    assert times(records, "offer")[1] == "2 15:00"
    assert times(records, "left")[1] == "3 12:00"
    assert days_by_cause(records, 1) == {"hospital": 1}
    paid = summarise(records).query("window == 'all' and result == 'payment_nok' and place == 'M'")
    assert paid.value.tolist() == [0.0]


def test_an_early_notice_runs_while_the_patient_is_still_ill():
    # Notice 24 hours after admission, 1 08:00, and an answer 2 days later: 3 08:00. The patient is
    # ready at 3 10:00 and received at once. Without early notice: 3 10:00 + 2 days = 5 10:00.
    needs = {"needs": "home care", "response": 1.5}
    records = trace(
        town(beds=10), acute("0 08:00", 3, early_notice=True, **needs), acute("0 08:00", 3, **needs)
    )
    assert times(records, "ready") == ["3 10:00", "3 10:00"]
    assert times(records, "offer") == ["3 10:00", "5 10:00"]


def test_an_early_notice_never_comes_after_readiness():
    # Ready two hours after admission: the notice is given then, not 24 hours after admission.
    records = trace(town(beds=10), acute("0 08:00", hours(1), early_notice=True, needs="home care"))
    assert times(records, "ready") == times(records, "offer") == ["0 10:00"]


def test_a_midnight_is_paid_at_the_rate_of_the_year_it_ends():
    # Day 0 is 29 December 2023. Ready 1 10:00 (30 December), answered 3 days later: 4 10:00 (2
    # January). Midnights 2, 3 and 4 end 30 December, 31 December and 1 January:
    # 5 000 + 5 000 + 6 000 kroner.
    rates = Rates({2023: PaymentRule(5000.0), 2024: PaymentRule(6000.0)})
    region = replace(town(beds=10), start=date(2023, 12, 29), rates=rates)
    records = trace(region, acute("0 08:00", 1, needs="home care", response=2.5))
    assert days_by_cause(records, 0) == {"response": 3}
    paid = summarise(records).query("window == 'all' and result == 'payment_nok' and by == 'all'")
    assert dict(zip(paid.place, paid.value, strict=True)) == {
        "M": 16_000.0,
        "all": 16_000.0,
        "region": 16_000.0,
        "trust": 16_000.0,
    }


def test_a_late_answer_reaches_the_ward_in_the_morning():
    # In 0 03:17 for 2 days, clinical end 2 03:17: ready 2 10:00. Notice 1 03:17, the answer comes 3
    # days later, 4 03:17, and counts from that morning's round: received 4 10:00, home the same day.
    # Midnights 3 and 4 were spent waiting for the answer.
    records = trace(
        town(beds=10),
        acute("0 03:17", 2, needs="home care", early_notice=True, response=2.5, home_care_at=14),
    )
    assert times(records, "ready") == ["2 10:00"]
    assert times(records, "can_receive") == ["4 10:00"]
    assert times(records, "offer") == ["4 10:00"]
    assert times(records, "left") == ["4 14:00"]
    assert days_by_cause(records, 0) == {"response": 2}
