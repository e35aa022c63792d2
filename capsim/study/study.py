"""A study: a region, scenarios and replications; and its result.

    study = Study(region, [hips, rate], replications=30)
    result = study.run(workers=2, out="results/hips")
    result.compare()

Replication *r* draws its patients once and simulates them in every scenario, so that differences are
those of the same patients with the same luck.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial
from numbers import Integral
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NoReturn

from capsim.errors import CapsimError, InputError, Problem
from capsim.models import ENGINES, Engine
from capsim.region.region import Region
from capsim.scenarios.scenario import BASE, Scenario, scenario_from_mapping, scenario_to_mapping
from capsim.study import executors, store
from capsim.study.plain import content_hash, region_from_plain, region_to_plain
from capsim.study.replication import Work, failure

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ENGINES", "Result", "Study", "collect_result", "load_result"]

# Above these a number is a slip of the finger: a century of days, more runs than anybody waits for.
BOUNDS = {
    "replications": (1, 100_000),
    "days": (1, 36_500),
    "warm_up_days": (0, 36_500),
    "seed": (0, 2**63 - 1),
}


@dataclass(frozen=True)
class Study:
    """What is to be simulated. The base case is always part of it, first.

    ``days`` are measured from the region's start, after ``warm_up_days`` that are not.

    Raises:
        InputError: if a number is out of range, two scenarios have the same name, or a lever does
            not fit the region.
    """

    region: Region
    scenarios: Sequence[Scenario] = ()
    replications: int = 30
    days: int = 365
    warm_up_days: int = 120
    seed: int = 2024
    engine: Engine = "auto"

    def __post_init__(self) -> None:
        if not isinstance(self.region, Region):
            _refuse("region", "must be a region, as load_region gives it", self.region)
        given = (self.scenarios,) if isinstance(self.scenarios, Scenario) else self.scenarios
        if not isinstance(given, Iterable) or not all(isinstance(s, Scenario) for s in given):
            _refuse("scenarios", "must be a list of Scenario", given)
        object.__setattr__(self, "scenarios", tuple(given))
        for name, (low, high) in BOUNDS.items():
            value = getattr(self, name)
            if isinstance(value, Integral) and not isinstance(value, bool):
                object.__setattr__(self, name, value := int(value))  # numpy's too
            check_whole("study", name, value, low, high)
        if self.engine not in ENGINES:
            _refuse("engine", f"must be one of: {', '.join(ENGINES)}", self.engine)
        names = [scenario.name for scenario in self.scenarios]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            _refuse("scenarios", "each scenario needs a name of its own", twice)
        base = next((s for s in self.scenarios if s.name == BASE.name), BASE)
        if base.levers:
            _refuse("scenarios", "the base case has no levers; give this scenario another name", base.name)
        others = tuple(s for s in self.scenarios if s.name != BASE.name)
        for scenario in others:
            self._check_levers(scenario)
        object.__setattr__(self, "scenarios", (base, *others))
        object.__setattr__(self, "_regions", tuple(s.apply(self.region) for s in self.scenarios))

    def _check_levers(self, scenario: Scenario) -> None:
        """A scenario that can change nothing would be read as one without effect."""
        if not scenario.levers:
            _refuse("scenarios", "a scenario needs a lever; only the base case has none", scenario.name)
        for number, lever in enumerate(scenario.levers, start=1):
            if not -self.warm_up_days <= lever.from_day < self.days:
                where = f"scenario {scenario.name}, lever {number} ({type(lever).__name__})"
                allowed = (
                    f"must be from {-self.warm_up_days}, when the warm-up begins, to {self.days - 1}, "
                    f"the last of {self.days} days"
                )
                raise InputError(Problem(where, allowed, column="from_day", value=lever.from_day))

    @property
    def regions(self) -> tuple[Region, ...]:
        """The region under each scenario, in the order of ``scenarios``."""
        return self.__dict__["_regions"]

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of everything that decides a run's numbers; the number of replications and
        the scenarios' titles do not."""
        scenarios = [scenario_to_mapping(s) for s in self.scenarios]
        return content_hash(
            {
                "region": region_to_plain(self.region),
                "scenarios": [(s["name"], s["levers"]) for s in scenarios],
                "days": self.days,
                "warm_up_days": self.warm_up_days,
                "seed": self.seed,
                "engine": self.engine,
                "code": store.code_hash(),
            }
        )

    def run(
        self,
        workers: int = 1,
        out: str | Path | None = None,
        progress: bool = True,
        keep_records: bool = False,
    ) -> Result:
        """Simulate every scenario in every replication.

        ``workers`` processes share the replications; their number and order change no result. A
        script that asks for more than one must start under ``if __name__ == "__main__":``. Runs go
        to the folder ``out`` as they finish, and a study that was stopped goes on from there; with
        None nothing is kept on disk. ``progress`` shows a bar on stderr. ``keep_records`` also
        writes each run's stays and events (``records.parquet``, ``events.parquet``).

        A scenario that fails is listed in the result's ``failures``, and the others go on.

        Raises:
            InputError: if ``out`` cannot be used.
            CapsimError: if writing fails on the way (what is finished stays), or if every run failed.
        """
        if not isinstance(workers, int) or isinstance(workers, bool) or workers < 1:
            _refuse("workers", "must be a whole number, 1 or more", workers)
        if out is not None:
            return self._run(Path(out), workers, progress, keep_records)
        with TemporaryDirectory(prefix="capsim-", ignore_cleanup_errors=True) as folder:
            return replace(self._run(Path(folder), workers, progress, keep_records), folder=None)

    def _run(self, folder: Path, workers: int, progress: bool, keep_records: bool) -> Result:
        plain, region, fingerprint = _to_plain(self), region_to_plain(self.region), self.fingerprint
        store.begin(folder, plain, region, fingerprint)
        done = partial(store.finished_run, folder, fingerprint=fingerprint, keep_records=keep_records)
        wanted = [(s.name, r) for r in range(self.replications) for s in self.scenarios]
        finished = {key: run for key in wanted if (run := done(*key)) is not None}
        if finished and progress:
            print(f"{len(finished)} of {len(wanted)} runs are there already", file=sys.stderr)
        missing: dict[int, list[str]] = {}
        for name, replication in wanted:
            if (name, replication) not in finished:
                missing.setdefault(replication, []).append(name)
                store.forget_run(folder, name, replication)
        if missing and self.engine != "simpy":
            from capsim.models.kernel.program import prepare

            prepare()
        failures = []
        work = Work(self, folder, fingerprint, keep_records)
        tasks = [(replication, tuple(names)) for replication, names in missing.items()]
        execution = executors.execute(work, tasks, workers)
        with _bar(folder, wanted, progress), closing(execution) as outcomes:
            for (replication, names), outcome in outcomes:
                if isinstance(outcome, executors.Lost):
                    error = f"the process was killed {outcome.tries} times (out of memory?)"
                    outcome = [failure(name, replication, error) for name in names]
                for run in outcome:
                    if "error" in run:
                        failures.append(run)
                    else:
                        finished[run["scenario"], run["replication"]] = run
        order = {s.name: i for i, s in enumerate(self.scenarios)}
        failures.sort(key=lambda f: (order[f["scenario"]], f["replication"]))
        return _collected(self, folder, finished, failures, fingerprint, workers)


@dataclass(frozen=True, repr=False)
class Result:
    """What a study found. A row of ``metrics`` is a result (scenario, fit, replication, window, place,
    by, group, result, unit, value), one of ``census`` the patients of a hospital at a midnight
    (scenario, replication, day, hospital, patients). ``runs`` lists scenario, replication,
    records_sha256 and seconds of every run; ``failures`` scenario, replication and error of those
    that failed. ``folder`` is None when nothing was kept.
    """

    study: Study
    metrics: pd.DataFrame
    census: pd.DataFrame
    runs: list[dict[str, Any]]
    failures: list[dict[str, Any]]
    folder: Path | None = None

    def __repr__(self) -> str:
        scenarios = ", ".join(scenario.name for scenario in self.study.scenarios)
        return f"<Result of {len(self.runs)} runs of {scenarios}; folder: {self.folder}>"

    @cached_property
    def transfers(self) -> frozenset[str]:
        """The scenarios that only move money between payers
        (:func:`capsim.analysis.comparison.transfers_in`); none when every run of the base failed."""
        from capsim.analysis.comparison import transfers_in

        return transfers_in(self._comparison) if self._has_base else frozenset()

    def estimate(self) -> pd.DataFrame:
        """Each scenario's means over its replications with 95 % intervals
        (:func:`capsim.analysis.comparison.estimate`)."""
        from capsim.analysis.comparison import estimate

        return estimate(self.metrics)

    def compare(self) -> pd.DataFrame:
        """Paired differences from the base case with 95 % intervals
        (:func:`capsim.analysis.comparison.compare`)."""
        return self._comparison.copy()

    @cached_property
    def _comparison(self) -> pd.DataFrame:
        from capsim.analysis.comparison import compare

        return compare(self.metrics)

    @property
    def _has_base(self) -> bool:
        """Whether there is something to compare with: not when every run of the base failed."""
        return bool((self.metrics["scenario"] == BASE.name).any())

    def compensation(self) -> pd.DataFrame:
        """Who loses and who gains in each scenario, and the side payments that would leave no
        municipality, trust or RHF worse off (:func:`capsim.analysis.compensation.compensation`)."""
        from capsim.analysis.compensation import compensation

        return compensation(self.metrics, self.study.region)


def load_result(folder: str | Path) -> Result:
    """The result in a folder that :meth:`Study.run` wrote.

    Raises:
        InputError: if it is none, or was stopped before its tables were collected.
    """
    folder = Path(folder)
    plain, manifest = store.read_study(folder)
    study = _from_plain(plain, store.read_region(folder, manifest), folder)
    metrics, census = (store.read_table(folder, name) for name in ("metrics", "census"))
    for table in (metrics, census):
        if not {*table["scenario"].unique()} <= {scenario.name for scenario in study.scenarios}:
            raise InputError(Problem(str(folder), "these results are damaged: tables of another study"))
    return Result(study, metrics, census, manifest["runs"], manifest["failures"], folder)


def collect_result(folder: str | Path, workers: int = 1) -> Result:
    """Collect the finished runs of a folder once more, also of a study that was stopped; ``workers``
    threads read them.

    Raises:
        InputError: if the folder holds no study or no finished run.
    """
    folder = Path(folder)
    plain, manifest = store.read_study(folder)
    study = _from_plain(plain, store.read_region(folder, manifest), folder)
    finished = {}
    for replication in range(study.replications):
        for scenario in study.scenarios:
            run = store.finished_run(folder, scenario.name, replication, manifest["fingerprint"], False)
            if run is not None:
                finished[scenario.name, replication] = run
    if not finished:
        raise InputError(Problem("collect", "there is no finished run in this folder", value=str(folder)))
    failures = [f for f in manifest["failures"] if (f["scenario"], f["replication"]) not in finished]
    return _collected(study, folder, finished, failures, manifest["fingerprint"], workers)


def _collected(
    study: Study,
    folder: Path,
    finished: dict[tuple[str, int], dict[str, Any]],
    failures: list[dict[str, Any]],
    fingerprint: str,
    workers: int,
) -> Result:
    keys = ((s.name, r) for s in study.scenarios for r in range(study.replications))
    runs = [finished[key] for key in keys if key in finished]
    plain, region = _to_plain(study), region_to_plain(study.region)
    store.write_manifest(folder, plain, region, fingerprint, runs, failures)
    if not runs:
        raise CapsimError(f"no run finished; the first failure: {failures[0]['error']}")
    metrics, census = (store.read_runs(folder, name, runs, workers) for name in ("metrics", "census"))
    result = Result(study, metrics, census, runs, failures, folder)
    store.write_table(folder, "metrics", metrics)
    store.write_table(folder, "census", census)
    tables = {"metrics": _for_excel(result.estimate(), study)}
    if result._has_base:
        tables["comparison"] = _for_excel(result.compare(), study)
        tables["compensation"] = result.compensation()
    for name in ("metrics", "comparison", "compensation"):
        if name in tables:
            store.write_csv(folder / f"{name}.csv", tables[name])
        else:  # one of an earlier result
            store.forget(folder / f"{name}.csv")
    return result


def _for_excel(table: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Places by name too, yes and no in words; what is the whole study and its only year stands once."""
    from capsim.analysis.window import DAYS_PER_YEAR

    if study.days <= DAYS_PER_YEAR:
        table = table[table["window"] == "all"]
    if "certain" in table:
        table = table.assign(certain=table["certain"].map({True: "yes", False: "no"}))
    names: dict[str, str] = {}
    for region in study.regions:
        names |= region.place_names()
    place = table["place"].astype(object)
    named = table.assign(place_name=place.map(names).fillna(place))
    columns = list(table)
    after = columns.index("place") + 1
    return named[[*columns[:after], "place_name", *columns[after:]]]


@contextmanager
def _bar(folder: Path, wanted: list[tuple[str, int]], shown: bool) -> Iterator[None]:
    """A progress bar on stderr that counts the runs on disk; a run is many seconds, and a worker
    reports only when all scenarios of its replication are done."""
    from tqdm import tqdm

    left = {store.run_folder(folder, *key) / store.RUN for key in wanted}
    over = threading.Event()
    # mean rate: runs come in bursts, one from each worker
    with tqdm(total=len(wanted), unit="run", smoothing=0, disable=not shown) as bar:

        def count() -> None:
            while left:
                stop = over.wait(0.5)
                here = {path for path in left if path.exists()}
                left.difference_update(here)
                if here:
                    bar.update(len(here))
                elif sys.stderr.isatty():
                    bar.refresh()
                if stop:
                    return

        watcher = threading.Thread(target=count, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()


def _to_plain(study: Study) -> dict[str, Any]:
    return {
        "region": study.region.name,
        "replications": study.replications,
        "days": study.days,
        "warm_up_days": study.warm_up_days,
        "seed": study.seed,
        "engine": study.engine,
        "scenarios": [scenario_to_mapping(s) for s in study.scenarios],
    }


def _from_plain(plain: dict[str, Any], region: dict[str, Any], folder: Path) -> Study:
    try:
        scenarios = [scenario_from_mapping(s, str(folder / store.STUDY)) for s in plain["scenarios"]]
        numbers = {key: plain[key] for key in ("replications", "days", "warm_up_days", "seed", "engine")}
        return Study(region_from_plain(region), scenarios, **numbers)
    except (KeyError, TypeError, ValueError):
        raise InputError(
            Problem(str(folder / store.STUDY), "is no study that this version can read")
        ) from None


def check_whole(where: str, column: str, value: object, low: int, high: int) -> None:
    """Refuse what is no whole number from ``low`` to ``high``."""
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        allowed = f"must be a whole number, {low} or more and at most {high}"
        raise InputError(Problem(where, allowed, column=column, value=value))


def _refuse(column: str, allowed: str, value: object) -> NoReturn:
    raise InputError(Problem("study", allowed, column=column, value=value))
