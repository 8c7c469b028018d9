"""Journals on their way into the stores: they wait in line for one thread, which takes all that waits at once."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from playhead.domain.account import Actor
from playhead.domain.errors import BusyError
from playhead.domain.ids import RunPath
from playhead.domain.lines import Spans
from playhead.ports.runs import Runs
from playhead.services.draft import Draft
from playhead.services.intake import Intake, Job, Taken
from playhead.services.streams import Streams

T = TypeVar("T")

MAX_WAITING = 4_096
"""Requests that wait for the thread."""
MAX_WAITING_BYTES = 256 << 20
"""Their bytes."""
MAX_GROUP = 1_024
"""Requests committed at once."""
MAX_GROUP_BYTES = 32 << 20
"""Their bytes."""
SMALL = 64 << 10
"""Bytes of a stretch that waits a moment for company: a commit costs the same for one as for a hundred."""
MOMENT = 0.02
"""Seconds of that moment."""
CROWD = 32
"""Stretches in one group that show that many send."""
LONG_MOMENT = 0.1
"""Seconds of the moment after such a group."""
RETRY_AFTER = 1.0
"""Seconds that a client is asked to wait when there is no room."""


@dataclass(slots=True)
class _Work:
    """Something that must not run beside a commit."""

    call: Callable[[], Any]
    answer: Future[Any]
    about: RunPath | None
    """The run that it changes; None: any."""


@dataclass(slots=True)
class _Group:
    """Jobs of different streams, and what had to wait for the next group."""

    jobs: list[Job] = field(default_factory=list)
    streams: set[str] = field(default_factory=set)
    size: int = 0


class Ingest:
    """The queue and its thread. Safe to call from any thread."""

    def __init__(self, *, runs: Runs, streams: Streams, intake: Intake) -> None:
        """`intake` and `streams` are the thread's alone."""
        self._runs = runs
        self._streams = streams
        self._intake = intake
        self._waiting: queue.Queue[Job | _Work | None] = queue.Queue(MAX_WAITING)
        self._bytes = 0
        self._lock = threading.Lock()
        self._closed = False
        self._crowded = False
        self._thread = threading.Thread(target=self._serve, name="playhead-ingest", daemon=True)
        self._thread.start()

    def submit(
        self, actor: Actor, stream: str, offset: int, body: bytes, *, final: bool = False,
        lines: Mapping[str, Spans] | None = None, unread: int = 0,
    ) -> Future[Taken]:  # fmt: skip
        """Take a stretch: `body` is the stream's bytes from `offset` on. BusyError if there is no room.

        Of a stretch that the server has written itself: `lines` is what the stream has then taken (see `Stream.lines`), `unread` how
        many of them could not be read.
        The answer fails with OffsetError, PermissionDeniedError, AuthenticationError, UsageError, JournalError, NotFoundError.
        """
        job = Job(actor, stream, offset, body, final, Future(), lines=lines or {}, unread=unread)
        with self._lock:
            if self._closed or self._bytes + len(body) > MAX_WAITING_BYTES:
                raise _busy()
            self._put(job)
            self._bytes += len(body)
        return job.answer

    def alone(self, call: Callable[[], T], about: RunPath | None = None) -> T:
        """`call`'s answer; no stretch is committed meanwhile, and what is remembered of the run (None: of all) is forgotten after it."""
        work = _Work(call, Future(), about)
        with self._lock:
            if self._closed:
                raise _busy()
            self._put(work)
        answer: T = work.answer.result()
        return answer

    def close(self) -> None:
        """Commit all that waits, then stop. Later calls raise BusyError."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._waiting.put(None)
        self._thread.join()

    def _put(self, item: Job | _Work) -> None:
        try:
            self._waiting.put_nowait(item)
        except queue.Full:
            raise _busy() from None

    def _serve(self) -> None:
        late: Job | _Work | None = None
        while True:
            item = late or self._waiting.get()
            late = None
            if item is None:
                return
            if isinstance(item, _Work):
                self._do(item)
                continue
            group, late, done = self._gather(item)
            self._crowded = len(group.jobs) >= CROWD
            self._intake.take(group.jobs)
            with self._lock:
                self._bytes -= group.size
            if done:
                return

    def _gather(self, first: Job) -> tuple[_Group, Job | _Work | None, bool]:
        """Jobs that can be committed together, the first thing that cannot, and whether that was the end."""
        group = _Group()
        item: Job | _Work | None = first
        if len(first.body) < SMALL:
            time.sleep(LONG_MOMENT if self._crowded else MOMENT)
        while isinstance(item, Job) and item.stream not in group.streams:
            group.jobs.append(item)
            group.streams.add(item.stream)
            group.size += len(item.body)
            if len(group.jobs) >= MAX_GROUP or group.size >= MAX_GROUP_BYTES:
                return group, None, False
            try:
                item = self._waiting.get_nowait()
            except queue.Empty:
                return group, None, False
        return group, item, item is None

    def _do(self, work: _Work) -> None:
        try:
            work.answer.set_result(work.call())
        except BaseException as error:  # noqa: BLE001 it belongs to whoever waits for the answer
            work.answer.set_exception(error)
        if work.about is None:
            self._streams.forget_all()
        else:
            self._streams.forget_run(work.about)

    @property
    def waiting(self) -> tuple[int, int]:
        """How many requests wait for the thread, and their bytes."""
        return self._waiting.qsize(), self._bytes

    def mark_crashed(self, path: RunPath, silent_since: int) -> None:
        """Those of the run's writers that have been silent for too long. A heartbeat that came meanwhile saves them."""

        def mark() -> None:
            draft = Draft(self._runs.run(path))
            for writer in draft.run.writers:
                if writer.seen < silent_since:
                    draft.crash(writer.stream, writer.seen)
            if draft.changes:
                self._runs.update(path, draft.changes)

        self.alone(mark, path)


def _busy() -> BusyError:
    error = BusyError("The server has more to write than it can take. Send it again in a moment.")
    error.retry_after = RETRY_AFTER
    return error
