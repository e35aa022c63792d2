"""Traces worked out by hand: home care, short-term places, KAD and the ambulant team."""

from capsim.models.pathway import Outcome
from tests.regions import town
from tests.tables import acute, from_home, hours, own_kad, times, trace

PLACE = {"needs": "short-term place"}


def test_home_care_starts_of_a_day_are_used_up_and_the_rest_wait_for_a_morning():
    # One start a day. A, B and C are ready at 1 10:00: A starts that day, B at 08:00 on day 2, C on
    # day 3. D is ready at 2 10:00 and behind C: day 4. They leave at 10:00.
    needs = {"needs": "home care"}
    records = trace(
        town(beds=10, home_care_starts=1),
        acute("0 08:00", 1, **needs),
        acute("0 08:00", 1, **needs),
        acute("0 08:00", 1, **needs),
        acute("1 08:00", 1, **needs),
    )
    assert times(records, "offer") == ["1 10:00", "2 08:00", "3 08:00", "4 08:00"]
    assert times(records, "left") == ["1 10:00", "2 10:00", "3 10:00", "4 10:00"]


def test_who_asks_for_home_care_before_the_morning_does_not_pass_who_waits_for_it():
    # No ward round: A is ready at 1 10:00, B at 1 11:00, C at 2 03:00. One start a day: A at once,
    # B on the morning of day 2, at 08:00, though C asks before that; C on the morning of day 3.
    records = trace(
        town(beds=10, home_care_starts=1, ward_round_hour=None, discharge_hour=None),
        acute("0 10:00", 1, needs="home care"),
        acute("0 11:00", 1, needs="home care"),
        acute("1 03:00", 1, needs="home care"),
    )
    assert times(records, "offer") == ["1 10:00", "2 08:00", "3 08:00"]


def test_a_full_short_term_pool_stretches_and_then_closes_the_extra_place():
    # One place; short-term stays end at the 11:00 nearest.
    # A is offered it at 1 10:00, has it from 1 12:00 for 5 days: to 6 11:00.
    # B is ready at 2 10:00; after a day and a half, whole days, so at 4 10:00, an extra place is
    #   found; B has it from 4 12:00 for 3 days, to 7 11:00.
    # C is ready at 3 10:00. When A leaves the place at 6 11:00, B still has one and there is only
    #   one: C waits. At 7 11:00 B leaves, C is offered the place and goes there at 12:00.
    # D is ready at 5 10:00 and behind C: the place is free again at 8 11:00.
    records = trace(
        town(beds=10, places=1),
        acute("0 08:00", 1, place=5, **PLACE),
        acute("1 08:00", 1, place=3, stretch=1.5, **PLACE),
        acute("2 08:00", 1, place=1, stretch=30, **PLACE),
        acute("4 08:00", 1, place=1, stretch=30, **PLACE),
    )
    assert times(records, "offer") == ["1 10:00", "4 10:00", "7 11:00", "8 11:00"]
    assert records.stays.stretched.tolist() == [False, True, False, False]
    assert times(records, "place_start") == ["1 12:00", "4 12:00", "7 12:00", "8 12:00"]
    assert times(records, "place_end") == ["6 11:00", "7 11:00", "8 11:00", "9 11:00"]


def test_a_place_that_frees_in_the_second_of_the_stretch_comes_first():
    # Short-term stays end at 10:00. A has the place from 1 12:00 for 3 days, to 4 10:00; B asks at
    # 2 10:00 and an extra place would be found two days later, at 4 10:00.
    records = trace(
        town(beds=10, places=1, place_hour=10.0),
        acute("0 08:00", 1, place=3, **PLACE),
        acute("1 08:00", 1, stretch=1.5, **PLACE),
    )
    assert times(records, "place_end")[0] == "4 10:00"
    assert times(records, "offer") == ["1 10:00", "4 10:00"]
    assert records.stays.stretched.tolist() == [False, False]


def test_a_place_frees_for_the_next_in_line_and_an_extra_one_is_found_in_the_same_second():
    # Short-term stays end at 10:00. A has the only place until 4 10:00. C asks at 2 10:00, B
    # at 3 10:00; a day later, at 4 10:00, an extra place would be found for B. A's is freed first, for C,
    # and B still waits. D asks in that second, too, and waits for both: C's ends at 5 10:00, B's at 6 10:00.
    records = trace(
        town(beds=10, places=1, place_hour=10.0),
        acute("0 08:00", 1, place=3, **PLACE),
        acute("0 09:00", 3, place=2, stretch=0.5, **PLACE),
        acute("1 08:00", 1, place=1, stretch=30, **PLACE),
        acute("3 08:00", 1, stretch=30, **PLACE),
    )
    assert times(records, "offer") == ["1 10:00", "4 10:00", "4 10:00", "6 10:00"]
    assert records.stays.stretched.tolist() == [False, True, False, False]


def test_a_place_is_held_from_the_offer_and_patients_in_hospital_ask_first():
    # One place. The patient and F ask in the same second, 1 10:00: the patient gets it, and it is
    # held until 1 12:00, when G asks. Both are turned away. The place ends at 2 11:00, when K asks
    # and is accepted.
    records = trace(
        town(beds=10, places=1),
        acute("0 08:00", 1, place=1, **PLACE),
        from_home("1 10:00", 1),
        from_home("1 12:00", 1),
        from_home("2 11:00", 1),
    )
    assert times(records, "offer")[0] == "1 10:00"
    assert times(records, "place_start") == ["1 12:00", "-", "-", "2 11:00"]
    assert list(records.stays.outcome[1:3]) == [Outcome.TURNED_AWAY] * 2


def test_people_from_home_are_accepted_only_while_enough_places_are_free():
    # Three places, one kept free: the first finds 3 free, the second 2, the third only 1 and is
    # turned away; the patient from hospital gets it.
    records = trace(
        town(beds=10, places=3, kept_free=1),
        from_home("0 07:00", 9),
        from_home("0 07:30", 9),
        acute("0 08:00", 1, **PLACE),
        from_home("0 08:30", 9),
    )
    assert times(records, "place_start") == ["0 07:00", "0 07:30", "1 12:00", "-"]
    assert records.stays.outcome[3] == Outcome.TURNED_AWAY


def test_a_full_kad_unit_refuses_and_a_patient_sent_on_asks_for_a_hospital_bed():
    # One KAD bed, one hospital bed.
    # A: KAD from 0 08:00 for 2 days, then home.
    # B comes 1 08:00, KAD is full: hospital at once; ends 2 08:00, ready 2 10:00, leaves 2 12:00.
    # O, who would not have been admitted to hospital, is refused at 1 09:00 and stays at home.
    # C comes at 2 08:00, the second A leaves: accepted; sent on at 3 08:00, in hospital to 4 12:00.
    # P comes at 3 08:00, when C leaves KAD: accepted.
    records = trace(
        town(beds=1, kad_beds=1),
        acute("0 08:00", 1, kad=2),
        acute("1 08:00", 1, kad=2),
        own_kad("1 09:00", 2),
        acute("2 08:00", 1, kad=1, sent_on=True),
        own_kad("3 08:00", 1),
    )
    assert times(records, "kad_start") == ["0 08:00", "-", "-", "2 08:00", "3 08:00"]
    assert times(records, "kad_end") == ["2 08:00", "-", "-", "3 08:00", "4 08:00"]
    assert times(records, "bed") == ["-", "1 08:00", "-", "3 08:00", "-"]
    assert times(records, "left") == ["-", "2 12:00", "-", "4 12:00", "-"]
    assert records.stays.kad_refused.tolist() == [False, True, True, False, False]
    assert records.stays.outcome[2] == Outcome.REFUSED_KAD


def test_the_team_averts_an_admission_while_it_has_a_place_and_may_have_to_escalate():
    # One place. A is treated at home from 0 08:00 for 2 days. B comes at 0 09:00, the team is full:
    # hospital. C comes at 2 08:00, the second A's course ends: at home for 12 hours, then in
    # hospital at 2 20:00; ends 3 20:00, ready 3 10:00, which is nearest, leaves 3 12:00.
    records = trace(
        town(beds=10, team_places=1),
        acute("0 08:00", 1, averted=2),
        acute("0 09:00", 1, averted=2),
        acute("2 08:00", 1, averted=hours(12), escalates=True),
    )
    assert times(records, "team_start") == ["0 08:00", "-", "2 08:00"]
    assert times(records, "team_end") == ["2 08:00", "-", "2 20:00"]
    assert times(records, "bed") == ["-", "0 09:00", "2 20:00"]
    assert times(records, "left") == ["-", "1 12:00", "3 12:00"]


def test_the_team_is_asked_before_kad_and_kad_before_the_hospital():
    # All could be treated by the team (one place) or in KAD (one bed): A at home, B in KAD, C in
    # hospital.
    records = trace(
        town(beds=10, team_places=1, kad_beds=1),
        *(acute("0 08:00", 1, averted=3, kad=3) for _ in range(3)),
    )
    assert times(records, "team_start") == ["0 08:00", "-", "-"]
    assert times(records, "kad_start") == ["-", "0 08:00", "-"]
    assert times(records, "bed") == ["-", "-", "0 08:00"]


def test_early_discharge_holds_the_teams_place_for_the_rest_of_the_stay():
    # Half of a stay of 4 days is over at 2 08:00; the ward round nearest is 2 10:00. A asks then,
    # goes home at 2 12:00, and has the place until the stay would have ended: clinical end 4 08:00,
    # ready 4 10:00, 4 12:00. B asks in the same second, finds the place taken and stays to 4 12:00.
    # C (in 2 08:00) asks at 4 10:00: the place is A's until 4 12:00, so C stays to 6 12:00 as well.
    records = trace(
        town(beds=10, team_places=1),
        acute("0 08:00", 4, leaves_early=True),
        acute("0 08:00", 4, leaves_early=True),
        acute("2 08:00", 4, leaves_early=True),
    )
    assert times(records, "ready") == ["2 10:00", "4 10:00", "6 10:00"]
    assert times(records, "left") == ["2 12:00", "4 12:00", "6 12:00"]
    assert times(records, "team_start") == ["2 12:00", "-", "-"]
    assert times(records, "team_end") == ["4 12:00", "-", "-"]


def test_a_hospital_bed_is_blocked_while_the_municipality_is_full():
    # One hospital bed, one place. A: ready 1 10:00, place from 1 12:00 for 2 days, to 3 11:00.
    # B came 1 08:00, has A's bed from 1 12:00, clinical end 2 12:00, ready 2 10:00, waits for the
    #   place until 3 11:00 and leaves 3 12:00.
    # C came 2 08:00, is in the corridor from 2 14:00 and gets B's bed at 3 12:00.
    records = trace(
        town(beds=1, places=1),
        acute("0 08:00", 1, place=2, **PLACE),
        acute("1 08:00", 1, place=1, **PLACE),
        acute("2 08:00", 5),
    )
    assert times(records, "admitted") == ["0 08:00", "1 12:00", "2 14:00"]
    assert times(records, "ready")[:2] == ["1 10:00", "2 10:00"]
    assert times(records, "offer")[:2] == ["1 10:00", "3 11:00"]
    assert times(records, "bed") == ["0 08:00", "1 12:00", "3 12:00"]


def test_whom_the_team_had_to_escalate_it_does_not_discharge_early():
    # At home with the team from 0 08:00 for 12 hours, then in hospital at 0 20:00 for 4 days: clinical
    # end 4 20:00, ready 4 10:00, leaves 4 12:00. Half of the stay is over at 2 20:00, and the team has
    # a free place, but the patient has already needed more than it can give.
    records = trace(
        town(beds=10, team_places=1),
        acute("0 08:00", 4, averted=hours(12), escalates=True, leaves_early=True),
    )
    assert times(records, "team_start") == ["0 08:00"]
    assert times(records, "team_end") == ["0 20:00"]
    assert times(records, "left") == ["4 12:00"]
