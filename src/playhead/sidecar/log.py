"""The sidecar's log in a run's `logs/`: bounded, for whoever looks for a reason. It must never be in the way."""

from __future__ import annotations

import threading
import time
from pathlib import Path

_MOST = 1_000
"""Lines that one sidecar writes."""


def why(error: Exception) -> str:
    """What went wrong, in a few words."""
    return str(getattr(error, "message", None) or getattr(error, "strerror", None) or error)


class Log:
    """Appends lines to the file at `path`; repetitions are left out."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._lines = 0
        self._last = ""

    def note(self, message: str) -> None:
        """Note that something went wrong."""
        with self._lock:
            if message == self._last or self._lines >= _MOST:
                return
            self._last = message
            self._lines += 1
            try:
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {message}\n")
            except OSError:
                return
