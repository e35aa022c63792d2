"""The patients' ways: :mod:`capsim.models.ways`, compiled, as a machine of states.

A generator cannot be compiled to go on in the middle, so each of its waits ends a function here, and
``state`` says with what to go on (:func:`go_on`). A patient waits for one thing at a time.
"""

from __future__ import annotations

import numpy as np

from capsim.models.kernel import codes
from capsim.models.kernel.ambulant import release, take
from capsim.models.kernel.clock import CALL, push, round_after, round_nearest, until, wait, wake
from capsim.models.kernel.codes import (
    ASK_MUNICIPALITY,
    BED_TIME,
    BOARDING,
    CAUSE_OF,
    COURSE_END,
    DAY,
    EARLY_DISCHARGE,
    FAR,
    HOME_CARE,
    HOUSING,
    ILL_AGAIN,
    KAD_END,
    LEAVE,
    LONG_TERM,
    MOVE,
    NEVER,
    NOTHING,
    PLACE_END,
    READY,
    RESPONSE,
    STRETCH,
    TRANSFER,
)
from capsim.models.kernel.hospital import (
    block,
    expect,
    has_promised_bed,
    release_bed,
    take_acute,
    take_bed,
    to_clinic,
    unblock,
    ward_with,
)
from capsim.models.kernel.municipality import (
    ask_home_care,
    ask_place,
    ask_to_settle,
    free_places,
    grant,
    grant_place,
    release_place,
    start_home_care,
    still_asks,
    withdraw,
)
from capsim.models.kernel.queues import CORRIDOR, EMERGENCY, LINE, RECOVERY, append
from capsim.models.kernel.world import compiled

# ---------------------------------------------------------------- before the hospital


@compiled
def acute(w, p):
    """Falls ill: the ambulant team, KAD or the hospital, in that order, whichever can."""
    for k in range(w.n_teams):
        if w.averts[p * w.n_teams + k] and take(w, w.teams + k):
            w.team[p] = k
            at_home(w, p, w.course[p * w.n_teams + k], codes.AVERTED)
            return
    if w.kad[p] >= 0:
        if take(w, w.kad_units + w.kad[p]):
            w.kad_start[p] = w.now
            in_kad(w, p)
            return
        w.kad_refused[p] = 1
    to_hospital(w, p)


@compiled
def own_kad(w, p):
    """Would not have been admitted to hospital: a KAD bed or stays at home."""
    if take(w, w.kad_units + w.kad[p]):
        w.kad_start[p] = w.now
        in_kad(w, p)
    else:
        w.kad_refused[p] = 1
        w.outcome[p] = codes.REFUSED_KAD


@compiled
def in_kad(w, p):
    w.outcome[p] = codes.HAS_KAD
    until(w, p, w.kad_start[p] + w.kad_stay[p], KAD_END, codes.IN_KAD)


@compiled
def leave_kad(w, p):
    w.kad_end[p] = w.now
    release(w, w.kad_units + w.kad[p])
    if w.kad_sent_on[p]:
        to_hospital(w, p)
    else:
        w.outcome[p] = codes.AT_HOME


@compiled
def choose_pool(w, p):
    """The short-term places that the municipality of ``p`` uses today."""
    pool = w.pool_of[w.today * w.n_municipalities + w.municipality[p]]
    if pool >= 0:
        w.pool[p] = pool


@compiled
def from_home(w, p):
    """Asks for a short-term place from home: accepted or turned away."""
    choose_pool(w, p)
    pool = w.pools + w.pool[p]
    if free_places(w, pool) > w.kept_free[pool]:
        w.occupied[pool] += 1
        w.place_start[p] = w.now
        in_place(w, p, FAR)
    else:
        w.outcome[p] = codes.TURNED_AWAY


@compiled
def at_home(w, p, duration, state):
    """At home with a team, for so long."""
    w.team_start[p] = w.now
    w.outcome[p] = codes.WITH_TEAM
    until(w, p, w.now + duration, COURSE_END, state)


@compiled
def leave_team(w, p):
    w.team_end[p] = w.now
    release(w, w.teams + w.team[p])
    w.outcome[p] = codes.AT_HOME


# ---------------------------------------------------------------- electives


@compiled
def best_site(w, p):
    """The site of the largest worth less expected wait, both in days; the first of equals."""
    best, most = np.int64(w.hospital[p]), -np.inf
    pace = w.phase_of_day[w.today] * w.n_lists
    for site in range(w.n_hospitals):
        worth = w.options[w.option[p] * w.n_hospitals + site]
        waiting_list = w.type_list[w.type[p] * w.n_hospitals + site]
        if worth == -np.inf or waiting_list < 0 or w.pace[pace + waiting_list] <= 0:
            continue
        value = worth - w.awaiting[w.lists + waiting_list] / w.pace[pace + waiting_list]
        if value > most:
            best, most = site, value
    return best


@compiled
def send_to(w, p, site):
    """Refer ``p`` to ``site`` instead of where the patient was to go."""
    if site != w.hospital[p]:
        w.hospital[p] = site
        w.stay[p] = w.option_stay[w.option[p] * w.n_hospitals + site]
        w.list[p] = w.type_list[w.type[p] * w.n_hospitals + site]
        w.clinic[p] = w.type_clinic[w.type[p] * w.n_hospitals + site]
        w.ward[p] = w.ward_of[site * w.n_specialties + w.specialty[p]]


@compiled
def refer(w, p):
    """Which site, and whether the candidate joins: decided by the lists as they are now."""
    if w.option[p] >= 0:
        send_to(w, p, best_site(w, p))
    waiting_list = w.lists + w.list[p]
    length = min(w.awaiting[waiting_list], w.thresholds[waiting_list] - 1)
    if w.join[p] >= w.join_threshold[w.threshold[waiting_list] + length]:
        w.outcome[p] = codes.NOT_JOINED
        return False
    w.joined[p] = 1
    return True


@compiled
def assessment(w, p):
    """Referred, and finished at first contact."""
    if w.arrival[p] < w.now:
        w.joined[p] = 1
    elif not refer(w, p):
        return
    to_clinic(w, p)


@compiled
def elective(w, p):
    """Referred: joins the list if it is not too long, first contact, waits to be called in."""
    if w.any_hour:
        at_any_hour(w, p)
        return
    if w.arrival[p] < w.now:
        w.joined[p] = 1
    elif not refer(w, p):
        return
    w.awaiting[w.lists + w.list[p]] += 1
    to_clinic(w, p)
    wait(w, p, codes.CALLED_IN)


@compiled
def called_in(w, p):
    w.asked[p] = w.now
    if w.day_surgery[p]:
        w.treated[p] = w.now
        w.outcome[p] = codes.AT_HOME
        return
    w.outcome[p] = codes.NOT_YET
    until(w, p, w.now // DAY * DAY + w.bed_second, BED_TIME, codes.TAKES_BED)


@compiled
def takes_bed(w, p):
    """The reserved bed, or a wait for the next one to be free."""
    ward = w.wards + w.ward[p]
    w.reserved[ward] -= 1
    if has_promised_bed(w, ward):
        w.occupied[ward] += 1
        in_bed(w, p)
        treated(w, p)
    else:
        w.outcome[p] = codes.AWAITING_BED
        append(w, ward, RECOVERY, p, 0)
        w.recovering[ward] += 1
        wait(w, p, codes.IN_RECOVERY)


@compiled
def at_any_hour(w, p):
    """The textbook queue: a bed at any hour, after the acute, in the order of referral."""
    ward = w.wards + w.ward[p]
    w.joined[p] = 1
    w.asked[p] = w.now
    if take_bed(w, ward):
        in_bed(w, p)
        treated(w, p)
    else:
        w.outcome[p] = codes.AWAITING_BED
        append(w, ward, LINE, p, 0)
        wait(w, p, codes.IN_RECOVERY)


@compiled
def in_bed(w, p):
    w.admitted[p] = w.now
    w.bed[p] = w.now


@compiled
def treated(w, p):
    w.treated[p] = w.admitted[p]
    stay(w, p)


# ---------------------------------------------------------------- the hospital stay


@compiled
def to_hospital(w, p):
    """A bed in the patient's ward or an outlier ward, else the emergency department, then the
    corridor."""
    ward = w.wards + w.ward[p]
    w.asked[p] = w.now
    taken = take_acute(w, ward)
    if taken >= 0:
        w.ward[p] = taken - w.wards
        in_bed(w, p)
        stay(w, p)
        return
    w.outcome[p] = codes.AWAITING_BED
    w.boarding[ward] += 1
    append(w, ward, EMERGENCY, p, 0)
    if w.boarding_limit >= 0:
        push(w, w.now + w.boarding_limit, BOARDING + p, CALL)
    wait(w, p, codes.AWAITS_BED)


@compiled
def board(w, p):
    """The boarding limit is reached: if ``p`` still waits, the stay begins in the corridor."""
    if w.admitted[p] == NEVER:
        w.admitted[p] = w.now
        append(w, w.wards + w.ward[p], CORRIDOR, p, 0)
        wake(w, p)


@compiled
def already_in_bed(w, p):
    """In hospital when the clock starts: in a bed, or in the corridor if there are too many."""
    ward = w.wards + w.ward[p]
    w.asked[p] = w.began[p]
    w.admitted[p] = w.began[p]
    if w.list[p] >= 0:
        w.joined[p] = 1
        w.treated[p] = w.admitted[p]
    if take_bed(w, ward):
        w.bed[p] = w.admitted[p]
    else:
        w.boarding[ward] += 1
        append(w, ward, CORRIDOR, p, 0)
    stay(w, p)


@compiled
def stay(w, p):
    """The hospital stay, from admission until the bed is free again."""
    w.outcome[p] = codes.IN_HOSPITAL
    end = w.admitted[p] + w.stay[p]
    if w.dies[p]:
        w.leaves[p] = end
        if w.transfer_after[p] < 0 or not asks_transfer(w, p, end):
            after_transfer(w, p)
        return
    ready = end if w.ward_round < 0 else round_nearest(end, w.ward_round, w.now)
    w.ready[p] = ready
    if w.need[p] == NOTHING:
        leaves = ready if w.discharge_hour < 0 else round_after(ready, w.discharge_hour)
        w.leaves[p] = leaves
        expect(w, ward_with(w, p), p, leaves)
        if w.transfer_after[p] < 0:
            if w.n_teams and w.team[p] < 0:
                w.begun[p] = w.now
                asks_team(w, p, w.now)
            else:
                until(w, p, leaves, LEAVE, codes.LEAVES)
            return
    if w.transfer_after[p] < 0 or not asks_transfer(w, p, ready):
        after_transfer(w, p)


@compiled
def after_transfer(w, p):
    """What follows when no bed will be asked for any more."""
    if w.dies[p]:
        until(w, p, max(w.leaves[p], w.now), LEAVE, codes.DIES)
    elif w.need[p] == NOTHING:
        expect(w, ward_with(w, p), p, w.leaves[p])
        until(w, p, w.leaves[p], LEAVE, codes.LEAVES)
    else:
        await_municipality(w, p)


@compiled
def asks_transfer(w, p, before):
    """Whether the catchment hospital will be asked for a bed: at the ward round, each morning while a
    day or more of the stay is left."""
    ask = w.admitted[p] + w.transfer_after[p]
    if w.ward_round >= 0:
        ask = round_nearest(ask, w.ward_round, w.admitted[p])
    if ask < w.now or ask + DAY > before:
        return False
    w.until[p] = before
    until(w, p, ask, TRANSFER, codes.ASKS_TRANSFER)
    return True


@compiled
def transfer(w, p):
    """The catchment hospital keeps a bed from the asking to the move, or is asked again tomorrow."""
    home = w.wards + w.home_ward[p]
    if w.occupied[home] + w.reserved[home] < w.capacity[home] and w.bed[p] != NEVER:
        w.reserved[home] += 1
        w.kept[home] += 1
        move = w.now if w.discharge_hour < 0 else round_after(w.now, w.discharge_hour)
        until(w, p, move, MOVE, codes.MOVES)
    elif w.now + 2 * DAY <= w.until[p]:
        until(w, p, w.now + DAY, TRANSFER, codes.ASKS_TRANSFER)
    else:
        after_transfer(w, p)


@compiled
def moves(w, p):
    release_bed(w, ward_with(w, p), p)
    home = w.wards + w.home_ward[p]
    w.reserved[home] -= 1
    w.kept[home] -= 1
    w.occupied[home] += 1
    w.moved[p] = w.now
    w.moved_to[p] = w.home_ward[p]
    after_transfer(w, p)


@compiled
def team_asked_at(w, p, k):
    """When team ``k`` is asked to take the patient home."""
    ask = w.admitted[p] + w.early_after[p * w.n_teams + k]
    return ask if w.ward_round < 0 else round_nearest(ask, w.ward_round, w.admitted[p])


@compiled
def asks_team(w, p, after):
    """Wait for the next time, at or after ``after``, at which a team is asked; else for leaving."""
    ask = FAR
    for k in range(w.n_teams):
        if w.early[p * w.n_teams + k]:
            at = team_asked_at(w, p, k)
            if after <= at < ask:
                ask = at
    if ask != FAR:
        home = ask if w.discharge_hour < 0 else round_after(ask, w.discharge_hour)
        if home < w.leaves[p]:  # else nothing to gain
            until(w, p, ask, EARLY_DISCHARGE, codes.ASKS_TEAM)
            return
    until(w, p, w.leaves[p], LEAVE, codes.LEAVES)


@compiled
def team_takes_home(w, p):
    """The first of the teams asked so far that has a free place, and a home-care start where it counts
    on one."""
    for k in range(w.n_teams):
        if not w.early[p * w.n_teams + k]:
            continue
        at = team_asked_at(w, p, k)
        if at < w.begun[p] or at > w.now:
            continue
        team = w.teams + k
        if w.occupied[team] < w.capacity[team] and (
            not w.visits[team] or start_home_care(w, w.home_care + w.municipality[p])
        ):
            w.occupied[team] += 1
            w.team[p] = k
            home = w.now if w.discharge_hour < 0 else round_after(w.now, w.discharge_hour)
            expect(w, ward_with(w, p), p, home)
            w.ready[p] = w.now
            until(w, p, home, LEAVE, codes.GOES_EARLY)
            return
    asks_team(w, p, w.now + 1)


@compiled
def leave(w, p):
    w.left[p] = w.now
    release_bed(w, ward_with(w, p), p)


@compiled
def readmit(w, p, time):
    """The readmission of ``p`` falls ill at ``time``."""
    push(w, time, codes.ARRIVAL + w.child[p], CALL)


@compiled
def after_discharge(w, p):
    """Follow-up by a team with a free place, and the readmission if there is to be one: when it comes,
    or far in the future."""
    readmits = w.readmits[p]
    for k in range(w.n_teams):
        if w.follows[p * w.n_teams + k] and take(w, w.teams + k):
            w.follow_team[p] = k
            w.follow_start[p] = w.now
            readmits = w.readmits_followed[p * w.n_teams + k]
            break
    back = w.now + w.readmit_delay[p] if readmits else FAR
    if readmits:
        readmit(w, p, back)
    if w.follow_team[p] >= 0:
        end = min(w.now + w.course[p * w.n_teams + w.follow_team[p]], back)
        push(w, end, COURSE_END + p, CALL)
    return back


@compiled
def end_follow_up(w, p):
    w.follow_end[p] = w.now
    release(w, w.teams + w.follow_team[p])


# ---------------------------------------------------------------- ready for discharge


@compiled
def await_municipality(w, p):
    """Ready: the municipality answers, then finds a place or a start."""
    ready = w.ready[p]
    notice = min(w.admitted[p] + w.notice, ready) if w.notified_early[p] else ready
    receives = notice + w.response[p]
    if w.response[p] and w.ward_round >= 0:
        receives = round_after(receives, w.ward_round)  # late answers come in the morning
    receives = max(ready, receives) + w.complex[p]
    w.can_receive[p] = receives
    w.receives[p] = receives
    w.ill_at[p] = ready + w.ill_after[p] if w.falls_ill else FAR
    await_answer(w, p, ready)


@compiled
def await_answer(w, p, ready):
    if w.receives[p] > ready:
        until(w, p, ready, READY, codes.IS_READY)
    else:
        await_place(w, p)


@compiled
def is_ready(w, p):
    block(w, ward_with(w, p), p, RESPONSE)
    await_place(w, p)


@compiled
def await_place(w, p):
    if w.ill_at[p] <= w.receives[p]:
        until(w, p, w.ill_at[p], ILL_AGAIN, codes.FALLS_ILL)
    else:
        until(w, p, w.receives[p], ASK_MUNICIPALITY, codes.ASKS)


@compiled
def ill_again(w, p):
    """The wait stops; the patient is declared ready anew, and the municipality, which knows the
    patient, is asked again."""
    w.ill[p] = w.now
    unblock(w, ward_with(w, p), p)
    ready = w.now + w.ill_stay[p]
    if w.ward_round >= 0:
        ready = round_nearest(ready, w.ward_round, w.now)
    w.ready_again[p] = ready
    w.ill_at[p] = FAR
    w.receives[p] = max(ready, w.receives[p])
    await_answer(w, p, ready)


@compiled
def ask(w, p):
    """Ask for what the patient needs; whoever must wait stands in line when this returns."""
    need, turn = w.need[p], w.turn[p]
    if need == HOME_CARE:
        return ask_home_care(w, w.home_care + w.municipality[p], p)
    choose_pool(w, p)
    if need == HOUSING:
        granted = ask_to_settle(w, w.housing + w.municipality[p], p)
        if not granted and w.housing_stretches:
            push(w, w.now + w.stretch[p], STRETCH + p, turn)
        return granted
    if need == LONG_TERM:
        if ask_to_settle(w, w.long_term + w.municipality[p], p):
            return True
        if w.pool[p] < 0:  # no short-term places here: waits in hospital
            return False
    granted = ask_place(w, w.pools + w.pool[p], p)
    if not granted and w.stretches:
        push(w, w.now + w.stretch[p], STRETCH + p, turn)
    return granted


@compiled
def asks(w, p):
    if ask(w, p):
        w.offer[p] = w.receives[p]
        departs(w, p)
        return
    block(w, ward_with(w, p), p, CAUSE_OF[w.need[p]])
    if w.ill_at[p] != FAR:
        push(w, w.ill_at[p], ILL_AGAIN + p, w.turn[p])
    wait(w, p, codes.AWAITS_GRANT)


@compiled
def granted_or_ill(w, p):
    if w.offer[p] != NEVER:
        departs(w, p)
    else:
        ill_again(w, p)


@compiled
def departs(w, p):
    """When the patient leaves: on or after the offer, at the hour of those who go there."""
    unblock(w, ward_with(w, p), p)
    leaves = w.offer[p]
    if w.discharge_hour >= 0:
        leaves = round_after(leaves, w.home_second[p] if w.need[p] == HOME_CARE else w.discharge_hour)
    expect(w, ward_with(w, p), p, leaves)
    until(w, p, leaves, LEAVE, codes.LEAVES_TO)


@compiled
def stretched(w, p, turn):
    """An extra place or a temporary dwelling is found for ``p``, if still waited for."""
    if still_asks(w, p, turn):
        w.stretched[p] = 1
        if w.need[p] == HOUSING:
            w.turn[p] += 1
            grant(w, p)
        else:
            grant_place(w, w.pools + w.pool[p], p)


@compiled
def interrupted(w, p, turn):
    """``p`` falls ill again: what was asked for is not wanted, if it has not come."""
    if still_asks(w, p, turn):
        withdraw(w, p, turn)


@compiled
def goes_home(w, p):
    leave(w, p)
    w.outcome[p] = codes.AT_HOME
    after_discharge(w, p)


@compiled
def goes_home_early(w, p):
    leave(w, p)
    back = after_discharge(w, p)
    at_home(w, p, min(w.leaves[p], back) - w.now, codes.EARLY_COURSE)


@compiled
def goes_to_municipality(w, p):
    leave(w, p)
    back = after_discharge(w, p)
    if w.in_pool[p]:
        w.place_start[p] = w.now
        in_place(w, p, back)
    else:
        w.outcome[p] = codes.AT_HOME


@compiled
def in_place(w, p, back):
    """In a short-term place: for the stay, or until a long-term place is free; and not longer than until
    the readmission at ``back``."""
    w.outcome[p] = codes.HAS_PLACE
    if w.need[p] == LONG_TERM:
        if back != FAR:
            push(w, back, PLACE_END + p, w.turn[p])
        wait(w, p, codes.SETTLES)
        return
    end = w.place_start[p] + w.place_stay[p]
    if w.place_hour >= 0:
        end = round_nearest(end, w.place_hour, w.now)
    until(w, p, min(end, back), PLACE_END, codes.IN_PLACE)


@compiled
def leave_place(w, p):
    w.place_end[p] = w.now
    release_place(w, w.pools + w.pool[p])
    w.outcome[p] = codes.AT_HOME


# ---------------------------------------------------------------- what goes on


@compiled
def go_on(w, p):
    """Go on with ``p``, whose event has come or who was woken."""
    state = w.state[p]
    if state == codes.LEAVES:
        goes_home(w, p)
    elif state == codes.LEAVES_TO:
        goes_to_municipality(w, p)
    elif state == codes.ASKS:
        asks(w, p)
    elif state == codes.IS_READY:
        is_ready(w, p)
    elif state == codes.IN_PLACE or state == codes.SETTLES:
        leave_place(w, p)
    elif state == codes.AWAITS_GRANT:
        granted_or_ill(w, p)
    elif state == codes.AWAITS_BED:
        stay(w, p)
    elif state == codes.CALLED_IN:
        called_in(w, p)
    elif state == codes.TAKES_BED:
        takes_bed(w, p)
    elif state == codes.IN_RECOVERY:
        treated(w, p)
    elif state == codes.DIES:
        leave(w, p)
        w.outcome[p] = codes.DIED
    elif state == codes.ASKS_TRANSFER:
        transfer(w, p)
    elif state == codes.MOVES:
        moves(w, p)
    elif state == codes.ASKS_TEAM:
        team_takes_home(w, p)
    elif state == codes.GOES_EARLY:
        goes_home_early(w, p)
    elif state == codes.EARLY_COURSE:
        leave_team(w, p)
    elif state == codes.AVERTED:
        leave_team(w, p)
        if w.escalates[p * w.n_teams + w.team[p]]:
            to_hospital(w, p)
    elif state == codes.IN_KAD:
        leave_kad(w, p)
    else:  # FALLS_ILL
        ill_again(w, p)
