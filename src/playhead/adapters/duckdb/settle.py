"""Moving points of segments that ended, or rest, from `hot` to `cold`, with tiles. In pieces, so that appending waits for one at most."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from playhead.adapters.duckdb.engine import Engine
from playhead.adapters.duckdb.marks import Marks
from playhead.adapters.duckdb.tiles import make, width

_PIECE = 500_000
"""Points of one transaction: some 0.1 s of the writer."""
_SERIES = """
    SELECT segment, key, count(*), min(step), max(step), any_value(known.width) FROM hot JOIN wanted USING (segment)
    LEFT JOIN (SELECT segment, key, max(width) AS width FROM tiles JOIN wanted USING (segment) GROUP BY segment, key) known
    USING (segment, key)
    GROUP BY segment, key ORDER BY segment, key"""
_CHOSEN = """
    (SELECT hot.*, piece.width FROM hot JOIN piece ON hot.segment = piece.segment AND hot.key = piece.key
        AND hot.step >= piece.first AND hot.step <= piece.last)"""
_COPY = """
    INSERT INTO cold SELECT segment, key, step, time, kind, value FROM {points} ORDER BY segment, key, step""".replace(
    "{points}", _CHOSEN
)
_TILES = make(_CHOSEN)
_CLEAR = """
    DELETE FROM hot USING piece WHERE hot.segment = piece.segment AND hot.key = piece.key
        AND hot.step >= piece.first AND hot.step <= piece.last"""


class _Stretch(NamedTuple):
    segment: int
    key: int
    first: int
    last: int
    width: int
    points: int


def settle(engine: Engine, marks: Marks, segments: Sequence[int] | None, until: Callable[[], bool]) -> None:
    """Settle these segments (None: all) until told to end."""
    if segments is None:
        with engine.read() as cursor:
            segments = [number for (number,) in cursor.rows("SELECT DISTINCT segment FROM hot")]
    if not segments:
        return
    with engine.read() as cursor:
        found = cursor.rows(_SERIES, wanted={"segment": np.array(segments, np.int32)})
    stretches = [part for row in found for part in _stretches(*row)]
    for piece in _pieces(stretches):
        if until():
            return
        # A tile must be found by whoever replaces one of its points, so its segment is marked first.
        with engine.write() as cursor:
            marks.forget({stretch.segment for stretch in piece})
            table = _table(piece)
            cursor.run(_TILES, piece=table)
            cursor.run(_COPY, piece=table)
            cursor.run(_CLEAR, piece=table)


def _stretches(segment: int, key: int, count: int, first: int, last: int, known: int | None) -> Iterator[_Stretch]:
    """A series in stretches of steps that have some _PIECE points at most, if they are evenly spread."""
    chosen = known or width(count, first, last)
    number = min(-(-count // _PIECE), last - first + 1)
    edges = [first + (last - first + 1) * place // number for place in range(number + 1)]
    for start, end in pairwise(edges):
        yield _Stretch(segment, key, start, end - 1, chosen, -(-count // number))


def _pieces(stretches: Sequence[_Stretch]) -> Iterator[list[_Stretch]]:
    piece: list[_Stretch] = []
    points = 0
    for stretch in stretches:
        if piece and points + stretch.points > _PIECE:
            yield piece
            piece, points = [], 0
        piece.append(stretch)
        points += stretch.points
    if piece:
        yield piece


def _table(piece: Sequence[_Stretch]) -> dict[str, NDArray[Any]]:
    columns = np.array(piece, np.int64)
    return {
        "segment": columns[:, 0].astype(np.int32),
        "key": columns[:, 1].astype(np.int32),
        "first": np.ascontiguousarray(columns[:, 2]),
        "last": np.ascontiguousarray(columns[:, 3]),
        "width": np.ascontiguousarray(columns[:, 4]),
    }
