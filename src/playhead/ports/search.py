"""What there is to find in a project's runs: how many, which values they have, groups of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from playhead.domain.facts import Fact, Kind
from playhead.domain.filter import Place
from playhead.domain.ids import RunPath
from playhead.ports.runs import RunQuery

TINY = 2.0**-32
"""Numbers are made so small, without rounding, before they are added up for a mean: the sum of large ones may be more than a double holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A value that runs of a project have."""

    place: Place
    kinds: frozenset[Kind]
    """Of what kinds it is in these runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """The numbers that runs of a group have at a place; NaN and other kinds do not count."""

    count: int = 0
    mean: float | None = None
    min: float | None = None
    max: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Runs with the same values."""

    values: tuple[Fact | None, ...]
    """Of what they were grouped by; None: they have none."""
    count: int
    spreads: tuple[Spread, ...]
    """Of what was asked for, in that order."""


class Search(Protocol):
    """**Contract.** Safe to call from any thread. As in `Runs.runs`, what live runs logged within the last second may not be seen yet."""

    def count(self, entity: str, project: str, query: RunQuery) -> int:
        """How many runs `query` means."""
        ...

    def stale(self, entity: str, project: str, limit: int) -> list[RunPath]:
        """Runs outside the trash whose summary must be made anew before anybody asks for it, at most `limit`."""
        ...

    def columns(self, entity: str, project: str) -> list[Column]:
        """Values in config and summary of the project's runs, by name; elements of lists are no columns."""
        ...

    def groups(
        self, entity: str, project: str, query: RunQuery, by: Sequence[Place], of: Sequence[Place], limit: int
    ) -> list[Group]:
        """Runs by their values at `by`, the largest groups first, with the numbers at `of`; at most `limit` groups.

        Runs whose value is a list or an object are one group each.
        """
        ...
