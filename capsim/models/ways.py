"""The patients' ways: one generator per patient that reads as what happens to them.

A way asks the pools (``hospital``, ``municipality``, ``ambulant``) for what it needs and waits for
events of the :class:`~capsim.models.engine.Simulation`; what it decides is written in the
simulation's columns.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import simpy

from capsim.models.clock import Process
from capsim.models.pathway import (
    DAY,
    NEVER,
    Cause,
    Kind,
    Need,
    Outcome,
    order_key,
    round_after,
    round_nearest,
)

if TYPE_CHECKING:
    from capsim.models.engine import Simulation

__all__ = [
    "acute",
    "already_in_bed",
    "assessment",
    "elective",
    "from_home",
    "in_kad",
    "in_place",
    "own_kad",
    "to_hospital",
]

NOTHING, HOME_CARE, SHORT_TERM, LONG_TERM, HOUSING = (int(n) for n in Need)
# as plain integers: looked up a million times a run
NOT_JOINED, TURNED_AWAY, REFUSED_KAD = (
    int(Outcome.NOT_JOINED),
    int(Outcome.TURNED_AWAY),
    int(Outcome.REFUSED_KAD),
)
ON_LIST, AWAITING_BED, NOT_YET = int(Outcome.ON_LIST), int(Outcome.AWAITING_BED), int(Outcome.NOT_YET)
IN_HOSPITAL, IN_PLACE, IN_KAD = int(Outcome.IN_HOSPITAL), int(Outcome.IN_PLACE), int(Outcome.IN_KAD)
WITH_TEAM, HOME, DIED = int(Outcome.WITH_TEAM), int(Outcome.HOME), int(Outcome.DIED)
ASSESSED, AT_CLINIC = int(Outcome.ASSESSED), int(Outcome.AT_CLINIC)
PLACE_END, KAD_END, COURSE_END = (
    order_key(Kind.PLACE_END, 0),
    order_key(Kind.KAD_END, 0),
    order_key(Kind.COURSE_END, 0),
)
LEAVE, MOVE, ARRIVAL = order_key(Kind.LEAVE, 0), order_key(Kind.MOVE, 0), order_key(Kind.ARRIVAL, 0)
BED_TIME, EARLY_DISCHARGE = order_key(Kind.BED_TIME, 0), order_key(Kind.EARLY_DISCHARGE, 0)
STRETCH, BOARDING = order_key(Kind.STRETCH, 0), order_key(Kind.BOARDING, 0)
TRANSFER, ILL_AGAIN = order_key(Kind.TRANSFER, 0), order_key(Kind.ILL_AGAIN, 0)
READY, ASK = order_key(Kind.READY, 0), order_key(Kind.ASK_MUNICIPALITY, 0)
RESPONSE = int(Cause.RESPONSE)
CAUSE_OF = {
    HOME_CARE: int(Cause.HOME_CARE),
    SHORT_TERM: int(Cause.SHORT_TERM),
    LONG_TERM: int(Cause.LONG_TERM),
    HOUSING: int(Cause.HOUSING),
}
FAR = 2**62


# ---------------------------------------------------------------- before the hospital


def acute(sim: Simulation, p: int) -> Process:
    """Falls ill: the ambulant team, KAD or the hospital, in that order, whichever can."""
    if _team_takes(sim, p, sim.averting.get(p, ())):
        team = sim.team[p]
        yield from _at_home_with_team(sim, p, int(sim.plan.course[p, team]))
        if not sim.plan.escalates[p, team]:
            return
    elif (unit := sim.kad[p]) >= 0:
        if sim.kad_units[unit].take():
            sim.kad_start[p] = sim.env.now
            yield from in_kad(sim, p)
            return
        sim.kad_refused[p] = True
    yield from to_hospital(sim, p)


def own_kad(sim: Simulation, p: int) -> Process:
    """Would not have been admitted to hospital: a KAD bed or stays at home."""
    if sim.kad_units[sim.kad[p]].take():
        sim.kad_start[p] = sim.env.now
        yield from in_kad(sim, p)
    else:
        sim.kad_refused[p] = True
        sim.outcome[p] = REFUSED_KAD


def in_kad(sim: Simulation, p: int) -> Process:
    sim.outcome[p] = IN_KAD
    yield sim.until(sim.kad_start[p] + sim.kad_stay[p], KAD_END + p)
    sim.kad_end[p] = sim.env.now
    sim.kad_units[sim.kad[p]].release()
    if sim.kad_sent_on[p]:
        yield from to_hospital(sim, p)
    else:
        sim.outcome[p] = HOME


def from_home(sim: Simulation, p: int) -> Process:
    """Asks for a short-term place from home: accepted or turned away."""
    sim.choose_pool(p)
    if sim.pools[sim.pool[p]].ask_from_home():
        sim.place_start[p] = sim.env.now
        yield from in_place(sim, p, FAR)
    else:
        sim.outcome[p] = TURNED_AWAY


def _team_takes(sim: Simulation, p: int, teams: tuple[int, ...]) -> bool:
    """The first of ``teams`` with a free place takes the patient."""
    for team in teams:
        if sim.teams[team].take():
            sim.team[p] = team
            return True
    return False


def _at_home_with_team(sim: Simulation, p: int, duration: int) -> Process:
    sim.team_start[p] = sim.env.now
    sim.outcome[p] = WITH_TEAM
    yield sim.until(sim.env.now + duration, COURSE_END + p)
    sim.team_end[p] = sim.env.now
    sim.teams[sim.team[p]].release()
    sim.outcome[p] = HOME


# ---------------------------------------------------------------- electives


def _refer(sim: Simulation, p: int) -> bool:
    """Which site, and whether the candidate joins: decided by the lists as they are now."""
    option = sim.option[p]
    if option >= 0:
        sim.send_to(p, sim.best_site(p, option))
    waiting_list = sim.list_of[p]
    threshold = sim.threshold[waiting_list]
    length = sim.lists[waiting_list].awaiting
    if sim.join[p] >= threshold[min(length, len(threshold) - 1)]:
        sim.outcome[p] = NOT_JOINED
        return False
    sim.joined[p] = True
    return True


def assessment(sim: Simulation, p: int) -> None:
    """Referred, and finished at first contact: no process, the clinic does the rest."""
    if sim.arrival[p] < sim.env.now:
        sim.joined[p] = True
    elif not _refer(sim, p):
        return
    sim.to_clinic(p)


def elective(sim: Simulation, p: int) -> Process:
    """Referred: joins the list if it is not too long, first contact, waits to be called in, takes
    the bed."""
    if sim.any_hour:
        yield from _elective_at_any_hour(sim, p)
        return
    if sim.arrival[p] >= sim.env.now:
        if not _refer(sim, p):
            return
    else:
        sim.joined[p] = True
    waiting_list = sim.lists[sim.list_of[p]]
    waiting_list.awaiting += 1
    sim.to_clinic(p)
    yield sim.wait(p)
    sim.asked[p] = now = sim.env.now
    if sim.day_surgery[p]:
        sim.treated[p] = now
        sim.outcome[p] = HOME
        return
    sim.outcome[p] = NOT_YET
    yield sim.until(now // DAY * DAY + sim.bed_second, BED_TIME + p)
    ward = sim.wards[sim.ward[p]]
    ward.reserved -= 1
    if ward.has_promised_bed():
        ward.occupied += 1
        sim.admitted[p] = sim.bed[p] = sim.env.now
    else:
        sim.outcome[p] = AWAITING_BED
        ward.in_recovery.append(p)
        yield sim.wait(p)
    sim.treated[p] = sim.admitted[p]
    yield from _stay(sim, p)


def _elective_at_any_hour(sim: Simulation, p: int) -> Process:
    """The textbook queue: a bed at any hour, after the acute, in the order of referral."""
    ward = sim.wards[sim.ward[p]]
    sim.joined[p] = True
    sim.asked[p] = now = sim.env.now
    if ward.take():
        sim.admitted[p] = sim.bed[p] = now
    else:
        sim.outcome[p] = AWAITING_BED
        ward.electives.append(p)
        yield sim.wait(p)
    sim.treated[p] = sim.admitted[p]
    yield from _stay(sim, p)


# ---------------------------------------------------------------- the hospital stay


def to_hospital(sim: Simulation, p: int) -> Process:
    """A bed in the patient's ward or an outlier ward, else the emergency department, then the
    corridor."""
    ward, now = sim.wards[sim.ward[p]], sim.env.now
    sim.asked[p] = now
    taken = ward.take_acute()
    if taken is not None:
        sim.ward[p] = taken.index
        sim.admitted[p] = sim.bed[p] = now
    else:
        sim.outcome[p] = AWAITING_BED
        ward.boarding += 1
        ward.in_emergency.append(p)
        if sim.boarding_limit is not None:
            sim.at(now + sim.boarding_limit, BOARDING + p, lambda: ward.board(p))
        yield sim.wait(p)
    yield from _stay(sim, p)


def already_in_bed(sim: Simulation, p: int) -> Process:
    """In hospital when the clock starts: in a bed, or in the corridor if there are too many."""
    ward = sim.wards[sim.ward[p]]
    sim.asked[p] = sim.admitted[p] = int(sim.plan.began[p])
    if sim.plan.list[p] >= 0:
        sim.joined[p] = True
        sim.treated[p] = sim.admitted[p]
    if ward.take():
        sim.bed[p] = sim.admitted[p]
    else:
        ward.boarding += 1
        ward.in_corridor.append(p)
    yield from _stay(sim, p)


def _stay(sim: Simulation, p: int) -> Process:
    """The hospital stay, from admission until the bed is free again, and what follows."""
    sim.outcome[p] = IN_HOSPITAL
    admitted = sim.admitted[p]
    end = admitted + sim.stay[p]
    if sim.dies[p]:
        if sim.transfer_after[p] >= 0:
            yield from _transfer(sim, p, admitted, end)
        yield sim.until(max(end, sim.env.now), LEAVE + p)
        _leave(sim, p)
        sim.outcome[p] = DIED
        return
    ready = end if sim.ward_round is None else round_nearest(end, sim.ward_round, sim.env.now)
    sim.ready[p] = ready
    if sim.need[p] == NOTHING:
        leave = ready if sim.discharge_hour is None else round_after(ready, sim.discharge_hour)
        sim.ward_with(p).expect(p, leave)
        if sim.transfer_after[p] >= 0:
            yield from _transfer(sim, p, admitted, ready)
            sim.ward_with(p).expect(p, leave)
        elif p in sim.early and sim.team[p] < 0:
            left_early = yield from _early_discharge(sim, p, admitted, leave)
            if left_early:
                return
        yield sim.until(leave, LEAVE + p)
        _leave(sim, p)
        sim.outcome[p] = HOME
        _after_discharge(sim, p)
        return
    if sim.transfer_after[p] >= 0:
        yield from _transfer(sim, p, admitted, ready)
    yield from _await_municipality(sim, p, admitted, ready)
    leave = _departure(sim, p)
    sim.ward_with(p).expect(p, leave)
    yield sim.until(leave, LEAVE + p)
    _leave(sim, p)
    back = _after_discharge(sim, p)
    if sim.in_pool[p]:
        sim.place_start[p] = leave
        yield from in_place(sim, p, back)
        return
    sim.outcome[p] = HOME


def _leave(sim: Simulation, p: int) -> None:
    sim.left[p] = sim.env.now
    sim.ward_with(p).release(p)


def _transfer(sim: Simulation, p: int, admitted: int, until: int) -> Process:
    """The catchment hospital is asked for a bed at the ward round, each morning while a day or more
    of the stay is left; the bed is kept from the asking to the move."""
    ask = admitted + sim.transfer_after[p]
    if sim.ward_round is not None:
        ask = round_nearest(ask, sim.ward_round, admitted)
    if ask < sim.env.now:  # long since in bed when the clock started
        return
    home = sim.wards[int(sim.plan.home_ward[p])]
    while ask + DAY <= until:
        yield sim.until(ask, TRANSFER + p)
        if home.occupied + home.reserved < home.beds and sim.bed[p] != NEVER:
            home.reserved += 1
            home.kept += 1
            move = ask if sim.discharge_hour is None else round_after(ask, sim.discharge_hour)
            yield sim.until(move, MOVE + p)
            sim.ward_with(p).release(p)
            home.reserved -= 1
            home.kept -= 1
            home.occupied += 1
            sim.moved[p] = move
            sim.moved_to[p] = home.index
            return
        ask += DAY


def _takes_home(sim: Simulation, p: int, teams: list[int]) -> bool:
    """The first of ``teams`` with a free place, and a home-care start where it counts on one."""
    home_care = sim.home_care[sim.municipality[p]]
    for team in teams:
        places = sim.teams[team]
        if places.occupied < places.places and (not sim.municipal_visits[team] or home_care.start()):
            places.take()
            sim.team[p] = team
            return True
    return False


def _early_discharge(sim: Simulation, p: int, admitted: int, leave: int) -> Generator[simpy.Event, Any, bool]:
    """Part way through the stay: home with a free place of a team, held for the rest. Each team is
    asked at its own part of the stay, and those of earlier times again."""
    teams_at: dict[int, list[int]] = {}
    for team in sim.early[p]:
        ask = admitted + int(sim.plan.early_after[p, team])
        if sim.ward_round is not None:
            ask = round_nearest(ask, sim.ward_round, admitted)
        if ask >= sim.env.now:  # else long since in bed when the clock started
            teams_at.setdefault(ask, []).append(team)
    asked: list[int] = []
    for ask in sorted(teams_at):
        home = ask if sim.discharge_hour is None else round_after(ask, sim.discharge_hour)
        if home >= leave:  # nothing to gain
            return False
        yield sim.until(ask, EARLY_DISCHARGE + p)
        asked = sorted([*asked, *teams_at[ask]])
        if _takes_home(sim, p, asked):
            break
    else:
        return False
    sim.ward_with(p).expect(p, home)
    sim.ready[p] = ask
    yield sim.until(home, LEAVE + p)
    _leave(sim, p)
    back = _after_discharge(sim, p)
    yield from _at_home_with_team(sim, p, min(leave, back) - home)
    return True


def _after_discharge(sim: Simulation, p: int) -> int:
    """Follow-up by a team with a free place, and the readmission if there is to be one: when it
    comes, or far in the future."""
    now = sim.env.now
    readmits = sim.readmits[p]
    for team in sim.following.get(p, ()):
        if sim.teams[team].take():
            sim.follow_team[p] = team
            sim.follow_start[p] = now
            readmits = bool(sim.plan.readmits_followed[p, team])
            break
    back = now + int(sim.plan.readmit_delay[p]) if readmits else FAR
    if readmits:
        sim.readmit(p, back)
    if (team := sim.follow_team[p]) >= 0:
        end = min(now + int(sim.plan.course[p, team]), back)
        sim.at(end, COURSE_END + p, lambda: sim.end_follow_up(p))
    return back


# ---------------------------------------------------------------- ready for discharge


def _await_municipality(sim: Simulation, p: int, admitted: int, ready: int) -> Process:
    """Ready: the municipality answers, then finds a place or a start. Who falls ill again while
    waiting is declared ready anew, and the municipality, which knows the patient, is asked again."""
    notice = min(admitted + sim.notice, ready) if sim.notified_early[p] else ready
    can_receive = notice + sim.response[p]
    if sim.response[p] and sim.ward_round is not None:
        can_receive = round_after(can_receive, sim.ward_round)  # late answers come in the morning
    can_receive = max(ready, can_receive) + sim.complex[p]
    sim.can_receive[p] = can_receive
    ill = ready + sim.ill_after[p] if sim.falls_ill else FAR
    while True:
        if can_receive > ready:
            yield sim.until(ready, READY + p)
            sim.ward_with(p).block(p, RESPONSE)
        if ill <= can_receive:
            yield sim.until(ill, ILL_AGAIN + p)
        else:
            yield sim.until(can_receive, ASK + p)
            if _ask(sim, p):
                sim.offer[p] = can_receive
                break
            sim.ward_with(p).block(p, CAUSE_OF[sim.need[p]])
            if ill != FAR:
                sim.at(ill, ILL_AGAIN + p, lambda turn=sim.turn[p]: sim.interrupt(p, turn))
            yield sim.wait(p)
            if sim.offer[p] != NEVER:
                break
        ready = _ill_again(sim, p)
        ill, can_receive = FAR, max(ready, can_receive)
    sim.ward_with(p).unblock(p)


def _ill_again(sim: Simulation, p: int) -> int:
    """The wait stops; when the patient is ready anew."""
    now = sim.env.now
    sim.ill[p] = now
    sim.ward_with(p).unblock(p)
    ready = now + int(sim.plan.ill_stay[p])
    if sim.ward_round is not None:
        ready = round_nearest(ready, sim.ward_round, now)
    sim.ready_again[p] = ready
    return ready


def _ask(sim: Simulation, p: int) -> bool:
    """Ask for what the patient needs; whoever must wait stands in line when this returns."""
    need, now = sim.need[p], sim.env.now
    if need == HOME_CARE:
        return sim.home_care[sim.municipality[p]].ask(p)
    turn = sim.turn[p]
    sim.choose_pool(p)
    if need == HOUSING:
        granted = sim.housing[sim.municipality[p]].ask(p)
        if not granted and sim.housing_stretches:
            sim.at(now + sim.stretch[p], STRETCH + p, lambda: sim.find_dwelling(p, turn))
        return granted
    if need == LONG_TERM:
        if sim.long_term[sim.municipality[p]].ask(p):
            return True
        if sim.pool[p] < 0:  # no short-term places here: waits in hospital
            return False
    pool = sim.pools[sim.pool[p]]
    granted = pool.ask(p)
    if not granted and sim.stretches:
        sim.at(now + sim.stretch[p], STRETCH + p, lambda: sim.pools[sim.pool[p]].stretch(p, turn))
    return granted


def _departure(sim: Simulation, p: int) -> int:
    """When the patient leaves: on or after the offer, at the hour of those who go there."""
    offer = sim.offer[p]
    if sim.discharge_hour is None:
        return offer
    return round_after(offer, sim.home_second[p] if sim.need[p] == HOME_CARE else sim.discharge_hour)


def in_place(sim: Simulation, p: int, back: int) -> Process:
    """In a short-term place: for the stay, or until a long-term place is free; and not longer than
    until the readmission at ``back``."""
    sim.outcome[p] = IN_PLACE
    if sim.need[p] == LONG_TERM:
        if back != FAR:
            sim.at(back, PLACE_END + p, lambda turn=sim.turn[p]: sim.withdraw(p, turn))
        yield sim.wait(p)
    else:
        end = sim.place_start[p] + sim.place_stay[p]
        if sim.place_hour is not None:
            end = round_nearest(end, sim.place_hour, sim.env.now)
        yield sim.until(min(end, back), PLACE_END + p)
    sim.place_end[p] = sim.env.now
    sim.pools[sim.pool[p]].release()
    sim.outcome[p] = HOME
