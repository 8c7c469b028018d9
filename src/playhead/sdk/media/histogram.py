"""Histograms: they stand in the row itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from playhead.domain.errors import UsageError
from playhead.domain.limits import MAX_BINS
from playhead.sdk.media.pixels import plain_array
from playhead.sdk.media.value import Media, Shelf, Value


class Histogram(Media):
    """A histogram of `sequence` (numbers of any shape) in `num_bins` bins of equal width, or one that is made already: `np_histogram`, the
    counts and the edges as `numpy.histogram` answers them. NaN and infinities are left out and counted. UsageError for what is none, or has more
    than MAX_BINS bins.
    """

    def __init__(
        self, sequence: Any = None, np_histogram: tuple[Sequence[float], Sequence[float]] | None = None, num_bins: int = 64
    ) -> None:  # fmt: skip
        self.nonfinite = 0
        if np_histogram is not None:
            counts, edges = _made(np_histogram)
        elif sequence is not None:
            if not 1 <= num_bins <= MAX_BINS:
                raise UsageError(f"num_bins={num_bins!r}: a histogram has 1 to {MAX_BINS} bins (MAX_BINS).")
            numbers = plain_array(sequence)
            if numbers.dtype.kind not in "biuf":
                raise UsageError(f"A histogram is made of numbers, not of {numbers.dtype}.")
            finite = numbers if numbers.dtype.kind != "f" else numbers[np.isfinite(numbers)]
            self.nonfinite = int(numbers.size - finite.size)
            counts, edges = np.histogram(finite.astype(np.float64).ravel(), bins=num_bins)
        else:
            raise UsageError("Histogram(sequence), or Histogram(np_histogram=numpy.histogram(…)).")
        self.histogram: list[float] = counts.tolist()
        self.bins: list[float] = edges.tolist()

    def record(self, shelf: Shelf) -> Value:  # noqa: ARG002 it has no file
        """The value for the row."""
        value: Value = {"_type": "histogram", "values": self.histogram, "bins": self.bins}
        return value | ({"nonfinite": self.nonfinite} if self.nonfinite else {})


def _made(given: Any) -> tuple[Any, Any]:
    try:
        counts, edges = (np.asarray(part) for part in given)
        good = counts.ndim == edges.ndim == 1 and len(edges) == len(counts) + 1 and len(counts) > 0
        good = good and bool(np.isfinite(edges).all() and np.isfinite(counts).all() and (np.diff(edges) >= 0).all())
    except (TypeError, ValueError) as error:
        raise UsageError(f"np_histogram is (counts, edges), as numpy.histogram answers: {error}.") from error
    if not good:
        raise UsageError("np_histogram is (counts, edges): one edge more than counts, growing, all of them finite.")
    if len(counts) > MAX_BINS:
        raise UsageError(f"{len(counts):,} bins: a histogram has at most {MAX_BINS} (MAX_BINS).")
    return counts, edges
