"""Traces worked out by hand: waiting lists, theatre sessions, reserved beds and postponement.

Sessions are at 08:00 Monday (day 0) to Friday, planned inpatients take their bed at 13:00. A hip
takes 200 minutes, a knee 120, a cataract 30 (a day patient, no bed); an infusion is a planned stay.
"""

from dataclasses import replace
from datetime import date

from capsim.models.pathway import Cause, Outcome
from tests.regions import town
from tests.tables import acute, referral, times, trace

NO_CARRY = {"session_carry_minutes": 0}


def sessions(records, kind="theatre"):
    """(day, had, used, lost) of each session held."""
    frame = records.events_frame()
    held = frame[frame.list.str.endswith(kind)]
    return list(zip(held.day, held.capacity, held.used, held.lost, strict=True))


def test_a_session_fills_by_due_date_and_skips_what_does_not_fit():
    # 400 minutes. By due date: the knee (120, 280 left), hip B (200, 80 left), hip C does not fit,
    # nor does hip A, the cataract (30) does. On day 1: hip C, then hip A.
    records = trace(
        town(beds=10, theatre_minutes=400, **NO_CARRY),
        referral("0 01:00", "hip", due=3, stay=1),
        referral("0 02:00", "knee", due=1, stay=1),
        referral("0 03:00", "hip", due=2, stay=1),
        referral("0 04:00", "hip", due=2.5, stay=1),
        referral("0 05:00", "cataract", due=4),
        days=3,
    )
    assert times(records, "asked") == ["1 08:00", "0 08:00", "0 08:00", "1 08:00", "0 08:00"]
    assert times(records, "treated") == ["1 13:00", "0 13:00", "0 13:00", "1 13:00", "0 08:00"]
    assert times(records, "bed")[4] == "-"
    # in 0 13:00 + 1 d: clinical end 1 13:00, ready 1 10:00, leaves 1 12:00
    assert times(records, "left")[1] == "1 12:00"
    assert sessions(records) == [(0, 400, 350, 0), (1, 400, 400, 0), (2, 400, 0, 0)]


def test_unused_minutes_are_saved_for_the_next_session_up_to_the_limit():
    # 150 minutes a day, at most 100 saved. Day 0: no hip fits, 100 of 150 saved. Day 1: 250, the
    # hip, 50 left and saved. Day 2: 200, the second hip.
    records = trace(
        town(beds=10, theatre_minutes=150, session_carry_minutes=100),
        referral("0 01:00", "hip", due=1, stay=1),
        referral("0 01:00", "hip", due=2, stay=1),
        days=3,
    )
    assert times(records, "asked") == ["1 08:00", "2 08:00"]
    assert sessions(records) == [(0, 150, 0, 0), (1, 250, 200, 0), (2, 200, 200, 0)]


def test_patients_with_the_same_due_date_go_in_the_order_of_id():
    records = trace(
        town(beds=10, theatre_minutes=200, **NO_CARRY),
        *(referral("0 01:00", "hip", due=2, stay=1) for _ in range(3)),
    )
    assert times(records, "asked") == ["0 08:00", "1 08:00", "2 08:00"]


def test_a_referral_in_the_second_of_the_session_is_for_the_next():
    records = trace(town(beds=10, theatre_minutes=200), referral("0 08:00", "hip", due=1, stay=1))
    assert times(records, "asked") == ["1 08:00"]


def test_an_operation_is_postponed_for_want_of_a_bed_and_day_patients_get_the_minutes():
    # One bed. A is acute, in at 0 01:00 for 3 days: ready 3 10:00, leaves 3 12:00.
    # Day 0: the hip fills the 200 minutes but there is no bed: postponed. Its minutes go to both
    #   cataracts (60), 140 are lost.
    # Days 1 and 2: postponed again, 200 minutes lost each day.
    # Day 3: A will leave today, so the bed is promised at 08:00 and taken at 13:00.
    # B, acute, comes at 3 12:30: the bed is empty but reserved. Corridor at 3 18:30. The hip's stay
    #   of 1 day ends 4 13:00: ready 4 10:00, leaves 4 12:00, and B gets the bed.
    records = trace(
        town(beds=1, theatre_minutes=200, **NO_CARRY),
        acute("0 01:00", 3),
        referral("0 02:00", "hip", due=1, stay=1),
        referral("0 03:00", "cataract", due=2),
        referral("0 04:00", "cataract", due=3),
        acute("3 12:30", 2),
        days=5,
    )
    assert records.stays.postponed.tolist() == [0, 3, 0, 0, 0]
    assert records.stays.planned.tolist() == [0, 4, 1, 1, 0]
    assert times(records, "treated") == ["-", "3 13:00", "0 08:00", "0 08:00", "-"]
    assert sessions(records) == [
        (0, 200, 60, 140),
        (1, 200, 0, 200),
        (2, 200, 0, 200),
        (3, 200, 200, 0),
        (4, 200, 0, 0),
    ]
    assert times(records, "admitted")[4] == "3 18:30"
    assert times(records, "bed") == ["0 01:00", "3 13:00", "-", "-", "4 12:00"]


def test_a_postponed_patient_keeps_the_due_date():
    # One bed, taken by A until 1 12:00. Hip B (due day 2) is postponed on day 0. Hip C is due later
    # and was referred later: on day 1 B goes first.
    records = trace(
        town(beds=1, theatre_minutes=200, **NO_CARRY),
        acute("0 01:00", 1),
        referral("0 02:00", "hip", due=2, stay=1),
        referral("0 09:00", "hip", due=3, stay=1),
    )
    assert times(records, "ready")[0] == "1 10:00"
    assert times(records, "asked")[1:] == ["1 08:00", "2 08:00"]


def test_beds_kept_for_acute_patients_are_not_promised_to_planned_ones():
    # Two beds, one kept. Both hips fit the 400 minutes; only the first gets a bed.
    records = trace(
        town(beds=2, reserve=1, theatre_minutes=400, **NO_CARRY),
        referral("0 01:00", "hip", due=1, stay=1),
        referral("0 02:00", "hip", due=2, stay=1),
    )
    assert records.stays.postponed.tolist() == [0, 1]
    assert times(records, "admitted") == ["0 13:00", "1 13:00"]


def test_a_patient_whose_reserved_bed_is_not_yet_free_waits_for_it():
    # Two beds and one home-care start a day. X and A are ready 2 10:00; X, the first by id, has the
    # day's start and leaves 2 17:00; Y takes that bed 2 18:00 for 5 days (leaves 7 12:00). A is
    # offered the start of 3 08:00 and leaves when home care can come, 3 17:00.
    # Day 3, 08:00: A leaves today, so the bed is promised to the hip. At 13:00 A is still there; the
    # hip is admitted at 17:00, before B, who is acute, came at 09:00, and is in the corridor from
    # 15:00. The hip: 3 17:00 + 2 d = 5 17:00, ready 5 10:00, leaves 5 12:00. B: 3 15:00 + 1 d, ready
    # 4 10:00, leaves 4 12:00, without a bed.
    records = trace(
        town(beds=2, theatre_minutes=200, home_care_starts=1, **NO_CARRY),
        acute("0 19:00", 2, needs="home care", home_care_at=17),
        acute("0 20:00", 2, needs="home care", home_care_at=17),
        referral("2 09:00", "hip", due=1, stay=2),
        acute("2 18:00", 5),
        acute("3 09:00", 1),
    )
    assert times(records, "offer")[:2] == ["2 10:00", "3 08:00"]
    assert times(records, "left") == ["2 17:00", "3 17:00", "5 12:00", "7 12:00", "4 12:00"]
    assert times(records, "asked")[2] == "3 08:00"
    assert times(records, "admitted") == ["0 19:00", "0 20:00", "3 17:00", "2 18:00", "3 15:00"]
    assert times(records, "treated")[2] == "3 17:00"
    assert times(records, "bed") == ["0 19:00", "0 20:00", "3 17:00", "2 18:00", "-"]


def test_a_patient_whose_municipality_has_not_answered_keeps_the_bed_from_being_promised():
    # One bed. A is declared ready at 1 10:00 but needs home care and holds no offer at 1 08:00, so
    # the hip is postponed although A leaves at 1 12:00.
    records = trace(
        town(beds=1, theatre_minutes=200, **NO_CARRY),
        acute("0 07:00", 1, needs="home care", home_care_at=12),
        referral("0 09:00", "hip", due=1, stay=1),
    )
    assert times(records, "left")[0] == "1 12:00"
    assert records.stays.postponed.tolist() == [0, 1]
    assert times(records, "asked")[1] == "2 08:00"


def test_an_answer_that_comes_at_the_hour_of_the_session_comes_after_it():
    # One bed, ward round at the hour of the session. A is declared ready at 1 08:00, after that day's; the
    # answer, half a day later, comes at the ward round of 2 08:00, after the session: the hip is
    # postponed on day 2 for want of an answer, and treated on day 3.
    records = trace(
        town(beds=1, theatre_minutes=200, ward_round_hour=8.0, **NO_CARRY),
        acute("0 07:00", 1, needs="home care", response=0.5, home_care_at=12),
        referral("0 09:00", "hip", due=1, stay=1),
    )
    assert times(records, "can_receive")[0] == "2 08:00"
    assert [Cause(cause) for cause in records.events.postponed_cause] == [Cause.HOSPITAL, Cause.RESPONSE]
    assert times(records, "asked")[1] == "3 08:00"


def test_fractions_of_a_planned_stay_are_saved_up():
    # 0.4 planned stays a day: 0.4, 0.8, then 1.2 on day 2: the first is called in, 0.2 is left;
    # 0.6 on day 3 and exactly 1.0 on day 4: the second.
    records = trace(
        town(beds=10, planned_stays=0.4),
        referral("0 01:00", "infusion", due=1, stay=1),
        referral("0 01:00", "infusion", due=2, stay=1),
    )
    assert times(records, "admitted") == ["2 13:00", "4 13:00"]


def test_sessions_are_not_held_on_public_holidays_nor_at_weekends():
    # Day 0 is Monday 13 May 2024; day 4 is 17 May, days 5 and 6 the weekend, day 7 Whit Monday.
    region = replace(town(beds=10, theatre_minutes=200), start=date(2024, 5, 13))
    records = trace(region, referral("4 01:00", "hip", due=1, stay=1))
    assert times(records, "asked") == ["8 08:00"]


def test_sessions_are_shorter_in_the_summer_weeks():
    # Day 0 is Monday of ISO week 27, the first summer week: half of 400 minutes, one hip a day.
    region = replace(
        town(beds=10, theatre_minutes=400, summer_session_factor=0.5, **NO_CARRY), start=date(2024, 7, 1)
    )
    records = trace(region, *(referral("0 01:00", "hip", due=1, stay=1) for _ in range(2)))
    assert times(records, "asked") == ["0 08:00", "1 08:00"]


def test_a_candidate_stays_away_when_the_list_is_long():
    # With elasticity 1 the chance of joining is reference / length. The reference is what 3 types
    # with one referral per 1000 and year keep waiting: 3 / 365 a day x 50 days x exp(0.77² / 2)
    # = 0.5528. No session is held, so the list only grows. An empty list counts as half a patient.
    # 0: empty, 0.5528 / 0.5 > 1: joins whatever the luck (0.9).
    # 1: length 1, 0.5528: 0.6 stays away.   2: length 1, 0.5 joins.
    # 3: length 2, 0.2764: 0.3 stays away.   4: length 2, 0.2 joins.
    luck = [0.9, 0.6, 0.5, 0.3, 0.2]
    records = trace(
        town(beds=10, joining_elasticity=1.0),
        *(referral("0 01:00", "hip", due=5, joins=u) for u in luck),
    )
    away, on_list = Outcome.NOT_JOINED, Outcome.ON_LIST
    assert list(records.stays.outcome) == [on_list, away, on_list, away, on_list]
    assert records.stays.joined.tolist() == [True, False, True, False, True]
