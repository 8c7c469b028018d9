"""Small numbers for the names of segments, streams and keys: columns of integers are many times faster than columns of text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from playhead.adapters.duckdb.engine import Cursor

_OTHERS = 1 << 30
"""Keys and streams are numbered from here, so that segments, made one after another, have numbers without gaps: see `within`."""


class Names:
    """All names of the file, held in memory. Reading is safe from any thread; adding is the writer's."""

    def __init__(self, cursor: Cursor) -> None:
        self._segments: dict[str, int] = {}
        self._others: dict[str, int] = {}
        self._names: dict[int, str] = {}
        for number, name in cursor.rows("SELECT id, name FROM names"):
            self._add(name, number)
        self._next_segment = max(self._segments.values(), default=0) + 1
        self._next_other = max(self._others.values(), default=_OTHERS) + 1

    def segment(self, name: str) -> int | None:
        """The number of a segment; None if nothing of it was ever written."""
        return self._segments.get(name)

    def find(self, name: str) -> int | None:
        """The number of a key or stream; None if it was never written."""
        return self._others.get(name)

    def name(self, number: int) -> str:
        """The name of a number that the file holds."""
        return self._names[number]

    def ensure(self, cursor: Cursor, segments: Iterable[str], others: Iterable[str]) -> list[int]:
        """Number what has no number yet; answer the new numbers. If the transaction is undone, `forget` them."""
        fresh = {name: self._next_segment + n for n, name in enumerate(_missing(segments, self._segments))}
        self._next_segment += len(fresh)
        added = list(fresh.items())
        more = {name: self._next_other + n for n, name in enumerate(_missing(others, self._others))}
        self._next_other += len(more)
        added += more.items()
        if not added:
            return []
        numbers = [number for _, number in added]
        table = {"id": np.array(numbers, np.int32), "name": np.array([name for name, _ in added], dtype=object)}
        cursor.run("INSERT INTO names SELECT id, name FROM fresh", fresh=table)
        for name, number in added:
            self._add(name, number)
        return numbers

    def forget(self, numbers: Iterable[int]) -> None:
        """They were not written after all."""
        for number in numbers:
            name = self._names.pop(number)
            (self._segments if number < _OTHERS else self._others).pop(name)

    def _add(self, name: str, number: int) -> None:
        # A reader that meets a number must find its name: names first.
        self._names[number] = name
        (self._segments if number < _OTHERS else self._others)[name] = number


def _missing(names: Iterable[str], known: Mapping[str, int]) -> list[str]:
    return [name for name in dict.fromkeys(names) if name not in known]
