"""Contents of projects in a table."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select, true, update

from playhead.adapters.sqlalchemy.engine import SWEEPING, Database, lock
from playhead.adapters.sqlalchemy.facts import pieces
from playhead.adapters.sqlalchemy.references import catch_up, referred
from playhead.adapters.sqlalchemy.tables import condemned, contents, identity
from playhead.domain.errors import BusyError
from playhead.ports.clock import Clock
from playhead.ports.contents import ProjectName

_FRESH = 600 * 1_000_000
"""Microseconds within which content need not be touched again."""
_PAGE = 1_000


class SqlContents:
    """`playhead.ports.contents.Contents` in a database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def give(self, project: ProjectName, digests: Collection[str]) -> None:
        wanted = set(digests)
        with self._database.read() as connection:
            if wanted <= _among(connection, wanted, and_(_of(project), self._is_fresh())):
                return

        def work(connection: Connection) -> None:
            lock(connection, SWEEPING, shared=True)
            if _doomed(connection, wanted):
                raise BusyError
            there = self._touch(connection, project, wanted)
            rows = [
                {
                    "entity": project.entity,
                    "project": project.project,
                    "sha256": sha256,
                    "touched_at": self._clock.now(),
                }
                for sha256 in sorted(wanted - there)
            ]
            if rows:
                connection.execute(insert(contents), rows)

        self._database.settled(work)

    def given(self, projects: Sequence[ProjectName], digests: Collection[str]) -> set[str]:
        with self._database.read() as connection:
            return set().union(*(_among(connection, digests, _of(project)) for project in dict.fromkeys(projects)))

    def touch(self, project: ProjectName, digests: Collection[str]) -> set[str]:
        with self._database.read() as connection:
            found = _among(connection, digests, _of(project))
            if found == _among(connection, found, and_(_of(project), self._is_fresh())):
                return found
        with self._database.write() as connection:
            lock(connection, SWEEPING, shared=True)
            return self._touch(connection, project, found)

    def idle(self, before: int, after: str = "") -> tuple[list[str], str | None]:
        if not after:
            self._follow()
        query = select(contents.c.sha256).where(contents.c.sha256 > after).distinct().order_by(contents.c.sha256)
        with self._database.read() as connection:
            page = list(connection.scalars(query.limit(_PAGE)))
            return sorted(_unneeded(connection, page, before)), page[-1] if page else None

    def known(self, digests: Collection[str]) -> set[str]:
        with self._database.write() as connection:
            catch_up(connection)
            return _among(connection, digests, true()) | referred(connection, digests) | _doomed(connection, digests)

    def condemn(self, digests: Collection[str], before: int) -> set[str]:
        with self._database.write() as connection:
            lock(connection, SWEEPING)
            catch_up(connection)
            found = _unneeded(connection, digests, before)
            found -= _doomed(connection, found)
            for some in pieces(sorted(found)):
                connection.execute(delete(contents).where(contents.c.sha256.in_(some)))
                rows = [{"sha256": sha256, "since": self._clock.now()} for sha256 in some]
                connection.execute(insert(condemned), rows)
            return found

    def gone(self, digests: Collection[str]) -> None:
        with self._database.write() as connection:
            for some in pieces(sorted(digests)):
                connection.execute(delete(condemned).where(condemned.c.sha256.in_(some)))

    def condemned(self, before: int) -> list[str]:
        query = select(condemned.c.sha256).where(condemned.c.since < before).order_by(condemned.c.sha256)
        with self._database.read() as connection:
            return list(connection.scalars(query))

    def identity(self) -> str:
        with self._database.write() as connection:
            lock(connection, SWEEPING)
            known = connection.scalar(select(identity.c.id))
            if known is None:
                known = uuid4().hex
                connection.execute(insert(identity).values(id=known))
            return str(known)

    def _touch(self, connection: Connection, project: ProjectName, digests: Collection[str]) -> set[str]:
        """Those that the project has, and touches."""
        found = _among(connection, digests, _of(project))
        for some in pieces(sorted(found)):
            change = update(contents).where(_of(project), contents.c.sha256.in_(some))
            connection.execute(change.values(touched_at=self._clock.now()))
        return found

    def _is_fresh(self) -> ColumnElement[bool]:
        return contents.c.touched_at >= self._clock.now() - _FRESH

    def _follow(self) -> None:
        """What an older server recorded and gave is taken account of: it counts as touched now."""
        with self._database.write() as connection:
            catch_up(connection)
            undated = contents.c.touched_at.is_(None)
            connection.execute(update(contents).where(undated).values(touched_at=self._clock.now()))


def _of(project: ProjectName) -> ColumnElement[bool]:
    return and_(contents.c.entity == project.entity, contents.c.project == project.project)


def _among(connection: Connection, digests: Collection[str], where: ColumnElement[bool]) -> set[str]:
    """Those of `digests` that some project has; which one, `where` says."""
    found: set[str] = set()
    for some in pieces(list(digests)):
        found.update(connection.scalars(select(contents.c.sha256).where(where, contents.c.sha256.in_(some))))
    return found


def _doomed(connection: Connection, digests: Collection[str]) -> set[str]:
    found: set[str] = set()
    for some in pieces(list(digests)):
        found.update(connection.scalars(select(condemned.c.sha256).where(condemned.c.sha256.in_(some))))
    return found


def _unneeded(connection: Connection, digests: Collection[str], before: int) -> set[str]:
    touched = or_(contents.c.touched_at.is_(None), contents.c.touched_at >= before)
    found = set(digests) - _among(connection, digests, touched)
    return found - referred(connection, found)
