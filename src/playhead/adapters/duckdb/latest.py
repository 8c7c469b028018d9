"""The last value of every key, found without reading what came before: memory knows how far each series goes.

A series that ends within its span is looked up at that step; one that goes on behind it, in a window before the span's end
that grows until something is found.
"""

from __future__ import annotations

import itertools
import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from playhead.adapters.duckdb.engine import Columns, Cursor, Engine
from playhead.adapters.duckdb.marks import Ends, Extent, Marks, Version, read_ends
from playhead.adapters.duckdb.names import Names
from playhead.adapters.duckdb.rows import exact
from playhead.adapters.duckdb.spans import END, Reach, reaches, within
from playhead.domain.metric import Kind, Latest, Lineage

_SCALARS = """
    SELECT number, max(step), arg_max(time, step), arg_max(kind, step), arg_max_null(value, step)
    FROM (SELECT * FROM points WHERE {segments} AND step >= $low AND step <= $high) AS near JOIN ask
    ON near.segment = ask.segment AND near.key = ask.key AND step >= first AND step <= last GROUP BY number"""
_OBJECTS = """
    SELECT number, max(step), arg_max(time, step), 8, NULL
    FROM (SELECT * FROM objects WHERE {segments} AND step >= $low AND step <= $high AND NOT digits) AS near JOIN ask
    ON near.segment = ask.segment AND near.key = ask.key AND step >= first AND step <= last GROUP BY number"""
_TEXTS = """
    SELECT number, json FROM (SELECT * FROM objects WHERE {segments} AND step >= $low AND step <= $high) AS near JOIN ask
    ON near.segment = ask.segment AND near.key = ask.key AND step = last"""
_WINDOWS = (8, 512)
"""Points, if they are evenly spread, that a window has; the last window has all."""
_GROUPS = 8
"""Queries for places that are far from each other, at most."""

_Unit = tuple[int, int]
"""(Lane, key)."""


class _Ask(NamedTuple):
    """The last point of a series up to step `last`, looked for from `first` on."""

    last: int
    place: int
    segment: int
    key: int
    table: str
    first: int
    gap: float
    """Steps between its points, about."""


class _Found(NamedTuple):
    step: int
    place: int
    segment: int
    key: int
    time: int
    kind: int
    value: float


def latest(engine: Engine, names: Names, marks: Marks, lineage: Lineage) -> dict[str, Latest]:
    """The last value of every key, and under `_step` the last row's place."""
    spans = reaches(names, lineage)
    if not spans:
        return {}
    versions = {span.segment: marks.version(span.segment) for span in spans}
    with engine.read() as cursor:
        return _latest(cursor, names, spans, _ends(cursor, marks, versions))


def _latest(cursor: Cursor, names: Names, spans: Sequence[Reach], ends: Mapping[int, Ends]) -> dict[str, Latest]:
    lasts = _lasts(cursor, _candidates(spans, ends))
    if not lasts:
        return {}
    by_key: dict[int, tuple[tuple[int, int, int], _Found]] = {}
    row = (-1, -1)
    for (lane, key), found in lasts.items():
        order = (found.step, found.time, lane)
        by_key[key] = max(by_key.get(key, (order, found)), (order, found))
        row = max(row, order[:2])
    told = _told(cursor, [found for _, found in by_key.values()])
    values = {names.name(one.key): Latest(one.step, one.time, value) for one, value in told}
    return values | {"_step": Latest(row[0], row[1], row[0])}


def _ends(cursor: Cursor, marks: Marks, versions: Mapping[int, Version]) -> dict[int, Ends]:
    """How far the series of each segment go, or farther."""
    found = {segment: marks.ends(segment) or marks.seen(segment) for segment in versions}
    missing = [segment for segment, ends in found.items() if ends is None]
    read = read_ends(cursor, missing) if missing else {}
    for segment, ends in read.items():
        marks.remember(segment, versions[segment], ends)
    return {segment: ends or read[segment] for segment, ends in found.items()}


def _candidates(spans: Sequence[Reach], ends: Mapping[int, Ends]) -> dict[_Unit, list[_Ask]]:
    """Where the last point of each lane and key may be; what is most likely comes last."""
    found: dict[_Unit, list[_Ask]] = defaultdict(list)
    for span in spans:
        for ask in _asks(span, ends[span.segment]):
            found[span.lane, ask.key].append(ask)
    for asks in found.values():
        asks.sort()
    return found


def _asks(span: Reach, known: Ends) -> Iterator[_Ask]:
    series = [("points", key, extent) for key, extent in list(known.scalars.items())]
    # Of objects only the end is known.
    series += [("objects", key, Extent(1, -END, last)) for key, last in list(known.objects.items())]
    for table, key, extent in series:
        if extent.first <= span.up_to:
            gap = (extent.last - extent.first + 1) / extent.points if table == "points" else 1_000.0
            last = min(extent.last, span.up_to)
            first = last if extent.last <= span.up_to else last - math.ceil(_WINDOWS[0] * gap)
            yield _Ask(last, span.place, span.segment, key, table, first, gap)


def _lasts(cursor: Cursor, candidates: dict[_Unit, list[_Ask]]) -> dict[_Unit, _Found]:
    """The last point that shows of each lane and key."""
    lasts: dict[_Unit, _Found] = {}
    while candidates:
        units = list(candidates)
        for unit, found in zip(units, _search(cursor, [candidates[unit].pop() for unit in units]), strict=True):
            if found is not None:
                lasts[unit] = max(lasts.get(unit, found), found, key=lambda one: one[:2])
        candidates = {unit: asks for unit, asks in candidates.items() if asks and not _beats(lasts.get(unit), asks[-1])}
    return lasts


def _beats(found: _Found | None, ask: _Ask) -> bool:
    """Whether this place of the lineage can have nothing later."""
    return found is not None and found[:2] >= ask[:2] and (found.step, found.place) != (ask.last, ask.place)


def _search(cursor: Cursor, asks: Sequence[_Ask]) -> list[_Found | None]:
    """What was asked for, in that order: in ever larger windows."""
    found: list[_Found | None] = [None] * len(asks)
    wanted = dict(enumerate(asks))
    for window in (*_WINDOWS, END):
        for table, query in (("points", _SCALARS), ("objects", _OBJECTS)):
            some = {number: ask for number, ask in wanted.items() if ask.table == table}
            for number, step, time, kind, value in _near(cursor, query, some):
                ask = asks[number]
                told = math.nan if value is None else value
                found[number] = _Found(step, ask.place, ask.segment, ask.key, time, kind, told)
        wanted = {number: ask for number, ask in wanted.items() if found[number] is None}
        if not wanted:
            break
        larger = END if window != _WINDOWS[0] else _WINDOWS[1]
        wanted = {number: ask._replace(first=_before(ask, larger)) for number, ask in wanted.items()}
    return found


def _before(ask: _Ask, window: int) -> int:
    return -END if window == END else ask.last - math.ceil(window * ask.gap) - window


def _near(cursor: Cursor, query: str, asks: dict[int, _Ask]) -> Iterator[tuple[Any, ...]]:
    """The answers for these, asked in few queries that each look at a narrow range of steps."""
    for group in _grouped(asks):
        own = [asks[number] for number in group]
        ask: Columns = {
            "number": np.array(group, np.int32),
            "segment": np.array([one.segment for one in own], np.int32),
            "key": np.array([one.key for one in own], np.int32),
            "first": np.array([one.first for one in own], np.int64),
            "last": np.array([one.last for one in own], np.int64),
        }
        limits = {"low": min(one.first for one in own), "high": max(one.last for one in own)}
        yield from cursor.rows(within(query, (one.segment for one in own)), limits, ask=ask)


def _grouped(asks: dict[int, _Ask]) -> list[list[int]]:
    """By range of steps: apart where the widest gaps are."""
    order = sorted(asks, key=lambda number: asks[number].first)
    gaps = []
    reached = -END
    for place, number in enumerate(order):
        if place and asks[number].first > reached:
            gaps.append((asks[number].first - reached, place))
        reached = max(reached, asks[number].last)
    edges = sorted(place for _, place in sorted(gaps)[-_GROUPS + 1 :])
    bounds = [0, *edges, len(order)]
    return [order[start:end] for start, end in itertools.pairwise(bounds) if start < end]


def _told(cursor: Cursor, found: Sequence[_Found]) -> Iterable[tuple[_Found, Any]]:
    """Each with its value as it was logged."""
    texts = {
        number: _Ask(one.step, one.place, one.segment, one.key, "objects", one.step, 1.0)
        for number, one in enumerate(found)
        if one.kind in {Kind.OBJECT, Kind.BIG_INT}
    }
    values = {number: json.loads(text) for number, text in _near(cursor, _TEXTS, texts)}
    for number, one in enumerate(found):
        yield one, values[number] if number in values else exact(one.kind, one.value)
