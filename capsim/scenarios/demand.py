"""Levers on demand: later years, people without a GP, prevention and low-value care."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from capsim.demand.columns import READMISSION, STREAMS
from capsim.region.region import DemandChange, Region
from capsim.scenarios.keys import (
    FromDay,
    Key,
    Lever,
    RampDays,
    between,
    municipalities_known,
    once_each,
    one_of,
    refuse,
)
from capsim.scenarios.projection import Population, following

__all__ = ["GpCoverage", "ProjectPopulation", "ScaleDemand"]

SCALED = STREAMS[:READMISSION]
"""Streams with a demand of their own; a readmission follows the stay before it."""


@dataclass(frozen=True)
class ProjectPopulation(Lever):
    """Put a later population in the region's place.

    Changes: inhabitants by municipality and age band, either those of a ``year`` in the region's
    population.csv, or today's times ``growth`` by age band. Rates by
    age stay, so demand follows the people. ``capacity`` is the policy that every projection must
    state: ``frozen`` keeps today's beds, sessions, places and staff; ``follow_population`` gives each the
    growth of the people it serves, every age band weighted by how much of it they use today. Name this
    lever first: what later ones add is not scaled.

    Must move: admissions, by age. Side effect: everything; with frozen capacity occupancy, waits and
    overliggerdøgn rise together.
    Evidence: populations are projections where the file says so; that rates by age stay is an assumption.
    """

    capacity: Annotated[Literal["frozen", "follow_population"], Key("Whether capacity follows the people")]
    year: Annotated[int, Key("Year of population.csv; 0: use growth", "year", 0, 3000)] = 0
    growth: Annotated[
        Mapping[str, float] | None,
        Key("Age band → inhabitants relative to today; bands not named stay", "1", 0, 10),
    ] = None
    from_day: FromDay = 0
    ramp_days: RampDays = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if bool(self.year) == bool(self.growth):
            refuse(self, "year", "give either a year or the growth by age band, e.g. {80p: 1.3}")

    def changed(self, region: Region, part: float) -> Region:
        after = self._by_growth(region, self.growth) if self.growth else self._by_year(region)
        people: Population = {
            m.number: tuple(
                between(now, later, part) for now, later in zip(m.population, after[m.number], strict=True)
            )
            for m in region.municipalities
        }
        if all(people[m.number] == m.population for m in region.municipalities):
            refuse(
                self, "year", "is the population that the region has: nothing would change", self.year or None
            )
        later = replace(
            region,
            municipalities=tuple(replace(m, population=people[m.number]) for m in region.municipalities),
        )
        return following(region, later) if self.capacity == "follow_population" else later

    def _by_growth(self, region: Region, growth: Mapping[str, float]) -> Population:
        for age in growth:
            one_of(self, "growth", age, (a.id for a in region.ages))
        factor = [growth.get(a.id, 1.0) for a in region.ages]
        return {
            m.number: tuple(p * f for p, f in zip(m.population, factor, strict=True))
            for m in region.municipalities
        }

    def _by_year(self, region: Region) -> Population:
        people = region.populations.get(self.year, {})
        missing = [m.number for m in region.municipalities if m.number not in people]
        if missing:
            complete = [
                str(year)
                for year, known in sorted(region.populations.items())
                if all(m.number in known for m in region.municipalities)
            ]
            allowed = (
                f"must be a year of population.csv with every municipality: {', '.join(complete) or 'none'}"
            )
            refuse(self, "year", f"{allowed}; or give growth by age band", self.year)
        return people


@dataclass(frozen=True)
class GpCoverage(Lever):
    """What if more, or fewer, people had no GP? No effect size is known: the user gives it.

    Changes: acute demand of each municipality named, by 1 + its change of the share without a GP ×
    ``acute_effect``, which is how much more often a person without a GP is acutely admitted.

    Must move: acute admissions of the municipalities. Side effect: occupancy and postponements at their
    hospital.
    Evidence: none. How many have no GP is known (3.7 % of list residents in 2023); what it does to
    admissions is not, so there is no default.
    """

    without_gp: Annotated[
        Mapping[str, float],
        Key("Municipality number → change of the share of people without a GP (0.02: two in a hundred more)",
            "points", -1, 1),
    ]  # fmt: skip
    acute_effect: Annotated[
        float,
        Key("Acute admissions of a person without a GP, relative change", "share", -1, 10, not_zero=True),
    ]
    from_day: FromDay = 0
    ramp_days: RampDays = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not any(self.without_gp.values()):
            allowed = 'name at least one municipality and its change, not 0, e.g. {"5001": -0.02}'
            refuse(self, "without_gp", allowed, dict(self.without_gp))
        for number, change in self.without_gp.items():
            if 1 + change * self.acute_effect < 0:
                refuse(
                    self, "acute_effect", f"would make acute demand in {number} negative", self.acute_effect
                )

    def changed(self, region: Region, part: float) -> Region:
        municipalities_known(self, region, "without_gp", self.without_gp)
        changes = tuple(
            DemandChange(1 + part * change * self.acute_effect, ("acute",), (number,))
            for number, change in self.without_gp.items()
            if change
        )
        return replace(region, demand_changes=(*region.demand_changes, *changes))


@dataclass(frozen=True)
class ScaleDemand(Lever):
    """Multiply demand: prevention, low-value care not given, an epidemic.

    Changes: how many patients come, where all of ``streams``, ``ages``, ``groups``, ``types`` and
    ``municipalities`` match; what is left out matches everything. Referrals are of two streams: ``elective``
    goes on to treatment, ``assessment`` ends at first contact. Patients who still come are the same
    people with the same luck; readmissions follow the stays before them.

    Must move: admissions or referrals of those named. Side effect: the beds, sessions and places that they
    would have used are there for others.
    Evidence: none; the factor is the user's own.
    """

    factor: Annotated[float, Key("Demand relative to today", "1", 0, 100)]
    streams: Annotated[tuple[str, ...], Key(f"Each once, of: {', '.join(SCALED)}; empty: all")] = ()
    ages: Annotated[tuple[str, ...], Key("Age bands (ages.csv), each once; empty: all")] = ()
    groups: Annotated[tuple[str, ...], Key("Patient groups (groups.csv), each once; empty: all")] = ()
    types: Annotated[
        tuple[str, ...], Key("Ids of elective or acute types, each once; empty: all, also those without one")
    ] = ()
    municipalities: Annotated[
        tuple[str, ...], Key("Numbers of the municipalities, each once; empty: all")
    ] = ()
    from_day: FromDay = 0
    ramp_days: RampDays = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.factor == 1:
            refuse(self, "factor", "must not be 1: that changes nothing", 1)
        for column, what in (
            ("streams", "stream"), ("ages", "age band"), ("groups", "group"), ("types", "type"),
            ("municipalities", "municipality"),
        ):  # fmt: skip
            once_each(self, column, getattr(self, column), what, at_least=0)
        for stream in self.streams:
            one_of(self, "streams", stream, SCALED)

    def changed(self, region: Region, part: float) -> Region:
        for age in self.ages:
            one_of(self, "ages", age, (a.id for a in region.ages))
        for group in self.groups:
            one_of(self, "groups", group, (g.id for g in region.groups))
        known = [t.id for t in region.elective_types] + [t.id for t in region.acute_types]
        for type in self.types:
            one_of(self, "types", type, known)
        municipalities_known(self, region, "municipalities", self.municipalities)
        for stream in self.streams:
            if stream in ("phv", "tsb", "birth") and all(t.stream != stream for t in region.acute_types):
                refuse(self, "streams", "the region has no such patients (acute_types.csv)", stream)
        change = DemandChange(
            between(1.0, self.factor, part),
            self.streams,
            self.municipalities,
            self.ages,
            self.groups,
            self.types,
        )
        return replace(region, demand_changes=(*region.demand_changes, change))
