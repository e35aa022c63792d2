"""Who may be where, as the conservation laws count it."""

from __future__ import annotations

import numpy as np
import pytest

from capsim.models.holdings import Spans
from capsim.models.pathway import DAY

NOON = DAY // 2
FREED, EXTRA, ASKED, FROM_HOME = range(4)


def beyond(turns: list[int], places: int = 1, keep: int = 0) -> int:
    """One patient leaves at noon, and those of ``turns`` come in that second; ``keep`` places are kept from
    those from home."""
    n = len(turns)
    start, end = np.array([0] + [NOON] * n), np.array([NOON] + [DAY] * n)
    spans = Spans(np.arange(n + 1), np.zeros(n + 1, dtype=np.int64), start, end, 1)
    turn = np.array([FREED, *turns])
    leave = np.where(turn == FROM_HOME, keep, 0)
    return spans.over(np.array([[places]]), 0, leave, turn, turn == EXTRA, np.zeros(n + 1, dtype=bool))


@pytest.mark.parametrize("turns", [[FREED, EXTRA], [EXTRA, FREED]])
def test_an_extra_place_takes_none_from_the_next_in_line_who_gets_a_freed_one_in_the_same_second(turns):
    assert beyond(turns) == 0


@pytest.mark.parametrize("turns", [[EXTRA, ASKED], [ASKED, EXTRA]])
def test_an_extra_place_is_there_before_those_who_ask_in_the_same_second(turns):
    assert beyond(turns) == 1
    assert beyond(turns, places=2) == 0


@pytest.mark.parametrize("turns", [[FROM_HOME, ASKED], [ASKED, FROM_HOME]])
def test_who_asks_from_hospital_is_there_before_those_from_home(turns):
    assert beyond(turns, places=2, keep=1) == 1
    assert beyond(turns, places=3, keep=1) == 0


def test_two_get_no_more_than_was_freed():
    assert beyond([FREED, FREED]) == 1
