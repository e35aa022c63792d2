"""Traces worked out by hand: death in hospital."""

from capsim.models.pathway import Outcome
from tests.regions import town
from tests.tables import acute, hours, readmission, referral, times, trace


def test_a_death_frees_the_bed_in_that_second():
    # One bed. A is in from 0 08:00 and dies after 1 day and 6 hours, 1 14:00: no ward round, no
    # discharge hour. B comes at 1 09:00 and would be a corridor patient at 1 15:00; C comes at 1
    # 14:00. B has A's bed at 1 14:00 for a day: clinical end 2 14:00, ready 2 10:00, leaves 2 12:00.
    # C is in the corridor from 1 20:00 and has B's bed at 2 12:00.
    records = trace(
        town(beds=1, dying=True),
        acute("0 08:00", 1.25, dies=True),
        acute("1 09:00", 1),
        acute("1 14:00", 3),
    )
    assert times(records, "left") == ["1 14:00", "2 12:00", "4 12:00"]
    assert times(records, "ready") == ["-", "2 10:00", "4 10:00"]
    assert times(records, "admitted") == ["0 08:00", "1 14:00", "1 20:00"]
    assert times(records, "bed") == ["0 08:00", "1 14:00", "2 12:00"]
    assert list(records.stays.outcome) == [Outcome.DIED, Outcome.HOME, Outcome.HOME]


def test_the_dead_need_nothing_are_not_readmitted_and_may_die_in_the_corridor():
    # One bed, A's until 3 12:00. B comes at 0 09:00, is in the corridor from 0 15:00 and dies there
    # half a day later, 1 03:00, though home care and a readmission were in store.
    records = trace(
        town(beds=1, dying=True, returning=True),
        acute("0 08:00", 3),
        acute("0 09:00", 0.5, dies=True, needs="home care", back_after=2),
        readmission(of=1, stay=1),
    )
    assert times(records, "left") == ["3 12:00", "1 03:00", "-"]
    assert times(records, "bed") == ["0 08:00", "-", "-"]
    assert times(records, "offer") == ["-", "-", "-"]
    assert list(records.stays.outcome) == [Outcome.HOME, Outcome.DIED, Outcome.NOT_IN_SCENARIO]


def test_nobody_knows_in_the_morning_that_a_bed_will_be_left_by_death():
    # One bed. A dies at 1 12:00, the hour at which the others leave, but at 08:00 that day is not
    # known to leave: the hip is postponed, and gets the bed the day after.
    records = trace(
        town(beds=1, dying=True, theatre_minutes=200),
        acute("0 20:00", hours(16), dies=True),
        referral("1 01:00", "hip", due=1, stay=1),
    )
    assert times(records, "left")[0] == "1 12:00"
    assert records.stays.postponed.tolist() == [0, 1]
    assert times(records, "admitted")[1] == "2 13:00"
