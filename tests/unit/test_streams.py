"""The streams of the table of patients: how many come, who they are, when, and who is there at the start."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from capsim.demand import rates
from capsim.demand.columns import (
    ACUTE,
    ASSESSMENT,
    BIRTH,
    COLUMNS,
    DAY,
    ELECTIVE,
    FROM_HOME,
    KAD_OWN,
    PHV,
    READMISSION,
    STREAMS,
    TSB,
    TYPED,
    features_of,
)
from capsim.demand.patients import PatientTable, sample_patients
from capsim.demand.philox import fill
from capsim.demand.streams import poisson, spelt, stream_key, stream_keys
from capsim.models.facilities import facilities_of
from capsim.models.itinerary import Itinerary, itinerary_of
from capsim.models.pathway import HOUR, Start
from capsim.region.loading import load_region
from capsim.region.region import Region

YEARS = 6


def numpys(key: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=key))


def test_keys_of_many_streams_are_those_of_each() -> None:
    names = [("acute", "5001", layer) for layer in range(3)]
    keys = stream_keys((2024, 0, "municipal"), [spelt(*name) for name in names])
    of_each = [stream_key(2024, 0, "municipal", *name) for name in names]
    assert [int(low) + (int(high) << 64) for low, high in keys] == of_each
    assert stream_keys((2024, 0), []).shape == (0, 2)


def test_a_streams_uniforms_are_numpys_after_the_poisson_number() -> None:
    """To the last bit: any row and column of any stream, whatever the number took."""
    names = [spelt("stream", k) for k in range(60)]
    means = np.geomspace(0.01, 2000, len(names))
    keys = stream_keys((1,), names)
    counts, begin = poisson(keys, means)
    rows, rng = 50, np.random.default_rng(0)
    stream, index = rng.integers(0, len(names), 500), rng.integers(0, rows, 500).astype(np.int32)
    for width, wanted in ((1, [0]), (4, [3, 1]), (9, list(range(9))), (25, [24, 7, 2])):
        expected = []
        for k, mean in enumerate(means):
            generator = numpys(stream_key(1, "stream", k))
            assert generator.poisson(mean) == counts[k]
            expected.append(generator.random((rows, width)))
        to, at = np.full(width, -1), rng.permutation(len(stream))
        to[wanted] = np.arange(len(wanted))
        out = np.full((len(wanted), len(stream)), np.nan)
        fill(out, to, at, keys, begin, stream, index)
        assert np.array_equal(out[:, at].T, np.array(expected)[stream, index][:, wanted])


@pytest.fixture(scope="module")
def mini() -> Region:
    return load_region("mini")


@pytest.fixture(scope="module")
def years(mini: Region) -> list[PatientTable]:
    """Independent years without a warm-up, and without anybody there before."""
    empty = replace(mini, rules=replace(mini.rules, loaded_start=False))
    return [sample_patients(empty, days=365, warm_up_days=0, replication=r) for r in range(YEARS)]


def count(tables: list[PatientTable], **values: int) -> int:
    """First stays, over all tables, with these values in the columns named."""
    return sum(
        int(np.logical_and.reduce([getattr(t, c) == v for c, v in values.items()]).sum()) for t in tables
    )


def test_as_many_come_in_each_stream_as_its_rates_say(mini: Region, years: list[PatientTable]) -> None:
    """Within four standard deviations of a Poisson count, referral candidates included."""
    per_day = {
        "acute": rates.acute_per_day(mini).sum(),
        "elective": rates.elective_per_day(mini).sum() * mini.rules.candidates_per_referral,
        "assessment": rates.assessment_per_day(mini).sum() * mini.rules.candidates_per_referral,
        "kad_own": rates.kad_own_per_day(mini).sum(),
        "short_term_home": rates.from_home_per_day(mini).sum(),
    }
    by_type = rates.acute_type_per_day(mini).sum(axis=(0, 2, 3))
    per_day |= {t.stream: n for t, n in zip(mini.acute_types, by_type.tolist(), strict=True)}
    assert set(per_day) == set(STREAMS) - {"readmission"}
    for stream, n in per_day.items():
        expected = n * 366 / 365 * 365 * YEARS  # 2024, the year that adds up to 365, has a day more
        came = count(years, stream=STREAMS.index(stream))
        assert abs(came - expected) < 4 * np.sqrt(expected) + 0.01 * expected, stream


def test_a_type_takes_its_rate_from_the_whole_age_band_and_its_patients_from_its_groups(
    mini: Region, years: list[PatientTable]
) -> None:
    groups = [g.id for g in mini.groups]
    for k, kind in enumerate(mini.acute_types):
        stream = STREAMS.index(kind.stream)
        of_type = [(t.stream == stream) & (t.type == k) for t in years]
        seen = {groups[g] for t, here in zip(years, of_type, strict=True) for g in t.group[here]}
        assert seen == set(kind.groups), kind.id
        for a, per_1000 in enumerate(kind.per_1000):
            people = sum(m.population[a] * m.demand_factor for m in mini.municipalities)
            expected = people * per_1000 / 1000 * YEARS
            came = count(years, stream=stream, type=k, age=a)
            assert abs(came - expected) <= 4 * np.sqrt(expected) + 0.01 * expected, (kind.id, a)


def test_assessments_are_to_treatments_as_the_share_that_is_not_treated(
    mini: Region, years: list[PatientTable]
) -> None:
    for k, kind in enumerate(mini.elective_types):
        treated = count(years, stream=ELECTIVE, type=k)
        assessed = count(years, stream=ASSESSMENT, type=k)
        clinics = {c.specialty for c in mini.clinics}
        expected = treated * (1 / kind.treated_share - 1) if kind.specialty in clinics else 0
        error = np.sqrt(expected * (1 + expected / max(treated, 1)))
        assert abs(assessed - expected) <= 4 * error, kind.id


def test_referrals_come_in_office_hours_of_working_days_and_births_at_any_hour(
    mini: Region, years: list[PatientTable]
) -> None:
    first, last = mini.rules.office_hours
    for table in years[:2]:
        day, second = np.divmod(table.arrival, DAY)
        referral = np.isin(table.root, (ELECTIVE, ASSESSMENT))
        assert ((second[referral] >= first * HOUR) & (second[referral] < last * HOUR)).all()
        for d in np.unique(day[referral]).tolist():
            date = mini.start + timedelta(d)
            assert date.weekday() < 5
            assert not rates.is_holiday(date)

    def at_night(stream: int) -> tuple[int, int]:
        hour = np.concatenate([t.arrival[t.stream == stream] % DAY // HOUR for t in years])
        return int(((hour < 6) | (hour >= 18)).sum()), len(hour)

    night, births = at_night(BIRTH)
    assert abs(night - births / 2) < 4 * np.sqrt(births) / 2
    night, psychiatric = at_night(PHV)
    assert night < 0.4 * psychiatric  # as acute patients: fewer outside office hours


def test_readmissions_are_drawn_for_whoever_might_come_back_and_for_nobody_else(
    mini: Region, years: list[PatientTable]
) -> None:
    table = years[0]
    parents = np.zeros(len(table), dtype=bool)
    parents[table.parent[table.parent >= 0]] = True
    luck = table.variates["readmit"]
    of_type = np.isin(table.root, TYPED)
    most = np.where(of_type, table.readmitted_of_type[np.where(of_type, table.type, 0)],
                    table.readmitted[table.age, table.group])  # fmt: skip
    depth = np.zeros(len(table), dtype=int)
    child = np.flatnonzero(table.parent >= 0)
    depth[child] = 1
    depth[child[table.parent[table.parent[child]] >= 0]] = 2
    day_surgery = np.array([t.kind == "day_surgery" for t in mini.elective_types])
    stays = ~np.isin(table.root, (FROM_HOME, ASSESSMENT)) & (depth < 2)
    stays &= ~((table.root == ELECTIVE) & day_surgery[np.where(table.root == ELECTIVE, table.type, 0)])
    assert (parents <= (stays & (luck < most))).all()
    sure = stays & (luck < 0.99 * most)
    sure &= ~((table.root == ELECTIVE) & np.array([t.stay is not None for t in mini.elective_types])
              [np.where(table.root == ELECTIVE, table.type, 0)])  # fmt: skip
    assert (sure <= parents).all()
    assert depth.max() == 2


def test_a_readmission_has_luck_of_its_own(years: list[PatientTable]) -> None:
    """As good as uncorrelated with the parent's, and uniform."""
    pairs = []
    for table in years:
        child = np.flatnonzero(table.parent >= 0)
        pairs.append(np.stack([table.variates["stay"][child], table.variates["stay"][table.parent[child]]]))
    mine, parents = np.concatenate(pairs, axis=1)
    assert abs(np.corrcoef(mine, parents)[0, 1]) < 4 / np.sqrt(len(mine))
    assert abs(mine.mean() - 0.5) < 4 * np.sqrt(1 / 12 / len(mine))


def test_only_the_columns_of_a_regions_features_are_drawn(mini: Region) -> None:
    names = set(sample_patients(mini, days=10, warm_up_days=0).variates)
    features = features_of([mini])
    for feature in ("municipal", "place", "kad", "team", "after"):
        assert feature in features
        assert set(COLUMNS[feature]) <= names
    nobody_chooses = replace(
        mini, elective_types=tuple(replace(t, choice_share=0.0) for t in mini.elective_types)
    )
    assert not set(COLUMNS["choice"]) & set(sample_patients(nobody_chooses, days=10).variates)


def test_at_a_loaded_start_as_many_are_there_as_littles_law_says(mini: Region) -> None:
    """Patients a day x mean clinical stay, over many starts; nobody early who has long been gone."""
    starts = 150
    there = dict.fromkeys((ACUTE, PHV, TSB, BIRTH, KAD_OWN), 0)
    for replication in range(starts):
        patients = sample_patients(mini, days=1, warm_up_days=0, replication=replication)
        plan = _plan(mini, patients)
        inside = (plan.start == Start.IN_BED) | (plan.start == Start.IN_KAD)
        for stream in there:
            there[stream] += int((inside & (patients.stream == stream)).sum())
        first = plan.active & (patients.parent < 0)
        assert np.array_equal(first & (plan.start == Start.COMES_LATER), first & (patients.arrival >= 0))
    typed = rates.acute_type_per_day(mini).sum(axis=(0, 2, 3))
    expected = {
        STREAMS.index(t.stream): n * t.stay.mean_days
        for t, n in zip(mini.acute_types, typed.tolist(), strict=True)
    }
    expected[KAD_OWN] = rates.kad_own_per_day(mini).sum() * mini.rules.kad_stay.mean_days
    for stream, n in expected.items():
        # the season and the hour of the start move it a little
        assert there[stream] / starts == pytest.approx(n, rel=0.15, abs=4 * np.sqrt(n / starts)), stream
    assert there[ACUTE] > 0


def _plan(region: Region, patients: PatientTable) -> Itinerary:
    return itinerary_of(patients, facilities_of(region, -patients.warm_up_days, patients.days))


def test_the_root_of_a_row_is_the_stream_of_its_first_stay(years: list[PatientTable]) -> None:
    for table in years[:2]:
        first = table.parent < 0
        assert np.array_equal(table.root[first], table.stream[first])
        assert not (table.root == READMISSION).any()
        assert set(table.root[~first].tolist()) >= {ACUTE, ELECTIVE, PHV, BIRTH}
