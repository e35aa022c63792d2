"""Named, stateless random streams.

A stream is found by its name alone: the name is hashed to the 128-bit key of a Philox
counter-based generator. Nothing is added to a seed and nothing is carried from one stream to the
next, so a new stream cannot disturb an old one.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np

__all__ = ["cell_key", "generator", "stream_key"]


def stream_key(*name: int | str) -> int:
    """The 128-bit key of a stream. Integers and strings in ``name`` never collide ("1" is not 1)."""
    text = "\x1f".join(f"{type(part).__name__}:{part}" for part in name)
    return int.from_bytes(blake2b(text.encode(), digest_size=16).digest(), "little")


def cell_key(*name: int | str) -> int:
    """A 63-bit key that names a cell of demand in every study and replication."""
    return stream_key("cell", *name) >> 65


def generator(*name: int | str) -> np.random.Generator:
    """The generator of the stream called ``name``, at its beginning. Read it before the next one is
    asked for: all share one bit generator, whose state is set (making one costs ten times as much)."""
    key = stream_key(*name)
    _PHILOX.state = {
        "bit_generator": "Philox",
        "state": {
            "counter": _ZEROS,
            "key": np.array([key & _LOW, key >> 64], dtype=np.uint64),
        },
        "buffer": _ZEROS,
        "buffer_pos": 4,
        "has_uint32": 0,
        "uinteger": 0,
    }
    return _GENERATOR


_LOW = 2**64 - 1
_ZEROS = np.zeros(4, dtype=np.uint64)
_PHILOX = np.random.Philox(key=0)
_GENERATOR = np.random.Generator(_PHILOX)
