"""How patients move: the pathway's rules, the engines that obey them, and what they hand back."""

from __future__ import annotations

from typing import Literal

from capsim.demand.patients import PatientTable
from capsim.errors import InputError, Problem
from capsim.models.facilities import facilities_of
from capsim.models.itinerary import itinerary_of
from capsim.models.records import Records
from capsim.models.responding import responded
from capsim.region.region import Region

__all__ = ["Records", "simulate"]


def simulate(region: Region, patients: PatientTable, engine: Literal["auto", "simpy"] = "auto") -> Records:
    """Run ``region`` with ``patients`` and check the conservation laws.

    The result is a pure function of the two arguments. ``engine``: "simpy" is the one there is;
    "auto" takes it.

    Raises:
        InputError: if the table was not drawn for this region, or the engine is unknown.
        InvariantError: if a conservation law does not hold afterwards.
    """
    from capsim.models.engine import Simulation
    from capsim.models.invariants import check

    if engine not in ("auto", "simpy"):
        raise InputError(Problem("simulate", "must be one of: auto, simpy", column="engine", value=engine))
    region = responded(region)
    facilities = facilities_of(region, -patients.warm_up_days, patients.days)
    plan = itinerary_of(patients, facilities)
    simulation = Simulation(patients, plan, facilities)
    simulation.run()
    records = Records(region, patients, facilities, plan, simulation.stays(), simulation.events())
    simulation.forget()
    check(records)
    return records
