"""A folder for a planner to fill in: one example row per table, and every column explained."""

from __future__ import annotations

import csv
import io
from dataclasses import fields, is_dataclass
from pathlib import Path

from capsim.errors import InputError, Problem
from capsim.region.region import Rules
from capsim.region.schema import EXPLANATIONS, SETTINGS, SETTINGS_FILE, TABLES, Column

__all__ = ["write_template"]

_BANDS = ("all_ages",)

_HEAD = """\
# Regionen: navn, dato og regler. Kolonnene i tabellene er forklart i columns.csv.
# The region: name, date and rules. The tables' columns are explained in columns.csv.
name: my_region
title: Min region
start: 2024-01-01

# En regel kan skrives med kilde / A rule can be written with its source:
#   bed_hour: {value: 13, source: Eget anslag, certainty: assumption}
# Reglene under er standardverdiene / The rules below are the defaults.
rules:
"""


def write_template(path: str | Path) -> list[Path]:
    """Write a region folder to fill in; gives the files written.

    Tables are as Norwegian Excel opens them: semicolon, decimal comma, UTF-8 with BOM. The folder
    can be loaded as it is. ``columns.csv`` explains every column and key and is never read.

    Raises:
        InputError: the folder exists and is not empty, or cannot be written.
    """
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise InputError(Problem(str(folder), "the folder must be new or empty; nothing was written"))
        written = []
        for table in TABLES:
            names = [name for column in table.columns for name in column.names(_BANDS)]
            cells = [column.example for column in table.columns for _ in column.names(_BANDS)]
            written.append(_write(folder / table.file, [names, cells]))
        written.append(_write(folder / EXPLANATIONS, _explanations()))
        settings = folder / SETTINGS_FILE
        settings.write_text(_HEAD + _rules(), encoding="utf-8", newline="\n")
    except OSError as error:
        reason = error.strerror or "the path is not possible"
        raise InputError(Problem(str(folder), f"cannot be written: {reason}")) from None
    return [*written, settings]


def _write(path: Path, rows: list[list[str]]) -> Path:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(rows)
    path.write_bytes(text.getvalue().encode("utf-8-sig"))
    return path


def _explanations() -> list[list[str]]:
    rows = [
        ["file", "column", "unit", "forklaring", "meaning", "allowed", "if_blank"],
        ["", "<band>", "", "én kolonne for hver rad i ages.csv", "a column for each row of ages.csv", "", ""],
        ["", "<day>", "", "én kolonne per ukedag", "a column for each weekday", "mon to sun", ""],
    ]
    for table in TABLES:
        use = "may be left out" if table.optional else "must be there"
        rows.append([table.file, "", "", table.nb, table.en, use, ""])
        rows += [_explained(table.file, column, table.default(column)) for column in table.columns]
    for name, column in SETTINGS.items():
        rows.append(_explained(SETTINGS_FILE, column, _default(name)))
    return rows


def _explained(file: str, column: Column, default: object) -> list[str]:
    blank = _text(default) if column.optional else "must be filled in"
    allowed = column.allowed.removeprefix("must be ")
    return [file, column.name, column.unit, column.nb, column.en, allowed, blank]


def _default(setting: str) -> object:
    return getattr(Rules(), setting.removeprefix("rules."), SETTINGS[setting].if_blank)


def _rules() -> str:
    lines = []
    for name, column in SETTINGS.items():
        if name.startswith("rules."):
            unit = f" ({column.unit})" if column.unit not in ("", "1") else ""
            lines += [
                f"  # {column.nb}{unit}",
                f"  {name.removeprefix('rules.')}: {_text(_default(name))}",
            ]
    return "\n".join(lines) + "\n"


def _text(value: object) -> str:
    """A value as YAML writes it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_text, value)) + "]"
    if isinstance(value, float):
        return f"{value:g}"
    if is_dataclass(value) and not isinstance(value, type):
        parts = ((field.name, getattr(value, field.name)) for field in fields(value))
        return "{" + ", ".join(f"{name}: {_text(part)}" for name, part in parts) + "}"
    return str(value)
