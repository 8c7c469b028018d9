"""Aggregates of keys over a lineage: added up from tiles and from what is not yet in one. Where a later span replaces points of an
earlier one, from the points that show.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from playhead.adapters.duckdb.cuts import Cuts
from playhead.adapters.duckdb.engine import Columns, Cursor
from playhead.adapters.duckdb.names import Names
from playhead.adapters.duckdb.spans import Reach, reaches, table, within
from playhead.adapters.duckdb.torn import TORN, written
from playhead.domain.metric import Latest, Lineage, Total

_FINITE = "SELECT *, CASE WHEN isfinite(value) THEN value END AS f FROM"
_ADDED = "count(f) AS finite, min(f) AS low, max(f) AS high, sum(f) AS total, min(step) AS first, max(step) AS last"
_PARTS = """
    SELECT number, key, sum(finite)::BIGINT, min(low), max(high), sum(total), min(first), max(last) FROM (
        SELECT number, key, {added} FROM ({finite} hot WHERE {segments}) JOIN span USING (segment)
        SEMI JOIN wanted USING (key) WHERE step <= up_to GROUP BY number, key
        UNION ALL
        SELECT number, key, sum(finite), min(low), max(high), sum(total), min(first_step), max(last_step)
        FROM tiles JOIN span USING (segment) SEMI JOIN wanted USING (key){not_torn}
        WHERE last_step <= up_to GROUP BY number, key{in_torn}
    ) GROUP BY number, key"""
_IN_TORN = """
        UNION ALL
        SELECT number, torn.key, {added}
        FROM ({finite} cold WHERE {segments} AND step >= $low AND step <= $high) AS cold JOIN torn
        ON cold.segment = torn.segment AND cold.key = torn.key AND cold.step >= start AND cold.step <= up_to
        GROUP BY number, torn.key"""
_PARTS, _IN_TORN = (query.replace("{finite}", _FINITE).replace("{added}", _ADDED) for query in (_PARTS, _IN_TORN))
_TORN = TORN.replace("WHERE", "SEMI JOIN wanted USING (key) WHERE")
_OBJECTS = """
    SELECT DISTINCT key FROM (SELECT * FROM objects WHERE {segments}) JOIN span USING (segment) SEMI JOIN wanted USING (key)
    WHERE NOT digits AND step <= up_to"""
_SHOWN = """
    SELECT key, count(f), min(f), max(f), sum(f), arg_min((step, time), (step, time, lane)),
        arg_min_null(value, (step, time, lane))
    FROM (
        {finite} logged JOIN span USING (segment) SEMI JOIN wanted USING (key) WHERE step <= up_to
        QUALIFY row_number() OVER (PARTITION BY key, lane, step ORDER BY place DESC) = 1
    ) WHERE kind < 8 GROUP BY key""".replace("{finite}", _FINITE)
_FIRSTS = """
    SELECT ask.number, time, value
    FROM (SELECT * FROM points WHERE {segments} AND step >= $low AND step <= $high) AS near JOIN ask
    ON near.segment = ask.segment AND near.key = ask.key AND near.step = ask.step"""


class _Part(NamedTuple):
    """What a span has of a key."""

    span: Reach
    segment: str
    finite: int
    low: float | None
    high: float | None
    total: float | None
    first: int
    last: int


def totals(cursor: Cursor, names: Names, lineage: Lineage, keys: Sequence[str], cuts: Cuts) -> dict[str, Total]:
    """Those of the keys that have a number."""
    spans = reaches(names, lineage)
    numbers = {number: key for key in keys if (number := names.find(key)) is not None}
    if not spans or not numbers:
        return {}
    wanted: Columns = {"key": np.array(sorted(numbers), np.int32)}
    parts = _parts(cursor, names, spans, wanted, cuts)
    objects = cursor.rows(within(_OBJECTS, (span.segment for span in spans)), span=table(spans), wanted=wanted)
    mixed = {key for (key,) in objects}
    hidden = [key for key, own in parts.items() if key in mixed or _overlap(own)]
    found = dict(_shown(cursor, spans, hidden, parts)) if hidden else {}
    plain = {key: own for key, own in parts.items() if key not in set(hidden)}
    firsts = _firsts(cursor, plain)
    found |= {key: _total(own, firsts[key]) for key, own in plain.items()}
    return {numbers[key]: one for key, one in found.items()}


def _parts(cursor: Cursor, names: Names, spans: Sequence[Reach], wanted: Columns, cuts: Cuts) -> dict[int, list[_Part]]:
    """By key. Tiles that a span ends within are told to `cuts`."""
    query, limits, tables = written(cursor, _PARTS, _IN_TORN, spans, cuts, torn=_TORN, wanted=wanted)
    query = within(query, (span.segment for span in spans))
    found: dict[int, list[_Part]] = defaultdict(list)
    for number, key, *told in cursor.rows(query, limits, **tables):
        found[key].append(_Part(spans[number], names.name(spans[number].segment), *told))
    return found


def _overlap(own: Sequence[_Part]) -> bool:
    """Whether a later span may replace a point of an earlier one of its lane."""
    reached: dict[int, int] = {}
    for part in sorted(own, key=lambda one: one.span.place):
        lane = part.span.lane
        if part.first <= reached.get(lane, part.first - 1):
            return True
        reached[lane] = max(reached.get(lane, part.last), part.last)
    return False


def _shown(
    cursor: Cursor, spans: Sequence[Reach], keys: Sequence[int], parts: dict[int, list[_Part]]
) -> Iterator[tuple[int, Total]]:
    """From the points that no later span replaces."""
    wanted: Columns = {"key": np.array(keys, np.int32)}
    for key, finite, low, high, total, (step, time), value in cursor.rows(_SHOWN, span=table(spans), wanted=wanted):
        first = Latest(step, time, math.nan if value is None else value)
        yield key, _made(finite, low, high, total, first, parts[key])


def _firsts(cursor: Cursor, parts: dict[int, list[_Part]]) -> dict[int, Latest]:
    """The first number of each key."""
    asks = [
        (key, part.span, part.first)
        for key, own in parts.items()
        for part in own
        if part.first == min(one.first for one in own)
    ]
    if not asks:
        return {}
    ask: Columns = {
        "number": np.arange(len(asks), dtype=np.int32),
        "segment": np.array([span.segment for _, span, _ in asks], np.int32),
        "key": np.array([key for key, _, _ in asks], np.int32),
        "step": np.array([step for _, _, step in asks], np.int64),
    }
    limits = {"low": int(ask["step"].min()), "high": int(ask["step"].max())}
    found: dict[int, tuple[tuple[int, int], Latest]] = {}
    for number, time, value in cursor.rows(within(_FIRSTS, (span.segment for _, span, _ in asks)), limits, ask=ask):
        key, span, step = asks[number]
        place = (time, span.lane)
        if key not in found or place < found[key][0]:
            found[key] = place, Latest(step, time, math.nan if value is None else value)
    return {key: first for key, (_, first) in found.items()}


def _total(own: Sequence[_Part], first: Latest) -> Total:
    finite = sum(part.finite for part in own)
    low = min((part.low for part in own if part.low is not None), default=None)
    high = max((part.high for part in own if part.high is not None), default=None)
    total = sum(part.total for part in own if part.total is not None)
    return _made(finite, low, high, total, first, own)


def _made(
    finite: int, low: float | None, high: float | None, total: float | None, first: Latest, own: Sequence[_Part]
) -> Total:
    reach: dict[str, int] = {}
    for part in own:
        reach[part.segment] = max(part.last, reach.get(part.segment, part.last))
    if low is None or high is None or total is None:
        return Total(0, math.nan, math.nan, math.nan, first, reach)
    # Of numbers near the largest float the sum is beyond all floats; their mean is between the extremes.
    mean = total / finite if math.isfinite(total) else low / 2 + high / 2
    return Total(finite, low, high, mean, first, reach)
