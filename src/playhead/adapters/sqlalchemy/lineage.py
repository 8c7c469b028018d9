"""Who logged and used which artifacts, in a table."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, insert, or_, select, tuple_

from playhead.adapters.sqlalchemy.cursors import pack, unpack
from playhead.adapters.sqlalchemy.engine import Database
from playhead.adapters.sqlalchemy.facts import pieces
from playhead.adapters.sqlalchemy.tables import artifacts, edges
from playhead.domain.artifact import Edge, Made, Role
from playhead.domain.file import Line
from playhead.domain.limits import MAX_STEP

_ORDER = (edges.c.time, edges.c.stream, edges.c.offset)


class SqlLineage:
    """`playhead.ports.lineage.Lineage` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def tell(self, told: Sequence[Edge]) -> None:
        def work(connection: Connection) -> None:
            for edge in told:
                where = (edges.c.stream == edge.made.stream, edges.c.offset == edge.made.offset)
                connection.execute(delete(edges).where(*where))
                connection.execute(insert(edges).values(_values(edge, _became(connection, edge.artifact))))

        self._database.settled(work)

    def of_segments(
        self, line: Line, limit: int, cursor: str | None = None, *, role: Role | None = None
    ) -> tuple[list[Edge], str | None]:
        if not line:
            return [], None
        seen = or_(
            *(
                and_(edges.c.segment == segment, edges.c.step <= (MAX_STEP if to is None else to))
                for segment, to in line
            )
        )
        query = select(edges).where(seen)
        if role is not None:
            query = query.where(edges.c.role == role.value)
        if cursor is not None:
            query = query.where(tuple_(*_ORDER) > tuple_(*unpack(cursor, (int, str, int))))
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(*_ORDER).limit(limit + 1)).all()
        last = rows[limit - 1] if len(rows) > limit else None
        return [_edge(row) for row in rows[:limit]], pack((last.time, last.stream, last.offset)) if last else None

    def of_artifacts(self, artifact_ids: Some[str], limit: int) -> list[Edge]:
        found: list[Edge] = []
        with self._database.read() as connection:
            for some in pieces(list(dict.fromkeys(artifact_ids))):
                query = select(edges).where(edges.c.artifact.in_(some)).order_by(*_ORDER).limit(limit)
                found += [_edge(row) for row in connection.execute(query)]
        return sorted(found, key=lambda edge: (edge.made.time, edge.made.stream, edge.made.offset))[:limit]

    def forget(self, segments: Some[str]) -> None:
        with self._database.write() as connection:
            for some in pieces(list(segments)):
                connection.execute(delete(edges).where(edges.c.segment.in_(some)))


def _became(connection: Connection, artifact_id: str) -> str:
    """Its id, or that of the version that was there."""
    return connection.scalar(select(artifacts.c.same).where(artifacts.c.id == artifact_id)) or artifact_id


def _values(edge: Edge, artifact_id: str) -> dict[str, Any]:
    made = {name: getattr(edge.made, name) for name in ("stream", "offset", "segment", "step", "time")}
    return {**made, "role": edge.role.value, "artifact": artifact_id, "used_as": edge.used_as}


def _edge(row: Row[Any]) -> Edge:
    made = Made(stream=row.stream, offset=row.offset, segment=row.segment, step=row.step, time=row.time)
    return Edge(role=Role(row.role), artifact=row.artifact, made=made, used_as=row.used_as)
