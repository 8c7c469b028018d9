"""Work that waits in line for a thread of its own, which lets the training go first."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from playhead.sidecar.priority import step_back

T = TypeVar("T")


class Line(Generic[T]):
    """One thread, which begins with the first that is put, and does one after the other."""

    def __init__(self, name: str, work: Callable[[T], None]) -> None:
        """`work` must not raise."""
        self._name = name
        self._do = work
        self._waiting: deque[T] = deque()
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None
        self._end = False

    def put(self, item: T) -> None:
        """Have this done after all that waits."""
        with self._wake:
            self._waiting.append(item)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()
            self._wake.notify()

    def finish(self) -> None:
        """Wait until all is done; nothing more comes."""
        with self._wake:
            self._end = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join()

    def stop(self) -> None:
        """What waits is not done any more."""
        with self._wake:
            self._end = True
            self._waiting.clear()
            self._wake.notify()

    def _work(self) -> None:
        step_back()
        while True:
            with self._wake:
                while not (self._waiting or self._end):
                    self._wake.wait()
                if not self._waiting:
                    return
                item = self._waiting.popleft()
            self._do(item)
