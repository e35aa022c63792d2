"""What a scenario does to how many come: multipliers of demand, and chances of readmission."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from capsim.demand.columns import ASSESSMENT, ELECTIVE, FROM_HOME, STREAMS, TYPED
from capsim.region.region import DemandChange, Region

__all__ = ["demand_ceiling", "demand_multiplier", "group_factors", "readmission_bound", "readmission_share"]


def group_factors(region: Region, multipliers: Iterable[float]) -> np.ndarray:
    """What multiplies an age band's share for a patient of each group: ``multipliers`` by group
    with a mean of one over the band's acute stays; shape (ages, groups)."""
    share = np.array([g.share for g in region.groups]).T
    weight = share * np.array([g.acute_multiplier for g in region.groups])
    factor = np.array(list(multipliers))
    mean = (weight * factor).sum(axis=1, keepdims=True) / weight.sum(axis=1, keepdims=True)
    return np.broadcast_to(factor, weight.shape) / mean


def readmission_factors(region: Region) -> np.ndarray:
    """:func:`group_factors` of readmission."""
    return group_factors(region, (g.readmission_multiplier for g in region.groups))


def readmission_share(
    region: Region,
    age: np.ndarray,
    group: np.ndarray,
    root: np.ndarray,
    type_index: np.ndarray,
    needs: np.ndarray,
) -> np.ndarray:
    """Chance of readmission of each stay, shape of ``age``, without any team's effect. An acute
    type's own; none after a planned stay in mental health or substance use; else the age band's ×
    the group's factor, and × ``readmission_need_factor`` for those
    who ``needs`` the municipality (the mean over all stays is then a little higher)."""
    of_age = np.array([a.readmitted for a in region.ages])[age] * readmission_factors(region)[age, group]
    of_age = np.where(needs, of_age * region.rules.readmission_need_factor, of_age)
    own = np.array([t.readmitted for t in region.acute_types] + [0.0])
    planned = np.array([t.stay is not None for t in region.elective_types] + [False])
    of_age[planned[np.where(root == ELECTIVE, type_index, -1)]] = 0.0
    typed = np.isin(root, TYPED)
    return np.where(typed, own[np.where(typed, type_index, -1)], of_age).clip(max=1.0)


def demand_multiplier(
    region: Region,
    population: np.ndarray,
    stream: np.ndarray,
    municipality: np.ndarray,
    age: np.ndarray,
    group: np.ndarray,
    type_index: np.ndarray,
) -> np.ndarray:
    """What ``region`` multiplies the rate of each row by, shape of ``stream``: the stream's scale,
    the population relative to the one drawn for, and every change that matches."""
    scale = np.array([region.demand_scale.get(s, 1.0) for s in STREAMS])[stream]
    people = np.array([m.population for m in region.municipalities])
    if not np.array_equal(people, population):
        ratio = np.divide(people, population, out=np.ones_like(people), where=population > 0)
        # people who ask for a place from home have no age: they follow those who need one after a stay
        use = [
            (a.acute_per_1000 + a.elective_per_1000) * a.needs_municipality * a.needs_short_term
            for a in region.ages
        ]
        weight = np.array(use) if any(use) else np.ones(len(use))
        whole = people @ weight / np.maximum(population @ weight, 1e-9)
        scale = scale * np.where(stream == FROM_HOME, whole[municipality], ratio[municipality, age])
    for change in region.demand_changes:
        scale = np.where(
            _matches(region, change, stream, municipality, age, group, type_index),
            scale * change.factor,
            scale,
        )
    return scale


def _matches(
    region: Region,
    change: DemandChange,
    stream: np.ndarray,
    municipality: np.ndarray,
    age: np.ndarray,
    group: np.ndarray,
    type_index: np.ndarray,
) -> np.ndarray:
    def among(chosen: tuple[str, ...], names: Iterable[str], index: np.ndarray) -> np.ndarray:
        known = np.array([not chosen or name in chosen for name in names] + [not chosen])
        return known[index]

    elective = np.isin(stream, (ELECTIVE, ASSESSMENT))
    none = -1
    nobody = (stream == FROM_HOME) & bool(change.ages or change.groups)  # they have no age and no group
    return (
        ~nobody
        & among(change.streams, STREAMS, stream)
        & among(change.municipalities, [m.number for m in region.municipalities], municipality)
        & among(change.ages, [a.id for a in region.ages], age)
        & among(change.groups, [g.id for g in region.groups], group)
        & (
            among(change.types, [t.id for t in region.elective_types], np.where(elective, type_index, none))
            | among(
                change.types,
                [t.id for t in region.acute_types],
                np.where(np.isin(stream, TYPED), type_index, none),
            )
        )
    )


def demand_ceiling(region: Region, population: np.ndarray) -> dict[str, float]:
    """The largest multiplier that ``region`` asks for in each stream: a bound, over all phases."""
    out = dict.fromkeys(STREAMS, 0.0)
    for phase in region.phases():
        r = phase.region
        people = np.array([m.population for m in r.municipalities])
        ratio = np.divide(people, population, out=np.ones_like(people), where=population > 0)
        for s in STREAMS:
            matching = [c for c in r.demand_changes if not c.streams or s in c.streams]
            most = r.demand_scale.get(s, 1.0) * max(1.0, float(ratio.max(initial=0.0)))
            for c in matching:
                most *= max(1.0, c.factor) if c.municipalities or c.ages or c.groups or c.types else c.factor
            out[s] = max(out[s], most)
    return out


def readmission_bound(region: Region) -> tuple[np.ndarray, np.ndarray]:
    """The largest chance of readmission over all phases: by age band and group, shape (ages, groups),
    and of each acute type."""
    of_age = np.zeros((len(region.ages), len(region.groups)))
    of_type = np.zeros(len(region.acute_types))
    for r in (phase.region for phase in region.phases()):
        share = np.array([a.readmitted for a in r.ages])[:, None] * readmission_factors(r)
        worst = max([1.0, *(1 + t.readmission_effect for t in r.teams)])  # a team may do harm
        of_age = np.maximum(of_age, share * max(1.0, r.rules.readmission_need_factor) * worst)
        of_type = np.maximum(of_type, [t.readmitted * worst for t in r.acute_types])
    return of_age.clip(max=1.0), of_type.clip(max=1.0)
