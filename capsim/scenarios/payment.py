"""Levers on the rules that money moves by, and on who answers to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, get_args

from capsim.region.rates import PaymentRule, Response
from capsim.region.region import Phase, Region
from capsim.scenarios.evidence import RESPONSE_EFFECTS
from capsim.scenarios.keys import AtOnce, FromDay, Key, Lever, once_each, one_of, refuse

__all__ = ["SetIsfShare", "SetPaymentRate", "SetPaymentRule", "SetResponse"]

Sector = Literal["somatic", "phv", "tsb"]


@dataclass(frozen=True)
class SetPaymentRate(Lever):
    """Set the betalingsplikt, the day rate of a patient who is ready and waits for the municipality.

    Changes: the rate in kroner, the same in all years from ``from_day`` on; who pays, for whom and from
    which day stays (``SetPaymentRule``). Must move: payments, by the same factor. Side effect: none on
    patients unless somebody answers to the rate (``SetResponse``); it moves money from municipality to
    trust.

    Evidence: none near today's rate. The duty's introduction in 2012 more than halved overliggerdøgn
    (before–after; −40 to −60 % assumed), bundled with kommunal medfinansiering; it is no elasticity.
    """

    nok_per_day: Annotated[float, Key("Rate per patient and day", "nok per day", 0, 1_000_000)]
    from_day: FromDay = 0
    ramp_days: AtOnce = 0

    def changed(self, region: Region, part: float) -> Region:
        return _with_rules(self, "nok_per_day", region, nok_per_day=self.nok_per_day)


@dataclass(frozen=True)
class SetPaymentRule(Lever):
    """Change the design of the betalingsplikt, its level, or both.

    Changes: in all years from ``from_day`` on, what is given: the rate, free days at the beginning of a
    delay, steps (from a stay's n-th overliggerdøgn on the rate times a factor; the last step reached
    counts), the notice a municipality must have had, whose patients are paid for, and whether the
    municipality of stay or of registration pays. What is left out stays.

    Must move: payments. Side effect: none on patients unless somebody answers to the rate (``SetResponse``),
    which then is the mean over a delay's days; who gains is where delays are long or short.
    Evidence: none. Before 2012 the duty was NOK 1600 a day after ten days' notice; what each part of the
    design does is not known.
    """

    nok_per_day: Annotated[float | None, Key("Rate per patient and day", "nok per day", 0, 1_000_000)] = None
    free_days: Annotated[
        int | None, Key("A stay's first overliggerdøgn, which cost nothing", "days", 0, 365)
    ] = None
    steps: Annotated[
        tuple[tuple[int, float], ...] | None,
        Key("Pairs of a stay's overliggerdøgn, ascending, and the factor from it on; [] for none"),
    ] = None
    notice_days: Annotated[
        float | None,
        Key("A midnight counts only so long after the municipality was notified", "days", 0, 365),
    ] = None
    sectors: Annotated[
        tuple[Sector, ...] | None,
        Key(f"Whose patients are paid for, each once, of: {', '.join(get_args(Sector))}"),
    ] = None
    payer: Annotated[
        Literal["registered", "stay"] | None,
        Key("Which municipality pays: where the patient is registered (2012–2018) or stays (since 2019)"),
    ] = None
    from_day: FromDay = 0
    ramp_days: AtOnce = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self._given():
            refuse(self, "nok_per_day", f"give at least one of: {', '.join(_RULE)}")
        if self.sectors is not None:
            once_each(self, "sectors", self.sectors, "sector")
        before = 0
        for day, factor in self.steps or ():
            if day <= before:
                refuse(self, "steps", "the days must be 1 or more and ascend", day)
            if not 0 <= factor <= 100:
                refuse(self, "steps", "a factor must be from 0 to 100", factor)
            before = day

    def _given(self) -> dict[str, Any]:
        return {key: getattr(self, key) for key in _RULE if getattr(self, key) is not None}

    def changed(self, region: Region, part: float) -> Region:
        if not region.rates.payment and self.nok_per_day is None:
            refuse(self, "nok_per_day", "must be given: the region has no betalingsplikt (payment_rates.csv)")
        here = {s.sector for s in region.specialties}
        for sector in self.sectors or ():
            one_of(self, "sectors", sector, [s for s in get_args(Sector) if s in here])
        if self.payer is not None and not region.registrations:
            allowed = "everybody is registered where they stay in this region (registrations.csv)"
            refuse(self, "payer", allowed, self.payer)
        return _with_rules(self, next(iter(self._given())), region, **self._given())


_RULE = ("nok_per_day", "free_days", "steps", "notice_days", "sectors", "payer")


@dataclass(frozen=True)
class SetIsfShare(Lever):
    """Set the activity-based share of hospital funding (innsatsstyrt finansiering, ISF).

    Changes: the part of the DRG unit price that the state pays for each stay, in all years from
    ``from_day`` on. What a trust adds for its residents in another trust is what then is missing to the
    guest share. The block grant is not in the model: compare payers, not the level of their net.

    Must move: income of the trusts and expenses of the state. Side effect: guest settlements between trusts,
    which move the other way, and what private treatment costs the RHF.
    Evidence: none on what hospitals do; the share was 40 % (2006–13), 50 % (from 2014), 40 % (2023–24) and
    30 % (from 2025). Nobody in the model answers to it.
    """

    share: Annotated[float, Key("Activity-based part of the unit price", "share", 0, 1)]
    from_day: FromDay = 0
    ramp_days: AtOnce = 0

    def changed(self, region: Region, part: float) -> Region:
        old = region.rates.isf
        if not old:
            refuse(self, "share", "the region has no activity-based funding (isf_rates.csv)")
        new = {year: replace(rule, share=self.share) for year, rule in old.items()}
        if new == old:
            refuse(self, "share", "is in force in every year already: nothing would change", self.share)
        return replace(region, rates=replace(region.rates, isf=new))


@dataclass(frozen=True)
class SetResponse(Lever):
    """Let municipalities, hospitals or both answer to the betalingsplikt's rate.

    Changes: what a rate other than the region's own does. ``elastic`` municipalities answer faster and have
    more places at a higher rate, to a power of the mean rate of a delay relative to before, bounded by
    staff; ``cost_minimising`` ones buy short-term places while that is cheaper than to pay. Hospitals that
    answer by ``reporting`` report more patients ready, and earlier. ``band`` is how strongly, and a board
    should see all three. Name this lever after the one that changes the rate.

    Must move: overliggerdøgn, down at a higher rate where municipalities answer. Side effect: the cost of
    places; society's net, which the rate alone cannot move.
    Evidence: none. 2012 was one step, bundled with kommunal medfinansiering (Melberg and Hagen 2016;
    Kverndokk and Melberg 2021): no elasticity is identified near today's rate, so every exponent is an
    assumption and the low end of the band is no answer at all.
    """

    municipal: Annotated[
        Literal["none", "elastic", "cost_minimising"], Key("How municipalities answer to the rate")
    ] = "none"
    hospitals: Annotated[Literal["none", "reporting"], Key("How hospitals answer to the rate")] = "none"
    band: Annotated[Literal["low", "central", "high"], Key("How strongly they answer")] = "central"
    delay_days: Annotated[
        int, Key("From a change of the rate to the municipalities' answer", "days", 0, 36_500)
    ] = 180
    from_day: Annotated[
        int, Key("It is the rate that changes on a day; the answer follows it", "day", 0, 0)
    ] = 0
    ramp_days: AtOnce = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.municipal == self.hospitals == "none":
            refuse(self, "municipal", "give municipal, hospitals or both: here nobody answers", "none")

    def apply(self, region: Region) -> Region:
        """The region with the answer in all of its phases."""
        rates = [phase.region.rates for phase in region.phases()]
        if not any(rule.nok_per_day for r in rates for rule in (r.reference or r.payment).values()):
            refuse(
                self, "municipal", "the region has no rate to answer to (payment_rates.csv)", self.municipal
            )
        if self.municipal == "cost_minimising" and "short_term_day" not in region.rates.prices:
            allowed = (
                "the region has no price of a place to weigh the rate against (prices.csv, short_term_day)"
            )
            refuse(self, "municipal", allowed, self.municipal)
        if self.municipal != "cost_minimising" and all(
            r.payment == (r.reference or r.payment) for r in rates
        ):
            allowed = "nothing changes the rate: name SetPaymentRate or SetPaymentRule before this lever"
            refuse(self, "municipal", allowed, self.municipal)
        later = tuple(Phase(p.from_day, self.changed(p.region, 1.0)) for p in region.later)
        return replace(self.changed(region, 1.0), later=later)

    def changed(self, region: Region, part: float) -> Region:
        exponents = {effect.what: getattr(effect, self.band) for effect in RESPONSE_EFFECTS}
        response = Response(
            self.municipal, self.hospitals == "reporting", delay_days=self.delay_days, **exponents
        )
        return replace(region, response=response)


def _with_rules(lever: Lever, column: str, region: Region, **new: Any) -> Region:
    """The region with ``new`` in every year's rule; the table that no lever has changed is kept beside it."""
    rates = region.rates
    rules: Mapping[int, PaymentRule] = rates.payment or {region.start.year: PaymentRule(0.0)}
    payment = {year: replace(rule, **new) for year, rule in rules.items()}
    if payment == rates.payment:
        refuse(lever, column, "is in force in every year already: nothing would change", new[column])
    return replace(region, rates=replace(rates, payment=payment, reference=rates.reference or rates.payment))
