"""Traces worked out by hand: capacity that changes on a day, and a start with patients in the beds."""

from dataclasses import replace

from capsim.models.pathway import Outcome
from tests.regions import ambulant_team, town
from tests.tables import acute, from_home, own_kad, referral, simulated, table, times, trace


def with_beds(region, beds, from_day):
    return region.changed(lambda r: replace(r, wards=(replace(r.wards[0], beds=beds),)), from_day)


def test_a_new_bed_is_given_at_once_to_who_waits():
    # One bed, two from day 2. A has it until 5 12:00. B comes at 1 22:00 and gets the new bed at
    # midnight, before the boarding limit (2 04:00).
    region = with_beds(town(beds=1), 2, from_day=2)
    records = trace(region, acute("0 08:00", 5), acute("1 22:00", 1))
    assert times(records, "bed") == ["0 08:00", "2 00:00"]
    assert times(records, "admitted") == ["0 08:00", "2 00:00"]


def test_beds_that_close_close_as_they_empty():
    # Two beds, one from day 2. A leaves at 4 12:00, B at 5 12:00. C comes at 3 08:00 and is in the
    # corridor from 14:00. When A leaves there is one patient for one bed: C gets a bed when B leaves.
    region = with_beds(town(beds=2), 1, from_day=2)
    records = trace(region, acute("0 08:00", 4), acute("0 08:00", 5), acute("3 08:00", 9))
    assert times(records, "left")[:2] == ["4 12:00", "5 12:00"]
    assert times(records, "bed") == ["0 08:00", "0 08:00", "5 12:00"]
    assert times(records, "admitted")[2] == "3 14:00"


def test_a_new_place_is_offered_at_once_to_who_waits_in_hospital():
    # One place, two from day 3. A has it; B is ready at 2 10:00 and offered the new one at 3 00:00.
    region = town(beds=10, places=1).changed(
        lambda r: replace(r, short_term_pools=(replace(r.short_term_pools[0], places=2),)), from_day=3
    )
    needs = {"needs": "short-term place"}
    records = trace(region, acute("0 08:00", 1, place=9, **needs), acute("1 08:00", 1, **needs))
    assert times(records, "offer") == ["1 10:00", "3 00:00"]
    assert times(records, "left") == ["1 12:00", "3 12:00"]


def test_more_home_care_starts_hold_from_their_day():
    # One start a day, two from day 2: A 1 10:00, then B and C both on the morning of day 2.
    region = town(beds=10, home_care_starts=1).changed(
        lambda r: replace(r, municipalities=(replace(r.municipalities[0], home_care_starts_per_day=2),)),
        from_day=2,
    )
    records = trace(region, *(acute("0 08:00", 1, needs="home care") for _ in range(3)))
    assert times(records, "offer") == ["1 10:00", "2 08:00", "2 08:00"]


def test_who_was_there_before_the_clock_started_is_found_where_they_would_be():
    # The clock starts at day 0.
    # 0: acute, in -2 08:00, clinical end 1 08:00: in bed, ready 1 10:00, leaves 1 12:00.
    # 1: acute, in -9 08:00 for 2 days: gone.
    # 2: acute, in -8 00:00 for 3 days, then a place for 10: in it since -5 00:00, until the
    #    11:00 nearest 5 00:00, which is 5 11:00.
    # 3: KAD's own, in -1 12:00 for 2 days: until 1 12:00.
    # 4: from home, in -3 00:00 for 4 days: until 1 11:00.
    # 5: a hip referred -40 00:00, due after 50 days, day 10: on the list, called in on day 0 because
    #    the session has room.
    # 6: a hip referred -40 00:00, due after 39 days, -1 00:00, for 3 days: in bed since it was due,
    #    clinical end 2 00:00, ready 2 10:00, leaves 2 12:00.
    region = town(beds=10, places=3, kad_beds=1, theatre_minutes=200)
    early = [
        referral("-40 00:00", "hip", due=50, stay=1),
        referral("-40 00:00", "hip", due=39, stay=3),
        acute("-9 08:00", 2),
        acute("-8 00:00", 3, needs="short-term place", place=10),
        from_home("-3 00:00", 4),
        acute("-2 08:00", 3),
        own_kad("-1 12:00", 2),
    ]
    records = simulated(region, table(region, early, days=30))
    listed, operated, gone, placed, home, bed, kad = range(7)
    assert times(records, "admitted")[bed] == "-2 08:00"
    assert times(records, "left")[bed] == "1 12:00"
    assert records.stays.outcome[gone] == Outcome.NOT_IN_SCENARIO
    assert times(records, "place_end")[placed] == "5 11:00"
    assert times(records, "kad_end")[kad] == "1 12:00"
    assert times(records, "place_end")[home] == "1 11:00"
    assert times(records, "asked")[listed] == "0 08:00"
    assert times(records, "admitted")[operated] == "-1 00:00"
    assert times(records, "left")[operated] == "2 12:00"


def test_a_ramp_is_a_step_a_day_and_each_is_handed_out_at_its_midnight():
    # No beds; eight from day 9 on, over seven days from day 2: an eighth of them, one bed, on each of
    # days 2 to 9. Three patients of 0 08:00 are in the corridor from 0 14:00.
    def open_beds(region, part):
        return replace(region, wards=(replace(region.wards[0], beds=round(8 * part)),))

    region = town(beds=0).ramped(open_beds, from_day=2, ramp_days=7)
    records = trace(region, *(acute("0 08:00", 15) for _ in range(3)))
    assert records.facilities.ward_beds[:11, 0].tolist() == [0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 8]
    assert times(records, "admitted") == ["0 14:00"] * 3
    assert times(records, "bed") == ["2 00:00", "3 00:00", "4 00:00"]


def test_a_team_that_grows_takes_as_many_more_and_one_that_shrinks_lets_nobody_go():
    # Two on duty from day 2, after one from day 1, and one again from day 3. Each course is ten days.
    # At 0 08:00 the team has nobody; at 1 08:00 and 2 08:00 it takes one of two. On day 3 it has one
    # place and two patients, who stay to the end of their courses, 11 08:00 and 12 08:00; the first
    # to find a place is the one who comes at 12 08:00, when the second of them leaves.
    team = ambulant_team("team", 2, averts_share=0.5)

    def staffed(number):
        return lambda r: replace(r, teams=(replace(r.teams[0], staff_by_weekday=(number,) * 7),))

    region = town(beds=10, teams=(replace(team, staff_by_weekday=(0.0,) * 7),))
    region = region.changed(staffed(1.0), 1).changed(staffed(2.0), 2).changed(staffed(1.0), 3)
    days = [0, 1, 1, 2, 2, 11, 12]
    records = trace(region, *(acute(f"{day} 08:00", 1, averted=10) for day in days))
    assert times(records, "team_start") == ["-", "1 08:00", "-", "2 08:00", "-", "-", "12 08:00"]
    assert times(records, "team_end")[1::2] == ["11 08:00", "12 08:00", "-"]


def test_the_places_of_the_settled_at_the_start_are_those_of_the_day_the_clock_starts():
    # A change before the start holds when the clock starts: two long-term places, both taken, which
    # are left after -10 ln(3/4) and -10 ln(1/4) days, 2.88 and 13.86.
    region = town(beds=10, places=2, long_term_places=1, loaded_start=True).changed(
        lambda r: replace(r, municipalities=(replace(r.municipalities[0], long_term_places=2),)), from_day=-5
    )
    needs = {"needs": "long-term place"}
    records = trace(region, *(acute("0 08:00", 1, **needs) for _ in range(2)))
    assert times(records, "settled") == ["2 21:02:37", "13 20:42:38"]
