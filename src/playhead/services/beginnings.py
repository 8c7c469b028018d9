"""Beginning to write to a run: a new one, one to go on with, to rewind or to fork; beside others, or instead of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from playhead.domain.account import Actor
from playhead.domain.errors import ConflictError, LeaseError, NotFoundError, UsageError
from playhead.domain.ids import RunPath, check_name, check_run_id, generate_id
from playhead.domain.limits import MAX_TIME
from playhead.domain.run import Branch, Run, RunState, Segment, Stream
from playhead.domain.timeline import branch_point, last_step
from playhead.ports.clock import Clock
from playhead.ports.timelines import Timelines, Turn
from playhead.services import opening as openings
from playhead.services.access import Access, check_run_is_free, signed_in
from playhead.services.alone import Alone
from playhead.services.moment import Moments
from playhead.services.opening import Opening
from playhead.services.sources import Source, Sources
from playhead.services.streams import Streams
from playhead.services.text import fit
from playhead.services.writers import holders
from playhead.wire.timeline import Begin

_RESUMES = {None, "allow", "must", "never"}


@dataclass(frozen=True, slots=True)
class Started:
    """A writer may begin."""

    run: Run
    segment: Segment
    stream: Stream
    resumed: bool = False
    replaced: bool = False
    restored: bool = False
    metrics: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What its metrics are defined as already, by name."""
    axes: dict[str, Any] = field(default_factory=dict)
    """What its step metrics were last."""


class Beginnings:
    """Lets trainings begin. Each beginning costs the same for ten rows as for ten million: a pointer is written."""

    def __init__(
        self, *, access: Access, runs: Timelines, streams: Streams, moments: Moments, clock: Clock, alone: Alone,
        turned: Callable[[RunPath], None], rests: Callable[[str], None],
    ) -> None:  # fmt: skip
        """`turned` is told of each run whose history has become another; `rests` of each segment that is written to no more."""
        self._access = access
        self._sources = Sources(access=access, runs=runs)
        self._runs = runs
        self._streams = streams
        self._moments = moments
        self._clock = clock
        self._alone = alone
        self._turned = turned
        self._rests = rests

    def begin(self, actor: Actor, ask: Begin) -> Started:
        """Let a training write to a run. LeaseError if another one does; NotFoundError, ConflictError, UsageError as `resume` says."""
        user = signed_in(actor)
        project = check_name(ask.project, "a project")
        entity = check_name(ask.entity or actor.entity or "", "an entity")
        if ask.resume not in _RESUMES:
            raise UsageError(f"resume={ask.resume!r}: say allow, must or never.")
        source = None
        if ask.from_run is not None:
            source = self._sources.find(actor, entity, project, ask.from_run, elsewhere=ask.fork)
        rewinds = source is not None and not ask.fork
        run_id = source.path.run_id if source is not None and rewinds else check_run_id(ask.run_id or generate_id())
        if rewinds and ask.run_id not in {None, run_id}:
            raise UsageError(f"A rewind keeps the run's id: {run_id!r} cannot become {ask.run_id!r}. Fork it instead.")
        path = RunPath(entity, project, run_id)
        if source is not None and ask.fork and source.path == path:
            raise UsageError(
                f"{path} cannot be forked into itself. Give another id or none, or rewind it with resume_from."
            )
        now = self._clock.now()
        opening = Opening(
            path=path, user=user, now=now, stream=ask.stream, segment=ask.segment, shared=ask.shared,
            begun=min(ask.created_at, MAX_TIME) if ask.created_at > 0 else now, label=fit(ask.label)[:64],
            host=fit(ask.host)[:256], pid=ask.pid, name=ask.name and fit(ask.name), inherits=ask.inherit_config,
            writer=ask.stream,
        )  # fmt: skip
        self._streams.check_project(actor, entity, project)

        def turn() -> Started:
            return self._begin(actor, ask, opening, source)

        started = self._alone(turn, path)
        self._turned(path)
        if not started.resumed:
            return started
        segments = self._runs.segments(path)
        metrics, axes = self._moments.definitions(segments, started.segment.id)
        return replace(started, metrics=metrics, axes=axes)

    def _begin(self, actor: Actor, ask: Begin, opening: Opening, source: Source | None) -> Started:
        known = self._known(opening)
        if known is not None:
            return known
        run = self._find(opening.path)
        if run is not None:
            check_run_is_free(actor, run)
            if run.deleted_at is not None and ask.resume is None and source is None:
                self._streams.make_room(run, opening.now)
                run = None
        if ask.fork and source is not None:
            return self._fork(run, ask, opening, source)
        if run is not None:
            started = self._begin_with(run, ask, opening, source.head if source is not None else None)
            return replace(started, restored=run.deleted_at is not None)
        if ask.resume == "must" or source is not None:
            raise NotFoundError(
                f'There is no run {opening.path} to go on with. resume="allow" makes it if it is missing.'
            )
        return self._started(openings.make(opening), opening)

    def _begin_with(self, run: Run, ask: Begin, opening: Opening, head: str | None) -> Started:
        """Begin with a run that is there; `head`: the segment that was named."""
        if run.state is RunState.PENDING and not run.writers:
            opening = replace(opening, segment=run.head)
            return self._started(openings.take_up(run, opening), opening)
        if ask.resume == "never":
            where = "is in the trash: `playhead runs restore` brings it back" if run.deleted_at else "is there already"
            raise ConflictError(
                f'resume="never", but the run {run.path} {where}. Choose another id, or say resume="allow".'
            )
        rewinds = ask.from_run is not None or ask.step is not None
        if opening.shared and run.shared and not rewinds:
            return self._join(run, opening)
        if rewinds:
            return self._branch(run, opening, head or run.head, ask.step)
        _check_lease(run, opening.now, ask.evict)
        run = self._moments.renewed(run)
        if ask.resume is None and not opening.shared:
            self._rests(run.head)
            return self._started(openings.anew(run, opening), opening, replaced=True)
        opening = replace(opening, segment=run.head, step=run.step)
        return self._started(openings.go_on(run, opening), opening, resumed=True)

    def _known(self, opening: Opening) -> Started | None:
        """The answer of before, if this is asked for the second time."""
        try:
            stream = self._runs.stream(opening.stream)
        except NotFoundError:
            return None
        if stream.run != opening.path:
            raise ConflictError(f"The stream {stream.id} belongs to another run.")
        segment = next(one for one in self._runs.segments(stream.run) if one.id == stream.segment)
        return Started(self._runs.run(stream.run), segment, stream, resumed=stream.begun_step > 0)

    def _find(self, path: RunPath) -> Run | None:
        try:
            return self._runs.run(path)
        except NotFoundError:
            return None

    def _started(self, turn: Turn, opening: Opening, *, resumed: bool = False, replaced: bool = False) -> Started:
        run = self._runs.turn(turn)
        segment = turn.segment or Segment(id=opening.segment, run=run.path)
        return Started(run, segment, opening.as_stream(), resumed=resumed, replaced=replaced)

    def _join(self, run: Run, opening: Opening) -> Started:
        """One of several writers. The first one of a new start goes on behind the last step, the others begin where it began."""
        if not holders(run, opening.now):
            run = self._moments.renewed(run)
            opening = replace(opening, segment=run.head, step=run.step)
            return self._started(openings.go_on(run, opening), opening, resumed=run.step > 0)
        step = run.base
        if opening.label:
            own = [
                stream
                for stream in self._runs.streams(run.path)
                if stream.label == opening.label and stream.role == "main"
            ]
            own = [stream for stream in own if stream.segment == run.head and stream.begun_step >= run.base]
            step = max((stream.last_step + 1 for stream in own if stream.last_step is not None), default=step)
        opening = replace(opening, segment=run.head, step=step)
        return self._started(openings.join(run, opening), opening, resumed=step > 0)

    def _branch(self, run: Run, opening: Opening, head: str, step: int | None) -> Started:
        """Rewind: a writer that is at work loses the run, whoever it is."""
        segments = self._runs.segments(run.path)
        point, parent = point_of(run, segments, head, step)
        opening = replace(opening, parent=parent, parent_step=point, step=point + 1)
        config = self._moments.config([*segments, opening.as_segment()], opening.segment)
        self._rests(run.head)
        return self._started(openings.branch_off(run, opening, config), opening, resumed=True)

    def _fork(self, there: Run | None, ask: Begin, opening: Opening, source: Source) -> Started:
        if there is not None:
            raise ConflictError(
                f"The run {opening.path} is there already: a fork needs an id of its own. Leave id out."
            )
        run, segments = self._runs.run(source.path), self._runs.segments(source.path)
        point, parent = point_of(run, segments, source.head or run.head, ask.step)
        opening = replace(opening, parent=parent, parent_step=point, step=point + 1)
        turn = openings.make(opening, Branch(*source.path, parent, point))
        assert turn.run is not None
        config = self._moments.config([*segments, opening.as_segment()], opening.segment)
        return self._started(replace(turn, run=replace(turn.run, config=config)), opening, resumed=True)

    def label(self, actor: Actor, path: RunPath, writer: str, label: str) -> None:
        """One of several writers, whose own stream is `writer`, has told its label only now."""
        self._access.run_to_change(actor, path)

        def turn() -> None:
            run = self._runs.run(path)
            told = fit(label)[:64]
            writers = tuple(replace(one, label=told) if one.stream == writer else one for one in run.writers)
            self._runs.turn(Turn(path=path, epoch=run.epoch, fields={"writers": writers}, labels={writer: told}))

        self._alone(turn, path)
        self._turned(path)

    def plan(self, actor: Actor, path: RunPath, name: str) -> tuple[Run, bool]:
        """The run, made if there is none for some process to begin with later, and whether it was. UsageError, PermissionDeniedError."""
        user = signed_in(actor)
        check_name(path.entity, "an entity")
        check_name(path.project, "a project")
        check_run_id(path.run_id)
        self._streams.check_project(actor, path.entity, path.project)
        run = self._find(path)
        if run is not None:
            return self._access.run(actor, path), False
        turn = openings.plan(path, user=user, now=self._clock.now(), segment=generate_id(16), name=fit(name))
        return self._alone(lambda: self._runs.turn(turn), path), True


def point_of(run: Run, segments: Sequence[Segment], head: str, step: int | None) -> tuple[int, str]:
    """The step and the segment to branch off from. UsageError past the end."""
    last = last_step(segments, head)
    if step is None:
        step = -1 if last is None else last
    if step > (-1 if last is None else last):
        end = "has no rows yet" if last is None else f"ends at step {last}"
        raise UsageError(f"The run {run.path} {end}: it cannot be seen as of step {step}.")
    return step, branch_point(segments, head, step)


def _check_lease(run: Run, now: int, evicted: str | None) -> None:
    """LeaseError if somebody holds the run."""
    held = holders(run, now, evicted)
    if not held:
        return
    holder = max(held, key=lambda writer: writer.seen)
    raise LeaseError(
        f"The run {run.path} is being written by process {holder.pid} on {holder.host or 'an unknown host'}, heard of "
        f"{max(now - holder.seen, 0) / 1e6:.0f} s ago. Wait for its end (init(wait=60)), stop it (`playhead stop {run.path}`), "
        'or let both write: mode="shared" in both.',
        stream=holder.stream, host=holder.host, pid=holder.pid,
    )  # fmt: skip
