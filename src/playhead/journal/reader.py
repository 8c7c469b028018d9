"""Walks the frames of a journal, from any offset, past a torn end and around damage. Needs nothing but the standard library."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from playhead.domain.errors import JournalError
from playhead.domain.limits import MAX_FRAME
from playhead.journal import format as f

_RESYNC_BUDGET = 256 << 20
"""Bytes that may be checksummed while looking for the next frame behind damage; a hostile file must not cost more."""


class Frame(NamedTuple):
    """An intact frame. `body` is the payload without its kind."""

    offset: int
    end: int
    kind: int
    body: memoryview


class Damage(NamedTuple):
    """Bytes from `offset` to `end` that are no frame."""

    offset: int
    end: int


def _valid(data: memoryview, at: int, seed: int) -> int:
    """End of the intact frame that begins at `at`, or 0."""
    size = len(data)
    if at + 9 > size:
        return 0
    length, crc = f.FRAME_HEAD.unpack_from(data, at)
    end = at + 8 + length
    if not 0 < length <= MAX_FRAME or end > size:
        return 0
    return end if zlib.crc32(data[at + 8 : end], seed) == crc else 0


def _next_frame(data: memoryview, start: int, seed: int) -> int | None:
    """Where the first intact frame at or behind `start` begins; None if there is none."""
    spent = 0
    size = len(data)
    for at in range(start, size - 8):
        length = f.FRAME_HEAD.unpack_from(data, at)[0]
        if not 0 < length <= MAX_FRAME or at + 8 + length > size or data[at + 8] not in f.KIND_NAMES:
            continue
        spent += length
        if spent > _RESYNC_BUDGET:
            return None
        if _valid(data, at, seed):
            return at
    return None


def frames(data: bytes | memoryview, base: int, seed: int, *, final: bool = False) -> Iterator[Frame | Damage]:
    """Frames in `data`, the bytes of a journal from offset `base` on, a frame's beginning.

    Stops at what may be a frame that is still being written. With `final` nothing more will come, so such a rest is Damage too.
    A frame that cannot be read costs itself only: the walk goes on at the next one that can.
    """
    view = memoryview(data)
    size = len(view)
    unpack, crc32 = f.FRAME_HEAD.unpack_from, zlib.crc32
    at = 0
    while at + 9 <= size:
        length, crc = unpack(view, at)
        end = at + 8 + length
        if 0 < length <= MAX_FRAME and end <= size:
            payload = view[at + 8 : end]
            if crc32(payload, seed) == crc:
                yield Frame(base + at, base + end, payload[0], payload[1:])
                at = end
                continue
        found = _next_frame(view, at + 1, seed)
        if found is None:
            break
        yield Damage(base + at, base + found)
        at = found
    if final and at < size:
        yield Damage(base + at, base + size)


def place(body: memoryview) -> tuple[int, int, memoryview]:
    """(step, time, JSON) of a frame that is no row."""
    _, step, time = f.PLACE.unpack_from(b"\0" + bytes(body[:16]))
    return step, time, body[16:]


def record(body: memoryview) -> tuple[int, int, dict[str, Any]]:
    """(step, time, data) of a frame that is no row; JournalError if it is not as it should be."""
    try:
        step, time, text = place(body)
        data = json.loads(bytes(text))
    except (ValueError, RecursionError, f.struct.error) as error:
        raise JournalError(f"A frame of this journal cannot be read: {error}.") from error
    if not isinstance(data, dict):
        raise JournalError("A frame of this journal holds no object.")
    return step, time, data


def read_header(data: bytes | memoryview) -> tuple[Header, int]:
    """The header and the offset behind it, from a journal's first bytes. JournalError if it is none, or both copies are damaged.

    The preamble is not needed when the frames are sound: a flipped bit in it costs nothing.
    """
    view = memoryview(data)
    start = len(f.PREAMBLE)
    if len(view) < start + 9:
        raise JournalError("This file is too short to be a journal.")
    magic_ok = bytes(view[: len(f.MAGIC)]) == f.MAGIC
    if magic_ok and bytes(view[len(f.MAGIC) : start]) != f.PREAMBLE[len(f.MAGIC) :]:
        version = int.from_bytes(view[len(f.MAGIC) : start], "little")
        if version <= 0xFFFF and not _valid(view, start, f.HEADER_SEED):
            raise JournalError(f"This journal is of version {version}; this Playhead reads version {f.VERSION}. Upgrade it.")
    header, at = None, start
    for item in frames(view[start : start + (64 << 10)], start, f.HEADER_SEED):
        if isinstance(item, Frame) and item.kind == f.HEADER:
            header = f.parse_header(bytes(item.body[16:]))
            at = item.end
    if header is None:
        raise JournalError("This file is not a journal, or its header is damaged.")
    return header, _behind_header(view, header, at)


Header = f.Header


def _behind_header(view: memoryview, header: Header, last_end: int) -> int:
    """The header's two copies are of one length, so where the second one ends is known even if it is damaged."""
    expected = len(f.header_bytes(header))
    return max(last_end, min(expected, len(view)))


def open_header(path: Path) -> tuple[Header, int]:
    """The header of the journal at `path` and the offset behind it. JournalError, OSError."""
    with path.open("rb") as file:
        return read_header(file.read(128 << 10))
