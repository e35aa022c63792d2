"""Overliggerdøgn: the midnights between readiness and the municipality's offer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from capsim.models.pathway import DAY, NEVER, Cause, Need
from capsim.models.records import Records

__all__ = ["CAUSES", "DelayDays", "delay_days"]

CAUSES = tuple(cause.name.lower() for cause in Cause)
MISSING = {
    Need.NOTHING: Cause.HOSPITAL,
    Need.HOME_CARE: Cause.HOME_CARE,
    Need.SHORT_TERM: Cause.SHORT_TERM,
    Need.LONG_TERM: Cause.LONG_TERM,
    Need.HOUSING: Cause.HOUSING,
}
"""What is missing when the municipality can receive a patient but for the room."""


@dataclass(frozen=True, eq=False)
class DelayDays:
    """A row per midnight spent in hospital after being declared ready, by those with a municipal
    need. ``day``: the date that the midnight ends, in days since day 0; ``cause`` indexes
    :data:`CAUSES`. Days with the cause ``hospital`` come after the offer: recorded, but no
    overliggerdøgn and not paid for."""

    patient: np.ndarray
    day: np.ndarray
    cause: np.ndarray

    @property
    def counts(self) -> np.ndarray:
        """Which rows are overliggerdøgn."""
        return self.cause != Cause.HOSPITAL


def delay_days(records: Records) -> DelayDays:
    """Every midnight m with ready < m ≤ left, and what it was spent waiting for: ``response`` until
    the municipality can receive, then the place, start or home that is missing until the offer, then
    the hospital's own hours.

    Illness again stops the count, and a new declaration restarts it: the midnights between them have
    no row.
    """
    s, plan = records.stays, records.itinerary
    waits = np.flatnonzero((s.ready != NEVER) & (plan.need != Need.NOTHING) & (s.admitted != NEVER))
    # that the last day's midnight is spent in hospital is decided by the end of the run
    left = np.where(s.left[waits] == NEVER, records.clock_end, s.left[waits])

    def reached(time: np.ndarray) -> np.ndarray:
        return np.where(time == NEVER, left, np.minimum(time, left))

    offer = reached(s.offer[waits])
    ill = np.minimum(reached(s.ill[waits]), offer)
    again = np.where(s.ill[waits] == NEVER, offer, np.minimum(reached(s.ready_again[waits]), offer))
    can_receive = reached(s.can_receive[waits])
    missing = np.array([MISSING[need] for need in Need])[plan.need[waits]]
    response = np.full(len(waits), Cause.RESPONSE)
    parts = []
    for ready, stop in ((s.ready[waits], ill), (again, offer)):
        answered = np.clip(can_receive, ready, np.maximum(ready, stop))
        parts.append(_midnights(ready, answered, waits, response))
        parts.append(_midnights(answered, stop, waits, missing))
    parts.append(_midnights(offer, left, waits, np.full(len(waits), Cause.HOSPITAL)))
    return DelayDays(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _midnights(
    after: np.ndarray, until: np.ndarray, patient: np.ndarray, cause: np.ndarray
) -> tuple[np.ndarray, ...]:
    """A row for every midnight m with after < m ≤ until: (patient, the date it ends, cause)."""
    first = after // DAY + 1
    count = (until // DAY - first + 1).clip(min=0)
    offset = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(patient, count), np.repeat(first, count) + offset - 1, np.repeat(cause, count)
