"""What is known of a key without reading its points: where it starts and ends in each segment, so also which spans hide something."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from playhead.adapters.duckdb.engine import Cursor
from playhead.adapters.duckdb.marks import Marks
from playhead.adapters.duckdb.spans import END, Reach, among, laned
from playhead.adapters.duckdb.tiled import MOST, Known, Tiles

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

    def __init__(
        self, cursor: Cursor, marks: Marks, key: int, spans: Sequence[Reach], *, one_by_one: bool = False
    ) -> None:
        """`one_by_one`: have the tiles themselves at hand, if they are not too many."""
        self.of: Mapping[int, Known]
        """By segment; those that have the key. Memory knows more than this cursor sees, if somebody is writing."""
        self.tiles: Tiles | None = None
        self._lanes: dict[Lane, list[Reach]] = defaultdict(list)
        for span in spans:
            self._lanes[span.track, span.lane].append(span)
        segments = {span.segment for span in spans}
        extents = {segment: marks.extents(segment) for segment in segments}
        hot: list[tuple[int, list[int]]] = []
        self._objects: dict[int, int] = {}
        for what, segment, *told in self._ask(cursor, key, extents, one_by_one=one_by_one):
            if what == "hot":
                hot.append((segment, told))
            elif what == "objects":
                self._objects[segment] = told[1]
            elif what == "tiles" and told[0] <= MOST:
                self.tiles = Tiles.read(cursor, key, segments, lanes=laned(spans))
        if self.tiles is not None:
            found = self.tiles.known()
        else:
            query, tables = among(_IN_TILES, segments)
            found = {row[0]: Known(*row[1:]) for row in cursor.rows(query, {"key": key}, **tables)}
        for segment, known in extents.items():
            if known is not None and key in known:
                width = found[segment].width if segment in found else None
                found[segment] = Known(*known[key], width)._replace(hot=True)
        for segment, (points, first, last) in hot:
            own = found.get(segment, Known(0, first, last, None))
            ends = min(first, own.first), max(last, own.last)
            found[segment] = Known(points + own.points, *ends, own.width)._replace(hot=True)
        self.of = found

    def _ask(
        self, cursor: Cursor, key: int, extents: Mapping[int, object], *, one_by_one: bool
    ) -> Iterator[tuple[str, int, int, int, int]]:
        unknown = [segment for segment, known in extents.items() if known is None]
        parts = [_OBJECTS] if any(len(own) > 1 for own in self._lanes.values()) else []
        if one_by_one:
            parts.append(_TILES)
        if len(unknown) == len(extents):
            parts.append(_IN_HOT)
        elif unknown:
            query, tables = among(_IN_HOT, unknown)
            yield from cursor.rows(query, {"key": key}, **tables)
        if parts:
            query, tables = among(" UNION ALL ".join(parts), extents)
            yield from cursor.rows(query, {"key": key}, **tables)

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
