"""Whole rows: scalars and objects of a step, merged into a dict with the types that were logged."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playhead.adapters.duckdb.engine import Cursor
from playhead.adapters.duckdb.names import Names
from playhead.adapters.duckdb.spans import END, reaches, table
from playhead.domain.metric import Kind, Lineage
from playhead.ports.metrics import RowPage

_STEPS = """
    SELECT DISTINCT step FROM logged JOIN span USING (segment)
    WHERE step >= $low AND step <= $high AND step <= up_to ORDER BY step LIMIT $limit"""
_STEPS_WITH_KEYS = """
    SELECT step FROM logged JOIN span USING (segment) JOIN asked USING (key)
    WHERE step >= $low AND step <= $high AND step <= up_to
    GROUP BY step HAVING count(DISTINCT key) = $keys ORDER BY step LIMIT $limit"""
_SCALARS = """
    SELECT place, key, step, time, kind, value FROM points JOIN span USING (segment) JOIN wanted USING (step)
    WHERE step >= $low AND step <= $high AND step <= up_to"""
_OBJECTS = """
    SELECT place, key, step, time, json FROM objects JOIN span USING (segment) JOIN wanted USING (step)
    WHERE step >= $low AND step <= $high AND step <= up_to ORDER BY place"""
_TIMES = "SELECT DISTINCT time FROM samples JOIN span USING (segment) WHERE step <= up_to ORDER BY time"
_SAMPLES = """
    SELECT place, key, step, time, kind, value FROM samples JOIN span USING (segment) JOIN wanted USING (time)
    WHERE time >= $low AND time <= $high AND step <= up_to ORDER BY place"""
_SCALARS_OF_KEYS = _SCALARS.replace("WHERE", "WHERE key IN (SELECT key FROM asked) AND")
_OBJECTS_OF_KEYS = _OBJECTS.replace("WHERE", "WHERE key IN (SELECT key FROM asked) AND")
_WINDOWS = (4, 64)
"""Steps looked at first, in times of the rows that are wanted: a page of a run with millions of rows reads a few row groups."""

Row = dict[str, Any]


class Rows:
    """Rows of one lineage, seen through one cursor."""

    def __init__(self, cursor: Cursor, names: Names, lineage: Lineage, keys: Sequence[str] | None) -> None:
        self._cursor = cursor
        self._names = names
        self._spans = table(reaches(names, lineage))
        self._keys: dict[str, NDArray[Any]] | None = None
        self._none = not len(self._spans["segment"])
        if keys is not None:
            unique = set(keys)
            found = [number for name in unique if (number := names.find(name)) is not None]
            self._keys = {"key": np.array(found, np.int32)}
            self._none = self._none or not unique or len(found) < len(unique)

    def page(self, low: int, high: int | None, limit: int) -> RowPage:
        """Rows from step `low` to `high`."""
        steps = self._steps(low, END if high is None else high, limit + 1)
        page = steps[:limit]
        return RowPage(
            steps=page.tolist(), rows=self._rows(page), next=int(steps[limit]) if len(steps) > limit else None
        )

    def sample(self, samples: int) -> RowPage:
        """At most `samples` of all rows, evenly spread."""
        steps = spread(self._read_steps(-END, END, None), samples)
        return RowPage(steps=steps.tolist(), rows=self._rows(steps))

    def _steps(self, low: int, high: int, limit: int) -> NDArray[np.int64]:
        for times in _WINDOWS:
            end = low + times * limit
            if end >= high:
                break
            steps = self._read_steps(low, end, limit)
            if len(steps) >= limit:
                return steps
        return self._read_steps(low, high, limit)

    def _read_steps(self, low: int, high: int, limit: int | None) -> NDArray[np.int64]:
        """The first steps of rows that qualify."""
        if self._none:
            return np.array([], np.int64)
        parameters: dict[str, Any] = {"low": low, "high": high, "limit": limit}
        if self._keys is None:
            found = self._cursor.columns(_STEPS, parameters, span=self._spans)
        else:
            parameters["keys"] = len(self._keys["key"])
            found = self._cursor.columns(_STEPS_WITH_KEYS, parameters, span=self._spans, asked=self._keys)
        steps: NDArray[np.int64] = found["step"]
        return steps

    def _rows(self, steps: NDArray[np.int64]) -> list[Row]:
        if not len(steps):
            return []
        tables = {"span": self._spans, "wanted": {"step": steps}}
        parameters = {"low": int(steps[0]), "high": int(steps[-1])}
        queries = (_SCALARS, _OBJECTS)
        if self._keys is not None:
            tables["asked"] = self._keys
            queries = (_SCALARS_OF_KEYS, _OBJECTS_OF_KEYS)
        scalars = self._cursor.columns(queries[0], parameters, **tables)
        objects = self._cursor.rows(queries[1], parameters, **tables)
        rows: dict[int, Row] = {step: {} for step in steps.tolist()}
        # A time counts only while its value is not replaced by a later span's.
        times: dict[int, dict[str, int]] = {step: {} for step in rows}
        for place in sorted({*scalars["place"].tolist(), *(found[0] for found in objects)}):
            own = scalars["place"] == place
            for key, step, time, value in _logged({name: column[own] for name, column in scalars.items()}, self._names):
                rows[step][key] = value
                times[step][key] = time
            for _, number, step, time, text in (found for found in objects if found[0] == place):
                key = self._names.name(number)
                rows[step][key] = json.loads(text)
                times[step][key] = time
        for step, row in rows.items():
            row["_time"] = max(times[step].values())
        return list(rows.values())


def samples(cursor: Cursor, names: Names, lineage: Lineage, limit: int) -> list[Row]:
    """System samples merged by time."""
    spans = table(reaches(names, lineage))
    times = spread(cursor.columns(_TIMES, span=spans)["time"], limit)
    if not len(times):
        return []
    parameters = {"low": int(times[0]), "high": int(times[-1])}
    found = cursor.columns(_SAMPLES, parameters, span=spans, wanted={"time": times})
    rows: dict[int, Row] = {time: {"_time": time, "_step": -1} for time in times.tolist()}
    for key, step, time, value in _logged(found, names):
        row = rows[time]
        row[key] = value
        row["_step"] = max(row["_step"], step)
    return list(rows.values())


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
        yield keys[key], step, time, value if kind == Kind.FLOAT else _exact(kind, value)


def _exact(kind: int, value: float) -> Any:
    if kind == Kind.BOOL:
        return bool(value)
    return int(value) if math.isfinite(value) else value  # A BIG_INT beyond all floats has its digits beside it.
