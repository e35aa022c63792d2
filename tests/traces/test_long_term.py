"""Traces worked out by hand: patients who need a long-term place.

They wait for it in a short-term place or, without one, in hospital, and block either.
"""

from dataclasses import replace

from capsim.region.region import Region
from tests.regions import town
from tests.tables import acute, from_home, long, readmission, times, trace
from tests.traces.test_discharge import days_by_cause

LONG_TERM = {"needs": "long-term place"}
SHORT_TERM = {"needs": "short-term place"}


def test_who_waits_for_a_long_term_place_blocks_a_short_term_one():
    # One place of each kind.
    # A is ready 1 10:00 and has the long-term place from then, for five days, to 6 10:00.
    # B is ready 2 10:00, is offered the short-term place, and waits there from 2 12:00.
    # C is ready 3 10:00, needs a short-term place and waits in hospital.
    # At 6 10:00 A's place is B's: the short-term one closes behind B at once and is offered to C.
    records = trace(
        town(beds=10, places=1, long_term_places=1),
        acute("0 08:00", 1, settles_for=5, **LONG_TERM),
        acute("1 08:00", 1, **LONG_TERM),
        acute("2 08:00", 1, place=1, **SHORT_TERM),
    )
    assert times(records, "offer") == ["1 10:00", "2 10:00", "6 10:00"]
    assert times(records, "settled") == ["1 10:00", "6 10:00", "-"]
    assert times(records, "left") == ["1 12:00", "2 12:00", "6 12:00"]
    assert times(records, "place_start") == ["-", "2 12:00", "6 12:00"]
    assert times(records, "place_end") == ["-", "6 10:00", "7 11:00"]
    assert days_by_cause(records, 2) == {"short_term": 3}


def test_a_long_term_place_that_comes_before_the_patient_has_left_saves_the_short_term_one():
    # A has the long-term place from 1 10:00 to 2 11:00. B is ready 2 10:00 and offered the short-term
    # place; at 2 11:00 A's is free and B's, so B goes there at 2 12:00, the hour to leave. C, ready 2
    # 10:00 too, is offered the short-term place that B held in that second, 2 11:00.
    records = trace(
        town(beds=10, places=1, long_term_places=1),
        acute("0 08:00", 1, settles_for=1 + 1 / 24, **LONG_TERM),
        acute("1 08:00", 1, **LONG_TERM),
        acute("1 08:00", 1, **SHORT_TERM),
    )
    assert times(records, "offer") == ["1 10:00", "2 10:00", "2 11:00"]
    assert times(records, "settled") == ["1 10:00", "2 11:00", "-"]
    assert times(records, "left") == ["1 12:00", "2 12:00", "2 12:00"]
    assert times(records, "place_start") == ["-", "-", "2 12:00"]


def test_without_short_term_places_the_wait_is_in_hospital():
    # As above, but B, ready 2 10:00, has nowhere to wait: offered A's place at 6 10:00. Midnights 3
    # to 6 are long-term days. C, acute, came 2 08:00 and is in the corridor from 2 14:00 to 6 12:00.
    records = trace(
        town(beds=1, long_term_places=1),
        acute("0 08:00", 1, settles_for=5, **LONG_TERM),
        acute("1 10:00", 1, **LONG_TERM),
        acute("2 08:00", 9),
    )
    assert times(records, "bed") == ["0 08:00", "1 12:00", "6 12:00"]
    assert times(records, "offer")[1] == times(records, "settled")[1] == "6 10:00"
    assert days_by_cause(records, 1) == {"long_term": 4}


def test_an_extra_short_term_place_does_to_wait_in_too():
    # The short-term place is taken from home, to 9 11:00, the long-term one by A from 1 10:00 to 6
    # 10:00. B is ready 2 10:00; after two days, 4 10:00, an extra place is found, where B waits from
    # 4 12:00 to 6 10:00. It was over capacity: C, ready 3 10:00, is not offered it, but the one of 9
    # 11:00.
    records = trace(
        town(beds=10, places=1, long_term_places=1),
        from_home("0 07:00", 9),
        acute("0 08:00", 1, settles_for=5, **LONG_TERM),
        acute("1 08:00", 1, stretch=1.5, **LONG_TERM),
        acute("2 08:00", 1, **SHORT_TERM),
    )
    assert times(records, "place_end")[0] == "9 11:00"
    assert times(records, "offer")[1:] == ["1 10:00", "4 10:00", "9 11:00"]
    assert records.stays.stretched.tolist() == [False, False, True, False]
    assert times(records, "place_start")[2] == "4 12:00"
    assert times(records, "place_end")[2] == times(records, "settled")[2] == "6 10:00"


def test_a_readmission_gives_up_the_place_in_the_queue_for_a_long_term_one():
    # A has the long-term place from 1 10:00 to 9 10:00. B waits for it in the short-term place from 2
    # 12:00, is readmitted after a day, 3 12:00, for a day: ready 4 10:00 and offered the short-term
    # place again. C, ready 3 10:00, needs a long-term place too and was offered the short-term place
    # that B left at 3 12:00: B waits in hospital. At 9 10:00 C, who asked before B's second time, has
    # A's place, and B the short-term one; B's own comes after that, at 11 10:00, with C's two days.
    records = trace(
        town(beds=10, places=1, long_term_places=1, returning=True),
        acute("0 08:00", 1, settles_for=8, **LONG_TERM),
        acute("1 08:00", 1, back_after=1, **LONG_TERM),
        readmission(of=1, stay=1, **LONG_TERM),
        acute("2 08:00", 1, settles_for=2, **LONG_TERM),
    )
    assert times(records, "place_end")[1] == times(records, "arrived")[2] == "3 12:00"
    assert times(records, "offer") == ["1 10:00", "2 10:00", "9 10:00", "3 12:00"]
    assert times(records, "settled") == ["1 10:00", "-", "11 10:00", "9 10:00"]
    assert times(records, "place_start") == ["-", "2 12:00", "9 12:00", "3 12:00"]
    assert times(records, "place_end") == ["-", "3 12:00", "11 10:00", "9 10:00"]


def test_more_long_term_places_go_to_who_asked_first():
    # One place, A's. B and C wait in short-term places since 2 10:00 and 3 10:00. There are two from
    # day 5: B's at midnight.
    def two(region: Region) -> Region:
        return replace(region, municipalities=(replace(region.municipalities[0], long_term_places=2),))

    records = trace(
        town(beds=10, places=2, long_term_places=1).changed(two, from_day=5),
        *(acute(f"{day} 08:00", 1, **LONG_TERM) for day in range(3)),
    )
    assert times(records, "settled") == ["1 10:00", "5 00:00", "-"]


def test_at_a_loaded_start_every_place_is_taken_and_one_frees_before_who_asks_in_that_second():
    # One place, taken when the clock starts; the stay that remains is the median of an exponential
    # with mean ten days: 10 ln 2 days = 598 879.17 s, so it ends 6 22:21:19. B, with no hours of the
    # day, is in from 5 22:21:19 for a day and asks in the second it frees: B has it at once, and not
    # the short-term place to wait in.
    any_hour = {"ward_round_hour": None, "discharge_hour": None}
    records = trace(
        town(beds=10, places=1, long_term_places=1, loaded_start=True, **any_hour),
        acute("5 22:21:19", 1, **LONG_TERM),
    )
    assert times(records, "settled") == ["6 22:21:19"]
    assert times(records, "left") == ["6 22:21:19"]
    assert times(records, "place_start") == ["-"]
    assert long(6.93147) < 0.5 < long(6.93148)
