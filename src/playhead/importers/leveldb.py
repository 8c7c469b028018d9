"""Reads the framing of LevelDB's log, as W&B writes it: records in pieces, in blocks of 32 KiB. No word of what is in them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from playhead.domain.errors import UsageError
from playhead.importers.source import Notes

HEADER = struct.Struct("<4sHB")
_MAGIC = 0xBEE1
_CHUNK = struct.Struct("<IHB")
"""Checksum of type and data, length of the data, type."""
_BLOCK = 32 << 10
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4
_TYPES = [bytes([kind]) for kind in range(5)]
_MAX_RECORD = 1 << 30


def check(path: Path) -> None:
    """UsageError if the file at `path` does not begin as W&B's do; OSError."""
    with path.open("rb") as file:
        head = file.read(HEADER.size)
    if len(head) < HEADER.size or HEADER.unpack(head)[:2] != (b":W&B", _MAGIC):
        raise UsageError(f"{path} is no file of an offline run of W&B: it does not begin as one.")


def records(path: Path, notes: Notes) -> Iterator[bytes]:
    """The records in the file at `path`. What is damaged is passed over, up to the next block, and noted. OSError."""
    whole = bytearray()
    inside = False
    for kind, data in _chunks(path, notes):
        if kind == 0:  # something is missing here
            inside = False
            continue
        if kind in {_FULL, _FIRST}:
            if inside:
                notes.add("a record is left out: its end is missing")
            whole.clear()
        elif not inside:
            continue
        whole += data
        inside = kind in {_FIRST, _MIDDLE} and len(whole) <= _MAX_RECORD
        if kind in {_FULL, _LAST}:
            yield bytes(whole)
    if inside:
        notes.add("the file ends within a record: all before it is kept")


def _chunks(path: Path, notes: Notes) -> Iterator[tuple[int, bytes]]:
    """(type, data) of each piece; type 0 where one cannot be read."""
    with path.open("rb") as file:
        at = HEADER.size
        file.seek(at)
        while block := file.read(_BLOCK - at % _BLOCK):
            ends = len(block) < _BLOCK - at % _BLOCK
            place = 0
            while len(block) - place >= _CHUNK.size:
                checksum, length, kind = _CHUNK.unpack_from(block, place)
                start = place + _CHUNK.size
                data = block[start : start + length]
                if not kind and not length and not checksum:  # zeros: space that was never written
                    break
                if ends and start + length > len(block):
                    place = len(block)
                    notes.add("the file ends within a record: all before it is kept")
                    yield 0, b""
                    break
                if (
                    kind not in range(1, 5)
                    or len(data) < length
                    or zlib.crc32(data, zlib.crc32(_TYPES[kind])) != checksum
                ):
                    notes.add("a piece of the file is damaged: what could be read is kept")
                    yield 0, b""
                    break
                yield kind, data
                place = start + length
            at += len(block)
