"""A chart of one metric over another: what both logged at the same step, in buckets of the other's value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from playhead.domain.errors import LimitError
from playhead.domain.metric import Track
from playhead.ports.metrics import Chart, Metrics

MAX_POINTS = 20_000_000
"""Points of both metrics that one chart reads."""


@dataclass(frozen=True, slots=True)
class _Pairs:
    track: NDArray[np.int32]
    x: NDArray[np.float64]
    y: NDArray[np.float64]


def chart_over(
    metrics: Metrics,
    tracks: Sequence[Track],
    key: str,
    over: str,
    bounds: tuple[float | None, float | None],
    buckets: int,
) -> Chart:
    """Cells span [lo + i*width, lo + (i+1)*width) of `over`'s values; `last` is that of the latest step. LimitError."""
    pairs = _joined(metrics, tracks, key, over)
    low, high = bounds
    kept = np.isfinite(pairs.x)
    kept &= pairs.x >= (-np.inf if low is None else low)
    kept &= pairs.x <= (np.inf if high is None else high)
    track, x, y = pairs.track[kept], pairs.x[kept], pairs.y[kept]
    if not len(x):
        nothing = np.empty(0)
        whole = np.empty(0, np.int32)
        return Chart(
            lo=0,
            width=1,
            track=whole,
            bucket=whole,
            count=np.empty(0, np.int64),
            min=nothing,
            max=nothing,
            mean=nothing,
            last=nothing,
        )
    lo, hi = float(x.min()), float(x.max())
    width = (hi - lo) / buckets if hi > lo else 1.0
    bucket = np.minimum(((x - lo) / width).astype(np.int32), buckets - 1)
    return _grouped(lo, width, track, bucket, y, buckets)


def _joined(metrics: Metrics, tracks: Sequence[Track], key: str, over: str) -> _Pairs:
    found = []
    read = 0
    for number, track in enumerate(tracks):
        if not track.lineage:
            continue
        ours, theirs = metrics.points(track.lineage, key), metrics.points(track.lineage, over)
        read += len(ours.step) + len(theirs.step)
        if read > MAX_POINTS:
            raise LimitError(
                f"A chart over a metric reads at most MAX_POINTS ({MAX_POINTS:,}) points. Show fewer runs."
            )
        if not len(theirs.step):
            continue
        place = np.maximum(np.searchsorted(theirs.step, ours.step, side="right") - 1, 0)
        both = theirs.step[place] == ours.step
        found.append((np.full(int(both.sum()), number, np.int32), theirs.value[place[both]], ours.value[both]))
    if not found:
        return _Pairs(np.empty(0, np.int32), np.empty(0), np.empty(0))
    return _Pairs(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _grouped(
    lo: float, width: float, track: NDArray[np.int32], bucket: NDArray[np.int32], y: NDArray[np.float64], buckets: int
) -> Chart:
    cell = track.astype(np.int64) * buckets + bucket
    order = np.argsort(cell, kind="stable")
    cell, y = cell[order], y[order]
    starts = np.flatnonzero(np.r_[True, cell[1:] != cell[:-1]])
    ends = np.r_[starts[1:], len(cell)]
    good = np.isfinite(y)
    finite = np.add.reduceat(good, starts, dtype=np.int64)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.add.reduceat(np.where(good, y, 0.0), starts) / finite
    none = finite == 0
    return Chart(
        lo=lo,
        width=width,
        track=(cell[starts] // buckets).astype(np.int32),
        bucket=(cell[starts] % buckets).astype(np.int32),
        count=(ends - starts).astype(np.int64),
        min=np.where(none, np.nan, np.minimum.reduceat(np.where(good, y, np.inf), starts)),
        max=np.where(none, np.nan, np.maximum.reduceat(np.where(good, y, -np.inf), starts)),
        mean=np.where(none, np.nan, mean),
        last=y[ends - 1],
    )
