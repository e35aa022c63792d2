"""Conservation laws on generated regions, and that a broken law is noticed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capsim.analysis.delays import delay_days
from capsim.analysis.ledger import COSTINGS
from capsim.analysis.metrics import summarise
from capsim.analysis.money import GROUPS, SOCIETY
from capsim.analysis.window import Run
from capsim.demand.columns import ASSESSMENT
from capsim.demand.patients import sample_patients
from capsim.errors import InvariantError
from capsim.models import Records, invariants, simulate
from capsim.models.pathway import DAY, NEVER, Cause, Need, Outcome, round_after, round_nearest
from capsim.region.loading import load_region
from capsim.region.region import Region
from tests.property.regions import random_regions
from tests.recount import check_ledger


def run(region: Region, seed: int = 1, days: int = 40, warm_up: int = 15) -> Records:
    """``simulate`` checks every law of ``invariants.LAWS`` itself."""
    return simulate(region, sample_patients(region, days=days, warm_up_days=warm_up, seed=seed))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(region=random_regions(), seed=st.integers(0, 2**31))
def test_generated_regions_break_no_law(region: Region, seed: int) -> None:
    records = run(region, seed)
    metrics = summarise(records)
    assert not metrics.isna().any().any()
    shares = metrics[(metrics.unit == "share") & ~metrics.result.str.contains("occupancy")]
    assert shares.value.between(0, 1).all()
    check_ledger(records, Run(records).ledger)
    money = metrics[(metrics.window == "all") & (metrics.by == "costing")]
    net = money[money.result == "net_nok"].set_index(["place", "group"]).value
    for costing in COSTINGS:
        parts = sum(net[place, costing] for place in GROUPS if place != SOCIETY)
        assert net[SOCIETY, costing] == pytest.approx(parts, rel=1e-12, abs=1e-6)


@pytest.mark.slow
@settings(
    max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(region=random_regions(), seed=st.integers(0, 2**31))
def test_many_generated_regions_break_no_law(region: Region, seed: int) -> None:
    records = run(region, seed)
    assert records.equals(run(region, seed))
    check_ledger(records, Run(records).ledger)


def test_a_region_where_everybody_is_assessed_and_nobody_treated_breaks_no_law() -> None:
    """Tables whose columns only one stream has: found among generated regions with a single patient."""
    mini = load_region("mini")
    region = replace(
        mini,
        ages=tuple(replace(a, acute_per_1000=0.0, kad_own_per_1000=0.0) for a in mini.ages),
        acute_types=(),
        short_term_pools=tuple(replace(p, from_home_per_day=0.0) for p in mini.short_term_pools),
        elective_types=tuple(
            replace(t, per_1000=tuple(x * 1e-5 for x in t.per_1000), treated_share=1e-4)
            for t in mini.elective_types
        ),
    )
    records = run(region)
    assert len(records.patients) > 10
    assert set(records.patients.stream.tolist()) == {ASSESSMENT}


@pytest.fixture(scope="module")
def records() -> Records:
    """A run of the mini region in which every law has something to hold for: few places of every kind,
    many who die, come back, move back, and are taken home early."""
    mini = load_region("mini")
    first, *others = mini.teams
    home = replace(first, early_discharge_share=0.5, municipal_visits_per_day=1.0, target_groups=())
    busy = replace(
        mini,
        ages=tuple(replace(a, dies=0.1, readmitted=0.4, needs_long_term=0.2) for a in mini.ages),
        acute_types=tuple(replace(t, needs_municipality=0.5, needs_housing=0.5) for t in mini.acute_types),
        hospitals=tuple(replace(h, transfer_back_share=0.9) for h in mini.hospitals),
        wards=tuple(replace(w, beds=w.beds + (4 if w.hospital == "dalen" else -1)) for w in mini.wards),
        short_term_pools=tuple(replace(p, places=6, kept_free=1) for p in mini.short_term_pools),
        municipalities=tuple(
            replace(m, long_term_places=3, supported_housing=1, home_care_starts_per_day=1)
            for m in mini.municipalities
        ),
        kad_units=tuple(replace(k, beds=1, use_rate=1.0) for k in mini.kad_units),
        teams=(home, *others),
        rules=replace(mini.rules, ill_again_per_day=0.2, long_term_stay_days=20.0, housing_stay_days=20.0),
        demand_scale={"acute": 1.5},
    )
    return run(busy, days=120, warm_up=60)


def spoiled(records: Records, part: str, column: str, change) -> Records:  # type: ignore[no-untyped-def]
    """The records with one column of the stays, events, facilities or itinerary falsified."""
    table = getattr(records, part)
    values = getattr(table, column).copy()
    change(values, records)
    return replace(records, **{part: replace(table, **{column: values})})


def later(seconds: int, rows: int = 3):  # type: ignore[no-untyped-def]
    """Some of the times that came, that much later."""

    def change(values: np.ndarray, records: Records) -> None:
        values[np.flatnonzero(values > 0)[:rows]] += seconds

    return change


def set_to(value: int, where=lambda records: slice(None), rows: int | None = None):  # type: ignore[no-untyped-def]
    """``value`` for the first ``rows`` of those ``where`` flags."""

    def change(values: np.ndarray, records: Records) -> None:
        flags = where(records)
        chosen = flags if isinstance(flags, slice) else np.flatnonzero(flags)[:rows]
        assert isinstance(chosen, slice) or len(chosen)
        values[chosen] = value

    return change


def happened(column: str):  # type: ignore[no-untyped-def]
    return lambda records: getattr(records.stays, column) > 0


def needs(need: Need, column: str):  # type: ignore[no-untyped-def]
    return lambda r: (r.itinerary.need == need) & (getattr(r.stays, column) > 0)


def had(outcome: Outcome):  # type: ignore[no-untyped-def]
    return lambda records: records.stays.outcome == outcome


def capacity(change: int):  # type: ignore[no-untyped-def]
    """So many more or fewer of everything, every day."""

    def spoil(values: np.ndarray, records: Records) -> None:
        values[:] = np.maximum(values + change, 0)

    return spoil


def exchange(values: np.ndarray, records: Records) -> None:
    """Everybody in the next ward."""
    values[values >= 0] = (values[values >= 0] + 1) % len(records.facilities.wards)


FAULTS = [
    ("everyone_is_somewhere", "stays", "outcome", set_to(Outcome.IN_HOSPITAL, had(Outcome.HOME), 2)),
    ("everyone_is_somewhere", "stays", "outcome", set_to(Outcome.HOME, had(Outcome.DIED), 2)),
    ("everyone_is_somewhere", "stays", "outcome", set_to(Outcome.ON_LIST, had(Outcome.AT_CLINIC), 2)),
    ("everyone_is_somewhere", "stays", "outcome", set_to(Outcome.NOT_IN_SCENARIO, had(Outcome.HOME), 2)),
    ("nothing_out_of_order", "stays", "bed", later(-20 * DAY)),
    ("nothing_out_of_order", "stays", "moved", later(-20 * DAY)),
    ("nothing_out_of_order", "stays", "settled", later(-20 * DAY)),
    ("nothing_out_of_order", "stays", "ready_again", later(-20 * DAY)),
    ("nobody_in_two_beds", "stays", "kad_end", later(400 * DAY, 30)),
    ("nobody_in_two_beds", "stays", "place_start", later(-2 * DAY, 30)),
    ("whole_hours", "stays", "left", later(3600)),
    ("whole_hours", "stays", "moved", later(3600)),
    ("whole_hours", "stays", "seen", later(3600)),
    ("whole_hours", "stays", "ready_again", later(3600)),
    ("within_capacity", "facilities", "ward_beds", capacity(-2)),
    ("within_capacity", "facilities", "ward_reserve", set_to(50)),
    ("within_capacity", "facilities", "places", capacity(-2)),
    ("within_capacity", "facilities", "kept_free", set_to(5)),
    ("within_capacity", "facilities", "kad_beds", capacity(-1)),
    ("within_capacity", "facilities", "team_places", capacity(-1)),
    ("within_capacity", "itinerary", "settled_stay", later(100 * DAY, 10_000)),
    ("census_agrees", "stays", "left", later(30 * DAY)),
    ("census_agrees", "stays", "moved", later(DAY)),
    ("census_agrees", "stays", "kad_end", later(400 * DAY)),
    ("census_agrees", "stays", "place_end", later(50 * DAY)),
    ("census_agrees", "stays", "follow_end", later(50 * DAY)),
    ("census_agrees", "stays", "ward", exchange),
    ("nobody_waits_beside_a_free_place", "facilities", "ward_beds", capacity(5)),
    ("nobody_waits_beside_a_free_place", "facilities", "places", capacity(1)),
    ("nobody_waits_beside_a_free_place", "stays", "settled", later(3 * DAY, 100)),
    ("nobody_waits_beside_a_free_place", "stays", "offer", set_to(NEVER, needs(Need.HOUSING, "settled"))),
    ("home_care_within_starts", "facilities", "home_care_starts", capacity(-1)),
    ("home_care_within_starts", "facilities", "home_care_starts", capacity(1)),
    ("refused_only_when_full", "facilities", "kad_beds", capacity(1)),
    ("refused_only_when_full", "facilities", "kept_free", set_to(0)),
    ("settled_once", "stays", "settled", set_to(9 * DAY, needs(Need.HOME_CARE, "offer"), 1)),
    ("settled_once", "stays", "settled", later(DAY, 30)),
    ("settled_once", "stays", "stretched", set_to(True, needs(Need.HOUSING, "settled"))),
    ("everyone_lies_where_allowed", "stays", "ward", exchange),
    ("everyone_lies_where_allowed", "stays", "moved_to", set_to(0, happened("moved"))),
    ("everyone_lies_where_allowed", "stays", "moved_to", set_to(-1, happened("moved"))),
    ("everyone_lies_where_allowed", "stays", "hospital", set_to(1, lambda r: r.stays.hospital == 0, 1)),
    ("illness_stops_the_wait", "stays", "ill", later(1)),
    ("illness_stops_the_wait", "stays", "ill", set_to(NEVER, happened("ill"), 1)),
    ("illness_stops_the_wait", "stays", "ready_again", later(20 * DAY)),
    ("teams_take_their_own", "stays", "follow_end", later(1)),
    ("teams_take_their_own", "stays", "follow_start", later(1)),
    ("teams_take_their_own", "stays", "follow_team", set_to(0, lambda r: r.stays.follow_team > 0)),
    ("teams_take_their_own", "stays", "team", set_to(1, lambda r: r.stays.team == 0)),
    ("readmissions_follow", "stays", "arrived", set_to(NEVER, lambda r: r.patients.parent >= 0)),
    ("readmissions_follow", "stays", "arrived", set_to(9 * DAY, lambda r: r.patients.parent >= 0, 1)),
    ("readmissions_follow", "stays", "place_end", later(300 * DAY, 100)),
    ("lists_add_up", "stays", "asked", set_to(NEVER, happened("asked"))),
    ("lists_add_up", "events", "session_waiting", later(1, 1)),
    ("sessions_within_minutes", "stays", "postponed", set_to(7, rows=1)),
    ("sessions_within_minutes", "events", "session_used", later(1000, 1)),
    ("postponements_have_a_cause", "events", "postponed_cause", set_to(Cause.HOUSING)),
    ("postponements_have_a_cause", "events", "postponed_cause", set_to(17)),
    ("only_candidates_stay_away", "stays", "joined", set_to(True)),
    ("clinics_within_slots", "facilities", "clinic_capacity", capacity(-1000)),
    ("clinics_within_slots", "facilities", "clinic_capacity", capacity(3000)),
    ("clinics_within_slots", "itinerary", "not_before", later(30 * DAY, 100)),
]


@pytest.mark.parametrize(("law", "part", "column", "change"), FAULTS)
def test_falsified_records_are_noticed(records: Records, law: str, part: str, column: str, change) -> None:  # type: ignore[no-untyped-def]
    holds = getattr(invariants, law)
    assert holds(records) == 0
    assert holds(spoiled(records, part, column, change)) > 0


def test_every_law_can_fail_and_is_named_when_it_does(records: Records) -> None:
    assert {law for law, *_ in FAULTS} == {law.__name__ for law in invariants.LAWS}
    invariants.check(records)
    with pytest.raises(
        InvariantError, match=r"region mini, seed 1, replication 0: .*whole_hours: [1-9] violations"
    ):
        invariants.check(spoiled(records, "stays", "left", later(3600)))


def test_bed_days_by_place_are_bed_days_by_patient(records: Records) -> None:
    """What is counted ward by ward is what patients have lain, stay by stay, the corridor included."""
    patient, ward, start, end = records.bed_spans()
    until = np.where(end == NEVER, records.clock_end, end)
    s = records.stays
    here = s.admitted != NEVER
    left = np.where(s.left == NEVER, records.clock_end, s.left)
    by_place = np.bincount(ward, until - start)
    by_patient = np.bincount(patient, until - start, minlength=len(here))
    assert by_place.sum() == by_patient.sum() == (left - s.admitted)[here].sum()
    assert np.array_equal(by_patient[here], (left - s.admitted)[here])
    assert (by_place > 0).all()


@given(time=st.integers(-(10**8), 10**8), hour=st.integers(0, DAY - 1), before=st.integers(0, 10**7))
def test_hours_of_the_day(time: int, hour: int, before: int) -> None:
    after = round_after(time, hour)
    assert after % DAY == hour
    assert time <= after < time + DAY
    nearest = round_nearest(time, hour, time - before)
    assert nearest % DAY == hour
    assert nearest > time - before
    assert abs(nearest - time) <= DAY // 2 or nearest - (time - before) <= DAY


def test_with_unlimited_places_no_delay_is_the_municipalitys_capacity() -> None:
    mini = load_region("mini")
    unlimited = replace(
        mini,
        short_term_pools=tuple(replace(p, places=10_000) for p in mini.short_term_pools),
        municipalities=tuple(replace(m, home_care_starts_per_day=10_000) for m in mini.municipalities),
    )
    for region, limited in ((unlimited, False), (mini, True)):
        delays = delay_days(run(region, days=200, warm_up=60))
        capacity = np.isin(delays.cause, (1, 2)).sum()
        assert bool(capacity > 0) is limited
        assert (delays.cause == 0).sum() > 0
