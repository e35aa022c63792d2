"""Patients made by hand: a table with chosen arrivals, stays and luck, for :func:`regions.town`.

``town`` gives every duration the mean of ten days (exponential) and every share one half; a duration
of d days is the uniform 1 − exp(−d / 10), a chance that comes true is 1/4 and one that does not 3/4.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.stats import norm

from capsim.demand.patients import (
    ACUTE,
    COLUMNS,
    DAY,
    ELECTIVE,
    FROM_HOME,
    KAD_OWN,
    STREAMS,
    PatientTable,
    features_of,
)
from capsim.models import Records, simulate
from capsim.models.pathway import HOUR, NEVER
from capsim.region.region import Region
from tests.regions import TEN_DAYS, TYPES

YES, NO = 0.25, 0.75


def at(text: str) -> int:
    """Seconds since midnight of day 0: "2 10:00" is ten in the morning of day 2."""
    day, clock = text.split()
    hours, minutes, *seconds = (int(part) for part in clock.split(":"))
    return int(day) * DAY + hours * HOUR + minutes * 60 + sum(seconds)


def clock(time: int) -> str:
    """The inverse of :func:`at`; "-" for what did not happen."""
    if time == NEVER:
        return "-"
    day, second = divmod(int(time), DAY)
    hours, rest = divmod(second, HOUR)
    text = f"{day} {hours:02}:{rest // 60:02}"
    return f"{text}:{rest % 60:02}" if rest % 60 else text


def long(days: float) -> float:
    """The uniform for a duration of ``days``."""
    return float(-np.expm1(-days / TEN_DAYS.mean_days))


def hours(n: float) -> float:
    return n / 24


def chance(happens: bool) -> float:
    return YES if happens else NO


@dataclass(frozen=True)
class Row:
    """A patient to be: when, on which stream, of which elective type, and the uniforms."""

    arrival: int
    stream: int
    type: int = -1
    luck: dict[str, float] = field(default_factory=dict)


def _discharge(
    needs: str = "",
    early_notice: bool = False,
    response: float = 0.0,
    complex_days: float = 0.0,
    place: float = 1.0,
    stretch: float = 100.0,
    home_care_at: float = 10.0,
    leaves_early: bool = False,
) -> dict[str, float]:
    """What happens at the other end of a stay. ``needs``: "", "home care" or "short-term place";
    ``response``: days from notice to answer, 0 if answered in time; ``place``: days in it;
    ``stretch``: days until the municipality finds an extra place; ``home_care_at``: hour. Days
    that the model rounds up are best given as halves: 1.5 for 2."""
    return {
        "need": chance(needs != ""),
        "need_kind": chance(needs == "short-term place"),
        "early": chance(early_notice),
        "answered": chance(response == 0),
        "response": long(response),
        "complex": chance(complex_days > 0),
        "complex_days": long(complex_days),
        "place_stay": long(place),
        "stretch": long(stretch),
        "home_hour": (home_care_at - 10) / 8,
        "early_discharge": chance(leaves_early),
    }


def acute(
    when: str,
    stay: float,
    *,
    kad: float | None = None,
    sent_on: bool = False,
    averted: float | None = None,
    escalates: bool = False,
    regional: bool = False,
    **discharge: object,
) -> Row:
    """An acute patient who stays ``stay`` days in hospital. ``kad``: suitable for KAD and sent
    there, for so many days; ``averted``: in the team's target, with a course of so many days;
    ``regional``: needs the regionsykehus."""
    luck = {"stay": long(stay), "kad_suitable": chance(kad is not None), "kad_use": YES}
    luck |= {"regional": chance(regional)}
    luck |= {"kad_stay": long(kad or 0), "kad_sent_on": chance(sent_on)}
    luck |= {
        "team": chance(averted is not None),
        "course": long(averted or 0),
        "escalates": chance(escalates),
    }
    return Row(at(when), ACUTE, luck=luck | _discharge(**discharge))  # type: ignore[arg-type]


def own_kad(when: str, stay: float, **more: object) -> Row:
    """A KAD patient who replaces no hospital stay."""
    row = acute(when, 1.0, kad=stay, **more)  # type: ignore[arg-type]
    return Row(row.arrival, KAD_OWN, luck=row.luck)


def referral(
    when: str, type: str, due: float, stay: float = 0.0, joins: float = 0.0, **discharge: object
) -> Row:
    """An elective of a type of :data:`regions.TYPES`, due ``due`` days after the referral.
    ``joins``: the uniform that is compared with the chance of joining."""
    index = [t.id for t in TYPES].index(type)
    target = norm.cdf(np.log(due / TYPES[index].target_median_days) / 0.77)
    luck = {"stay": long(stay), "target": float(target), "join": joins}
    return Row(at(when), ELECTIVE, index, luck | _discharge(**discharge))  # type: ignore[arg-type]


def from_home(when: str, place: float) -> Row:
    """Somebody at home who asks for a short-term place for ``place`` days."""
    return Row(at(when), FROM_HOME, luck={"place_stay": long(place)})


def table(region: Region, rows: list[Row], days: int, warm_up_days: int = 0) -> PatientTable:
    """The patients in the order given, which must be the order of arrival; 1/2 is the uniform of
    whatever a row does not say."""
    arrival = np.array([row.arrival for row in rows], dtype=np.int64)
    assert (np.diff(arrival) >= 0).all(), "give the patients in the order of arrival"
    n = len(rows)
    features = features_of([region])
    names = sorted({c for f in (*STREAMS, *features) for c in COLUMNS[f]} - {"time", "level", "age", "group"})
    return PatientTable(
        region=region.name,
        start=region.start,
        days=days,
        warm_up_days=warm_up_days,
        seed=0,
        replication=0,
        municipalities=tuple(m.number for m in region.municipalities),
        arrival=arrival,
        stream=np.array([row.stream for row in rows], dtype=np.int8),
        municipality=np.zeros(n, dtype=np.int16),
        age=np.zeros(n, dtype=np.int8),
        group=np.zeros(n, dtype=np.int8),
        type=np.array([row.type for row in rows], dtype=np.int16),
        key=np.arange(n, dtype=np.int64),
        index=np.zeros(n, dtype=np.int32),
        level=np.zeros(n),
        variates={c: np.array([row.luck.get(c, 0.5) for row in rows]) for c in names},
        ceiling=dict.fromkeys(STREAMS, 1),
        features=features,
    )


def trace(region: Region, *rows: Row, days: int = 30) -> Records:
    """Simulate the patients made by hand."""
    return simulate(region, table(region, list(rows), days))


def times(records: Records, column: str) -> list[str]:
    """A column of the stays as text, "-" where it did not happen."""
    return [clock(time) for time in getattr(records.stays, column)]
