"""What a lever does at another place: the loop between hospital and municipality, and its money."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from capsim.analysis.metrics import summarise
from capsim.demand.patients import sample_patients
from capsim.models import simulate
from capsim.region.loading import load_region
from capsim.region.region import Region
from capsim.scenarios.levers import AddAmbulantTeam, AddShortTermPlaces, SetPaymentRate


def value(metrics, result: str, place: str = "region") -> float:  # type: ignore[no-untyped-def]
    row = metrics[
        (metrics.window == "all")
        & (metrics.place == place)
        & (metrics.by == "all")
        & (metrics.result == result)
    ]
    return float(row.value.iloc[0])


@pytest.fixture(scope="module")
def crowded() -> Region:
    """mini with so few short-term places that they bind."""
    mini = load_region("mini")
    pools = tuple(
        replace(p, places=max(1, p.places - 2), from_home_per_day=0.0) for p in mini.short_term_pools
    )
    return replace(mini, short_term_pools=pools)


def test_more_places_lower_mean_postponements_at_the_hospital(crowded: Region) -> None:
    """Forty pairs; for some single patient it may be worse, so only the mean is claimed."""
    more = crowded
    for pool in crowded.short_term_pools:
        more = AddShortTermPlaces(pool.id, 6).apply(more)
    difference = []
    for replication in range(40):
        patients = sample_patients(crowded, days=200, warm_up_days=60, replication=replication)
        few, many = (summarise(simulate(region, patients)) for region in (crowded, more))
        difference.append(value(many, "postponed_share") - value(few, "postponed_share"))
    half = stats.t.ppf(0.975, 39) * np.std(difference, ddof=1) / np.sqrt(40)
    assert np.mean(difference) + half < 0


@pytest.mark.parametrize("squeeze", ["staff", "driving"])
def test_half_the_staff_or_twice_the_time_halves_the_visits(squeeze: str) -> None:
    """Demand far above capacity, so that visits follow the team and not the patients."""
    mini = load_region("mini")
    region = replace(
        mini,
        ages=tuple(replace(a, acute_per_1000=a.acute_per_1000 * 3) for a in mini.ages),
        wards=tuple(replace(w, beds=w.beds * 4) for w in mini.wards),
        teams=(),
    )
    team = AddAmbulantTeam(
        id="team",
        name="Team",
        base=mini.hospitals[0].id,
        municipalities=tuple(m.number for m in region.municipalities),
        staff_by_weekday=(8.0,) * 7,
        averts_share=0.9,
    )
    if squeeze == "staff":
        full, squeezed = team.apply(region), replace(team, staff_by_weekday=(4.0,) * 7).apply(region)
    else:  # a team that only drives: no minutes with the patient
        driving = replace(team, minutes_per_visit=1e-6, staff_by_weekday=(1.0,) * 7)
        far = {way: 2 * minutes for way, minutes in region.travel_minutes.items()}
        full, squeezed = driving.apply(region), driving.apply(replace(region, travel_minutes=far))
    patients = sample_patients(region, days=365, warm_up_days=60, scenarios=(full, squeezed))
    all_of_it, part = (value(summarise(simulate(r, patients)), "visits") for r in (full, squeezed))
    assert part / all_of_it == pytest.approx(0.5, abs=0.05)


def test_a_rate_without_a_response_moves_money_and_no_patient() -> None:
    mini = load_region("mini")
    patients = sample_patients(mini, days=200, warm_up_days=60)
    base, double = simulate(mini, patients), simulate(SetPaymentRate(12_000.0).apply(mini), patients)
    assert base.equals(double)
    assert base.digest() == double.digest()
    rows = summarise(base).merge(summarise(double), on=["window", "place", "by", "group", "result", "unit"])
    money = rows.unit.str.startswith("nok") & (rows.place != "society")
    assert (rows.value_x[~money] == rows.value_y[~money]).all()
    paid = rows.result == "payment_nok"
    assert rows.value_y[paid].sum() > 1.5 * rows.value_x[paid].sum() > 0


def test_the_team_keeps_people_out_of_hospital_and_frees_beds() -> None:
    mini = replace(load_region("mini"), teams=())
    team = AddAmbulantTeam(
        id="geriatric",
        name="Team",
        base=mini.hospitals[0].id,
        municipalities=tuple(m.number for m in mini.municipalities),
        staff_by_weekday=(6.0,) * 7,
        averts_share=0.3,
        escalates_share=0.0,
    )
    with_team = team.apply(mini)
    patients = sample_patients(mini, days=365, warm_up_days=60, scenarios=(with_team,))
    base, changed = summarise(simulate(mini, patients)), summarise(simulate(with_team, patients))
    averted = value(changed, "admissions_averted")
    assert averted > 20
    assert value(base, "admissions") - value(changed, "admissions") == pytest.approx(averted, rel=0.25)
    assert value(changed, "bed_days") < value(base, "bed_days")
