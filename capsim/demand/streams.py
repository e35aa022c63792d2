"""Named, stateless random streams.

A stream is found by its name alone: the name is hashed to the 128-bit key of a Philox
counter-based generator. Nothing is added to a seed and nothing is carried from one stream to the
next, so a new stream cannot disturb an old one.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

import numpy as np

__all__ = ["poisson", "spelt", "stream_key", "stream_keys"]

Name = tuple[int | str, ...]


def spelt(*name: int | str) -> bytes:
    """A name as it is hashed. Integers and strings never collide ("1" is not 1)."""
    return "\x1f".join(f"{type(part).__name__}:{part}" for part in name).encode()


def stream_key(*name: int | str) -> int:
    """The 128-bit key of a stream."""
    return int.from_bytes(blake2b(spelt(*name), digest_size=16).digest(), "little")


def stream_keys(family: Name, names: Iterable[bytes]) -> np.ndarray:
    """The keys of the streams called (``*family``, ``*name``) for each spelt name: the low and the high
    64 bits of each, shape (names, 2)."""
    start = spelt(*family) + b"\x1f"
    keys = bytearray().join([blake2b(start + name, digest_size=16).digest() for name in names])
    return np.frombuffer(keys, dtype="<u8").reshape(-1, 2)


def poisson(keys: np.ndarray, means: Iterable[float]) -> tuple[np.ndarray, np.ndarray]:
    """A Poisson number from the beginning of each stream, and how many uniforms of the stream it took."""
    drawn = []
    for key, mean in zip(keys, means, strict=True):
        # all share one bit generator, whose state is set: making one costs ten times as much
        _PHILOX.state = {
            "bit_generator": "Philox",
            "state": {"counter": _ZEROS, "key": key},
            "buffer": _ZEROS,
            "buffer_pos": 4,
            "has_uint32": 0,
            "uinteger": 0,
        }
        number = _GENERATOR.poisson(mean)
        state = _PHILOX.state
        drawn.append((number, 4 * int(state["state"]["counter"][0]) + state["buffer_pos"] - 4))
    numbers, taken = np.array(drawn, dtype=np.int64).reshape(-1, 2).T.copy()
    return numbers, taken


_ZEROS = np.zeros(4, dtype=np.uint64)
_PHILOX = np.random.Philox(key=0)
_GENERATOR = np.random.Generator(_PHILOX)
