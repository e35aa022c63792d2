"""Traces worked out by hand: first contact at a clinic, before the waiting list.

Clinics are held at 08:00 Monday (day 0) to Friday, after the day's sessions. First contact is planned
half way to the due date, and its statutory deadline is at four fifths of the way.
"""

from dataclasses import replace
from datetime import date

from capsim.analysis.metrics import summarise
from capsim.models.pathway import Outcome
from tests.regions import town
from tests.tables import assessed, clock, referral, times, trace


def test_first_contact_is_in_the_order_of_the_planned_day():
    # One slot a day. Referred on day 0 with due dates after 40, 10 and 20 days, so planned for days
    # 20, 5 and 10; the fourth is planned like the third and has the higher id.
    records = trace(
        town(clinic_slots=1, first_contact_ahead_days=30.0),
        *(referral("0 01:00", "hip", due=due) for due in (40, 10, 20, 20)),
    )
    assert times(records, "seen") == ["3 08:00", "0 08:00", "1 08:00", "2 08:00"]


def test_nobody_is_seen_longer_ahead_of_the_plan_than_allowed():
    # At most two days ahead. Planned for 10 01:00: not before 8 01:00. Planned for 4 01:00: from 2
    # 01:00. Planned for 0 07:00 (due after half a day): at 0 08:00, the first after it.
    records = trace(
        town(clinic_slots=5, first_contact_ahead_days=2.0),
        *(referral("0 01:00", "hip", due=due) for due in (20, 8, 0.5)),
    )
    assert times(records, "seen") == ["8 08:00", "2 08:00", "0 08:00"]


def test_fractions_of_a_slot_are_saved_and_whole_slots_are_not():
    # 0.4 slots a day: 0.4, 0.8, 1.2 on day 2: the first; 0.6 on day 3, exactly 1.0 on day 4: the
    # second.
    two = [referral("0 01:00", "hip", due=10) for _ in range(2)]
    assert times(trace(town(clinic_slots=0.4), *two), "seen") == ["2 08:00", "4 08:00"]
    # Two slots a day, nobody to see on days 0 and 1. On day 2 there are two slots and a fraction, not
    # four: the third of three is seen on day 3.
    three = [referral("1 09:00", "hip", due=10) for _ in range(3)]
    assert times(trace(town(clinic_slots=2), *three), "seen") == ["2 08:00", "2 08:00", "3 08:00"]


def test_a_first_contact_after_the_statutory_deadline_is_fristbrudd():
    # 0.2 slots a day: one whole slot on days 4, 11 and 18. A and C are due after ten days, so planned
    # for day 5 with the deadline 8 01:00; B after twenty: day 10, deadline 16 01:00. A is seen on day
    # 4, C on day 11, B on day 18: two of three too late.
    records = trace(
        town(clinic_slots=0.2),
        referral("0 01:00", "hip", due=10),
        referral("0 01:00", "hip", due=20),
        referral("0 01:00", "hip", due=10),
    )
    assert times(records, "seen") == ["4 08:00", "18 08:00", "11 08:00"]
    assert [clock(time) for time in records.itinerary.statutory] == ["8 01:00", "16 01:00", "8 01:00"]
    table = summarise(records)
    share = table.query(
        "window == 'all' and place == 'region' and by == 'all' and result == 'fristbrudd_share'"
    )
    assert share.value.tolist() == [2 / 3]


def test_an_assessment_takes_a_slot_and_ends_there():
    # One slot a day: the assessment, planned for day 2, comes first; the other, planned for day 5, is
    # seen the day after and goes on to the list.
    records = trace(
        town(clinic_slots=1), assessed("0 01:00", "hip", due=4), referral("0 01:00", "hip", due=10), days=5
    )
    assert times(records, "seen") == ["0 08:00", "1 08:00"]
    assert list(records.stays.outcome) == [Outcome.ASSESSED, Outcome.ON_LIST]
    assert records.stays.joined.tolist() == [True, True]


def test_who_is_seen_at_the_hour_of_the_session_is_for_the_next_one():
    # Sessions come before clinics in the same second: seen 0 08:00, called in 1 08:00.
    records = trace(
        town(beds=1, theatre_minutes=200, clinic_slots=1), referral("0 01:00", "hip", due=1, stay=1)
    )
    assert times(records, "seen") == ["0 08:00"]
    assert times(records, "asked") == ["1 08:00"]


def test_clinics_are_closed_on_holidays_and_smaller_in_summer():
    # Day 0 is Monday 13 May 2024; day 4 is 17 May, day 7 Whit Monday: seen on Tuesday, day 8.
    region = replace(town(clinic_slots=1), start=date(2024, 5, 13))
    assert times(trace(region, referral("4 01:00", "hip", due=1)), "seen") == ["8 08:00"]
    # Day 0 is Monday of ISO week 27, the first summer week: half a slot a day, so one on days 1 and 3.
    region = replace(town(clinic_slots=1, summer_clinic_factor=0.5), start=date(2024, 7, 1))
    records = trace(region, *(referral("0 01:00", "hip", due=1) for _ in range(2)))
    assert times(records, "seen") == ["1 08:00", "3 08:00"]


def test_who_waits_for_first_contact_makes_the_list_longer_for_those_who_come():
    # The chance of joining is reference / length with elasticity 1, as without a clinic: 0.5528 for a
    # length of one (see test_waiting_lists). There is never a slot: 0.6 stays away, 0.5 joins.
    records = trace(
        town(clinic_slots=0, joining_elasticity=1.0),
        *(referral("0 01:00", "hip", due=5, joins=u) for u in (0.9, 0.6, 0.5)),
    )
    assert list(records.stays.outcome) == [Outcome.AT_CLINIC, Outcome.NOT_JOINED, Outcome.AT_CLINIC]


def test_who_was_referred_before_the_start_has_been_seen_if_that_was_due():
    # The clock starts at day 0; at most two days ahead. A, referred -10 01:00 and due after 16 days,
    # was planned for -2 01:00 and seen as early as allowed, -4 01:00: on the list, called in on day
    # 0. B, due after 40, is planned for 10 01:00 and seen on day 8. An assessment due after 16 days
    # is done with.
    records = trace(
        town(beds=5, theatre_minutes=200, clinic_slots=1, first_contact_ahead_days=2.0),
        referral("-10 01:00", "hip", due=16, stay=1),
        referral("-10 01:00", "hip", due=40, stay=1),
        assessed("-10 01:00", "hip", due=16),
    )
    assert times(records, "seen") == ["-4 01:00", "8 08:00", "-"]
    assert times(records, "asked")[:2] == ["0 08:00", "9 08:00"]
    assert records.stays.outcome[2] == Outcome.NOT_IN_SCENARIO
