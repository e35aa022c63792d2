"""Levers that buy: municipal capacity with a joint grant, and treatment from private providers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, Literal

from capsim.errors import InputError
from capsim.region.rates import Grant, PrivatePurchase
from capsim.region.region import Region
from capsim.scenarios.kad import AddKadBeds
from capsim.scenarios.keys import (
    FromDay,
    Key,
    Lever,
    RampDays,
    amount,
    check_id,
    municipalities_known,
    once_each,
    one_of,
    refuse,
)
from capsim.scenarios.municipal import (
    AddHomeCareStarts,
    AddLongTermPlaces,
    AddShortTermPlaces,
    AddSupportedHousing,
)

__all__ = ["BuyPrivate", "JointGrant"]

DAYS_PER_YEAR = 365

BUYS: Mapping[str, tuple[Callable[[str, int], Lever], str, str]] = {
    "short_term_places": (AddShortTermPlaces, "short_term_pool", "short_term_day"),
    "long_term_places": (AddLongTermPlaces, "number", "long_term_day"),
    "supported_housing": (AddSupportedHousing, "number", "housing_day"),
    "home_care_starts": (AddHomeCareStarts, "number", "home_care_start"),
    "kad_beds": (AddKadBeds, "kad_unit", "kad_day"),
}
"""What a grant may buy → the lever that adds it, where the municipality has it, what prices a unit a day."""


@dataclass(frozen=True)
class JointGrant(Lever):
    """A grant by which the state and a health trust help municipalities to more capacity, for a while or for
    good (samhandlingstilskudd).

    Changes: ``amount`` units more of what it ``buys``, shared by inhabitants in whole units among the
    municipalities (or the pools and KAD units they share), from ``from_day`` until ``until_day``. The
    municipalities bear the cost of the capacity as of any other; each day the state and the trust pay
    them ``state_share`` and ``trust_share`` of ``nok_per_year`` (none given: of what such units cost when
    there, in prices of the year it begins), by inhabitants.

    Must move: overliggerdøgn, as the capacity does. Side effect: net of the state, the trust and the
    municipalities; the grant itself is a transfer, so society bears what the capacity costs. When it ends,
    so does the capacity.
    Evidence: none of its own; what the capacity does follows from the queue. Whether municipalities would
    have bought it anyway is not known.
    """

    municipalities: Annotated[tuple[str, ...], Key("Numbers of those that get the capacity, each once")]
    trust: Annotated[str, Key("Name of the health trust that pays its share (hospitals.csv)")]
    buys: Annotated[
        Literal["short_term_places", "long_term_places", "supported_housing", "home_care_starts", "kad_beds"],
        Key("What it buys; home_care_starts are new patients a day"),
    ]
    amount: Annotated[int, Key("Units, in all", "units", 1, 100_000)]
    state_share: Annotated[float, Key("Share of the cost that the state pays", "share", 0, 1)] = 0.0
    trust_share: Annotated[float, Key("Share of the cost that the trust pays", "share", 0, 1)] = 0.0
    nok_per_year: Annotated[
        float | None,
        Key("What it costs; none given: by the region's prices", "nok per year", 0, 1_000_000_000, True),
    ] = None
    id: Annotated[str, Key("Id of the grant, needed where there are several; empty: what it buys")] = ""
    from_day: FromDay = 0
    until_day: Annotated[int | None, Key("First day it is over", "day", 1, 36_500)] = None
    ramp_days: RampDays = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        once_each(self, "municipalities", self.municipalities, "municipality")
        if self.id:
            check_id(self, "id", self.id)
        if not 0 < self.state_share + self.trust_share <= 1 + 1e-9:
            paid = self.state_share + self.trust_share
            refuse(self, "state_share", "with trust_share it must be more than 0 and at most 1", paid)
        if self.until_day is not None and self.until_day <= self.from_day + self.ramp_days:
            refuse(self, "until_day", "must be later than the day when all of it is in force", self.until_day)

    def apply(self, region: Region) -> Region:
        """The region with the grant and what it buys in force until it ends."""
        return region.ramped(self.changed, self.from_day, self.ramp_days, self.until_day)

    def changed(self, region: Region, part: float) -> Region:
        municipalities_known(self, region, "municipalities", self.municipalities)
        one_of(self, "trust", self.trust, dict.fromkeys(h.trust for h in region.hospitals))
        bought, lever = 0, BUYS[self.buys][0]
        nok_per_day = self._nok_per_day(region)
        for where, units in self._units(region).items():
            try:
                region = lever(where, units).changed(region, part)
            except InputError as error:
                refuse(self, "amount", error.problems[0].allowed, self.amount)
            bought += amount(units, part)
        return replace(region, grants=(*region.grants, *self._grants(region, nok_per_day * bought)))

    def _units(self, region: Region) -> dict[str, int]:
        """Whole units by where they are added: by inhabitants, the largest remainders rounded up."""
        people: dict[str, float] = {}
        for number in self.municipalities:
            municipality = region.municipality(number)
            where = getattr(municipality, BUYS[self.buys][1])
            if not where:
                refuse(self, "municipalities", f"has no {self.buys.replace('_', ' ')} in this region", number)
            people[where] = people.get(where, 0.0) + municipality.inhabitants
        exact = {where: self.amount * count / sum(people.values()) for where, count in people.items()}
        units = {where: int(share) for where, share in exact.items()}
        by_remainder = sorted(exact, key=lambda where: units[where] - exact[where])
        for where in by_remainder[: self.amount - sum(units.values())]:
            units[where] += 1
        for where, count in units.items():
            if not count:
                refuse(self, "amount", f"shared by inhabitants, leaves nothing for {where}", self.amount)
        return units

    def _nok_per_day(self, region: Region) -> float:
        """What a unit costs a day."""
        if self.nok_per_year is not None:
            return self.nok_per_year / DAYS_PER_YEAR / self.amount
        item = BUYS[self.buys][2]
        price = region.rates.prices.get(item)
        if price is None:
            refuse(self, "nok_per_year", f"must be given: the region has no price of {item} (prices.csv)")
        year = (region.start + timedelta(self.from_day)).year
        return price.unit_day_nok * region.rates.level(year) / region.rates.level(price.year)

    def _grants(self, region: Region, nok_per_day: float) -> tuple[Grant, ...]:
        id = self.id or self.buys
        people = {number: region.municipality(number).inhabitants for number in self.municipalities}
        whole = sum(people.values())
        grants = tuple(
            Grant(f"{id}_{kind}_{number}", payer, number, share * nok_per_day * count / whole)
            for kind, payer, share in (
                ("state", "state", self.state_share),
                ("trust", self.trust, self.trust_share),
            )
            for number, count in people.items()
            if share * nok_per_day > 0
        )
        if {grant.id for grant in grants} & {grant.id for grant in region.grants}:
            refuse(self, "id", "one of these municipalities has a grant of this id; choose another", id)
        return grants


@dataclass(frozen=True)
class BuyPrivate(Lever):
    """Buy the treatment of some elective patients from private providers.

    Changes: ``share`` of the patients of ``type`` is treated privately and leaves the public lists. The RHF
    pays the region's private share of the DRG price and gets the state's part of it. Those who already
    wait stay where they are.

    Must move: the wait of the type's specialty, and how many are treated. Side effect: the RHF's net;
    theatre time and beds are there for others; shorter waits attract more referrals.
    Evidence: none of its own; waits follow from the queue. How much private providers do differs: 65 % of
    arthroscopies in the area of St. Olavs (2012–16), 17 % of carpal tunnel operations nationally. That
    any patient may go is an assumption; their first contact and travel leave the count with them.
    """

    type: Annotated[str, Key("Id of the elective type (elective_types.csv)")]
    share: Annotated[float, Key("Share of its patients treated privately", "share", 0, 1, True)]
    municipalities: Annotated[
        tuple[str, ...], Key("Numbers of the municipalities whose patients these are, each once; empty: all")
    ] = ()
    from_day: FromDay = 0
    ramp_days: RampDays = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        once_each(self, "municipalities", self.municipalities, "municipality", at_least=0)

    def changed(self, region: Region, part: float) -> Region:
        one_of(self, "type", self.type, (t.id for t in region.elective_types))
        municipalities_known(self, region, "municipalities", self.municipalities)
        kind = region.elective_type(self.type)
        if any(s.id == kind.specialty and s.sector != "somatic" for s in region.specialties):
            refuse(self, "type", "must be somatic: other care has no DRG price", self.type)
        if kind.drg_weight <= 0:
            refuse(self, "type", "has no DRG weight (elective_types.csv), so no price", self.type)
        if not region.rates.isf:
            refuse(self, "type", "the region has no DRG unit price (isf_rates.csv), so no price", self.type)
        for number in self.municipalities or (m.number for m in region.municipalities):
            bought = sum(
                p.share
                for p in region.purchases
                if p.type == self.type and (not p.municipalities or number in p.municipalities)
            )
            if bought + self.share > 1 + 1e-9:
                refuse(self, "share", f"{bought:.3g} is bought already: at most {1 - bought:.3g}", self.share)
        purchase = PrivatePurchase(self.type, part * self.share, self.municipalities)
        return replace(region, purchases=(*region.purchases, purchase))
