"""The compiled engine: the world that the kernel runs on, and the records that it leaves.

Arrays of the table and the itinerary are read where they are, those of the stays are written where
they stay: nothing is copied but what the run changes.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from capsim.demand.columns import READMISSION
from capsim.demand.patients import PatientTable
from capsim.models.facilities import PATIENT, Facilities, capacity_changes, join_threshold
from capsim.models.itinerary import Itinerary
from capsim.models.kernel import program
from capsim.models.kernel.hospital import NO_DAY
from capsim.models.kernel.queues import QUEUES
from capsim.models.kernel.world import ARRAYS, NUMBERS, World
from capsim.models.pathway import DAY, HOUR, NEVER, Cause, Need, Outcome, Start
from capsim.models.records import Events, Stays

__all__ = ["run"]

Arrays = dict[str, np.ndarray]

AS_PLANNED = (
    "transfer_after", "readmit_delay", "response", "complex", "home_second", "ill_after", "ill_stay",
    "settled_stay", "place_stay", "stretch", "kad_stay", "first_due", "not_before", "due", "began", "child",
    "option", "minutes", "home_ward", "kad", "specialty", "need", "start", "active", "dies", "readmits",
    "notified_early", "kad_sent_on", "day_surgery", "goes_on", "join", "course", "early_after", "averts",
    "escalates", "early", "follows", "readmits_followed", "options", "option_stay",
)  # fmt: skip
CHANGED_BY_CHOICE = ("stay", "list", "clinic")
MAY_LIE_AHEAD = ("seen", "ready", "can_receive", "ready_again")
UNITS = ("wards", "lists", "clinics", "pools", "long_term", "housing", "home_care", "kad_units", "teams")


def run(patients: PatientTable, plan: Itinerary, facilities: Facilities) -> tuple[Stays, Events]:
    """Run the clock to the end: what happened to whom, and the run's own books."""
    room = len(patients) + 1000
    while True:
        world, stays = _run(patients, plan, facilities, room)
        room, had = world.number("n_postponements"), room
        if room <= had:
            return stays, _events(world, facilities)


def _run(
    patients: PatientTable, plan: Itinerary, facilities: Facilities, postponements: int
) -> tuple[World, Stays]:
    """A run with room for so many postponements; more are counted, but not kept."""
    stays = _stays(patients, plan, facilities)
    numbers = _numbers(patients, facilities)
    arrays = (
        _patients(patients, plan)
        | {column.name: getattr(stays, column.name) for column in fields(Stays)}
        | _own(patients, plan, facilities)
        | _units(facilities, numbers)
        | _lists(patients, plan, facilities, numbers)
        | _calendar(facilities)
        | _written(facilities, postponements)
    )
    numbers["n_comes"] = len(arrays["comes"])
    numbers["n_woken"] = len(arrays["woken"])
    numbers["postponements_kept"] = postponements
    world = World({name: _as(array, ARRAYS[name]) for name, array in arrays.items()}, numbers)
    program.run(world)
    for name in MAY_LIE_AHEAD:  # what would come at or after the end has not come
        time = getattr(stays, name)
        if time.flags.writeable:
            time[time >= numbers["end"]] = NEVER
    return world, stays


def _as(array: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """The array itself wherever it has the type; flags are bytes."""
    return np.ascontiguousarray(array.view(np.int8) if array.dtype == bool else array, dtype)


def _stays(patients: PatientTable, plan: Itinerary, facilities: Facilities) -> Stays:
    """Nothing has happened yet. What can happen to nobody is one array that is never written to."""
    n = len(patients)

    def each(value: int, dtype: type) -> np.ndarray:
        return np.full(n, value, dtype=dtype)

    nowhere, never = each(-1, np.int16), each(NEVER, np.int64)
    for shared in (nowhere, never):
        shared.setflags(write=False)
    out_of_the_question = {
        "moved": not (plan.transfer_after >= 0).any(),
        "ill": "after" not in patients.features,
        "settled": not (plan.need >= Need.LONG_TERM).any(),
        "kad": not (plan.kad >= 0).any(),
        "team": not facilities.teams,
    }
    no = {name for what, is_out in out_of_the_question.items() if is_out for name in THAT_TELL_OF[what]}
    times = [field.name for field in fields(Stays) if field.name not in NOT_TIMES]
    written = [name for name in times if name not in no]
    # in one block, which gets large pages: the run reads and writes all over it
    start: Arrays = dict(zip(written, np.full((len(written), n), NEVER), strict=True))
    start |= {name: never for name in times if name in no}
    # a readmission falls ill when the run says so
    start["arrived"][:] = np.where(plan.active & (patients.parent < 0), patients.arrival, NEVER)
    for name in ("moved_to", "team", "follow_team"):
        start[name] = nowhere if name in no else each(-1, np.int16)
    start |= {name: getattr(plan, name).astype(np.int16) for name in ("pool", "hospital", "ward")}
    start |= {name: each(0, np.int32) for name in ("planned", "postponed")}
    start |= {name: each(False, np.bool_) for name in ("stretched", "kad_refused", "joined")}
    return Stays(outcome=each(Outcome.NOT_IN_SCENARIO, np.int8), **start)


THAT_TELL_OF = {
    "moved": ("moved", "moved_to"),
    "ill": ("ill", "ready_again"),
    "settled": ("settled",),
    "kad": ("kad_start", "kad_end"),
    "team": ("team", "team_start", "team_end", "follow_team", "follow_start", "follow_end"),
}
NOT_TIMES = (
    "outcome", "pool", "hospital", "ward", "moved_to", "team", "follow_team", "planned", "postponed",
    "stretched", "kad_refused", "joined",
)  # fmt: skip


def _patients(patients: PatientTable, plan: Itinerary) -> Arrays:
    """What awaits them."""
    out = {name: getattr(patients, name) for name in ("arrival", "municipality", "type", "stream")}
    out |= {name: getattr(plan, name) for name in AS_PLANNED}
    choose = len(plan.options) > 0
    out |= {name: getattr(plan, name).copy() if choose else getattr(plan, name) for name in CHANGED_BY_CHOICE}
    comes = plan.active & (patients.stream != READMISSION) & (plan.start == Start.COMES_LATER)
    return out | {"comes": np.flatnonzero(comes)}


def _own(patients: PatientTable, plan: Itinerary, facilities: Facilities) -> Arrays:
    """What only the run needs to know of each patient, and room for events and queues. What is not
    written to takes no memory."""
    n = len(patients)
    needs = np.count_nonzero(plan.need != Need.NOTHING)
    nodes = 3 * n + 4 * needs + 1  # a bed, the corridor; twice (ill again) two kinds of places
    times = ("until", "leaves", "receives", "ill_at", "begun")
    return {
        **dict(zip(times, np.empty((len(times), n), np.int64), strict=True)),
        "turn": np.zeros(n, np.int32),
        "leave_day": np.full(n, NO_DAY, np.int32),
        "state": np.empty(n, np.int8),
        "waiting": np.zeros(n, np.int8),
        "in_pool": np.zeros(n, np.int8),
        "blocked_by": np.full(n, -1, np.int8),
        "woken": np.empty(n + 2, np.int64),
        # going on, boarding, two turns of falling ill and stretching, settling, a course, a readmission
        "events": np.empty(2 * (10 * n + len(UNITS) * 1000), np.int64),
        **{name: np.empty(nodes, np.int64) for name in ("node_patient", "node_turn", "node_next")},
        "blocked": np.zeros((len(facilities.wards), len(Cause)), np.int64),
        "leaving": np.zeros((len(facilities.wards), len(facilities.phase_of_day)), np.int64),
    }


def _numbers(patients: PatientTable, facilities: Facilities) -> dict[str, int]:
    """Rules, counts, and where each kind of unit begins."""
    f, rules = facilities, facilities.regions[0].rules
    municipalities = f.long_term_places.shape[1]
    counts = {
        "wards": len(f.wards), "lists": len(f.lists), "clinics": len(f.clinics), "pools": len(f.pools),
        "long_term": municipalities, "housing": municipalities, "home_care": municipalities,
        "kad_units": len(f.kad_units), "teams": len(f.teams),
    }  # fmt: skip
    out = dict.fromkeys(NUMBERS, 0)
    at = 0
    for kind in UNITS:
        out[kind] = at
        at += counts[kind]
    out |= {f"n_{kind}": n for kind, n in counts.items() if f"n_{kind}" in out}

    def seconds(hour: float | None) -> int:
        return -1 if hour is None else round(hour * HOUR)

    return out | {
        "n_units": at,
        "n_patients": len(patients),
        "n_municipalities": municipalities,
        "n_hospitals": len(f.hospitals),
        "n_specialties": f.ward_of.shape[1],
        "n_days": len(f.phase_of_day),
        "n_openings": len(f.openings),
        "now": -patients.warm_up_days * DAY,
        "end": patients.days * DAY,
        "first_day": f.first_day,
        "free_node": -1,
        "ward_round": seconds(rules.ward_round_hour),
        "discharge_hour": seconds(rules.discharge_hour),
        "place_hour": seconds(rules.place_hour),
        "boarding_limit": seconds(rules.boarding_limit_hours),
        "session_second": seconds(rules.session_hour),
        "clinic_second": seconds(rules.clinic_hour),
        "bed_second": seconds(rules.bed_hour),
        "home_care_second": seconds(rules.home_care_morning_hour),
        "notice": seconds(rules.notice_hours),
        "stretches": int(rules.stretch_after_days is not None),
        "housing_stretches": int(rules.housing_stretch_days is not None),
        "falls_ill": int("after" in patients.features and rules.ill_again_per_day > 0),
        "look_ahead": rules.list_look_ahead,
        "any_hour": int(rules.elective_at_any_hour),
        "loaded_start": int(rules.loaded_start),
    }


def _units(facilities: Facilities, numbers: dict[str, int]) -> Arrays:
    """Everything that can be full, as it is when the clock starts."""
    f, n = facilities, numbers["n_units"]
    out = {name: np.zeros(n, np.int64) for name in OF_UNITS}
    out["heir"] = np.full(n, -1, np.int64)
    out["started_on"] = np.full(n, NEVER, np.int64)
    out |= {name: np.full(QUEUES * n, -1, np.int64) for name in ("first", "last")}

    def put(name: str, kind: str, values: Any) -> None:
        out[name][numbers[kind] : numbers[kind] + len(values)] = values

    for kind, of_day in (
        ("wards", f.ward_beds), ("pools", f.places), ("long_term", f.long_term_places),
        ("housing", f.supported_housing), ("home_care", f.home_care_starts), ("kad_units", f.kad_beds),
        ("teams", f.team_places),
    ):  # fmt: skip
        put("capacity", kind, of_day[0])
    put("kept_free", "pools", f.kept_free[0])
    put("acute_reserve", "wards", f.ward_reserve)
    latest = {t.id: t for region in f.regions for t in region.teams}
    put("visits", "teams", [latest[t].municipal_visits_per_day > 0 for t in f.teams])
    links: list[int] = []
    guests = [[w for w, others in enumerate(f.outliers) if ward in others] for ward in range(len(f.wards))]
    for name, others in (("outliers", f.outliers), ("guests", guests)):
        ends = len(links) + np.cumsum([0, *(len(o) for o in others)])
        put(name, "wards", ends[:-1])
        put(f"{name}_end", "wards", ends[1:])
        links += [o for other in others for o in other]
    return out | {"links": np.array(links, dtype=np.int64)}


OF_UNITS = (
    "capacity", "occupied", "reserved", "kept", "acute_reserve", "boarding", "recovering", "kept_free",
    "inherits", "morning", "visits", "saved", "awaiting", "entries", "passed_over", "outliers",
    "outliers_end", "guests", "guests_end",
)  # fmt: skip


def _lists(
    patients: PatientTable, plan: Itinerary, facilities: Facilities, numbers: dict[str, int]
) -> Arrays:
    """Waiting lists and clinics, with room for everybody who may ever be on each."""
    f, rules = facilities, facilities.regions[0].rules
    rooms = np.concatenate(
        [
            _most(patients, plan, plan.list, f.type_list, len(f.lists)),
            _most(patients, plan, plan.clinic, f.type_clinic, len(f.clinics)),
        ]
    )
    n = numbers["n_units"]
    of_lists = ("by_patient", "carry", "threshold", "thresholds", "first_entry")
    out: Arrays = {name: np.zeros(n, np.int64) for name in of_lists}
    out["bed_ward"] = np.full(n, -1, np.int64)
    first = numbers["lists"]  # clinics follow the lists
    out["first_entry"][first : first + len(rooms)] = np.cumsum(rooms) - rooms
    chances: list[float] = []
    for i, (_, _, kind) in enumerate(f.lists):
        by_patient = PATIENT if kind == "ward" else 0
        out["bed_ward"][first + i] = f.list_ward[i]
        out["by_patient"][first + i] = by_patient
        out["carry"][first + i] = by_patient or rules.session_carry_minutes
        table = join_threshold(f.reference_length[i], rules.joining_elasticity, rules.candidates_per_referral)
        out["threshold"][first + i], out["thresholds"][first + i] = len(chances), len(table)
        chances += table
    longest = int(rooms.max(initial=0))
    return out | {
        "join_threshold": np.array(chances),
        "entry_due": np.empty(rooms.sum(), np.int64),
        "entry_patient": np.empty(rooms.sum(), np.int64),
        "front": np.empty(rooms.sum(), np.int64),
        "planning": np.empty(longest, np.int64),
        "skipping": np.empty(longest, np.int64),
    }


def _most(
    patients: PatientTable, plan: Itinerary, column: np.ndarray, of_type: np.ndarray, n: int
) -> np.ndarray:
    """How many may ever wait at each of ``n`` lists or clinics: those sent there, and those who may
    choose it."""
    sent = column[plan.active & (plan.option < 0)]
    out = np.bincount(sent[sent >= 0], minlength=n)
    types, choosers = np.unique(patients.type[plan.active & (plan.option >= 0)], return_counts=True)
    for k, count in zip(types.tolist(), choosers.tolist(), strict=True):
        out[np.unique(of_type[k][of_type[k] >= 0])] += count
    return out


def _calendar(facilities: Facilities) -> Arrays:
    """Capacities by day."""
    f = facilities
    return {
        "changes": capacity_changes(f),
        "kept_free_on": f.kept_free,
        "heir_on": f.heir,
        "pace": f.list_pace,
        **{name: getattr(f, name) for name in OF_FACILITIES},
    }


OF_FACILITIES = (
    "phase_of_day", "ward_beds", "places", "pool_of", "long_term_places", "supported_housing",
    "home_care_starts", "kad_beds", "team_places", "session_capacity", "clinic_capacity", "openings",
    "type_list", "type_clinic", "ward_of",
)  # fmt: skip


def _written(facilities: Facilities, postponements: int) -> Arrays:
    """Room for the run's own books."""
    f = facilities
    sessions = np.count_nonzero(f.session_capacity > 0)
    midnights = len(f.phase_of_day) - 1
    counted = len(f.wards) + len(f.pools) + len(f.kad_units) + len(f.teams)
    return {
        "sessions": np.empty((sessions, 8), np.int64),
        "postponements": np.empty((postponements, 3), np.int64),
        "census": np.empty((midnights, counted), np.int32),
    }


def _events(world: World, facilities: Facilities) -> Events:
    f = facilities
    postponed = world.postponements.reshape(-1, 3)[: world.number("n_postponements")]
    sessions = world.sessions.reshape(-1, 8)[: world.number("n_sessions")]
    counted = [len(units) for units in (f.wards, f.pools, f.kad_units, f.teams)]
    census = world.census.reshape(len(f.phase_of_day) - 1, sum(counted))
    parts = np.split(census, np.cumsum(counted)[:-1], axis=1)
    return Events(*postponed.T.copy(), *sessions.T.copy(), *(np.ascontiguousarray(p) for p in parts))
