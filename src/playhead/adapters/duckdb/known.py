"""What is known of a key without reading its points: where it starts and ends in each segment, so also which spans hide something."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Self

from playhead.adapters.duckdb.engine import Cursor
from playhead.adapters.duckdb.marks import Marks, Version
from playhead.adapters.duckdb.spans import END, Reach, among
from playhead.adapters.duckdb.tiled import MOST, Held, Known, Resting, Tiles

_IN_HOT = "SELECT 'hot', segment, count(*), min(step), max(step) FROM hot{among} WHERE key = $key AND {segments} GROUP BY segment"
_OBJECTS = """
    SELECT 'objects', segment, 0, min(step), 0 FROM objects{among} WHERE key = $key AND {segments} AND NOT digits GROUP BY segment"""
_TILES = "SELECT 'tiles', 0, count(*), 0, 0 FROM tiles{among} WHERE key = $key AND {segments}"
_IN_TILES = """
    SELECT segment, sum(count)::BIGINT, min(first_step), max(last_step), max(width)
    FROM tiles{among} WHERE key = $key AND {segments} GROUP BY segment"""

Lane = tuple[int, int]
"""(Track, lane): only within it a span hides something of another."""


class Knowledge:
    """What is known of a key in the segments of some spans."""

    def __init__(self, cursor: Cursor, marks: Marks, key: int, spans: Sequence[Reach]) -> None:
        self.of: dict[int, Known] = {}
        """By segment; those that have the key. Memory knows more than this cursor sees, if somebody is writing."""
        self.tiles: Tiles | None = None
        """The tiles themselves, where they are at hand."""
        self._cursor = cursor
        self._key = key
        self._extents = {span.segment: marks.extents(span.segment) for span in spans}
        self._lanes: dict[Lane, list[Reach]] = defaultdict(list)
        for span in spans:
            self._lanes[span.track, span.lane].append(span)
        self._objects: dict[int, int] = {}
        self._hot: dict[int, Known] = {}

    @classmethod
    def read(cls, cursor: Cursor, marks: Marks, key: int, spans: Sequence[Reach]) -> Self:
        """By a look at the extremes of each segment."""
        self = cls(cursor, marks, key, spans)
        segments = {span.segment for span in spans}
        self._look(segments)
        query, tables = among(_IN_TILES, segments)
        self._put({segment: Known(*row) for segment, *row in cursor.rows(query, {"key": key}, **tables)}, segments)
        return self

    @classmethod
    def one_by_one(
        cls, cursor: Cursor, marks: Marks, key: int, spans: Sequence[Reach], held: Held, versions: Mapping[int, Version]
    ) -> Self:
        """With the tiles themselves, if they are not too many. Those of segments that rest are held for the next time.

        `versions` are from before the cursor began.
        """
        self = cls(cursor, marks, key, spans)
        resting = {segment: held.find(segment, key, marks.version(segment)) for segment in versions}
        parts = [found.tiles for found in resting.values() if found]
        self._objects = {
            s: found.first_object for s, found in resting.items() if found and found.first_object is not None
        }
        missing = [segment for segment, found in resting.items() if found is None]
        if missing and self._look(missing, tiles=True) > MOST:
            return cls.read(cursor, marks, key, spans)
        if missing:
            tiles = Tiles.read(cursor, key, missing)
            parts.append(tiles.columns)
            for segment in missing:
                if segment not in self._hot and self._extents[segment] is None:
                    found = Resting(versions[segment], tiles.of(segment), self._objects.get(segment))
                    held.hold(segment, key, found)
        self.tiles = Tiles.joined(parts)
        self._put(self.tiles.known(), missing)
        return self

    def _look(self, segments: Collection[int], *, tiles: bool = False) -> int:
        """At hot points and objects; how many tiles there are, if that is asked."""
        unknown = [segment for segment in segments if self._extents[segment] is None]
        parts = [_OBJECTS] if any(len(own) > 1 for own in self._lanes.values()) else []
        if tiles:
            parts.append(_TILES)
        asked = [(parts, segments), ([_IN_HOT], unknown)]
        if len(unknown) == len(segments):
            asked = [([*parts, _IN_HOT], segments)]
        count = 0
        for some, whose in asked:
            if not some or not whose:
                continue
            query, tables = among(" UNION ALL ".join(some), whose)
            for what, segment, points, first, last in self._cursor.rows(query, {"key": self._key}, **tables):
                if what == "hot":
                    self._hot[segment] = Known(points, first, last, None, hot=True)
                elif what == "objects":
                    self._objects[segment] = first
                else:
                    count = points
        return count

    def _put(self, tiles: dict[int, Known], asked: Iterable[int]) -> None:
        """What tiles, memory and the look at hot points tell together."""
        self.of = dict(tiles)
        for segment in asked:
            own, extents, hot = tiles.get(segment), self._extents[segment], self._hot.get(segment)
            width = own.width if own else None
            if extents is not None and self._key in extents:
                self.of[segment] = Known(*extents[self._key], width)._replace(hot=True)
            elif hot is not None:
                some = [hot, own] if own else [hot]
                points, first, last = sum(k.points for k in some), min(k.first for k in some), max(k.last for k in some)
                self.of[segment] = Known(points, first, last, width, hot=True)

    def hidden(self) -> set[Lane]:
        """Lanes in which a later span may replace a scalar of an earlier one. Most do not: they start where the others end."""
        return {lane for lane, own in self._lanes.items() if len(own) > 1 and self._overlap(own)}

    def _overlap(self, spans: Sequence[Reach]) -> bool:
        reached = -END
        for span in spans:
            own = self.of.get(span.segment)
            first = min(own.first if own else END, self._objects.get(span.segment, END))
            if first <= min(reached, span.up_to):
                return True
            if own and own.first <= span.up_to:
                reached = max(reached, min(own.last, span.up_to))
        return False
