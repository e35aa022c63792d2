"""Beds: census and occupancy, corridor patients, time in other specialties' wards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from capsim.analysis.window import FOREVER, SOMATIC, Axis, Window, across
from capsim.models.facilities import facilities_of
from capsim.models.pathway import DAY, HOUR, NEVER
from capsim.models.records import Records
from capsim.region.region import Region

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["census", "occupancy", "staffed_beds"]

LEVELS = (85, 92, 100)  # percent


def census(records: Records) -> pd.DataFrame:
    """Patients in the somatic wards of each hospital (corridor included) at the midnight that ends
    each day of the study: columns ``day``, ``hospital``, ``patients``."""
    import pandas as pd

    f, days = records.facilities, records.patients.days
    _, ward, start, end = records.bed_spans()
    here = f.ward_sector[ward] == SOMATIC
    hospital = f.ward_hospital[ward]
    count = _present(hospital[here], start[here], end[here], len(f.hospitals), DAY, days)
    frame = pd.DataFrame(count, columns=list(f.hospitals))
    frame["day"] = np.arange(days)
    return frame.melt("day", var_name="hospital", value_name="patients")


def staffed_beds(region: Region, days: int) -> dict[str, np.ndarray]:
    """Staffed beds in each hospital's somatic wards on each day of the study, shape (days,)."""
    f = facilities_of(region, 0, days)
    somatic = f.ward_sector == SOMATIC
    return {
        id: f.ward_beds[:, somatic & (f.ward_hospital == h)].sum(axis=1) for h, id in enumerate(f.hospitals)
    }


def _present(
    unit: np.ndarray, start: np.ndarray, end: np.ndarray, units: int, first: int, days: int
) -> np.ndarray:
    """How many are in each unit at second ``first`` and a day, two days, … after it, shape (days,
    units). Who comes at that second is there, who leaves has left."""
    ended = np.where(end == NEVER, FOREVER, end)
    change = np.zeros((days + 1) * units)
    for time, step in ((start, 1), (ended, -1)):
        day = np.clip(-((first - time) // DAY), 0, days)
        change += step * np.bincount(day * units + unit, minlength=len(change))
    return change.reshape(days + 1, units).cumsum(axis=0)[:days]


def occupancy(w: Window) -> None:
    """How full the staffed beds are; of somatic wards, and by sector.

    ``occupancy_mean`` (share): patients in the ward or hospital, corridor included / staffed beds,
    both time-weighted. ``occupancy_p95`` (share) and ``days_above_85_share``, ``_92_``, ``_100_``:
    patients at the midnight that ends a day / that day's staffed beds; days without staffed beds are
    left out. ``corridor_share``: of patients at 07:00, those over the wards' capacity.
    ``boarding_hours`` (hours): from asking for a bed to having one (or leaving without), mean over the
    acute patients who asked in the window and were admitted. ``outlier_days`` (days): bed-days in a
    ward that is not the patient's own specialty's, where the hospital has one.
    """
    run, r = w.run, w.records
    s, plan, f = r.stays, r.itinerary, r.facilities
    hospitals, sectors = len(w.hospitals), len(run.sectors)
    in_ward = w.overlap(run.span_start, run.span_end)
    ward_seconds = np.bincount(run.span_ward, in_ward, minlength=len(f.wards))
    span = w.end - w.begin
    beds_by_day = w.of_days(f.ward_beds)
    for ward, patients, beds in zip(f.wards, ward_seconds / span, beds_by_day.mean(axis=0), strict=True):
        w.share(ward, "occupancy_mean", patients, beds)

    # unit: a sector of a hospital
    unit = f.ward_hospital * sectors + run.ward_sector
    units = hospitals * sectors
    span_unit = unit[run.span_ward]
    staffed = np.stack([beds_by_day[:, unit == u].sum(axis=1) for u in range(units)], axis=1)
    present = np.bincount(unit, ward_seconds, minlength=units) / span
    at = (span_unit, run.span_start, run.span_end, units)
    midnight = _present(*at, w.begin + DAY, w.days)
    seven = _present(*at, w.begin + 7 * HOUR, w.days).sum(axis=0)
    over = np.flatnonzero(run.admitted & ((s.bed == NEVER) | (s.bed > s.admitted)))
    until = np.where(s.moved[over] != NEVER, s.moved[over], s.left[over])
    until = np.where(s.bed[over] != NEVER, s.bed[over], until)
    corridor = unit[s.ward[over]], s.admitted[over], until, units
    corridor_seven = _present(*corridor, w.begin + 7 * HOUR, w.days).sum(axis=0)

    of_hospital, of_sector = np.divmod(np.arange(units), sectors)
    for place, of_place in ((run.in_hospital, of_hospital), (run.in_region, np.zeros(units, dtype=int))):
        for p, name in enumerate(place.names):
            for g, sector in enumerate(run.sectors):
                here = (of_place == p) & (of_sector == g)
                groups = [("sector", sector)] + ([("all", "all")] if g == SOMATIC else [])
                days = staffed[:, here].sum(axis=1)
                full = midnight[:, here].sum(axis=1)[days > 0] / days[days > 0]
                for by, group in groups:
                    w.share(name, "occupancy_mean", present[here].sum(), days.mean(), by, group)
                    w.share(name, "corridor_share", corridor_seven[here].sum(), seven[here].sum(), by, group)
                    if len(full):
                        w.add(name, "occupancy_p95", "share", np.quantile(full, 0.95), by, group)
                        for level in LEVELS:
                            above = (full > level / 100).mean()
                            w.add(name, f"days_above_{level}_share", "share", above, by, group)

    cuts = across((run.in_hospital, run.in_region), (run.by_all, run.by_sector))
    asked = np.flatnonzero(run.admitted & run.acute & w.during(s.asked))
    got = np.where(s.bed[asked] != NEVER, s.bed[asked], s.left[asked])
    hours = (np.where(got == NEVER, r.clock_end, got) - s.asked[asked]) / HOUR
    w.means("boarding_hours", "hours", asked, cuts, hours)

    hospital = f.ward_hospital[run.span_ward]
    own = f.ward_of[hospital, plan.specialty[run.span_patient]]
    away = np.flatnonzero((in_ward > 0) & (own >= 0) & (own != run.span_ward))
    there = Axis("place", w.hospitals, hospital[away], of_rows=True)
    cuts = across((there, run.in_region), (run.by_all, run.by_sector))
    w.sums("outlier_days", "days", run.span_patient[away], cuts, in_ward[away] / DAY)
