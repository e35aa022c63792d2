"""What the levers on hospitals do to a region, and what they refuse."""

from __future__ import annotations

from dataclasses import replace

import pytest

from capsim import AddBeds, MoveCatchment, SetEmergencyFunction, TransferBack
from capsim.errors import InputError
from capsim.region.loading import load_region
from capsim.region.region import Region, Ward
from tests.levers import in_force


@pytest.fixture(scope="module")
def mini() -> Region:
    return load_region("mini")


def ward(region: Region, id: str) -> Ward:
    return next(w for w in region.wards if w.id == id)


def test_beds_open_on_every_kind_of_day(mini):
    more = in_force(AddBeds("fjordby_surgery", 3).apply(mini))
    before, after = ward(mini, "fjordby_surgery"), ward(more, "fjordby_surgery")
    assert after.beds == before.beds + 3
    assert before.weekend_beds is not None
    assert after.weekend_beds == before.weekend_beds + 3
    assert after.summer_beds == (before.summer_beds or 0) + 3
    unlimited = ward(in_force(AddBeds("fjordby_medicine", 3).apply(mini)), "fjordby_medicine")
    assert unlimited.weekend_beds is None


def test_the_reserve_is_no_larger_than_the_beds(mini):
    closed = ward(in_force(AddBeds("dalen_ward", -8).apply(mini)), "dalen_ward")
    assert (closed.beds, closed.acute_reserve, closed.summer_beds) == (0, 0, 0)


def test_beds_come_in_whole_steps(mini):
    region = AddBeds("dalen_ward", 4, ramp_days=70).apply(mini)
    beds = [ward(in_force(region, day), "dalen_ward").beds - 8 for day in (-1, 0, 10, 20, 60, 70)]
    assert beds == [0, 1, 1, 2, 4, 4]


def test_a_catchment_moves(mini):
    moved = in_force(MoveCatchment(("9003",), to="fjordby").apply(mini))
    assert [m.catchment for m in moved.municipalities] == ["fjordby", "dalen", "fjordby"]
    kind = mini.elective_type("other_surgery")
    assert dict(moved.general_site_share(kind, "9003")) == {"fjordby": 1.0}


def test_an_emergency_function_closes_and_opens(mini):
    closed = in_force(SetEmergencyFunction("dalen", ("surgery",), "close").apply(mini))
    assert closed.hospital("dalen").emergency == ("medicine",)
    opened = in_force(SetEmergencyFunction("dalen", ("surgery",), "open").apply(closed))
    assert set(opened.hospital("dalen").emergency) == {"medicine", "surgery"}


def test_patients_move_back_to_all_local_hospitals_or_those_named(mini):
    region = TransferBack(0.8, after=0.4, ramp_days=7).apply(mini)
    assert in_force(region).hospital("dalen").transfer_back_share == pytest.approx(0.3 + 0.5 / 8)
    last = in_force(region, 7).hospital("dalen")
    assert (last.transfer_back_share, last.transfer_back_after) == (0.8, 0.4)
    assert in_force(region, 7).hospital("fjordby") == mini.hospital("fjordby")
    assert in_force(TransferBack(0.0, ("dalen",)).apply(mini)).hospital("dalen").transfer_back_share == 0


@pytest.mark.parametrize(
    ("lever", "message"),
    [
        (AddBeds("ward9", 1), "ward: found 'ward9'; must be one of: fjordby_medicine"),
        (AddBeds("dalen_ward", -9), "there are 8, so at most 8"),
        (MoveCatchment(("9001",), "fjordby"), "has fjordby as its catchment hospital already"),
        (MoveCatchment(("9001",), "oslo"), "to: found 'oslo'"),
        (MoveCatchment(("5001",), "dalen"), "municipalities: found '5001'"),
        (SetEmergencyFunction("dalen", ("surgery",), "open"), "dalen takes its acute patients already"),
        (SetEmergencyFunction("dalen", ("obstetrics",), "close"), "takes none of its acute patients"),
        (SetEmergencyFunction("dalen", ("phv",), "open"), "dalen has no ward for it"),
        (SetEmergencyFunction("fjordby", ("phv",), "close"), "no other hospital than fjordby"),
        (SetEmergencyFunction("fjordby", ("surgery",), "close"), "the regional hospital must take it"),
        (TransferBack(0.5, ("fjordby",)), "must be one of: dalen"),
    ],
)
def test_what_does_not_fit_the_region_is_refused(mini, lever, message):
    with pytest.raises(InputError, match=message):
        lever.apply(mini)


def test_a_region_without_a_regional_hospital_moves_nobody_back(mini):
    small = replace(mini, hospitals=tuple(replace(h, tier="local") for h in mini.hospitals))
    with pytest.raises(InputError, match="no regional hospital"):
        TransferBack(0.5).apply(small)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: AddBeds("dalen_ward", 0), "not 0"),
        (lambda: AddBeds("dalen_ward", 1.5), "whole number"),
        (lambda: MoveCatchment((), "dalen"), "at least one municipality"),
        (lambda: MoveCatchment(("9001", "9001"), "dalen"), "each municipality once"),
        (lambda: MoveCatchment(("9001",), "dalen", ramp_days=30), "must be 0: this comes all at once"),
        (lambda: SetEmergencyFunction("dalen", ("surgery",), "shut"), "must be one of: open, close"),
        (lambda: SetEmergencyFunction("dalen", (), "close"), "at least one specialty"),
        (lambda: TransferBack(1.2), "from 0 to 1"),
        (lambda: TransferBack(0.5, after=0), "more than 0"),
    ],
)
def test_what_makes_no_sense_is_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()
