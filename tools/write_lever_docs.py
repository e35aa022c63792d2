"""docs/levers.md: every lever with all its keys, written from the classes.

python tools/write_lever_docs.py
"""

from __future__ import annotations

import inspect
import re
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from capsim.scenarios.levers import Key
from capsim.scenarios.scenario import LEVERS

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
Python: `AddKadBeds("oya", beds=5)`. Ids are those of the region's tables.
"""


def lever_docs() -> str:
    """The page."""
    parts = [HEAD, *(_lever(name, lever) for name, lever in LEVERS.items())]
    return "\n".join(parts)


def _lever(name: str, lever: type) -> str:
    hints = get_type_hints(lever, include_extras=True)
    rows = ["| key | meaning | unit | default | allowed |", "|---|---|---|---|---|"]
    for f in fields(lever):
        hint, key = get_args(hints[f.name])
        default = "required" if f.default is MISSING else _default(f.default)
        cells = (f"`{f.name}`", key.meaning, key.unit or "–", default, _allowed(hint, key))
        rows.append("| " + " | ".join(cells) + " |")
    text = re.sub(
        ":class:|``", lambda mark: "`" if mark[0] == "``" else "", inspect.cleandoc(lever.__doc__ or "")
    )
    for word in ("Changes", "Must move", "Evidence"):
        text = re.sub(rf"\n+{word}:", f"\n\n**{word}:**", text)
    return f"## {name}\n\n{text}\n\n" + "\n".join(rows) + "\n"


def _default(value: Any) -> str:
    if isinstance(value, tuple):
        return f"`[{', '.join(map(str, value))}]`"
    if isinstance(value, float):
        return f"`{value:g}`"
    return f"`{value}`" if value != "" else "empty"


def _allowed(hint: Any, key: Key) -> str:
    if get_origin(hint) is Literal:
        return " or ".join(f"`{choice}`" for choice in get_args(hint))
    whole = "a whole number " if hint is int else ""
    if key.allowed:
        return whole + key.allowed.removeprefix("must be ")
    return "text" if hint is str else "a list of text"


if __name__ == "__main__":
    PAGE.write_text(lever_docs(), encoding="utf-8", newline="\n")
    print(PAGE)
