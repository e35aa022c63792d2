"""One window of one run: who is counted where, and the rows of results written for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

import numpy as np

from capsim.analysis.delays import DelayDays, delay_days
from capsim.analysis.ledger import Ledger
from capsim.analysis.postings import post
from capsim.demand.columns import ASSESSMENT, ELECTIVE, TYPED
from capsim.models.facilities import SECTORS
from capsim.models.pathway import DAY, NEVER
from capsim.models.records import Records
from capsim.region.region import Region

__all__ = [
    "DAYS_PER_YEAR",
    "FOREVER",
    "SOMATIC",
    "Axis",
    "Cuts",
    "Run",
    "Window",
    "across",
    "ratio",
]

FOREVER = 2**62
DAYS_PER_YEAR = 365
SOMATIC = 0  # in SECTORS
NOBODY = np.zeros(0, dtype=np.int32)


@dataclass(frozen=True, eq=False)
class Axis:
    """A way to divide patients, or the rows of something that happened to them: names (places, or the
    groups of a ``by``) and the index of each one's name; -1 for those under none."""

    by: str
    names: Sequence[str]
    index: np.ndarray
    of_rows: bool = False  # the index is by row, not by patient

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", np.asarray(self.index, dtype=np.int32))  # read very often

    @cached_property
    def undivided(self) -> bool:
        """Whether everybody is under one name."""
        return len(self.names) == 1 and not self.index.any()

    def at(self, who: np.ndarray) -> np.ndarray:
        """The index of each row, where ``who`` is the rows' patients."""
        return self.index if self.of_rows else self.index[who]


Cuts = Sequence[tuple[Axis, Axis]]
"""Pairs of a place and a ``by``."""


def across(places: Sequence[Axis], by: Sequence[Axis]) -> list[tuple[Axis, Axis]]:
    """Every place divided in every way."""
    return [(place, group) for place in places for group in by]


@dataclass(eq=False)
class Run:
    """A run's records, and what several results need of them: the same for every window.

    ``hospital`` is where a patient is treated, lies or waits: for a stay its first hospital,
    ``last_hospital`` its last. ``sector`` of a patient and ``ward_sector`` index
    ``sectors``, those that the region has. ``span_*``: every stretch of time in a ward.
    """

    records: Records

    def __post_init__(self) -> None:
        r = self.records
        s, p, plan, f = r.stays, r.patients, r.itinerary, r.facilities
        self.region = region = r.region
        self.delays: DelayDays = delay_days(r)
        self.hospital = s.hospital.astype(np.int64)
        moved = s.moved_to >= 0
        self.last_hospital = self.hospital.copy()
        self.last_hospital[moved] = f.ward_hospital[s.moved_to[moved]]
        self.admitted = s.admitted != NEVER
        self.referral = (p.stream == ELECTIVE) | (p.stream == ASSESSMENT)
        self.acute = ~self.referral
        there = {x.sector for x in region.specialties} | {SECTORS[SOMATIC]}
        self.sectors = tuple(sector for sector in SECTORS if sector in there)
        of_specialty = [self.sectors.index(x.sector) for x in region.specialties]
        self.sector = np.array([*of_specialty, SOMATIC])[plan.specialty]
        self.somatic = self.sector == SOMATIC
        self.ward_sector = np.array([self.sectors.index(SECTORS[k]) for k in f.ward_sector], dtype=np.int64)
        self.span_patient, self.span_ward, self.span_start, self.span_end = r.bed_spans()
        communities = tuple(dict.fromkeys(m.helsefellesskap for m in region.municipalities))
        of = np.array([communities.index(m.helsefellesskap) for m in region.municipalities])
        self.in_region = Axis("place", ("region",), np.zeros(len(p), dtype=np.int64))
        self.in_hospital = Axis("place", f.hospitals, self.hospital)
        self.of_municipality = Axis(
            "place", [m.number for m in region.municipalities], p.municipality.astype(np.int64)
        )
        self.of_community = Axis("place", communities, of[p.municipality])
        self.community = of
        self.by_all = Axis("all", ("all",), self.in_region.index)
        self.by_sector = Axis("sector", self.sectors, self.sector)
        self.by_urgency = Axis("urgency", ("acute", "elective"), self.referral.astype(np.int64))
        self.by_age = Axis("age", [a.id for a in region.ages], p.age.astype(np.int64))
        self.by_group = Axis("patient_group", [g.id for g in region.groups], p.group.astype(np.int64))

    @cached_property
    def ledger(self) -> Ledger:
        """Who paid whom for what."""
        return post(self.records, self.delays)

    @cached_property
    def by_elective_type(self) -> Axis:
        index = np.where(self.referral, self.records.patients.type, -1)
        return Axis("type", [t.id for t in self.region.elective_types], index.astype(np.int64))

    @cached_property
    def by_type(self) -> Axis:
        """Elective types, then acute types; the others, readmissions among them, have none."""
        p, region = self.records.patients, self.region
        names = [*(t.id for t in region.elective_types), *(t.id for t in region.acute_types)]
        typed = np.isin(p.stream, TYPED)
        index = np.where(typed, p.type.astype(np.int64) + len(region.elective_types), -1)
        return Axis("type", names, np.where(self.referral, p.type, index).astype(np.int64))

    @property
    def people(self) -> tuple[Axis, ...]:
        """Where patients live: municipality, helsefellesskap, region."""
        return self.of_municipality, self.of_community, self.in_region


@dataclass(eq=False)
class Window:
    """One window of one run, and the rows written so far. ``begin`` and ``end`` in seconds.

    Where a result is not said to be otherwise, it counts somatic patients only; ``by`` sector and
    type it counts those of every sector.
    """

    run: Run
    name: str
    first_day: int
    last_day: int
    rows: list[tuple] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.records, self.region = self.run.records, self.run.region
        self.begin, self.end = self.first_day * DAY, self.last_day * DAY
        self.days = self.last_day - self.first_day
        self.hospitals = self.records.facilities.hospitals
        self.inhabitants = np.array([m.inhabitants for m in self.region.municipalities])

    # --- rows

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
        """``part / whole``; no row where the whole is zero."""
        if whole > 0:
            self.add(place, result, unit, part / whole, by, group)

    def write(self, result: str, unit: str, place: Axis, by: Axis, values: np.ndarray) -> None:
        """A row for each finite value of a (places, groups) table."""
        there = np.nonzero(np.isfinite(values))
        for p, g, value in zip(*(column.tolist() for column in (*there, values[there])), strict=True):
            self.rows.append((self.name, place.names[p], by.by, by.names[g], result, unit, float(value)))

    def cells(
        self,
        who: np.ndarray,
        place: Axis,
        by: Axis,
        weight: np.ndarray | None = None,
        every_sector: bool = False,
    ) -> np.ndarray:
        """Number of rows, or sum of ``weight``, under each place and group: shape (places, groups).
        ``who``: the patient of each row."""
        number, total = self._tally(who, place, by, weight, every_sector)
        return number if weight is None else total

    def _tally(
        self, who: np.ndarray, place: Axis, by: Axis, weight: np.ndarray | None, every_sector: bool
    ) -> tuple[np.ndarray, np.ndarray]:
        """Number of rows, and sum of ``weight``, under each place and group: shape (places, groups)."""
        from capsim.analysis.tally import tally

        shape = (len(place.names), len(by.names))
        number, total = np.zeros(shape, dtype=np.int64), np.zeros(shape)
        everybody = every_sector or by.by in ("sector", "type")
        tally(
            np.ascontiguousarray(who, dtype=np.int64),
            NOBODY if place.undivided else place.index,
            place.of_rows,
            NOBODY if by.undivided else by.index,
            by.of_rows,
            len(by.names),
            self.run.somatic[:0] if everybody else self.run.somatic,
            np.zeros(0) if weight is None else np.ascontiguousarray(weight, dtype=float),
            number.reshape(-1),
            total.reshape(-1),
        )
        return number, total

    def cell(self, who: np.ndarray, place: Axis, by: Axis) -> np.ndarray:
        """Each row's place × group as one number, -1 for rows that do not count."""
        at, of = place.at(who), by.at(who)
        counts = (at >= 0) & (of >= 0)
        if by.by not in ("sector", "type"):
            counts &= self.run.somatic[who]
        return np.where(counts, at * np.int32(len(by.names)) + of, np.int32(-1))

    def sums(
        self,
        result: str,
        unit: str,
        who: np.ndarray,
        cuts: Cuts,
        weight: np.ndarray | None = None,
        every_sector: bool = False,
    ) -> None:
        """Number of rows, or sum of ``weight``, in every cell of every cut."""
        for place, by in cuts:
            self.write(result, unit, place, by, self.cells(who, place, by, weight, every_sector))

    def means(
        self,
        result: str,
        unit: str,
        who: np.ndarray,
        cuts: Cuts,
        value: np.ndarray,
        every_sector: bool = False,
    ) -> None:
        """Mean of ``value`` over the rows in every cell of every cut that has any; of flags: the
        share of rows."""
        value = value.astype(float)
        for place, by in cuts:
            whole, part = self._tally(who, place, by, value, every_sector)
            self.write(result, unit, place, by, ratio(part, whole))

    def per_1000(
        self,
        result: str,
        unit: str,
        who: np.ndarray,
        weight: np.ndarray | None = None,
        every_sector: bool = False,
    ) -> None:
        """Sum over those who live there per 1000 inhabitants and year."""
        thousands = self.inhabitants * self.days / DAYS_PER_YEAR / 1000
        for place, of in self.homes:
            people = np.bincount(of, thousands, minlength=len(place.names))[:, None]
            total = self.cells(who, place, self.run.by_all, weight, every_sector)
            self.write(
                f"{result}_per_1000",
                f"{unit} per 1000 per year",
                place,
                self.run.by_all,
                ratio(total, people),
            )

    def of_homes(self, result: str, unit: str, by: Axis, values: np.ndarray) -> None:
        """Sums of a (municipalities, groups) table for municipality, helsefellesskap and region."""
        for place, of in self.homes:
            total = np.zeros((len(place.names), values.shape[1]))
            np.add.at(total, of, values)
            self.write(result, unit, place, by, total)

    @property
    def homes(self) -> list[tuple[Axis, np.ndarray]]:
        """Where patients live, and the index there of each municipality."""
        n = len(self.inhabitants)
        index = (np.arange(n), self.run.community, np.zeros(n, dtype=np.int64))
        return list(zip(self.run.people, index, strict=True))

    # --- time

    def during(self, time: np.ndarray) -> np.ndarray:
        return (time >= self.begin) & (time < self.end)

    def overlap(self, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Seconds of [start, end) inside the window; an end that never came is the window's."""
        until = np.where(end == NEVER, self.end, end).clip(max=self.end)
        return np.where(start == NEVER, 0, (until - start.clip(min=self.begin)).clip(min=0))

    def of_days(self, by_day: np.ndarray) -> np.ndarray:
        """The window's days of a (days, units) capacity, whose first row is the first simulated day."""
        first = self.records.facilities.first_day
        return by_day[self.first_day - first : self.last_day - first]

    def mean_capacity(self, by_day: np.ndarray) -> np.ndarray:
        """Mean over the window of a (days, units) capacity, shape (units,)."""
        return self.of_days(by_day).mean(axis=0)

    def phases(self) -> list[tuple[float, Region]]:
        """(days of the window, region) of every phase that holds on some of it. Those that only prices
        set apart are one, so that no result but money knows when a price changed."""
        f = self.records.facilities
        edges = np.append(f.phase_start, FOREVER).clip(self.begin, self.end)
        seconds, out = np.diff(edges).tolist(), list[tuple[float, Region]]()
        held = ((s, region) for s, region in zip(seconds, f.regions, strict=True) if s > 0)
        for _, alike in groupby(held, key=lambda phase: phase[1].without_prices()):
            spans, regions = zip(*alike, strict=True)
            out.append((sum(spans) / DAY, regions[0]))
        return out


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """``part / whole``, NaN where the whole is zero."""
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)
