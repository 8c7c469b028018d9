"""Which keys a lineage has, and all points of one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from playhead.adapters.duckdb.cuts import Cuts
from playhead.adapters.duckdb.engine import Cursor
from playhead.adapters.duckdb.known import Knowledge
from playhead.adapters.duckdb.marks import Marks
from playhead.adapters.duckdb.names import Names
from playhead.adapters.duckdb.spans import Reach, laned, reaches, table, within
from playhead.adapters.duckdb.torn import written
from playhead.domain.metric import Kind, Lineage, Series, Source
from playhead.ports.metrics import Points

_PARTS = """
    SELECT number, key, sum(count)::BIGINT, min(first), max(last), arg_max(kind, last), {moment} FROM (
        SELECT number, key, count(*) AS count, min(step) AS first, max(step) AS last, arg_max(kind, step) AS kind,
            {time} AS moment
        FROM hot JOIN span USING (segment) WHERE {step} GROUP BY number, key
        UNION ALL
        SELECT number, key, sum(count), min(first_step), max(last_step), arg_max(kind, last_step), {last_time}
        FROM tiles JOIN span USING (segment){not_torn} WHERE {last_step} GROUP BY number, key
        UNION ALL
        SELECT number, key, count(*), min(step), max(step), 8, {time}
        FROM objects JOIN span USING (segment) WHERE NOT digits AND {step} GROUP BY number, key{in_torn}
    ) GROUP BY number, key"""
_IN_TORN = """
        UNION ALL
        SELECT number, torn.key, count(*), min(step), max(step), arg_max(kind, step), {time}
        FROM (SELECT * FROM cold WHERE {segments} AND step >= $low AND step <= $high) AS cold JOIN torn
        ON cold.segment = torn.segment AND cold.key = torn.key AND cold.step >= start AND cold.step <= up_to
        GROUP BY number, torn.key"""
_HIDDEN = """
    SELECT key, count(*), min(step), max(step), arg_max(kind, (step, time, lane)) FROM (
        SELECT key, lane, step, arg_max(kind, place) AS kind, arg_max(time, place) AS time
        FROM logged JOIN span USING (segment) JOIN wanted USING (key) WHERE step <= up_to GROUP BY key, lane, step
    ) GROUP BY key"""
_SAMPLES = """
    SELECT key, count(*), min(step), max(step), arg_max(kind, (time, place))
    FROM samples JOIN span USING (segment) WHERE step <= up_to GROUP BY key"""
_POINTS_OF_ONE = """
    SELECT step, time, kind, value FROM points WHERE key = $key AND segment = $segment AND step <= $up_to ORDER BY step"""
_POINTS = """
    SELECT step, time, kind, value FROM (SELECT * FROM points WHERE {segments} AND key = $key) JOIN span USING (segment)
    WHERE step <= up_to ORDER BY step, time, lane"""
_HIDDEN_POINTS = """
    SELECT step, time, kind, value FROM logged JOIN span USING (segment) WHERE key = $key AND step <= up_to
    QUALIFY row_number() OVER (PARTITION BY lane, step ORDER BY place DESC) = 1 AND kind < 8 ORDER BY step, time, lane"""
_SYSTEM_POINTS = """
    SELECT step, time, kind, value FROM samples JOIN span USING (segment) WHERE key = $key AND step <= up_to
    ORDER BY time, place"""


class Part(NamedTuple):
    """What a span, or all of them, have of a key; `kind` is the last point's, and so is the time `moment` where there are lanes."""

    key: int
    points: int
    first: int
    last: int
    kind: int
    moment: int = 0


def series(cursor: Cursor, names: Names, lineage: Lineage, source: Source, cuts: Cuts) -> list[Series]:
    """Keys with at least one point, by name."""
    if source is Source.HISTORY:
        return all_series(cursor, names, [lineage], cuts)[0]
    return _told([Part(*row) for row in cursor.rows(_SAMPLES, span=table(reaches(names, lineage)))], names)


def all_series(cursor: Cursor, names: Names, lineages: Sequence[Lineage], cuts: Cuts) -> list[list[Series]]:
    """Keys of the history of each."""
    tracks = [reaches(names, lineage, track=track) for track, lineage in enumerate(lineages)]
    return [_told(found, names) for found in histories(cursor, tracks, cuts)]


def _told(found: Sequence[Part], names: Names) -> list[Series]:
    told = [Series(names.name(part.key), Kind(part.kind), part.points, part.first, part.last) for part in found]
    return sorted(told, key=lambda one: one.key)


def parts(cursor: Cursor, spans: Sequence[Reach], cuts: Cuts) -> list[tuple[Reach, Part]]:
    """What each span has of each key: from tiles, but for those that a span ends within. Such are told to `cuts`."""
    query, limits, tables = written(cursor, _PARTS, _IN_TORN, spans, cuts)
    step, last_step = ("step <= up_to", "last_step <= up_to") if any(span.cut for span in spans) else ("true", "true")
    query = query.replace("{step}", step).replace("{last_step}", last_step)
    times = ("arg_max(time, step)", "arg_max(last_time, last_step)", "arg_max(moment, last)")
    time, last_time, moment = times if laned(spans) else ("0", "0", "0")
    query = query.replace("{time}", time).replace("{last_time}", last_time).replace("{moment}", moment)
    return [(spans[number], Part(*row)) for number, *row in cursor.rows(query, limits, **tables)]


def points(cursor: Cursor, names: Names, marks: Marks, lineage: Lineage, key: str, source: Source) -> Points:
    """All scalar points of a key in order."""
    number = names.find(key)
    spans = reaches(names, lineage)
    columns: dict[str, NDArray[Any]] = {}
    if number is None or not spans:
        columns = {"step": np.array([]), "time": np.array([]), "kind": np.array([]), "value": np.array([])}
    elif source is Source.SYSTEM:
        columns = cursor.columns(_SYSTEM_POINTS, {"key": number}, span=table(spans))
    elif len(spans) == 1:
        (span,) = spans
        columns = cursor.columns(_POINTS_OF_ONE, {"key": number, "segment": span.segment, "up_to": span.up_to})
    else:
        query = within(_POINTS, (span.segment for span in spans))
        if Knowledge.read(cursor, marks, number, spans).hidden():
            query = _HIDDEN_POINTS
        columns = cursor.columns(query, {"key": number}, span=table(spans))
    return Points(
        keys=(key,),
        key=np.zeros(len(columns["step"]), np.int32),
        step=columns["step"].astype(np.int64, copy=False),
        time=columns["time"].astype(np.int64, copy=False),
        kind=columns["kind"].astype(np.uint8, copy=False),
        value=columns["value"].astype(np.float64, copy=False),
    )


def history(cursor: Cursor, spans: Sequence[Reach], cuts: Cuts) -> list[Part]:
    """One part a key."""
    return _whole(cursor, spans, parts(cursor, spans, cuts) if spans else [])


def histories(cursor: Cursor, tracks: Sequence[Sequence[Reach]], cuts: Cuts) -> list[list[Part]]:
    """One part a key, of each track by its number."""
    spans = [span for own in tracks for span in own]
    by_track: dict[int, list[tuple[Reach, Part]]] = defaultdict(list)
    for span, part in parts(cursor, spans, cuts) if spans else []:
        by_track[span.track].append((span, part))
    return [_whole(cursor, own, by_track[track]) for track, own in enumerate(tracks)]


def _whole(cursor: Cursor, spans: Sequence[Reach], found_parts: Iterable[tuple[Reach, Part]]) -> list[Part]:
    by_key: dict[int, list[tuple[Reach, Part]]] = defaultdict(list)
    for span, part in found_parts:
        by_key[part.key].append((span, part))
    over = [key for key, own in by_key.items() if _overlap(own)]
    found = [_sum(own) for own in by_key.values() if not _overlap(own)]
    if over:
        keys = {"key": np.array(over, np.int32)}
        found += [Part(*row) for row in cursor.rows(_HIDDEN, span=table(spans), wanted=keys)]
    return found


def _overlap(own: Sequence[tuple[Reach, Part]]) -> bool:
    """Whether a later span may replace a point of an earlier one of its lane."""
    reached: dict[int, int] = {}
    for span, part in sorted(own, key=lambda one: one[0].place):
        if part.first <= reached.get(span.lane, part.first - 1):
            return True
        reached[span.lane] = max(reached.get(span.lane, part.last), part.last)
    return False


def _sum(own: Sequence[tuple[Reach, Part]]) -> Part:
    _, last = max(own, key=lambda one: (one[1].last, one[1].moment, one[0].lane))
    parts = [part for _, part in own]
    return last._replace(points=sum(part.points for part in parts), first=min(part.first for part in parts))
