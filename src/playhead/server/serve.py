"""Runs the application under uvicorn: signals, a stop that open event streams cannot delay, and an end when nobody needs the server."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType

import uvicorn

from playhead.server.shell import Shell

GRACE = 5
"""Seconds that requests may take to end when the server is stopped."""
KEEP_ALIVE = 75
"""Seconds that an idle connection is kept."""
_TICKS = 50
"""uvicorn ticks ten times a second: so many between two looks at who needs the server,"""
_WARM = 20
"""and so many until the application gets ready for pages: a training that has just started the server goes first."""


class _Server(uvicorn.Server):
    """uvicorn, told to let our own streams end first and to return instead of dying of the signal."""

    def __init__(
        self, config: uvicorn.Config, *, stopping: Callable[[], None], needed: Callable[[], bool], warm: Callable[[], None]
    ) -> None:  # fmt: skip
        super().__init__(config)
        self._warm = warm
        self._stopping = stopping
        self._needed = needed

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal asks to stop; a second SIGINT insists."""
        self._stopping()
        super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        """Whether to stop."""
        if counter == _WARM:
            threading.Thread(target=self._warm, name="playhead-warm").start()  # no daemon: an end waits for it
        if counter % _TICKS == _TICKS - 1 and not self.should_exit and not self._needed():
            self._stopping()
            self.should_exit = True
        return await super().on_tick(counter)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn does it, but the signal is not raised again at the end: the stores are still to be closed."""
        kept = {sig: signal.signal(sig, self.handle_exit) for sig in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for sig, handler in kept.items():
                signal.signal(sig, handler)


def serve(
    app: Shell, listener: socket.socket, *, idle: float | None, busy: Callable[[], bool], stopping: Callable[[], None]
) -> None:
    """Serve until a signal comes, or for `idle` minutes neither a request came nor `busy` was true. `stopping` ends what streams."""

    def needed() -> bool:
        if idle is None or time.monotonic() - app.last_request < idle * 60:
            return True
        if busy():
            app.last_request = time.monotonic()
            return True
        return False

    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=GRACE,
        lifespan="off",
        ws="none",
    )
    _Server(config, stopping=stopping, needed=needed, warm=app.warm).run(sockets=[listener])
