"""Build capsim/region/data/midt_norge from tools/midt_norge/*.csv and the constants below.

    python tools/build_midt_norge.py [FOLDER]

Every constant says where it comes from and how sure it is: quoted (stands in the source named),
derived (computed from quoted figures), recalled (general knowledge, not checked), assumption.
``SOURCES.md`` of the region repeats it column by column.
"""

from __future__ import annotations

import csv
import io
import math
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from string import Template

import holidays
import yaml

HERE = Path(__file__).parent / "midt_norge"
TARGET = Path(__file__).parents[1] / "capsim" / "region" / "data" / "midt_norge"

BANDS = {
    "0_17": ("0_17",),
    "18_66": ("18_49", "50_66"),
    "67_74": ("67_74",),
    "75_79": ("75_79",),
    "80p": ("80_84", "85_89", "90p"),
}
YEARS = (2024, 2026)  # 1 January, SSB table 07459; quoted
START = date(2024, 1, 1)

# --- demand -----------------------------------------------------------------------------------
# Rates and stays by age. Derived: the set that reproduces 149 stays and 582 bed-days per 1000, mean
# stay 3.9 (SAMDATA 2022), 490 stays per 1000 of 75+ (Helseatlas eldre), acute share 0.67 (St. Olavs
# 2022) and 28 ready stays per 1000 split 50/30/20 over 80+/67-79/younger (Helsedirektoratet 2024).
ACUTE_PER_1000 = (59, 59, 175, 330, 480)
ELECTIVE_PER_1000 = (39, 39, 95, 90, 70)
ACUTE_STAY = (3.2, 3.2, 4.6, 5.3, 5.8)  # days, door to door
ACUTE_CV = (1.2, 1.2, 1.1, 1.1, 1.0)  # assumption within the published 0.9-1.2
ELECTIVE_STAY = (2.7, 2.7, 3.0, 3.6, 4.0)
ELECTIVE_CV = (0.9, 0.9, 0.9, 0.9, 0.9)  # assumption
NEED = (0.065, 0.065, 0.24, 0.24, 0.57)
SHORT_TERM_OF_NEED = 0.47  # just under half go to a time-limited place (Helsedirektoratet 2024); quoted

# KAD: 3.7 admissions per 1000 and a third full in Midt 2022 (Helsedirektoratet 2023), with 4 % refused;
# derived. 72 % are 67 or older (quoted); the split above 67 and no children are assumptions.
KAD_PER_1000 = 3.85
KAD_SUBSTITUTES = 1 / 3  # derived: 3 % of acute stays if all did, 1.2 % measured (BMJ Open 2016;6:e012892)
KAD_BY_AGE = (0.0, 0.28, 0.18, 0.17, 0.37)

# Groups, exclusive, first match wins. Quoted from Meld. St. 9 (2023-2024): 1.6 % of adults have
# severe mental illness; 31 % of those over 75 are frail; 72 000 persons have complex multimorbidity
# and about six times as many acute admissions. Births: 57 572 a year, 2015-17 (SKDE).
NORWAY_2017 = 5_295_619
MENTAL_ILLNESS = 0.016
FRAIL_75 = 0.31
FRAIL_75_79 = 0.18  # assumption; 80+ follows from the 31 %
PREGNANT_YEARS = 0.75 * 57_572 / NORWAY_2017  # per inhabitant; derived
CHRONIC = 72_000 / NORWAY_2017  # per inhabitant; derived
CHRONIC_SHAPE = (0.0, 1.0, 5.0, 7.0, 6.0)  # relative prevalence by age; assumption
MULTIPLIER = {  # only 6 is quoted
    "mental_illness": 2.0,
    "birth": 1.0,
    "young": 1.0,
    "frail": 2.5,
    "chronic": 6.0,
    "other": 1.0,
}

# Share of acute admissions by age, in the order of BANDS; assumption.
SPECIALTIES = {
    "general_medicine": ("Indremedisin", (0.05, 0.22, 0.24, 0.26, 0.30)),
    "cardiopulmonary": ("Hjerte og lunge", (0.02, 0.13, 0.22, 0.24, 0.24)),
    "neurology": ("Nevrologi", (0.02, 0.08, 0.09, 0.09, 0.08)),
    "oncology": ("Kreft og blod", (0.01, 0.05, 0.09, 0.08, 0.05)),
    "general_surgery": ("Generell kirurgi", (0.10, 0.20, 0.17, 0.15, 0.12)),
    "orthopaedics": ("Ortopedi", (0.10, 0.12, 0.12, 0.13, 0.17)),
    "gynaecology_paediatrics": ("Gynekologi og barn", (0.65, 0.16, 0.03, 0.02, 0.02)),
    "ent_eye": ("Øre-nese-hals og øye", (0.05, 0.04, 0.04, 0.03, 0.02)),
}
MEDICAL = ("general_medicine", "cardiopulmonary", "neurology", "oncology")
SURGICAL = ("general_surgery", "orthopaedics", "gynaecology_paediatrics", "ent_eye")

# --- elective care ------------------------------------------------------------------------------
SURGERY_PER_1000 = 21.0  # planned surgical inpatient stays, SAMDATA 2022; derived
DAY_SURGERY_PER_1000 = 37.0  # SAMDATA 2022; derived
ATLAS_PEOPLE = 324_463 + 264_817 + 136_320  # St. Olav, Møre og Romsdal, Nord-Trøndelag 2017; quoted


# named_types.csv: yearly volumes in the three areas (Helseatlas; quoted, St. Olav + Møre og Romsdal +
# Nord-Trøndelag); stay 3.1 days after a primary prosthesis at St. Olavs (Acta Orthop 2014; quoted);
# ages, minutes with turnover and the stay after spine surgery are assumptions.
NAMED_LOCAL_SHARE = (0.95, 0.95, 0.9, 0.8, 0.65)  # of named surgery, by age; assumption

# What the named types leave, spread over specialties by age; assumption.
OTHER_SURGERY = {
    "general_surgery": ("Annen mage-, kar- og urologisk kirurgi", (0.25, 0.38, 0.50, 0.52, 0.50)),
    "orthopaedics": ("Annen ortopedisk kirurgi", (0.25, 0.22, 0.28, 0.28, 0.32)),
    "gynaecology_paediatrics": ("Gynekologisk og barnekirurgi", (0.15, 0.28, 0.08, 0.06, 0.05)),
    "ent_eye": ("Annen kirurgi i øre-nese-hals og øye", (0.35, 0.12, 0.14, 0.14, 0.13)),
}
OTHER_SURGERY_MINUTES = 110.0  # assumption
OTHER_DAY_SURGERY = {  # share of the remaining day surgery; assumption
    "general_surgery": ("Annen dagkirurgi, mage, kar og urologi", 0.30),
    "orthopaedics": ("Annen ortopedisk dagkirurgi", 0.20),
    "gynaecology_paediatrics": ("Gynekologisk og barnekirurgisk dagkirurgi", 0.35),
    "ent_eye": ("Annen dagkirurgi i øre-nese-hals og øye", 0.15),
}
OTHER_DAY_SURGERY_SHAPE = (0.6, 1.0, 1.6, 1.5, 1.1)  # relative rate by age; assumption
OTHER_DAY_SURGERY_MINUTES = 55.0  # assumption
PLANNED_STAY = {  # share of elective stays without theatre, by age; assumption
    "general_medicine": (0.05, 0.20, 0.20, 0.23, 0.30),
    "cardiopulmonary": (0.04, 0.18, 0.27, 0.29, 0.28),
    "neurology": (0.05, 0.13, 0.10, 0.09, 0.08),
    "oncology": (0.06, 0.22, 0.27, 0.24, 0.17),
    "general_surgery": (0.05, 0.08, 0.07, 0.06, 0.07),
    "orthopaedics": (0.05, 0.05, 0.04, 0.04, 0.05),
    "gynaecology_paediatrics": (0.65, 0.11, 0.02, 0.02, 0.02),
    "ent_eye": (0.05, 0.03, 0.03, 0.03, 0.03),
}
MINUTES_CV = 0.3  # assumption
TARGET_MEDIAN = 50.0  # days; derived from waits with mean 60-75 and median 51 (Helsedirektoratet 2022-25)
ONCOLOGY_TARGET_MEDIAN = 20.0  # assumption
DEADLINE_OF_TARGET = 3.0  # so that some 8 % pass it, as with fristbrudd (6-10 %); assumption
VOLUME_THRESHOLD = {"hip_prosthesis": 50, "knee_prosthesis": 50}  # a year and hospital; recalled

# --- hospitals ------------------------------------------------------------------------------------
# Staffed somatic beds: assumption, see SOURCES.md. (regional share acute, elective, stay factor):
# 6 % and 29 % derived (other trust in the region 2008: 6.1 % of acute, 20.3 % of elective, SAMDATA),
# 1.56 derived (5.5 days); Orkdal's are assumptions.
BEDS = {"stolav": 640, "orkdal": 60, "levanger": 163, "namsos": 63, "snr": 187, "alesund": 166, "volda": 82}
REGIONAL = {"orkdal": (0.40, 0.45, 1.0)} | dict.fromkeys(
    ("levanger", "namsos", "snr", "alesund", "volda"), (0.06, 0.29, 1.56)
)
# Day surgery to another trust in the region: 6.5 % of day stays (SAMDATA 2008; quoted); that all of it
# goes to Øya is an assumption. Orkdal follows its elective share.
DAY_SURGERY_REGIONAL = 0.065
ACUTE_RESERVE = {"stolav": 1}  # beds per ward, elsewhere 0; assumption

WEEKDAY_FACTOR = (1.2, 1.15, 1.05, 0.9, 0.7)  # Monday to Friday; assumption
FULL_DAY_MINUTES = 400.0  # a list with less than five such days a week gets fewer days; assumption
DAYS_BY_NUMBER = {  # weekdays used, one alternative per specialty in turn; assumption
    1: ((1,), (2,), (0,), (3,)),
    2: ((0, 2), (1, 3), (0, 3), (1, 2)),
    3: ((0, 1, 2), (0, 1, 3), (0, 2, 3), (1, 2, 3)),
    4: ((0, 1, 2, 3),),
    5: ((0, 1, 2, 3, 4),),
}
# lost.csv: the share of each list's capacity lost to postponements, found by simulating this region
# (tools/settle_sessions.py). Sessions hold the referrals / (1 - this), so that lists stay about where
# they begin.

# --- municipalities -----------------------------------------------------------------------------
# Effective places follow load: load + max(5.1, 0.85 * sqrt(load)); derived with a prototype so that
# delays come out at 13-17 days per 1000. Nursing-home beds x 0.18 would lie below load in six places.
SLACK_LEAST, SLACK_ROOT = 5.1, 0.85
FROM_HOME_OF_LOAD = 0.2  # offered from home, as a share of the load from hospitals; assumption
KEPT_FREE = 2  # assumption
ANSWERED_IN_TIME, RESPONSE_DAYS = 0.97, 1.5  # assumption


# kad_units.csv: beds and municipalities with source and certainty; 79 beds in Midt 2022 is quoted.
USE_RATE = {"yes": 0.9, "no": 0.6}  # by co-location: direction quoted (Helsedirektoratet 2022), size assumed

TRUST = {  # names recalled
    "St. Olav": ("St. Olavs hospital HF", "Helsefellesskapet St. Olavs hospital"),
    "Nord-Trøndelag": ("Helse Nord-Trøndelag HF", "Helsefellesskapet Nord-Trøndelag"),
    "Møre og Romsdal": ("Helse Møre og Romsdal HF", "Helsefellesskapet Møre og Romsdal"),
}
HOSPITAL_TRUST = {
    "stolav": "St. Olav",
    "orkdal": "St. Olav",
    "levanger": "Nord-Trøndelag",
    "namsos": "Nord-Trøndelag",
    "snr": "Møre og Romsdal",
    "alesund": "Møre og Romsdal",
    "volda": "Møre og Romsdal",
}

# rules.csv and payment_rates.csv hold their own sources.


# --- reading and writing --------------------------------------------------------------------------
def read(name: str) -> list[dict[str, str]]:
    with (HERE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


RULES = {row["rule"]: yaml.safe_load(row["value"]) for row in read("rules")}
CLINICAL_SHARE: float = RULES["clinical_share_of_stay"]  # the stays above are door to door
SHORT_TERM_STAY: float = RULES["short_term_stay"]["mean_days"]


def number(value: object) -> str:
    """A cell: up to six decimals, without trailing zeros."""
    if isinstance(value, float):
        return f"{round(value, 6):.6f}".rstrip("0").rstrip(".")
    return str(value)


def table(header: str, rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header.split())
    writer.writerows([number(cell) for cell in row] for row in rows)
    return text.getvalue()


def bands(prefix: str) -> str:
    return " ".join(f"{prefix}_{band}" for band in BANDS)


def shares(parts: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """The rows rounded to six decimals, the last taking what makes each column add to one."""
    out = {name: [round(value, 6) for value in row] for name, row in parts.items()}
    last = list(out)[-1]
    for column in range(len(BANDS)):
        others = sum(row[column] for name, row in out.items() if name != last)
        out[last][column] = round(1 - others, 6)
    return out


def whole(values: Mapping[str, float], total: int) -> dict[str, int]:
    """Whole numbers near ``values`` that add to ``total``: largest remainders are rounded up."""
    out = {name: math.floor(value) for name, value in values.items()}
    by_remainder = sorted(values, key=lambda name: (out[name] - values[name], name))
    for name in by_remainder[: total - sum(out.values())]:
        out[name] += 1
    return out


# --- the region -----------------------------------------------------------------------------------
def population(row: Mapping[str, str], year: int) -> list[int]:
    return [sum(int(row[f"pop{year}_{part}"]) for part in parts) for parts in BANDS.values()]


def group_shares(people: Sequence[int]) -> dict[str, list[float]]:
    inhabitants = sum(people)
    old = people[3] + people[4]
    frail_80 = (FRAIL_75 * old - FRAIL_75_79 * people[3]) / people[4]
    scale = CHRONIC * inhabitants / sum(s * n for s, n in zip(CHRONIC_SHAPE, people, strict=True))
    groups: dict[str, Sequence[float]] = {
        "mental_illness": (0.0, *(MENTAL_ILLNESS,) * 4),
        "birth": (0.0, PREGNANT_YEARS * inhabitants / people[1], 0.0, 0.0, 0.0),
        "young": (1.0, 0.0, 0.0, 0.0, 0.0),
        "frail": (0.0, 0.0, 0.0, FRAIL_75_79, frail_80),
        "chronic": [scale * shape for shape in CHRONIC_SHAPE],
        "other": (0.0,) * 5,
    }
    return shares(groups)


@dataclass
class ElectiveRow:
    """A row of elective_types.csv."""

    id: str
    name: str
    kind: str
    specialty: str
    per_1000: list[float]
    minutes: float
    stay_factor: float
    local_share: tuple[float, ...] = (1.0,) * 5
    target: float = TARGET_MEDIAN


def elective_types(people: Sequence[int]) -> list[ElectiveRow]:
    """Named and other types; surgery and planned stays add up to ELECTIVE_PER_1000 in each band."""
    inhabitants = sum(people)

    def spread(per_1000: float, by_age: Sequence[float]) -> list[float]:
        return [round(per_1000 * inhabitants * s / n, 4) for s, n in zip(by_age, people, strict=True)]

    rows = []
    day_volume = 0
    for named in read("named_types"):
        volume = sum(map(int, named["volume"].split("+")))
        share = [float(named[f"share_{band}"]) for band in BANDS]
        per_1000 = spread(1000 * volume / ATLAS_PEOPLE, share)
        factor, local = 1.0, (1.0,) * 5
        if named["kind"] == "surgery":
            usual = sum(s * days for s, days in zip(share, ELECTIVE_STAY, strict=True))
            factor, local = round(float(named["stay_days"]) / usual, 4), NAMED_LOCAL_SHARE
        else:
            day_volume += volume
        id, name, kind, specialty = (named[key] for key in ("id", "name", "kind", "specialty"))
        minutes = float(named["minutes"])
        rows.append(ElectiveRow(id, name, kind, specialty, per_1000, minutes, factor, local))
    elective = sum(n * rate for n, rate in zip(people, ELECTIVE_PER_1000, strict=True)) / inhabitants
    surgery_total = [rate * SURGERY_PER_1000 / elective for rate in ELECTIVE_PER_1000]
    left = [
        total - sum(row.per_1000[a] for row in rows if row.kind == "surgery")
        for a, total in enumerate(surgery_total)
    ]
    other = []
    for specialty, (name, other_share) in OTHER_SURGERY.items():
        rates = [round(rate * part, 4) for rate, part in zip(left, other_share, strict=True)]
        other.append(
            ElectiveRow(f"other_surgery_{specialty}", name, "surgery", specialty, rates,
                        OTHER_SURGERY_MINUTES, 1.0)
        )  # fmt: skip
    operated = [sum(row.per_1000[a] for row in rows + other if row.kind == "surgery") for a in range(5)]
    stays = [rate - done for rate, done in zip(ELECTIVE_PER_1000, operated, strict=True)]
    for specialty, stay_share in PLANNED_STAY.items():
        rates = [round(rate * part, 4) for rate, part in zip(stays, stay_share, strict=True)]
        name = f"Planlagt opphold, {SPECIALTIES[specialty][0].lower()}"
        target = ONCOLOGY_TARGET_MEDIAN if specialty == "oncology" else TARGET_MEDIAN
        other.append(
            ElectiveRow(f"planned_{specialty}", name, "planned_stay", specialty, rates, 0.0, 1.0,
                        target=target)
        )  # fmt: skip
    # the last planned stay takes the rounding, so that each band's sum is exact
    for a, rate in enumerate(ELECTIVE_PER_1000):
        inpatient = sum(row.per_1000[a] for row in rows + other if row.kind != "day_surgery")
        other[-1].per_1000[a] = round(other[-1].per_1000[a] + rate - inpatient, 4)
    _keep_mean_stay(rows, other, people)
    day = DAY_SURGERY_PER_1000 - 1000 * day_volume / ATLAS_PEOPLE
    weight = [shape * n for shape, n in zip(OTHER_DAY_SURGERY_SHAPE, people, strict=True)]
    for specialty, (name, part) in OTHER_DAY_SURGERY.items():
        rates = spread(day * part, [w / sum(weight) for w in weight])
        other.append(
            ElectiveRow(f"other_day_surgery_{specialty}", name, "day_surgery", specialty, rates,
                        OTHER_DAY_SURGERY_MINUTES, 1.0)
        )  # fmt: skip
    return rows + other


def _keep_mean_stay(named: list[ElectiveRow], other: list[ElectiveRow], people: Sequence[int]) -> None:
    """One factor for all other stays, so that the mean elective stay remains ELECTIVE_STAY's."""

    def bed_days(rows: Iterable[ElectiveRow], with_factor: bool) -> float:
        return sum(
            n * rate * days * (row.stay_factor if with_factor else 1.0)
            for row in rows
            if row.kind != "day_surgery"
            for n, rate, days in zip(people, row.per_1000, ELECTIVE_STAY, strict=True)
        )

    rest = bed_days(named, False) + bed_days(other, False) - bed_days(named, True)
    for row in other:
        row.stay_factor = round(rest / bed_days(other, False), 4)


@dataclass(frozen=True)
class Place:
    """A municipality as read: number, name, trust, catchment, people by band."""

    number: str
    name: str
    trust: str
    catchment: str
    lat: str
    lon: str
    people: list[int]


def people_by_band(places: list[Place]) -> list[int]:
    return [sum(place.people[a] for place in places) for a in range(len(BANDS))]


def regional_share(row: ElectiveRow, hospital: str, a: int) -> float:
    """The share of a catchment's patients of a type and band who are treated at Øya."""
    share = REGIONAL[hospital][1]
    if row.kind == "day_surgery" and hospital != "orkdal":
        share = DAY_SURGERY_REGIONAL
    return share + (1 - share) * (1 - row.local_share[a])


def referrals(
    places: list[Place], types: list[ElectiveRow]
) -> Iterable[tuple[str, str, ElectiveRow, int, float]]:
    """(catchment, site, type, band, referrals a year), one for each that is not zero."""
    for place in places:
        for row in types:
            for a, n in enumerate(place.people):
                count = n * row.per_1000[a] / 1000
                away = 0.0 if place.catchment == "stolav" else regional_share(row, place.catchment, a)
                yield place.catchment, place.catchment, row, a, count * (1 - away)
                if away:
                    yield place.catchment, "stolav", row, a, count * away


def ward_of(hospital: str, specialty: str) -> str:
    if hospital == "stolav":
        return f"stolav_{specialty}"
    return f"{hospital}_{'medicine' if specialty in MEDICAL else 'surgery'}"


def bed_use(places: list[Place], types: list[ElectiveRow]) -> dict[str, float]:
    """Expected beds in use by ward, clinical stays only."""
    use: dict[str, float] = defaultdict(float)
    for place in places:
        away, _, factor = REGIONAL.get(place.catchment, (0.0, 0.0, 1.0))
        for a, n in enumerate(place.people):
            beds = CLINICAL_SHARE * n * ACUTE_PER_1000[a] / 1000 * ACUTE_STAY[a] / 365
            for specialty, (_, share) in SPECIALTIES.items():
                use[ward_of(place.catchment, specialty)] += beds * share[a] * (1 - away)
                use[ward_of("stolav", specialty)] += beds * share[a] * away * factor
    for catchment, site, row, a, count in referrals(places, types):
        if row.kind != "day_surgery":
            factor = 1.0 if site == catchment else REGIONAL[catchment][2]
            stay = CLINICAL_SHARE * ELECTIVE_STAY[a] * row.stay_factor * factor
            use[ward_of(site, row.specialty)] += count * stay / 365
    return use


def staffed_beds(use: Mapping[str, float]) -> dict[str, int]:
    """Beds by ward: use + k x square root of use, with k such that the hospital's sum is BEDS. In
    proportion to use alone, the small wards would be full far more often than the large ones."""
    out: dict[str, int] = {}
    for hospital, beds in BEDS.items():
        wards = {ward: load for ward, load in use.items() if ward.startswith(f"{hospital}_")}
        k = (beds - sum(wards.values())) / sum(math.sqrt(load) for load in wards.values())
        out |= whole({ward: load + k * math.sqrt(load) for ward, load in wards.items()}, beds)
    return out


def open_days() -> list[float]:
    """What the sessions of each weekday of the first year are worth: days open, summer reduced."""
    first, last = RULES["summer_weeks"]
    closed = holidays.country_holidays("NO", years=(START.year, START.year + 1), language="no")
    worth = [0.0] * 7
    for i in range(365):
        day = START + timedelta(i)
        if day not in closed:
            summer = first <= day.isocalendar().week <= last
            worth[day.weekday()] += RULES["summer_session_factor"] if summer else 1.0
    return worth


def sessions(places: list[Place], types: list[ElectiveRow]) -> list[list[object]]:
    """Rows of sessions.csv: capacity that matches the referrals, net of what postponements take."""
    need: dict[tuple[str, str, str], float] = defaultdict(float)
    for _, site, row, _, count in referrals(places, types):
        if row.kind == "planned_stay":
            need[site, row.specialty, "ward"] += count
        else:
            need[site, row.specialty, "theatre"] += count * row.minutes
    worth = open_days()
    lost = {(row["hospital"], row["specialty"], row["kind"]): float(row["lost"]) for row in read("lost")}
    rows: list[list[object]] = []
    order = list(SPECIALTIES)
    for (site, specialty, kind), yearly in sorted(
        need.items(), key=lambda item: (list(BEDS).index(item[0][0]), order.index(item[0][1]), item[0][2])
    ):
        yearly /= 1 - lost[site, specialty, kind]
        days: tuple[int, ...] = (0, 1, 2, 3, 4)
        if kind == "theatre":
            number_of_days = min(5, max(1, round(yearly / 48 / FULL_DAY_MINUTES)))
            alternatives = DAYS_BY_NUMBER[number_of_days]
            days = alternatives[order.index(specialty) % len(alternatives)]
        unit = yearly / sum(WEEKDAY_FACTOR[d] * worth[d] for d in days)
        digits = 0 if kind == "theatre" else 4
        week = [round(unit * WEEKDAY_FACTOR[d], digits) if d in days else 0.0 for d in range(7)]
        rows.append([site, specialty, kind, *week])
    return rows


def stays_with_need(people: Sequence[int]) -> float:
    rates = zip(people, ACUTE_PER_1000, ELECTIVE_PER_1000, NEED, strict=True)
    return sum(n * (acute + elective) / 1000 * need for n, acute, elective, need in rates)


def short_term_places(loads: Mapping[str, float]) -> dict[str, int]:
    wanted = {m: load + max(SLACK_LEAST, SLACK_ROOT * math.sqrt(load)) for m, load in loads.items()}
    return whole(wanted, round(sum(wanted.values())))


def kad_columns(places: list[Place], units: list[dict[str, str]]) -> tuple[list[float], list[float]]:
    """(suitable share of acute patients, own demand per 1000) by band."""
    use = {name: USE_RATE[unit["colocated"]] for unit in units for name in unit["municipalities"].split("|")}
    total = KAD_PER_1000 / 1000 * sum(sum(place.people) for place in places)
    suitable, own = [], []
    for a, share in enumerate(KAD_BY_AGE):
        sent = sum(place.people[a] * ACUTE_PER_1000[a] / 1000 * use[place.name] for place in places)
        people = sum(place.people[a] for place in places)
        suitable.append(total * share * KAD_SUBSTITUTES / sent)
        own.append(total * share * (1 - KAD_SUBSTITUTES) / people * 1000)
    return suitable, own


def settings() -> str:
    lines = [
        "# Written by tools/build_midt_norge.py; SOURCES.md says where each figure comes from.",
        "name: midt_norge",
        "title: Helse Midt-Norge",
        f"start: {START}",
        "",
        "rules:",
    ]
    for row in read("rules"):
        rule, value, source, certainty = row.values()
        lines.append(f'  {rule}: {{value: {value}, source: "{source}", certainty: {certainty}}}')
    return "\n".join(lines) + "\n"


def hospital_tables(use: Mapping[str, float]) -> dict[str, str]:
    """hospitals.csv and wards.csv."""
    beds = staffed_beds(use)
    hospitals, wards = [], []
    for row in read("hospitals"):
        id = row["id"]
        trust, fellesskap = TRUST[HOSPITAL_TRUST[id]]
        place = [id, row["name"], row["tier"], trust, fellesskap, row["lat"], row["lon"]]
        hospitals.append([*place, "|".join(SPECIALTIES), *REGIONAL.get(id, (0.0, 0.0, 1.0))])
        for ward in dict.fromkeys(ward_of(id, specialty) for specialty in SPECIALTIES):
            lies = "|".join(s for s in SPECIALTIES if ward_of(id, s) == ward)
            wards.append([ward, id, lies, beds[ward], ACUTE_RESERVE.get(id, 0)])
    return {
        "hospitals.csv": table(
            "id name tier trust helsefellesskap lat lon emergency regional_share_acute "
            "regional_share_elective regional_stay_factor",
            hospitals,
        ),
        "wards.csv": table("id hospital specialties beds acute_reserve", wards),
    }


def municipal_tables(places: list[Place], units: list[dict[str, str]]) -> dict[str, str]:
    """municipalities.csv and short_term_pools.csv."""
    unit_of = {name: unit["id"] for unit in units for name in unit["municipalities"].split("|")}
    loads, rows = {}, []
    for place in places:
        need = stays_with_need(place.people)
        loads[place.number] = need * SHORT_TERM_OF_NEED * SHORT_TERM_STAY / 365
        home = need * (1 - SHORT_TERM_OF_NEED) / 365
        starts = math.ceil(home + 2 * math.sqrt(home) + 1)
        receives = [f"st_{place.number}", starts, ANSWERED_IN_TIME, RESPONSE_DAYS, unit_of[place.name]]
        fellesskap = TRUST[place.trust][1]
        rows.append([place.number, place.name, place.catchment, fellesskap, *receives, place.lat, place.lon])
    pools = short_term_places(loads)
    return {
        "municipalities.csv": table(
            "number name catchment helsefellesskap short_term_pool home_care_starts_per_day "
            "answered_in_time response_days kad_unit lat lon",
            rows,
        ),
        "short_term_pools.csv": table(
            "id places from_home_per_day kept_free",
            (
                [f"st_{m}", pools[m], FROM_HOME_OF_LOAD * load / SHORT_TERM_STAY, KEPT_FREE]
                for m, load in loads.items()
            ),
        ),
    }


def elective_tables(places: list[Place], types: list[ElectiveRow]) -> dict[str, str]:
    """elective_types.csv, elective_sites.csv and sessions.csv."""
    rows, sites = [], []
    for row in types:
        minutes = [row.minutes, MINUTES_CV if row.minutes else 0.0]
        kind = [row.id, row.name, row.kind, row.specialty, *row.per_1000, *minutes, row.stay_factor]
        limits = [DEADLINE_OF_TARGET * row.target, VOLUME_THRESHOLD.get(row.id, 0)]
        rows.append([*kind, "local", *row.local_share, 1.0, row.target, *limits])
        for catchment in REGIONAL:
            if row.kind == "day_surgery" and catchment != "orkdal":
                sites.append([row.id, catchment, catchment, 1 - DAY_SURGERY_REGIONAL])
                sites.append([row.id, catchment, "stolav", DAY_SURGERY_REGIONAL])
    return {
        "elective_types.csv": table(
            f"id name kind specialty {bands('per_1000')} minutes_mean minutes_cv stay_factor minimum_tier "
            f"{bands('local_share')} need_factor target_median_days deadline_days volume_threshold",
            rows,
        ),
        "elective_sites.csv": table("type catchment hospital share", sites),
        "sessions.csv": table("hospital specialty kind mon tue wed thu fri sat sun", sessions(places, types)),
    }


def demand_tables(places: list[Place], units: list[dict[str, str]]) -> dict[str, str]:
    """ages.csv, groups.csv and specialties.csv."""
    people = people_by_band(places)
    needs = [NEED, [SHORT_TERM_OF_NEED] * 5, *kad_columns(places, units)]
    stays = [ACUTE_STAY, ACUTE_CV, ELECTIVE_STAY, ELECTIVE_CV]
    ages = zip(BANDS, ACUTE_PER_1000, ELECTIVE_PER_1000, *stays, *needs, strict=True)
    acute = shares({id: share for id, (_, share) in SPECIALTIES.items()})
    groups = group_shares(people)
    return {
        "ages.csv": table(
            "id acute_per_1000 elective_per_1000 acute_stay_days acute_stay_cv elective_stay_days "
            "elective_stay_cv needs_municipality needs_short_term kad_suitable kad_own_per_1000",
            ages,
        ),
        "groups.csv": table(
            f"id {bands('share')} acute_multiplier",
            ([id, *row, MULTIPLIER[id]] for id, row in groups.items()),
        ),
        "specialties.csv": table(
            f"id name {bands('acute_share')}",
            ([id, SPECIALTIES[id][0], *row] for id, row in acute.items()),
        ),
    }


def build() -> dict[str, str]:
    """Every file of the region, by name."""
    raw = read("municipalities")
    places = [
        Place(row["number"], row["name"].partition(" (")[0], row["health_trust"], row["local_hospital"],
              row["lat"], row["lon"], population(row, START.year))
        for row in raw
    ]  # fmt: skip
    units = read("kad_units")
    types = elective_types(people_by_band(places))
    use = bed_use(places, types)
    ways = {name: {row["number"]: row for row in read(f"travel_{name}")} for name in ("minutes", "km")}
    files = demand_tables(places, units) | hospital_tables(use) | municipal_tables(places, units)
    files |= elective_tables(places, types)
    files |= {
        "region.yaml": settings(),
        "population.csv": table(
            f"municipality year {bands('population')}",
            ([row["number"], year, *population(row, year)] for year in YEARS for row in raw),
        ),
        "travel.csv": table(
            "municipality hospital minutes km",
            (
                [p.number, h, ways["minutes"][p.number][h], ways["km"][p.number][h]]
                for p in places
                for h in BEDS
            ),
        ),
        "kad_units.csv": table(
            "id name beds colocated use_rate",
            ([u["id"], u["name"], u["beds"], u["colocated"], USE_RATE[u["colocated"]]] for u in units),
        ),
        "payment_rates.csv": table(
            "year nok_per_day source certainty", (list(row.values()) for row in read("payment_rates"))
        ),
        "SOURCES.md": sources(places, use, units),
    }
    return files


def sources(places: list[Place], use: Mapping[str, float], units: list[dict[str, str]]) -> str:
    """SOURCES.md with its computed figures filled in."""
    loads = [stays_with_need(p.people) * SHORT_TERM_OF_NEED * SHORT_TERM_STAY / 365 for p in places]
    wanted = short_term_places({str(i): load for i, load in enumerate(loads)})
    return Template((HERE / "SOURCES.md.in").read_text(encoding="utf-8")).substitute(
        beds=bed_table(places, use),
        kad_quoted="; ".join(unit["name"] for unit in units if unit["certainty"] == "quoted"),
        kad_beds_quoted=sum(int(unit["beds"]) for unit in units if unit["certainty"] == "quoted"),
        short_load=round(sum(loads)),
        short_places=sum(wanted.values()),
    )


def bed_table(places: list[Place], use: Mapping[str, float]) -> str:
    """Beds first proposed and shipped, against what is used, as a Markdown table."""
    lines = [
        "| Hospital | Proposed | Residents' use / proposed | Shipped | Use / shipped |",
        "|---|---|---|---|---|",
    ]
    for row in read("hospitals"):
        id, name, proposed = row["id"], row["name"], int(row["somatic_beds_proposed"])
        residents = sum(
            n * (acute * stay + elective * elective_stay) / 1000 / 365
            for place in places
            if place.catchment == id
            for n, acute, stay, elective, elective_stay in zip(
                place.people, ACUTE_PER_1000, ACUTE_STAY, ELECTIVE_PER_1000, ELECTIVE_STAY, strict=True
            )
        )
        load = sum(beds for ward, beds in use.items() if ward.startswith(f"{id}_"))
        shipped = BEDS[id]
        lines.append(
            f"| {name} | {proposed} | {residents / proposed:.2f} | {shipped} | {load / shipped:.2f} |"
        )
    return "\n".join(lines)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in build().items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET)
