"""CSV files as people and Excel write them → rows of typed values.

Nothing here raises for bad input: every function appends a :class:`Problem` and goes on, so that a
planner sees all of them at once.
"""

from __future__ import annotations

import csv
import io
import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from capsim.errors import Problem
from capsim.region.schema import Column, Table

__all__ = ["Row", "did_you_mean", "number_in_range", "parse_value", "read_table", "read_text"]

_BLANKS = " \u00a0\u2009\u202f"
_ID = re.compile(r"[a-z0-9_]{1,60}")
_PLAIN = re.compile(r"[+-]?[0-9]+([.,][0-9]*)?([eE][+-]?[0-9]+)?")
_GROUPED = re.compile(rf"[+-]?[0-9]{{1,3}}([{_BLANKS}][0-9]{{3}})+([.,][0-9]*)?")
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}([.,])[0-9]{3}(\1[0-9]{3})*")
_YES = ("yes", "ja", "true", "1")
_NO = ("no", "nei", "false", "0")


@dataclass(frozen=True)
class Row:
    """A row of a table: its number in the spreadsheet and the values that could be read."""

    number: int
    values: dict[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    def get(self, key: str) -> Any:
        """The value, or None where the cell could not be read."""
        return self.values.get(key)


def did_you_mean(found: str, known: Iterable[str]) -> str:
    """``"; did you mean x?"`` when a known word is close to ``found``, else nothing."""
    close = get_close_matches(found, list(known), 1, 0.6)
    return f"; did you mean {close[0]}?" if close else ""


def read_text(path: Path, problems: list[Problem]) -> str | None:
    """The text of a file in UTF-8 (BOM or not), Excel's UTF-16 or Windows-1252; None if unreadable."""
    where = str(path)
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        problems.append(Problem(where, "the file is missing"))
        return None
    except OSError as error:
        problems.append(Problem(where, f"the file cannot be read: {error.strerror}"))
        return None
    if raw[:2] == b"PK":
        problems.append(Problem(where, "this is an Excel workbook; save it as CSV"))
        return None
    utf16 = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if utf16 else ("utf-8-sig", "cp1252"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    problems.append(Problem(where, "must be text in UTF-8 or Windows-1252"))
    return None


def read_table(path: Path, table: Table, bands: tuple[str, ...], problems: list[Problem]) -> list[Row] | None:
    """The rows of a CSV file, None if it is no table; ``bands`` are the ids of the age bands.

    Cells are separated by semicolon, tab or comma, whichever the header has; a decimal comma is
    read where the separator is not a comma. Blank rows are skipped, but counted.
    """
    text = read_text(path, problems)
    if text is None:
        return None
    where = str(path)
    first = text.lstrip("\r\n").partition("\n")[0]
    separator = next((mark for mark in (";", "\t") if mark in first), ",")
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        problems.append(Problem(where, f"cannot be read as a table: {error}"))
        return None
    header = [cell.strip().lower() for cell in lines[0]] if lines else []
    while header and not header[-1]:
        header.pop()
    if not header:
        problems.append(Problem(where, "the file is empty: row 1 must hold the column names", row=1))
        return None
    columns = {name: column for column in table.columns for name in column.names(bands)}
    if not _header_fits(where, header, columns, problems):
        return None
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        cells = [cell.strip(_BLANKS + "\t\r\n") for cell in line]
        if not any(cells):
            continue
        if any(cells[len(header) :]):
            allowed = f"must have {len(header)} cells like the header"
            if separator == ",":
                allowed += "; a decimal comma needs ; between the cells"
            problems.append(Problem(where, allowed, number, value=f"{len(cells)} cells"))
            continue
        cells += [""] * (len(header) - len(cells))
        by_name = dict(zip(header, cells, strict=False))
        rows.append(_row(where, number, by_name, table, bands, separator, problems))
    if not rows and not table.optional:
        problems.append(Problem(where, "must have at least one row below the column names", row=2))
    return rows


def _header_fits(where: str, header: list[str], columns: dict[str, Column], problems: list[Problem]) -> bool:
    before = len(problems)
    missing = [name for name, column in columns.items() if not column.optional and name not in header]
    for position, name in enumerate(header):
        column = name or "(blank)"
        if name in header[:position]:
            problems.append(Problem(where, "the column must stand once", 1, column))
        elif name not in columns:
            hint = did_you_mean(name, [other for other in columns if other not in header])
            # a misspelt column is one mistake, so it is not also reported as missing
            meant = hint.removeprefix("; did you mean ").removesuffix("?")
            missing = [other for other in missing if other != meant]
            problems.append(Problem(where, f"is not a column of this table{hint}", 1, column))
    problems.extend(Problem(where, "the column is missing", 1, name) for name in missing)
    return len(problems) == before


def _row(
    where: str,
    number: int,
    cells: dict[str, str],
    table: Table,
    bands: tuple[str, ...],
    separator: str,
    problems: list[Problem],
) -> Row:
    values: dict[str, Any] = {}
    for column in table.columns:
        names = column.names(bands)
        read = []
        for name in names:
            cell = cells.get(name, "")
            value, fault = _cell(cell, column, separator) if cell else _blank(table, column)
            if fault:
                problems.append(Problem(where, fault, number, name, cell or None))
            else:
                read.append(value)
        if len(read) == len(names):
            values[column.key] = read[0] if names == (column.name,) else tuple(read)
    return Row(number, values)


def _blank(table: Table, column: Column) -> tuple[Any, str]:
    if not column.optional:
        return None, f"must be filled in: {column.allowed}"
    default = table.default(column)
    if not isinstance(default, str):
        return default, ""
    if column.type in ("number", "whole"):
        return ((float if column.type == "number" else int)(default) if default else None), ""
    return (tuple(default.split("|") if default else ()) if column.many else default), ""


def _cell(cell: str, column: Column, separator: str) -> tuple[Any, str]:
    if column.many:
        parts = [parse_value(part, column) for part in cell.replace("|", " ").split()]
        fault = next((fault for _, fault in parts if fault), "")
        values = tuple(value for value, _ in parts)
        return values, fault or ("each must stand once" if len(set(values)) < len(values) else "")
    fault = _thousands_fault(cell, column, separator)
    if not fault and separator == "," and "," in cell and column.type in ("number", "whole"):
        return None, f"{column.allowed}, with a decimal point; or put ; between the cells"
    return parse_value(cell, column) if not fault else (None, fault)


def _thousands_fault(cell: str, column: Column, separator: str) -> str:
    """What to write instead of ``40.000``: forty thousand to a Norwegian, forty to a computer. A whole
    number has no decimals; elsewhere it is read as forty where the number could not be so large."""
    if column.type not in ("number", "whole") or not _THOUSANDS.fullmatch(cell):
        return ""
    number = re.sub("[.,]", "", cell)
    large = column.high is not None and float(number) > column.high
    decimal = len(re.findall("[.,]", cell)) == 1 and (separator == "," or "," in cell or large)
    if column.type == "number" and decimal:
        return ""
    fault = f"{column.allowed}, without a mark between thousands: write {number}"
    if column.type == "number" and cell.count(".") == 1:
        fault += f", or {cell.replace('.', ',')} with a decimal comma"
    return fault


def parse_value(text: str, column: Column) -> tuple[Any, str]:
    """(value, "") for a text that ``column`` allows, else (None, what is allowed)."""
    refused = None, column.allowed
    if column.type in ("number", "whole"):
        text = text.replace("\u2212", "-")
        percent = column.unit == "share" and text.endswith("%")
        text = text.removesuffix("%").rstrip() if percent else text
        if not (_PLAIN.fullmatch(text) or _GROUPED.fullmatch(text)):
            return refused
        number = float("".join(text.split()).replace(",", "."))
        return number_in_range(number / 100 if percent else number, column)
    if column.type == "choice":
        choices = column.of.split("|")
        return (text, "") if text in choices else (None, column.allowed + did_you_mean(text, choices))
    if column.type == "yes_no":
        return (text.lower() in _YES, "") if text.lower() in _YES + _NO else refused
    if column.type == "municipality":
        # Excel drops the leading zero of Oslo's 0301
        return (text.zfill(4), "") if re.fullmatch("[0-9]{3,4}", text) else refused
    if column.type == "id":
        form = "must be an id of lower-case letters a-z, digits and _"
        return (text, "") if _ID.fullmatch(text) else (None, form)
    # names end up in reports, workbooks and pages, so nothing that another program would execute
    control = any(unicodedata.category(mark) in ("Cc", "Cf", "Zl", "Zp", "Cs", "Co") for mark in text)
    if not text or control or text[0] in "=+-@" or "<" in text or ">" in text or len(text) > 200:
        return refused
    return text, ""


def number_in_range(number: float, column: Column) -> tuple[Any, str]:
    """(number, "") if it is finite and within the column's bounds, else (None, what is allowed)."""
    low = -math.inf if column.low is None else column.low
    high = math.inf if column.high is None else column.high
    if not (math.isfinite(number) and low <= number <= high):
        return None, column.allowed
    if column.type == "whole":
        return (int(number), "") if number == int(number) else (None, column.allowed)
    return float(number), ""
