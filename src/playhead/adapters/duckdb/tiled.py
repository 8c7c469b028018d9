"""Tiles of a key in memory: of a chain of spans that end before their segments do, one look at the tiles tells everything."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from playhead.adapters.duckdb.buckets import Grid, Part
from playhead.adapters.duckdb.engine import Cursor
from playhead.adapters.duckdb.marks import Version
from playhead.adapters.duckdb.spans import among

MOST = 1 << 16
"""Tiles that are worth to be read one by one; more are added up by the engine."""
_HELD = 1 << 18
"""Tiles that are held in memory: 80 bytes each."""
_READ = """
    SELECT segment, start, width, count, finite, low, high, total, last, first_step, last_step,
        coalesce(last_time, 0) AS moment
    FROM tiles{among} WHERE key = $key AND {segments}"""

Columns = dict[str, NDArray[Any]]


class Known(NamedTuple):
    """What is known of a key in a segment without reading its points: never less than a cursor sees."""

    points: int
    first: int
    last: int
    width: int | None
    """Of its tiles, if it has some."""
    hot: bool = False
    """Whether some points may be in no tile."""


class Tiles:
    """The tiles of one key in some segments, ordered by segment."""

    def __init__(self, columns: Columns) -> None:
        segment = columns["segment"]
        if np.any(segment[1:] < segment[:-1]):
            order = np.argsort(segment, kind="stable")
            columns = {name: column[order] for name, column in columns.items()}
        self.columns = columns
        self._starts = np.flatnonzero(np.diff(columns["segment"], prepend=-1))
        self._counts = np.diff(self._starts, append=len(segment))
        self._segments = columns["segment"][self._starts]

    @classmethod
    def read(cls, cursor: Cursor, key: int, segments: Iterable[int]) -> Self:
        """All of them."""
        query, tables = among(_READ, segments)
        return cls(cursor.columns(query, {"key": key}, **tables))

    @classmethod
    def joined(cls, parts: Sequence[Columns]) -> Self:
        """Of several parts."""
        return cls({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})

    def of(self, segment: int) -> Columns:
        """The tiles of one segment."""
        place = np.searchsorted(self.columns["segment"], [segment, segment + 1])
        return {name: column[place[0] : place[1]].copy() for name, column in self.columns.items()}

    def known(self) -> dict[int, Known]:
        """What they tell of each segment."""
        if not len(self._starts):
            return {}
        told = (
            self._segments,
            np.add.reduceat(self.columns["count"], self._starts),
            np.minimum.reduceat(self.columns["first_step"], self._starts),
            np.maximum.reduceat(self.columns["last_step"], self._starts),
            self.columns["width"][self._starts],
        )
        rows = zip(*(column.tolist() for column in told), strict=True)
        return {segment: Known(*known) for segment, *known in rows}

    def part(self, spans: Columns, cells: Grid, *, lanes: bool) -> tuple[Part, Columns]:
        """What lies within spans, each of another segment, as a part of a chart; and the places with a tile that lies partly within."""
        order = np.argsort(spans["segment"])
        whose = order[np.searchsorted(spans["segment"], self._segments, sorter=order).clip(max=len(order) - 1)]
        ours = spans["segment"][whose] == self._segments
        asked = np.repeat(ours, self._counts)
        tile = self.columns if ours.all() else {name: column[asked] for name, column in self.columns.items()}
        owner = np.repeat(whose[ours], self._counts[ours])
        tile = tile | {name: spans[name][owner] for name in ("owner", "from_step", "to_step")}
        inside = (tile["first_step"] <= tile["to_step"]) & (tile["last_step"] >= tile["from_step"])
        torn = inside & ((tile["first_step"] < tile["from_step"]) | (tile["last_step"] > tile["to_step"]))
        places: Columns = {}
        if torn.any():
            # Of a place with a torn tile, all points are read one by one.
            starts, start = np.unique(tile["start"], return_inverse=True)
            place = owner * len(starts) + start
            inside &= ~np.isin(place, place[torn])
            places = _places({name: column[torn] for name, column in tile.items()}, place[torn])
        part = {name: tile[name][inside] for name in ("count", "finite", "low", "high", "total", "last", "owner")}
        part["at"] = tile["last_step"][inside]
        part["bucket"] = ((tile["start"][inside] - cells.lo) // cells.width).astype(np.int32)
        return part | ({"moment": tile["moment"][inside]} if lanes else {}), places


def _places(torn: Columns, place: NDArray[np.int64]) -> Columns:
    """Each place once."""
    _, first, number = np.unique(place, return_index=True, return_inverse=True)
    at_end = np.zeros(len(first), bool)
    np.logical_or.at(at_end, number, torn["last_step"] > torn["to_step"])
    return {
        "owner": torn["owner"][first],
        "segment": torn["segment"][first],
        "start": torn["start"][first],
        "first": np.maximum(torn["start"], torn["from_step"])[first],
        "last": np.minimum(torn["start"] + torn["width"] - 1, torn["to_step"])[first],
        "at_end": at_end,
    }


class Resting(NamedTuple):
    """All that there is of a key in a segment."""

    version: Version
    tiles: Columns
    first_object: int | None


class Held:
    """Tiles of segments that rest, for as long as nobody writes to them: most of a long chain. For any thread."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, int], Resting] = {}
        self._tiles = 0

    def find(self, segment: int, key: int, version: Version) -> Resting | None:
        """If it is held, and of this version."""
        found = self._found.get((segment, key))
        return found if found is not None and found.version == version else None

    def hold(self, segment: int, key: int, resting: Resting) -> None:
        """For the next one who asks."""
        self._tiles += len(resting.tiles["start"]) + 1
        if self._tiles > _HELD:
            self._tiles = 0
            self._found.clear()
        self._found[segment, key] = resting
