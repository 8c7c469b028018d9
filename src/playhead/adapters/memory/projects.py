"""Projects on dicts."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace

from playhead.adapters.memory.catalog import Catalog
from playhead.domain.account import Project, Visibility
from playhead.domain.errors import NotFoundError, UsageError


class MemoryProjects:
    """`playhead.ports.projects.Projects` in memory."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def ensure(self, project: Project) -> Project:
        with self._catalog.lock:
            if project.entity not in self._catalog.entities:
                raise NotFoundError(f"There is no entity {project.entity!r}.")
            made = replace(project, updated_at=max(project.updated_at, project.created_at), runs=0, running=0)
            self._catalog.projects.setdefault((project.entity, project.name), made)
            return self.project(project.entity, project.name)

    def project(self, entity: str, name: str) -> Project:
        with self._catalog.lock:
            if (entity, name) not in self._catalog.projects:
                raise NotFoundError(f"There is no project {entity}/{name}.")
            runs = [run for path, run in self._catalog.runs.items() if path[:2] == (entity, name)]
            running = sum(run.state.live for run in runs)
            return replace(self._catalog.projects[entity, name], runs=len(runs), running=running)

    def set_visibility(self, entity: str, name: str, visibility: Visibility) -> Project:
        with self._catalog.lock:
            self.project(entity, name)
            known = self._catalog.projects
            known[entity, name] = replace(known[entity, name], visibility=visibility)
            return self.project(entity, name)

    def projects(
        self, entities: AbstractSet[str] | None, limit: int, cursor: str | None = None
    ) -> tuple[list[Project], str | None]:
        before = None if cursor is None else _parse(cursor)
        with self._catalog.lock:
            found = [self.project(*key) for key in self._catalog.projects if entities is None or key[0] in entities]
        found.sort(key=lambda project: (project.updated_at, project.entity, project.name), reverse=True)
        if before is not None:
            found = [project for project in found if _place(project) < before]
        page = found[:limit]
        return page, "\n".join(map(str, _place(page[-1]))) if len(found) > limit else None


def _place(project: Project) -> tuple[int, str, str]:
    return project.updated_at, project.entity, project.name


def _parse(cursor: str) -> tuple[int, str, str]:
    parts = cursor.split("\n")
    if len(parts) != 3 or not parts[0].isdecimal():
        raise UsageError("This is no cursor of a list of projects. Start from the first page.")
    return int(parts[0]), parts[1], parts[2]
