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
PROJECTED = (2030, 2040)  # derived, see project()
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

# KAD: 3.7 admissions per 1000, a third full in Midt 2022 (Helsedirektoratet 2023), one in ten refused;
# derived. 72 % are 67 or older (quoted); the split above 67 and no children are assumptions.
KAD_PER_1000 = 4.1
KAD_SUBSTITUTES = 1 / 3  # derived: 3 % of acute stays if all did, 1.2 % measured (BMJ Open 2016;6:e012892)
KAD_BY_AGE = (0.0, 0.28, 0.18, 0.17, 0.37)

KAD_ADMITTED = 0.90  # the rest find the unit full; simulated
DIES = (0.001, 0.005, 0.02, 0.03, 0.055)  # of acute stays; recalled in order of size, assumption

# Readmitted within 30 days, of inpatient stays that end alive: 17.5 % of 75+ (Helseatlas; quoted), 16 % of
# 67+ (FHI 2019; quoted), so 13 % of 67-74 (derived); those under 67 are assumptions.
READMISSION = (0.06, 0.09, 0.13, 0.17, 0.178)
BIRTHS = {  # a year; see SOURCES.md
    "stolav": 4000,
    "levanger": 835,
    "namsos": 314,
    "snr": 756,
    "alesund": 1350,
    "volda": 486 - 62,
}
BIRTH_STAY, BIRTH_CV = 2.7, 0.5  # days, door to door; recalled
BIRTH_READMITTED = 0.02  # assumption
BIRTH_REGIONAL = 100 / 2737  # births of Møre og Romsdal at Øya, 2019 and 2016; derived

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

NEED_MULTIPLIER = {
    "mental_illness": 1.3,
    "birth": 0.3,
    "young": 1.0,
    "frail": 2.0,
    "chronic": 1.8,
    "other": 1.0,
}
READMISSION_MULTIPLIER = {
    "mental_illness": 1.3, "birth": 0.7, "young": 1.0, "frail": 1.3, "chronic": 1.8, "other": 1.0,
}  # fmt: skip
# both assumptions, normalised within age by the model
NEEDS_LONG_TERM = 0.03  # of those with a need; assumption

# Share of acute admissions other than births by age, in the order of BANDS; assumption.
SPECIALTIES = {
    "general_medicine": ("Indremedisin", (0.05, 0.25, 0.24, 0.26, 0.30)),
    "cardiopulmonary": ("Hjerte og lunge", (0.02, 0.15, 0.22, 0.24, 0.24)),
    "neurology": ("Nevrologi", (0.02, 0.09, 0.09, 0.09, 0.08)),
    "oncology": ("Kreft og blod", (0.01, 0.06, 0.09, 0.08, 0.05)),
    "general_surgery": ("Generell kirurgi", (0.10, 0.22, 0.17, 0.15, 0.12)),
    "orthopaedics": ("Ortopedi", (0.10, 0.13, 0.12, 0.13, 0.17)),
    "gynaecology_paediatrics": ("Gynekologi og barn", (0.65, 0.06, 0.03, 0.02, 0.02)),
    "ent_eye": ("Øre-nese-hals og øye", (0.05, 0.04, 0.04, 0.03, 0.02)),
}
OTHER_SPECIALTIES = {  # without acute admissions of their own: (name, sector)
    "obstetrics": ("Fødsel", "somatic"),
    "phv": ("Psykisk helsevern, sykehus", "phv"),
    "dps": ("Psykisk helsevern, distriktspsykiatrisk senter", "phv"),
    "tsb": ("Rusbehandling", "tsb"),
}
ORDER = (*SPECIALTIES, *OTHER_SPECIALTIES)
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

TREATED_SHARE = 0.75  # of those seen at first contact; assumption
CHOICE_SHARE = 0.05  # of day surgery and of hip and knee prostheses; assumption
CLINIC_SLACK = 1.0  # slots per referral; assumption

# --- mental health and substance use --------------------------------------------------------------
# 45 700 adult PHV admissions in Norway 2022, 68 % acute (SAMDATA; quoted). St. Olavs 2018: 212 PHV and 34
# TSB beds, 1 279 TSB discharges (annual report; quoted) for 327 574 people (2020; quoted). Both are scaled
# by population; days in DPS from SAMDATA 2007 (quoted).
NORWAY_2024 = 5_550_203
PHV_ADMISSIONS, PHV_ACUTE = 45_700, 0.68
STOLAV_PEOPLE, STOLAV_PHV_BEDS, STOLAV_TSB_BEDS, STOLAV_TSB = 327_574, 212, 34, 1_279
DPS_DAYS = 67_464 / (67_464 + 98_701)
DPS_ACUTE = 0.15  # of acute PHV admissions; assumption
TSB_ACUTE = 0.45  # of TSB admissions; assumption
SHAPE = {"phv": (0.0, 1.0, 0.45, 0.4, 0.35), "tsb": (0.0, 1.0, 0.25, 0.1, 0.03)}  # by age; assumption
# Clinical days. PHV medians 7 (acute) and 20 (planned) in 2004 (SINTEF; quoted), means such that the beds
# are 0.85 full with those who wait for the municipality; TSB likewise, its split and CV assumptions.
PHV_STAY = {"acute": (15.0, 7.0), "planned": (38.0, 20.0)}  # mean, median
TSB_STAY = {"acute": 5.0, "planned": 9.5}
PSYCHIATRY_DIES = {"phv": 0.001, "tsb": 0.0}  # assumption
PSYCHIATRY_READMITTED = {"phv": 0.12, "tsb": 0.12}  # of acute stays; assumption
PSYCHIATRY_NEED = {"phv": 0.25, "tsb": 0.2}  # of stays; assumption
NEEDS_HOUSING = 0.06  # of those; with housing below, some 3 % of PHV beds hold someone who waits
HOUSING_OF_LOAD = 0.7  # permanent dwellings; the others are found a temporary one; assumption
TARGET_DAYS = {"phv": 40.0, "tsb": 30.0}  # national goals for the wait; quoted
EMERGENCY = {  # hospitals that take acute patients; PHV and TSB sites partly assumption
    "obstetrics": tuple(BIRTHS),
    "phv": ("stolav", "levanger", "namsos", "snr", "alesund"),
    "dps": ("stolav", "orkdal", "levanger", "namsos", "snr", "alesund", "volda"),
    "tsb": ("stolav", "levanger", "alesund"),
}
SITES = {  # where a catchment's planned patients go, if not to their own hospital
    "phv": {"orkdal": "stolav", "volda": "alesund"},
    "dps": {},
    "tsb": {"orkdal": "stolav", "namsos": "levanger", "volda": "alesund"},
}

# --- outpatients ------------------------------------------------------------------------------------
STOLAV_OUTPATIENTS = 465_651  # somatic, 2022 (stolav.no; quoted)
DIALYSIS_PER_1000 = 0.26 * 156  # patients in centres x visits a year; recalled
INFUSION_PER_1000 = 60.0  # cancer treatment and infusions; assumption
DIALYSIS_SHAPE = (0.01, 0.6, 2.5, 4.0, 3.0)  # by age; assumption
INFUSION_SHAPE = (0.2, 0.8, 2.8, 2.5, 1.5)
CLINIC_SHAPE = (0.7, 0.9, 1.7, 1.8, 1.5)
# Visits after the first contact: share of all, share at an avtalespesialist (together 20-24 % of somatic
# outpatients are theirs, Helsedirektoratet; quoted, the split assumed)
CLINIC_VISITS = {
    "general_medicine": (0.17, 0.20),
    "cardiopulmonary": (0.12, 0.20),
    "neurology": (0.07, 0.15),
    "oncology": (0.10, 0.0),
    "general_surgery": (0.13, 0.10),
    "orthopaedics": (0.14, 0.15),
    "gynaecology_paediatrics": (0.14, 0.35),
    "ent_eye": (0.13, 0.60),
}
VISIT_REGIONAL = {"recurring": 0.05, "clinic": 0.10}  # assumption
VIDEO_SHARE = 0.06  # of clinic visits; assumption

# --- money ------------------------------------------------------------------------------------------
# DRG weights: no list of weights was read. Recalled in order of size, assumption; those of the named types
# are in named_types.csv. Inpatient mental health and substance use are not in ISF.
DRG_WEIGHT = {  # mean of acute stays; births' too
    "general_medicine": 0.85,
    "cardiopulmonary": 1.15,
    "neurology": 1.2,
    "oncology": 1.5,
    "general_surgery": 1.25,
    "orthopaedics": 1.5,
    "gynaecology_paediatrics": 0.7,
    "ent_eye": 0.7,
    "obstetrics": 0.6,
    "phv": 0.0,
    "dps": 0.0,
    "tsb": 0.0,
}
OTHER_SURGERY_WEIGHT, OTHER_DAY_SURGERY_WEIGHT = 1.7, 0.4
PLANNED_STAY_WEIGHT, ONCOLOGY_STAY_WEIGHT = 0.9, 1.1
VISIT_WEIGHT = {"dialysis": 0.05, "infusion": 0.06, "clinic": 0.04}
# Of the unit price: to the trust that treats a guest, recalled; to a private provider, assumption.
GUEST_SHARE, PRIVATE_SHARE = 0.8, 0.8

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
TRANSFER_BACK = (0.2, 0.5)  # of their acute patients at Øya, after this part of the stay; assumption
WEEKEND, SUMMER = 0.95, 0.92  # beds in surgical wards, of weekday beds; assumption
MATERNITY_ROOT = 2.0  # maternity beds: use + this x root of use; assumption
ACUTE_RESERVE = {"stolav": 2}  # beds per somatic ward, elsewhere 1; assumption
SHORT_TERM_USED = 0.88  # of the stays: the readmitted leave their place early; assumption

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
LOST = 0.05  # of lists that are not in the file yet

# --- municipalities -----------------------------------------------------------------------------
# Effective places follow load: load + max(5.1, 0.85 * sqrt(load)); derived with a prototype so that
# delays come out at 13-17 days per 1000. Nursing-home beds x 0.18 would lie below load in six places.
SLACK_LEAST, SLACK_ROOT = 5.1, 0.85
FROM_HOME_OF_LOAD = 0.2  # offered from home, as a share of the load from hospitals; assumption
KEPT_FREE = 2  # assumption
ANSWERED_IN_TIME, RESPONSE_DAYS = 0.97, 1.5  # assumption
LONG_TERM_ROOT = 2.0  # long-term places: load + this x root of load + 1; assumption

# Projection. 75+ in 2040 by health trust's area (SSB in Helseatlas eldre; quoted). Growth of Trøndelag
# 2024-50, 9.6 %, of which 17 of 46.5 thousand by 2030; outside Trondheim 4.0 % by 2050
# (trondelagitall.no; quoted). Mortality: Gompertz, deaths a year at 67, growth per year of age; recalled.
AGED_75_IN_2040 = {"St. Olav": 42_225, "Møre og Romsdal": 40_939, "Nord-Trøndelag": 21_625}
GROWTH_TO_2050 = {"5001": (529_500 - 483_000 - 10_700) / 214_565, "": 0.04}
GROWTH_BY = {2030: 17 / 46.5, 2040: (17 / 46.5 + 1) / 2}  # of that to 2050; 2040 half way from 2030
MORTALITY_67, MORTALITY_GROWTH = 0.0105, 0.105
FINE_BANDS = {"18_49": (18, 49), "50_66": (50, 66), "67_74": (67, 74), "75_79": (75, 79), "80_84": (80, 84),
              "85_89": (85, 89), "90p": (90, 96)}  # fmt: skip


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

# rules.csv, payment_rates.csv, isf_rates.csv and prices.csv hold their own sources.


# --- reading and writing --------------------------------------------------------------------------
def read(name: str) -> list[dict[str, str]]:
    with (HERE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


RULES = {row["rule"]: yaml.safe_load(row["value"]) for row in read("rules")}
CLINICAL_SHARE: float = RULES["clinical_share_of_stay"]  # the stays above are door to door
BIRTH_CLINICAL = round(BIRTH_STAY * CLINICAL_SHARE, 2)
SHORT_TERM_STAY: float = RULES["short_term_stay"]["mean_days"]


WAYS = {
    name: {row["number"]: {h: int(row[h]) for h in BEDS} for row in read(f"travel_{name}")}
    for name in ("minutes", "km")
}


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


def survives(age: float, years: float) -> float:
    """Chance of living ``years`` more."""
    risk = MORTALITY_67 / MORTALITY_GROWTH
    start = MORTALITY_GROWTH * (age - 67)
    return math.exp(-risk * (math.exp(start + MORTALITY_GROWTH * years) - math.exp(start)))


def project(raw: list[dict[str, str]], year: int) -> list[tuple[dict[str, str], list[int]]]:
    """The population of each municipality in ``year`` by band.

    Those who will be 67 or older are followed from 2026, by single years spread evenly within the
    published bands, without moving; 75+ are then scaled so that each trust's area has its published
    number in 2040 (in part before). The total is the municipality's published one in 2040, straight
    from 2024 (Møre og Romsdal), or follows the county's growth (Trøndelag). Children and those of
    working age share what is left as in 2026.
    """
    ahead = year - YEARS[1]
    lower = {"67_74": 67, "75_79": 75, "80p": 80}

    def older(row: Mapping[str, str], years: int) -> dict[str, float]:
        out = dict.fromkeys(lower, 0.0)
        for band, (first, last) in FINE_BANDS.items():
            for age in range(first, last + 1):
                n = int(row[f"pop{YEARS[1]}_{band}"]) / (last - first + 1)
                reached = [id for id, least in lower.items() if age + years >= least]
                if reached:
                    out[reached[-1]] += n * survives(age + 0.5, years)
        return out

    scale = {}
    for trust, published in AGED_75_IN_2040.items():
        rows = [older(row, 2040 - YEARS[1]) for row in raw if row["health_trust"] == trust]
        full = published / sum(people["75_79"] + people["80p"] for people in rows)
        scale[trust] = full ** (ahead / (2040 - YEARS[1]))
    totals = {row["number"]: int(row["population_2040"]) for row in read("projection")}
    out = []
    for row in raw:
        old = older(row, ahead)
        old["75_79"] *= scale[row["health_trust"]]
        old["80p"] *= scale[row["health_trust"]]
        now = sum(population(row, START.year))
        growth = GROWTH_TO_2050.get(row["number"], GROWTH_TO_2050[""])
        total = now * (1 + growth * GROWTH_BY[year])
        if row["number"] in totals:
            total = now + (totals[row["number"]] - now) * (year - START.year) / (2040 - START.year)
        children, working = population(row, YEARS[1])[:2]
        young = total - sum(old.values())
        by_band = {
            "0_17": young * children / (children + working),
            "18_66": young * working / (children + working),
        }
        out.append((row, list(whole(by_band | old, round(total)).values())))
    return out


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


@dataclass(frozen=True)
class Flow:
    """What the acute stays of a band consist of, per 1000 inhabitants and year, and the shares that
    follow: all of [P1]'s stays are here once. ``index`` is what the region's table says."""

    births: float
    births_again: float
    kad_sent_on: float
    kad_takes: float
    again: float  # readmissions of others than births
    index: float
    readmitted: float  # of survivors without a municipal need, mean over groups
    needs: float
    elective_again: float  # readmissions for each elective stay
    again_with_need: float  # of survivors with a need, share readmitted


def flows(places: list[Place]) -> list[Flow]:
    """[P1] counts all stays. So index admissions + births + readmissions + admissions after KAD, less
    those whom KAD keeps, must be its acute rate. Chances are those of the model: two generations of
    readmissions, each of survivors; groups' factors have a mean of one over a band's acute patients,
    while electives are of any group in proportion to the population."""
    people = people_by_band(places)
    births = sum(BIRTHS.values()) / people[1] * 1000
    kad_own, kad_takes = kad_demand(people)
    groups = group_shares(people)
    factor = RULES["readmission_need_factor"]
    out = []
    for a in range(len(BANDS)):
        population = [groups[g][a] for g in MULTIPLIER]
        acute = _normalised([n * MULTIPLIER[g] for g, n in zip(MULTIPLIER, population, strict=True)])
        need_of, again_of = (
            [m[g] / sum(w * m[h] for h, w in zip(MULTIPLIER, acute, strict=True)) for g in MULTIPLIER]
            for m in (NEED_MULTIPLIER, READMISSION_MULTIPLIER)
        )
        born = births if a == 1 else 0.0
        born_again = born * BIRTH_READMITTED * (1 + BIRTH_READMITTED)
        sent_on = RULES["kad_sent_on_share"] * KAD_ADMITTED * (kad_own[a] + kad_takes[a])
        other = ACUTE_PER_1000[a] - born - born_again
        alive, elective = 1 - DIES[a], ELECTIVE_PER_1000[a]
        again = READMISSION[a] * (other * alive + elective)
        first = other - again
        stays = ACUTE_PER_1000[a] + elective
        needs, readmitted = NEED[a], READMISSION[a]
        for _ in range(50):  # a fixed point: who comes back has other needs than the first time
            after, planned = (
                [readmitted * r * (1 + min(1.0, needs * n / live) * (factor - 1))
                 for r, n in zip(again_of, need_of, strict=True)]
                for live in (alive, 1.0)
            )  # fmt: skip
            one = [
                first * w * alive * p + elective * n * q
                for w, n, p, q in zip(acute, population, after, planned, strict=True)
            ]
            two = [x * alive * p for x, p in zip(one, after, strict=True)]
            mix = [first * w + x + y for w, x, y in zip(acute, one, two, strict=True)]
            weight = sum((x + elective * n) * f for x, n, f in zip(mix, population, need_of, strict=True))
            needs = NEED[a] * stays / weight
            readmitted *= again / sum(one + two)
        from_elective = [elective * n * q for n, q in zip(population, planned, strict=True)]
        from_elective_2 = [x * alive * p for x, p in zip(from_elective, after, strict=True)]
        ready = [
            (x * alive + elective * n) * needs * f for x, n, f in zip(mix, population, need_of, strict=True)
        ]
        back = [readmitted * factor * r for r in again_of]
        out.append(
            Flow(
                births=born,
                births_again=born_again,
                kad_sent_on=sent_on,
                kad_takes=KAD_ADMITTED * kad_takes[a],
                again=again,
                index=first - sent_on + KAD_ADMITTED * kad_takes[a],
                readmitted=readmitted,
                needs=needs,
                elective_again=sum(from_elective + from_elective_2) / elective,
                again_with_need=sum(x * p for x, p in zip(ready, back, strict=True)) / sum(ready),
            )
        )
    return out


def acute_stay(flow: Flow, a: int) -> float:
    """Days of acute stays other than births, door to door, so that with births the mean is [P1]'s."""
    born = flow.births + flow.births_again
    total = ACUTE_PER_1000[a]
    return (total * ACUTE_STAY[a] - born * BIRTH_STAY) / (total - born)


def _normalised(values: Sequence[float]) -> list[float]:
    return [value / sum(values) for value in values]


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
    treated_share: float = TREATED_SHARE
    drg_weight: float = 0.0
    own: tuple[object, ...] = ("", "", "", "", "", 0.0)  # stay (mean, CV, shape), groups, need, housing

    @property
    def somatic(self) -> bool:
        return self.specialty in SPECIALTIES


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
        minutes, drg = float(named["minutes"]), float(named["drg_weight"])
        rows.append(ElectiveRow(id, name, kind, specialty, per_1000, minutes, factor, local, drg_weight=drg))
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
                        OTHER_SURGERY_MINUTES, 1.0, drg_weight=OTHER_SURGERY_WEIGHT)
        )  # fmt: skip
    operated = [sum(row.per_1000[a] for row in rows + other if row.kind == "surgery") for a in range(5)]
    stays = [rate - done for rate, done in zip(ELECTIVE_PER_1000, operated, strict=True)]
    for specialty, stay_share in PLANNED_STAY.items():
        rates = [round(rate * part, 4) for rate, part in zip(stays, stay_share, strict=True)]
        name = f"Planlagt opphold, {SPECIALTIES[specialty][0].lower()}"
        target, drg = TARGET_MEDIAN, PLANNED_STAY_WEIGHT
        if specialty == "oncology":
            target, drg = ONCOLOGY_TARGET_MEDIAN, ONCOLOGY_STAY_WEIGHT
        other.append(
            ElectiveRow(f"planned_{specialty}", name, "planned_stay", specialty, rates, 0.0, 1.0,
                        target=target, drg_weight=drg)
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
                        OTHER_DAY_SURGERY_MINUTES, 1.0, drg_weight=OTHER_DAY_SURGERY_WEIGHT)
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


def psychiatry_admissions(places: list[Place]) -> dict[tuple[str, str], list[float]]:
    """(specialty, acute or planned) → admissions per 1000 by band, readmissions of acute ones included."""
    people = people_by_band(places)
    scale = sum(people) / NORWAY_2024
    acute = PHV_ADMISSIONS * PHV_ACUTE * scale
    planned = PHV_ADMISSIONS * (1 - PHV_ACUTE) * scale
    days = acute * PHV_STAY["acute"][0] + planned * PHV_STAY["planned"][0]
    dps_planned = (DPS_DAYS * days - DPS_ACUTE * acute * PHV_STAY["acute"][0]) / PHV_STAY["planned"][0]
    substance = STOLAV_TSB * sum(people) / STOLAV_PEOPLE
    yearly = {
        ("phv", "acute"): acute * (1 - DPS_ACUTE),
        ("phv", "planned"): planned - dps_planned,
        ("dps", "acute"): acute * DPS_ACUTE,
        ("dps", "planned"): dps_planned,
        ("tsb", "acute"): substance * TSB_ACUTE,
        ("tsb", "planned"): substance * (1 - TSB_ACUTE),
    }
    out = {}
    for (specialty, urgency), count in yearly.items():
        shape = SHAPE[OTHER_SPECIALTIES[specialty][1]]
        unit = count / sum(n * x for n, x in zip(people, shape, strict=True))
        out[specialty, urgency] = [1000 * unit * x for x in shape]
    return out


def lognormal(mean: float, median: float) -> tuple[float, float]:
    """(mean, CV) of a lognormal with this mean and median."""
    return mean, math.sqrt((mean / median) ** 2 - 1)


def psychiatry_stay(sector: str, urgency: str) -> tuple[float, float]:
    return lognormal(*PHV_STAY[urgency]) if sector == "phv" else (TSB_STAY[urgency], 1.0)


def psychiatry_types(places: list[Place]) -> list[ElectiveRow]:
    """Planned stays in mental health and substance use."""
    rows = []
    for (specialty, urgency), rates in psychiatry_admissions(places).items():
        if urgency == "planned":
            name, sector = OTHER_SPECIALTIES[specialty]
            own = (*psychiatry_stay(sector, urgency), "lognormal", "mental_illness")
            own = (*own, PSYCHIATRY_NEED[sector], NEEDS_HOUSING)
            rows.append(
                ElectiveRow(f"planned_{specialty}", f"Planlagt opphold, {name[0].lower()}{name[1:]}",
                            "planned_stay", specialty, [round(rate, 4) for rate in rates], 0.0, 1.0,
                            target=TARGET_DAYS[sector], treated_share=1.0, own=own)
            )  # fmt: skip
    return rows


def acute_types(places: list[Place], flow: list[Flow]) -> list[list[object]]:
    """Rows of acute_types.csv: births, and acute admissions in mental health and substance use. Those
    admitted again, after planned stays too, are within the published numbers."""
    births = [f.births for f in flow]
    rows: list[list[object]] = [
        ["birth", "Fødsel", "birth", "obstetrics", *births, BIRTH_CLINICAL, BIRTH_CV, "birth",
         0.0, 0.0, 0.0, BIRTH_READMITTED, BIRTH_REGIONAL, DRG_WEIGHT["obstetrics"]],
    ]  # fmt: skip
    names = {"phv": "Akutt psykisk helsevern, sykehus", "dps": "Akutt psykisk helsevern, DPS",
             "tsb": "Akutt rusbehandling"}  # fmt: skip
    admissions = psychiatry_admissions(places)
    for specialty, name in names.items():
        sector = OTHER_SPECIALTIES[specialty][1]
        back = PSYCHIATRY_READMITTED[sector]
        rates = [
            (acute - planned * f.elective_again) / (1 + back * (1 + back))
            for acute, planned, f in zip(
                admissions[specialty, "acute"], admissions[specialty, "planned"], flow, strict=True
            )
        ]
        rows.append(
            [f"{specialty}_acute", name, sector, specialty, *rates, *psychiatry_stay(sector, "acute"),
             "mental_illness", PSYCHIATRY_NEED[sector], NEEDS_HOUSING, PSYCHIATRY_DIES[sector], back, 0.0,
             DRG_WEIGHT[specialty]]
        )  # fmt: skip
    return rows


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
                if not row.somatic:
                    yield place.catchment, planned_site(row.specialty, place.catchment), row, a, count
                    continue
                away = 0.0 if place.catchment == "stolav" else regional_share(row, place.catchment, a)
                yield place.catchment, place.catchment, row, a, count * (1 - away)
                if away:
                    yield place.catchment, "stolav", row, a, count * away


def planned_site(specialty: str, catchment: str) -> str:
    """Where planned patients of mental health and substance use are treated."""
    return SITES[specialty].get(catchment, catchment)


def emergency_site(specialty: str, place: Place) -> str:
    """The catchment hospital, else the nearest that takes acute patients of the specialty."""
    able = EMERGENCY.get(specialty, tuple(BEDS))
    if place.catchment in able:
        return place.catchment
    return min(
        able, key=lambda hospital: (WAYS["minutes"][place.number][hospital], list(BEDS).index(hospital))
    )


def ward_of(hospital: str, specialty: str) -> str:
    if hospital == "stolav" or specialty in OTHER_SPECIALTIES:
        return f"{hospital}_{specialty}"
    return f"{hospital}_{'medicine' if specialty in MEDICAL else 'surgery'}"


def bed_use(places: list[Place], types: list[ElectiveRow], flow: list[Flow]) -> dict[str, float]:
    """Expected beds in use by ward, clinical stays only: all acute stays, readmissions after planned
    stays in their specialty, births, and planned stays."""
    use: dict[str, float] = defaultdict(float)
    back, after = TRANSFER_BACK
    moved = back * (1 - after)  # of the days of a region patient who is acutely ill

    def acute(place: Place, specialty: str, beds: float) -> None:
        away, _, factor = REGIONAL.get(place.catchment, (0.0, 0.0, 1.0))
        home, regional = ward_of(place.catchment, specialty), ward_of("stolav", specialty)
        use[home] += beds * (1 - away + away * factor * moved)
        use[regional] += beds * away * factor * (1 - moved)

    for place in places:
        for a, n in enumerate(place.people):
            f = flow[a]
            born = f.births + f.births_again
            stays = ACUTE_PER_1000[a] - born - f.elective_again * ELECTIVE_PER_1000[a]
            days = CLINICAL_SHARE * n / 1000 / 365 * acute_stay(f, a)
            for specialty, (_, share) in SPECIALTIES.items():
                acute(place, specialty, days * stays * share[a])
            for row in types:
                if row.kind != "day_surgery" and row.somatic:
                    acute(place, row.specialty, days * f.elective_again * row.per_1000[a])
            away = 0.0 if place.catchment == "stolav" else BIRTH_REGIONAL
            beds = n / 1000 * born * BIRTH_CLINICAL / 365
            use[ward_of(emergency_site("obstetrics", place), "obstetrics")] += beds * (1 - away)
            use[ward_of("stolav", "obstetrics")] += beds * away
    for catchment, site, row, a, count in referrals(places, types):
        if row.kind != "day_surgery" and row.somatic:
            factor = 1.0 if site == catchment else REGIONAL[catchment][2]
            stay = CLINICAL_SHARE * ELECTIVE_STAY[a] * row.stay_factor * factor
            use[ward_of(site, row.specialty)] += count * stay / 365
    return use


def psychiatry_use(places: list[Place], flow: list[Flow]) -> dict[str, float]:
    """Expected beds in use by ward of mental health and substance use, clinical stays only."""
    use: dict[str, float] = defaultdict(float)
    for (specialty, urgency), rates in psychiatry_admissions(places).items():
        sector = OTHER_SPECIALTIES[specialty][1]
        acute_days, planned_days = (psychiatry_stay(sector, x)[0] for x in ("acute", "planned"))
        for place in places:
            for a, n in enumerate(place.people):
                count = n * rates[a] / 1000
                if urgency == "acute":
                    use[ward_of(emergency_site(specialty, place), specialty)] += count * acute_days / 365
                else:  # and those of them who are admitted again stay as long, not as acute patients do
                    longer = flow[a].elective_again * (planned_days - acute_days)
                    site = planned_site(specialty, place.catchment)
                    use[ward_of(site, specialty)] += count * (planned_days + longer) / 365
    return use


def spread_beds(use: Mapping[str, float], beds: int) -> dict[str, int]:
    """``beds`` over wards: use + k x square root of use, the same k for all. In proportion to use
    alone, the small wards would be full far more often than the large ones."""
    k = (beds - sum(use.values())) / sum(math.sqrt(load) for load in use.values())
    return whole({ward: load + k * math.sqrt(load) for ward, load in use.items()}, beds)


def staffed_beds(use: Mapping[str, float]) -> dict[str, int]:
    """Somatic beds by ward, mean over the year; a hospital's sum is BEDS. Maternity wards come first:
    their patients cannot lie anywhere else."""
    out: dict[str, int] = {}
    for hospital, beds in BEDS.items():
        wards = {ward: load for ward, load in use.items() if ward.startswith(f"{hospital}_")}
        maternity = wards.pop(ward_of(hospital, "obstetrics"), 0.0)
        if maternity:
            own = round(maternity + MATERNITY_ROOT * math.sqrt(maternity))
            out[ward_of(hospital, "obstetrics")], beds = own, beds - own
        out |= spread_beds(wards, beds)
    return out


def psychiatry_beds(use: Mapping[str, float], people: int) -> dict[str, int]:
    """Beds by ward of mental health and substance use: St. Olavs' of 2018 scaled by population."""
    out: dict[str, int] = {}
    for specialties, beds in ((("phv", "dps"), STOLAV_PHV_BEDS), (("tsb",), STOLAV_TSB_BEDS)):
        wards = {w: load for w, load in use.items() if w.partition("_")[2] in specialties}
        out |= spread_beds(wards, round(beds * people / STOLAV_PEOPLE))
    return out


def calendar() -> Iterable[tuple[date, bool, bool]]:
    """(day, public holiday, in the summer weeks) of the first year."""
    first, last = RULES["summer_weeks"]
    closed = holidays.country_holidays("NO", years=(START.year, START.year + 1), language="no")
    for i in range(365):
        day = START + timedelta(i)
        yield day, day in closed, first <= day.isocalendar().week <= last


def seasonal_beds(mean: int) -> tuple[int, int, int]:
    """(weekday, weekend, summer) beds of a surgical ward whose mean over the year is about ``mean``."""
    worth = 0.0
    for day, holiday, summer in calendar():
        share = WEEKEND if holiday or day.weekday() >= 5 else 1.0
        worth += min(share, SUMMER) if summer else share
    beds = round(mean * 365 / worth)
    return beds, round(beds * WEEKEND), round(beds * SUMMER)


def open_days(summer_factor: float) -> list[float]:
    """What each weekday of the first year is worth: days open, summer reduced."""
    worth = [0.0] * 7
    for day, holiday, summer in calendar():
        if not holiday:
            worth[day.weekday()] += summer_factor if summer else 1.0
    return worth


def by_site(item: tuple[tuple[str, ...], float]) -> tuple[int, int, str]:
    """Sorts (hospital, specialty, …) in the order of the tables."""
    hospital, specialty, *kind = item[0]
    return list(BEDS).index(hospital), ORDER.index(specialty), "".join(kind)


def sessions(places: list[Place], types: list[ElectiveRow]) -> list[list[object]]:
    """Rows of sessions.csv: capacity that matches the referrals, net of what postponements take."""
    need: dict[tuple[str, str, str], float] = defaultdict(float)
    for _, site, row, _, count in referrals(places, types):
        if row.kind == "planned_stay":
            need[site, row.specialty, "ward"] += count
        else:
            need[site, row.specialty, "theatre"] += count * row.minutes
    worth = open_days(RULES["summer_session_factor"])
    lost = {(row["hospital"], row["specialty"], row["kind"]): float(row["lost"]) for row in read("lost")}
    rows: list[list[object]] = []
    for (site, specialty, kind), yearly in sorted(need.items(), key=by_site):
        yearly /= 1 - lost.get((site, specialty, kind), LOST)
        days: tuple[int, ...] = (0, 1, 2, 3, 4)
        if kind == "theatre":
            number_of_days = min(5, max(1, round(yearly / 48 / FULL_DAY_MINUTES)))
            alternatives = DAYS_BY_NUMBER[number_of_days]
            days = alternatives[ORDER.index(specialty) % len(alternatives)]
        unit = yearly / sum(WEEKDAY_FACTOR[d] * worth[d] for d in days)
        digits = 0 if kind == "theatre" else 4
        week = [round(unit * WEEKDAY_FACTOR[d], digits) if d in days else 0.0 for d in range(7)]
        rows.append([site, specialty, kind, *week])
    return rows


def first_contacts(places: list[Place], types: list[ElectiveRow]) -> dict[tuple[str, str], float]:
    """Referrals a year by site and somatic specialty, those who are only assessed included."""
    seen: dict[tuple[str, str], float] = defaultdict(float)
    for _, site, row, _, count in referrals(places, types):
        if row.somatic:
            seen[site, row.specialty] += count / row.treated_share
    return seen


def clinics(places: list[Place], types: list[ElectiveRow]) -> list[list[object]]:
    """Rows of clinics.csv: slots for the referrals, alike on all weekdays."""
    worth = sum(open_days(RULES["summer_clinic_factor"])[:5])
    rows: list[list[object]] = []
    for (site, specialty), seen in sorted(first_contacts(places, types).items(), key=by_site):
        rows.append([site, specialty, *[round(CLINIC_SLACK * seen / worth, 4)] * 5, 0, 0])
    return rows


def visit_types(places: list[Place], types: list[ElectiveRow]) -> list[list[object]]:
    """Rows of visits.csv. The clinic visits are as many as make St. Olavs' outpatients add up."""
    people = people_by_band(places)

    def spread(per_1000: float, shape: Sequence[float]) -> list[float]:
        unit = per_1000 * sum(people) / sum(n * x for n, x in zip(people, shape, strict=True))
        return [unit * x for x in shape]

    def at_stolav(rates: Sequence[float], regional: float) -> float:
        """Visits a year at Øya and Orkdal of those who go to a hospital."""
        total = 0.0
        for place in places:
            visits = sum(n * rate / 1000 for n, rate in zip(place.people, rates, strict=True))
            total += visits * (1.0 if place.trust == "St. Olav" else regional)
        return total

    recurring = {
        "dialysis": ("Dialyse", "general_medicine", spread(DIALYSIS_PER_1000, DIALYSIS_SHAPE), 90.0),
        "infusion": (
            "Kreftbehandling og infusjon",
            "oncology",
            spread(INFUSION_PER_1000, INFUSION_SHAPE),
            60.0,
        ),
    }
    share = VISIT_REGIONAL["recurring"]
    known = sum(at_stolav(rates, share) for _, _, rates, _ in recurring.values())
    known += sum(n for (site, _), n in first_contacts(places, types).items() if site in ("stolav", "orkdal"))
    one = spread(1.0, CLINIC_SHAPE)
    hospital = sum(part * (1 - private) for part, private in CLINIC_VISITS.values())
    level = (STOLAV_OUTPATIENTS - known) / (hospital * at_stolav(one, VISIT_REGIONAL["clinic"]))
    rows: list[list[object]] = [
        [id, name, "recurring", specialty, *rates, share, 0.0, 0.0, 0.0, minutes, VISIT_WEIGHT[id]]
        for id, (name, specialty, rates, minutes) in recurring.items()
    ]
    for specialty, (part, private) in CLINIC_VISITS.items():
        name = f"Poliklinikk, {SPECIALTIES[specialty][0].lower()}"
        rates = [level * part * rate for rate in one]
        rest = [VISIT_REGIONAL["clinic"], VIDEO_SHARE, private, 0.0, 30.0, VISIT_WEIGHT["clinic"]]
        rows.append([f"clinic_{specialty}", name, "clinic", specialty, *rates, *rest])
    return rows


def stays_with_need(people: Sequence[int]) -> float:
    rates = zip(people, ACUTE_PER_1000, ELECTIVE_PER_1000, NEED, strict=True)
    return sum(n * (acute + elective) / 1000 * need for n, acute, elective, need in rates)


def home_care(people: Sequence[int]) -> tuple[float, int]:
    """(patients a day who need home care, starts there is capacity for)."""
    load = stays_with_need(people) * (1 - SHORT_TERM_OF_NEED) / 365
    return load, math.ceil(load + 2 * math.sqrt(load) + 1)


def short_term_places(loads: Mapping[str, float]) -> dict[str, int]:
    wanted = {m: load + max(SLACK_LEAST, SLACK_ROOT * math.sqrt(load)) for m, load in loads.items()}
    return whole(wanted, round(sum(wanted.values())))


def kad_demand(people: Sequence[int]) -> tuple[list[float], list[float]]:
    """Per 1000 and year by band: (KAD's own demand, patients KAD takes instead of a hospital)."""
    total = KAD_PER_1000 * sum(people)
    each = [total * share / n for share, n in zip(KAD_BY_AGE, people, strict=True)]
    return [x * (1 - KAD_SUBSTITUTES) for x in each], [x * KAD_SUBSTITUTES for x in each]


def kad_columns(
    places: list[Place], units: list[dict[str, str]], flow: list[Flow]
) -> tuple[list[float], list[float]]:
    """(suitable share of acute patients, own demand per 1000) by band."""
    use = {name: USE_RATE[unit["colocated"]] for unit in units for name in unit["municipalities"].split("|")}
    own, takes = kad_demand(people_by_band(places))
    suitable = []
    for a, rate in enumerate(takes):
        sent = sum(place.people[a] * flow[a].index * use[place.name] for place in places)
        suitable.append(rate * sum(place.people[a] for place in places) / sent)
    return suitable, own


def isf_rates() -> list[list[object]]:
    """Rows of isf_rates.csv. A unit price that was not found lies between the quoted ones by the same
    growth every year, and before the first and after the last moves with the betalingsplikt's rate."""
    rows = read("isf_rates")
    rate = {int(row["year"]): float(row["nok_per_day"]) for row in read("payment_rates")}
    quoted = {int(row["year"]): float(row["unit_price_nok"]) for row in rows if row["unit_price_nok"]}
    out: list[list[object]] = []
    for row in rows:
        year, share, told, certainty = int(row["year"]), *list(row.values())[2:]
        before = max((y for y in quoted if y <= year), default=min(quoted))
        after = min((y for y in quoted if y >= year), default=max(quoted))
        if year in quoted:
            price, how = quoted[year], "enhetspris Helsedirektoratet"
        elif before < year < after:
            part = (year - before) / (after - before)
            price = quoted[before] * (quoted[after] / quoted[before]) ** part
            how = f"enhetspris geometrisk mellom {before} og {after}"
        else:
            price, how = quoted[before] * rate[year] / rate[before], f"enhetspris fra {before} med døgnsatsen"
        if year not in quoted and certainty == "quoted":
            certainty = "derived"
        source = f"{how}; andel {told}; gjestepasienter etter hukommelsen, private antatt"
        out.append([year, round(price), share, GUEST_SHARE, PRIVATE_SHARE, source, certainty])
    return out


def prices() -> list[list[object]]:
    """Rows of prices.csv: capacity costs what the average has above the marginal, at normal use."""
    out: list[list[object]] = []
    for row in read("prices"):
        average, marginal, use = (float(row[name]) for name in ("average_nok", "marginal_nok", "normal_use"))
        source = row["source"]
        if use:
            difference = f"({thousands(average)} – {thousands(marginal)})"
            source += f"; kapasitet ved normal bruk: {difference} × {number(use).replace('.', ',')}"
        capacity = round((average - marginal) * use, 2)
        out.append([row["item"], average, marginal, capacity, row["year"], source, row["certainty"]])
    return out


def thousands(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ")


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


def hospital_tables(beds: Mapping[str, int], somatic: Iterable[str]) -> dict[str, str]:
    """hospitals.csv and wards.csv; ``somatic`` names the wards that are."""
    hospitals, wards = [], []
    for row in read("hospitals"):
        id = row["id"]
        trust, fellesskap = TRUST[HOSPITAL_TRUST[id]]
        place = [id, row["name"], row["tier"], trust, fellesskap, row["lat"], row["lon"]]
        takes = "|".join(s for s in ORDER if id in EMERGENCY.get(s, tuple(BEDS)))
        transfer = TRANSFER_BACK if id in REGIONAL else (0.0, TRANSFER_BACK[1])
        hospitals.append([*place, takes, *REGIONAL.get(id, (0.0, 0.0, 1.0)), *transfer])
        own = [ward for ward in dict.fromkeys(ward_of(id, s) for s in ORDER) if ward in beds]
        medical = list(dict.fromkeys(ward_of(id, s) for s in MEDICAL))
        surgical = list(dict.fromkeys(ward_of(id, s) for s in SURGICAL))
        for ward in own:
            lies = "|".join(s for s in ORDER if ward_of(id, s) == ward)
            reserve, outlier = ACUTE_RESERVE.get(id, 1) if ward in somatic else 0, ""
            staffed: tuple[object, ...] = (beds[ward], "", "")
            if ward in medical:
                outlier = "|".join(w for w in medical + surgical if w != ward)
            elif ward in surgical:
                outlier = "|".join(w for w in surgical + medical if w != ward)
                staffed = seasonal_beds(beds[ward])
            wards.append([ward, id, lies, staffed[0], reserve, *staffed[1:], outlier])
    return {
        "hospitals.csv": table(
            "id name tier trust helsefellesskap lat lon emergency regional_share_acute "
            "regional_share_elective regional_stay_factor transfer_back_share transfer_back_after",
            hospitals,
        ),
        "wards.csv": table(
            "id hospital specialties beds acute_reserve weekend_beds summer_beds outlier", wards
        ),
    }


def settled_places(places: list[Place]) -> tuple[dict[str, int], dict[str, int]]:
    """(long-term places, supported housing) by municipality, for patients from hospital."""
    admissions = psychiatry_admissions(places)
    long_term, housing = {}, {}
    for place in places:
        load = stays_with_need(place.people) * NEEDS_LONG_TERM * RULES["long_term_stay_days"] / 365
        long_term[place.number] = math.ceil(load + LONG_TERM_ROOT * math.sqrt(load) + 1)
        stays = sum(
            n * rate / 1000 * PSYCHIATRY_NEED[OTHER_SPECIALTIES[specialty][1]]
            for (specialty, _), rates in admissions.items()
            for n, rate in zip(place.people, rates, strict=True)
        )
        housing[place.number] = HOUSING_OF_LOAD * stays * NEEDS_HOUSING * RULES["housing_stay_days"] / 365
    return long_term, whole(housing, round(sum(housing.values())))


def municipal_tables(places: list[Place], units: list[dict[str, str]]) -> dict[str, str]:
    """municipalities.csv and short_term_pools.csv."""
    unit_of = {name: unit["id"] for unit in units for name in unit["municipalities"].split("|")}
    long_term, housing = settled_places(places)
    loads, rows = {}, []
    for place in places:
        need = stays_with_need(place.people)
        loads[place.number] = need * SHORT_TERM_OF_NEED * SHORT_TERM_USED * SHORT_TERM_STAY / 365
        starts = home_care(place.people)[1]
        receives = [f"st_{place.number}", starts, ANSWERED_IN_TIME, RESPONSE_DAYS, unit_of[place.name]]
        fellesskap = TRUST[place.trust][1]
        settled = [long_term[place.number], housing[place.number]]
        where = [place.number, place.name, place.catchment, fellesskap]
        rows.append([*where, *receives, place.lat, place.lon, *settled])
    pools = short_term_places(loads)
    return {
        "municipalities.csv": table(
            "number name catchment helsefellesskap short_term_pool home_care_starts_per_day "
            "answered_in_time response_days kad_unit lat lon long_term_places supported_housing",
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
    """elective_types.csv, elective_sites.csv, clinics.csv, sessions.csv and visits.csv."""
    rows, sites = [], []
    for row in types:
        minutes = [row.minutes, MINUTES_CV if row.minutes else 0.0]
        kind = [row.id, row.name, row.kind, row.specialty, *row.per_1000, *minutes, row.stay_factor]
        limits = [DEADLINE_OF_TARGET * row.target, VOLUME_THRESHOLD.get(row.id, 0)]
        chosen = row.kind == "day_surgery" or row.id in ("hip_prosthesis", "knee_prosthesis")
        seen = [row.treated_share, CHOICE_SHARE if chosen else 0.0]
        rows.append(
            [*kind, "local", *row.local_share, 1.0, row.target, *limits, *seen, *row.own, row.drg_weight]
        )
        for catchment in REGIONAL:
            if not row.somatic:
                sites.append([row.id, catchment, planned_site(row.specialty, catchment), 1.0])
            elif row.kind == "day_surgery" and catchment != "orkdal":
                sites.append([row.id, catchment, catchment, 1 - DAY_SURGERY_REGIONAL])
                sites.append([row.id, catchment, "stolav", DAY_SURGERY_REGIONAL])
    return {
        "elective_types.csv": table(
            f"id name kind specialty {bands('per_1000')} minutes_mean minutes_cv stay_factor minimum_tier "
            f"{bands('local_share')} need_factor target_median_days deadline_days volume_threshold "
            "treated_share choice_share stay_days stay_cv stay_shape groups needs_municipality needs_housing "
            "drg_weight",
            rows,
        ),
        "elective_sites.csv": table("type catchment hospital share", sites),
        "clinics.csv": table("hospital specialty mon tue wed thu fri sat sun", clinics(places, types)),
        "sessions.csv": table("hospital specialty kind mon tue wed thu fri sat sun", sessions(places, types)),
        "visits.csv": table(
            f"id name kind specialty {bands('per_1000')} regional_share video_share private_share near_share "
            "staff_minutes drg_weight",
            visit_types(places, types),
        ),
    }


def demand_tables(places: list[Place], units: list[dict[str, str]], flow: list[Flow]) -> dict[str, str]:
    """ages.csv, groups.csv, specialties.csv and acute_types.csv."""
    people = people_by_band(places)
    needs = [[f.needs for f in flow], [SHORT_TERM_OF_NEED] * 5, *kad_columns(places, units, flow)]
    stays = [[acute_stay(f, a) for a, f in enumerate(flow)], ACUTE_CV, ELECTIVE_STAY, ELECTIVE_CV]
    ends = [[NEEDS_LONG_TERM] * 5, DIES, [f.readmitted for f in flow]]
    index = [f.index for f in flow]
    ages = zip(BANDS, index, ELECTIVE_PER_1000, *stays, *needs, *ends, strict=True)
    acute = shares({id: share for id, (_, share) in SPECIALTIES.items()})
    groups = group_shares(people)
    multipliers = (MULTIPLIER, NEED_MULTIPLIER, READMISSION_MULTIPLIER)
    return {
        "ages.csv": table(
            "id acute_per_1000 elective_per_1000 acute_stay_days acute_stay_cv elective_stay_days "
            "elective_stay_cv needs_municipality needs_short_term kad_suitable kad_own_per_1000 "
            "needs_long_term dies readmitted",
            ages,
        ),
        "groups.csv": table(
            f"id {bands('share')} acute_multiplier need_multiplier readmission_multiplier",
            ([id, *row, *(m[id] for m in multipliers)] for id, row in groups.items()),
        ),
        "specialties.csv": table(
            f"id name {bands('acute_share')} sector drg_weight",
            [
                *([id, SPECIALTIES[id][0], *row, "somatic", DRG_WEIGHT[id]] for id, row in acute.items()),
                *(
                    [id, name, *[0.0] * 5, sector, DRG_WEIGHT[id]]
                    for id, (name, sector) in OTHER_SPECIALTIES.items()
                ),
            ],
        ),
        "acute_types.csv": table(
            f"id name stream specialty {bands('per_1000')} stay_days stay_cv groups needs_municipality "
            "needs_housing dies readmitted regional_share drg_weight",
            acute_types(places, flow),
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
    flow = flows(places)
    types = elective_types(people_by_band(places)) + psychiatry_types(places)
    use, psychiatry = bed_use(places, types, flow), psychiatry_use(places, flow)
    beds = staffed_beds(use) | psychiatry_beds(psychiatry, sum(people_by_band(places)))
    files = demand_tables(places, units, flow) | hospital_tables(beds, use)
    files |= municipal_tables(places, units) | elective_tables(places, types)
    years = [[row["number"], year, *population(row, year)] for year in YEARS for row in raw]
    years += [[row["number"], year, *people] for year in PROJECTED for row, people in project(raw, year)]
    files |= {
        "region.yaml": settings(),
        "population.csv": table(f"municipality year {bands('population')}", years),
        "travel.csv": table(
            "municipality hospital minutes km",
            (
                [p.number, h, WAYS["minutes"][p.number][h], WAYS["km"][p.number][h]]
                for p in places
                for h in BEDS
            ),
        ),
        "kad_units.csv": table(
            "id name beds colocated use_rate",
            ([u["id"], u["name"], u["beds"], u["colocated"], USE_RATE[u["colocated"]]] for u in units),
        ),
        "payment_rates.csv": table(
            "year nok_per_day payer sectors source certainty",
            (list(row.values()) for row in read("payment_rates")),
        ),
        "isf_rates.csv": table(
            "year unit_price_nok share guest_share private_share source certainty", isf_rates()
        ),
        "prices.csv": table("item average_nok marginal_nok capacity_nok year source certainty", prices()),
        "SOURCES.md": sources(places, types, use, psychiatry, units, flow),
    }
    return files


def sources(
    places: list[Place],
    types: list[ElectiveRow],
    use: Mapping[str, float],
    psychiatry: Mapping[str, float],
    units: list[dict[str, str]],
    flow: list[Flow],
) -> str:
    """SOURCES.md with its computed figures filled in."""
    people = people_by_band(places)
    loads = [
        stays_with_need(p.people) * SHORT_TERM_OF_NEED * SHORT_TERM_USED * SHORT_TERM_STAY / 365
        for p in places
    ]
    wanted = short_term_places({str(i): load for i, load in enumerate(loads)})
    long_term, housing = settled_places(places)
    beds = psychiatry_beds(psychiatry, sum(people))
    return Template((HERE / "SOURCES.md.in").read_text(encoding="utf-8")).substitute(
        beds=bed_table(places, use),
        flows=flow_table(flow),
        births=birth_table(places),
        psychiatry=psychiatry_table(psychiatry, beds),
        phv_beds=sum(n for ward, n in beds.items() if not ward.endswith("_tsb")),
        tsb_beds=sum(n for ward, n in beds.items() if ward.endswith("_tsb")),
        phv_admissions=f"{PHV_ADMISSIONS * sum(people) / NORWAY_2024:.0f}",
        tsb_admissions=f"{STOLAV_TSB * sum(people) / STOLAV_PEOPLE:.0f}",
        long_term_places=sum(long_term.values()),
        housing_places=sum(housing.values()),
        first_contacts=f"{sum(first_contacts(places, types).values()):.0f}",
        projection=projection_table(),
        kad_quoted="; ".join(unit["name"] for unit in units if unit["certainty"] == "quoted"),
        kad_beds_quoted=sum(int(unit["beds"]) for unit in units if unit["certainty"] == "quoted"),
        short_load=round(sum(loads)),
        short_places=sum(wanted.values()),
    )


def flow_table(flow: list[Flow]) -> str:
    """What [P1]'s acute stays consist of, as a Markdown table."""
    lines = [
        "| Per 1000 and year | "
        + " | ".join(band.replace("_", "–").replace("p", "+") for band in BANDS)
        + " |",
        "|---|" + "---|" * len(BANDS),
    ]
    rows: list[tuple[str, list[float], int]] = [
        ("Index admissions (`acute_per_1000`)", [f.index for f in flow], 1),
        ("– less those KAD takes", [f.kad_takes for f in flow], 1),
        ("Sent on from KAD", [f.kad_sent_on for f in flow], 1),
        ("Births, and readmissions after them", [f.births + f.births_again for f in flow], 1),
        ("Other readmissions", [f.again for f in flow], 1),
        ("Sum: acute stays", [float(rate) for rate in ACUTE_PER_1000], 0),
        ("Readmitted of survivors, target", list(READMISSION), 3),
        ("– `readmitted`, those without a need", [f.readmitted for f in flow], 3),
        ("– expected of those with a need", [f.again_with_need for f in flow], 3),
        ("`needs_municipality`", [f.needs for f in flow], 3),
    ]
    lines += [f"| {name} | " + " | ".join(f"{x:.{d}f}" for x in row) + " |" for name, row, d in rows]
    return "\n".join(lines)


def birth_table(places: list[Place]) -> str:
    """Published births by hospital against what the rate gives, as a Markdown table."""
    rate = sum(BIRTHS.values()) / people_by_band(places)[1]
    given: dict[str, float] = defaultdict(float)
    for place in places:
        away = 0.0 if place.catchment == "stolav" else BIRTH_REGIONAL
        given[emergency_site("obstetrics", place)] += place.people[1] * rate * (1 - away)
        given["stolav"] += place.people[1] * rate * away
    lines = ["| Hospital | Published | In the model |", "|---|---|---|"]
    names = {row["id"]: row["name"] for row in read("hospitals")}
    lines += [f"| {names[id]} | {count} | {given[id]:.0f} |" for id, count in BIRTHS.items()]
    return "\n".join(lines)


def psychiatry_table(use: Mapping[str, float], beds: Mapping[str, int]) -> str:
    """Beds and use of mental health and substance use, as a Markdown table."""
    lines = ["| Hospital | Hospital wards | DPS | Substance use | Use / beds |", "|---|---|---|---|---|"]
    for row in read("hospitals"):
        wards = [ward_of(row["id"], specialty) for specialty in ("phv", "dps", "tsb")]
        total = sum(beds.get(ward, 0) for ward in wards)
        load = sum(use.get(ward, 0.0) for ward in wards)
        cells = " | ".join(str(beds.get(ward, "–")) for ward in wards)
        lines.append(f"| {row['name']} | {cells} | {load / total:.2f} |")
    return "\n".join(lines)


def projection_table() -> str:
    """The region's population by year and band, as a Markdown table."""
    raw = read("municipalities")
    lines = [
        "| 1 January | "
        + " | ".join(band.replace("_", "–").replace("p", "+") for band in BANDS)
        + " | Sum |",
        "|---|" + "---|" * (len(BANDS) + 1),
    ]
    by_year = {year: [population(row, year) for row in raw] for year in YEARS}
    by_year |= {year: [people for _, people in project(raw, year)] for year in PROJECTED}
    for year, rows in by_year.items():
        sums = [sum(column) for column in zip(*rows, strict=True)]
        lines.append(f"| {year} | " + " | ".join(map(str, [*sums, sum(sums)])) + " |")
    return "\n".join(lines)


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
