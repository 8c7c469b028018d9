"""Contents of projects in a table."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, insert, select

from playhead.adapters.sqlalchemy.engine import Database
from playhead.adapters.sqlalchemy.facts import pieces
from playhead.adapters.sqlalchemy.tables import contents
from playhead.ports.contents import ProjectName


class SqlContents:
    """`playhead.ports.contents.Contents` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def give(self, project: ProjectName, digests: Collection[str]) -> None:
        if not set(digests) - self.given([project], digests):
            return

        def work(connection: Connection) -> None:
            fresh = sorted(set(digests) - _given(connection, project, digests))
            if fresh:
                rows = [{"entity": project.entity, "project": project.project, "sha256": sha256} for sha256 in fresh]
                connection.execute(insert(contents), rows)

        self._database.settled(work)

    def given(self, projects: Sequence[ProjectName], digests: Collection[str]) -> set[str]:
        with self._database.read() as connection:
            return set().union(*(_given(connection, project, digests) for project in dict.fromkeys(projects)))


def _given(connection: Connection, project: ProjectName, digests: Collection[str]) -> set[str]:
    found: set[str] = set()
    for some in pieces(list(digests)):
        query = select(contents.c.sha256).where(
            contents.c.entity == project.entity, contents.c.project == project.project, contents.c.sha256.in_(some)
        )
        found.update(connection.scalars(query))
    return found
