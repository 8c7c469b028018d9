"""Which content the catalog refers to. Whatever else comes to name content by its SHA-256 is added here, or it is thrown away."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, and_, bindparam, select, true, update

from playhead.adapters.sqlalchemy.facts import pieces
from playhead.adapters.sqlalchemy.rows import content_of
from playhead.adapters.sqlalchemy.tables import UNREAD, artifacts, holdings, records

_MANIFEST = and_(artifacts.c.state.in_(["pending", "committed"]), artifacts.c.same.is_(None))
REFERRING = (
    (records.c.content, true()),
    (artifacts.c.manifest, _MANIFEST),
    (holdings.c.sha256, true()),
)
"""Columns that name content, and where; each has an index."""
_AT_ONCE = 1_000


def referred(connection: Connection, digests: Collection[str]) -> set[str]:
    """Those of `digests` that one of these columns has."""
    found: set[str] = set()
    for column, where in REFERRING:
        for some in pieces(list(digests)):
            found.update(connection.scalars(select(column).where(where, column.in_(some)).distinct()))
    return found


def catch_up(connection: Connection) -> None:
    """Read what records of an older server refer to: it may still be at work beside this one."""
    columns = records.c.stream, records.c.offset, records.c.kind, records.c.data
    change = update(records).where(records.c.stream == bindparam("s"), records.c.offset == bindparam("o"))
    while rows := connection.execute(select(*columns).where(UNREAD).limit(_AT_ONCE)).all():
        told = [{"s": stream, "o": offset, "c": content_of(kind, data)} for stream, offset, kind, data in rows]
        connection.execute(change.values(content=bindparam("c")), told)
