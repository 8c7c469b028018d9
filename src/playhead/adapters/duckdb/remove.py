"""Deleting points by identity, and mending the tiles that had them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playhead.adapters.duckdb.columns import Sorted
from playhead.adapters.duckdb.engine import Cursor
from playhead.adapters.duckdb.tiles import make

_REMOVE = {
    "hot": "DELETE FROM hot USING gone WHERE hot.segment = gone.segment AND hot.key = gone.key AND hot.step = gone.place",
    "cold": "DELETE FROM cold USING gone WHERE cold.segment = gone.segment AND cold.key = gone.key AND cold.step = gone.place",
    "objects": """
        DELETE FROM objects USING gone
        WHERE objects.segment = gone.segment AND objects.key = gone.key AND objects.step = gone.place""",
    "samples": """
        DELETE FROM samples USING gone
        WHERE samples.segment = gone.segment AND samples.key = gone.key AND samples.time = gone.place""",
    "lines": """
        DELETE FROM lines USING gone
        WHERE lines.segment = gone.segment AND lines.stream = gone.key AND lines.number = gone.place""",
}
_LATER = """
    SELECT {table}.segment, {table}.key, {table}.step FROM {table} JOIN gone
    ON {table}.segment = gone.segment AND {table}.key = gone.key AND {table}.step = gone.place
    WHERE {table}.time > gone.time"""
_TORN = """
    SELECT DISTINCT tiles.segment, tiles.key, tiles.start, tiles.width FROM cold
    JOIN gone ON cold.segment = gone.segment AND cold.key = gone.key AND cold.step = gone.place
    JOIN tiles ON tiles.segment = gone.segment AND tiles.key = gone.key AND tiles.start = gone.place & -tiles.width"""
_CLEAR = """
    DELETE FROM tiles USING torn
    WHERE tiles.segment = torn.segment AND tiles.key = torn.key AND tiles.start = torn.start"""
_REMAKE = make(
    """(SELECT cold.*, torn.width FROM cold JOIN torn ON cold.segment = torn.segment AND cold.key = torn.key
        AND cold.step >= torn.start AND cold.step < torn.start + torn.width)"""
)


class Gone:
    """Identities that are to be deleted: (segment, key, place) with what a place is in that table, and when that was logged
    which is to take their place.
    """

    def __init__(self) -> None:
        self._parts: list[tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]] = []
        self._more: list[tuple[int, int, int, int]] = []
        self.segments: set[int] = set()

    def __bool__(self) -> bool:
        return bool(self.segments)

    def add(self, segment: int, key: int, place: int, time: int) -> None:
        """One more."""
        self._more.append((segment, key, place, time))
        self.segments.add(segment)

    def take(self, points: Sorted, ends: Sequence[int]) -> None:
        """Those points that are not beyond the end of their series."""
        for number in np.flatnonzero(points.first <= np.array(ends, np.int64)).tolist():
            series, last, start = points.series[number], ends[number], int(points.starts[number])
            own = points.place[start : int(points.starts[number + 1])]
            own = own[: int(np.searchsorted(own, last, side="right"))]
            time = points.time[start : start + len(own)]
            self._parts.append((np.full(len(own), series[0]), np.full(len(own), series[1]), own, time))
            self.segments.add(series[0])

    @property
    def table(self) -> dict[str, NDArray[Any]]:
        """As DuckDB takes it."""
        more = np.array(self._more, np.int64).reshape(-1, 4)
        columns = zip(*self._parts, tuple(more.T), strict=True)
        segment, key, place, time = (np.concatenate(parts) for parts in columns)
        return {
            "segment": segment.astype(np.int32),
            "key": key.astype(np.int32),
            "place": place.astype(np.int64),
            "time": time.astype(np.int64),
        }


def later(cursor: Cursor, table: str, gone: Gone) -> set[tuple[int, int, int]]:
    """Those places where `table` has what was logged later than what is to take its place."""
    return set(cursor.rows(_LATER.replace("{table}", table), gone=gone.table))


def remove(cursor: Cursor, table: str, gone: Gone) -> None:
    """Delete them from that table, if they are in it."""
    places = gone.table
    if table != "cold":
        cursor.run(_REMOVE[table], gone=places)
        return
    torn = cursor.columns(_TORN, gone=places)
    if len(torn["start"]):
        cursor.run(_REMOVE[table], gone=places)
        cursor.run(_CLEAR, torn=torn)
        cursor.run(_REMAKE, torn=torn)
