"""What is said while a run is recorded. Apart from the rest, because the sidecar starts with each training and needs only this."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """The one shape of an error: what it is, what happened, what to do."""

    code: str
    """`authentication`, `permission`, `not_found`, `usage`, `conflict`, `offset`, `limit`, `internal`."""
    message: str
    offset: int | None = None
    """With `offset`: the next byte that the server wants of the stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemBody:
    """Body of every answer with a status of 400 or more."""

    error: Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamView:
    """How far the server has applied a stream."""

    offset: int


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
    damaged: int = 0
