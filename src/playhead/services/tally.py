"""Aggregates of a run's defined metrics as its points come in: pure. What they cannot tell from what is new is counted anew from the store."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playhead.domain.metric import Total
from playhead.ports.metrics import Points


@dataclass(slots=True)
class Tally:
    """The numbers of one key so far."""

    count: int = 0
    """Of the finite ones, as all but `first`."""
    low: float = math.nan
    high: float = math.nan
    mean: float = math.nan
    first: float = math.nan
    first_at: tuple[int, int] | None = None
    """Its step and time."""
    last: Any = None
    """As it was logged; of any type."""
    reach: dict[str, int] = field(default_factory=dict)
    """Where a writer's points are kept -> its last step: what comes behind it replaces nothing."""

    @classmethod
    def of(cls, total: Total, last: Any) -> Tally:
        """As the store counted it."""
        first = total.first
        return cls(
            total.count, total.low, total.high, total.mean, _number(first.value), (first.step, first.time), last,
            dict(total.reach),
        )  # fmt: skip

    @classmethod
    def of_data(cls, data: Sequence[Any]) -> Tally:
        """What `as_data` gave."""
        count, low, high, mean, first, first_at, last, reach = data
        return cls(count, low, high, mean, first, tuple(first_at) if first_at else None, last, dict(reach))

    def as_data(self) -> list[Any]:
        """As JSON."""
        return [self.count, self.low, self.high, self.mean, self.first, self.first_at, self.last, self.reach]

    def kinds(self) -> Mapping[str, float]:
        """Min, max, mean and first by name."""
        return {"min": self.low, "max": self.high, "mean": self.mean, "first": self.first}

    def floor(self, place: str) -> int:
        """The step up to which what comes from there may replace something. Lanes (see `Stream.place`) replace only their own."""
        if "." in place:
            return self.reach.get(place, -1)
        return max((step for known, step in self.reach.items() if "." not in known), default=-1)

    def add(self, new: Stretch, place: str) -> bool:
        """Count these too. False if some may replace what is counted already: then nothing is added."""
        if new.first_step <= self.floor(place):
            return False
        self.reach[place] = new.last_step
        if self.first_at is None or (new.first_step, new.first_time) < self.first_at:
            self.first, self.first_at = new.first, (new.first_step, new.first_time)
        if new.count:
            whole = self.count + new.count
            # A running mean, and no sum: that might be beyond all floats.
            self.mean = new.mean if not self.count else self.mean + (new.mean - self.mean) * (new.count / whole)
            self.low = new.low if not self.count else min(self.low, new.low)
            self.high = new.high if not self.count else max(self.high, new.high)
            self.count = whole
        return True


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a stretch of a journal has of one key."""

    first_step: int
    last_step: int
    first_time: int
    first: float
    count: int
    low: float
    high: float
    mean: float


def stretches(parts: Iterable[Points], wanted: Iterable[str]) -> dict[str, Stretch]:
    """The points of the wanted keys, each step of a key once: the last one wins."""
    found: dict[str, Stretch] = {}
    names = set(wanted)
    for part in parts:
        numbers = [number for number, key in enumerate(part.keys) if key in names]
        if not numbers:
            continue
        keys, step, time, value = part.key, part.step, part.time, part.value
        if (keys[1:] < keys[:-1]).any():
            order = np.argsort(keys, kind="stable")
            keys, step, time, value = keys[order], step[order], time[order], value[order]
        for number in numbers:
            own = slice(*np.searchsorted(keys, [number, number + 1]))
            if own.start < own.stop:
                found[part.keys[number]] = _stretch(step[own], time[own], value[own])
    return found


def _stretch(step: NDArray[np.int64], time: NDArray[np.int64], value: NDArray[np.float64]) -> Stretch:
    if not (np.diff(step) > 0).all():
        order = np.argsort(step, kind="stable")
        last = np.append(np.diff(step[order]) > 0, True)
        step, time, value = step[order][last], time[order][last], value[order][last]
    finite = value[np.isfinite(value)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (math.nan, math.nan)
    with np.errstate(over="ignore"):
        mean = float(finite.mean()) if len(finite) else math.nan
    return Stretch(
        int(step[0]), int(step[-1]), int(time[0]), float(value[0]), len(finite), low, high,
        low / 2 + high / 2 if math.isinf(mean) else mean,
    )  # fmt: skip


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else math.nan
