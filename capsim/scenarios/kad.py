"""Levers on KAD, the municipalities' acute beds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from capsim.region.region import KadUnit, Region
from capsim.scenarios.keys import (
    AtOnce,
    FromDay,
    Key,
    Lever,
    RampDays,
    amount,
    between,
    check_id,
    check_name,
    mergeable,
    municipalities_known,
    not_taken,
    once_each,
    one_of,
    refuse,
    with_more,
)

__all__ = ["AddKadBeds", "ColocateKad", "PoolKad", "RaiseKadUse"]


@dataclass(frozen=True)
class AddKadBeds(Lever):
    """Open beds in a KAD unit; a negative number closes them.

    Changes: the unit's beds. Must move: KAD's occupancy and refusals. Side effect: acute admissions of
    the oldest, and overliggerdøgn through the hospital's beds.
    Evidence: KAD lowers acute admissions of those over 80 by 1.9 % (0 to 3.0 %); quasi-experimental,
    Norway. About a third of KAD stays replace a hospital stay; at today's occupancy of a third, more
    beds alone do little.
    """

    unit: Annotated[str, Key("Id of the KAD unit (kad_units.csv)")]
    beds: Annotated[int, Key("Beds more; negative closes them", "beds", -100_000, 100_000, not_zero=True)]
    from_day: FromDay = 0
    ramp_days: RampDays = 0

    def changed(self, region: Region, part: float) -> Region:
        one_of(self, "unit", self.unit, (u.id for u in region.kad_units))
        have = region.kad_unit(self.unit).beds
        with_more(self, "beds", have, self.beds)
        return _with_unit(region, self.unit, beds=have + amount(self.beds, part))


@dataclass(frozen=True)
class PoolKad(Lever):
    """Merge the KAD units of some municipalities into one.

    Changes: one unit with the sum of their beds, used by all of ``municipalities``; one without KAD may
    join. A unit that others use too cannot be merged without them. Unless given, ``use_rate`` is the
    present one, weighted by inhabitants, and the unit is co-located with legevakt if all of its
    parts were.

    Must move: refusals, which fall where beds are shared by more people. Side effect: acute admissions of
    the oldest. Distance is not in the model: it may lower the use, so give a lower ``use_rate`` as well.
    Evidence: none of its own; refusals follow from the queue.
    """

    id: Annotated[str, Key("Id of the merged unit: a new one, or that of one of its parts")]
    municipalities: Annotated[tuple[str, ...], Key("Numbers of at least two municipalities, each once")]
    name: Annotated[str, Key("Name in reports; empty: the id")] = ""
    use_rate: Annotated[
        float | None, Key("Share of suitable patients that are sent there", "share", 0, 1)
    ] = None
    from_day: FromDay = 0
    ramp_days: AtOnce = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_id(self, "id", self.id)
        check_name(self, "name", self.name)
        once_each(self, "municipalities", self.municipalities, "municipality", at_least=2)

    def changed(self, region: Region, part: float) -> Region:
        municipalities_known(self, region, "municipalities", self.municipalities)
        used = {m.number: m.kad_unit for m in region.municipalities}
        merged = mergeable(self, self.municipalities, used)
        not_taken(self, region, self.id, but=merged)
        units = [region.kad_unit(id) for id in merged]
        people = {
            unit.id: sum(
                region.municipality(n).inhabitants for n in self.municipalities if used[n] == unit.id
            )
            for unit in units
        }
        mean = sum(unit.use_rate * people[unit.id] for unit in units) / sum(people.values())
        new = KadUnit(
            self.id,
            self.name or self.id,
            sum(unit.beds for unit in units),
            all(unit.colocated for unit in units),
            mean if self.use_rate is None else self.use_rate,
        )
        return replace(
            region,
            kad_units=(*(u for u in region.kad_units if u not in units), new),
            municipalities=tuple(
                replace(m, kad_unit=self.id) if m.number in self.municipalities else m
                for m in region.municipalities
            ),
        )


@dataclass(frozen=True)
class ColocateKad(Lever):
    """Move a KAD unit together with legevakt.

    Changes: the unit counts as co-located, and referrers use it as they use those that are: unless
    given, ``use_rate`` becomes the mean of the region's co-located units (by beds).

    Must move: KAD admissions and occupancy, up. Side effect: acute admissions of the oldest, down.
    Evidence: with a physician around the clock and legevakt −5 % of acute admissions over 80 (−1.6 to
    −8.6 %), quasi-experimental; what co-location alone does is known in direction only.
    """

    unit: Annotated[str, Key("Id of the KAD unit (kad_units.csv)")]
    use_rate: Annotated[
        float | None, Key("Share of suitable patients that are sent there", "share", 0, 1)
    ] = None
    from_day: FromDay = 0
    ramp_days: RampDays = 0

    def changed(self, region: Region, part: float) -> Region:
        one_of(self, "unit", self.unit, (u.id for u in region.kad_units))
        unit = region.kad_unit(self.unit)
        if unit.colocated:
            refuse(self, "unit", "is co-located with legevakt already", self.unit)
        rate = self.use_rate
        if rate is None:
            models = [u for u in region.kad_units if u.colocated and u.beds]
            if not models:
                refuse(self, "use_rate", "no unit of the region is co-located to take it from: give a share")
            rate = sum(u.use_rate * u.beds for u in models) / sum(u.beds for u in models)
        return _with_unit(region, self.unit, colocated=True, use_rate=between(unit.use_rate, rate, part))


@dataclass(frozen=True)
class RaiseKadUse(Lever):
    """Make KAD known to those who refer: the share of suitable patients that they send there.

    Changes: ``use_rate`` of ``units``; lower ones are raised to it, higher ones lowered.

    Must move: KAD admissions and occupancy. Side effect: acute admissions of the oldest; refusals, where
    the beds do not suffice.
    Evidence: observational only (municipalities with much against little use of KAD: 345 against 419
    acute admissions per 1000 over 80), and one small randomised trial without a difference.
    """

    use_rate: Annotated[float, Key("New share of suitable patients that are sent to KAD", "share", 0, 1)]
    units: Annotated[tuple[str, ...], Key("Ids of KAD units (kad_units.csv), each once; empty: all")] = ()
    from_day: FromDay = 0
    ramp_days: RampDays = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        once_each(self, "units", self.units, "unit", at_least=0)

    def changed(self, region: Region, part: float) -> Region:
        if not region.kad_units:
            refuse(self, "units", "the region has no KAD")
        for id in self.units:
            one_of(self, "units", id, (u.id for u in region.kad_units))
        for unit in region.kad_units:
            if unit.id in self.units or not self.units:
                region = _with_unit(region, unit.id, use_rate=between(unit.use_rate, self.use_rate, part))
        return region


def _with_unit(region: Region, id: str, **new: object) -> Region:
    units = tuple(replace(u, **new) if u.id == id else u for u in region.kad_units)  # type: ignore[arg-type]
    return replace(region, kad_units=units)
