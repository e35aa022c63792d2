"""SimPy as capsim uses it: a clock in whole seconds, instants with an order, patients' processes."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import simpy

__all__ = ["Clock", "Moment", "Process", "Way"]

Process = Generator[simpy.Event, Any, None]


class Clock(simpy.Environment):
    """SimPy's environment; here its time is whole seconds and its priorities any integers."""

    if TYPE_CHECKING:

        @property
        def now(self) -> int: ...

        def schedule(self, event: simpy.Event, priority: int = 1, delay: float = 0) -> None: ...


class Moment(simpy.Event):
    """An instant that will come: an event already triggered, to be scheduled at its time."""

    _ok = True
    _value = None


class Way:
    """A patient's process: a generator resumed by each event that it waits for.

    Like ``simpy.Process``, but without the two events of its own by which that one starts and tells
    that it has ended, which would be half of all events: a way starts within the patient's arrival,
    and nobody waits for its end.
    """

    __slots__ = ("_send",)

    def __init__(self, generator: Process):
        self._send = generator.send
        self._resume(None)

    def _resume(self, _: simpy.Event | None) -> None:
        try:
            waits_for = self._send(None)
        except StopIteration:
            return
        waits_for.callbacks.append(self._resume)
