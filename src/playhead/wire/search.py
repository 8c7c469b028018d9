"""Finding runs: the questions, and what is answered beside runs themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsAsk:
    """Which runs, in which order: what the query of `GET` says, as a body, so that a filter can be long."""

    filter: str | dict[str, Any] | None = None
    """In the filter language, or an object as W&B's clients write it."""
    order: str = "-created_at"
    """A value of a run, `-` in front for descending: `-summary.acc`, `config.lr`, `created_at`. Runs without it come last."""
    cursor: str | None = None
    limit: int = 100
    count: bool = False
    """Whether `total` is wanted."""
    search: str | None = None
    """Part of the name, id, group or a tag."""
    state: list[str] = field(default_factory=list)
    group: str | None = None
    trash: bool = False
    brief: bool = False
    """Without `meta` and `metrics`, and of config and summary only `values`: what a long list shows."""
    values: list[str] = field(default_factory=list)
    """Such as `config.net.depth` or `summary.acc`; in the answer `net.depth` and `acc` are keys of config and summary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnView:
    """A value that runs of a project have."""

    name: str
    """As filters and orders call it: `config.lr`, `summary.val/acc`."""
    kinds: list[str]
    """`number`, `string`, `bool`, `nan`, `null`, `list`, `object`: what it is in these runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnList:
    """Columns by name; `total` is how many there are."""

    items: list[ColumnView]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupsAsk:
    """Runs by their values, with numbers of each group."""

    by: list[str]
    """Up to three values, such as `config.lr`, `group` or `tags`."""
    of: list[str] = field(default_factory=list)
    """Up to twenty values whose count, mean, minimum and maximum are wanted, such as `summary.acc`."""
    filter: str | dict[str, Any] | None = None
    search: str | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadView:
    """Numbers of a group; NaN and what is no number does not count. None where there is none."""

    count: int
    mean: float | None
    min: float | None
    max: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupView:
    """Runs with the same values."""

    values: list[Any]
    """Of `by`; None for null, for what is no single value, and for what these runs do not have."""
    kinds: list[str]
    """As in ColumnView, or `missing`."""
    count: int
    numbers: list[SpreadView]
    """Of `of`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupList:
    """The largest groups first; `more` if there are others."""

    items: list[GroupView]
    more: bool = False
