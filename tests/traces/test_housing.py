"""Traces worked out by hand: mental health, substance use and births; supported housing."""

from dataclasses import replace

from tests.regions import ambulant_team, town
from tests.tables import acute, hours, readmission, times, trace, typed
from tests.traces.test_discharge import days_by_cause

HOME = {"needs": "home"}


def test_who_needs_supported_housing_waits_in_hospital():
    # One home. A is ready 1 10:00 and has it for five days, to 6 10:00. B is ready 2 10:00 and offered
    # it then: midnights 3 to 6. There are short-term places, but they are not for B.
    records = trace(
        town(places=5, psychiatry_beds=5, homes=1),
        typed("0 08:00", "mind", 1, settles_for=5, **HOME),
        typed("1 08:00", "drugs", 1, **HOME),
    )
    assert times(records, "offer") == times(records, "settled") == ["1 10:00", "6 10:00"]
    assert times(records, "left") == ["1 12:00", "6 12:00"]
    assert times(records, "place_start") == ["-", "-"]
    assert days_by_cause(records, 1) == {"housing": 4}


def test_a_temporary_dwelling_is_found_in_the_end_and_the_next_in_line_has_the_home():
    # B, ready 2 10:00, has a temporary dwelling after two days, 4 10:00, and is no longer in line: at
    # 6 10:00 A's home is C's, who is ready since 3 10:00.
    records = trace(
        town(psychiatry_beds=5, homes=1),
        typed("0 08:00", "mind", 1, settles_for=5, **HOME),
        typed("1 08:00", "mind", 1, stretch=1.5, **HOME),
        typed("2 08:00", "mind", 1, **HOME),
    )
    assert times(records, "offer") == ["1 10:00", "4 10:00", "6 10:00"]
    assert times(records, "settled") == ["1 10:00", "-", "6 10:00"]
    assert records.stays.stretched.tolist() == [False, True, False]


def test_a_home_that_frees_in_the_second_of_the_temporary_dwelling_comes_first():
    # A's home is free at 4 10:00, when the dwelling would be found for B.
    records = trace(
        town(psychiatry_beds=5, homes=1),
        typed("0 08:00", "mind", 1, settles_for=3, **HOME),
        typed("1 08:00", "mind", 1, stretch=1.5, **HOME),
    )
    assert times(records, "settled") == ["1 10:00", "4 10:00"]
    assert records.stays.stretched.tolist() == [False, False]


def test_each_lies_in_the_ward_of_its_own_and_comes_back_to_it():
    # One bed for medicine (W), one for mental health and substance use (V), one for births (B). The
    # four do not get in each other's way but for the one with a substance use disorder, who waits
    # for V's bed: from 1 12:00. The mother is back after a day, in B.
    records = trace(
        town(psychiatry_beds=1, maternity_beds=1, returning=True),
        typed("0 08:00", "mind", 1),
        typed("0 08:00", "birth", 1, back_after=1),
        readmission(of=1, stay=1),
        acute("0 08:00", 1),
        typed("1 08:00", "drugs", hours(20)),
    )
    assert [records.facilities.wards[w] for w in records.stays.ward] == ["V", "B", "B", "W", "V"]
    assert times(records, "bed") == ["0 08:00", "0 08:00", "2 12:00", "0 08:00", "1 12:00"]
    # in 1 12:00 + 20 h = 2 08:00: ready 2 10:00, leaves 2 12:00
    assert times(records, "left") == ["1 12:00", "1 12:00", "3 12:00", "1 12:00", "2 12:00"]


def test_a_type_has_a_chance_of_readmission_of_its_own():
    # Nobody is readmitted after mental health here; a somatic stay is, with the same luck.
    region = town(beds=5, psychiatry_beds=5, returning=True)
    types = tuple(replace(t, readmitted=0.0) for t in region.acute_types)
    records = trace(
        replace(region, acute_types=types),
        typed("0 08:00", "mind", 1, back_after=1),
        readmission(of=0, stay=1),
        acute("0 08:00", 1, back_after=1),
        readmission(of=2, stay=1),
    )
    assert times(records, "arrived")[1::2] == ["-", "2 12:00"]


def test_people_enrolled_with_a_fact_team_have_shorter_stays_in_mental_health():
    # The team has five on duty and a caseload of a hundred each: half of the thousand people in M. Its
    # effect is a half: the first is in for two days instead of four, the second is not enrolled, the
    # third's stay is somatic.
    team = ambulant_team("fact", 5, caseload_per_staff=100, stay_effect=-0.5)
    records = trace(
        town(beds=5, psychiatry_beds=5, teams=(team,)),
        typed("0 08:00", "mind", 4, enrolled=True),
        typed("0 08:00", "mind", 4),
        acute("0 08:00", 4, enrolled=True),
    )
    assert times(records, "left") == ["2 12:00", "4 12:00", "4 12:00"]
    assert times(records, "team_start") == ["-", "-", "-"]
