"""Projects, and what there is to draw in them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from playhead.domain.account import Actor, Project, Right, Visibility, allowed
from playhead.domain.errors import NotFoundError, PermissionDeniedError, UsageError
from playhead.domain.ids import RunPath, check_name
from playhead.domain.limits import MAX_PAGE
from playhead.domain.media import kind_of
from playhead.domain.metric import Lineage
from playhead.domain.run import Run
from playhead.domain.timeline import lineage
from playhead.ports.clock import Clock
from playhead.ports.metrics import Metrics
from playhead.ports.projects import Projects
from playhead.ports.runs import RunQuery
from playhead.ports.timelines import Timelines
from playhead.services.access import Access, member, refusal, signed_in
from playhead.services.recent import Recent
from playhead.services.summary import definitions
from playhead.wire.views import MetricView, ProjectKeys, ProjectPatch

NEWEST = 50
"""Runs of a project whose keys are looked at."""
LIVE_FOR = 3.0
"""Seconds after which the keys of a live run are looked up again."""

_Place = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class _Keys:
    """What a run logged."""

    history: tuple[str, ...]
    system: tuple[str, ...]
    media: tuple[str, ...]


class ProjectService:
    """Reading projects, and saying who may see them."""

    def __init__(self, *, access: Access, projects: Projects, runs: Timelines, metrics: Metrics, clock: Clock) -> None:
        self._access = access
        self._projects = projects
        self._clock = clock
        self._runs = runs
        self._metrics = metrics
        self._keys: Recent[_Place, _Keys] = Recent(1_000, 3600.0)
        self._live_keys: Recent[_Place, _Keys] = Recent(1_000, LIVE_FOR)

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

    def create(self, actor: Actor, entity: str, name: str) -> tuple[Project, bool]:
        """The project, made if there is none, and whether it was. UsageError, AuthenticationError, PermissionDeniedError."""
        check_name(entity, "an entity")
        check_name(name, "a project")
        if self._access.check_recording(actor, entity, name):
            return self._access.project(actor, entity, name), False
        now = self._clock.now()
        try:
            return self._projects.ensure(Project(entity=entity, name=name, created_at=now, updated_at=now)), True
        except NotFoundError:
            raise refusal(actor, entity, name) from None

    def patch(self, actor: Actor, entity: str, name: str, change: ProjectPatch) -> Project:
        """Change what is given. UsageError for an unknown visibility, PermissionDeniedError."""
        found = self._access.project(actor, entity, name)
        if not allowed(actor, Right.ADMIN, entity, found.visibility):
            raise PermissionDeniedError(
                f"{signed_in(actor)} may read {entity}/{name}, but only members of {entity} and administrators may change it."
            )
        if change.visibility is None:
            return found
        if change.visibility not in set(Visibility):
            raise UsageError(f"{change.visibility!r} is no visibility: use {', '.join(Visibility)}.")
        return self._projects.set_visibility(entity, name, Visibility(change.visibility))

    def keys(self, actor: Actor, entity: str, project: str) -> ProjectKeys:
        """Keys of the newest runs, and in how many of these each is."""
        self._access.project(actor, entity, project)
        runs, _ = self._runs.runs(entity, project, RunQuery(documents=frozenset({"summary"})), NEWEST)
        history: Counter[str] = Counter()
        system: Counter[str] = Counter()
        media: Counter[str] = Counter()
        for found in self._keys_of(runs):
            history.update(found.history)
            system.update(found.system)
            media.update(found.media)
        defined = {name: told for run in reversed(runs) for name, told in definitions(run.summary).items()}
        metrics = [MetricView(name=name, **told) for name, told in defined.items()]
        return ProjectKeys(history=dict(history), system=dict(system), media=dict(media), metrics=metrics)

    def _keys_of(self, runs: Sequence[Run]) -> list[_Keys]:
        """What each run logged. All that is not remembered is looked up at once."""
        known: dict[RunPath, _Keys | None] = {}
        missing: list[Run] = []
        for run in runs:
            kept, place = self._memory(run)
            known[run.path] = kept.get(place)
            if known[run.path] is None:
                missing.append(run)
        lines = [(run, line) for run, line in zip(missing, self._lines(missing), strict=True) if line is not None]
        for (run, _), keys in zip(lines, self._metrics.keys([line for _, line in lines]), strict=True):
            kept, place = self._memory(run)
            known[run.path] = found = _Keys(tuple(keys.scalars), tuple(keys.system), _media(keys.objects))
            kept.put(place, found)
        return [keys for keys in known.values() if keys is not None]

    def _lines(self, runs: Sequence[Run]) -> list[Lineage | None]:
        """Of runs of one project; None for one that was deleted meanwhile."""
        if not runs:
            return []
        entity, project, _ = runs[0].path
        chains = self._runs.chains(entity, project, [run.path.run_id for run in runs])
        found = (chains.get(run.path.run_id) for run in runs)
        return [lineage(one[1], one[0].head) if one else None for one in found]

    def _memory(self, run: Run) -> tuple[Recent[_Place, _Keys], _Place]:
        """Where a run's keys are remembered: a live one changes all the time, and is looked up anew only now and then."""
        if run.state.live:
            return self._live_keys, (run.head, str(run.path), 0)
        return self._keys, (run.head, str(run.path), run.updated_at)


def _media(objects: Mapping[str, str]) -> tuple[str, ...]:
    """Keys whose first value is an image, a table or the like."""
    return tuple(key for key, text in objects.items() if text.startswith("{") and kind_of(json.loads(text)))
