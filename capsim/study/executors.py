"""Ways to get tasks done: one after another here, or over processes.

An executor takes ``work`` (a picklable callable) and tasks (small picklable values) and yields
(task, what ``work`` returned) as they finish, in any order. What ``work`` raises stops the study.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Collection, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.connection import wait as wait_for
from pathlib import Path
from typing import Any

from capsim.errors import CapsimError

__all__ = ["Lost", "execute", "processes", "serial"]

MOST_TRIES = 3
BEGUN = ".begun"
"""Ending of a file beside the work: some process has come so far as to read it."""


@dataclass(frozen=True)
class Lost:
    """What is yielded for a task whose process died each time it was tried."""

    tries: int


def execute(
    work: Callable[[Any], Any], tasks: Collection[Any], workers: int
) -> Generator[tuple[Any, Any | Lost], None, None]:
    """Over ``workers`` processes where there is more than one task for them, else in this one."""
    return processes(work, tasks, workers) if workers > 1 and len(tasks) > 1 else serial(work, tasks)


def serial(work: Callable[[Any], Any], tasks: Iterable[Any]) -> Generator[tuple[Any, Any], None, None]:
    """One task after another in this process."""
    for task in tasks:
        yield task, work(task)


def processes(
    work: Callable[[Any], Any], tasks: Iterable[Any], workers: int
) -> Generator[tuple[Any, Any | Lost], None, None]:
    """``workers`` processes at a time. Each reads ``work`` once, from a file: what is sent to a process on
    its way must not be long, or Python waits for ever for one that dies before it has read it all (as each
    does of a script that starts a study without ``if __name__ == "__main__":``).

    A process that is killed breaks the pool and loses what its siblings were doing too, so the pool is
    made anew and every task that was under way is tried again, alone, so that the blame for the next
    death falls on the right one; after three tries it is given up as :class:`Lost`.

    Processes are spawned, on Linux as on Windows: a fork would copy the locks of threads that numpy,
    DuckDB or a notebook have started.
    """
    with tempfile.TemporaryDirectory(prefix="capsim-", ignore_cleanup_errors=True) as folder:
        at = Path(folder, "work.pickle")
        at.write_bytes(pickle.dumps(work))
        yield from _over_processes(at, tasks, workers)


def _over_processes(
    at: Path, tasks: Iterable[Any], workers: int
) -> Generator[tuple[Any, Any | Lost], None, None]:
    """:func:`processes` that read their work from ``at``."""
    waiting = deque((task, 0) for task in tasks)
    suspects: deque[tuple[Any, int]] = deque()
    deaths_in_a_row = 0
    while waiting or suspects:
        queue, width = (suspects, 1) if suspects else (waiting, min(workers, len(waiting)))
        pool = ProcessPoolExecutor(
            width, multiprocessing.get_context("spawn"), initializer=_begin, initargs=(at,)
        )
        under_way: dict[Future[Any], tuple[Any, int]] = {}
        try:
            while queue or under_way:
                while queue and len(under_way) < width:
                    future = pool.submit(_do, queue[0][0])  # raises, with nothing taken, if the pool broke
                    task, tries = queue.popleft()
                    under_way[future] = task, tries + 1
                for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                    result = future.result()
                    deaths_in_a_row = 0
                    yield under_way.pop(future)[0], result
        except BrokenProcessPool:
            deaths_in_a_row += 1
            none_began = not at.with_suffix(BEGUN).exists()
            if deaths_in_a_row > (1 if none_began else 2 * MOST_TRIES):
                raise CapsimError(
                    "every worker process dies at once; run with workers=1 to see why "
                    '(a script must start a study under `if __name__ == "__main__":`)'
                ) from None
            for task, tries in under_way.values():
                if tries < MOST_TRIES:
                    suspects.append((task, tries))
                else:
                    yield task, Lost(tries)
        except BaseException:
            # stopped from outside (Ctrl-C, a full disk): nobody wants what is still being computed
            for process in list((pool._processes or {}).values()):
                process.terminate()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


_work: Callable[[Any], Any]


def _begin(at: Path) -> None:
    """First thing in a new process: read the work, leave Ctrl-C to the parent, and do not outlive it."""
    global _work
    _work = pickle.loads(at.read_bytes())
    at.with_suffix(BEGUN).touch()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    # A pool's process keeps both ends of its queue open, so it would wait for ever for the next task of
    # a parent that was killed.
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait_for([parent.sentinel])
    os._exit(1)


def _do(task: Any) -> Any:
    return _work(task)
