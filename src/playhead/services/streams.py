"""What the ingest thread remembers of streams and runs, so that a small batch costs no reading. Only that thread uses it.

A stream's entry is as good as its offset: the catalog refuses a commit from another one. A run's entry is shared by all its streams.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Any

from playhead.domain.account import Actor, Project
from playhead.domain.errors import NotFoundError, OffsetError, UsageError
from playhead.domain.ids import RunPath, check_name, check_run_id
from playhead.domain.limits import MAX_STEP, MAX_TIME
from playhead.domain.run import PAGE, Run, Segment, Stream
from playhead.domain.timeline import chain
from playhead.journal.columns import Schema
from playhead.journal.format import Header
from playhead.journal.reader import read_header
from playhead.ports.clock import Clock
from playhead.ports.projects import Projects
from playhead.ports.timelines import Timelines, Turn
from playhead.services.access import Access, check_run_is_free, refusal, signed_in
from playhead.services.moment import FENCED, Moments
from playhead.services.opening import Opening, anew, branch_off, go_on, join, make
from playhead.services.recent import Recent

MAX_STREAMS = 4_096
"""Streams that are remembered."""
MAX_SCHEMA_KEYS = 2_000_000
"""Keys of all their schemas."""
TRUSTED_FOR = 15.0
"""Seconds that a right to record into a project, once checked, is not checked again."""

_ID = re.compile(r"[\w-]{1,64}", re.ASCII)


@dataclass(slots=True)
class Known:
    """A stream and how it is used."""

    stream: Stream
    schemas: dict[int, Schema]
    keys: int
    """Keys of all its schemas."""
    replaced: bool = False
    """Whether an earlier run of that id was archived when it came."""


class Streams:
    """Streams and runs at hand."""

    def __init__(
        self,
        *,
        access: Access,
        runs: Timelines,
        projects: Projects,
        clock: Clock,
        moments: Moments,
        deleted: Recent[str, bool],
    ) -> None:
        """`deleted`: streams of runs that somebody deleted, whose writers may not know it yet."""
        self._deleted = deleted
        self._access = access
        self._moments = moments
        self._catalog = runs
        self._projects = projects
        self._clock = clock
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._runs: dict[RunPath, Run] = {}
        self._rights: Recent[tuple[Actor, str, str], bool] = Recent(MAX_STREAMS, TRUSTED_FOR)
        self._keys = 0

    def cached(self, stream_id: str) -> Known | None:
        """What is remembered of a stream."""
        known = self._known.get(stream_id)
        if known is not None:
            self._known.move_to_end(stream_id)
        return known

    def find(self, actor: Actor, stream_id: str, offset: int, body: bytes) -> Known:
        """The stream from the catalog, or a new one from the header in `body`. NotFoundError if it is neither."""
        replaced = False
        try:
            stream = self._catalog.stream(stream_id)
        except NotFoundError:
            if offset:
                signed_in(actor)
                if self._deleted.get(stream_id):
                    raise NotFoundError("This run was deleted.") from None
                raise OffsetError(0) from None  # a store that was lost, or another server: it can be sent anew
            stream, replaced = self._open(actor, stream_id, body)
        else:
            if stream.fenced and self._deleted.get(stream_id):  # what it wrote is a fork's by now
                raise NotFoundError("This run was deleted.")
        known = Known(stream, dict(stream.schemas), sum(map(len, stream.schemas.values())), replaced)
        self._known[stream_id] = known
        self._keys += known.keys
        while self._known and (len(self._known) > MAX_STREAMS or self._keys > MAX_SCHEMA_KEYS):
            if next(iter(self._known)) == stream_id:
                break
            self.forget(next(iter(self._known)))
        return known

    def check(self, actor: Actor, known: Known) -> None:
        """Raise what keeps `actor` from writing to this stream."""
        path = known.stream.run
        if known.stream.role == PAGE:
            raise UsageError("This stream is the server's own.")
        self.check_project(actor, path.entity, path.project)
        run = self.run(path)
        if run.deleted_at is not None:
            raise NotFoundError("This run was deleted.")
        check_run_is_free(actor, run)

    def check_project(self, actor: Actor, entity: str, project: str) -> None:
        """Raise what keeps `actor` from recording there. The right to, found good once, is taken for granted for a while. The project is made if it is missing."""
        if self._rights.get((actor, entity, project)):
            return
        if not self._access.check_recording(actor, entity, project):
            now = self._clock.now()
            try:
                self._projects.ensure(Project(entity=entity, name=project, created_at=now, updated_at=now))
            except NotFoundError:
                raise refusal(actor, entity, project) from None
        self._rights.put((actor, entity, project), True)

    def run(self, path: RunPath) -> Run:
        """The run, with all that was drafted."""
        run = self._runs.get(path)
        if run is None:
            run = self._runs[path] = self._moments.renewed(self._catalog.run(path))
            if len(self._runs) > MAX_STREAMS:
                self._runs.pop(next(iter(self._runs)))
        return run

    def drafted(self, run: Run) -> None:
        """The run is about to become this."""
        self._runs.pop(run.path, None)  # it is not the next to be forgotten
        self._runs[run.path] = run

    def moved(self, known: Known, offset: int, schemas: dict[int, Schema]) -> None:
        """The stream was committed up to `offset`."""
        known.stream = replace(known.stream, offset=offset)
        known.schemas.update(schemas)
        more = sum(map(len, schemas.values()))
        known.keys += more
        self._keys += more

    def grown_up(self, path: RunPath) -> None:
        """All of a stream of this run has come: what was forked from it may show more than before."""
        told, waiting = {path}, [path]
        while waiting:
            for child in self._catalog.forks(waiting.pop()):
                if child not in told:
                    told.add(child)
                    waiting.append(child)
                    self._catalog.update(child, {"stale": True})
                    self.forget_run(child)

    def forget(self, stream_id: str) -> None:
        """Read the stream and its run anew next time."""
        known = self._known.pop(stream_id, None)
        if known is not None:
            self._keys -= known.keys
            self._runs.pop(known.stream.run, None)

    def forget_run(self, path: RunPath) -> None:
        """Read this run and its streams anew next time."""
        for stream_id in [name for name, known in self._known.items() if known.stream.run == path]:
            self.forget(stream_id)
        self._runs.pop(path, None)

    def forget_all(self) -> None:
        """Read all runs anew, and check all rights again."""
        self._known.clear()
        self._rights.clear()
        self._runs.clear()
        self._keys = 0

    def _open(self, actor: Actor, stream_id: str, body: bytes) -> tuple[Stream, bool]:
        """Make what is missing of project, run, segment and stream; whether an earlier run was archived. What is wrong with the header is a UsageError or JournalError."""
        user = signed_in(actor)
        header, _ = read_header(body)
        path = _checked(header, stream_id, actor)
        self.check_project(actor, path.entity, path.project)
        now = self._clock.now()
        begun = min(header.created_at, MAX_TIME) if header.created_at > 0 else now
        opening = Opening.of(header, path, user=user, now=now, begun=begun)
        try:
            run = self._catalog.run(path)
        except NotFoundError:  # a run that does not exist is anybody's
            run = None
        if run is not None:
            check_run_is_free(actor, run)
        self._check_parent(actor, path, header.parent)
        turn = self._turn(run, opening)
        if turn.fence:  # they do not know it yet
            self.forget_run(path)
        self._runs[path] = self._moments.renewed(self._catalog.turn(turn))
        replaced = turn.epoch is not None and "head" in turn.fields and opening.parent is None
        return self._catalog.stream(stream_id), replaced

    def _turn(self, run: Run | None, opening: Opening) -> Turn:
        """What the header of a journal that nobody announced makes of its run: pieces of a run may come in any order."""
        if run is not None and run.deleted_at is not None:
            self.make_room(run, opening.now)
            run = None
        if run is None:
            return make(opening, opening.branch)
        segments = self._catalog.segments(run.path)
        if opening.segment in {segment.id for segment in segments}:
            return self._further(run, opening)
        leads_to_head = opening.segment in {segment.parent for segment, _ in chain(segments, run.head)}
        if leads_to_head or opening.begun < run.head_at:
            fields = {"stale": run.stale or leads_to_head, **_origin(run, opening)}
            segment = opening.as_segment(archived=True)
            return Turn(path=run.path, epoch=run.epoch, fields=fields, segment=segment, stream=opening.as_stream())
        return anew(run, opening) if opening.parent is None else branch_off(run, opening)

    def _further(self, run: Run, opening: Opening) -> Turn:
        """One more stream in a segment that is there."""
        newest = max((writer.begun for writer in run.writers), default=-1)
        if opening.segment == run.head and opening.main and opening.shared:
            return join(run, opening)
        if opening.segment == run.head and opening.main and opening.begun > newest:
            return go_on(run, opening, fence=False)
        fields = {"stale": True, **_origin(run, opening)} if opening.main else {}
        return Turn(
            path=run.path, epoch=run.epoch, fields=fields, stream=opening.as_stream(),
            segment=opening.as_segment() if opening.main else None,
        )  # fmt: skip

    def _check_parent(self, actor: Actor, path: RunPath, parent: str | None) -> None:
        """NotFoundError if a run is to go on from one that `actor` may not read: to know a segment's id is no right."""
        try:
            of = self._catalog.segment(parent).run if parent else path
        except NotFoundError:  # not here yet, or no more
            return
        if of != path:
            self._access.run(actor, of, trash=True)

    def make_room(self, run: Run, now: int) -> None:
        """Its id is wanted: a run in the trash goes on under another one."""
        fresh = f"{run.path.run_id[:40]}-deleted-{now:x}"
        self._catalog.turn(Turn(path=run.path, epoch=run.epoch, rename=fresh))

    def seen_up_to(self, run: Run, segment: str) -> int | None:
        """The last step of `segment` that the run's head shows (MAX_STEP: all); None if it shows nothing of it."""
        for one, limit in chain(self._catalog.segments(run.path), run.head):
            if one.id == segment:
                return MAX_STEP if limit is None else limit
        return None

    def divert(self, known: Known) -> Known:
        """The stream's writer has lost the run to another one: what still comes goes on in a segment of its own, beside the head."""
        stream, run = known.stream, self.run(known.stream.run)
        segment = Segment(
            id=f"{(stream.writer or stream.id)[: 64 - len(FENCED)]}{FENCED}", run=stream.run, parent=stream.segment, archived=True,
            parent_step=_before(stream, run), created_at=stream.begun,
        )  # fmt: skip
        self._catalog.turn(Turn(path=run.path, epoch=run.epoch, segment=segment, divert={stream.id: segment.id}))
        known.stream = replace(stream, segment=segment.id)
        return known


def _origin(run: Run, opening: Opening) -> dict[str, Any]:
    """What is learned of a run's beginning by a piece that is older than all that is known."""
    if opening.begun >= run.created_at:
        return {}
    return {"created_at": opening.begun, "branch": opening.branch}


def _before(stream: Stream, run: Run) -> int:
    return stream.last_step if stream.last_step is not None else max(min(stream.begun_step, run.base) - 1, 0)


def _checked(header: Header, stream_id: str, actor: Actor) -> RunPath:
    if header.stream != stream_id:
        raise UsageError(f"This is the journal of stream {header.stream!r}, not of {stream_id!r}.")
    if not _ID.fullmatch(header.stream) or not _ID.fullmatch(header.segment):
        raise UsageError("Stream and segment ids are 1 to 64 letters, digits, dashes and underscores.")
    if header.role not in {"main", "system"}:
        raise UsageError(f"A stream is `main` or `system`, not {header.role!r}.")
    entity = header.entity or actor.entity or ""
    return RunPath(
        check_name(entity, "an entity"), check_name(header.project, "a project"), check_run_id(header.run_id)
    )
