"""Steps that spans end at. A tile that a span ends within is split there once, so that the next chart reads tiles alone."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from playhead.adapters.duckdb.engine import Columns, Cursor, Engine
from playhead.adapters.duckdb.marks import Marks
from playhead.adapters.duckdb.spans import within
from playhead.adapters.duckdb.tiles import make

MOST = 1_000
"""Cuts of one transaction; others wait until they are met again."""

_TORN = """
    SELECT DISTINCT segment, key, start, width FROM tiles JOIN cut USING (segment)
    WHERE first_step <= cut.step AND last_step > cut.step"""
_BORDERS = """
    SELECT segment, key, start, width, last_step AS border FROM tiles JOIN torn USING (segment, key, start, width)
    UNION SELECT segment, key, start, width, step FROM torn JOIN cut USING (segment)
    WHERE step >= start AND step < start + width"""
_CLEAR = """
    DELETE FROM tiles USING torn
    WHERE tiles.segment = torn.segment AND tiles.key = torn.key AND tiles.start = torn.start"""
_SPLIT = make(
    """(SELECT cold.*, borders.width, min(border) AS side FROM (SELECT * FROM cold WHERE {segments} AND step >= $low AND step <= $high) AS cold JOIN borders
        ON cold.segment = borders.segment AND cold.key = borders.key
        AND cold.step >= borders.start AND cold.step <= borders.border
        GROUP BY ALL)""",
    side=True,
)


class Cuts:
    """Cuts that reading met: (segment, step)."""

    def __init__(self) -> None:
        self._met: set[tuple[int, int]] = set()

    def __bool__(self) -> bool:
        return bool(self._met)

    def add(self, cuts: Iterable[tuple[int, int]]) -> None:
        """A span of this segment ends at this step, within a tile."""
        self._met.update(cuts)

    def make(self, engine: Engine, marks: Marks) -> None:
        """Split the tiles, unless somebody is writing: it is but to be faster the next time."""
        if not self._met or not engine.turn.acquire(blocking=False):
            return
        try:
            cut = np.array(sorted(self._met)[:MOST], np.int64)
            with engine.write() as cursor:
                _split(cursor, cut)
            marks.turn(cut[:, 0].tolist())
        finally:
            engine.turn.release()


def _split(cursor: Cursor, cuts: NDArray[np.int64]) -> None:
    cut: Columns = {"segment": cuts[:, 0].astype(np.int32), "step": np.ascontiguousarray(cuts[:, 1])}
    torn = cursor.columns(_TORN, cut=cut)
    if len(torn["start"]):
        borders = cursor.columns(_BORDERS, cut=cut, torn=torn)
        limits = {"low": int(borders["start"].min()), "high": int(borders["border"].max())}
        cursor.run(_CLEAR, torn=torn)
        cursor.run(within(_SPLIT, torn["segment"].tolist()), limits, borders=borders)
