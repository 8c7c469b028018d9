"""How fast one user may ask: a bucket each, which fills steadily. Safe to call from any thread."""

from __future__ import annotations

import threading
from collections import OrderedDict

from playhead.wandb_protocol.errors import PaceError
from playhead.wandb_protocol.limits import BURST, MAX_CALLERS, RATE


class Pace:
    """The buckets of those who asked lately."""

    def __init__(self, rate: float = RATE, burst: float = BURST) -> None:
        """`rate`: requests a second; `burst`: so many at once."""
        self._rate = rate
        self._burst = burst
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """Name -> what is left, and when that was so."""

    def take(self, name: str, now: float) -> None:
        """One more request of `name`. PaceError if it comes too early; `now` in seconds, growing."""
        with self._lock:
            left, since = self._buckets.pop(name, (self._burst, now))
            left = min(self._burst, left + (now - since) * self._rate)
            taken = left >= 1
            self._buckets[name] = (left - taken, now)
            while len(self._buckets) > MAX_CALLERS:
                self._buckets.popitem(last=False)
        if not taken:
            raise PaceError
