"""What happens in the background: runs that fell silent are marked as crashed, segments that ended or have grown are settled, content is swept."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from playhead.domain.errors import PlayheadError
from playhead.domain.ids import RunPath
from playhead.ports.clock import Clock
from playhead.ports.metrics import Metrics
from playhead.ports.runs import Runs

SILENT_AFTER = 90
"""Seconds without a heartbeat after which a live run counts as crashed."""
LOOK_EVERY = 10.0
"""Seconds between looks at live runs."""
SETTLE_AFTER = 5.0
"""Seconds that a segment rests before it is settled: the system metrics of its last moments are still on their way."""
GROWN = 50_000
"""Points that a segment which is still written to has gained: it is settled up to there, so that its charts stay fast."""
CALM = 200_000
"""Points a second up to which there is time for that: while more come in, taking them in goes first."""
MAX_SETTLING = 10_000
"""Segments that wait to be settled; a further one stays as it is, which only makes reading it slower."""

_log = logging.getLogger("playhead.server")

MarkCrashed = Callable[[RunPath, int], None]
"""Marks a run as crashed, unless it had a heartbeat since the given time."""


class Housekeeping:
    """One thread that does the background work until it is closed."""

    def __init__(self, *, runs: Runs, metrics: Metrics, clock: Clock, silent_after: float = SILENT_AFTER) -> None:
        self._runs = runs
        self._metrics = metrics
        self._clock = clock
        self._silent_after = silent_after
        self._ended: dict[str, float] = {}
        self._grown: dict[str, int] = {}
        self._came = 0
        """Points that came in since the last round."""
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, mark_crashed: MarkCrashed, sweep: Callable[[], None]) -> None:
        """Begin. Runs that were live when the last server stopped get the whole time to come back. `sweep` is called once a round."""
        self._thread = threading.Thread(
            target=self._serve, args=(mark_crashed, sweep), name="playhead-housekeeping", daemon=True
        )
        self._thread.start()

    def ended(self, segment: str) -> None:
        """A segment ended: settle it soon."""
        with self._lock:
            if len(self._ended) < MAX_SETTLING:
                self._ended[segment] = time.monotonic()
            else:
                _log.warning("%d segments wait to be settled: %s is left as it is", MAX_SETTLING, segment)

    def grew(self, segment: str, points: int) -> None:
        """A segment has so many points more."""
        with self._lock:
            self._came += points
            self._grown[segment] = self._grown.get(segment, 0) + points
            if len(self._grown) > MAX_SETTLING:
                del self._grown[next(iter(self._grown))]

    def close(self) -> None:
        """Stop after what is being done right now."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _serve(self, mark_crashed: MarkCrashed, sweep: Callable[[], None]) -> None:
        pause = min(LOOK_EVERY, self._silent_after / 4)
        patient_until = time.monotonic() + self._silent_after
        looked, round_at = 0.0, time.monotonic()
        left_over = True  # what was due when the last server was stopped or died
        while not self._stop.wait(min(1.0, pause)):
            now = time.monotonic()
            try:
                if left_over:
                    left_over = False
                    self._metrics.settle(None, until=self._stop.is_set)
                self._settle(now, now - round_at)
                round_at = now
                if now >= patient_until and now - looked >= pause:
                    looked = now
                    self._look(mark_crashed)
                sweep()
            except PlayheadError as error:
                _log.warning("background work: %s", error)
            except Exception:  # noqa: BLE001 the next round may do better, and nobody else would
                _log.exception("background work")

    def _look(self, mark_crashed: MarkCrashed) -> None:
        before = self._clock.now() - int(self._silent_after * 1e6)
        for path in self._runs.silent(before):
            mark_crashed(path, before)

    def _settle(self, now: float, since: float) -> None:
        with self._lock:
            ripe = [segment for segment, at in self._ended.items() if now - at >= SETTLE_AFTER]
            if self._came <= CALM * since:
                ripe += [segment for segment, points in self._grown.items() if points >= GROWN]
            self._came = 0
            for segment in ripe:
                self._ended.pop(segment, None)
                self._grown.pop(segment, None)
        if ripe:
            self._metrics.settle(list(dict.fromkeys(ripe)), until=self._stop.is_set)
