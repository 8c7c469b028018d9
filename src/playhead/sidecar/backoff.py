"""How long to wait before the next try: longer each time, by chance (so that many clients do not return at once), with no end."""

from __future__ import annotations

import random
from collections.abc import Callable

FIRST = 0.2
LONGEST = 30.0


class Backoff:
    """Exponential, with full jitter, up to LONGEST; a server that says how long is believed."""

    def __init__(self, draw: Callable[[], float] = random.random) -> None:
        self._draw = draw
        self.failures = 0

    def failed(self, retry_after: float | None = None) -> float:
        """Seconds to wait after another failure."""
        most = min(LONGEST, FIRST * 2.0 ** min(self.failures, 16))
        self.failures += 1
        return (retry_after or 0.0) + self._draw() * most

    def refused(self) -> float:
        """Seconds to wait when trying again is unlikely to help."""
        self.failures += 1
        return LONGEST * (0.5 + self._draw() / 2)

    def worked(self) -> None:
        """The next failure is a first one again."""
        self.failures = 0
