"""The hospital's side: :mod:`capsim.models.hospital`, compiled."""

from __future__ import annotations

from capsim.models.kernel.clock import wake
from capsim.models.kernel.codes import (
    ASSESSED,
    AT_CLINIC,
    CAUSES,
    DAY,
    NEVER,
    OF_HOSPITAL,
    ON_LIST,
    PATIENT,
    START_ON_LIST,
)
from capsim.models.kernel.queues import (
    CORRIDOR,
    EMERGENCY,
    LINE,
    RECOVERY,
    is_empty,
    join,
    next_due,
    next_listed,
    pass_over,
    pop_first,
)
from capsim.models.kernel.world import compiled

NO_DAY = -(2**31)

# ---------------------------------------------------------------- wards


@compiled
def ward_with(w, p):
    """The ward that ``p`` is in now, among the units."""
    return w.wards + (w.ward[p] if w.moved_to[p] < 0 else w.moved_to[p])


@compiled
def take_bed(w, ward):
    """Take a bed for an acute patient (or an elective at any hour) if one is free."""
    if w.occupied[ward] + w.reserved[ward] < w.capacity[ward]:
        w.occupied[ward] += 1
        return True
    return False


@compiled
def has_promised_bed(w, ward):
    """Whether a planned patient, who was promised a bed, may take it now."""
    return w.occupied[ward] + w.kept[ward] < w.capacity[ward]


@compiled
def has_guest_bed(w, ward):
    """Whether another ward's patient may lie here: a free bed beyond the acute reserve."""
    return w.occupied[ward] + w.reserved[ward] + w.acute_reserve[ward] < w.capacity[ward]


@compiled
def take_acute(w, ward):
    """The ward with a bed for an acute patient of this one: itself, an outlier ward, or -1."""
    if take_bed(w, ward):
        return ward
    for i in range(w.outliers[ward], w.outliers_end[ward]):
        other = w.links[i]
        if has_guest_bed(w, other):
            w.occupied[other] += 1
            return other
    return -1


@compiled
def count_leaving(w, ward, day, by):
    i = day - w.first_day
    if 0 <= i < w.n_days:
        w.leaving[ward * w.n_days + i] += by


@compiled
def forget(w, ward, p):
    if w.n_lists and w.leave_day[p] != NO_DAY:
        count_leaving(w, ward, w.leave_day[p], -1)
        w.leave_day[p] = NO_DAY


@compiled
def expect(w, ward, p, leave):
    """It is known when ``p`` leaves (and any earlier knowledge is void)."""
    if not w.n_lists:  # who else would ask?
        return
    forget(w, ward, p)
    w.leave_day[p] = leave // DAY
    count_leaving(w, ward, leave // DAY, 1)


@compiled
def unblock(w, ward, p):
    cause = w.blocked_by[p]
    if w.n_lists and cause >= 0:
        w.blocked[ward * CAUSES + cause] -= 1
        w.blocked_by[p] = -1


@compiled
def block(w, ward, p, cause):
    """``p`` is ready and waits for the municipality."""
    if not w.n_lists:
        return
    unblock(w, ward, p)
    w.blocked[ward * CAUSES + cause] += 1
    w.blocked_by[p] = cause


@compiled
def admit(w, ward, p):
    w.occupied[ward] += 1
    w.bed[p] = w.now
    w.admitted[p] = w.now
    wake(w, p)


@compiled
def next_acute(w, ward):
    """The next acute patient of the ward who waits for a bed, out of the corridor first; or -1."""
    while not is_empty(w, ward, CORRIDOR):
        p, _ = pop_first(w, ward, CORRIDOR)
        if w.left[p] == NEVER:  # else left from the corridor
            return p
    while not is_empty(w, ward, EMERGENCY):
        p, _ = pop_first(w, ward, EMERGENCY)
        if w.admitted[p] == NEVER:  # else became a corridor patient
            return p
    return -1


@compiled
def take_in(w, ward, p, of):
    """A bed in ``ward`` for an acute patient of ``of``."""
    w.boarding[of] -= 1
    if of != ward:
        leave_day, cause = w.leave_day[p], w.blocked_by[p]
        forget(w, of, p)
        unblock(w, of, p)
        w.ward[p] = ward - w.wards
        if leave_day != NO_DAY:
            expect(w, ward, p, leave_day * DAY)
        if cause >= 0:
            block(w, ward, p, cause)
    if w.admitted[p] == NEVER:
        admit(w, ward, p)
    else:
        w.occupied[ward] += 1
        w.bed[p] = w.now


@compiled
def hand_out_beds(w, ward):
    """Give free beds to those who wait, until nothing more can move."""
    while not is_empty(w, ward, RECOVERY) and has_promised_bed(w, ward):
        p, _ = pop_first(w, ward, RECOVERY)
        w.recovering[ward] -= 1
        admit(w, ward, p)
    while w.occupied[ward] + w.reserved[ward] < w.capacity[ward]:
        p = next_acute(w, ward)
        if p >= 0:
            take_in(w, ward, p, ward)
        elif not is_empty(w, ward, LINE):
            p, _ = pop_first(w, ward, LINE)
            admit(w, ward, p)
        else:
            break
    for k in range(w.guests[ward], w.guests_end[ward]):
        other = w.links[k]
        while has_guest_bed(w, ward):
            p = next_acute(w, other)
            if p < 0:
                break
            take_in(w, ward, p, other)


@compiled
def release_bed(w, ward, p):
    """Patient ``p`` leaves the ward, from a bed or from the corridor."""
    forget(w, ward, p)
    unblock(w, ward, p)
    if w.bed[p] == NEVER:
        w.boarding[ward] -= 1
    else:
        w.occupied[ward] -= 1
        hand_out_beds(w, ward)


@compiled
def expected(w, ward, day):
    here = w.occupied[ward] + w.boarding[ward] + w.recovering[ward]
    here -= w.leaving[ward * w.n_days + day - w.first_day]
    return here + w.reserved[ward] + w.acute_reserve[ward]


@compiled
def binding_cause(w, ward, day):
    """Why there is no bed on the morning of ``day``: what most of the ready patients wait for, if there
    were a bed without them; else the hospital's own patients."""
    blocked, most, cause = 0, -1, 0
    for k in range(CAUSES):
        n = w.blocked[ward * CAUSES + k]
        blocked += n
        if n > most:
            most, cause = n, k
    if blocked and expected(w, ward, day) - blocked < w.capacity[ward]:
        return cause
    return OF_HOSPITAL


# ---------------------------------------------------------------- clinics and waiting lists


@compiled
def to_list(w, p):
    w.outcome[p] = ON_LIST
    join(w, w.lists + w.list[p], w.due[p], p)


@compiled
def first_contact(w, p):
    """Seen: on to the waiting list, or finished."""
    if w.clinic[p] >= 0 or not w.goes_on[p]:
        w.seen[p] = w.now
    if w.goes_on[p]:
        to_list(w, p)
    else:
        w.outcome[p] = ASSESSED


@compiled
def to_clinic(w, p):
    """Wait for first contact, or go straight on where there is no clinic or it was before."""
    if w.clinic[p] < 0:
        first_contact(w, p)
    elif w.start[p] == START_ON_LIST:
        w.seen[p] = w.not_before[p]
        to_list(w, p)
    else:
        w.outcome[p] = AT_CLINIC
        join(w, w.clinics + w.clinic[p], w.first_due[p], p)


@compiled
def hold_clinic(w, clinic, capacity):
    """See today's patients; what is left of a slot is saved."""
    have = capacity + w.saved[clinic]
    while w.entries[clinic] > 0 and have >= PATIENT:
        if w.not_before[w.entry_patient[w.first_entry[clinic]]] > w.now:
            break
        have -= PATIENT
        first_contact(w, next_due(w, clinic))
    w.saved[clinic] = min(have, PATIENT - 1)


@compiled
def takes(w, waiting_list, p):
    """What of a session's capacity ``p`` takes."""
    by_patient = w.by_patient[waiting_list]
    return by_patient if by_patient else w.minutes[p]


@compiled
def call_in(w, p):
    w.awaiting[w.lists + w.list[p]] -= 1
    wake(w, p)


@compiled
def postpone(w, p, cause):
    w.postponed[p] += 1
    if w.n_postponements < w.postponements_kept:
        row = 3 * w.n_postponements
        w.postponements[row], w.postponements[row + 1], w.postponements[row + 2] = w.now, p, cause
    w.n_postponements += 1


@compiled
def plan_session(w, waiting_list, have):
    """Fill the session in the list's order, skipping what does not fit: how many, and what is left."""
    left, planned, skipped, passed = have, 0, 0, 0
    while left > 0 and skipped < w.look_ahead:
        p, passed = next_listed(w, waiting_list, passed)
        if p < 0:
            break
        minutes = takes(w, waiting_list, p)
        if minutes <= left:
            left -= minutes
            w.planning[planned] = p
            planned += 1
        else:
            w.skipping[skipped] = p
            skipped += 1
            if w.by_patient[waiting_list]:
                break  # everybody takes the same
    pass_over(w, waiting_list, skipped, passed)
    return planned, left


@compiled
def give_to_day_patients(w, waiting_list, minutes):
    """Call in day patients for minutes that a postponement left; what remains is lost."""
    skipped, passed = 0, 0
    while minutes > 0 and skipped < w.look_ahead:
        p, passed = next_listed(w, waiting_list, passed)
        if p < 0:
            break
        if w.day_surgery[p] and w.minutes[p] <= minutes:
            minutes -= w.minutes[p]
            w.planned[p] += 1
            call_in(w, p)
        else:
            w.skipping[skipped] = p
            skipped += 1
    pass_over(w, waiting_list, skipped, passed)
    return minutes


@compiled
def hold_session(w, waiting_list, day, capacity):
    """Fill the session; see who gets a bed. An inpatient without one is postponed and keeps the due
    date. Unused capacity is saved for the list's next session, up to ``carry``."""
    have = capacity + w.saved[waiting_list]
    planned, left = plan_session(w, waiting_list, have)
    ward = w.bed_ward[waiting_list]
    lost, postponed = 0, 0
    for k in range(planned):
        p = w.planning[k]
        w.planned[p] += 1
        if w.day_surgery[p]:
            call_in(w, p)
        elif ward >= 0 and expected(w, ward, day) < w.capacity[ward]:
            w.reserved[ward] += 1
            call_in(w, p)
        else:
            postponed += 1
            lost += takes(w, waiting_list, p)
            postpone(w, p, binding_cause(w, ward, day) if ward >= 0 else OF_HOSPITAL)
            join(w, waiting_list, w.due[p], p)
    if lost:
        lost = give_to_day_patients(w, waiting_list, lost)
    w.saved[waiting_list] = min(left, w.carry[waiting_list])
    row = 8 * w.n_sessions
    w.n_sessions += 1
    w.sessions[row], w.sessions[row + 1] = w.now, waiting_list - w.lists
    w.sessions[row + 2], w.sessions[row + 3], w.sessions[row + 4] = have, have - left - lost, lost
    w.sessions[row + 5], w.sessions[row + 6] = planned, postponed
    w.sessions[row + 7] = w.awaiting[waiting_list]
