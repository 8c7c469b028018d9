"""Finding the run that somebody wants to rewind or fork, from what a person writes."""

from __future__ import annotations

from typing import NamedTuple

from playhead.domain.account import Actor
from playhead.domain.errors import NotFoundError, UsageError
from playhead.domain.ids import RunPath
from playhead.domain.run import Run
from playhead.ports.runs import RunQuery
from playhead.ports.timelines import Timelines
from playhead.services.access import Access

MAX_CANDIDATES = 10
"""Runs of one name that an error lists."""


class Source(NamedTuple):
    """A run; with `head`, as that segment of it shows it."""

    path: RunPath
    head: str | None = None


class Sources:
    """Finds runs for actors who may read them."""

    def __init__(self, *, access: Access, runs: Timelines) -> None:
        self._access = access
        self._runs = runs

    def find(self, actor: Actor, entity: str, project: str, told: str, *, elsewhere: bool) -> Source:
        """By id, by a segment's id, by a name that no other run of the project has; with `elsewhere` by a path too.

        NotFoundError, UsageError.
        """
        parts = [part for part in told.strip("/").split("/") if part != "runs"]
        if not 1 <= len(parts) <= 3 or not all(parts) or (len(parts) > 1 and not elsewhere):
            raise UsageError(f"{told!r} is no run of {entity}/{project}: give its id or its name.")
        path = RunPath(*(entity, project)[: 3 - len(parts)], *parts)
        try:
            return Source(self._access.run(actor, path).path)
        except NotFoundError:
            if len(parts) > 1:
                raise
        return self._by_segment(actor, entity, project, told) or self._by_name(entity, project, told)

    def _by_segment(self, actor: Actor, entity: str, project: str, told: str) -> Source | None:
        """The immutable id of a run at some point: it goes on meaning that, whatever the run's head is by now."""
        try:
            segment = self._runs.segment(told)
        except NotFoundError:
            return None
        if segment.run[:2] != (entity, project):
            return None
        return Source(self._access.run(actor, segment.run).path, segment.id)

    def _by_name(self, entity: str, project: str, told: str) -> Source:
        named = [run for run in self._search(entity, project, told) if run.name == told]
        if len(named) == 1:
            return Source(named[0].path)
        if not named:
            raise NotFoundError(f"There is no run with the id or name {told!r} in {entity}/{project}.")
        ids = ", ".join(run.path.run_id for run in named[:MAX_CANDIDATES])
        raise UsageError(f"Several runs of {entity}/{project} have the name {told!r}: give one of the ids {ids}.")

    def _search(self, entity: str, project: str, name: str) -> list[Run]:
        found: list[Run] = []
        cursor: str | None = None
        while True:
            page, cursor = self._runs.runs(entity, project, RunQuery(search=name), 500, cursor)
            found += page
            if cursor is None:
                return found
