"""The clock: events in the order of (time, order key), whole seconds, and who is woken.

An event is three numbers in a row of the heap: its time, its order key (:func:`pathway.order_key`), and
sequence and turn in one. Turn ``RESUME`` goes on with the patient; any other calls what the kind of
event says for what was asked for in that turn.
"""

from __future__ import annotations

from capsim.models.kernel.codes import DAY
from capsim.models.kernel.world import compiled

RESUME = -1
CALL = 0
TURNS = 1 << 16


@compiled
def round_nearest(time, hour, earliest):
    nearest = (time - hour + DAY // 2) // DAY * DAY + hour
    first = (earliest - hour) // DAY * DAY + DAY + hour
    return max(nearest, first)


@compiled
def round_after(time, hour):
    return -((hour - time) // DAY) * DAY + hour


@compiled
def push(w, time, key, turn):
    """Something will happen, in the order of (time, key)."""
    order = w.sequence * TURNS + turn + 1
    w.sequence += 1
    i = w.n_events
    w.n_events = i + 1
    heap = w.events
    while i > 0:
        up = (i - 1) >> 1
        t, k = heap[3 * up], heap[3 * up + 1]
        if t < time or (t == time and (k < key or (k == key and heap[3 * up + 2] < order))):
            break
        heap[3 * i], heap[3 * i + 1], heap[3 * i + 2] = t, k, heap[3 * up + 2]
        i = up
    heap[3 * i], heap[3 * i + 1], heap[3 * i + 2] = time, key, order


@compiled
def drop_first(w):
    """Take the first event off the heap."""
    n = w.n_events - 1
    w.n_events = n
    heap = w.events
    time, key, order = heap[3 * n], heap[3 * n + 1], heap[3 * n + 2]
    i = 0
    while True:
        j = 2 * i + 1
        if j >= n:
            break
        t, k = heap[3 * j], heap[3 * j + 1]
        if j + 1 < n:
            t2, k2 = heap[3 * j + 3], heap[3 * j + 4]
            if t2 < t or (t2 == t and (k2 < k or (k2 == k and heap[3 * j + 5] < heap[3 * j + 2]))):
                j += 1
                t, k = t2, k2
        if time < t or (time == t and (key < k or (key == k and order < heap[3 * j + 2]))):
            break
        heap[3 * i], heap[3 * i + 1], heap[3 * i + 2] = t, k, heap[3 * j + 2]
        i = j
    heap[3 * i], heap[3 * i + 1], heap[3 * i + 2] = time, key, order


@compiled
def until(w, p, time, kind, state):
    """``p`` goes on with ``state`` at ``time``."""
    w.state[p] = state
    push(w, time, kind + p, RESUME)


@compiled
def wait(w, p, state):
    """``p`` goes on with ``state`` when woken."""
    w.state[p] = state
    w.waiting[p] = 1


@compiled
def wake(w, p):
    """``p`` goes on before the next event, after those woken before."""
    w.waiting[p] = 0
    to = w.woken_to
    w.woken[to] = p
    w.woken_to = to + 1 if to + 1 < w.n_woken else 0


@compiled
def next_woken(w):
    """Who was woken first, or -1."""
    at = w.woken_from
    if at == w.woken_to:
        return -1
    w.woken_from = at + 1 if at + 1 < w.n_woken else 0
    return w.woken[at]
