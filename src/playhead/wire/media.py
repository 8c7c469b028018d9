"""Images, tables, histograms and the like that runs logged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaKey:
    """A key under which a run logged media."""

    key: str
    type: str
    """`_type` of its first value: `image-file`, `images/separated`, `histogram`, `table-file` …"""
    count: int
    """Steps that have it."""
    first_step: int
    last_step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaStep:
    """What was logged under a key at one step."""

    step: int
    timestamp: float
    """Seconds since 1970 (UTC)."""
    type: str
    """`_type` as it was logged."""
    items: list[dict[str, Any]]
    """One for each image, table …: its `_type` and fields, as W&B has them. Whatever has a `path` (an image, its masks and boxes, a table) has also
    `state`: `there` (with `sha256` and `size`), `waiting` (the content has not come yet), or `lost` (with `lost`: why it never will)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaPage:
    """Media of one key, by step."""

    items: list[MediaStep]
    next: int | None
    """`min_step` of the next page; None on the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistogramView:
    """Histograms of one key over the steps, on common bins."""

    steps: list[int]
    edges: list[float]
    """One more than bins; empty if there is no histogram."""
    counts: list[list[float]]
    """By step, then by bin. What lay in one bin is spread evenly over those that take its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePage:
    """Rows of a logged table."""

    step: int
    """Where it was logged."""
    columns: list[str]
    total: int
    """Rows that the table has."""
    rows: list[list[Any]]
    """Values as in `Rows`; media in cells as in MediaStep."""
    next: int | None
    """`offset` of the next page; None on the last."""
