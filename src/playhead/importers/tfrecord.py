"""Reads the framing of TensorFlow's records: length and data, each with a checksum. No word of what is in them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from playhead.domain.errors import UsageError
from playhead.importers.source import Notes

_HEAD = struct.Struct("<QI")
_TAIL = struct.Struct("<I")
_MAX_RECORD = 1 << 30


def records(path: Path, notes: Notes) -> Iterator[bytes]:
    """The records in the file at `path`. UsageError if not even the first is one; damage behind it is noted. OSError.

    A record with damaged data is passed over. Behind a damaged length nothing can be found any more.
    """
    with path.open("rb") as file:
        at = 0
        while head := file.read(_HEAD.size):
            if len(head) < _HEAD.size:
                notes.add(_TORN)
                return
            length, checksum = _HEAD.unpack(head)
            if masked(head[:8]) != checksum or length > _MAX_RECORD:
                if not at:
                    raise UsageError(f"{path} is no event file of TensorBoard: it does not begin as one.")
                notes.add(f"what comes behind byte {at:,} of {path.name} is damaged: all before it is kept")
                return
            data, tail = file.read(length), file.read(_TAIL.size)
            if len(tail) < _TAIL.size:
                notes.add(_TORN)
                return
            if masked(data) == _TAIL.unpack(tail)[0]:
                yield data
            else:
                notes.add("a damaged record is left out")
            at = file.tell()


_TORN = "the file ends within a record: all before it is kept"


def _table() -> tuple[int, ...]:
    found = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        found.append(value)
    return tuple(found)


_TABLE = _table()


def masked(data: bytes) -> int:
    """CRC-32C (Castagnoli) of `data`, turned and moved as TFRecord asks for it."""
    value, table = 0xFFFFFFFF, _TABLE
    for byte in data:
        value = value >> 8 ^ table[(value ^ byte) & 0xFF]
    value ^= 0xFFFFFFFF
    return ((value >> 15 | value << 17) + 0xA282EAD8) & 0xFFFFFFFF
