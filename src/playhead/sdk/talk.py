"""What Playhead says to the person at the terminal: few lines, on stderr, never into the run's own console."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

originals: dict[int, Callable[[str], Any]] = {}
"""id of a stream -> its `write` from before it was captured."""


class Talk:
    """Prints unless told to be `silent`, and only warnings when `quiet`."""

    def __init__(self, *, silent: bool = False, quiet: bool = False) -> None:
        self._silent = silent
        self._quiet = quiet

    def say(self, message: str) -> None:
        """Something good to know."""
        if not self._quiet:
            self._write(f"playhead: {message}\n")

    def warn(self, message: str) -> None:
        """Something that should be looked at."""
        self._write(f"playhead: WARNING {message}\n")

    def progress(self, message: str) -> None:
        """A line that the next one replaces; on a terminal only."""
        if not self._quiet and sys.stderr is not None and sys.stderr.isatty():
            self._write(f"\rplayhead: {message}\x1b[K")

    def _write(self, text: str) -> None:
        stream = sys.stderr
        if self._silent or stream is None:
            return
        try:
            originals.get(id(stream), stream.write)(text)
            stream.flush()
        except (OSError, ValueError):  # a closed terminal is no reason to fail
            return
