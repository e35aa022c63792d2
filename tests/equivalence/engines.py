"""Both engines on the same patients, and what to say when they do not agree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from capsim.demand.patients import PatientTable
from capsim.models import Records, compiled
from capsim.models.engine import Simulation
from capsim.models.facilities import Facilities, facilities_of
from capsim.models.itinerary import Itinerary, itinerary_of
from capsim.models.pathway import NEVER
from capsim.models.responding import responded
from capsim.region.region import Region

__all__ = ["Given", "by_compiled", "by_simpy", "difference", "given"]


@dataclass(frozen=True, eq=False)
class Given:
    """What both engines are given: ``name`` says what to do to get it again."""

    name: str
    region: Region
    patients: PatientTable
    facilities: Facilities
    plan: Itinerary


def given(name: str, region: Region, patients: PatientTable) -> Given:
    """As :func:`capsim.simulate` prepares it."""
    region = responded(region)
    facilities = facilities_of(region, -patients.warm_up_days, patients.days)
    return Given(name, region, patients, facilities, itinerary_of(patients, facilities))


def by_simpy(g: Given) -> Records:
    """Without a check of the conservation laws."""
    simulation = Simulation(g.patients, g.plan, g.facilities)
    simulation.run()
    stays, events = simulation.stays(), simulation.events()
    simulation.forget()
    return Records(g.region, g.patients, g.facilities, g.plan, stays, events)


def by_compiled(g: Given) -> Records:
    stays, events = compiled.run(g.patients, g.plan, g.facilities)
    return Records(g.region, g.patients, g.facilities, g.plan, stays, events)


def difference(g: Given, simpy: Records, compiled: Records) -> str | None:
    """None if every column is the same to the last bit; else, in words, the difference that came first:
    the column, the row, both values, and the patient's way in both engines."""
    if simpy.equals(compiled):
        return None
    mine, theirs = simpy.columns(), compiled.columns()
    differ = [c for c in mine if mine[c].dtype != theirs[c].dtype or not np.array_equal(mine[c], theirs[c])]
    lines = [f"{g.name}: the engines differ in {', '.join(differ)}"]
    for column in differ:
        a, b = mine[column], theirs[column]
        if a.dtype != b.dtype or a.shape != b.shape:
            lines.append(f"{column}: simpy {a.dtype} {a.shape}, compiled {b.dtype} {b.shape}")
    rows = {c: np.argwhere(mine[c] != theirs[c]) for c in differ if mine[c].shape == theirs[c].shape}
    if rows:
        column = min(rows, key=lambda c: _first(mine[c], theirs[c]))
        row = tuple(rows[column][np.argmin(_when(mine[column], theirs[column])[tuple(rows[column].T)])])
        values = f"simpy {mine[column][row]}, compiled {theirs[column][row]}"
        lines.append(f"first: {column}{[int(i) for i in row]}: {values}")
        if column.startswith("stays."):
            p = int(row[0])
            lines += ["by simpy:", simpy.explain(p), "by compiled:", compiled.explain(p)]
    return "\n".join(lines)


def _when(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The earlier of two times, where there is one; what is no time comes after all times."""
    if a.dtype != np.int64 or a.ndim != 1:
        return np.full(a.shape, -NEVER)
    return np.where((a == NEVER) | (b == NEVER), np.maximum(a, b), np.minimum(a, b))


def _first(a: np.ndarray, b: np.ndarray) -> int:
    return int(_when(a, b)[a != b].min())
