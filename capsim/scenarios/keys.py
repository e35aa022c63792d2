"""What every lever shares: its keys and their bounds, the checks, and how a change is phased in.

All levers raise ``InputError``: values that make no sense when the lever is made, values that do not
fit the region when it is applied.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, Literal, NoReturn, Union, get_args, get_origin, get_type_hints

from capsim.errors import InputError, Problem
from capsim.region.region import UNLIMITED, Region, Week
from capsim.region.schema import Column
from capsim.region.tables import parse_value

__all__ = [
    "AtOnce",
    "FromDay",
    "Key",
    "Lever",
    "RampDays",
    "Week",
    "amount",
    "between",
    "check_id",
    "check_name",
    "hospital_known",
    "mergeable",
    "minutes_between",
    "municipalities_known",
    "not_taken",
    "once_each",
    "one_of",
    "refuse",
    "sum_of_weeks",
    "times",
    "week_of",
    "with_more",
]


@dataclass(frozen=True)
class Key:
    """What one value of a lever means, its unit and the bounds it is checked against; also what
    ``docs/levers.md`` says of it."""

    meaning: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    above: bool = False  # more than ``low``, not at least
    not_zero: bool = False

    @property
    def allowed(self) -> str:
        """What may be given, as the second half of a sentence."""
        if self.low is None or self.high is None:
            return ""
        if self.low == self.high:
            return f"must be {self.low:.10g}: {self.meaning[:1].lower()}{self.meaning[1:]}"
        if self.above:
            return f"must be more than {self.low:.10g} and at most {self.high:.10g}"
        but = ", but not 0: that changes nothing" if self.not_zero else ""
        return f"must be from {self.low:.10g} to {self.high:.10g}{but}"

    def allows(self, value: float) -> bool:
        """Whether a number is within the bounds."""
        if self.low is None or self.high is None:
            return True
        lowest = self.low < value if self.above else self.low <= value
        return lowest and value <= self.high and not (self.not_zero and value == 0)


FromDay = Annotated[
    int,
    Key("First day in force; 0 is the first measured day, negative days lie in the warm-up", "day",
        -36_500, 36_500),
]  # fmt: skip
RampDays = Annotated[
    int, Key("Days until all of it is in force, in up to eight equal steps; 0: at once", "days", 0, 36_500)
]
AtOnce = Annotated[int, Key("This comes all at once", "days", 0, 0)]


class Lever(ABC):
    """What a planner can change: a frozen dataclass whose :meth:`changed` makes one region from another.

    Every field is annotated with its type and a :class:`Key`. A subclass that checks more does so in
    a ``__post_init__`` of its own, after this one.
    """

    from_day: int
    ramp_days: int
    __dataclass_fields__: ClassVar[dict[str, Any]]

    def __post_init__(self) -> None:
        check(self)

    def apply(self, region: Region) -> Region:
        """The region with the change in force from ``from_day`` on, all of it after ``ramp_days``."""
        return region.ramped(self.changed, self.from_day, self.ramp_days)

    @abstractmethod
    def changed(self, region: Region, part: float) -> Region:
        """One phase of the region with this ``part`` of the change, in (0, 1]."""


# --- parts of a change


def amount(whole: int, part: float) -> int:
    """``part`` of a whole number, rounded, halves away from zero."""
    return int(math.copysign(math.floor(abs(whole) * part + 0.5), whole))


def between(before: float, after: float, part: float) -> float:
    """The value when ``part`` of the way from ``before`` to ``after`` is gone."""
    return after if part == 1 else before + (after - before) * part


def times(week: Week, factor: float) -> Week:
    """Each day's number times ``factor``."""
    return week_of(day * factor for day in week)


def sum_of_weeks(first: Week, second: Week) -> Week:
    """The two added day by day."""
    return week_of(a + b for a, b in zip(first, second, strict=True))


def week_of(days: Iterable[float]) -> Week:
    """Seven numbers, Monday first."""
    mon, tue, wed, thu, fri, sat, sun = days
    return mon, tue, wed, thu, fri, sat, sun


# --- checks


def refuse(lever: Any, column: str, allowed: str, value: object = None) -> NoReturn:
    """Raise ``InputError`` about one key of a lever."""
    raise InputError(Problem(type(lever).__name__, allowed, column=column, value=value))


def one_of(lever: Any, column: str, value: str, known: Iterable[str]) -> None:
    """Refuse ``value`` unless it is known."""
    known = list(known)
    if value not in known:
        shown = ", ".join(known[:12]) + (f", … ({len(known)} in all)" if len(known) > 12 else "")
        refuse(lever, column, f"must be one of: {shown or 'none in this region'}", value)


def once_each(lever: Any, column: str, values: tuple[str, ...], what: str, at_least: int = 1) -> None:
    """Refuse a list that is too short or names something twice."""
    for value in values:
        if values.count(value) > 1:
            refuse(lever, column, f"must name each {what} once", value)
    if len(values) < at_least:
        least = f"at least one {what}" if at_least == 1 else f"at least {at_least} of them"
        refuse(lever, column, f"name {least}", list(values))


def hospital_known(lever: Any, region: Region, column: str, site: str) -> None:
    """Refuse an id that no hospital has."""
    one_of(lever, column, site, (h.id for h in region.hospitals))


def municipalities_known(lever: Any, region: Region, column: str, numbers: Iterable[str]) -> None:
    """Refuse numbers that the region has no municipality for."""
    known = [m.number for m in region.municipalities]
    for number in numbers:
        one_of(lever, column, number, known)


def mergeable(lever: Any, numbers: tuple[str, ...], used: Mapping[str, str]) -> tuple[str, ...]:
    """Ids of what the municipalities ``numbers`` use, to be merged; ``used``: number → id, or "".

    Refuses what others use too, since it cannot be merged without them, and when there is nothing
    to merge.
    """
    merged = tuple(dict.fromkeys(used[n] for n in numbers if used[n]))
    for number, id in used.items():
        if id in merged and number not in numbers:
            refuse(lever, "municipalities", f"{id} is also used by {number}: name that one too", number)
    if not merged:
        refuse(lever, "municipalities", "have nothing to merge in this region", list(numbers))
    if len(merged) == 1 and all(used[n] for n in numbers):
        refuse(lever, "municipalities", "share one already: nothing would change", list(numbers))
    return merged


def minutes_between(lever: Any, region: Region, number: str, site: str) -> float:
    """Minutes by car from a municipality to a hospital; refuses where the region has none."""
    minutes = region.travel_minutes.get((number, site))
    if minutes is None:
        refuse(lever, "travel_minutes", f"the region has no travel time from {number} to {site}")
    return minutes


def with_more(lever: Any, column: str, have: int, more: int, what: str = "") -> int:
    """``have + more``; refuses to close more than there is, or to add to what is unlimited.

    ``what`` is said to be without limit, where that can be.
    """
    if have >= UNLIMITED and what:
        refuse(lever, column, f"{what} is not limited in this region, so more of it changes nothing", more)
    if have + more < 0:
        refuse(lever, column, f"there are {have}, so at most {have} can be closed", more)
    return have + more


def check_id(lever: Any, column: str, value: str) -> None:
    """Refuse what is no id, as in the region's tables."""
    _, fault = parse_value(value, Column("id", "id"))
    if fault:
        refuse(lever, column, fault, value)


def check_name(lever: Any, column: str, value: str) -> None:
    """Refuse what is no name, as in the region's tables; empty is none given."""
    _, fault = parse_value(value, Column("name", "name")) if value else ("", "")
    if fault:
        refuse(lever, column, fault, value)


def not_taken(lever: Any, region: Region, id: str, but: Iterable[str] = ()) -> None:
    """Refuse an id that something else in the region has: results name their place by id alone."""
    taken = {t.id for t in region.teams} | {h.id for h in region.hospitals} | {"region"}
    taken |= {w.id for w in region.wards} | {p.id for p in region.short_term_pools}
    taken |= {k.id for k in region.kad_units} | {m.number for m in region.municipalities}
    taken |= {m.helsefellesskap for m in region.municipalities}
    taken |= {p.id for p in region.referral_pools} | {p.id for p in region.staff_pools}
    if id in taken - set(but):
        refuse(lever, "id", "the region already has something of this id; choose another", id)


def check(lever: Any) -> None:
    """Check every field against its annotation and bounds; lists become tuples and whole numbers floats."""
    hints = get_type_hints(type(lever), include_extras=True)
    for f in fields(lever):
        hint, key = get_args(hints[f.name])
        value = getattr(lever, f.name)
        try:
            value = _typed(hint, value)
        except TypeError as error:
            refuse(lever, f.name, str(error), value)
        object.__setattr__(lever, f.name, value)
        parts = value.items() if isinstance(value, Mapping) else [("", value)]
        for name, part in parts:
            for number in part if isinstance(part, tuple) else (part,):
                if isinstance(number, int | float) and not key.allows(number):
                    refuse(lever, f"{f.name}.{name}" if name else f.name, key.allowed, number)


def _typed(hint: Any, value: Any) -> Any:
    """``value`` as ``hint`` wants it, or a ``TypeError`` whose text says what is allowed.

    Knows the annotations that levers use: text, numbers, choices, tuples and mappings of those, and
    a number that may be left open."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return None if value is None else _typed(next(a for a in args if a is not NoneType), value)
    if hint is str:
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            raise TypeError("must be text; YAML reads no, yes, on and off as true or false: put it in quotes")
        raise TypeError("must be text; put numbers that are names in quotes")
    if hint is int:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        raise TypeError("must be a whole number")
    if hint is float:
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
        raise TypeError("must be a number; decimals have a point, and thousands nothing: 1.5, 8000")
    if origin is Literal:
        if value in args and isinstance(value, str):
            return value
        raise TypeError(f"must be one of: {', '.join(args)}")
    if origin is tuple:
        if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
            raise TypeError("must be a list")
        items = list(value)
        if args[-1] is Ellipsis:
            return tuple(_typed(args[0], item) for item in items)
        if len(items) != len(args):
            raise TypeError(f"must be a list of {len(args)} values")
        return tuple(_typed(a, item) for a, item in zip(args, items, strict=True))
    if not isinstance(value, Mapping):
        raise TypeError("must be a mapping of name to value")
    return {_typed(args[0], k): _typed(args[1], v) for k, v in value.items()}
