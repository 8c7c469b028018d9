"""Projects in a table."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any

from sqlalchemy import Connection, Row, Select, case, func, insert, select, tuple_, update

from playhead.adapters.sqlalchemy.cursors import pack, unpack
from playhead.adapters.sqlalchemy.engine import Database
from playhead.adapters.sqlalchemy.tables import entities, projects, runs
from playhead.domain.account import Project, Visibility
from playhead.domain.errors import NotFoundError
from playhead.domain.run import RunState

_LIVE = [state.value for state in RunState if state.live]


class SqlProjects:
    """`playhead.ports.projects.Projects` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ensure(self, project: Project) -> Project:
        def work(connection: Connection) -> Project:
            found = _find(connection, project.entity, project.name)
            if found is None:
                known = connection.scalar(select(entities.c.name).where(entities.c.name == project.entity))
                if known is None:
                    raise NotFoundError(f"There is no entity {project.entity!r}.")
                connection.execute(insert(projects).values(**_values(project)))
                found = _find(connection, project.entity, project.name)
            assert found is not None
            return found

        with self._database.read() as connection:  # Most often it is there, and nobody needs to wait for a writer.
            found = _find(connection, project.entity, project.name)
        return found or self._database.settled(work)

    def project(self, entity: str, name: str) -> Project:
        with self._database.read() as connection:
            found = _find(connection, entity, name)
        if found is None:
            raise NotFoundError(f"There is no project {entity}/{name}.")
        return found

    def set_visibility(self, entity: str, name: str, visibility: Visibility) -> Project:
        with self._database.write() as connection:
            own = update(projects).where(projects.c.entity == entity, projects.c.name == name)
            connection.execute(own.values(visibility=visibility.value))
        return self.project(entity, name)

    def projects(
        self, entities: AbstractSet[str] | None, limit: int, cursor: str | None = None
    ) -> tuple[list[Project], str | None]:
        place = tuple_(projects.c.updated_at, projects.c.entity, projects.c.name)
        query = _counted().order_by(projects.c.updated_at.desc(), projects.c.entity.desc(), projects.c.name.desc())
        if entities is not None:
            query = query.where(projects.c.entity.in_(sorted(entities)))
        if cursor is not None:
            query = query.where(place < tuple_(*unpack(cursor, (int, str, str))))
        with self._database.read() as connection:
            rows = connection.execute(query.limit(limit + 1)).all()
        page = [_project(row) for row in rows[:limit]]
        if len(rows) <= limit:
            return page, None
        return page, pack((page[-1].updated_at, page[-1].entity, page[-1].name))


def _values(project: Project) -> dict[str, Any]:
    return {
        "entity": project.entity,
        "name": project.name,
        "visibility": project.visibility.value,
        "created_at": project.created_at,
        "updated_at": max(project.updated_at, project.created_at),
    }


def _counted() -> Select[Any]:
    """Projects, each with the numbers of its runs and live runs (counted in an index, for the page's projects only)."""
    own = runs.c.project_id == projects.c.id
    live = case((runs.c.state.in_(_LIVE), 1))
    return select(
        projects,
        select(func.count()).where(own).correlate(projects).scalar_subquery().label("runs"),
        select(func.count(live)).where(own).correlate(projects).scalar_subquery().label("running"),
    )


def _find(connection: Connection, entity: str, name: str) -> Project | None:
    query = _counted().where(projects.c.entity == entity, projects.c.name == name)
    row = connection.execute(query).one_or_none()
    return None if row is None else _project(row)


def _project(row: Row[Any]) -> Project:
    return Project(
        entity=row.entity,
        name=row.name,
        visibility=Visibility(row.visibility),
        created_at=row.created_at,
        updated_at=row.updated_at,
        runs=row.runs,
        running=row.running,
    )
