"""Where a run begins, and where that is found out: values."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple


class Beginning(NamedTuple):
    """Where a run's journal begins, and what was there before."""

    run_id: str
    stream: str
    segment: str
    created_at: int
    parent: str | None = None
    parent_step: int | None = None
    step: int = 0
    resumed: bool = False
    shared: bool = False
    label: str = ""
    inherit_config: bool = True
    config: Mapping[str, Any] = {}
    about: Mapping[str, Any] = {}
    """Name, notes, tags, group and job type that the run has already."""
    name: str = ""
    """For people, if one was made up already."""
    entity: str | None = None
    metrics: Mapping[str, Mapping[str, Any]] = {}
    """What its metrics are defined as already, see `Definitions.as_data`."""
    summary: Mapping[str, Any] = {}
    """What was set of it, as far as this disk says."""
    axes: Mapping[str, Any] = {}
    """What its step metrics were last."""
    fork_of: str = ""
    """The run that `parent` is a segment of, if that is another one."""
    told: tuple[str, ...] = ()
    """Sentences for the person at the terminal."""


class Where(NamedTuple):
    """A server to ask, and where it is recorded here."""

    root: Path
    project: str
    entity: str | None
    url: str | None
    key: str | None
    host: str
