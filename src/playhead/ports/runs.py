"""Runs, segments and streams: the part of the catalog that recording writes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from playhead.domain.filter import Filter
from playhead.domain.ids import RunPath
from playhead.domain.lines import Spans
from playhead.domain.run import Run, Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Something other than a row that a journal said, with its place: kept for ever, so that any earlier state can be told."""

    kind: str
    """The journal's name of it: `config`, `summary`, `meta`, `file`, `alert`, `exit`, `state` …"""
    offset: int
    """Where it stands in its stream; (stream, offset) is its identity."""
    step: int
    time: int
    data: Mapping[str, Any]
    """JSON: what json.dumps takes, with text keys; NaN, infinities and integers of any size come back as they were."""
    stream: str = ""
    segment: str = ""
    """Which stream said it, and in which segment: told when read, not looked at in a Commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """What one stretch of a stream does to the catalog. Applied whole or not at all, and once."""

    stream: str
    start: int
    """The stream's offset must still be this one."""
    end: int
    run: Mapping[str, Any] = field(default_factory=dict)
    """New values of fields of Run, by name (`state`, `config`, `summary`, `step`, `heartbeat_at`, `damaged` …), whole values."""
    first_step: int | None = None
    last_step: int | None = None
    """Smallest and largest step logged by this stretch; widen the segment's."""
    last_time: int = 0
    """Latest time of what this stretch says; with `last_step` widens the stream's."""
    schemas: Mapping[int, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    records: Sequence[Record] = ()
    lines: Mapping[str, Spans] = field(default_factory=dict)
    """New values in the stream's `lines`, by file."""


DOCUMENTS = frozenset({"config", "summary", "meta"})
"""Fields of Run that may be large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunQuery:
    """Which runs of a project, in which order."""

    search: str | None = None
    """Part of the name, id, group or a tag, in any case."""
    states: frozenset[str] = frozenset()
    group: str | None = None
    trash: bool = False
    """Those in the trash; otherwise those that are not."""
    order: str = "-created_at"
    """See `domain.places.order`: a value of a run, with a leading `-` for descending. Runs without it come last."""
    filter: Filter | None = None
    documents: frozenset[str] = DOCUMENTS
    """Those that are looked at; the others may be left empty."""


class Runs(Protocol):
    """**Contract.** Safe to call from any thread and, but for SQLite's one machine, from any number of server processes.

    A call that returned is durable. `commit` is a compare-and-set on the streams' offsets: however often, and by however many
    processes at once, a stretch is committed, it takes effect once.
    """

    def run(self, path: RunPath) -> Run:
        """NotFoundError if there is none."""
        ...

    def runs(
        self, entity: str, project: str, query: RunQuery, limit: int, cursor: str | None = None
    ) -> tuple[list[Run], str | None]:
        """A page of a project's runs, and the cursor of the next page (None at the end).

        UsageError for an unknown order or cursor, FilterError for a search that takes too long. What live runs logged within the last
        second may not be found yet.
        """
        ...

    def changed(self, entity: str, project: str, since: int) -> list[tuple[str, str, int, int]]:
        """(run id, state, step, updated_at) of runs with `updated_at` > since, oldest change first, at most 1,000.

        Going on from the largest `updated_at` seen misses no change: a project's changes are numbered one after another.
        """
        ...

    def stream(self, stream_id: str) -> Stream:
        """NotFoundError if nothing of it has arrived."""
        ...

    def streams(self, path: RunPath) -> list[Stream]:
        """All streams of a run."""
        ...

    def commit(self, commits: Sequence[Commit]) -> None:
        """Apply all in one transaction, in the given order; a stream may be in it several times.

        OffsetError (and none applied) if one's `start` is no longer its stream's offset; NotFoundError for an unknown stream.
        """
        ...

    def records(self, path: RunPath, kind: str) -> list[Record]:
        """A run's records of one kind, by time, stream and offset."""
        ...

    def update(self, path: RunPath, fields: Mapping[str, Any]) -> Run:
        """Set fields of Run by name (whole values) and `updated_at`, which grows always.

        NotFoundError if there is none; UsageError for a field that is not a run's, or is its `path`, `head` or `updated_at`.
        """
        ...

    def move(self, path: RunPath, to: RunPath) -> Run:
        """Give the run, with its segments, streams and records, to another project; the id is the same. `updated_at` is numbered there.

        NotFoundError if there is no such run or project; ConflictError if the project has a run of the id, be it in the trash.
        """
        ...

    def delete(self, path: RunPath) -> list[str]:
        """Forget the run, its segments, streams and records; answer the ids of its segments, lanes and streams. The id is free again.

        A segment that segments of other runs descend from stays, with its lanes, streams (fenced) and records: it is now an archived
        one of the run whose segment was the first to. It is not in the answer, so its points are kept.
        """
        ...

    def silent(self, before: int) -> list[RunPath]:
        """Live runs without a heartbeat since `before`."""
        ...
