"""Money: what is paid between payers by rule, and what resources cost.

A price belongs to a year; :meth:`Rates.level` moves it to another with the growth of the
betalingsplikt's day rate, which the state adjusts to prices every year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

__all__ = ["ITEMS", "Grant", "IsfRule", "PaymentRule", "Price", "PrivatePurchase", "Rates", "Response"]

ITEMS = (
    "bed_day",
    "bed_day_phv",
    "bed_day_tsb",
    "theatre_minute",
    "clinic_visit",
    "private_visit",
    "short_term_day",
    "stretched_day",
    "long_term_day",
    "housing_day",
    "temporary_dwelling_day",
    "kad_day",
    "home_care_start",
    "home_visit",
    "team_staff_day",
    "team_visit",
    "travel_km",
    "travel_refund_km",
    "transfer",
)
"""What ``prices.csv`` prices, each by the unit in its name."""


Rule = TypeVar("Rule")


@dataclass(frozen=True)
class PaymentRule:
    """The betalingsplikt of a year.

    ``payer``: the municipality where the patient is ``registered`` (2012–2018) or stays (``stay``,
    since 2019). ``sectors``: whose patients are paid for. The first ``free_days`` overliggerdøgn of
    a stay cost nothing. ``steps``: (n, factor): from the stay's n-th overliggerdøgn on, the rate
    times factor; the last step reached counts. ``notice_days``: a midnight counts only if it comes
    so long after the municipality was notified.
    """

    nok_per_day: float
    payer: Literal["registered", "stay"] = "stay"
    sectors: tuple[str, ...] = ("somatic",)
    free_days: int = 0
    steps: tuple[tuple[int, float], ...] = ()
    notice_days: float = 0.0

    def factor(self, nth: int) -> float:
        """What the rate is multiplied by on a stay's ``nth`` overliggerdøgn (the first is 1)."""
        if nth <= self.free_days:
            return 0.0
        reached = [factor for first, factor in self.steps if nth >= first]
        return reached[-1] if reached else 1.0


@dataclass(frozen=True)
class IsfRule:
    """Activity-based funding of a year: a stay of DRG weight w gives the treating trust
    w × ``unit_price_nok`` × ``share`` from the state, through the RHF. For a resident of another trust
    that trust adds what is missing to ``guest_share`` of the unit price. A treatment bought from a
    private provider costs the RHF ``private_share`` of it, and the RHF keeps the state's part."""

    unit_price_nok: float
    share: float
    guest_share: float = 0.8
    private_share: float = 0.8


@dataclass(frozen=True)
class Price:
    """What one unit of a resource costs, in kroner of ``year``.

    ``average_nok``: all costs, shared by the units used. ``marginal_nok``: what one unit more or less
    in use changes. ``capacity_nok``: what a unit costs for each day it is there and staffed, used or
    not. For patients' travel and other things without capacity the last is 0.
    """

    average_nok: float
    marginal_nok: float
    capacity_nok: float
    year: int

    @property
    def unit_day_nok(self) -> float:
        """What one unit that is there costs a day at the use that ``capacity_nok`` is made for; where
        that is 0, ``average_nok``."""
        if not self.capacity_nok or self.average_nok <= self.marginal_nok:
            return self.average_nok
        return self.capacity_nok * self.average_nok / (self.average_nok - self.marginal_nok)


@dataclass(frozen=True)
class Grant:
    """Money paid each day while it is in force, from one payer to another: ``payer`` and ``receiver``
    are accounts of the ledger (a municipality's number, a trust's name, "rhf" or "state")."""

    id: str
    payer: str
    receiver: str
    nok_per_day: float


@dataclass(frozen=True)
class PrivatePurchase:
    """The share of the patients of an elective type, of ``municipalities`` (empty: all), whose
    treatment is bought from private providers."""

    type: str
    share: float
    municipalities: tuple[str, ...] = ()


@dataclass(frozen=True)
class Response:
    """Whether, and how strongly, municipalities and hospitals answer to the day rate. With x the mean
    rate of a delay relative to the reference, within ``bounds``:

    ``elastic`` municipalities: late answers, their length, and the time to find an extra place or
    make a service times x^−``time``; places times x^``places``, at most ``staff_cap`` more; both
    ``delay_days`` after the rate changes. ``cost_minimising``: places are bought while the rate ×
    (Lq(n) − Lq(n+1)) exceeds a place's daily cost. Hospitals that answer (``reporting``) report the
    share x^``reported`` of today's needs, and the share notified late times x^−``reported``.

    Every default is an assumption: no elasticity near today's rate is known, nor how soon or with how
    many hands municipalities could answer.
    """

    municipal: Literal["none", "elastic", "cost_minimising"] = "none"
    reporting: bool = False
    time: float = 0.0
    places: float = 0.0
    reported: float = 0.0
    bounds: tuple[float, float] = (0.25, 4.0)
    staff_cap: float = 0.1
    delay_days: int = 180


@dataclass(frozen=True)
class Rates:
    """Rules and prices of a region, by calendar year where they have one. A rule holds until the next
    year that has one; years before the first take the first's. ``reference`` is the payment table
    before a lever changed it; empty: no lever has. Without prices only what rules move between payers
    is posted."""

    payment: Mapping[int, PaymentRule] = field(default_factory=dict)
    reference: Mapping[int, PaymentRule] = field(default_factory=dict)
    isf: Mapping[int, IsfRule] = field(default_factory=dict)
    prices: Mapping[str, Price] = field(default_factory=dict)

    def payment_for(self, year: int) -> float:
        """The day rate of a year in kroner; 0 in a region without."""
        rule = self.payment_in(year)
        return 0.0 if rule is None else rule.nok_per_day

    def payment_in(self, year: int) -> PaymentRule | None:
        """The betalingsplikt of a year; None in a region without."""
        return _in_force(self.payment, year)

    def reference_in(self, year: int) -> PaymentRule | None:
        """The betalingsplikt of a year before any lever changed it."""
        return _in_force(self.reference or self.payment, year)

    def isf_in(self, year: int) -> IsfRule | None:
        """Activity-based funding in a year; None in a region without."""
        return _in_force(self.isf, year)

    def level(self, year: int) -> float:
        """The price level of a year: the day rate of the reference, 1 in a region without one."""
        rule = self.reference_in(year)
        return rule.nok_per_day if rule is not None and rule.nok_per_day > 0 else 1.0


def _in_force(table: Mapping[int, Rule], year: int) -> Rule | None:
    if not table:
        return None
    return table[max((y for y in table if y <= year), default=min(table))]
