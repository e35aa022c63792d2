"""The SimPy engine: the clock, the calendar and everybody's columns; :mod:`ways` holds the patients'.

The clock counts whole seconds. Beds, places and lists are capsim's own pools (``hospital``,
``municipality``, ``ambulant``); SimPy keeps the time, the events and the calendar's processes.
Every event that changes something is scheduled through ``Environment.schedule(priority=…)`` with
the key (rank of its kind, patient id), so the order of events is total. Whoever is granted
something is woken at once, before the next such event, and only books what was decided.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence
from typing import Any

import numpy as np
import simpy

from capsim.demand.columns import (
    ACUTE,
    ASSESSMENT,
    ELECTIVE,
    FROM_HOME,
    KAD_OWN,
    READMISSION,
)
from capsim.demand.patients import PatientTable
from capsim.models import ways
from capsim.models.ambulant import Places
from capsim.models.clock import Clock, Moment, Process, Way
from capsim.models.facilities import PATIENT, Facilities, capacity_changes, join_threshold
from capsim.models.hospital import Clinic, WaitingList, Ward
from capsim.models.itinerary import Itinerary
from capsim.models.municipality import HomeCare, SettledPlaces, ShortTermPlaces
from capsim.models.pathway import DAY, HOUR, NEVER, Kind, Outcome, Start, order_key
from capsim.models.records import Events, Stays
from capsim.region.region import UNLIMITED

__all__ = ["Simulation"]

ARRIVAL = order_key(Kind.ARRIVAL, 0)
SETTLED_END = order_key(Kind.SETTLED_END, 0)
# as plain integers: looked up a hundred thousand times a run
SEEN_BEFORE = int(Start.ON_LIST)
ON_LIST, AT_CLINIC, ASSESSED = int(Outcome.ON_LIST), int(Outcome.AT_CLINIC), int(Outcome.ASSESSED)

WAY_OF = {ACUTE: ways.acute, ELECTIVE: ways.elective, KAD_OWN: ways.own_kad, FROM_HOME: ways.from_home}


def _seconds(hour: float | None) -> int | None:
    return None if hour is None else round(hour * HOUR)


class Simulation:
    """One run of one region with one table of patients.

    The attributes named as :class:`~capsim.models.records.Stays`' columns are lists with an entry
    per patient; the run writes them, :meth:`stays` hands them back as arrays.
    """

    def __init__(self, patients: PatientTable, plan: Itinerary, facilities: Facilities):
        n = len(patients)
        f, rules = facilities, facilities.regions[0].rules
        self.patients, self.plan, self.facilities = patients, plan, facilities
        self.env = Clock(initial_time=-patients.warm_up_days * DAY)
        self.end = patients.days * DAY
        # the rules, in seconds
        self.ward_round = _seconds(rules.ward_round_hour)
        self.discharge_hour = _seconds(rules.discharge_hour)
        self.place_hour = _seconds(rules.place_hour)
        self.boarding_limit = _seconds(rules.boarding_limit_hours)
        self.session_second = round(rules.session_hour * HOUR)
        self.clinic_second = round(rules.clinic_hour * HOUR)
        self.bed_second = round(rules.bed_hour * HOUR)
        self.home_care_second = round(rules.home_care_morning_hour * HOUR)
        self.notice = round(rules.notice_hours * HOUR)
        self.stretches = rules.stretch_after_days is not None
        self.housing_stretches = rules.housing_stretch_days is not None
        self.falls_ill = "after" in patients.features and rules.ill_again_per_day > 0
        self.look_ahead = rules.list_look_ahead
        self.any_hour = rules.elective_at_any_hour
        # what awaits each patient: lists, because an engine in Python reads one entry at a time
        self.arrival: list[int] = patients.arrival.tolist()
        self.start: list[int] = plan.start.tolist()
        self.municipality: list[int] = patients.municipality.tolist()
        self.stay: list[int] = plan.stay.tolist()
        self.dies: list[bool] = plan.dies.tolist()
        self.transfer_after: list[int] = plan.transfer_after.tolist()
        self.readmits: list[bool] = plan.readmits.tolist()
        self.need: list[int] = plan.need.tolist()
        self.notified_early: list[bool] = plan.notified_early.tolist()
        self.response: list[int] = plan.response.tolist()
        self.complex: list[int] = plan.complex.tolist()
        self.home_second: list[int] = plan.home_second.tolist()
        self.ill_after: list[int] = plan.ill_after.tolist()
        self.pool: list[int] = plan.pool.tolist()
        self.place_stay: list[int] = plan.place_stay.tolist()
        self.stretch: list[int] = plan.stretch.tolist()
        self.kad: list[int] = plan.kad.tolist()
        self.kad_stay: list[int] = plan.kad_stay.tolist()
        self.kad_sent_on: list[bool] = plan.kad_sent_on.tolist()
        self.averting = _teams_of(plan.averts)
        self.early = _teams_of(plan.early)
        self.following = _teams_of(plan.follows)
        self.day_surgery: list[bool] = plan.day_surgery.tolist()
        self.goes_on: list[bool] = plan.goes_on.tolist()
        self.option: list[int] = plan.option.tolist()
        self.options: list[list[float]] = plan.options.tolist()
        self.first_due: list[int] = plan.first_due.tolist()
        self.not_before: list[int] = plan.not_before.tolist()
        self.minutes: list[int] = plan.minutes.tolist()
        self.due: list[int] = plan.due.tolist()
        self.join: list[float] = plan.join.tolist()
        # where they wait and lie; what depends on others may send them elsewhere than planned
        self.hospital: list[int] = plan.hospital.tolist()
        self.ward: list[int] = plan.ward.tolist()
        self.list_of: list[int] = plan.list.tolist()
        self.clinic_of: list[int] = plan.clinic.tolist()
        # what happens to each patient: the columns of Stays
        self.outcome: list[int] = [int(Outcome.NOT_IN_SCENARIO)] * n
        self.arrived: list[int] = [NEVER] * n
        self.seen: list[int] = [NEVER] * n
        self.asked: list[int] = [NEVER] * n
        self.admitted: list[int] = [NEVER] * n
        self.bed: list[int] = [NEVER] * n
        self.moved: list[int] = [NEVER] * n
        self.moved_to: list[int] = [-1] * n
        self.ready: list[int] = [NEVER] * n
        self.can_receive: list[int] = [NEVER] * n
        self.ill: list[int] = [NEVER] * n
        self.ready_again: list[int] = [NEVER] * n
        self.offer: list[int] = [NEVER] * n
        self.settled: list[int] = [NEVER] * n
        self.left: list[int] = [NEVER] * n
        self.place_start: list[int] = [NEVER] * n
        self.place_end: list[int] = [NEVER] * n
        self.stretched: list[bool] = [False] * n
        self.kad_start: list[int] = [NEVER] * n
        self.kad_end: list[int] = [NEVER] * n
        self.kad_refused: list[bool] = [False] * n
        self.team: list[int] = [-1] * n
        self.team_start: list[int] = [NEVER] * n
        self.team_end: list[int] = [NEVER] * n
        self.follow_team: list[int] = [-1] * n
        self.follow_start: list[int] = [NEVER] * n
        self.follow_end: list[int] = [NEVER] * n
        self.joined: list[bool] = [False] * n
        self.treated: list[int] = [NEVER] * n
        self.planned: list[int] = [0] * n
        self.postponed: list[int] = [0] * n
        # what only the run needs to know
        self.waiting: dict[int, simpy.Event] = {}
        self.turn: list[int] = [0] * n  # a place asked for in an earlier turn is not wanted any more
        self.in_pool: list[bool] = [False] * n  # has a short-term place, or the promise of one
        self.leave_day: list[int] = [NEVER] * n
        self.blocked_by: list[int] = [-1] * n
        self.postponement_log: list[tuple[int, int, int]] = []
        self.session_log: list[tuple[int, ...]] = []
        self.census: tuple[list[list[int]], ...] = ([], [], [], [])  # wards, pools, KAD units, teams
        # what can be full
        self.wards = [
            Ward(self, w, b, r)
            for w, (b, r) in enumerate(zip(f.ward_beds[0].tolist(), f.ward_reserve.tolist(), strict=True))
        ]
        for ward, outliers in zip(self.wards, f.outliers, strict=True):
            ward.outliers = [self.wards[o] for o in outliers]
            for other in ward.outliers:
                other.guests.append(ward)
        self.lists = [self._list(i, rules.session_carry_minutes) for i in range(len(f.lists))]
        self.pace: list[float] = f.list_pace[f.phase_of_day[0]].tolist()
        self.threshold = [
            join_threshold(x, rules.joining_elasticity, rules.candidates_per_referral)
            for x in f.reference_length
        ]
        self.clinics = [Clinic(self) for _ in f.clinics]
        self.pools = [
            ShortTermPlaces(self, i, c, k)
            for i, (c, k) in enumerate(zip(f.places[0].tolist(), f.kept_free[0].tolist(), strict=True))
        ]
        self.pool_of: list[int] = f.pool_of[0].tolist()
        self.home_care = [HomeCare(self, m, c) for m, c in enumerate(f.home_care_starts[0].tolist())]
        self.long_term = [SettledPlaces(self, c) for c in f.long_term_places[0].tolist()]
        self.housing = [SettledPlaces(self, c) for c in f.supported_housing[0].tolist()]
        self.kad_units = [Places(c) for c in f.kad_beds[0].tolist()]
        self.teams = [Places(c) for c in f.team_places[0].tolist()]
        latest = {t.id: t for region in f.regions for t in region.teams}
        self.municipal_visits = [latest[t].municipal_visits_per_day > 0 for t in f.teams]

    def _list(self, index: int, carry_minutes: int) -> WaitingList:
        ward = int(self.facilities.list_ward[index])
        by_patient = self.facilities.lists[index][2] == "ward"
        unit, carry = (PATIENT, PATIENT) if by_patient else (0, carry_minutes)
        return WaitingList(self, index, self.wards[ward] if ward >= 0 else None, unit, carry)

    def run(self) -> None:
        """Run the clock to the end; an event at or after the end does not happen."""
        env = self.env
        self._load()
        Way(self._midnights())
        Way(self._calendar())
        if len(self.facilities.openings):
            Way(self._openings())
        if self.lists:
            Way(self._sessions())
        if self.clinics:
            Way(self._clinic_days())
        Way(self._arrivals())
        # Nothing here becomes garbage in a cycle before the end, but a hundred thousand living
        # generators make the collector's every pass long: a quarter of the run's time.
        collecting = gc.isenabled()
        gc.disable()
        try:
            env.run(until=self.end)
        finally:
            if collecting:
                gc.enable()

    def forget(self) -> None:
        """Let go of everything: wards, lists and sleeping patients refer to each other in circles,
        which would keep a run's memory until the collector comes by."""
        vars(self).clear()

    # ---------------------------------------------------------------- time

    def until(self, time: int, key: int) -> Moment:
        """The event at ``time`` with the order ``key`` (see :func:`order_key`)."""
        env = self.env
        moment = Moment(env)
        env.schedule(moment, key, time - env.now)
        return moment

    def at(self, time: int, key: int, act: Any) -> None:
        """Call ``act()`` at ``time``."""
        self.until(time, key).callbacks.append(lambda _: act())

    def wait(self, p: int) -> simpy.Event:
        """The event by which ``p`` will be woken."""
        event = self.waiting[p] = simpy.Event(self.env)
        return event

    def wake(self, p: int) -> None:
        self.waiting.pop(p).succeed()

    # ---------------------------------------------------------------- who comes, and the calendar

    def _load(self) -> None:
        """Put those who were there before into their beds, places and lists, in the order of id."""
        start, clock = self.plan.start, self.env.now
        self._pools_change(0)
        if self.facilities.regions[0].rules.loaded_start:
            for pool in (*self.long_term, *self.housing):
                pool.occupied = pool.places if pool.places < UNLIMITED else 0
        for p in np.flatnonzero(self.plan.active & (start > Start.GONE)).tolist():
            where = start[p]
            self.arrived[p] = self.arrival[p]
            if where == Start.IN_BED:
                Way(ways.already_in_bed(self, p))
            elif where == Start.IN_PLACE:
                self.place_start[p] = int(self.plan.began[p])
                self.pools[self.pool[p]].occupied += 1
                Way(ways.in_place(self, p, self._back_after_start(p)))
            elif where == Start.IN_KAD:
                self.kad_start[p] = int(self.plan.began[p])
                self.kad_units[self.kad[p]].occupied += 1
                Way(ways.in_kad(self, p))
            elif self.goes_on[p]:
                Way(ways.elective(self, p))
            else:
                ways.assessment(self, p)
        gone = self.plan.active & self.plan.readmits & (start == Start.GONE) & (self.plan.began <= clock)
        for p in np.flatnonzero(gone).tolist():
            self._back_after_start(p)

    def _back_after_start(self, p: int) -> int:
        """When somebody who left hospital before the start is readmitted; if it was before the start
        too, they are not there (and the warm-up makes up for it)."""
        back = int(self.plan.began[p] + self.plan.readmit_delay[p])
        if not self.readmits[p] or back < self.env.now:
            return ways.FAR
        self.readmit(p, back)
        return back

    def readmit(self, p: int, time: int) -> None:
        """The readmission of ``p`` falls ill at ``time``."""
        child = int(self.plan.child[p])
        self.at(time, ARRIVAL + child, lambda: self._arrive(child, ways.to_hospital))

    def _arrive(self, p: int, way: Any) -> None:
        self.arrived[p] = self.env.now
        Way(way(self, p))

    def _arrivals(self) -> Process:
        """Everyone in the order of (arrival, id), each on their own way."""
        stream, arrival = self.patients.stream.tolist(), self.arrival
        first = self.patients.stream != READMISSION
        comes = np.flatnonzero(self.plan.active & first & (self.plan.start == Start.COMES_LATER))
        for p in comes.tolist():
            yield self.until(arrival[p], ARRIVAL + p)
            self.arrived[p] = arrival[p]
            if stream[p] == ASSESSMENT:
                ways.assessment(self, p)
            else:
                Way(self.way(p, stream[p]))

    def way(self, p: int, stream: int) -> Process:
        """The way of ``p``, who arrives now: what a pathway of your own overrides."""
        return WAY_OF.get(stream, ways.to_hospital)(self, p)

    def _calendar(self) -> Process:
        """Capacities change at the midnight that begins a day: staffing, and the region's phases."""
        f = self.facilities
        for i in np.flatnonzero(capacity_changes(f)).tolist():
            yield self.until((f.first_day + i) * DAY, order_key(Kind.CAPACITY, 0))
            self.pace = f.list_pace[f.phase_of_day[i]].tolist()
            for ward, beds in zip(self.wards, f.ward_beds[i].tolist(), strict=True):
                ward.beds = beds
            for ward in self.wards:
                ward.hand_out()
            for pools, capacity in (
                (self.long_term, f.long_term_places),
                (self.housing, f.supported_housing),
            ):
                for settled, places in zip(pools, capacity[i].tolist(), strict=True):
                    settled.places = places
                    settled.hand_out()
            self._pools_change(i)
            for home_care, starts in zip(self.home_care, f.home_care_starts[i].tolist(), strict=True):
                home_care.starts_per_day = starts
            for units, now in ((self.kad_units, f.kad_beds[i]), (self.teams, f.team_places[i])):
                for unit, places in zip(units, now.tolist(), strict=True):
                    unit.places = places

    def _pools_change(self, i: int) -> None:
        """The short-term places of simulated day ``i``, and which municipality uses which pool."""
        f = self.facilities
        self.pool_of = f.pool_of[i].tolist()
        rows = (f.places[i].tolist(), f.kept_free[i].tolist(), f.heir[i].tolist())
        for pool, places, kept_free, heir in zip(self.pools, *rows, strict=True):
            pool.places, pool.kept_free = places, kept_free
            if (now := self.pools[heir] if heir >= 0 else None) is not pool.heir:
                pool.pass_on(now)
        for pool in self.pools:
            pool.hand_out()

    def _openings(self) -> Process:
        """Those who were settled when the clock started leave, one by one."""
        for time, m, kind in self.facilities.openings.tolist():
            yield self.until(time, order_key(Kind.OPENING, 2 * m + kind))
            (self.housing if kind else self.long_term)[m].release()

    def _midnights(self) -> Process:
        """Count who lies where at every midnight: the engine's own books, to check the records by."""
        for day in range(self.facilities.first_day + 1, self.patients.days):
            yield self.until(day * DAY, order_key(Kind.MIDNIGHT, 0))
            for census, units in zip(self.census, self._units(), strict=True):
                census.append([unit.occupied for unit in units])

    def _units(self) -> tuple[Sequence[Ward | ShortTermPlaces | Places], ...]:
        """What the census counts, in the order of the events' columns."""
        return self.wards, self.pools, self.kad_units, self.teams

    def _sessions(self) -> Process:
        """Every morning, list by list, where there is a session: in the lists' order on even days
        and backwards on odd ones, so that no list is always last to ask for the ward's beds."""
        capacity = self.facilities.session_capacity.T.tolist()
        for i, today in enumerate(capacity):
            day = self.facilities.first_day + i
            yield self.until(day * DAY + self.session_second, order_key(Kind.SESSION, 0))
            sessions = list(zip(self.lists, today, strict=True))
            for waiting_list, has in sessions if day % 2 == 0 else reversed(sessions):
                if has > 0:
                    waiting_list.hold_session(day, has)

    def _clinic_days(self) -> Process:
        """Every morning with slots, clinic by clinic."""
        for i, today in enumerate(self.facilities.clinic_capacity.T.tolist()):
            if any(today):
                time = (self.facilities.first_day + i) * DAY + self.clinic_second
                yield self.until(time, order_key(Kind.CLINIC, 0))
                for clinic, slots in zip(self.clinics, today, strict=True):
                    if slots > 0:
                        clinic.hold(slots)

    def home_care_morning(self, home_care: HomeCare) -> None:
        """Tomorrow morning's home-care starts."""
        tomorrow = (self.env.now // DAY + 1) * DAY + self.home_care_second
        self.at(tomorrow, order_key(Kind.HOME_CARE_MORNING, home_care.municipality), home_care.morning)

    # ---------------------------------------------------------------- what ways and pools ask for

    def ward_with(self, p: int) -> Ward:
        """The ward that ``p`` is in now."""
        return self.wards[self.ward[p] if self.moved_to[p] < 0 else self.moved_to[p]]

    def best_site(self, p: int, option: int) -> int:
        """The site of the largest worth less expected wait, both in days; the first of equals. The
        expected wait is the list's length over its pace."""
        lists = self.facilities.type_list[self.patients.type[p]].tolist()
        best, most = self.hospital[p], -np.inf
        for site, worth in enumerate(self.options[option]):
            if worth == -np.inf or lists[site] < 0 or self.pace[lists[site]] <= 0:
                continue
            value = worth - self.lists[lists[site]].awaiting / self.pace[lists[site]]
            if value > most:
                best, most = site, value
        return best

    def send_to(self, p: int, site: int) -> None:
        """Refer ``p`` to ``site`` instead of where the patient was to go."""
        if site != self.hospital[p]:
            f, kind = self.facilities, self.patients.type[p]
            self.hospital[p] = site
            self.stay[p] = int(self.plan.option_stay[self.option[p], site])
            self.list_of[p] = int(f.type_list[kind, site])
            self.clinic_of[p] = int(f.type_clinic[kind, site])
            self.ward[p] = int(f.ward_of[site, self.plan.specialty[p]])

    def to_clinic(self, p: int) -> None:
        """Wait for first contact, or go straight on where there is no clinic or it was before."""
        clinic = self.clinic_of[p]
        if clinic < 0:
            self.first_contact(p)
        elif self.start[p] == SEEN_BEFORE:  # seen before the clock started, as planned
            self.seen[p] = self.not_before[p]
            self._to_list(p)
        else:
            self.outcome[p] = AT_CLINIC
            self.clinics[clinic].ask(p)

    def first_contact(self, p: int) -> None:
        """Seen: on to the waiting list, or finished."""
        if self.clinic_of[p] >= 0 or not self.goes_on[p]:
            self.seen[p] = self.env.now
        if self.goes_on[p]:
            self._to_list(p)
        else:
            self.outcome[p] = ASSESSED

    def _to_list(self, p: int) -> None:
        self.outcome[p] = ON_LIST
        self.lists[self.list_of[p]].join(p)

    def call_in(self, p: int) -> None:
        self.lists[self.list_of[p]].awaiting -= 1
        self.wake(p)

    def postpone(self, p: int, cause: int) -> None:
        self.postponed[p] += 1
        self.postponement_log.append((self.env.now, p, int(cause)))

    def still_asks(self, p: int, turn: int) -> bool:
        """Whether ``p`` still waits in hospital for what was asked for in that turn."""
        return self.offer[p] == NEVER and self.turn[p] == turn

    def grant(self, p: int) -> None:
        """The municipality offers a place or a start to ``p``, who waits in hospital."""
        self.offer[p] = self.env.now
        self.wake(p)

    def choose_pool(self, p: int) -> None:
        """The short-term places that the municipality of ``p`` uses today."""
        pool = self.pool_of[self.municipality[p]]
        if pool >= 0:
            self.pool[p] = pool

    def settle(self, p: int, pool: SettledPlaces) -> None:
        """``p`` has a long-term place or a home from now on, for the stay there."""
        self.settled[p] = now = self.env.now
        self.at(now + int(self.plan.settled_stay[p]), SETTLED_END + p, pool.release)

    def interrupt(self, p: int, turn: int) -> None:
        """``p`` falls ill again: what was asked for is not wanted, if it has not come."""
        if self.still_asks(p, turn):
            self.withdraw(p, turn)

    def withdraw(self, p: int, turn: int) -> None:
        """``p`` no longer waits for what was asked for in that turn."""
        if self.turn[p] == turn and p in self.waiting:
            self.turn[p] += 1
            self.wake(p)

    def find_dwelling(self, p: int, turn: int) -> None:
        """A temporary dwelling is found for ``p``, who still waits for supported housing."""
        if self.still_asks(p, turn):
            self.turn[p] += 1
            self.stretched[p] = True
            self.grant(p)

    def end_follow_up(self, p: int) -> None:
        self.follow_end[p] = self.env.now
        self.teams[self.follow_team[p]].release()

    # ---------------------------------------------------------------- what happened

    def stays(self) -> Stays:
        def times(column: list[int]) -> np.ndarray:
            """What would come at or after the end has not come."""
            values = np.array(column, dtype=np.int64)
            return np.where(values < self.end, values, NEVER)

        def small(column: Sequence[int | bool], dtype: type) -> np.ndarray:
            return np.array(column, dtype=dtype)

        arrived = np.where(self.patients.parent < 0, self.patients.arrival, times(self.arrived))
        return Stays(
            outcome=small(self.outcome, np.int8),
            arrived=np.where(self.plan.active, arrived, NEVER),
            pool=small(self.pool, np.int16),
            hospital=small(self.hospital, np.int16),
            ward=small(self.ward, np.int16),
            seen=times(self.seen),
            asked=times(self.asked),
            admitted=times(self.admitted),
            bed=times(self.bed),
            moved=times(self.moved),
            moved_to=small(self.moved_to, np.int16),
            ready=times(self.ready),
            can_receive=times(self.can_receive),
            ill=times(self.ill),
            ready_again=times(self.ready_again),
            offer=times(self.offer),
            settled=times(self.settled),
            left=times(self.left),
            place_start=times(self.place_start),
            place_end=times(self.place_end),
            stretched=small(self.stretched, bool),
            kad_start=times(self.kad_start),
            kad_end=times(self.kad_end),
            kad_refused=small(self.kad_refused, bool),
            team=small(self.team, np.int16),
            team_start=times(self.team_start),
            team_end=times(self.team_end),
            follow_team=small(self.follow_team, np.int16),
            follow_start=times(self.follow_start),
            follow_end=times(self.follow_end),
            joined=small(self.joined, bool),
            treated=times(self.treated),
            planned=small(self.planned, np.int32),
            postponed=small(self.postponed, np.int32),
        )

    def events(self) -> Events:
        postponed = np.array(self.postponement_log, dtype=np.int64).reshape(-1, 3)
        sessions = np.array(self.session_log, dtype=np.int64).reshape(-1, 8)
        census = (
            np.array(c, dtype=np.int32).reshape(len(c), len(u))
            for c, u in zip(self.census, self._units(), strict=True)
        )
        return Events(*postponed.T.copy(), *sessions.T.copy(), *census)


def _teams_of(eligible: np.ndarray) -> dict[int, tuple[int, ...]]:
    """The teams that each patient may have, in the teams' order; only patients who may have one."""
    return {
        p: tuple(np.flatnonzero(eligible[p]).tolist()) for p in np.flatnonzero(eligible.any(axis=1)).tolist()
    }
