"""A run's summary: the last value of each key by step, or the aggregates that were asked for, and what the training set by hand, which
holds until the key is logged again.

To know whether a late row is still the last one, the summary remembers at which step each key was logged. It keeps that in itself,
under `PLACES`, so that it is committed with the values; `shown` is what people get to see.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from playhead.domain.definition import Definition, Definitions, covers, shaped
from playhead.domain.facts import HIDDEN
from playhead.domain.metric import Total
from playhead.services.points import Last, Logged
from playhead.services.tally import Stretch, Tally, stretches

PLACES = HIDDEN
"""{"at": step of most keys, "steps": {key: another step}, "set": {key: time when it was set by hand}, "metrics": what is defined,
"tallies": {key: its aggregates}}; the last two if there is something to tell."""


def shown(summary: Mapping[str, Any]) -> dict[str, Any]:
    """The summary without its own notes."""
    return {key: value for key, value in summary.items() if key != PLACES}


def definitions(summary: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What the run's metrics are defined as, by name."""
    found: dict[str, dict[str, Any]] = (summary.get(PLACES) or {}).get("metrics", {})
    return found


class Summary:
    """A summary at work: take definitions, rows and settings in, then `stored`."""

    def __init__(self, stored: Mapping[str, Any]) -> None:
        self._values = shown(stored)
        notes = stored.get(PLACES) or {}
        at = notes.get("at", -1)
        by_hand = notes.get("set", {})
        self._by_hand: dict[str, int] = dict(by_hand)
        self._steps: dict[str, int] = dict.fromkeys(self._values, at)
        self._steps.update(notes.get("steps", {}))
        self._defined = Definitions(notes.get("metrics"))
        self._tallies = {key: Tally.of_data(data) for key, data in notes.get("tallies", {}).items()}
        self.stale = False
        """Whether it takes the stored points to tell the aggregates."""

    def define(self, data: Mapping[str, Any]) -> None:
        """The training said something of a metric."""
        changed = self._defined.tell(data)
        self.stale = self.stale or any(covers(one.name, key) for one in changed for key in self._steps)

    def aggregated(self, keys: Mapping[str, Any]) -> list[str]:
        """Those of the keys whose aggregates are asked for."""
        return [key for key in keys if (one := self._defined.of(key)) is not None and one.aggregates]

    def counted(self, totals: Mapping[str, Total], last: Mapping[str, Any]) -> None:
        """The store told the aggregates of these keys, of which `last` has the last values."""
        self._tallies |= {key: Tally.of(total, last[key]) for key, total in totals.items()}

    def log(self, logged: Logged, runtime: Callable[[int], int], place: str | None = None) -> None:
        """Rows were logged, `place` is where their writer's points are kept; None: they are counted already. `runtime` tells how
        long the run had been at work at a time, both in microseconds.
        """
        if self._defined and place is not None:
            self._count(logged, place)
        for key, last in logged.last.items():
            self._take(key, last)
        row = logged.row
        if row is not None and row.step >= self._steps.get("_step", -1):
            own = {"_step": row.step, "_timestamp": row.time / 1e6, "_runtime": runtime(row.time) / 1e6}
            for key, value in own.items():
                self._values[key] = value
                self._steps[key] = row.step

    def _count(self, logged: Logged, place: str) -> None:
        wanted = self.aggregated({key: None for part in logged.points for key in part.keys} | dict(logged.last))
        found: dict[str, Stretch] = stretches(logged.points, wanted) if wanted else {}
        for key in wanted:
            known = self._tallies.get(key)
            if known is None:
                self.stale = self.stale or self._steps.get(key, -1) >= 0
                known = self._tallies[key] = Tally()
            if key in found and not known.add(found[key], place):
                self.stale = True
        replaced = (
            self._tallies[one.key].floor(place) >= one.step for one in logged.objects if one.key in self._tallies
        )
        self.stale = self.stale or any(replaced)

    def _take(self, key: str, last: Last) -> None:
        """The last row of a key counts, whatever was set by hand before it; it counts as the last one even if that came later."""
        if last.step < self._steps.get(key, -1):
            self._show(key)
            return
        self._steps[key] = last.step
        if key in self._tallies:
            self._tallies[key].last = last.value
        if last.time > self._by_hand.get(key, -1):
            self._by_hand.pop(key, None)
            self._values[key] = last.value
            self._show(key)

    def _show(self, key: str) -> None:
        """Give the key the form that is asked for."""
        definition = self._defined.of(key) if self._defined else None
        if definition is None or not definition.summary or key in self._by_hand:
            return
        if definition.omitted:
            self._values.pop(key, None)
        elif key in self._tallies:
            self._values[key] = _value(definition, self._tallies[key])

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
        notes: dict[str, Any] = {"at": at, "steps": steps, "set": self._by_hand}
        if self._defined:
            notes["metrics"] = self._defined.as_data()
        if self._tallies:
            notes["tallies"] = {key: tally.as_data() for key, tally in self._tallies.items()}
        return {**self._values, PLACES: notes}


def _value(definition: Definition, tally: Tally) -> Any:
    return shaped(definition, tally.kinds(), tally.last)
