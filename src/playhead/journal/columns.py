"""Rows of a journal as NumPy columns, without a loop a value. Server side only: this module needs NumPy."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playhead.domain.errors import JournalError
from playhead.domain.limits import MAX_KEYS_PER_ROW
from playhead.journal import format as f
from playhead.journal import reader

Schema = tuple[tuple[str, str], ...]

_DTYPE = {f.FLOAT: "<f8", f.INT: "<i8", f.BOOL: "u1"}


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one schema, in the order of the file. `columns[i]` belongs to key `keys[i]`, all of the length of `step`."""

    offset: NDArray[np.int64]
    """Where each row's frame begins: which of two rows was written later."""
    step: NDArray[np.int64]
    time: NDArray[np.int64]
    keys: list[str]
    columns: list[NDArray[Any]]
    """float64, int64, or uint8 for booleans."""
    object_keys: list[str] = field(default_factory=list)
    objects: list[list[Any]] = field(default_factory=list)
    """For each row the values of `object_keys`."""


@dataclass(frozen=True, slots=True)
class Record:
    """A frame that is no row."""

    kind: int
    offset: int
    step: int
    time: int
    data: dict[str, Any]


@dataclass(slots=True)
class Stretch:
    """What stands in a piece of a journal."""

    end: int
    """Offset of the first byte that was not applied: the begin of a frame, or of one that is still being written."""
    rows: list[Rows] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    schemas: dict[int, Schema] = field(default_factory=dict)
    """Announced in this piece."""
    damaged: int = 0
    """Places that could not be read."""


def _schema_of(data: dict[str, Any]) -> tuple[int, Schema]:
    """Id and columns of a schema; JournalError if they are not as a writer makes them."""
    schema, columns = data.get("id"), data.get("columns")
    if (
        type(schema) is not int
        or not 0 <= schema < 1 << 32
        or not isinstance(columns, list)
        or len(columns) > MAX_KEYS_PER_ROW
    ):
        raise JournalError("A schema of this journal has no id or no columns.")
    if not all(
        isinstance(column, list) and len(column) == 2 and all(isinstance(text, str) for text in column)
        for column in columns
    ):
        raise JournalError("A schema of this journal has a column without name or type.")
    codes = [code for _, code in columns]
    if any(code not in (*_DTYPE, f.OBJECT) for code in codes) or sorted(codes, key=lambda c: c == f.OBJECT) != codes:
        raise JournalError("A schema of this journal has a column of unknown type.")
    if len({key for key, _ in columns}) < len(columns):
        raise JournalError("A schema of this journal has two columns of one name.")
    return schema, tuple((key, code) for key, code in columns)


def decode(
    data: bytes | memoryview, base: int, seed: int, known: Mapping[int, Schema], *, final: bool = False
) -> Stretch:
    """Everything in `data`, bytes of a journal from offset `base` on; `known` are the schemas announced before it.

    What cannot be read is counted and skipped. Rows keep the order of the file within their schema.
    """
    view = memoryview(data)
    out = Stretch(end=base)
    tables = _Tables(known)
    walk = reader.frames(view, base, seed, final=final)
    for item in walk:
        if isinstance(item, reader.Damage):
            out.damaged += 1
        elif item.kind == f.ROW:
            walk.at = tables.take(view, item, base, seed)
        elif item.kind in f.KIND_NAMES and item.kind != f.HEADER:
            _take_record(out, item, tables)
    out.end = base + walk.at
    tables.finish(out)
    return out


class _Layout:
    """Where the columns of one schema stand in its rows, and the rows found so far."""

    def __init__(self, schema: Schema) -> None:
        fixed = [(key, code) for key, code in schema if code != f.OBJECT]
        self.keys = [key for key, _ in fixed]
        self.object_keys = [key for key, code in schema if code == f.OBJECT]
        codes = tuple(code for _, code in fixed)
        self.dtype = (_remembered if len(codes) <= _NARROW else _dtype)(codes)
        self.size = self.dtype.itemsize
        self.pieces: list[memoryview] = []
        self.offsets: list[range] = []
        self.tails: list[list[Any]] = []

    def add(self, view: memoryview, begin: int, base: int, count: int = 1) -> None:
        """Note `count` neighbouring rows, the first at `begin` of `view`."""
        self.pieces.append(view[begin : begin + count * self.size])
        self.offsets.append(range(base + begin, base + begin + count * self.size, self.size))


def _dtype(codes: tuple[str, ...]) -> np.dtype[Any]:
    """Of rows whose values have these types."""
    head = [("lead", "<u8"), ("crc", "<u4"), ("kind", "u1"), ("schema", "<u4"), ("step", "<i8"), ("time", "<i8")]
    return np.dtype([*head, *((f"c{number}", _DTYPE[code]) for number, code in enumerate(codes))])


_NARROW = 256
"""Columns of rows whose dtype is remembered: a row that comes alone is read faster than this is made."""
_remembered = lru_cache(256)(_dtype)


class _Tables:
    """Collects rows by schema. Neighbours of equal schema, the usual case, are taken at once."""

    def __init__(self, known: Mapping[int, Schema]) -> None:
        self._known = dict(known)
        self._layouts: dict[int, _Layout] = {}
        self._damaged = 0

    def announce(self, schema: int, columns: Schema) -> bool:
        """From here on rows of `schema` have these columns. False if it is known already: each is announced twice."""
        return self._known.setdefault(schema, columns) is columns

    def _layout(self, schema: int) -> _Layout | None:
        layout = self._layouts.get(schema)
        if layout is None and schema in self._known:
            layout = self._layouts[schema] = _Layout(self._known[schema])
        return layout

    def take(self, view: memoryview, item: reader.Frame, base: int, seed: int) -> int:
        """Take the row `item` and its equals behind it; answers where (in `view`) the first byte not taken is."""
        begin, end = item.offset - base, item.end - base
        layout = self._layout(int.from_bytes(item.body[:4], "little"))
        if layout is None or end - begin < layout.size or (not layout.object_keys and end - begin != layout.size):
            self._damaged += 1
            return end
        if not layout.object_keys:
            count = _equals(view, begin, layout, seed)
            layout.add(view, begin, base, count)
            return begin + count * layout.size
        try:
            values = f.loads(view[begin + layout.size : end])
        except (ValueError, RecursionError):
            values = None
        if isinstance(values, list) and len(values) == len(layout.object_keys):
            layout.add(view, begin, base)
            layout.tails.append(values)
        else:
            self._damaged += 1
        return end

    def finish(self, out: Stretch) -> None:
        """Put what was collected into `out`."""
        out.damaged += self._damaged
        for layout in self._layouts.values():
            if layout.pieces:
                table = np.frombuffer(b"".join(layout.pieces), layout.dtype)
                offset = np.concatenate([np.arange(o.start, o.stop, o.step) for o in layout.offsets])
                step, time = np.ascontiguousarray(table["step"]), np.ascontiguousarray(table["time"])
                columns = [np.ascontiguousarray(table[f"c{i}"]) for i in range(len(layout.keys))]
                out.rows.append(Rows(offset, step, time, layout.keys, columns, layout.object_keys, layout.tails))


def _equals(view: memoryview, begin: int, layout: _Layout, seed: int) -> int:
    """How many intact frames of the layout follow one another from `begin` on; the first is known to be intact."""
    size = layout.size
    most = (len(view) - begin) // size
    lead, mark = bytes(view[begin : begin + 8]), bytes(view[begin + 12 : begin + 17])
    count, window = 1, 8
    while count < most:
        after = begin + count * size
        if view[after : after + 8] != lead or view[after + 12 : after + 17] != mark:
            break
        table = np.frombuffer(view, layout.dtype, min(window, most - count), after)
        same = (table["lead"] == table["lead"][0]) & (table["kind"] == f.ROW) & (table["schema"] == table["schema"][0])
        alike = len(same) if same.all() else int(np.argmin(same))
        sums = [
            zlib.crc32(view[at : at + size - 12], seed) for at in range(after + 12, after + 12 + alike * size, size)
        ]
        intact = table["crc"][:alike] == np.array(sums, np.uint32)
        good = alike if intact.all() else int(np.argmin(intact))
        count += good
        if good < len(table):
            break
        window *= 8
    return count


def _take_record(out: Stretch, item: reader.Frame, tables: _Tables) -> None:
    try:
        step, time, data = reader.record(item.body)
        if item.kind == f.SCHEMA:
            schema, columns = _schema_of(data)
            if tables.announce(schema, columns):
                out.schemas[schema] = columns
        else:
            out.records.append(Record(item.kind, item.offset, step, time, data))
    except JournalError:
        out.damaged += 1
