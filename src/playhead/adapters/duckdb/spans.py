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
_LISTED = 8
"""Segments that a query may list."""


@dataclass(frozen=True, slots=True)
class Reach:
    """A span in numbers: whose it is, its place in the lineage, the segment, the last step of it, and the lane."""

    track: int
    place: int
    segment: int
    up_to: int
    lane: int = 0
    stem: int = 0
    """The place of the span without a lane that it stands with."""
    started: int = 0
    """The time that the track's clock starts from."""

    @property
    def cut(self) -> bool:
        """Whether it ends before its segment does."""
        return self.up_to != END


def reaches(names: Names, lineage: Lineage, *, track: int = 0, started: int = 0) -> list[Reach]:
    """The spans of segments that anything is known of."""
    found = []
    stem = -1
    for place, span in enumerate(lineage):
        stem = stem if span.lane else place
        segment = names.segment(span.segment)
        if segment is not None:
            up_to = END if span.up_to is None else span.up_to
            found.append(Reach(track, place, segment, up_to, span.lane, stem, started))
    return found


def laned(spans: Iterable[Reach]) -> bool:
    """Whether some are of writers at the same time."""
    return any(span.lane for span in spans)


def table(spans: Sequence[Reach]) -> dict[str, NDArray[Any]]:
    """As DuckDB takes it."""
    small = {name: [getattr(span, name) for span in spans] for name in ("track", "place", "segment", "lane", "stem")}
    large = {name: [getattr(span, name) for span in spans] for name in ("up_to", "started")}
    columns: dict[str, NDArray[Any]] = {name: np.array(column, np.int32) for name, column in small.items()}
    return columns | {name: np.array(column, np.int64) for name, column in large.items()}


def within(query: str, segments: Iterable[int]) -> str:
    """`query` with its `{segments}` written out: constants skip whole row groups, where a join looks at each row.

    Numbers without a gap become a range, which costs a third of a list.
    """
    numbers = sorted(set(segments))
    if numbers[-1] - numbers[0] + 1 == len(numbers):
        return query.replace("{segments}", f"segment >= {numbers[0]} AND segment <= {numbers[-1]}")
    return query.replace("{segments}", f"segment IN ({', '.join(str(number) for number in numbers)})")


def among(query: str, segments: Iterable[int]) -> tuple[str, dict[str, dict[str, NDArray[Any]]]]:
    """`query` with its `{among}` and `{segments}` written out, and the table that it then needs.

    As `within`, but a long list with gaps is a table: it would take longer to plan than many a query to answer.
    """
    numbers = sorted(set(segments))
    between = numbers[-1] - numbers[0] + 1
    if len(numbers) <= _LISTED or between == len(numbers):
        return within(query.replace("{among}", ""), numbers), {}
    query = within(query.replace("{among}", " SEMI JOIN among USING (segment)"), range(numbers[0], numbers[-1] + 1))
    return query, {"among": {"segment": np.array(numbers, np.int32)}}
