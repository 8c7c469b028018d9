"""A stream's frames as bytes, for a journal that is no file: what another program's protocol says, written by the server itself.

Rows come with their keys in any order, and a number that is whole may stand for a float: a key that was a float once stays one.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from operator import itemgetter
from typing import Any, NamedTuple

from playhead.domain.errors import LimitError
from playhead.domain.limits import MAX_FRAME, MAX_KEY, MAX_KEYS_PER_ROW, MAX_ROW, MAX_TEXT
from playhead.journal import format as f
from playhead.journal.writer import Columns, clean_key, layout_of

_CODES = {float: f.FLOAT, int: f.INT, bool: f.BOOL}
_INT64 = 1 << 63
MAX_SHAPES = 1_000
"""Sets of keys that are kept at hand; beyond it all are worked out anew."""


class _Layout(NamedTuple):
    """How rows of these keys and types are packed."""

    pack: Callable[..., bytes]
    schema: int
    lead: int
    fixed: tuple[int, ...] | None
    """Places of the values that have a width; None: all of them."""
    objects: tuple[int, ...]


class _Shape:
    """Rows with the same keys."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.names = sorted(data)
        self.keys = frozenset(data)
        self.pick: Callable[[Mapping[str, Any]], tuple[Any, ...]] = _picker(self.names)
        self.layouts: dict[tuple[type, ...], _Layout] = {}


def _picker(names: list[str]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda data: tuple(data[name] for name in names)


class Schemas:
    """The row schemas of one stream, those that were announced and those that are about to be."""

    def __init__(self, known: Mapping[int, Columns]) -> None:
        self._ids = {columns: number for number, columns in known.items()}
        self._next = max(known, default=-1) + 1
        self._floats = {key for columns in known.values() for key, code in columns if code == f.FLOAT}
        self._shapes: dict[frozenset[str], _Shape] = {}

    def shape(self, data: Mapping[str, Any]) -> _Shape:
        """That of rows with these keys. LimitError if they are too many, or one is too long."""
        keys = frozenset(data)
        found = self._shapes.get(keys)
        if found is None:
            if len(keys) > MAX_KEYS_PER_ROW:
                raise LimitError(f"{len(keys):,} keys in one row: MAX_KEYS_PER_ROW is {MAX_KEYS_PER_ROW:,}.")
            if len(self._shapes) >= MAX_SHAPES:
                self._shapes.clear()
            found = self._shapes[keys] = _Shape(data)
        return found

    def layout(self, shape: _Shape, values: tuple[Any, ...], seed: int) -> tuple[_Layout, bytes]:
        """How `values` are packed, and the frames that announce it, if it is new. LimitError."""
        codes = [self._code(key, value) for key, value in zip(shape.names, values, strict=True)]
        fixed = [place for place, code in enumerate(codes) if code != f.OBJECT]
        objects = [place for place, code in enumerate(codes) if code == f.OBJECT]
        columns = tuple((shape.names[place], codes[place]) for place in (*fixed, *objects))
        announced = b""
        if columns not in self._ids:
            payload = f.record_payload(f.SCHEMA, 0, 0, f.schema_data(self._next, columns))
            if len(payload) > MAX_FRAME:
                raise LimitError(f"The keys of one row take {len(payload):,} bytes: MAX_FRAME is {MAX_FRAME:,}.")
            announced = f.frame(payload, seed) * 2
            self._ids[columns] = self._next
            self._next += 1
        packer = layout_of(columns)
        lead = f.lead(packer.size, seed)
        found = _Layout(packer.pack, self._ids[columns], lead, tuple(fixed) if objects else None, tuple(objects))
        if not any(isinstance(value, int) and not -_INT64 <= value < _INT64 for value in values):
            shape.layouts[tuple(map(type, values))] = found
        return found, announced

    def _code(self, key: str, value: Any) -> str:
        code = _CODES.get(type(value), f.OBJECT)
        if code == f.FLOAT and key not in self._floats:
            self._floats.add(key)
            for shape in self._shapes.values():  # whole numbers of this key are floats from now on
                shape.layouts.clear()
        if code == f.INT:
            if not -_INT64 <= value < _INT64:
                return f.OBJECT
            return f.FLOAT if key in self._floats else f.INT
        return code


class Packing:
    """Frames of one stream, one after the other."""

    def __init__(self, stream: str, schemas: Schemas) -> None:
        self._seed = f.seed_of(stream)
        self._schemas = schemas
        self._frames: list[bytes] = []
        self._shape: _Shape | None = None
        self.left_out = 0
        """Values of rows whose key cannot be kept."""

    def header(self, header: f.Header) -> None:
        """Begin the journal."""
        self._frames.append(f.header_bytes(header))

    def row(self, step: int, time: int, data: Mapping[str, Any]) -> None:
        """What was logged at `step`: dotted keys and plain JSON. LimitError or TypeError if it cannot be kept; then there is nothing of it."""
        shape = self._shape
        if shape is None or data.keys() != shape.keys:
            shape = self._shape = self._schemas.shape(data)
        values = shape.pick(data)
        layout = shape.layouts.get(tuple(map(type, values)))
        if layout is not None:
            try:
                payload = _payload(layout, step, time, values)
            except struct.error:  # an integer beyond 64 bits
                layout = None
        if layout is None:
            names = [_clean(name) for name in shape.names]
            if names != shape.names:
                pairs = zip(shape.names, names, strict=True)
                self.left_out += names.count("")
                self.row(step, time, {name: data[key] for key, name in pairs if name})
                return
            layout, announced = self._schemas.layout(shape, values, self._seed)
            if announced:
                self._frames.append(announced)
            payload = _payload(layout, step, time, values)
        lead = layout.lead if not layout.objects else f.lead(len(payload), self._seed)
        self._frames.append(f.FRAME_HEAD.pack(lead, zlib.crc32(payload, self._seed)) + payload)

    def record(self, kind: int, step: int, time: int, data: dict[str, Any]) -> None:
        """A frame of another kind; `data` is plain JSON. LimitError or TypeError if it cannot be kept."""
        payload = f.record_payload(kind, step, time, data)
        if len(payload) > MAX_FRAME:
            raise LimitError(f"{len(payload):,} bytes in one record: MAX_FRAME is {MAX_FRAME:,}.")
        self._frames.append(f.frame(payload, self._seed))

    def body(self) -> bytes:
        """All of it."""
        return b"".join(self._frames)


def _payload(layout: _Layout, step: int, time: int, values: tuple[Any, ...]) -> bytes:
    if layout.fixed is None:
        return layout.pack(f.ROW, layout.schema, step, time, *values)
    tail = f.dumps([_cut(values[place]) for place in layout.objects])
    if len(tail) > MAX_ROW:
        raise LimitError(f"{len(tail):,} bytes in one row: MAX_ROW is {MAX_ROW:,}.")
    return layout.pack(f.ROW, layout.schema, step, time, *(values[place] for place in layout.fixed)) + tail


def _clean(key: str) -> str:
    """The key as it is kept; empty if it cannot be."""
    return clean_key(key) if len(key) <= MAX_KEY else ""


def _cut(value: Any) -> Any:
    return value[:MAX_TEXT] if isinstance(value, str) else value


def flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """(Dotted key, value) of nested dicts; one that says its `_type` is a value."""
    for key, value in tree.items():
        if isinstance(value, dict) and "_type" not in value:
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value
