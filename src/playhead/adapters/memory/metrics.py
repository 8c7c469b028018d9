"""Points on dicts: slow, and simple enough to be believed."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np

from playhead.domain.metric import Axis, Kind, Latest, Lineage, Series, Source, Total, Track
from playhead.domain.run import ConsoleLine
from playhead.ports.frames import Frame, FrameQuery, Holding, Values
from playhead.ports.metrics import Batch, Chart, ChartRequest, Keys, ObjectPoint, Points, RowPage

T = TypeVar("T")
Timed = TypeVar("Timed", "_Point", ObjectPoint)


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


_Place = tuple[int, int]
"""What tells a point from others of its key: (lane, step); of a system sample: (number of the span, time)."""
_Points = dict[_Place, _Point]
_Keys = dict[str, _Points]


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
                    _put(history.setdefault(key, {}), (0, step), point)
                system = self._points.setdefault((batch.segment, Source.SYSTEM), {})
                for key, point in _scalars(batch.system):
                    system.setdefault(key, {})[0, point.time] = point
                for line in batch.console:
                    self._lines.setdefault(batch.segment, {})[batch.stream, line.number] = line

    def series(self, lineage: Lineage, source: Source = Source.HISTORY) -> list[Series]:
        found = []
        for key, points in sorted(self._read(lineage, source).items()):
            last = _last(points)
            steps = [point.step for point in points.values()]
            found.append(Series(key, last.kind, len(points), min(steps), max(steps)))
        return found

    def all_series(self, lineages: Sequence[Lineage]) -> list[list[Series]]:
        return [self.series(lineage) for lineage in lineages]

    def last_samples(self, lineages: Sequence[Lineage]) -> list[dict[str, Any]]:
        return [next(iter([*self.samples(lineage)][-1:]), {}) for lineage in lineages]

    def holdings(self, lineages: Sequence[Lineage]) -> list[Holding]:
        return [self._holding(lineage) for lineage in lineages]

    def _holding(self, lineage: Lineage) -> Holding:
        own = [span.segment for span in lineage]
        history = (points for segment in own for points in self._points.get((segment, Source.HISTORY), {}).values())
        return Holding(
            objects=any(point.json is not None for points in history for point in points.values()),
            samples=any(self._points.get((segment, Source.SYSTEM)) for segment in own),
            lines=any(self._lines.get(segment) for segment in own),
        )

    def keys(self, lineages: Sequence[Lineage]) -> list[Keys]:
        found = []
        for line in lineages:
            history = self._read(line, Source.HISTORY)
            objects = {}
            for key, points in history.items():
                if _last(points).kind is Kind.OBJECT:
                    first = next(point for point in _ordered(points) if point.kind is Kind.OBJECT)
                    objects[key] = first.json or "null"
            system = sorted(self._read(line, Source.SYSTEM))
            found.append(Keys(scalars=sorted(history.keys() - objects), objects=objects, system=system))
        return found

    def chart(self, request: ChartRequest) -> Chart:
        placed: list[tuple[int, int, _Point]] = []
        for number, track in enumerate(request.tracks):
            for point in _ordered(self._read(track.lineage, request.source).get(request.key, {})):
                x = _x(request, point, track)
                inside = (request.lo is None or x >= request.lo) and (request.hi is None or x <= request.hi)
                if inside and point.kind is not Kind.OBJECT:
                    placed.append((number, x, point))
        if not placed:
            return _chart(0, 1, [])
        lo, hi = min(x for _, x, _ in placed), max(x for _, x, _ in placed)
        width = -(-(hi - lo + 1) // request.buckets)
        cells: dict[tuple[int, int], list[float]] = {}
        for number, x, point in placed:
            cells.setdefault((number, (x - lo) // width), []).append(point.value)
        return _chart(lo, width, [_cell(*where, values) for where, values in sorted(cells.items())])

    def points(self, lineage: Lineage, key: str, source: Source = Source.HISTORY) -> Points:
        found = _ordered(self._read(lineage, source).get(key, {}))
        points = [point for point in found if point.kind is not Kind.OBJECT]
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
        rows = [row for row in rows if row[0] >= min_step and (max_step is None or row[0] <= max_step)]
        while limit < len(rows) and rows[limit - 1][0] == rows[limit][0]:
            limit += 1
        page = _page(rows[:limit])
        return page if limit >= len(rows) else replace(page, next=rows[limit][0])

    def sample(self, lineage: Lineage, keys: Sequence[str] | None, samples: int) -> RowPage:
        return _page(_spread(self._rows(lineage, keys), samples))

    def latest(self, lineage: Lineage) -> dict[str, Latest]:
        found: dict[str, Latest] = {}
        for key, points in self._read(lineage, Source.HISTORY).items():
            last = _last(points)
            found[key] = Latest(last.step, last.time, last.logged)
        for step, row in self._rows(lineage, None)[-1:]:
            found["_step"] = Latest(step, row["_time"], step)
        return found

    def totals(self, lineage: Lineage, keys: Sequence[str]) -> dict[str, Total]:
        found: dict[str, Total] = {}
        for key, points in self._read(lineage, Source.HISTORY).items():
            numbers = [(place, point) for place, point in points.items() if point.kind is not Kind.OBJECT]
            if key in keys and numbers:
                finite = [point.value for _, point in numbers if math.isfinite(point.value)]
                first = min(numbers, key=_order)[1]
                found[key] = Total(
                    count=len(finite), low=min(finite, default=math.nan), high=max(finite, default=math.nan),
                    mean=math.fsum(value / len(finite) for value in finite) if finite else math.nan,
                    first=Latest(first.step, first.time, first.value), reach=self._reach(lineage, key),
                )  # fmt: skip
        return found

    def _reach(self, lineage: Lineage, key: str) -> dict[str, int]:
        found: dict[str, int] = {}
        for span in lineage:
            points = self._points.get((span.segment, Source.HISTORY), {}).get(key, {}).values()
            numbers = [point.step for point in points if point.kind is not Kind.OBJECT]
            steps = [step for step in numbers if span.up_to is None or step <= span.up_to]
            if steps:
                found[span.segment] = max(steps)
        return found

    def frame(self, lineage: Lineage, query: FrameQuery) -> Frame:
        rows: dict[_Place, dict[str, _Point]] = {}
        lanes = {number: span.lane for number, span in enumerate(lineage)}
        for key, points in self._read(lineage, query.source).items():
            for (whose, at), point in points.items() if query.keys is None or key in query.keys else ():
                lane = whose if query.source is Source.HISTORY else lanes[whose]
                if query.start <= at and (query.end is None or at <= query.end):
                    rows.setdefault((at, lane), {})[key] = point
        found = [(at, max(p.time for p in row.values()), lane, row) for (at, lane), row in rows.items()]
        wanted = dict.fromkeys(key for *_, row in found for key in row) if query.keys is None else query.keys
        found = [one for one in found if query.some or query.keys is None or one[3].keys() == set(wanted)]
        found.sort(key=lambda one: one[:3])
        known = [key for key in dict.fromkeys(wanted) if any(key in row for *_, row in found)]
        return Frame(
            step=np.array([max(p.step for p in row.values()) for *_, row in found], np.int64),
            time=np.array([time for _, time, _, _ in found], np.int64),
            lane=np.array([lane for _, _, lane, _ in found], np.int32),
            columns={key: _values([row.get(key) for *_, row in found]) for key in known},
        )

    def samples(self, lineage: Lineage, limit: int = 10_000) -> Iterator[dict[str, Any]]:
        merged: dict[tuple[int, int], dict[str, Any]] = {}
        for key, points in self._read(lineage, Source.SYSTEM).items():
            for (number, time), point in sorted(points.items(), key=lambda item: item[0]):
                lane = lineage[number].lane
                row = merged.setdefault((time, lane), {"_time": time, "_step": point.step, **_told(lane)})
                row["_step"] = max(row["_step"], point.step)
                row[key] = point.logged
        return iter([row for _, row in _spread(sorted(merged.items(), key=lambda item: item[0]), limit)])

    def console(
        self, lineage: Lineage, *, after: int = -1, limit: int = 1_000, tail: bool = False
    ) -> tuple[list[ConsoleLine], int]:
        placed: list[tuple[Any, ConsoleLine]] = []
        group = -1
        with self._lock:
            for place, span in enumerate(lineage):
                group = group if span.lane else place
                for where, line in self._lines.get(span.segment, {}).items():
                    if span.up_to is None or line.step <= span.up_to:
                        placed.append(((group, line.time, *where, place), replace(line, lane=span.lane)))
        placed.sort(key=lambda item: item[0])
        numbered = [replace(line, number=number) for number, (_, line) in enumerate(placed)]
        return (numbered[-limit:] if tail else numbered[after + 1 : after + 1 + limit]), len(numbered)

    def drop(self, segments: Sequence[str]) -> None:
        with self._lock:
            for segment in segments:
                self._lines.pop(segment, None)
                for source in Source:
                    self._points.pop((segment, source), None)

    def settle(self, segments: Sequence[str] | None, *, until: Callable[[], bool] = lambda: False) -> None:
        """Nothing is to be done."""

    def _read(self, lineage: Lineage, source: Source) -> _Keys:
        """What a lineage shows: later spans over earlier ones of their lane."""
        out: _Keys = {}
        with self._lock:
            for number, span in enumerate(lineage):
                whose = span.lane if source is Source.HISTORY else number
                for key, points in self._points.get((span.segment, source), {}).items():
                    for (_, place), point in points.items():
                        if span.up_to is None or point.step <= span.up_to:
                            out.setdefault(key, {})[whose, place] = point
        return out

    def _rows(self, lineage: Lineage, keys: Sequence[str] | None) -> list[tuple[int, dict[str, Any]]]:
        """(Step, row) by step, time and lane."""
        rows: dict[_Place, dict[str, Any]] = {}
        for key, points in self._read(lineage, Source.HISTORY).items():
            if keys is None or key in keys:
                for place, point in points.items():
                    row = rows.setdefault(place, {"_time": point.time, **_told(place[0])})
                    row["_time"] = max(row["_time"], point.time)
                    row[key] = point.logged
        wanted = set(keys or ())
        found = [(step, lane, row) for (lane, step), row in rows.items() if wanted <= row.keys()]
        found.sort(key=lambda one: (one[0], one[2]["_time"], one[1]))
        return [(step, row) for step, _, row in found]


def _ordered(points: _Points) -> list[_Point]:
    """By step, time and lane; system samples by time, then span."""
    return [point for _, point in sorted(points.items(), key=_order)]


def _last(points: _Points) -> _Point:
    return max(points.items(), key=_order)[1]


def _order(item: tuple[_Place, _Point]) -> tuple[int, int, int]:
    (whose, place), point = item
    return place, point.time, whose


def _told(lane: int) -> dict[str, int]:
    return {"_lane": lane} if lane else {}


def _scalars(parts: Iterable[Points]) -> Iterator[tuple[str, _Point]]:
    for part in parts:
        for key, step, time, kind, value in zip(part.key, part.step, part.time, part.kind, part.value, strict=True):
            yield part.keys[key], _Point(int(step), int(time), Kind(kind), float(value))


def _put(points: dict[tuple[Any, int], Timed], place: tuple[Any, int], point: Timed) -> None:
    """Unless what is there was logged later."""
    there = points.get(place)
    if there is None or there.time <= point.time:
        points[place] = point


def _resolved(batch: Batch) -> dict[tuple[str, int], _Point]:
    """The batch's points by key and step, when scalars and objects have had it out."""
    scalars: dict[tuple[str, int], _Point] = {}
    for key, point in _scalars(batch.history):
        _put(scalars, (key, point.step), point)
    objects: dict[tuple[str, int], ObjectPoint] = {}
    for told in batch.objects:
        _put(objects, (told.key, told.step), told)
    for where, found in objects.items():
        scalar = scalars.get(where)
        if scalar is None or scalar.time < found.time:
            scalars[where] = _Point(found.step, found.time, Kind.OBJECT, json=found.json)
        elif scalar.time == found.time and scalar.kind is Kind.BIG_INT:
            scalars[where] = replace(scalar, json=found.json)
        elif scalar.time == found.time:
            scalars[where] = _Point(found.step, found.time, Kind.OBJECT, json=found.json)
    return scalars


def _x(request: ChartRequest, point: _Point, track: Track) -> int:
    if request.axis is Axis.TIME:
        return point.time
    if request.axis is Axis.RUNTIME or request.source is Source.SYSTEM:
        starts = [start for since, start in track.later if since <= point.time]
        return point.time - (starts[-1] if starts else track.start)
    return point.step


def _cell(track: int, bucket: int, values: list[float]) -> tuple[Any, ...]:
    finite = [value for value in values if math.isfinite(value)]
    low, high = min(finite, default=math.nan), max(finite, default=math.nan)
    mean = math.fsum(value / len(finite) for value in finite) if finite else math.nan
    return track, bucket, len(values), low, high, mean, values[-1]


def _values(points: Sequence[_Point | None]) -> Values:
    return Values(
        kind=np.array([point.kind if point else 0 for point in points], np.uint8),
        value=np.array([point.value if point else math.nan for point in points], np.float64),
        there=None if all(points) else np.array([point is not None for point in points]),
        json={row: point.json for row, point in enumerate(points) if point and point.json is not None},
    )


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


def _page(rows: Sequence[tuple[int, dict[str, Any]]]) -> RowPage:
    return RowPage(steps=[step for step, _ in rows], rows=[row for _, row in rows])


def _spread(places: list[T], most: int) -> list[T]:
    """At most `most` of them, evenly spread, first and last among them."""
    if len(places) <= most:
        return places
    if most == 1:
        return places[:1]
    return [places[round(number * (len(places) - 1) / (most - 1))] for number in range(most)]
