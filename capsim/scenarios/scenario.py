"""A scenario: a name and the levers that make it different from the base case."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from typing import Any, NoReturn

from capsim.errors import InputError, Problem
from capsim.region.region import Region
from capsim.scenarios.levers import LEVERS, Lever

__all__ = ["BASE", "LEVERS", "Scenario", "scenario_from_mapping", "scenario_to_mapping", "suggestion"]

LANGUAGES = ("nb", "en")


@dataclass(frozen=True)
class Scenario:
    """Levers pulled together, in order; one alone needs no list. ``title`` and ``evidence`` map a
    language (``nb``, ``en``) to what a board reads; without a title the name is shown.

    Raises:
        InputError: if the name is empty or a lever is not one.
    """

    name: str
    levers: tuple[Lever, ...] = ()
    title: Mapping[str, str] = field(default_factory=dict)
    evidence: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _is_name(self.name):
            _refuse(
                "scenario",
                "must be a name of at most 200 signs, without < > and not led by = + - @",
                "name",
                self.name,
            )
        for name in ("title", "evidence"):
            if not isinstance(getattr(self, name), Mapping):
                allowed = 'must be a mapping of language to text, e.g. {"nb": "…", "en": "…"}'
                _refuse(f"scenario {self.name}", allowed, name, getattr(self, name))
        for language, title in self.title.items():
            if not _is_name(title):
                _refuse(
                    f"scenario {self.name}",
                    "must be a name, without < > and not led by = + - @",
                    f"title.{language}",
                    title,
                )
        given = (self.levers,) if type(self.levers) in LEVERS.values() else self.levers
        if not isinstance(given, Iterable):
            _refuse(f"scenario {self.name}", f"must be made of: {', '.join(LEVERS)}", "levers", given)
        object.__setattr__(self, "levers", tuple(given))
        for lever in self.levers:
            if type(lever) not in LEVERS.values():
                _refuse(f"scenario {self.name}", f"must be made of: {', '.join(LEVERS)}", "levers", lever)

    def apply(self, region: Region) -> Region:
        """The region under this scenario.

        Raises:
            InputError: if a lever does not fit the region; the text names the scenario and the lever.
        """
        for number, lever in enumerate(self.levers, start=1):
            try:
                region = lever.apply(region)
            except InputError as error:
                raise _inside(f"scenario {self.name}, lever {number}", error) from None
        return region

    def title_in(self, language: str) -> str:
        """The title in ``language``, else in another one, else the name."""
        return self.title.get(language) or next(iter(self.title.values()), "") or self.name


def _is_name(text: object) -> bool:
    """Names end up in tables, pages and file names: nothing that another program would execute."""
    return (
        isinstance(text, str)
        and 0 < len(text.strip()) == len(text) <= 200
        and text[0] not in "=+-@"
        and not set(text) & set("<>")
        and text.isprintable()
    )


BASE = Scenario("base", (), {"nb": "Dagens situasjon", "en": "Base case"})


def scenario_from_mapping(values: Mapping[str, Any], where: str) -> Scenario:
    """A scenario from what a YAML file says: ``name``, ``title``, ``evidence`` and ``levers``, a list of
    mappings with the lever's class name under ``lever`` and its fields beside it.

    ``where`` names the file in errors.

    Raises:
        InputError: for anything that is not exactly this, with what was meant where that can be guessed.
    """
    if not isinstance(values, Mapping):
        _refuse(where, "must be a mapping with name, title and levers", value=values)
    _check_keys(where, values, ("name", "title", "evidence", "levers"), required=("name",))
    texts: dict[str, dict[str, str]] = {}
    for key in ("title", "evidence"):
        given = values.get(key)
        if isinstance(given, str):  # the same in every language
            given = dict.fromkeys(LANGUAGES, given)
        texts[key] = given = {} if given is None else given
        if not isinstance(given, Mapping):
            _refuse(where, "must be text, or a mapping of language to text: {nb: …, en: …}", key, given)
        _check_keys(where, given, LANGUAGES)
        for language, text in given.items():
            if not isinstance(text, str):
                _refuse(where, "must be text", f"{key}.{language}", text)
    listed = values.get("levers")
    listed = [] if listed is None else listed
    if isinstance(listed, str | Mapping) or not isinstance(listed, Iterable):
        _refuse(where, "must be a list of levers", "levers", listed)
    levers = tuple(_lever(item, f"{where}, lever {number}") for number, item in enumerate(listed, start=1))
    if not isinstance(values["name"], str):
        _refuse(where, "must be text; put it in quotes", "name", values["name"])
    try:
        return Scenario(values["name"], levers, texts["title"], texts["evidence"])
    except InputError as error:
        raise _inside(where, error, replaces="scenario") from None


def scenario_to_mapping(scenario: Scenario) -> dict[str, Any]:
    """The scenario as plain data that :func:`scenario_from_mapping` reads back; defaults included."""
    levers = [{"lever": type(lever).__name__, **_plain(asdict(lever))} for lever in scenario.levers]
    return {
        "name": scenario.name,
        "title": dict(scenario.title),
        "evidence": dict(scenario.evidence),
        "levers": levers,
    }


def suggestion(word: str, known: Iterable[str]) -> str:
    """What is allowed, led by what was probably meant."""
    known = sorted(known)
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    guess = f"did you mean {near[0]}? " if near else ""
    return f"{guess}known: {', '.join(known)}"


def _lever(values: object, where: str) -> Lever:
    if not isinstance(values, Mapping):
        _refuse(where, "must be a mapping with the lever's name under 'lever'", value=values)
    _refuse_hidden(where, values)
    if "lever" not in values:
        _refuse(where, f"say which lever under the key 'lever'; known: {', '.join(LEVERS)}")
    name = values["lever"]
    if not isinstance(name, str) or name not in LEVERS:
        _refuse(where, suggestion(str(name), LEVERS), "lever", name)
    cls = LEVERS[name]
    where = f"{where} ({name})"
    required = [f.name for f in fields(cls) if f.default is MISSING and f.default_factory is MISSING]
    given = {key: value for key, value in values.items() if key != "lever"}
    _check_keys(where, given, [f.name for f in fields(cls)], required)
    for value in given.values():
        if isinstance(value, Mapping):
            _refuse_hidden(where, value)
    try:
        return cls(**given)
    except InputError as error:
        raise _inside(where, error, replaces=name) from None


def _check_keys(
    where: str, values: Mapping[Any, Any], known: Iterable[str], required: Iterable[str] = ()
) -> None:
    known = list(known)
    _refuse_hidden(where, values)
    for key in values:
        if key not in known:
            _refuse(where, f"unknown key; {suggestion(str(key), known)}", str(key))
    for key in required:
        if key not in values:
            _refuse(where, "is missing", key)


def _refuse_hidden(where: str, values: Mapping[Any, Any]) -> None:
    """Keys with a leading underscore are how other tools smuggle code into a configuration."""
    for key in values:
        if not isinstance(key, str):
            _refuse(where, "keys must be text; put names like 5001 or no in quotes", str(key))
        if key.startswith("_"):
            _refuse(where, "keys must not begin with an underscore", key)


def _inside(where: str, error: InputError, replaces: str = "") -> InputError:
    """The same problems, said of a place inside ``where``."""
    return InputError(
        *(
            Problem(
                where if p.where == replaces else f"{where}: {p.where}", p.allowed, p.row, p.column, p.value
            )
            for p in error.problems
        )
    )


def _refuse(where: str, allowed: str, column: str | None = None, value: object = None) -> NoReturn:
    raise InputError(Problem(where, allowed, column=column, value=value))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
