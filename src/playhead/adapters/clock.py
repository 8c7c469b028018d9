"""The system's wall clock."""

from __future__ import annotations

import time


class SystemClock:
    """`playhead.ports.clock.Clock` by the operating system."""

    def now(self) -> int:
        """Microseconds since 1970 (UTC)."""
        return time.time_ns() // 1_000
