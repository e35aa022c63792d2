"""Traces worked out by hand: joint intake, and patients who choose their hospital.

H is M's own hospital, R is 60 minutes away. The expected wait is the list's length over its pace: 5
sessions a week over the mean case of 350 / 3 minutes.
"""

from dataclasses import replace

from capsim.region.region import ReferralPool
from tests.regions import town, with_regional_hospital
from tests.tables import in_n, referral, times, trace


def sites(records):
    return [records.facilities.hospitals[h] for h in records.stays.hospital]


def test_a_joint_intake_sends_each_to_the_shortest_wait_among_the_sites_accepted():
    # All come at 0 01:00, before the session. Waiting in H and R when each comes, and where to:
    #   0: 0, 0: equal, so the first, H.   1: 1, 0: R.   2: 1, 1: H.
    #   3: accepts 30 minutes more, not 60: H though it is 2, 1.
    #   4: 3, 1: R.   5: 3, 2: R.   6, of N, whose own is R, accepts H: 3, 3, the first.
    #   7: a knee, which is not in the joint intake: its own, H, though it is 4, 3.
    region = with_regional_hospital(town(beds=9, theatre_minutes=200), beds=9)
    region = replace(region, referral_pools=(ReferralPool("joint", ("hip",), ("H", "R")),))
    hip = {"type": "hip", "due": 1, "stay": 1, "accepts_minutes": 100}
    records = trace(
        region,
        *(referral("0 01:00", **hip) for _ in range(3)),
        referral("0 01:00", **{**hip, "accepts_minutes": 30}),
        *(referral("0 01:00", **hip) for _ in range(2)),
        in_n(referral("0 01:00", **hip)),
        referral("0 01:00", "knee", due=1, stay=1, accepts_minutes=100),
    )
    assert sites(records) == ["H", "R", "H", "H", "R", "R", "H", "H"]
    # one hip a day at each, by id; the knee is behind H's four hips, on Friday, day 4
    assert times(records, "asked") == [
        "0 08:00", "0 08:00", "1 08:00", "2 08:00", "1 08:00", "2 08:00", "3 08:00", "4 08:00",
    ]  # fmt: skip


def test_who_chooses_weighs_an_hours_drive_against_thirty_days_of_waiting():
    # Seven minutes of theatre a day, in which no hip is ever done: the pace is 7 x 5 / 7 / (350 / 3) =
    # 0.06 x 5 / 7 a day, so each on the list is 23.3 days of waiting. Worth of H and of R:
    #   0: 0 and -30: H.   1: -23.3 and -30: H.   2: -46.7 and -30: R.
    #   3: -46.7 and -53.3: H.   4: -70 and -53.3, but has a taste for H of 20 days: H at -50.
    #   5: -93.3 and -53.3, but does not choose: H.
    region = with_regional_hospital(town(beds=9, theatre_minutes=7))
    types = tuple(replace(t, choice_share=0.5) for t in region.elective_types)
    hip = {"type": "hip", "due": 1}
    records = trace(
        replace(region, elective_types=types),
        *(referral("0 01:00", chooses=True, **hip) for _ in range(4)),
        referral("0 01:00", chooses=True, prefers={"H": 20}, **hip),
        referral("0 01:00", **hip),
    )
    assert sites(records) == ["H", "H", "R", "H", "H", "H"]
