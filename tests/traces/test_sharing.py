"""Traces worked out by hand: what several share: a pool of places, a bed, staff, home-care starts."""

from dataclasses import replace

from capsim.models.pathway import Cause
from capsim.region.region import Region, ShortTermPool, StaffPool
from tests.regions import ambulant_team, town, with_neighbour
from tests.tables import acute, from_home, in_n, referral, times, trace

PLACE = {"needs": "short-term place"}


def test_a_pool_of_two_municipalities_is_first_come_first_served():
    # One place for M and N. A, of M, has it from 1 12:00 to 3 11:00. B, of N, asks 2 10:00; C, of M,
    # at 3 10:00: B has it first, for a day, to 4 11:00, then C. Of D and E, who ask 4 10:00, it is the
    # one with the lower id, D of N, whose day ends 6 11:00, a day after C's.
    records = trace(
        with_neighbour(town(beds=10, places=1)),
        acute("0 08:00", 1, place=2, **PLACE),
        in_n(acute("1 08:00", 1, place=1, **PLACE)),
        acute("2 08:00", 1, place=1, **PLACE),
        in_n(acute("3 08:00", 1, place=1, **PLACE)),
        acute("3 08:00", 1, place=1, **PLACE),
    )
    assert times(records, "offer") == ["1 10:00", "3 11:00", "4 11:00", "5 11:00", "6 11:00"]


def merged(id: str, places: int):
    """M and N use one pool from now on."""

    def change(region: Region) -> Region:
        towns = tuple(replace(m, short_term_pool=id) for m in region.municipalities)
        return replace(region, municipalities=towns, short_term_pools=(ShortTermPool(id, places),))

    return change


def two_pools() -> Region:
    """M has the pool P and N the pool Q, with a place each."""
    region = with_neighbour(town(beds=10, places=1))
    home, other = region.municipalities
    return replace(
        region,
        municipalities=(home, replace(other, short_term_pool="Q")),
        short_term_pools=(*region.short_term_pools, ShortTermPool("Q", 1)),
    )


MERGING = (
    acute("0 08:00", 1, place=9, **PLACE),
    acute("1 08:00", 1, place=2, **PLACE),
    in_n(acute("3 08:00", 1, place=9, **PLACE)),
    acute("4 08:00", 1, place=1, **PLACE),
)


def test_pools_that_merge_take_over_the_queue_and_the_places_as_they_empty():
    # A has P's place from 1 12:00 to 10 11:00. B, of M too, waits since 2 10:00. On day 3 P and Q are
    # merged, two places: A's counts, so one is free, and it is B's at midnight, from 3 12:00 to 5
    # 11:00. C, of N, is ready 4 10:00 and has it after B, to 14 11:00. D is ready 5 10:00 and waits for
    # A to leave the closed pool, 10 11:00.
    records = trace(two_pools().changed(merged("PQ", 2), from_day=3), *MERGING)
    assert times(records, "offer") == ["1 10:00", "3 00:00", "5 11:00", "10 11:00"]
    assert times(records, "place_end") == ["10 11:00", "5 11:00", "14 11:00", "11 11:00"]


def test_pools_that_merge_twice_take_over_those_of_the_first_merger_too():
    # As above, and on day 6 the merged pool becomes another with two places. A, from two pools back,
    # and C have them: D still waits for A to leave.
    region = two_pools().changed(merged("PQ", 2), from_day=3).changed(merged("new", 2), from_day=6)
    records = trace(region, *MERGING)
    assert times(records, "offer") == ["1 10:00", "3 00:00", "5 11:00", "10 11:00"]
    assert times(records, "place_end") == ["10 11:00", "5 11:00", "14 11:00", "11 11:00"]


def test_a_pool_that_takes_over_another_was_no_place_to_wait_for_before():
    # Q has room all the time; B, of M, waits in P's line from 2 10:00 and passes two midnights there. On day
    # 4 Q takes P over, with three places: A's counts, so B has one at midnight.
    region = two_pools().changed(merged("Q", 3), from_day=4)
    records = trace(region, *MERGING[:2])
    assert times(records, "offer") == ["1 10:00", "4 00:00"]


def test_a_place_that_frees_at_the_midnight_of_the_merger_is_handed_out_before_it():
    # Stays in a place end at midnight: A's, from 1 12:00, at 4 00:00, for B, who waits since 2 10:00. P is
    # closed that midnight, after it. Q's only place is E's, of N, since 2 10:00: B's counts there, too.
    town_at_midnight = two_pools()
    rules = replace(town_at_midnight.rules, place_hour=0.0)
    region = replace(town_at_midnight, rules=rules).changed(merged("Q", 1), from_day=4)
    records = trace(
        region,
        acute("0 08:00", 1, place=2.5, **PLACE),
        acute("1 08:00", 1, place=2, **PLACE),
        in_n(acute("1 08:00", 1, place=9, **PLACE)),
    )
    assert times(records, "place_end")[0] == "4 00:00"
    assert times(records, "offer") == ["1 10:00", "4 00:00", "2 10:00"]


def test_pools_that_merge_when_the_clock_starts_count_who_is_there():
    # The clock starts at day 0, on which P and Q are merged into one place. E, from home, has been in
    # P's since -1 08:00 for four days, to 3 11:00: F is ready 1 10:00 and waits for that.
    region = two_pools().changed(merged("PQ", 1), from_day=0)
    records = trace(region, from_home("-1 08:00", 4), acute("0 08:00", 1, **PLACE))
    assert times(records, "place_end")[0] == "3 11:00"
    assert times(records, "offer")[1] == "3 11:00"


def test_each_municipality_has_home_care_starts_of_its_own():
    # One start a day in M and one in N: both first ones start at once, the second of M a day later.
    needs = {"needs": "home care"}
    records = trace(
        with_neighbour(town(beds=10, home_care_starts=1)),
        acute("0 08:00", 1, **needs),
        in_n(acute("0 08:00", 1, **needs)),
        acute("0 08:00", 1, **needs),
    )
    assert times(records, "offer") == ["1 10:00", "1 10:00", "2 08:00"]


def test_a_postponement_is_the_municipalitys_if_the_bed_would_be_there_without_the_ready():
    # Two beds; the only short-term place is A's from 1 10:00. B is ready 2 10:00 and waits for it. C
    # is in treatment from 1 09:00 to 6 12:00 (Sunday). On day 3 at 08:00 two patients have the two
    # beds; without B there would be one: the hip is postponed for a short-term place.
    # D comes 3 09:00 and is in the corridor from 3 15:00: on day 4 even without B there would be two
    # patients for two beds, so the hospital itself is the cause.
    records = trace(
        town(beds=2, places=1, theatre_minutes=200),
        acute("0 08:00", 1, place=9, **PLACE),
        acute("1 08:00", 1, **PLACE),
        acute("1 13:00", 5),
        referral("2 11:00", "hip", due=1, stay=1),
        acute("3 09:00", 9),
        days=5,
    )
    assert times(records, "ready")[1] == "2 10:00"
    assert records.events.postponed_cause.tolist() == [Cause.SHORT_TERM, Cause.HOSPITAL]


def test_the_cause_of_a_postponement_is_what_most_of_the_ready_wait_for():
    # Five beds, one home-care start a day. All of the first five are ready 1 10:00: A has the day's
    # start and leaves; B has that of 2 08:00, given before sessions are held, and leaves 2 18:00; C
    # waits for day 3; D and E for an answer that takes five days. X has A's bed and Y is in the
    # corridor. On day 2 at 08:00 five will be there without B: no bed for the hip, but one without
    # the ready, of whom two lack an answer and one a start.
    late = {"needs": "home care", "response": 4.5}
    soon = {"needs": "home care"}
    records = trace(
        town(beds=5, home_care_starts=1, theatre_minutes=200),
        acute("0 08:00", 1, **soon),
        acute("0 08:00", 1, home_care_at=18, **soon),
        acute("0 08:00", 1, home_care_at=18, **soon),
        acute("0 08:00", 1, **late),
        acute("0 08:00", 1, **late),
        acute("1 11:00", 9),
        acute("1 11:00", 9),
        referral("1 12:00", "hip", due=1, stay=1),
        days=3,
    )
    assert times(records, "offer")[:3] == ["1 10:00", "2 08:00", "-"]
    assert records.events.postponed_cause.tolist() == [Cause.RESPONSE]


def test_a_team_has_the_staff_that_sessions_leave():
    # The pool has two people a day, 14 a week. A session of 480 minutes takes one: 5 a week, and the
    # team's one a day, 7, are there too. From day 7 on sessions are three times as long, 15 a week:
    # they are cut to the 14 there are, and the team has nobody.
    def longer(region: Region) -> Region:
        sessions = tuple(replace(s, capacity=tuple(3 * c for c in s.capacity)) for s in region.sessions)
        return replace(region, sessions=sessions)

    team = ambulant_team("team", 1, averts_share=0.5, staff_pool="staff")
    region = town(beds=10, theatre_minutes=480, teams=(team,))
    region = replace(
        region,
        staff_pools=(StaffPool("staff", "Staff", (2.0,) * 7),),
        sessions=tuple(
            replace(s, staff_pool="staff", staff=1.0) if s.kind == "theatre" else s for s in region.sessions
        ),
    )
    records = trace(
        region.changed(longer, from_day=7), acute("0 08:00", 1, averted=1), acute("7 08:00", 1, averted=1)
    )
    assert records.facilities.team_places[[0, 6, 7], 0].tolist() == [1, 1, 0]
    # 3 x 480 x 14 / 15
    assert records.facilities.session_capacity[0, [0, 4, 7]].tolist() == [480, 480, 1344]
    assert times(records, "team_start") == ["0 08:00", "-"]
    assert times(records, "bed") == ["-", "7 08:00"]


def test_hospital_at_home_needs_a_home_care_start_too():
    # The team has two places and counts on the municipality's visits; one home-care start a day. A
    # and B, in from 0 08:00 for four days, ask at 2 10:00: A has the day's start and goes home 2 12:00,
    # B stays to 4 12:00 though the team has a place. C, who is ready 2 10:00 and needs home care, asks
    # after them in that second: the start of 3 08:00.
    team = ambulant_team("home", 2, early_discharge_share=0.5, municipal_visits_per_day=1.0)
    records = trace(
        town(beds=10, home_care_starts=1, teams=(team,)),
        acute("0 08:00", 4, leaves_early=True),
        acute("0 08:00", 4, leaves_early=True),
        acute("1 08:00", 1, needs="home care"),
    )
    assert times(records, "left") == ["2 12:00", "4 12:00", "3 10:00"]
    assert times(records, "team_start") == ["2 12:00", "-", "-"]
    assert times(records, "team_end") == ["4 12:00", "-", "-"]
    assert times(records, "offer") == ["-", "-", "3 08:00"]
