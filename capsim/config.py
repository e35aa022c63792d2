"""The configuration of a study as the command line composes it: what may stand in it, and what it means.

Hydra only composes; nothing here knows it. A configuration is checked whole before anything is run.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import yaml

from capsim.errors import InputError, Problem
from capsim.scenarios.payment import SetPaymentRate, SetPaymentRule, SetResponse
from capsim.scenarios.scenario import Scenario, scenario_from_mapping, suggestion

if TYPE_CHECKING:
    from capsim.models import Engine
    from capsim.study.study import Study

__all__ = ["StudyConfig", "read_plain_yaml", "study_config"]

DAYS_PER_YEAR = 365
LANGUAGES = ("nb", "en")
CHOICES = {
    "municipal_response": ("none", "elastic", "cost_minimising"),
    "hospital_response": ("none", "reporting"),
    "table": ("results", "levers"),
}
BANDS = {
    "low": {"nb": "lav respons", "en": "low response"},
    "central": {"nb": "sentral respons", "en": "central response"},
    "high": {"nb": "høy respons", "en": "high response"},
}


@dataclass(frozen=True)
class StudyConfig:
    """One study. ``region`` is a shipped region's name and ``region_dir`` a planner's folder, which goes
    first; ``scenarios`` are the experiment's, and ``scenario`` or ``scenario_file`` goes first.
    ``days`` and ``years`` (of 365 days) exclude each other. ``workers`` None means every core.

    With ``municipal_response`` or ``hospital_response`` on, every scenario that somebody answers to is run
    three times, with a low, a central and a high answer (:class:`~capsim.scenarios.payment.SetResponse`).
    Only a changed rate is answered to, but municipalities that are ``cost_minimising`` weigh what places
    cost at any rate. ``table`` is what the terminal shows: each scenario's key results, or a line per lever.

    Raises:
        InputError: for a value of the wrong type or out of range, naming the key.
    """

    region: str = "midt_norge"
    region_dir: str | None = None
    scenario: Mapping[str, Any] | None = None
    scenario_file: str | None = None
    scenarios: Mapping[str, Any] = field(default_factory=dict)
    replications: int = 30
    days: int | None = None
    years: int | None = None
    warm_up_days: int = 120
    seed: int = 2024
    engine: Engine = "auto"
    municipal_response: Literal["none", "elastic", "cost_minimising"] = "none"
    hospital_response: Literal["none", "reporting"] = "none"
    table: Literal["results", "levers"] = "results"
    workers: int | None = None
    language: Literal["nb", "en"] = "nb"
    keep_records: bool = False
    out: str = "results"

    def __post_init__(self) -> None:
        from capsim.study.study import BOUNDS, ENGINES, check_whole

        for name in ("region", "out", "engine", "language", *CHOICES):
            if not isinstance(getattr(self, name), str) or not getattr(self, name):
                _refuse(name, "must be text", getattr(self, name))
        for name in ("region_dir", "scenario_file"):
            value = getattr(self, name)
            if value is not None and (not isinstance(value, str) or not value.strip()):
                _refuse(name, "must be the name of a folder or file; leave the key out for none", value)
        bounds = {**BOUNDS, "years": (1, BOUNDS["days"][1] // DAYS_PER_YEAR), "workers": (1, 1000)}
        for name, (low, high) in bounds.items():
            value = getattr(self, name)
            if value is None and name in ("days", "years", "workers"):
                continue
            check_whole("configuration", name, value, low, high)
        if self.days is not None and self.years is not None:
            _refuse("years", "give either days or years", self.years)
        if not isinstance(self.keep_records, bool):
            _refuse("keep_records", "must be true or false", self.keep_records)
        if self.engine not in ENGINES:
            _refuse("engine", suggestion(self.engine, ENGINES), self.engine)
        if self.language not in LANGUAGES:
            _refuse("language", suggestion(self.language, LANGUAGES), self.language)
        for name, known in CHOICES.items():
            if getattr(self, name) not in known:
                _refuse(name, suggestion(getattr(self, name), known), getattr(self, name))
        if self.scenario is not None and self.scenario_file is not None:
            _refuse("scenario_file", "give either scenario or scenario_file", self.scenario_file)
        if not isinstance(self.scenarios, Mapping):
            _refuse("scenarios", "must be a mapping of name to scenario", self.scenarios)

    @property
    def cores(self) -> int:
        """The number of worker processes; by default as many as this process may use."""
        if self.workers is not None:
            return self.workers
        if hasattr(os, "sched_getaffinity"):
            return len(os.sched_getaffinity(0))
        return os.cpu_count() or 1

    def study(self) -> Study:
        """The study: region loaded, scenarios built and tried on it.

        Raises:
            InputError: if the region or a scenario is wrong, or they do not fit together.
        """
        from capsim.region.loading import load_region
        from capsim.study.study import Study

        days = self.days or (self.years or 1) * DAYS_PER_YEAR
        region = load_region(Path(self.region_dir) if self.region_dir is not None else self.region)
        scenarios = self._answered(self._scenarios())
        return Study(region, scenarios, self.replications, days, self.warm_up_days, self.seed, self.engine)

    def _scenarios(self) -> list[Scenario]:
        if self.scenario_file is not None:
            path = Path(self.scenario_file)
            return [scenario_from_mapping(read_plain_yaml(path), str(path))]
        if self.scenario is not None:
            return [scenario_from_mapping(self.scenario, "scenario")]
        return [scenario_from_mapping(values, f"scenarios.{key}") for key, values in self.scenarios.items()]

    def _answered(self, scenarios: list[Scenario]) -> list[Scenario]:
        """The scenarios, those that are answered to once for each band."""
        if self.municipal_response == self.hospital_response == "none":
            return scenarios
        out: list[Scenario] = []
        for scenario in scenarios:
            if any(isinstance(lever, SetResponse) for lever in scenario.levers):
                allowed = f"the scenario {scenario.name} has a SetResponse of its own already"
                _refuse("municipal_response", allowed, self.municipal_response)
            changes_rate = any(isinstance(x, SetPaymentRate | SetPaymentRule) for x in scenario.levers)
            if not scenario.levers or not (changes_rate or self.municipal_response == "cost_minimising"):
                out.append(scenario)
                continue
            for band, words in BANDS.items():
                answer = SetResponse(self.municipal_response, self.hospital_response, band)  # type: ignore[arg-type]
                titles = {key: f"{title}, {words[key]}" for key, title in scenario.title.items()}
                name = f"{scenario.name}_{band}"
                out.append(Scenario(name, (*scenario.levers, answer), titles, scenario.evidence))
        if out == scenarios:
            allowed = (
                "no scenario changes the rate (SetPaymentRate, SetPaymentRule), so nobody can answer to it"
            )
            _refuse("municipal_response", allowed, self.municipal_response)
        return out


def study_config(values: Mapping[str, Any]) -> StudyConfig:
    """The configuration that composed ``values`` mean.

    Raises:
        InputError: for a key that does not exist (with the one that was meant), and as
            :class:`StudyConfig`.
    """
    known = [f.name for f in fields(StudyConfig)]
    for key in values:
        if key not in known:
            _refuse(str(key), f"unknown key; {suggestion(str(key), known)}")
    return StudyConfig(**values)


def read_plain_yaml(path: Path) -> Any:
    """A YAML file a user wrote, as plain data: no tags, anchors or duplicate keys, and none of the
    words and numbers that YAML silently turns into something else (``NO``, ``1:30``, ``010``, ``67_79``).

    Raises:
        InputError: naming the row.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8-sig"), Loader=_PlainLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        allowed = getattr(error, "problem", None) or "is not valid YAML"
        raise InputError(Problem(str(path), allowed, row=mark.line + 1 if mark else None)) from None
    except RecursionError:
        raise InputError(Problem(str(path), "is nested too deeply")) from None
    except UnicodeDecodeError:
        allowed = "must be text in UTF-8: save it so in the editor, not as ANSI"
        raise InputError(Problem(str(path), allowed)) from None
    except OSError as error:
        raise InputError(Problem(str(path), f"the file cannot be read: {error.strerror}")) from None


class _PlainLoader(yaml.SafeLoader):
    """PyYAML's safe loader without its surprises."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()
        if getattr(event, "anchor", None):
            _fault("anchors (&) and aliases (*) are refused", event)
        if getattr(event, "tag", None):
            _fault("tags (!) are refused", event)
        return super().compose_node(parent, index)

    def mapping(self, node: yaml.MappingNode) -> dict[Any, Any]:
        pairs = [(self.construct_object(key, deep=True), key, value) for key, value in node.value]
        values: dict[Any, Any] = {}
        for name, key, value in pairs:
            if not isinstance(name, str):
                hint = "put it in quotes if it is a name; decimals have a point: 1.5, not 1,5"
                _fault(f"keys must be text, and {key.value} is none; {hint}", key)
            if name in values:
                _fault(f"the key {name} stands twice", key)
            values[name] = self.construct_object(value, deep=True)
        return values

    def boolean(self, node: yaml.ScalarNode) -> bool:
        if node.value.lower() not in ("true", "false"):
            _fault(
                f"YAML reads {node.value} as true or false; put it in quotes, or write true or false", node
            )
        return bool(self.construct_yaml_bool(node))

    def text(self, node: yaml.ScalarNode) -> str:
        return str(node.value)

    def number(self, node: yaml.ScalarNode) -> float:
        if re.search("[:_]", node.value) or re.match(r"[+-]?0\w", node.value):
            _fault(f"YAML reads {node.value} as another number; put it in quotes if it is a name", node)
        return self.construct_yaml_int(node) if node.tag.endswith("int") else self.construct_yaml_float(node)


_PlainLoader.add_constructor("tag:yaml.org,2002:map", _PlainLoader.mapping)
_PlainLoader.add_constructor("tag:yaml.org,2002:bool", _PlainLoader.boolean)
_PlainLoader.add_constructor("tag:yaml.org,2002:int", _PlainLoader.number)
_PlainLoader.add_constructor("tag:yaml.org,2002:float", _PlainLoader.number)
# no key is a date, and as text it is shown as it was written
_PlainLoader.add_constructor("tag:yaml.org,2002:timestamp", _PlainLoader.text)


def _fault(problem: str, place: Any) -> NoReturn:
    raise yaml.MarkedYAMLError(problem=problem, problem_mark=place.start_mark)


def _refuse(key: str, allowed: str, value: object = None) -> NoReturn:
    raise InputError(Problem("configuration", allowed, column=key, value=value))
