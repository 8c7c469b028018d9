"""Whole rows: scalars and objects of a step, merged into a dict with the types that were logged."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playhead.adapters.duckdb.engine import Cursor
from playhead.adapters.duckdb.frames import frame
from playhead.adapters.duckdb.names import Names
from playhead.adapters.duckdb.spans import END, reaches, table, within
from playhead.domain.metric import Kind, Lineage
from playhead.ports.frames import Frame, FrameQuery
from playhead.ports.metrics import RowPage

_PLACES = """
    SELECT DISTINCT {place} FROM logged JOIN span USING (segment)
    WHERE step >= $low AND step <= $high AND step <= up_to ORDER BY {place} LIMIT $limit"""
_PLACES_WITH_KEYS = """
    SELECT {place} FROM logged JOIN span USING (segment) JOIN asked USING (key)
    WHERE step >= $low AND step <= $high AND step <= up_to
    GROUP BY {place} HAVING count(DISTINCT key) = $keys ORDER BY {place} LIMIT $limit"""
_SCALARS = """
    SELECT place, key, step, time, kind, value FROM points JOIN span USING (segment) JOIN wanted USING (step)
    WHERE step >= $low AND step <= $high AND step <= up_to"""
_OBJECTS = """
    SELECT place, key, step, time, json FROM objects JOIN span USING (segment) JOIN wanted USING (step)
    WHERE step >= $low AND step <= $high AND step <= up_to ORDER BY place"""
_TIMES = "SELECT DISTINCT time, lane FROM samples JOIN span USING (segment) WHERE step <= up_to ORDER BY time, lane"
_SAMPLES = """
    SELECT place, key, step, time, kind, value FROM samples JOIN span USING (segment) JOIN wanted USING (time)
    WHERE time >= $low AND time <= $high AND step <= up_to ORDER BY place"""
_LAST_TIMES = """
    SELECT track, max(time) AS time FROM (SELECT * FROM samples WHERE {segments}) JOIN span USING (segment)
    WHERE step <= up_to GROUP BY track"""
_LAST_SAMPLES = """
    SELECT track, place, key, step, time, kind, value FROM (SELECT * FROM samples WHERE {segments} AND time IN (SELECT time FROM last))
    JOIN span USING (segment) JOIN last USING (track, time) WHERE step <= up_to ORDER BY place"""
_SCALARS_OF_KEYS = _SCALARS.replace("WHERE", "WHERE key IN (SELECT key FROM asked) AND")
_OBJECTS_OF_KEYS = _OBJECTS.replace("WHERE", "WHERE key IN (SELECT key FROM asked) AND")
_WINDOWS = (4, 64)
"""Steps looked at first, in times of the rows that are wanted: a page of a run with millions of rows reads a few row groups."""

Row = dict[str, Any]
Place = tuple[int, int]
"""Of a row: its step and lane; of a system sample: its time and lane."""


class Rows:
    """Rows of one lineage, seen through one cursor."""

    def __init__(self, cursor: Cursor, names: Names, lineage: Lineage, keys: Sequence[str] | None) -> None:
        self._cursor = cursor
        self._names = names
        self._lineage = lineage
        self._asked = keys
        spans = reaches(names, lineage)
        self._spans = table(spans)
        self._lanes = {span.place: span.lane for span in spans}
        self._keys: dict[str, NDArray[Any]] | None = None
        self._none = not spans
        if keys is not None:
            unique = set(keys)
            found = [number for name in unique if (number := names.find(name)) is not None]
            self._keys = {"key": np.array(found, np.int32)}
            self._none = self._none or not unique or len(found) < len(unique)

    def page(self, low: int, high: int | None, limit: int) -> RowPage:
        """Rows from step `low` to `high`."""
        last = END if high is None else high
        near = self._near(low, last, limit)
        if near is not None:
            return near
        # So many that the end of the last row's step is among them.
        steps, lanes = self._places(low, last, limit + len({0, *self._lanes.values()}))
        end = _end(steps, limit)
        places = list(zip(steps[:end].tolist(), lanes[:end].tolist(), strict=True))
        return _page(self._rows(places), int(steps[end]) if end < len(steps) else None)

    def sample(self, samples: int) -> RowPage:
        """At most `samples` of all rows, evenly spread."""
        steps, lanes = self._read_places(-END, END, None)
        chosen = spread(np.arange(len(steps)), samples)
        # Which row of its step is the nth is told by its time: all rows of these steps are read.
        own = np.flatnonzero(np.isin(steps, steps[chosen])) if any(self._lanes.values()) else chosen
        rows = self._rows(list(zip(steps[own].tolist(), lanes[own].tolist(), strict=True)))
        return _page([rows[number] for number in np.searchsorted(own, chosen).tolist()])

    def _near(self, low: int, high: int, limit: int) -> RowPage | None:
        """The page, if as many steps as it has rows hold all of it: then it is read as columns, at a fraction of the cost."""
        until = min(high, low + limit)
        found = frame(self._cursor, self._names, self._lineage, FrameQuery(keys=self._asked, start=low, end=until))
        end = _end(found.step, limit)
        if found.next is not None or (end == len(found.step) and until < high):
            return None
        following = int(found.step[end]) if end < len(found.step) else None
        return RowPage(steps=found.step[:end].tolist(), rows=_merged(found, end), next=following)

    def _places(self, low: int, high: int, limit: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        for times in _WINDOWS:
            end = low + times * limit
            if end >= high:
                break
            places = self._read_places(low, end, limit)
            if len(places[0]) >= limit:
                return places
        return self._read_places(low, high, limit)

    def _read_places(self, low: int, high: int, limit: int | None) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Steps and lanes of the first rows that qualify, in order."""
        if self._none:
            return np.array([], np.int64), np.array([], np.int32)
        parameters: dict[str, Any] = {"low": low, "high": high, "limit": limit}
        place = "step, lane" if any(self._lanes.values()) else "step"
        if self._keys is None:
            found = self._cursor.columns(_PLACES.replace("{place}", place), parameters, span=self._spans)
        else:
            parameters["keys"] = len(self._keys["key"])
            query = _PLACES_WITH_KEYS.replace("{place}", place)
            found = self._cursor.columns(query, parameters, span=self._spans, asked=self._keys)
        return found["step"], found.get("lane", np.zeros(len(found["step"]), np.int32))

    def _rows(self, places: Sequence[Place]) -> list[tuple[Place, Row]]:
        """These rows (by step), in their order: by step, then by time and lane."""
        if not places:
            return []
        tables = {"span": self._spans, "wanted": {"step": np.unique(np.array([step for step, _ in places], np.int64))}}
        parameters = {"low": places[0][0], "high": places[-1][0]}
        queries = (_SCALARS, _OBJECTS)
        if self._keys is not None:
            tables["asked"] = self._keys
            queries = (_SCALARS_OF_KEYS, _OBJECTS_OF_KEYS)
        scalars = self._cursor.columns(queries[0], parameters, **tables)
        objects = self._cursor.rows(queries[1], parameters, **tables)
        rows: dict[int, dict[int, Row]] = {lane: {} for _, lane in places}
        for step, lane in places:
            rows[lane][step] = {}
        # A time counts only while its value is not replaced by a later span's.
        times: dict[int, dict[int, dict[str, int]]] = {lane: {step: {} for step in own} for lane, own in rows.items()}
        for place in sorted({*scalars["place"].tolist(), *(found[0] for found in objects)}):
            lane = self._lanes[place]
            if lane not in rows:
                continue
            own_rows, own_times, own = rows[lane], times[lane], scalars["place"] == place
            texts = (found[1:] for found in objects if found[0] == place)
            told = ((self._names.name(key), step, time, json.loads(text)) for key, step, time, text in texts)
            logged = _logged({name: column[own] for name, column in scalars.items()}, self._names)
            for key, step, time, value in itertools.chain(logged, told):
                if step in own_rows:
                    own_rows[step][key] = value
                    own_times[step][key] = time
        for lane, own_rows in rows.items():
            for step, row in own_rows.items():
                row["_time"] = max(times[lane][step].values())
        return _in_order({(step, lane): rows[lane][step] for step, lane in places})


def _end(steps: NDArray[np.int64], limit: int) -> int:
    """How many rows a page has: it does not end within a step."""
    return int(np.searchsorted(steps, steps[limit - 1], side="right")) if limit < len(steps) else len(steps)


def _merged(found: Frame, count: int) -> list[Row]:
    """The first `count` rows of columns."""
    rows: list[Row] = [{} for _ in range(count)]
    for key, values in found.columns.items():
        numbers = range(count) if values.there is None else np.flatnonzero(values.there[:count]).tolist()
        kinds, floats, texts = values.kind.tolist(), values.value.tolist(), values.json
        for number in numbers:
            text = texts.get(number)
            rows[number][key] = exact(kinds[number], floats[number]) if text is None else json.loads(text)
    for row, time, lane in zip(rows, found.time.tolist(), found.lane.tolist(), strict=False):
        row["_time"] = time
        if lane:
            row["_lane"] = lane
    return rows


def samples(cursor: Cursor, names: Names, lineage: Lineage, limit: int) -> list[Row]:
    """System samples merged by time, those of each lane for themselves."""
    spans = reaches(names, lineage)
    places = cursor.columns(_TIMES, span=table(spans))
    chosen = spread(np.arange(len(places["time"])), limit)
    if not len(chosen):
        return []
    times = places["time"][chosen]
    parameters = {"low": int(times[0]), "high": int(times[-1])}
    found = cursor.columns(_SAMPLES, parameters, span=table(spans), wanted={"time": np.unique(times)})
    at = zip(times.tolist(), places["lane"][chosen].tolist(), strict=True)
    rows: dict[Place, Row] = {place: {"_time": place[0], "_step": -1} for place in at}
    lanes = {span.place: span.lane for span in spans}
    for place, (key, step, time, value) in zip(found["place"].tolist(), _logged(found, names), strict=True):
        row = rows.get((time, lanes[place]))
        if row is not None:
            row[key] = value
            row["_step"] = max(row["_step"], step)
    return [row for _, row in _in_order(rows)]


def last_samples(cursor: Cursor, names: Names, lineages: Sequence[Lineage]) -> list[Row]:
    """The last of the system samples of each."""
    spans = [span for track, lineage in enumerate(lineages) for span in reaches(names, lineage, track=track)]
    rows: list[Row] = [{} for _ in lineages]
    if not spans:
        return rows
    own = table(spans)
    segments = [span.segment for span in spans]
    last = cursor.columns(within(_LAST_TIMES, segments), span=own)
    found = cursor.columns(within(_LAST_SAMPLES, segments), span=own, last=last)
    lanes = {(span.track, span.place): span.lane for span in spans}
    whose = [lanes[place] for place in zip(found["track"].tolist(), found["place"].tolist(), strict=True)]
    for track, lane, (key, step, time, value) in zip(
        found["track"].tolist(), whose, _logged(found, names), strict=True
    ):
        row = rows[track]
        if lane < row.get("_lane", 0):
            continue
        if lane > row.get("_lane", 0):
            row = rows[track] = {"_lane": lane}
        row |= {key: value, "_time": time, "_step": max(step, row.get("_step", step))}
    return rows


def _in_order(rows: dict[Place, Row]) -> list[tuple[Place, Row]]:
    """By step, time and lane (of system samples: by time and lane), with the lane in the row."""
    for (_, lane), row in rows.items():
        if lane:
            row["_lane"] = lane
    return sorted(rows.items(), key=lambda item: (item[0][0], item[1]["_time"], item[0][1]))


def _page(rows: Sequence[tuple[Place, Row]], following: int | None = None) -> RowPage:
    return RowPage(steps=[step for (step, _), _ in rows], rows=[row for _, row in rows], next=following)


def spread(places: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """At most `most` of them, evenly spread, first and last among them."""
    if len(places) <= most:
        return places
    if most == 1:
        return places[:1]
    chosen: NDArray[np.int64] = places[np.round(np.arange(most) * (len(places) - 1) / (most - 1)).astype(np.int64)]
    return chosen


def _logged(scalars: dict[str, NDArray[Any]], names: Names) -> Iterator[tuple[str, int, int, Any]]:
    """(Key, step, time, value as it was logged)."""
    keys = {number: names.name(number) for number in np.unique(scalars["key"]).tolist()}
    columns = (scalars[name].tolist() for name in ("key", "step", "time", "kind", "value"))
    for key, step, time, kind, value in zip(*columns, strict=True):
        yield keys[key], step, time, value if kind == Kind.FLOAT else exact(kind, value)


def exact(kind: int, value: float) -> Any:
    """A scalar as it was logged; of a BIG_INT, about."""
    if kind == Kind.FLOAT:
        return value
    if kind == Kind.BOOL:
        return bool(value)
    return int(value) if math.isfinite(value) else value  # A BIG_INT beyond all floats has its digits beside it.
