"""A run, its segments and its streams, as the server knows them. Times are microseconds since 1970 (UTC)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from playhead.domain.ids import RunPath
from playhead.domain.lines import Spans


class RunState(StrEnum):
    """Where a run stands."""

    PENDING = "pending"
    """It was made, or is to be tried again; no process has begun with it."""
    RUNNING = "running"
    FINISHED = "finished"
    """It ended with exit code 0."""
    FAILED = "failed"
    """It ended with another exit code."""
    CRASHED = "crashed"
    """Its process is gone, or silent, without having said goodbye."""
    KILLED = "killed"
    """It was stopped from the page, the CLI or the API."""
    PREEMPTING = "preempting"
    PREEMPTED = "preempted"

    @property
    def live(self) -> bool:
        """Whether its process is thought to be at work."""
        return self in {RunState.RUNNING, RunState.PREEMPTING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """An immutable piece of a run's history; `id` is the run's immutable id at that point."""

    id: str
    run: RunPath
    parent: str | None = None
    parent_step: int | None = None
    first_step: int | None = None
    last_step: int | None = None
    archived: bool = False
    created_at: int = 0
    inherits: bool = True
    """Whether the config of its parent holds here too."""
    lanes: tuple[tuple[str, str], ...] = ()
    """Of several writers at the same time: (where the metric store keeps the writer's points, its label)."""


class Branch(NamedTuple):
    """Where a run was forked from."""

    entity: str
    project: str
    run_id: str
    segment: str
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """A training process that writes to a run's head, or did."""

    stream: str
    """Id of its journal's stream."""
    begun: int
    """When its journal began, by its own clock."""
    label: str = ""
    host: str = ""
    pid: int = 0
    seen: int = 0
    """When the server last heard of it."""
    state: RunState = RunState.RUNNING
    exit_code: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One training. `summary` holds the last value a key, and what the training set by hand."""

    path: RunPath
    name: str
    state: RunState
    head: str
    """The segment that the run shows and writes to."""
    created_at: int
    updated_at: int
    """When the server last applied something of it."""
    heartbeat_at: int
    started_at: int
    finished_at: int | None = None
    exit_code: int | None = None
    step: int = 0
    """The next step: one more than the largest that was logged."""
    group: str | None = None
    job_type: str | None = None
    notes: str | None = None
    tags: tuple[str, ...] = ()
    config: dict[str, Any] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)
    """Host, user, program, args, python, os, git {commit, branch, remote, dirty}, cpu, gpu: only for those who may see it. What begins
    with a `_` is kept for the client that said it, and shown to nobody."""
    damaged: int = 0
    """Journal frames that could not be read."""
    dropped: int = 0
    """Values that the training could not record, as it counted them itself."""
    user: str = ""
    """Who recorded it."""
    epoch: int = 1
    """Counts the turns of its timeline: each new writer, rewind, restored segment."""
    writers: tuple[Writer, ...] = ()
    """Who holds the run in this epoch, or held it last. One, unless it is shared."""
    shared: bool = False
    """Whether several writers at the same time are meant."""
    base: int = 0
    """The step that shared writers of this epoch begin with."""
    head_at: int = 0
    """When the head was chosen (by the clock of whoever chose it)."""
    last_at: int = 0
    """Time of the last thing that its training recorded, by that one's clock."""
    clock: tuple[tuple[int, int], ...] = ()
    """(from, start) for each time that it was gone on with: from then on its runtime counts from `start`; before, from `started_at`."""
    stale: bool = False
    """`summary`, `clock` and `last_at` must be made anew from what is stored before they are used."""
    branch: Branch | None = None
    stopping: bool = False
    """Somebody asked its training to stop."""
    deleted_at: int | None = None
    """In the trash since then."""

    @property
    def head_writer_begun(self) -> int:
        """When the first of its present writers began; -1 without any."""
        return min((writer.begun for writer in self.writers), default=-1)


PAGE = "page"
"""Role of the stream that holds what people changed of a run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One writer's journal in one segment, and how far the server has applied it."""

    id: str
    run: RunPath
    segment: str
    role: str
    """`main` (the training), `system` (its sidecar) or `page` (people who change what is said of the run)."""
    offset: int = 0
    label: str = ""
    schemas: dict[int, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """Row schemas announced so far: id -> ((key, type code), ...)."""
    writer: str = ""
    """Id of the training's stream: its own, but for a sidecar's."""
    shared: bool = False
    begun: int = 0
    """When the journal began, by its writer's clock."""
    begun_step: int = 0
    """The first step that it was to write."""
    last_at: int = 0
    last_step: int | None = None
    """Latest time and largest step in it."""
    fenced: bool = False
    """Another writer has taken the run over: what still comes is kept beside the run's history."""
    lines: dict[str, Spans] = field(default_factory=dict)
    """What is in it of a writer that speaks of numbered lines of files: file -> the lines of it that were taken."""

    @property
    def place(self) -> str:
        """Under which name the metric store keeps its points: shared writers have one each, so that none replaces another's."""
        return f"{self.segment}.{self.writer or self.id}" if self.shared else self.segment


class Channel(StrEnum):
    """Where a console line was written to."""

    STDOUT = "stdout"
    STDERR = "stderr"


@dataclass(frozen=True, slots=True)
class ConsoleLine:
    """One line of a run's console. Written again with the same number, it replaces the earlier text (progress bars)."""

    number: int
    text: str
    channel: str
    step: int
    time: int
    lane: int = 0
    """Which of several writers; see `Span.lane`. Told when read."""
