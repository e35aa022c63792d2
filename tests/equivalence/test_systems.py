"""The two engines give the same records, bit for bit, on generated systems in which everything happens, and
the records break no law."""

from __future__ import annotations

import pytest

from capsim.models.holdings import Holdings
from capsim.models.invariants import LAWS, clinics_within_slots, whole_hours
from tests.equivalence.engines import by_compiled, by_simpy, difference
from tests.equivalence.features import features, table
from tests.equivalence.systems import system

FEW, MANY = 100, 250
"""Systems in a test: enough for everything to happen in each."""
OF_THE_PLAN = (whole_hours, clinics_within_slots)
"""What odd systems need not obey: their plans are rounded to other hours than the rules'."""


def compare(seeds: range) -> None:
    """Compare the engines on these systems, and see to it that the comparison was about something."""
    differences, runs = [], []
    for seed in seeds:
        given = system(seed)
        simpy = by_simpy(given)
        runs.append(features(simpy))
        told = difference(given, simpy, by_compiled(given))
        if told is not None:
            differences.append(told)
        held = Holdings.of(simpy)
        laws = [law for law in LAWS if seed % 2 == 0 or law not in OF_THE_PLAN]
        differences += [f"{given.name}: {law.__name__} is broken" for law in laws if law(held)]
    assert not differences, f"{len(differences)} faults in {len(seeds)} systems, the first:\n{differences[0]}"
    never = [name for name, count in table(runs).items() if count == 0]
    assert not never, f"in none of systems {seeds.start} to {seeds.stop - 1}: {never}"


@pytest.mark.parametrize("first", range(0, 200, FEW))
def test_the_engines_agree(first: int) -> None:
    compare(range(first, first + FEW))


@pytest.mark.slow
@pytest.mark.parametrize("first", range(200, 10_200, MANY))
def test_the_engines_agree_on_many(first: int) -> None:
    compare(range(first, first + MANY))
