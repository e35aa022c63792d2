"""The SimPy engine: a process per patient that reads as the patient's way.

The clock counts whole seconds. Beds, places and lists are capsim's own pools (``hospital``,
``municipality``, ``ambulant``); SimPy keeps the time, the events and the calendar's processes.
Every event that changes something is scheduled through ``Environment.schedule(priority=…)`` with
the key (rank of its kind, patient id), so the order of events is total. Whoever is granted
something is woken at once, before the next such event, and only books what was decided.
"""

from __future__ import annotations

import gc
from collections.abc import Generator, Sequence
from typing import Any

import numpy as np
import simpy

from capsim.demand.patients import ACUTE, ELECTIVE, KAD_OWN, PatientTable
from capsim.models.ambulant import Places
from capsim.models.clock import Clock, Moment, Process, Way
from capsim.models.facilities import PATIENT, Facilities
from capsim.models.hospital import WaitingList, Ward
from capsim.models.itinerary import Itinerary
from capsim.models.municipality import HomeCare, ShortTermPlaces
from capsim.models.pathway import (
    DAY,
    HOUR,
    NEVER,
    Kind,
    Need,
    Outcome,
    Start,
    order_key,
    round_after,
    round_nearest,
)
from capsim.models.records import Events, Stays

__all__ = ["Simulation"]

NOTHING, SHORT_TERM = int(Need.NOTHING), int(Need.SHORT_TERM)
ARRIVAL, LEAVE, ASK = (
    order_key(Kind.ARRIVAL, 0),
    order_key(Kind.LEAVE, 0),
    order_key(Kind.ASK_MUNICIPALITY, 0),
)
PLACE_END, KAD_END, COURSE_END = (
    order_key(Kind.PLACE_END, 0),
    order_key(Kind.KAD_END, 0),
    order_key(Kind.COURSE_END, 0),
)
BED_TIME, EARLY_DISCHARGE = order_key(Kind.BED_TIME, 0), order_key(Kind.EARLY_DISCHARGE, 0)
# as plain integers: looked up a million times a run
NOT_JOINED, TURNED_AWAY, REFUSED_KAD = (
    int(Outcome.NOT_JOINED),
    int(Outcome.TURNED_AWAY),
    int(Outcome.REFUSED_KAD),
)
ON_LIST, AWAITING_BED, NOT_YET = int(Outcome.ON_LIST), int(Outcome.AWAITING_BED), int(Outcome.NOT_YET)
IN_HOSPITAL, IN_PLACE, IN_KAD = int(Outcome.IN_HOSPITAL), int(Outcome.IN_PLACE), int(Outcome.IN_KAD)
WITH_TEAM, HOME = int(Outcome.WITH_TEAM), int(Outcome.HOME)
STRETCH, BOARDING = order_key(Kind.STRETCH, 0), order_key(Kind.BOARDING, 0)


def _seconds(hour: float | None) -> int | None:
    return None if hour is None else round(hour * HOUR)


class Simulation:
    """One run of one region with one table of patients.

    The attributes named as :class:`~capsim.models.records.Stays`' columns are lists with an entry
    per patient; the run writes them, :meth:`stays` hands them back as arrays.
    """

    def __init__(self, patients: PatientTable, plan: Itinerary, facilities: Facilities):
        n = len(patients)
        rules = facilities.regions[0].rules
        self.patients, self.plan, self.facilities = patients, plan, facilities
        self.env = Clock(initial_time=-patients.warm_up_days * DAY)
        self.end = patients.days * DAY
        # the rules, in seconds
        self.ward_round = _seconds(rules.ward_round_hour)
        self.discharge_hour = _seconds(rules.discharge_hour)
        self.place_hour = _seconds(rules.place_hour)
        self.boarding_limit = _seconds(rules.boarding_limit_hours)
        self.session_second = round(rules.session_hour * HOUR)
        self.bed_second = round(rules.bed_hour * HOUR)
        self.home_care_second = round(rules.home_care_morning_hour * HOUR)
        self.notice = round(rules.notice_hours * HOUR)
        self.stretches = rules.stretch_after_days is not None
        self.look_ahead = rules.list_look_ahead
        self.any_hour = rules.elective_at_any_hour
        # what awaits each patient: lists, because an engine in Python reads one entry at a time
        self.arrival: list[int] = patients.arrival.tolist()
        self.municipality: list[int] = patients.municipality.tolist()
        self.ward: list[int] = plan.ward.tolist()
        self.stay: list[int] = plan.stay.tolist()
        self.need: list[int] = plan.need.tolist()
        self.notified_early: list[bool] = plan.notified_early.tolist()
        self.response: list[int] = plan.response.tolist()
        self.complex: list[int] = plan.complex.tolist()
        self.home_second: list[int] = plan.home_second.tolist()
        self.pool: list[int] = plan.pool.tolist()
        self.place_stay: list[int] = plan.place_stay.tolist()
        self.stretch: list[int] = plan.stretch.tolist()
        self.kad: list[int] = plan.kad.tolist()
        self.kad_stay: list[int] = plan.kad_stay.tolist()
        self.kad_sent_on: list[bool] = plan.kad_sent_on.tolist()
        self.averting = _teams_of(plan.averts)
        self.early = _teams_of(plan.early)
        self.list_of: list[int] = plan.list.tolist()
        self.day_surgery: list[bool] = plan.day_surgery.tolist()
        self.minutes: list[int] = plan.minutes.tolist()
        self.due: list[int] = plan.due.tolist()
        self.join: list[float] = plan.join.tolist()
        # what happens to each patient: the columns of Stays
        self.outcome: list[int] = [Outcome.NOT_IN_SCENARIO] * n
        self.asked: list[int] = [NEVER] * n
        self.admitted: list[int] = [NEVER] * n
        self.bed: list[int] = [NEVER] * n
        self.ready: list[int] = [NEVER] * n
        self.can_receive: list[int] = [NEVER] * n
        self.offer: list[int] = [NEVER] * n
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
        self.joined: list[bool] = [False] * n
        self.treated: list[int] = [NEVER] * n
        self.planned: list[int] = [0] * n
        self.postponed: list[int] = [0] * n
        self.waiting: dict[int, simpy.Event] = {}
        self.postponement_log: list[tuple[int, int]] = []
        self.session_log: list[tuple[int, ...]] = []
        self.census: tuple[list[list[int]], ...] = ([], [], [], [])  # wards, pools, KAD units, teams
        # what can be full
        f = facilities
        self.wards = [
            Ward(self, b, r) for b, r in zip(f.ward_beds[0].tolist(), f.ward_reserve.tolist(), strict=True)
        ]
        self.lists = [self._list(i, rules.session_carry_minutes) for i in range(len(f.lists))]
        self.threshold = [
            _join_threshold(x, rules.joining_elasticity, rules.candidates_per_referral)
            for x in f.reference_length
        ]
        self.pools = [
            ShortTermPlaces(self, c, k)
            for c, k in zip(f.places[0].tolist(), f.kept_free.tolist(), strict=True)
        ]
        self.home_care = [HomeCare(self, m, c) for m, c in enumerate(f.home_care_starts[0].tolist())]
        self.kad_units = [Places(c) for c in f.kad_beds[0].tolist()]
        self.teams = [Places(c) for c in f.team_places[0].tolist()]

    def _list(self, index: int, carry_minutes: int) -> WaitingList:
        ward = int(self.facilities.list_ward[index])
        by_patient = self.facilities.lists[index][2] == "ward"
        unit, carry = (PATIENT, PATIENT) if by_patient else (0, carry_minutes)
        return WaitingList(self, index, self.wards[ward] if ward >= 0 else None, unit, carry)

    def run(self) -> None:
        """Run the clock to the end; an event at or after the end does not happen."""
        env = self.env
        self._load()
        env.process(self._midnights())
        env.process(self._calendar())
        if self.lists:
            env.process(self._sessions())
        env.process(self._arrivals())
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
        start = self.plan.start
        for p in np.flatnonzero(self.plan.active & (start > Start.GONE)).tolist():
            where = start[p]
            if where == Start.IN_BED:
                Way(self._already_in_bed(p))
            elif where == Start.ON_LIST:
                Way(self._elective(p))
            elif where == Start.IN_PLACE:
                self.place_start[p] = int(self.plan.began[p])
                self.pools[self.pool[p]].occupied += 1
                Way(self._in_place(p))
            else:
                self.kad_start[p] = int(self.plan.began[p])
                self.kad_units[self.kad[p]].occupied += 1
                Way(self._in_kad(p))

    def _arrivals(self) -> Process:
        """Everyone in the order of (arrival, id), each on their own way."""
        ways = {ACUTE: self._acute, ELECTIVE: self._elective, KAD_OWN: self._own_kad}
        stream, arrival = self.patients.stream.tolist(), self.arrival
        comes = np.flatnonzero(self.plan.active & (self.plan.start == Start.COMES_LATER))
        for p in comes.tolist():
            yield self.until(arrival[p], ARRIVAL + p)
            Way(ways.get(stream[p], self._from_home)(p))

    def _calendar(self) -> Process:
        """The region's later phases: capacities change on their day."""
        f = self.facilities
        for k in range(1, len(f.phase_start)):
            yield self.until(int(f.phase_start[k]), order_key(Kind.CAPACITY, k))
            for ward, beds in zip(self.wards, f.ward_beds[k].tolist(), strict=True):
                ward.beds = beds
                ward.hand_out()
            for pool, places in zip(self.pools, f.places[k].tolist(), strict=True):
                pool.places = places
                pool.hand_out()
            for home_care, starts in zip(self.home_care, f.home_care_starts[k].tolist(), strict=True):
                home_care.starts_per_day = starts
            for units, capacity in ((self.kad_units, f.kad_beds[k]), (self.teams, f.team_places[k])):
                for unit, places in zip(units, capacity.tolist(), strict=True):
                    unit.places = places

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

    def home_care_morning(self, home_care: HomeCare) -> None:
        """Tomorrow morning's home-care starts."""
        tomorrow = (self.env.now // DAY + 1) * DAY + self.home_care_second
        self.at(tomorrow, order_key(Kind.HOME_CARE_MORNING, home_care.municipality), home_care.morning)

    # ---------------------------------------------------------------- the patients' ways

    def _acute(self, p: int) -> Process:
        """Falls ill: the ambulant team, KAD or the hospital, in that order, whichever can."""
        if self._team_takes(p, self.averting.get(p, ())):
            yield from self._at_home_with_team(p, int(self.plan.course[p, self.team[p]]))
            if not self.plan.escalates[p, self.team[p]]:
                return
        elif (unit := self.kad[p]) >= 0:
            if self.kad_units[unit].take():
                self.kad_start[p] = self.env.now
                yield from self._in_kad(p)
                return
            self.kad_refused[p] = True
        yield from self._to_hospital(p)

    def _own_kad(self, p: int) -> Process:
        """Would not have been admitted to hospital: a KAD bed or stays at home."""
        if self.kad_units[self.kad[p]].take():
            self.kad_start[p] = self.env.now
            yield from self._in_kad(p)
        else:
            self.kad_refused[p] = True
            self.outcome[p] = REFUSED_KAD

    def _in_kad(self, p: int) -> Process:
        self.outcome[p] = IN_KAD
        yield self.until(self.kad_start[p] + self.kad_stay[p], KAD_END + p)
        self.kad_end[p] = self.env.now
        self.kad_units[self.kad[p]].release()
        if self.kad_sent_on[p]:
            yield from self._to_hospital(p)
        else:
            self.outcome[p] = HOME

    def _team_takes(self, p: int, teams: tuple[int, ...]) -> bool:
        """The first of ``teams`` with a free place takes the patient."""
        for team in teams:
            if self.teams[team].take():
                self.team[p] = team
                return True
        return False

    def _at_home_with_team(self, p: int, duration: int) -> Process:
        self.team_start[p] = self.env.now
        self.outcome[p] = WITH_TEAM
        yield self.until(self.env.now + duration, COURSE_END + p)
        self.team_end[p] = self.env.now
        self.teams[self.team[p]].release()
        self.outcome[p] = HOME

    def _to_hospital(self, p: int) -> Process:
        """A bed in the patient's ward, else the emergency department, then the corridor."""
        ward, now = self.wards[self.ward[p]], self.env.now
        self.asked[p] = now
        if ward.take():
            self.admitted[p] = self.bed[p] = now
        else:
            self.outcome[p] = AWAITING_BED
            ward.boarding += 1
            ward.in_emergency.append(p)
            if self.boarding_limit is not None:
                self.at(now + self.boarding_limit, BOARDING + p, lambda: ward.board(p))
            yield self.wait(p)
        yield from self._stay(p, ward)

    def _elective(self, p: int) -> Process:
        """Referred: joins the list if it is not too long, waits to be called in, takes the bed."""
        ward = self.wards[self.ward[p]]
        if self.any_hour:
            yield from self._elective_at_any_hour(p, ward)
            return
        waiting_list = self.lists[self.list_of[p]]
        if self.arrival[p] >= self.env.now:
            threshold = self.threshold[waiting_list.index]
            if self.join[p] >= threshold[min(len(waiting_list), len(threshold) - 1)]:
                self.outcome[p] = NOT_JOINED
                return
        self.joined[p] = True
        self.outcome[p] = ON_LIST
        waiting_list.join(p)
        yield self.wait(p)
        self.asked[p] = now = self.env.now
        if self.day_surgery[p]:
            self.treated[p] = now
            self.outcome[p] = HOME
            return
        self.outcome[p] = NOT_YET
        yield self.until(now // DAY * DAY + self.bed_second, BED_TIME + p)
        ward.reserved -= 1
        if ward.occupied < ward.beds:
            ward.occupied += 1
            self.admitted[p] = self.bed[p] = self.env.now
        else:
            self.outcome[p] = AWAITING_BED
            ward.in_recovery.append(p)
            yield self.wait(p)
        self.treated[p] = self.admitted[p]
        yield from self._stay(p, ward)

    def _elective_at_any_hour(self, p: int, ward: Ward) -> Process:
        """The textbook queue: a bed at any hour, after the acute, in the order of referral."""
        self.joined[p] = True
        self.asked[p] = now = self.env.now
        if ward.take():
            self.admitted[p] = self.bed[p] = now
        else:
            self.outcome[p] = AWAITING_BED
            ward.electives.append(p)
            yield self.wait(p)
        self.treated[p] = self.admitted[p]
        yield from self._stay(p, ward)

    def call_in(self, p: int) -> None:
        self.wake(p)

    def postpone(self, p: int) -> None:
        self.postponed[p] += 1
        self.postponement_log.append((self.env.now, p))

    def _stay(self, p: int, ward: Ward) -> Process:
        """The hospital stay, from admission until the bed is free again, and what follows."""
        self.outcome[p] = IN_HOSPITAL
        admitted = self.admitted[p]
        ready = admitted + self.stay[p]
        if self.ward_round is not None:
            ready = round_nearest(ready, self.ward_round, self.env.now)
        self.ready[p] = ready
        if self.need[p] == NOTHING:
            leave = ready if self.discharge_hour is None else round_after(ready, self.discharge_hour)
            ward.leaving[leave // DAY] += 1
            if p in self.early and self.team[p] < 0:
                left_early = yield from self._early_discharge(p, ward, admitted, leave)
                if left_early:
                    return
            yield self.until(leave, LEAVE + p)
            self.left[p] = leave
            ward.release(p)
            self.outcome[p] = HOME
            return
        yield from self._await_municipality(p, admitted, ready)
        leave = self._departure(p)
        ward.leaving[leave // DAY] += 1
        yield self.until(leave, LEAVE + p)
        self.left[p] = leave
        ward.release(p)
        if self.need[p] == SHORT_TERM:
            self.place_start[p] = leave
            yield from self._in_place(p)
        else:
            self.outcome[p] = HOME

    def _await_municipality(self, p: int, admitted: int, ready: int) -> Process:
        """Ready: the municipality answers, then finds a place or a home-care start."""
        notice = min(admitted + self.notice, ready) if self.notified_early[p] else ready
        can_receive = notice + self.response[p]
        if self.response[p] and self.ward_round is not None:
            can_receive = round_after(can_receive, self.ward_round)  # late answers come in the morning
        can_receive = max(ready, can_receive) + self.complex[p]
        self.can_receive[p] = can_receive
        yield self.until(can_receive, ASK + p)
        if self.need[p] == SHORT_TERM:
            pool = self.pools[self.pool[p]]
            granted = pool.ask(p)
            if not granted and self.stretches:
                self.at(can_receive + self.stretch[p], STRETCH + p, lambda: pool.stretch(p))
        else:
            granted = self.home_care[self.municipality[p]].ask(p)
        if granted:
            self.offer[p] = can_receive
        else:
            yield self.wait(p)

    def _departure(self, p: int) -> int:
        """When the patient leaves: on or after the offer, at the hour of those who go there."""
        offer = self.offer[p]
        if self.discharge_hour is None:
            return offer
        hour = self.discharge_hour if self.need[p] == SHORT_TERM else self.home_second[p]
        return round_after(offer, hour)

    def _in_place(self, p: int) -> Process:
        self.outcome[p] = IN_PLACE
        end = self.place_start[p] + self.place_stay[p]
        if self.place_hour is not None:
            end = round_nearest(end, self.place_hour, self.env.now)
        yield self.until(end, PLACE_END + p)
        self.place_end[p] = self.env.now
        self.pools[self.pool[p]].release()
        self.outcome[p] = HOME

    def _early_discharge(
        self, p: int, ward: Ward, admitted: int, leave: int
    ) -> Generator[simpy.Event, Any, bool]:
        """Part way through the stay: home with a free place of the team, held for the rest."""
        teams = self.early[p]
        ask = admitted + int(self.plan.early_after[p, teams[0]])
        if self.ward_round is not None:
            ask = round_nearest(ask, self.ward_round, admitted)
        home = ask if self.discharge_hour is None else round_after(ask, self.discharge_hour)
        if home >= leave or ask < self.env.now:  # nothing to gain, or long since in bed at the start
            return False
        yield self.until(ask, EARLY_DISCHARGE + p)
        if not self._team_takes(p, teams):
            return False
        ward.leaving[leave // DAY] -= 1
        ward.leaving[home // DAY] += 1
        self.ready[p] = ask
        yield self.until(home, LEAVE + p)
        self.left[p] = home
        ward.release(p)
        yield from self._at_home_with_team(p, leave - home)
        return True

    def _from_home(self, p: int) -> Process:
        """Asks for a short-term place from home: accepted or turned away."""
        if self.pools[self.pool[p]].ask_from_home():
            self.place_start[p] = self.env.now
            yield from self._in_place(p)
        else:
            self.outcome[p] = TURNED_AWAY

    def _already_in_bed(self, p: int) -> Process:
        """In hospital when the clock starts: in a bed, or in the corridor if there are too many."""
        ward = self.wards[self.ward[p]]
        self.asked[p] = self.admitted[p] = int(self.plan.began[p])
        if self.plan.list[p] >= 0:
            self.joined[p] = True
            self.treated[p] = self.admitted[p]
        if ward.take():
            self.bed[p] = self.admitted[p]
        else:
            ward.boarding += 1
            ward.in_corridor.append(p)
        yield from self._stay(p, ward)

    # ---------------------------------------------------------------- what happened

    def stays(self) -> Stays:
        def times(column: list[int]) -> np.ndarray:
            """What would come at or after the end has not come."""
            values = np.array(column, dtype=np.int64)
            return np.where(values < self.end, values, NEVER)

        return Stays(
            outcome=np.array(self.outcome, dtype=np.int8),
            asked=times(self.asked),
            admitted=times(self.admitted),
            bed=times(self.bed),
            ready=times(self.ready),
            can_receive=times(self.can_receive),
            offer=times(self.offer),
            left=times(self.left),
            place_start=times(self.place_start),
            place_end=times(self.place_end),
            stretched=np.array(self.stretched, dtype=bool),
            kad_start=times(self.kad_start),
            kad_end=times(self.kad_end),
            kad_refused=np.array(self.kad_refused, dtype=bool),
            team=np.array(self.team, dtype=np.int32),
            team_start=times(self.team_start),
            team_end=times(self.team_end),
            joined=np.array(self.joined, dtype=bool),
            treated=times(self.treated),
            planned=np.array(self.planned, dtype=np.int32),
            postponed=np.array(self.postponed, dtype=np.int32),
        )

    def events(self) -> Events:
        postponed = np.array(self.postponement_log, dtype=np.int64).reshape(-1, 2)
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


def _join_threshold(reference: float, elasticity: float, candidates: float) -> list[float]:
    """Chance that a candidate joins, by the list's length: (length / reference)^-ε / candidates.

    Cut off at one, and at ten times the reference length. A table, so that every engine compares
    with the same bits."""
    if elasticity == 0 or reference <= 0:
        return [1.0 / candidates]
    length = np.arange(max(10, int(10 * reference)) + 1)
    ratio = np.maximum(length, 0.5) / reference
    return (ratio**-elasticity / candidates).clip(max=1.0).tolist()
