"""The ledger: who pays whom for what, double entry in whole øre, one posting for each fact.

Payers (municipalities, trusts, the RHF, the state, patients) pay each other by rule and buy resources
(beds, theatres, places …). What payers pay each other is a transfer and nets to zero for society, whose
cost is what resources take. :mod:`capsim.analysis.postings` writes it after the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

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
    "Part",
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


class Part(NamedTuple):
    """Postings of one reason under one costing. ``day`` and ``amount`` are columns; the others are too, or
    a number that is the same in all rows."""

    reason: Reason
    costing: Costing
    day: np.ndarray
    payer: np.ndarray | int
    receiver: np.ndarray | int
    amount: np.ndarray
    subject: np.ndarray | int

    def where(self, rows: np.ndarray) -> Part:
        """Some of the postings; ``rows`` are flags."""
        if rows.all():
            return self
        here = np.flatnonzero(rows)
        payer, receiver, subject = (
            x[here] if isinstance(x, np.ndarray) else x for x in (self.payer, self.receiver, self.subject)
        )
        return self._replace(
            day=self.day[here], payer=payer, receiver=receiver, amount=self.amount[here], subject=subject
        )


@dataclass(frozen=True, eq=False)
class Ledger:
    """Postings in ``parts``; and as columns, a row each. ``day``: the date, in days since day 0, below
    ``days`` (the warm-up has none).
    ``payer`` and ``receiver`` index ``accounts``, of which the first ``payers`` are society's members.
    ``amount`` is in whole øre (int64), above zero. ``subject`` is a patient's row, or the number of
    what ``reason`` speaks of (ward, session's list, pool, unit, team, municipality); -1 for neither.
    """

    accounts: tuple[str, ...]
    payers: int
    days: int
    parts: tuple[Part, ...]

    def __len__(self) -> int:
        return sum(len(part.amount) for part in self.parts)

    @cached_property
    def day(self) -> np.ndarray:
        return self._column("day", np.int32)

    @cached_property
    def payer(self) -> np.ndarray:
        return self._column("payer", np.int16)

    @cached_property
    def receiver(self) -> np.ndarray:
        return self._column("receiver", np.int16)

    @cached_property
    def reason(self) -> np.ndarray:
        return self._column("reason", np.int8)

    @cached_property
    def amount(self) -> np.ndarray:
        return self._column("amount", np.int64)

    @cached_property
    def subject(self) -> np.ndarray:
        return self._column("subject", np.int32)

    @cached_property
    def costing(self) -> np.ndarray:
        return self._column("costing", np.int8)

    def _column(self, name: str, dtype: type) -> np.ndarray:
        columns = [np.broadcast_to(getattr(part, name), part.amount.shape) for part in self.parts]
        return np.concatenate([np.zeros(0, dtype=dtype), *columns]).astype(dtype)

    def of(self, reason: Reason) -> Ledger:
        """The postings for one reason."""
        return replace(self, parts=tuple(part for part in self.parts if part.reason == reason))

    @cached_property
    def _whole(self) -> np.ndarray:
        return self._sums(self.parts)

    def _sums(self, parts: Iterable[Part]) -> np.ndarray:
        """What accounts pay and receive in some postings, shape (2, costings, accounts, reasons)."""
        out = np.zeros((2, len(Costing), len(self.accounts), len(Reason)), dtype=np.int64)
        for part in parts:
            for table, party in zip(out, (part.payer, part.receiver), strict=True):
                at_each = table[part.costing, :, part.reason]
                if isinstance(party, np.ndarray):
                    np.add.at(at_each, party, part.amount)
                else:
                    at_each[party] += part.amount.sum()
        return out

    def counts(self, costing: Costing) -> np.ndarray:
        """Which postings count under a costing."""
        return (self.costing == costing) | (self.costing == Costing.BOTH)

    def flows(self, costing: Costing, first_day: int, last_day: int) -> tuple[np.ndarray, np.ndarray]:
        """What each account pays and what it receives from ``first_day`` until ``last_day``, by reason,
        in øre: two of shape (accounts, reasons)."""
        if first_day <= 0 and last_day >= self.days:
            table = self._whole
        else:
            table = self._sums(x.where((x.day >= first_day) & (x.day < last_day)) for x in self.parts)
        paid, received = table[:, costing] + table[:, Costing.BOTH]
        return paid, received

    def balances(self, costing: Costing) -> np.ndarray:
        """What each account has received less what it has paid, in øre; adds up to zero."""
        paid, received = self.flows(costing, 0, self.days)
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
    columns: list[Part] = field(default_factory=list)

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
        part = Part(reason, costing, day, payer, receiver, amount, subject)
        self.columns.append(part.where(amount != 0))

    def close(self) -> Ledger:
        """The ledger.

        Raises:
            InvariantError: if an øre was lost or made, or a posting is none.
        """
        book = Ledger(self.accounts, len(self.accounts) - len(RESOURCES), self.days, tuple(self.columns))
        for (reason, costing), wanted in self.facts.items():
            posted = int(book._whole[0, costing, :, reason].sum())
            if posted != wanted:
                raise InvariantError(f"ledger: {reason.name.lower()} is {posted} øre, its facts {wanted}")
        if wrong := sum(self._wrong(part, book.payers) for part in book.parts):
            raise InvariantError(f"ledger: {wrong} postings are none")
        for costing in (Costing.AVERAGE, Costing.MARGINAL):
            if total := int(book.balances(costing).sum()):
                raise InvariantError(f"ledger: the accounts add up to {total} øre, not zero")
        return book

    def _wrong(self, part: Part, payers: int) -> int:
        """How many rows are no postings."""
        wrong = (part.amount <= 0) | (part.day < 0) | (part.day >= self.days)
        wrong |= np.equal(part.payer, part.receiver) | np.greater_equal(part.payer, payers)
        wrong |= np.less(part.receiver, payers) != (part.reason in TRANSFERS)
        return int(wrong.sum())
