"""What docs/ takes from the code and the region files: tables between markers, and values.

A marker names a table, which is written anew. A value stands as `` `key` = **value** `` where the key is
a rule of midt_norge's region.yaml, ``table.column`` of its CSV files (what the cells are, or from the
least to the most), or ``sum of table.column``.

python tools/write_model_docs.py
"""

from __future__ import annotations

import csv
import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from capsim.analysis.ledger import TRANSFERS, Reason
from capsim.analysis.metrics import TOPICS, money
from capsim.demand.columns import COLUMNS, FEATURES, STREAMS, TASTE
from capsim.models.invariants import LAWS
from capsim.models.pathway import Kind

ROOT = Path(__file__).parents[1]
PAGES = tuple(ROOT / "docs" / name for name in ("model.md", "money.md", "assumptions.md", "scope.md"))
REGION = ROOT / "capsim" / "region" / "data" / "midt_norge"

STREAM_WORDS = {  # who comes, when, and what a cell of demand is
    "acute": (
        "Acute somatic patients",
        "month × working day or free × office hours or not",
        "municipality × age × group",
    ),
    "elective": (
        "Referrals that end in treatment",
        "month × office hours of working days",
        "municipality × type *",
    ),
    "kad_own": ("KAD patients who would not be in hospital", "as acute", "municipality *"),
    "short_term_home": ("People at home who ask for a short-term place", "as acute", "municipality"),
    "phv": ("Acute mental health", "as acute", "municipality × type × age × group"),
    "tsb": ("Acute substance use", "as acute", "municipality × type × age × group"),
    "birth": ("Births", "evenly, at any hour of any day", "municipality × type × age × group"),
    "assessment": ("Referrals that end at first contact", "as elective", "municipality × type *"),
    "readmission": ("Readmissions", "after the stay before", "the cell of the first stay"),
}
FEATURE_WORDS = {
    "municipal": "somebody may need the municipality",
    "place": "there are short-term places",
    "kad": "there is KAD",
    "team": "there is an ambulant team",
    "after": (
        "somebody may die, be readmitted, move back, fall ill again, need a long-term place or housing, "
        "or be followed up or enrolled"
    ),
    "choice": "there is a joint intake, or somebody chooses their hospital",
    "registered": "somebody is registered elsewhere than they stay",
}
VARIATE_WORDS = {
    "time": "when the patient comes",
    "level": "at which demand the patient belongs to a scenario: the layer's number is added",
    "age": "age band, where the cell has none",
    "group": "group of patients, where the cell has none",
    "regional": "acute: the regional hospital or not",
    "specialty": "acute somatic: which specialty",
    "stay": "length of stay",
    "join": "whether the candidate joins a list of that length",
    "site": "which hospital, by the region's shares",
    "local": "whether a local hospital may treat the patient",
    "target": "the patient's own target time from referral to treatment",
    "minutes": "minutes in theatre",
    "need": "whether the municipality is needed",
    "need_kind": "what is needed of it",
    "early": "whether notice is given early",
    "answered": "whether the notice is answered in time",
    "response": "how late a late answer is",
    "complex": "whether home care must be tailored",
    "complex_days": "how long that takes",
    "stretch": "after how long an extra place or a temporary dwelling is found",
    "home_hour": "at which hour home care receives",
    "place_stay": "length of a short-term stay",
    "kad_suitable": "whether KAD could take the patient",
    "kad_use": "whether the referrer uses KAD",
    "kad_stay": "length of the KAD stay",
    "kad_sent_on": "whether it ends in hospital",
    "team": "whether a team may avert the admission",
    "course": "length of the course with the team",
    "escalates": "whether it ends in hospital",
    "early_discharge": "whether a team may take the patient home early",
    "dies": "whether the stay ends in death",
    "readmit": "whether a readmission follows",
    "readmit_delay": "how soon",
    "transfer": "whether the patient moves back to the catchment hospital",
    "ill_after": "after how long the patient falls ill again while waiting",
    "ill_stay": "for how long",
    "follows": "whether a team follows up",
    "enrolled": "whether a team's caseload holds the patient",
    "settled_stay": "length of stay in the long-term place or home",
    "registered": "in which municipality the patient is registered",
    "chooses": "whether the patient chooses the hospital",
    "accepts": "how much extra travel is accepted in a joint intake",
    f"{TASTE}<hospital>": "taste for each hospital, of those who choose",
}


def filled(text: str) -> str:
    """``text`` with every table and every value as they are now."""
    for name, table in TABLES.items():
        start, end = f"<!-- {name}: tools/write_model_docs.py -->\n", f"<!-- end of {name} -->"
        if start in text:
            before, rest = text.split(start)
            text = f"{before}{start}{table()}\n{end}{rest.split(end)[1]}"
    return re.sub(r"`([^`]+)` = \*\*[^*]*\*\*", lambda m: f"`{m[1]}` = **{_value(m[1])}**", text)


# --- values ---------------------------------------------------------------------------------------


def _value(key: str) -> str:
    if "." not in key:
        return _shown(_rules()[key]["value"])
    table, column = key.removeprefix("sum of ").split(".")
    with (REGION / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        cells = [row[column] for row in csv.DictReader(file) if row[column] != ""]
    numbers = sorted({float(cell) for cell in cells})
    if key.startswith("sum of "):
        return f"{sum(map(float, cells)):g}"
    return _shown(numbers[0]) + (f" to {_shown(numbers[-1])}" if len(numbers) > 1 else "")


def _rules() -> Mapping[str, Any]:
    return yaml.safe_load((REGION / "region.yaml").read_text(encoding="utf-8"))["rules"]


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return f"mean {value['mean_days']:g} days, CV {value['cv']:g}, {value['shape']}"
    if isinstance(value, list):
        return ", ".join(_shown(v) for v in value)
    return f"{value:.4g}".replace("-", "−")


# --- tables ---------------------------------------------------------------------------------------


def _events() -> str:
    """Every kind of event with its rank and the comment beside it, by the comments above."""
    rows, heading = [("rank", "kind", "what happens")], ""
    for line in inspect.getsource(Kind).splitlines():
        if above := re.fullmatch(r"\s+# (.+)", line):
            heading = above[1]
            rows.append(("", f"**{heading}**", ""))
        elif kind := re.fullmatch(r"\s+([A-Z_]+) = \d+  # (.+)", line):
            rows.append((str(int(Kind[kind[1]])), f"`{kind[1]}`", kind[2]))
    assert len(rows) - sum(row[0] == "" for row in rows) - 1 == len(Kind), "a kind without a comment"
    return _table(rows)


def _streams() -> str:
    rows = [("stream", "who comes", "when", "a cell of demand", "own variates", "features")]
    for name in STREAMS:
        features = ", ".join(FEATURES[name])
        rows.append((f"`{name}`", *STREAM_WORDS[name], _codes(COLUMNS[name]), features))
    return _table(rows)


def _features() -> str:
    rows = [("feature", "is drawn where", "variates")]
    for name, words in FEATURE_WORDS.items():
        more = (f"{TASTE}<hospital>",) if name == "choice" else ()
        rows.append((f"`{name}`", words, _codes((*COLUMNS[name], *more))))
    return _table(rows)


def _variates() -> str:
    names = dict.fromkeys(c for columns in COLUMNS.values() for c in columns)
    rows = [(f"`{name}`", VARIATE_WORDS[name]) for name in (*names, f"{TASTE}<hospital>")]
    return _table([("variate", "decides"), *rows])


def _laws() -> str:
    rows = [(f"`{law.__name__}`", " ".join(_plain(law).split())) for law in LAWS]
    return _table([("law", "what must hold"), *rows])


def _results() -> str:
    parts = []
    for topic in (*TOPICS, money):
        module = topic.__module__.removeprefix("capsim.")
        link = f"[`{module}.{topic.__name__}`](../capsim/{module.replace('.', '/')}.py)"
        parts.append(f"{link}: {_plain(topic)}")
    return "\n\n".join(parts)


REASON_WORDS: Mapping[str, tuple[str, str, str]] = {  # who pays whom, and when
    "PAYMENT": ("municipality", "trust", "each overliggerdøgn"),
    "ISF": ("state, RHF", "RHF, trust", "a stay ends, a visit takes place"),
    "GUEST": ("trust of residence", "trust that treats", "as activity-based funding"),
    "TRAVEL_REFUND": ("trust of residence", "patients", "kilometres by car"),
    "GRANT": ("state, trust", "municipality", "each day that it is in force"),
    "BED_DAYS": ("trust", "beds", "time in a ward, by sector"),
    "BED_CAPACITY": ("trust", "beds", "staffed beds each day"),
    "THEATRE_MINUTES": ("trust", "theatres", "minutes used in a session"),
    "THEATRE_CAPACITY": ("trust", "theatres", "minutes staffed each day"),
    "CLINIC_VISITS": ("trust", "clinics", "first contacts and outpatient visits"),
    "CLINIC_CAPACITY": ("trust", "clinics", "first-contact slots each day"),
    "PLACE_DAYS": ("municipality", "places", "time in an ordinary short-term place"),
    "PLACE_CAPACITY": ("municipalities of the pool", "places", "short-term places each day"),
    "STRETCHED_DAYS": ("municipality", "places", "time in an extra place or a temporary dwelling"),
    "LONG_TERM_DAYS": ("municipality", "places", "time in a long-term place"),
    "LONG_TERM_CAPACITY": ("municipality", "places", "long-term places each day"),
    "HOUSING_DAYS": ("municipality", "places", "time in supported housing"),
    "HOUSING_CAPACITY": ("municipality", "places", "homes each day"),
    "KAD_DAYS": ("municipality", "kad", "time in KAD"),
    "KAD_CAPACITY": ("owners of the unit", "kad", "KAD beds each day"),
    "HOME_CARE": (
        "municipality",
        "home_care",
        "each patient who goes home to it, or would after the stay averted",
    ),
    "HOME_CARE_CAPACITY": ("municipality", "home_care", "home-care starts there could be each day"),
    "HOME_VISITS": ("municipality", "home_care", "visits beside an ambulant team"),
    "TEAM_STAFF": ("trust, municipalities served", "teams", "staff on duty each day"),
    "TEAM_VISITS": ("trust", "teams", "visits"),
    "TRAVEL": ("patients", "transport", "kilometres by car"),
    "PRIVATE_VISITS": ("RHF", "private_providers", "visits to an avtalespesialist"),
    "PRIVATE_TREATMENTS": ("RHF", "private_providers", "treatments bought"),
    "PATIENT_TRANSFERS": ("trust that sends", "transport", "moves back to the catchment hospital"),
}


def _reasons() -> str:
    rows = [("reason", "from", "to", "for", "costing")]
    for reason in Reason:
        costing = "both" if reason in TRANSFERS else "marginal" if "CAPACITY" in reason.name else "each"
        rows.append((f"`{reason.name.lower()}`", *REASON_WORDS[reason.name], costing))
    return _table(rows)


def _money_table(file: str, **headings: str) -> str:
    """The columns of a region table that ``headings`` names."""
    with (REGION / file).open(encoding="utf-8", newline="") as lines:
        cells = [tuple(row[column] for column in headings) for row in csv.DictReader(lines)]
    return _table([tuple(headings.values()), *(tuple(c.replace("|", ", ") for c in row) for row in cells)])


def _payment() -> str:
    return _money_table(
        "payment_rates.csv", year="year", nok_per_day="kroner a day", payer="municipality",
        sectors="sectors", source="source", certainty="certainty",
    )  # fmt: skip


def _isf() -> str:
    return _money_table(
        "isf_rates.csv", year="year", unit_price_nok="unit price, kroner", share="state's share",
        guest_share="`guest_share`", private_share="`private_share`", certainty="certainty",
    )  # fmt: skip


def _prices() -> str:
    return _money_table(
        "prices.csv", item="unit", average_nok="average", marginal_nok="marginal",
        capacity_nok="capacity", year="price year", source="source", certainty="certainty",
    )  # fmt: skip


def _plain(thing: object) -> str:
    """A docstring as Markdown, a line for each paragraph."""
    text = inspect.getdoc(thing) or ""
    text = re.sub(r":\w+:`~?([^`]+)`", r"`\1`", text).replace("``", "`")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(rows: list[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(cells) + " |" for cells in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


TABLES: Mapping[str, Callable[[], str]] = {
    "events": _events,
    "streams": _streams,
    "features": _features,
    "variates": _variates,
    "laws": _laws,
    "results": _results,
    "reasons": _reasons,
    "payment": _payment,
    "isf": _isf,
    "prices": _prices,
}

if __name__ == "__main__":
    for page in PAGES:
        page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
        print(page)
