"""What the rows of journals say last of some keys. Only rows that may be it are decoded."""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterable
from typing import Any

from playhead.journal import format as f
from playhead.journal import reader
from playhead.journal.writer import Columns, Last, read_row

_PLACE = struct.Struct("<Iq")
"""Schema and step of a row, behind its kind."""


class LastValues:
    """The values of `keys` with the highest step and then time, among those that are shown to it."""

    def __init__(self, keys: Collection[str]) -> None:
        self._keys = frozenset(keys)
        self._found: dict[str, Last] = {}

    def take(self, frames: Iterable[reader.Frame], limit: int | None) -> None:
        """The frames of one journal, from its beginning on; of its rows those up to step `limit`. JournalError."""
        schemas: dict[int, Columns] = {}
        highest: dict[int, tuple[int, bytes]] = {}
        for item in frames:
            if item.kind == f.SCHEMA:
                told = reader.record(item.body)[2]
                columns = tuple((key, code) for key, code in told["columns"])
                if not self._keys.isdisjoint(key for key, _ in columns):
                    schemas[told["id"]] = columns
            elif item.kind == f.ROW:
                schema, step = _PLACE.unpack_from(item.body)
                before = highest.get(schema)
                if schema in schemas and (limit is None or step <= limit) and (before is None or before[0] <= step):
                    highest[schema] = step, bytes((f.ROW,)) + item.body
        for schema, (_, payload) in highest.items():
            step, time, values = read_row(schemas[schema], payload)
            for key in self._keys & values.keys():
                if key not in self._found or self._found[key][:2] <= (step, time):
                    self._found[key] = step, time, values[key]

    def values(self) -> dict[str, Any]:
        """By key."""
        return {key: value for key, (_, _, value) in self._found.items()}
