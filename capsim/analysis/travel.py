"""Travel to hospitals and clinics, and the slots that visits take."""

from __future__ import annotations

import numpy as np

from capsim.analysis.outpatients import Outpatient, outpatient
from capsim.analysis.window import DAYS_PER_YEAR, Axis, Window, across

__all__ = ["travel"]

NOBODY = np.zeros(0, dtype=np.int64)
PURPOSES = ("stays", "first_contact", "outpatient")


def travel(w: Window) -> None:
    """Patients' travel by car, to and fro, and the outpatient load; every patient.

    ``travel_hours`` (hours), ``travel_km`` (km): by ``purpose``: stays and day surgery begun in the
    window, its first contacts, and outpatient visits. Who is transferred goes home from the last
    hospital. ``travel_hours_per_patient`` (hours): of stays and day surgery. ``outpatient_visits``
    (visits) and ``outpatient_travel_hours`` (hours): of the visits that the region has beside the
    simulated patients (:func:`outpatient`), by type of ``visit``. ``clinic_slots`` (slots): taken at
    the hospital by the window's first contacts and by outpatient visits, by ``purpose``.
    """
    r, run = w.records, w.run
    s, plan = r.stays, r.itinerary
    came = np.flatnonzero(w.during(s.admitted) | (w.during(s.treated) & plan.day_surgery))
    seen = np.flatnonzero(w.during(s.seen))
    visits = _visits(w)
    by_visit = Axis("visit", visits.types, NOBODY)
    by_purpose = Axis("purpose", PURPOSES, NOBODY)
    homes = r.patients.municipality
    count = len(w.inhabitants)
    for table, of_visits, result, unit, scale in (
        (w.region.travel_minutes, visits.hours, "travel_hours", "hours", 1 / 60),
        (w.region.travel_km, visits.km, "travel_km", "km", 1.0),
    ):
        way = scale * np.array([[table[m.number, h] for h in w.hospitals] for m in w.region.municipalities])
        out_and_home = [
            way[homes[who], run.hospital[who]] + way[homes[who], run.last_hospital[who]]
            for who in (came, seen)
        ]
        of_stays, of_contacts = (
            np.bincount(homes[who], length, minlength=count)
            for who, length in zip((came, seen), out_and_home, strict=True)
        )
        by_home = np.stack([of_stays, of_contacts, of_visits.sum(axis=1)], axis=1)
        w.of_homes(result, unit, by_purpose, by_home)
        w.of_homes(result, unit, run.by_all, by_home.sum(axis=1, keepdims=True))
        if result == "travel_hours":
            length = out_and_home[0]
            cuts = across(run.people, (run.by_all,))
            w.means("travel_hours_per_patient", "hours", came, cuts, length, every_sector=True)
    if len(visits.types):
        for result, unit, amount in (
            ("outpatient_visits", "visits", visits.visits),
            ("outpatient_travel_hours", "hours", visits.hours),
        ):
            w.of_homes(result, unit, by_visit, amount)
            w.of_homes(result, unit, run.by_all, amount.sum(axis=1, keepdims=True))
    contacts = np.bincount(run.hospital[seen], minlength=len(w.hospitals))
    slots = np.stack([contacts, visits.slots], axis=1)
    if slots.any():
        by_use = Axis("purpose", PURPOSES[1:], NOBODY)
        for place, used in ((run.in_hospital, slots), (run.in_region, slots.sum(axis=0, keepdims=True))):
            w.write("clinic_slots", "slots", place, by_use, used)
            w.write("clinic_slots", "slots", place, run.by_all, used.sum(axis=1, keepdims=True))


def _visits(w: Window) -> Outpatient:
    """The window's outpatient visits, each phase of the region for its time."""
    types = w.region.visit_types
    table = np.zeros((len(w.inhabitants), len(types)))
    out = [table.copy(), table.copy(), table.copy(), np.zeros((*table.shape, len(w.hospitals)))]
    ids = tuple(t.id for t in types)
    if types:
        for days, region in w.phases():
            load = outpatient(region, w.hospitals)
            for total, part in zip(out, (load.visits, load.hours, load.km, load.at_hospital), strict=True):
                total += part * days / DAYS_PER_YEAR
    return Outpatient(ids, *out)
