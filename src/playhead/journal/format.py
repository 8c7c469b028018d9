"""The bytes of a journal, version 1. docs/explanation/journal-format.md tells the same for people.

file   := magic · version(u32) · frame*            the first two frames are the header, twice
frame  := length(u32) · guard(u32) · crc32(u32) · payload
payload:= kind(u8) · body
row    := schema(u32) · step(i64) · time(i64) · fixed columns (8, 8 or 1 bytes) · JSON array of the other columns, if any
other  := step(i64) · time(i64) · JSON object

All numbers are little-endian, times are microseconds since 1970 (UTC). The guard is the length XOR the stream's key, so a damaged
length is known at once, and a frame that is still being written is never taken for a damaged one. The checksum is seeded with the
stream's seed. A header or a schema that is lost would cost more than its own frame, so both are written twice.
"""

from __future__ import annotations

import json
import struct
import zlib
from typing import Any, NamedTuple

from playhead.domain.errors import JournalError, LimitError

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
SAVE = 12
METRIC = 13
MEDIA = 14
ARTIFACT = 15
USE = 16
LINK = 17
CONTENTS = frozenset((FILE, MEDIA))
"""Kinds that name a content, by its SHA-256."""
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
    SAVE: "save",
    METRIC: "metric",
    MEDIA: "media",
    ARTIFACT: "artifact",
    USE: "use",
    LINK: "link",
}

FLOAT = "d"
INT = "q"
BOOL = "?"
OBJECT = "v"
"""Type codes of columns: the first three have a fixed width, the last travels as JSON behind them."""

FRAME_HEAD = struct.Struct("<QI")
"""Start of every frame: length and guard as one number (see `lead`), checksum of the payload."""
PLACE = struct.Struct("<Bqq")
"""Start of every payload but rows: kind, step, time."""
ROW_HEAD = struct.Struct("<BIqq")
"""Start of a row's payload: kind, schema, step, time."""

MIN_PAYLOAD = PLACE.size
"""Bytes of the shortest payload. A length below it is damage."""
MAX_HEADER = 64 << 10
"""Bytes of the preamble and both headers."""
MAX_NESTING = 100
"""Lists and objects inside one another in one value. Whoever reads it may have little room on the stack."""

_raw_decode = json.JSONDecoder().raw_decode

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
    parent: str | None = None
    """The segment that this one goes on from,"""
    parent_step: int | None = None
    """up to and including this step."""
    step: int = 0
    """The first step that the writer means to write."""
    writer: str = ""
    """Stream of the training that a sidecar belongs to; empty: its own."""
    shared: bool = False
    """Whether others write to the segment at the same time."""
    inherit_config: bool = True
    host: str = ""
    pid: int = 0
    fork_of: str = ""
    """The run that `parent` is a segment of, if that is another one: `entity/project/id`, or `project/id` of the same entity."""

    @property
    def seed(self) -> int:
        """Seed of the checksums of all frames but the header's own."""
        return seed_of(self.stream)


_LATER = {name: value for name, value in Header._field_defaults.items() if name != "label"}
"""Fields that were added to version 1, written if they say something."""


def seed_of(stream: str) -> int:
    """A journal's bytes quoted inside another journal must not look like frames of it: each stream has its own seed."""
    return zlib.crc32(stream.encode("utf-8", "surrogatepass"))


def key_of(seed: int) -> int:
    """What a length and its guard differ by. Only the last byte has its top bit set: a key cannot overlap with itself."""
    return seed & 0x007F7F7F | 0x80000000


def lead(length: int, seed: int) -> int:
    """A length and its guard, as one number."""
    return length | (length ^ key_of(seed)) << 32


def frame(payload: bytes, seed: int) -> bytes:
    """`payload` framed."""
    return FRAME_HEAD.pack(lead(len(payload), seed), zlib.crc32(payload, seed)) + payload


def dumps(value: Any) -> bytes:
    """JSON in Python's dialect: NaN, Infinity and integers are themselves, lone surrogates too. TypeError if there is no JSON for it."""
    try:
        text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    except (ValueError, RecursionError) as error:  # a circle, an integer beyond Python's limit of digits, or too deep
        raise TypeError(f"It cannot be written as JSON: {error}.") from error
    if text.count("[") + text.count("{") > MAX_NESTING and _is_deep(value):
        raise TypeError(f"More than {MAX_NESTING} lists and objects stand inside one another (MAX_NESTING).")
    return text.encode("utf-8", "surrogatepass")


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_NESTING + 1):
        parts = (outer.values() if isinstance(outer, dict) else outer for outer in level)
        level = [inner for part in parts for inner in part if isinstance(inner, (dict, list, tuple))]
        if not level:
            return False
    return True


def loads(text: bytes | memoryview) -> Any:
    """What `dumps` wrote. ValueError or RecursionError if that cannot be read."""
    characters = str(text, "utf-8", "surrogatepass")
    value, end = _raw_decode(characters)
    if end != len(characters):
        raise ValueError("Something stands behind the JSON.")
    return value


def record_payload(kind: int, step: int, time: int, data: dict[str, Any]) -> bytes:
    """Payload of any frame but a row."""
    return PLACE.pack(kind, step, time) + dumps(data)


def header_bytes(header: Header) -> bytes:
    """The start of a file: preamble and the header, twice. LimitError if it is too long."""
    fields = {name: value for name, value in header._asdict().items() if name not in _LATER or value != _LATER[name]}
    payload = record_payload(HEADER, 0, header.created_at, {"format": VERSION, **fields})
    written = PREAMBLE + frame(payload, HEADER_SEED) * 2
    if len(written) > MAX_HEADER:
        raise LimitError(f"The header of the journal would have {len(written):,} bytes: MAX_HEADER is {MAX_HEADER:,}.")
    return written


def schema_data(schema: int, columns: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """What a schema frame says: its id and (key, type code) of each column, fixed ones first."""
    return {"id": schema, "columns": columns}


def parse_header(body: bytes | memoryview) -> Header:
    """The header from the JSON of its frame; JournalError if it is of another version, lacks a field or has one of the wrong type."""
    try:
        raw = loads(body)
        if raw["format"] != VERSION:
            raise JournalError(
                f"This journal is of version {raw['format']}; this Playhead reads version {VERSION}. Upgrade it."
            )
        header = Header(**{name: raw[name] for name in Header._fields if name in raw})
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise JournalError(f"The header of this journal cannot be read: {error!r}.") from error
    texts = (
        header.stream,
        header.run_id,
        header.segment,
        header.role,
        header.project,
        header.label,
        header.entity or "",
    )
    more = (header.writer, header.host, header.parent or "", header.fork_of)
    numbers = (header.created_at, header.step, header.pid, header.parent_step or 0)
    if not all(isinstance(text, str) for text in (*texts, *more)) or not all(isinstance(n, int) for n in numbers):
        raise JournalError("The header of this journal has a field of the wrong type.")
    return header
