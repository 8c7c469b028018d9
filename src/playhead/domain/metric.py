"""Metrics: the kinds of value at a point, what a bucket holds, and where a series is read from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import NamedTuple


class Kind(IntEnum):
    """What a logged value was, so that it comes back as the same. Numbers are below OBJECT and have a float beside them."""

    FLOAT = 0
    INT = 1
    BOOL = 2
    BIG_INT = 3
    """An integer that a float cannot hold; its digits are kept as an object too."""
    OBJECT = 8
    """A string, None, a list, an image: anything that is kept as JSON."""


class Source(StrEnum):
    """Which rows of a run: what the training logged, or what the sidecar sampled of the machine."""

    HISTORY = "history"
    SYSTEM = "system"


class Axis(StrEnum):
    """What a chart is drawn over."""

    STEP = "step"
    TIME = "time"
    """Wall time, in microseconds since 1970 (UTC)."""
    RUNTIME = "runtime"
    """Microseconds since the run's start."""


class Span(NamedTuple):
    """A segment, read up to and including a step (None: to its end)."""

    segment: str
    up_to: int | None = None
    lane: int = 0
    """0: the run itself. 1, 2 …: one of several writers at the same time. Spans of different lanes hide nothing of each other."""


Lineage = tuple[Span, ...]
"""Where a run's history is read from: the ancestors' spans first, the head last. Lanes stand behind the span that they belong to."""


@dataclass(frozen=True, slots=True)
class Track:
    """One run's line in a chart: where its points are, and the time that its clock starts from (microseconds)."""

    lineage: Lineage
    start: int = 0
    later: tuple[tuple[int, int], ...] = ()
    """(from, start), growing: from the time `from` on the clock starts from `start` instead. A run that was resumed adds up."""


@dataclass(frozen=True, slots=True)
class Series:
    """A key of a run, and what is known of it without reading its points."""

    key: str
    kind: Kind
    count: int
    first_step: int
    last_step: int


@dataclass(frozen=True, slots=True)
class Latest:
    """What a key was last: by step, then by time. `value` is as it was logged."""

    step: int
    time: int
    value: object


@dataclass(frozen=True, slots=True)
class Total:
    """All numbers of a key together. NaN and infinities take no part in `low`, `high` and `mean`, which are NaN if there is nothing else."""

    count: int
    """Of the finite ones."""
    low: float
    high: float
    mean: float
    first: Latest
    """The number of the lowest step, the earliest of several."""
    reach: Mapping[str, int]
    """Segment -> its last step that is seen."""
