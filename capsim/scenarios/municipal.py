"""Levers on municipalities: places, housing, home care, and how early they are told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from capsim.region.region import Municipality, Region, ShortTermPool
from capsim.scenarios.keys import (
    AtOnce,
    FromDay,
    Key,
    Lever,
    RampDays,
    amount,
    between,
    check_id,
    mergeable,
    municipalities_known,
    not_taken,
    once_each,
    one_of,
    refuse,
    with_more,
)

__all__ = [
    "AddHomeCareStarts",
    "AddLongTermPlaces",
    "AddShortTermPlaces",
    "AddSupportedHousing",
    "EarlyNotification",
    "PoolShortTermPlaces",
]


@dataclass(frozen=True)
class AddShortTermPlaces(Lever):
    """Open municipal short-term places; a negative number closes them.

    Changes: the places of a pool. Give either the ``pool`` or a ``municipality``, whose pool is meant then
    (also where it shares one).

    Must move: overliggerdøgn with the cause short_term. Side effect: postponements at the hospital, and how
    many from home are turned away.
    Evidence: intermediate care shortens hospital stays of its target group by 10–22 % (observational, and
    a randomised trial of 142). What places do to overliggerdøgn follows from the queue and depends on
    the fit: ten places in Trondheim gave −1.9 and −4.2 days per 1000 under two equally good ones.
    """

    pool: Annotated[str, Key("Id of the pool (short_term_pools.csv)")] = ""
    places: Annotated[
        int, Key("Places more; negative closes them", "places", -100_000, 100_000, not_zero=True)
    ] = 0
    municipality: Annotated[str, Key("Number of the municipality, instead of the pool")] = ""
    from_day: FromDay = 0
    ramp_days: RampDays = 0

    def __post_init__(self) -> None:
        if isinstance(self.pool, int):
            hint = f'must be the id of a pool; a municipality is given as municipality="{self.pool}"'
            refuse(self, "pool", hint, self.pool)
        super().__post_init__()
        if bool(self.pool) == bool(self.municipality):
            refuse(self, "pool", "give either a pool or a municipality", self.pool or None)

    def changed(self, region: Region, part: float) -> Region:
        pool = self.pool
        if self.municipality:
            municipalities_known(self, region, "municipality", (self.municipality,))
            pool = region.municipality(self.municipality).short_term_pool
            if not pool:
                refuse(self, "municipality", "has no short-term places in this region", self.municipality)
        elif any(m.number == pool for m in region.municipalities):
            hint = f'is the number of a municipality; give it as municipality="{pool}"'
            refuse(self, "pool", hint, pool)
        one_of(self, "pool", pool, (p.id for p in region.short_term_pools))
        have = region.short_term_pool(pool).places
        with_more(self, "places", have, self.places)
        places = have + amount(self.places, part)
        pools = tuple(replace(p, places=places) if p.id == pool else p for p in region.short_term_pools)
        return replace(region, short_term_pools=pools)


@dataclass(frozen=True)
class PoolShortTermPlaces(Lever):
    """Merge the short-term places of some municipalities into one shared pool.

    Changes: one pool with the sum of their places and of their demand from home, used by all of
    ``municipalities``; one without places may join. A pool that others use too cannot be merged
    without them. Unless given, ``kept_free`` (for patients from hospital) is the largest of the parts'.
    From its day on, those who wait stand in the shared line, and those in a place of a closed pool
    count against the shared places until they leave.

    Must move: overliggerdøgn with the cause short_term, most in small municipalities, whose few places
    are full by chance alone. Side effect: the occupancy of the larger municipality's places.
    Evidence: none of its own; it follows from the queue. Travel of relatives and moving costs are not
    in the model.
    """

    id: Annotated[str, Key("Id of the shared pool: a new one, or that of one of its parts")]
    municipalities: Annotated[tuple[str, ...], Key("Numbers of at least two municipalities, each once")]
    kept_free: Annotated[
        int | None, Key("Places kept free for patients from hospital", "places", 0, 100_000)
    ] = None
    from_day: FromDay = 0
    ramp_days: AtOnce = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_id(self, "id", self.id)
        once_each(self, "municipalities", self.municipalities, "municipality", at_least=2)

    def changed(self, region: Region, part: float) -> Region:
        municipalities_known(self, region, "municipalities", self.municipalities)
        used = {m.number: m.short_term_pool for m in region.municipalities}
        merged = mergeable(self, self.municipalities, used)
        not_taken(self, region, self.id, but=merged)
        parts = [region.short_term_pool(id) for id in merged]
        staff = {(p.staff_pool, p.staff_per_place) for p in parts}
        if len(staff) > 1:
            allowed = "their places draw on different staff pools; share the staff first (ShareStaff)"
            refuse(self, "municipalities", allowed, list(self.municipalities))
        staff_pool, staff_per_place = staff.pop()
        pool = ShortTermPool(
            self.id,
            sum(p.places for p in parts),
            sum(p.from_home_per_day for p in parts),
            max(p.kept_free for p in parts) if self.kept_free is None else self.kept_free,
            staff_pool,
            staff_per_place,
        )
        return replace(
            region,
            short_term_pools=(*(p for p in region.short_term_pools if p not in parts), pool),
            municipalities=tuple(
                replace(m, short_term_pool=self.id) if m.number in self.municipalities else m
                for m in region.municipalities
            ),
        )


@dataclass(frozen=True)
class AddLongTermPlaces(Lever):
    """Open long-term places in a municipality for patients from hospital; a negative number closes them.

    Changes: the places, which become free by turnover. Those who wait for one lie in a short-term place,
    or in hospital, and block it.

    Must move: overliggerdøgn with the cause long_term. Side effect: short-term places are freed, so
    overliggerdøgn with the cause short_term fall too.
    Evidence: none of its own; it follows from the queue.
    """

    municipality: Annotated[str, Key("Number of the municipality (municipalities.csv)")]
    places: Annotated[
        int, Key("Places more; negative closes them", "places", -100_000, 100_000, not_zero=True)
    ]
    from_day: FromDay = 0
    ramp_days: RampDays = 0

    def changed(self, region: Region, part: float) -> Region:
        own = _municipality(self, region, self.municipality)
        with_more(self, "places", own.long_term_places, self.places, f"long-term care in {own.name}")
        places = own.long_term_places + amount(self.places, part)
        return _with_municipality(region, replace(own, long_term_places=places))


@dataclass(frozen=True)
class AddSupportedHousing(Lever):
    """Open supported housing in a municipality for patients in mental health and substance use care; a
    negative number closes it.

    Changes: the dwellings, which become free by turnover. Patients who wait for one stay in hospital.

    Must move: overliggerdøgn of mental health and substance use with the cause housing
    (``cause_phv_tsb``). Side effect: occupancy of their wards.
    Evidence: none of its own; it follows from the queue.
    """

    municipality: Annotated[str, Key("Number of the municipality (municipalities.csv)")]
    dwellings: Annotated[
        int, Key("Dwellings more; negative closes them", "dwellings", -100_000, 100_000, not_zero=True)
    ]
    from_day: FromDay = 0
    ramp_days: RampDays = 0

    def changed(self, region: Region, part: float) -> Region:
        own = _municipality(self, region, self.municipality)
        have = own.supported_housing
        with_more(self, "dwellings", have, self.dwellings, f"supported housing in {own.name}")
        return _with_municipality(region, replace(own, supported_housing=have + amount(self.dwellings, part)))


@dataclass(frozen=True)
class AddHomeCareStarts(Lever):
    """Let a municipality's home care start with more patients a day; a negative number, with fewer.

    Changes: new patients that home care takes a day, from hospital, hospital-at-home included.

    Must move: overliggerdøgn with the cause home_care. Side effect: occupancy at the hospital.
    Evidence: none of its own; it follows from the queue.
    """

    municipality: Annotated[str, Key("Number of the municipality (municipalities.csv)")]
    starts_per_day: Annotated[
        int, Key("Starts a day more; negative is fewer", "per day", -100_000, 100_000, not_zero=True)
    ]
    from_day: FromDay = 0
    ramp_days: RampDays = 0

    def changed(self, region: Region, part: float) -> Region:
        own = _municipality(self, region, self.municipality)
        have = own.home_care_starts_per_day
        with_more(self, "starts_per_day", have, self.starts_per_day, f"home care in {own.name}")
        return _with_municipality(
            region, replace(own, home_care_starts_per_day=have + amount(self.starts_per_day, part))
        )


@dataclass(frozen=True)
class EarlyNotification(Lever):
    """Tell municipalities earlier, and let them answer in time.

    Changes: ``notified_share``, the share of needs that the hospitals notify within 24 hours of
    admission (the others when the patient is ready), in the whole region; and ``answered_in_time`` of
    ``municipalities``, the share of needs whose answer is there when the patient is ready. A late answer
    runs from the notice, so an early notice helps only those. What is left out stays.

    Must move: overliggerdøgn with the cause response. Side effect: places and home care are asked for
    earlier, so their queues and the hospital's occupancy move too.
    Evidence: no effect size is known; how often municipalities answer late is fitted, not measured.
    """

    notified_share: Annotated[
        float | None, Key("New share of needs notified within 24 hours of admission", "share", 0, 1)
    ] = None
    answered_in_time: Annotated[
        float | None, Key("New share of needs whose answer is there when the patient is ready", "share", 0, 1)
    ] = None
    municipalities: Annotated[
        tuple[str, ...], Key("Numbers of those that answer, each once; empty: all")
    ] = ()
    from_day: FromDay = 0
    ramp_days: RampDays = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        once_each(self, "municipalities", self.municipalities, "municipality", at_least=0)
        if self.notified_share is None and self.answered_in_time is None:
            refuse(self, "notified_share", "give notified_share, answered_in_time or both")
        if self.municipalities and self.answered_in_time is None:
            allowed = "goes with answered_in_time; notified_share is the hospitals', for the whole region"
            refuse(self, "municipalities", allowed, list(self.municipalities))

    def changed(self, region: Region, part: float) -> Region:
        municipalities_known(self, region, "municipalities", self.municipalities)
        if self.notified_share is not None:
            share = between(region.rules.notified_early_share, self.notified_share, part)
            region = replace(region, rules=replace(region.rules, notified_early_share=share))
        if self.answered_in_time is not None:
            chosen = self.municipalities or tuple(m.number for m in region.municipalities)
            municipalities = tuple(
                replace(m, answered_in_time=between(m.answered_in_time, self.answered_in_time, part))
                if m.number in chosen
                else m
                for m in region.municipalities
            )
            region = replace(region, municipalities=municipalities)
        return region


def _municipality(lever: Lever, region: Region, number: str) -> Municipality:
    municipalities_known(lever, region, "municipality", (number,))
    return region.municipality(number)


def _with_municipality(region: Region, new: Municipality) -> Region:
    municipalities = tuple(new if m.number == new.number else m for m in region.municipalities)
    return replace(region, municipalities=municipalities)
