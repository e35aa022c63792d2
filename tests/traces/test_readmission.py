"""Traces worked out by hand: readmission, and follow-up after discharge, which may prevent it."""

from capsim.models.pathway import Outcome
from tests.regions import ambulant_team, town
from tests.tables import acute, readmission, simulated, table, times, trace

FOLLOW_UP = ambulant_team("follow_up", 1, follows_share=0.5, readmission_effect=-0.5)


def test_a_readmission_may_be_readmitted_in_turn():
    # In 0 08:00 for a day, leaves 1 12:00. Back after two and a half days, 4 00:00, for a day:
    # clinical end 5 00:00, ready 5 10:00 (ten hours later; 4 10:00 is fourteen before), leaves 5
    # 12:00. Back after a day, 6 12:00, for a day: ready 7 10:00, leaves 7 12:00. That one would be
    # back too, but there is no third readmission.
    records = trace(
        town(beds=1, returning=True),
        acute("0 08:00", 1, back_after=2.5),
        readmission(of=0, stay=1, back_after=1),
        readmission(of=1, stay=1, back_after=1),
    )
    assert times(records, "arrived") == ["0 08:00", "4 00:00", "6 12:00"]
    assert times(records, "admitted") == ["0 08:00", "4 00:00", "6 12:00"]
    assert times(records, "left") == ["1 12:00", "5 12:00", "7 12:00"]


def test_a_readmission_ends_the_short_term_stay_and_all_of_it_happens_in_one_second():
    # One bed, one place. A leaves for the place at 1 12:00 and would have it for nine days, but is
    # readmitted after three, at 4 12:00. B came at 1 08:00, has A's bed from 1 12:00, is ready 2
    # 10:00 and waits for the place. At 4 12:00 first A's place ends and is B's; 12:00 is the hour
    # to leave, so B leaves; then A comes and finds the bed free: in for a day, to 5 12:00.
    records = trace(
        town(beds=1, places=1, returning=True),
        acute("0 08:00", 1, needs="short-term place", place=9, back_after=3),
        readmission(of=0, stay=1),
        acute("1 08:00", 1, needs="short-term place", place=2),
    )
    assert times(records, "place_start") == ["1 12:00", "-", "4 12:00"]
    assert times(records, "place_end") == ["4 12:00", "-", "6 11:00"]
    assert times(records, "offer") == ["1 10:00", "-", "4 12:00"]
    assert times(records, "left") == ["1 12:00", "5 12:00", "4 12:00"]
    assert times(records, "bed") == ["0 08:00", "4 12:00", "1 12:00"]


def test_who_left_before_the_clock_started_may_come_back_after_it():
    # The clock starts at day 0. All three were in from -5 08:00 for two days, and left -3 08:00.
    # A is back after four days, 1 08:00. B would have been back after two, -1 08:00: before the
    # start, so never. C had died.
    region = town(beds=10, returning=True, dying=True)
    rows = [
        acute("-5 08:00", 2, back_after=4),
        readmission(of=0, stay=1),
        acute("-5 08:00", 2, back_after=2),
        readmission(of=2, stay=1),
        acute("-5 08:00", 2, back_after=4, dies=True),
        readmission(of=4, stay=1),
    ]
    records = simulated(region, table(region, rows, days=30))
    assert times(records, "arrived")[1::2] == ["1 08:00", "-", "-"]
    assert times(records, "left")[1] == "2 12:00"
    gone, home = Outcome.NOT_IN_SCENARIO, Outcome.HOME
    assert list(records.stays.outcome) == [gone, home, gone, gone, gone, gone]


def test_follow_up_takes_a_place_of_the_team_and_halves_the_chance_of_coming_back():
    # The team has one place; with it the chance of a readmission is a quarter instead of a half.
    # A leaves 1 12:00, is followed up for five days, to 6 12:00; the readmission after two days, 3
    #   12:00, does not happen.
    # B leaves 2 12:00, the team is full: readmitted after two days, 4 12:00, and home 5 12:00.
    # C leaves 6 12:00, the second the team's place is free: followed up for nine days, but
    #   readmitted all the same after three, 9 12:00, which ends the follow-up.
    followed = {"followed_up": True}
    records = trace(
        town(beds=10, returning=True, teams=(FOLLOW_UP,)),
        acute("0 08:00", 1, back_after=2, follow_up=5, **followed),
        readmission(of=0, stay=1),
        acute("1 08:00", 1, back_after=2, follow_up=5, **followed),
        readmission(of=2, stay=1),
        acute("5 08:00", 1, back_after=3, back_even_if_followed=True, follow_up=9, **followed),
        readmission(of=4, stay=1),
    )
    assert times(records, "left")[::2] == ["1 12:00", "2 12:00", "6 12:00"]
    assert times(records, "arrived")[1::2] == ["-", "4 12:00", "9 12:00"]
    assert times(records, "follow_start")[::2] == ["1 12:00", "-", "6 12:00"]
    assert times(records, "follow_end")[::2] == ["6 12:00", "-", "9 12:00"]


def test_readmission_cuts_the_course_of_an_early_discharge_short():
    # Half of four days is over at 2 08:00: asks the team 2 10:00, home with it 2 12:00, to 4 12:00.
    # But back after a day, 3 12:00, in hospital for two: ready 5 10:00, leaves 5 12:00. The team's
    # place is free at 3 12:00: B, in since 1 10:00 for four days, asks at 3 10:00 (half is 3 10:00)
    # and finds it taken; C, in since 2 10:00, asks at 4 10:00 and has it from 4 12:00 to 6 12:00.
    records = trace(
        town(beds=10, team_places=1, returning=True),
        acute("0 08:00", 4, leaves_early=True, back_after=1),
        readmission(of=0, stay=2),
        acute("1 10:00", 4, leaves_early=True),
        acute("2 10:00", 4, leaves_early=True),
    )
    assert times(records, "left") == ["2 12:00", "5 12:00", "5 12:00", "4 12:00"]
    assert times(records, "team_start") == ["2 12:00", "-", "-", "4 12:00"]
    assert times(records, "team_end") == ["3 12:00", "-", "-", "6 12:00"]
