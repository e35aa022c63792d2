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
    """The generator of the stream called ``name``, at its beginning."""
    return np.random.Generator(np.random.Philox(key=stream_key(*name)))
