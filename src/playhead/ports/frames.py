"""Rows as columns: for whoever reads millions of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

from playhead.domain.metric import Lineage, Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """The values of one key, one for each row of a frame."""

    kind: NDArray[np.uint8]
    """playhead.domain.metric.Kind"""
    value: NDArray[np.float64]
    """Of what is no number: anything."""
    there: NDArray[np.bool_] | None = None
    """Which rows have one; None: all."""
    json: Mapping[int, str] = field(default_factory=dict)
    """Row -> JSON text, of what is no number, and of integers that a float cannot hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Rows in order: by step, time and lane; system samples by time and lane. `time` is the latest of a row's values."""

    step: NDArray[np.int64]
    time: NDArray[np.int64]
    lane: NDArray[np.int32]
    columns: Mapping[str, Values]
    next: int | None = None
    """Step (of system samples: time) to go on from; None when there is nothing more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameQuery:
    """Which rows, of which keys."""

    keys: Sequence[str] | None
    """None: all that have a value in these rows."""
    source: Source = Source.HISTORY
    some: bool = False
    """Rows that have at least one of the keys, not all of them. Without keys it is always so."""
    start: int = 0
    end: int | None = None
    """First and last step (of system samples: time), both inclusive."""
    cells: int = 4_000_000
    """Values at most, if not a single step has more."""
    objects: bool = True
    """Whether there can be other values than numbers; see `Holding`."""


class Holding(NamedTuple):
    """What a lineage has besides the numbers of its history. False: it has none; some of what is there may not be shown."""

    objects: bool
    samples: bool
    lines: bool


class Frames(Protocol):
    """**Contract.** As `Metrics`, which says what a lineage shows."""

    def frame(self, lineage: Lineage, query: FrameQuery) -> Frame:
        """Some of the rows that are asked for, the first ones; `next` tells where the others begin. It may have no rows and a `next`."""
        ...

    def holdings(self, lineages: Sequence[Lineage]) -> Sequence[Holding]:
        """Of each; a hundred cost little more than one."""
        ...
