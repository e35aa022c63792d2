"""The compiled engine's loop and calendar: :mod:`capsim.models.engine`, compiled."""

from __future__ import annotations

from capsim.models.kernel import codes
from capsim.models.kernel.clock import (
    CALL,
    ID_BITS,
    RANK_BITS,
    RESUME,
    TURN_BITS,
    drop_first,
    next_woken,
    push,
)
from capsim.models.kernel.codes import DAY, FAR, GONE, HOME_CARE_MORNING, UNLIMITED
from capsim.models.kernel.hospital import hand_out_beds, hold_clinic, hold_session
from capsim.models.kernel.municipality import (
    hand_out_places,
    hand_out_settled,
    home_care_morning,
    pass_on,
    release_settled,
    settled_unit,
    withdraw,
)
from capsim.models.kernel.ways import (
    acute,
    already_in_bed,
    assessment,
    board,
    elective,
    end_follow_up,
    from_home,
    go_on,
    in_kad,
    in_place,
    interrupted,
    own_kad,
    readmit,
    stretched,
    to_hospital,
)
from capsim.models.kernel.world import compiled

# ---------------------------------------------------------------- the calendar


@compiled
def set_capacity(w, first, n, of_day, day):
    for k in range(n):
        w.capacity[first + k] = of_day[day * n + k]


@compiled
def pools_change(w, day):
    """The short-term places of simulated day ``day``, and which pool took another over."""
    for k in range(w.n_pools):
        pool = w.pools + k
        w.capacity[pool] = w.places[day * w.n_pools + k]
        w.kept_free[pool] = w.kept_free_on[day * w.n_pools + k]
        heir = w.heir_on[day * w.n_pools + k]
        heir = w.pools + heir if heir >= 0 else -1
        if heir != w.heir[pool]:
            pass_on(w, pool, heir)
    for k in range(w.n_pools):
        hand_out_places(w, w.pools + k)


@compiled
def capacity_changes(w, day):
    w.today = day
    set_capacity(w, w.wards, w.n_wards, w.ward_beds, day)
    for k in range(w.n_wards):
        hand_out_beds(w, w.wards + k)
    for k in range(w.n_municipalities):
        w.capacity[w.long_term + k] = w.long_term_places[day * w.n_municipalities + k]
        hand_out_settled(w, w.long_term + k)
    for k in range(w.n_municipalities):
        w.capacity[w.housing + k] = w.supported_housing[day * w.n_municipalities + k]
        hand_out_settled(w, w.housing + k)
    pools_change(w, day)
    set_capacity(w, w.home_care, w.n_municipalities, w.home_care_starts, day)
    set_capacity(w, w.kad_units, w.n_kad_units, w.kad_beds, day)
    set_capacity(w, w.teams, w.n_teams, w.team_places, day)


@compiled
def next_change(w, day):
    """Capacities change next on a day from ``day`` on."""
    for i in range(day, w.n_days):
        if w.changes[i]:
            push(w, (w.first_day + i) * DAY, codes.CAPACITY, CALL)
            return


@compiled
def count(w, first, n):
    for k in range(n):
        w.census[w.n_census] = w.occupied[first + k]
        w.n_census += 1


@compiled
def midnight(w):
    """Count who lies where."""
    count(w, w.wards, w.n_wards)
    count(w, w.pools, w.n_pools)
    count(w, w.kad_units, w.n_kad_units)
    count(w, w.teams, w.n_teams)
    push(w, w.now + DAY, codes.MIDNIGHT, CALL)


@compiled
def next_opening(w):
    """When the next of those settled before the start leaves."""
    if w.n_openings_past < w.n_openings:
        row = 3 * w.n_openings_past
        w.n_openings_past += 1
        id = 2 * w.openings[row + 1] + w.openings[row + 2]
        push(w, w.openings[row], codes.OPENING + id, CALL)


@compiled
def opening(w, id):
    next_opening(w)
    release_settled(w, (w.housing if id & 1 else w.long_term) + (id >> 1))


@compiled
def sessions(w, day):
    """List by list, where there is a session: in the lists' order on even days and backwards on odd
    ones, so that no list is always last to ask for the ward's beds."""
    for k in range(w.n_lists):
        i = k if day % 2 == 0 else w.n_lists - 1 - k
        capacity = w.session_capacity[i * w.n_days + day - w.first_day]
        if capacity > 0:
            hold_session(w, w.lists + i, day, capacity)
    push(w, w.now + DAY, codes.SESSION, CALL)


@compiled
def next_clinic(w, day):
    """There are first contacts next on a day from ``day`` on."""
    for i in range(day, w.n_days):
        for k in range(w.n_clinics):
            if w.clinic_capacity[k * w.n_days + i] > 0:
                push(w, (w.first_day + i) * DAY + w.clinic_second, codes.CLINIC, CALL)
                return


@compiled
def clinics(w, day):
    for k in range(w.n_clinics):
        capacity = w.clinic_capacity[k * w.n_days + day]
        if capacity > 0:
            hold_clinic(w, w.clinics + k, capacity)
    next_clinic(w, day + 1)


# ---------------------------------------------------------------- the loop


@compiled
def load(w):
    """Put those who were there before into their beds, places and lists, in the order of id."""
    pools_change(w, 0)
    if w.loaded_start:
        for unit in range(w.long_term, w.housing + w.n_municipalities):
            w.occupied[unit] = w.capacity[unit] if w.capacity[unit] < UNLIMITED else 0
    for p in range(w.n_patients):
        start = w.start[p]
        if not w.active[p] or start <= GONE:
            continue
        if start == codes.START_IN_BED:
            already_in_bed(w, p)
        elif start == codes.START_IN_PLACE:
            w.place_start[p] = w.began[p]
            w.occupied[w.pools + w.pool[p]] += 1
            in_place(w, p, back_after_start(w, p))
        elif start == codes.START_IN_KAD:
            w.kad_start[p] = w.began[p]
            w.occupied[w.kad_units + w.kad[p]] += 1
            in_kad(w, p)
        elif w.goes_on[p]:
            elective(w, p)
        else:
            assessment(w, p)
    for p in range(w.n_patients):
        if w.active[p] and w.readmits[p] and w.start[p] == GONE and w.began[p] <= w.now:
            back_after_start(w, p)


@compiled
def back_after_start(w, p):
    """When somebody who left hospital before the start is readmitted, if after it."""
    back = w.began[p] + w.readmit_delay[p]
    if not w.readmits[p] or back < w.now:
        return FAR
    readmit(w, p, back)
    return back


@compiled
def arrive(w, p):
    """The way of ``p``, who arrives now."""
    stream = w.stream[p]
    if stream == codes.ACUTE:
        acute(w, p)
    elif stream == codes.ELECTIVE:
        elective(w, p)
    elif stream == codes.ASSESSMENT:
        assessment(w, p)
    elif stream == codes.KAD_OWN:
        own_kad(w, p)
    elif stream == codes.FROM_HOME:
        from_home(w, p)
    else:
        to_hospital(w, p)


@compiled
def happen(w, kind, id, turn):
    """An event that is not somebody's going on."""
    if kind == codes.MIDNIGHT:
        midnight(w)
    elif kind == codes.BOARDING:
        board(w, id)
    elif kind == codes.STRETCH:
        stretched(w, id, turn)
    elif kind == codes.ILL_AGAIN:
        interrupted(w, id, turn)
    elif kind == codes.PLACE_END:
        withdraw(w, id, turn)
    elif kind == codes.COURSE_END:
        end_follow_up(w, id)
    elif kind == codes.SETTLED_END:
        release_settled(w, settled_unit(w, id))
    elif kind == HOME_CARE_MORNING:
        home_care_morning(w, w.home_care + id)
    elif kind == codes.ARRIVAL:
        w.arrived[id] = w.now
        to_hospital(w, id)
    elif kind == codes.CAPACITY:
        day = w.now // DAY - w.first_day
        next_change(w, day + 1)
        capacity_changes(w, day)
    elif kind == codes.OPENING:
        opening(w, id)
    elif kind == codes.SESSION:
        sessions(w, w.now // DAY)
    else:
        clinics(w, w.now // DAY - w.first_day)


@compiled
def begin(w):
    """Load, and what the calendar does first."""
    load(w)
    push(w, (w.first_day + 1) * DAY, codes.MIDNIGHT, CALL)
    next_change(w, 1)
    next_opening(w)
    if w.n_lists:
        push(w, w.first_day * DAY + w.session_second, codes.SESSION, CALL)
    next_clinic(w, 0)


@compiled
def run(w):
    """Run the clock to the end; an event at or after the end does not happen."""
    begin(w)
    come = 0
    while True:
        p = next_woken(w)
        while p >= 0:
            go_on(w, p)
            p = next_woken(w)
        when = w.events[0] if w.n_events else w.end << RANK_BITS
        if come < w.n_comes:
            p = w.comes[come]
            arrival = w.arrival[p]
            rank = arrival << RANK_BITS | codes.ARRIVAL >> ID_BITS
            if rank < when or (rank == when and p < w.events[1] >> TURN_BITS):
                if arrival >= w.end:
                    return
                come += 1
                w.now = arrival
                arrive(w, p)
                continue
        if when >= w.end << RANK_BITS:
            return
        what = w.events[1]
        drop_first(w)
        w.now = when >> RANK_BITS
        turn = (what & (1 << TURN_BITS) - 1) - 1
        if turn == RESUME:
            go_on(w, what >> TURN_BITS)
        else:
            happen(w, (when & (1 << RANK_BITS) - 1) << ID_BITS, what >> TURN_BITS, turn)
