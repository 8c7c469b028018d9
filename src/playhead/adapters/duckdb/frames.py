"""Columns of many rows: read key by key as they lie, put side by side with NumPy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from playhead.adapters.duckdb.engine import Columns, Cursor
from playhead.adapters.duckdb.names import Names
from playhead.adapters.duckdb.spans import END, Reach, reaches, table, within
from playhead.domain.metric import Kind, Lineage, Source
from playhead.ports.frames import Frame, FrameQuery, Values

_SCALARS = """
    SELECT {columns} FROM (SELECT * FROM {table} WHERE {segments} AND {keys} AND {at} >= $low AND {at} <= $high)
    {join} WHERE {cut} {limit}"""
_OBJECTS = """
    SELECT key, place, lane, step, time, json, digits
    FROM (SELECT {columns} FROM objects WHERE {segments} AND {keys} AND step >= $low AND step <= $high) {join}
    WHERE {cut} ORDER BY step {limit}"""
_ONE = "step, time, kind, value"
_MANY = "key, step, time, kind, value"
_ALL = "key, place, lane, step, time, kind, value"
_ALONE = "*, 0 AS place, 0 AS lane"
_JOIN = "JOIN span USING (segment)"
_LISTED = 64
"""Keys that a query may list."""
_Which = NDArray[np.intp] | slice
"""Some of many points."""


class _Long(NamedTuple):
    """Points of all keys below one another."""

    key: NDArray[np.int32]
    place: NDArray[np.int32]
    lane: NDArray[np.int32]
    step: NDArray[np.int64]
    time: NDArray[np.int64]
    kind: NDArray[np.uint8]
    value: NDArray[np.float64]
    text: NDArray[np.int64]
    """Number of its JSON; -1 if it has none."""

    def taken(self, which: Any) -> _Long:
        return _Long(*(column[which] for column in self))


def frame(cursor: Cursor, names: Names, lineage: Lineage, query: FrameQuery) -> Frame:
    """As `Frames` says."""
    spans = reaches(names, lineage)
    numbers = None
    if query.keys is not None:
        numbers = [number for key in dict.fromkeys(query.keys) if (number := names.find(key)) is not None]
        if not numbers or (len(numbers) < len(set(query.keys)) and not query.some):
            spans = []
    if not spans:
        return _side_by_side(_empty(), [], [], query, names, None)
    long, texts, following = _Reader(cursor, spans, numbers, query).read()
    if numbers is None:
        query = replace(query, some=True)
    return _side_by_side(long, texts, numbers, query, names, following)


class _Reader:
    """The first points of some keys."""

    def __init__(self, cursor: Cursor, spans: Sequence[Reach], keys: Sequence[int] | None, query: FrameQuery) -> None:
        self._cursor = cursor
        self._spans = spans
        self._alone = len(spans) == 1 and not spans[0].lane
        self._keys = keys
        self._query = query
        self._system = query.source is Source.SYSTEM
        self._limits = {"low": query.start, "high": END if query.end is None else query.end}

    def read(self) -> tuple[_Long, list[str], int | None]:
        """Points, JSON texts, and where to go on."""
        long, texts, following = self._some(self._query.cells)
        if following is not None and (not len(long.step) or following <= int(self._at(long).min())):
            self._limits |= {"low": following, "high": following}  # a single place has more than was asked for
            long, texts, _ = self._some(None)
            following += 1
        elif following is not None:
            long = long.taken(self._at(long) < following)
        return self._shown(long), texts, following

    def _some(self, most: int | None) -> tuple[_Long, list[str], int | None]:
        """The first points, and the place up to which they are whole; None: they are all."""
        limit = "" if most is None else f"LIMIT {most + 1}"
        scalars = self._scalars(limit)
        if most is not None and len(scalars.step) > most:
            scalars = self._scalars(f"ORDER BY {'time' if self._system else 'step'} {limit}")
        plain = self._system or not self._query.objects
        objects, texts = (_empty(), []) if plain else self._objects(limit)
        ends = [self._at(one) for one in (scalars, objects) if most is not None and len(one.step) > most]
        parts = [part for part in (scalars, objects) if len(part.step)]
        long = scalars if not parts else parts[0]
        if len(parts) > 1:
            long = _Long(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
        return long, texts, min((int(at.max()) for at in ends), default=None)

    def _at(self, long: _Long) -> NDArray[np.int64]:
        return long.time if self._system else long.step

    def _scalars(self, limit: str) -> _Long:
        one = self._keys[0] if self._keys is not None and len(self._keys) == 1 else None
        columns = (_MANY if one is None else _ONE) if self._alone else _ALL
        query, given = self._of_spans(_SCALARS.replace("{columns}", columns), limit)
        query = query.replace("{table}", "samples" if self._system else "points")
        query = query.replace("{at}", "time" if self._system else "step")
        found = self._cursor.columns(query, self._limits, **given)
        count = len(found["step"])
        zeros, no_text = np.broadcast_to(np.int32(0), count), np.broadcast_to(np.int64(-1), count)
        key = found["key"] if "key" in found else np.broadcast_to(np.int32(one or 0), count)
        step, time = (found[name].astype(np.int64, copy=False) for name in ("step", "time"))
        value = found["value"].astype(np.float64, copy=False)
        return _Long(
            key, found.get("place", zeros), found.get("lane", zeros), step, time, found["kind"].astype(np.uint8, copy=False),
            value, no_text,
        )  # fmt: skip

    def _objects(self, limit: str) -> tuple[_Long, list[str]]:
        query, given = self._of_spans(_OBJECTS.replace("{columns}", _ALONE if self._alone else "*"), limit)
        rows = self._cursor.rows(query, self._limits, **given)
        if not rows:
            return _empty(), []
        key, place, lane, step, time, texts, digits = zip(*rows, strict=True)
        is_digits = np.array(digits, bool)
        kind = np.where(is_digits, Kind.BIG_INT, Kind.OBJECT).astype(np.uint8)
        return _Long(
            np.array(key, np.int32), np.array(place, np.int32), np.array(lane, np.int32), np.array(step, np.int64),
            np.array(time, np.int64), kind, np.full(len(rows), math.nan), np.arange(len(rows), dtype=np.int64),
        ), list(texts)  # fmt: skip

    def _of_spans(self, query: str, limit: str) -> tuple[str, dict[str, Columns]]:
        """`query` of these keys and spans, and the tables that it needs: a single span needs none."""
        given: dict[str, Columns] = {} if self._alone else {"span": table(self._spans)}
        query = self._of_keys(query, given).replace("{join}", "" if self._alone else _JOIN)
        cut = f"step <= {self._spans[0].up_to}" if self._alone else "step <= up_to"
        return query.replace("{cut}", cut).replace("{limit}", limit), given

    def _of_keys(self, query: str, given: dict[str, Columns]) -> str:
        """`query` with its keys and segments written out, or `given` as a table."""
        if self._keys is None:
            keys = "true"
        elif len(self._keys) <= _LISTED:
            keys = (
                f"key IN ({', '.join(str(key) for key in self._keys)})"
                if len(self._keys) > 1
                else f"key = {self._keys[0]}"
            )
        else:
            keys = "key IN (SELECT key FROM asked)"
            given["asked"] = {"key": np.array(self._keys, np.int32)}
        return within(query.replace("{keys}", keys), (span.segment for span in self._spans))

    def _shown(self, long: _Long) -> _Long:
        """Of each key, lane and step (or time) what the last span says, and an object rather than its digits' float."""
        if len(self._spans) == 1 and not (long.text >= 0).any():
            return long
        at = self._at(long)
        order = np.lexsort((long.text, long.place, long.lane, long.key, at))
        long, at = long.taken(order), at[order]
        same = (at[1:] == at[:-1]) & (long.key[1:] == long.key[:-1]) & (long.lane[1:] == long.lane[:-1])
        return long.taken(~np.append(same, False)) if same.any() else long


def _side_by_side(
    long: _Long,
    texts: Sequence[str],
    keys: Sequence[int] | None,
    query: FrameQuery,
    names: Names,
    following: int | None,
) -> Frame:
    """One row a place, one column a key; without `keys`, of those that there are."""
    at = long.time if query.source is Source.SYSTEM else long.step
    if keys is not None and len(keys) == 1 and not long.lane.any():
        if not (at[1:] > at[:-1]).all():
            long = long.taken(np.argsort(at, kind="stable"))
        values = {names.name(keys[0]): _values(long, slice(None), None, texts)}
        return Frame(step=long.step, time=long.time, lane=long.lane, columns=values, next=following)
    # A row's place in one number: where there are lanes, the rank of (step, lane).
    place = at if not long.lane.any() else _ranks(at, long.lane)
    own = [(key, _rising(place, which)) for key, which in _by_key(long.key, keys)]
    places = [place[which] for _, which in own]
    rows = _common(places, some=query.some) if places else place
    step, time, lane = np.full(len(rows), -1, np.int64), np.full(len(rows), -1, np.int64), np.zeros(len(rows), np.int32)
    columns = {}
    for (key, which), own_places in zip(own, places, strict=True):
        there = None
        if len(own_places) != len(rows) or (own_places != rows).any():
            found = np.searchsorted(own_places, rows).clip(max=max(len(own_places) - 1, 0))
            there = own_places[found] == rows if len(own_places) else np.zeros(len(rows), bool)
            which = _of(which, found[there])  # noqa: PLW2901 those that are shown
        shown = slice(None) if there is None else there
        step[shown] = np.maximum(step[shown], long.step[which])
        time[shown] = np.maximum(time[shown], long.time[which])
        lane[shown] = long.lane[which]
        columns[names.name(key)] = _values(long, which, there, texts)
    found_frame = Frame(step=step, time=time, lane=lane, columns=columns, next=following)
    return _by_time(found_frame, query.source) if lane.any() else found_frame


def _ranks(at: NDArray[np.int64], lane: NDArray[np.int32]) -> NDArray[np.int64]:
    order = np.lexsort((lane, at))
    edge = np.ones(len(at), bool)
    edge[1:] = (np.diff(at[order]) != 0) | (np.diff(lane[order]) != 0)
    ranks = np.empty(len(at), np.int64)
    ranks[order] = np.cumsum(edge)
    return ranks


def _by_key(key: NDArray[np.int32], keys: Sequence[int] | None) -> list[tuple[int, _Which]]:
    """Where each of the keys has its points."""
    if keys is None:
        pieces = _pieces(key)
        if pieces is not None:
            return pieces
    known = np.unique(key) if keys is None else np.sort(np.array(keys, np.int32))
    # Sorting 16-bit numbers is a radix sort, ten times faster.
    small = np.searchsorted(known, key).astype(np.uint16 if len(known) < 1 << 16 else np.uint32)
    order = np.argsort(small, kind="stable")
    edges = np.searchsorted(small[order], np.arange(len(known) + 1))
    return [(int(one), order[edges[number] : edges[number + 1]]) for number, one in enumerate(known)]


def _pieces(key: NDArray[np.int32]) -> list[tuple[int, _Which]] | None:
    """Where each key has its points, if these are in one piece, as they lie in the store once they are settled."""
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    own = key[starts].tolist()
    if len(set(own)) < len(own):
        return None
    return [
        (one, slice(start, end)) for one, (start, end) in zip(own, pairwise([*starts.tolist(), len(key)]), strict=True)
    ]


def _rising(place: NDArray[np.int64], which: _Which) -> _Which:
    """The same points, by their places."""
    own = place[which]
    if (own[1:] > own[:-1]).all():
        return which
    return _of(which, np.argsort(own, kind="stable"))


def _of(which: _Which, places: NDArray[np.intp]) -> NDArray[np.intp]:
    return places + which.start if isinstance(which, slice) else which[places]


def _common(places: Sequence[NDArray[np.int64]], *, some: bool) -> NDArray[np.int64]:
    """The places of the rows: those that all keys have, or some."""
    first = places[0]
    if all(len(one) == len(first) and (one == first).all() for one in places):
        return first
    if some:
        return np.unique(np.concatenate(places))
    for one in places[1:]:
        first = np.intersect1d(first, one, assume_unique=True)
    return first


def _values(long: _Long, which: _Which, there: NDArray[np.bool_] | None, texts: Sequence[str]) -> Values:
    """Of these points, in the rows that have one."""
    text = long.text[which]
    with_text = np.flatnonzero(text >= 0)
    rows = with_text if there is None else np.flatnonzero(there)[with_text]
    json = {row: texts[number] for row, number in zip(rows.tolist(), text[with_text].tolist(), strict=True)}
    if there is None or there.all():
        return Values(kind=long.kind[which], value=long.value[which], json=json)
    kind, value = np.zeros(len(there), np.uint8), np.full(len(there), math.nan)
    kind[there], value[there] = long.kind[which], long.value[which]
    return Values(kind=kind, value=value, there=there, json=json)


def _by_time(found: Frame, source: Source) -> Frame:
    """Rows of different lanes at one step by time."""
    at = found.time if source is Source.SYSTEM else found.step
    order = np.lexsort((found.lane, found.time, at))
    moved = np.empty(len(order), np.int64)
    moved[order] = np.arange(len(order))
    columns = {
        name: Values(
            kind=one.kind[order], value=one.value[order], there=None if one.there is None else one.there[order],
            json={int(moved[row]): text for row, text in one.json.items()},
        )
        for name, one in found.columns.items()
    }  # fmt: skip
    return Frame(
        step=found.step[order], time=found.time[order], lane=found.lane[order], columns=columns, next=found.next
    )


def _empty() -> _Long:
    small, large = np.array([], np.int32), np.array([], np.int64)
    return _Long(small, small, small, large, large, np.array([], np.uint8), np.array([], np.float64), large)
