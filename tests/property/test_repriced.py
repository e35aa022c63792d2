"""Where only prices change, the run is not made again; and it is as if it had been."""

from __future__ import annotations

import pickle
import shutil
from dataclasses import fields, replace
from functools import lru_cache
from pathlib import Path

import pandas as pd
import pytest

from capsim import models
from capsim.analysis.metrics import summarise, what_happened
from capsim.demand.patients import sample_patients
from capsim.models import repriced, simulate
from capsim.region.loading import load_region
from capsim.region.rates import Response
from capsim.region.region import Municipality, Region
from capsim.scenarios.levers import MoveElective, SetPaymentRate, SetResponse
from capsim.scenarios.scenario import Scenario
from capsim.study.study import Result, Study
from tests.property.test_levers_move import MOVES

DAYS, WARM_UP, LATER = 120, 60, 40
MONEY = {"SetIsfShare", "SetPaymentRate", "SetPaymentRule"}


@lru_cache(maxsize=1)
def mini() -> Region:
    return load_region("mini")


@pytest.mark.parametrize("from_day", [None, LATER], ids=["as the case has it", "from day 40"])
@pytest.mark.parametrize("name", [n for n in MOVES if not n.startswith("SetResponse")])
def test_repriced_records_are_those_of_a_run_and_only_money_is_repriced(name: str, from_day: int | None):
    case = MOVES[name]
    region = case.region(mini())
    lever = case.lever if from_day is None else replace(case.lever, from_day=from_day)
    changed = lever.apply(region)
    patients = sample_patients(region, DAYS, WARM_UP, scenarios=(changed,))
    before = simulate(region, patients)
    again = repriced(before, changed)
    assert (again is not None) == (name in MONEY)
    if again is None:
        return
    run = simulate(changed, patients)
    assert again.digest() == before.digest() == run.digest()
    known, anew = summarise(again, what_happened(before)), summarise(run)
    assert known.equals(anew)  # to the last bit
    without = summarise(before)
    assert not known["value"].equals(without["value"])  # something is paid otherwise
    happened = ~without["unit"].str.startswith("nok")
    assert known.loc[happened].equals(without.loc[happened])


def test_a_rate_that_somebody_answers_to_is_run():
    region = mini()
    answers = SetResponse("elastic", band="central").apply(SetPaymentRate(20_000.0).apply(region))
    patients = sample_patients(region, DAYS, WARM_UP, scenarios=(answers,))
    assert repriced(simulate(region, patients), answers) is None


def test_an_answer_to_the_rate_of_today_is_none():
    region = mini()
    ready = replace(region, response=Response("elastic", time=0.5, places=0.2))
    patients = sample_patients(region, DAYS, WARM_UP, scenarios=(ready,))
    again = repriced(simulate(region, patients), ready)
    assert again is not None
    assert again.digest() == simulate(ready, patients).digest()


def test_a_study_runs_what_differs_in_prices_once(monkeypatch: pytest.MonkeyPatch):
    hips = MoveElective("hip_prosthesis", "fjordby", {"dalen": 1.0}, share=0.3)
    low, high = SetPaymentRate(1000), SetPaymentRate(9999, from_day=5)
    scenarios = [
        Scenario("low", (low,)),
        Scenario("hips", (hips,)),
        Scenario("hips_high", (hips, high)),
        Scenario("high", (high,)),
    ]
    apart = {s.name: Study(mini(), [s], 1, 20, 10).run(progress=False) for s in scenarios}
    ran: list[Region] = []
    made = models.simulate

    def counted(region: Region, *args: object, **named: object):
        ran.append(region)
        return made(region, *args, **named)

    monkeypatch.setattr(models, "simulate", counted)
    together = Study(mini(), scenarios, 1, 20, 10).run(progress=False)
    assert len(ran) == 2  # base and hips
    for scenario in scenarios:
        mine, alone = (of(result, scenario.name) for result in (together, apart[scenario.name]))
        pd.testing.assert_frame_equal(mine, alone, check_exact=True)
        assert digests(together, scenario.name) == digests(apart[scenario.name], scenario.name)


def of(result: Result, scenario: str) -> pd.DataFrame:
    rows = result.metrics[result.metrics["scenario"] == scenario].reset_index(drop=True)
    return rows.astype({name: str for name in rows if name != "value"})


def digests(result: Result, scenario: str) -> list[str]:
    return [run["records_sha256"] for run in result.runs if run["scenario"] == scenario]


def test_a_rate_that_is_run_alone_after_a_stop_is_what_it_would_have_been(tmp_path: Path):
    """The base's records are not kept, so the rate's are simulated; that it only moves money still holds
    to the last bit."""
    study = Study(mini(), [Scenario("rate", (SetPaymentRate(9999, from_day=7),))], 2, 20, 10)
    whole = study.run(out=tmp_path / "whole", progress=False)
    study.run(out=tmp_path / "stopped", progress=False)
    for replication in ("0", "1"):
        shutil.rmtree(tmp_path / "stopped" / "runs" / "rate" / replication)
    resumed = study.run(out=tmp_path / "stopped", progress=False)
    assert resumed.metrics.equals(whole.metrics)
    assert resumed.transfers == whole.transfers == {"rate"}


def test_a_region_without_coordinates_shares_runs_in_a_worker_too():
    """Not a number is not equal to itself, unless it is the same object: in a worker it is not."""
    towns = tuple(replace(m, lat=None, lon=None) for m in mini().municipalities)
    region = replace(mini(), municipalities=towns)
    rate = SetPaymentRate(9999, from_day=7).apply(region)
    patients = sample_patients(region, DAYS, WARM_UP)
    assert repriced(simulate(region, patients), pickle.loads(pickle.dumps(rate))) is not None
    defaults = {f.name: f.default for f in fields(Municipality)}
    assert all(value == value for value in defaults.values())
