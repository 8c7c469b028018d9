"""Time, so that a test can move it."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """The wall clock."""

    def now(self) -> int:
        """Microseconds since 1970 (UTC)."""
        ...
