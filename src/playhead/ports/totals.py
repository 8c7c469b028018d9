"""Aggregates: what all points of a key are together, computed where they are stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from playhead.domain.metric import Lineage, Series, Total


class Totals(Protocol):
    """**Contract.** As `Metrics`, which says what a lineage shows."""

    def totals(self, lineage: Lineage, keys: Sequence[str]) -> Mapping[str, Total]:
        """The aggregates of these keys over a lineage; of one without a number there are none."""
        ...

    def all_series(self, lineages: Sequence[Lineage]) -> list[list[Series]]:
        """What `Metrics.series` says of the history of each lineage: a hundred cost little more than one."""
        ...

    def last_samples(self, lineages: Sequence[Lineage]) -> list[dict[str, Any]]:
        """The last of the `Metrics.samples` of each lineage, {} if it has none: as cheap."""
        ...
