"""The ledger: who pays whom for what, double entry in whole øre, one posting for each fact.

Payers (municipalities, trusts, the RHF, the state, patients) pay each other by rule and buy resources
(beds, theatres, places …). What payers pay each other is a transfer and nets to zero for society, whose
cost is what resources take. :mod:`capsim.analysis.postings` writes it after the run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from capsim.errors import InvariantError
from capsim.region.region import Region

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "COSTINGS",
    "RESOURCES",
    "TRANSFERS",
    "Book",
    "Costing",
    "Ledger",
    "Reason",
    "accounts_of",
    "allocate",
]

RHF, STATE, PATIENTS = "rhf", "state", "patients"
RESOURCES = (
    "beds",
    "theatres",
    "clinics",
    "places",
    "kad",
    "home_care",
    "teams",
    "transport",
    "private_providers",
)


class Costing(IntEnum):
    """How resources are priced. ``AVERAGE``: what is used, at its average cost. ``MARGINAL``: what is
    used, at its marginal cost, and what is there, at the cost of having it. Transfers and what costs
    the same in both are ``BOTH``."""

    AVERAGE = 0
    MARGINAL = 1
    BOTH = 2


COSTINGS = ("average", "marginal")


class Reason(IntEnum):
    """What a posting is for: first the transfers between payers, then what resources take."""

    PAYMENT = 0  # betalingsplikt, municipality to trust, for each overliggerdøgn
    ISF = 1  # activity-based funding, state to RHF and RHF to trust
    GUEST = 2  # guest-patient settlement, trust of residence to trust that treats
    TRAVEL_REFUND = 3  # trust of residence to patients
    GRANT = 4
    BED_DAYS = 5
    BED_CAPACITY = 6
    THEATRE_MINUTES = 7
    THEATRE_CAPACITY = 8
    CLINIC_VISITS = 9
    CLINIC_CAPACITY = 10
    PLACE_DAYS = 11  # short-term places
    PLACE_CAPACITY = 12
    STRETCHED_DAYS = 13  # extra short-term places and temporary dwellings, over capacity
    LONG_TERM_DAYS = 14
    LONG_TERM_CAPACITY = 15
    HOUSING_DAYS = 16
    HOUSING_CAPACITY = 17
    KAD_DAYS = 18
    KAD_CAPACITY = 19
    HOME_CARE = 20  # courses of home care after a stay
    HOME_CARE_CAPACITY = 21
    HOME_VISITS = 22  # by home care, beside an ambulant team
    TEAM_STAFF = 23
    TEAM_VISITS = 24
    TRAVEL = 25
    PRIVATE_VISITS = 26
    PRIVATE_TREATMENTS = 27
    PATIENT_TRANSFERS = 28  # back to the catchment hospital


TRANSFERS = tuple(r for r in Reason if r <= Reason.GRANT)


def accounts_of(region: Region) -> tuple[str, ...]:
    """Every account: municipalities, trusts, "rhf", "state", "patients", then :data:`RESOURCES`."""
    trusts = dict.fromkeys(h.trust for h in region.hospitals)
    return (*(m.number for m in region.municipalities), *trusts, RHF, STATE, PATIENTS, *RESOURCES)


def allocate(total: np.ndarray, weights: Sequence[int] | np.ndarray) -> np.ndarray:
    """Whole amounts divided in proportion to whole ``weights``, shape (totals, weights), so that each
    row adds up to its total: what rounding leaves goes to the largest remainders, ties to the first.
    Without any weight the parts are equal. Exact for total × weight below 2**63."""
    weight = np.asarray(weights, dtype=np.int64)
    if weight.sum() == 0:
        weight = np.ones_like(weight)
    product = total.astype(np.int64)[:, None] * weight
    share, rest = product // weight.sum(), product % weight.sum()
    left = total - share.sum(axis=1)
    rank = np.argsort(np.argsort(-rest, axis=1, kind="stable"), axis=1)
    return share + (rank < left[:, None])


@dataclass(frozen=True, eq=False)
class Ledger:
    """Postings as columns, a row each. ``day``: the date, in days since day 0 (the warm-up has none).
    ``payer`` and ``receiver`` index ``accounts``, of which the first ``payers`` are society's members.
    ``amount`` is in whole øre (int64), above zero. ``subject`` is a patient's row, or the number of
    what ``reason`` speaks of (ward, session's list, pool, unit, team, municipality); -1 for neither.
    """

    accounts: tuple[str, ...]
    payers: int
    day: np.ndarray
    payer: np.ndarray
    receiver: np.ndarray
    reason: np.ndarray
    amount: np.ndarray
    subject: np.ndarray
    costing: np.ndarray

    def __len__(self) -> int:
        return len(self.amount)

    @cached_property
    def _transfer(self) -> np.ndarray:
        return self.receiver < self.payers

    def counts(self, costing: Costing) -> np.ndarray:
        """Which postings count under a costing."""
        return (self.costing == costing) | (self.costing == Costing.BOTH)

    def flows(self, costing: Costing, first_day: int, last_day: int) -> tuple[np.ndarray, np.ndarray]:
        """What each account pays and what it receives from ``first_day`` until ``last_day``, by reason,
        in øre: two of shape (accounts, reasons)."""
        keep = self.counts(costing) & (self.day >= first_day) & (self.day < last_day)
        shape = (len(self.accounts), len(Reason))
        paid, received = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        np.add.at(paid, (self.payer[keep], self.reason[keep]), self.amount[keep])
        np.add.at(received, (self.receiver[keep], self.reason[keep]), self.amount[keep])
        return paid, received

    def balances(self, costing: Costing) -> np.ndarray:
        """What each account has received less what it has paid, in øre; adds up to zero."""
        paid, received = self.flows(costing, 0, 2**31)
        return (received - paid).sum(axis=1)

    def to_frame(self) -> pd.DataFrame:
        """The postings as a table: day, from, to, reason, amount_nok, subject, costing."""
        import pandas as pd

        names = np.array(self.accounts, dtype=object)
        return pd.DataFrame(
            {
                "day": self.day,
                "from": names[self.payer],
                "to": names[self.receiver],
                "reason": np.array([r.name.lower() for r in Reason])[self.reason],
                "amount_nok": self.amount / 100,
                "subject": self.subject,
                "costing": np.array([c.name.lower() for c in Costing])[self.costing],
            }
        )


@dataclass(eq=False)
class Book:
    """A ledger in the making. ``facts`` adds up, in whole øre and before anything is divided between
    payers, what each reason should come to."""

    accounts: tuple[str, ...]
    days: int
    facts: dict[tuple[Reason, Costing], int] = field(default_factory=dict)
    columns: list[tuple[np.ndarray, ...]] = field(default_factory=list)

    def post(
        self,
        reason: Reason,
        day: np.ndarray,
        payer: np.ndarray | int,
        receiver: np.ndarray | int,
        amount: np.ndarray,
        subject: np.ndarray | int = -1,
        costing: Costing = Costing.BOTH,
    ) -> None:
        """Post whole ``amount`` on each ``day``; the others are columns too, or the same in all rows."""
        self._count(reason, costing, amount)
        self._write(reason, day, payer, receiver, amount, subject, costing)

    def post_shared(
        self,
        reason: Reason,
        day: np.ndarray,
        payers: np.ndarray,
        weights: np.ndarray,
        receiver: int,
        amount: np.ndarray,
        subject: int,
        costing: Costing,
    ) -> None:
        """Post whole ``amount`` on each ``day``, divided among ``payers`` by whole ``weights``."""
        self._count(reason, costing, amount)
        parts = allocate(amount, weights)
        k = len(payers)
        self._write(
            reason, np.repeat(day, k), np.tile(payers, len(day)), receiver, parts.ravel(), subject, costing
        )

    def _count(self, reason: Reason, costing: Costing, amount: np.ndarray) -> None:
        key = reason, costing
        self.facts[key] = self.facts.get(key, 0) + int(amount.sum())

    def _write(
        self,
        reason: Reason,
        day: np.ndarray,
        payer: np.ndarray | int,
        receiver: np.ndarray | int,
        amount: np.ndarray,
        subject: np.ndarray | int,
        costing: Costing,
    ) -> None:
        keep = np.flatnonzero(amount)
        types = (np.int32, np.int16, np.int16, np.int8, np.int64, np.int32, np.int8)
        values = (day, payer, receiver, int(reason), amount, subject, int(costing))
        self.columns.append(
            tuple(
                np.broadcast_to(value, amount.shape)[keep].astype(dtype)
                for value, dtype in zip(values, types, strict=True)
            )
        )

    def close(self) -> Ledger:
        """The ledger.

        Raises:
            InvariantError: if an øre was lost or made, or a posting is none.
        """
        nothing = np.zeros(0, dtype=np.int64)
        self._write(Reason.GRANT, nothing, 0, 0, nothing, -1, Costing.BOTH)
        columns = [np.concatenate(parts) for parts in zip(*self.columns, strict=True)]
        book = Ledger(self.accounts, len(self.accounts) - len(RESOURCES), *columns)
        for (reason, costing), wanted in self.facts.items():
            posted = int(book.amount[(book.reason == reason) & (book.costing == costing)].sum())
            if posted != wanted:
                raise InvariantError(f"ledger: {reason.name.lower()} is {posted} øre, its facts {wanted}")
        wrong = (book.amount <= 0) | (book.payer == book.receiver) | (book.payer >= book.payers)
        wrong |= (book.day < 0) | (book.day >= self.days)
        wrong |= book._transfer != np.isin(book.reason, TRANSFERS)
        if wrong.any():
            raise InvariantError(f"ledger: {int(wrong.sum())} postings are none, first {np.argmax(wrong)}")
        for costing in (Costing.AVERAGE, Costing.MARGINAL):
            if total := int(book.balances(costing).sum()):
                raise InvariantError(f"ledger: the accounts add up to {total} øre, not zero")
        return book
