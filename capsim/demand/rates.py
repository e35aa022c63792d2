"""Arrival rates: how many a day in each cell of demand, and how they spread over the calendar."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

import numpy as np

from capsim.region.region import Region, Rules

__all__ = [
    "acute_per_day",
    "acute_type_per_day",
    "assessment_per_day",
    "elective_per_day",
    "from_home_per_day",
    "intensity",
    "is_holiday",
    "kad_own_per_day",
]

DAYS_PER_YEAR = 365.0


@lru_cache(maxsize=32)
def _holidays(year: int) -> frozenset[date]:
    import holidays

    return frozenset(holidays.country_holidays("NO", years=year, language="no"))


def is_holiday(day: date) -> bool:
    """Whether ``day`` is a Norwegian public holiday (package ``holidays``, without Sundays)."""
    return day in _holidays(day.year)


Profile = Literal["acute", "referral", "even"]


def _weights(rules: Rules, days: list[date], profile: Profile) -> np.ndarray:
    """Relative intensity by hour, shape (days, 24), before normalising."""
    out = np.zeros((len(days), 24))
    first, last = rules.office_hours
    office = np.zeros(24, dtype=bool)
    office[first:last] = True
    weekday_office, weekday_other, weekend_day, weekend_other = rules.hour_weight
    working = np.where(office, weekday_office, weekday_other)
    resting = np.where(office, weekend_day, weekend_other)
    for i, day in enumerate(days):
        if profile == "even":
            out[i] = 1.0
        elif profile == "acute":
            free = day.weekday() >= 5 or (rules.hour_weight != (1.0,) * 4 and is_holiday(day))
            out[i] = (resting if free else working) * rules.month_factor[day.month - 1]
        elif not rules.referral_weekdays_only:
            out[i] = rules.referral_month_factor[day.month - 1]
        elif day.weekday() < 5 and not is_holiday(day):
            out[i, first:last] = rules.referral_month_factor[day.month - 1]
    return out


@lru_cache(maxsize=64)
def _cumulative(rules: Rules, start: date, profile: Profile, first_day: int, last_day: int) -> np.ndarray:
    year = [date(start.year, 1, 1) + timedelta(i) for i in range(365)]
    mean_per_day = _weights(rules, year, profile).sum() / len(year)
    days = [start + timedelta(i) for i in range(first_day, last_day)]
    hourly = _weights(rules, days, profile).ravel() / mean_per_day
    return np.concatenate([[0.0], np.cumsum(hourly)])


def intensity(region: Region, profile: Profile, first_day: int, last_day: int) -> np.ndarray:
    """Cumulative relative intensity at each full hour from ``first_day`` to ``last_day``.

    Shape (24 × days + 1,), from 0; the year of the region's start adds up to 365. ``acute`` arrivals
    follow month × working or free day (holidays too) × office hours or not; a ``referral`` comes on a
    working day, in office hours, by month;
    ``even`` is at any hour (births).
    """
    return _cumulative(region.rules, region.start, profile, first_day, last_day)


def acute_per_day(region: Region) -> np.ndarray:
    """Acute patients a day, shape (municipalities, ages, groups)."""
    people = np.array([m.population for m in region.municipalities], dtype=float)
    factor = np.array([m.demand_factor for m in region.municipalities])
    rate = np.array([a.acute_per_1000 for a in region.ages]) / 1000 / DAYS_PER_YEAR
    share = np.array([g.share for g in region.groups]).T  # (ages, groups)
    weight = share * np.array([g.acute_multiplier for g in region.groups])
    weight = weight / weight.sum(axis=1, keepdims=True)
    return (people * rate * factor[:, None])[:, :, None] * weight


def elective_per_day(region: Region) -> np.ndarray:
    """Referrals a day that join at the reference wait, shape (municipalities, types, ages)."""
    people = np.array([m.population for m in region.municipalities], dtype=float)
    factor = np.array([m.demand_factor for m in region.municipalities])
    rate = np.array([t.per_1000 for t in region.elective_types]).reshape(-1, len(region.ages))
    return (people * factor[:, None])[:, None, :] * rate / 1000 / DAYS_PER_YEAR


def acute_type_per_day(region: Region) -> np.ndarray:
    """Patients a day of each acute type (phv, tsb, birth), shape (municipalities, types, ages,
    groups): the band's rate, divided over the type's groups by their shares of the population."""
    people = np.array([m.population for m in region.municipalities], dtype=float)
    factor = np.array([m.demand_factor for m in region.municipalities])
    out = np.zeros((len(people), len(region.acute_types), len(region.ages), len(region.groups)))
    for k, kind in enumerate(region.acute_types):
        share = np.array([g.share for g in region.groups]).T.copy()  # (ages, groups)
        share[:, [bool(kind.groups) and g.id not in kind.groups for g in region.groups]] = 0.0
        total = share.sum(axis=1, keepdims=True)
        share = np.divide(share, total, out=np.zeros_like(share), where=total > 0)
        rate = np.array(kind.per_1000) / 1000 / DAYS_PER_YEAR
        out[:, k] = (people * rate * factor[:, None])[:, :, None] * share
    return out


def assessment_per_day(region: Region) -> np.ndarray:
    """Referrals a day that are seen at first contact and go no further, shape (municipalities,
    types, ages): what the types' ``treated_share`` leaves, where there are clinics."""
    seen_only = np.array([1 / t.treated_share - 1 for t in region.elective_types])
    specialties = {c.specialty for c in region.clinics if not region.rules.elective_at_any_hour}
    seen_only[[t.specialty not in specialties for t in region.elective_types]] = 0.0
    return elective_per_day(region) * seen_only[:, None]


def kad_own_per_day(region: Region) -> np.ndarray:
    """KAD patients a day who replace no hospital stay, shape (municipalities, ages): also of a
    municipality without a unit, since it may join one in a scenario; until then they do not come."""
    people = np.array([m.population for m in region.municipalities], dtype=float)
    has = bool(region.kad_units)
    rate = np.array([a.kad_own_per_1000 for a in region.ages]) / 1000 / DAYS_PER_YEAR
    factor = np.array([m.demand_factor for m in region.municipalities])
    return people * rate * (has * factor)[:, None]


def from_home_per_day(region: Region) -> np.ndarray:
    """People from home offered a short-term place a day, shape (municipalities,)."""
    rate = np.zeros(len(region.municipalities))
    for pool in region.short_term_pools:
        users = [i for i, m in enumerate(region.municipalities) if m.short_term_pool == pool.id]
        people = np.array([region.municipalities[i].inhabitants for i in users])
        if len(users) and people.sum() > 0:
            rate[users] = pool.from_home_per_day * people / people.sum()
    return rate
