"""Levers on money: what is paid for a patient who waits for the municipality."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from capsim.region.region import Region
from capsim.scenarios.keys import AtOnce, FromDay, Key, Lever

__all__ = ["SetPaymentRate"]


@dataclass(frozen=True)
class SetPaymentRate(Lever):
    """Set the betalingsplikt, the day rate of a patient who is ready and waits for the municipality.

    Changes: the rate in kroner, from ``from_day`` on and in all later years. Must move: payments, by
    the same factor. Side effect: none on patients as long as the region has no municipal response; it
    moves money from municipality to trust.

    Evidence: none near today's rate. The duty's introduction in 2012 more than halved overliggerdøgn
    (before–after; −40 to −60 % assumed), bundled with kommunal medfinansiering; it is no elasticity.
    """

    nok_per_day: Annotated[float, Key("Rate per patient and day", "nok per day", 0, 1_000_000)]
    from_day: FromDay = 0
    ramp_days: AtOnce = 0

    def changed(self, region: Region, part: float) -> Region:
        # A phase with one entry: years outside the table take the nearest year's rate, so it holds
        # for every later year; the earlier phases keep the table as it was.
        table = {region.start.year: self.nok_per_day}
        return replace(region, rates=replace(region.rates, payment_nok_per_day=table))
