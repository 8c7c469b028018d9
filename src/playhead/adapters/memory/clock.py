"""A clock that a test moves."""

from __future__ import annotations


class MemoryClock:
    """`playhead.ports.clock.Clock` that stands still until it is moved."""

    def __init__(self) -> None:
        self._now = 1_700_000_000_000_000

    def now(self) -> int:
        """Microseconds since 1970 (UTC)."""
        return self._now

    def advance(self, microseconds: int) -> None:
        """Move it; a negative number moves it back."""
        self._now += microseconds
