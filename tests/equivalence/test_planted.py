"""The comparison can fail: faults planted in the SimPy engine, one at a time, are found among the systems of
``test_systems``.

A fault is a line of the engine that reads differently, or two kinds of event that change ranks.
"""

from __future__ import annotations

import inspect
import sys
import textwrap
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, FunctionType

import pytest

from capsim.models import Records, engine, hospital, municipality, ways
from capsim.models.pathway import Kind, order_key
from tests.equivalence.engines import Given, by_compiled, by_simpy, difference
from tests.equivalence.systems import system

SYSTEMS = 200
MODULES = {m.__name__.rpartition(".")[2]: m for m in (engine, hospital, municipality, ways)}


@dataclass(frozen=True)
class Fault:
    """In the function ``where`` (module.name or module.class.name), ``new`` instead of ``old``."""

    what: str
    where: str
    old: str
    new: str


FAULTS = (
    # queues
    Fault("the emergency department: last come first", "hospital.Ward._next_acute",
          "self.in_emergency.popleft()", "self.in_emergency.pop()"),
    Fault("the corridor: last come first", "hospital.Ward._next_acute",
          "self.in_corridor.popleft()", "self.in_corridor.pop()"),
    Fault("planned patients who wait for the reserved bed: last come first", "hospital.Ward.hand_out",
          "self.in_recovery.popleft()", "self.in_recovery.pop()"),
    Fault("electives at any hour: last come first", "hospital.Ward.hand_out",
          "self.electives.popleft()", "self.electives.pop()"),
    Fault("the waiting list in the order of id", "hospital.WaitingList.join", "self.sim.due[p]", "0"),
    Fault("the clinic in the order of due dates", "hospital.Clinic.ask", "first_due", "due"),
    Fault("short-term places: last come first", "municipality.ShortTermPlaces.hand_out",
          "self.queue.popleft()", "self.queue.pop()"),
    Fault("long-term places and homes: last come first", "municipality.SettledPlaces.hand_out",
          "self.queue.popleft()", "self.queue.pop()"),
    Fault("home care: last come first", "municipality.HomeCare.morning",
          "self.queue.popleft()", "self.queue.pop()"),
    Fault("an heir takes the queue backwards", "municipality.ShortTermPlaces.pass_on",
          "self.queue.popleft()", "self.queue.pop()"),
    Fault("an heir's own queue after the closed pool's", "municipality.ShortTermPlaces.pass_on",
          "heir.queue.append((p, turn))", "heir.queue.appendleft((p, turn))"),
    # who is asked first
    Fault("the acute before those with a reserved bed", "hospital.Ward.hand_out",
          "while self.in_recovery and self.has_promised_bed():",
          "while self.in_recovery and not self.in_emergency and self.has_promised_bed():"),
    Fault("the emergency department before the corridor", "hospital.Ward._next_acute",
          "while self.in_corridor:", "while self.in_corridor and not self.in_emergency:"),
    Fault("other wards asked backwards", "hospital.Ward.take_acute",
          "in self.outliers", "in reversed(self.outliers)"),
    Fault("other wards' patients in another order", "hospital.Ward.hand_out",
          "in self.guests", "in reversed(self.guests)"),
    Fault("sessions in the lists' order every day", "engine.Simulation._sessions",
          "day % 2 == 0", "True"),
    Fault("the last of equally good sites", "engine.Simulation.best_site", "value > most", "value >= most"),
    Fault("the last team that can avert", "ways._team_takes", "in teams", "in reversed(teams)"),
    Fault("the last team that can take home", "ways._takes_home", "in teams", "in reversed(teams)"),
    Fault("the last team that follows up", "ways._after_discharge",
          "sim.following.get(p, ())", "reversed(sim.following.get(p, ()))"),
    Fault("a team asked at its own time alone", "ways._early_discharge",
          "sorted([*asked, *teams_at[ask]])", "teams_at[ask]"),
    Fault("homes before long-term places in the morning", "engine.Simulation._calendar",
          "settled.hand_out()", "pass"),
    # what is free
    Fault("guests in the acute reserve", "hospital.Ward.has_guest_bed", " + self.reserve <", " <"),
    Fault("a planned patient in the acute reserve", "hospital.Ward._expected",
          "self.reserved + self.reserve", "self.reserved"),
    Fault("those who leave tomorrow count as free", "hospital.Ward._expected", "leaving[day]",
          "leaving[day + 1]"),
    Fault("those who wait are not counted", "hospital.Ward._expected", " + self.boarding", ""),
    Fault("a bed is kept for nobody", "hospital.Ward.take", " + self.reserved", ""),
    Fault("a transfer to a bed that is kept", "ways._transfer", " + home.reserved", ""),
    Fault("from home as long as a place is free", "municipality.ShortTermPlaces.ask_from_home",
          "self.kept_free", "0"),
    Fault("a closed pool's patients are forgotten", "municipality.ShortTermPlaces.free",
          "free -= closed.occupied", "pass"),
    Fault("an heir is not told of a free place", "municipality.ShortTermPlaces.release",
          "self.heir.hand_out()", "pass"),
    Fault("a heir keeps what it inherited", "municipality.ShortTermPlaces.pass_on",
          "self.heir.inherits.remove(self)", "pass"),
    Fault("a home-care start past the queue", "municipality.HomeCare.start", "not self.queue and ", ""),
    Fault("those ill again keep the queue for home care", "municipality.HomeCare.start",
          "not self.sim.still_asks(*self.queue[0])", "False"),
    Fault("a long-term place keeps the short-term one promised", "municipality.SettledPlaces.hand_out",
          "sim.pools[sim.pool[p]].release()", "pass"),
    Fault("the readmitted keep their turn for a long-term place", "municipality.SettledPlaces.hand_out",
          "and sim.turn[p] == turn", "and (sim.turn[p] == turn or sim.offer[p] != -(2**62))"),
    # turns
    Fault("an extra place for whoever waits", "municipality.ShortTermPlaces.stretch",
          "self.sim.still_asks(p, turn)", "p in self.sim.waiting and self.sim.offer[p] == -(2**62)"),
    Fault("a dwelling for whoever waits", "engine.Simulation.find_dwelling",
          "self.still_asks(p, turn)", "p in self.waiting and self.offer[p] == -(2**62)"),
    Fault("a place for whoever waits", "engine.Simulation.still_asks", " and self.turn[p] == turn",
          " and p in self.waiting"),
    # sessions and clinics
    Fault("a postponed patient to the end of the list", "hospital.WaitingList.hold_session",
          "(sim.due[p], p)", "(sim.due[p] + sim.env.now, p)"),
    Fault("nobody is passed over", "hospital.WaitingList._plan", "< self.sim.look_ahead", "< 1"),
    Fault("one more is passed over", "hospital.WaitingList._plan", "< self.sim.look_ahead",
          "<= self.sim.look_ahead"),
    Fault("all unused minutes are saved", "hospital.WaitingList.hold_session",
          "min(left, self.carry)", "left"),
    Fault("lost minutes stay lost", "hospital.WaitingList.hold_session",
          "self._give_to_day_patients(lost)", "lost"),
    Fault("day patients for lost minutes: one more is passed over",
          "hospital.WaitingList._give_to_day_patients", "< sim.look_ahead", "<= sim.look_ahead"),
    Fault("whole slots are saved", "hospital.Clinic.hold", "min(have, PATIENT - 1)", "have"),
    Fault("first contact however long ahead", "hospital.Clinic.hold",
          "sim.not_before[self.queue[0][1]] <= now", "True"),
    Fault("the first cause of equals becomes the last", "hospital.Ward.binding_cause",
          "self.blocked.index(max(self.blocked))",
          "len(self.blocked) - 1 - self.blocked[::-1].index(max(self.blocked))"),
    Fault("postponed for the ready however few", "hospital.Ward.binding_cause",
          " and self._expected(day) - blocked < self.beds", ""),
    Fault("joins by a list one longer", "ways._refer", "min(length, len", "min(length + 1, len"),
    Fault("another site keeps its own stay", "engine.Simulation.send_to",
          "self.stay[p] = int(self.plan.option_stay[self.option[p], site])", "pass"),
    # time
    Fault("boards a second late", "ways.to_hospital",
          "now + sim.boarding_limit", "now + sim.boarding_limit + 1"),
    Fault("leaves the day after", "ways._departure", "round_after(offer,", "round_after(offer + 1,"),
    Fault("answers at night", "ways._await_municipality", "round_after(can_receive, sim.ward_round)",
          "can_receive"),
    Fault("ill at the moment of the answer: the answer first", "ways._await_municipality",
          "ill <= can_receive", "ill < can_receive"),
    Fault("ill again and asked anew at once", "ways._await_municipality",
          "max(ready, can_receive)\n", "ready\n"),
    Fault("ill again twice", "ways._await_municipality",
          "ill, can_receive = FAR,", "ill, can_receive = ill + 9**6,"),
    Fault("asks for a bed with less than a day left", "ways._transfer", "ask + DAY <= until", "ask <= until"),
    Fault("early discharge with nothing to gain", "ways._early_discharge", "home >= leave", "home > leave"),
    Fault("a course lasts past the readmission", "ways._after_discharge",
          "min(now + int(sim.plan.course[p, team]), back)", "now + int(sim.plan.course[p, team])"),
    Fault("a place is kept past the readmission", "ways.in_place", "min(end, back)", "end"),
    Fault("a readmission of before the start comes at it", "engine.Simulation._back_after_start",
          "back < self.env.now", "False and back < self.env.now"),
    Fault("starts of home care are saved", "municipality.HomeCare._new_day",
          "today, 0", "today, self.used // 2"),
    # books
    Fault("a ward's census counts the corridor", "engine.Simulation._midnights",
          "unit.occupied for", "unit.occupied + getattr(unit, 'boarding', 0) for"),
    Fault("a guest is expected to leave the own ward", "hospital.Ward._take_in", "of.forget(p)", "pass"),
    Fault("a guest is waited for in the own ward", "hospital.Ward._take_in", "of.unblock(p)", "pass"),
    Fault("one who moves is expected to leave both wards", "hospital.Ward.release", "self.forget(p)", "pass"),
)  # fmt: skip

EXCHANGED = (
    (Kind.PLACE_END, Kind.LEAVE),
    (Kind.KAD_END, Kind.LEAVE),
    (Kind.COURSE_END, Kind.LEAVE),
    (Kind.LEAVE, Kind.MOVE),
    (Kind.LEAVE, Kind.MIDNIGHT),
    (Kind.MIDNIGHT, Kind.CAPACITY),
    (Kind.CAPACITY, Kind.HOME_CARE_MORNING),
    (Kind.HOME_CARE_MORNING, Kind.SESSION),
    (Kind.SESSION, Kind.CLINIC),
    (Kind.LEAVE, Kind.BED_TIME),
    (Kind.PLACE_END, Kind.STRETCH),
    (Kind.STRETCH, Kind.ASK_MUNICIPALITY),
    (Kind.PLACE_END, Kind.ASK_MUNICIPALITY),
    (Kind.SETTLED_END, Kind.ASK_MUNICIPALITY),
    (Kind.OPENING, Kind.ASK_MUNICIPALITY),
    (Kind.HOME_CARE_MORNING, Kind.ASK_MUNICIPALITY),
    (Kind.BED_TIME, Kind.ARRIVAL),
    (Kind.BOARDING, Kind.ARRIVAL),
    (Kind.TRANSFER, Kind.ARRIVAL),
    (Kind.EARLY_DISCHARGE, Kind.ARRIVAL),
    (Kind.ASK_MUNICIPALITY, Kind.ARRIVAL),
    (Kind.SESSION, Kind.ARRIVAL),
    (Kind.CLINIC, Kind.ARRIVAL),
)
"""Kinds of event that change ranks. The order of others decides nothing, since they have nothing in common
(the end of a short-term stay and of one in KAD), or hardly ever anything."""


def exchange(a: Kind, b: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of these two kinds of event at the same time, the other one comes first."""
    other = {a: b, b: a}
    monkeypatch.setattr(engine, "order_key", lambda kind, id: order_key(other.get(kind, kind), id))
    for kind, instead in other.items():
        name = "ASK" if kind == Kind.ASK_MUNICIPALITY else kind.name
        for module in (engine, ways):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, order_key(instead, 0))


@lru_cache(maxsize=SYSTEMS)
def compiled(seed: int) -> tuple[Given, Records]:
    given = system(seed)
    return given, by_compiled(given)


def found() -> int | None:
    """The first system in which the SimPy engine as it is now differs from the compiled one."""
    for seed in range(SYSTEMS):
        given, records = compiled(seed)
        if difference(given, by_simpy(given), records) is not None:
            return seed
    return None


def plant(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    module, *names = fault.where.split(".")
    owner = MODULES[module]
    for name in names:
        function = vars(owner)[name]
        owner = function
    if isinstance(function, property):
        function = function.fget
    monkeypatch.setattr(function, "__code__", with_fault(fault, function))


def with_fault(fault: Fault, function: FunctionType) -> CodeType:
    """The function's code, were it written so."""
    source = textwrap.dedent(inspect.getsource(function)).removeprefix("@property\n")
    assert fault.old in source, f"{fault.where} does not read {fault.old!r} any more"
    made: dict[str, FunctionType] = {}
    changed = "from __future__ import annotations\n" + source.replace(fault.old, fault.new)
    exec(changed, vars(sys.modules[function.__module__]), made)
    return made[function.__name__].__code__


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what)
def test_a_planted_fault_is_found(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(fault, monkeypatch)
    assert found() is not None


@pytest.mark.parametrize(("a", "b"), EXCHANGED, ids=lambda kind: kind.name)
def test_exchanged_ranks_are_found(a: Kind, b: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    exchange(a, b, monkeypatch)
    assert found() is not None


def test_nothing_is_found_where_nothing_is_planted() -> None:
    for seed in range(10):
        given, records = compiled(seed)
        assert difference(given, by_simpy(given), records) is None
