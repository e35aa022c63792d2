"""Overliggerdøgn: the midnights between readiness and the municipality's offer, and their price."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from capsim.models.pathway import DAY, NEVER, Need
from capsim.models.records import Records
from capsim.region.region import Region

__all__ = ["CAUSES", "DelayDays", "delay_days", "payment_per_day"]

CAUSES = ("response", "home_care", "short_term", "hospital")
RESPONSE, HOME_CARE, SHORT_TERM, HOSPITAL = range(4)


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
        return self.cause != HOSPITAL


def delay_days(records: Records) -> DelayDays:
    """Every midnight m with ready < m ≤ left, and what it was spent waiting for: ``response`` until
    the municipality can receive, then the place or start that is missing until the offer, then the
    hospital's own hours."""
    s, plan = records.stays, records.itinerary
    waits = np.flatnonzero((s.ready != NEVER) & (plan.need != Need.NOTHING) & (s.admitted != NEVER))
    end = records.clock_end  # that the last day's midnight is spent in hospital is decided by then

    def reached(time: np.ndarray) -> np.ndarray:
        return np.where(time[waits] == NEVER, end, time[waits])

    ready, can_receive, offer, left = (
        s.ready[waits],
        reached(s.can_receive),
        reached(s.offer),
        reached(s.left),
    )
    capacity = np.where(plan.need[waits] == Need.HOME_CARE, HOME_CARE, SHORT_TERM)
    parts = [
        _midnights(ready, can_receive, waits, np.full(len(waits), RESPONSE)),
        _midnights(can_receive, offer, waits, capacity),
        _midnights(offer, left, waits, np.full(len(waits), HOSPITAL)),
    ]
    return DelayDays(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _midnights(
    after: np.ndarray, until: np.ndarray, patient: np.ndarray, cause: np.ndarray
) -> tuple[np.ndarray, ...]:
    """A row for every midnight m with after < m ≤ until: (patient, the date it ends, cause)."""
    first = after // DAY + 1
    count = (until // DAY - first + 1).clip(min=0)
    offset = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(patient, count), np.repeat(first, count) + offset - 1, np.repeat(cause, count)


def payment_per_day(region: Region, first_day: int, last_day: int) -> np.ndarray:
    """The betalingsplikt of each date from ``first_day`` to ``last_day``, in kroner, shape (days,):
    the rate of the date's year in the phase of the region that holds on it."""
    phases = region.phases()
    price = np.zeros(last_day - first_day)
    for i, day in enumerate(range(first_day, last_day)):
        current = max((p for p in phases if p.from_day <= day), key=lambda p: p.from_day)
        price[i] = current.region.rates.payment_for((region.start + timedelta(day)).year)
    return price
