"""What a tile is: the aggregate of a series' cold points in [start, start + width), `width` a power of two, `start` a multiple of it.

Tiles of one place (segment, key, start) add up, so a settled stretch may add another tile where one is. A series keeps its width
for ever: a bucket whose width is a multiple of it, on a grid that is aligned to it, never cuts one of its tiles.
"""

from __future__ import annotations

import math

POINTS = 64
"""Points in a tile, about: 1 byte a point beside 9 for the points themselves, 64 times fewer rows to read."""

_MAKE = """
    INSERT INTO tiles
    SELECT segment, key, step & -width AS start, width, count(*), count(f), min(f), max(f), sum(f),
        arg_max_null(value, step), arg_max(kind, step), min(step), max(step), arg_max(time, step)
    FROM (SELECT *, CASE WHEN isfinite(value) THEN value END AS f FROM {points})
    GROUP BY segment, key, start, width{side}
    ORDER BY segment, key, start"""


def make(points: str, *, side: bool = False) -> str:
    """The query that adds the tiles of some points (with their series' `width`); of each `side` its own."""
    return _MAKE.replace("{points}", points).replace("{side}", ", side" if side else "")


def width(count: int, first: int, last: int) -> int:
    """The width that gives tiles of some POINTS points to a series of `count` points from step `first` to `last`."""
    between = (last - first + 1) / max(count, 1)
    return 1 << max(0, round(math.log2(POINTS * between)))
