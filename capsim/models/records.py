"""What a run hands back: one flat record of every stay, and the events that stays do not show."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from capsim.demand.patients import STREAMS, PatientTable
from capsim.errors import InputError, Problem
from capsim.models.facilities import Facilities
from capsim.models.itinerary import Itinerary
from capsim.models.pathway import DAY, NEVER, Need, Outcome
from capsim.region.region import Region

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Events", "Records", "Stays"]


@dataclass(frozen=True, eq=False)
class Stays:
    """A row per patient, in the table's order. Times are whole seconds since midnight of day 0
    (int64, ``NEVER`` where it did not happen); indices are :class:`Facilities`'.

    ``asked``: for a hospital bed (acute) or called in (elective). ``admitted``: the stay begins, in
    a bed or as a corridor patient. ``bed``: a bed of the ward's. ``ready``: declared ready for
    discharge. ``can_receive``: the municipality could, had it room. ``offer``: a place or start is
    granted. ``left``: the hospital bed. ``place_start``/``place_end``: short-term place.
    ``stretched``: an extra place, over capacity. ``treated``: day surgery, or admission of an
    elective. ``planned``/``postponed``: times on a session's plan, and taken off it for want of a
    bed. ``team``: the ambulant team that took the patient, -1 for none; ``team_start``/``team_end``: at
    home with it, instead of hospital or after.
    """

    outcome: np.ndarray
    asked: np.ndarray
    admitted: np.ndarray
    bed: np.ndarray
    ready: np.ndarray
    can_receive: np.ndarray
    offer: np.ndarray
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
    joined: np.ndarray
    treated: np.ndarray
    planned: np.ndarray
    postponed: np.ndarray


@dataclass(frozen=True, eq=False)
class Events:
    """``postponed_time``/``postponed_patient``: a row per postponement, in the order they happened.
    ``session_*``: a row per session held: time, list, minutes (or thousandths of a patient) it had,
    used and lost to postponement, patients planned and postponed, and left on the list.
    ``census_*``: who lay where at each midnight inside the run, as the engine counted them, shape
    (midnights, wards or pools or units or teams)."""

    postponed_time: np.ndarray
    postponed_patient: np.ndarray
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

    @property
    def clock_start(self) -> int:
        """Seconds at which the clock started (negative: the warm-up)."""
        return -self.patients.warm_up_days * DAY

    @property
    def clock_end(self) -> int:
        """Seconds at which the run stopped; what happens then or later has not happened."""
        return self.patients.days * DAY

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
        (NaN: never), places by name."""
        import pandas as pd

        p, s, plan, f = self.patients, self.stays, self.itinerary, self.facilities
        frame = pd.DataFrame({"patient_id": np.arange(len(p)), "stream": np.array(STREAMS)[p.stream]})
        frame["municipality"] = np.array(p.municipalities)[p.municipality]
        frame["age"] = np.array([a.id for a in self.region.ages])[p.age]
        frame["group"] = np.array([g.id for g in self.region.groups])[p.group]
        frame["type"] = np.array([*(t.id for t in self.region.elective_types), ""], dtype=object)[p.type]
        frame["hospital"] = np.array([*f.hospitals, ""], dtype=object)[plan.hospital]
        frame["ward"] = np.array([*f.wards, ""], dtype=object)[plan.ward]
        frame["need"] = np.array([n.name.lower() for n in Need])[plan.need]
        frame["arrival_days"] = p.arrival / DAY
        for column in fields(s):
            values = getattr(s, column.name)
            if column.name == "outcome":
                frame["outcome"] = np.array([o.name.lower() for o in Outcome])[values]
            elif values.dtype == np.int64:
                frame[f"{column.name}_days"] = np.where(values == NEVER, np.nan, values / DAY)
            else:
                frame[column.name] = values
        return frame[plan.active & (s.outcome != Outcome.NOT_IN_SCENARIO)].reset_index(drop=True)

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

        if not 0 <= patient_id < len(self.patients):
            allowed = f"must be from 0 to {len(self.patients) - 1}"
            raise InputError(Problem("explain", allowed, column="patient_id", value=patient_id))
        return explain(self, patient_id)
