"""Facts into kroner: the accounts of a run by number, prices by day, and how a fact is posted."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from capsim.analysis.delays import DelayDays
from capsim.analysis.ledger import PATIENTS, RHF, STATE, Book, Costing, Reason, accounts_of
from capsim.demand.columns import DAY, ELECTIVE, STREAMS, TYPED
from capsim.models.pathway import NEVER
from capsim.models.records import Records
from capsim.region.rates import IsfRule
from capsim.region.region import Region

__all__ = ["Poster", "daily_price", "drg_weights"]

DAYS_PER_YEAR = 365


def daily_price(region: Region, item: str, which: str, days: int) -> np.ndarray:
    """The price of an item (``which``: "average_nok", "marginal_nok" or "capacity_nok") on each day from
    day 0, in whole øre at the level of the day's year, shape (days,); zero where the region has none."""
    rates = region.rates
    price = rates.prices.get(item)
    if price is None:
        return np.zeros(days, dtype=np.int64)
    years, of = np.unique(_years(region, days), return_inverse=True)
    base = getattr(price, which) * 100 / rates.level(price.year)
    by_year = [round(base * rates.level(year)) for year in years.tolist()]
    return np.array(by_year, dtype=np.int64)[of]


def _years(region: Region, days: int) -> np.ndarray:
    """The calendar year of each day from day 0."""
    date = np.datetime64(region.start, "D") + np.arange(days)
    return date.astype("datetime64[Y]").astype(np.int64) + 1970


def drg_weights(records: Records) -> np.ndarray:
    """DRG weight of each patient's treatment or stay: the elective or acute type's, else (acute patients,
    readmissions) the specialty's."""
    p, region = records.patients, records.region
    weight = np.array([s.drg_weight for s in region.specialties] + [0.0])[records.itinerary.specialty]
    typed = np.zeros(len(STREAMS), dtype=bool)
    typed[list(TYPED)] = True
    for of, types in ((typed[p.stream], region.acute_types), (p.stream == ELECTIVE, region.elective_types)):
        rows = np.flatnonzero(of)
        weight[rows] = np.array([t.drg_weight for t in types] + [0.0])[p.type[rows]]
    return weight


class Poster:
    """A run, its accounts by number and its prices by day; the book that its methods write."""

    def __init__(self, records: Records, delays: DelayDays):
        r = self.records = records
        self.delays = delays
        self.stays, self.patients, self.plan = r.stays, r.patients, r.itinerary
        f = self.facilities = r.facilities
        self.days = r.patients.days
        first = f.first_day
        self.region = r.region
        self.accounts = accounts_of(r.region)
        self.book = Book(self.accounts, self.days)
        number = {name: i for i, name in enumerate(self.accounts)}
        self.number = number
        trusts = [number[h.trust] for h in r.region.hospitals]
        self.trust = np.array(trusts)  # of each hospital
        self.home = self.patients.municipality.astype(np.int64)  # account of who pays municipal costs
        # what holds on each measured day
        self.day = np.arange(self.days)
        self.phase = f.phase_of_day[-first : self.days - first]
        self.year = _years(r.region, self.days)
        self.weekday = (r.region.start.weekday() + self.day) % 7
        new = (np.diff(self.year) != 0) | (self.day[1:] % DAYS_PER_YEAR == 0)
        self.edges = np.concatenate([[0], self.day[1:][new], [self.days]])  # a price or a window changes
        # whose residents they are: of the region as it is at first, since fixed grants do not follow a lever
        towns = f.regions[0].municipalities
        self.home_trust = np.array([number[r.region.hospital(m.catchment).trust] for m in towns])
        people = [[round(m.inhabitants) for m in region.municipalities] for region in f.regions]
        self.people = np.array(people)
        held = list(zip(self.phase.tolist(), self.year.tolist(), strict=True))
        rules = {(k, year): self._isf(k, year) for k, year in set(held)}
        isf = [rules[key] for key in held]
        self.unit = np.array([rule.unit_price_nok for rule in isf]) * 100
        self.isf_share = np.array([rule.share for rule in isf])
        self.guest_share = np.array([rule.guest_share for rule in isf])
        self.private_share = np.array([rule.private_share for rule in isf])

    def _isf(self, phase: int, year: int) -> IsfRule:
        rule = self.facilities.regions[phase].rates.isf_in(year)
        return rule if rule is not None else IsfRule(0.0, 0.0)

    def price(self, item: str, which: str) -> np.ndarray:
        return daily_price(self.region, item, which, self.days)

    def use(
        self,
        reason: Reason,
        item: str,
        resource: str,
        day: np.ndarray,
        payer: np.ndarray,
        units: np.ndarray,
        subject: np.ndarray,
    ) -> None:
        """Post ``units`` used: at the average price, and at the marginal one."""
        average, marginal = self.price(item, "average_nok"), self.price(item, "marginal_nok")
        both = np.array_equal(average, marginal)
        for price, costing in ((average, Costing.AVERAGE), (marginal, Costing.MARGINAL)):
            if both and costing == Costing.MARGINAL:
                return
            amount = np.rint(units * price[day]).astype(np.int64)
            of = Costing.BOTH if both else costing
            self.book.post(reason, day, payer, self.number[resource], amount, subject, of)

    def capacity(
        self, reason: Reason, item: str, resource: str, units: np.ndarray, payers: np.ndarray
    ) -> None:
        """Post a (days, columns) capacity, used or not; ``payers``: of each column."""
        price = self.price(item, "capacity_nok")
        amount = np.rint(units * price[:, None]).astype(np.int64)
        day, column = np.indices(units.shape).reshape(2, -1)
        self.book.post(
            reason, day, payers[column], self.number[resource], amount.ravel(), column, Costing.MARGINAL
        )

    def shared_capacity(
        self, reason: Reason, item: str, resource: str, units: np.ndarray, users: np.ndarray
    ) -> None:
        """Post a (days, pools) capacity, divided by population among those whose pool it is: ``users``
        (phases, municipalities) is the pool of each, -1 for none."""
        price = self.price(item, "capacity_nok")
        amount = np.rint(units * price[:, None]).astype(np.int64)
        to = self.number[resource]
        for k in np.unique(self.phase).tolist():
            days = self.day[self.phase == k]
            pools, first, owners = np.unique(users[k], return_index=True, return_counts=True)
            alone = (pools >= 0) & (owners == 1)
            whole = amount[np.ix_(days, pools[alone])]
            day, column = np.indices(whole.shape).reshape(2, -1)
            owner, pool_of = first[alone][column], pools[alone][column]
            self.book.post(reason, days[day], owner, to, whole.ravel(), pool_of, Costing.MARGINAL)
            for pool in pools[(pools >= 0) & (owners > 1)].tolist():
                sharing = np.flatnonzero(users[k] == pool)
                people = self.people[k, sharing]
                self.book.post_shared(
                    reason, days, sharing, people, to, amount[days, pool], pool, Costing.MARGINAL
                )

    def pieces(self, start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The measured part of each [start, end), cut at every New Year and year of the study: (row, day
        on which the piece begins, its length in days). An end that never came is the run's."""
        edges = self.edges * DAY
        begin = np.where(start == NEVER, edges[-1], start).clip(0, edges[-1])
        stop = np.where(end == NEVER, edges[-1], end).clip(0, edges[-1])
        rows = np.flatnonzero(stop > begin)
        begin, stop = begin[rows], stop[rows]
        first = np.searchsorted(edges, begin, side="right") - 1
        last = np.searchsorted(edges, stop, side="left") - 1
        count = last - first + 1
        row = np.repeat(np.arange(len(rows)), count)
        nth = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
        piece = first[row] + nth
        from_ = np.maximum(begin[row], edges[piece])
        to = np.minimum(stop[row], edges[piece + 1])
        return rows[row], from_ // DAY, (to - from_) / DAY

    def stretches(self) -> list[tuple[int, int]]:
        """(first day, day after the last) between New Years and years of the study."""
        return list(pairwise(self.edges.tolist()))

    def measured(self, time: np.ndarray) -> np.ndarray:
        """The rows whose ``time`` is in the measured period."""
        return np.flatnonzero((time >= 0) & (time < self.days * DAY))

    def present(self, unit: np.ndarray, start: np.ndarray, end: np.ndarray, units: int) -> np.ndarray:
        """How many of those who are in ``unit`` from ``start`` to ``end`` are there at the midnight that
        begins each measured day, shape (days, units); an end that never came is the run's."""
        until = np.where(end == NEVER, self.days * DAY, end)
        first = (-(-start // DAY)).clip(0, self.days)
        last = (-(-until // DAY)).clip(0, self.days)
        came, went = (
            np.bincount(day * units + unit, minlength=(self.days + 1) * units)
            for day in (first, np.maximum(last, first))
        )
        return (came - went).reshape(self.days + 1, units)[:-1].cumsum(axis=0)

    def measured_days(self, by_day: np.ndarray) -> np.ndarray:
        first = self.facilities.first_day
        return by_day[-first : self.days - first]

    def municipal(
        self,
        reason: Reason,
        item: str,
        resource: str,
        who: np.ndarray,
        start: np.ndarray,
        end: np.ndarray,
    ) -> None:
        """Post what the municipalities of ``who`` pay for the days from ``start`` to ``end``."""
        row, day, length = self.pieces(start, end)
        self.use(reason, item, resource, day, self.home[who[row]], length, who[row])

    def last_hospital(self) -> np.ndarray:
        moved = self.stays.moved_to
        return np.where(moved >= 0, self.facilities.ward_hospital[moved], self.stays.hospital)

    def funding(
        self,
        day: np.ndarray,
        home: np.ndarray,
        hospital: np.ndarray,
        points: np.ndarray,
        subject: np.ndarray | int,
    ) -> None:
        """Activity-based funding of DRG points, through the RHF; and what the trust where the patient
        lives pays a trust that treats instead."""
        trust = self.trust[hospital]
        value = points * self.unit[day]
        amount = np.rint(value * self.isf_share[day]).astype(np.int64)
        rhf = self.number[RHF]
        self.book.post(Reason.ISF, day, self.number[STATE], rhf, amount, subject)
        self.book.post(Reason.ISF, day, rhf, trust, amount, subject)
        at_home = self.home_trust[home]
        rest = np.maximum(self.guest_share[day] - self.isf_share[day], 0.0)
        guest = np.rint(value * rest).astype(np.int64) * (at_home != trust)
        self.book.post(Reason.GUEST, day, at_home, trust, guest, subject)

    def travel(self, day: np.ndarray, km: np.ndarray, subject: np.ndarray) -> None:
        """What patients pay for the way."""
        patients = np.full(len(day), self.number[PATIENTS])
        self.use(Reason.TRAVEL, "travel_km", "transport", day, patients, km, subject)

    def refund(self, day: np.ndarray, home: np.ndarray, km: np.ndarray, subject: np.ndarray) -> None:
        """What the trust where they live refunds them of it."""
        amount = np.rint(km * self.price("travel_refund_km", "average_nok")[day]).astype(np.int64)
        trust = self.home_trust[home]
        self.book.post(Reason.TRAVEL_REFUND, day, trust, self.number[PATIENTS], amount, subject)
