"""Captures what Python writes to stdout and stderr, for every run that is open, and passes it on unchanged."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import groupby
from operator import itemgetter
from typing import Any

from playhead.domain.limits import MAX_CONSOLE_LINE
from playhead.sdk import talk
from playhead.sdk._guard import Guard
from playhead.sdk.terminal import Terminal

Emit = Callable[[str, int, str], None]
"""Takes (channel, line number, text)."""
_PARTIAL_EVERY = 0.1
"""Seconds between two records of a line that is not ended yet (a progress bar)."""

STDOUT, STDERR = "stdout", "stderr"
"""The channels, see playhead.domain.run.Channel; its module is too heavy for the training's start."""

_consoles: list[Console] = []
_captured: list[tuple[Any, Any]] = []


class Console:
    """The console of one run. Whatever fails here is the guard's: a print must work as if nobody listened."""

    def __init__(self, emit: Emit, *, lock: AbstractContextManager[Any], guard: Guard) -> None:
        self._emit = emit
        self._lock = lock
        self._guard = guard
        self._count = 0
        self._terminals = {channel: Terminal(self._number, self._tell_cut) for channel in (STDOUT, STDERR)}
        self._written: list[tuple[str, str]] = []
        """(channel, text) that no terminal was given yet: a print comes in many small pieces."""
        self._emitted_at = 0.0

    def write(self, channel: str, text: str) -> None:
        """Take what was written; lines that ended are emitted at once, others every tenth of a second at most."""
        self._guard.run(self._take, channel, text)

    def flush(self) -> None:
        """Emit what is still held back."""
        self._guard.run(self._emit_all)

    def _take(self, channel: str, text: str) -> None:
        with self._lock:
            self._written.append((channel, text))
            now = time.monotonic()
            if "\n" in text or now - self._emitted_at >= _PARTIAL_EVERY:
                self._emitted_at = now
                self._emit_all()

    def _emit_all(self) -> None:
        with self._lock:
            written, self._written = self._written, []
            changed: dict[int, tuple[str, str]] = {}
            for channel, pieces in groupby(written, itemgetter(0)):
                text = "".join(text for _, text in pieces)
                for number, line in self._terminals[channel].feed(text).items():
                    changed[number] = (channel, line)
            for number, (channel, line) in changed.items():
                self._guard.run(self._emit, channel, number, line)

    def _number(self) -> int:
        self._count += 1
        return self._count - 1

    def _tell_cut(self) -> None:
        self._guard.dropped += 1
        self._guard.tell_once(
            "MAX_CONSOLE_LINE", f"Of a console line only {MAX_CONSOLE_LINE:,} characters (MAX_CONSOLE_LINE) are kept."
        )


def attach(console: Console) -> None:
    """Send a copy of what is written from now on to `console`."""
    if not _consoles:
        _capture(sys.stdout, STDOUT)
        if sys.stderr is not sys.stdout:
            _capture(sys.stderr, STDERR)
    _consoles.append(console)


def detach(console: Console) -> None:
    """Stop that. With the last console gone, the streams are as they were."""
    if console in _consoles:
        _consoles.remove(console)
    if not _consoles:
        release()


def release() -> None:
    """Give the streams back, whoever listens."""
    _consoles.clear()
    for stream, wrapper in _captured:
        if getattr(stream, "write", None) is wrapper:
            del stream.write
        talk.originals.pop(id(stream), None)
    _captured.clear()


def _capture(stream: Any, channel: str) -> None:
    if stream is None:
        return
    original = stream.write

    def write(text: str) -> Any:
        result = original(text)
        for console in tuple(_consoles):
            console.write(channel, text)
        return result

    try:
        stream.write = write
    except (AttributeError, TypeError):  # a stream that cannot be wrapped is left alone
        return
    talk.originals[id(stream)] = original
    _captured.append((stream, write))
