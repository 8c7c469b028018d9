"""How the read API gets rows and columns of a run: sampled, in buckets, or all of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from playhead.client import tables
from playhead.client.server import Server
from playhead.client.tables import Row, Series
from playhead.domain.errors import UsageError
from playhead.domain.ids import RunPath
from playhead.domain.limits import MAX_PAGE
from playhead.wire.arrow import Frame
from playhead.wire.views import ChartQuery

_AXES = {"_step": "step", "_timestamp": "time", "_runtime": "runtime"}
_STREAMS = {"default": "history", "system": "system"}


class Reading:
    """The rows of one run, as of a place on its timeline."""

    def __init__(self, server: Server, path: RunPath, place: Mapping[str, Any]) -> None:
        self._server = server
        self._path = path
        self._place = place

    def history(self, samples: int, keys: list[str] | None, x_axis: str, stream: str, form: str) -> Any:
        """At most `samples` rows, evenly spread, by `x_axis`."""
        if samples < 1:
            raise UsageError("history() gives at least one sample: for all rows there is scan_history().")
        if stream not in _STREAMS:
            raise UsageError(f'stream={stream!r}: say "default" or "system".')
        by = None if x_axis == "_step" else x_axis
        wanted = [*keys, x_axis] if keys and x_axis not in keys and x_axis not in _AXES else keys
        source = _STREAMS[stream]
        if samples > MAX_PAGE or (source == "system" and keys):
            return tables.shaped(list(self.frames(wanted, source)), form, by=by, samples=samples)
        rows = self._server.rows(self._path, keys=wanted, source=source, samples=samples, **self._place).items
        if by is not None:
            rows = sorted((row for row in rows if by in row), key=lambda row: _order(row[by]))
        return tables.of_rows(rows, form)

    def buckets(self, key: str, number: int, x_axis: str, form: str) -> Any:
        """One key in buckets of equal width, with their extremes."""
        axis = _AXES.get(x_axis)
        query = ChartQuery(
            runs=[self._path.run_id], key=key, axis=axis or "step", over=None if axis else x_axis, buckets=number,
            **self._place,
        )  # fmt: skip
        columns, about = self._server.chart(self._path.entity, self._path.project, query)
        return tables.shaped(
            [tables.buckets(columns, about, x_axis, 1e6 if axis in {"time", "runtime"} else 1.0)], form
        )

    def scan(self, keys: list[str] | None, page_size: int, min_step: int, max_step: int | None) -> Iterator[Row]:
        """All rows, page by page."""
        if page_size < 1:
            raise UsageError("page_size is 1 or more.")
        last = None if max_step is None else max_step - 1
        if last is not None and last < min_step:
            return
        start: int | None = min_step
        while start is not None:
            limit = min(page_size, MAX_PAGE)
            page = self._server.rows(self._path, keys=keys, min_step=start, max_step=last, limit=limit, **self._place)
            yield from page.items
            start = page.next

    def series(self, key: str, x_axis: str, source: str) -> Series:
        """One metric, whole."""
        found = tables.shaped(list(self.frames([x_axis, key], source)), "numpy", by=None if x_axis in _AXES else x_axis)
        return tables.series(found, x_axis, key)

    def frames(
        self, keys: Sequence[str] | None, source: str = "history", start: int = 0, end: int | None = None, label: str | None = None
    ) -> Iterator[Frame]:  # fmt: skip
        """All rows that have the keys, as columns, in as many answers as it takes."""
        at: int | None = start
        while at is not None:
            frame = self._server.row_columns(
                self._path, keys=list(keys) if keys else None, source=source, start=at, end=end, label=label, **self._place
            )  # fmt: skip
            yield frame
            at = frame.about.get("next")


def _order(value: Any) -> float:
    return value if isinstance(value, (int, float)) else math.inf


def checked_keys(keys: Sequence[str] | None) -> list[str] | None:
    """Keys for a query."""
    if isinstance(keys, str):
        raise UsageError(f"keys is a list of names: write keys=[{keys!r}].")
    return list(keys) if keys else None
