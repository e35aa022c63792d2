"""The kernel as a program: compiled once on a machine, kept on disk, found again by what it was made of."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numba
from llvmlite.binding import get_host_cpu_name
from numba import njit, types
from numba.core import config
from platformdirs import user_cache_dir

from capsim.models import kernel
from capsim.models.kernel import codes, engine
from capsim.models.kernel.world import IN_PYTHON, World, world_at

__all__ = ["prepare", "run"]

HERE = Path(kernel.__file__).parent
NOTICE = "capsim: compiling the engine for this machine, this once (half a minute) …"
NOWHERE = (
    "capsim: compiling the engine (half a minute), and there is no folder to keep it in: "
    "set NUMBA_CACHE_DIR to one that can be written to"
)


def prepare() -> None:
    """Compile now what is not in the cache, so that processes started later find it there."""
    if not IN_PYTHON:
        _program()


def run(world: World) -> None:
    """Run the clock of ``world`` to its end."""
    if IN_PYTHON:
        world.run_in_python(engine.run)
        return
    _program()(world.block.ctypes.data)


def _run_at(address: int) -> None:
    engine.run(world_at(address))  # type: ignore[call-arg]


_one_at_a_time = threading.Lock()  # where numba keeps programs is a setting of the whole process


def _program() -> Callable[[int], None]:
    with _one_at_a_time:
        return _compiled()


@cache
def _compiled() -> Callable[[int], None]:
    """The compiled loop, from the cache if it is there and whole."""
    folder = _folder()
    known = folder is not None and any(folder.rglob("*.nbi"))
    try:
        return _program_in(folder, known)
    except Exception:
        if folder is None or not known:
            raise
        shutil.rmtree(folder, ignore_errors=True)  # damaged: made anew
        return _program_in(_folder(), known=False)


def _program_in(folder: Path | None, known: bool) -> Callable[[int], None]:
    """The program, kept in ``folder`` if there is one; said if it is not ``known`` there."""
    if not known:
        print(NOTICE if folder else NOWHERE, file=sys.stderr, flush=True)
    before = config.CACHE_DIR  # type: ignore[attr-defined]
    try:
        config.CACHE_DIR = str(folder or "")  # type: ignore[attr-defined]
        program = njit(nogil=True, cache=folder is not None)(_run_at)
        program.compile((types.int64,))
    finally:
        config.CACHE_DIR = before  # type: ignore[attr-defined]
    return program


def fingerprint() -> str:
    """Of everything that the program is made of: numba's own cache looks at one file only."""
    made_of = [numba.__version__, sys.version, get_host_cpu_name()]
    made_of += [source.read_text(encoding="utf-8") for source in sorted(HERE.glob("*.py"))]
    made_of += [f"{name}={getattr(codes, name)}" for name in dir(codes) if name.isupper()]
    return hashlib.sha256("\n".join(made_of).encode()).hexdigest()[:16]


def _folder() -> Path | None:
    """Where the program is kept: in NUMBA_CACHE_DIR if that is set; else beside this file, or in the user's
    cache where this cannot be written to. None if neither can."""
    given = os.environ.get("NUMBA_CACHE_DIR")
    beside, users = HERE / "__pycache__", Path(user_cache_dir("capsim", appauthor=False))
    for parent in (Path(given),) if given else (beside, users):
        folder = parent / f"capsim-{fingerprint()}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
        except OSError:
            continue
        if parent == beside:  # what the code was before
            for old in set(beside.glob("capsim-*")) - {folder}:
                shutil.rmtree(old, ignore_errors=True)
        return folder
    return None
