"""Traces worked out by hand: patients who move back to the catchment hospital (delte pasientforløp).

Those who need the regionsykehus R for the first half of the stay only ask H, their own, for a bed at
the ward round.
"""

from capsim.models.pathway import Cause, Outcome
from tests.regions import town, with_regional_hospital
from tests.tables import acute, in_n, referral, times, trace

SHARED = {"regional": True, "moves_back": True}


def wards(records, column="ward"):
    names = (*records.facilities.wards, "-")
    return [names[w] for w in getattr(records.stays, column)]


def test_a_patient_moves_back_and_the_bed_is_kept_from_the_asking():
    # A is in R from 0 08:00 for four days. Half is over at 2 08:00: H is asked at 2 10:00 and keeps
    #   its bed, A moves at 2 12:00, is ready 4 10:00 and leaves H at 4 12:00.
    # B, of N, comes to R at 2 09:00 and has A's bed there at 2 12:00; in for a day: leaves 3 12:00.
    # C comes to H at 2 11:00: the bed is empty but kept. In the corridor from 2 17:00 for three
    #   days, in the bed from 4 12:00; clinical end 5 17:00, ready 5 10:00, leaves 5 12:00.
    records = trace(
        with_regional_hospital(town(beds=1)),
        acute("0 08:00", 4, **SHARED),
        in_n(acute("2 09:00", 1)),
        acute("2 11:00", 3),
    )
    assert wards(records) == ["WR", "WR", "W"]
    assert times(records, "moved") == ["2 12:00", "-", "-"]
    assert wards(records, "moved_to") == ["W", "-", "-"]
    assert times(records, "bed") == ["0 08:00", "2 12:00", "4 12:00"]
    assert times(records, "admitted")[2] == "2 17:00"
    assert times(records, "left") == ["4 12:00", "3 12:00", "5 12:00"]


def test_a_planned_patient_leaves_the_bed_that_is_kept():
    # Two beds in H, ward round 14:00, reserved beds 09:00. A, in R for four days, asks at 2 14:00: one bed is
    # free and kept until 3 12:00. C is ready at 2 14:00 too and leaves at 3 13:00, which is known at 3 08:00:
    # the hip is called in. At 09:00 C is still there and the other bed is kept: it waits until C leaves.
    records = trace(
        with_regional_hospital(town(beds=2, theatre_minutes=200, ward_round_hour=14.0, bed_hour=9.0)),
        acute("0 08:00", 4, **SHARED),
        acute("0 08:00", 2, needs="home care", home_care_at=13),
        referral("2 09:00", "hip", due=1, stay=1),
    )
    assert times(records, "moved") == ["3 12:00", "-", "-"]
    assert times(records, "left")[1] == "3 13:00"
    assert times(records, "asked")[2] == "3 08:00"
    assert times(records, "bed")[2] == "3 13:00"


def test_a_full_hospital_is_asked_again_the_next_morning():
    # H's bed is C's until 3 12:00. A, in R from 0 08:00 for six days, asks at 3 10:00 (half is 3
    # 08:00) and is refused; at 4 10:00 the bed is free: moves 4 12:00, ready 6 10:00, leaves 6 12:00.
    records = trace(
        with_regional_hospital(town(beds=1)),
        acute("0 08:00", 3),
        acute("0 08:00", 6, **SHARED),
    )
    assert times(records, "left") == ["3 12:00", "6 12:00"]
    assert times(records, "moved") == ["-", "4 12:00"]


def test_nobody_moves_for_less_than_a_day():
    # Two days: half 1 08:00, asks 1 10:00, ready 2 10:00, a day later: moves 1 12:00.
    # A day and a half: ends 1 20:00, ready 1 10:00; half 1 02:00, would ask at 1 10:00: stays.
    # A stay that would be long enough, of somebody who needs R throughout: stays.
    records = trace(
        with_regional_hospital(town(beds=5), beds=5),
        acute("0 08:00", 2, **SHARED),
        acute("0 08:00", 1.5, **SHARED),
        acute("0 08:00", 6, regional=True),
    )
    assert times(records, "moved") == ["1 12:00", "-", "-"]
    assert times(records, "left") == ["2 12:00", "1 12:00", "6 12:00"]


def test_who_moved_back_waits_for_the_municipality_in_the_bed_there():
    # One bed in H. A, in R from 0 08:00 for two days, moves to H 1 12:00, is ready 2 10:00, and the
    # municipality answers after two days: home with home care 4 10:00. H's hip is postponed on days 2
    # to 4: at 08:00 on day 2 A is in treatment, then it is the answer that is missing. Day 4 is Friday,
    # so the next session is on day 7.
    records = trace(
        with_regional_hospital(town(beds=1, theatre_minutes=200)),
        acute("0 08:00", 2, needs="home care", response=1.5, **SHARED),
        referral("1 13:00", "hip", due=1, stay=1),
    )
    assert times(records, "moved") == ["1 12:00", "-"]
    assert times(records, "offer")[0] == times(records, "left")[0] == "4 10:00"
    causes = [Cause.HOSPITAL, Cause.RESPONSE, Cause.RESPONSE]
    assert records.events.postponed_cause.tolist() == causes
    assert times(records, "asked")[1] == "7 08:00"


def test_who_moved_back_may_die_there():
    # Half of four days is over at 2 08:00; moves 2 12:00; dies in H at 4 08:00, and C, who came at 4
    # 07:00, has the bed in that second.
    records = trace(
        with_regional_hospital(town(beds=1, dying=True)),
        acute("0 08:00", 4, dies=True, **SHARED),
        acute("4 07:00", 1),
    )
    assert times(records, "moved") == ["2 12:00", "-"]
    assert times(records, "left")[0] == "4 08:00"
    assert records.stays.outcome[0] == Outcome.DIED
    assert times(records, "bed")[1] == "4 08:00"
