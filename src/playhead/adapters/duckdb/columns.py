"""Pure NumPy: points of many batches as columns sorted by series, each series by its place (step, or time), each place once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playhead.ports.metrics import Points

Flags = NDArray[np.bool_]
SeriesId = tuple[int, int]
"""(Segment, key), by their numbers."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """Points sorted by (series, place). `starts` has where each series begins, and the end."""

    series: list[SeriesId]
    starts: NDArray[np.int64]
    place: NDArray[np.int64]
    step: NDArray[np.int64]
    time: NDArray[np.int64]
    kind: NDArray[np.uint8]
    value: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.place)

    @property
    def table(self) -> dict[str, NDArray[Any]]:
        """As DuckDB takes it."""
        counts = np.diff(self.starts)
        ids = np.array(self.series, np.int32).reshape(-1, 2)
        return {
            "segment": np.repeat(ids[:, 0], counts),
            "key": np.repeat(ids[:, 1], counts),
            "step": self.step,
            "time": self.time,
            "kind": self.kind,
            "value": self.value,
        }

    @property
    def first(self) -> NDArray[np.int64]:
        """The first place of each series."""
        return self.place[self.starts[:-1]]

    @property
    def last(self) -> NDArray[np.int64]:
        """The last place of each series."""
        return self.place[self.starts[1:] - 1]

    def where(self, flags: Flags) -> Sorted:
        """Only the points with a flag."""
        before = np.concatenate(([0], np.cumsum(flags)))[self.starts]
        filled = np.flatnonzero(np.diff(before))
        return Sorted(
            [self.series[number] for number in filled],
            np.append(before[filled], before[-1]),
            self.place[flags],
            self.step[flags],
            self.time[flags],
            self.kind[flags],
            self.value[flags],
        )

    def find(self, series: int, place: int) -> int | None:
        """Where the `series`th series has this place."""
        start, end = int(self.starts[series]), int(self.starts[series + 1])
        found = start + int(np.searchsorted(self.place[start:end], place))
        return found if found < end and self.place[found] == place else None


def gather(parts: Sequence[tuple[int, Points]], ids: Mapping[str, int], *, by_time: bool) -> Sorted | None:
    """Points of (segment, part)s by series and place; at a repeated place that of the latest time stays, the last
    of several. None if there are no points.
    """
    parts = [(segment, part) for segment, part in parts if len(part.key)]
    if not parts:
        return None
    series, group = _groups(parts, ids)
    step, time = _joined([part.step for _, part in parts], np.int64), _joined([p.time for _, p in parts], np.int64)
    kind = _joined([part.kind for _, part in parts], np.uint8)
    value = _joined([part.value for _, part in parts], np.float64)
    place = time if by_time else step
    columns: list[NDArray[Any]] = [group, place, step, time, kind, value]
    if np.any(group[1:] < group[:-1]):
        order = np.argsort(group, kind="stable")
        columns = [column[order] for column in columns]
    if not np.all(_rises(columns[0], columns[1])):
        order = np.lexsort((columns[3], columns[1], columns[0]))
        columns = [column[order] for column in columns]
        last = np.append(_rises(columns[0], columns[1]), True)
        columns = [column[last] for column in columns]
    group = columns[0]
    edges = np.flatnonzero(group[1:] != group[:-1]) + 1
    starts = np.concatenate(([0], edges, [len(group)])).astype(np.int64)
    return Sorted([series[number] for number in group[starts[:-1]]], starts, *columns[1:])


def _groups(
    parts: Sequence[tuple[int, Points]], ids: Mapping[str, int]
) -> tuple[list[SeriesId], NDArray[np.unsignedinteger[Any]]]:
    """The series that occur, and each point's number among them."""
    numbers: dict[SeriesId, int] = {}
    tables = []
    for segment, part in parts:
        own = [numbers.setdefault((segment, ids[key]), len(numbers)) for key in part.keys]
        tables.append(np.array(own, np.int64))
    # Sorting 16-bit numbers is a radix sort, ten times faster.
    small = np.uint16 if len(numbers) < 1 << 16 else np.uint32
    group = [table.astype(small)[part.key] for table, (_, part) in zip(tables, parts, strict=True)]
    return list(numbers), _joined(group, small)


def _rises(group: NDArray[Any], place: NDArray[np.int64]) -> Flags:
    """For each point but the last, whether the next one is of another series or at a higher place."""
    rises: Flags = (place[1:] > place[:-1]) | (group[1:] != group[:-1])
    return rises


def _joined(columns: Sequence[NDArray[Any]], dtype: Any) -> NDArray[Any]:
    whole = columns[0] if len(columns) == 1 else np.concatenate(columns)
    return np.ascontiguousarray(whole, dtype)
