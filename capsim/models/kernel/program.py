"""The kernel as a program: compiled once on a machine, kept on disk, found again by what it was made of."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

import numba
from numba import njit, types
from numba.core import config
from platformdirs import user_cache_dir

from capsim.models import kernel
from capsim.models.kernel import codes, engine
from capsim.models.kernel.world import IN_PYTHON, World, world_at

__all__ = ["run"]

HERE = Path(kernel.__file__).parent
NOTICE = "capsim: compiling the engine for this machine, this once (half a minute) …"


def run(world: World) -> None:
    """Run the clock of ``world`` to its end."""
    if IN_PYTHON:
        world.run_in_python(engine.run)
        return
    _program()(world.block.ctypes.data)


def _run_at(address: int) -> None:
    engine.run(world_at(address))  # type: ignore[call-arg]


@cache
def _program() -> Callable[[int], None]:
    """The compiled loop, from the cache if it is there."""
    folder = _folder()
    if folder is None or not any(folder.rglob("*.nbi")):
        print(NOTICE, file=sys.stderr, flush=True)
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
    made_of = hashlib.sha256(numba.__version__.encode())
    for source in sorted(HERE.glob("*.py")):
        made_of.update(source.read_bytes())
    constants = {name: getattr(codes, name) for name in dir(codes) if name.isupper()}
    made_of.update(repr(sorted((name, str(value)) for name, value in constants.items())).encode())
    return made_of.hexdigest()[:16]


def _folder() -> Path | None:
    """Where the program is kept: NUMBA_CACHE_DIR, beside this file, or the user's cache, whichever can be
    written; None if none can. Older programs there are deleted."""
    name = f"capsim-{fingerprint()}"
    for parent in _parents():
        folder = parent / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
        except OSError:
            continue
        for old in parent.glob("capsim-*"):
            if old != folder:
                with suppress(OSError):
                    shutil.rmtree(old)
        return folder
    return None


def _parents() -> list[Path]:
    given = os.environ.get("NUMBA_CACHE_DIR")
    if given:
        return [Path(given)]
    return [HERE / "__pycache__", Path(user_cache_dir("capsim", appauthor=False))]
