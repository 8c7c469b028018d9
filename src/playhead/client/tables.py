"""What the read API gives as columns: pages of Arrow columns put together as NumPy arrays, a DataFrame of pandas or polars, or rows.

Libraries are loaded when somebody asks for what they make; rows need none.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from playhead.domain.errors import UsageError
from playhead.wire import arrow
from playhead.wire.arrow import Column, Frame

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORMATS = ("rows", "numpy", "pandas", "polars")
"""A list of dicts, a dict of arrays, DataFrames."""

Row = dict[str, Any]


class Series(NamedTuple):
    """One metric as two arrays of equal length."""

    x: NDArray[Any]
    """Steps, or what else was asked for."""
    y: NDArray[Any]
    """Values."""


def check_format(told: str | None, *, pandas: bool | None = None) -> str:
    """The format that is meant. UsageError if there is none of that name."""
    if told is None:
        return "pandas" if pandas else "rows"
    if told not in FORMATS:
        raise UsageError(f"format={told!r}: there are {', '.join(FORMATS)}.")
    return told


def shaped(frames: Sequence[Frame], form: str, *, by: str | None = None, samples: int | None = None) -> Any:
    """The rows of `frames`, one behind the other, in this format: sorted `by` a column, and at most `samples` of them, evenly spread."""
    if form == "rows":
        rows = [row for frame in frames for row in _rows(frame)]
        if by is not None:
            rows.sort(key=lambda row: row[by] if isinstance(row[by], (int, float)) else math.inf)
        return rows if samples is None else [rows[at] for at in _spread(len(rows), samples)]
    numpy = _library("numpy", form)
    columns = arrays(numpy, frames)
    if by is not None and by in columns:
        order = numpy.argsort(columns[by], kind="stable")
        columns = {name: column[order] for name, column in columns.items()}
    if samples is not None and columns:
        chosen = _spread(len(next(iter(columns.values()))), samples)
        columns = {name: column[chosen] for name, column in columns.items()}
    return _as(form, columns)


def series(columns: Mapping[str, NDArray[Any]], x: str, y: str) -> Series:
    """Two of the columns; empty ones if there are none of these names."""
    nothing = _library("numpy", "numpy").array([], float)
    return Series(columns.get(x, nothing), columns.get(y, nothing)) if y in columns else Series(nothing, nothing)


def of_rows(rows: Sequence[Row], form: str) -> Any:
    """Rows in this format: few, as a sample is."""
    if form == "rows":
        return rows
    numpy = _library("numpy", form)
    names = dict.fromkeys(name for row in rows for name in row)
    return _as(form, {name: _array_of(numpy, [row.get(name) for row in rows]) for name in names})


def _as(form: str, columns: dict[str, Any]) -> Any:
    if form == "numpy":
        return columns
    return _library(form, form).DataFrame(columns)


def _library(name: str, form: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise UsageError(f'format="{form}" needs {name}: pip install {name}.') from error


def _spread(count: int, most: int) -> list[int]:
    """Evenly spread places, first and last among them."""
    if count <= most:
        return list(range(count))
    return [0] if most == 1 else [round(number * (count - 1) / (most - 1)) for number in range(most)]


# Rows, without any library -----------------------------------------------------------------------------------------------


def _rows(frame: Frame) -> Iterable[Row]:
    told = set(frame.about.get("json", ()))
    columns = [(column.name, _values(column, frame.length, column.name in told)) for column in frame.columns]
    for values in zip(*(values for _, values in columns), strict=True):
        yield {name: value for (name, _), value in zip(columns, values, strict=True) if value is not _MISSING}


_MISSING = object()


def _values(column: Column, length: int, is_json: bool) -> list[Any]:  # noqa: FBT001 one place calls it
    data = memoryview(column.data)
    if column.type == arrow.TEXT:
        values: list[Any] = _texts(column, length)
        if is_json:
            values = [None if text is None else json.loads(text) for text in values]
    elif column.type == arrow.BOOL:
        values = [bool(data[row >> 3] >> (row & 7) & 1) for row in range(length)]
    else:
        values = data.cast("B").cast("q" if column.type == arrow.INT else "d").tolist()
    if len(column.valid):
        valid = memoryview(column.valid)
        values = [value if valid[row >> 3] >> (row & 7) & 1 else _MISSING for row, value in enumerate(values)]
    return values


def _texts(column: Column, length: int) -> list[Any]:
    offsets = memoryview(column.offsets).cast("B").cast("i").tolist() if length else []
    data = bytes(column.data)
    return [data[start:end].decode("utf-8", "replace") for start, end in pairwise(offsets)]


# Arrays ------------------------------------------------------------------------------------------------------------------


def arrays(numpy: Any, frames: Sequence[Frame]) -> dict[str, NDArray[Any]]:
    """Each column, whole."""
    names = dict.fromkeys(column.name for frame in frames for column in frame.columns)
    found: dict[str, NDArray[Any]] = {}
    for name in names:
        parts = [_part(numpy, frame, name) for frame in frames if frame.length]
        kinds = {part.dtype.kind for part in parts if part is not None}
        filler = None if "O" in kinds else math.nan
        whole = [
            numpy.full(frame.length, filler) if part is None else part
            for part, frame in zip(parts, (frame for frame in frames if frame.length), strict=True)
        ]
        if "O" in kinds or ("b" in kinds and len({part.dtype.kind for part in whole}) > 1):
            whole = [part.astype(object) for part in whole]
        found[name] = numpy.concatenate(whole) if whole else numpy.array([], float)
    return found


def _part(numpy: Any, frame: Frame, name: str) -> NDArray[Any] | None:
    column = next((one for one in frame.columns if one.name == name), None)
    if column is None:
        return None
    valid = None
    if len(column.valid):
        valid = flagged(numpy, column.valid, frame.length)
    array = _plain(numpy, column, frame.length, name in frame.about.get("json", ()))
    if valid is None:
        return array
    if column.type in {arrow.INT, arrow.FLOAT}:
        return numpy.where(valid, array, math.nan)  # type: ignore[no-any-return]  # NumPy is loaded late
    array = array.astype(object)
    array[~valid] = None
    return array


def _plain(numpy: Any, column: Column, length: int, is_json: bool) -> NDArray[Any]:  # noqa: FBT001 one place calls it
    if column.type in {arrow.INT, arrow.FLOAT}:
        return numpy.frombuffer(column.data, "<i8" if column.type == arrow.INT else "<f8")  # type: ignore[no-any-return]  # as above
    if column.type == arrow.BOOL:
        return flagged(numpy, column.data, length)
    array: NDArray[Any] = numpy.empty(length, object)
    texts = _texts(column, length)
    # An assignment to a slice would look into lists.
    for row, text in enumerate(texts):
        array[row] = json.loads(text) if is_json and text else text
    return array


def flagged(numpy: Any, bits: Any, length: int) -> NDArray[np.bool_]:
    """A bitmap as booleans."""
    whole = numpy.unpackbits(numpy.frombuffer(bits, "u1"), bitorder="little")
    return whole[:length].astype(bool)  # type: ignore[no-any-return]  # as above


def _array_of(numpy: Any, values: Sequence[Any]) -> NDArray[Any]:
    """Values of one key in some rows; None: it is not there."""
    kinds = {type(value) for value in values}
    if kinds <= {int, float, type(None)} and all(abs(value) < 1 << 63 for value in values if type(value) is int):
        if type(None) in kinds:
            return numpy.array([math.nan if value is None else value for value in values], float)  # type: ignore[no-any-return]  # as above
        return numpy.array(values)  # type: ignore[no-any-return]  # as above
    if kinds == {bool}:
        return numpy.array(values, bool)  # type: ignore[no-any-return]  # as above
    array: NDArray[Any] = numpy.empty(len(values), object)
    for row, value in enumerate(values):
        array[row] = value
    return array


def buckets(
    columns: Mapping[str, tuple[str, memoryview]], about: Mapping[str, Any], x_axis: str, scale: float
) -> Frame:
    """A chart's buckets of one run as a frame: where each begins, and its count, min, max, mean and last value."""
    numbers = memoryview(columns["bucket"][1]).cast("B").cast("i").tolist()
    begins = [about["lo"] + number * about["width"] for number in numbers]
    kind = arrow.INT if x_axis == "_step" else arrow.FLOAT
    data = b"".join(_packed(begin if kind == arrow.INT else begin / scale) for begin in begins)
    made = [Column(x_axis, kind, data), Column("count", arrow.INT, columns["count"][1])]
    made += [Column(name, arrow.FLOAT, columns[name][1]) for name in ("min", "max", "mean", "last")]
    return Frame(len(numbers), made, {})


def _packed(number: float) -> bytes:
    return struct.pack("<q" if isinstance(number, int) else "<d", number)
