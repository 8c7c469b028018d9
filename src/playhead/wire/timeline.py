"""Beginning to write to a run, and turning its timeline. Times are microseconds since 1970 (UTC)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin:
    """A training wants to write to a run: a new one, one to go on with, one to rewind, or a fork of one.

    Asking again with the same `stream` gives the same answer, whatever has happened meanwhile.
    """

    project: str
    entity: str | None = None
    """None: the caller's own."""
    stream: str
    """Id of the journal that will be sent."""
    segment: str
    """Id for the segment, if one is made."""
    created_at: int
    run_id: str | None = None
    name: str | None = None
    """For a run that is made."""
    resume: str | None = None
    """`allow`, `must`, `never`; None: the run begins anew, and what was there is archived."""
    from_run: str | None = None
    """Rewind this run, or fork it: its id, its name if no other run of the project has it, or its path (forks only)."""
    step: int | None = None
    """Last step of it to keep. With `resume`: go on from there."""
    fork: bool = False
    inherit_config: bool = True
    shared: bool = False
    label: str = ""
    host: str = ""
    pid: int = 0
    evict: str | None = None
    """Stream of a writer that the caller knows to be dead: it does not hold the run any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """Where the training writes, and what it finds there."""

    entity: str
    project: str
    run_id: str
    name: str
    url: str
    segment: str
    parent: str | None
    parent_step: int | None
    step: int
    """The next step."""
    resumed: bool
    """Whether something was there already that it goes on with."""
    replaced: bool = False
    """Whether an earlier run of that id was archived."""
    restored: bool = False
    """Whether the run was in the trash."""
    shared: bool = False
    config: dict[str, Any] = field(default_factory=dict)
    notes: str | None = None
    tags: list[str] = field(default_factory=list)
    group: str | None = None
    job_type: str | None = None
    fork_of: str | None = None
    """Path of the run that it was forked from."""
    metrics: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What its metrics are defined as already: name to the fields of `MetricView` that say something."""
    axes: dict[str, Any] = field(default_factory=dict)
    """What its step metrics were last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewind:
    """Choose the head of a run: a segment (None: the present one), as of a step (None: to its end)."""

    segment: str | None = None
    step: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Let a run be in another project, of its own entity (None) or another one."""

    project: str
    entity: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterView:
    """A training process that writes to the run's head, or did."""

    stream: str
    label: str
    host: str
    """Empty for readers from outside, as `pid` is 0."""
    pid: int
    begun: int
    seen: int
    state: str
    exit_code: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """One time that a training wrote to a segment."""

    stream: str
    label: str
    begun: int
    step: int
    """The first step that it was to write."""
    last_step: int | None
    last_at: int
    fenced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkView:
    """Something with a place on the timeline that is no row: a change of the config, a state, a file, an alert."""

    kind: str
    step: int
    time: int
    segment: str
    text: str
    """In a line: of an alert its title."""
    level: str = ""
    """Of an alert: `INFO`, `WARN` or `ERROR`."""
    more: str = ""
    """Of an alert: its text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRef:
    """Another run, and where the two part."""

    entity: str
    project: str
    id: str
    name: str
    state: str
    segment: str
    """The parent's segment."""
    step: int
