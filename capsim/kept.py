"""Small compiled passes, kept on disk where numba finds a folder that it can write to."""

# mypy: ignore-errors
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit, types

__all__ = ["kept", "read_only"]


def read_only(of: types.Type, dimensions: int = 1) -> types.Array:
    """A contiguous array that is only read."""
    return types.Array(of, dimensions, "C", readonly=True)


def kept(signature: Any) -> Callable[[Callable], Callable]:
    """A decorator: compiled for one signature when first imported, and from then on loaded. What cannot be
    loaded (a damaged file) is compiled and kept anew."""

    def compiled(function: Callable) -> Callable:
        try:
            program = njit(cache=True)(function)
        except RuntimeError:  # there is no such folder
            return njit(signature)(function)
        try:
            program.compile(signature)
        except Exception:
            program._cache.flush()
            program = njit(cache=True)(function)
            program.compile(signature)
        program.disable_compile()
        return program

    return compiled
