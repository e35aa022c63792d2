"""What a run hands back: one flat record of every stay, and the events that stays do not show."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from numbers import Integral
from typing import TYPE_CHECKING

import numpy as np

from capsim.demand.columns import FROM_HOME, STREAMS, TYPED
from capsim.demand.patients import PatientTable
from capsim.errors import InputError, Problem
from capsim.models.facilities import SECTORS, Facilities
from capsim.models.itinerary import Itinerary
from capsim.models.pathway import DAY, NEVER, Need, Outcome
from capsim.region.region import Region

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Events", "Records", "Stays"]


@dataclass(frozen=True, eq=False, repr=False)
class Stays:
    """A row per patient, in the table's order. Times are whole seconds since midnight of day 0
    (int64, ``NEVER`` where it did not happen); indices are :class:`Facilities`'.

    ``arrived``: falls ill, is referred, is readmitted. ``pool``: the short-term places asked for or
    had, -1 where the municipality has none. ``hospital``, ``ward``: where the patient was
    sent and lay, in the end (the ward of an outlier is not the specialty's own); -1 for none.
    ``seen``: first contact. ``asked``: for a hospital bed (acute) or called in (elective).
    ``admitted``: the stay begins, in a bed or as a corridor patient. ``bed``: a bed of the ward's.
    ``moved``: back to the catchment hospital, to the ward ``moved_to``. ``ready``: declared ready for
    discharge. ``can_receive``: the municipality could, had it room. ``ill``: again, while waiting;
    ``ready_again``: declared ready anew. ``offer``: a place or start is granted. ``settled``: a
    long-term place or supported housing is granted. ``left``: the hospital bed, alive or dead.
    ``place_start``/``place_end``: short-term place. ``stretched``: an extra place, over capacity, or a
    temporary dwelling. ``treated``: day surgery, or admission of an elective. ``planned``/``postponed``:
    times on a session's plan, and taken off it for want of a bed. ``team``: the ambulant team that took
    the patient, -1 for none; ``team_start``/``team_end``: at home with it, instead of hospital or
    after; ``follow_*``: the same for follow-up after discharge.
    """

    outcome: np.ndarray
    arrived: np.ndarray
    pool: np.ndarray
    hospital: np.ndarray
    ward: np.ndarray
    seen: np.ndarray
    asked: np.ndarray
    admitted: np.ndarray
    bed: np.ndarray
    moved: np.ndarray
    moved_to: np.ndarray
    ready: np.ndarray
    can_receive: np.ndarray
    ill: np.ndarray
    ready_again: np.ndarray
    offer: np.ndarray
    settled: np.ndarray
    left: np.ndarray
    place_start: np.ndarray
    place_end: np.ndarray
    stretched: np.ndarray
    kad_start: np.ndarray
    kad_end: np.ndarray
    kad_refused: np.ndarray
    team: np.ndarray
    team_start: np.ndarray
    team_end: np.ndarray
    follow_team: np.ndarray
    follow_start: np.ndarray
    follow_end: np.ndarray
    joined: np.ndarray
    treated: np.ndarray
    planned: np.ndarray
    postponed: np.ndarray


@dataclass(frozen=True, eq=False, repr=False)
class Events:
    """``postponed_time``/``postponed_patient``: a row per postponement, in the order they happened;
    ``postponed_cause``: a :class:`~capsim.models.pathway.Cause`.
    ``session_*``: a row per session held: time, list, minutes (or thousandths of a patient) it had,
    used and lost to postponement, patients planned and postponed, and still to be called in of those
    referred (before first contact or on the list).
    ``census_*``: who lay where at each midnight inside the run, as the engine counted them, shape
    (midnights, wards or pools or units or teams)."""

    postponed_time: np.ndarray
    postponed_patient: np.ndarray
    postponed_cause: np.ndarray
    session_time: np.ndarray
    session_list: np.ndarray
    session_capacity: np.ndarray
    session_used: np.ndarray
    session_lost: np.ndarray
    session_planned: np.ndarray
    session_postponed: np.ndarray
    session_waiting: np.ndarray
    census_ward: np.ndarray
    census_pool: np.ndarray
    census_kad: np.ndarray
    census_team: np.ndarray


@dataclass(frozen=True, eq=False)
class Records:
    """The result of one run: what happened (``stays``, ``events``) and what it was made from."""

    region: Region
    patients: PatientTable
    facilities: Facilities
    itinerary: Itinerary
    stays: Stays
    events: Events

    def __repr__(self) -> str:
        """In a notebook, instead of every column."""
        return f"<Records of {self.region!r} and {self.patients!r}>"

    @property
    def clock_start(self) -> int:
        """Seconds at which the clock started (negative: the warm-up)."""
        return -self.patients.warm_up_days * DAY

    @property
    def clock_end(self) -> int:
        """Seconds at which the run stopped; what happens then or later has not happened."""
        return self.patients.days * DAY

    def bed_spans(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Every stretch of time in a ward, its corridor included: (patient, ward, from, to), where
        ``to`` is ``NEVER`` for those still there. Someone who was placed in the corridor of the own
        ward before a bed elsewhere, or who moved back, has two."""
        return self._bed_spans

    @cached_property
    def _bed_spans(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        s, plan = self.stays, self.itinerary
        here = np.flatnonzero(s.admitted != NEVER)
        own = self.facilities.ward_of[s.hospital[here], plan.specialty[here]]
        corridor = (s.bed[here] != s.admitted[here]) & (s.bed[here] != NEVER) & (own != s.ward[here])
        first_end = np.where(s.moved[here] != NEVER, s.moved[here], s.left[here])
        start = np.where(corridor, s.bed[here], s.admitted[here])
        moved = here[s.moved[here] != NEVER]
        return (
            np.concatenate([here, here[corridor], moved]),
            np.concatenate([s.ward[here], own[corridor], s.moved_to[moved]]).astype(np.int64),
            np.concatenate([start, s.admitted[here[corridor]], s.moved[moved]]),
            np.concatenate([first_end, s.bed[here[corridor]], s.left[moved]]),
        )

    def columns(self) -> dict[str, np.ndarray]:
        """Every column of stays and events by name, in a fixed order."""
        return {
            f"{part}.{f.name}": getattr(table, f.name)
            for part, table in (("stays", self.stays), ("events", self.events))
            for f in fields(table)
        }

    @cached_property
    def _digest(self) -> str:
        hash = hashlib.sha256()
        for name, column in self.columns().items():
            hash.update(f"{name} {column.dtype.str} {column.shape}\n".encode())
            hash.update(np.ascontiguousarray(column).data)
        return hash.hexdigest()

    def digest(self) -> str:
        """SHA-256 over all columns: equal if and only if the trajectories are, to the last bit."""
        return self._digest

    def equals(self, other: Records) -> bool:
        """Whether every column is bitwise equal to ``other``'s."""
        mine, theirs = self.columns(), other.columns()
        return all(
            a.dtype == theirs[name].dtype and np.array_equal(a, theirs[name]) for name, a in mine.items()
        )

    def to_frame(self) -> pd.DataFrame:
        """The stays as a table: a row per patient in this scenario; times in days since day 0
        (NaN: never), places by id and municipalities by number ("": none). Who comes to a place from
        home has no age and no group; ``sector`` is the one that results count the patient in. The
        times are those of :class:`Stays`."""
        import pandas as pd

        p, s, plan, f, region = self.patients, self.stays, self.itinerary, self.facilities, self.region
        here = np.flatnonzero(plan.active & (s.outcome != Outcome.NOT_IN_SCENARIO))
        known = p.stream[here] != FROM_HOME
        typed = np.isin(p.root[here], TYPED)
        acute, elective = (_named([t.id for t in of]) for of in (region.acute_types, region.elective_types))
        kind = p.type[here]
        of_specialty = [x.sector for x in region.specialties]
        columns = {
            "patient_id": here,
            "stream": np.array(STREAMS)[p.stream[here]],
            "municipality": np.array(p.municipalities)[p.municipality[here]],
            "age": _named([a.id for a in region.ages])[np.where(known, p.age[here], -1)],
            "group": _named([g.id for g in region.groups])[np.where(known, p.group[here], -1)],
            "type": np.where(typed, acute[np.where(typed, kind, -1)], elective[np.where(typed, -1, kind)]),
            "specialty": _named([x.id for x in region.specialties])[plan.specialty[here]],
            "sector": np.array([*of_specialty, SECTORS[0]])[plan.specialty[here]],
            "need": np.array([n.name.lower() for n in Need])[plan.need[here]],
            "arrival_days": p.arrival[here] / DAY,
        }
        names = {
            "outcome": np.array([o.name.lower() for o in Outcome]),
            "hospital": _named(f.hospitals),
            "pool": _named(f.pools),
        }
        names |= dict.fromkeys(("ward", "moved_to"), _named(f.wards))
        names |= dict.fromkeys(("team", "follow_team"), _named(f.teams))
        for column in (field.name for field in fields(s)):
            values = getattr(s, column)[here]
            if column in names:
                columns[column] = names[column][values]
            elif values.dtype == np.int64:
                columns[f"{column}_days"] = np.where(values == NEVER, np.nan, values / DAY)
            else:
                columns[column] = values
        return pd.DataFrame(columns)

    def events_frame(self) -> pd.DataFrame:
        """The sessions held as a table: day, list, capacity, use, planned and postponed."""
        import pandas as pd

        e = self.events
        names = np.array([" ".join(name) for name in self.facilities.lists] or [""], dtype=object)
        return pd.DataFrame(
            {
                "day": e.session_time // DAY,
                "list": names[e.session_list],
                "capacity": e.session_capacity,
                "used": e.session_used,
                "lost": e.session_lost,
                "planned": e.session_planned,
                "postponed": e.session_postponed,
            }
        )

    def explain(self, patient_id: int) -> str:
        """One patient's way in words, a line for each thing that happened.

        Raises:
            InputError: if there is no such patient.
        """
        from capsim.models.explain import explain

        whole = isinstance(patient_id, Integral) and not isinstance(patient_id, bool)
        if not whole or not 0 <= patient_id < len(self.patients):
            allowed = f"must be a whole number from 0 to {len(self.patients) - 1}"
            raise InputError(Problem("explain", allowed, column="patient_id", value=patient_id))
        return explain(self, patient_id)


def _named(ids: Sequence[str]) -> np.ndarray:
    """To be looked up by index; -1: none."""
    return np.array([*ids, ""], dtype=object)
