"""Points on dicts: slow, and simple enough to be believed."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from playhead.domain.metric import Axis, Kind, Lineage, Series, Source
from playhead.domain.run import ConsoleLine
from playhead.ports.metrics import Batch, Chart, ChartRequest, Keys, ObjectPoint, Points, RowPage


@dataclass(frozen=True, slots=True)
class _Point:
    step: int
    time: int
    kind: Kind
    value: float = math.nan
    json: str | None = None

    @property
    def logged(self) -> Any:
        """The value as it was logged."""
        if self.json is not None:
            return json.loads(self.json)
        return {Kind.FLOAT: float, Kind.BOOL: bool}.get(self.kind, int)(self.value)


_Place = tuple[int, ...]
"""What tells a point from others of its key: (step,); of a system sample over lineage: (span, time)."""
_Keys = dict[str, dict[_Place, _Point]]


class MemoryMetrics:
    """`playhead.ports.metrics.Metrics` in memory."""

    def __init__(self) -> None:
        self._points: dict[tuple[str, Source], _Keys] = {}
        self._lines: dict[str, dict[tuple[str, int], ConsoleLine]] = {}
        self._lock = threading.RLock()

    def append(self, batches: Sequence[Batch]) -> None:
        with self._lock:
            for batch in batches:
                history = self._points.setdefault((batch.segment, Source.HISTORY), {})
                for (key, step), point in _resolved(batch).items():
                    history.setdefault(key, {})[step,] = point
                system = self._points.setdefault((batch.segment, Source.SYSTEM), {})
                for key, point in _scalars(batch.system):
                    system.setdefault(key, {})[point.time,] = point
                for line in batch.console:
                    self._lines.setdefault(batch.segment, {})[batch.stream, line.number] = line

    def series(self, lineage: Lineage, source: Source = Source.HISTORY) -> list[Series]:
        found = []
        for key, points in sorted(self._read(lineage, source).items()):
            last = points[max(points, key=_late)]
            steps = [point.step for point in points.values()]
            found.append(Series(key, last.kind, len(points), min(steps), max(steps)))
        return found

    def keys(self, lineages: Sequence[Lineage]) -> list[Keys]:
        found = []
        for line in lineages:
            history = self._read(line, Source.HISTORY)
            objects = {}
            for key, points in history.items():
                if points[max(points, key=_late)].kind is Kind.OBJECT:
                    first = min((place for place in points if points[place].kind is Kind.OBJECT), key=_late)
                    objects[key] = points[first].json or "null"
            system = sorted(self._read(line, Source.SYSTEM))
            found.append(Keys(scalars=sorted(history.keys() - objects), objects=objects, system=system))
        return found

    def chart(self, request: ChartRequest) -> Chart:
        placed: list[tuple[int, int, _Place, float]] = []
        for number, track in enumerate(request.tracks):
            for place, point in self._read(track.lineage, request.source).get(request.key, {}).items():
                x = _x(request, point, track.start)
                inside = (request.lo is None or x >= request.lo) and (request.hi is None or x <= request.hi)
                if inside and point.kind is not Kind.OBJECT:
                    placed.append((number, x, place, point.value))
        if not placed:
            return _chart(0, 1, [])
        lo, hi = min(x for _, x, _, _ in placed), max(x for _, x, _, _ in placed)
        width = -(-(hi - lo + 1) // request.buckets)
        cells: dict[tuple[int, int], dict[_Place, float]] = {}
        for number, x, place, value in placed:
            cells.setdefault((number, (x - lo) // width), {})[place] = value
        return _chart(lo, width, [_cell(*where, values) for where, values in sorted(cells.items())])

    def points(self, lineage: Lineage, key: str, source: Source = Source.HISTORY) -> Points:
        found = self._read(lineage, source).get(key, {})
        points = [found[place] for place in sorted(found, key=_late)]
        points = [point for point in points if point.kind is not Kind.OBJECT]
        return Points(
            keys=(key,),
            key=np.zeros(len(points), np.int32),
            step=np.array([point.step for point in points], np.int64),
            time=np.array([point.time for point in points], np.int64),
            kind=np.array([point.kind for point in points], np.uint8),
            value=np.array([point.value for point in points], np.float64),
        )

    def rows(
        self,
        lineage: Lineage,
        keys: Sequence[str] | None,
        *,
        min_step: int = 0,
        max_step: int | None = None,
        limit: int = 1_000,
    ) -> RowPage:
        rows = self._rows(lineage, keys)
        steps = [step for step in sorted(rows) if step >= min_step and (max_step is None or step <= max_step)]
        page = steps[:limit]
        return RowPage(
            steps=page, rows=[rows[step] for step in page], next=steps[limit] if len(steps) > limit else None
        )

    def sample(self, lineage: Lineage, keys: Sequence[str] | None, samples: int) -> RowPage:
        rows = self._rows(lineage, keys)
        steps = _spread(sorted(rows), samples)
        return RowPage(steps=steps, rows=[rows[step] for step in steps])

    def samples(self, lineage: Lineage, limit: int = 10_000) -> Iterator[dict[str, Any]]:
        merged: dict[int, dict[str, Any]] = {}
        for key, points in self._read(lineage, Source.SYSTEM).items():
            for place in sorted(points):
                point = points[place]
                row = merged.setdefault(point.time, {"_time": point.time, "_step": point.step})
                row["_step"] = max(row["_step"], point.step)
                row[key] = point.logged
        return iter([merged[time] for time in _spread(sorted(merged), limit)])

    def console(
        self, lineage: Lineage, *, after: int = -1, limit: int = 1_000, tail: bool = False
    ) -> tuple[list[ConsoleLine], int]:
        with self._lock:
            lines = []
            for span in lineage:
                own = self._lines.get(span.segment, {}).items()
                kept = [(where, line) for where, line in own if span.up_to is None or line.step <= span.up_to]
                lines += [line for _, line in sorted(kept, key=lambda item: (item[1].time, *item[0]))]
        numbered = [replace(line, number=number) for number, line in enumerate(lines)]
        return (numbered[-limit:] if tail else numbered[after + 1 : after + 1 + limit]), len(lines)

    def drop(self, segments: Sequence[str]) -> None:
        with self._lock:
            for segment in segments:
                self._lines.pop(segment, None)
                for source in Source:
                    self._points.pop((segment, source), None)

    def settle(self, segments: Sequence[str] | None, *, until: Callable[[], bool] = lambda: False) -> None:
        """Nothing is to be done."""

    def _read(self, lineage: Lineage, source: Source) -> _Keys:
        """What a lineage shows: later spans over earlier ones."""
        out: _Keys = {}
        with self._lock:
            for number, span in enumerate(lineage):
                for key, points in self._points.get((span.segment, source), {}).items():
                    for place, point in points.items():
                        if span.up_to is None or point.step <= span.up_to:
                            where = place if source is Source.HISTORY else (number, *place)
                            out.setdefault(key, {})[where] = point
        return out

    def _rows(self, lineage: Lineage, keys: Sequence[str] | None) -> dict[int, dict[str, Any]]:
        rows: dict[int, dict[str, Any]] = {}
        for key, points in self._read(lineage, Source.HISTORY).items():
            if keys is None or key in keys:
                for (step,), point in points.items():
                    row = rows.setdefault(step, {"_time": point.time})
                    row["_time"] = max(row["_time"], point.time)
                    row[key] = point.logged
        wanted = set(keys or ())
        return {step: row for step, row in rows.items() if wanted <= row.keys()}


def _late(place: _Place) -> _Place:
    """By step; system samples by time, then span."""
    return place[::-1]


def _scalars(parts: Iterable[Points]) -> Iterator[tuple[str, _Point]]:
    for part in parts:
        for key, step, time, kind, value in zip(part.key, part.step, part.time, part.kind, part.value, strict=True):
            yield part.keys[key], _Point(int(step), int(time), Kind(kind), float(value))


def _resolved(batch: Batch) -> dict[tuple[str, int], _Point]:
    """The batch's points by key and step, when scalars and objects have had it out."""
    scalars = {(key, point.step): point for key, point in _scalars(batch.history)}
    objects: dict[tuple[str, int], ObjectPoint] = {(point.key, point.step): point for point in batch.objects}
    for where, found in objects.items():
        scalar = scalars.get(where)
        if scalar is None or scalar.time < found.time:
            scalars[where] = _Point(found.step, found.time, Kind.OBJECT, json=found.json)
        elif scalar.time == found.time and scalar.kind is Kind.BIG_INT:
            scalars[where] = replace(scalar, json=found.json)
        elif scalar.time == found.time:
            scalars[where] = _Point(found.step, found.time, Kind.OBJECT, json=found.json)
    return scalars


def _x(request: ChartRequest, point: _Point, start: int) -> int:
    if request.axis is Axis.TIME:
        return point.time
    if request.axis is Axis.RUNTIME or request.source is Source.SYSTEM:
        return point.time - start
    return point.step


def _cell(track: int, bucket: int, values: dict[_Place, float]) -> tuple[Any, ...]:
    finite = [value for value in values.values() if math.isfinite(value)]
    low, high = min(finite, default=math.nan), max(finite, default=math.nan)
    mean = math.fsum(value / len(finite) for value in finite) if finite else math.nan
    return track, bucket, len(values), low, high, mean, values[max(values, key=_late)]


def _chart(lo: int, width: int, cells: list[tuple[Any, ...]]) -> Chart:
    columns = list(zip(*cells, strict=True)) or [()] * 7
    return Chart(
        lo=lo,
        width=width,
        track=np.array(columns[0], np.int32),
        bucket=np.array(columns[1], np.int32),
        count=np.array(columns[2], np.int64),
        min=np.array(columns[3], np.float64),
        max=np.array(columns[4], np.float64),
        mean=np.array(columns[5], np.float64),
        last=np.array(columns[6], np.float64),
    )


def _spread(places: list[int], most: int) -> list[int]:
    """At most `most` of them, evenly spread, first and last among them."""
    if len(places) <= most:
        return places
    if most == 1:
        return places[:1]
    return [places[round(number * (len(places) - 1) / (most - 1))] for number in range(most)]
