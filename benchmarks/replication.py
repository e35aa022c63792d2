"""One replication on either engine, step by step, and what its arrays take."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from capsim.demand.patients import PatientTable, sample_patients
from capsim.models import Records, compiled, invariants
from capsim.models.engine import Simulation
from capsim.models.facilities import Facilities, facilities_of
from capsim.models.itinerary import Itinerary, itinerary_of
from capsim.models.kernel import program
from capsim.models.records import Events, Stays
from capsim.models.responding import responded
from capsim.region.region import Region

STEPS = ("sampling", "itinerary", "engine's own arrays", "event loop", "laws", "results")


def replication(
    region: Region, engine: str, results: Callable[[Records], Any], **draw: int
) -> tuple[Records, dict[str, float]]:
    """What :func:`capsim.models.simulate` gives, and seconds by step. ``results`` are made of the
    records in the last step; ``draw`` is handed to :func:`sample_patients`."""
    marks = [time.perf_counter()]

    def mark() -> float:
        marks.append(time.perf_counter())
        return marks[-1] - marks[-2]

    patients = sample_patients(region, **draw)
    sampling = mark()
    region = responded(region)
    facilities = facilities_of(region, -patients.warm_up_days, patients.days)
    plan = itinerary_of(patients, facilities)
    itinerary = mark()
    run = run_simpy if engine == "simpy" else run_compiled
    stays, events, loop = run(patients, plan, facilities)
    around = mark() - loop
    records = Records(region, patients, facilities, plan, stays, events)
    invariants.check(records)
    laws = mark()
    results(records)
    return records, dict(zip(STEPS, (sampling, itinerary, around, loop, laws, mark()), strict=True))


def run_simpy(patients: PatientTable, plan: Itinerary, facilities: Facilities) -> tuple[Stays, Events, float]:
    """What happened on the SimPy engine, and seconds of its event loop."""
    simulation = Simulation(patients, plan, facilities)
    start = time.perf_counter()
    simulation.run()
    loop = time.perf_counter() - start
    stays, events = simulation.stays(), simulation.events()
    simulation.forget()
    return stays, events, loop


def run_compiled(
    patients: PatientTable, plan: Itinerary, facilities: Facilities
) -> tuple[Stays, Events, float]:
    """What happened on the compiled engine, and seconds of its event loop."""
    with timed_loop() as seconds:
        stays, events = compiled.run(patients, plan, facilities)
    return stays, events, sum(seconds)


@contextmanager
def timed_loop() -> Iterator[list[float]]:
    """The seconds that the compiled event loop takes whenever it runs inside."""
    seconds: list[float] = []
    run = program.run

    def timed(world: Any) -> None:
        start = time.perf_counter()
        run(world)
        seconds.append(time.perf_counter() - start)

    with mock.patch.object(program, "run", timed):
        yield seconds


def engine_seconds(steps: Mapping[str, float]) -> float:
    """The engine alone: from the itinerary to the stays."""
    return steps["engine's own arrays"] + steps["event loop"]


def arrays_of(*tables: Any) -> list[tuple[str, np.ndarray]]:
    """Every column of some tables (dataclasses, or mappings in them) by name, as the array that holds it."""
    out = []
    for table in tables:
        for field in fields(table):
            value = getattr(table, field.name)
            for name, array in (value if isinstance(value, Mapping) else {field.name: value}).items():
                if isinstance(array, np.ndarray):
                    while isinstance(array.base, np.ndarray):
                        array = array.base
                    out.append((name, array))
    return out


def held_bytes(*tables: Any) -> int:
    """Bytes held by the columns of some tables; an array that several share counts once."""
    return sum({id(array): array.nbytes for _, array in arrays_of(*tables)}.values())


def bytes_per_patient(records: Records) -> dict[str, float]:
    """Of the table (drawn), the itinerary (in), the stays (out), and all three together."""
    tables = {"table": records.patients, "itinerary": records.itinerary, "stays": records.stays}
    out = {name: held_bytes(table) for name, table in tables.items()} | {"all": held_bytes(*tables.values())}
    return {name: held / len(records.patients) for name, held in out.items()}


def peak_gb() -> float:
    """The most memory this process has used, in GB."""
    try:  # getrusage counts the process that started this one on Linux
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.partition("VmHWM:")[2].split()[0]) / 2**20
    except (OSError, IndexError):
        pass
    try:
        import resource
    except ImportError:  # Windows
        return float("nan")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform != "darwin" else peak / 2**30
