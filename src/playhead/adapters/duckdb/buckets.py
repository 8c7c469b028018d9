"""Pure NumPy: the grid of a chart, and adding up what several queries say of its buckets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playhead.ports.metrics import Chart

Part = dict[str, NDArray[Any]]
"""Columns track, bucket, count, finite, low, high, total, last, and `at`: where the last point stands.

Where tracks have lanes, also `moment`, the last point's time, and `lane`.
"""


@dataclass(frozen=True, slots=True)
class Grid:
    """Which x are in the chart (`low` to `high`), and its cells: [lo + i*width, lo + (i+1)*width)."""

    low: int
    high: int
    lo: int
    width: int


def grid(low: int, high: int, buckets: int, tile: int = 1) -> Grid:
    """At most `buckets` cells over `low` to `high`, none of which cuts a tile of that width."""
    lo = low // tile * tile
    width = -(-(high - lo + 1) // buckets)
    return Grid(low, high, lo, -(-width // tile) * tile)


def empty() -> Chart:
    """The chart of nothing."""
    whole, real = np.array([], np.int32), np.array([], np.float64)
    return Chart(
        lo=0,
        width=1,
        track=whole,
        bucket=whole,
        count=np.array([], np.int64),
        min=real,
        max=real,
        mean=real,
        last=real,
    )


def combine(cells: Grid, parts: Sequence[Part]) -> Chart:
    """One chart of parts, of which several may have something in the same bucket."""
    parts = [part for part in parts if len(part["count"])]
    if not parts:
        return empty()
    whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    code = (whole["track"].astype(np.int64) << 32) | whole["bucket"]
    if "lane" in whole:
        order = np.lexsort((whole["lane"], whole["moment"], whole["at"], code))
    else:
        order = np.argsort(code)
        if np.any(np.diff(code[order]) == 0):
            order = np.lexsort((whole["at"], code))
    whole = {name: column[order] for name, column in whole.items()}
    code = code[order]
    starts = np.flatnonzero(np.append(True, code[1:] != code[:-1]))
    low = np.fmin.reduceat(whole["low"], starts)
    high = np.fmax.reduceat(whole["high"], starts)
    total = np.add.reduceat(np.nan_to_num(whole["total"], nan=0.0, posinf=np.inf, neginf=-np.inf), starts)
    finite = np.add.reduceat(whole["finite"], starts)
    return Chart(
        lo=cells.lo,
        width=cells.width,
        track=whole["track"][starts].astype(np.int32, copy=False),
        bucket=whole["bucket"][starts].astype(np.int32, copy=False),
        count=np.add.reduceat(whole["count"], starts).astype(np.int64, copy=False),
        min=low,
        max=high,
        mean=_mean(total, finite, low, high),
        last=whole["last"][np.append(starts[1:], len(code)) - 1],
    )


def _mean(total: NDArray[Any], finite: NDArray[Any], low: NDArray[Any], high: NDArray[Any]) -> NDArray[np.float64]:
    """Total by count; where the total is beyond all floats, a value between the extremes."""
    mean = np.full(len(total), np.nan)
    np.divide(total, finite, out=mean, where=finite > 0)
    between = np.where(np.isnan(mean) & (finite > 0), low / 2 + high / 2, mean)
    return np.clip(between, low, high)
