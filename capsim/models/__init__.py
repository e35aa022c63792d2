"""How patients move: the pathway's rules, the engines that obey them, and what they hand back."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from capsim.demand.patients import PatientTable
from capsim.errors import InputError, Problem
from capsim.models.facilities import facilities_of
from capsim.models.itinerary import itinerary_of
from capsim.models.records import Records
from capsim.models.responding import responded
from capsim.region.region import Phase, Region, check_is_region

if TYPE_CHECKING:
    from capsim.models.engine import Simulation

__all__ = ["ENGINES", "Engine", "Records", "repriced", "simulate"]

Engine = Literal["auto", "compiled", "simpy"]


ENGINES = ("auto", "compiled", "simpy")


def simulate(
    region: Region,
    patients: PatientTable,
    engine: Engine = "auto",
    pathway: type[Simulation] | None = None,
) -> Records:
    """Run ``region`` with ``patients`` and check the conservation laws.

    The result is a pure function of the region and the patients: both engines give the same records,
    bit for bit. "compiled" is the pathway as machine code, which is made once on a machine and then kept;
    "simpy" is the same one written to be read. "auto" takes the compiled one, unless there is a
    ``pathway`` of your own: a subclass of :class:`~capsim.models.engine.Simulation`, which only SimPy runs.

    Raises:
        InputError: if the table was not drawn for this region, the engine is unknown, the pathway is
            none, or the compiled engine is asked for a pathway of your own.
        InvariantError: if a conservation law does not hold afterwards.
    """
    from capsim.models.invariants import check

    check_is_region("simulate", region)
    if engine not in ENGINES:
        allowed = f"must be one of: {', '.join(ENGINES)}"
        raise InputError(Problem("simulate", allowed, column="engine", value=engine))
    if engine == "compiled" and pathway is not None:
        allowed = "must be simpy or auto for a pathway of your own"
        raise InputError(Problem("simulate", allowed, column="engine", value=engine))
    if pathway is not None:
        _check_pathway(pathway)
    region = responded(region)
    facilities = facilities_of(region, -patients.warm_up_days, patients.days)
    plan = itinerary_of(patients, facilities)
    if engine == "simpy" or pathway is not None:
        from capsim.models.engine import Simulation

        simulation = (pathway or Simulation)(patients, plan, facilities)
        simulation.run()
        stays, events = simulation.stays(), simulation.events()
        simulation.forget()
    else:
        from capsim.models.compiled import run

        stays, events = run(patients, plan, facilities)
    records = Records(region, patients, facilities, plan, stays, events)
    check(records)
    return records


def _check_pathway(pathway: object) -> None:
    from capsim.models.engine import Simulation

    if not (isinstance(pathway, type) and issubclass(pathway, Simulation)):
        allowed = "must be a subclass of capsim.models.engine.Simulation"
        raise InputError(Problem("simulate", allowed, column="pathway", value=pathway))


def repriced(records: Records, region: Region) -> Records | None:
    """The records of ``region``, without a run, if all that sets it apart from the region of ``records`` is
    prices (rates and grants, on whatever days): no patient's way depends on them once everybody has
    answered to the rate. None if anything else does."""
    region = responded(region)
    if _without_prices(region) != _without_prices(records.region):
        return None
    facilities = facilities_of(region, -records.patients.warm_up_days, records.patients.days)
    return replace(records, region=region, facilities=facilities)


def _without_prices(region: Region) -> list[Phase]:
    """What the region is from which day on, whatever it costs."""
    phases = (Phase(phase.from_day, phase.region.without_prices()) for phase in region.phases())
    return [next(alike) for _, alike in groupby(phases, key=lambda phase: phase.region)]
