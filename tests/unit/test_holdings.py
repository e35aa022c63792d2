"""Who may be where, as the conservation laws count it."""

from __future__ import annotations

import numpy as np
import pytest

from capsim.models.holdings import Spans
from capsim.models.pathway import DAY


@pytest.mark.parametrize("extra_is", [0, 1])
def test_an_extra_place_found_in_the_second_in_which_one_frees_takes_none_from_the_next_in_line(extra_is):
    """One place: its patient leaves at noon, the next in line gets it, and an extra one is found for a third;
    whichever row of these comes first."""
    noon = DAY // 2
    start, end = np.array([noon, noon, 0]), np.array([DAY, DAY, noon])
    spans = Spans(np.arange(3), np.zeros(3, dtype=np.int64), start, end, 1)
    exempt = np.array([extra_is == 0, extra_is == 1, False])
    nothing = np.zeros(3, dtype=np.int64), np.zeros(3, dtype=bool)
    assert spans.over(np.array([[1]]), 0, nothing[0], exempt, nothing[1]) == 0
    assert spans.over(np.array([[1]]), 0, nothing[0], np.zeros(3, dtype=bool), nothing[1]) == 1
