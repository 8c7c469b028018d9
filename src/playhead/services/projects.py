"""Projects, and what there is to draw in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from playhead.domain.account import Actor, Project, Right, allowed
from playhead.domain.limits import MAX_PAGE
from playhead.domain.metric import Kind, Lineage, Source
from playhead.domain.run import Run
from playhead.ports.metrics import Metrics
from playhead.ports.projects import Projects
from playhead.ports.runs import RunQuery, Runs
from playhead.services.access import Access, member, signed_in
from playhead.services.recent import Recent
from playhead.services.timeline import lineage
from playhead.wire.views import ProjectKeys

NEWEST = 50
"""Runs of a project whose keys are looked at."""
LIVE_FOR = 3.0
"""Seconds after which the keys of a live run are looked up again."""
MAX_MEDIA_KEYS = 100
"""Keys with objects, a run, that are looked at for media."""


@dataclass(frozen=True, slots=True)
class _Keys:
    """What a run logged."""

    history: tuple[str, ...]
    system: tuple[str, ...]
    media: tuple[str, ...]


class ProjectService:
    """Reading projects."""

    def __init__(self, *, access: Access, projects: Projects, runs: Runs, metrics: Metrics) -> None:
        self._access = access
        self._projects = projects
        self._runs = runs
        self._metrics = metrics
        self._keys: Recent[tuple[str, str, int], _Keys] = Recent(1_000, 3600.0)
        self._live_keys: Recent[tuple[str, str, int], _Keys] = Recent(1_000, LIVE_FOR)
        self._media: Recent[tuple[str, str], bool] = Recent(10_000, 3600.0)

    def project(self, actor: Actor, entity: str, name: str) -> Project:
        """NotFoundError if there is none that `actor` may see."""
        return self._access.project(actor, entity, name)

    def projects(
        self, actor: Actor, entity: str | None, limit: int, cursor: str | None
    ) -> tuple[list[Project], str | None]:
        """Projects of the actor's entities, or those of `entity` that the actor may see, newest activity first."""
        signed_in(actor)
        if entity is None:
            wanted = None if actor.admin else actor.entities
            return self._projects.projects(wanted, min(limit, MAX_PAGE), cursor)
        found, after = self._projects.projects({entity}, min(limit, MAX_PAGE), cursor)
        if member(actor, entity):
            return found, after
        return [project for project in found if allowed(actor, Right.READ, entity, project.visibility)], after

    def keys(self, actor: Actor, entity: str, project: str) -> ProjectKeys:
        """Keys of the newest runs, and in how many of these each is."""
        self._access.project(actor, entity, project)
        runs, _ = self._runs.runs(entity, project, RunQuery(), NEWEST)
        history: Counter[str] = Counter()
        system: Counter[str] = Counter()
        media: Counter[str] = Counter()
        for run in runs:
            found = self._remembered(run)
            history.update(found.history)
            system.update(found.system)
            media.update(found.media)
        return ProjectKeys(history=dict(history), system=dict(system), media=dict(media))

    def _remembered(self, run: Run) -> _Keys:
        """A live run changes all the time: what it logged is looked up anew only now and then."""
        kept, change = (self._live_keys, 0) if run.state.live else (self._keys, run.updated_at)
        return kept.ask((run.head, str(run.path), change), lambda: self._keys_of(run))

    def _keys_of(self, run: Run) -> _Keys:
        spans = lineage(self._runs.segments(run.path), run.head)
        series = self._metrics.series(spans)
        objects = [one.key for one in series if one.kind is Kind.OBJECT]
        return _Keys(
            tuple(one.key for one in series if one.kind is not Kind.OBJECT),
            tuple(one.key for one in self._metrics.series(spans, Source.SYSTEM)),
            tuple(key for key in objects[:MAX_MEDIA_KEYS] if self._is_media(spans, key)),
        )

    def _is_media(self, spans: Lineage, key: str) -> bool:
        """Whether the first value of the key is an image or the like: what has a type and content of its own."""

        def look() -> bool:
            page = self._metrics.rows(spans, [key], limit=1)
            return any(_has_content(row.get(key)) for row in page.rows)

        return self._media.ask((spans[-1].segment, key), look)


def _has_content(value: object) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("_type"), str):
        return False
    items = value.get("items")
    return "sha256" in value or (isinstance(items, Sequence) and any(_has_content(item) for item in items))
