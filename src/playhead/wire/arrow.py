"""Arrow's stream format, as far as columns of rows need it: one record batch of 64-bit integers, floats, booleans and texts.

Whoever reads Arrow reads what `encode` writes. `decode` reads that, and refuses what else Arrow has. Neither copies a value.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from playhead.wire.flatbuffer import Fields, Scalar, Structs, Table, Tables, Text, build

CONTENT_TYPE = "application/vnd.apache.arrow.stream"
INT, FLOAT, BOOL, TEXT = "int", "float", "bool", "text"

_CONTINUES = 0xFFFFFFFF
_END = struct.pack("<II", _CONTINUES, 0)
_V5 = 4
_SCHEMA, _BATCH = 1, 3
_INT, _FLOATING, _UTF8, _BOOL = 2, 3, 5, 6
_ABOUT = "playhead"
"""Key of the schema's metadata that has ours, as JSON."""
_TYPES: dict[str, tuple[int, Fields]] = {
    INT: (_INT, [Scalar("i", 64), Scalar("B", 1)]),
    FLOAT: (_FLOATING, [Scalar("h", 2)]),
    BOOL: (_BOOL, []),
    TEXT: (_UTF8, []),
}
Buffer = bytes | bytearray | memoryview


class Column(NamedTuple):
    """A column. `valid` is a bitmap, least bit first, of the rows that have a value; empty: all. So are the `data` of booleans."""

    name: str
    type: str
    data: Buffer
    valid: Buffer = b""
    offsets: Buffer = b""
    """Of a text column: where the text of each row begins in `data`, and the end, as 32-bit integers."""


class Frame(NamedTuple):
    """Columns of equal length, and what is said of them."""

    length: int
    columns: Sequence[Column]
    about: Mapping[str, Any]


def encode(frame: Frame) -> list[Buffer]:
    """The stream, in parts."""
    fields = [_field(column) for column in frame.columns]
    about: Fields = [Text(_ABOUT), Text(json.dumps(dict(frame.about)))]
    schema: Fields = [Scalar("h", 0), Tables(fields), Tables([about])]
    buffers = [part for column in frame.columns for part in _buffers(column)]
    places, length = [], 0
    for buffer in buffers:
        places.append((length, len(buffer)))
        length += len(buffer) + -len(buffer) % 8
    nodes = [(frame.length, _missing(column, frame.length)) for column in frame.columns]
    batch: Fields = [Scalar("q", frame.length), Structs(nodes), Structs(places)]
    out: list[Buffer] = [_message(_SCHEMA, schema, 0), _message(_BATCH, batch, length)]
    for buffer in buffers:
        out += [buffer, bytes(-len(buffer) % 8)]
    return [*out, _END]


def _field(column: Column) -> Fields:
    code, kind = _TYPES[column.type]
    return [Text(column.name), Scalar("B", 1), Scalar("B", code), kind, None, Tables([])]


def _buffers(column: Column) -> list[Buffer]:
    parts = [column.valid, column.offsets, column.data] if column.type == TEXT else [column.valid, column.data]
    return [memoryview(part).cast("B") if isinstance(part, memoryview) else part for part in parts]


def _missing(column: Column, length: int) -> int:
    """How many rows have no value."""
    if not len(column.valid):
        return 0
    return length - int.from_bytes(column.valid, "little").bit_count()


def _message(kind: int, header: Fields, body: int) -> bytes:
    data = build([Scalar("h", _V5), Scalar("B", kind), header, Scalar("q", body)])
    return struct.pack("<II", _CONTINUES, len(data)) + data


def decode(data: bytes) -> Frame:
    """What `encode` wrote. ValueError if it is something else."""
    return next(decode_all(data))


def decode_all(data: bytes) -> Iterator[Frame]:
    """What `encode` wrote several times, one stream behind the other, at least one. ValueError if it is something else."""
    view, at = memoryview(data), 0
    while not at or at < len(view):
        try:
            frame, at = _decoded(view, at)
        except (struct.error, IndexError, KeyError, TypeError, UnicodeDecodeError) as error:
            raise ValueError(f"not a stream of Arrow columns: {error}") from error
        yield frame


def _decoded(data: memoryview, at: int) -> tuple[Frame, int]:
    """The stream that begins there, and where it ends."""
    fields: list[tuple[str, str]] = []
    about: Mapping[str, Any] = {}
    while True:
        mark, size = struct.unpack_from("<II", data, at)
        if mark != _CONTINUES:
            raise ValueError("not a stream of Arrow columns")
        if not size:
            raise ValueError("a stream of Arrow columns without a batch")
        message = Table.root(data[at + 8 : at + 8 + size])
        header, body = message.table(2), at + 8 + size
        at = body + message.scalar(3, "q")
        if header is None:
            raise ValueError("an Arrow message without a header")
        if message.scalar(1, "B") == _SCHEMA:
            fields = [(field.text(0), _type(field)) for field in header.tables(1)]
            about = next((json.loads(pair.text(1)) for pair in header.tables(2) if pair.text(0) == _ABOUT), {})
        elif message.scalar(1, "B") == _BATCH:
            return _frame(fields, about, header, data[body:at]), at + len(_END)
        else:
            raise ValueError("an Arrow message of another kind")


def _type(field: Table) -> str:
    code, kind = field.scalar(2, "B"), field.table(3)
    if code == _INT and kind is not None and (kind.scalar(0, "i"), kind.scalar(1, "B")) == (64, 1):
        return INT
    if code == _FLOATING and kind is not None and kind.scalar(0, "h") == 2:
        return FLOAT
    if code in {_UTF8, _BOOL}:
        return TEXT if code == _UTF8 else BOOL
    raise ValueError(f"the Arrow column {field.text(0)!r} is of another type")


def _frame(fields: Sequence[tuple[str, str]], about: Mapping[str, Any], batch: Table, body: memoryview) -> Frame:
    if batch.table(3) is not None:
        raise ValueError("a compressed Arrow batch")
    length, places = batch.scalar(0, "q"), iter(batch.structs(2, 2))

    def buffer(least: int) -> memoryview:
        start, size = next(places, (0, -1))
        if start < 0 or size < least or start + size > len(body):
            raise ValueError("an Arrow buffer that is too short")
        return body[start : start + size]

    columns = []
    for name, kind in fields:
        valid = buffer(0)
        if kind == TEXT:
            offsets = buffer(4 * (length + 1))[: 4 * (length + 1)]
            columns.append(Column(name, kind, buffer(0), valid, offsets))
        else:
            least = -(-length // 8) if kind == BOOL else 8 * length
            columns.append(Column(name, kind, buffer(least)[:least], valid))
    return Frame(length, columns, about)
