"""A run, its segments and its streams, as the server knows them. Times are microseconds since 1970 (UTC)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from playhead.domain.ids import RunPath


class RunState(StrEnum):
    """Where a run stands."""

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
    """Host, user, program, args, python, os, git {commit, branch, remote, dirty}, cpu, gpu: only for those who may see it."""
    damaged: int = 0
    """Journal frames that could not be read."""
    dropped: int = 0
    """Values that the training could not record, as it counted them itself."""
    user: str = ""
    """Who recorded it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One writer's journal in one segment, and how far the server has applied it."""

    id: str
    run: RunPath
    segment: str
    role: str
    """`main` (the training) or `system` (its sidecar)."""
    offset: int = 0
    label: str = ""
    schemas: dict[int, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """Row schemas announced so far: id -> ((key, type code), ...)."""


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
