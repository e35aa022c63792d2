"""The pathway as one compiled loop: the ways of :mod:`ways` as a machine of states.

Patients and what can be full are rows of structured arrays (:data:`PATIENT`, :data:`UNIT`). A patient
waits for one thing at a time, and ``state`` says what to go on with. An event is (time, order key,
sequence, turn): ``RESUME`` as turn goes on with the patient, anything else calls what the kind says
for what was asked for in that turn. Whoever is granted something goes on before the next event, first woken
first, as in the SimPy engine. Ranks, codes and hours are :mod:`pathway`'s.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from capsim.demand import columns
from capsim.models import pathway
from capsim.models.pathway import Cause, Kind, Need, Outcome, Start

__all__ = ["COUNTER", "ENTRY", "EVENT", "NODE", "PATIENT", "TEAM", "UNIT", "World", "run"]

DAY, NEVER, FAR = pathway.DAY, pathway.NEVER, 2**62
RESUME = -1
CALL = 0
SLOT = 1000

# what goes on with a patient when the event comes, or when woken
(CALLED_IN, TAKES_BED, IN_RECOVERY, AWAITS_BED, DIES, ASKS_TRANSFER, MOVES, ASKS_TEAM, GOES_EARLY, EARLY_COURSE,
 AVERTED, IN_KAD, LEAVES, IS_READY, FALLS_ILL, ASKS, AWAITS_GRANT, LEAVES_TO, IN_PLACE, SETTLES) = range(20)  # fmt: skip

_TIMES_IN = (
    "arrival", "stay", "transfer_after", "readmit_delay", "response", "complex", "home_second", "ill_after",
    "ill_stay", "settled_stay", "place_stay", "stretch", "kad_stay", "first_due", "not_before", "due", "began",
)  # fmt: skip
_TIMES_OUT = (
    "arrived", "seen", "asked", "admitted", "bed", "moved", "ready", "can_receive", "ill", "ready_again", "offer",
    "settled", "left", "place_start", "place_end", "kad_start", "kad_end", "team_start", "team_end",
    "follow_start", "follow_end", "treated",
)  # fmt: skip
_TIMES_OWN = ("until", "leaves", "receives", "ill_at", "begun")
_WHOLE = ("child", "option", "minutes", "planned", "postponed", "leave_day")
_SHORT = (
    "ward", "home_ward", "hospital", "pool", "kad", "list", "clinic", "municipality", "type", "specialty",
    "moved_to", "team", "follow_team",
)  # fmt: skip
_SMALL = ("outcome", "need", "start", "stream", "state", "turn", "blocked_by")
_FLAGS = (
    "dies", "readmits", "notified_early", "kad_sent_on", "day_surgery", "goes_on", "active", "waiting", "in_pool",
    "stretched", "kad_refused", "joined",
)  # fmt: skip

PATIENT = np.dtype(
    [(name, np.int64) for name in (*_TIMES_IN, *_TIMES_OUT, *_TIMES_OWN)]
    + [("join", np.float64)]
    + [(name, np.int32) for name in _WHOLE]
    + [(name, np.int16) for name in _SHORT]
    + [(name, np.int8) for name in (*_SMALL, *_FLAGS)],
    align=True,
)
"""A patient: what awaits (the itinerary's columns), what happens (those of the stays), and what only the
run needs to know."""

UNIT = np.dtype(
    [
        (name, np.int64)
        for name in (
            "capacity", "occupied", "reserved", "reserve", "boarding", "kept_free", "heir", "inherits", "recovering", "day", "morning",
            "visits", "ward", "by_patient", "carry", "saved", "awaiting", "entries", "first_entry", "threshold",
            "thresholds", "outliers", "outliers_end", "guests", "guests_end",
            "queue", "queue_end", "emergency", "emergency_end", "corridor", "corridor_end", "recovery", "recovery_end",
        )
    ]
)  # fmt: skip
"""Anything that can be full: wards, lists, clinics, pools, places to settle in, home care, KAD units,
teams, one after the other; each uses its own fields. Queues are (first, last) node, -1 for none."""

TEAM = np.dtype(
    [("course", np.int64), ("early_after", np.int64)]
    + [(name, np.int8) for name in ("averts", "escalates", "early", "follows", "readmits_followed")],
    align=True,
)
NODE = np.dtype([("patient", np.int32), ("turn", np.int32), ("next", np.int64)], align=True)
ENTRY = np.dtype([("due", np.int64), ("patient", np.int64)])
EVENT = np.dtype([("time", np.int64), ("key", np.int64), ("sequence", np.int64), ("turn", np.int64)])
COUNTER = np.dtype(
    [
        (name, np.int64)
        for name in (
            # the clock and how much of each array is in use
            "now", "end", "events", "sequence", "woken", "woken_end", "nodes", "free_node", "postponements", "sessions",
            "arrivals", "census", "openings", "today",
            # where each kind of unit begins, and how many there are
            "wards", "lists", "clinics", "pools", "long_term", "housing", "home_care", "kad_units", "teams",
            "n_wards", "n_lists", "n_clinics", "n_pools", "n_municipalities", "n_kad_units", "n_teams", "n_hospitals",
            "n_specialties",
            # rules, in seconds; -1 for none
            "ward_round", "discharge_hour", "place_hour", "boarding_limit", "session_second", "clinic_second",
            "bed_second", "home_care_second", "notice", "stretches", "housing_stretches", "falls_ill", "look_ahead",
            "any_hour", "loaded_start", "first_day", "days",
        )
    ]
)  # fmt: skip


class World(NamedTuple):
    """Everything that the loop reads and writes."""

    c: np.ndarray  # COUNTER, one row
    p: np.ndarray  # PATIENT, by id
    t: np.ndarray  # TEAM, (patients, teams)
    u: np.ndarray  # UNIT
    events: np.ndarray  # EVENT, a heap
    nodes: np.ndarray  # NODE
    entries: np.ndarray  # ENTRY: the heaps of lists and clinics
    woken: np.ndarray  # patients to go on with, a ring
    blocked: np.ndarray  # (wards, causes)
    leaving: np.ndarray  # (wards, days)
    links: np.ndarray  # outlier and guest wards
    thresholds: np.ndarray  # chance of joining by length, list after list
    postponements: np.ndarray  # (rows, 3)
    scratch: np.ndarray  # (2, most entries)


class Tables(NamedTuple):
    """What the calendar and choosers read."""

    comes: np.ndarray  # patients in the order of arrival
    phase: np.ndarray  # (days,)
    changes: np.ndarray  # days on which a capacity changes
    ward_beds: np.ndarray
    places: np.ndarray
    kept_free: np.ndarray
    heir: np.ndarray
    pool_of: np.ndarray
    long_term: np.ndarray
    housing: np.ndarray
    home_care: np.ndarray
    kad_beds: np.ndarray
    team_places: np.ndarray
    openings: np.ndarray
    session_capacity: np.ndarray  # (lists, days)
    clinic_capacity: np.ndarray
    pace: np.ndarray  # (phases, lists)
    type_list: np.ndarray
    type_clinic: np.ndarray
    ward_of: np.ndarray
    options: np.ndarray
    option_stay: np.ndarray
    sessions: np.ndarray  # (rows, 8): written
    census: np.ndarray  # (midnights, units): written


compiled = njit(nogil=True, _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True)

_RANK = 1 << 40
PLACE_END, KAD_END, COURSE_END = int(Kind.PLACE_END), int(Kind.KAD_END), int(Kind.COURSE_END)
LEAVE, MOVE, SETTLED_END = int(Kind.LEAVE), int(Kind.MOVE), int(Kind.SETTLED_END)
MIDNIGHT, CAPACITY, OPENING = int(Kind.MIDNIGHT), int(Kind.CAPACITY), int(Kind.OPENING)
HOME_CARE_MORNING, SESSION, CLINIC = int(Kind.HOME_CARE_MORNING), int(Kind.SESSION), int(Kind.CLINIC)
BED_TIME, STRETCH, BOARDING = int(Kind.BED_TIME), int(Kind.STRETCH), int(Kind.BOARDING)
EARLY_DISCHARGE, TRANSFER, ILL_AGAIN = int(Kind.EARLY_DISCHARGE), int(Kind.TRANSFER), int(Kind.ILL_AGAIN)
READY, ASK_MUNICIPALITY, ARRIVAL = int(Kind.READY), int(Kind.ASK_MUNICIPALITY), int(Kind.ARRIVAL)
NOTHING, HOME_CARE, SHORT_TERM, LONG_TERM, HOUSING = (int(n) for n in Need)
RESPONSE, OF_HOSPITAL = int(Cause.RESPONSE), int(Cause.HOSPITAL)
CAUSE_OF = np.array(
    [Cause.HOSPITAL, Cause.HOME_CARE, Cause.SHORT_TERM, Cause.LONG_TERM, Cause.HOUSING], dtype=np.int64
)
NOT_JOINED, TURNED_AWAY, REFUSED_KAD = int(Outcome.NOT_JOINED), int(Outcome.TURNED_AWAY), int(Outcome.REFUSED_KAD)
ON_LIST, AWAITING_BED, NOT_YET = int(Outcome.ON_LIST), int(Outcome.AWAITING_BED), int(Outcome.NOT_YET)
IN_HOSPITAL, HAS_PLACE, HAS_KAD = int(Outcome.IN_HOSPITAL), int(Outcome.IN_PLACE), int(Outcome.IN_KAD)
WITH_TEAM, AT_HOME, DIED = int(Outcome.WITH_TEAM), int(Outcome.HOME), int(Outcome.DIED)
ASSESSED, AT_CLINIC = int(Outcome.ASSESSED), int(Outcome.AT_CLINIC)
GONE, START_IN_BED, START_ON_LIST = int(Start.GONE), int(Start.IN_BED), int(Start.ON_LIST)
START_IN_PLACE, START_IN_KAD = int(Start.IN_PLACE), int(Start.IN_KAD)
ACUTE, ELECTIVE, KAD_OWN, FROM_HOME, ASSESSMENT = (
    columns.ACUTE, columns.ELECTIVE, columns.KAD_OWN, columns.FROM_HOME, columns.ASSESSMENT,
)  # fmt: skip
UNLIMITED = 1_000_000


# ---------------------------------------------------------------- the clock


@compiled
def round_nearest(time, hour, earliest):
    nearest = (time - hour + DAY // 2) // DAY * DAY + hour
    first = (earliest - hour) // DAY * DAY + DAY + hour
    return max(nearest, first)


@compiled
def round_after(time, hour):
    return -((hour - time) // DAY) * DAY + hour


@compiled
def before(a, b):
    if a.time != b.time:
        return a.time < b.time
    if a.key != b.key:
        return a.key < b.key
    return a.sequence < b.sequence


@compiled
def push(w, time, kind, id, turn):
    """Something will happen: (time, kind, id) in that order."""
    c, heap = w.c[0], w.events
    key = kind * _RANK + id
    sequence = c.sequence
    c.sequence += 1
    i = c.events
    c.events += 1
    while i > 0:
        up = (i - 1) >> 1
        e = heap[up]
        if e.time < time or (e.time == time and (e.key < key or (e.key == key and e.sequence < sequence))):
            break
        heap[i] = heap[up]
        i = up
    e = heap[i]
    e.time = time
    e.key = key
    e.sequence = sequence
    e.turn = turn


@compiled
def drop_first(w):
    """Take the first event off the heap."""
    c, heap = w.c[0], w.events
    c.events -= 1
    n = c.events
    if n == 0:
        return
    last = heap[n]
    time, key, sequence, turn = last.time, last.key, last.sequence, last.turn
    i = 0
    while True:
        j = 2 * i + 1
        if j >= n:
            break
        if j + 1 < n and before(heap[j + 1], heap[j]):
            j += 1
        e = heap[j]
        if time < e.time or (time == e.time and (key < e.key or (key == e.key and sequence < e.sequence))):
            break
        heap[i] = heap[j]
        i = j
    e = heap[i]
    e.time = time
    e.key = key
    e.sequence = sequence
    e.turn = turn


@compiled
def until(w, p, time, kind, state):
    """``p`` goes on with ``state`` at ``time``."""
    w.p[p].state = state
    push(w, time, kind, p, RESUME)


@compiled
def wait(w, p, state):
    """``p`` goes on with ``state`` when woken."""
    w.p[p].state = state
    w.p[p].waiting = True


@compiled
def wake(w, p):
    c = w.c[0]
    w.p[p].waiting = False
    w.woken[c.woken_end % len(w.woken)] = p
    c.woken_end += 1


# ---------------------------------------------------------------- queues


@compiled
def new_node(w, p, turn):
    c = w.c[0]
    if c.free_node >= 0:
        i = c.free_node
        c.free_node = w.nodes[i].next
    else:
        i = c.nodes
        c.nodes += 1
    node = w.nodes[i]
    node.patient = p
    node.turn = turn
    node.next = -1
    return i


@compiled
def free(w, i):
    w.nodes[i].next = w.c[0].free_node
    w.c[0].free_node = i


@compiled
def ask_in_line(w, unit, p, turn):
    """At the end of a unit's queue."""
    i = new_node(w, p, turn)
    u = w.u[unit]
    if u.queue < 0:
        u.queue = i
    else:
        w.nodes[u.queue_end].next = i
    u.queue_end = i


@compiled
def first_in_line(w, unit):
    """Take the first off a unit's queue: the node, which the caller frees."""
    u = w.u[unit]
    i = u.queue
    u.queue = w.nodes[i].next
    return i


@compiled
def sift_in(w, unit, due, p):
    """Into a list's or clinic's heap, in the order of (due, id)."""
    u = w.u[unit]
    h, base = w.entries, u.first_entry
    i = u.entries
    u.entries += 1
    while i > 0:
        up = (i - 1) >> 1
        e = h[base + up]
        if e.due < due or (e.due == due and e.patient < p):
            break
        h[base + i] = h[base + up]
        i = up
    h[base + i].due = due
    h[base + i].patient = p


@compiled
def sift_out(w, unit):
    """The first of a list's or clinic's heap, taken off."""
    u = w.u[unit]
    h, base = w.entries, u.first_entry
    first = h[base].patient
    u.entries -= 1
    n = u.entries
    if n > 0:
        due, p = h[base + n].due, h[base + n].patient
        i = 0
        while True:
            j = 2 * i + 1
            if j >= n:
                break
            if j + 1 < n:
                a, b = h[base + j + 1], h[base + j]
                if a.due < b.due or (a.due == b.due and a.patient < b.patient):
                    j += 1
            e = h[base + j]
            if due < e.due or (due == e.due and p < e.patient):
                break
            h[base + i] = h[base + j]
            i = j
        h[base + i].due = due
        h[base + i].patient = p
    return first


# ---------------------------------------------------------------- wards


@compiled
def ward_with(w, p):
    q = w.p[p]
    return w.c[0].wards + (q.ward if q.moved_to < 0 else q.moved_to)


@compiled
def take(w, ward):
    u = w.u[ward]
    if u.occupied + u.reserved < u.capacity:
        u.occupied += 1
        return True
    return False


@compiled
def has_guest_bed(w, ward):
    u = w.u[ward]
    return u.occupied + u.reserved + u.reserve < u.capacity


@compiled
def take_acute(w, ward):
    """The ward with a bed for an acute patient of this one: itself, an outlier ward, or -1."""
    if take(w, ward):
        return ward
    u = w.u[ward]
    for i in range(u.outliers, u.outliers_end):
        other = w.links[i]
        if has_guest_bed(w, other):
            w.u[other].occupied += 1
            return other
    return -1


@compiled
def count_leaving(w, ward, day, by):
    i = day - w.c[0].first_day
    if 0 <= i < w.leaving.shape[1]:
        w.leaving[ward, i] += by


@compiled
def forget(w, ward, p):
    q = w.p[p]
    if q.leave_day != NO_DAY:
        count_leaving(w, ward, q.leave_day, -1)
        q.leave_day = NO_DAY


NO_DAY = -(2**31)


@compiled
def expect(w, ward, p, leave):
    forget(w, ward, p)
    day = leave // DAY
    w.p[p].leave_day = day
    count_leaving(w, ward, day, 1)


@compiled
def unblock(w, ward, p):
    q = w.p[p]
    if q.blocked_by >= 0:
        w.blocked[ward, q.blocked_by] -= 1
        q.blocked_by = -1


@compiled
def block(w, ward, p, cause):
    unblock(w, ward, p)
    w.blocked[ward, cause] += 1
    w.p[p].blocked_by = cause


@compiled
def admit(w, ward, p):
    w.u[ward].occupied += 1
    now = w.c[0].now
    w.p[p].bed = now
    w.p[p].admitted = now
    wake(w, p)


@compiled
def next_acute(w, ward):
    """The next acute patient of the ward who waits for a bed, out of the corridor first; or -1."""
    u = w.u[ward]
    while u.corridor >= 0:
        i = u.corridor
        p = w.nodes[i].patient
        u.corridor = w.nodes[i].next
        free(w, i)
        if w.p[p].left == NEVER:
            return p
    while u.emergency >= 0:
        i = u.emergency
        p = w.nodes[i].patient
        u.emergency = w.nodes[i].next
        free(w, i)
        if w.p[p].admitted == NEVER:
            return p
    return -1


@compiled
def take_in(w, ward, p, of):
    """A bed in ``ward`` for an acute patient of ``of``."""
    w.u[of].boarding -= 1
    q = w.p[p]
    if of != ward:
        leave, cause = q.leave_day, q.blocked_by
        forget(w, of, p)
        unblock(w, of, p)
        q.ward = ward - w.c[0].wards
        if leave != NO_DAY:
            expect(w, ward, p, leave * DAY)
        if cause >= 0:
            block(w, ward, p, cause)
    if q.admitted == NEVER:
        admit(w, ward, p)
    else:
        w.u[ward].occupied += 1
        q.bed = w.c[0].now


@compiled
def hand_out_beds(w, ward):
    u = w.u[ward]
    while u.recovery >= 0 and u.occupied < u.capacity:
        i = u.recovery
        p = w.nodes[i].patient
        u.recovery = w.nodes[i].next
        free(w, i)
        u.recovering -= 1
        admit(w, ward, p)
    while u.occupied + u.reserved < u.capacity:
        p = next_acute(w, ward)
        if p >= 0:
            take_in(w, ward, p, ward)
        elif u.queue >= 0:
            i = first_in_line(w, ward)
            p = w.nodes[i].patient
            free(w, i)
            admit(w, ward, p)
        else:
            break
    for k in range(u.guests, u.guests_end):
        other = w.links[k]
        while has_guest_bed(w, ward):
            p = next_acute(w, other)
            if p < 0:
                break
            take_in(w, ward, p, other)


@compiled
def release_bed(w, ward, p):
    forget(w, ward, p)
    unblock(w, ward, p)
    if w.p[p].bed == NEVER:
        w.u[ward].boarding -= 1
    else:
        w.u[ward].occupied -= 1
        hand_out_beds(w, ward)


@compiled
def expected(w, ward, day):
    u = w.u[ward]
    here = u.occupied + u.boarding + u.recovering - w.leaving[ward, day - w.c[0].first_day]
    return here + u.reserved + u.reserve


@compiled
def binding_cause(w, ward, day):
    total, most, cause = 0, -1, 0
    for k in range(w.blocked.shape[1]):
        n = w.blocked[ward, k]
        total += n
        if n > most:
            most, cause = n, k
    if total and expected(w, ward, day) - total < w.u[ward].capacity:
        return cause
    return OF_HOSPITAL


# ---------------------------------------------------------------- the municipality


@compiled
def still_asks(w, p, turn):
    return w.p[p].offer == NEVER and w.p[p].turn == turn


@compiled
def grant(w, p):
    w.p[p].offer = w.c[0].now
    wake(w, p)


@compiled
def free_places(w, pool):
    u = w.u[pool]
    left = u.capacity - u.occupied
    if u.inherits > 0:
        c = w.c[0]
        for k in range(c.pools, c.pools + c.n_pools):
            if w.u[k].heir == pool:
                left -= w.u[k].occupied
    return left


@compiled
def grant_place(w, pool, p):
    w.u[pool].occupied += 1
    w.p[p].in_pool = True
    grant(w, p)


@compiled
def hand_out_places(w, pool):
    u = w.u[pool]
    while u.queue >= 0 and free_places(w, pool) > 0:
        i = first_in_line(w, pool)
        p, turn = w.nodes[i].patient, w.nodes[i].turn
        free(w, i)
        if still_asks(w, p, turn):
            grant_place(w, pool, p)


@compiled
def release_place(w, pool):
    u = w.u[pool]
    u.occupied -= 1
    hand_out_places(w, pool)
    if u.heir >= 0:
        hand_out_places(w, u.heir)


@compiled
def ask_place(w, pool, p):
    if free_places(w, pool) > 0:
        w.u[pool].occupied += 1
        w.p[p].in_pool = True
        return True
    ask_in_line(w, pool, p, w.p[p].turn)
    return False


@compiled
def pass_on(w, pool, heir):
    """Another pool takes this one over, or none does (any more)."""
    u = w.u[pool]
    if u.heir >= 0:
        w.u[u.heir].inherits -= 1
    u.heir = heir
    if heir >= 0:
        w.u[heir].inherits += 1
        while u.queue >= 0:
            i = first_in_line(w, pool)
            p, turn = w.nodes[i].patient, w.nodes[i].turn
            free(w, i)
            if still_asks(w, p, turn):
                w.p[p].pool = heir - w.c[0].pools
                ask_in_line(w, heir, p, turn)


@compiled
def settle(w, p):
    q, now = w.p[p], w.c[0].now
    q.settled = now
    push(w, now + q.settled_stay, SETTLED_END, p, CALL)


@compiled
def ask_to_settle(w, unit, p):
    u = w.u[unit]
    if u.occupied < u.capacity:
        u.occupied += 1
        settle(w, p)
        return True
    ask_in_line(w, unit, p, w.p[p].turn)
    return False


@compiled
def hand_out_settled(w, unit):
    u = w.u[unit]
    while u.queue >= 0 and u.occupied < u.capacity:
        i = first_in_line(w, unit)
        p, turn = w.nodes[i].patient, w.nodes[i].turn
        free(w, i)
        q = w.p[p]
        if q.settled == NEVER and q.turn == turn:
            u.occupied += 1
            settle(w, p)
            if q.offer == NEVER:
                grant(w, p)
            elif q.waiting:
                wake(w, p)
            else:
                q.in_pool = False
                release_place(w, w.c[0].pools + q.pool)


@compiled
def release_settled(w, unit):
    w.u[unit].occupied -= 1
    hand_out_settled(w, unit)


@compiled
def settled_unit(w, p):
    c, q = w.c[0], w.p[p]
    return (c.housing if q.need == HOUSING else c.long_term) + q.municipality


@compiled
def new_day(w, unit):
    u = w.u[unit]
    today = w.c[0].now // DAY
    if today != u.day:
        u.day = today
        u.occupied = 0


@compiled
def start_home_care(w, unit):
    """A start today, if one is left and nobody waits for it."""
    new_day(w, unit)
    u = w.u[unit]
    while u.queue >= 0:
        node = w.nodes[u.queue]
        if still_asks(w, node.patient, node.turn):
            break
        free(w, first_in_line(w, unit))
    if u.queue < 0 and u.occupied < u.capacity:
        u.occupied += 1
        return True
    return False


@compiled
def call_morning(w, unit):
    u, c = w.u[unit], w.c[0]
    if not u.morning:
        u.morning = 1
        tomorrow = (c.now // DAY + 1) * DAY + c.home_care_second
        push(w, tomorrow, HOME_CARE_MORNING, unit - c.home_care, CALL)


@compiled
def ask_home_care(w, unit, p):
    if start_home_care(w, unit):
        return True
    ask_in_line(w, unit, p, w.p[p].turn)
    call_morning(w, unit)
    return False


@compiled
def home_care_morning(w, unit):
    new_day(w, unit)
    u = w.u[unit]
    u.morning = 0
    while u.queue >= 0 and u.occupied < u.capacity:
        i = first_in_line(w, unit)
        p, turn = w.nodes[i].patient, w.nodes[i].turn
        free(w, i)
        if still_asks(w, p, turn):
            u.occupied += 1
            grant(w, p)
    if u.queue >= 0:
        call_morning(w, unit)


@compiled
def withdraw(w, p, turn):
    q = w.p[p]
    if q.turn == turn and q.waiting:
        q.turn += 1
        wake(w, p)


# ---------------------------------------------------------------- before the hospital


@compiled
def take_unit(w, unit):
    u = w.u[unit]
    if u.occupied < u.capacity:
        u.occupied += 1
        return True
    return False


@compiled
def acute(w, p):
    c, q = w.c[0], w.p[p]
    for k in range(c.n_teams):
        if w.t[p, k].averts and take_unit(w, c.teams + k):
            q.team = k
            at_home(w, p, w.t[p, k].course, AVERTED)
            return
    if q.kad >= 0:
        if take_unit(w, c.kad_units + q.kad):
            q.kad_start = c.now
            in_kad(w, p)
            return
        q.kad_refused = True
    to_hospital(w, p)


@compiled
def own_kad(w, p):
    c, q = w.c[0], w.p[p]
    if take_unit(w, c.kad_units + q.kad):
        q.kad_start = c.now
        in_kad(w, p)
    else:
        q.kad_refused = True
        q.outcome = REFUSED_KAD


@compiled
def in_kad(w, p):
    q = w.p[p]
    q.outcome = HAS_KAD
    until(w, p, q.kad_start + q.kad_stay, KAD_END, IN_KAD)


@compiled
def choose_pool(w, tables, p):
    c, q = w.c[0], w.p[p]
    pool = tables.pool_of[c.today, q.municipality]
    if pool >= 0:
        q.pool = pool


@compiled
def from_home(w, tables, p):
    choose_pool(w, tables, p)
    c, q = w.c[0], w.p[p]
    pool = c.pools + q.pool
    if free_places(w, pool) > w.u[pool].kept_free:
        w.u[pool].occupied += 1
        q.place_start = c.now
        in_place(w, p, FAR)
    else:
        q.outcome = TURNED_AWAY


@compiled
def at_home(w, p, duration, state):
    c, q = w.c[0], w.p[p]
    q.team_start = c.now
    q.outcome = WITH_TEAM
    until(w, p, c.now + duration, COURSE_END, state)


@compiled
def leave_team(w, p):
    c, q = w.c[0], w.p[p]
    q.team_end = c.now
    w.u[c.teams + q.team].occupied -= 1
    q.outcome = AT_HOME


# ---------------------------------------------------------------- electives


@compiled
def best_site(w, tables, p):
    c, q = w.c[0], w.p[p]
    best, most = np.int64(q.hospital), -np.inf
    for site in range(c.n_hospitals):
        worth = tables.options[q.option, site]
        waiting_list = tables.type_list[q.type, site]
        if worth == -np.inf or waiting_list < 0:
            continue
        pace = tables.pace[tables.phase[c.today], waiting_list]
        if pace <= 0:
            continue
        value = worth - w.u[c.lists + waiting_list].awaiting / pace
        if value > most:
            best, most = site, value
    return best


@compiled
def send_to(w, tables, p, site):
    q = w.p[p]
    if site != q.hospital:
        q.hospital = site
        q.stay = tables.option_stay[q.option, site]
        q.list = tables.type_list[q.type, site]
        q.clinic = tables.type_clinic[q.type, site]
        q.ward = tables.ward_of[site, q.specialty]


@compiled
def refer(w, tables, p):
    c, q = w.c[0], w.p[p]
    if q.option >= 0:
        send_to(w, tables, p, best_site(w, tables, p))
    u = w.u[c.lists + q.list]
    threshold = w.thresholds[u.threshold + min(u.awaiting, u.thresholds - 1)]
    if q.join >= threshold:
        q.outcome = NOT_JOINED
        return False
    q.joined = True
    return True


@compiled
def to_list(w, p):
    q = w.p[p]
    q.outcome = ON_LIST
    sift_in(w, w.c[0].lists + q.list, q.due, p)


@compiled
def first_contact(w, p):
    q = w.p[p]
    if q.clinic >= 0 or not q.goes_on:
        q.seen = w.c[0].now
    if q.goes_on:
        to_list(w, p)
    else:
        q.outcome = ASSESSED


@compiled
def to_clinic(w, p):
    q = w.p[p]
    if q.clinic < 0:
        first_contact(w, p)
    elif q.start == START_ON_LIST:
        q.seen = q.not_before
        to_list(w, p)
    else:
        q.outcome = AT_CLINIC
        sift_in(w, w.c[0].clinics + q.clinic, q.first_due, p)


@compiled
def assessment(w, tables, p):
    q = w.p[p]
    if q.arrival < w.c[0].now:
        q.joined = True
    elif not refer(w, tables, p):
        return
    to_clinic(w, p)


@compiled
def elective(w, tables, p):
    c, q = w.c[0], w.p[p]
    if c.any_hour:
        q.joined = True
        q.asked = c.now
        ward = c.wards + q.ward
        if take(w, ward):
            q.admitted = c.now
            q.bed = c.now
            q.treated = c.now
            stay(w, p)
        else:
            q.outcome = AWAITING_BED
            ask_in_line(w, ward, p, 0)
            wait(w, p, IN_RECOVERY)
        return
    if q.arrival >= c.now:
        if not refer(w, tables, p):
            return
    else:
        q.joined = True
    w.u[c.lists + q.list].awaiting += 1
    to_clinic(w, p)
    wait(w, p, CALLED_IN)


@compiled
def called_in(w, p):
    c, q = w.c[0], w.p[p]
    q.asked = c.now
    if q.day_surgery:
        q.treated = c.now
        q.outcome = AT_HOME
        return
    q.outcome = NOT_YET
    until(w, p, c.now // DAY * DAY + c.bed_second, BED_TIME, TAKES_BED)


@compiled
def takes_bed(w, p):
    c, q = w.c[0], w.p[p]
    u = w.u[c.wards + q.ward]
    u.reserved -= 1
    if u.occupied < u.capacity:
        u.occupied += 1
        q.admitted = c.now
        q.bed = c.now
        q.treated = c.now
        stay(w, p)
        return
    q.outcome = AWAITING_BED
    i = new_node(w, p, 0)
    if u.recovery < 0:
        u.recovery = i
    else:
        w.nodes[u.recovery_end].next = i
    u.recovery_end = i
    u.recovering += 1
    wait(w, p, IN_RECOVERY)


# ---------------------------------------------------------------- the hospital stay


@compiled
def to_hospital(w, p):
    c, q = w.c[0], w.p[p]
    ward, now = c.wards + q.ward, c.now
    q.asked = now
    taken = take_acute(w, ward)
    if taken >= 0:
        q.ward = taken - c.wards
        q.admitted = now
        q.bed = now
        stay(w, p)
        return
    q.outcome = AWAITING_BED
    u = w.u[ward]
    u.boarding += 1
    i = new_node(w, p, 0)
    if u.emergency < 0:
        u.emergency = i
    else:
        w.nodes[u.emergency_end].next = i
    u.emergency_end = i
    if c.boarding_limit >= 0:
        push(w, now + c.boarding_limit, BOARDING, p, CALL)
    wait(w, p, AWAITS_BED)


@compiled
def into_corridor(w, ward, p):
    u = w.u[ward]
    i = new_node(w, p, 0)
    if u.corridor < 0:
        u.corridor = i
    else:
        w.nodes[u.corridor_end].next = i
    u.corridor_end = i


@compiled
def board(w, p):
    """The boarding limit is reached: if ``p`` still waits, the stay begins in the corridor."""
    c, q = w.c[0], w.p[p]
    if q.admitted == NEVER:
        q.admitted = c.now
        into_corridor(w, c.wards + q.ward, p)
        wake(w, p)


@compiled
def already_in_bed(w, p):
    c, q = w.c[0], w.p[p]
    ward = c.wards + q.ward
    q.asked = q.began
    q.admitted = q.began
    if q.list >= 0:
        q.joined = True
        q.treated = q.admitted
    if take(w, ward):
        q.bed = q.admitted
    else:
        w.u[ward].boarding += 1
        into_corridor(w, ward, p)
    stay(w, p)


@compiled
def stay(w, p):
    """The hospital stay, from admission until the bed is free again."""
    c, q = w.c[0], w.p[p]
    q.outcome = IN_HOSPITAL
    end = q.admitted + q.stay
    if q.dies:
        q.leaves = end
        if q.transfer_after < 0 or not asks_transfer(w, p, end):
            after_transfer(w, p)
        return
    ready = end if c.ward_round < 0 else round_nearest(end, c.ward_round, c.now)
    q.ready = ready
    if q.need != NOTHING:
        if q.transfer_after < 0 or not asks_transfer(w, p, ready):
            after_transfer(w, p)
        return
    q.leaves = ready if c.discharge_hour < 0 else round_after(ready, c.discharge_hour)
    expect(w, ward_with(w, p), p, q.leaves)
    if q.transfer_after >= 0:
        if not asks_transfer(w, p, ready):
            after_transfer(w, p)
    elif c.n_teams and q.team < 0:
        q.begun = c.now
        asks_team(w, p, c.now)
    else:
        until(w, p, q.leaves, LEAVE, LEAVES)


@compiled
def after_transfer(w, p):
    c, q = w.c[0], w.p[p]
    if q.dies:
        until(w, p, max(q.leaves, c.now), LEAVE, DIES)
    elif q.need == NOTHING:
        expect(w, ward_with(w, p), p, q.leaves)
        until(w, p, q.leaves, LEAVE, LEAVES)
    else:
        await_municipality(w, p)


@compiled
def asks_transfer(w, p, until_time):
    """Whether the catchment hospital will be asked for a bed."""
    c, q = w.c[0], w.p[p]
    ask = q.admitted + q.transfer_after
    if c.ward_round >= 0:
        ask = round_nearest(ask, c.ward_round, q.admitted)
    if ask < c.now or ask + DAY > until_time:
        return False
    q.until = until_time
    until(w, p, ask, TRANSFER, ASKS_TRANSFER)
    return True


@compiled
def transfer(w, p):
    c, q = w.c[0], w.p[p]
    u = w.u[c.wards + q.home_ward]
    if u.occupied + u.reserved < u.capacity and q.bed != NEVER:
        u.reserved += 1
        move = c.now if c.discharge_hour < 0 else round_after(c.now, c.discharge_hour)
        until(w, p, move, MOVE, MOVES)
    elif c.now + 2 * DAY <= q.until:
        until(w, p, c.now + DAY, TRANSFER, ASKS_TRANSFER)
    else:
        after_transfer(w, p)


@compiled
def moves(w, p):
    c, q = w.c[0], w.p[p]
    release_bed(w, ward_with(w, p), p)
    u = w.u[c.wards + q.home_ward]
    u.reserved -= 1
    u.occupied += 1
    q.moved = c.now
    q.moved_to = q.home_ward
    after_transfer(w, p)


@compiled
def team_asked_at(w, p, k):
    """When team ``k`` is asked to take the patient home."""
    c, q = w.c[0], w.p[p]
    ask = q.admitted + w.t[p, k].early_after
    return ask if c.ward_round < 0 else round_nearest(ask, c.ward_round, q.admitted)


@compiled
def asks_team(w, p, after):
    """Wait for the next time, at or after ``after``, at which a team is asked; else for leaving."""
    c, q = w.c[0], w.p[p]
    ask = FAR
    for k in range(c.n_teams):
        if w.t[p, k].early:
            at = team_asked_at(w, p, k)
            if after <= at < ask:
                ask = at
    if ask != FAR:
        home = ask if c.discharge_hour < 0 else round_after(ask, c.discharge_hour)
        if home < q.leaves:
            until(w, p, ask, EARLY_DISCHARGE, ASKS_TEAM)
            return
    until(w, p, q.leaves, LEAVE, LEAVES)


@compiled
def team_takes_home(w, p):
    c, q = w.c[0], w.p[p]
    home_care = c.home_care + q.municipality
    for k in range(c.n_teams):
        if not w.t[p, k].early:
            continue
        at = team_asked_at(w, p, k)
        if at < q.begun or at > c.now:
            continue
        u = w.u[c.teams + k]
        if u.occupied < u.capacity and (not u.visits or start_home_care(w, home_care)):
            u.occupied += 1
            q.team = k
            home = c.now if c.discharge_hour < 0 else round_after(c.now, c.discharge_hour)
            expect(w, ward_with(w, p), p, home)
            q.ready = c.now
            until(w, p, home, LEAVE, GOES_EARLY)
            return
    asks_team(w, p, c.now + 1)


@compiled
def leave(w, p):
    w.p[p].left = w.c[0].now
    release_bed(w, ward_with(w, p), p)


@compiled
def readmit(w, p, time):
    push(w, time, ARRIVAL, w.p[p].child, CALL)


@compiled
def after_discharge(w, p):
    c, q = w.c[0], w.p[p]
    readmits = bool(q.readmits)
    for k in range(c.n_teams):
        if w.t[p, k].follows and take_unit(w, c.teams + k):
            q.follow_team = k
            q.follow_start = c.now
            readmits = bool(w.t[p, k].readmits_followed)
            break
    back = FAR
    if readmits:
        back = c.now + q.readmit_delay
        readmit(w, p, back)
    if q.follow_team >= 0:
        end = min(c.now + w.t[p, q.follow_team].course, back)
        push(w, end, COURSE_END, p, CALL)
    return back


# ---------------------------------------------------------------- ready for discharge


@compiled
def await_municipality(w, p):
    c, q = w.c[0], w.p[p]
    notice = min(q.admitted + c.notice, q.ready) if q.notified_early else q.ready
    receives = notice + q.response
    if q.response and c.ward_round >= 0:
        receives = round_after(receives, c.ward_round)
    receives = max(q.ready, receives) + q.complex
    q.can_receive = receives
    q.receives = receives
    q.ill_at = q.ready + q.ill_after if c.falls_ill else FAR
    await_answer(w, p, q.ready)


@compiled
def await_answer(w, p, ready):
    if w.p[p].receives > ready:
        until(w, p, ready, READY, IS_READY)
    else:
        await_place(w, p)


@compiled
def await_place(w, p):
    q = w.p[p]
    if q.ill_at <= q.receives:
        until(w, p, q.ill_at, ILL_AGAIN, FALLS_ILL)
    else:
        until(w, p, q.receives, ASK_MUNICIPALITY, ASKS)


@compiled
def ill_again(w, p):
    c, q = w.c[0], w.p[p]
    q.ill = c.now
    unblock(w, ward_with(w, p), p)
    ready = c.now + q.ill_stay
    if c.ward_round >= 0:
        ready = round_nearest(ready, c.ward_round, c.now)
    q.ready_again = ready
    q.ill_at = FAR
    q.receives = max(ready, q.receives)
    await_answer(w, p, ready)


@compiled
def ask(w, tables, p):
    """Ask for what the patient needs; whoever must wait stands in line when this returns."""
    c, q = w.c[0], w.p[p]
    if q.need == HOME_CARE:
        return ask_home_care(w, c.home_care + q.municipality, p)
    turn = q.turn
    choose_pool(w, tables, p)
    if q.need == HOUSING:
        granted = ask_to_settle(w, c.housing + q.municipality, p)
        if not granted and c.housing_stretches:
            push(w, c.now + q.stretch, STRETCH, p, turn)
        return granted
    if q.need == LONG_TERM:
        if ask_to_settle(w, c.long_term + q.municipality, p):
            return True
        if q.pool < 0:
            return False
    granted = ask_place(w, c.pools + q.pool, p)
    if not granted and c.stretches:
        push(w, c.now + q.stretch, STRETCH, p, turn)
    return granted


@compiled
def asks(w, tables, p):
    q = w.p[p]
    if ask(w, tables, p):
        q.offer = q.receives
        departs(w, p)
        return
    block(w, ward_with(w, p), p, CAUSE_OF[q.need])
    if q.ill_at != FAR:
        push(w, q.ill_at, ILL_AGAIN, p, q.turn)
    wait(w, p, AWAITS_GRANT)


@compiled
def departs(w, p):
    c, q = w.c[0], w.p[p]
    unblock(w, ward_with(w, p), p)
    leaves = q.offer
    if c.discharge_hour >= 0:
        leaves = round_after(q.offer, q.home_second if q.need == HOME_CARE else c.discharge_hour)
    expect(w, ward_with(w, p), p, leaves)
    until(w, p, leaves, LEAVE, LEAVES_TO)


@compiled
def in_place(w, p, back):
    c, q = w.c[0], w.p[p]
    q.outcome = HAS_PLACE
    if q.need == LONG_TERM:
        if back != FAR:
            push(w, back, PLACE_END, p, q.turn)
        wait(w, p, SETTLES)
        return
    end = q.place_start + q.place_stay
    if c.place_hour >= 0:
        end = round_nearest(end, c.place_hour, c.now)
    until(w, p, min(end, back), PLACE_END, IN_PLACE)


@compiled
def leave_place(w, p):
    c, q = w.c[0], w.p[p]
    q.place_end = c.now
    release_place(w, c.pools + q.pool)
    q.outcome = AT_HOME


# ---------------------------------------------------------------- what goes on with a patient


@compiled
def go_on(w, tables, p):
    c, q = w.c[0], w.p[p]
    state = q.state
    if state == CALLED_IN:
        called_in(w, p)
    elif state == TAKES_BED:
        takes_bed(w, p)
    elif state == IN_RECOVERY:
        q.treated = q.admitted
        stay(w, p)
    elif state == AWAITS_BED:
        stay(w, p)
    elif state == DIES:
        leave(w, p)
        q.outcome = DIED
    elif state == ASKS_TRANSFER:
        transfer(w, p)
    elif state == MOVES:
        moves(w, p)
    elif state == ASKS_TEAM:
        team_takes_home(w, p)
    elif state == GOES_EARLY:
        leave(w, p)
        back = after_discharge(w, p)
        at_home(w, p, min(q.leaves, back) - c.now, EARLY_COURSE)
    elif state == EARLY_COURSE:
        leave_team(w, p)
    elif state == AVERTED:
        leave_team(w, p)
        if w.t[p, q.team].escalates:
            to_hospital(w, p)
    elif state == IN_KAD:
        q.kad_end = c.now
        w.u[c.kad_units + q.kad].occupied -= 1
        if q.kad_sent_on:
            to_hospital(w, p)
        else:
            q.outcome = AT_HOME
    elif state == LEAVES:
        leave(w, p)
        q.outcome = AT_HOME
        after_discharge(w, p)
    elif state == IS_READY:
        block(w, ward_with(w, p), p, RESPONSE)
        await_place(w, p)
    elif state == FALLS_ILL:
        ill_again(w, p)
    elif state == ASKS:
        asks(w, tables, p)
    elif state == AWAITS_GRANT:
        if q.offer != NEVER:
            departs(w, p)
        else:
            ill_again(w, p)
    elif state == LEAVES_TO:
        leave(w, p)
        back = after_discharge(w, p)
        if q.in_pool:
            q.place_start = c.now
            in_place(w, p, back)
        else:
            q.outcome = AT_HOME
    else:  # IN_PLACE, SETTLES
        leave_place(w, p)


@compiled
def call(w, kind, id, turn):
    """An event that is not somebody's going on."""
    c = w.c[0]
    if kind == BOARDING:
        board(w, id)
    elif kind == STRETCH:
        if still_asks(w, id, turn):
            q = w.p[id]
            q.stretched = True
            if q.need == HOUSING:
                q.turn += 1
                grant(w, id)
            else:
                grant_place(w, c.pools + q.pool, id)
    elif kind == ILL_AGAIN:
        if still_asks(w, id, turn):
            withdraw(w, id, turn)
    elif kind == PLACE_END:
        withdraw(w, id, turn)
    elif kind == COURSE_END:
        q = w.p[id]
        q.follow_end = c.now
        w.u[c.teams + q.follow_team].occupied -= 1
    elif kind == SETTLED_END:
        release_settled(w, settled_unit(w, id))
    elif kind == HOME_CARE_MORNING:
        home_care_morning(w, c.home_care + id)
    elif kind == ARRIVAL:
        w.p[id].arrived = c.now
        to_hospital(w, id)


@compiled
def arrive(w, tables, p):
    q = w.p[p]
    q.arrived = q.arrival
    stream = q.stream
    if stream == ACUTE:
        acute(w, p)
    elif stream == ELECTIVE:
        elective(w, tables, p)
    elif stream == ASSESSMENT:
        assessment(w, tables, p)
    elif stream == KAD_OWN:
        own_kad(w, p)
    elif stream == FROM_HOME:
        from_home(w, tables, p)
    else:
        to_hospital(w, p)


# ---------------------------------------------------------------- the calendar


@compiled
def takes(w, unit, p):
    by_patient = w.u[unit].by_patient
    return by_patient if by_patient else np.int64(w.p[p].minutes)


@compiled
def call_in(w, p):
    c, q = w.c[0], w.p[p]
    w.u[c.lists + q.list].awaiting -= 1
    wake(w, p)


@compiled
def hold_session(w, tables, unit, day, capacity):
    """Fill the session in the list's order, skipping what does not fit; see who gets a bed."""
    c, u = w.c[0], w.u[unit]
    have = capacity + u.saved
    left = have
    n_planned = n_skipped = 0
    planned, skipped = w.scratch[0], w.scratch[1]
    while u.entries > 0 and left > 0 and n_skipped < c.look_ahead:
        p = sift_out(w, unit)
        minutes = takes(w, unit, p)
        if minutes <= left:
            left -= minutes
            planned[n_planned] = p
            n_planned += 1
        else:
            skipped[n_skipped] = p
            n_skipped += 1
            if u.by_patient:
                break
    for k in range(n_skipped):
        sift_in(w, unit, w.p[skipped[k]].due, skipped[k])
    lost = postponed = 0
    ward = u.ward
    for k in range(n_planned):
        p = planned[k]
        q = w.p[p]
        q.planned += 1
        if q.day_surgery:
            call_in(w, p)
        elif ward >= 0 and expected(w, ward, day) < w.u[ward].capacity:
            w.u[ward].reserved += 1
            call_in(w, p)
        else:
            postponed += 1
            lost += takes(w, unit, p)
            q.postponed += 1
            cause = binding_cause(w, ward, day) if ward >= 0 else OF_HOSPITAL
            if c.postponements < len(w.postponements):
                row = w.postponements[c.postponements]
                row[0], row[1], row[2] = c.now, p, cause
            c.postponements += 1
            sift_in(w, unit, q.due, p)
    if lost:
        n_skipped = 0
        while u.entries > 0 and lost > 0 and n_skipped < c.look_ahead:
            p = sift_out(w, unit)
            q = w.p[p]
            if q.day_surgery and q.minutes <= lost:
                lost -= q.minutes
                q.planned += 1
                call_in(w, p)
            else:
                skipped[n_skipped] = p
                n_skipped += 1
        for k in range(n_skipped):
            sift_in(w, unit, w.p[skipped[k]].due, skipped[k])
    u.saved = min(left, u.carry)
    row = tables.sessions[c.sessions]
    c.sessions += 1
    row[0], row[1], row[2], row[3] = c.now, unit - c.lists, have, have - left - lost
    row[4], row[5], row[6], row[7] = lost, n_planned, postponed, u.awaiting


@compiled
def hold_clinic(w, unit, capacity):
    c, u = w.c[0], w.u[unit]
    have = capacity + u.saved
    while u.entries > 0 and have >= SLOT and w.p[w.entries[u.first_entry].patient].not_before <= c.now:
        p = sift_out(w, unit)
        have -= SLOT
        first_contact(w, p)
    u.saved = min(have, SLOT - 1)


@compiled
def pools_change(w, tables, day):
    c = w.c[0]
    for k in range(c.n_pools):
        pool = c.pools + k
        w.u[pool].capacity = tables.places[day, k]
        w.u[pool].kept_free = tables.kept_free[day, k]
        heir = tables.heir[day, k]
        heir = c.pools + heir if heir >= 0 else np.int64(-1)
        if heir != w.u[pool].heir:
            pass_on(w, pool, heir)
    for k in range(c.n_pools):
        hand_out_places(w, c.pools + k)


@compiled
def capacity_changes(w, tables, day):
    c = w.c[0]
    c.today = day
    for k in range(c.n_wards):
        w.u[c.wards + k].capacity = tables.ward_beds[day, k]
    for k in range(c.n_wards):
        hand_out_beds(w, c.wards + k)
    for k in range(c.n_municipalities):
        w.u[c.long_term + k].capacity = tables.long_term[day, k]
        hand_out_settled(w, c.long_term + k)
    for k in range(c.n_municipalities):
        w.u[c.housing + k].capacity = tables.housing[day, k]
        hand_out_settled(w, c.housing + k)
    pools_change(w, tables, day)
    for k in range(c.n_municipalities):
        w.u[c.home_care + k].capacity = tables.home_care[day, k]
    for k in range(c.n_kad_units):
        w.u[c.kad_units + k].capacity = tables.kad_beds[day, k]
    for k in range(c.n_teams):
        w.u[c.teams + k].capacity = tables.team_places[day, k]


@compiled
def count(w, tables):
    """Who lies where at midnight."""
    c = w.c[0]
    row = tables.census[c.census]
    c.census += 1
    at = 0
    for first, n in ((c.wards, c.n_wards), (c.pools, c.n_pools), (c.kad_units, c.n_kad_units), (c.teams, c.n_teams)):
        for k in range(n):
            row[at] = w.u[first + k].occupied
            at += 1


@compiled
def calendar(w, tables, kind, id):
    """What the calendar does now, and when it does so next."""
    c = w.c[0]
    day = c.now // DAY
    i = day - c.first_day
    if kind == MIDNIGHT:
        count(w, tables)
        if day + 1 < c.days:
            push(w, (day + 1) * DAY, MIDNIGHT, 0, CALL)
    elif kind == CAPACITY:
        capacity_changes(w, tables, i)
        for j in range(i + 1, len(tables.changes)):
            if tables.changes[j]:
                push(w, (c.first_day + j) * DAY, CAPACITY, 0, CALL)
                break
    elif kind == OPENING:
        m, housing = id >> 1, id & 1
        c.openings += 1
        if c.openings < len(tables.openings):
            row = tables.openings[c.openings]
            push(w, row[0], OPENING, 2 * row[1] + row[2], CALL)
        release_settled(w, (c.housing if housing else c.long_term) + m)
    elif kind == SESSION:
        for k in range(c.n_lists):
            j = k if day % 2 == 0 else c.n_lists - 1 - k
            if tables.session_capacity[j, i] > 0:
                hold_session(w, tables, c.lists + j, day, tables.session_capacity[j, i])
        if i + 1 < tables.session_capacity.shape[1]:
            push(w, (day + 1) * DAY + c.session_second, SESSION, 0, CALL)
    else:
        for k in range(c.n_clinics):
            if tables.clinic_capacity[k, i] > 0:
                hold_clinic(w, c.clinics + k, tables.clinic_capacity[k, i])
        next_clinic(w, tables, i + 1)


@compiled
def next_clinic(w, tables, i):
    c = w.c[0]
    for j in range(i, tables.clinic_capacity.shape[1]):
        for k in range(c.n_clinics):
            if tables.clinic_capacity[k, j] > 0:
                push(w, (c.first_day + j) * DAY + c.clinic_second, CLINIC, 0, CALL)
                return


# ---------------------------------------------------------------- the loop


@compiled
def load(w, tables):
    """Put those who were there before into their beds, places and lists, in the order of id."""
    c = w.c[0]
    c.today = 0
    pools_change(w, tables, 0)
    if c.loaded_start:
        for unit in range(c.long_term, c.housing + c.n_municipalities):
            u = w.u[unit]
            u.occupied = u.capacity if u.capacity < UNLIMITED else 0
    for p in range(len(w.p)):
        q = w.p[p]
        start = q.start
        if not q.active or start <= GONE:
            continue
        q.arrived = q.arrival
        if start == START_IN_BED:
            already_in_bed(w, p)
        elif start == START_IN_PLACE:
            q.place_start = q.began
            w.u[c.pools + q.pool].occupied += 1
            in_place(w, p, back_after_start(w, p))
        elif start == START_IN_KAD:
            q.kad_start = q.began
            w.u[c.kad_units + q.kad].occupied += 1
            in_kad(w, p)
        elif q.goes_on:
            elective(w, tables, p)
        else:
            assessment(w, tables, p)
    for p in range(len(w.p)):
        q = w.p[p]
        if q.active and q.readmits and q.start == GONE and q.began <= c.now:
            back_after_start(w, p)


@compiled
def back_after_start(w, p):
    q = w.p[p]
    back = q.began + q.readmit_delay
    if not q.readmits or back < w.c[0].now:
        return FAR
    readmit(w, p, back)
    return back


@njit(cache=True, nogil=True, _nrt=False)
def run(w, tables):
    """Run the clock to the end; an event at or after the end does not happen."""
    c = w.c[0]
    load(w, tables)
    push(w, (c.first_day + 1) * DAY, MIDNIGHT, 0, CALL)
    for j in range(1, len(tables.changes)):
        if tables.changes[j]:
            push(w, (c.first_day + j) * DAY, CAPACITY, 0, CALL)
            break
    if len(tables.openings):
        row = tables.openings[0]
        push(w, row[0], OPENING, 2 * row[1] + row[2], CALL)
    if c.n_lists:
        push(w, c.first_day * DAY + c.session_second, SESSION, 0, CALL)
    if c.n_clinics:
        next_clinic(w, tables, 0)
    comes = 0
    while True:
        while c.woken < c.woken_end:
            p = w.woken[c.woken % len(w.woken)]
            c.woken += 1
            go_on(w, tables, p)
        if comes < len(tables.comes):
            p = tables.comes[comes]
            time = w.p[p].arrival
            if c.events == 0 or time < w.events[0].time or (
                time == w.events[0].time and ARRIVAL * _RANK + p < w.events[0].key
            ):
                if time >= c.end:
                    return
                comes += 1
                c.arrivals += 1
                c.now = time
                arrive(w, tables, p)
                continue
        if c.events == 0:
            return
        first = w.events[0]
        time, key, turn = first.time, first.key, first.turn
        if time >= c.end:
            return
        drop_first(w)
        c.now = time
        kind, id = key // _RANK, key % _RANK
        if turn == RESUME:
            go_on(w, tables, id)
        elif MIDNIGHT <= kind <= CLINIC and kind != HOME_CARE_MORNING:
            calendar(w, tables, kind, id)
        else:
            call(w, kind, id, turn)
