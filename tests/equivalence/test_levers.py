"""The two engines give the same records, bit for bit, of the shipped regions with every lever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pytest
import yaml

from capsim.config import study_config
from capsim.demand.columns import DAY, FROM_HOME
from capsim.demand.patients import PatientTable, sample_patients
from capsim.models import simulate
from capsim.region.loading import load_region
from capsim.region.region import Region
from capsim.scenarios.levers import LEVERS
from tests.equivalence.engines import by_compiled, by_simpy, difference, given
from tests.property.test_levers_move import MOVES

TOUR = Path(__file__).parents[2] / "configs" / "experiment" / "tour.yaml"
DAYS, WARM_UP = 150, 60


def compare(name: str, region: Region, patients: PatientTable) -> None:
    g = given(name, region, patients)
    told = difference(g, by_simpy(g), by_compiled(g))
    assert told is None, told


# ---------------------------------------------------------------- mini


def pulled(name: str) -> Region:
    """The lever's own region with the lever from a day in the middle on; a response has the day of the rate
    that it answers to."""
    case = MOVES[name]
    lever = case.lever if name.startswith("SetResponse") else replace(case.lever, from_day=DAYS // 3)
    return lever.apply(base(case.region))


@lru_cache(maxsize=1)
def mini() -> Region:
    return load_region("mini")


@lru_cache(maxsize=1)
def base(make: Callable[[Region], Region]) -> Region:
    return make(mini())


@lru_cache(maxsize=1)
def mini_patients(make: Callable[[Region], Region]) -> PatientTable:
    scenarios = [pulled(name) for name, case in MOVES.items() if case.region is make]
    return sample_patients(base(make), DAYS, WARM_UP, scenarios=scenarios)


def test_the_shipped_small_region_alike_by_name_and_digest() -> None:
    patients = sample_patients(mini(), DAYS, WARM_UP)
    simpy, compiled, auto = (simulate(mini(), patients, engine=e) for e in ("simpy", "compiled", "auto"))
    assert simpy.equals(compiled)
    assert compiled.equals(auto)
    assert simpy.digest() == compiled.digest()


@pytest.mark.parametrize("name", sorted(MOVES, key=lambda name: MOVES[name].region.__name__))
def test_the_engines_agree_on_mini_with_every_lever(name: str) -> None:
    compare(f"mini, {name}", pulled(name), mini_patients(MOVES[name].region))


@pytest.mark.parametrize("from_day", [-WARM_UP, 40])
def test_the_engines_agree_where_a_municipality_has_no_short_term_places_any_more(from_day: int) -> None:
    """Nobody asks for a place from home there; patients drawn for the region as it was have asked."""
    first = mini().municipalities[0].number

    def without(region: Region) -> Region:
        towns = (replace(m, short_term_pool="") if m.number == first else m for m in region.municipalities)
        return replace(region, municipalities=tuple(towns))

    region = mini().changed(without, from_day)
    patients = sample_patients(mini(), DAYS, WARM_UP, scenarios=(region,))
    compare(f"mini, without places from day {from_day}", region, patients)
    records = simulate(region, patients)
    from_home = (patients.stream == FROM_HOME) & (patients.municipality == 0)
    late = patients.arrival >= from_day * DAY
    assert records.itinerary.active[from_home & ~late].any() or from_day < 0
    assert (from_home & late).any()
    assert not records.itinerary.active[from_home & late].any()


# ---------------------------------------------------------------- midt_norge


@lru_cache(maxsize=1)
def tour() -> dict[str, Region]:
    """midt_norge as it is, and with each lever of the tour."""
    values = yaml.safe_load(TOUR.read_text(encoding="utf-8"))
    region = load_region("midt_norge")
    return {s.name: s.apply(region) for s in study_config(values).study().scenarios}


@lru_cache(maxsize=1)
def midt_norge_patients() -> PatientTable:
    region, *scenarios = tour().values()
    return sample_patients(region, scenarios=scenarios)


SCENARIOS = ("base", *yaml.safe_load(TOUR.read_text(encoding="utf-8"))["scenarios"])


def test_the_tour_has_every_lever() -> None:
    values = yaml.safe_load(TOUR.read_text(encoding="utf-8"))
    levers = {lever["lever"] for scenario in values["scenarios"].values() for lever in scenario["levers"]}
    assert levers == set(LEVERS)


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENARIOS)
def test_the_engines_agree_on_midt_norge_with_every_lever(name: str) -> None:
    compare(f"midt_norge, {name}", tour()[name], midt_norge_patients())
