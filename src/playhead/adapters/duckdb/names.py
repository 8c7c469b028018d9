"""Small numbers for the names of segments, streams and keys: columns of integers are many times faster than columns of text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from playhead.adapters.duckdb.engine import Cursor


class Names:
    """All names of the file, held in memory. Reading is safe from any thread; adding is the writer's."""

    def __init__(self, cursor: Cursor) -> None:
        rows = cursor.rows("SELECT id, name FROM names")
        self._ids: dict[str, int] = {name: number for number, name in rows}
        self._names: dict[int, str] = dict(rows)
        self._next = max(self._names, default=0) + 1

    def find(self, name: str) -> int | None:
        """The number of a name; None if it was never written."""
        return self._ids.get(name)

    def found(self, names: Iterable[str]) -> list[int]:
        """The numbers of those that were ever written."""
        return [self._ids[name] for name in names if name in self._ids]

    def name(self, number: int) -> str:
        """The name of a number that the file holds."""
        return self._names[number]

    def ensure(self, cursor: Cursor, names: Iterable[str]) -> list[str]:
        """Number what has no number yet; answer these names. If the transaction is undone, `forget` them."""
        fresh = [name for name in dict.fromkeys(names) if name not in self._ids]
        if not fresh:
            return fresh
        numbers = range(self._next, self._next + len(fresh))
        texts = np.array(fresh, dtype=object)
        cursor.run(
            "INSERT INTO names SELECT id, name FROM fresh", fresh={"id": np.array(numbers, np.int32), "name": texts}
        )
        self._next += len(fresh)
        # A reader that meets a number must find its name: names first.
        self._names.update(zip(numbers, fresh, strict=True))
        self._ids.update(zip(fresh, numbers, strict=True))
        return fresh

    def forget(self, names: Sequence[str]) -> None:
        """They were not written after all."""
        for name in names:
            self._names.pop(self._ids.pop(name), None)
