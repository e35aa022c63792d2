"""The municipality's side: :mod:`capsim.models.municipality`, compiled."""

from __future__ import annotations

from capsim.models.kernel.clock import CALL, push, wake
from capsim.models.kernel.codes import DAY, HOME_CARE_MORNING, HOUSING, NEVER, SETTLED_END
from capsim.models.kernel.queues import LINE, append, first_of, is_empty, pop_first
from capsim.models.kernel.world import compiled


@compiled
def still_asks(w, p, turn):
    """Whether ``p`` still waits in hospital for what was asked for in that turn."""
    return w.offer[p] == NEVER and w.turn[p] == turn


@compiled
def grant(w, p):
    """The municipality offers a place or a start to ``p``, who waits in hospital."""
    w.offer[p] = w.now
    wake(w, p)


@compiled
def withdraw(w, p, turn):
    """``p`` no longer waits for what was asked for in that turn."""
    if w.turn[p] == turn and w.waiting[p]:
        w.turn[p] += 1
        wake(w, p)


# ---------------------------------------------------------------- short-term places


@compiled
def free_places(w, pool):
    """Places that nobody has."""
    free = w.capacity[pool] - w.occupied[pool]
    if w.inherits[pool]:
        for closed in range(w.pools, w.pools + w.n_pools):
            if w.heir[closed] == pool:
                free -= w.occupied[closed]
    return free


@compiled
def grant_place(w, pool, p):
    w.occupied[pool] += 1
    w.in_pool[p] = 1
    grant(w, p)


@compiled
def hand_out_places(w, pool):
    while not is_empty(w, pool, LINE) and free_places(w, pool) > 0:
        p, turn = pop_first(w, pool, LINE)
        if still_asks(w, p, turn):
            grant_place(w, pool, p)


@compiled
def release_place(w, pool):
    w.occupied[pool] -= 1
    hand_out_places(w, pool)
    if w.heir[pool] >= 0:
        hand_out_places(w, w.heir[pool])


@compiled
def ask_place(w, pool, p):
    """A patient in hospital asks; without a free place the patient waits in line."""
    if free_places(w, pool) > 0:
        w.occupied[pool] += 1
        w.in_pool[p] = 1
        return True
    append(w, pool, LINE, p, w.turn[p])
    return False


@compiled
def pass_on(w, pool, heir):
    """Another pool takes this one over, or none does (any more)."""
    if w.heir[pool] >= 0:
        w.inherits[w.heir[pool]] -= 1
    w.heir[pool] = heir
    if heir >= 0:
        w.inherits[heir] += 1
        while not is_empty(w, pool, LINE):
            p, turn = pop_first(w, pool, LINE)
            if still_asks(w, p, turn):
                w.pool[p] = heir - w.pools
                append(w, heir, LINE, p, turn)


# ---------------------------------------------------------------- long-term places and housing


@compiled
def settle(w, p):
    """``p`` has a long-term place or a home from now on, for the stay there."""
    w.settled[p] = w.now
    push(w, w.now + w.settled_stay[p], SETTLED_END + p, CALL)


@compiled
def ask_to_settle(w, unit, p):
    if w.occupied[unit] < w.capacity[unit]:
        w.occupied[unit] += 1
        settle(w, p)
        return True
    append(w, unit, LINE, p, w.turn[p])
    return False


@compiled
def hand_out_settled(w, unit):
    while not is_empty(w, unit, LINE) and w.occupied[unit] < w.capacity[unit]:
        p, turn = pop_first(w, unit, LINE)
        if w.settled[p] == NEVER and w.turn[p] == turn:
            w.occupied[unit] += 1
            settle(w, p)
            if w.offer[p] == NEVER:  # waits in hospital
                grant(w, p)
            elif w.waiting[p]:  # waits in a short-term place
                wake(w, p)
            else:  # on the way to a short-term place, which is given up
                w.in_pool[p] = 0
                release_place(w, w.pools + w.pool[p])


@compiled
def release_settled(w, unit):
    w.occupied[unit] -= 1
    hand_out_settled(w, unit)


@compiled
def settled_unit(w, p):
    """Where ``p`` settles."""
    return (w.housing if w.need[p] == HOUSING else w.long_term) + w.municipality[p]


# ---------------------------------------------------------------- home care


@compiled
def new_day(w, unit):
    today = w.now // DAY
    if today != w.started_on[unit]:
        w.started_on[unit] = today
        w.occupied[unit] = 0


@compiled
def start_home_care(w, unit):
    """A start today, if one is left and nobody waits for it."""
    new_day(w, unit)
    while not is_empty(w, unit, LINE):
        p, turn = first_of(w, unit, LINE)
        if still_asks(w, p, turn):
            return False
        pop_first(w, unit, LINE)
    if w.occupied[unit] < w.capacity[unit]:
        w.occupied[unit] += 1
        return True
    return False


@compiled
def call_morning(w, unit):
    if not w.morning[unit]:
        w.morning[unit] = 1
        tomorrow = (w.now // DAY + 1) * DAY + w.home_care_second
        push(w, tomorrow, HOME_CARE_MORNING + unit - w.home_care, CALL)


@compiled
def ask_home_care(w, unit, p):
    if start_home_care(w, unit):
        return True
    append(w, unit, LINE, p, w.turn[p])
    call_morning(w, unit)
    return False


@compiled
def home_care_morning(w, unit):
    """The morning's starts, to those who wait."""
    new_day(w, unit)
    w.morning[unit] = 0
    while not is_empty(w, unit, LINE) and w.occupied[unit] < w.capacity[unit]:
        p, turn = pop_first(w, unit, LINE)
        if still_asks(w, p, turn):
            w.occupied[unit] += 1
            grant(w, p)
    if not is_empty(w, unit, LINE):
        call_morning(w, unit)
