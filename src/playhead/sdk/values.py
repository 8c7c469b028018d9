"""Any Python value as one that the journal knows: None, bool, int, float, str, list, dict. Knows the shapes of NumPy's and torch's objects
without importing either.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

MAX_ITEMS = 10_000
"""Items of a logged array or list; a larger one belongs into a Histogram, a Table or a file."""
_MAX_DEPTH = 64


def scalar(key: str, value: Any) -> Any:
    """A logged value that `struct` does not pack as it is. TypeError naming `key` if it cannot be logged."""
    item = getattr(value, "item", None)
    if callable(item) and getattr(value, "shape", None) is not None:
        size = 1
        for extent in value.shape:
            size *= int(extent)
        if size == 1 and not value.shape:
            return plain(key, item())
        if size > MAX_ITEMS:
            raise TypeError(f"{key!r} is an array of {size:,} numbers: log at most {MAX_ITEMS:,}, a summary of it, or a file.")
        tolist = getattr(value, "tolist", None)
        if callable(tolist):
            return plain(key, tolist())
    return plain(key, value)


def plain(key: str, value: Any, depth: int = 0) -> Any:
    """`value` as plain JSON data (NaN and integers of any size allowed). TypeError naming `key` if that cannot be."""
    if depth > _MAX_DEPTH:
        raise TypeError(f"{key!r} is nested more than {_MAX_DEPTH} deep.")
    if value is None or isinstance(value, (bool, str)):
        return value if not isinstance(value, str) else str(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, Mapping):
        return {str(k): plain(f"{key}.{k}", v, depth + 1) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset, range)):
        if len(value) > MAX_ITEMS:
            raise TypeError(f"{key!r} has {len(value):,} items: at most {MAX_ITEMS:,} can be kept as one value.")
        return [plain(key, v, depth + 1) for v in value]
    return _foreign(key, value, depth)


def _foreign(key: str, value: Any, depth: int) -> Any:
    if getattr(value, "shape", None) is not None and callable(getattr(value, "tolist", None)):
        listed = value.tolist()
        return plain(key, float(listed) if type(listed) is type(value) else listed, depth + 1)
    if isinstance(value, PurePath):
        return str(value)
    if hasattr(value, "isoformat") and callable(value.isoformat):
        return str(value.isoformat())
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    raise TypeError(f"{key!r} is a {type(value).__module__}.{type(value).__qualname__}, which cannot be logged.")


def config_value(key: str, value: Any) -> Any:
    """A config value: as `plain`, but what it does not know is kept as its text, since a config is for people to read."""
    try:
        return plain(key, value)
    except TypeError:
        if isinstance(value, Mapping):
            return {str(k): config_value(f"{key}.{k}", v) for k, v in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)) and len(value) <= MAX_ITEMS:
            return [config_value(key, v) for v in value]
        return str(value)[:1000]
