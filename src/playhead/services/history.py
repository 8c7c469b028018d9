"""What a run logged: keys, rows, charts, console. Read through lineage, a page at a time, never whole."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from playhead.domain.account import Actor
from playhead.domain.errors import LimitError, NotFoundError, UsageError
from playhead.domain.ids import RunPath
from playhead.domain.limits import (
    MAX_BUCKETS,
    MAX_CELLS,
    MAX_CHART_RUNS,
    MAX_KEY,
    MAX_KEYS_PER_ROW,
    MAX_PAGE,
    MAX_STEP,
    MAX_TIME,
)
from playhead.domain.metric import Axis, Lineage, Series, Source, Track
from playhead.domain.run import ConsoleLine, Run, Segment
from playhead.domain.timeline import Clock, labels, lineage, runtime
from playhead.ports.frames import Frame, FrameQuery
from playhead.ports.metrics import Chart, ChartRequest, Metrics
from playhead.ports.timelines import Timelines
from playhead.services.access import Access
from playhead.services.columns import LABEL, OWN, absent, as_arrow
from playhead.services.over import chart_over
from playhead.services.recent import Recent
from playhead.wire import arrow

MAX_ROW_KEYS = 1_000
"""Keys that rows can be asked for at once."""
MAX_SAMPLES = 10_000
"""Rows of one sample."""
MAX_SAMPLE_CELLS = 500_000
"""Values of one sample: of a run with very many keys it has fewer rows."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where on a run's timeline somebody stands."""

    segment: str | None = None
    """Another segment than the head."""
    step: int | None = None
    """As of this step."""
    label: str | None = None
    """Only what the writers of this label wrote."""


NOW = Place()
"""The head's end."""


@dataclass(frozen=True, slots=True)
class RowQuery:
    """Which rows of a run."""

    keys: Sequence[str] = ()
    """Only rows that have all of them; none: all rows, whole."""
    source: Source = Source.HISTORY
    min_step: int = 0
    max_step: int | None = None
    limit: int = MAX_PAGE
    samples: int | None = None
    """At most so many, evenly spread."""
    place: Place = NOW
    """Where in the run."""
    alone: bool = False
    """Of a row nothing but the keys that are asked for."""


@dataclass(frozen=True, slots=True)
class ChartAsk:
    """One key over several runs of a project."""

    runs: Sequence[str]
    key: str
    source: Source
    axis: Axis
    lo: float | None
    hi: float | None
    buckets: int
    place: Place = NOW
    over: str | None = None
    """Draw over the values of this metric instead of the axis."""


@dataclass(frozen=True, slots=True)
class Line:
    """Where a run's history is, and when it began."""

    spans: Lineage
    start: int
    clock: Clock
    labels: Mapping[int, str]
    """Lane -> label."""


class HistoryService:
    """Reading what runs logged."""

    def __init__(self, *, access: Access, runs: Timelines, metrics: Metrics) -> None:
        self._access = access
        self._runs = runs
        self._metrics = metrics
        self._lines: Recent[tuple[RunPath, Place], Line] = Recent(4_096, 1.0)

    def forget(self, path: RunPath) -> None:
        """The run's timeline was turned."""
        self._lines.drop(lambda key: key[0] == path)

    def series(self, actor: Actor, path: RunPath, source: Source, place: Place = NOW) -> list[Series]:
        """The keys of a run."""
        self._access.project(actor, path.entity, path.project)
        return self._metrics.series(self._line(path, place).spans, source)

    def all_series(self, actor: Actor, entity: str, project: str, run_ids: Sequence[str]) -> list[list[Series]]:
        """The keys of the histories of some runs of a project; a run that is gone has none."""
        lines = self.lines(actor, entity, project, run_ids)
        return self._metrics.all_series([line.spans if line else () for line in lines])

    def last_samples(self, actor: Actor, entity: str, project: str, run_ids: Sequence[str]) -> list[dict[str, Any]]:
        """What was sampled last of the machines of some runs of a project; {} of a run that is gone, or has no samples."""
        lines = self.lines(actor, entity, project, run_ids)
        found = self._metrics.last_samples([line.spans if line else () for line in lines])
        return [
            _with_place(row, row["_step"], line, ()) if line and row else {}
            for line, row in zip(lines, found, strict=True)
        ]

    def first_objects(self, actor: Actor, path: RunPath, place: Place = NOW) -> Mapping[str, str]:
        """Keys whose values are no numbers, each with its first such value as JSON text."""
        self._access.project(actor, path.entity, path.project)
        return self._metrics.keys([self._line(path, place).spans])[0].objects

    def rows(self, actor: Actor, path: RunPath, query: RowQuery) -> tuple[list[dict[str, Any]], int | None]:
        """Rows by step, and the step to go on from. UsageError, LimitError."""
        self._access.project(actor, path.entity, path.project)
        if len(query.keys) > MAX_ROW_KEYS:
            raise LimitError(f"Rows of {len(query.keys):,} keys at once: MAX_ROW_KEYS is {MAX_ROW_KEYS:,}.")
        line = self._line(path, query.place)
        if query.source is Source.SYSTEM:
            most = self._samples(line, query)
            found = list(self._metrics.samples(line.spans, most))
            return [_with_place(row, row.get("_step", 0), line, query.keys) for row in found], None
        keys = [key for key in query.keys if key not in OWN] or None
        if query.samples is not None:
            page = self._metrics.sample(line.spans, keys, self._samples(line, query))
        else:
            page = self._metrics.rows(
                line.spans, keys, min_step=query.min_step, max_step=query.max_step, limit=min(query.limit, MAX_PAGE)
            )
        wanted = query.keys if query.keys and (keys is None or query.alone) else ()
        rows = [_with_place(row, step, line, wanted) for step, row in zip(page.steps, page.rows, strict=True)]
        return rows, page.next if query.samples is None else None

    def _samples(self, line: Line, query: RowQuery) -> int:
        """How many rows of what is asked for may be held at once."""
        wanted = query.limit if query.samples is None else min(query.samples, MAX_SAMPLES)
        count = len(query.keys)
        if not count and wanted * MAX_KEYS_PER_ROW > MAX_SAMPLE_CELLS:
            found = self._metrics.keys([line.spans])[0]
            count = len(found.system) if query.source is Source.SYSTEM else len(found.scalars) + len(found.objects)
        return min(wanted, max(1, MAX_SAMPLE_CELLS // max(count, 1)))

    def frame(self, actor: Actor, path: RunPath, query: FrameQuery, place: Place = NOW) -> arrow.Frame:
        """Rows as columns, as many as fit into one answer; `next` in its metadata tells where to go on. Without keys: of all keys, rows
        that have some. LimitError.
        """
        self._access.project(actor, path.entity, path.project)
        asked = query.keys or ()
        if len(asked) > MAX_ROW_KEYS:
            raise LimitError(f"Rows of {len(asked):,} keys at once: MAX_ROW_KEYS is {MAX_ROW_KEYS:,}.")
        return self.framed(self._line(path, place), query)

    def framed(self, line: Line, query: FrameQuery) -> arrow.Frame:
        """As `frame`, of a line that the actor may see."""
        asked = query.keys or ()
        keys = [key for key in dict.fromkeys(asked) if key not in {*OWN, LABEL}]
        own: Sequence[str] = [key for key in (*OWN, LABEL) if key in asked]
        found = self._metrics.frame(line.spans, replace(query, keys=keys or None, cells=MAX_CELLS))
        if not keys:
            found, keys = self._with_all(found, line, query)
        labels = line.labels if any(span.lane for span in line.spans) else {}
        return as_arrow(found, keys, own or (*OWN, LABEL), start=line.start, clock=line.clock, labels=labels)

    def times(self, actor: Actor, path: RunPath, query: FrameQuery, place: Place = NOW) -> list[int]:
        """When the rows that are asked for were logged."""
        self._access.project(actor, path.entity, path.project)
        found: list[int] = self._metrics.frame(self._line(path, place).spans, query).time.tolist()
        return found

    def _with_all(self, found: Frame, line: Line, query: FrameQuery) -> tuple[Frame, list[str]]:
        """A frame of all keys, by name. If it is one of several it has those too that have their values in others."""
        columns = dict(found.columns)
        if found.next is not None or query.start:
            missing = absent(len(found.step))
            columns = {one.key: missing for one in self._metrics.series(line.spans, query.source)} | columns
        return replace(found, columns=columns), sorted(columns)

    def chart(self, actor: Actor, entity: str, project: str, ask: ChartAsk) -> Chart:
        """Buckets of a key over runs, in the order of `ask.runs`; a run that is gone has none. UsageError, LimitError."""
        self._access.project(actor, entity, project)
        _check(ask)
        lines = self._lines_of(entity, project, ask.runs, ask.place)
        tracks = [Track(line.spans, line.start, line.clock) if line else Track(()) for line in lines]
        if ask.over is not None:
            return chart_over(self._metrics, tracks, ask.key, ask.over, (ask.lo, ask.hi), ask.buckets)
        low, high = _bound(ask.lo, math.ceil), _bound(ask.hi, math.floor)
        return self._metrics.chart(
            ChartRequest(
                tracks=tracks, key=ask.key, source=ask.source, axis=ask.axis, lo=low, hi=high, buckets=ask.buckets
            )
        )

    def console(
        self, actor: Actor, path: RunPath, *, after: int, limit: int, tail: bool, place: Place = NOW
    ) -> tuple[list[tuple[ConsoleLine, str]], int]:
        """Console lines after `after`, or the last ones, each with its writer's label; and how many there are."""
        self._access.project(actor, path.entity, path.project)
        line = self._line(path, place)
        found, total = self._metrics.console(line.spans, after=after, limit=min(limit, MAX_PAGE), tail=tail)
        return [(one, line.labels.get(one.lane, "")) for one in found], total

    def labels(self, path: RunPath, place: Place = NOW) -> list[str]:
        """Labels of the writers of a run."""
        return list(dict.fromkeys(label for label in self._line(path, place).labels.values() if label))

    def lines(self, actor: Actor, entity: str, project: str, run_ids: Sequence[str]) -> list[Line | None]:
        """Where the histories of some runs of a project are; None for a run that is gone."""
        self._access.project(actor, entity, project)
        return self._lines_of(entity, project, run_ids, NOW)

    def _lines_of(self, entity: str, project: str, run_ids: Sequence[str], place: Place) -> list[Line | None]:
        paths = [RunPath(entity, project, run_id) for run_id in run_ids]
        lines = {path: self._lines.get((path, place)) for path in paths}
        missing = [path.run_id for path, line in lines.items() if line is None]
        for run, segments in self._runs.chains(entity, project, missing).values() if missing else ():
            with contextlib.suppress(NotFoundError):  # another run's segment was named
                lines[run.path] = line = _line_of(run, segments, place)
                self._lines.put((run.path, place), line)
        return [lines[path] for path in paths]

    def _line(self, path: RunPath, place: Place) -> Line:
        """A project's charts ask for the same runs over and over: the answer is remembered for a second."""

        def find() -> Line:
            return _line_of(self._runs.run(path), self._runs.segments(path), place)

        return self._lines.ask((path, place), find)


def _line_of(run: Run, segments: Sequence[Segment], place: Place) -> Line:
    head = place.segment or run.head
    spans = lineage(segments, head, place.step, place.label)
    return Line(spans, run.started_at, run.clock, labels(segments, head))


def _check(ask: ChartAsk) -> None:
    if len(ask.runs) > MAX_CHART_RUNS:
        raise LimitError(f"A chart of {len(ask.runs):,} runs: MAX_CHART_RUNS is {MAX_CHART_RUNS}.")
    if not 1 <= ask.buckets <= MAX_BUCKETS:
        raise UsageError(f"A chart has 1 to {MAX_BUCKETS:,} buckets.")
    if ask.place != NOW and len(ask.runs) != 1:
        raise UsageError("A segment, step or label can be named for one run only.")
    if ask.over is not None and ask.source is Source.SYSTEM:
        raise UsageError("What was sampled of the machine is drawn over time, not over a metric.")
    if ask.over is not None and (math.isnan(ask.lo or 0) or math.isnan(ask.hi or 0)):
        raise UsageError("The range of a chart is two numbers.")
    if max(len(ask.key), len(ask.over or "")) > MAX_KEY:
        raise UsageError(f"A key has at most {MAX_KEY} characters.")


def _bound(value: float | None, rounded: Any) -> int | None:
    if value is None:
        return None
    if math.isnan(value):
        raise UsageError("The range of a chart is two numbers.")
    most = max(MAX_STEP, MAX_TIME)
    return int(rounded(min(max(value, -most), most)))


def _with_place(row: dict[str, Any], step: int, line: Line, wanted: Sequence[str]) -> dict[str, Any]:
    """`row` with the run's own keys; only the `wanted` ones, if there are any."""
    time, lane = row.pop("_time", line.start), row.pop("_lane", 0)
    if not wanted or "_step" in wanted:
        row["_step"] = step
    if not wanted or "_timestamp" in wanted:
        row["_timestamp"] = time / 1e6
    if not wanted or "_runtime" in wanted:
        row["_runtime"] = runtime(line.clock, line.start, time) / 1e6
    if (label := line.labels.get(lane)) and (not wanted or LABEL in wanted):
        row[LABEL] = label
    return row
