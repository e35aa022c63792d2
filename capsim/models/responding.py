"""What municipalities and hospitals do when the betalingsplikt's rate is not the reference.

Off unless the region says otherwise (:class:`~capsim.region.rates.Response`). A response changes the
region before it is simulated: no draw depends on it and no engine knows of it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from capsim.demand import rates
from capsim.demand.columns import ACUTE, ELECTIVE
from capsim.demand.scaling import demand_multiplier, group_factors
from capsim.errors import InputError, Problem
from capsim.queueing import optimal_places
from capsim.region.rates import PaymentRule, Response
from capsim.region.region import AgeBand, Municipality, Phase, Region, ShortTermPool

__all__ = ["mean_rate", "responded", "short_term_per_day"]

STAYS_ON = 0.7
"""Of those who wait one night more, the share that waits another: a mean delay of 3.3 days (derived: 71 800
overliggerdøgn in 21 400 stays in 2022, Helsedirektoratet 2024)."""
LONGEST = 60


def mean_rate(rule: PaymentRule | None) -> float:
    """Kroner an overliggerdøgn costs in the mean over delays of geometric length, so that free days
    and steps count by how often they are reached; notice counts as free days that run at the same time.
    0 where somatic patients are not paid for."""
    if rule is None or "somatic" not in rule.sectors:
        return 0.0
    late = replace(rule, free_days=max(rule.free_days, round(rule.notice_days)))
    weight = STAYS_ON ** np.arange(LONGEST)
    factor = np.array([late.factor(n + 1) for n in range(LONGEST)])
    return rule.nok_per_day * float(weight @ factor / weight.sum())


def responded(region: Region) -> Region:
    """The region as it is when everybody has answered to the rate in force; itself when nobody does.

    Raises:
        InputError: if places are bought at minimal cost and the region does not say what a place costs.
    """
    phases = region.phases()
    if all(phase.region.response == Response() for phase in phases):
        return region
    days = {phase.from_day for phase in phases}
    years = {year for p in phases for year in (*p.region.rates.payment, *p.region.rates.reference)}
    new_years = {(date(year, 1, 1) - region.start).days for year in years if year > region.start.year}
    days |= new_years
    days |= {day + p.region.response.delay_days for p in phases for day in days if day > phases[0].from_day}
    out = []
    for day in sorted(days):
        now = _in_force(phases, day)
        response = now.response
        before = _in_force(phases, day - response.delay_days)
        if response.municipal == "elastic":
            changed = _elastic(now, _relative(before, region, day - response.delay_days))
        elif response.municipal == "cost_minimising":
            changed = _cost_minimising(now, before, _year(region, day))
        else:
            changed = now
        if response.reporting:
            changed = _reporting(changed, _relative(now, region, day))
        out.append(Phase(day, replace(changed, response=Response(), later=())))
    return replace(out[0].region, later=tuple(out[1:]))


def _in_force(phases: tuple[Phase, ...], day: int) -> Region:
    return max((p for p in phases if p.from_day <= max(day, phases[0].from_day)), key=_begins).region


def _begins(phase: Phase) -> int:
    return phase.from_day


def _year(region: Region, day: int) -> int:
    """The calendar year of a day; what held from the beginning counts as the region's start."""
    return (region.start + timedelta(day)).year if day > -36_500 else region.start.year


def _relative(now: Region, region: Region, day: int) -> float:
    """The mean rate relative to the reference, within the response's bounds."""
    year = _year(region, day)
    reference = mean_rate(now.rates.reference_in(year))
    if reference <= 0:
        return 1.0
    low, high = now.response.bounds
    return min(max(mean_rate(now.rates.payment_in(year)) / reference, low), high)


def _elastic(region: Region, x: float) -> Region:
    response, rules, stretch = region.response, region.rules, region.rules.stretch_after_days
    quicker, more = x**-response.time, min(x**response.places, 1 + response.staff_cap)

    def municipality(m: Municipality) -> Municipality:
        late = min(1.0, (1 - m.answered_in_time) * quicker)
        return replace(m, answered_in_time=1 - late, response_days=m.response_days * quicker)

    def pool(p: ShortTermPool) -> ShortTermPool:
        return replace(p, places=int(p.places * more + 0.5))

    if x == 1:
        return region
    return replace(
        region,
        municipalities=tuple(map(municipality, region.municipalities)),
        short_term_pools=tuple(map(pool, region.short_term_pools)),
        rules=replace(
            rules,
            complex_home_care_days=rules.complex_home_care_days * quicker,
            stretch_after_days=None if stretch is None else stretch * quicker,
        ),
    )


def _reporting(region: Region, x: float) -> Region:
    if x == 1:
        return region
    more = x**region.response.reported

    def age(a: AgeBand) -> AgeBand:
        return replace(a, needs_municipality=min(1.0, a.needs_municipality * more))

    late = min(1.0, (1 - region.rules.notified_early_share) / more)
    return replace(
        region,
        ages=tuple(map(age, region.ages)),
        rules=replace(region.rules, notified_early_share=1 - late),
    )


def _cost_minimising(region: Region, before: Region, year: int) -> Region:
    """Every pool has at least the number of places that is cheapest for its municipalities at the
    rate that held ``delay_days`` ago, as :func:`capsim.queueing.optimal_places` has it."""
    rate = mean_rate(before.rates.payment_in(year))
    price = region.rates.prices.get("short_term_day")
    if price is None:
        allowed = "must price short_term_day: a municipality that minimises its cost compares with it"
        raise InputError(Problem(f"region {region.name}, prices", allowed, column="item"))
    cost = price.unit_day_nok * region.rates.level(year) / region.rates.level(price.year)
    stay = region.rules.short_term_stay.mean_days
    demand = short_term_per_day(region)

    def pool(p: ShortTermPool) -> ShortTermPool:
        users = [m.short_term_pool == p.id for m in region.municipalities]
        per_day = float(demand[users].sum())
        if rate <= 0 or per_day <= 0:
            return p
        return replace(p, places=max(p.places, optimal_places(rate, cost, per_day, stay)))

    return replace(region, short_term_pools=tuple(map(pool, region.short_term_pools)))


def short_term_per_day(region: Region) -> np.ndarray:
    """Patients a day who need a short-term place after hospital, shape (municipalities,): stays × need
    × kind of need, with the readmissions that follow. In closed form: KAD and teams avert nobody."""
    need = np.array([a.needs_municipality for a in region.ages])
    short = np.array([a.needs_short_term for a in region.ages])
    again = np.array([a.readmitted for a in region.ages])
    by_group = need[:, None] * group_factors(region, [g.need_multiplier for g in region.groups])
    acute = rates.acute_per_day(region)
    of_acute = (acute * _multiplier(region, ACUTE, acute.shape) * by_group.clip(max=1.0)).sum(axis=2)
    planned = rates.elective_per_day(region)[..., None] * np.array([g.share for g in region.groups]).T
    beds = np.array(
        [
            t.need_factor if t.kind != "day_surgery" and t.needs_municipality is None else 0.0
            for t in region.elective_types
        ]
    )
    wanted = planned * _multiplier(region, ELECTIVE, planned.shape)
    of_planned = np.einsum("mtag,t->ma", wanted, beds) * need
    return (of_acute + of_planned) @ (short * (1 + again + again**2))


def _multiplier(region: Region, stream: int, shape: tuple[int, ...]) -> np.ndarray:
    """What the region multiplies the demand of each cell by: (municipalities, ages, groups), for
    electives (municipalities, types, ages, groups)."""
    cells = [index.ravel() for index in np.indices(shape)]
    kind = cells.pop(1) if stream == ELECTIVE else np.full(len(cells[0]), -1)
    municipality, age, group = cells
    people = np.array([m.population for m in region.municipalities])
    of = np.full(len(kind), stream)
    return demand_multiplier(region, people, of, municipality, age, group, kind).reshape(shape)
