"""Every lever moves the result it is pulled for, and something elsewhere that a planner should see coming.

Each case is simulated with and without the lever on the same patients, in a region where the lever can bite:
`mini`, changed where it is too comfortable. What is claimed is the sign of the mean difference over the
replications, with an interval that leaves out zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import capsim
from capsim.analysis.metrics import summarise
from capsim.demand.patients import PatientTable, sample_patients
from capsim.models import simulate
from capsim.models.pathway import NEVER
from capsim.region.loading import load_region
from capsim.region.region import KadUnit, Municipality, Region, ShortTermPool
from capsim.scenarios.levers import LEVERS, Lever
from tests.measures import DAY

DAYS, WARM_UP = 365, 60
REPLICATIONS = 8
START = -WARM_UP


@dataclass(frozen=True)
class Moves:
    """A result and the way it must go: +1 up, −1 down, 0 not at all."""

    result: str
    way: int
    place: str = "region"
    by: str = "all"
    group: str = "all"


def as_it_is(mini: Region) -> Region:
    """mini."""
    return mini


@dataclass(frozen=True)
class Case:
    lever: Lever
    result: Moves
    elsewhere: Moves
    region: Callable[[Region], Region] = as_it_is
    money: tuple[Moves, ...] = ()

    @property
    def moves(self) -> tuple[Moves, ...]:
        return self.result, self.elsewhere, *self.money


def net(way: int, place: str, costing: str = "average") -> Moves:
    """What a payer is left with."""
    return Moves("net_nok", way, place, "costing", costing)


NOBODY_PAYS = (net(0, "society"), net(0, "society", "marginal"))
"""Transfers alone."""


# --- regions in which a lever can bite


def _each(region: Region, **new: object) -> tuple[Municipality, ...]:
    return tuple(replace(m, **new) for m in region.municipalities)


def no_teams(mini: Region) -> Region:
    return replace(mini, teams=())


def few_places(mini: Region) -> Region:
    """So few short-term places that they bind, and none of them used from home."""
    pools = tuple(
        replace(p, places=max(1, p.places - 4), from_home_per_day=0.0) for p in mini.short_term_pools
    )
    return replace(mini, short_term_pools=pools)


def small_pools(mini: Region) -> Region:
    """A pool of its own for every municipality, without shared staff."""
    pools = tuple(ShortTermPool(f"places_{m.number}", 4, 0.02, 1) for m in mini.municipalities)
    towns = tuple(replace(m, short_term_pool=f"places_{m.number}") for m in mini.municipalities)
    return replace(mini, short_term_pools=pools, municipalities=towns)


def few_starts(mini: Region) -> Region:
    """One home-care start a day, and three times the patients who need one."""
    ages = tuple(replace(a, needs_municipality=min(1.0, 2 * a.needs_municipality)) for a in mini.ages)
    return replace(no_teams(mini), ages=ages, municipalities=_each(mini, home_care_starts_per_day=1))


def no_settling(mini: Region) -> Region:
    """No long-term place and no home is there, and more patients need one."""
    ages = tuple(replace(a, needs_long_term=0.2) for a in mini.ages)
    types = tuple(
        t if t.stream == "birth" else replace(t, needs_municipality=0.6, needs_housing=0.6)
        for t in mini.acute_types
    )
    return replace(
        mini,
        ages=ages,
        acute_types=types,
        municipalities=_each(mini, long_term_places=2, supported_housing=2),
        rules=replace(mini.rules, long_term_stay_days=100.0, housing_stay_days=100.0),
    )


def late_answers(mini: Region) -> Region:
    return replace(mini, municipalities=_each(mini, answered_in_time=0.5, response_days=4.0))


def more_kad(mini: Region) -> Region:
    """KAD that could take many, little used."""
    ages = tuple(replace(a, kad_suitable=0.3) for a in mini.ages)
    units = tuple(replace(u, beds=4, use_rate=0.1, colocated=False) for u in mini.kad_units)
    return replace(no_teams(mini), ages=ages, kad_units=units)


def full_kad(mini: Region) -> Region:
    region = more_kad(mini)
    return replace(region, kad_units=tuple(replace(u, beds=2, use_rate=0.9) for u in region.kad_units))


def kad_in_each(mini: Region) -> Region:
    region = full_kad(mini)
    units = tuple(KadUnit(f"kad_{m.number}", m.name, 1, use_rate=0.9) for m in mini.municipalities)
    towns = tuple(replace(m, kad_unit=f"kad_{m.number}") for m in mini.municipalities)
    return replace(region, kad_units=units, municipalities=towns)


def sent_away(mini: Region) -> Region:
    """Many acute patients of Dalen need the regional hospital, and Dalen has beds for them after it."""
    hospitals = tuple(
        replace(h, regional_share_acute=0.5, transfer_back_share=0.0) if h.tier == "local" else h
        for h in mini.hospitals
    )
    wards = tuple(replace(w, beds=w.beds + 4) for w in mini.wards)
    return replace(mini, hospitals=hospitals, wards=wards)


def _less_theatre(mini: Region, hospital: str) -> Region:
    sessions = tuple(
        replace(s, capacity=tuple(0.5 * day for day in s.capacity))
        if (s.hospital, s.kind) == (hospital, "theatre")
        else s
        for s in mini.sessions
    )
    return replace(mini, sessions=sessions)


def long_queue_at_dalen(mini: Region) -> Region:
    """Half of Dalen's theatre time."""
    return _less_theatre(mini, "dalen")


def few_sessions(mini: Region) -> Region:
    """Half of Fjordby's theatre time."""
    return _less_theatre(mini, "fjordby")


def few_slots(mini: Region) -> Region:
    """Two thirds of Fjordby's slots for first contact."""
    clinics = tuple(
        replace(c, slots=tuple(day * 2 / 3 for day in c.slots)) if c.hospital == "fjordby" else c
        for c in mini.clinics
    )
    return replace(mini, clinics=clinics)


def dearer(mini: Region) -> Region:
    """Few places, and four times the day rate from the beginning of the warm-up on."""
    return capsim.SetPaymentRate(22_980, from_day=START).apply(few_places(mini))


def own_staff(mini: Region) -> Region:
    """Nobody shares staff, and a team with time to spare."""
    pools = tuple(replace(p, staff_pool="") for p in mini.short_term_pools)
    return replace(mini, staff_pools=(), short_term_pools=pools)


TOWNS = ("9001", "9002", "9003")
TUESDAY = (0, 320, 0, 0, 0, 0, 0)

MOVES: Mapping[str, Case] = {
    "AddAmbulantTeam": Case(
        capsim.AddAmbulantTeam("team", "fjordby", TOWNS, (6,) * 7, averts_share=0.3, from_day=START),
        Moves("acute_admissions", -1),
        Moves("visits", +1, place="team"),
        no_teams,
    ),
    "AddAmbulantTeam, follow_up": Case(
        capsim.AddAmbulantTeam(
            "team", "fjordby", TOWNS, (6,) * 7, "follow_up", follows_share=0.9, readmission_effect=-0.5,
            from_day=START,
        ),
        Moves("readmission_share", -1),
        Moves("visits", +1, place="team"),
        no_teams,
    ),
    "AddAmbulantTeam, fact": Case(
        capsim.AddAmbulantTeam(
            "team", "fjordby", TOWNS, (5,) * 7, "fact", target_groups=("mental_illness",), from_day=START
        ),
        Moves("bed_days", -1, place="fjordby", by="sector", group="phv"),
        Moves("visits", +1, place="team"),
        no_teams,
    ),
    "AddBeds": Case(
        capsim.AddBeds("fjordby_medicine", 6, from_day=START),
        Moves("occupancy_mean", -1, place="fjordby_medicine"),
        Moves("outlier_days", -1, place="fjordby"),
    ),
    "AddClinicSlots": Case(
        capsim.AddClinicSlots("fjordby", "surgery", (3, 3, 3, 3, 3, 0, 0), from_day=START),
        Moves("fristbrudd_share", -1, place="fjordby"),
        Moves("joined_share", +1, place="fjordby"),
        few_slots,
    ),
    "AddHomeCareStarts": Case(
        capsim.AddHomeCareStarts("9001", 3, from_day=START),
        Moves("overliggerdogn", -1, place="9001", by="cause", group="home_care"),
        Moves("los_mean_days", -1, place="fjordby"),
        few_starts,
    ),
    "AddHospitalAtHome": Case(
        capsim.AddHospitalAtHome(
            "home", "fjordby", ("9001",), 8, early_discharge_share=0.6, early_discharge_after=0.3,
            from_day=START,
        ),
        Moves("bed_days", -1, place="fjordby"),
        Moves("overliggerdogn", +1, place="9001", by="cause", group="home_care"),
        few_starts,
    ),
    "AddKadBeds": Case(
        capsim.AddKadBeds("mini_kad", 6, from_day=START),
        Moves("kad_refused_share", -1, place="mini_kad"),
        Moves("acute_admissions", -1),
        full_kad,
    ),
    "AddLongTermPlaces": Case(
        capsim.AddLongTermPlaces("9001", 30, from_day=START),
        Moves("long_term_wait_days", -1, place="9001"),
        Moves("overliggerdogn", -1, place="9001", by="cause", group="short_term"),
        no_settling,
    ),
    "AddShortTermPlaces": Case(
        capsim.AddShortTermPlaces("fjordby_places", 8, from_day=START),
        Moves("overliggerdogn", -1, by="cause", group="short_term"),
        Moves("occupancy_mean", -1, place="fjordby"),
        few_places,
    ),
    "AddSupportedHousing": Case(
        capsim.AddSupportedHousing("9001", 30, from_day=START),
        Moves("overliggerdogn", -1, place="9001", by="cause_phv_tsb", group="housing"),
        Moves("occupancy_mean", -1, place="fjordby_psychiatry"),
        no_settling,
    ),
    "AddTheatreSessions": Case(
        capsim.AddTheatreSessions("fjordby", "surgery", TUESDAY, from_day=START),
        Moves("wait_mean_days", -1, place="fjordby"),
        Moves("bed_days", +1, place="fjordby", by="urgency", group="elective"),
        few_sessions,
    ),
    "BuyPrivate": Case(
        capsim.BuyPrivate("other_surgery", 0.3, from_day=START),
        Moves("wait_mean_days", -1, place="fjordby"),
        Moves("private_treatments", +1),
        few_sessions,
        (net(-1, "rhf"), net(-1, "rhf", "marginal")),
    ),
    "ColocateKad": Case(
        capsim.ColocateKad("mini_kad", use_rate=0.9, from_day=START),
        Moves("kad_admissions", +1, place="mini_kad"),
        Moves("acute_admissions", -1),
        more_kad,
    ),
    "EarlyNotification": Case(
        capsim.EarlyNotification(notified_share=1.0, answered_in_time=1.0, from_day=START),
        Moves("overliggerdogn", -1, by="cause", group="response"),
        Moves("occupancy_mean", -1),
        late_answers,
    ),
    "GpCoverage": Case(
        capsim.GpCoverage({"9001": 0.5}, acute_effect=1.0, from_day=START),
        Moves("acute_admissions", +1, place="9001"),
        Moves("occupancy_mean", +1, place="fjordby"),
    ),
    "JointGrant": Case(
        capsim.JointGrant(("9001", "9002"), "Mini HF", "short_term_places", 10, 0.5, 0.25, from_day=START),
        Moves("overliggerdogn", -1, by="cause", group="short_term"),
        Moves("occupancy_mean", -1, place="fjordby"),
        few_places,
        (net(-1, "state"), Moves("net_nok", +1, "municipalities", "reason_average", "grant"),
         Moves("net_nok", -1, "society", "reason_marginal", "place_capacity")),
    ),
    "MoveCatchment": Case(
        capsim.MoveCatchment(("9003",), "fjordby", from_day=START),
        Moves("admissions", +1, place="fjordby"),
        Moves("travel_hours", +1, place="9003"),
    ),
    "MoveElective": Case(
        capsim.MoveElective("other_surgery", "fjordby", {"dalen": 1.0}, share=0.3, from_day=START),
        Moves("volume", +1, place="dalen", by="type", group="other_surgery"),
        Moves("occupancy_mean", +1, place="dalen"),
    ),
    "MoveTheatreSessions": Case(
        capsim.MoveTheatreSessions("surgery", "fjordby", "dalen", 200, from_day=START),
        Moves("wait_mean_days", -1, place="dalen"),
        Moves("wait_mean_days", +1, place="fjordby"),
        long_queue_at_dalen,
    ),
    "PoolKad": Case(
        capsim.PoolKad("kad_9001", TOWNS, from_day=START),
        Moves("kad_refused_share", -1),
        Moves("acute_admissions", -1),
        kad_in_each,
    ),
    "PoolReferrals": Case(
        capsim.PoolReferrals(
            "joint", ("hip_prosthesis", "other_surgery", "cataract", "other_day_surgery"),
            ("fjordby", "dalen"), from_day=START,
        ),
        Moves("wait_mean_days", -1, place="dalen"),
        Moves("travel_hours", +1),
        long_queue_at_dalen,
    ),
    "PoolShortTermPlaces": Case(
        capsim.PoolShortTermPlaces("shared", TOWNS, from_day=START),
        Moves("overliggerdogn", -1, by="cause", group="short_term"),
        Moves("occupancy_mean", -1),
        small_pools,
    ),
    "ProjectPopulation": Case(
        capsim.ProjectPopulation("frozen", growth={"80p": 1.6}, from_day=START),
        Moves("admissions", +1, by="age", group="80p"),
        Moves("overliggerdogn", +1),
    ),
    "RaiseKadUse": Case(
        capsim.RaiseKadUse(0.9, from_day=START),
        Moves("kad_occupancy", +1, place="mini_kad"),
        Moves("acute_admissions", -1),
        more_kad,
    ),
    "ScaleDemand": Case(
        capsim.ScaleDemand(0.7, streams=("acute",), from_day=START),
        Moves("acute_admissions", -1),
        Moves("postponed_share", -1),
    ),
    "SetEmergencyFunction": Case(
        capsim.SetEmergencyFunction("dalen", ("surgery",), "close", from_day=START),
        Moves("acute_surgical_per_day", +1, place="fjordby"),
        Moves("travel_hours", +1),
    ),
    "SetIsfShare": Case(
        capsim.SetIsfShare(0.6),
        net(+1, "trusts"),
        net(-1, "state"),
        as_it_is,
        (Moves("payment_nok", 0), *NOBODY_PAYS),
    ),
    "SetPaymentRate": Case(
        capsim.SetPaymentRate(11_490),
        Moves("payment_nok", +1),
        Moves("overliggerdogn", 0),
        as_it_is,
        (net(-1, "municipalities"), net(+1, "trusts"), *NOBODY_PAYS),
    ),
    "SetPaymentRule": Case(
        capsim.SetPaymentRule(free_days=2),
        Moves("payment_nok", -1),
        Moves("overliggerdogn", 0),
        as_it_is,
        (net(+1, "municipalities"), net(-1, "trusts"), Moves("payment_cost_coverage", -1, by="costing",
         group="average"), *NOBODY_PAYS),
    ),
    "SetResponse": Case(
        capsim.SetResponse("elastic", band="high", delay_days=0),
        Moves("overliggerdogn", -1),
        Moves("occupancy_mean", -1, place="fjordby"),
        dearer,
        (Moves("net_nok", +1, "municipalities", "reason_average", "payment"),
         Moves("net_nok", +1, "society", "reason_average", "bed_days")),
    ),
    "SetResponse, cost_minimising": Case(
        capsim.SetResponse("cost_minimising", delay_days=0),
        Moves("overliggerdogn", -1, by="cause", group="short_term"),
        Moves("net_nok", -1, "municipalities", "reason_marginal", "place_capacity"),
        dearer,
    ),
    "SetResponse, reporting": Case(
        capsim.SetResponse(hospitals="reporting", band="high"),
        Moves("ready_stays", +1),
        Moves("payment_nok", +1),
        dearer,
    ),
    "ShareStaff": Case(
        capsim.ShareStaff(
            "shared", (1.5,) * 7, "", "fjordby", ("surgery",), 3.0, ("fjordby_places",), 0.2,
            ("follow_up_team",), from_day=START,
        ),
        Moves("overliggerdogn", +1, by="cause", group="short_term"),
        Moves("visits", -1, place="follow_up_team"),
        own_staff,
    ),
    "ShiftOutpatients": Case(
        capsim.ShiftOutpatients(video_share=0.3, private_share=0.4, from_day=START),
        Moves("outpatient_travel_hours", -1),
        Moves("clinic_slots", -1),
    ),
    "TransferBack": Case(
        capsim.TransferBack(1.0, ("dalen",), from_day=START),
        Moves("bed_days", -1, place="fjordby"),
        Moves("occupancy_mean", +1, place="dalen"),
        sent_away,
    ),
}  # fmt: skip
"""Lever (and kind) → what it must move, and what that does elsewhere."""


def test_no_lever_is_missing() -> None:
    assert {name.partition(",")[0] for name in MOVES} == set(LEVERS)
    for name, case in MOVES.items():
        assert name.partition(",")[0] == type(case.lever).__name__
        assert len(set(case.moves)) == len(case.moves) >= 2


@lru_cache(maxsize=1)
def _mini() -> Region:
    return load_region("mini")


@lru_cache(maxsize=REPLICATIONS)
def _without(make: Callable[[Region], Region], replication: int) -> tuple[PatientTable, pd.DataFrame]:
    """The patients of every case in this region, and what happens to them without any lever."""
    base = make(_mini())
    pulled = [case.lever.apply(base) for case in MOVES.values() if case.region is make]
    patients = sample_patients(base, DAYS, WARM_UP, 11, replication, scenarios=pulled)
    return patients, summarise(simulate(base, patients))


def _values(metrics: pd.DataFrame, moves: Moves) -> float:
    """The value over the whole study; 0 if there is none."""
    rows = metrics[
        (metrics.window == "all")
        & (metrics.place == moves.place)
        & (metrics.by == moves.by)
        & (metrics.group == moves.group)
        & (metrics.result == moves.result)
    ]
    return float(rows.value.sum())


def differences(case: Case) -> np.ndarray:
    """With less without the lever, shape (replications, moves)."""
    changed = case.lever.apply(case.region(_mini()))
    rows = []
    for replication in range(REPLICATIONS):
        patients, without = _without(case.region, replication)
        pulled = summarise(simulate(changed, patients))
        rows.append([_values(pulled, m) - _values(without, m) for m in case.moves])
    return np.array(rows)


@pytest.mark.parametrize("name", MOVES)
def test_the_lever_moves_its_result_and_something_elsewhere(name: str) -> None:
    case = MOVES[name]
    table = differences(case)
    half = stats.t.ppf(0.995, REPLICATIONS - 1) * table.std(axis=0, ddof=1) / np.sqrt(REPLICATIONS)
    for moves, mean, width in zip(case.moves, table.mean(axis=0), half, strict=True):
        told = f"{moves.result} at {moves.place}: {mean:+.4g} ± {width:.4g}"
        if moves.way == 0:
            assert mean == 0, told
            assert width == 0, told
        else:
            assert moves.way * mean > width, told


# --- doing nothing, and doing it later


def test_demand_times_one_changes_nothing() -> None:
    mini = _mini()
    same = mini.changed(lambda r: replace(r, demand_scale=dict.fromkeys(("acute", "elective"), 1.0)))
    patients = sample_patients(mini, 100, WARM_UP, scenarios=(same,))
    base, changed = simulate(mini, patients), simulate(same, patients)
    assert base.equals(changed)
    assert base.digest() == changed.digest()


LATER = 60


@pytest.mark.parametrize("name", [n for n in MOVES if not n.startswith("SetResponse")])
def test_a_lever_changes_nothing_before_its_day(name: str) -> None:
    """Everything that happens before midnight of its first day is the same to the second. (An answer
    has the day of the rate that it answers to.)"""
    case = MOVES[name]
    base = case.region(_mini())
    changed = replace(case.lever, from_day=LATER).apply(base)
    patients = sample_patients(base, 100, WARM_UP, scenarios=(changed,))
    alone, later = simulate(base, patients).stays, simulate(changed, patients).stays
    plans = ("ready", "can_receive")  # written when the patient is admitted, for days ahead
    for column in alone.__dataclass_fields__:
        before, after = getattr(alone, column), getattr(later, column)
        if before.dtype != np.int64 or column in plans:
            continue
        early = [np.where((t != NEVER) & (t < LATER * DAY), t, NEVER) for t in (before, after)]
        assert np.array_equal(*early), column
