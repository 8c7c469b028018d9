"""When each training is asked to send again. A request costs the server the same for one row as for many, so when many send at once,
each waits a little longer and brings more: the work grows with the rows, and not with how they are cut. Each has its own place in the
period that they share; who were answered together would come back together else, and wait for one another.
"""

import zlib

STRETCHES = 500
"""Stretches a second that all trainings together are asked to keep to."""
LONGEST = 5.0
"""Seconds that none is asked to exceed, however many there are."""
_WINDOW = 6_000_000
"""Microseconds; whoever keeps to the pace sends within them."""


class Pace:
    """Counts those who send. Used by one thread."""

    def __init__(self) -> None:
        self._recent: set[str] = set()
        self._before = 0
        self._until = 0

    def seconds(self, stream: str, now: int) -> float:
        """What the sender of `stream`, who has sent at `now` (microseconds), is asked to let pass before it sends again."""
        if now >= self._until:
            self._before = len(self._recent) if now < self._until + _WINDOW else 0
            self._recent = set()
            self._until = now + _WINDOW
        self._recent.add(stream)
        period = min(max(self._before, len(self._recent)) / STRETCHES, LONGEST)
        place = zlib.crc32(stream.encode()) / (1 << 32)
        wait = (place * period - now / 1e6) % period
        return wait if wait >= period / 2 else wait + period
