"""What a region folder holds: every file, column and key, with unit, meaning and allowed values.

``data/columns.csv`` says it once. The reader, the checks and the template that a planner fills in
are all driven by it, so that an explanation cannot say something else than the check does.
"""

from __future__ import annotations

import csv
import math
from dataclasses import MISSING, dataclass, fields, replace
from functools import lru_cache
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Literal, cast

from capsim.errors import InputError, Problem
from capsim.region.region import (
    AcuteType,
    AgeBand,
    AmbulantTeam,
    Checked,
    Clinic,
    ElectiveType,
    Hospital,
    KadUnit,
    Municipality,
    PatientGroup,
    ReferralPool,
    Registration,
    Session,
    ShortTermPool,
    Specialty,
    StaffPool,
    VisitType,
    Ward,
)

__all__ = [
    "CERTAINTIES",
    "DAYS",
    "EXPLANATIONS",
    "SETTINGS",
    "SETTINGS_FILE",
    "TABLES",
    "Column",
    "Table",
    "check_record",
]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CERTAINTIES = ("quoted", "derived", "recalled", "assumption")
SETTINGS_FILE = "region.yaml"
EXPLANATIONS = "columns.csv"  # written beside a template's tables, never read

Type = Literal["id", "name", "number", "whole", "choice", "yes_no", "municipality", "duration", "date"]


@dataclass(frozen=True)
class Column:
    """A column of a table, or a key of ``region.yaml``.

    ``<band>`` in ``name`` stands for one column per row of ``ages.csv``, ``<day>`` for one per
    weekday. ``of`` names the table an id must be in, or the choices separated by ``|``. ``many``
    allows several values in a cell; ``length`` asks for that many in YAML. A blank cell of an
    ``optional`` column means ``if_blank``, else the default of the record that the row becomes.
    """

    name: str
    type: Type
    file: str = ""
    unit: str = ""
    low: float | None = None
    high: float | None = None
    of: str = ""
    length: int = 0
    optional: bool = False
    many: bool = False
    nullable: bool = False
    if_blank: str = ""
    example: str = ""
    nb: str = ""
    en: str = ""

    @property
    def key(self) -> str:
        """The name under which a row holds the value."""
        days = {
            "<day>": "slots" if self.file == "clinics.csv" else "capacity",
            "staff_<day>": "staff_by_weekday",
        }
        return days.get(self.name, self.name.removesuffix("_<band>"))

    @property
    def table(self) -> str:
        """The table an id must be in; empty for choices and plain values."""
        return "" if "|" in self.of else self.of

    def names(self, bands: tuple[str, ...]) -> tuple[str, ...]:
        """The columns this stands for in a file with these age bands."""
        if "<band>" in self.name:
            return tuple(self.name.replace("<band>", band) for band in bands)
        if "<day>" in self.name:
            return tuple(self.name.replace("<day>", day) for day in DAYS)
        return (self.name,)

    @property
    def allowed(self) -> str:
        """What may stand in a cell, as the second half of a sentence."""
        if self.table:
            text = f"must be in {self.table}.csv"
        elif self.type in ("number", "whole"):
            text = "must be a whole number" if self.type == "whole" else "must be a number"
            if self.low is not None and self.high is not None:
                text += f" from {self.low:.10g} to {self.high:.10g}"
            elif self.low is not None:
                text += f", {self.low:g} or more"
            if self.unit == "share":
                text += ", or a percentage with %"
        else:
            text = {
                "choice": f"must be one of: {self.of.replace('|', ', ')}",
                "id": "must be an id of lower-case letters a-z, digits and _",
                "name": "must be a name: no < or >, no control characters, not starting with = + - @",
                "yes_no": "must be yes or no (in YAML: true or false)",
                "municipality": "must be a municipality number of four digits",
                "duration": "must be {mean_days: 0 or more, cv: 0 or more, "
                "shape: lognormal, exponential or fixed}",
                "date": "must be a date, as 2024-01-01",
            }[self.type]
        if self.length:
            text = text.replace("must be a", f"must be {self.length} values in [ ], each a")
        if self.many:
            text += "; several are separated by | or a blank"
        return text + (", or null for none" if self.nullable else "")


@dataclass(frozen=True)
class Table:
    """A CSV file of a region: what it holds, the columns that identify a row, the record a row
    becomes (None where rows are merged into others), and whether a region can do without."""

    name: str
    nb: str
    en: str
    key: tuple[str, ...] = ("id",)
    record: type | None = None
    optional: bool = True

    @property
    def file(self) -> str:
        return f"{self.name}.csv"

    @property
    def columns(self) -> tuple[Column, ...]:
        return _COLUMNS[self.file]

    def default(self, column: Column) -> str | object:
        """What a blank cell of an optional column means: a text to be read, or a value."""
        if self.record is not None and not column.if_blank:
            for field in fields(self.record):
                if field.name == column.key and field.default is not MISSING:
                    return field.default
        return column.if_blank


def _columns() -> dict[str, tuple[Column, ...]]:
    found: dict[str, tuple[Column, ...]] = {}
    with (Path(__file__).parent / "data" / "columns.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            flags = row["flags"].split()
            column = Column(
                name=row["column"],
                type=cast(Type, row["type"]),
                low=float(row["low"]) if row["low"] else None,
                high=float(row["high"]) if row["high"] else None,
                length=int(row["length"] or 0),
                optional="optional" in flags,
                many="many" in flags,
                nullable="nullable" in flags,
                **{name: row[name] for name in ("file", "unit", "of", "if_blank", "example", "nb", "en")},
            )
            found[row["file"]] = (*found.get(row["file"], ()), column)
    return found


_COLUMNS = _columns()

SETTINGS: dict[str, Column] = {column.name: column for column in _COLUMNS[SETTINGS_FILE]}
"""The keys of ``region.yaml``, those inside a section as ``rules.month_factor``."""

_PLACE_AND_HOSPITAL = ("municipality", "hospital")

TABLES: tuple[Table, ...] = (
    Table("ages", "Aldersgrupper: rater, liggetid, behov", "Age bands: rates, stays, needs", record=AgeBand,
          optional=False),
    Table("groups", "Pasientgrupper; uten filen: én", "Patient groups; without the file: one",
          record=PatientGroup),
    Table("specialties", "Fagområder", "Specialties", record=Specialty, optional=False),
    Table("acute_types", "Akutte innleggelser utenom somatikken, og fødsler",
          "Acute admissions outside somatic care, and births", record=AcuteType),
    Table("hospitals", "Sykehus", "Hospitals", record=Hospital, optional=False),
    Table("wards", "Sengeposter", "Wards", record=Ward, optional=False),
    Table("staff_pools", "Bemanning som deles av operasjonsstuer, plasser og team",
          "Staff shared by sessions, places and teams", record=StaffPool),
    Table("short_term_pools", "Kommunale korttidsplasser, egne eller delte",
          "Municipal short-term places, own or shared", record=ShortTermPool),
    Table("kad_units", "Kommunale akutte døgnplasser (KAD)", "Municipal acute beds (KAD)", record=KadUnit),
    Table("municipalities", "Kommuner", "Municipalities", ("number",), Municipality, optional=False),
    Table("population", "Befolkning 1. januar; startåret i region.yaml velger året",
          "Population on 1 January; the start year in region.yaml chooses the year",
          ("municipality", "year"), optional=False),
    Table("travel", "Vei med bil, en rad for hver kommune og hvert sykehus",
          "Way by car, a row for each municipality and hospital", _PLACE_AND_HOSPITAL, optional=False),
    Table("elective_types", "Planlagt behandling", "Elective treatment", record=ElectiveType),
    Table("elective_sites", "Hvor en type behandles, der det avviker fra sykehusenes regionandel",
          "Where a type is treated, where it differs from the hospitals' regional share",
          ("type", "catchment", "hospital")),
    Table("clinics", "Timer til første kontakt; uten rad her går henvisninger rett på ventelisten",
          "First-contact slots; without a row here referrals go straight to the waiting list",
          ("hospital", "specialty"), Clinic),
    Table("sessions", "Ukentlig planlagt kapasitet", "Weekly elective capacity",
          ("hospital", "specialty", "kind"), Session),
    Table("referral_pools", "Felles henvisningsmottak", "Joint referral intakes", record=ReferralPool),
    Table("visits", "Polikliniske besøk etter første kontakt, dialyse og annen gjentatt behandling",
          "Outpatient visits after the first contact, dialysis and other recurring treatment",
          record=VisitType),
    Table("teams", "Ambulante team", "Ambulant teams", record=AmbulantTeam),
    Table("payment_rates", "Betalingsplikt: døgnsats per år", "Betalingsplikt: rate per day and year",
          ("year",)),
    Table("isf_rates", "Innsatsstyrt finansiering (ISF) per år", "Activity-based funding (ISF) by year",
          ("year",)),
    Table("prices", "Hva ressurser koster", "What resources cost", ("item",)),
    Table("registrations", "Pasienter som er folkeregistrert i en annen kommune enn der de oppholder seg",
          "Patients registered in another municipality than where they stay",
          ("municipality", "registered"), Registration),
)  # fmt: skip


@dataclass(frozen=True)
class _Numbers:
    """A field of a record that holds a number, or ``many`` of them in a tuple (-1: any number)."""

    field: str
    column: Column
    many: int
    none: bool

    def fault(self, value: object) -> str:
        """What is allowed instead of ``value``; empty if it may stand."""
        if value is None and self.none:
            return ""
        numbers = value if self.many and isinstance(value, tuple) else (value,)
        if self.many and (not isinstance(value, tuple) or self.many not in (-1, len(value))):
            return f"must be a tuple of {'' if self.many < 0 else f'{self.many} '}numbers"
        return "" if all(map(self._fits, numbers)) else self.column.allowed

    def _fits(self, number: Any) -> bool:
        kind = Integral if self.column.type == "whole" else Real
        real = isinstance(number, kind) and not isinstance(number, bool)
        low = -math.inf if self.column.low is None else self.column.low
        high = math.inf if self.column.high is None else self.column.high
        return real and low <= number <= high and abs(number) < math.inf


@lru_cache
def _numbers_of(record: type[Any]) -> tuple[tuple[str, ...], tuple[_Numbers, ...]]:
    """The fields that name a record, and its numbers. A textbook's queue may be larger, longer or simpler
    than any hospital: only shares, hours and weeks have a most, and what a table holds may be 0."""
    table = next((t for t in TABLES if t.record is record), None)
    of_table = {column.key: column for column in table.columns} if table else {}
    columns = of_table or {name.removeprefix("rules."): column for name, column in SETTINGS.items()}
    out = []
    for field in fields(record):
        column = columns.get(field.name)
        if column is None or column.type not in ("number", "whole"):
            continue
        many = column.length or (7 if "<day>" in column.name else -1 if "<band>" in column.name else 0)
        if table and column.low is not None:
            column = replace(column, low=min(column.low, 0.0))
        if column.unit not in ("share", "hour", "ISO week"):
            column = replace(column, high=None)
        column = replace(column, length=0, nullable=False)  # which speak of YAML
        none = columns[field.name].nullable or field.default is None
        out.append(_Numbers(field.name, column, many, none))
    return table.key if table else (), tuple(out)


def check_record(record: Checked) -> None:
    """That the numbers of a record are what a region's files may hold, also when it is made in Python.

    Raises:
        InputError: if one is not.
    """
    kind: Any = type(record)
    key, numbers = _numbers_of(kind)
    for of in numbers:
        value = getattr(record, of.field)
        fault = of.fault(value)
        if fault:
            where = " ".join([kind.__name__, *(str(getattr(record, name)) for name in key)])
            raise InputError(Problem(where, fault, column=of.field, value="None" if value is None else value))
