"""Walks the frames of a journal, from any offset, past a torn end and around damage. Needs nothing but the standard library."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from playhead.domain.errors import JournalError
from playhead.domain.limits import MAX_FRAME
from playhead.journal import format as f

_GUARDED = struct.Struct("<II")
_PLACE = struct.Struct("<qq")
_FRAME = struct.Struct("<III")
_WINDOW = 64 << 10
"""Bytes that are searched at once for the next frame behind damage."""
_DOUBTS = 64 << 20
"""How many bytes (more than there are) may be checksummed in vain; a hostile file must not cost more."""
_DOUBT = 4 << 10
"""What a checksum in vain counts at least."""

Header = f.Header


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


class Walk(Iterator[Frame | Damage]):
    """The frames in `view`, the bytes of a journal from offset `base` on; see `frames`. `at` is where the next one begins."""

    def __init__(self, view: memoryview, base: int, seed: int, *, final: bool) -> None:
        self.at = 0
        self._view = view
        self._base = base
        self._seed = seed
        self._final = final
        self._key = f.key_of(seed)
        self._doubts = 0
        self._mixed, self._mixed_from, self._mixed_till = b"", 0, 0

    def __next__(self) -> Frame | Damage:
        view, at = self._view, self.at
        size = len(view)
        end = 0
        if at + 12 <= size:
            length, guard, crc = _FRAME.unpack_from(view, at)
            if length ^ guard == self._key and f.MIN_PAYLOAD <= length <= MAX_FRAME:
                end = at + 12 + length
                if end <= size:
                    payload = view[at + 12 : end]
                    if zlib.crc32(payload, self._seed) == crc:
                        self.at = end
                        return Frame(self._base + at, self._base + end, payload[0], payload[1:])
        found = self._behind(at, end)
        if found is None:
            raise StopIteration
        self.at = found
        return Damage(self._base + at, self._base + found)

    def _behind(self, at: int, end: int) -> int | None:
        """Where to go on behind what stands at `at`; `end` is what its head says, 0 for no head. None if that must wait for more bytes."""
        size = len(self._view)
        if end and end + 8 > size and not self._final:
            return None  # still being written; or damaged, which only the next head will tell
        if end and self._trusted(at, end):
            return end
        if end and self._doubts > _DOUBTS + size:
            return min(max(end, at + _DOUBT), size if self._final else size - 7)
        found = self._next_head(at + 1)
        if found is not None:
            return found
        if self._final:
            return size if at < size else None
        # What is longer than a frame and has no head in it will never be one.
        return size - 7 if size - at > 12 + MAX_FRAME else None

    def _trusted(self, at: int, end: int) -> bool:
        """Whether the damaged frame from `at` to `end` has its right length: then the next frame follows, or nothing, and what it has inside,
        were it a frame's bytes, is none. Else bytes went missing or came in, and the next frame is to be looked for.

        Who makes a file of nothing but such doubts has its bytes skipped in larger pieces, so that a walk takes linear time.
        """
        size = len(self._view)
        if end == size or (end + 8 <= size and self._is_head(end)):
            return True
        self._doubts += max(end - at, _DOUBT) if end <= size else _DOUBT
        return False

    def _is_head(self, at: int) -> bool:
        length: int
        length, guard = _GUARDED.unpack_from(self._view, at)
        return length ^ guard == self._key and f.MIN_PAYLOAD <= length <= MAX_FRAME

    def _next_head(self, start: int) -> int | None:
        """Where the first head at or behind `start` stands.

        A window's bytes XOR the same bytes four later, computed as one large number, show the key wherever a length and its guard are.
        """
        view, size = self._view, len(self._view)
        key = self._key.to_bytes(4, "little")
        while start + 8 <= size:
            if not self._mixed_from <= start < self._mixed_till:
                window = view[start : start + _WINDOW]
                number = int.from_bytes(window, "little")
                self._mixed = (number ^ number >> 32).to_bytes(len(window), "little")[:-4]
                self._mixed_from, self._mixed_till = start, start + len(window) - 7
            found = self._mixed.find(key, start - self._mixed_from)
            if found < 0:
                start = self._mixed_till
                continue
            start = self._mixed_from + found
            if self._is_head(start):
                return start
            start += 4  # a key does not overlap with itself
        return None


def frames(data: bytes | memoryview, base: int, seed: int, *, final: bool = False) -> Walk:
    """Frames in `data`, the bytes of a journal from offset `base` on.

    Stops at what may be a frame that is still being written. With `final` nothing more will come, so such a rest is Damage too.
    A frame that cannot be read costs itself only: the walk goes on at the next one that can.
    """
    return Walk(memoryview(data), base, seed, final=final)


def place(body: memoryview) -> tuple[int, int, memoryview]:
    """(step, time, JSON) of a frame that is no row."""
    step, time = _PLACE.unpack_from(body)
    return step, time, body[16:]


def record(body: memoryview) -> tuple[int, int, dict[str, Any]]:
    """(step, time, data) of a frame that is no row; JournalError if it is not as it should be."""
    try:
        step, time, text = place(body)
        data = f.loads(text)
    except (ValueError, RecursionError, struct.error) as error:
        raise JournalError(f"A frame of this journal cannot be read: {error}.") from error
    if not isinstance(data, dict):
        raise JournalError("A frame of this journal holds no object.")
    return step, time, data


def read_header(data: bytes | memoryview) -> tuple[Header, int]:
    """The header and the offset behind it, from a journal's first bytes. JournalError if it is none, or both copies are damaged.

    The preamble is not needed when a copy is sound: damage in it costs nothing. A damaged second copy stands behind that offset,
    where a walk meets it as damage.
    """
    view = memoryview(data)[: f.MAX_HEADER]
    walk = frames(view, 0, f.HEADER_SEED, final=True)
    copies = list(islice((item for item in walk if isinstance(item, Frame) and item.kind == f.HEADER), 2))
    if copies:
        return f.parse_header(copies[0].body[16:]), copies[-1].end
    version = int.from_bytes(view[len(f.MAGIC) : len(f.PREAMBLE)], "little")
    if bytes(view[: len(f.MAGIC)]) == f.MAGIC and f.VERSION < version <= 0xFFFF:
        raise JournalError(
            f"This journal is of version {version}; this Playhead reads version {f.VERSION}. Upgrade it."
        )
    raise JournalError("This file is not a journal, or its header is damaged.")


def open_header(path: Path) -> tuple[Header, int]:
    """The header of the journal at `path` and the offset behind it. JournalError, OSError."""
    with path.open("rb") as file:
        return read_header(file.read(f.MAX_HEADER))
