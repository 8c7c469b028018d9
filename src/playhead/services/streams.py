"""What the ingest thread remembers of streams and runs, so that a small batch costs no reading. Only that thread uses it.

A stream's entry is as good as its offset: the catalog refuses a commit from another one. A run's entry is shared by all its streams.
"""

from __future__ import annotations

import contextlib
import re
from collections import OrderedDict
from dataclasses import dataclass, replace

from playhead.domain.account import Actor, Project
from playhead.domain.errors import NotFoundError, OffsetError, UsageError
from playhead.domain.ids import RunPath, check_name, check_run_id
from playhead.domain.limits import MAX_TIME
from playhead.domain.run import Run, RunState, Segment, Stream
from playhead.journal.columns import Schema
from playhead.journal.format import Header
from playhead.journal.reader import read_header
from playhead.ports.clock import Clock
from playhead.ports.projects import Projects
from playhead.ports.runs import Runs
from playhead.services.access import Access, check_run_is_free, refusal, signed_in
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


class Streams:
    """Streams and runs at hand."""

    def __init__(
        self, *, access: Access, runs: Runs, projects: Projects, clock: Clock, deleted: Recent[str, bool]
    ) -> None:
        """`deleted`: streams of runs that somebody deleted, whose writers may not know it yet."""
        self._deleted = deleted
        self._access = access
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
        try:
            stream = self._catalog.stream(stream_id)
        except NotFoundError:
            if offset:
                signed_in(actor)
                if self._deleted.get(stream_id):
                    raise NotFoundError("This run was deleted.") from None
                raise OffsetError(0) from None  # a store that was lost, or another server: it can be sent anew
            stream = self._open(actor, stream_id, body)
        known = Known(stream, dict(stream.schemas), sum(map(len, stream.schemas.values())))
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
        self._check_project(actor, path.entity, path.project)
        check_run_is_free(actor, self.run(path))

    def _check_project(self, actor: Actor, entity: str, project: str) -> None:
        """The right to record there, found good once, is taken for granted for a while. The project is made if it is missing."""
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
            run = self._runs[path] = self._catalog.run(path)
            if len(self._runs) > MAX_STREAMS:
                self._runs.pop(next(iter(self._runs)))
        return run

    def drafted(self, run: Run) -> None:
        """The run is about to become this."""
        self._runs[run.path] = run

    def moved(self, known: Known, offset: int, schemas: dict[int, Schema]) -> None:
        """The stream was committed up to `offset`."""
        known.stream = replace(known.stream, offset=offset)
        known.schemas.update(schemas)
        more = sum(map(len, schemas.values()))
        known.keys += more
        self._keys += more

    def forget(self, stream_id: str) -> None:
        """Read the stream and its run anew next time."""
        known = self._known.pop(stream_id, None)
        if known is not None:
            self._keys -= known.keys
            self._runs.pop(known.stream.run, None)

    def forget_all(self) -> None:
        """Read all runs anew, and check all rights again."""
        self._known.clear()
        self._rights.clear()
        self._runs.clear()
        self._keys = 0

    def _open(self, actor: Actor, stream_id: str, body: bytes) -> Stream:
        """Make the run, its project if need be, segment and stream. What is wrong with the header is a UsageError or JournalError."""
        user = signed_in(actor)
        header, _ = read_header(body)
        path = _checked(header, stream_id, actor)
        self._check_project(actor, path.entity, path.project)
        with contextlib.suppress(NotFoundError):  # a run that does not exist is anybody's
            check_run_is_free(actor, self._catalog.run(path))
        now = self._clock.now()
        begun = min(header.created_at, MAX_TIME) if header.created_at > 0 else now
        run = Run(
            path=path, name=path.run_id, state=RunState.RUNNING, head=header.segment, created_at=begun, updated_at=now,
            heartbeat_at=now, started_at=begun, user=user,
        )  # fmt: skip
        segment = Segment(id=header.segment, run=path, created_at=now)
        stream = Stream(id=stream_id, run=path, segment=header.segment, role=header.role, label=header.label[:64])
        stored, _, opened = self._catalog.open(run, segment, stream)
        self._runs[path] = stored
        return opened


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
