"""What of a run can be asked for: its config, summary and tags as facts, each a path with values that compare and sort in one way everywhere.

A value becomes (kind, number, text, rest): values of one kind compare as these tuples do. That is what the catalogs store and index.
"""

from __future__ import annotations

import math
import re
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from typing import Any, NamedTuple

from playhead.domain.limits import MAX_ELEMENTS, MAX_FACTS, MAX_KEY

INDEXED = 200
"""Characters of a text that are sorted by; what is longer is compared in full all the same."""
ELEMENTS = "[]"
"""How the path ends under which the elements of a list are found."""
HIDDEN = "_playhead"
"""Key of a summary that holds its own notes."""
_UNFIT = re.compile("[\0\ud800-\udfff]")
_VALUE = re.compile(r"([^.]+)\.value(?=\.|$)")
_LARGEST = sys.float_info.max
_MOST_DIGITS = 400


class Kind(IntEnum):
    """What a value is. Only values of one kind are compared with one another; lists of runs sort by kind first."""

    NUMBER = 0
    STRING = 1
    BOOL = 2
    NAN = 3
    NULL = 4
    LIST = 5
    OBJECT = 6


MISSING = len(Kind)
"""Runs without a value come behind those of all kinds."""


class Fact(NamedTuple):
    """A value, comparable."""

    kind: Kind
    number: float = 0.0
    text: str = ""
    """Of a string its first characters; of an integer that no float is equal to, what is to be added to `number`."""
    rest: str = ""
    """Of a longer string the others."""


class Facts(NamedTuple):
    """What a document says: the value at each path, and elements of lists at paths that end in `[]`."""

    values: dict[str, tuple[Fact, ...]]
    left_out: int
    """Values beyond the limits, which cannot be asked for."""


def fact(value: Any) -> Fact:
    """A JSON value as a fact; of a list or an object, only that it is one."""
    if isinstance(value, bool):
        return Fact(Kind.BOOL, float(value))
    if isinstance(value, int):
        return _whole(value)
    if isinstance(value, float):
        return Fact(Kind.NAN) if math.isnan(value) else Fact(Kind.NUMBER, value)
    if isinstance(value, str):
        text = _UNFIT.sub("\ufffd", value)
        return Fact(Kind.STRING, 0.0, text[:INDEXED], text[INDEXED:])
    if value is None:
        return Fact(Kind.NULL)
    return Fact(Kind.OBJECT if isinstance(value, Mapping) else Kind.LIST)


def _whole(value: int) -> Fact:
    """An integer: the largest float that is not above it, and the difference as text that sorts as it counts."""
    if abs(value) <= 1 << 53:
        return Fact(Kind.NUMBER, float(value))
    if value > _LARGEST:
        return Fact(Kind.NUMBER, _LARGEST, "~")
    if value < -_LARGEST:
        return Fact(Kind.NUMBER, -math.inf, "~")
    number = float(value)
    if number > value:
        number = math.nextafter(number, -math.inf)
    digits = str(value - int(number))
    return Fact(Kind.NUMBER, number, "" if digits == "0" else f"{len(digits):03}{digits}"[:_MOST_DIGITS])


def path(name: str) -> str:
    """A path as it is kept: W&B writes `lr.value` for the config key `lr`."""
    return _UNFIT.sub("\ufffd", _VALUE.sub(r"\1", name, count=1) if ".value" in name else name)


def facts(document: Mapping[str, Any]) -> Facts:
    """The facts of a config or a summary. Keys of nested objects are joined by dots; what is nearer to the top comes first."""
    values: dict[str, tuple[Fact, ...]] = {}
    objects: dict[str, tuple[Fact, ...]] = {}
    left_out = 0
    for name, value in _each(document):
        place = path(name)
        if len(place) > MAX_KEY or len(values) + len(objects) >= MAX_FACTS:
            left_out += 1
            continue
        one = fact(value)
        (objects if one.kind is Kind.OBJECT else values).setdefault(place, (one,))
        if one.kind is Kind.LIST:
            elements = elements_of(value)
            if elements:
                values.setdefault(place + ELEMENTS, elements)
    return Facts({**objects, **values}, left_out)


def values_at(document: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The values at these paths, as they were; those that are there."""
    found = {name: document[name] for name in names if name in document}
    missing = {name for name in names if name not in found}
    if missing and any(isinstance(value, Mapping) for value in document.values()):
        for name, value in _each(document):
            if (place := path(name)) in missing:
                found.setdefault(place, value)
    return found


def value_at(document: Mapping[str, Any], name: str) -> Any:
    """The value at a path, as it was; None if there is none."""
    return next((value for place, value in _each(document) if path(place) == name), None)


def elements_of(value: Any) -> tuple[Fact, ...]:
    """The different elements of a list, but for lists and objects, as facts."""
    found = (fact(inner) for inner in value if not isinstance(inner, (Mapping, list, tuple)))
    return tuple(dict.fromkeys(found))[:MAX_ELEMENTS]


def _each(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every value with its path, level by level."""
    waiting: deque[tuple[str, Mapping[str, Any]]] = deque([("", document)])
    while waiting:
        prefix, level = waiting.popleft()
        for key, value in level.items():
            if not prefix and key == HIDDEN:
                continue
            yield prefix + key, value
            if isinstance(value, Mapping):
                waiting.append((f"{prefix}{key}.", value))
