"""The base case of midt_norge looks like the region: bounds, not pinned numbers."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from capsim.analysis.metrics import summarise
from capsim.demand.patients import sample_patients
from capsim.models import simulate
from capsim.models.facilities import facilities_of
from capsim.region.loading import load_region
from capsim.region.region import Region


def one_year(replication: int) -> pd.DataFrame:
    region = load_region("midt_norge")
    metrics = summarise(simulate(region, sample_patients(region, replication=replication)))
    return metrics[(metrics.window == "all") & metrics.by.isin(["all", "age", "sector"])].assign(
        replication=replication
    )


@pytest.fixture(scope="module")
def region() -> Region:
    return load_region("midt_norge")


@pytest.fixture(scope="module")
def replications(request: pytest.FixtureRequest) -> pd.DataFrame:
    with ProcessPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        return pd.concat(pool.map(one_year, range(4)))


def mean(metrics: pd.DataFrame, result: str, place: str = "region") -> float:
    return float(rows(metrics, result, place).value.mean())


def rows(metrics: pd.DataFrame, result: str, place: str, by: str = "all") -> pd.DataFrame:
    return metrics[(metrics.result == result) & (metrics.place == place) & (metrics.by == by)]


def test_bed_days_and_acute_share(replications: pd.DataFrame) -> None:
    """575-582 bed-days per 1000 (SAMDATA 2022); 67 % of stays acute (St. Olavs 2022)."""
    assert mean(replications, "bed_days_per_1000") == pytest.approx(575, abs=30)
    assert mean(replications, "acute_share") == pytest.approx(0.67, abs=0.03)
    assert mean(replications, "los_mean_days") == pytest.approx(3.9, abs=0.15)


def test_somatic_stays_by_age_are_the_published_ones(replications: pd.DataFrame, region: Region) -> None:
    """Index admissions are deflated so that with births, readmissions and KAD's patients all somatic
    stays add up to the rates that reproduce 149 per 1000 (SAMDATA 2022); within 2 %."""
    published = {"0_17": 59 + 39, "18_66": 59 + 39, "67_74": 175 + 95, "75_79": 330 + 90, "80p": 480 + 70}
    stays = rows(replications, "admissions", "region", "age").groupby("group").value.mean()
    for position, age in enumerate(region.ages):
        people = sum(m.population[position] for m in region.municipalities)
        assert stays[age.id] / people * 1000 == pytest.approx(published[age.id], rel=0.02), age.id


def test_readmissions_and_deaths(replications: pd.DataFrame) -> None:
    """16 % of 67+ (FHI 2019) and 17.5 % of 75+ (Helseatlas) are readmitted within 30 days."""
    share = rows(replications, "readmission_share", "region", "age").groupby("group").value.mean()
    assert share["75_79"] == pytest.approx(0.175, abs=0.02)
    assert share["80p"] == pytest.approx(0.175, abs=0.02)
    assert 0.10 <= share["67_74"] <= 0.16


def test_first_contact_breaches_and_psychiatric_beds(replications: pd.DataFrame) -> None:
    """6-10 % fristbrudd (regjeringen.no 2024-25); PHV and TSB beds in use, not overfull."""
    assert 0.04 <= mean(replications, "fristbrudd_share") <= 0.12
    occupancy = rows(replications, "occupancy_mean", "region", "sector").groupby("group").value.mean()
    assert 0.70 <= occupancy["phv"] <= 0.95
    assert 0.70 <= occupancy["tsb"] <= 0.95


def test_every_hospital_is_in_use_and_none_overflows(replications: pd.DataFrame, region: Region) -> None:
    """88.7 % at St. Olavs (2018); 85-91 % in the region."""
    for hospital in region.hospitals:
        assert 0.70 <= mean(replications, "occupancy_mean", hospital.id) <= 0.98, hospital.id


def test_most_ready_patients_leave_within_a_day(replications: pd.DataFrame) -> None:
    """86-90 % (Meld. St. 9; Helsedirektoratet 2024), and those who wait do so 3.4-3.6 days."""
    assert 0.80 <= mean(replications, "ready_within_24h_share") <= 0.95
    assert 2.5 <= mean(replications, "delay_mean_days") <= 4.5
    assert 10 <= mean(replications, "overliggerdogn_per_1000") <= 20


def test_small_municipalities_do_not_carry_the_most_days(replications: pd.DataFrame, region: Region) -> None:
    """Independent pools alone would give small municipalities the most days; the world does not."""
    people = {m.number: m.inhabitants for m in region.municipalities}
    by_size = sorted(people, key=people.__getitem__)
    of_all = (replications.result == "overliggerdogn") & (replications.by == "all")
    days = replications[of_all].pivot(index="replication", columns="place", values="value")

    def per_1000(numbers: list[str]) -> np.ndarray:
        return days[numbers].sum(axis=1).to_numpy() / sum(people[n] for n in numbers) * 1000

    fifth = len(by_size) // 5
    difference = per_1000(by_size[:fifth]) - per_1000(by_size[-fifth:])
    half = stats.t.ppf(0.975, len(difference) - 1) * difference.std(ddof=1) / np.sqrt(len(difference))
    assert difference.mean() - half <= 0


def test_waits_and_lists_stay_where_they_are(replications: pd.DataFrame, region: Region) -> None:
    """Mean wait 60-75 days (Helsedirektoratet 2022-25), at no site far from it."""
    assert 55 <= mean(replications, "wait_mean_days") <= 80
    for hospital in region.hospitals:
        assert 45 <= mean(replications, "wait_mean_days", hospital.id) <= 90, hospital.id
    assert mean(replications, "postponed_share") < 0.10
    assert mean(replications, "corridor_share") < 0.05
    assert mean(replications, "kad_occupancy") == pytest.approx(0.33, abs=0.05)


def list_lengths(replication: int) -> np.ndarray:
    """Each list's length at the end of two years, relative to its reference."""
    region = load_region("midt_norge")
    records = simulate(region, sample_patients(region, days=730, replication=replication))
    last = np.zeros(len(records.facilities.lists))
    last[records.events.session_list] = records.events.session_waiting
    return last / records.facilities.reference_length


@pytest.mark.slow
def test_no_list_runs_away_in_two_years(region: Region) -> None:
    """Capacity is settled list by list: those of some size are still about as long as they began,
    so that what a lever does to a wait is the lever's doing. (Those of mental health and substance use
    swing more: their beds turn over once a month.)"""
    with ProcessPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        length = np.mean(list(pool.map(list_lengths, range(4))), axis=0)
    facilities = facilities_of(region, 0, 1)
    large = facilities.reference_length > 50
    somatic = large & (facilities.ward_sector[facilities.list_ward] == 0)
    assert somatic.sum() > 30
    assert length[somatic].min() > 0.6
    assert length[somatic].max() < 1.5
    assert length[somatic].mean() == pytest.approx(1.0, abs=0.1)
    assert ((length[large] > 0.4) & (length[large] < 2)).all()
