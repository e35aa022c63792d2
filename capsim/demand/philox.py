"""Numpy's Philox4x64-10, read at any place: a stream's uniforms need not be drawn in their order.

The n-th block of a stream is a function of its key and of n alone (Salmon et al. 2011, Parallel
random numbers: as easy as 1, 2, 3). Compiled when it is first used.
"""

# compiled code: numba infers the types
# mypy: ignore-errors
from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from capsim.kept import kept, read_only

__all__ = ["fill"]

MULTIPLIER = np.uint64(0xD2E7470EE14C6C93), np.uint64(0xCA5A826395121157)
WEYL = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBB67AE8584CAA73B)
ROUNDS = 10
SHIFT, UNIT = np.uint64(11), 2.0**-53


@intrinsic
def _product(_, a, b):
    """The high and the low 64 bits of a product of two 64-bit numbers."""

    def code(context, builder, signature, args):
        whole = builder.mul(*(builder.zext(x, ir.IntType(128)) for x in args))
        high = builder.lshr(whole, ir.Constant(ir.IntType(128), 64))
        halves = [builder.trunc(x, ir.IntType(64)) for x in (high, whole)]
        return context.make_tuple(builder, signature.return_type, halves)

    return types.UniTuple(types.uint64, 2)(types.uint64, types.uint64), code


@njit(inline="always")
def _block(number: int, k0: int, k1: int) -> tuple[int, int, int, int]:
    """The four 64-bit numbers of one block."""
    c0, c1, c2, c3 = np.uint64(number), np.uint64(0), np.uint64(0), np.uint64(0)
    for _ in range(ROUNDS):
        high0, low0 = _product(MULTIPLIER[0], c0)
        high1, low1 = _product(MULTIPLIER[1], c2)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0 += WEYL[0]
        k1 += WEYL[1]
    return c0, c1, c2, c3


WHOLE = read_only(types.int64)


@kept(
    types.void(
        types.float64[:, ::1], WHOLE, WHOLE, read_only(types.uint64, 2), WHOLE, WHOLE, read_only(types.int32)
    )
)
def fill(
    out: np.ndarray,
    to: np.ndarray,
    at: np.ndarray,
    keys: np.ndarray,
    begin: np.ndarray,
    stream: np.ndarray,
    index: np.ndarray,
) -> None:
    """Each stream is a table of ``len(to)`` uniforms a row, after the first ``begin`` numbers: column j of
    row ``index[i]`` in ``stream[i]`` to ``out[to[j], at[i]]``; nowhere if ``to[j]`` is negative."""
    wanted = np.flatnonzero(to >= 0)
    if not len(wanted):
        return
    low, high = wanted[0], wanted[-1] + 1
    drawn = np.empty(high - low + 6)
    for i in range(len(stream)):
        k0, k1 = keys[stream[i], 0], keys[stream[i], 1]
        first = begin[stream[i]] + index[i] * len(to) + low
        block, skipped = first >> 2, first & 3
        for b in range((skipped + high - low + 3) >> 2):
            bits = _block(block + b + 1, k0, k1)  # numpy counts before it draws
            for j in range(4):
                drawn[4 * b + j] = np.int64(bits[j] >> SHIFT) * UNIT
        for j in range(low, high):
            if to[j] >= 0:
                out[to[j], at[i]] = drawn[skipped + j - low]
