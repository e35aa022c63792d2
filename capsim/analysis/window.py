"""One window of one run, and the rows of results written for it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from capsim.analysis.delays import DelayDays
from capsim.models.pathway import DAY, NEVER
from capsim.models.records import Records
from capsim.region.region import Region

__all__ = ["Window"]

FOREVER = 2**62


@dataclass(eq=False)
class Window:
    """One window of one run, and the rows written so far. ``begin`` and ``end`` in seconds."""

    records: Records
    region: Region
    delays: DelayDays
    name: str
    first_day: int
    last_day: int
    rows: list[tuple] = field(default_factory=list)

    def __post_init__(self) -> None:
        region, facilities = self.region, self.records.facilities
        self.begin, self.end = self.first_day * DAY, self.last_day * DAY
        self.hospitals = facilities.hospitals
        self.numbers = [m.number for m in region.municipalities]
        self.inhabitants = np.array([m.inhabitants for m in region.municipalities])
        communities = list(dict.fromkeys(m.helsefellesskap for m in region.municipalities))
        self.community = np.array([communities.index(m.helsefellesskap) for m in region.municipalities])
        self.communities = communities

    def add(
        self, place: str, result: str, unit: str, value: float, by: str = "all", group: str = "all"
    ) -> None:
        self.rows.append((self.name, place, by, group, result, unit, float(value)))

    def share(
        self,
        place: str,
        result: str,
        part: float,
        whole: float,
        by: str = "all",
        group: str = "all",
        unit: str = "share",
    ) -> None:
        if whole > 0:
            self.add(place, result, unit, part / whole, by, group)

    def during(self, time: np.ndarray) -> np.ndarray:
        return (time >= self.begin) & (time < self.end)

    def overlap(self, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Seconds of [start, end) inside the window; an end that never came is the window's."""
        until = np.where(end == NEVER, self.end, end).clip(max=self.end)
        return np.where(start == NEVER, 0, (until - start.clip(min=self.begin)).clip(min=0))

    def mean_capacity(self, by_phase: np.ndarray) -> np.ndarray:
        """Time-weighted mean of a (phases, units) capacity over the window."""
        edges = np.append(self.records.facilities.phase_start, FOREVER).clip(self.begin, self.end)
        return (np.diff(edges) @ by_phase) / (self.end - self.begin)

    def per_hospital(self, index: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
        return np.bincount(index, weight, minlength=len(self.hospitals))

    def per_municipality(self, patients: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
        return np.bincount(self.records.patients.municipality[patients], weight, minlength=len(self.numbers))

    def add_people(self, values: np.ndarray, result: str, unit: str, per_1000: bool = False) -> None:
        """A sum for each municipality, helsefellesskap and the region; per 1000 and year if asked."""
        years = (self.last_day - self.first_day) / 365
        names = (self.numbers, self.communities, ["region"])
        groupings = (np.arange(len(self.numbers)), self.community, np.zeros(len(self.numbers), dtype=int))
        for places, index in zip(names, groupings, strict=True):
            total = np.bincount(index, values, minlength=len(places))
            people = np.bincount(index, self.inhabitants, minlength=len(places)) * years / 1000
            for place, value, thousand in zip(places, total, people, strict=True):
                self.add(place, result, unit, value)
                if per_1000:
                    self.share(place, f"{result}_per_1000", value, thousand, unit=f"{unit} per 1000 per year")
