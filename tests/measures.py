"""What is measured in the tests against theory: one number per copy of a queue, straight from the records."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from capsim.demand.patients import sample_patients
from capsim.models import Records, simulate
from capsim.models.pathway import DAY, NEVER
from capsim.queueing import unlimited_excess
from capsim.region.region import Region
from tests.intervals import Control


def runs(region: Region, days: int, warm_up_days: int, seed: int, replications: int = 1) -> Iterator[Records]:
    """Independent runs one after the other, so that only one is in memory."""
    for replication in range(replications):
        patients = sample_patients(region, days, warm_up_days, seed, replication)
        yield simulate(region, patients)


def copies(records: Records) -> int:
    return len(records.patients.municipalities)


def time_average(
    records: Records, begin: np.ndarray, end: np.ndarray, who: np.ndarray | None = None
) -> np.ndarray:
    """Mean number, per copy, of patients between ``begin`` and ``end`` over the measured days.

    Times in seconds, shape (patients,); ``NEVER`` as begin leaves the patient out, as end means
    still there.
    """
    chosen = begin != NEVER if who is None else (begin != NEVER) & who
    last = records.clock_end
    until = np.where(end == NEVER, last, end)[chosen]
    seconds = until.clip(0, last) - begin[chosen].clip(0, last)
    return np.bincount(records.patients.municipality[chosen], seconds, copies(records)) / last


def waiting(records: Records, who: np.ndarray | None = None) -> np.ndarray:
    """Mean number who wait for a hospital bed, per copy."""
    asked = np.where(records.stays.asked == NEVER, NEVER, records.patients.arrival)
    return time_average(records, asked, records.stays.admitted, who)


def in_hospital(records: Records) -> np.ndarray:
    """Mean number of patients in hospital, per copy."""
    return time_average(records, records.stays.admitted, records.stays.left)


def census(records: Records, times: np.ndarray) -> np.ndarray:
    """Patients in hospital at each of ``times`` (seconds), shape (times, copies)."""
    out = np.zeros((len(times), copies(records)), dtype=np.int64)
    here = records.stays.admitted != NEVER
    copy = records.patients.municipality[here]
    left = np.where(records.stays.left == NEVER, records.clock_end, records.stays.left)[here]
    for c in range(copies(records)):
        came = np.sort(records.stays.admitted[here][copy == c])
        out[:, c] = np.searchsorted(came, times, "right") - np.searchsorted(
            np.sort(left[copy == c]), times, "right"
        )
    return out


def mean_wait(records: Records, who: np.ndarray | None = None, leave_out_days: float = 1.0) -> np.ndarray:
    """Mean wait in days, per copy, of those who came in the measured days but the last few, from
    which somebody may still be waiting."""
    arrival, admitted = records.patients.arrival, records.stays.admitted
    cohort = (arrival >= 0) & (arrival < records.clock_end - leave_out_days * DAY)
    if who is not None:
        cohort &= who
    assert (admitted[cohort] != NEVER).all(), "somebody still waits: leave out more days"
    copy = records.patients.municipality[cohort]
    days = (admitted - arrival)[cohort] / DAY
    return np.bincount(copy, days, copies(records)) / np.bincount(copy, minlength=copies(records))


def limits(limit: int) -> tuple[int, int]:
    """The limit, and one above it that is passed in the bursts that make queues long."""
    return limit, limit + math.ceil(math.sqrt(limit))


def unlimited(
    records: Records, limit: int, begin: np.ndarray, stay: np.ndarray, who: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Mean number above each of two :func:`limits`, per copy, had ``who`` come at ``begin`` to a
    place without limit and stayed for ``stay``, in seconds and of shape (patients,).

    These have the arrivals and stays in common with the queue, and their means are known exactly:
    see :func:`controls`.
    """
    chosen = np.ones(len(begin), dtype=bool) if who is None else who
    copy = np.tile(records.patients.municipality[chosen], 2)
    time = np.concatenate([begin[chosen], (begin + stay)[chosen]]).clip(0, records.clock_end)
    step = np.repeat([1, -1], chosen.sum())
    order = np.lexsort((-step, time, copy))
    census = np.cumsum(step[order])  # back at zero when a copy's patients have all left
    length = np.diff(time[order], append=0)
    areas = (np.maximum(census - most, 0) * length for most in limits(limit))
    low, high = (np.bincount(copy[order], area, copies(records)) / records.clock_end for area in areas)
    return low, high


def controls(above: Sequence[np.ndarray], limit: int, load: float) -> list[Control]:
    """What :func:`unlimited` measured, as control variates: with the means of theory."""
    known = [unlimited_excess(most, load) for most in limits(limit)]
    return list(zip(above, known, strict=True))
