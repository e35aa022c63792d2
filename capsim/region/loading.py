"""A folder of small CSV files and one YAML file → :class:`Region`.

``load_region`` gives the region or raises with every problem found; ``check_region`` lists the
problems. What the files hold is said in ``data/columns.csv``.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import fields
from pathlib import Path
from typing import Any

from capsim.errors import InputError, Problem
from capsim.region.checks import (
    Tables,
    check_money,
    check_references,
    check_region_fits,
    check_sums,
    check_unique,
)
from capsim.region.rates import IsfRule, PaymentRule, Price, Rates
from capsim.region.region import (
    AcuteType,
    AgeBand,
    AmbulantTeam,
    Clinic,
    Duration,
    ElectiveType,
    Hospital,
    KadUnit,
    Municipality,
    PatientGroup,
    ReferralPool,
    Region,
    Registration,
    Rules,
    Session,
    ShortTermPool,
    Specialty,
    StaffPool,
    VisitType,
    Ward,
)
from capsim.region.schema import EXPLANATIONS, SETTINGS_FILE, TABLES
from capsim.region.settings import Entry, read_settings
from capsim.region.tables import Row, did_you_mean, read_table
from capsim.region.template import write_template

__all__ = ["check_region", "load_region", "region_hash", "shipped_regions", "write_template"]

_DATA = Path(__file__).parent / "data"
_MONEY = (  # table, its key, what its rows are called in Region.sources
    ("payment_rates", "year", "payment_nok_per_day"),
    ("isf_rates", "year", "isf"),
    ("prices", "item", "price"),
)


def shipped_regions() -> tuple[str, ...]:
    """The names of the regions that come with capsim."""
    return tuple(sorted(path.parent.name for path in _DATA.glob(f"*/{SETTINGS_FILE}")))


def load_region(name_or_path: str | Path) -> Region:
    """The region of that name, or in that folder.

    Raises:
        InputError: there is no such folder or something in it is wrong; holds every problem.
    """
    region, problems = _read(_folder(name_or_path))
    if region is None:
        raise InputError(*problems)
    return region


def check_region(path: str | Path) -> list[Problem]:
    """Everything that is wrong with a region folder, or a shipped region: file, row (the header is
    row 1), column, value and what is allowed. Empty when it can be used."""
    try:
        folder = _folder(path)
    except InputError as error:
        return list(error.problems)
    return _read(folder)[1]


def region_hash(name_or_path: str | Path) -> str:
    """SHA-256 (hex) of the files a region is read from; the same under Windows and Linux.

    Raises:
        InputError: there is no such region or folder.
    """
    folder = _folder(name_or_path)
    digest = hashlib.sha256()
    for file in (SETTINGS_FILE, *(table.file for table in TABLES)):
        path = folder / file
        if path.is_file():
            content = path.read_bytes().replace(b"\r\n", b"\n")
            digest.update(f"{file}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _folder(name_or_path: str | Path) -> Path:
    shipped = shipped_regions()
    name = str(name_or_path)
    if not isinstance(name_or_path, str | Path) or not name:
        allowed = f"must be one of: {', '.join(shipped)}; or the path of a folder"
        raise InputError(Problem("region", allowed, value=name_or_path if name else "''"))
    if name in shipped:
        return _DATA / name
    folder = Path(name_or_path)
    if "\0" in name or not folder.is_dir():
        allowed = f"must be one of: {', '.join(shipped)}; or a folder with {SETTINGS_FILE} and tables"
        raise InputError(Problem("region", allowed + did_you_mean(name, shipped), value=name))
    return folder


def _read(folder: Path) -> tuple[Region | None, list[Problem]]:
    problems: list[Problem] = []
    settings = read_settings(folder / SETTINGS_FILE, problems)
    _unknown_files(folder, problems)
    tables, incomplete, bands = _tables(folder, problems)
    if not bands:
        return None, problems  # no other table's columns are known without age bands
    check_references(folder, tables, incomplete, problems)
    check_sums(folder, tables, incomplete, bands, problems)
    check_money(folder, tables, incomplete, problems)
    if problems:
        return None, problems
    region = _build(settings, tables)
    check_region_fits(folder, region, problems)
    return (None, problems) if problems else (region, [])


def _tables(folder: Path, problems: list[Problem]) -> tuple[Tables, set[str], tuple[str, ...]]:
    """The tables' rows, the names of those with problems, and the ids of the age bands."""
    tables: Tables = {}
    incomplete: set[str] = set()  # tables with problems: nothing is concluded from what they lack
    bands: tuple[str, ...] = ()
    for table in TABLES:
        path = folder / table.file
        if table.optional and not path.exists():
            continue
        before = len(problems)
        rows = read_table(path, table, bands, problems)
        if rows is not None:
            check_unique(str(path), rows, table, problems)
            tables[table.name] = rows
        if len(problems) > before:
            incomplete.add(table.name)
        if table.name == "ages":
            bands = tuple(row["id"] for row in rows or [] if row.get("id"))
            if not bands:
                break
    return tables, incomplete, bands


def _unknown_files(folder: Path, problems: list[Problem]) -> None:
    known = {table.file for table in TABLES}
    for path in sorted(folder.glob("*.csv")):
        if path.name not in known | {EXPLANATIONS} and path.name[0] not in "~.":
            hint = did_you_mean(path.name, known) or f"; tables are: {', '.join(sorted(known))}"
            problems.append(Problem(str(path), f"is not a table of a region{hint}"))


def _pick(record: type, row: Row, **more: Any) -> Any:
    """The record with the row's values for its fields."""
    names = {field.name for field in fields(record)}
    return record(**{key: value for key, value in row.values.items() if key in names} | more)


def _stay(row: Row, name: str) -> Duration:
    return Duration(row[f"{name}_days"], row[f"{name}_cv"], row[f"{name}_shape"])


def _own_stay(row: Row) -> Duration | None:
    return None if row["stay_days"] is None else _stay(row, "stay")


def _population(rows: list[Row]) -> dict[int, dict[str, tuple[float, ...]]]:
    """Year → municipality number → inhabitants by age band."""
    found: dict[int, dict[str, tuple[float, ...]]] = defaultdict(dict)
    for row in rows:
        found[row["year"]][row["municipality"]] = tuple(map(float, row["population"]))
    return dict(found)


def _section(settings: dict[str, Entry], prefix: str) -> dict[str, Any]:
    return {
        name.removeprefix(prefix): entry.value for name, entry in settings.items() if name.startswith(prefix)
    }


def _build(settings: dict[str, Entry], tables: Tables) -> Region:
    def rows(name: str) -> list[Row]:
        return tables.get(name, [])

    def records(name: str, record: type) -> tuple:
        return tuple(_pick(record, row) for row in rows(name))

    start = settings["start"].value
    population = _population(rows("population"))[start.year]
    sites: dict[str, list[tuple[str, str, float]]] = defaultdict(list)
    for row in rows("elective_sites"):
        sites[row["type"]].append((row["catchment"], row["hospital"], row["share"]))
    sources = {name.rpartition(".")[2]: (entry.source, entry.certainty) for name, entry in settings.items()}
    for name, key, setting in _MONEY:
        sources |= {f"{setting}.{row[key]}": (row["source"], row["certainty"]) for row in rows(name)}
    return Region(
        name=settings["name"].value,
        title=settings["title"].value,
        start=start,
        ages=_ages(rows("ages"), rows("elective_types"), rows("specialties")),
        groups=records("groups", PatientGroup) or (PatientGroup("everyone", (1.0,) * len(rows("ages"))),),
        specialties=records("specialties", Specialty),
        hospitals=records("hospitals", Hospital),
        wards=records("wards", Ward),
        municipalities=tuple(
            _pick(Municipality, row, population=population.get(row["number"], ()))
            for row in rows("municipalities")
        ),
        travel_minutes={(row["municipality"], row["hospital"]): row["minutes"] for row in rows("travel")},
        travel_km={(row["municipality"], row["hospital"]): row["km"] for row in rows("travel")},
        acute_types=tuple(_pick(AcuteType, row, stay=_stay(row, "stay")) for row in rows("acute_types")),
        elective_types=tuple(
            _pick(ElectiveType, row, site_share=tuple(sites[row["id"]]), stay=_own_stay(row))
            for row in rows("elective_types")
        ),
        clinics=records("clinics", Clinic),
        sessions=records("sessions", Session),
        referral_pools=records("referral_pools", ReferralPool),
        visit_types=records("visits", VisitType),
        short_term_pools=records("short_term_pools", ShortTermPool),
        kad_units=records("kad_units", KadUnit),
        teams=tuple(_pick(AmbulantTeam, row, course=_stay(row, "course")) for row in rows("teams")),
        staff_pools=records("staff_pools", StaffPool),
        rates=Rates(
            payment={row["year"]: _pick(PaymentRule, row) for row in rows("payment_rates")},
            isf={row["year"]: _pick(IsfRule, row) for row in rows("isf_rates")},
            prices={row["item"]: _pick(Price, row) for row in rows("prices")},
        ),
        registrations=records("registrations", Registration),
        rules=Rules(**_section(settings, "rules.")),
        demand_scale=_section(settings, "demand_scale."),
        populations=_population(rows("population")),
        sources=sources,
    )


def _ages(rows: list[Row], types: list[Row], specialties: list[Row]) -> tuple[AgeBand, ...]:
    """The age bands; a blank elective rate is the sum of the somatic types with a bed."""
    somatic = {row["id"] for row in specialties if row["sector"] == "somatic"}
    inpatient = [row for row in types if row["kind"] != "day_surgery" and row["specialty"] in somatic]
    bands = []
    for position, row in enumerate(rows):
        rate = row["elective_per_1000"]
        if rate is None:
            rate = sum(type["per_1000"][position] for type in inpatient)
        stays = {name: _stay(row, name) for name in ("acute_stay", "elective_stay")}
        bands.append(_pick(AgeBand, row, elective_per_1000=float(rate), **stays))
    return tuple(bands)
