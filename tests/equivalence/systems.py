"""Small systems drawn from a seed: any mix of features, many of them tight, half of them full of ties."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.control import BuildContext
from hypothesis.internal.conjecture.data import ConjectureData
from hypothesis.internal.conjecture.providers import PrimitiveProvider

from capsim.demand.patients import PatientTable, sample_patients
from capsim.models.itinerary import Itinerary
from capsim.models.pathway import DAY
from capsim.region.region import UNLIMITED, Duration, Region
from tests.equivalence.engines import Given, given
from tests.property.regions import random_regions

__all__ = ["DAYS", "WARM_UP", "system"]

DAYS, WARM_UP = 40, 20
QUARTERS = 45 * 60
"""Seconds: what every time is a multiple of in every second system."""


def system(seed: int) -> Given:
    """The system of that number. Odd ones have all their times in whole multiples of 45 minutes; in two of
    four every feature is there, and nine of ten are tight."""
    random = Random(seed)
    region = drawn(random_regions(everything=seed % 4 >= 2), seed)
    if random.random() < 0.9:
        region = tight(region, random)
    patients = sample_patients(region, days=DAYS, warm_up_days=WARM_UP, seed=seed)
    if seed % 2 == 0:
        return given(f"system {seed}", region, patients)
    g = given(f"system {seed}", region, coarse_arrivals(patients))
    return replace(g, plan=coarse(g.plan))


# ---------------------------------------------------------------- a region from a seed


class FromSeed(PrimitiveProvider):
    """Draws for a Hypothesis strategy from a seed alone: the same on every machine and in every order of
    tests, without Hypothesis' own taste for small examples and for constants in the code at hand."""

    def __init__(self, data: ConjectureData | None, /, seed: int):
        super().__init__(data)
        self.random = Random(seed)

    def draw_boolean(self, p: float = 0.5) -> bool:
        return self.random.random() < p

    def draw_integer(self, min_value: Any = None, max_value: Any = None, **_: Any) -> int:
        return self.random.randint(min_value, max_value)

    def draw_float(self, *, min_value: float = 0.0, max_value: float = 1.0, **_: Any) -> float:
        return min(max(self.random.uniform(min_value, max_value), min_value), max_value)

    def draw_string(self, *_: Any, **__: Any) -> str:
        raise NotImplementedError

    def draw_bytes(self, *_: Any, **__: Any) -> bytes:
        raise NotImplementedError


def drawn(strategy: st.SearchStrategy[Region], seed: int) -> Region:
    data = ConjectureData(random=None, provider=FromSeed, provider_kw={"seed": seed})
    with BuildContext(data, wrapped_test=drawn):
        return data.draw(strategy)


# ---------------------------------------------------------------- so tight that everybody waits


def tight(region: Region, random: Random) -> Region:
    """The region with some of what makes patients wait, in every phase."""
    for press, chance in PRESSES.items():
        if random.random() < chance:
            region = press(region, random)
    return region


def everywhere(region: Region, change: Callable[[Region], Region]) -> Region:
    """The change in every phase."""
    later = tuple(replace(phase, region=change(phase.region)) for phase in region.later)
    return replace(change(replace(region, later=())), later=later)


def needing(region: Region, random: Random) -> Region:
    """Many need the municipality, of every kind, and many come back."""
    new = {
        "needs_municipality": random.choice([0.4, 0.8]),
        "needs_short_term": random.choice([0.2, 0.5]),
        "needs_long_term": random.choice([0.2, 0.45]),
        "readmitted": random.choice([0.0, 0.3, 0.9]),
    }
    types = {"needs_municipality": 0.7, "needs_housing": 0.6}
    return everywhere(
        region,
        lambda r: replace(
            r,
            ages=tuple(replace(a, **new) for a in r.ages),
            acute_types=tuple(replace(t, **types) for t in r.acute_types),
            elective_types=tuple(replace(t, **types) if t.stay else t for t in r.elective_types),
        ),
    )


def few_places(region: Region, random: Random) -> Region:
    places, stay = random.choice([1, 2, 4, 8]), random.choice([2.0, 8.0, 30.0])
    stretch = random.choice([None, 2.0, 10.0])
    return everywhere(
        region,
        lambda r: replace(
            r,
            short_term_pools=tuple(
                replace(p, places=places, kept_free=places // 4, from_home_per_day=0.3)
                for p in r.short_term_pools
            ),
            rules=replace(
                r.rules,
                short_term_stay=Duration(stay, 1.0, "exponential"),
                stretch_after_days=stretch,
                readmission_mean_days=4.0,
            ),
        ),
    )


def few_homes(region: Region, random: Random) -> Region:
    """Few long-term places and homes, of which one is free every so often."""
    places, days = random.choice([1, 2, 5]), random.choice([1.0, 2.0, 10.0])
    homes, stretch = random.choice([UNLIMITED, 0, 1, 3]), random.choice([None, 3.0, 10.0])
    return everywhere(
        region,
        lambda r: replace(
            r,
            municipalities=tuple(
                replace(m, long_term_places=places, supported_housing=homes) for m in r.municipalities
            ),
            rules=replace(
                r.rules,
                long_term_stay_days=days,
                housing_stay_days=days,
                housing_stretch_days=stretch,
            ),
        ),
    )


def ill_while_waiting(region: Region, random: Random) -> Region:
    rules = {
        "ill_again_per_day": random.choice([0.05, 0.3]),
        "ill_again_stay": Duration(random.choice([0.3, 3.0]), 1.0),
    }
    return everywhere(
        region,
        lambda r: replace(
            r,
            municipalities=tuple(replace(m, home_care_starts_per_day=1) for m in r.municipalities),
            rules=replace(r.rules, **rules),
        ),
    )


def shared_pathways(region: Region, random: Random) -> Region:
    """Many go to the regional hospital and most of them back, if there is a bed for them."""
    new = {
        "regional_share_acute": 0.6,
        "transfer_back_share": 1.0,
        "transfer_back_after": random.choice([0.1, 0.4]),
    }
    more = random.choice([0, 5])
    return everywhere(
        region,
        lambda r: replace(
            r,
            hospitals=tuple(replace(h, **new) for h in r.hospitals),
            wards=tuple(replace(w, beds=w.beds + (0 if w.hospital == "hub" else more)) for w in r.wards),
        ),
    )


def one_room(region: Region, random: Random) -> Region:
    """Every pool and KAD unit is closed into the first one from a day on; and most often opened again, or
    closed into the last one later: a pool may have had an heir and lose it."""

    def into(which: int) -> Callable[[Region, float], Region]:
        def close(r: Region, _: float) -> Region:
            pools, units = r.short_term_pools, r.kad_units
            if not pools:
                return r
            heir = pools[which].id
            return replace(
                r,
                short_term_pools=tuple(replace(p, places=places if p.id == heir else 0) for p in pools),
                municipalities=tuple(
                    replace(m, short_term_pool=heir, kad_unit=units[which].id if units else "")
                    for m in r.municipalities
                ),
            )

        return close

    places, first = random.choice([1, 3, 6]), random.randint(-15, 5)
    until = random.choice([None, first + 8, first + 15])
    region = region.ramped(into(0), first, until_day=until)
    return region.ramped(into(-1), first + 10, until_day=first + 25) if random.random() < 0.5 else region


def many_teams(region: Region, random: Random) -> Region:
    """Every team does everything, two more too, and early discharge is asked for at times of their own."""
    if not region.teams:
        return region
    numbers = [m.number for m in region.municipalities]
    does = {"averts_share": 0.5, "early_discharge_share": 0.7, "follows_share": 0.6, "target_groups": ()}
    more = [replace(region.teams[0], id=f"team_{k}", staff_pool="") for k in range(2)]
    teams = tuple(
        replace(
            t,
            **does,
            municipalities=tuple(random.sample(numbers, random.randint(1, len(numbers)))),
            staff_by_weekday=(random.choice([0.5, 1.0, 3.0]),) * 7,
            early_discharge_after=random.choice([0.0, 0.1, 0.3]),
            readmission_effect=random.choice([-0.9, 0.5]),
        )
        for t in (*region.teams, *more)
    )
    return everywhere(region, lambda r: replace(r, teams=teams))


def less_from_a_day(region: Region, random: Random) -> Region:
    """Half of the hospitals' sessions end, and most KAD beds and teams."""
    closed = {h.id for h in region.hospitals if random.random() < 0.5}

    def change(r: Region) -> Region:
        return replace(
            r,
            sessions=tuple(
                replace(s, capacity=(0.0,) * 7) if s.hospital in closed else s for s in r.sessions
            ),
            kad_units=tuple(replace(k, beds=k.beds // 3) for k in r.kad_units),
            teams=tuple(replace(t, staff_by_weekday=(0.2,) * 7) for t in r.teams),
        )

    return region.changed(change, random.randint(-10, 20))


def at_the_same_hour(region: Region, random: Random) -> Region:
    """The hours of the day coincide, so that kinds of event tie as well as patients."""
    hours = random.choice([(0.0, 0.0), (8.0, 8.0), (8.0, 12.0), (12.0, 12.0)])
    rules = {
        "session_hour": hours[0],
        "clinic_hour": hours[0],
        "home_care_morning_hour": random.choice(hours),
        "bed_hour": hours[1],
        "ward_round_hour": random.choice([None, 10.0, *hours]),
        "discharge_hour": random.choice([None, 12.0, 15.0, *hours]),
        "place_hour": random.choice([None, *hours]),
        "home_care_hours": (hours[1], hours[1] + random.choice([0.0, 10.0])),
    }
    return everywhere(region, lambda r: replace(r, rules=replace(r.rules, **rules)))


def long_lists(region: Region, random: Random) -> Region:
    """Another way of filling sessions, and lists that keep people away or not."""
    rules = {
        "list_look_ahead": random.choice([1, 3, 20]),
        "session_carry_minutes": random.choice([0, 100, 480]),
        "joining_elasticity": random.choice([0.0, 0.2, 2.0]),
        "first_contact_ahead_days": random.choice([1.0, 14.0]),
        "elective_at_any_hour": random.random() < 0.2,
    }
    return everywhere(
        region,
        lambda r: replace(
            r,
            elective_types=tuple(replace(t, choice_share=0.5) for t in r.elective_types),
            rules=replace(r.rules, **rules),
        ),
    )


def crowded(region: Region, random: Random) -> Region:
    """Few beds, and the overflow of every ward in all others of the hospital, in any order."""
    beds, reserve = random.choice([2, 4, 8]), random.choice([0, 1])
    limit = random.choice([None, 0.0, 2.0, 6.0])
    order = random.sample(region.wards, len(region.wards))
    beside = {w.id: tuple(o.id for o in order if o.hospital == w.hospital and o != w) for w in order}

    def change(r: Region) -> Region:
        wards = tuple(
            replace(w, beds=min(w.beds, beds), acute_reserve=reserve, outlier=beside[w.id]) for w in r.wards
        )
        return replace(r, wards=wards, rules=replace(r.rules, boarding_limit_hours=limit))

    return everywhere(region, change)


def planned_care(region: Region, random: Random) -> Region:
    """Few acute patients and many planned ones, in wards that they fill themselves; beds are taken before
    the patients of the day before have left them."""
    beds, minutes = random.choice([2, 3, 5]), random.choice([300.0, 700.0])
    stay = Duration(random.choice([0.6, 2.0]), 0.5)
    need = random.choice([0.1, 0.6])
    bed_hour, discharge_hour = random.choice([(8.0, 8.0), (9.0, 12.0), (12.0, 15.0), (9.0, None)])
    rules = {"session_hour": 8.0, "clinic_hour": 8.0, "bed_hour": bed_hour, "discharge_hour": discharge_hour}

    def change(r: Region) -> Region:
        return replace(
            r,
            ages=tuple(
                replace(a, acute_per_1000=10.0, elective_stay=stay, needs_municipality=need) for a in r.ages
            ),
            elective_types=tuple(
                replace(t, per_1000=(60.0,) * len(r.ages), target_median_days=10.0) for t in r.elective_types
            ),
            sessions=tuple(
                replace(s, capacity=(minutes if s.kind == "theatre" else 4.0,) * 7) for s in r.sessions
            ),
            wards=tuple(
                replace(w, beds=beds, acute_reserve=0, weekend_beds=None, summer_beds=None) for w in r.wards
            ),
            rules=replace(r.rules, **rules),
        )

    return everywhere(region, change)


PRESSES = {
    needing: 0.7,
    few_places: 0.7,
    few_homes: 0.6,
    ill_while_waiting: 0.4,
    shared_pathways: 0.5,
    crowded: 0.5,
    one_room: 0.6,
    many_teams: 0.5,
    less_from_a_day: 0.4,
    at_the_same_hour: 0.6,
    planned_care: 0.25,
    long_lists: 0.5,
}
"""What makes a region tight, and the chance of each, in the order in which they are applied."""


# ---------------------------------------------------------------- so that times tie


def up(seconds: np.ndarray, grid: int = QUARTERS) -> np.ndarray:
    """Rounded up to the grid: 1 stays 1 or more, 0 stays 0, and nothing comes before its time."""
    return -(-seconds // grid) * grid


def coarse_arrivals(patients: PatientTable) -> PatientTable:
    """Those who come after the start do so at whole multiples of 45 minutes, of as many of them as it takes
    for nine of ten to come together with somebody; those before, when they did."""
    start, end = -patients.warm_up_days * DAY, patients.days * DAY
    for multiple in (1, 2, 4, 8, 16, 32, 64, 96):
        later = up(patients.arrival, multiple * QUARTERS)
        arrival = np.where((patients.arrival >= start) & (later < end), later, patients.arrival)
        first = arrival[(arrival >= start) & (patients.parent < 0)]
        if ties(first) >= 0.9:
            break
    return replace(patients, arrival=arrival)


def ties(times: np.ndarray) -> float:
    """The share of times that somebody else has too."""
    _, count = np.unique(times, return_counts=True)
    return float(count[count > 1].sum() / max(len(times), 1))


DURATIONS = (
    "stay", "began", "readmit_delay", "response", "complex", "home_second", "ill_after", "ill_stay",
    "settled_stay", "place_stay", "stretch", "kad_stay", "course", "early_after", "option_stay", "first_due",
    "not_before", "due",
)  # fmt: skip


def coarse(plan: Itinerary) -> Itinerary:
    """All times and durations in whole multiples of 45 minutes."""
    rounded = {name: up(getattr(plan, name)) for name in DURATIONS}
    back = plan.transfer_after
    return replace(plan, **rounded, transfer_after=np.where(back < 0, back, up(back)))
