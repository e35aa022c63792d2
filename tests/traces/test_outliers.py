"""Traces worked out by hand: patients who lie in another ward of the hospital.

Ward G takes the overflow of W beside its own patients.
"""

from capsim.models.pathway import Cause
from tests.regions import town, with_guest_ward
from tests.tables import acute, at, clock, referral, times, trace

ANY_HOUR = {"ward_round_hour": None, "discharge_hour": None}


def wards(records):
    return [records.facilities.wards[w] for w in records.stays.ward]


def test_overflow_lies_in_the_other_ward_but_for_its_acute_reserve():
    # W has one bed, G two, of which one is kept for its own acute patients.
    # A has W's bed from 08:00 to 18:00. B comes 09:00 and lies in G, until 21:00. C comes 10:00: G's
    #   last bed is kept. D, of G, comes 11:00 and has it. C is in the corridor from 16:00 and has
    #   W's bed at 18:00, for a stay that began at 16:00: to 20:00.
    records = trace(
        with_guest_ward(town(beds=1, **ANY_HOUR), beds=2, reserve=1),
        acute("0 08:00", 10 / 24),
        acute("0 09:00", 12 / 24),
        acute("0 10:00", 4 / 24),
        acute("0 11:00", 20 / 24, of_ward_g=True),
    )
    assert wards(records) == ["W", "G", "W", "G"]
    assert times(records, "bed") == ["0 08:00", "0 09:00", "0 18:00", "0 11:00"]
    assert times(records, "admitted")[2] == "0 16:00"
    assert times(records, "left") == ["0 18:00", "0 21:00", "0 20:00", "1 07:00"]


def test_a_wards_own_patients_go_before_guests():
    # A has W's bed and D G's. C, of W, comes 09:00; E, of G, at 10:00. G's bed frees at 12:00: it is
    # E's, though C has waited longer. It frees again at 13:00, and is C's.
    records = trace(
        with_guest_ward(town(beds=1, **ANY_HOUR)),
        acute("0 08:00", 1),
        acute("0 08:00", 4 / 24, of_ward_g=True),
        acute("0 09:00", 1 / 24),
        acute("0 10:00", 1 / 24, of_ward_g=True),
    )
    assert wards(records) == ["W", "G", "G", "G"]
    assert times(records, "bed") == ["0 08:00", "0 08:00", "0 13:00", "0 12:00"]


def test_a_corridor_patient_taken_by_the_other_ward_is_no_longer_expected_to_leave_this_one():
    # A has W's bed until 5 12:00, D G's until 2 12:00. C comes 0 09:00, is in W's corridor from 0
    # 15:00 for three days, and has G's bed at 2 12:00; clinical end 3 15:00, ready 3 10:00, leaves 3
    # 12:00. The hip, referred 2 13:00, is on the plan of day 3 at 08:00. That C will leave today is
    # G's good luck: W is full, and postpones it, for its own patient, and on day 4 again. A leaves on
    # Saturday: the hip is called in on Monday, day 7.
    records = trace(
        with_guest_ward(town(beds=1, theatre_minutes=200)),
        acute("0 08:00", 5),
        acute("0 08:00", 2, of_ward_g=True),
        acute("0 09:00", 3),
        referral("2 13:00", "hip", due=1, stay=1),
    )
    assert times(records, "admitted")[2] == "0 15:00"
    assert times(records, "bed")[2] == "2 12:00"
    assert times(records, "left")[:3] == ["5 12:00", "2 12:00", "3 12:00"]
    spans = zip(*records.bed_spans(), strict=True)
    assert sorted(
        (start, records.facilities.wards[w], clock(end)) for p, w, start, end in spans if p == 2
    ) == [
        (at("0 15:00"), "W", "2 12:00"),
        (at("2 12:00"), "G", "3 12:00"),
    ]
    assert records.events.postponed_cause.tolist() == [Cause.HOSPITAL] * 2
    assert times(records, "asked")[3] == "7 08:00"
