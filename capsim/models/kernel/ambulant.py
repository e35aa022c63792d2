"""Units that take a patient if one of their places is free: :mod:`capsim.models.ambulant`, compiled."""

from __future__ import annotations

from capsim.models.kernel.world import compiled


@compiled
def take(w, unit):
    if w.occupied[unit] < w.capacity[unit]:
        w.occupied[unit] += 1
        return True
    return False


@compiled
def release(w, unit):
    w.occupied[unit] -= 1
