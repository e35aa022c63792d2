"""Results are what their definitions say: small records with known answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from capsim.analysis.delays import CAUSES, delay_days, payment_per_day
from capsim.analysis.metrics import census, kaplan_meier, summarise
from capsim.demand.patients import ACUTE, ELECTIVE, sample_patients
from capsim.errors import InputError
from capsim.models import Records, simulate
from capsim.models.pathway import DAY, NEVER, Need, Start
from capsim.region.loading import load_region
from capsim.region.region import Rates
from capsim.scenarios.levers import AddAmbulantTeam


@pytest.fixture(scope="module")
def records() -> Records:
    mini = load_region("mini")
    return simulate(mini, sample_patients(mini, days=400, warm_up_days=60))


@pytest.fixture(scope="module")
def metrics(records: Records) -> pd.DataFrame:
    return summarise(records)


def value(
    metrics: pd.DataFrame,
    result: str,
    place: str = "region",
    by: str = "all",
    group: str = "all",
    window: str = "all",
) -> float:
    same = {"window": window, "place": place, "by": by, "group": group, "result": result}
    row = metrics[(metrics[list(same)] == pd.Series(same)).all(axis=1)]
    assert len(row) == 1, (same, len(row))
    return float(row.value.iloc[0])


def test_every_row_stands_once(metrics: pd.DataFrame) -> None:
    assert not metrics.duplicated(["window", "place", "by", "group", "result"]).any()
    assert set(metrics.window) == {"all", "year_1", "year_2"}


def test_kaplan_meier_by_hand() -> None:
    """Six patients: treated after 1, 2, 2, 4; still waiting after 2 and 5. At risk before each time:
    6, 5, 2 -> 5/6, then 5/6 x 3/5 = 1/2, then 1/2 x 1/2 = 1/4."""
    time, waiting = kaplan_meier(
        np.array([1.0, 2, 2, 2, 4, 5]), np.array([True, True, True, False, True, False])
    )
    assert time.tolist() == [1, 2, 4, 5]
    assert waiting == pytest.approx([5 / 6, 1 / 2, 1 / 4, 1 / 4])


def test_overliggerdogn_patient_by_patient(records: Records, metrics: pd.DataFrame) -> None:
    """The vectorised count against the definition: midnights m with ready < m <= offer."""
    s, plan, days = records.stays, records.itinerary, records.patients.days
    count = dict.fromkeys(CAUSES, 0)
    for p in np.flatnonzero((plan.need != Need.NOTHING) & (s.ready != NEVER)).tolist():
        for m in range(1, days + 1):
            midnight = m * DAY
            if not s.ready[p] < midnight:
                continue
            if s.can_receive[p] == NEVER or midnight <= s.can_receive[p]:
                count["response"] += 1
            elif s.offer[p] == NEVER or midnight <= s.offer[p]:
                count["home_care" if plan.need[p] == Need.HOME_CARE else "short_term"] += 1
            else:
                break
    for cause in ("response", "home_care", "short_term"):
        assert value(metrics, "overliggerdogn", by="cause", group=cause) == count[cause], cause
    assert value(metrics, "overliggerdogn") == sum(count.values()) > 0


def test_a_patient_still_waiting_at_the_end_counts_for_the_last_night(records: Records) -> None:
    delays = delay_days(records)
    assert delays.day.max() == records.patients.days - 1


def test_parts_add_up_to_the_whole(records: Records, metrics: pd.DataFrame) -> None:
    hospitals = [h.id for h in records.region.hospitals]
    numbers = [m.number for m in records.region.municipalities]
    for result in ("admissions", "bed_days", "overliggerdogn", "ready_stays"):
        assert sum(value(metrics, result, h) for h in hospitals) == pytest.approx(value(metrics, result))
    for result in ("overliggerdogn", "payment_nok", "ready_stays", "travel_hours", "kad_admissions"):
        assert sum(value(metrics, result, n) for n in numbers) == pytest.approx(value(metrics, result))
    by_year = [value(metrics, "bed_days", window=w) for w in ("year_1", "year_2")]
    assert sum(by_year) == pytest.approx(value(metrics, "bed_days"))
    urgency = [value(metrics, "bed_days", by="urgency", group=g) for g in ("acute", "elective")]
    assert sum(urgency) == pytest.approx(value(metrics, "bed_days"))
    origins = [value(metrics, "short_term_occupancy", by="origin", group=g) for g in ("hospital", "home")]
    assert sum(origins) == pytest.approx(value(metrics, "short_term_occupancy"))


def test_mean_occupancy_is_the_mean_census(records: Records, metrics: pd.DataFrame) -> None:
    """Time-weighted occupancy and the midnight census measure the same patients: the census is a
    little higher, since many leave at noon before others come."""
    table = census(records).groupby("hospital").patients.mean()
    for hospital in records.region.hospitals:
        beds = sum(w.beds for w in records.region.wards if w.hospital == hospital.id)
        assert value(metrics, "occupancy_mean", hospital.id) == pytest.approx(
            table[hospital.id] / beds, abs=0.06
        )


def test_the_wait_of_the_treated_by_hand(records: Records, metrics: pd.DataFrame) -> None:
    s, p = records.stays, records.patients
    inside = (p.stream == ELECTIVE) & s.joined & (s.treated >= 0) & (s.treated < 400 * DAY)
    expected = ((s.treated - p.arrival)[inside] / DAY).mean()
    assert value(metrics, "treated_wait_mean_days") == pytest.approx(expected)
    deadline = np.array([t.deadline_days for t in records.region.elective_types])[p.type[inside]]
    late = ((s.treated - p.arrival)[inside] / DAY > deadline).mean()
    assert value(metrics, "past_deadline_share") == pytest.approx(late)


def test_the_price_of_a_night_follows_the_year_and_the_phase() -> None:
    mini = replace(load_region("mini"), rates=Rates({2024: 100.0, 2025: 110.0}))
    dearer = mini.changed(lambda r: replace(r, rates=Rates({2024: 500.0})), from_day=200)
    price = payment_per_day(dearer, -10, 400)
    assert price[0] == 100.0  # a year before the table takes its first
    assert price[10] == price[209] == 100.0
    assert price[210] == price[-1] == 500.0
    assert payment_per_day(mini, 365, 367).tolist() == [100.0, 110.0]  # 2024 is a leap year


def test_a_second_team_takes_those_the_first_has_no_place_for() -> None:
    mini = replace(load_region("mini"), teams=())
    one = AddAmbulantTeam(
        id="one",
        base=mini.hospitals[0].id,
        municipalities=tuple(m.number for m in mini.municipalities),
        staff_by_weekday=(0.7,) * 7,
        averts_share=0.5,
    )
    first, both = one.apply(mini), replace(one, id="two").apply(one.apply(mini))
    patients = sample_patients(mini, days=200, warm_up_days=30, scenarios=(first, both))
    alone, together = (summarise(simulate(r, patients)) for r in (first, both))
    assert value(together, "visits", "two") > 0.3 * value(together, "visits", "one")
    assert value(together, "admissions_averted") > 1.3 * value(alone, "admissions_averted")


def test_a_patients_way_is_told_in_the_order_of_time(records: Records) -> None:
    s = records.stays
    placed = (records.patients.stream == ACUTE) & (s.bed == s.admitted) & (s.place_end != NEVER)
    waited = np.flatnonzero(placed & (s.offer > s.can_receive) & (s.can_receive >= 0))
    told = records.explain(int(waited[0]))
    steps = [
        "arrives",
        "admitted",
        "ready for discharge, needs short term",
        "offered",
        "leaves hospital",
        "short-term place in",
    ]
    assert [told.index(step) for step in steps] == sorted(told.index(step) for step in steps)
    postponed = records.explain(int(np.flatnonzero(s.postponed > 1)[0]))
    assert postponed.count("postponed: no bed") >= 2
    gone = np.flatnonzero(records.itinerary.active & (records.itinerary.start == Start.GONE))
    assert "finished before the clock started" in records.explain(int(gone[0]))
    with pytest.raises(InputError, match="must be from 0 to"):
        records.explain(len(records.patients))
