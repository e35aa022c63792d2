"""What the levers on planned care do to a region, and what they refuse."""

from __future__ import annotations

from dataclasses import replace

import pytest

from capsim import (
    AddClinicSlots,
    AddTheatreSessions,
    MoveElective,
    MoveTheatreSessions,
    PoolReferrals,
    ShiftOutpatients,
)
from capsim.errors import InputError
from capsim.region.loading import load_region
from capsim.region.region import Region, VisitType
from tests.levers import in_force

MONDAY = (100.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


@pytest.fixture(scope="module")
def mini() -> Region:
    return load_region("mini")


def theatre(region: Region, hospital: str) -> list[float]:
    """Theatre minutes by weekday."""
    weeks = [s.capacity for s in region.sessions if s.hospital == hospital and s.kind == "theatre"]
    return [sum(day) for day in zip(*weeks, strict=True)] if weeks else [0.0] * 7


def slots(region: Region, hospital: str) -> list[float]:
    return list(next(c.slots for c in region.clinics if (c.hospital, c.specialty) == (hospital, "surgery")))


def test_what_was_opened_in_tenths_can_be_closed_to_the_last(mini):
    """0.7 − 0.6 − 0.1 is −3e-17, which is no slots."""
    region = mini
    for more in (0.7, -0.6, -0.1):
        region = AddClinicSlots("fjordby", "surgery", (0, 0, 0, 0, 0, more, 0)).apply(region)
    assert slots(in_force(region), "fjordby")[5] == slots(mini, "fjordby")[5] == 0


def test_slots_follow_the_movers_and_none_is_lost(mini):
    lever = MoveElective("hip_prosthesis", "fjordby", {"dalen": 1.0}, share=0.3)
    moved = in_force(lever.apply(mini))
    both = [sum(slots(r, "fjordby")) + sum(slots(r, "dalen")) for r in (mini, moved)]
    assert both[0] == pytest.approx(both[1])
    assert sum(slots(moved, "dalen")) > sum(slots(mini, "dalen"))
    assert in_force(replace(lever, sessions="stay").apply(mini)).clinics == mini.clinics


def test_a_target_without_a_clinic_gets_none(mini):
    bare = replace(mini, clinics=tuple(c for c in mini.clinics if c.hospital != "dalen"))
    moved = in_force(MoveElective("hip_prosthesis", "fjordby", {"dalen": 1.0}, share=0.3).apply(bare))
    assert moved.clinics == bare.clinics


def test_moved_sessions_leave_the_source_evenly_and_keep_their_weekdays(mini):
    lever = MoveTheatreSessions("surgery", "fjordby", "dalen", minutes=180)
    moved = in_force(lever.apply(mini))
    before, after = theatre(mini, "fjordby"), theatre(moved, "fjordby")
    part = 180 / sum(before)
    assert after == pytest.approx([day * (1 - part) for day in before])
    gained = [a - b for a, b in zip(theatre(moved, "dalen"), theatre(mini, "dalen"), strict=True)]
    assert gained == pytest.approx([day * part for day in before])


def test_moved_sessions_bring_their_staff(mini):
    moved = in_force(MoveTheatreSessions("surgery", "dalen", "fjordby", minutes=100).apply(mini))
    here = [s for s in moved.sessions if (s.hospital, s.kind) == ("fjordby", "theatre")]
    assert sorted(s.staff_pool for s in here) == ["", "dalen_staff"]


def test_more_sessions_on_the_days_asked_and_fewer_when_negative(mini):
    more = in_force(AddTheatreSessions("fjordby", "surgery", MONDAY).apply(mini))
    assert theatre(more, "fjordby")[0] == theatre(mini, "fjordby")[0] + 100
    assert theatre(more, "fjordby")[1:] == theatre(mini, "fjordby")[1:]
    fewer = in_force(AddTheatreSessions("fjordby", "surgery", (-390, 0, 0, 0, 0, 0, 0)).apply(mini))
    assert theatre(fewer, "fjordby")[0] == 0


def test_a_specialty_without_sessions_gets_its_first(mini):
    new = in_force(AddTheatreSessions("dalen", "medicine", MONDAY).apply(mini))
    assert any((s.hospital, s.specialty, s.kind) == ("dalen", "medicine", "theatre") for s in new.sessions)
    with pytest.raises(InputError, match="no such session to close"):
        AddTheatreSessions("dalen", "medicine", (-1, 0, 0, 0, 0, 0, 0)).apply(mini)


def test_more_slots_and_a_ramp(mini):
    lever = AddClinicSlots("dalen", "surgery", (0, 8, 0, 0, 0, 0, 0), from_day=10, ramp_days=70)
    region = lever.apply(mini)
    have = slots(mini, "dalen")[1]
    found = [slots(in_force(region, day), "dalen")[1] - have for day in (9, 10, 20, 79, 80)]
    assert found == pytest.approx([0, 1, 2, 7, 8])


def test_a_joint_intake_is_added(mini):
    lever = PoolReferrals("joint", ("hip_prosthesis",), ("fjordby", "dalen"), from_day=30)
    region = lever.apply(mini)
    assert in_force(region, 29).referral_pools == mini.referral_pools
    assert in_force(region, 30).referral_pools[-1].hospitals == ("fjordby", "dalen")
    with pytest.raises(InputError, match="joint intake, joint, which decides"):
        MoveElective("hip_prosthesis", "fjordby", {"dalen": 1.0}, share=0.3, from_day=30).apply(region)


VISIT = VisitType("control", "Kontroll", "clinic", "medicine", (100, 300, 300), video_share=0.1)


def test_visits_shift_in_part_under_a_ramp(mini):
    region = replace(mini, visit_types=(VISIT,))
    lever = ShiftOutpatients(video_share=0.5, private_share=0.2, ramp_days=7)
    first, last = lever.apply(region), in_force(lever.apply(region), 7)
    assert in_force(first).visit_types[0].video_share == pytest.approx(0.15)
    assert (last.visit_types[0].video_share, last.visit_types[0].private_share) == (0.5, 0.2)
    assert last.visit_types[0].near_share == VISIT.near_share
    with pytest.raises(InputError, match=r"would be 1\.1 of all"):
        ShiftOutpatients(private_share=1.0).apply(region)
    with pytest.raises(InputError, match="no outpatient visits"):
        lever.apply(replace(mini, visit_types=()))


@pytest.mark.parametrize(
    ("lever", "message"),
    [
        (MoveTheatreSessions("surgery", "fjordby", "dalen", 719), "has 720 minutes a week .* must keep 5%"),
        (MoveTheatreSessions("surgery", "oslo", "dalen", 10), "source: found 'oslo'; must be one of"),
        (MoveTheatreSessions("hips", "fjordby", "dalen", 10), "specialty: found 'hips'"),
        (AddTheatreSessions("fjordby", "surgery", (-391, 0, 0, 0, 0, 0, 0)), "at most 390 can be closed"),
        (AddTheatreSessions("oslo", "surgery", MONDAY), "hospital: found 'oslo'"),
        (AddClinicSlots("fjordby", "obstetrics", MONDAY), "must be one of: surgery, medicine"),
        (AddClinicSlots("dalen", "surgery", (-9, 0, 0, 0, 0, 0, 0)), "at most 1.5 can be closed"),
        (PoolReferrals("fjordby", ("hip_prosthesis",), ("fjordby", "dalen")), "already has something"),
        (PoolReferrals("joint", ("hip",), ("fjordby", "dalen")), "types: found 'hip'"),
        (
            PoolReferrals("joint", ("planned_phv",), ("fjordby", "dalen")),
            "has no ward session for phv",
        ),
        (ShiftOutpatients(("x",), video_share=0.5), "types: found 'x'"),
    ],
)
def test_what_does_not_fit_the_region_is_refused(mini, lever, message):
    with pytest.raises(InputError, match=message):
        lever.apply(replace(mini, visit_types=(VISIT,)))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MoveTheatreSessions("surgery", "fjordby", "fjordby", 10), "another hospital"),
        (lambda: MoveTheatreSessions("surgery", "fjordby", "dalen", 0), "must be more than 0"),
        (lambda: AddTheatreSessions("fjordby", "surgery", (0,) * 7), "must not be 0 on every day"),
        (lambda: AddTheatreSessions("fjordby", "surgery", (1, 2)), "a list of 7 values"),
        (lambda: AddClinicSlots("fjordby", "surgery", (0,) * 7), "must not be 0 on every day"),
        (lambda: PoolReferrals("joint", ("hip_prosthesis",), ("dalen",)), "at least 2"),
        (lambda: PoolReferrals("joint", (), ("dalen", "fjordby")), "at least one type"),
        (
            lambda: PoolReferrals("joint", ("a",), ("b", "c"), ramp_days=5),
            "must be 0: this comes all at once",
        ),
        (lambda: ShiftOutpatients(), "give at least one of"),
        (lambda: ShiftOutpatients(video_share=1.2), "from 0 to 1"),
    ],
)
def test_what_makes_no_sense_is_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()
