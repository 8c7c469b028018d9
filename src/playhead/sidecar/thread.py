"""The sidecar as a thread of the training, for notebooks and sandboxes where no process can be started."""

from __future__ import annotations

import queue
import threading
from typing import Any

from playhead.sidecar.link import QueueLink
from playhead.sidecar.sidecar import Sidecar


class ThreadLink:
    """The training's end. The thread is started with it."""

    def __init__(self) -> None:
        self._link = QueueLink()
        self._sidecar = Sidecar(self._link)
        self._thread = threading.Thread(target=self._sidecar.serve, name="playhead-sidecar", daemon=True)
        self._thread.start()

    def send(self, message: dict[str, Any]) -> None:
        """Hand over a message. A run is begun at once: when the interpreter ends, Python starts no threads any more."""
        if message.get("op") == "run":
            self._sidecar.begin(message)
        else:
            self._link.inbox.put(message)

    def receive(self, timeout: float) -> list[dict[str, Any]]:
        """Messages that have come, waiting at most `timeout` seconds for the first."""
        found: list[dict[str, Any]] = []
        try:
            found.append(self._link.outbox.get(timeout=timeout) if timeout > 0 else self._link.outbox.get_nowait())
            while True:
                found.append(self._link.outbox.get_nowait())
        except queue.Empty:
            return found

    def alive(self) -> bool:
        """Whether it runs."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Let it go: it finishes what it has to do and ends, as long as the process lives."""
        self._link.inbox.put(None)

    def disown(self) -> None:
        """In a forked child there is no such thread."""
