"""Points for tests: columns from lists, rows from columns, and what a chart must show."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from playhead.domain.metric import Axis, Kind, Lineage, Source, Span, Total
from playhead.ports.frames import Frame, FrameQuery
from playhead.ports.metrics import Batch, Chart, ChartRequest, Metrics, ObjectPoint, Points

START = 1_700_000_000_000_000
"""Microseconds: when tests take place."""

Told = tuple[str, int, int, Kind, float]
"""Key, step, time, kind, value."""


def columns(told: Iterable[Told]) -> Points:
    """Points in that order."""
    rows = list(told)
    keys = list(dict.fromkeys(row[0] for row in rows))
    return Points(
        keys=keys,
        key=np.array([keys.index(row[0]) for row in rows], np.int32),
        step=np.array([row[1] for row in rows], np.int64),
        time=np.array([row[2] for row in rows], np.int64),
        kind=np.array([row[3] for row in rows], np.uint8),
        value=np.array([row[4] for row in rows], np.float64),
    )


def floats(key: str, values: Sequence[float], first: int = 0) -> Points:
    """One key's values at steps `first`, `first` + 1, …, a millisecond apart."""
    return columns((key, first + n, START + 1_000 * (first + n), Kind.FLOAT, value) for n, value in enumerate(values))


def logged(segment: str, rows: Iterable[tuple[int, dict[str, Any]]], stream: str = "t", late: int = 0) -> Batch:
    """(Step, row) pairs as a batch, as the SDK would log them; step n is n milliseconds (and `late`) after START."""
    scalars: list[Told] = []
    objects: list[ObjectPoint] = []
    for step, row in rows:
        time = START + 1_000 * step + late
        for key, value in row.items():
            told, text = _told(value)
            if told is not None:
                scalars.append((key, step, time, *told))
            if text is not None:
                objects.append(ObjectPoint(key=key, step=step, time=time, json=text))
    return Batch(segment=segment, stream=stream, history=[columns(scalars)] if scalars else [], objects=objects)


def _told(value: Any) -> tuple[tuple[Kind, float] | None, str | None]:
    match value:
        case bool():
            return (Kind.BOOL, float(value)), None
        case int() if abs(value) <= 2**53:
            return (Kind.INT, float(value)), None
        case int():
            return (Kind.BIG_INT, float(value) if abs(value) < 2**1000 else math.inf), str(value)
        case float():
            return (Kind.FLOAT, value), None
        case {"json": text}:
            return None, text
    raise TypeError(value)


def lineage(*spans: str | tuple[str, int]) -> Lineage:
    """Segments (to their end) and (segment, up to) pairs."""
    return tuple(Span(span) if isinstance(span, str) else Span(*span) for span in spans)


def same(one: Any, other: Any) -> bool:
    """Equal, with the same types, NaN like NaN, and zeros of the same sign; rows in any order of their keys."""
    return repr(_ordered(one)) == repr(_ordered(other))


def _ordered(value: Any) -> Any:
    if isinstance(value, list):
        return [_ordered(item) for item in value]
    return sorted(value.items()) if isinstance(value, dict) else value


def check_points(found: Points, expected: Points) -> None:
    """They are the same: kinds, and values bit by bit (NaN like NaN)."""
    assert list(found.keys) == list(expected.keys)
    for name, dtype in (
        ("key", "int32"),
        ("step", "int64"),
        ("time", "int64"),
        ("kind", "uint8"),
        ("value", "float64"),
    ):
        one, other = getattr(found, name), getattr(expected, name)
        assert one.dtype == dtype, name
        np.testing.assert_array_equal(one, other, err_msg=name)
    np.testing.assert_array_equal(np.signbit(_plain(found.value)), np.signbit(_plain(expected.value)))


def _plain(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.isnan(values), 0.0, values)


def check_totals(found: Mapping[str, Total], expected: Mapping[str, Total]) -> None:
    """They are the same, means but for rounding."""
    assert found.keys() == expected.keys()
    for key, one in found.items():
        other = expected[key]
        assert (one.count, one.reach) == (other.count, other.reach)
        assert same(*(_extremes(each) for each in (one, other))), f"{one}\n is not\n{other}"
        spread = max(abs(other.low), abs(other.high)) if other.count else 0.0
        assert one.mean == pytest.approx(other.mean, rel=1e-9, abs=1e-9 * spread + 1e-300, nan_ok=True)


def _extremes(one: Total) -> list[float]:
    """Zeros without their sign: of equal numbers an engine may take either."""
    return [
        one.first.step,
        one.first.time,
        *(value + 0.0 for value in (one.first.value, one.low, one.high) if isinstance(value, float)),
    ]


def check_frames(metrics: Metrics, model: Metrics, line: Lineage, query: FrameQuery) -> None:
    """Frame after frame, the rows are those of the model, which gives all at once."""
    found: list[Any] = []
    start: int | None = query.start
    while start is not None:
        part = metrics.frame(line, replace(query, start=start))
        assert part.next is None or part.next > start
        found += _rows_of(part)
        start = part.next
    assert same(found, _rows_of(model.frame(line, query)))


def _rows_of(frame: Frame) -> list[Any]:
    """(Step, time, lane, {key: (kind, value or JSON)})."""
    rows: list[Any] = []
    for row, place in enumerate(zip(frame.step.tolist(), frame.time.tolist(), frame.lane.tolist(), strict=True)):
        told = {}
        for key, one in sorted(frame.columns.items()):
            if one.there is None or one.there[row]:
                value = one.json.get(row, one.value[row])
                told[key] = (int(one.kind[row]), value if isinstance(value, str) else float(value))
        rows.append((*place, told))
    return rows


def check_chart(chart: Chart, request: ChartRequest, model: Metrics) -> None:
    """`chart` is what the request's points, as `model` has them, look like on the chart's own grid."""
    tracks = [_track(request, number, model) for number in range(len(request.tracks))]
    everything = np.concatenate([x for x, _ in tracks])
    if not len(everything):
        assert (chart.lo, chart.width, len(chart.count)) == (0, 1, 0)
        return
    low, high = int(everything.min()), int(everything.max())
    check_grid(chart, request, low, high)
    cells = [
        _cell(number, int(bucket), values[where == bucket])
        for number, (x, values) in enumerate(tracks)
        for where in [(x - chart.lo) // chart.width]
        for bucket in np.unique(where)
    ]
    expected = list(zip(*cells, strict=True))
    for name, dtype, column in zip(
        ("track", "bucket", "count", "min", "max", "mean", "last"),
        ("int32", "int32", "int64", "float64", "float64", "float64", "float64"),
        expected,
        strict=True,
    ):
        found = getattr(chart, name)
        assert found.dtype == dtype, name
        if name == "mean":
            scale = np.maximum(np.abs(np.nan_to_num(chart.min)), np.abs(np.nan_to_num(chart.max)))
            np.testing.assert_array_equal(np.isnan(found), np.isnan(column))
            assert np.all(np.nan_to_num(np.abs(found - column)) <= 1e-9 * scale + 1e-300)
        else:
            np.testing.assert_array_equal(found, np.array(column, dtype), err_msg=name)


def check_grid(chart: Chart, request: ChartRequest, low: int, high: int) -> None:
    """The grid holds [low, high] in as many cells as asked, or a little coarser."""
    # What a later span replaces may widen the grid, and so may a gap at either end.
    whole = all(len(track.lineage) == 1 and track.lineage[0].up_to is None for track in request.tracks)
    if whole and request.lo is request.hi is None:
        ideal = -(-(high - low + 1) // request.buckets)
        assert 1 <= chart.width <= 2 * ideal + 2
        assert chart.lo > low - chart.width
    assert chart.lo <= low
    assert (high - chart.lo) // chart.width < request.buckets


def _track(request: ChartRequest, number: int, model: Metrics) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The x and value of a track's points within the request, the last ones last."""
    track = request.tracks[number]
    points = model.points(track.lineage, request.key, request.source)
    x = points.time
    if request.axis is Axis.STEP and request.source is Source.HISTORY:
        x = points.step
    elif request.axis is not Axis.TIME:
        x = points.time - track.start
        for since, start in track.later:
            x = np.where(points.time >= since, points.time - start, x)
    inside = np.ones(len(x), bool)
    if request.lo is not None:
        inside &= x >= request.lo
    if request.hi is not None:
        inside &= x <= request.hi
    return x[inside], points.value[inside]


def _cell(track: int, bucket: int, values: NDArray[np.float64]) -> tuple[Any, ...]:
    finite = [float(value) for value in values if math.isfinite(value)]
    low, high = min(finite, default=math.nan), max(finite, default=math.nan)
    mean = math.fsum(value / len(finite) for value in finite) if finite else math.nan
    return track, bucket, len(values), low, high, mean, values[-1]
