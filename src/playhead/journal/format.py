"""The bytes of a journal, version 1. docs/explanation/journal-format.md tells the same for people.

file   := magic · version(u32) · frame*            the first two frames are the header, twice
frame  := length(u32) · crc32(u32) · payload       crc32 is seeded with the stream's own seed, see `seed_of`
payload:= kind(u8) · body
row    := schema(u32) · step(i64) · time(i64) · fixed columns (8, 8 or 1 bytes) · JSON array of the other columns, if any
other  := step(i64) · time(i64) · JSON object

All numbers are little-endian, times are microseconds since 1970 (UTC). A header or a schema that is lost would cost more than
its own frame, so both are written twice.
"""

from __future__ import annotations

import json
import struct
import zlib
from typing import Any, NamedTuple

from playhead.domain.errors import JournalError

MAGIC = b"PLAYHEAD"
VERSION = 1
PREAMBLE = MAGIC + struct.pack("<I", VERSION)

HEADER = 0
ROW = 1
SCHEMA = 2
START = 3
CONFIG = 4
SUMMARY = 5
META = 6
CONSOLE = 7
FILE = 8
ALERT = 9
EXIT = 10
STATE = 11
KIND_NAMES = {
    HEADER: "header",
    ROW: "row",
    SCHEMA: "schema",
    START: "start",
    CONFIG: "config",
    SUMMARY: "summary",
    META: "meta",
    CONSOLE: "console",
    FILE: "file",
    ALERT: "alert",
    EXIT: "exit",
    STATE: "state",
}

FLOAT = "d"
INT = "q"
BOOL = "?"
OBJECT = "v"
"""Type codes of columns: the first three have a fixed width, the last travels as JSON behind them."""

FRAME_HEAD = struct.Struct("<II")
PLACE = struct.Struct("<Bqq")
"""Start of every payload but rows: kind, step, time."""
ROW_HEAD = struct.Struct("<BIqq")
"""Start of a row's payload: kind, schema, step, time."""

HEADER_SEED = 0x504C4159


class Header(NamedTuple):
    """Whose journal this is. It has all that the server needs to make the run."""

    stream: str
    run_id: str
    segment: str
    role: str
    """`main` or `system`."""
    project: str
    entity: str | None
    """None: the entity of whoever ships it."""
    created_at: int
    label: str = ""

    @property
    def seed(self) -> int:
        """Seed of the checksums of all frames but the header's own."""
        return seed_of(self.stream)


def seed_of(stream: str) -> int:
    """A journal's bytes quoted inside another journal must not look like frames of it: each stream has its own seed."""
    return zlib.crc32(stream.encode())


def frame(payload: bytes, seed: int) -> bytes:
    """`payload` framed."""
    return FRAME_HEAD.pack(len(payload), zlib.crc32(payload, seed)) + payload


def dumps(value: Any) -> bytes:
    """JSON in Python's dialect: NaN, Infinity and integers of any size are themselves."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True).encode()


def record_payload(kind: int, step: int, time: int, data: dict[str, Any]) -> bytes:
    """Payload of any frame but a row."""
    return PLACE.pack(kind, step, time) + dumps(data)


def header_bytes(header: Header) -> bytes:
    """The start of a file: preamble and the header, twice."""
    payload = record_payload(HEADER, 0, header.created_at, header._asdict())
    return PREAMBLE + frame(payload, HEADER_SEED) * 2


def schema_data(schema: int, columns: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """What a schema frame says: its id and (key, type code) of each column, fixed ones first."""
    return {"id": schema, "columns": columns}


def parse_header(body: bytes) -> Header:
    """The header from the JSON of its frame; JournalError if a field is missing or of the wrong type."""
    try:
        raw = json.loads(body)
        header = Header(**{name: raw[name] for name in Header._fields if name in raw})
    except (ValueError, TypeError, KeyError) as error:
        raise JournalError(f"The header of this journal cannot be read: {error}.") from error
    texts = (header.stream, header.run_id, header.segment, header.role, header.project, header.label)
    if not all(isinstance(text, str) for text in texts) or not isinstance(header.created_at, int):
        raise JournalError("The header of this journal has a field of the wrong type.")
    if header.entity is not None and not isinstance(header.entity, str):
        raise JournalError("The header of this journal has a field of the wrong type.")
    return header
