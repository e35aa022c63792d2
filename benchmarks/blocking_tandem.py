"""The blocking tandem as a capsim region: one workload on which engines are measured side by side.

One regional and four local hospitals, twelve municipalities with short-term places and KAD beds,
patients who keep their hospital bed until a municipal place frees. ``tandem/config.py`` holds the
parameters, ``tandem/`` the peers:

    python benchmarks/blocking_tandem.py                  # ratios to idiomatic SimPy, interleaved
    python benchmarks/blocking_tandem.py --loop           # the compiled loop against C on the same arrays
    python benchmarks/blocking_tandem.py --agree 60       # the outputs agree, over 60 seeds each
"""

from __future__ import annotations

import ctypes
import math
import sys
import time
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent / "tandem"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import compare
import config as c
from replication import replication, run_compiled

from capsim.demand.columns import ACUTE, DAY
from capsim.demand.patients import sample_patients
from capsim.models import Records, simulate
from capsim.models.pathway import NEVER, Need
from capsim.region.region import (
    AgeBand,
    Duration,
    ElectiveType,
    Hospital,
    KadUnit,
    Municipality,
    PatientGroup,
    Region,
    Rules,
    ShortTermPool,
    Specialty,
    Ward,
)

HERE = Path(__file__).resolve().parent
WARM, YEAR = int(c.WARM), int(c.YEAR)
CV = math.sqrt(math.exp(c.SIG**2) - 1)
PEOPLE = 1000.0  # per municipality, so that rates per 1000 and year are per municipality and year


@lru_cache(maxsize=4)
def region(k: int) -> Region:
    """``k`` copies of the tandem in one region. Every copy has its own regional hospital, so that
    share is drawn as the catchment hospital's elective and acute flow to it."""
    hospitals, wards, municipalities, pools, kad = [], [], [], [], []
    sites = []
    for h, beds in enumerate(c.hosp_beds(k)):
        id = f"h{h}"
        hospitals.append(Hospital(id, id, "local", "t", "t", 0.0, 0.0, ("all",)))
        wards.append(Ward(id, id, ("all",), beds))
    elective = c.ELECTIVE_REG + c.N_LOCAL * c.ELECTIVE_LOC
    for m in range(c.N_MUNI * k):
        local, regional = f"h{c.local_of(m)}", f"h{c.reg_of(m)}"
        for side, catchment, share in (("l", local, 1 - c.P_REG), ("r", regional, c.P_REG)):
            # the drawn regional share of acute patients: two populations of one municipality
            number = f"{m:04d}{side}"
            people = PEOPLE * share
            municipalities.append(
                Municipality(
                    number, number, catchment, "t", (people,), short_term_pool=f"st{m}", kad_unit=f"kad{m}"
                )
            )
        pools.append(ShortTermPool(f"st{m}", c.ST_BEDS))
        kad.append(KadUnit(f"kad{m}", f"kad{m}", c.KAD_BEDS))
        sites.append((m, ((regional, c.ELECTIVE_REG / elective), (local, 1 - c.ELECTIVE_REG / elective))))
    age = AgeBand(
        "all",
        acute_per_1000=c.ACUTE_PER_MUNI * 365,
        elective_per_1000=elective / c.N_MUNI * 365,
        acute_stay=Duration(c.LOS_A, CV),
        elective_stay=Duration(c.LOS_E, CV),
        needs_municipality=c.P_ST,
        needs_short_term=1.0,
        kad_suitable=c.P_KAD,
        kad_own_per_1000=0.0,
    )
    kind = ElectiveType(
        "all",
        "all",
        "planned_stay",
        "all",
        (age.elective_per_1000,),
        0.0,
        0.0,
        1.0,
        "local",
        (1.0,),
        need_factor=0.0,
    )
    return Region(
        name="blocking_tandem",
        title="Blocking tandem",
        start=date(2024, 1, 1),
        ages=(age,),
        groups=(PatientGroup("all", (1.0,)),),
        specialties=(Specialty("all", "all", (1.0,)),),
        hospitals=tuple(hospitals),
        wards=tuple(wards),
        municipalities=tuple(municipalities),
        travel_minutes={(m.number, h.id): 0.0 for m in municipalities for h in hospitals},
        travel_km={(m.number, h.id): 0.0 for m in municipalities for h in hospitals},
        elective_types=(kind,),
        short_term_pools=tuple(pools),
        kad_units=tuple(kad),
        site_shares={("all", f"{m:04d}{side}"): shares for m, shares in sites for side in "lr"},
        rules=Rules(
            loaded_start=False,
            referral_weekdays_only=False,
            ward_round_hour=None,
            discharge_hour=None,
            place_hour=None,
            boarding_limit_hours=None,
            elective_at_any_hour=True,
            candidates_per_referral=1.0,
            joining_elasticity=0.0,
            short_term_stay=Duration(c.ST_LOS, shape="exponential"),
            stretch_after_days=None,
            kad_stay=Duration(c.KAD_LOS, shape="exponential"),
        ),
    )


def outputs(records: Records, k: int) -> dict:
    """The outputs of ``tandem/stats.py``, from a run's records."""
    stays, patients, plan = records.stays, records.patients, records.itinerary
    end = records.clock_end
    seen = stays.admitted != NEVER
    begin = stays.admitted[seen].clip(min=0)
    left = np.where(stays.left[seen] == NEVER, end, stays.left[seen])
    beds = np.array(c.hosp_beds(k))
    seconds = np.bincount(plan.hospital[seen], (left - begin).clip(min=0), len(beds))
    occ = seconds / (beds * end)
    ready = np.where(stays.ready[seen] == NEVER, end, stays.ready[seen]).clip(min=0)
    window = seen & (patients.arrival >= 0)
    wait = (stays.admitted - patients.arrival) / DAY
    acute = patients.stream == ACUTE
    in_kad = stays.kad_start != NEVER
    happened = [stays.admitted, stays.ready, stays.left, stays.place_end, stays.kad_end]
    return {
        "occ": occ,
        "occ_reg": occ[0 :: c.NH].mean(),
        "occ_loc": np.delete(occ, np.s_[0 :: c.NH]).mean(),
        "wait_a": wait[window & acute].mean(),
        "wait_e": wait[window & ~acute].mean(),
        "blocked": (left - ready).clip(min=0).sum() / DAY / k,
        "kad": int((in_kad & (patients.arrival >= 0)).sum()) / k,
        "n": len(patients),
        "events": len(patients) + in_kad.sum() + sum(int((t != NEVER).sum()) for t in happened),
    }


def run(seed: int, k: int = 1, engine: str = "simpy", days: int = YEAR, warm_up_days: int = WARM) -> dict:
    """One replication of ``k`` copies: sample, simulate, summarise."""
    world = region(k)
    patients = sample_patients(world, days=days, warm_up_days=warm_up_days, seed=seed)
    return outputs(simulate(world, patients, engine), k)


def by_step(
    seed: int, k: int = 1, engine: str = "compiled", days: int = YEAR, warm_up_days: int = WARM
) -> tuple[Records, dict[str, float]]:
    """The same with its records, and seconds by step."""
    draw = {"days": days, "warm_up_days": warm_up_days, "seed": seed}
    return replication(region(k), engine, lambda records: outputs(records, k), **draw)


# ---------------------------------------------------------------- C on the same arrays


def against_c(library: ctypes.CDLL, seed: int, **draw: int) -> dict[str, float]:
    """``kern.c`` and the compiled engine on the same patients, in turn, the least of three: seconds of
    ``loop``, of the ``engine`` from the itinerary to the stays, and of ``c``; the shares of patients
    admitted and leaving in the same second (who comes first of two in one second, the two decide
    differently); and times written per patient by each."""
    records, _ = by_step(seed, **draw)
    patients, plan, stays = records.patients, records.itinerary, records.stays
    start = records.clock_start
    inputs = {
        "t": (patients.arrival - start).astype(np.float64),
        "acute": (patients.stream == ACUTE).astype(np.uint8),
        "muni": (patients.municipality // 2).astype(np.int32),  # two populations of each
        "hosp": plan.hospital.astype(np.int32),
        "los": plan.stay.astype(np.float64),
        "kad": (plan.kad >= 0).astype(np.uint8),
        "kadlos": plan.kad_stay.astype(np.float64),
        "st": (plan.need == Need.SHORT_TERM).astype(np.uint8),
        "stlos": plan.place_stay.astype(np.float64),
    }
    out = [np.zeros(len(patients)) for _ in range(4)]
    beds = np.array(c.hosp_beds(1), np.int64)
    places = (c.N_MUNI, c.ST_BEDS, c.KAD_BEDS)
    at = [ctypes.c_void_p(array.ctypes.data) for array in (*inputs.values(), beds, *out)]
    end = ctypes.c_double(records.clock_end - start)
    times = []
    for _ in range(3):
        marks = [time.perf_counter()]
        *_, loop = run_compiled(patients, plan, records.facilities)
        marks.append(time.perf_counter())
        library.kernel(len(patients), *at[:9], len(beds), at[9], *places, end, *at[10:])
        marks.append(time.perf_counter())
        times.append((loop, *np.diff(marks).tolist()))
    least = dict(zip(("loop", "engine", "c"), map(min, zip(*times, strict=True)), strict=True))
    theirs = np.where(np.isnan(out), NEVER, np.nan_to_num(out, posinf=0) + start)
    mine = [t for name, t in records.columns().items() if name.startswith("stays.") and t.dtype == np.int64]
    return {
        **least,
        "admitted": float((theirs[0] == stays.admitted).mean()),
        "left": float((theirs[2] == stays.left).mean()),
        "written": sum(int((t != NEVER).sum()) for t in mine) / len(patients),
        "written_by_c": float((theirs != NEVER).sum()) / len(patients),
    }


def loops(rounds: int) -> list[dict[str, float]]:
    """:func:`against_c`, a seed a round."""
    with compare.c_engine() as folder:
        library = ctypes.CDLL(f"{folder}/libkern.so")
        against_c(library, 999)
        return [against_c(library, seed) for seed in range(rounds)]


# ---------------------------------------------------------------- agreement


def same_records(seeds: int, **draw: int) -> int:
    """For how many of ``seeds`` seeds the engines' records are the same to the last bit."""
    return sum(
        by_step(seed, **draw)[0].digest() == by_step(seed, engine="simpy", **draw)[0].digest()
        for seed in range(seeds)
    )


AGREE = ("occ_reg", "occ_loc", "wait_a", "wait_e", "blocked", "kad")


def _one(task: tuple[str, int]) -> dict:
    name, seed = task
    if name == "idiomatic":
        import eng_simpy

        return eng_simpy.run(seed)
    return run(seed, engine=name)


def agreement(seeds: int, engine: str = "simpy") -> bool:
    """Whether capsim's outputs agree with idiomatic SimPy's over ``seeds`` seeds each: the 99.9 %
    Welch interval of each difference contains zero, and occupancies lie within 0.003."""
    from concurrent.futures import ProcessPoolExecutor

    from scipy import stats

    with ProcessPoolExecutor() as pool:
        mine = list(pool.map(_one, [(engine, 10_000 + s) for s in range(seeds)]))
        theirs = list(pool.map(_one, [("idiomatic", s) for s in range(seeds)]))
    print(f"{'output':8s} {'capsim':>10s} {'simpy':>10s} {'difference':>11s}  99.9 %, {seeds} seeds each")
    good = True
    for name in AGREE:
        a, b = (np.array([row[name] for row in rows], dtype=float) for rows in (mine, theirs))
        va, vb = a.var(ddof=1) / seeds, b.var(ddof=1) / seeds
        free = (va + vb) ** 2 / ((va**2 + vb**2) / (seeds - 1))
        half = stats.t.ppf(0.9995, free) * math.sqrt(va + vb)
        gap = a.mean() - b.mean()
        fine = abs(gap) <= half and (not name.startswith("occ") or abs(gap) <= 0.003)
        good &= fine
        interval = f"({gap - half:+.4f} to {gap + half:+.4f}) {'agrees' if fine else 'DIFFERS'}"
        print(f"{name:8s} {a.mean():10.4f} {b.mean():10.4f} {gap:+11.4f}  {interval}")
    return good


def main() -> int:
    """Time capsim against idiomatic SimPy, interleaved; or against C; or compare the outputs."""
    import argparse
    import subprocess

    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--agree", type=int, metavar="SEEDS", help="compare outputs over SEEDS each")
    parser.add_argument("--loop", action="store_true", help="the compiled event loop against C")
    parser.add_argument(
        "--engines", default="simpy,capsim-simpy,capsim-compiled", help="also numba, c, cimba"
    )
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    if args.agree:
        same, asked = same_records(3), 3
        print(f"records of the two engines: the same to the last bit for {same} of {asked} seeds")
        return 0 if agreement(args.agree, "compiled") and same == asked else 1
    if args.loop:
        if reason := compare.missing("c"):
            print(f"not measured: {reason}")
            return 0
        print("  ".join(f"{name:>12s}" for name in ("loop", "engine", "c", "admitted", "left")))
        for row in loops(args.rounds):
            print("  ".join(f"{row[name]:12.6f}" for name in ("loop", "engine", "c", "admitted", "left")))
        return 0
    program = [sys.executable, HERE / "tandem" / "compare.py"]
    return subprocess.call([*program, "--engines", args.engines, "--rounds", str(args.rounds)])


if __name__ == "__main__":
    sys.exit(main())
