"""Batches into tables: what they say twice, or what was replaced before it came, is dropped, what they replace is deleted, the rest is
inserted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playhead.adapters.duckdb.columns import SeriesId, Sorted, gather
from playhead.adapters.duckdb.engine import Cursor
from playhead.adapters.duckdb.marks import Marks
from playhead.adapters.duckdb.names import Names
from playhead.adapters.duckdb.remove import Gone, later, remove
from playhead.domain.metric import Kind
from playhead.domain.run import ConsoleLine
from playhead.ports.metrics import Batch, ObjectPoint

_HOT = "INSERT INTO hot SELECT segment, key, step, time, kind, value FROM batch"
_SAMPLES = "INSERT INTO samples SELECT segment, key, step, time, kind, value FROM batch"
_OBJECTS = "INSERT INTO objects SELECT segment, key, step, time, json, digits FROM batch"
_LINES = "INSERT INTO lines SELECT segment, stream, number, step, time, channel, text FROM batch"


_Place = tuple[int, int, int]
"""Segment, key and step."""
_Objects = dict[_Place, ObjectPoint]


class Appender:
    """Appends within a transaction of the writer's; `undone` if that transaction is."""

    def __init__(self, names: Names, marks: Marks) -> None:
        self._names = names
        self._marks = marks
        self._fresh: list[int] = []
        self._touched: set[int] = set()

    def begin(self) -> None:
        """A new transaction."""
        self._fresh = []
        self._touched = set()

    def undone(self) -> None:
        """The transaction was undone: forget what memory says of it."""
        self._names.forget(self._fresh)
        self._marks.forget(self._touched)

    def append(self, cursor: Cursor, batches: Sequence[Batch]) -> None:
        """Append these, in order."""
        fresh = self._names.ensure(cursor, (batch.segment for batch in batches), _names(batches))
        self._fresh += fresh
        segments = {self._segment(batch) for batch in batches}
        self._touched |= segments
        self._marks.load(cursor, segments, fresh=segments.intersection(fresh))
        for some in _rounds(batches):
            self._append_history(cursor, some)
            self._append_samples(cursor, some)
            self._append_lines(cursor, some)

    def _segment(self, batch: Batch) -> int:
        number = self._names.segment(batch.segment)
        assert number is not None
        return number

    def _id(self, name: str) -> int:
        number = self._names.find(name)
        assert number is not None
        return number

    def _append_history(self, cursor: Cursor, batches: Sequence[Batch]) -> None:
        ids = {key: self._id(key) for batch in batches for part in batch.history for key in part.keys}
        parts = [(self._segment(batch), part) for batch in batches for part in batch.history]
        scalars = gather(parts, ids, by_time=False)
        objects = self._objects(batches)
        digits: set[_Place] = set()
        if scalars and objects:
            scalars, digits = _resolve(scalars, objects)
        gone = self._replaced(scalars, objects)
        late = {place for table, places in gone.items() for place in later(cursor, table, places)}
        if late:
            scalars = _without(late, scalars, objects)
            gone = self._replaced(scalars, objects)
        for table, places in gone.items():
            remove(cursor, table, places)
        if scalars:
            cursor.run(_HOT, batch=scalars.table)
            counts, firsts, lasts = np.diff(scalars.starts).tolist(), scalars.first.tolist(), scalars.last.tolist()
            for (segment, key), points, first, last in zip(scalars.series, counts, firsts, lasts, strict=True):
                self._marks[segment].extend(key, points, first, last)
        if objects:
            cursor.run(_OBJECTS, batch=_object_table(objects, digits))
            for (segment, key), last in _lasts(objects).items():
                ends = self._marks[segment].objects
                ends[key] = max(last, ends.get(key, last))
            shorter = {place[:2] for place in objects if place not in digits and self._ended(place)}
            if shorter:
                self._marks.measure(cursor, shorter)

    def _ended(self, place: _Place) -> bool:
        """Whether the scalars of a series began or ended at this place."""
        segment, key, step = place
        extent = self._marks[segment].scalars.get(key)
        return extent is not None and step in {extent.first, extent.last}

    def _objects(self, batches: Sequence[Batch]) -> _Objects:
        """The object of each place that was logged last."""
        objects: _Objects = {}
        for batch in batches:
            segment = self._segment(batch)
            ids = {key: self._id(key) for key in {point.key for point in batch.objects}}
            for point in batch.objects:
                place = (segment, ids[point.key], point.step)
                if place not in objects or objects[place].time <= point.time:
                    objects[place] = point
        return objects

    def _replaced(self, scalars: Sorted | None, objects: _Objects) -> dict[str, Gone]:
        """By table, where these may find something of the same segment, key and step, scalar or object."""
        found = {}
        series = _lasts(objects)
        for kind, tables in (("scalars", ("hot", "cold")), ("objects", ("objects",))):
            gone = Gone()
            if scalars:
                gone.take(scalars, self._ends(scalars.series, kind))
            ends = dict(zip(series, self._ends(series, kind), strict=True))
            for (segment, key, step), point in objects.items():
                if step <= ends[segment, key]:
                    gone.add(segment, key, step, point.time)
            for table in tables:
                if gone and (table != "cold" or any(self._marks[segment].settled for segment in gone.segments)):
                    found[table] = gone
        return found

    def _append_samples(self, cursor: Cursor, batches: Sequence[Batch]) -> None:
        ids = {key: self._id(key) for batch in batches for part in batch.system for key in part.keys}
        samples = gather([(self._segment(b), part) for b in batches for part in b.system], ids, by_time=True)
        if not samples:
            return
        gone = Gone()
        gone.take(samples, self._ends(samples.series, "samples"))
        if gone:
            remove(cursor, "samples", gone)
        cursor.run(_SAMPLES, batch=samples.table)
        for (segment, key), last in zip(samples.series, samples.last.tolist(), strict=True):
            ends = self._marks[segment].samples
            ends[key] = max(last, ends.get(key, last))

    def _append_lines(self, cursor: Cursor, batches: Sequence[Batch]) -> None:
        lines = {
            (self._segment(batch), self._id(batch.stream), line.number): line
            for batch in batches
            for line in batch.console
        }
        if not lines:
            return
        gone = Gone()
        for (segment, stream, number), line in lines.items():
            if number <= self._marks[segment].last("lines", stream):
                gone.add(segment, stream, number, line.time)
        if gone:
            remove(cursor, "lines", gone)
        cursor.run(_LINES, batch=_line_table(lines))
        for segment, stream, number in lines:
            ends = self._marks[segment].lines
            ends[stream] = max(number, ends.get(stream, number))

    def _ends(self, series: Iterable[SeriesId], kind: str) -> list[int]:
        """The last place of each series; below all places if there is none."""
        return [self._marks[segment].last(kind, key) for segment, key in series]


def _names(batches: Sequence[Batch]) -> Iterator[str]:
    for batch in batches:
        for part in (*batch.history, *batch.system):
            yield from part.keys
        for point in batch.objects:
            yield point.key
        if batch.console:
            yield batch.stream


def _rounds(batches: Sequence[Batch]) -> list[Sequence[Batch]]:
    """All at once; one by one if a key has objects in one batch and scalars in another: then their order tells who replaces whom."""
    if len(batches) == 1 or not any(batch.objects for batch in batches):
        return [batches]
    objects = {(batch.segment, point.key): number for number, batch in enumerate(batches) for point in batch.objects}
    several = len({(batch.segment, p.key, n) for n, batch in enumerate(batches) for p in batch.objects}) > len(objects)
    for number, batch in enumerate(batches):
        for part in batch.history:
            if any(several or objects[batch.segment, k] != number for k in part.keys if (batch.segment, k) in objects):
                return [[one] for one in batches]
    return [batches]


def _lasts(objects: _Objects) -> dict[SeriesId, int]:
    """The last step of each series."""
    lasts: dict[SeriesId, int] = {}
    for segment, key, step in objects:
        if step >= lasts.get((segment, key), step):
            lasts[segment, key] = step
    return lasts


def _resolve(scalars: Sorted, objects: _Objects) -> tuple[Sorted | None, set[_Place]]:
    """Of a scalar and an object at one place the later stays; a BIG_INT and its digits both do: at which places that is."""
    numbers = {series: number for number, series in enumerate(scalars.series)}
    stays = np.ones(len(scalars), bool)
    digits: set[_Place] = set()
    for place in [place for place in objects if place[:2] in numbers]:
        where = scalars.find(numbers[place[:2]], place[2])
        if where is None:
            continue
        time, own = int(scalars.time[where]), objects[place].time
        if time > own:
            del objects[place]
        elif time == own and scalars.kind[where] == Kind.BIG_INT:
            digits.add(place)
        else:
            stays[where] = False
    if stays.all():
        return scalars, digits
    return scalars.where(stays) if stays.any() else None, digits


def _without(late: set[_Place], scalars: Sorted | None, objects: _Objects) -> Sorted | None:
    """Drop these places."""
    for place in late.intersection(objects):
        del objects[place]
    if scalars is None:
        return None
    numbers = {series: number for number, series in enumerate(scalars.series)}
    stays = np.ones(len(scalars), bool)
    for segment, key, step in late:
        where = scalars.find(numbers[segment, key], step) if (segment, key) in numbers else None
        if where is not None:
            stays[where] = False
    return scalars.where(stays) if stays.any() else None


def _object_table(objects: _Objects, digits: set[_Place]) -> dict[str, NDArray[Any]]:
    places = np.array(list(objects), np.int64).reshape(-1, 3)
    return {
        "segment": places[:, 0].astype(np.int32),
        "key": places[:, 1].astype(np.int32),
        "step": np.ascontiguousarray(places[:, 2]),
        "time": np.array([point.time for point in objects.values()], np.int64),
        "json": _texts(point.json for point in objects.values()),
        "digits": np.array([place in digits for place in objects], bool),
    }


def _line_table(lines: Mapping[tuple[int, int, int], ConsoleLine]) -> dict[str, NDArray[Any]]:
    places = np.array(list(lines), np.int64).reshape(-1, 3)
    return {
        "segment": places[:, 0].astype(np.int32),
        "stream": places[:, 1].astype(np.int32),
        "number": np.ascontiguousarray(places[:, 2]),
        "step": np.array([line.step for line in lines.values()], np.int64),
        "time": np.array([line.time for line in lines.values()], np.int64),
        "channel": _texts(line.channel for line in lines.values()),
        "text": _texts(line.text for line in lines.values()),
    }


def _texts(texts: Iterable[str]) -> NDArray[Any]:
    return np.array([str(text) for text in texts], dtype=object)
