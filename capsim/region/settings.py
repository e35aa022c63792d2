"""``region.yaml`` → typed settings, each with its source and certainty.

Only plain data is taken: no tags, anchors or duplicate keys, and none of the words and numbers
that YAML 1.1 silently turns into something else (``NO``, ``1:30``, ``010``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from capsim.errors import Problem
from capsim.region.region import Duration
from capsim.region.schema import CERTAINTIES, SETTINGS, Column
from capsim.region.tables import did_you_mean, number_in_range, parse_value, read_text

__all__ = ["Entry", "read_settings"]

_SECTIONS = {name.partition(".")[0] for name in SETTINGS if "." in name}
_PARTS = {
    "source": Column("source", "name"),
    "certainty": Column("certainty", "choice", of="|".join(CERTAINTIES)),
}
_Nodes = dict[str, tuple[yaml.Node, int]]


@dataclass(frozen=True)
class Entry:
    """A setting with where it comes from; one written without a source is the planner's own."""

    value: Any
    source: str = ""
    certainty: str = "assumption"


def read_settings(path: Path, problems: list[Problem]) -> dict[str, Entry]:
    """Every setting of the file by its name, those of a section as ``rules.bed_hour``."""
    where = str(path)
    top = _top(path, problems)
    if top is None:
        return {}
    nodes: _Nodes = {}
    for key, (node, line) in top.items():
        if key in _SECTIONS:
            inside = _mapping(where, node, problems)
            nodes |= {f"{key}.{name}": place for name, place in inside.items()}
        else:
            nodes[key] = node, line
    found: dict[str, Entry] = {}
    meant: set[str] = set()  # a misspelt key is one mistake, so it is not also reported as missing
    for name, (node, line) in nodes.items():
        if name not in SETTINGS:
            section = name.rpartition(".")[0]
            known = [other for other in SETTINGS if other.rpartition(".")[0] == section]
            known += [] if section else sorted(_SECTIONS)
            hint = did_you_mean(name, known)
            meant.add(hint.removeprefix("; did you mean ").removesuffix("?"))
            hint = hint or f"; known are: {', '.join(known)}"
            problems.append(Problem(where, f"is not a known key{hint}", line, name))
            continue
        entry = _entry(where, name, node, problems)
        if entry is not None:
            found[name] = entry
    problems.extend(
        Problem(where, f"the key is missing; it {column.allowed}", column=name)
        for name, column in SETTINGS.items()
        if not column.optional and name not in top and name not in meant
    )
    return found


def _top(path: Path, problems: list[Problem]) -> _Nodes | None:
    text = read_text(path, problems)
    if text is None:
        return None
    where = str(path)
    try:
        depth = 0
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > 5:
                problems.append(Problem(where, "must not be nested as deeply", _line(event)))
                return None
            for what, marks in (("tag", "tags (!)"), ("anchor", "anchors (&) and aliases (*)")):
                value = getattr(event, what, None)
                if value:
                    problems.append(Problem(where, f"{marks} are refused", _line(event), value=value))
                    return None
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "it holds a character that is not allowed"
        problems.append(Problem(where, f"must be valid YAML: {reason}", mark.line + 1 if mark else None))
        return None
    if node is None:
        problems.append(Problem(where, "the file is empty; it must hold name, title and start"))
        return None
    before = len(problems)
    top = _mapping(where, node, problems)
    return top if len(problems) == before or top else None


def _line(place: Any) -> int:
    """The line of a YAML event or node, the first being 1."""
    return place.start_mark.line + 1


def _mapping(where: str, node: yaml.Node, problems: list[Problem]) -> _Nodes:
    if node.tag == "tag:yaml.org,2002:null":
        return {}  # a section in which everything is commented out
    if not isinstance(node, yaml.MappingNode):
        problems.append(Problem(where, "must be keys with values, as `name: my_region`", _line(node)))
        return {}
    entries: _Nodes = {}
    for key, value in node.value:
        line = _line(key)
        name = key.value if isinstance(key, yaml.ScalarNode) else "(not a word)"
        if name in entries:
            allowed = f"the key must stand once; it is also in row {entries[name][1]}"
            problems.append(Problem(where, allowed, line, name))
        entries[name] = value, line
    return entries


def _entry(where: str, name: str, node: yaml.Node, problems: list[Problem]) -> Entry | None:
    source: dict[str, str] = {}
    before = len(problems)
    if isinstance(node, yaml.MappingNode) and any(key.value == "value" for key, _ in node.value):
        parts = _mapping(where, node, problems)
        node = parts.pop("value")[0]
        for key, (part, line) in parts.items():
            found, fault = _plain(part)
            if key not in _PARTS:
                fault = "must be one of: value, source, certainty"
            elif not fault:
                source[key], fault = parse_value(str(found), _PARTS[key])
            if fault:
                problems.append(Problem(where, fault, line, f"{name}.{key}", found))
    value, fault = _plain(node)
    if not fault:
        read, fault = _value(value, SETTINGS[name])
        if not fault:
            return Entry(read, **source) if len(problems) == before else None
    found = value.isoformat() if isinstance(value, date) else value
    problems.append(Problem(where, fault, _line(node), name, found))
    return None


def _plain(node: yaml.Node) -> tuple[Any, str]:
    """(value, "") of a scalar, list or mapping, else (what stands there, what is allowed)."""
    if isinstance(node, yaml.SequenceNode):
        parts = [_plain(part) for part in node.value]
        return [value for value, _ in parts], next((fault for _, fault in parts if fault), "")
    if isinstance(node, yaml.MappingNode):
        pairs = {str(key.value): _plain(value) for key, value in node.value}
        fault = next((fault for _, fault in pairs.values() if fault), "")
        return {key: value for key, (value, _) in pairs.items()}, fault
    word, kind = str(node.value), node.tag.rpartition(":")[2]
    if isinstance(node, yaml.ScalarNode) and node.style is None:
        if kind == "bool" and word.lower() not in ("true", "false"):
            return word, f'YAML reads {word} as true or false; write "{word}" in quotes, or true or false'
        if kind in ("int", "float") and ":" in word:
            return word, f"YAML reads {word} as a number to base 60; write hours as 1.5"
        if kind == "int" and re.fullmatch("[+-]?0[0-9_]+", word):
            return word, f"YAML reads {word} as an octal number; write it without the 0 in front"
    try:
        return yaml.SafeLoader("").construct_object(node), ""
    except (yaml.YAMLError, ValueError):
        return word, "must be a word, a number or a date that exists"


def _value(value: Any, column: Column) -> tuple[Any, str]:
    if value is None and column.nullable:
        return None, ""
    if not column.length:
        return _scalar(value, column)
    if not isinstance(value, list) or len(value) != column.length:
        return None, column.allowed
    parts = [_scalar(part, column) for part in value]
    return tuple(part for part, _ in parts), next((fault for _, fault in parts if fault), "")


def _scalar(value: Any, column: Column) -> tuple[Any, str]:
    refused = None, column.allowed
    if column.type in ("number", "whole"):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number_in_range(value, column) if number else refused
    if column.type == "yes_no":
        return (value, "") if isinstance(value, bool) else refused
    if column.type == "date":
        if isinstance(value, str):
            try:
                value = date.fromisoformat(value)
            except ValueError:
                return refused
        return (value, "") if isinstance(value, date) and not isinstance(value, datetime) else refused
    if column.type == "duration":
        if not isinstance(value, dict) or not {"mean_days"} <= set(value) <= {"mean_days", "cv", "shape"}:
            return refused
        shape = value.get("shape", "lognormal")
        numbers = {
            key: _scalar(number, Column(key, "number", low=0))
            for key, number in value.items()
            if key != "shape"
        }
        if shape not in ("lognormal", "exponential", "fixed") or any(f for _, f in numbers.values()):
            return refused
        return Duration(shape=shape, **{key: number for key, (number, _) in numbers.items()}), ""
    return parse_value(value, column) if isinstance(value, str) else refused
