"""The municipality's side: short-term places, long-term places and housing, home care."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from capsim.models.pathway import DAY, NEVER

if TYPE_CHECKING:
    from capsim.models.engine import Simulation

__all__ = ["HomeCare", "SettledPlaces", "ShortTermPlaces"]


class ShortTermPlaces:
    """A pool of short-term places, for patients from hospital (who wait) and from home (who are
    turned away unless more than ``kept_free`` places are free)."""

    def __init__(self, sim: Simulation, index: int, places: int, kept_free: int):
        self.sim = sim
        self.index = index
        self.places = places
        self.kept_free = kept_free
        self.occupied = 0
        self.queue: deque[tuple[int, int]] = deque()  # (patient, turn) in the order of asking
        self.heir: ShortTermPlaces | None = None  # the pool that took this one over
        self.inherits: list[ShortTermPlaces] = []  # closed pools whose patients count against the places

    @property
    def free(self) -> int:
        """Places that nobody has."""
        free = self.places - self.occupied
        for closed in self.inherits:
            free -= closed.occupied
        return free

    def pass_on(self, heir: ShortTermPlaces | None) -> None:
        """Another pool takes this one over, or none does (any more): its queue at once, its places as
        its patients leave."""
        if self.heir is not None:
            self.heir.inherits.remove(self)
        self.heir = heir
        if heir is not None:
            heir.inherits.append(self)
            while self.queue:
                p, turn = self.queue.popleft()
                if self.sim.still_asks(p, turn):
                    self.sim.pool[p] = heir.index
                    heir.queue.append((p, turn))

    def ask(self, p: int) -> bool:
        """A patient in hospital asks; without a free place the patient waits in line."""
        if self.free > 0:
            self.occupied += 1
            self.sim.in_pool[p] = True
            return True
        self.queue.append((p, self.sim.turn[p]))
        return False

    def ask_from_home(self) -> bool:
        if self.free > self.kept_free:
            self.occupied += 1
            return True
        return False

    def stretch(self, p: int, turn: int) -> None:
        """If ``p`` still waits, an extra place is found, over capacity."""
        if self.sim.still_asks(p, turn):
            self.sim.stretched[p] = True
            self._grant(p)

    def release(self) -> None:
        self.occupied -= 1
        self.hand_out()
        if self.heir is not None:
            self.heir.hand_out()

    def hand_out(self) -> None:
        while self.queue and self.free > 0:
            p, turn = self.queue.popleft()
            if self.sim.still_asks(p, turn):  # else an extra place was found, or the patient fell ill
                self._grant(p)

    def _grant(self, p: int) -> None:
        self.occupied += 1
        self.sim.in_pool[p] = True
        self.sim.grant(p)


class SettledPlaces:
    """A municipality's long-term places, or its supported housing. Whoever waits does so in hospital
    or, for a long-term place, in a short-term place; the one who asked first is first."""

    def __init__(self, sim: Simulation, places: int):
        self.sim = sim
        self.places = places
        self.occupied = 0
        self.queue: deque[tuple[int, int]] = deque()

    def ask(self, p: int) -> bool:
        if self.occupied < self.places:
            self.occupied += 1
            self.sim.settle(p, self)
            return True
        self.queue.append((p, self.sim.turn[p]))
        return False

    def release(self) -> None:
        self.occupied -= 1
        self.hand_out()

    def hand_out(self) -> None:
        sim = self.sim
        while self.queue and self.occupied < self.places:
            p, turn = self.queue.popleft()
            if sim.settled[p] == NEVER and sim.turn[p] == turn:
                self.occupied += 1
                sim.settle(p, self)
                if sim.offer[p] == NEVER:
                    sim.grant(p)
                elif p in sim.waiting:  # in the short-term place, which closes behind the patient
                    sim.wake(p)
                else:  # still in hospital with the promise of a short-term place
                    sim.in_pool[p] = False
                    sim.pools[sim.pool[p]].release()


class HomeCare:
    """A municipality's home-care starts: so many a day, first asked first served."""

    def __init__(self, sim: Simulation, municipality: int, starts_per_day: int):
        self.sim = sim
        self.municipality = municipality
        self.starts_per_day = starts_per_day
        self.day = NEVER
        self.used = 0
        self.morning_comes = False
        self.queue: deque[tuple[int, int]] = deque()

    def start(self) -> bool:
        """A start today, if one is left and nobody waits for it."""
        self._new_day()
        while self.queue and not self.sim.still_asks(*self.queue[0]):
            self.queue.popleft()  # fell ill again
        if not self.queue and self.used < self.starts_per_day:
            self.used += 1
            return True
        return False

    def ask(self, p: int) -> bool:
        """A start today if one is left, else the patient waits for a morning's."""
        if self.start():
            return True
        self.queue.append((p, self.sim.turn[p]))
        self._call_morning()
        return False

    def morning(self) -> None:
        """Hand out the day's starts; if somebody still waits there is a morning tomorrow too."""
        self._new_day()
        self.morning_comes = False
        while self.queue and self.used < self.starts_per_day:
            p, turn = self.queue.popleft()
            if self.sim.still_asks(p, turn):
                self.used += 1
                self.sim.grant(p)
        if self.queue:
            self._call_morning()

    def _call_morning(self) -> None:
        if not self.morning_comes:
            self.morning_comes = True
            self.sim.home_care_morning(self)

    def _new_day(self) -> None:
        today = self.sim.env.now // DAY
        if today != self.day:
            self.day, self.used = today, 0
