"""Any Python value as one that the journal knows: None, bool, int, float, str, list, dict. Knows the shapes of NumPy's, torch's and
TensorFlow's objects without importing any of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import PurePath
from typing import Any

MAX_ITEMS = 10_000
"""Items of a logged array or list; a larger one belongs into a Histogram, a Table or a file."""
_MAX_DEPTH = 64


def scalar(key: str, value: Any) -> Any:
    """A logged value that `struct` does not pack as it is; an array of one element is that element. TypeError naming `key` if it
    cannot be logged.
    """
    found = plain(key, value)
    while isinstance(found, list) and len(found) == 1 and _is_array(value):
        found = found[0]
    return found


def _is_array(value: Any) -> bool:
    return getattr(value, "shape", None) is not None


def plain(key: str, value: Any, depth: int = 0) -> Any:
    """`value` as plain JSON data (NaN and integers of any size allowed). TypeError naming `key` if that cannot be."""
    if depth > _MAX_DEPTH:
        raise TypeError(f"{key!r} is nested more than {_MAX_DEPTH} deep.")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (str, int, float)):
        return _bare(value)
    if isinstance(value, Mapping):
        return {str(k): plain(f"{key}.{k}", v, depth + 1) for k, v in value.items()}
    if isinstance(value, (Sequence, AbstractSet)) and not isinstance(value, (bytes, bytearray)):
        if len(value) > MAX_ITEMS:
            raise TypeError(f"{key!r} has {len(value):,} items: at most {MAX_ITEMS:,} can be kept as one value.")
        return [plain(key, v, depth + 1) for v in value]
    return _foreign(key, value, depth)


def _bare(value: str | float) -> str | float:
    """A subclass of str, int or float (an enum, a NumPy scalar) as what it is."""
    if isinstance(value, str):
        return str.__str__(value)
    return int(value) if isinstance(value, int) else float(value)


def _foreign(key: str, value: Any, depth: int) -> Any:
    if _is_array(value):
        return _array(key, value, depth)
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "replace")
    if hasattr(value, "isoformat") and callable(value.isoformat):
        return str(value.isoformat())
    raise TypeError(f"{key!r} is a {type(value).__module__}.{type(value).__qualname__}, which cannot be logged.")


def _array(key: str, value: Any, depth: int) -> Any:
    """An array or tensor of any library, as nested lists; one without dimensions as its element."""
    size = 1
    for extent in value.shape:
        size *= int(extent)
    if size > MAX_ITEMS:
        raise TypeError(
            f"{key!r} is an array of {size:,} numbers: log at most {MAX_ITEMS:,}, a summary of it, or a file."
        )
    if not callable(getattr(value, "tolist", None)) and callable(getattr(value, "numpy", None)):
        value = value.numpy()  # TensorFlow
    if not callable(getattr(value, "tolist", None)):
        raise TypeError(f"{key!r} is a {type(value).__module__}.{type(value).__qualname__}, which cannot be logged.")
    listed = value.tolist()
    if type(listed) is type(value):  # a number that Python has no type for: longdouble, bfloat16
        return float(listed)
    return plain(key, listed, depth + 1)


def config_value(key: str, value: Any) -> Any:
    """A config value: as `plain`, but what it does not know is kept as its text, since a config is for people to read."""
    return _readable(key, value, 0)


def _readable(key: str, value: Any, depth: int) -> Any:
    try:
        return plain(key, value, depth)
    except TypeError:
        if depth < _MAX_DEPTH and isinstance(value, Mapping):
            return {str(k): _readable(f"{key}.{k}", v, depth + 1) for k, v in value.items()}
        if depth < _MAX_DEPTH and isinstance(value, (Sequence, AbstractSet)) and len(value) <= MAX_ITEMS:
            return [_readable(key, v, depth + 1) for v in value]
        return str(value)[:1000]
