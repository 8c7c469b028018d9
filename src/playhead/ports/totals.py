"""Aggregates: what all points of a key are together, computed where they are stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from playhead.domain.metric import Lineage, Total


class Totals(Protocol):
    """**Contract.** As `Metrics`, which says what a lineage shows."""

    def totals(self, lineage: Lineage, keys: Sequence[str]) -> Mapping[str, Total]:
        """The aggregates of these keys over a lineage; of one without a number there are none."""
        ...
