"""What the levers on KAD, places, housing and home care do to a region, and what they refuse."""

from __future__ import annotations

from dataclasses import replace

import pytest

from capsim import (
    AddHomeCareStarts,
    AddKadBeds,
    AddLongTermPlaces,
    AddShortTermPlaces,
    AddSupportedHousing,
    ColocateKad,
    EarlyNotification,
    PoolKad,
    PoolShortTermPlaces,
    RaiseKadUse,
)
from capsim.errors import InputError
from capsim.region.loading import load_region
from capsim.region.region import UNLIMITED, KadUnit, Region
from tests.levers import in_force


@pytest.fixture(scope="module")
def mini() -> Region:
    return load_region("mini")


@pytest.fixture(scope="module")
def three_units(mini: Region) -> Region:
    """mini with a KAD unit in each municipality but the third."""
    units = (KadUnit("one", "One", 2, True, 0.9), KadUnit("two", "Two", 1, False, 0.6))
    owner = {"9001": "one", "9002": "two", "9003": ""}
    towns = tuple(replace(m, kad_unit=owner[m.number]) for m in mini.municipalities)
    return replace(mini, kad_units=units, municipalities=towns)


def number(region: Region, key: str, municipality: str = "9001") -> int:
    return getattr(region.municipality(municipality), key)


@pytest.mark.parametrize(
    ("lever", "key"),
    [
        (AddLongTermPlaces("9001", 4, ramp_days=70), "long_term_places"),
        (AddSupportedHousing("9001", 4, ramp_days=70), "supported_housing"),
        (AddHomeCareStarts("9001", 4, ramp_days=70), "home_care_starts_per_day"),
    ],
)
def test_a_municipality_gets_more_in_whole_steps(mini, lever, key):
    region = lever.apply(mini)
    have = number(mini, key)
    assert [number(in_force(region, day), key) - have for day in (-1, 0, 20, 69, 70)] == [0, 1, 2, 4, 4]
    assert number(in_force(region, 70), key, "9002") == number(mini, key, "9002")


def test_a_negative_number_closes_and_no_more_than_there_is(mini):
    have = number(mini, "long_term_places")
    closed = in_force(AddLongTermPlaces("9001", -have).apply(mini))
    assert number(closed, "long_term_places") == 0
    for lever in (AddLongTermPlaces, AddSupportedHousing, AddHomeCareStarts):
        with pytest.raises(InputError, match="there are"):
            lever("9001", -1000).apply(mini)


def test_more_of_what_is_unlimited_is_refused(mini):
    free = replace(
        mini, municipalities=tuple(replace(m, long_term_places=UNLIMITED) for m in mini.municipalities)
    )
    with pytest.raises(InputError, match="long-term care in Fjordby is not limited"):
        AddLongTermPlaces("9001", 4).apply(free)


def test_one_kad_unit_for_all_with_the_sum_of_the_beds(three_units):
    merged = in_force(PoolKad("all", ("9001", "9002", "9003"), name="KAD Mini").apply(three_units))
    assert [m.kad_unit for m in merged.municipalities] == ["all"] * 3
    (unit,) = merged.kad_units
    people = [three_units.municipality(n).inhabitants for n in ("9001", "9002")]
    use = (0.9 * people[0] + 0.6 * people[1]) / sum(people)
    assert (unit.beds, unit.colocated, unit.name) == (3, False, "KAD Mini")
    assert unit.use_rate == pytest.approx(use)


def test_one_part_may_take_over_the_others(three_units):
    merged = in_force(PoolKad("one", ("9001", "9002"), use_rate=0.8).apply(three_units))
    assert [(u.id, u.beds, u.use_rate) for u in merged.kad_units] == [("one", 3, 0.8)]
    assert merged.municipality("9003").kad_unit == ""


def test_colocation_takes_the_use_of_those_that_are(three_units):
    region = ColocateKad("two", ramp_days=7).apply(three_units)
    assert in_force(region).kad_unit("two").colocated
    assert in_force(region).kad_unit("two").use_rate == pytest.approx(0.6 + 0.3 / 8)
    assert in_force(region, 7).kad_unit("two").use_rate == pytest.approx(0.9)
    given = in_force(ColocateKad("two", use_rate=0.7).apply(three_units))
    assert given.kad_unit("two").use_rate == 0.7
    with pytest.raises(InputError, match="co-located with legevakt already"):
        ColocateKad("one").apply(three_units)
    alone = replace(three_units, kad_units=three_units.kad_units[1:])
    with pytest.raises(InputError, match="no unit of the region is co-located"):
        ColocateKad("two").apply(alone)


def test_use_is_raised_for_all_units_or_those_named(three_units):
    for units, rates in (((), [1.0, 1.0]), (("two",), [0.9, 1.0])):
        region = in_force(RaiseKadUse(1.0, units).apply(three_units))
        assert [u.use_rate for u in region.kad_units] == rates


def test_places_are_shared(mini):
    shared = in_force(PoolShortTermPlaces("shared", ("9001", "9002", "9003")).apply(_one_staff(mini)))
    assert [m.short_term_pool for m in shared.municipalities] == ["shared"] * 3
    (pool,) = shared.short_term_pools
    parts = mini.short_term_pools
    assert pool.places == sum(p.places for p in parts)
    assert pool.from_home_per_day == pytest.approx(sum(p.from_home_per_day for p in parts))
    assert pool.kept_free == max(p.kept_free for p in parts)
    three = in_force(PoolShortTermPlaces("shared", ("9001", "9002", "9003"), 3).apply(_one_staff(mini)))
    assert three.short_term_pools[0].kept_free == 3


def _one_staff(region: Region) -> Region:
    pools = tuple(replace(p, staff_pool="", staff_per_place=0.0) for p in region.short_term_pools)
    return replace(region, short_term_pools=pools)


def test_notices_come_earlier_and_are_answered_in_time(mini):
    lever = EarlyNotification(notified_share=1.0, answered_in_time=1.0, municipalities=("9003",))
    region = in_force(lever.apply(mini))
    assert region.rules.notified_early_share == 1.0
    assert [m.answered_in_time for m in region.municipalities] == [0.97, 0.97, 1.0]
    only = in_force(EarlyNotification(answered_in_time=0.5).apply(mini))
    assert {m.answered_in_time for m in only.municipalities} == {0.5}
    assert only.rules == mini.rules


@pytest.mark.parametrize(
    ("lever", "message"),
    [
        (AddKadBeds("kad", 1), "unit: found 'kad'; must be one of: mini_kad"),
        (AddShortTermPlaces("x", 1), "must be one of: fjordby_places"),
        (AddLongTermPlaces("5001", 1), "municipality: found '5001'"),
        (PoolKad("all", ("9001", "9002")), "mini_kad is also used by 9003"),
        (PoolKad("all", ("9001", "9002", "9003")), "share one already"),
        (PoolKad("fjordby", ("9001", "9002", "9003")), "share one already"),
        (PoolShortTermPlaces("all", ("9001", "9002")), "dalen_places is also used by 9003"),
        (PoolShortTermPlaces("all", ("9001", "9002", "9003")), "different staff pools"),
        (RaiseKadUse(1.0, ("kad",)), "units: found 'kad'"),
        (EarlyNotification(answered_in_time=1, municipalities=("5001",)), "municipalities: found '5001'"),
    ],
)
def test_what_does_not_fit_the_region_is_refused(mini, lever, message):
    with pytest.raises(InputError, match=message):
        lever.apply(mini)


def test_ids_of_others_and_nothing_to_merge_are_refused(mini, three_units):
    with pytest.raises(InputError, match="already has something of this id"):
        PoolKad("dalen", ("9001", "9002")).apply(three_units)
    bare = replace(
        mini, kad_units=(), municipalities=tuple(replace(m, kad_unit="") for m in mini.municipalities)
    )
    with pytest.raises(InputError, match="have nothing to merge"):
        PoolKad("all", ("9001", "9002")).apply(bare)
    with pytest.raises(InputError, match="has no KAD"):
        RaiseKadUse(1.0).apply(bare)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: AddHomeCareStarts("9001", 0), "not 0"),
        (lambda: PoolKad("all", ("9001",)), "at least 2"),
        (lambda: PoolKad("All", ("9001", "9002")), "must be an id of lower"),
        (lambda: PoolKad("all", ("9001", "9002"), name="=1"), "must be a name"),
        (lambda: PoolKad("all", ("9001", "9002"), ramp_days=9), "must be 0: this comes all at once"),
        (lambda: PoolShortTermPlaces("all", ("9001", "9001")), "each municipality once"),
        (lambda: RaiseKadUse(1.1), "from 0 to 1"),
        (lambda: EarlyNotification(), "give notified_share, answered_in_time or both"),
        (lambda: EarlyNotification(1.0, municipalities=("9001",)), "goes with answered_in_time"),
    ],
)
def test_what_makes_no_sense_is_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()
