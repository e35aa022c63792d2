"""docs/levers.md: every lever with all its keys and what is known of its effect, written from the classes.

python tools/write_lever_docs.py
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from dataclasses import MISSING, fields
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from capsim.scenarios.evidence import LEVER_EFFECTS, TEAM_EFFECTS, Effect
from capsim.scenarios.keys import Key
from capsim.scenarios.levers import LEVERS
from capsim.scenarios.teams import WORKING

PAGE = Path(__file__).parents[1] / "docs" / "levers.md"

HEAD = """\
# Levers

What a scenario can change. A scenario file names them under `levers`:

```yaml
name: my_scenario
title: {nb: Mitt tiltak, en: My measure}
levers:
  - lever: AddKadBeds
    unit: oya
    beds: 5
```

`capsim scenario_file=my_scenario.yaml` compares it with the base case. The same levers are classes in
Python: `capsim.AddKadBeds("oya", beds=5)`. Ids are those of the region's tables. Levers are pulled in the
order of the list, each on the region as the ones before it left it.

A change holds from `from_day` on. With `ramp_days` it comes in up to eight equal steps, whole beds and places
rounded; a lever that cannot be pulled in part refuses it.

Each lever says what is known of its effect. *by construction*: the lever is a capacity or a rule, and
what it does follows from the queues of the simulation. *none*: nobody has measured it. A range without a
published interval is a judgement and says so.
"""

WORDS = ("Changes", "Must move", "Side effect", "Evidence")


def lever_docs() -> str:
    """The page."""
    parts = [HEAD, *(_lever(name, lever) for name, lever in LEVERS.items())]
    return "\n".join(parts)


def _lever(name: str, lever: type) -> str:
    hints = get_type_hints(lever, include_extras=True)
    rows = [("key", "meaning", "unit", "default", "allowed")]
    for f in fields(lever):
        hint, key = get_args(hints[f.name])
        default = "required" if f.default is MISSING else _default(f.default)
        rows.append((f"`{f.name}`", key.meaning, key.unit or "–", default, _allowed(hint, key)))
    text = inspect.cleandoc(lever.__doc__ or "")
    text = re.sub(r":class:`~?(?:[\w.]+\.)?(\w+)`", r"`\1`", text).replace("``", "`")
    for word in WORDS:
        text = re.sub(rf"(?<=[.\n])\s+{word}:", f"\n\n**{word}:**", text)
    text = re.sub(r"(\*\*[\w ]+:\*\*)\n", r"\1 ", text)
    known = _by_kind() if name == "AddAmbulantTeam" else _table(_known(LEVER_EFFECTS[name]))
    return f"## {name}\n\n{text}\n\n{_table(rows)}\n\n{known}\n"


def _known(effects: Iterable[Effect]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("effect on", "central", "range", "grade", "source", "certainty")]
    for e in effects:
        what = f"`{e.what}`" if re.fullmatch(r"[a-z]+(_[a-z]+)+", e.what) else e.what
        ends = [_number(end) for end in (e.low, e.high)]
        span = " to ".join(ends) if ends != ["–", "–"] else "–"
        rows.append((what, _number(e.central), span, e.grade, e.source, e.certainty))
    return rows


def _by_kind() -> str:
    parts = []
    for kind, effects in TEAM_EFFECTS.items():
        works = ", ".join(f"`{key}` {value:g}" for key, value in WORKING[kind].items())
        also = f" Works with {works} (assumptions)." if works else ""
        parts.append(f"`kind: {kind}`.{also}\n\n{_table(_known(effects))}")
    return "\n\n".join(parts)


def _table(rows: list[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(cells) + " |" for cells in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:g}".replace("-", "−")


def _default(value: Any) -> str:
    if value is None:
        return "not given"
    if isinstance(value, tuple):
        return f"`[{', '.join(map(str, value))}]`"
    if isinstance(value, float):
        return f"`{value:g}`"
    return f"`{value}`" if value != "" else "empty"


def _allowed(hint: Any, key: Key) -> str:
    if get_origin(hint) in (Union, UnionType):
        hint = next(a for a in get_args(hint) if a is not NoneType)
    if get_origin(hint) is Literal:
        return " or ".join(f"`{choice}`" for choice in get_args(hint))
    whole = "a whole number " if hint is int else ""
    if key.allowed:
        return (whole + key.allowed.removeprefix("must be ")).replace("a whole number 0:", "0:")
    if get_origin(hint) is tuple and get_origin(get_args(hint)[0]) is tuple:
        return "a list of pairs"
    return "text" if hint is str else "a list of text"


if __name__ == "__main__":
    PAGE.write_text(lever_docs(), encoding="utf-8", newline="\n")
    print(PAGE)
