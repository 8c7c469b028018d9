"""What is said while a run is recorded. Apart from the rest, because the sidecar starts with each training and needs only this."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who writes to a run that another one wants to write to."""

    stream: str
    host: str
    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """The one shape of an error: what it is, what happened, what to do."""

    code: str
    """`authentication`, `permission`, `not_found`, `usage`, `filter`, `conflict`, `offset`, `limit`, `busy`, `lease`, `storage`, `internal`."""
    message: str
    offset: int | None = None
    """With `offset`: the next byte that the server wants of the stream."""
    holder: Holder | None = None
    """With `lease`."""
    position: int | None = None
    """With `filter`: the character of the filter at fault, from 0, if there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemBody:
    """Body of every answer with a status of 400 or more."""

    error: Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamView:
    """How far the server has applied a stream, and the run that it belongs to: a deleted run's may be a fork's by now."""

    offset: int
    entity: str = ""
    project: str = ""
    run_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """Answer to journal bytes: the new offset, and the run that they belong to."""

    offset: int
    entity: str
    project: str
    run_id: str
    name: str
    url: str
    stop: bool = False
    """Somebody asked the training to stop."""
    fenced: bool = False
    """Another writer has taken the run over: what is sent is kept beside the run's history."""
    replaced: bool = False
    """An earlier run of this id was archived when this one began."""
    damaged: int = 0
    """Places of the bytes that could not be read."""
    pause: float = 0.0
    """Seconds that the sender is asked to let pass before it sends again: many are sending."""
