"""What sending files to a server and fetching them have in common: patience, and several at once.

The sidecar loads this beside a training, so it loads nothing that takes time.
"""

from __future__ import annotations

import hashlib
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from playhead.domain.errors import BusyError, CommError, PlayheadError

T = TypeVar("T")

AT_ONCE = 3
"""Files that are on their way at the same time: each holds up to three pieces' worth of memory."""
PATIENCE = 300.0
"""Seconds without any progress after which a transfer is given up."""
_FIRST, _LONGEST = 0.2, 20.0
"""Seconds between two tries, at most: of the first two, and of any."""

Progress = Callable[[int], None]
"""Is told how many bytes of the file are there. A PlayheadError that it raises ends the transfer; a later one goes on from there."""
Pause = Callable[[float], object]


class Tries:
    """Waits before another try, longer each time and by chance, as long as there is patience. Progress renews it."""

    def __init__(self, patience: float = PATIENCE, pause: Pause = time.sleep) -> None:
        """`pause` sleeps, and may raise a PlayheadError to end it."""
        self._patience = patience
        self._pause = pause
        self._failures = 0
        self._since = 0.0

    def worked(self) -> None:
        """There was progress."""
        self._failures = 0

    def failed(self, error: PlayheadError) -> None:
        """Wait; raises `error` when there is no patience left."""
        now = time.monotonic()
        if not self._failures:
            self._since = now
        asked = error.retry_after if isinstance(error, BusyError) else None
        wait = (asked or 0.0) + random.random() * min(_LONGEST, _FIRST * 2.0 ** min(self._failures, 16))  # noqa: S311 no secret
        self._failures += 1
        if now + wait - self._since > self._patience:
            raise error
        self._pause(wait)

    def ask(self, call: Callable[[], T]) -> T:
        """What `call` answers, once there is an answer."""
        while True:
            try:
                return call()
            except CommError as error:
                self.failed(error)


def digest(handle: int) -> str:
    """SHA-256 of all that the open file has."""
    made, at = hashlib.sha256(), 0
    while data := os.pread(handle, 1 << 20, at):
        made.update(data)
        at += len(data)
    return made.hexdigest()


def attempt(call: Callable[[], T], otherwise: T) -> tuple[T, PlayheadError | OSError | None]:
    """What `call` answers, or `otherwise` and what went wrong."""
    try:
        return call(), None
    except (PlayheadError, OSError) as error:
        return otherwise, error


def work(jobs: Iterator[Callable[[], None]], at_once: int) -> None:
    """Do the jobs, some at once. What goes wrong with finding them is raised when those that were found are done."""
    lock = threading.Lock()
    wrong: list[PlayheadError] = []

    def take() -> Callable[[], None] | None:
        with lock:
            try:
                return None if wrong else next(jobs, None)
            except PlayheadError as error:
                wrong.append(error)
                return None

    def work() -> None:
        while (job := take()) is not None:
            job()

    threads = [threading.Thread(target=work, name="playhead-files", daemon=True) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise wrong[0]
