"""Sessions of W&B's client: each is a stream whose journal stands nowhere but in the stores.

What the client says, as GraphQL or over its file stream, is appended to it as frames of a journal, through the same ingest as every
journal. Server processes keep nothing of a session that another one could not find in the catalog.
"""

from __future__ import annotations

import hashlib
import random
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from playhead.domain.account import Actor
from playhead.domain.errors import BusyError, ConflictError, NotFoundError
from playhead.domain.ids import RunPath, generate_id
from playhead.domain.lines import Spans, new, taking
from playhead.domain.run import Run, Stream
from playhead.journal import format as f
from playhead.journal.packing import Packing, Schemas
from playhead.ports.clock import Clock
from playhead.ports.runs import Record
from playhead.ports.timelines import Timelines
from playhead.services.ingest import Ingest
from playhead.services.intake import Taken
from playhead.wandb_protocol.errors import GoneError

PREFIX = "wandb-"
"""What the ids of sessions begin with."""
_SYSTEM = "-system"
MAX_SESSIONS = 1_000
"""Sessions whose schemas are kept at hand."""
MAX_TRIES = 20
"""How often something is written anew because somebody else was faster."""
PAUSE = 0.01
"""Seconds until that, at most, and once more for each time before."""
_LOCKS = 256


def session_id(path: RunPath, client: str = "") -> str:
    """An id for a new session; always the same one for a writer of a shared run."""
    if not client:
        return PREFIX + generate_id(20)
    return PREFIX + hashlib.sha256("/".join((*path, client)).encode()).hexdigest()[:20]


def is_session(stream: str) -> bool:
    """Whether a stream with this id is a session's."""
    return stream.startswith(PREFIX)


def next_step(stream: Stream) -> int:
    """The step behind the last one that was logged, as far as the server knows."""
    return stream.begun_step if stream.last_step is None else stream.last_step + 1


@dataclass(slots=True)
class Piece:
    """What is to be appended to a session. It is made anew if somebody else has appended something meanwhile."""

    stream: Stream
    """As far as it has come."""
    now: int
    packing: Packing
    lines: dict[str, Spans] = field(default_factory=dict)
    last_step: int | None = None
    """The largest step of its rows."""
    unread: int = 0
    """Lines that could not be read."""

    @property
    def step(self) -> int:
        """The last step that was logged, as far as the server knows."""
        return max(next_step(self.stream) - 1, self.last_step or 0, 0)

    @property
    def next_step(self) -> int:
        """The step behind it."""
        return next_step(self.stream) if self.last_step is None else self.step + 1

    def row(self, step: int, time: int, data: Mapping[str, Any]) -> None:
        """What was logged at a step. LimitError or TypeError if it cannot be kept."""
        self.packing.row(step, time, data)
        self.last_step = step if self.last_step is None else max(step, self.last_step)

    def record(self, kind: int, data: dict[str, Any], *, step: int | None = None, time: int | None = None) -> None:
        """Something that is no row, here and now. LimitError or TypeError if it cannot be kept."""
        self.packing.record(kind, self.step if step is None else step, self.now if time is None else time, data)

    def taken(self, file: str) -> Spans:
        """The lines of one of the client's files that the session has."""
        return self.lines.get(file, self.stream.lines.get(file, ()))

    def new(self, file: str, offset: int, content: Sequence[Any]) -> Iterator[Any]:
        """Those of a file's lines from `offset` on that the session does not have. Then all are in this piece."""
        stop = offset + len(content)
        for first, end in new(self.taken(file), offset, stop):
            yield from content[first - offset : end - offset]
        self.take(file, offset, stop)

    def take(self, file: str, start: int, stop: int) -> None:
        """These lines are in this piece."""
        self.lines[file] = taking(self.taken(file), start, stop)


Make = Callable[[Piece], None]
"""Writes a piece. Called again, with another one, if somebody else was faster."""


@dataclass(slots=True)
class _Known:
    """A stream as it was when we last wrote to it."""

    stream: Stream
    schemas: Schemas


class Sessions:
    """Finds sessions, and appends to them. Safe to call from any thread."""

    def __init__(self, *, runs: Timelines, ingest: Ingest, clock: Clock) -> None:
        self._runs = runs
        self._ingest = ingest
        self._clock = clock
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._lock = threading.Lock()
        self._locks = [threading.Lock() for _ in range(_LOCKS)]

    def run(self, path: RunPath) -> Run:
        """The run. NotFoundError; GoneError if it was deleted."""
        run = self._runs.run(path)
        if run.deleted_at is not None:
            raise GoneError(f"The run {path} was deleted. Restore it from the trash, or choose another id.")
        return run

    def find(self, run: Run, client: str = "") -> Stream:
        """The present session of a run. NotFoundError if W&B's client never wrote to it."""
        found = self.last(run, client)
        if found is None:
            raise NotFoundError(f"W&B's client has not begun to write to {run.path}: call wandb.init() first.")
        return found

    def last(self, run: Run, client: str = "") -> Stream | None:
        """The session of a run's writer, or the last there was. `client`: which of several writers of a shared run."""
        names = [session_id(run.path, client)] if client else []
        names += [writer.stream for writer in reversed(run.writers) if is_session(writer.stream)][:1]
        for name in names:
            found = self._stream(name)
            if found is not None:
                return found
        others = [one for one in self._runs.streams(run.path) if is_session(one.id) and one.role == "main"]
        return max(others, key=lambda one: (one.begun, one.id), default=None)

    def named(self, name: str) -> Stream:
        """The session of this id. NotFoundError."""
        return self._stream(name) or self._runs.stream(name)

    def has(self, name: str) -> bool:
        """Whether a session of this id has begun."""
        return self._stream(name) is not None

    def again(self, stream: Stream) -> Stream:
        """The session as it is by now, though nothing was appended to it."""
        for name in (stream.id, stream.id + _SYSTEM):
            self._taken_out(name)
        return self._runs.stream(stream.id)

    def system(self, stream: Stream) -> Stream:
        """The stream of a session's system metrics: it is stored once something is appended to it."""
        name = stream.id + _SYSTEM
        return self._stream(name) or replace(
            stream, id=name, role="system", offset=0, schemas={}, writer=stream.id, last_at=0, last_step=None, lines={}
        )

    def files(self, segment: str, names: Sequence[str]) -> list[Record]:
        """What is recorded of the files of these names in a segment, in order of time."""
        return self._runs.told([segment], ("file", "media"), names) if names else []

    def first_words(self, stream: Stream) -> Mapping[str, Any]:
        """What its process said first, as a START frame says it, and what was noted of it since."""
        told = self._runs.told([stream.segment], ("start", "meta"))
        own = [one.data for one in told if one.stream == stream.id and "first" in one.data]
        return {**own[0], **own[-1]} if own else {}

    def append(self, actor: Actor, stream: Stream, make: Make, *, final: bool = False) -> Taken:
        """Append what `make` writes: at once, whole, and once. If that is nothing, the session has given a sign of life.

        Raises what `Ingest.submit` does; BusyError if others are faster again and again.
        """
        with self._locks[hash(stream.id) % _LOCKS]:
            for tries in range(MAX_TRIES):
                time.sleep(random.random() * PAUSE * tries)  # noqa: S311 no secret
                known = self._taken_out(stream.id) or self._read(stream)
                piece = Piece(known.stream, self._clock.now(), Packing(stream.id, known.schemas))
                start = known.stream.offset
                if not start:
                    piece.packing.header(_header(known.stream))
                make(piece)
                unread = piece.unread + piece.packing.left_out
                body = piece.packing.body()
                answer = self._ingest.submit(
                    actor, stream.id, start, body, final=final, lines=piece.lines, unread=unread
                )
                try:
                    taken = answer.result()
                except ConflictError:  # the offset, or the run's timeline, is another one by now
                    continue
                self._keep(known, piece, taken)
                return taken
        raise BusyError("Others write to this run at the same time. Send it again in a moment.")

    def _stream(self, name: str) -> Stream | None:
        with self._lock:
            known = self._known.get(name)
        if known is not None:
            return known.stream
        try:
            return self._runs.stream(name)
        except NotFoundError:
            return None

    def _read(self, stream: Stream) -> _Known:
        try:
            stream = self._runs.stream(stream.id)
        except NotFoundError:
            if stream.offset:
                raise
        return _Known(stream, Schemas(stream.schemas))

    def _taken_out(self, name: str) -> _Known | None:
        """What is known of a stream. Nobody else has it while its schemas grow; it is lost if that fails."""
        with self._lock:
            return self._known.pop(name, None)

    def _keep(self, known: _Known, piece: Piece, taken: Taken) -> None:
        stream = known.stream
        steps = [one for one in (stream.last_step, piece.last_step) if one is not None]
        lines = {**stream.lines, **piece.lines}
        known.stream = replace(stream, offset=taken.offset, lines=lines, last_step=max(steps, default=None))
        with self._lock:
            self._known[stream.id] = known
            while len(self._known) > MAX_SESSIONS:
                self._known.popitem(last=False)


def _header(stream: Stream) -> f.Header:
    """A journal of the stream would begin so."""
    return f.Header(
        stream=stream.id, run_id=stream.run.run_id, segment=stream.segment, role=stream.role, project=stream.run.project,
        entity=stream.run.entity, created_at=stream.begun, label=stream.label, step=stream.begun_step,
        writer="" if stream.writer in {"", stream.id} else stream.writer, shared=stream.shared,
    )  # fmt: skip
