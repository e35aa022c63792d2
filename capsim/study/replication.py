"""One replication: its patients drawn once, and what happens to them in every scenario, on disk."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from capsim.region.region import Region
from capsim.study import store

if TYPE_CHECKING:
    from capsim.analysis.metrics import Happened
    from capsim.demand.patients import PatientTable
    from capsim.models.records import Records
    from capsim.study.study import Study

    _Known = tuple[Records, Happened]

__all__ = ["Work", "failure"]


@dataclass(frozen=True)
class Work:
    """One replication: draw its patients once, simulate them in the scenarios that miss it."""

    study: Study
    folder: Path
    fingerprint: str
    keep_records: bool

    def __call__(self, task: tuple[int, tuple[str, ...]]) -> list[dict[str, Any]]:
        from capsim.demand.patients import sample_patients

        replication, names = task
        study = self.study
        try:
            patients = sample_patients(
                study.region, study.days, study.warm_up_days, study.seed, replication, study.regions
            )
        except Exception as error:
            return [failure(name, replication, error) for name in names]
        known: list[_Known] = []
        return [
            self._run(scenario.name, region, patients, replication, known)
            for scenario, region in zip(study.scenarios, study.regions, strict=True)
            if scenario.name in names
        ]

    def _run(
        self, name: str, region: Region, patients: PatientTable, replication: int, known: list[_Known]
    ) -> dict[str, Any]:
        from capsim.analysis.metrics import census, summarise

        began = time.perf_counter()
        try:
            records, happened, digest = self._records(region, patients, known)
            tables = {"metrics": summarise(records, happened), "census": census(records)}
            for table in tables.values():
                table.insert(0, "replication", replication)
            tables["metrics"].insert(0, "fit", store.FIT)
            for table in tables.values():
                table.insert(0, "scenario", name)
            if self.keep_records:
                tables |= {"records": records.to_frame(), "events": records.events_frame()}
        except Exception as error:
            return failure(name, replication, error)
        seconds = round(time.perf_counter() - began, 3)
        run = {
            "scenario": name,
            "replication": replication,
            "records_sha256": digest,
            "seconds": seconds,
        }
        store.write_run(self.folder, self.fingerprint, run, tables)
        return run

    def _records(
        self, region: Region, patients: PatientTable, known: list[_Known]
    ) -> tuple[Records, Happened, str]:
        """What happened, and its digest: where only prices set ``region`` apart from the first scenario's
        or the last one's, that is ``known``."""
        from capsim.analysis.metrics import what_happened
        from capsim.models import repriced, simulate

        for like, happened in known:
            records = repriced(like, region)
            if records is not None:
                return records, happened, like.digest()
        records = simulate(region, patients, engine=self.study.engine)
        happened = what_happened(records)
        known[1:] = [(records, happened)]
        return records, happened, records.digest()


def failure(name: str, replication: int, error: Exception | str) -> dict[str, Any]:
    """A run that came to nothing, and why."""
    import traceback

    details = error if isinstance(error, str) else f"{type(error).__name__}: {error}"
    trace = "" if isinstance(error, str) else "".join(traceback.format_exception(error))
    return {"scenario": name, "replication": replication, "error": details, "traceback": trace}
