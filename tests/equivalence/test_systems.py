"""The two engines give the same records, bit for bit, on generated systems in which everything happens, and
the records break no law."""

from __future__ import annotations

import pytest

from capsim.errors import InvariantError
from capsim.models.invariants import check
from tests.equivalence.engines import by_compiled, by_simpy, difference
from tests.equivalence.features import features, table
from tests.equivalence.systems import system

FEW, MANY = 100, 250
"""Systems in a test: enough for everything to happen in each."""


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
        try:
            check(simpy)
        except InvariantError as error:
            differences.append(f"{given.name}: {error}")
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
