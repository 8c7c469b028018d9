"""Points: columns of what was logged, read over lineage."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from playhead.domain.metric import Axis, Latest, Lineage, Series, Source, Track
from playhead.domain.run import ConsoleLine
from playhead.ports.frames import Frames
from playhead.ports.totals import Totals

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Scalars of any number of keys as columns of equal length; `key` indexes `keys`.

    At a repeated (key, step) of a segment that stays which was logged last: by time, at the same time the one that comes last.

    Any order is taken. Key by key, each by growing step, is the fastest to append: nothing is then sorted.
    """

    keys: Sequence[str]
    key: NDArray[np.int32]
    step: NDArray[np.int64]
    time: NDArray[np.int64]
    kind: NDArray[np.uint8]
    """playhead.domain.metric.Kind"""
    value: NDArray[np.float64]


class ObjectPoint(NamedTuple):
    """A logged value that is no scalar (string, None, list, image), or the digits of a BIG_INT, as JSON text."""

    key: str
    step: int
    time: int
    json: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one stretch of a stream adds to a segment. Stretches may come in any order: see `Points`.

    Of a scalar and an object of the same key and step in one batch, the one with the later time stays, at the same time the
    object. Only a BIG_INT and its digits (the object of the same key, step and time) stay together.
    """

    segment: str
    stream: str
    history: Sequence[Points] = ()
    objects: Sequence[ObjectPoint] = ()
    system: Sequence[Points] = ()
    """`step` is the run's step at that time; a sample's identity is (key, time)."""
    console: Sequence[ConsoleLine] = ()
    """A line's identity is (segment, stream, number)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The keys of a lineage, by what each was last."""

    scalars: Sequence[str]
    """Of the history, by name: those whose last value is a number."""
    objects: Mapping[str, str]
    """Of the history: the others, each with its first object as JSON text (or one that a later span replaces)."""
    system: Sequence[str]
    """By name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartRequest:
    """A key over several runs, in at most `buckets` buckets on one grid. `lo`, `hi`: inclusive range in units of the axis."""

    tracks: Sequence[Track]
    key: str
    source: Source = Source.HISTORY
    axis: Axis = Axis.STEP
    """With Source.SYSTEM, whose points have no step of their own, STEP means RUNTIME."""
    lo: int | None = None
    hi: int | None = None
    buckets: int = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Non-empty buckets, ordered by (track, bucket). Cell i of the grid is [lo + i*width, lo + (i+1)*width).

    `count` has every point; NaN and infinities take no part in `min`, `max`, `mean` (NaN if nothing else is there); `last` is
    the value of the bucket's last point (by step; system: by time), whatever it is. The grid is as fine as asked or a little
    coarser: an engine may round `width` up, and `lo` down, to where it has aggregates. Both are whole, but over a metric's values.
    """

    lo: float
    width: float
    track: NDArray[np.int32]
    bucket: NDArray[np.int32]
    count: NDArray[np.int64]
    min: NDArray[np.float64]
    max: NDArray[np.float64]
    mean: NDArray[np.float64]
    last: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPage:
    """Rows by step: {key: value} as logged, with the latest time of these values under `_time` (microseconds).

    Where a lineage has lanes, each lane has a row of its own at a step, by time and then lane, with the lane under `_lane` unless
    it is 0. A page does not end within a step: it may then have more rows than asked for.
    """

    steps: list[int] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    next: int | None = None
    """Step to go on from; None when there is nothing more."""


class Metrics(Totals, Frames, Protocol):
    """**Contract.** Safe to call from any thread. An append that returned is durable, and whole: nobody sees half of a batch.

    Appending is idempotent by identity: a point is (segment, key, step), a system sample (segment, key, time), a line (segment,
    stream, number). The same batch twice equals once; a later value for the same identity replaces the earlier one, in any order of
    steps. A value comes back as what it was: its kind and value (NaN, infinities, -0.0, integers of any size); a NaN's payload is not kept.

    Over a lineage, a value of a later span replaces one of the same key and step in an earlier span. A segment that nothing is
    known of is an empty one.

    Lanes (see `Span`) are writers at the same time: a value replaces earlier ones of its own lane only. Buckets, `series` and `points`
    take the points of all lanes; `points` then has a step several times, by time.
    """

    def append(self, batches: Sequence[Batch]) -> None:
        """Add them in one transaction. Batches of many streams at once are cheaper than one by one."""
        ...

    def series(self, lineage: Lineage, source: Source = Source.HISTORY) -> list[Series]:
        """Keys with at least one point, by name; `kind` is that of the last point (by step; system: by time)."""
        ...

    def keys(self, lineages: Sequence[Lineage]) -> list[Keys]:
        """What `series` says of each lineage, but for the counts: a hundred cost little more than one."""
        ...

    def chart(self, request: ChartRequest) -> Chart:
        """Buckets computed in the engine. An empty chart has lo 0 and width 1."""
        ...

    def points(self, lineage: Lineage, key: str, source: Source = Source.HISTORY) -> Points:
        """Every scalar point of one key, by step (system: by time). `keys` is (key,)."""
        ...

    def rows(
        self,
        lineage: Lineage,
        keys: Sequence[str] | None,
        *,
        min_step: int = 0,
        max_step: int | None = None,
        limit: int = 1_000,
    ) -> RowPage:
        """Whole rows from `min_step` to `max_step` (both inclusive), by step. With `keys`: only rows that have all of them, only these keys."""
        ...

    def sample(self, lineage: Lineage, keys: Sequence[str] | None, samples: int) -> RowPage:
        """At most `samples` rows, evenly spread over the steps that qualify for `rows`, first and last (from 2 on) among them."""
        ...

    def latest(self, lineage: Lineage) -> Mapping[str, Latest]:
        """The last value of every key of the history, by step, then by time; under `_step` the last row's place (value: its step).

        Costs as good as nothing more for ten million rows than for ten.
        """
        ...

    def samples(self, lineage: Lineage, limit: int = 10_000) -> Iterator[dict[str, Any]]:
        """System samples merged by time: {key: value, `_time`, `_step`, and `_lane` unless it is 0}, at most `limit`, evenly spread."""
        ...

    def console(
        self, lineage: Lineage, *, after: int = -1, limit: int = 1_000, tail: bool = False
    ) -> tuple[list[ConsoleLine], int]:
        """Lines after ordinal `after` in the order (span, time, stream, number), renumbered 0, 1, 2 …; `tail`: the last `limit`. And how many there are.

        A span with a lane stands in one place with the span before it that has none: their lines are in the order of time.
        """
        ...

    def drop(self, segments: Sequence[str]) -> None:
        """Forget these segments."""
        ...

    def settle(self, segments: Sequence[str] | None, *, until: Callable[[], bool] = lambda: False) -> None:
        """Rewrite what these segments (None: all) gained since it was last done: sorted, with aggregates, so that reading touches
        only what it must. Ends early, with the rest as it was, once `until` is true.
        """
        ...
