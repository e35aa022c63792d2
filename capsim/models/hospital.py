"""The hospital's side: wards with their queues, and waiting lists with their sessions."""

from __future__ import annotations

from collections import defaultdict, deque
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from capsim.models.facilities import PATIENT
from capsim.models.pathway import DAY, NEVER, Cause

if TYPE_CHECKING:
    from capsim.models.engine import Simulation

__all__ = ["Clinic", "WaitingList", "Ward"]


class Ward:
    """Staffed beds and those who wait for one.

    A free bed goes first to a planned patient whose reserved bed was not yet free, then to the
    corridor patient who has waited longest, then to the acute patient who has waited longest, then
    (only where electives come at any hour) to the elective who was referred first. What is then left
    beyond the acute reserve goes to the acute patients of wards that have this one as outlier. Beds
    that close close as they empty: nobody is moved.
    """

    def __init__(self, sim: Simulation, index: int, beds: int, reserve: int):
        self.sim = sim
        self.index = index
        self.beds = beds
        self.reserve = reserve
        self.outliers: list[Ward] = []  # where this ward's overflow may lie
        self.guests: list[Ward] = []  # whose overflow may lie here
        self.occupied = 0
        self.reserved = 0  # promised to planned patients, or kept
        self.kept = 0  # for patients who move back
        self.boarding = 0  # in the corridor or the emergency department
        self.in_recovery: deque[int] = deque()
        self.in_corridor: deque[int] = deque()
        self.in_emergency: deque[int] = deque()
        self.electives: deque[int] = deque()
        self.leaving: defaultdict[int, int] = defaultdict(int)  # day -> known to leave on it, and still here
        self.blocked = [0] * len(Cause)  # ready and waiting for the municipality, by cause

    def take(self) -> bool:
        """Take a bed for an acute patient (or an elective at any hour) if one is free."""
        if self.occupied + self.reserved < self.beds:
            self.occupied += 1
            return True
        return False

    def has_promised_bed(self) -> bool:
        """Whether a planned patient, who was promised a bed, may take it now."""
        return self.occupied + self.kept < self.beds

    def has_guest_bed(self) -> bool:
        """Whether another ward's patient may lie here: a free bed beyond the acute reserve."""
        return self.occupied + self.reserved + self.reserve < self.beds

    def take_acute(self) -> Ward | None:
        """A bed for an acute patient here or, if there is none, in an outlier ward: which ward's."""
        if self.take():
            return self
        for ward in self.outliers:
            if ward.has_guest_bed():
                ward.occupied += 1
                return ward
        return None

    def expect(self, p: int, leave: int) -> None:
        """It is known when ``p`` leaves (and any earlier knowledge is void)."""
        self.forget(p)
        day = self.sim.leave_day[p] = leave // DAY
        self.leaving[day] += 1

    def forget(self, p: int) -> None:
        day = self.sim.leave_day[p]
        if day != NEVER:
            self.leaving[day] -= 1
            self.sim.leave_day[p] = NEVER

    def block(self, p: int, cause: int) -> None:
        """``p`` is ready and waits for the municipality."""
        self.unblock(p)
        self.blocked[cause] += 1
        self.sim.blocked_by[p] = cause

    def unblock(self, p: int) -> None:
        cause = self.sim.blocked_by[p]
        if cause >= 0:
            self.blocked[cause] -= 1
            self.sim.blocked_by[p] = -1

    def release(self, p: int) -> None:
        """Patient ``p`` leaves the ward, from a bed or from the corridor."""
        self.forget(p)
        self.unblock(p)
        if self.sim.bed[p] == NEVER:
            self.boarding -= 1
        else:
            self.occupied -= 1
            self.hand_out()

    def hand_out(self) -> None:
        """Give free beds to those who wait, until nothing more can move."""
        while self.in_recovery and self.has_promised_bed():
            self._admit(self.in_recovery.popleft())
        while self.occupied + self.reserved < self.beds:
            if (p := self._next_acute()) is not None:
                self._take_in(p, self)
            elif self.electives:
                self._admit(self.electives.popleft())
            else:
                break
        for ward in self.guests:
            while self.has_guest_bed() and (p := ward._next_acute()) is not None:
                self._take_in(p, ward)

    def _next_acute(self) -> int | None:
        """The next acute patient who waits for a bed: out of the corridor first."""
        sim = self.sim
        while self.in_corridor:
            p = self.in_corridor.popleft()
            if sim.left[p] == NEVER:  # else left from the corridor
                return p
        while self.in_emergency:
            p = self.in_emergency.popleft()
            if sim.admitted[p] == NEVER:  # else became a corridor patient
                return p
        return None

    def _take_in(self, p: int, of: Ward) -> None:
        """A bed here for an acute patient of ward ``of``."""
        sim = self.sim
        of.boarding -= 1
        if of is not self:
            leave, cause = sim.leave_day[p], sim.blocked_by[p]
            of.forget(p)
            of.unblock(p)
            sim.ward[p] = self.index
            if leave != NEVER:
                self.expect(p, leave * DAY)
            if cause >= 0:
                self.block(p, cause)
        if sim.admitted[p] == NEVER:
            self._admit(p)
        else:
            self.occupied += 1
            sim.bed[p] = sim.env.now

    def _admit(self, p: int) -> None:
        self.occupied += 1
        self.sim.bed[p] = self.sim.admitted[p] = self.sim.env.now
        self.sim.wake(p)

    def board(self, p: int) -> None:
        """The boarding limit is reached: if ``p`` still waits, the stay begins in the corridor."""
        sim = self.sim
        if sim.admitted[p] == NEVER:
            sim.admitted[p] = sim.env.now
            self.in_corridor.append(p)
            sim.wake(p)

    def has_bed(self, day: int) -> bool:
        """Whether a bed can be promised to a planned patient on the morning of ``day``: the
        census, less those known to leave today, leaves more than the acute reserve."""
        return self._expected(day) < self.beds

    def binding_cause(self, day: int) -> int:
        """Why there is no bed on the morning of ``day``: what most of the ready patients wait for, if
        there were a bed without them; else the hospital's own patients."""
        blocked = sum(self.blocked)
        if blocked and self._expected(day) - blocked < self.beds:
            return self.blocked.index(max(self.blocked))
        return int(Cause.HOSPITAL)

    def _expected(self, day: int) -> int:
        here = self.occupied + self.boarding + len(self.in_recovery) - self.leaving[day]
        return here + self.reserved + self.reserve


class Clinic:
    """First contacts of a hospital's specialty, in the order of (planned time, id). A slot is given
    at most so long ahead of the plan: unused slots go to other visits."""

    def __init__(self, sim: Simulation):
        self.sim = sim
        self.saved = 0
        self.queue: list[tuple[int, int]] = []

    def ask(self, p: int) -> None:
        heappush(self.queue, (self.sim.first_due[p], p))

    def hold(self, capacity: int) -> None:
        """See today's patients; what is left of a slot is saved."""
        sim, now = self.sim, self.sim.env.now
        have = capacity + self.saved
        while self.queue and have >= PATIENT and sim.not_before[self.queue[0][1]] <= now:
            _, p = heappop(self.queue)
            have -= PATIENT
            sim.first_contact(p)
        self.saved = min(have, PATIENT - 1)


class WaitingList:
    """One site's list for one specialty, in the order of (due date, id), and its sessions."""

    def __init__(self, sim: Simulation, index: int, ward: Ward | None, unit: int, carry: int):
        self.sim = sim
        self.index = index
        self.ward = ward
        self.unit = unit  # capacity a patient takes if it is not minutes in theatre; 0: minutes
        self.carry = carry  # unused capacity that may be saved for the next session
        self.saved = 0
        self.queue: list[tuple[int, int]] = []
        self.awaiting = 0  # referred and not called in: on the list, or before first contact

    def join(self, p: int) -> None:
        heappush(self.queue, (self.sim.due[p], p))

    def hold_session(self, day: int, capacity: int) -> None:
        """Fill the session in the list's order, skipping what does not fit; see who gets a bed.

        An inpatient without a bed is postponed and keeps the due date. The minutes are lost if no
        day patient can use them. Unused capacity is saved for the list's next session, up to
        ``carry``.
        """
        sim = self.sim
        have = capacity + self.saved
        planned, left = self._plan(have)
        lost = postponed = 0
        for p in planned:
            sim.planned[p] += 1
            if sim.day_surgery[p]:
                sim.call_in(p)
            elif self.ward is not None and self.ward.has_bed(day):
                self.ward.reserved += 1
                sim.call_in(p)
            else:
                postponed += 1
                lost += self._takes(p)
                sim.postpone(p, self.ward.binding_cause(day) if self.ward is not None else Cause.HOSPITAL)
                heappush(self.queue, (sim.due[p], p))
        if lost:
            lost = self._give_to_day_patients(lost)
        self.saved = min(left, self.carry)
        used = have - left - lost
        log = (sim.env.now, self.index, have, used, lost, len(planned), postponed, self.awaiting)
        sim.session_log.append(log)

    def _takes(self, p: int) -> int:
        return self.unit or self.sim.minutes[p]

    def _plan(self, have: int) -> tuple[list[int], int]:
        planned: list[int] = []
        skipped: list[tuple[int, int]] = []
        while self.queue and have > 0 and len(skipped) < self.sim.look_ahead:
            due, p = heappop(self.queue)
            takes = self._takes(p)
            if takes <= have:
                have -= takes
                planned.append(p)
            else:
                skipped.append((due, p))
                if self.unit:
                    break  # everybody takes the same
        for entry in skipped:
            heappush(self.queue, entry)
        return planned, have

    def _give_to_day_patients(self, minutes: int) -> int:
        """Call in day patients for minutes that a postponement left; what remains is lost."""
        sim = self.sim
        skipped: list[tuple[int, int]] = []
        while self.queue and minutes > 0 and len(skipped) < sim.look_ahead:
            due, p = heappop(self.queue)
            if sim.day_surgery[p] and sim.minutes[p] <= minutes:
                minutes -= sim.minutes[p]
                sim.planned[p] += 1
                sim.call_in(p)
            else:
                skipped.append((due, p))
        for entry in skipped:
            heappush(self.queue, entry)
        return minutes
