"""Lineages as tables that queries join with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playhead.adapters.duckdb.names import Names
from playhead.domain.metric import Lineage

END = (1 << 63) - 1
"""Beyond every step and time."""


@dataclass(frozen=True, slots=True)
class Reach:
    """A span in numbers: whose it is, its place in the lineage, the segment, and the last step of it."""

    track: int
    place: int
    segment: int
    up_to: int
    started: int = 0
    """The time that the track's clock starts from."""

    @property
    def cut(self) -> bool:
        """Whether it ends before its segment does."""
        return self.up_to != END


def reaches(names: Names, lineage: Lineage, *, track: int = 0, started: int = 0) -> list[Reach]:
    """The spans of segments that anything is known of."""
    return [
        Reach(track, place, segment, END if span.up_to is None else span.up_to, started)
        for place, span in enumerate(lineage)
        if (segment := names.segment(span.segment)) is not None
    ]


def table(spans: Sequence[Reach]) -> dict[str, NDArray[Any]]:
    """As DuckDB takes it."""
    return {
        "track": np.array([span.track for span in spans], np.int32),
        "place": np.array([span.place for span in spans], np.int32),
        "segment": np.array([span.segment for span in spans], np.int32),
        "up_to": np.array([span.up_to for span in spans], np.int64),
        "started": np.array([span.started for span in spans], np.int64),
    }


def within(query: str, segments: Iterable[int]) -> str:
    """`query` with its `{segments}` written out: constants skip whole row groups, where a join looks at each row.

    Numbers without a gap become a range, which costs a third of a list.
    """
    numbers = sorted(set(segments))
    if numbers[-1] - numbers[0] + 1 == len(numbers):
        return query.replace("{segments}", f"segment >= {numbers[0]} AND segment <= {numbers[-1]}")
    return query.replace("{segments}", f"segment IN ({', '.join(str(number) for number in numbers)})")
