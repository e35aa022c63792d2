"""A region as plain data and back, so that a result folder holds the region it was computed from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from functools import lru_cache
from numbers import Integral, Real
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from capsim.region.region import Region

__all__ = ["content_hash", "region_from_plain", "region_to_plain"]


def region_to_plain(region: Region) -> dict[str, Any]:
    """The region as mappings, lists, text and numbers that JSON can hold; floats keep every bit."""
    return _to_plain(region)


def region_from_plain(data: Mapping[str, Any]) -> Region:
    """The region that :func:`region_to_plain` was given.

    Raises:
        KeyError, TypeError, ValueError: if ``data`` is something else.
    """
    return _from_plain(Region, data)


def content_hash(value: object) -> str:
    """SHA-256 (hex) of plain data; the order of keys does not matter."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _to_plain(value: Any) -> Any:
    if is_dataclass(value):
        return {f.name: _to_plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        if all(isinstance(key, str) for key in value):
            return {key: _to_plain(item) for key, item in value.items()}
        return [[_to_plain(key), _to_plain(value[key])] for key in sorted(value)]
    if isinstance(value, tuple | list):
        return [_to_plain(item) for item in value]
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value)
    raise TypeError(f"a region cannot hold {value!r}")


@lru_cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def _from_plain(hint: Any, data: Any) -> Any:
    if is_dataclass(hint) and isinstance(hint, type):
        hints = _hints(hint)
        return hint(**{f.name: _from_plain(hints[f.name], data[f.name]) for f in fields(hint)})
    origin, args = get_origin(hint), get_args(hint)
    if origin is tuple:
        if args[-1] is Ellipsis:
            return tuple(_from_plain(args[0], item) for item in data)
        return tuple(_from_plain(a, item) for a, item in zip(args, data, strict=True))
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        pairs = data.items() if isinstance(data, Mapping) else data
        return {_from_plain(args[0], key): _from_plain(args[1], item) for key, item in pairs}
    if NoneType in args:
        return None if data is None else _from_plain(next(a for a in args if a is not NoneType), data)
    if hint is date:
        return date.fromisoformat(data)
    if hint is float:
        return float(data)
    return data
