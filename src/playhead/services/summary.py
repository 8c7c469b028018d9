"""A run's summary: the last value of each key by step, and what the training set by hand, which holds until the key is logged again.

To know whether a late row is still the last one, the summary remembers at which step each key was logged. It keeps that in itself,
under `PLACES`, so that it is committed with the values; `shown` is what people get to see.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from playhead.domain.facts import HIDDEN
from playhead.services.points import Last, Logged

PLACES = HIDDEN
"""{"at": step of most keys, "steps": {key: another step}, "set": {key: time when it was set by hand}}"""


def shown(summary: Mapping[str, Any]) -> dict[str, Any]:
    """The summary without its own notes."""
    return {key: value for key, value in summary.items() if key != PLACES}


class Summary:
    """A summary at work: take rows and settings in, then `stored`."""

    def __init__(self, stored: Mapping[str, Any]) -> None:
        self._values = shown(stored)
        notes = stored.get(PLACES) or {}
        at = notes.get("at", -1)
        by_hand = notes.get("set", {})
        self._by_hand: dict[str, int] = dict(by_hand)
        self._steps: dict[str, int] = dict.fromkeys(self._values, at)
        self._steps.update(notes.get("steps", {}))

    def log(self, logged: Logged, runtime: Callable[[int], int]) -> None:
        """Rows were logged. `runtime` tells how long the run had been at work at a time, both in microseconds."""
        for key, last in logged.last.items():
            self._take(key, last)
        row = logged.row
        if row is not None and row.step >= self._steps.get("_step", -1):
            own = {"_step": row.step, "_timestamp": row.time / 1e6, "_runtime": runtime(row.time) / 1e6}
            for key, value in own.items():
                self._values[key] = value
                self._steps[key] = row.step

    def _take(self, key: str, last: Last) -> None:
        """The last row of a key counts, whatever was set by hand before it; it counts as the last one even if that came later."""
        if last.step < self._steps.get(key, -1):
            return
        self._steps[key] = last.step
        if last.time > self._by_hand.get(key, -1):
            self._values[key] = last.value
            self._by_hand.pop(key, None)

    def set(self, changes: Mapping[str, Any], deleted: list[str], time: int) -> None:
        """The training set or deleted keys by hand."""
        for key, value in changes.items():
            if key != PLACES and time >= self._by_hand.get(key, -1):
                self._values[key] = value
                self._by_hand[key] = time
                self._steps.setdefault(key, -1)
        for key in deleted:
            if time >= self._by_hand.get(key, -1):
                self._values.pop(key, None)
                self._by_hand[key] = time
                self._steps.setdefault(key, -1)

    def stored(self) -> dict[str, Any]:
        """What to commit."""
        at = self._steps.get("_step", -1)
        steps = {key: step for key, step in self._steps.items() if step != at or key not in self._values}
        return {**self._values, PLACES: {"at": at, "steps": steps, "set": self._by_hand}}
