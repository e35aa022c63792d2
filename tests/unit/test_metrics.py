"""Results are what their definitions say: small records with known answers."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest

from capsim.analysis.beds import staffed_beds
from capsim.analysis.delays import CAUSES, delay_days
from capsim.analysis.ledger import COSTINGS, TRANSFERS, Reason
from capsim.analysis.metrics import census, kaplan_meier, summarise
from capsim.analysis.money import GROUPS, MUNICIPALITIES, SOCIETY, TRUSTS
from capsim.analysis.outpatients import outpatient
from capsim.analysis.tally import waits
from capsim.analysis.travel import PURPOSES
from capsim.demand.columns import ACUTE, ASSESSMENT, ELECTIVE
from capsim.demand.patients import sample_patients
from capsim.errors import InputError
from capsim.models import Records, simulate
from capsim.models.pathway import DAY, NEVER, Need, Outcome, Start
from capsim.region.loading import load_region
from capsim.region.rates import Rates
from capsim.region.region import Region, VisitType
from capsim.reporting import texts
from capsim.scenarios.levers import AddAmbulantTeam, BuyPrivate


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


@pytest.mark.parametrize("seed", range(20))
def test_the_waits_of_cells_are_those_of_each_cells_own_curve(seed: int) -> None:
    """Against Kaplan-Meier of each cell alone, with many ties, censored rows and rows of no cell."""
    rng = np.random.default_rng(seed)
    n, cells = int(rng.integers(1, 400)), 5
    duration = np.sort(rng.integers(0, 40, n) / 4)
    observed = rng.random(n) < rng.choice([0.0, 0.3, 0.7, 1.0])
    cell = rng.integers(-1, cells, n).astype(np.int32)
    found = np.full((cells, 3), np.nan)
    found[:, 2] = 0.0
    waits(cell, duration, observed, found)
    for c in range(cells):
        here = cell == c
        if not observed[here].any():
            assert np.isnan(found[c]).all()
            continue
        time, waiting = kaplan_meier(duration[here], observed[here])
        for j, level in enumerate((0.5, 0.1)):
            reached = time[waiting <= level + 1e-12]
            np.testing.assert_equal(found[c, j], reached[0] if len(reached) else np.nan)
        before = np.concatenate([[1.0], waiting[:-1]])
        assert found[c, 2] == pytest.approx((np.diff(time, prepend=0.0) * before).sum(), rel=1e-12)


def test_kaplan_meier_by_hand() -> None:
    """Six patients: treated after 1, 2, 2, 4; still waiting after 2 and 5. At risk before each time:
    6, 5, 2 -> 5/6, then 5/6 x 3/5 = 1/2, then 1/2 x 1/2 = 1/4."""
    time, waiting = kaplan_meier(
        np.array([1.0, 2, 2, 2, 4, 5]), np.array([True, True, True, False, True, False])
    )
    assert time.tolist() == [1, 2, 4, 5]
    assert waiting == pytest.approx([5 / 6, 1 / 2, 1 / 4, 1 / 4])


def test_overliggerdogn_patient_by_patient(records: Records, metrics: pd.DataFrame) -> None:
    """The vectorised count against the definition: midnights m with ready < m <= offer, without those
    from illness again to the new declaration."""
    s, plan, days = records.stays, records.itinerary, records.patients.days
    missing = ("", "home_care", "short_term", "long_term", "housing")
    count = dict.fromkeys(CAUSES, 0)

    def come(time: int, midnight: int) -> bool:
        return bool(time != NEVER and time < midnight)

    for p in np.flatnonzero((plan.need != Need.NOTHING) & (s.ready != NEVER)).tolist():
        for midnight in range(DAY, (days + 1) * DAY, DAY):
            if not s.ready[p] < midnight:
                continue
            if come(s.offer[p], midnight) or come(s.left[p], midnight):
                break
            if come(s.ill[p], midnight) and not come(s.ready_again[p], midnight):
                continue
            count[missing[plan.need[p]] if come(s.can_receive[p], midnight) else "response"] += 1
    for cause in CAUSES[:-1]:
        both = [value(metrics, "overliggerdogn", by=by, group=cause) for by in ("cause", "cause_phv_tsb")]
        assert sum(both) == count[cause], cause
    assert (s.ill != NEVER).any()
    sectors = [value(metrics, "overliggerdogn", by="sector", group=g) for g in ("somatic", "phv", "tsb")]
    assert sum(sectors) == sum(count.values()) > 0
    assert value(metrics, "overliggerdogn") == sectors[0]


def test_a_patient_still_waiting_at_the_end_counts_for_the_last_night(records: Records) -> None:
    delays = delay_days(records)
    assert delays.day.max() == records.patients.days - 1


def test_parts_add_up_to_the_whole(records: Records, metrics: pd.DataFrame) -> None:
    region = records.region
    hospitals = [h.id for h in region.hospitals]
    numbers = [m.number for m in region.municipalities]
    communities = list(dict.fromkeys(m.helsefellesskap for m in region.municipalities))
    at_hospitals = ("admissions", "acute_admissions", "bed_days", "outlier_days", "deaths", "transfers")
    for result in (*at_hospitals, "overliggerdogn", "ready_stays", "postponed", "clinic_slots", "waiting"):
        assert sum(value(metrics, result, h) for h in hospitals) == pytest.approx(value(metrics, result))
    of_homes = ("overliggerdogn", "payment_nok", "ready_stays", "travel_hours", "travel_km", "kad_admissions")
    of_homes += ("admissions", "bed_days", "deaths", "waiting", "waiting_first_contact", "outpatient_visits")
    for result in (*of_homes, "long_term_in_short_term_days", "bed_days_at_home"):
        for places in (numbers, communities):
            assert sum(value(metrics, result, n) for n in places) == pytest.approx(value(metrics, result))
    by_year = [value(metrics, "bed_days", window=w) for w in ("year_1", "year_2")]
    assert sum(by_year) == pytest.approx(value(metrics, "bed_days"))
    groups = {
        "urgency": ("acute", "elective"),
        "age": [a.id for a in region.ages],
        "patient_group": [g.id for g in region.groups],
    }
    for result in ("bed_days", "admissions"):
        for by, names in groups.items():
            parts = sum(value(metrics, result, by=by, group=g) for g in names)
            assert parts == pytest.approx(value(metrics, result)), (result, by)
        assert value(metrics, result, by="sector", group="somatic") == value(metrics, result)
    purposes = [value(metrics, "travel_km", by="purpose", group=g) for g in PURPOSES]
    assert sum(purposes) == pytest.approx(value(metrics, "travel_km"))
    causes = [value(metrics, "postponed", by="cause", group=g) for g in CAUSES]
    assert sum(causes) == value(metrics, "postponed")
    origins = [value(metrics, "short_term_occupancy", by="origin", group=g) for g in ("hospital", "home")]
    assert sum(origins) == pytest.approx(value(metrics, "short_term_occupancy"))


def test_mean_occupancy_is_the_mean_census(records: Records, metrics: pd.DataFrame) -> None:
    """Time-weighted occupancy and the midnight census measure the same patients, those of somatic
    wards: the census is a little higher, since many leave at noon before others come."""
    table = census(records).groupby("hospital").patients.mean()
    beds = staffed_beds(records.region, records.patients.days)
    for hospital in records.region.hospitals:
        assert value(metrics, "occupancy_mean", hospital.id) == pytest.approx(
            table[hospital.id] / beds[hospital.id].mean(), abs=0.06
        )


def test_the_wait_of_the_treated_by_hand(records: Records, metrics: pd.DataFrame) -> None:
    s, p = records.stays, records.patients
    somatic = np.array([x.sector == "somatic" for x in records.region.specialties])
    inside = (p.stream == ELECTIVE) & s.joined & (s.treated >= 0) & (s.treated < 400 * DAY)
    inside &= somatic[records.itinerary.specialty]
    expected = ((s.treated - p.arrival)[inside] / DAY).mean()
    assert value(metrics, "treated_wait_mean_days") == pytest.approx(expected)
    deadline = np.array([t.deadline_days for t in records.region.elective_types])[p.type[inside]]
    late = ((s.treated - p.arrival)[inside] / DAY > deadline).mean()
    assert value(metrics, "past_deadline_share") == pytest.approx(late)


def test_fristbrudd_is_measured_at_first_contact(records: Records, metrics: pd.DataFrame) -> None:
    """Of all who were seen at a clinic, whether they go on to treatment or not."""
    s, p, plan, f = records.stays, records.patients, records.itinerary, records.facilities
    seen = late = assessed = 0
    for i in np.flatnonzero(s.seen >= 0):
        if f.type_clinic[p.type[i], s.hospital[i]] >= 0:
            seen += 1
            late += s.seen[i] > plan.statutory[i]
            assessed += p.stream[i] == ASSESSMENT
    assert value(metrics, "fristbrudd_share") == pytest.approx(late / seen)
    assert 0 < assessed < seen
    assert value(metrics, "clinic_slots", by="purpose", group="first_contact") == seen


def test_every_result_has_a_label_and_a_unit_in_both_languages(metrics: pd.DataFrame) -> None:
    assert set(metrics.result) <= set(texts.RESULTS)
    same_in_words = {"km", "minutes"}
    for unit in set(metrics.unit) - same_in_words:
        assert texts.unit_label(unit, "nb") != unit, unit


def test_money_adds_up(records: Records, metrics: pd.DataFrame) -> None:
    """Towns make up the municipalities, payers society, reasons a net, and years the whole."""
    numbers = [m.number for m in records.region.municipalities]
    trusts = sorted({h.trust for h in records.region.hospitals})
    for costing in COSTINGS:

        def of(place: str, result: str = "net_nok", window: str = "all", group: str = costing) -> float:
            return value(metrics, result, place, "costing", group, window)

        for result in ("cost_nok", "income_nok", "net_nok"):
            assert sum(of(n, result) for n in numbers) == pytest.approx(of(MUNICIPALITIES, result))
            assert sum(of(t, result) for t in trusts) == pytest.approx(of(TRUSTS, result))
            for place in GROUPS:
                years = sum(of(place, result, window) for window in ("year_1", "year_2"))
                assert years == pytest.approx(of(place, result)), (place, result)
        for place in (*GROUPS, *numbers, *trusts):
            assert of(place) == pytest.approx(of(place, "income_nok") - of(place, "cost_nok"))
        payers = [place for place in GROUPS if place != SOCIETY]
        assert sum(of(place) for place in payers) == pytest.approx(of(SOCIETY))
        assert of(SOCIETY, "income_nok") == 0
        assert of(SOCIETY) < 0
        for place in (*GROUPS, *trusts):
            reasons = metrics[
                (metrics.window == "all") & (metrics.place == place) & (metrics.by == f"reason_{costing}")
            ]
            assert reasons.value.sum() == pytest.approx(of(place))
            shown = {r for r in Reason if place != SOCIETY or r not in TRANSFERS}
            assert set(reasons.group) == {r.name.lower() for r in shown}


def test_the_payment_is_the_rate_of_each_day(records: Records, metrics: pd.DataFrame) -> None:
    """Every overliggerdøgn of every sector: at 5745 for the 366 days of 2024, then at 5981."""
    delays = delay_days(records)
    day = delays.day[delays.counts & (delays.day >= 0)]
    whole = 5745 * (day < 366).sum() + 5981 * (day >= 366).sum()
    assert value(metrics, "payment_nok") == value(metrics, "payment_nok", "Mini HF") == whole > 0
    for costing in COSTINGS:
        by = f"reason_{costing}"
        assert value(metrics, "net_nok", MUNICIPALITIES, by, "payment") == -whole
        assert value(metrics, "net_nok", TRUSTS, by, "payment") == whole
    year_2 = 5745 * (day == 365).sum() + 5981 * (day >= 366).sum()
    assert value(metrics, "payment_nok", window="year_2") == year_2


def test_a_region_without_rules_and_prices_costs_nothing() -> None:
    mini = replace(load_region("mini"), rates=Rates())
    table = summarise(simulate(mini, sample_patients(mini, days=30, warm_up_days=10)))
    assert not table.result.isin(["payment_nok", "payment_cost_coverage"]).any()
    assert (table[table.unit == "nok"].value == 0).all()
    assert value(table, "net_nok", SOCIETY, "costing", "average") == 0


def test_a_run_without_patients_has_results() -> None:
    """Nobody lives there; beds and places are there all the same, and somebody pays for them."""
    mini = load_region("mini")
    region = replace(
        mini,
        municipalities=tuple(replace(m, population=(1e-9,) * 3) for m in mini.municipalities),
        short_term_pools=tuple(replace(p, from_home_per_day=0.0) for p in mini.short_term_pools),
    )
    patients = sample_patients(region, days=3, warm_up_days=0)
    assert len(patients) == 0
    table = summarise(simulate(region, patients))
    assert value(table, "admissions") == value(table, "payment_nok") == 0
    assert value(table, "net_nok", SOCIETY, "reason_marginal", "bed_capacity") < 0


def test_treatment_from_private_providers() -> None:
    """Half of the cataracts: bought at 80 % of the price, of which the state pays 40; 1 point is
    52 248 kroner. Those bought are not treated in hospital."""
    mini = load_region("mini")
    kinds = tuple(replace(t, drg_weight=1.0 if t.id == "cataract" else 0.0) for t in mini.elective_types)
    mini = replace(mini, elective_types=kinds)
    bought = BuyPrivate("cataract", 0.5, from_day=-30).apply(mini)
    patients = sample_patients(mini, days=300, warm_up_days=30, scenarios=(bought,))
    base, table = (summarise(simulate(r, patients)) for r in (mini, bought))
    count = value(table, "private_treatments")
    assert count == value(table, "private_treatments", by="type", group="cataract") > 40
    assert not (base.result == "private_treatments").any()
    paid = value(table, "net_nok", "rhf", "reason_average", "private_treatments")
    assert paid == pytest.approx(-count * 0.8 * 52_248, abs=count / 100)
    assert value(table, "net_nok", SOCIETY, "reason_average", "private_treatments") == paid
    assert value(table, "net_nok", "rhf", "reason_average", "isf") == pytest.approx(-paid / 2, abs=1)
    volumes = [value(m, "volume", by="type", group="cataract") for m in (base, table)]
    assert volumes[1] < 0.75 * volumes[0]


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
    for nobody in (len(records.patients), -1, 1.5, "a", True, None):
        with pytest.raises(InputError, match="must be a whole number from 0 to"):
            records.explain(nobody)


def test_the_table_of_stays_names_what_they_are_in_and_gives_the_results(records, metrics) -> None:
    frame = records.to_frame()
    f, s, ids = records.facilities, records.stays, frame.patient_id.to_numpy()
    for column, names in (
        ("hospital", f.hospitals),
        ("ward", f.wards),
        ("moved_to", f.wards),
        ("pool", f.pools),
        ("team", f.teams),
        ("follow_team", f.teams),
    ):
        index = getattr(s, column)[ids]
        assert frame[column].tolist() == [names[i] if i >= 0 else "" for i in index.tolist()]
        assert column.endswith("team") or (index >= 0).any(), column
    from_home = frame.stream == "short_term_home"
    assert from_home.any()
    assert ((frame.age == "") == from_home).all()
    assert ((frame.group == "") == from_home).all()
    begun = frame[frame.admitted_days.between(0, 400, inclusive="left")]
    for hospital in f.hospitals:
        at = begun[(begun.hospital == hospital) & (begun.sector == "somatic")]
        assert len(at) == value(metrics, "admissions", hospital) > 0
    offered = frame[(frame.need == "short_term") & frame.offer_days.between(0, 400, inclusive="left")]
    asked = offered[["can_receive_days", "ready_again_days"]].max(axis=1)
    first = (offered.ill_days - offered.can_receive_days).fillna(0).clip(lower=0)
    for pool, waited in (first + offered.offer_days - asked).groupby(offered.pool):
        assert value(metrics, "short_term_wait_days", pool) == pytest.approx(waited.mean(), abs=1e-9)


# --- records made by hand: nothing happens to anybody but what a test says


@pytest.fixture(scope="module")
def quiet(records: Records) -> Records:
    """The records of mini, in which nobody comes anywhere near a hospital."""
    p, plan, s, e = records.patients, records.itinerary, records.stays, records.events
    n = len(p)
    never = {f.name: np.full(n, NEVER) for f in fields(s) if getattr(s, f.name).dtype == np.int64}
    nowhere = {f.name: np.full(n, -1, np.int16) for f in fields(s) if getattr(s, f.name).dtype == np.int16}
    no = {f.name: np.zeros(n, dtype=bool) for f in fields(s) if getattr(s, f.name).dtype == np.bool_}
    home = {"outcome": np.full(n, Outcome.HOME, dtype=np.int8)}
    zeros = np.zeros(n, dtype=np.int64)
    return replace(
        records,
        patients=replace(p, stream=np.full(n, ACUTE), type=zeros - 1, municipality=zeros, age=zeros),
        itinerary=replace(
            plan, need=zeros, child=zeros - 1, specialty=zeros, day_surgery=no["joined"], pool=zeros - 1
        ),
        stays=replace(s, **never, **nowhere, **no, **home),
        events=replace(
            e,
            **{f.name: getattr(e, f.name)[:0] for f in fields(e) if f.name.startswith(("postp", "sess"))},
        ),
    )


def made(quiet: Records, *people: dict[str, float]) -> Records:
    """``quiet``, where the first patients have some columns of stays, itinerary or patients set; times
    in days. A column that two tables have is the stays'."""
    parts = {name: getattr(quiet, name) for name in ("stays", "itinerary", "patients")}
    for column in sorted({column for person in people for column in person}):
        name = next(name for name, part in parts.items() if hasattr(part, column))
        values = getattr(parts[name], column).copy()
        unit = DAY if column in ("arrival", "statutory") or (values == NEVER).all() else 1
        for row, person in enumerate(people):
            if column in person:
                values[row] = round(person[column] * unit)
        parts[name] = replace(parts[name], **{column: values})
    return replace(quiet, **parts)


def stay(start: float, end: float, ward: int, **more: float) -> dict[str, float]:
    """A stay in a bed of a ward of mini: 0 and 1 are medicine and surgery at Fjordby, 2 is Dalen's for
    both, 4 is psychiatry at Fjordby. The patient is of medicine and lives in Fjordby."""
    times = {"asked": start, "admitted": start, "bed": start, "left": end}
    return {**times, "ward": ward, "hospital": int(ward == 2), **more}


MEDICINE, SURGERY, PSYCHIATRY = 0, 1, 3


def test_a_transfer_is_one_admission_and_bed_days_at_both(quiet: Records) -> None:
    """Ten days, the last six at the receiving hospital; out to the one, home from the other."""
    moved = made(quiet, stay(10, 20, 0, moved=14, moved_to=2))
    table = summarise(moved)
    places = ("fjordby", "dalen", "region")
    assert [value(table, "admissions", place) for place in places] == [1, 0, 1]
    assert [value(table, "transfers", place) for place in places] == [0, 1, 1]
    assert [value(table, "bed_days", place) for place in places] == pytest.approx([4, 6, 10])
    assert value(table, "los_mean_days", "fjordby") == 10
    assert value(table, "outlier_days") == 0
    assert value(table, "travel_km", by="purpose", group="stays") == 5 + 55


def test_days_in_another_specialtys_ward_are_outlier_days(quiet: Records) -> None:
    """Two days in the corridor of the own ward, then three in surgery."""
    away = stay(10, 15, 1, bed=12)
    table = summarise(made(quiet, away, stay(10, 15, 0)))
    assert value(table, "outlier_days", "fjordby") == pytest.approx(3)
    assert value(table, "bed_days") == pytest.approx(10)
    assert value(table, "corridor_share", "fjordby") == pytest.approx(2 / 10)  # mornings 11 and 12 of 11-15
    assert value(table, "boarding_hours") == pytest.approx(24)


def test_each_day_has_its_own_staffed_beds(quiet: Records) -> None:
    """Surgery at Fjordby has fewer beds at weekends and in summer; four patients all the time."""
    table = summarise(made(quiet, *(stay(-1, 500, 1, specialty=SURGERY) for _ in range(4))))
    f = quiet.facilities
    beds = f.ward_beds[60:, list(f.wards).index("fjordby_surgery")]
    assert set(beds.tolist()) == {4, 5}
    assert value(table, "occupancy_mean", "fjordby_surgery") == pytest.approx(4 / beds.mean())
    all_beds = staffed_beds(quiet.region, 400)["fjordby"]
    assert value(table, "occupancy_mean", "fjordby") == pytest.approx(4 / all_beds.mean())
    assert value(table, "occupancy_p95", "fjordby") == pytest.approx(4 / all_beds.min())


def test_psychiatric_stays_stand_beside_the_somatic(quiet: Records) -> None:
    """Admissions, beds, waits and overliggerdøgn without a group are somatic; payments are of all."""
    waits = {"need": Need.HOUSING, "ready": 12.4, "can_receive": 12.4, "offer": 15.4, "left": 15.5}
    table = summarise(made(quiet, stay(10, 0, 4, specialty=PSYCHIATRY) | waits, stay(10, 11, 0)))
    for result in ("admissions", "bed_days"):
        assert value(table, result) == 1
    assert value(table, "bed_days", by="sector", group="phv") == pytest.approx(5.5)
    assert value(table, "overliggerdogn") == 0
    assert value(table, "overliggerdogn", by="sector", group="phv") == 3
    assert value(table, "overliggerdogn", by="cause_phv_tsb", group="housing") == 3
    assert value(table, "payment_nok") > 0
    assert value(table, "overliggerdogn", "9001", "cause_phv_tsb", "housing") == 3
    assert value(table, "overliggerdogn", "fjordby", "sector", "somatic") == 0
    assert value(table, "housing_wait_days", "Fjordby og Dalen") == pytest.approx(3)


def test_illness_again_stops_the_count_and_a_new_declaration_restarts_it(quiet: Records) -> None:
    """Ready on day 10, ill on day 12, ready again on day 15, received on day 16, a place on day 18, home on
    day 19 (all at noon or thereabouts). Midnights 11 and 12 wait for the answer; none from 13 to 15;
    16 for the answer, 17 and 18 for a place; 19 is the hospital's."""
    times = {"ready": 10.4, "ill": 12.5, "ready_again": 15.4, "can_receive": 16.4, "offer": 18.4}
    records = made(quiet, stay(5, 19.5, 0, need=Need.SHORT_TERM, pool=0, **times))
    delays = delay_days(records)
    days = dict(zip((delays.day + 1).tolist(), (CAUSES[c] for c in delays.cause), strict=True))
    assert days == {
        11: "response",
        12: "response",
        16: "response",
        17: "short_term",
        18: "short_term",
        19: "hospital",
    }
    table = summarise(records)
    assert value(table, "short_term_wait_days") == pytest.approx(2)
    assert value(table, "ready_within_24h_share") == 0
    earlier = {**times, "can_receive": 11.5, "offer": 16.4}  # a day in vain before, and one after
    table = summarise(made(quiet, stay(5, 19.5, 0, need=Need.SHORT_TERM, pool=0, **earlier)))
    assert value(table, "short_term_wait_days") == pytest.approx(2)


def test_who_dies_waiting_is_counted_until_then(quiet: Records) -> None:
    ill = stay(5, 12.6, 0, need=Need.HOME_CARE, ready=10.4, can_receive=10.4, outcome=Outcome.DIED)
    table = summarise(made(quiet, ill))
    assert value(table, "overliggerdogn", by="cause", group="home_care") == 2
    assert value(table, "deaths", "fjordby") == value(table, "deaths", "9001") == 1


def test_what_the_payment_covers_of_the_beds(quiet: Records) -> None:
    """Two nights of a somatic patient at 5745 each, against two somatic bed-days. The psychiatric
    patient's is paid for too, and stands in no ratio; the nights after the offer are nobody's."""
    bed = quiet.region.rates.prices["bed_day"]
    home = {"need": Need.HOME_CARE, "ready": 10.4, "can_receive": 10.4}
    somatic = stay(5, 14.5, 0, **home, offer=12.4)
    psychiatric = stay(5, 11.5, 4, specialty=PSYCHIATRY, **home, offer=11.4)
    table = summarise(made(quiet, somatic, psychiatric))
    for place in ("region", "Mini HF"):
        assert value(table, "payment_nok", place) == 3 * 5745
        by_costing = [value(table, "payment_cost_coverage", place, "costing", c) for c in COSTINGS]
        assert by_costing == pytest.approx([5745 / bed.average_nok, 5745 / bed.marginal_nok])
    assert value(table, "payment_nok", "9001") == 3 * 5745
    assert value(table, "payment_nok", "9002") == 0
    assert value(table, "net_nok", "Mini HF", "reason_average", "payment") == 3 * 5745
    assert value(table, "net_nok", "9001", "costing", "average") < -3 * 5745


def test_readmissions_need_thirty_days_to_be_seen(quiet: Records) -> None:
    """Of three who left alive, one came back; one died; one left too late to say."""
    people = [stay(10, 12, 0, child=1), {"arrived": 20.0}, stay(10, 12, 0), stay(10, 369.9, 0)]
    people += [
        stay(10, 12, 0, outcome=Outcome.DIED),
        stay(10, 370.1, 0),
        stay(10, 12, 4, specialty=PSYCHIATRY),
    ]
    table = summarise(made(quiet, *people))
    assert value(table, "readmission_share") == pytest.approx(1 / 3)
    assert value(table, "readmission_share", "fjordby") == pytest.approx(1 / 3)
    assert value(table, "readmission_share", by="age", group="0_66") == pytest.approx(1 / 3)


def test_long_term_patients_block_short_term_places(quiet: Records) -> None:
    """Offered a short-term place on day 12, in it from 12.5, a long-term place on day 20. Another gets
    a long-term place at once, and never holds the short-term one."""
    need = {"need": Need.LONG_TERM, "pool": 0, "ready": 12, "can_receive": 12, "offer": 12}
    waits = stay(5, 12.5, 0, **need, place_start=12.5, settled=20, place_end=20)
    table = summarise(made(quiet, waits, stay(5, 12.5, 0, **need, settled=12)))
    assert value(table, "long_term_in_short_term_days", "fjordby_places") == pytest.approx(8)
    assert value(table, "long_term_in_short_term_days", "9001") == pytest.approx(8)
    assert value(table, "long_term_wait_days") == pytest.approx(4)
    places = quiet.region.short_term_pool("fjordby_places").places
    assert value(table, "short_term_occupancy", "fjordby_places") == pytest.approx(8 / 400 / places)


def test_the_visits_of_teams(quiet: Records) -> None:
    """Six days of follow-up take visits and a place; the enrolled take theirs all the time."""
    teams = {t.id: t for t in quiet.region.teams}
    follow, fact = teams["follow_up_team"], teams["fact_team"]
    which = quiet.facilities.teams.index("follow_up_team")
    table = summarise(made(quiet, stay(5, 10, 0, follow_team=which, follow_start=10, follow_end=16)))
    assert value(table, "followed_up", "follow_up_team") == value(table, "followed_up") == 1
    assert value(table, "visits", "follow_up_team") == pytest.approx(6 * follow.visits_per_patient_day)
    assert value(table, "enrolled", "fact_team") == pytest.approx(fact.enrolled)
    assert value(table, "visits", "fact_team") == pytest.approx(400 / 7 * fact.enrolled * 1)
    places = follow.places(quiet.region)
    assert value(table, "team_occupancy", "follow_up_team") == pytest.approx(6 / 400 / places)


def test_postponements_by_what_kept_the_bed(quiet: Records) -> None:
    """Two operations postponed, one then held; planned stays are no operations."""
    types = [t.id for t in quiet.region.elective_types]
    hip, planned = types.index("hip_prosthesis"), types.index("planned_medicine")
    someone = {"stream": ELECTIVE, "joined": True, "hospital": 0, "start": Start.COMES_LATER}
    records = made(quiet, someone | {"type": hip, "asked": 30}, someone | {"type": planned})
    records = replace(
        records,
        events=replace(
            records.events,
            postponed_time=np.array([10, 20, 21, 22]) * DAY,
            postponed_patient=np.array([0, 0, 1, 1]),
            postponed_cause=np.array([CAUSES.index("short_term"), CAUSES.index("hospital"), 0, 0]),
        ),
    )
    table = summarise(records)
    assert value(table, "postponed", "fjordby") == 2
    assert [value(table, "postponed", by="cause", group=c) for c in CAUSES] == [0, 0, 1, 0, 0, 1]
    assert value(table, "postponed_share") == pytest.approx(2 / 3)


def test_waits_to_first_contact_are_of_the_seen_and_the_waiting(quiet: Records) -> None:
    """Seen after 10 (in time) and 30 days (late), and one still waiting at the end of year one."""
    hip = [t.id for t in quiet.region.elective_types].index("hip_prosthesis")
    someone = {"type": hip, "joined": True, "hospital": 0, "arrival": 100.0, "specialty": SURGERY}
    people = [
        someone | {"stream": ELECTIVE, "seen": 110, "statutory": 120},
        someone | {"stream": ASSESSMENT, "seen": 130, "statutory": 120},
        someone | {"stream": ELECTIVE, "arrival": 340.0, "statutory": 380},
    ]
    table = summarise(made(quiet, *people))
    assert value(table, "fristbrudd_share", "fjordby") == pytest.approx(1 / 2)
    assert value(table, "first_contact_wait_median_days", window="year_1") == pytest.approx(30)
    assert value(table, "waiting_first_contact", window="year_1") == 1
    assert value(table, "waiting") == 2  # those who go on to treatment
    assert value(table, "travel_hours", by="purpose", group="first_contact") == pytest.approx(4 * 8 / 60)


def test_outpatient_visits_by_hand() -> None:
    """1000 people at 2 visits, half at the regional hospital (mini: 62 against 8 minutes). Of all, 10 %
    by video and 20 % at a private specialist and 10 % in the municipality, 15 minutes away."""
    mini = load_region("mini")
    kind = VisitType("check", "Check", "clinic", "medicine", (2000.0,) * 3, 0.5, 0.1, 0.2, 0.1)
    dalen = replace(mini.municipality("9002"), population=(600.0, 300.0, 100.0))
    region: Region = replace(mini, municipalities=(dalen,), visit_types=(kind,))
    load = outpatient(region, ("fjordby", "dalen"))
    assert load.visits.tolist() == [[2000.0]]
    assert load.hours.item() == pytest.approx(2000 * 2 / 60 * (0.6 * (60 + 7) / 2 + 0.3 * 15))
    assert load.slots.tolist() == pytest.approx([800.0, 800.0])
