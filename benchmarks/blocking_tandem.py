"""The blocking tandem as a capsim region: one workload on which engines are measured side by side.

One regional and four local hospitals, twelve municipalities with short-term places and KAD beds,
patients who keep their hospital bed until a municipal place frees. ``tandem/config.py`` holds the
parameters, ``tandem/`` the peers:

    python benchmarks/blocking_tandem.py                  # ratio to idiomatic SimPy, interleaved
    python benchmarks/blocking_tandem.py --agree 60       # the outputs agree, over 60 seeds each
"""

from __future__ import annotations

import math
import sys
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent / "tandem"))

import config as c

from capsim.demand.columns import ACUTE, DAY
from capsim.demand.patients import sample_patients
from capsim.models import Records, simulate
from capsim.models.pathway import NEVER
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
    end = YEAR * DAY
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


def run(seed: int, k: int = 1, engine: str = "simpy") -> dict:
    """One replication of ``k`` copies: sample, simulate, summarise."""
    world = region(k)
    patients = sample_patients(world, days=YEAR, warm_up_days=WARM, seed=seed)
    return outputs(simulate(world, patients, engine), k)


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
    """Time capsim against idiomatic SimPy, interleaved; with ``--agree N`` compare the outputs."""
    import argparse
    import subprocess

    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--agree", type=int, metavar="SEEDS", help="compare outputs over SEEDS each")
    parser.add_argument("--engines", default="simpy,capsim-simpy", help="also numba, c, cimba")
    args = parser.parse_args()
    if args.agree:
        return 0 if agreement(args.agree) else 1
    here = Path(__file__).resolve().parent
    compare = [sys.executable, str(here / "tandem" / "compare.py"), "--project", str(here.parent)]
    return subprocess.call([*compare, "--engines", args.engines])


if __name__ == "__main__":
    sys.exit(main())
