"""The clock: events in the order of (time, order key), whole seconds, and who is woken.

An event is two numbers in the heap: its time and rank, then its patient (or calendar entity) and turn:
the order of (time, order key, turn). Turn ``RESUME`` goes on with the patient; any other calls what the
kind of event says for what was asked for in that turn.
"""

from __future__ import annotations

from capsim.models.kernel.codes import DAY, FAR, ONE_ID
from capsim.models.kernel.world import compiled

RESUME = -1
CALL = 0
RANK_BITS, ID_BITS, TURN_BITS = 5, 40, 16


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
    when = time << RANK_BITS | key >> ID_BITS
    what = (key & ONE_ID) << TURN_BITS | turn + 1
    i = w.n_events
    w.n_events = i + 1
    heap = w.events
    while i > 0:
        up = (i - 1) >> 1
        t, k = heap[2 * up], heap[2 * up + 1]
        if t < when or (t == when and k < what):
            break
        heap[2 * i], heap[2 * i + 1] = t, k
        i = up
    heap[2 * i], heap[2 * i + 1] = when, what


@compiled
def drop_first(w):
    """Take the first event off the heap."""
    n = w.n_events - 1
    w.n_events = n
    heap = w.events
    when, what = heap[2 * n], heap[2 * n + 1]
    heap[2 * n] = FAR
    i = 0
    while True:
        j = 2 * i + 1
        if j >= n:
            break
        t, t2 = heap[2 * j], heap[2 * j + 2]
        j += (t2 < t) | ((t2 == t) & (heap[2 * j + 3] < heap[2 * j + 1]))
        t, k = heap[2 * j], heap[2 * j + 1]
        if when < t or (when == t and what < k):
            break
        heap[2 * i], heap[2 * i + 1] = t, k
        i = j
    heap[2 * i], heap[2 * i + 1] = when, what


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
