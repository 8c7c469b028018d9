"""Live events: one poller a project that somebody watches, at most two looks a second, and bounded queues to those who watch.

Lives in the event loop; only `removed` and `close` may be called from elsewhere.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool

from playhead.domain.errors import BusyError
from playhead.domain.ids import RunPath

LOOK_EVERY = 0.5
"""Seconds between looks at a project."""
HEARTBEAT = 15.0
"""Seconds after which something is said, if only a comment."""
MAX_WATCHERS = 1_000
"""Open event streams of one process."""
MAX_BEHIND = 64
"""Events that a slow reader may be behind; one that is slower is sent away and comes back by itself."""
LONGEST = 3600.0
"""Seconds that one stream lasts: rights may have changed meanwhile."""
OVERLAP = 10_000_000
"""Microseconds of changes that a new watcher is told again: what happened since it read the list."""

Change = tuple[str, str, int, int]
Changed = Callable[[str, str, int], list[Change]]
Newest = Callable[[str, str], int]


@dataclass(slots=True)
class _Watched:
    """A project, those who watch it, and how far it was told."""

    since: int
    queues: set[asyncio.Queue[bytes | None]] = field(default_factory=set)
    removed: list[str] = field(default_factory=list)
    task: asyncio.Task[None] | None = None


class Live:
    """The pollers and watchers of a process."""

    def __init__(self, *, changed: Changed, newest: Newest) -> None:
        """`changed`: what changed in a project since a time; `newest`: the time of its last change."""
        self._changed = changed
        self._newest = newest
        self._watched: dict[tuple[str, str], _Watched] = {}
        self._count = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    @property
    def watchers(self) -> int:
        """How many watch."""
        return self._count

    async def watch(self, entity: str, project: str) -> AsyncIterator[bytes]:
        """Events of a project, as they stand in an event stream. BusyError (here, not later) if too many watch."""
        if self._closed or self._count >= MAX_WATCHERS:
            raise BusyError("Too many pages watch this server. Close one.")
        self._loop = asyncio.get_running_loop()
        newest = await run_in_threadpool(self._newest, entity, project)
        recent = await run_in_threadpool(self._changed, entity, project, newest - OVERLAP)
        return self._events((entity, project), newest, recent)

    async def _events(self, name: tuple[str, str], newest: int, recent: list[Change]) -> AsyncIterator[bytes]:
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(MAX_BEHIND)
        watched = self._watched.setdefault(name, _Watched(newest))
        watched.queues.add(queue)
        self._count += 1
        if watched.task is None:
            watched.task = asyncio.create_task(self._poll(name, watched))
            # Should a look fail, its watchers are sent away: they come back, and it is tried anew.
            watched.task.add_done_callback(lambda _: _tell(watched, None))
        try:
            yield _event(recent, []) if recent else b": watching\n\n"
            end = asyncio.get_running_loop().time() + LONGEST
            while not self._closed and asyncio.get_running_loop().time() < end:
                try:
                    event = await asyncio.wait_for(queue.get(), HEARTBEAT)
                except TimeoutError:
                    event = b": still here\n\n"
                if event is None:
                    return
                yield event
        finally:
            self._count -= 1
            watched.queues.discard(queue)
            if not watched.queues:
                self._watched.pop(name, None)
                if watched.task is not None:
                    watched.task.cancel()

    async def _poll(self, name: tuple[str, str], watched: _Watched) -> None:
        while watched.queues:
            await asyncio.sleep(LOOK_EVERY)
            changes = await run_in_threadpool(self._changed, *name, watched.since)
            removed, watched.removed = watched.removed, []
            if changes:
                watched.since = max(change[3] for change in changes)
            if changes or removed:
                _tell(watched, _event(changes, removed))

    def removed(self, path: RunPath) -> None:
        """A run was deleted. From any thread."""

        def note() -> None:
            watched = self._watched.get((path.entity, path.project))
            if watched is not None:
                watched.removed.append(path.run_id)

        self._call(note)

    def close(self) -> None:
        """End all streams, soon. From any thread."""
        self._closed = True

        def end() -> None:
            for watched in self._watched.values():
                _tell(watched, None)

        self._call(end)

    def _call(self, call: Callable[[], Any]) -> None:
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended, and all its streams
                self._loop.call_soon_threadsafe(call)


def _tell(watched: _Watched, event: bytes | None) -> None:
    for queue in watched.queues:
        if queue.full():
            while not queue.empty():
                queue.get_nowait()
            event_or_end = None
        else:
            event_or_end = event
        queue.put_nowait(event_or_end)


def _event(changes: list[Change], removed: list[str]) -> bytes:
    runs = [{"id": id_, "state": state, "step": step, "updated_at": at} for id_, state, step, at in changes]
    return b"event: runs\ndata: " + msgspec.json.encode({"runs": runs, "removed": removed}) + b"\n\n"
