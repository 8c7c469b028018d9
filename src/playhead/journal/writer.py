"""Appends to a journal. A call that returned is in the operating system's hands: `kill -9` loses nothing.

Not thread-safe: whoever owns a writer holds one lock around every call. One writer a file, one file a stream.
"""

from __future__ import annotations

import operator
import os
import struct
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from playhead.domain.errors import LimitError
from playhead.domain.limits import MAX_FRAME, MAX_HELD_KEYS, MAX_KEY, MAX_KEYS_PER_ROW, MAX_ROW, MAX_SCHEMAS, MAX_TEXT
from playhead.journal import format as f

Told = Callable[[str], None]
"""Takes a sentence about something that was not recorded as given."""

Convert = Callable[[str, Any], Any]
"""Turns a value that the journal does not know into None, bool, int, float, str, list or dict, or LEFT_OUT; TypeError if it cannot be
logged."""

LEFT_OUT = object()
"""Instead of a value: the row goes without this key. A row of which nothing else is left is not written."""

_PLAIN = {float: f.FLOAT, int: f.INT, bool: f.BOOL}
_INT64 = 1 << 63
_NUMPY = {
    **dict.fromkeys(("float16", "float32", "float64"), f.FLOAT),
    **dict.fromkeys(("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32"), f.INT),
    **dict.fromkeys(("bool", "bool_"), f.BOOL),
}
_FIXED = {f.FLOAT: "d", f.INT: "q", f.BOOL: "?"}

Columns = tuple[tuple[str, str], ...]
Encoder = tuple[Callable[..., bytes], int, int]
"""Packs a row's payload; id of its schema; length and guard of its frame, see `format.lead`."""

Last = tuple[int, int, Any]
"""Step, time and value."""

to_disk = getattr(os, "fdatasync", os.fsync)
"""Waits until what was written to a file descriptor is on the disk. macOS has no fdatasync."""
_head = f.FRAME_HEAD.pack
_crc32 = zlib.crc32
_monotonic_ns = time.monotonic_ns


def _refuse(key: str, value: Any) -> Any:
    raise TypeError(f"{key!r} is a {type(value).__name__}, which cannot be logged.")


def _code_of(kind: type) -> str | None:
    """Type code of a class whose objects `struct` packs as they are; None if each value must be looked at."""
    return _PLAIN.get(kind) or (_NUMPY.get(kind.__name__) if kind.__module__ == "numpy" else None)


@lru_cache(4096)
def clean_key(key: object) -> str:
    """`key`, if it can name a column, with what no store can hold replaced; TypeError or LimitError else."""
    if not isinstance(key, str):
        raise TypeError(f"Keys are strings, not {type(key).__name__}: {key!r}.")
    if len(key) > MAX_KEY:
        raise LimitError(f"The key {key[:40]!r}… has {len(key)} characters: MAX_KEY is {MAX_KEY}.")
    return key.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _checked_step(step: Any) -> int:
    """`step` as it can be packed; TypeError or LimitError if it cannot."""
    number = operator.index(step)
    if not -_INT64 <= number < _INT64:
        raise LimitError(f"A step has 64 bits; this one has {number.bit_length()}.")
    return number


def _flatten(data: Mapping[Any, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """(key, value) with nested dicts as dotted keys: {"a": {"b": 1}} is a.b."""
    if len(prefix) > MAX_KEY:  # also the end of a dict that holds itself
        raise LimitError(f"The key {prefix[:40]!r}… has more than {MAX_KEY} characters (MAX_KEY).")
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield clean_key(prefix + str(key) if prefix else key), value


def _objects(values: dict[str, Any]) -> bytes:
    """The JSON behind the fixed columns; TypeError naming the key of a value that has none."""
    try:
        return f.dumps([*values.values()])
    except TypeError:
        for key, value in values.items():
            try:
                f.dumps([value])
            except TypeError as error:
                raise TypeError(f"{key!r} cannot be logged. {error}") from error
        raise


def layout_of(columns: Columns) -> struct.Struct:
    """A row of these columns, up to its JSON."""
    return struct.Struct(f.ROW_HEAD.format + "".join(_FIXED[code] for _, code in columns if code != f.OBJECT))


def read_row(columns: Columns, payload: bytes) -> tuple[int, int, dict[str, Any]]:
    """Step, time and values of a row of these columns."""
    layout = layout_of(columns)
    _, _, step, time, *values = layout.unpack_from(payload)
    tail = payload[layout.size :]
    told = zip(columns, (*values, *(f.loads(tail) if tail else ())), strict=True)
    return step, time, {key: value for (key, _), value in told}


class Writer:
    """Appends rows and records to a new file at `path`; FileExistsError if there is one, OSError if it cannot be made.

    Times of one writer never go backwards: they are the wall clock at the start plus what the monotonic clock counted since.
    """

    def __init__(
        self, path: Path, header: f.Header, *, convert: Convert = _refuse, told: Told = lambda _: None
    ) -> None:
        self.path = path
        self.header = header
        self._convert = convert
        self._told = told
        self._seed = header.seed
        self._base = time.time_ns() // 1000 - _monotonic_ns() // 1000
        self._schemas: dict[Columns, Encoder] = {}
        self._encoders: dict[tuple[Any, ...], Encoder] = {}
        self._next_schema = 0
        self._held_keys = 0
        self._highest = -_INT64
        self._latest: dict[int, bytes] = {}
        """Schema -> its row of the highest step: the summary, at the price of keeping a reference."""
        self._settled: dict[str, Last] = {}
        """The same of schemas that are no longer at hand."""
        start = f.header_bytes(header)
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o644)
        try:
            self._write(start)
        except BaseException:
            self.abandon()
            path.unlink()
            raise

    def now(self) -> int:
        """This writer's time, in microseconds since 1970 (UTC)."""
        return self._base + _monotonic_ns() // 1000

    def row(self, step: int, data: Mapping[str, Any]) -> int:
        """Append what was logged at `step`; answers its time, 0 if all of it was LEFT_OUT.

        TypeError naming the key for a value that cannot be logged, LimitError for a row that is too large, OSError if the disk
        refuses it. Whatever is raised, the file holds whole frames only.
        """
        signature = (*data, *map(type, data.values()))
        encoder = self._encoders.get(signature) or self._plain_encoder(signature, data)
        if encoder is None:
            return self._mixed_row(step, data)
        pack, schema, lead = encoder
        now = self._base + _monotonic_ns() // 1000
        try:
            payload = pack(f.ROW, schema, step, now, *data.values())
        except struct.error:  # an integer beyond 64 bits
            return self._mixed_row(step, data)
        framed = _head(lead, _crc32(payload, self._seed)) + payload
        written = os.write(self._fd, framed)
        if written != len(framed):
            self._write_rest(framed, written)
        if step >= self._highest:
            self._highest = step
            self._latest[schema] = payload
        else:
            self._late(schema, step, payload)
        return now

    @property
    def highest(self) -> int | None:
        """The highest step of its rows; None if it has none."""
        return None if self._highest == -_INT64 else self._highest

    def last_values(self) -> dict[str, tuple[int, Any]]:
        """What was logged last of each key, by step and then time: key -> (time, value)."""
        return {key: (time, value) for key, (_, time, value) in self._last().items()}

    def _last(self) -> dict[str, Last]:
        found = dict(self._settled)
        for columns, (_, schema, _) in self._schemas.items():
            payload = self._latest.get(schema)
            if payload is not None:
                step, time, values = read_row(columns, payload)
                for key, value in values.items():
                    if key not in found or found[key][:2] <= (step, time):
                        found[key] = (step, time, value)
        return found

    def record(self, kind: int, step: int, data: dict[str, Any], at: int | None = None) -> int:
        """Append a frame of another kind; `data` is plain JSON, `at` its time (now), which is answered. TypeError if it is not,
        LimitError, OSError.
        """
        time_ = self.now() if at is None else at
        payload = f.record_payload(kind, _checked_step(step), time_, data)
        if len(payload) > MAX_FRAME:
            raise LimitError(f"{len(payload):,} bytes in one record: MAX_FRAME is {MAX_FRAME:,}.")
        self._write(f.frame(payload, self._seed))
        return time_

    def flush(self) -> None:
        """Wait until all of it is on the disk."""
        to_disk(self._fd)

    def close(self) -> None:
        """Flush and close. Further calls fail."""
        try:
            self.flush()
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Close this process's handle without touching the file (in a forked child)."""
        fd, self._fd = self._fd, -1
        os.close(fd)

    def _plain_encoder(self, signature: tuple[Any, ...], data: Mapping[str, Any]) -> Encoder | None:
        """How rows of these keys and types are packed without looking at a value; None if that cannot be."""
        kinds = signature[len(data) :]
        codes = [_code_of(kind) for kind in kinds]
        if None in codes or len(data) > MAX_KEYS_PER_ROW:
            return None
        keys = [clean_key(key) for key in data]
        if len(set(keys)) != len(keys):
            return None
        encoder = self._schema(tuple(zip(keys, map(str, codes), strict=True)))
        if len(self._encoders) >= MAX_SCHEMAS:
            self._forget()
        self._encoders[signature] = encoder
        return encoder

    def _schema(self, columns: Columns) -> Encoder:
        """Packer and id of the schema with these columns, announced in the file (twice, see format) if it is new."""
        known = self._schemas.get(columns)
        if known is None:
            if len(self._schemas) >= MAX_SCHEMAS or self._held_keys + len(columns) > MAX_HELD_KEYS:
                self._forget()
            schema = self._next_schema
            payload = f.record_payload(f.SCHEMA, 0, self.now(), f.schema_data(schema, columns))
            if len(payload) > MAX_FRAME:
                raise LimitError(f"The keys of one row take {len(payload):,} bytes: MAX_FRAME is {MAX_FRAME:,}.")
            self._write(f.frame(payload, self._seed) * 2)
            layout = layout_of(columns)
            known = self._schemas[columns] = (layout.pack, schema, f.lead(layout.size, self._seed))
            self._next_schema += 1
            self._held_keys += len(columns)
        return known

    def _forget(self) -> None:
        """Make room: schemas are announced anew when they are needed again."""
        last = self._last()
        self._settled = dict(islice(last.items(), max(0, len(last) - MAX_HELD_KEYS), None))
        self._schemas.clear()
        self._encoders.clear()
        self._latest.clear()
        self._held_keys = 0

    def _late(self, schema: int, step: int, payload: bytes) -> None:
        """Keep a row of a step below the highest, unless there is one of a higher step of its schema."""
        kept = self._latest.get(schema)
        if kept is None or f.ROW_HEAD.unpack_from(kept)[2] <= step:
            self._latest[schema] = payload

    def _mixed_row(self, step: int, data: Mapping[str, Any]) -> int:
        """Append a row whose values must be looked at one by one."""
        told = {key: self._classify(key, value) for key, value in _flatten(data)}
        values = {key: pair for key, pair in told.items() if pair[1] is not LEFT_OUT}
        if told and not values:
            return 0
        if len(values) > MAX_KEYS_PER_ROW:
            raise LimitError(f"{len(values):,} keys in one row: MAX_KEYS_PER_ROW is {MAX_KEYS_PER_ROW:,}.")
        fixed = {key: pair for key, pair in values.items() if pair[0] != f.OBJECT}
        objects = {key: pair for key, pair in values.items() if pair[0] == f.OBJECT}
        columns = tuple((key, code) for key, (code, _) in (*fixed.items(), *objects.items()))
        tail = _objects({key: value for key, (_, value) in objects.items()}) if objects else b""
        if len(tail) > MAX_ROW:
            raise LimitError(f"{len(tail):,} bytes in one row: MAX_ROW is {MAX_ROW:,}.")
        number = _checked_step(step)
        pack, schema, _ = self._schema(columns)
        now = self.now()
        payload = pack(f.ROW, schema, number, now, *(value for _, value in fixed.values())) + tail
        self._write(f.frame(payload, self._seed))
        self._highest = max(self._highest, number)
        self._late(schema, number, payload)
        return now

    def _classify(self, key: str, value: Any) -> tuple[str, Any]:
        """(type code, value as it is packed)."""
        code = _code_of(type(value))
        if code is None and value is not None and not isinstance(value, str):
            value = self._convert(key, value)
            code = _code_of(type(value))
        if code == f.INT and not -_INT64 <= value < _INT64:
            return f.OBJECT, int(value)
        if code is not None:
            return code, value
        if isinstance(value, str) and len(value) > MAX_TEXT:
            self._told(
                f"{key!r} is a string of {len(value):,} characters: only the first {MAX_TEXT:,} (MAX_TEXT) are kept."
            )
            value = value[:MAX_TEXT]
        return f.OBJECT, value

    def _write(self, data: bytes) -> None:
        written = os.write(self._fd, data)
        if written != len(data):
            self._write_rest(data, written)

    def _write_rest(self, data: bytes, written: int) -> None:
        """The disk took a part only. Go on; if it takes no more, take the part back: a torn frame must not stand in the middle."""
        try:
            while written < len(data):
                written += os.write(self._fd, data[written:])
        except BaseException:  # KeyboardInterrupt too
            os.ftruncate(self._fd, os.fstat(self._fd).st_size - written)
            raise
