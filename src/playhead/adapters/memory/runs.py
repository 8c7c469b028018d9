"""Runs, segments and streams on dicts."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar

from playhead.adapters.memory import search
from playhead.adapters.memory.catalog import Catalog
from playhead.domain.errors import ConflictError, NotFoundError, OffsetError, UsageError
from playhead.domain.ids import RunPath
from playhead.domain.run import Run, RunState, Segment, Stream
from playhead.ports.clock import Clock
from playhead.ports.runs import Commit, Record, RunQuery
from playhead.ports.timelines import Turn

T = TypeVar("T")
_TURNED = {"head", "epoch"}
_SETTABLE = {field.name for field in fields(Run)} - {"path", "updated_at"} - _TURNED
_CHANGED = 1_000


class MemoryRuns:
    """`playhead.ports.runs.Runs` in memory. What it gives out is a copy; what it is given, it copies."""

    def __init__(self, catalog: Catalog, clock: Clock) -> None:
        self._catalog = catalog
        self._clock = clock

    def run(self, path: RunPath) -> Run:
        with self._catalog.lock:
            if path not in self._catalog.runs:
                raise NotFoundError(f"There is no run {path}.")
            return copy.deepcopy(self._catalog.runs[path])

    def runs(
        self, entity: str, project: str, query: RunQuery, limit: int, cursor: str | None = None
    ) -> tuple[list[Run], str | None]:
        if cursor is not None and not cursor.isdecimal():
            raise UsageError("This is no cursor of a list of runs. Start from the first page.")
        with self._catalog.lock:
            found = copy.deepcopy(search.ordered(search.meant(self._catalog, entity, project, query), query.order))
        start = int(cursor or 0)
        return found[start : start + limit], str(start + limit) if len(found) > start + limit else None

    def changed(self, entity: str, project: str, since: int) -> list[tuple[str, str, int, int]]:
        with self._catalog.lock:
            found = [
                (path.run_id, str(run.state), run.step, run.updated_at)
                for path, run in self._catalog.runs.items()
                if path[:2] == (entity, project) and run.updated_at > since
            ]
        return sorted(found, key=lambda change: change[3])[:_CHANGED]

    def segments(self, path: RunPath) -> list[Segment]:
        with self._catalog.lock:
            self.run(path)
            known = self._catalog.segments
            own = [segment for segment in known.values() if segment.run == path]
            ancestors: list[Segment] = []
            for segment in own:
                line: list[Segment] = []
                parent = segment.parent
                while parent in known and known[parent].run != path and known[parent] not in ancestors:
                    line.insert(0, known[parent])
                    parent = known[parent].parent
                ancestors += line
        return ancestors + sorted(own, key=lambda segment: (segment.created_at, segment.id))

    def chains(self, entity: str, project: str, run_ids: Sequence[str]) -> dict[str, tuple[Run, list[Segment]]]:
        with self._catalog.lock:
            paths = [RunPath(entity, project, run_id) for run_id in run_ids]
            return {path.run_id: (self.run(path), self.segments(path)) for path in paths if path in self._catalog.runs}

    def segment(self, segment_id: str) -> Segment:
        with self._catalog.lock:
            if segment_id not in self._catalog.segments:
                raise NotFoundError(f"There is no segment {segment_id}.")
            return self._catalog.segments[segment_id]

    def stream(self, stream_id: str) -> Stream:
        with self._catalog.lock:
            if stream_id not in self._catalog.streams:
                raise NotFoundError(f"Nothing of the stream {stream_id} has arrived.")
            return copy.deepcopy(self._catalog.streams[stream_id])

    def streams(self, path: RunPath) -> list[Stream]:
        with self._catalog.lock:
            self.run(path)
            own = [stream for stream in self._catalog.streams.values() if stream.run == path]
            return [copy.deepcopy(stream) for stream in sorted(own, key=lambda stream: stream.id)]

    def commit(self, commits: Sequence[Commit]) -> None:
        with self._catalog.lock:
            offsets: dict[str, int] = {}
            for commit in commits:
                expected = offsets.get(commit.stream, self.stream(commit.stream).offset)
                if commit.start != expected:
                    raise OffsetError(expected)
                offsets[commit.stream] = commit.end
                _check(commit.run)
            for commit in commits:
                self._apply(commit)

    def records(self, path: RunPath, kind: str) -> list[Record]:
        with self._catalog.lock:
            self.run(path)
            own = [
                record
                for record in self._catalog.records.values()
                if record.kind == kind and self._catalog.streams[record.stream].run == path
            ]
            return copy.deepcopy(sorted(own, key=lambda record: (record.time, record.stream, record.offset)))

    def turn(self, turn: Turn) -> Run:
        catalog = self._catalog
        with catalog.lock:
            for known in (_of(catalog.segments, turn.segment), _of(catalog.streams, turn.stream)):
                if known is not None and known.run != turn.path:
                    raise ConflictError(f"{known.id} belongs to another run.")
            self._make_or_check(turn)
            _check(turn.fields, turned=True)
            if turn.segment is not None:
                there = catalog.segments.setdefault(turn.segment.id, turn.segment)
                lanes = dict.fromkeys((*there.lanes, *turn.segment.lanes))
                created_at = min(there.created_at, turn.segment.created_at)
                catalog.segments[there.id] = replace(there, lanes=tuple(lanes), created_at=created_at)
            if turn.stream is not None:
                catalog.streams.setdefault(turn.stream.id, copy.deepcopy(turn.stream))
            self._fence(turn)
            for name, label in turn.labels.items():
                self._label(name, label)
            former = catalog.runs[turn.path].head
            self._touch(turn.path, **copy.deepcopy(dict(turn.fields)))
            head = catalog.runs[turn.path].head
            if head != former:
                self._archive(former, archived=True)
                self._archive(head, archived=False)
            return self.run(
                turn.path if turn.rename is None else self._rename(turn.path, turn.path._replace(run_id=turn.rename))
            )

    def told(self, segments: Sequence[str], kinds: Sequence[str], names: Sequence[str] | None = None) -> list[Record]:
        with self._catalog.lock:
            found = [r for r in self._catalog.records.values() if r.segment in segments and r.kind in kinds]
            if names is not None:
                found = [r for r in found if r.data.get("path") in names]
            return copy.deepcopy(sorted(found, key=lambda record: (record.time, record.stream, record.offset)))

    def count_told(self, segments: Sequence[str], kinds: Sequence[str]) -> int:
        return len(self.told(segments, kinds))

    def forks(self, path: RunPath) -> list[RunPath]:
        with self._catalog.lock:
            self.run(path)
            own = {segment.id for segment in self._catalog.segments.values() if segment.run == path}
            found = [s for s in self._catalog.segments.values() if s.parent in own and s.run != path]
            found = [s for s in found if self._catalog.runs[s.run].deleted_at is None]
            return list(dict.fromkeys(s.run for s in sorted(found, key=lambda s: (s.created_at, s.id))))

    def update(self, path: RunPath, fields: Mapping[str, Any]) -> Run:
        with self._catalog.lock:
            self.run(path)
            _check(fields)
            self._touch(path, **copy.deepcopy(dict(fields)))
            return self.run(path)

    def move(self, path: RunPath, to: RunPath) -> Run:
        catalog = self._catalog
        with catalog.lock:
            self.run(path)
            if to[:2] not in catalog.projects:
                raise NotFoundError(f"There is no project {to.entity}/{to.project}.")
            self._rename(path, to)
            self._touch(to)
            return self.run(to)

    def delete(self, path: RunPath) -> list[str]:
        catalog = self._catalog
        with catalog.lock:
            self.run(path)
            for segment, heir in self._heirs(path).items():
                self._inherit(segment, heir)
            segments = [segment for segment in catalog.segments.values() if segment.run == path]
            streams = [stream.id for stream in catalog.streams.values() if stream.run == path]
            dropped = {segment.id for segment in segments}
            for key, record in list(catalog.records.items()):
                if key[0] in streams or record.segment in dropped:
                    del catalog.records[key]
            for stream in streams:
                del catalog.streams[stream]
            for segment in dropped:
                del catalog.segments[segment]
            del catalog.runs[path]
            return sorted({*dropped, *streams, *(place for segment in segments for place, _ in segment.lanes)})

    def _heirs(self, path: RunPath) -> dict[str, RunPath]:
        """The run's segments that others' descend from, each with the run whose segment was the first to."""
        known = self._catalog.segments
        heirs: dict[str, RunPath] = {}
        for child in sorted(known.values(), key=lambda segment: (segment.created_at, segment.id)):
            at = child.parent if child.run != path else None
            while at in known and known[at].run == path and at not in heirs:
                heirs[at] = child.run
                at = known[at].parent
        return heirs

    def _inherit(self, segment: str, heir: RunPath) -> None:
        """Give the segment, and what was recorded in it, to another run."""
        catalog = self._catalog
        catalog.segments[segment] = replace(catalog.segments[segment], run=heir, archived=True)
        told = {stream for (stream, _), record in catalog.records.items() if record.segment == segment}
        for name, stream in catalog.streams.items():
            if stream.segment == segment or name in told:
                catalog.streams[name] = replace(stream, run=heir, segment=segment, fenced=True)

    def silent(self, before: int) -> list[RunPath]:
        with self._catalog.lock:
            return sorted(p for p, run in self._catalog.runs.items() if _is_silent(run, before))

    def _make_or_check(self, turn: Turn) -> None:
        catalog = self._catalog
        if turn.epoch is not None:
            if self.run(turn.path).epoch != turn.epoch:
                raise ConflictError(f"The timeline of {turn.path} was turned meanwhile. Read it again.")
            return
        if turn.path in catalog.runs:
            raise ConflictError(f"There is a run {turn.path} already.")
        if turn.run is None or turn.path[:2] not in catalog.projects:
            raise NotFoundError(f"There is no project {turn.path.entity}/{turn.path.project}.")
        catalog.runs[turn.path] = copy.deepcopy(turn.run)

    def _fence(self, turn: Turn) -> None:
        for name, stream in self._catalog.streams.items():
            fenced = stream.fenced and stream.segment not in turn.free
            lost = name in turn.fence or stream.writer in turn.fence
            segment = turn.divert.get(name, stream.segment)
            self._catalog.streams[name] = replace(stream, fenced=fenced or lost, segment=segment)

    def _label(self, writer: str, label: str) -> None:
        catalog = self._catalog
        for name, stream in list(catalog.streams.items()):
            if writer in {name, stream.writer}:
                catalog.streams[name] = replace(stream, label=label)
                place, segment = f"{stream.segment}.{writer}", catalog.segments[stream.segment]
                lanes = tuple((lane, label if lane == place else known) for lane, known in segment.lanes)
                catalog.segments[segment.id] = replace(segment, lanes=lanes)

    def _archive(self, segment: str, *, archived: bool) -> None:
        known = self._catalog.segments
        if segment in known:
            known[segment] = replace(known[segment], archived=archived)

    def _rename(self, path: RunPath, fresh: RunPath) -> RunPath:
        catalog = self._catalog
        if fresh in catalog.runs:
            raise ConflictError(f"There is a run {fresh} already.")
        catalog.runs[fresh] = replace(catalog.runs.pop(path), path=fresh)
        for name, segment in catalog.segments.items():
            if segment.run == path:
                catalog.segments[name] = replace(segment, run=fresh)
        for name, stream in catalog.streams.items():
            if stream.run == path:
                catalog.streams[name] = replace(stream, run=fresh)
        return fresh

    def _apply(self, commit: Commit) -> None:
        catalog = self._catalog
        stream = catalog.streams[commit.stream]
        segment = catalog.segments[stream.segment]
        catalog.streams[stream.id] = replace(
            stream,
            offset=commit.end,
            schemas={**stream.schemas, **copy.deepcopy(dict(commit.schemas))},
            lines={**stream.lines, **commit.lines},
            last_at=max(stream.last_at, commit.last_time),
            last_step=max((s for s in (stream.last_step, commit.last_step) if s is not None), default=None),
        )
        first = [step for step in (segment.first_step, commit.first_step) if step is not None]
        last = [step for step in (segment.last_step, commit.last_step) if step is not None]
        catalog.segments[segment.id] = replace(
            segment, first_step=min(first, default=None), last_step=max(last, default=None)
        )
        for record in commit.records:
            catalog.records[stream.id, record.offset] = copy.deepcopy(
                replace(record, stream=stream.id, segment=segment.id)
            )
        self._touch(stream.run, **copy.deepcopy(dict(commit.run)))

    def _touch(self, path: RunPath, **changes: Any) -> None:
        """Change a run, and number the change: above every earlier one of its project."""
        if "state" in changes:
            changes["state"] = RunState(changes["state"])
        if "tags" in changes:
            changes["tags"] = tuple(changes["tags"])
        project = self._catalog.projects[path.entity, path.project]
        now = max(self._clock.now(), project.updated_at + 1)
        self._catalog.projects[path.entity, path.project] = replace(project, updated_at=now)
        self._catalog.runs[path] = replace(self._catalog.runs[path], **changes, updated_at=now)


def _of(table: Mapping[str, T], item: Segment | Stream | None) -> T | None:
    return None if item is None else table.get(item.id)


def _check(changes: Mapping[str, Any], *, turned: bool = False) -> None:
    unknown = changes.keys() - (_SETTABLE | _TURNED if turned else _SETTABLE)
    if unknown:
        raise UsageError(f"{', '.join(sorted(unknown))}: no field of a run that can be set.")


def _is_silent(run: Run, before: int) -> bool:
    return run.state.live and run.heartbeat_at < before and run.deleted_at is None
