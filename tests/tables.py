"""Patients made by hand: a table with chosen arrivals, stays and luck, for :func:`regions.town`.

``town`` gives every duration the mean of ten days (exponential) and every share one half; a duration
of d days is the uniform 1 − exp(−d / 10), a chance that comes true is 1/4 and one that does not 3/4
(a tenth of stays end in death: 1/40).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from scipy.stats import norm

from capsim.analysis.ledger import Costing, Reason
from capsim.analysis.window import Run
from capsim.demand.columns import (
    ACUTE,
    ASSESSMENT,
    BIRTH,
    COLUMNS,
    DAY,
    ELECTIVE,
    FROM_HOME,
    KAD_OWN,
    PHV,
    READMISSION,
    STREAMS,
    TASTE,
    TSB,
    features_of,
)
from capsim.demand.patients import PatientTable
from capsim.models import Records, simulate
from capsim.models.pathway import HOUR, NEVER
from capsim.region.region import Region
from tests.regions import TEN_DAYS, TYPES

YES, NO = 0.25, 0.75
MEDIAN_DAYS = {t.id: t.target_median_days for t in TYPES}


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
    """A patient to be: when, on which stream, of which type (an elective or acute type's id), and the
    uniforms; in which municipality (0: M, 1: N) and where registered, if elsewhere; whose readmission
    (a position among the rows)."""

    arrival: int
    stream: int
    type: str = ""
    luck: dict[str, float] = field(default_factory=dict)
    parent: int = -1
    municipality: int = 0
    registered: int | None = None


def registered_in_n(row: Row) -> Row:
    """The same patient, registered in N."""
    return replace(row, registered=1)


def in_n(row: Row) -> Row:
    """The same patient, living in N."""
    return replace(row, municipality=1)


NEEDS = {"": 0.75, "home care": 0.75, "short-term place": 0.25, "long-term place": 0.95, "home": 0.25}
"""The uniform of the kind of need; a home is for those of an acute type."""
NOT_SOON = 300.0


def _discharge(
    needs: str = "",
    early_notice: bool = False,
    response: float = 0.0,
    complex_days: float = 0.0,
    place: float = 1.0,
    stretch: float = 100.0,
    home_care_at: float = 10.0,
    leaves_early: bool = False,
    settles_for: float = NOT_SOON,
    dies: bool = False,
    back_after: float | None = None,
    back_even_if_followed: bool = False,
    followed_up: bool = False,
    follow_up: float = 1.0,
    ill_after: float = NOT_SOON,
    ill_for: float = 1.0,
    enrolled: bool = False,
) -> dict[str, float]:
    """What happens at the other end of a stay. ``needs``: a key of :data:`NEEDS`; ``response``: days
    from notice to answer, 0 if answered in time; ``place``: days in it; ``stretch``: days until the
    municipality finds an extra place or a dwelling; ``home_care_at``: hour; ``settles_for``: days in a
    long-term place or home. ``back_after``: days to the readmission, which a team that follows the
    patient up (for ``follow_up`` days) prevents or not; ``ill_after``: days from readiness to illness
    again, for ``ill_for`` days. Days that the model rounds up are best given as halves: 1.5 for 2."""
    return {
        "need": chance(needs != ""),
        "need_kind": NEEDS[needs],
        "early": chance(early_notice),
        "answered": chance(response == 0),
        "response": long(response),
        "complex": chance(complex_days > 0),
        "complex_days": long(complex_days),
        "place_stay": long(place),
        "stretch": long(stretch),
        "home_hour": (home_care_at - 10) / 8,
        "early_discharge": chance(leaves_early),
        "settled_stay": long(settles_for),
        "dies": chance(dies) / 10 if dies else NO,
        "readmit": NO if back_after is None else YES / 2 if back_even_if_followed else 0.3,
        "readmit_delay": long(back_after or 0) / long(30),
        "follows": chance(followed_up),
        "ill_after": long(ill_after),
        "ill_stay": long(ill_for),
        "enrolled": chance(enrolled),
        **({"course": long(follow_up)} if followed_up else {}),
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
    moves_back: bool = False,
    of_ward_g: bool = False,
    **discharge: object,
) -> Row:
    """An acute patient who stays ``stay`` days in hospital. ``kad``: suitable for KAD and sent
    there, for so many days; ``averted``: in the team's target, with a course of so many days;
    ``regional``: needs the regionsykehus, and ``moves_back`` if H has a bed; ``of_ward_g``: of the
    guest ward's own specialty."""
    luck = {"stay": long(stay), "kad_suitable": chance(kad is not None), "kad_use": YES}
    luck |= {"regional": chance(regional), "transfer": chance(moves_back)}
    luck |= {"specialty": 0.95 if of_ward_g else 0.5}
    luck |= {"kad_stay": long(kad or 0), "kad_sent_on": chance(sent_on)}
    luck |= {
        "team": chance(averted is not None),
        "course": long(averted or 0),
        "escalates": chance(escalates),
    }
    return Row(at(when), ACUTE, luck=luck | _discharge(**discharge))  # type: ignore[arg-type]


def typed(when: str, type: str, stay: float, **discharge: object) -> Row:
    """An acute patient of a type of the town's: "mind", "drugs" or "birth"."""
    stream = {"mind": PHV, "drugs": TSB, "birth": BIRTH}[type]
    return Row(at(when), stream, type, {"stay": long(stay), "regional": NO} | _discharge(**discharge))  # type: ignore[arg-type]


def readmission(of: int, stay: float, **more: object) -> Row:
    """The stay that may follow that of row ``of``; its row comes after the parent's, before any later
    arrival's."""
    row = acute("0 00:00", stay, **more)  # type: ignore[arg-type]
    return Row(0, READMISSION, luck=row.luck, parent=of)


def own_kad(when: str, stay: float, **more: object) -> Row:
    """A KAD patient who replaces no hospital stay."""
    row = acute(when, 1.0, kad=stay, **more)  # type: ignore[arg-type]
    return Row(row.arrival, KAD_OWN, luck=row.luck)


def referral(
    when: str,
    type: str,
    due: float,
    stay: float = 0.0,
    joins: float = 0.0,
    chooses: bool = False,
    prefers: dict[str, float] | None = None,
    accepts_minutes: float = 0.0,
    **discharge: object,
) -> Row:
    """An elective of a type of :data:`regions.TYPES`, due ``due`` days after the referral.
    ``joins``: the uniform that is compared with the chance of joining. ``chooses`` the site, to which
    the taste in ``prefers`` adds so many days of waiting; ``accepts_minutes``: of extra travel, in a
    joint intake."""
    target = norm.cdf(np.log(due / MEDIAN_DAYS[type]) / 0.77)
    luck = {"stay": long(stay), "target": float(target), "join": joins, "chooses": chance(chooses)}
    luck |= {"accepts": float(-np.expm1(-accepts_minutes / 60))}
    for hospital in ("H", "R"):
        days = (prefers or {}).get(hospital, 0.0)
        luck[TASTE + hospital] = float(np.exp(-np.exp(-days / 20)))
    return Row(at(when), ELECTIVE, type, luck | _discharge(**discharge))  # type: ignore[arg-type]


def assessed(when: str, type: str, due: float) -> Row:
    """Somebody referred like :func:`referral`, who is seen at first contact and goes no further."""
    row = referral(when, type, due)
    return replace(row, stream=ASSESSMENT)


def from_home(when: str, place: float) -> Row:
    """Somebody at home who asks for a short-term place for ``place`` days."""
    return Row(at(when), FROM_HOME, luck={"place_stay": long(place)})


def _first(rows: list[Row], row: Row) -> Row:
    """The first stay that a readmission goes back to; any other row itself."""
    while row.parent >= 0:
        row = rows[row.parent]
    return row


def _like_the_parent(rows: list[Row], row: Row) -> Row:
    first = _first(rows, row)
    return replace(
        row,
        arrival=first.arrival,
        type=first.type,
        municipality=first.municipality,
        registered=first.registered,
    )


def table(region: Region, rows: list[Row], days: int, warm_up_days: int = 0) -> PatientTable:
    """The patients in the order given, which must be the order of arrival; 1/2 is the uniform of
    whatever a row does not say."""
    rows = [_like_the_parent(rows, row) for row in rows]
    arrival = np.array([row.arrival for row in rows], dtype=np.int64)
    assert (np.diff(arrival) >= 0).all(), "give the patients in the order of arrival"
    n = len(rows)
    types = {"": -1}
    types |= {t.id: k for table in (region.elective_types, region.acute_types) for k, t in enumerate(table)}
    features = features_of([region])
    names = sorted({c for f in (*STREAMS, *features) for c in COLUMNS[f]} - {"time", "level", "age", "group"})
    names += [TASTE + h.id for h in region.hospitals] if "choice" in features else []
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
        municipality=np.array([row.municipality for row in rows], dtype=np.int16),
        registered=np.array(
            [row.municipality if row.registered is None else row.registered for row in rows], dtype=np.int16
        ),
        age=np.zeros(n, dtype=np.int8),
        group=np.zeros(n, dtype=np.int8),
        type=np.array([types[row.type] for row in rows], dtype=np.int16),
        parent=np.array([row.parent for row in rows], dtype=np.int32),
        root=np.array([_first(rows, row).stream for row in rows], dtype=np.int8),
        key=np.arange(n, dtype=np.int64),
        index=np.zeros(n, dtype=np.int32),
        level=np.zeros(n),
        variates={c: np.array([row.luck.get(c, 0.5) for row in rows]) for c in names},
        ceiling=dict.fromkeys(STREAMS, 1),
        readmitted=np.ones((len(region.ages), len(region.groups))),
        readmitted_of_type=np.ones(len(region.acute_types)),
        population=np.array([m.population for m in region.municipalities]),
        features=features,
    )


def trace(region: Region, *rows: Row, days: int = 30) -> Records:
    """Simulate the patients made by hand."""
    return simulated(region, table(region, list(rows), days))


def simulated(region: Region, patients: PatientTable) -> Records:
    """What both engines say, which must be the same."""
    records = simulate(region, patients, engine="simpy")
    assert records.equals(simulate(region, patients, engine="compiled"))
    return records


def times(records: Records, column: str) -> list[str]:
    """A column of the stays as text, "-" where it did not happen."""
    return [clock(time) for time in getattr(records.stays, column)]


def posted(
    records: Records, *reasons: Reason, costing: Costing = Costing.AVERAGE
) -> list[tuple[int, str, str, int]]:
    """What the ledger holds for some reasons: (day, from, to, øre), in the order of the days."""
    book = Run(records).ledger
    rows = np.flatnonzero(np.isin(book.reason, reasons) & book.counts(costing))
    return sorted(
        (int(book.day[i]), book.accounts[book.payer[i]], book.accounts[book.receiver[i]], int(book.amount[i]))
        for i in rows
    )
