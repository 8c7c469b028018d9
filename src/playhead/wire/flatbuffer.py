"""FlatBuffers, as far as Arrow's messages need them: tables of scalars, texts, tables, and vectors of these. Written from front to back.

A table is a list of fields by their number: None, `Scalar`, `Text`, another table, or a vector.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class Scalar(NamedTuple):
    """A number, in a format of `struct`."""

    format: str
    value: int


class Text(NamedTuple):
    """A string."""

    text: str


class Structs(NamedTuple):
    """A vector of structs of 64-bit integers."""

    rows: Sequence[tuple[int, ...]]


class Tables(NamedTuple):
    """A vector of tables."""

    items: Sequence[Fields]


Fields = Sequence["Scalar | Text | Structs | Tables | Fields | None"]
Part = Scalar | Text | Structs | Tables | Fields


def build(root: Fields) -> bytes:
    """The buffer of a root table, its length a multiple of 8."""
    out = bytearray(4)
    struct.pack_into("<I", out, 0, _table(out, root))
    _pad(out, 8)
    return bytes(out)


def _pad(out: bytearray, to: int, more: int = 0) -> None:
    """So that what stands `more` bytes behind the end is aligned."""
    out += bytes(-(len(out) + more) % to)


def _table(out: bytearray, fields: Fields) -> int:
    """Write a table and all that it refers to; where it begins."""
    places, size = [], 4
    for part in fields:
        width = struct.calcsize(part.format) if isinstance(part, Scalar) else 4
        if part is None:
            places.append(0)
            continue
        size += -size % width
        places.append(size)
        size += width
    _pad(out, 8, 4 + 2 * len(fields))
    vtable = len(out)
    out += struct.pack(f"<HH{len(fields)}H", 4 + 2 * len(fields), size, *places)
    start = len(out)
    out += struct.pack("<i", start - vtable) + bytes(size - 4)
    for part, place in zip(fields, places, strict=True):
        if isinstance(part, Scalar):
            struct.pack_into("<" + part.format, out, start + place, part.value)
    for part, place in zip(fields, places, strict=True):
        if part is not None and not isinstance(part, Scalar):
            _refer(out, start + place, part)
    return start


def _refer(out: bytearray, place: int, part: Part) -> None:
    """Write something, and at `place` how far it is from there."""
    struct.pack_into("<I", out, place, _written(out, part) - place)


def _written(out: bytearray, part: Part) -> int:
    if isinstance(part, Text):
        data = part.text.encode()
        _pad(out, 4)
        start = len(out)
        out += struct.pack("<I", len(data)) + data + b"\0"
        return start
    if isinstance(part, Structs):
        _pad(out, 8, 4)
        start = len(out)
        out += struct.pack("<I", len(part.rows))
        for row in part.rows:
            out += struct.pack(f"<{len(row)}q", *row)
        return start
    if isinstance(part, Tables):
        _pad(out, 4)
        start = len(out)
        out += struct.pack("<I", len(part.items)) + bytes(4 * len(part.items))
        for number, item in enumerate(part.items):
            _refer(out, start + 4 + 4 * number, item)
        return start
    assert not isinstance(part, Scalar)
    return _table(out, part)


class Table:
    """A table in a buffer. Reading beyond the buffer is a struct.error."""

    def __init__(self, data: memoryview, at: int) -> None:
        self._data = data
        self._at = at
        (back,) = struct.unpack_from("<i", data, at)
        self._vtable = at - back
        (self._fields,) = struct.unpack_from("<H", data, self._vtable)

    @classmethod
    def root(cls, data: memoryview) -> Table:
        """The first table of a buffer."""
        return cls(data, struct.unpack_from("<I", data)[0])

    def scalar(self, field: int, code: str, default: int = 0) -> int:
        """A number, in a format of `struct`."""
        place = self._place(field)
        found: int = struct.unpack_from("<" + code, self._data, place)[0] if place else default
        return found

    def table(self, field: int) -> Table | None:
        """Another table."""
        place = self._place(field)
        return Table(self._data, self._target(place)) if place else None

    def text(self, field: int) -> str:
        """A string."""
        place = self._place(field)
        if not place:
            return ""
        start, count = self._vector(place)
        return str(self._data[start : start + count], "utf-8")

    def tables(self, field: int) -> list[Table]:
        """A vector of tables."""
        return self._each(field, 4, lambda at: Table(self._data, self._target(at)))

    def structs(self, field: int, numbers: int) -> list[tuple[int, ...]]:
        """A vector of structs of so many 64-bit integers."""
        return self._each(field, 8 * numbers, lambda at: struct.unpack_from(f"<{numbers}q", self._data, at))

    def _each(self, field: int, width: int, read: Callable[[int], T]) -> list[T]:
        place = self._place(field)
        if not place:
            return []
        start, count = self._vector(place)
        if start + count * width > len(self._data):
            raise struct.error("a vector goes beyond its buffer")
        return [read(start + number * width) for number in range(count)]

    def _place(self, field: int) -> int:
        """Where a field stands; 0 if it is not there."""
        if 4 + 2 * field >= self._fields:
            return 0
        (offset,) = struct.unpack_from("<H", self._data, self._vtable + 4 + 2 * field)
        return self._at + offset if offset else 0

    def _target(self, place: int) -> int:
        return place + int(struct.unpack_from("<I", self._data, place)[0])

    def _vector(self, place: int) -> tuple[int, int]:
        """Where its items begin, and how many there are."""
        start = self._target(place)
        return start + 4, struct.unpack_from("<I", self._data, start)[0]
