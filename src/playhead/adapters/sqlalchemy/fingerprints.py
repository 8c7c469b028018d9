"""Fingerprints of contents in a table."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, delete, insert, select

from playhead.adapters.sqlalchemy.engine import Database
from playhead.adapters.sqlalchemy.facts import pieces
from playhead.adapters.sqlalchemy.tables import fingerprints
from playhead.ports.contents import ProjectName
from playhead.ports.fingerprints import Print


class SqlFingerprints:
    """`playhead.ports.fingerprints.Fingerprints` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def tell(self, project: ProjectName, md5: str, content: Print) -> None:
        if self.known(project, [md5]).get(md5) == content:
            return

        def work(connection: Connection) -> None:
            own = (fingerprints.c.entity == project.entity, fingerprints.c.project == project.project)
            connection.execute(delete(fingerprints).where(*own, fingerprints.c.md5 == md5))
            row = {"entity": project.entity, "project": project.project, "md5": md5, **content._asdict()}
            connection.execute(insert(fingerprints).values(row))

        self._database.settled(work)

    def known(self, project: ProjectName, md5s: Collection[str]) -> dict[str, Print]:
        found: dict[str, Print] = {}
        own = (fingerprints.c.entity == project.entity, fingerprints.c.project == project.project)
        with self._database.read() as connection:
            for some in pieces(sorted(set(md5s))):
                for row in connection.execute(select(fingerprints).where(*own, fingerprints.c.md5.in_(some))):
                    found[row.md5] = Print(row.sha256, row.size)
        return found
