"""A run as of a step: its config, summary and clock, made from the points and records that are stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from playhead.domain.definition import Definitions
from playhead.domain.errors import NotFoundError
from playhead.domain.ids import RunPath
from playhead.domain.metric import Latest
from playhead.domain.run import Run, Segment, Stream
from playhead.domain.timeline import Clock, chain, lineage, runtime, sessions_clock
from playhead.ports.metrics import Metrics
from playhead.ports.runs import Record
from playhead.ports.timelines import Timelines
from playhead.services.draft import Draft
from playhead.services.points import Last, Logged
from playhead.services.recent import Recent
from playhead.services.summary import Summary
from playhead.services.text import fit

FENCED = "-fenced"
"""How the ids of segments end that hold what a writer said after it had lost the run."""
_CONFIG = ("start", "config")
_ABOUT = ("start", "meta")


@dataclass(frozen=True, slots=True)
class Moment:
    """A run as of a step."""

    config: dict[str, Any]
    summary: dict[str, Any]
    """As `services.summary` stores it."""
    clock: Clock
    last_at: int
    """When its last row until then was logged; 0 if there is none."""
    last_step: int | None

    def fields(self, run: Run) -> dict[str, Any]:
        """What of `run` was to be made anew, and is."""
        step = max(run.step, (self.last_step if self.last_step is not None else -1) + 1)
        return {
            "config": self.config, "summary": self.summary, "clock": self.clock, "stale": False, "step": step,
            "last_at": max(self.last_at, run.started_at),
        }  # fmt: skip


class Moments:
    """Looks at runs as of steps."""

    def __init__(self, *, runs: Timelines, metrics: Metrics) -> None:
        self._runs = runs
        self._metrics = metrics
        self._cuts: Recent[tuple[str, int], int] = Recent(10_000, 3600.0)
        """(Segment, step) -> when the last row up to that step was logged: what is archived does not change any more."""

    def config(self, segments: Sequence[Segment], head: str, up_to: int | None = None) -> dict[str, Any]:
        """The config of segment `head` as of step `up_to`."""
        line = chain(segments, head, up_to)
        told = self._told(line, _CONFIG)
        config: dict[str, Any] = {}
        for segment, _ in line:
            if not segment.inherits:
                config = {}
            for record in told.get(segment.id, ()):
                _configure(config, record)
        return config

    def at(self, run: Run, segments: Sequence[Segment], head: str, up_to: int | None = None) -> Moment:
        """The run's history that ends in segment `head`, as of step `up_to`."""
        line = chain(segments, head, up_to)
        latest = self._metrics.latest(lineage(segments, head, up_to))
        row = latest.get("_step")
        clock = self._clock(segments, line)
        summary = Summary({})
        for record in self._in_order(line, ("summary", "metric")):
            if record.kind == "metric":
                summary.define(record.data)
            else:
                summary.set(_dict(record.data.get("set")), _list(record.data.get("delete")), record.time)
        logged = Logged(last={key: _last(one) for key, one in latest.items() if key != "_step"})
        logged.row = None if row is None else _last(row)
        aggregated = summary.aggregated(logged.last)
        if aggregated:
            summary.counted(
                self._metrics.totals(lineage(segments, head, up_to), aggregated),
                {key: latest[key].value for key in aggregated},
            )
        summary.log(logged, lambda time: runtime(clock, run.started_at, time))
        return Moment(
            self.config(segments, head, up_to),
            summary.stored(),
            clock,
            row.time if row else 0,
            row.step if row else None,
        )

    def definitions(self, segments: Sequence[Segment], head: str) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
        """What the metrics of segment `head` are defined as, by name; and what those that rows are to be given were last."""
        found = Definitions()
        for record in self._in_order(chain(segments, head), ("metric",)):
            found.tell(record.data)
        latest = self._metrics.latest(lineage(segments, head)) if found.axes else {}
        return found.as_data(), {axis: latest[axis].value for axis in found.axes if axis in latest}

    def renewed(self, run: Run) -> Run:
        """`run`, made anew where it is stale, and stored so."""
        if not run.stale:
            return run
        segments = self._runs.segments(run.path)
        moment = self.at(run, segments, run.head)
        return self._runs.update(run.path, {**self._about(run, segments), **moment.fields(run)})

    def _about(self, run: Run, segments: Sequence[Segment]) -> dict[str, Any]:
        """Name, notes and the like as they were said last, in whichever order that has come. What a fenced writer says does not count."""
        roots = {one.id for one in segments if one.parent is None}
        own = [one.id for one in segments if one.run == run.path and not one.id.endswith(FENCED)]
        draft = Draft(run)
        for record in self._runs.told(own, _ABOUT):
            if record.kind == "start" and record.segment in roots:
                roots.discard(record.segment)
                draft.set(notes=None, group=None, job_type=None, tags=(), meta={})
            draft.describe(record.data)
        return draft.changes

    def _told(self, line: Sequence[tuple[Segment, int | None]], kinds: Sequence[str]) -> dict[str, list[Record]]:
        """Records of these kinds, by segment, as far as they are seen."""
        limits = {segment.id: limit for segment, limit in line}
        found: dict[str, list[Record]] = {segment.id: [] for segment, _ in line}
        for record in self._runs.told(list(limits), kinds):
            limit = limits[record.segment]
            if limit is None or record.step <= limit:
                found[record.segment].append(record)
        return found

    def _in_order(self, line: Sequence[tuple[Segment, int | None]], kinds: Sequence[str]) -> Iterator[Record]:
        for records in self._told(line, kinds).values():
            yield from records

    def _clock(self, segments: Sequence[Segment], line: Sequence[tuple[Segment, int | None]]) -> Clock:
        """The times that somebody wrote to the segments, as one clock."""
        own = {segment.id: limit for segment, limit in line}
        sessions: list[tuple[int, int]] = []
        for stream in self._streams({segment.run for segment, _ in line}):
            if stream.role != "main" or stream.segment not in own:
                continue
            limit, last = own[stream.segment], max(stream.last_at, stream.begun)
            if limit is not None and (stream.last_step is None or stream.last_step > limit):
                last = min(last, self._cut(segments, stream.segment, limit))
            if last >= stream.begun:
                sessions.append((stream.begun, last))
        started, clock = sessions_clock(sessions)
        return ((started, started), *clock) if sessions else ()

    def _streams(self, paths: set[RunPath]) -> list[Stream]:
        found: list[Stream] = []
        for path in paths:
            try:
                found += self._runs.streams(path)
            except NotFoundError:  # a parent that was deleted
                continue
        return found

    def _cut(self, segments: Sequence[Segment], segment: str, limit: int) -> int:
        def look() -> int:
            row = self._metrics.latest(lineage(segments, segment, limit)).get("_step")
            return row.time if row else 0

        return self._cuts.ask((segment, limit), look)


def _configure(config: dict[str, Any], record: Record) -> None:
    if record.kind == "start":
        config.update(_dict(record.data.get("config")))
        return
    config.update(_dict(record.data.get("set")))
    for key in _list(record.data.get("delete")):
        config.pop(key, None)


def _dict(told: Any) -> dict[str, Any]:
    return told if isinstance(told, dict) else {}


def _list(told: Any) -> list[str]:
    return [fit(name) for name in told if isinstance(name, str)] if isinstance(told, list) else []


def _last(one: Latest) -> Last:
    return Last(one.step, one.time, 0, one.value)
