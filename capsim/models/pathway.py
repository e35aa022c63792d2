"""The rules every engine obeys: kinds of event and their ranks, codes, hours of the day.

Events are handled in the order (time, rank of the kind, id): the id is the patient's, or the
calendar entity's. What frees capacity comes first, then the calendar, then what asks for capacity.
An event may schedule another at its own time; it then takes its place in the same order. Whoever
is granted something in an event starts to use it in that event: freed capacity is handed out
before the next event is looked at, each pool in its own queue's order.
"""

from __future__ import annotations

from enum import IntEnum

__all__ = [
    "DAY",
    "HOUR",
    "NEVER",
    "Kind",
    "Need",
    "Outcome",
    "Start",
    "order_key",
    "round_after",
    "round_nearest",
]

HOUR = 3_600
DAY = 24 * HOUR
NEVER = -(2**62)
"""A time that did not come."""


class Kind(IntEnum):
    """Every kind of event; the value is its rank among events at the same time."""

    # what frees capacity
    PLACE_END = 1  # a short-term municipal stay ends
    KAD_END = 2  # a KAD stay ends; a patient sent on asks for a hospital bed
    COURSE_END = 3  # a course with the ambulant team ends; an escalation asks for a bed
    LEAVE = 4  # a patient leaves the hospital
    # the calendar
    MIDNIGHT = 7  # who lies where is counted (id: 0)
    CAPACITY = 8  # the region's next phase: beds, places, teams change (id: the phase)
    HOME_CARE_MORNING = 9  # a municipality's home-care starts of the day (id: municipality)
    SESSION = 10  # 08:00: the day's sessions, list by list (id: 0)
    # what asks for capacity
    BED_TIME = 16  # 13:00: a planned inpatient takes the reserved bed
    STRETCH = 17  # the municipality finds an extra place
    BOARDING = 18  # the boarding limit: a waiting patient becomes a corridor patient
    EARLY_DISCHARGE = 19  # an ambulant team is asked to take the patient home
    ASK_MUNICIPALITY = 20  # the municipality can receive the patient: a place or start is asked for
    ARRIVAL = 21  # a patient falls ill, is referred, or asks for a place from home


def order_key(kind: int, id: int) -> int:
    """One integer in the order (kind, id): SimPy's priority."""
    return (kind << 40) + id


class Need(IntEnum):
    """What a patient needs from the municipality when ready."""

    NOTHING = 0
    HOME_CARE = 1
    SHORT_TERM = 2


class Start(IntEnum):
    """Where a patient is when the clock starts."""

    COMES_LATER = 0
    GONE = 1  # came and went before the clock started
    IN_BED = 2
    ON_LIST = 3
    IN_PLACE = 4
    IN_KAD = 5


class Outcome(IntEnum):
    """Where a patient is, or has ended, when the run stops."""

    NOT_IN_SCENARIO = 0  # above this scenario's demand, or gone before the clock started
    NOT_JOINED = 1  # a referral candidate who did not join the list
    TURNED_AWAY = 2  # from home, no short-term place free
    REFUSED_KAD = 3  # KAD's own demand, unit full: stays at home
    ON_LIST = 4  # waiting for treatment
    AWAITING_BED = 5  # waiting for a bed: emergency department, or called in
    IN_HOSPITAL = 6
    IN_PLACE = 7  # short-term place
    IN_KAD = 8
    WITH_TEAM = 9
    HOME = 10  # finished
    NOT_YET = 11  # called in for later today when the run stopped


def round_nearest(time: int, hour_s: int, earliest: int) -> int:
    """The daily instant ``hour_s`` (seconds after midnight) nearest to ``time``, but later than
    ``earliest``. Whole seconds; a tie goes to the later one."""
    nearest = (time - hour_s + DAY // 2) // DAY * DAY + hour_s
    first = (earliest - hour_s) // DAY * DAY + DAY + hour_s
    return max(nearest, first)


def round_after(time: int, hour_s: int) -> int:
    """The first daily instant ``hour_s`` (seconds after midnight) at or after ``time``."""
    return -((hour_s - time) // DAY) * DAY + hour_s
