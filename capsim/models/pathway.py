"""The rules that an engine obeys: kinds of event and their ranks, codes, hours of the day.

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
    "Cause",
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
    COURSE_END = 3  # a course with an ambulant team ends; an escalation asks for a bed
    LEAVE = 4  # a patient leaves the hospital, or dies
    MOVE = 5  # a patient moves to the bed that the catchment hospital keeps
    SETTLED_END = 6  # a long-term place or a home becomes free: a patient's stay there ends
    # the calendar
    MIDNIGHT = 7  # who lies where is counted (id: 0)
    CAPACITY = 8  # the day's beds, places, starts, teams and sessions' pace, where they change (id: 0)
    OPENING = 9  # one of those settled before the start leaves (id: 2 x municipality + 1 for housing)
    HOME_CARE_MORNING = 10  # a municipality's home-care starts of the day (id: municipality)
    SESSION = 11  # 08:00: the day's sessions, list by list (id: 0)
    CLINIC = 12  # 08:00: the day's first contacts, clinic by clinic (id: 0)
    # what asks for capacity
    BED_TIME = 16  # 13:00: a planned inpatient takes the reserved bed
    STRETCH = 17  # the municipality finds an extra place, or a temporary dwelling
    BOARDING = 18  # the boarding limit: a waiting patient becomes a corridor patient
    EARLY_DISCHARGE = 19  # an ambulant team is asked to take the patient home
    TRANSFER = 20  # the catchment hospital is asked to take the patient back
    ILL_AGAIN = 21  # a patient who waits for the municipality falls ill again
    READY = 22  # declared ready before the municipality can receive
    ASK_MUNICIPALITY = 23  # the municipality can receive the patient: a place or start is asked for
    ARRIVAL = 24  # a patient falls ill, is referred, is readmitted, or asks for a place from home


def order_key(kind: int, id: int) -> int:
    """One integer in the order (kind, id): SimPy's priority."""
    return (kind << 40) + id


class Need(IntEnum):
    """What a patient needs from the municipality when ready."""

    NOTHING = 0
    HOME_CARE = 1
    SHORT_TERM = 2
    LONG_TERM = 3  # waits for it in a short-term place, or in hospital
    HOUSING = 4  # supported housing; waits in hospital


class Start(IntEnum):
    """Where a patient is when the clock starts."""

    COMES_LATER = 0
    GONE = 1  # came and went before the clock started
    IN_BED = 2
    ON_LIST = 3
    IN_PLACE = 4
    IN_KAD = 5
    AT_CLINIC = 6


class Cause(IntEnum):
    """What a patient who is ready waits for in hospital; also what takes a planned patient's bed."""

    RESPONSE = 0  # the municipality's answer, or a tailored home-care service
    HOME_CARE = 1
    SHORT_TERM = 2
    LONG_TERM = 3
    HOUSING = 4
    HOSPITAL = 5  # the hospital's own hours; for a postponement: patients in treatment


class Outcome(IntEnum):
    """Where a patient is, or has ended, when the run stops."""

    NOT_IN_SCENARIO = 0  # above this scenario's demand, gone before the clock started, not readmitted
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
    DIED = 12  # in hospital
    ASSESSED = 13  # finished at first contact: no treatment
    AT_CLINIC = 14  # waiting for first contact


def round_nearest(time: int, hour_s: int, earliest: int) -> int:
    """The daily instant ``hour_s`` (seconds after midnight) nearest to ``time``, but later than
    ``earliest``. Whole seconds; a tie goes to the later one."""
    nearest = (time - hour_s + DAY // 2) // DAY * DAY + hour_s
    first = (earliest - hour_s) // DAY * DAY + DAY + hour_s
    return max(nearest, first)


def round_after(time: int, hour_s: int) -> int:
    """The first daily instant ``hour_s`` (seconds after midnight) at or after ``time``."""
    return -((hour_s - time) // DAY) * DAY + hour_s
