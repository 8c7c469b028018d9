"""Values for tests, made with what a test does not care about filled in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

from playhead.domain.errors import NotFoundError
from playhead.domain.ids import RunPath
from playhead.domain.run import Run, RunState, Segment, Stream
from playhead.ports.clock import Clock
from playhead.ports.timelines import Timelines, Turn

PATH = RunPath("ada", "p", "r")


class MovableClock(Clock, Protocol):
    """A clock that stands still until it is moved."""

    def advance(self, microseconds: int) -> None:
        """Move it; a negative number moves it back."""
        ...


def a_run(path: RunPath = PATH, **fields: Any) -> Run:
    """A run; its head is the segment that `a_segment` makes of the same path."""
    given: dict[str, Any] = {
        "name": f"name of {path.run_id}",
        "state": RunState.RUNNING,
        "head": f"{path.entity}-{path.project}-{path.run_id}-s1",
        "created_at": 1,
        "updated_at": 1,
        "heartbeat_at": 1,
        "started_at": 1,
    }
    return Run(path=path, **(given | fields))


def a_segment(path: RunPath = PATH, number: int = 1, **fields: Any) -> Segment:
    """The run's `number`th segment."""
    given: dict[str, Any] = {"id": f"{path.entity}-{path.project}-{path.run_id}-s{number}", "created_at": number}
    return Segment(run=path, **(given | fields))


def a_stream(path: RunPath = PATH, number: int = 1, segment: int | str = 1, **fields: Any) -> Stream:
    """The run's `number`th stream, in its `segment`th segment (or in the one of that id)."""
    name = f"{path.entity}-{path.project}-{path.run_id}"
    place = segment if isinstance(segment, str) else f"{name}-s{segment}"
    given: dict[str, Any] = {"id": f"{name}-t{number}", "role": "main"}
    return Stream(run=path, segment=place, **(given | fields))


def add(runs: Timelines, run: Run, segment: Segment, stream: Stream) -> tuple[Run, Segment, Stream]:
    """Make what is missing of the three; a new segment becomes the head. What is stored then."""
    try:
        there = runs.run(run.path)
    except NotFoundError:
        made = replace(run, head=segment.id)
        runs.turn(Turn(path=run.path, epoch=None, run=made, segment=segment, stream=stream))
    else:
        known = {one.id for one in runs.segments(run.path)}
        fields = {} if segment.id in known else {"head": segment.id}
        runs.turn(Turn(path=run.path, epoch=there.epoch, fields=fields, segment=segment, stream=stream))
    [stored] = [one for one in runs.segments(run.path) if one.id == segment.id]
    return runs.run(run.path), stored, runs.stream(stream.id)
