"""Traces worked out by hand: patients who fall ill again while they wait for the municipality.

The wait stops; who is declared ready anew asks again, at the end of the queue.
"""

from capsim.models.pathway import Cause
from tests.regions import town
from tests.tables import acute, from_home, referral, times, trace
from tests.traces.test_discharge import days_by_cause

PLACE = {"needs": "short-term place"}


def test_illness_before_the_municipality_could_receive_stops_the_count_and_a_new_declaration_restarts_it():
    # Ready 1 10:00, answered after four days: 5 10:00. Ill again after a day and a quarter, 2 16:00,
    # for a day, to 3 16:00: ready anew at 3 10:00, the round nearest. Received 5 10:00. Midnight 2 is
    # in the first wait, 4 and 5 in the second; midnight 3 was spent ill.
    records = trace(
        town(beds=10, falling_ill=True),
        acute("0 08:00", 1, needs="home care", response=3.5, ill_after=1.25, ill_for=1),
    )
    assert times(records, "ready") == ["1 10:00"]
    assert times(records, "ill") == ["2 16:00"]
    assert times(records, "ready_again") == ["3 10:00"]
    assert times(records, "can_receive") == times(records, "offer") == times(records, "left") == ["5 10:00"]
    assert days_by_cause(records, 0) == {"response": 3}


def test_who_is_ill_longer_than_the_answer_takes_is_received_when_ready_anew():
    # Ready 1 10:00, answered 3 10:00, ill from 2 16:00 for three days: ready anew 5 10:00 (5 16:00),
    # and home at once. Only midnight 2 counts.
    records = trace(
        town(beds=10, falling_ill=True),
        acute("0 08:00", 1, needs="home care", response=1.5, ill_after=1.25, ill_for=3),
    )
    assert times(records, "can_receive") == ["3 10:00"]
    assert times(records, "ready_again") == times(records, "offer") == ["5 10:00"]
    assert days_by_cause(records, 0) == {"response": 1}


def test_illness_while_waiting_for_a_place_loses_the_turn():
    # One place, taken from home to 6 11:00. A asks for it at 1 10:00, B at 2 10:00. A is ill from 3
    # 16:00 for a day (ready anew 4 10:00, nearest to 4 16:00) and asks behind B: B is offered the
    # place at 6 11:00, has it from 6 12:00 for a day, to 7 11:00, and then A.
    # A's midnights: 2 and 3, then 5 to 7. B's: 3 to 6.
    records = trace(
        town(beds=10, places=1, falling_ill=True),
        from_home("0 08:00", 6),
        acute("0 08:00", 1, ill_after=2.25, ill_for=1, **PLACE),
        acute("1 08:00", 1, **PLACE),
    )
    assert times(records, "place_end")[0] == "6 11:00"
    assert times(records, "ready_again")[1] == "4 10:00"
    assert times(records, "offer")[1:] == ["7 11:00", "6 11:00"]
    assert days_by_cause(records, 1) == {"short_term": 5}
    assert days_by_cause(records, 2) == {"short_term": 4}


def test_a_place_is_not_kept_for_who_is_ill():
    # The place is free at 4 11:00, while A (ready 1 10:00) is ill from 2 16:00 for three days. D, from
    # home, asks at 4 12:00, finds nobody in line and has it for three days, to 7 11:00. A is ready
    # anew at 5 10:00 and waits until then: midnight 2, then 6 and 7.
    records = trace(
        town(beds=10, places=1, falling_ill=True),
        from_home("0 08:00", 4),
        acute("0 08:00", 1, ill_after=1.25, ill_for=3, **PLACE),
        from_home("4 12:00", 3),
    )
    assert times(records, "place_start") == ["0 08:00", "7 12:00", "4 12:00"]
    assert times(records, "offer")[1] == "7 11:00"
    assert days_by_cause(records, 1) == {"short_term": 3}


def test_an_extra_place_is_looked_for_anew():
    # The place is taken from home to 20 11:00. A asks 1 10:00; an extra place would be found after two
    # days, 3 10:00. Ill from 2 16:00 for 18 hours, ready anew in that very second: the two days start
    # again, and the extra place comes at 5 10:00.
    records = trace(
        town(beds=10, places=1, falling_ill=True),
        from_home("0 08:00", 20),
        acute("0 08:00", 1, ill_after=1.25, ill_for=0.75, stretch=1.5, **PLACE),
    )
    assert times(records, "ready_again")[1] == "3 10:00"
    assert times(records, "offer")[1] == "5 10:00"
    assert records.stays.stretched.tolist() == [False, True]


def test_who_falls_ill_in_the_second_of_asking_does_not_ask():
    # Answered 2 10:00, and ill in that second, for a day: ready anew 3 10:00. The place was free.
    records = trace(
        town(beds=10, places=1, falling_ill=True),
        acute("0 08:00", 1, response=0.5, ill_after=1, ill_for=1, **PLACE),
    )
    assert times(records, "ill") == times(records, "can_receive") == ["2 10:00"]
    assert times(records, "offer") == ["3 10:00"]
    assert days_by_cause(records, 0) == {"response": 1}


def test_a_place_that_frees_in_the_second_of_the_illness_comes_first():
    # Short-term stays end at 10:00: the place is free, and A's, at 3 10:00, when A would fall ill.
    records = trace(
        town(beds=10, places=1, place_hour=10.0, falling_ill=True),
        from_home("0 08:00", 3),
        acute("0 08:00", 1, ill_after=2, **PLACE),
    )
    assert times(records, "offer")[1] == "3 10:00"
    assert times(records, "ill")[1] == "-"


def test_a_long_term_patient_who_falls_ill_is_out_of_both_lines():
    # No short-term places free until 4 11:00; the long-term place is D's from 1 10:00 to 3 10:00. A,
    # ready 1 10:00 too, is in both lines and ill from 2 16:00 for two days: ready anew 4 10:00. At 3
    # 10:00 the long-term place goes to nobody, and A has it on asking at 4 10:00.
    long_term = {"needs": "long-term place"}
    records = trace(
        town(beds=10, places=1, long_term_places=1, falling_ill=True),
        from_home("0 07:00", 4),
        acute("0 08:00", 1, settles_for=2, **long_term),
        acute("0 08:00", 1, ill_after=1.25, ill_for=1.75, **long_term),
    )
    assert times(records, "ready_again")[2] == "4 10:00"
    assert times(records, "offer")[2] == times(records, "settled")[2] == "4 10:00"


def test_a_bed_is_not_blocked_by_the_municipality_while_the_patient_is_ill():
    # One bed. A is ready 1 10:00, answered 5 10:00, ill from 2 16:00 to 4 10:00. The hip is postponed
    # on days 2 to 4: for the answer, then twice for a patient who is ill. A leaves on Saturday.
    records = trace(
        town(beds=1, theatre_minutes=200, falling_ill=True),
        acute("0 08:00", 1, needs="home care", response=3.5, ill_after=1.25, ill_for=1.75),
        referral("1 11:00", "hip", due=1, stay=1),
    )
    assert times(records, "left")[0] == "5 10:00"
    assert records.events.postponed_cause.tolist() == [Cause.RESPONSE, Cause.HOSPITAL, Cause.HOSPITAL]
    assert times(records, "asked")[1] == "7 08:00"
