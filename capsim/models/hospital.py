"""The hospital's side: wards with their queues, and waiting lists with their sessions."""

from __future__ import annotations

from collections import defaultdict, deque
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from capsim.models.pathway import DAY, NEVER

if TYPE_CHECKING:
    from capsim.models.engine import Simulation

__all__ = ["WaitingList", "Ward"]


class Ward:
    """Staffed beds and those who wait for one.

    A free bed goes first to a planned patient whose reserved bed was not yet free, then to the
    corridor patient who has waited longest, then to the acute patient who has waited longest, then
    (only where electives come at any hour) to the elective who was referred first. Beds that close
    close as they empty: nobody is moved.
    """

    def __init__(self, sim: Simulation, beds: int, reserve: int):
        self.sim = sim
        self.beds = beds
        self.reserve = reserve
        self.occupied = 0
        self.reserved = 0
        self.boarding = 0  # in the corridor or the emergency department
        self.in_recovery: deque[int] = deque()
        self.in_corridor: deque[int] = deque()
        self.in_emergency: deque[int] = deque()
        self.electives: deque[int] = deque()
        self.leaving: defaultdict[int, int] = defaultdict(int)  # day -> known to leave on it, and still here

    def take(self) -> bool:
        """Take a bed for an acute patient (or an elective at any hour) if one is free."""
        if self.occupied + self.reserved < self.beds:
            self.occupied += 1
            return True
        return False

    def release(self, p: int) -> None:
        """Patient ``p`` leaves the ward, from a bed or from the corridor."""
        self.leaving[self.sim.env.now // DAY] -= 1
        if self.sim.bed[p] == NEVER:
            self.boarding -= 1
        else:
            self.occupied -= 1
            self.hand_out()

    def hand_out(self) -> None:
        """Give free beds to those who wait, until nothing more can move."""
        sim = self.sim
        while self.in_recovery and self.occupied < self.beds:
            self._grant(self.in_recovery.popleft())
        while self.occupied + self.reserved < self.beds:
            if self.in_corridor:
                p = self.in_corridor.popleft()
                if sim.left[p] != NEVER:
                    continue  # left from the corridor
                self.occupied += 1
                self.boarding -= 1
                sim.bed[p] = sim.env.now
            elif self.in_emergency:
                p = self.in_emergency.popleft()
                if sim.admitted[p] != NEVER:
                    continue  # became a corridor patient
                self.boarding -= 1
                self._grant(p)
            elif self.electives:
                self._grant(self.electives.popleft())
            else:
                return

    def _grant(self, p: int) -> None:
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
        expected = self.occupied + self.boarding + len(self.in_recovery) - self.leaving[day]
        return expected + self.reserved + self.reserve < self.beds


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

    def __len__(self) -> int:
        return len(self.queue)

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
                sim.postpone(p)
                heappush(self.queue, (sim.due[p], p))
        if lost:
            lost = self._give_to_day_patients(lost)
        self.saved = min(left, self.carry)
        used = have - left - lost
        log = (sim.env.now, self.index, have, used, lost, len(planned), postponed, len(self.queue))
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
