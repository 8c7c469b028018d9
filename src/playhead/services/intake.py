"""Stretches of journals that are committed at once, and what becomes of each.

The metric store comes first, then the catalog with the new offset: a crash in between means that the same bytes come again, and
points are idempotent. So a stretch counts once, whatever happens. What is kept in memory of streams and runs may be thrown away at
any time: if it has grown old, the catalog's compare-and-set refuses the commit, and it is read anew.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from playhead.client.errors import code_of
from playhead.domain.account import Actor
from playhead.domain.errors import NotFoundError, OffsetError, PlayheadError
from playhead.domain.ids import RunPath
from playhead.domain.lines import Spans
from playhead.domain.run import Run, Stream
from playhead.journal import format as f
from playhead.ports.clock import Clock
from playhead.ports.metrics import Metrics
from playhead.ports.runs import Commit, Record, Runs
from playhead.services import artifact_records, stretch
from playhead.services.counters import Counters
from playhead.services.draft import Draft
from playhead.services.housekeeping import Housekeeping
from playhead.services.pace import Pace
from playhead.services.streams import Known, Streams
from playhead.services.writers import find, writer_of

Announce = Callable[[RunPath, str, str, Sequence[Record]], None]
"""Hears of a run (its path and name), a stream and the alerts in it."""
Shelve = Callable[[Actor, Run, Stream, Sequence[Record]], None]
"""Takes in what a stream, which somebody sent, says of artifacts."""

_log = logging.getLogger("playhead.server")


@dataclass(frozen=True, slots=True)
class Taken:
    """Answer to a stretch."""

    offset: int
    run: RunPath
    name: str
    stop: bool
    fenced: bool
    replaced: bool
    damaged: int
    pause: float
    """Seconds that the sender is asked to let pass before the next stretch."""


@dataclass(slots=True)
class Job:
    """A stretch that waits, and what is known of it by then."""

    actor: Actor
    stream: str
    offset: int
    body: bytes
    final: bool
    answer: Future[Taken]
    known: Known | None = None
    applied: stretch.Applied | None = None
    commit: Commit | None = None
    ended: bool = False
    lines: Mapping[str, Spans] = field(default_factory=dict)
    unread: int = 0
    dropped: int = 0
    """Values that the training said it could not record."""


class Intake:
    """Used by one thread."""

    def __init__(
        self, *, runs: Runs, metrics: Metrics, clock: Clock, streams: Streams, keeping: Housekeeping, counters: Counters,
        announce: Announce, shelve: Shelve,
    ) -> None:  # fmt: skip
        """`keeping` is told which segments grow, and which end; `counters` what came; `announce` which alerts are about to be stored,
        `shelve` which records of artifacts.
        """
        self._shelve = shelve
        self._runs = runs
        self._metrics = metrics
        self._clock = clock
        self._streams = streams
        self._keeping = keeping
        self._counters = counters
        self._announce = announce
        self._pace = Pace()

    def take(self, jobs: Sequence[Job]) -> None:
        """Prepare each, commit all, answer each. What goes wrong with one is its own affair."""
        ready: list[Job] = []
        for job in jobs:
            if not self._is_at_hand(
                job
            ):  # what is read from the catalog must hold what was drafted for the run until now
                self._commit(ready)
                ready = []
            try:
                self._prepare(job)
            except Exception as error:  # noqa: BLE001 the neighbours must not suffer, and the client gets its answer
                self._commit(ready)
                ready = []
                self._streams.forget(job.stream)
                self._fail(job, error)
            else:
                ready.append(job)
        self._commit(ready)

    def _is_at_hand(self, job: Job) -> bool:
        known = self._streams.cached(job.stream)
        return known is not None and known.stream.offset == job.offset

    def _commit(self, ready: Sequence[Job]) -> None:
        """Store what was prepared, and answer."""
        try:
            self._store(ready)
        except Exception as error:  # noqa: BLE001 one of them is at fault: find out which
            for job in ready:
                self._streams.forget(job.stream)
            if len(ready) == 1:
                self._fail(ready[0], error)
                return
            for job in ready:
                self.take([job])
            return
        for job in ready:
            try:
                self._answer(job)
            except Exception as error:  # noqa: BLE001 as above
                self._streams.forget(job.stream)
                self._fail(job, error)

    def _prepare(self, job: Job) -> None:
        """Find the stream, decode, and write down what the run becomes."""
        known = job.known = self._find(job)
        now = self._clock.now()
        if job.body and known.stream.fenced and known.stream.segment == self._streams.run(known.stream.run).head:
            known = job.known = self._streams.divert(known)
        stream = known.stream
        applied = job.applied = stretch.read(job.body, job.offset, stream, known.schemas, final=job.final)
        draft = Draft(self._streams.run(stream.run))
        main, writer = stream.role != "system", writer_of(draft.run, stream)
        if draft.run.head == stream.segment:
            late = main and stream.begun < draft.run.head_writer_begun
            before = draft.run.dropped
            draft.take(applied.records, applied.logged, writer=writer, main=main, now=now, place=stream.place)
            job.dropped = max(0, draft.run.dropped - before)
            if main and not job.body:
                draft.revive(writer)
            if main and job.final:
                draft.crash(writer, applied.last_time or now)
            if late and job.body:
                draft.set(stale=True)
        elif main and job.body and self._is_seen(draft.run, stream, applied):
            draft.set(stale=True)
        applied.damaged += job.unread
        if applied.damaged:
            draft.set(damaged=draft.run.damaged + applied.damaged)
        row = applied.logged.row if main else None
        job.commit = Commit(
            stream=stream.id,
            start=job.offset,
            end=applied.end,
            run=draft.changes,
            first_step=applied.logged.first_step if row else None,
            last_step=row.step if row else None,
            last_time=max(applied.last_time, applied.logged.last_time),
            schemas=applied.schemas,
            records=applied.kept,
            lines=job.lines,
        )
        job.ended = draft.ended
        self._streams.drafted(draft.run)

    def _is_seen(self, run: Run, stream: Stream, applied: stretch.Applied) -> bool:
        """Whether the run's head shows some of what came late for one of the segments that lead to it."""
        limit = self._streams.seen_up_to(run, stream.segment)
        if limit is None:
            return False
        if any(record.kind in {f.START, f.META} for record in applied.records):  # they hold for all of the run
            return True
        steps = [record.step for record in applied.records]
        if applied.logged.first_step is not None:
            steps.append(applied.logged.first_step)
        return min(steps, default=limit + 1) <= limit

    def _find(self, job: Job) -> Known:
        known = self._streams.cached(job.stream)
        if known is not None and known.stream.offset != job.offset:
            self._streams.forget(job.stream)
            known = None
        if known is None:
            known = self._streams.find(job.actor, job.stream, job.offset, job.body)
        self._streams.check(job.actor, known)
        if known.stream.offset != job.offset:
            raise OffsetError(known.stream.offset)
        return known

    def _store(self, jobs: Sequence[Job]) -> None:
        batches = [job.applied.batch for job in jobs if job.applied and not _empty(job.applied)]
        commits = [job.commit for job in jobs if job.commit]
        if batches:
            self._metrics.append(batches)
        for job in jobs:
            self._tell(job)
        if commits:
            self._runs.commit(commits)

    def _tell(self, job: Job) -> None:
        """Of alerts, before they are stored: a crash in between means that they come again, and each is told of once."""
        told = job.applied.kept if job.applied else ()
        artifacts = [record for record in told if record.kind in artifact_records.KINDS]
        if artifacts and job.known is not None:
            stream = job.known.stream
            self._shelve(job.actor, self._streams.run(stream.run), stream, artifacts)
        alerts = [record for record in told if record.kind == f.KIND_NAMES[f.ALERT]]
        if not alerts or job.known is None:
            return
        run = self._streams.run(job.known.stream.run)
        try:
            self._announce(run.path, run.name, job.stream, alerts)
        except Exception:  # noqa: BLE001 recording goes first
            _log.exception("alerts of %s", run.path)

    def _answer(self, job: Job) -> None:
        known, applied = job.known, job.applied
        if known is None or applied is None:
            raise NotFoundError
        run = self._streams.run(known.stream.run)
        self._streams.moved(known, applied.end, applied.schemas)
        writer = find(run, writer_of(run, known.stream))
        stop = run.stopping and writer is not None and writer.state.live
        fenced, replaced = known.stream.fenced, known.replaced
        told = job.body and known.stream.role == "main"
        pause = self._pace.seconds(job.stream, self._clock.now()) if told else 0.0
        job.answer.set_result(
            Taken(applied.end, known.stream.run, run.name, stop, fenced, replaced, applied.damaged, pause)
        )
        self._count(job, applied)
        if job.final and known.stream.role == "main":
            self._streams.grown_up(run.path)
        if run.stale:
            self._streams.forget_run(run.path)
        if applied.batch.history:
            self._keeping.grew(applied.batch.segment, sum(len(part.key) for part in applied.batch.history))
        if job.ended:
            self._keeping.ended(known.stream.segment)

    def _count(self, job: Job, applied: stretch.Applied) -> None:
        self._counters.add("playhead_ingested_stretches_total")
        self._counters.add("playhead_ingested_bytes_total", len(job.body))
        for source, told in (("history", applied.batch.history), ("system", applied.batch.system)):
            if told:
                self._counters.add("playhead_ingested_points_total", sum(len(part.key) for part in told), source=source)
        if job.dropped:
            self._counters.add("playhead_dropped_values_total", job.dropped)
        if applied.damaged:
            self._counters.add("playhead_damaged_frames_total", applied.damaged)
        if applied.logged.last_time:
            lag = (self._clock.now() - applied.logged.last_time) / 1e6
            self._counters.observe("playhead_ingest_lag_seconds", max(0.0, lag))

    def _fail(self, job: Job, error: BaseException) -> None:
        self._counters.add(
            "playhead_refused_total", reason=code_of(error) if isinstance(error, PlayheadError) else "internal"
        )
        if not isinstance(error, PlayheadError):
            _log.error("stream %s at %d", job.stream, job.offset, exc_info=error)
        if not job.answer.done():
            job.answer.set_exception(error)


def _empty(applied: stretch.Applied) -> bool:
    batch = applied.batch
    return not (batch.history or batch.objects or batch.system or batch.console)
