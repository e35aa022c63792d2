"""Traces worked out by hand: beds that are not staffed on weekends, holidays and in summer."""

from dataclasses import replace
from datetime import date

from tests.regions import town
from tests.tables import acute, times, trace


def test_weekend_beds_close_as_they_empty_and_open_on_monday():
    # Two beds, one on Saturday and Sunday (days 5 and 6). A is in from 3 08:00 to 8 12:00, B to 6
    # 12:00: on Saturday nobody is moved. C comes on Saturday 08:00, is in the corridor from 5 14:00,
    # and does not get the bed that B leaves, which closes. On Monday, 7 00:00, it opens. C's four
    # days end 9 14:00: ready 9 10:00, leaves 9 12:00.
    records = trace(
        town(beds=2, weekend_beds=1), acute("3 08:00", 5), acute("3 08:00", 3), acute("5 08:00", 4)
    )
    assert times(records, "left") == ["8 12:00", "6 12:00", "9 12:00"]
    assert times(records, "admitted")[2] == "5 14:00"
    assert times(records, "bed") == ["3 08:00", "3 08:00", "7 00:00"]


def test_a_holiday_is_a_weekend():
    # Day 0 is Monday 13 May 2024; day 4 is 17 May, days 5 and 6 the weekend, day 7 Whit Monday. The
    # ward is closed on all four: who comes at 4 08:00 has a bed on Tuesday, 8 00:00.
    region = replace(town(beds=1, weekend_beds=0), start=date(2024, 5, 13))
    records = trace(region, acute("4 08:00", 9))
    assert times(records, "admitted") == ["4 14:00"]
    assert times(records, "bed") == ["8 00:00"]


def test_the_smaller_number_holds_on_a_weekend_in_summer():
    # Day 0 is Friday 28 June 2024. Three beds, two on weekends, one in weeks 27 to 32, from Monday 1
    # July, day 3. A, B and C come on Friday for 4, 2 and 1 days: C leaves on Saturday, B on Sunday,
    # 2 12:00. D comes on Saturday, 1 13:00: two beds, two patients. D has B's bed at 2 12:00, since
    # the ward has two until midnight. E comes on Sunday and waits: on Monday there are two patients
    # for one bed. A leaves 4 12:00: D still has the one bed, until 6 12:00, which is then E's.
    region = replace(town(beds=3, weekend_beds=2, summer_beds=1), start=date(2024, 6, 28))
    records = trace(
        region,
        acute("0 08:00", 4),
        acute("0 08:00", 2),
        acute("0 08:00", 1),
        acute("1 13:00", 4.75),
        acute("2 13:00", 9),
    )
    assert records.facilities.ward_beds[:10, 0].tolist() == [3, 2, 2, 1, 1, 1, 1, 1, 1, 1]
    assert times(records, "left")[:4] == ["4 12:00", "2 12:00", "1 12:00", "6 12:00"]
    assert times(records, "admitted")[3] == "1 19:00"
    assert times(records, "bed")[3:] == ["2 12:00", "6 12:00"]
