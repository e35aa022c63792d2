"""The `capsim` command: composes a configuration with Hydra, runs the study, writes what people read.

Exit codes: 0; 1 when a scenario failed and the others finished, or a lever in the table moves nothing; 2,
with one line on stderr, when what the user gave cannot be used; 130 after Ctrl-C. The same command goes on
where it was stopped.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterable, Sequence
from contextlib import redirect_stderr
from pathlib import Path
from typing import TYPE_CHECKING, Any

from capsim import __version__
from capsim.errors import CapsimError, InputError, Problem

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from capsim.study.study import Result

__all__ = ["main"]

GROUPS = ("experiment", "region", "scenario")
WRITTEN = ("report.html", "charts", "comparison.csv", "compensation.csv", "metrics.csv", "metrics.parquet")
CSV_FILES = ("metrics.csv", "comparison.csv")
EXCEL_ROWS = 2**20
TEXTS = re.compile(r"(out|region_dir|scenario_file|scenarios?\.(.+\.)?(name|title\.(nb|en)))$")
"""Keys of paths and other free text."""
_HYDRAS_OWN = re.compile(r"(['\"]).*\1$|(choice|glob|range|sort|shuffle)\(.*\)$")
OK, SOMETHING_FAILED, USER_ERROR, STOPPED = 0, 1, 2, 130


def main() -> None:
    """The console script; exits with the code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a Windows console may know no æøå or –
            stream.reconfigure(errors="replace")
    arguments = sys.argv[1:]
    try:
        if arguments[:1] == ["region"]:
            code = _region(arguments[1:])
        elif arguments[:1] == ["collect"]:
            code = _collect(arguments[1:])
        elif "--version" in arguments:
            print(f"capsim {__version__}")
            code = OK
        else:
            code = _compose_and_run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # whoever read along (`| head`) has gone; nor is there anybody to write to at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = SOMETHING_FAILED
    except (CapsimError, OSError) as error:
        code = _complain(error)
    except KeyboardInterrupt as stop:
        print(f"stopped{stop}", file=sys.stderr)
        code = STOPPED
    sys.exit(code)


# --- subcommands


def _region(arguments: Sequence[str]) -> int:
    from capsim.region.loading import check_region, write_template

    if len(arguments) != 2 or arguments[0] not in ("check", "template"):
        return _complain("usage: capsim region check DIR, or capsim region template DIR")
    command, folder = arguments
    if command == "template":
        for path in write_template(folder):
            print(path)
        return OK
    problems = check_region(folder)
    for problem in problems:
        print(problem)
    if problems:
        return _complain(f"{len(problems)} problem{'s' if len(problems) > 1 else ''} in {folder}")
    print(f"{folder}: no problems")
    return OK


def _collect(arguments: Sequence[str]) -> int:
    from capsim.config import StudyConfig
    from capsim.study.study import collect_result

    language = "nb"
    folders = [a for a in arguments if not a.startswith("language=")]
    for argument in arguments:
        if argument.startswith("language="):
            language = argument.removeprefix("language=")
    if len(folders) != 1 or language not in ("nb", "en"):
        return _complain("usage: capsim collect FOLDER [language=nb|en]")
    workers = StudyConfig().cores
    result = collect_result(folders[0], workers)
    code = _present(result, language, workers)
    missing = len(result.runs) < len(result.study.scenarios) * result.study.replications
    return max(code, SOMETHING_FAILED) if missing else code


# --- a study


def _compose_and_run(arguments: list[str]) -> int:
    import hydra
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException
    from yaml import YAMLError

    fault = _usage_fault(arguments)
    if fault:
        return _complain(fault)
    sys.argv[1:] = _quoted(arguments)
    codes: list[int] = []

    def task(composed: DictConfig) -> None:
        try:
            codes.append(_run(composed))
        except BrokenPipeError:
            raise
        except (CapsimError, OSError) as error:  # the other jobs of a multirun go on
            codes.append(_complain(error))

    # Hydra's own report would be a screenful and exit with 1; this makes it raise to us instead.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    try:
        hydra.main(version_base="1.3", config_path="pkg://capsim.configs", config_name="config")(task)()
    except (HydraException, OmegaConfBaseException, YAMLError) as error:
        return _complain(_in_one_line(error))
    return max(codes, default=OK)


def _usage_fault(arguments: Sequence[str]) -> str:
    """What Hydra would refuse with a screenful: an option or a command that does not exist."""
    from hydra._internal.utils import get_args_parser

    said = io.StringIO()
    try:
        with redirect_stderr(said):
            parsed = get_args_parser().parse_args(arguments)
    except SystemExit:
        return f"{said.getvalue().rpartition('error: ')[2].strip()}; see capsim --help"
    for word in parsed.overrides:
        if "=" not in word and not word.startswith("~"):
            return f"unknown command {word!r}; see capsim --help"
    return ""


def _quoted(arguments: Sequence[str]) -> list[str]:
    """The arguments with paths and titles in quotes, since Hydra's grammar takes no æøå, brackets or =
    outside them. What is quoted already, ``null`` and a sweep's choice() or glob() stay."""
    sweep = bool({"-m", "--multirun"} & set(arguments))
    quoted = []
    for argument in arguments:
        key, equals, value = argument.partition("=")
        if TEXTS.match(key.lstrip("+")) and value not in ("", "null") and not _HYDRAS_OWN.match(value):
            parts = value.split(",") if sweep else [value]
            # a backslash counts as an escape only before a quote, also the closing one
            safe = (re.sub(r"(\\*)('|$)", r"\1\1\2", part).replace("'", "\\'") for part in parts)
            value = ",".join(f"'{part}'" for part in safe)
        quoted.append(key + equals + value)
    return quoted


def _run(composed: DictConfig) -> int:
    from hydra.core.hydra_config import HydraConfig
    from hydra.types import RunMode
    from omegaconf import OmegaConf

    values = OmegaConf.to_object(composed)
    assert isinstance(values, dict)

    from capsim.config import study_config

    hydra = HydraConfig.get()
    _check_overrides(list(hydra.overrides.task))
    _check_own_files(hydra)
    config = study_config({str(key): value for key, value in values.items()})
    out = Path(config.out)
    if hydra.mode == RunMode.MULTIRUN:
        chosen = hydra.runtime.choices
        own = config.scenario_file and Path(config.scenario_file).stem
        name = own or chosen.get("scenario") or chosen.get("experiment") or "study"
        out = out / f"{hydra.job.num}_{name}".replace("/", "_")
    study = config.study()
    _check_title(hydra.overrides.task)
    try:
        result = study.run(workers=config.cores, out=out, keep_records=config.keep_records)
    except KeyboardInterrupt:
        some = next(out.glob("runs/*/*/run.json"), None)
        told = f"; finished runs are kept, and the same command with out={out} goes on from there"
        raise KeyboardInterrupt(told if some else " before a run was finished") from None
    return _present(result, config.language, config.cores, config.table)


def _check_overrides(overrides: Iterable[str]) -> None:
    given = {override.lstrip("+~").partition("=")[0] for override in overrides}
    for first, second in (
        ("scenario", "experiment"),
        ("scenario_file", "experiment"),
        ("region", "region_dir"),
    ):
        if {first, second} <= given:
            raise InputError(Problem("command line", f"give either {first} or {second}", column=second))
    for group in GROUPS:
        several = next((o for o in overrides if re.match(rf"\+?{group}=\[", o)), None)
        if several:  # Hydra would merge them, and the last would win
            allowed = f"give one {group}; an experiment holds several scenarios, -m makes a study for each"
            raise InputError(Problem("command line", allowed, column=group, value=several.partition("=")[2]))


def _check_title(overrides: Iterable[str]) -> None:
    """A shipped scenario that was changed would be called in tables and charts what it is no longer."""
    given = {override.lstrip("+~").partition("=")[0] for override in overrides}
    levers = next((key for key in given if re.match(r"scenarios?\..*levers", key)), None)
    if levers and not any(re.match(r"scenarios?\..*title", key) for key in given):
        allowed = f"a changed scenario needs a title of its own: {levers.partition('levers')[0]}title.nb=…"
        raise InputError(Problem("command line", allowed, column=levers))


def _check_own_files(hydra: Any) -> None:
    """Check the user's own configuration folder: Hydra silently prefers a shipped file of the same
    name, and its YAML reader takes what ours refuses."""
    import capsim.configs
    from capsim.config import read_plain_yaml

    shipped = Path(next(iter(capsim.configs.__path__)))
    for source in hydra.runtime.config_sources:
        if source.schema != "file" or source.provider in ("hydra", "main", "schema"):
            continue
        own = Path(source.path)
        for group in GROUPS:
            for path in sorted((own / group).glob("*.yaml")):
                if (shipped / group / path.name).exists():
                    allowed = f"capsim has its own {group} of this name; rename the file"
                    raise InputError(Problem(str(path), allowed))
        for group, choice in hydra.runtime.choices.items():
            path = own / str(group).partition("@")[0] / f"{choice}.yaml"
            if path.is_file():
                read_plain_yaml(path)


def _present(result: Result, language: str, workers: int, table: str = "results") -> int:
    """Print the table and what was written, after charts and report where they help; the exit code. A table
    of levers is all there is to see of a study with one scenario for each."""
    from capsim.reporting import charts
    from capsim.reporting.html import report
    from capsim.reporting.lever_table import lever_table
    from capsim.reporting.summary import summary_table

    folder = result.folder
    assert folder is not None
    dead: list[str] = []
    if table == "levers":
        text, dead = lever_table(result, language)
        print(text)
    else:
        drawn = charts.save_all(result, folder / "charts", language, workers)
        report(result, folder / "report.html", language, drawn)
        print(summary_table(result, language))
    print()
    for name in WRITTEN:
        if (folder / name).exists():
            print(folder / name)
    for name in CSV_FILES:
        rows = _rows(folder / name)
        if rows > EXCEL_ROWS:
            _complain(f"{folder / name}: {rows:,} rows are more than the {EXCEL_ROWS:,} that Excel opens")
    missing = len(result.study.scenarios) * result.study.replications - len(result.runs)
    if missing:
        _complain(f"{missing} {'run is' if missing == 1 else 'runs are'} missing from these results")
    for failure in result.failures:
        _complain(f"{failure['scenario']}, replication {failure['replication']} failed: {failure['error']}")
    for lever in dict.fromkeys(dead):
        _complain(f"{lever} is dead: the result it must move is the base's in every replication")
    return SOMETHING_FAILED if result.failures or dead else OK


def _rows(path: Path) -> int:
    """Lines of a file; 0 if it is too small to have many, or not there."""
    if not path.is_file() or path.stat().st_size < 20 * EXCEL_ROWS:
        return 0
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(2**20), b""))


# --- what goes wrong


def _complain(error: CapsimError | OSError | str) -> int:
    text = str(error)
    if isinstance(error, OSError) and error.filename:
        text = f"{error.filename}: {error.strerror}"
    if isinstance(error, InputError) and len(error.problems) > 1:
        text += "; capsim region check FOLDER lists them all"
    print(f"capsim: {' '.join(text.split())}", file=sys.stderr)
    return USER_ERROR


def _in_one_line(error: Exception) -> str:
    """What Hydra, OmegaConf or the YAML reader say, on one line and in the user's terms."""
    from dataclasses import fields

    from capsim.config import StudyConfig
    from capsim.scenarios.scenario import suggestion

    text = str(error)
    if "LexerNoViableAlt" in text or text.startswith(("no viable alt", "mismatched input", "extraneous inp")):
        given = text.partition("\n")[0].removeprefix("LexerNoViableAltException: ")
        allowed = """must be key=value; letters such as æøå stand in two pairs of quotes: key='"value"'"""
        return str(Problem("command line", allowed, value=given))
    unknown = re.search(r"Could not override '([^']+)'", text)
    if unknown and "." not in unknown[1]:
        known = [f.name for f in fields(StudyConfig)]
        return str(
            Problem("command line", f"unknown key; {suggestion(unknown[1], known)}", column=unknown[1])
        )
    absent = unknown or re.search(r"Error merging override ([^=]+)=", text)
    if absent:
        allowed = "there is no such key in what is chosen; +key=value adds one"
        if "Key 'scenario' is not in struct" in f"{text} {error.__cause__}":
            allowed = "no scenario is chosen: give scenario=NAME too"
        return str(Problem("command line", allowed, column=absent[1]))
    missing = re.search(r"Could not find '(\w+)/([^']+)'", text)
    if missing and "Available options" in text:
        listed = text.partition("Available options")[2].partition(":")[2].partition("Config search path")[0]
        allowed = suggestion(missing[2], listed.split())
        return str(Problem("command line", allowed, column=missing[1], value=missing[2]))
    cause = error.__cause__
    if cause is not None and str(cause) not in text:
        text = f"{text} {cause}"
    return text.partition("Config search path")[0]
