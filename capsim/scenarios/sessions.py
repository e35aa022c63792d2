"""Sessions and clinics: which one a type of patient waits for, and how one is made larger or smaller."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from capsim.region.region import Clinic, ElectiveType, Region, Session, Week
from capsim.scenarios.keys import sum_of_weeks, times

__all__ = [
    "is_session",
    "session_kind",
    "session_use",
    "theatre_of",
    "with_session",
    "with_slots",
    "without",
]


def session_kind(kind: ElectiveType) -> Literal["theatre", "ward"]:
    """Which kind of session a type of patient waits for."""
    return "ward" if kind.kind == "planned_stay" else "theatre"


def is_session(session: Session, site: str, kind: ElectiveType) -> bool:
    """Whether the session is the one at ``site`` that patients of this type wait for."""
    return (session.hospital, session.specialty, session.kind) == (site, kind.specialty, session_kind(kind))


def session_use(kind: ElectiveType) -> float:
    """What one patient takes of a session: minutes in theatre, or one place among those called in."""
    return 1.0 if kind.kind == "planned_stay" else kind.minutes_mean


def theatre_of(region: Region, hospital: str, specialty: str) -> list[Session]:
    """A hospital's theatre sessions of a specialty."""
    return [
        s for s in region.sessions if (s.hospital, s.specialty, s.kind) == (hospital, specialty, "theatre")
    ]


def without(sessions: tuple[Session, ...], session: Session, part: float) -> tuple[Session, ...]:
    """``session`` reduced by a part of itself, the others as they are."""
    less = replace(session, capacity=times(session.capacity, 1 - part))
    return tuple(less if s is session else s for s in sessions)


def with_session(sessions: tuple[Session, ...], more: Session) -> tuple[Session, ...]:
    """``more`` added to the session of the same list and staff, or beside the others."""

    def what(s: Session) -> tuple[object, ...]:
        return s.hospital, s.specialty, s.kind, s.staff_pool, s.staff

    if not any(what(s) == what(more) for s in sessions):
        return (*sessions, more)
    out = list(sessions)
    here = next(i for i, s in enumerate(out) if what(s) == what(more))
    out[here] = replace(out[here], capacity=sum_of_weeks(out[here].capacity, more.capacity))
    return tuple(out)


def with_slots(clinics: tuple[Clinic, ...], hospital: str, specialty: str, more: Week) -> tuple[Clinic, ...]:
    """``more`` slots in the hospital's clinic of the specialty."""
    return tuple(
        replace(c, slots=sum_of_weeks(c.slots, more))
        if (c.hospital, c.specialty) == (hospital, specialty)
        else c
        for c in clinics
    )
