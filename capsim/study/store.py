"""The result folder: the only place where a study's results are written and read.

::

    study.yaml        what was asked for, with every lever's values
    manifest.json     versions, seed, hashes, and each run's digest and seconds
    region.json       the region, so that a result can be read anywhere
    runs/<scenario>/<replication>/   metrics.parquet, census.parquet, run.json (written last)
    metrics.parquet   all runs in one table; census.parquet likewise
    metrics.csv       each scenario's means over its runs, with 95 % intervals: fewer rows than Excel holds
    comparison.csv    paired differences from the base
    compensation.csv  who loses and gains in each scenario, and what would make it good

A run counts as finished when its ``run.json`` is intact, belongs to the same study and names the
checksums that its other files have; anything else is run again. Every file is written beside its place
and moved there in one step. The CSV files are for Norwegian Excel: UTF-8 with a byte order mark,
semicolons and decimal commas.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from capsim.errors import CapsimError, InputError, Problem
from capsim.study.plain import content_hash

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "begin",
    "code_hash",
    "finished_run",
    "forget",
    "forget_run",
    "read_region",
    "read_runs",
    "read_study",
    "read_table",
    "run_folder",
    "write_csv",
    "write_manifest",
    "write_run",
    "write_table",
]

MANIFEST, STUDY, REGION, RUN = "manifest.json", "study.yaml", "region.json", "run.json"
FIT = "default"
CSV_ROWS = 100_000  # written at a time
PACKAGES = ("duckdb", "holidays", "numpy", "pandas", "scipy", "simpy")
# What decides a run's numbers; charts and texts may change without making a result stale.
DECIDES = ("analysis", "demand", "models", "region", "scenarios")


def begin(folder: Path, study: Mapping[str, Any], region: Mapping[str, Any], fingerprint: str) -> None:
    """Make ``folder`` ready for a study, or for going on with it.

    Raises:
        InputError: if the folder cannot be made, holds another study, or other files.
        CapsimError: if it cannot be written.
    """
    import yaml

    try:
        folder.mkdir(parents=True, exist_ok=True)
        found = [path for path in folder.iterdir() if not path.name.startswith(".")]
    except OSError as error:
        _refuse(folder, f"the folder cannot be made or read: {error.strerror}")
    if (folder / MANIFEST).exists():
        if _read_manifest(folder).get("fingerprint") != fingerprint:
            _refuse(folder, "holds another study, or one made by another version; choose another folder")
    elif found:
        _refuse(folder, "must be a new or empty folder, or one that holds this study")
    else:
        write_manifest(folder, study, region, fingerprint, runs=(), failures=())
    _write_text(folder / STUDY, yaml.safe_dump(dict(study), sort_keys=False, allow_unicode=True))
    _write_json(folder / REGION, region)


def run_folder(folder: Path, scenario: str, replication: int) -> Path:
    """Where a run's files lie. Names that are no plain folder names, or that differ from another only
    in case, get a hash; so no name can lead out of the folder."""
    name = scenario
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,59}", name) or re.fullmatch(
        r"con|prn|aux|nul|com\d|lpt\d", name
    ):
        plain = re.sub(r"[^a-z0-9]+", "_", name.lower())[:40].strip("_")
        name = f"{plain}-{hashlib.sha256(scenario.encode()).hexdigest()[:8]}"
    return folder / "runs" / name / str(replication)


def finished_run(
    folder: Path, scenario: str, replication: int, fingerprint: str, keep_records: bool
) -> dict[str, Any] | None:
    """What ``run.json`` says of a finished and intact run (scenario, replication, records_sha256,
    seconds), else None."""
    place = run_folder(folder, scenario, replication)
    try:
        run = json.loads((place / RUN).read_text(encoding="utf-8"))
        checksum = run.pop("checksum")
        if checksum != content_hash(run) or run.pop("fingerprint") != fingerprint:
            return None
        files = run.pop("files")
        if keep_records and "records.parquet" not in files:
            return None
        if any(_checksum(place / file) != expected for file, expected in files.items()):
            return None
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return None
    return run


def forget_run(folder: Path, scenario: str, replication: int) -> None:
    """Remove a damaged or outdated run's mark, so that nobody takes it for one that has just finished."""
    forget(run_folder(folder, scenario, replication) / RUN)


def forget(path: Path) -> None:
    """Remove a file that does not belong to the result any more.

    Raises:
        CapsimError: if it cannot be removed.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from None


def write_run(
    folder: Path, fingerprint: str, run: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]
) -> None:
    """Write one run: its tables by name, then ``run.json``.

    Raises:
        CapsimError: if the folder cannot be written; what is finished stays.
    """
    place = run_folder(folder, run["scenario"], run["replication"])
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(place, error) from None
    paths = {name: place / f"{name}.parquet" for name in tables}
    with _uninterrupted(), _writer().cursor() as connection:
        for name, path in paths.items():
            _write_parquet(path, tables[name], connection)
    files = {path.name: _checksum(path) for path in paths.values()}
    content = {**run, "fingerprint": fingerprint, "files": files}
    _write_json(place / RUN, {**content, "checksum": content_hash(content)})


def read_runs(folder: Path, name: str, runs: Iterable[Mapping[str, Any]], workers: int) -> pd.DataFrame:
    """``metrics`` or ``census`` of all ``runs``, in their order, read over ``workers`` threads."""
    places = [run_folder(folder, run["scenario"], run["replication"]) for run in runs]
    return _read_parquet([place / f"{name}.parquet" for place in places], workers)


def write_table(folder: Path, name: str, table: pd.DataFrame) -> None:
    """Write ``metrics`` or ``census`` of all runs.

    Raises:
        CapsimError: if it cannot be written.
    """
    with _uninterrupted(), _writer().cursor() as connection:
        _write_parquet(folder / f"{name}.parquet", table, connection)


def write_manifest(
    folder: Path,
    study: Mapping[str, Any],
    region: Mapping[str, Any],
    fingerprint: str,
    runs: Iterable[Mapping[str, Any]],
    failures: Iterable[Mapping[str, Any]],
) -> None:
    """Write ``manifest.json``: what made these results, each run's digest, and what failed."""
    from capsim import __version__

    runs, failures = list(runs), list(failures)
    keys = ("region", "replications", "days", "warm_up_days", "seed", "engine")
    manifest = {
        "capsim": __version__,
        "code_sha256": code_hash(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        **{key: study[key] for key in keys},
        "study_sha256": content_hash(study),
        "region_sha256": content_hash(region),
        "fingerprint": fingerprint,
        "complete": len(runs) == len(study["scenarios"]) * study["replications"],
        "runs": runs,
        "failures": failures,
    }
    _write_json(folder / MANIFEST, manifest)


def read_study(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """(study.yaml, manifest.json) of a result folder.

    Raises:
        InputError: if the folder is none.
    """
    import yaml

    manifest = _read_manifest(folder)
    try:
        study = yaml.safe_load((folder / STUDY).read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        study = None
    if not isinstance(study, dict) or content_hash(study) != manifest.get("study_sha256"):
        _refuse(folder, f"is no result folder: {STUDY} is missing or damaged")
    return study, manifest


def read_region(folder: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The region as plain data, checked against the manifest's hash."""
    try:
        region = json.loads((folder / REGION).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        region = None
    if region is None or content_hash(region) != manifest.get("region_sha256"):
        _refuse(folder, f"these results are damaged: {REGION} is missing or was changed")
    return region


def read_table(folder: Path, name: str) -> pd.DataFrame:
    """``metrics`` or ``census`` of all runs."""
    path = folder / f"{name}.parquet"
    if not path.is_file():
        _refuse(folder, f"{path.name} is missing; `capsim collect` makes it from the runs")
    import duckdb

    try:
        return _read_parquet([path])
    except duckdb.Error:
        _refuse(folder, f"{path.name} is damaged; `capsim collect` makes it anew from the runs")


@cache
def code_hash() -> str:
    """SHA-256 (hex) of the source that decides a run's numbers."""
    package = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for path in sorted(p for room in DECIDES for p in (package / room).rglob("*.py")):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        name = path.relative_to(package).as_posix()
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        manifest = None
    if not isinstance(manifest, dict):
        _refuse(folder, f"is no result folder: {MANIFEST} is missing or damaged")
    listed = (manifest.get("runs"), manifest.get("failures"))
    whole = all(isinstance(runs, list) and all(_is_run(run) for run in runs) for runs in listed)
    if not whole or not isinstance(manifest.get("fingerprint"), str):
        _refuse(folder, f"is no result folder: {MANIFEST} is damaged")
    return manifest


def _is_run(run: object) -> bool:
    return isinstance(run, dict) and {"scenario", "replication"} <= run.keys()


def _refuse(folder: Path, allowed: str) -> NoReturn:
    raise InputError(Problem("out", allowed, value=str(folder)))


# --- files


def _atomically(path: Path, write: Callable[[Path], object]) -> None:
    import duckdb

    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        write(beside)
        os.replace(beside, path)
    except (OSError, duckdb.Error) as error:
        raise _unwritable(path, error) from None
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def _unwritable(path: Path, error: Exception) -> CapsimError:
    reason = getattr(error, "strerror", None) or str(error).partition("\n")[0]
    return CapsimError(
        f"{path}: cannot be written: {reason}; is it open in another program, or the disk full? "
        "Finished runs are kept: run the same command again to go on"
    )


def _write_text(path: Path, text: str) -> None:
    _atomically(path, lambda beside: beside.write_text(text, encoding="utf-8", newline="\n"))


def _write_json(path: Path, content: object) -> None:
    _write_text(path, json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """Write a table for Norwegian Excel.

    Raises:
        CapsimError: if it cannot be written.
    """

    def write(beside: Path) -> None:
        with beside.open("w", encoding="utf-8-sig", newline="") as file:
            file.write(";".join(table.columns) + "\r\n")
            for first in range(0, len(table), CSV_ROWS):
                part = table.iloc[first : first + CSV_ROWS]
                columns = [_in_csv(part[name]) for name in part]
                file.write("\r\n".join([*map(";".join, zip(*columns, strict=True)), ""]))

    _atomically(path, write)


def _in_csv(column: pd.Series) -> list[str]:
    """Values as they stand in a Norwegian CSV file: each different one is written once."""
    import numpy as np
    import pandas as pd

    different: Any
    if isinstance(column.dtype, pd.CategoricalDtype):
        code, different = column.cat.codes.to_numpy(), column.cat.categories
    elif column.dtype == float:  # by their bits, which tell -0.0 from 0.0
        code, bits = pd.factorize(column.to_numpy().view(np.int64))
        different = bits.view(float)
    else:
        code, different = pd.factorize(column, use_na_sentinel=False)
    if different.dtype == float:
        cells = ["" if x != x else repr(x).replace(".", ",") for x in different.tolist()]
    else:
        cells = [_quoted(str(x)) for x in different.tolist()]
    return np.array(cells, dtype=object)[code].tolist()


def _quoted(text: str) -> str:
    """``text`` as a cell: in quotes if it holds what ends one."""
    return '"' + text.replace('"', '""') + '"' if re.search(r'[;"\r\n]', text) else text


def _write_parquet(path: Path, table: pd.DataFrame, connection: Any) -> None:
    def write(beside: Path) -> None:
        target = str(beside).replace("'", "''")
        connection.register("written", table)
        connection.execute(f"COPY written TO '{target}' (FORMAT parquet, COMPRESSION zstd)")

    _atomically(path, write)


def _read_parquet(paths: list[Path], threads: int = 1) -> pd.DataFrame:
    """The files' rows. Text is categorical, its categories in order: millions of rows repeat a few names."""
    with _uninterrupted(), _connection(threads) as connection:
        # a folder called key=value would otherwise become a column
        names = [str(path) for path in paths]
        files = connection.read_parquet(names, hive_partitioning=False, union_by_name=True)
        files.create_view("files")
        columns = []
        for i, (name, kind) in enumerate(zip(files.columns, files.types, strict=True)):
            columns.append(f'"{name}"')
            if kind == "VARCHAR":
                found = f'SELECT DISTINCT "{name}" FROM files ORDER BY 1'
                connection.execute(f"CREATE TYPE names_{i} AS ENUM ({found})")
                columns[-1] += f'::names_{i} AS "{name}"'
        return connection.execute(f"SELECT {', '.join(columns)} FROM files").df()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """A stop (Ctrl-C) comes when this is over: DuckDB answers one with several errors of its own, or not."""
    before = signal.getsignal(signal.SIGINT)
    here = threading.current_thread() is threading.main_thread()
    if not here or not callable(before):  # it does not come here
        yield
        return
    came: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        signal.raise_signal(signal.SIGINT)  # to whoever heeds it


@cache
def _writer() -> Any:
    """Opened once in a process: to open one takes longer than to write a run."""
    return _connection()


def _connection(threads: int = 1) -> Any:
    import duckdb

    # One thread writes the same bytes each time and lets others work. Extensions would be downloaded.
    quiet = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    return duckdb.connect(config={"threads": str(threads), **quiet})


def _checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
