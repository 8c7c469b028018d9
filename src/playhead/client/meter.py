"""How far files on their way here are: a line on a terminal that the next one replaces, and for what was large a line at the end elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

from playhead.domain.size import count_text, progress_text, size_text
from playhead.domain.text import printable

LARGE = 64 << 20
"""Bytes from which on a single file is worth a line."""
_EVERY = 0.1
"""Seconds between two lines."""
_NAME = 40
"""Characters of a name that are shown."""


class Meter:
    """Shows the files of one transfer. Safe to call from any thread; a terminal that is gone does no harm."""

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._clock = clock
        self._lock = threading.Lock()
        self._moving: dict[str, tuple[int, int]] = {}
        self._files = self._bytes = 0
        self._shown = 0.0
        self.terminal = self._stream is not None and self._stream.isatty()

    def step(self, name: str, done: int, size: int) -> None:
        """So many of the file's bytes are here."""
        with self._lock:
            self._moving[name] = (done, size)
            now = self._clock()
            if self.terminal and now - self._shown >= _EVERY:
                self._shown = now
                self._write(f"\r{self._line(name)}\x1b[K")

    def arrived(self, name: str, size: int) -> None:
        """The file is whole, or nothing more comes of it (`size` 0)."""
        with self._lock:
            self._moving.pop(name, None)
            self._files += bool(size)
            self._bytes += size

    def clear(self) -> None:
        """Take the line away, so that something else can be said."""
        with self._lock:
            if self.terminal and self._shown:
                self._shown = 0.0
                self._write("\r\x1b[K")

    def tell(self, text: str) -> None:
        """Say that, where there was no line to look at."""
        if not self.terminal:
            self._write(f"playhead: {text}\n")

    def _line(self, name: str) -> str:
        done, size = self._moving[name]
        whole = self._bytes + sum(part for part, _ in self._moving.values())
        before = f"{count_text(self._files, 'file')}, {size_text(whole)}; " if self._files else ""
        shown = name if len(name) <= _NAME else f"…{name[1 - _NAME :]}"
        return f"{before}{printable(shown)}: {progress_text(done, size)}"

    def _write(self, text: str) -> None:
        if self._stream is not None:
            with suppress(OSError, ValueError):
                self._stream.write(text)
                self._stream.flush()
