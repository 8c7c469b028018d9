"""Decoded rows of a journal as points for the metric store, and what was logged last of each key."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from playhead.domain.limits import MAX_KEY, MAX_STEP, MAX_TIME
from playhead.domain.metric import Kind
from playhead.journal.columns import Rows
from playhead.ports.metrics import ObjectPoint, Points
from playhead.services.text import fit, fit_json

EXACT = 1 << 53
"""Integers up to here are themselves as floats."""
RESERVED = frozenset({"_step", "_time", "_timestamp", "_runtime"})
"""Names that rows carry of themselves."""


@dataclass(slots=True)
class Last:
    """The last value of a key by step, then by place in the journal."""

    step: int
    time: int
    offset: int
    value: Any


@dataclass(slots=True)
class Logged:
    """What the rows of a stretch say."""

    points: list[Points] = field(default_factory=list)
    objects: list[ObjectPoint] = field(default_factory=list)
    last: dict[str, Last] = field(default_factory=dict)
    row: Last | None = None
    """The row of the largest step, without its values."""
    first_step: int | None = None
    last_time: int = 0
    damaged: int = 0


@dataclass(slots=True)
class _Column:
    """One key of rows that share a schema, in the order of the file."""

    key: str
    offset: NDArray[np.int64]
    step: NDArray[np.int64]
    time: NDArray[np.int64]
    kind: NDArray[np.uint8]
    """One for each value, or a single one for all."""
    value: NDArray[np.float64]


class _Object(NamedTuple):
    """An object on its way into the store, with its place in the journal."""

    offset: int
    point: ObjectPoint


def collect(tables: Sequence[Rows]) -> Logged:
    """All that `tables`, the rows of one stretch, say. Where two rows give a key at one step, the later in the file wins."""
    out = Logged()
    columns: list[_Column] = []
    objects: list[_Object] = []
    offsets, steps = [], []
    for table in tables:
        rows = _sane(table, out)
        if not len(rows.step):
            continue
        at = _highest(rows.step)
        _note_place(rows, at, out)
        offsets.append(rows.offset)
        steps.append(rows.step)
        columns += _columns(rows, objects)
        _note_last(rows, at, out)
    if _repeats(offsets, steps):
        columns, objects = _later_wins(columns, objects)
    if columns:
        out.points.append(_joined(columns))
    out.objects = [item.point for item in objects]
    return out


def _sane(rows: Rows, out: Logged) -> Rows:
    """`rows` without those whose step or time is out of bounds, and without keys that cannot be kept; both are counted."""
    keys = [_key(key) for key in rows.keys]
    object_keys = [_key(key) for key in rows.object_keys]
    out.damaged += sum(key is None for key in (*keys, *object_keys))
    good = (rows.step >= 0) & (rows.step <= MAX_STEP) & (rows.time >= 0) & (rows.time <= MAX_TIME)
    columns = rows.columns
    offset, step, time, objects = rows.offset, rows.step, rows.time, rows.objects
    if not good.all():
        out.damaged += int((~good).sum())
        offset, step, time = offset[good], step[good], time[good]
        columns = [column[good] for column in columns]
        objects = [values for values, keep in zip(objects, good, strict=False) if keep]
    return Rows(offset, step, time, [key or "" for key in keys], columns, [key or "" for key in object_keys], objects)


@lru_cache(1 << 14)
def _key(key: str) -> str | None:
    """`key` as it is kept; None if it is empty or too long, "" if rows have that name for themselves."""
    if not key or len(key) > MAX_KEY:
        return None
    return "" if key in RESERVED else fit(key)


def _note_place(rows: Rows, at: int, out: Logged) -> None:
    step = int(rows.step[at])
    place = Last(step, int(rows.time[at]), int(rows.offset[at]), None)
    if out.row is None or (out.row.step, out.row.offset) < (place.step, place.offset):
        out.row = place
    lowest = int(rows.step.min())
    out.first_step = lowest if out.first_step is None else min(out.first_step, lowest)
    out.last_time = max(out.last_time, int(rows.time.max()))


def _highest(step: NDArray[np.int64]) -> int:
    """Index of the largest step, the last of several."""
    return len(step) - 1 - int(step[::-1].argmax()) if len(step) > 1 else 0


def _note_last(rows: Rows, at: int, out: Logged) -> None:
    step, time, offset = int(rows.step[at]), int(rows.time[at]), int(rows.offset[at])
    values: Iterator[tuple[str, Any]] = zip(rows.keys, (_python(column, at) for column in rows.columns), strict=True)
    if rows.object_keys:
        tail = zip(rows.object_keys, (fit_json(value) for value in rows.objects[at]), strict=True)
        values = iter([*values, *tail])
    for key, value in values:
        known = out.last.get(key)
        if key and (known is None or (known.step, known.offset) < (step, offset)):
            out.last[key] = Last(step, time, offset, value)


def _python(column: NDArray[Any], at: int) -> Any:
    value = column.item(at)
    return bool(value) if column.dtype.char == "B" else value


_INT, _BIG_INT, _FLOAT, _BOOL = (np.array([k], np.uint8) for k in (Kind.INT, Kind.BIG_INT, Kind.FLOAT, Kind.BOOL))
_KINDS = {np.dtype(np.int64).char: _INT, np.dtype(np.float64).char: _FLOAT, np.dtype(np.uint8).char: _BOOL}
_OF_TYPE = {bool: Kind.BOOL, float: Kind.FLOAT, int: Kind.BIG_INT}
_json = json.JSONEncoder(separators=(",", ":")).encode


def _all_kinds(column: _Column) -> NDArray[np.uint8]:
    return column.kind if len(column.kind) == len(column.step) else np.repeat(column.kind, len(column.step))


def _columns(rows: Rows, objects: list[_Object]) -> Iterator[_Column]:
    """The scalar columns of `rows`; what is no scalar goes into `objects`."""
    for key, column in zip(rows.keys, rows.columns, strict=True):
        if not key:
            continue
        kind = _KINDS[column.dtype.char]
        if kind is _INT:
            big = (column > EXACT) | (column < -EXACT)
            if big.any():
                kind = np.where(big, _BIG_INT, _INT)
                objects += [_object(rows, int(at), key, str(column[at])) for at in np.flatnonzero(big)]
        yield _Column(key, rows.offset, rows.step, rows.time, kind, column.astype(np.float64, copy=False))
    for place, key in enumerate(rows.object_keys):
        if key:
            yield from _object_column(rows, place, key, objects)


def _object_column(rows: Rows, place: int, key: str, objects: list[_Object]) -> Iterator[_Column]:
    """Objects of one key; numbers among them are points as well."""
    values = [row[place] for row in rows.objects]
    kinds = [_OF_TYPE.get(type(value), Kind.OBJECT) for value in values]
    places = zip(rows.offset.tolist(), rows.step.tolist(), rows.time.tolist(), kinds, values, strict=True)
    objects += [
        _Object(offset, ObjectPoint(key, step, time, _json(fit_json(value))))
        for offset, step, time, kind, value in places
        if kind >= Kind.BIG_INT
    ]
    kind = np.array(kinds, np.uint8)
    at = np.flatnonzero(kind != Kind.OBJECT)
    if len(at):
        floats = np.array([_as_float(values[number]) for number in at], np.float64)
        yield _Column(key, rows.offset[at], rows.step[at], rows.time[at], kind[at], floats)


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _object(rows: Rows, at: int, key: str, text: str) -> _Object:
    return _Object(int(rows.offset[at]), ObjectPoint(key, int(rows.step[at]), int(rows.time[at]), text))


def _repeats(offsets: Sequence[NDArray[np.int64]], steps: Sequence[NDArray[np.int64]]) -> bool:
    """Whether some step may occur twice: usually steps grow from row to row, and then none does."""
    if not offsets:
        return False
    step = np.concatenate(steps)
    if len(offsets) > 1:
        step = step[np.argsort(np.concatenate(offsets), kind="stable")]
    return not bool((np.diff(step) > 0).all())


def _later_wins(columns: list[_Column], objects: list[_Object]) -> tuple[list[_Column], list[_Object]]:
    """Columns with one key each, in the order of the file; of a key with scalars and objects only what was last at each step."""
    by_key: dict[str, list[_Column]] = {}
    for column in columns:
        by_key.setdefault(column.key, []).append(column)
    merged = {key: _in_order(parts) for key, parts in by_key.items()}
    latest: dict[tuple[str, int], int] = {}
    for item in objects:
        place = (item.point.key, item.point.step)
        latest[place] = max(item.offset, latest.get(place, -1))
    for key in {item.point.key for item in objects} & merged.keys():
        column = merged[key]
        for step, offset in zip(column.step.tolist(), column.offset.tolist(), strict=True):
            latest[key, step] = max(offset, latest.get((key, step), -1))
        keep = [latest[key, s] == o for s, o in zip(column.step.tolist(), column.offset.tolist(), strict=True)]
        merged[key] = _taken(column, np.array(keep, bool))
    kept = [item for item in objects if latest[item.point.key, item.point.step] == item.offset]
    return list(merged.values()), kept


def _in_order(parts: list[_Column]) -> _Column:
    if len(parts) == 1:
        return parts[0]
    whole = _Column(
        parts[0].key,
        np.concatenate([part.offset for part in parts]),
        np.concatenate([part.step for part in parts]),
        np.concatenate([part.time for part in parts]),
        np.concatenate([_all_kinds(part) for part in parts]),
        np.concatenate([part.value for part in parts]),
    )
    return _taken(whole, np.argsort(whole.offset, kind="stable"))


def _taken(column: _Column, which: NDArray[Any]) -> _Column:
    return _Column(
        column.key,
        column.offset[which],
        column.step[which],
        column.time[which],
        _all_kinds(column)[which],
        column.value[which],
    )


def _joined(columns: Sequence[_Column]) -> Points:
    """One table, key by key."""
    keys = list(dict.fromkeys(column.key for column in columns))
    index = {key: i for i, key in enumerate(keys)}
    sizes = [len(column.step) for column in columns]
    if all(len(column.kind) == 1 for column in columns):
        kind = np.repeat(np.concatenate([column.kind for column in columns]), sizes)
    else:
        kind = np.concatenate([_all_kinds(column) for column in columns])
    return Points(
        keys=keys,
        key=np.repeat(np.array([index[column.key] for column in columns], np.int32), sizes),
        step=np.concatenate([column.step for column in columns]),
        time=np.concatenate([column.time for column in columns]),
        kind=kind,
        value=np.concatenate([column.value for column in columns]),
    )
