"""Traces worked out by hand: who gets which bed, and when."""

from dataclasses import replace

from capsim.models.pathway import Outcome
from capsim.region.region import Hospital, Ward
from tests.regions import town
from tests.tables import acute, at, hours, referral, times, trace

ANY_HOUR = {"ward_round_hour": None, "discharge_hour": None}  # patients leave when their stay ends


def test_two_patients_share_one_bed_one_after_the_other():
    # A has the bed from 08:00 for 6 hours. B comes at 09:00, waits 5 hours (less than the boarding
    # limit of 6), gets the bed at 14:00 and stays 2 hours.
    records = trace(town(beds=1, **ANY_HOUR), acute("0 08:00", hours(6)), acute("0 09:00", hours(2)))
    assert times(records, "bed") == times(records, "admitted") == ["0 08:00", "0 14:00"]
    assert times(records, "left") == ["0 14:00", "0 16:00"]


def test_patients_of_the_same_second_go_in_the_order_of_id():
    # All three fall ill at 08:00:30 and stay an hour: one bed, so 08:00:30, 09:00:30, 10:00:30.
    same = [acute("0 08:00:30", hours(1)) for _ in range(3)]
    records = trace(town(beds=1, **ANY_HOUR), *same)
    assert times(records, "bed") == ["0 08:00:30", "0 09:00:30", "0 10:00:30"]


def test_who_leaves_makes_room_for_who_comes_in_the_same_second():
    # A leaves at 10:00:00 and B comes at 10:00:00: the bed is free, B does not wait.
    records = trace(town(beds=1, **ANY_HOUR), acute("0 08:00", hours(2)), acute("0 10:00", hours(1)))
    assert times(records, "bed") == ["0 08:00", "0 10:00"]


def test_who_waits_goes_before_who_comes_in_the_second_the_bed_frees():
    # A leaves at 10:00. B has waited since 09:00 and takes the bed in that same event, so C, who
    # comes at 10:00, finds it taken and waits for B to leave at 11:00.
    records = trace(
        town(beds=1, **ANY_HOUR),
        acute("0 08:00", hours(2)),
        acute("0 09:00", hours(1)),
        acute("0 10:00", hours(1)),
    )
    assert times(records, "bed") == ["0 08:00", "0 10:00", "0 11:00"]


def test_the_boarding_limit_puts_patients_in_the_corridor_and_a_bed_takes_them_out():
    # A has the bed from 08:00 to 18:00.
    # B comes 09:00, is a corridor patient from 15:00 (6 hours), gets the bed at 18:00 although D has
    #   waited too, and leaves 12 hours after the stay began: 03:00 the next day.
    # C comes 10:00, corridor 16:00, stays an hour and leaves at 17:00 without ever having had a bed.
    # D comes 13:00, corridor 19:00, stays an hour: left 20:00, no bed either.
    records = trace(
        town(beds=1, **ANY_HOUR),
        acute("0 08:00", hours(10)),
        acute("0 09:00", hours(12)),
        acute("0 10:00", hours(1)),
        acute("0 13:00", hours(1)),
    )
    assert times(records, "admitted") == ["0 08:00", "0 15:00", "0 16:00", "0 19:00"]
    assert times(records, "bed") == ["0 08:00", "0 18:00", "-", "-"]
    assert times(records, "left") == ["0 18:00", "1 03:00", "0 17:00", "0 20:00"]


def test_a_bed_that_frees_in_the_second_of_the_boarding_limit_comes_first():
    # A leaves at 15:00, the second at which B, who came at 09:00, would become a corridor patient.
    records = trace(town(beds=1, **ANY_HOUR), acute("0 08:00", hours(7)), acute("0 09:00", hours(1)))
    assert times(records, "admitted") == times(records, "bed") == ["0 08:00", "0 15:00"]


def test_acute_patients_go_before_electives_and_nobody_is_interrupted():
    # Electives by bed at any hour. A (acute) has the bed 08:00–10:00. E1 and E2 (elective) come
    # 08:30 and 08:40, B (acute) at 09:00: B 10:00–11:00, then E1 11:00–12:00. C (acute) comes at
    # 11:30, waits for E1 to leave, and still goes before E2: C 12:00–13:00, E2 13:00.
    records = trace(
        town(beds=1, elective_at_any_hour=True, boarding_limit_hours=None, **ANY_HOUR),
        acute("0 08:00", hours(2)),
        referral("0 08:30", "infusion", due=1, stay=hours(1)),
        referral("0 08:40", "infusion", due=1, stay=hours(1)),
        acute("0 09:00", hours(1)),
        acute("0 11:30", hours(1)),
    )
    assert times(records, "bed") == ["0 08:00", "0 11:00", "0 13:00", "0 10:00", "0 12:00"]


def test_a_bed_is_given_away_in_the_event_that_frees_it():
    # A leaves at 10:00 and E, an elective who waits, takes the bed in that same event. B is acute
    # and comes at 10:00: arrivals are later events of the second, so B waits for E to leave.
    records = trace(
        town(beds=1, elective_at_any_hour=True, boarding_limit_hours=None, **ANY_HOUR),
        acute("0 08:00", hours(2)),
        referral("0 08:30", "infusion", due=1, stay=hours(1)),
        acute("0 10:00", hours(1)),
    )
    assert times(records, "bed") == ["0 08:00", "0 10:00", "0 11:00"]


def test_what_falls_on_the_second_the_run_stops_has_not_happened():
    # The run stops at midnight, when A would leave. B waits since 22:00 and would be a corridor
    # patient at 04:00. C's bed would be another story on day 2.
    records = trace(town(beds=1, **ANY_HOUR), acute("0 20:00", hours(4)), acute("0 22:00", hours(1)), days=1)
    assert times(records, "left") == ["-", "-"]
    assert list(records.stays.outcome) == [Outcome.IN_HOSPITAL, Outcome.AWAITING_BED]


def test_patients_go_to_the_nearest_hospital_that_takes_them_and_to_the_regional_one_if_they_must():
    # H, the catchment hospital, has no emergency function. N is 60 minutes away, F is 90 and R, the
    # regionsykehus, 120: an acute patient goes to N; one of those who need R (half of H's) to R.
    alone = town()
    far = Hospital("F", "Far", "local", "trust", "all", 0.0, 0.0, ("all",))
    home = replace(alone.hospitals[0], emergency=(), regional_share_acute=0.5)
    hospitals = (home, far, replace(far, id="N"), replace(far, id="R", tier="regional"))
    minutes = {"H": 0.0, "F": 90.0, "N": 60.0, "R": 120.0}
    region = replace(
        alone,
        hospitals=hospitals,
        wards=tuple(Ward(f"W{h.id}", h.id, ("all",), 1) for h in hospitals),
        travel_minutes={("M", id): way for id, way in minutes.items()},
        travel_km={("M", id): way for id, way in minutes.items()},
    )
    records = trace(region, acute("0 08:00", 1), acute("0 09:00", 1, regional=True))
    went = [records.facilities.hospitals[h] for h in records.itinerary.hospital]
    assert went == ["N", "R"]
    assert records.stays.bed.tolist() == [at("0 08:00"), at("0 09:00")]
