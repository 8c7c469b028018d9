"""Captures what Python writes to stdout and stderr, for every run that is open, and passes it on unchanged."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from playhead.sdk import talk
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
    """The console of one run."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._count = 0
        self._terminals = {channel: Terminal(self._number) for channel in (STDOUT, STDERR)}
        self._pending: dict[int, tuple[str, str]] = {}
        self._emitted_at = 0.0

    def _number(self) -> int:
        self._count += 1
        return self._count - 1

    def write(self, channel: str, text: str) -> None:
        """Take what was written; lines that ended are emitted at once, others every tenth of a second at most."""
        changed = self._terminals[channel].feed(text)
        for number, line in changed.items():
            self._pending[number] = (channel, line)
        now = time.monotonic()
        if "\n" in text or now - self._emitted_at >= _PARTIAL_EVERY:
            self._emitted_at = now
            self.flush()

    def flush(self) -> None:
        """Emit what is still held back."""
        pending, self._pending = self._pending, {}
        for number, (channel, line) in pending.items():
            self._emit(channel, number, line)


def attach(console: Console) -> None:
    """Send a copy of what is written from now on to `console`."""
    if not _consoles:
        _capture(sys.stdout, STDOUT)
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
    except AttributeError:  # a stream that cannot be wrapped is left alone
        return
    talk.originals[id(stream)] = original
    _captured.append((stream, write))
