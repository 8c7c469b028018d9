"""Rows as Arrow columns: each value as what it was, as far as a column has one type."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playhead.domain.metric import Kind
from playhead.domain.run import ConsoleLine
from playhead.domain.timeline import Clock
from playhead.ports.frames import Frame, Values
from playhead.wire import arrow
from playhead.wire.arrow import Column

OWN = ("_step", "_timestamp", "_runtime")
"""Columns that rows have of themselves; times in seconds."""
LABEL = "_label"
"""The writer's, where there are several."""
_NUMBERS = {int(Kind.FLOAT): arrow.FLOAT, int(Kind.INT): arrow.INT, int(Kind.BOOL): arrow.BOOL}


def as_arrow(
    frame: Frame, keys: Sequence[str], own: Sequence[str], *, start: int, clock: Clock, labels: Mapping[int, str]
) -> arrow.Frame:
    """`frame` with its `keys`, behind those of the rows' `own` columns that are wanted. The metadata has `next`, and which text columns
    are `json`, because their values are of several types or none that Arrow has here.
    """
    columns = [column for name in own if (column := _own(name, frame, start, clock, labels)) is not None]
    told: list[str] = []
    for key in keys:
        values = frame.columns.get(key)
        if values is not None:
            column, is_json = _column(key, values)
            columns.append(column)
            told += [key] * is_json
    return arrow.Frame(len(frame.step), columns, {"next": frame.next, "json": told})


def lines_as_arrow(lines: Sequence[ConsoleLine], labels: Mapping[int, str]) -> arrow.Frame:
    """Lines of a console. The metadata has nothing."""
    number, step, time = np.array([(line.number, line.step, line.time) for line in lines], np.int64).reshape(-1, 3).T
    columns = [
        Column("number", arrow.INT, _data(number)),
        _texts("text", [line.text for line in lines]),
        _texts("stream", [str(line.channel) for line in lines]),
        Column("step", arrow.INT, _data(step)),
        Column("time", arrow.FLOAT, _data(time / 1e6)),
        _texts("label", [labels.get(line.lane, "") for line in lines]),
    ]
    return arrow.Frame(len(lines), columns, {})


def absent(rows: int) -> Values:
    """Of a key that none of these rows has."""
    return Values(kind=np.zeros(rows, np.uint8), value=np.full(rows, math.nan), there=np.zeros(rows, bool))


def _own(name: str, frame: Frame, start: int, clock: Clock, labels: Mapping[int, str]) -> Column | None:
    if name == "_step":
        return Column(name, arrow.INT, _data(frame.step))
    if name == "_timestamp":
        return Column(name, arrow.FLOAT, _data(frame.time / 1e6))
    if name == LABEL:
        return _texts(name, [labels.get(lane, "") for lane in frame.lane.tolist()]) if labels else None
    begins = np.array([begin for begin, _ in clock], np.int64)
    starts = np.array([start, *(from_ for _, from_ in clock)], np.int64)
    runtime = frame.time - starts[np.searchsorted(begins, frame.time, side="right")]
    return Column(name, arrow.FLOAT, _data(np.maximum(runtime, 0) / 1e6))


def _column(key: str, values: Values) -> tuple[Column, bool]:
    """The values as a column, and whether it is one of JSON."""
    there = values.there
    kinds = np.unique(values.kind if there is None else values.kind[there]).tolist()
    if values.json or not set(kinds) <= _NUMBERS.keys():
        return _mixed(key, values)
    kind = _NUMBERS[kinds[0]] if len(kinds) == 1 else arrow.FLOAT
    valid = b"" if there is None else _bits(there)
    if kind == arrow.FLOAT:
        return Column(key, kind, _data(values.value), valid), False
    known = values.value if there is None else np.where(there, values.value, 0)
    if kind == arrow.BOOL:
        return Column(key, kind, _bits(known != 0), valid), False
    return Column(key, kind, _data(known.astype(np.int64)), valid), False


def _mixed(key: str, values: Values) -> tuple[Column, bool]:
    parts: list[str | None] = []
    there = np.ones(len(values.kind), bool) if values.there is None else values.there
    only_text = True
    for row, (kind, value, is_there) in enumerate(
        zip(values.kind.tolist(), values.value.tolist(), there.tolist(), strict=True)
    ):
        text = values.json.get(row, _json(kind, value)) if is_there else None
        only_text = only_text and (text is None or text.startswith('"'))
        parts.append(text)
    if only_text:
        parts = [None if text is None else json.loads(text) for text in parts]
    return _texts(key, parts), not only_text


def _json(kind: int, value: float) -> str:
    if kind == Kind.BOOL:
        return "true" if value else "false"
    return str(int(value)) if kind != Kind.FLOAT and math.isfinite(value) else json.dumps(value)


def _texts(name: str, texts: Sequence[str | None]) -> Column:
    data = [b"" if text is None else text.encode("utf-8", "replace") for text in texts]
    offsets = np.zeros(len(data) + 1, np.int32)
    np.cumsum([len(part) for part in data], out=offsets[1:])
    missing = np.array([text is None for text in texts], bool)
    return Column(name, arrow.TEXT, b"".join(data), _bits(~missing) if missing.any() else b"", _data(offsets))


def _data(column: NDArray[Any]) -> memoryview:
    return np.ascontiguousarray(column).data.cast("B") if len(column) else memoryview(b"")


def _bits(flags: NDArray[np.bool_]) -> bytes:
    return np.packbits(flags, bitorder="little").tobytes()
