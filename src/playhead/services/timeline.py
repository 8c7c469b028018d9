"""Turning a run's timeline: choosing its head, stopping its training, the trash; and what is seen as of any place on it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from playhead.domain.account import Actor
from playhead.domain.errors import ConflictError, NotFoundError, PlayheadError, UsageError
from playhead.domain.ids import RunPath, generate_id
from playhead.domain.run import Branch, Run, RunState, Segment, Stream
from playhead.domain.timeline import chain, forked_from, last_step
from playhead.ports.clock import Clock
from playhead.ports.runs import Record
from playhead.ports.timelines import Timelines, Turn
from playhead.services.access import Access
from playhead.services.alone import Alone
from playhead.services.beginnings import point_of
from playhead.services.file_records import newest
from playhead.services.marks import MARKS, is_mark
from playhead.services.moment import Moments
from playhead.services.writers import unended
from playhead.wire.timeline import RunRef

MAX_MARKS = 1_000
"""Marks of a timeline that are shown."""
_MARKED: Mapping[RunState, Collection[RunState]] = {
    RunState.PENDING: {RunState.RUNNING, RunState.FAILED, RunState.CRASHED, RunState.PREEMPTED},
    RunState.FAILED: {RunState.PENDING, RunState.RUNNING},
}
"""What a person may say of a run, and of which ones."""


class TimelineService:
    """Turns of runs' timelines. Each costs the same for ten rows as for ten million: a pointer is written."""

    def __init__(
        self, *, access: Access, runs: Timelines, moments: Moments, clock: Clock, alone: Alone,
        turned: Callable[[RunPath], None], rests: Callable[[str], None], removed: Callable[[RunPath], None],
    ) -> None:  # fmt: skip
        """`turned` is told of each run whose history has become another; `rests` of each segment that is written to no more;
        `removed` of each run that went into the trash.
        """
        self._removed = removed
        self._access = access
        self._runs = runs
        self._moments = moments
        self._clock = clock
        self._alone = alone
        self._turned = turned
        self._rests = rests

    # Heads ------------------------------------------------------------------------------------------------------------

    def rewind(self, actor: Actor, path: RunPath, segment: str | None, step: int | None) -> Run:
        """Choose another head: a segment, or one that ends at a step of it. A training at work loses the run. UsageError, NotFoundError."""
        self._access.run_to_change(actor, path)

        def turn() -> Run:
            run, segments = self._runs.run(path), self._runs.segments(path)
            head = segment or run.head
            if head not in {one.id for one in segments if one.run == path}:
                raise NotFoundError(f"The run {path} has no segment {head}. `playhead runs show` lists them.")
            now = self._clock.now()
            fields: dict[str, Any] = {"epoch": run.epoch + 1, "head": head, "head_at": now, "stale": True}
            added = None
            if step is not None:
                point, parent = point_of(run, segments, head, step)
                added = Segment(id=generate_id(16), run=path, parent=parent, parent_step=point, created_at=now)
                fields |= {"head": added.id, "step": point + 1}
            else:
                fields["step"] = (-1 if (last := last_step(segments, head)) is None else last) + 1
            if fields["head"] == run.head:
                return run
            fields |= {"branch": forked_from(segments, head, run.branch), **self._ended(run, head)}
            self._rests(run.head)
            turned = self._runs.turn(
                Turn(path=path, epoch=run.epoch, fields=fields, segment=added, fence=unended(run), free=[head])
            )
            return self._moments.renewed(turned)

        run = self._alone(turn, path)
        self._turned(path)
        return run

    def _ended(self, run: Run, head: str) -> dict[str, Any]:
        """Nobody writes to the new head, unless its writer comes back: the run ends where it is."""
        if not run.state.live:
            return {}
        streams = [
            stream for stream in self._runs.streams(run.path) if stream.segment == head and stream.role == "main"
        ]
        last = max((stream.last_at for stream in streams), default=run.last_at)
        return {"state": "killed", "writers": (), "finished_at": last, "stopping": False}

    # Stopping and the trash -------------------------------------------------------------------------------------------

    def stop(self, actor: Actor, path: RunPath) -> Run:
        """Ask the run's training to stop. ConflictError if none is at work."""
        run = self._access.run_to_change(actor, path)
        if not run.state.live:
            raise ConflictError(f"The run {path} is {run.state}: there is nothing to stop.")
        return self._alone(lambda: self._runs.update(path, {"stopping": True}), path)

    def mark(self, actor: Actor, path: RunPath, state: RunState) -> Run:
        """Say that the run has failed, or is to be tried again: whoever wrote to it is thought to be gone. ConflictError if it is in no
        state for that.
        """
        self._access.run_to_change(actor, path)

        def change() -> Run:
            run = self._runs.run(path)
            if run.state not in _MARKED.get(state, ()):
                raise ConflictError(f"The run {path} is {run.state}: it cannot become {state}.")
            now = self._clock.now()
            writers = tuple(replace(one, state=RunState.FAILED) if one.state.live else one for one in run.writers)
            ended = now if state is RunState.FAILED else None
            return self._runs.update(
                path, {"state": state, "writers": writers, "finished_at": ended, "stopping": False}
            )

        return self._alone(change, path)

    def trash(self, actor: Actor, path: RunPath) -> None:
        """Put the run into the trash: its training, if it is at work, is refused from now on."""
        self._access.run_to_change(actor, path)
        self._alone(lambda: self._runs.update(path, {"deleted_at": self._clock.now()}), path)
        self._turned(path)
        self._removed(path)

    def restore(self, actor: Actor, path: RunPath) -> Run:
        """Take the run out of the trash."""
        self._access.run_to_change(actor, path, trash=True)
        return self._alone(lambda: self._runs.update(path, {"deleted_at": None}), path)

    # Reading ----------------------------------------------------------------------------------------------------------

    def fresh(self, run: Run) -> Run:
        """`run` with nothing stale about it."""
        if not run.stale:
            return run
        return self._alone(lambda: self._moments.renewed(self._runs.run(run.path)), run.path)

    def as_of(self, run: Run, segment: str | None, step: int | None) -> Run:
        """`run` as of a step of one of its segments (None: the head's end). NotFoundError, UsageError past the end."""
        if segment in {None, run.head} and step is None:
            return self.fresh(run)
        segments = self._runs.segments(run.path)
        head = segment or run.head
        last = last_step(segments, head)
        if step is not None and step > max(run.step - 1 if head == run.head else -1, -1 if last is None else last):
            raise UsageError(
                f"The run {run.path} has no step {step} there: {'nothing' if last is None else last} is the last."
            )
        moment = self._moments.at(run, segments, head, step)
        fields = {**moment.fields(replace(run, step=0)), "head": run.head}
        end = moment.last_at or run.started_at
        return replace(run, **fields, finished_at=end if head != run.head or step is not None else run.finished_at)

    def forks(self, actor: Actor, path: RunPath) -> list[tuple[Run, Branch]]:
        """Runs that were forked from this one, as far as `actor` may see them."""
        self._access.run(actor, path)
        found = []
        for child in self._runs.forks(path):
            try:
                run = self._access.run(actor, child)
            except NotFoundError:
                continue
            if run.branch is not None:
                found.append((run, run.branch))
        return found

    def parent(self, actor: Actor, run: Run) -> RunRef | None:
        """What the run was forked from; without a name if `actor` may not see it, or it is gone."""
        if run.branch is None:
            return None
        *told, segment, step = run.branch
        path, name, state = RunPath(*told), "", ""
        with suppress(NotFoundError):
            owner = self._runs.segment(segment).run
            if (
                owner.run_id == path.run_id
            ):  # it may have been moved; another one inherited the segment, and is not the parent
                path = owner
        with suppress(PlayheadError):
            source = self._access.run(actor, path)
            name, state = source.name, str(source.state)
        if not name:
            path = RunPath(*told)
        return RunRef(
            entity=path.entity, project=path.project, id=path.run_id, name=name, state=state, segment=segment, step=step
        )  # fmt: skip

    def marks(self, actor: Actor, path: RunPath, segment: str | None) -> list[Record]:
        """What has a place on the timeline and is no row, by step: the last MAX_MARKS of it."""
        run = self._access.run(actor, path)
        line = chain(self._runs.segments(path), segment or run.head)
        limits = {one.id: limit for one, limit in line}
        told = newest(self._runs.told(list(limits), MARKS))
        seen = [one for one in told if limits[one.segment] is None or one.step <= (limits[one.segment] or 0)]
        shown = [one for one in seen if is_mark(one)]
        return sorted(shown, key=lambda one: (one.step, one.time))[-MAX_MARKS:]

    def streams(self, path: RunPath) -> list[Stream]:
        """Who wrote to the run."""
        return [stream for stream in self._runs.streams(path) if stream.role == "main"]
