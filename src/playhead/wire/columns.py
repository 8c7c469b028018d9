"""The binary form of columns: charts to the page, series to Python, without a loop a row on either side.

Layout, little-endian: `u32` length of the header, the header (JSON, padded with spaces so that what follows is 8-byte aligned),
then each column's buffer, padded to 8 bytes. Header: `{"meta": {...}, "columns": [{"name", "type", "offset", "length"}, ...]}`
with `type` one of `f8 i8 i4 u1` (NumPy's names), `offset` in bytes from the first buffer, `length` in items.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any

CONTENT_TYPE = "application/vnd.playhead.columns"
_ITEM = {"f8": 8, "i8": 8, "i4": 4, "u1": 1}


def encode(columns: Mapping[str, tuple[str, bytes]], meta: Mapping[str, Any]) -> bytes:
    """`columns` maps a name to (type, little-endian bytes)."""
    described, buffers, offset = [], [], 0
    for name, (kind, data) in columns.items():
        described.append({"name": name, "type": kind, "offset": offset, "length": len(data) // _ITEM[kind]})
        padded = data + bytes(-len(data) % 8)
        buffers.append(padded)
        offset += len(padded)
    header = json.dumps({"meta": dict(meta), "columns": described}, separators=(",", ":")).encode()
    header += b" " * (-(len(header) + 4) % 8)
    return b"".join([struct.pack("<I", len(header)), header, *buffers])


def decode(body: bytes) -> tuple[dict[str, tuple[str, memoryview]], dict[str, Any]]:
    """The columns as (type, buffer) by name, and the meta. ValueError if `body` is no such thing."""
    view = memoryview(body)
    if len(view) < 4:
        raise ValueError("no columns: too short")
    (length,) = struct.unpack_from("<I", view)
    header = json.loads(bytes(view[4 : 4 + length]))
    start = 4 + length
    out = {}
    for column in header["columns"]:
        begin = start + column["offset"]
        out[column["name"]] = (column["type"], view[begin : begin + column["length"] * _ITEM[column["type"]]])
    return out, header["meta"]
