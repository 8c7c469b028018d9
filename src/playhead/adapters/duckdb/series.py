"""Which keys a lineage has, and all points of one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from playhead.adapters.duckdb.engine import Cursor
from playhead.adapters.duckdb.names import Names
from playhead.adapters.duckdb.spans import Reach, reaches, table
from playhead.domain.metric import Kind, Lineage, Series, Source
from playhead.ports.metrics import Points

_WHOLE = """
    SELECT place, key, sum(count)::BIGINT, min(first), max(last), arg_max(kind, last) FROM (
        SELECT place, key, count(*) AS count, min(step) AS first, max(step) AS last, arg_max(kind, step) AS kind
        FROM hot JOIN span USING (segment) GROUP BY place, key
        UNION ALL
        SELECT place, key, sum(count), min(first_step), max(last_step), arg_max(kind, last_step)
        FROM tiles JOIN span USING (segment) GROUP BY place, key
        UNION ALL
        SELECT place, key, count(*), min(step), max(step), 8
        FROM objects JOIN span USING (segment) WHERE NOT digits GROUP BY place, key
    ) GROUP BY place, key"""
"""Of segments that are read to their end: from tiles where there are some."""
_CUT = """
    SELECT place, key, count(*), min(step), max(step), arg_max(kind, step)
    FROM logged JOIN span USING (segment) WHERE step <= up_to GROUP BY place, key"""
_SHADOWED = """
    SELECT 0, key, count(DISTINCT step), min(step), max(step), arg_max(kind, (step, place))
    FROM logged JOIN span USING (segment) JOIN shadowed USING (key) WHERE step <= up_to GROUP BY key"""
_SAMPLES = """
    SELECT 0, key, count(*), min(step), max(step), arg_max(kind, (time, place))
    FROM samples JOIN span USING (segment) WHERE step <= up_to GROUP BY key"""
_POINTS = """
    SELECT step, time, kind, value FROM points WHERE key = $key AND segment = $segment AND step <= $up_to ORDER BY step"""
_POINTS_OF_SEVERAL = """
    SELECT step, time, kind, value FROM logged JOIN span USING (segment) WHERE key = $key AND step <= up_to
    QUALIFY row_number() OVER (PARTITION BY step ORDER BY place DESC) = 1 AND kind < 8 ORDER BY step"""
_SYSTEM_POINTS = """
    SELECT step, time, kind, value FROM samples JOIN span USING (segment) WHERE key = $key AND step <= up_to
    ORDER BY time, place"""


class _Part(NamedTuple):
    """What a span has of a key; `kind` is its last point's."""

    place: int
    key: int
    points: int
    first: int
    last: int
    kind: int


def series(cursor: Cursor, names: Names, lineage: Lineage, source: Source) -> list[Series]:
    """Keys with at least one point, by name."""
    spans = reaches(names, lineage)
    if source is Source.SYSTEM:
        parts = [_Part(*row) for row in cursor.rows(_SAMPLES, span=table(spans))]
    else:
        parts = _history(cursor, spans)
    found = [Series(names.name(part.key), Kind(part.kind), part.points, part.first, part.last) for part in parts]
    return sorted(found, key=lambda one: one.key)


def points(cursor: Cursor, names: Names, lineage: Lineage, key: str, source: Source) -> Points:
    """All scalar points of a key in order."""
    number = names.find(key)
    spans = reaches(names, lineage)
    columns: dict[str, NDArray[Any]] = {}
    if number is None or not spans:
        columns = {"step": np.array([]), "time": np.array([]), "kind": np.array([]), "value": np.array([])}
    elif source is Source.SYSTEM:
        columns = cursor.columns(_SYSTEM_POINTS, {"key": number}, span=table(spans))
    elif len(spans) > 1:
        columns = cursor.columns(_POINTS_OF_SEVERAL, {"key": number}, span=table(spans))
    else:
        (span,) = spans
        columns = cursor.columns(_POINTS, {"key": number, "segment": span.segment, "up_to": span.up_to})
    return Points(
        keys=(key,),
        key=np.zeros(len(columns["step"]), np.int32),
        step=columns["step"].astype(np.int64, copy=False),
        time=columns["time"].astype(np.int64, copy=False),
        kind=columns["kind"].astype(np.uint8, copy=False),
        value=columns["value"].astype(np.float64, copy=False),
    )


def _history(cursor: Cursor, spans: Sequence[Reach]) -> list[_Part]:
    """One part a key."""
    by_key: dict[int, list[_Part]] = defaultdict(list)
    for query, some in ((_WHOLE, [s for s in spans if not s.cut]), (_CUT, [s for s in spans if s.cut])):
        if some:
            for row in cursor.rows(query, span=table(some)):
                by_key[row[1]].append(_Part(*row))
    shadowed = [key for key, parts in by_key.items() if _overlap(parts)]
    found = [_sum(parts) for parts in by_key.values() if not _overlap(parts)]
    if shadowed:
        keys = {"key": np.array(shadowed, np.int32)}
        found += [_Part(*row) for row in cursor.rows(_SHADOWED, span=table(spans), shadowed=keys)]
    return found


def _overlap(parts: Sequence[_Part]) -> bool:
    """Whether a later span may replace a point of an earlier one."""
    ordered = sorted(parts)
    return any(late.first <= early.last for number, late in enumerate(ordered) for early in ordered[:number])


def _sum(parts: Sequence[_Part]) -> _Part:
    last = max(parts, key=lambda part: part.last)
    return _Part(
        last.place,
        last.key,
        sum(part.points for part in parts),
        min(part.first for part in parts),
        last.last,
        last.kind,
    )
