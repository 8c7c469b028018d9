"""What a training hears of the files that it asked to save: that they are the run's, or why not."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from playhead.sidecar.log import Log, why


class Answers:
    """An asking is answered when each of its files has failed, or is in the journal up to where the server has it."""

    def __init__(self, log: Log, say: Callable[..., None]) -> None:
        self._log = log
        self._say = say
        self._lock = threading.RLock()
        self._seen: set[int] = set()
        self._open: dict[int, int] = {}
        """Asking -> files of it that are not yet there."""
        self._told: deque[tuple[int, int | None]] = deque()
        """Where the journal says of a file that it is there, and for which asking."""

    def open(self, asking: int, files: int) -> bool:
        """So many files are to be waited for, and one more that stands for the asking; False if it came before."""
        with self._lock:
            if asking in self._seen:
                return False
            self._seen.add(asking)
            self._open[asking] = files + 1
            return True

    def told(self, offset: int, asking: int | None) -> None:
        """The journal has it, up to there."""
        with self._lock:
            self._told.append((offset, asking))

    def acknowledged(self, offset: int) -> None:
        """The server has the journal up to there: what was told before is the run's."""
        with self._lock:
            while self._told and self._told[0][0] <= offset:
                self.count(self._told.popleft()[1])

    def failed(self, name: str, error: Exception, asking: int | None) -> None:
        """This file cannot be saved, and there is nothing to wait for."""
        self.note(name, why(error), asking)
        self.count(asking)

    def note(self, name: str, reason: str, asking: int | None = None) -> None:
        """Say why a file is not saved."""
        self._log.note(f"{name!r} is not saved: {reason}")
        self._say(
            "unsaved", id=asking, name=name, reason=reason, message=f"{name!r} is not saved: {reason.rstrip('.')}."
        )

    def count(self, asking: int | None) -> None:
        """One file less to wait for."""
        with self._lock:
            if asking is None or asking not in self._open:
                return
            self._open[asking] -= 1
            if not self._open[asking]:
                del self._open[asking]
                self._say("saved", id=asking, upto=min(self._open, default=max(self._seen) + 1) - 1)
