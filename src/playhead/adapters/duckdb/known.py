"""What is known of a key without reading its points: where it starts and ends in each segment, so also which spans hide something."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from playhead.adapters.duckdb.engine import Cursor
from playhead.adapters.duckdb.marks import Marks
from playhead.adapters.duckdb.spans import END, Reach, within

_IN_HOT = "SELECT segment, count(*), min(step), max(step) FROM hot WHERE key = $key AND {segments} GROUP BY segment"
_IN_TILES = """
    SELECT segment, sum(count)::BIGINT, min(first_step), max(last_step), max(width)
    FROM tiles WHERE key = $key AND {segments} GROUP BY segment"""
_FIRST_OBJECTS = """
    SELECT segment, min(step) FROM objects WHERE key = $key AND {segments} AND NOT digits GROUP BY segment"""

Lane = tuple[int, int]
"""(Track, lane): only within it a span hides something of another."""


class Known(NamedTuple):
    """What is known of the key in a segment: never less than a cursor sees, but for the tiles."""

    points: int
    first: int
    last: int
    width: int | None
    """Of its tiles, if it has some."""


def known(cursor: Cursor, marks: Marks, key: int, segments: set[int]) -> dict[int, Known]:
    """What is known of those segments that have the key. Memory knows more than this cursor sees, if somebody is writing."""
    found = {row[0]: Known(*row[1:]) for row in cursor.rows(within(_IN_TILES, segments), {"key": key})}
    unknown = set()
    for segment in segments:
        extents = marks.extents(segment)
        if extents is None:
            unknown.add(segment)
        elif key in extents:
            width = found[segment].width if segment in found else None
            found[segment] = Known(*extents[key], width)
    if unknown:
        for segment, points, first, last in cursor.rows(within(_IN_HOT, unknown), {"key": key}):
            tiles = found.get(segment, Known(0, first, last, None))
            found[segment] = Known(points + tiles.points, min(first, tiles.first), max(last, tiles.last), tiles.width)
    return found


def hidden(cursor: Cursor, key: int, spans: Iterable[Reach], knowledge: Mapping[int, Known]) -> set[Lane]:
    """Lanes in which a later span may replace a scalar of an earlier one. Most do not: they start where the others end."""
    of_lane: dict[Lane, list[Reach]] = defaultdict(list)
    for span in spans:
        of_lane[span.track, span.lane].append(span)
    several = {lane: own for lane, own in of_lane.items() if len(own) > 1 and knowledge}
    if not several:
        return set()
    query = within(_FIRST_OBJECTS, (span.segment for own in several.values() for span in own))
    objects: dict[int, int] = dict(cursor.rows(query, {"key": key}))
    return {lane for lane, own in several.items() if _overlap(own, knowledge, objects)}


def _overlap(spans: Sequence[Reach], knowledge: Mapping[int, Known], objects: Mapping[int, int]) -> bool:
    reached = -END
    for span in spans:
        own = knowledge.get(span.segment)
        first = min(own.first if own else END, objects.get(span.segment, END))
        if first <= min(reached, span.up_to):
            return True
        if own and own.first <= span.up_to:
            reached = max(reached, min(own.last, span.up_to))
    return False
