"""Writes a journal of what happened earlier: every frame has the time that it is given, so the same content makes the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playhead.journal import format as f
from playhead.journal.writer import Convert, Told, Writer


class PastWriter(Writer):
    """As Writer. Its time is `at`, in microseconds since 1970, and begins where the header was made; it is moved on with `reach`."""

    def __init__(self, path: Path, header: f.Header, *, convert: Convert, told: Told) -> None:
        super().__init__(path, header, convert=convert, told=told)
        self.at = header.created_at

    def reach(self, time: int) -> None:
        """It is `time` now. Times of a journal never go backwards: an earlier one changes nothing."""
        self.at = max(self.at, time)

    def now(self) -> int:
        """Its time."""
        return self.at

    def row(self, step: int, data: Mapping[str, Any]) -> int:
        """As Writer.row."""
        return self._mixed_row(step, data)
