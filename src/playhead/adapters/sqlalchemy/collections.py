"""Collections of artifacts, and what stands in them, in tables."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from playhead.adapters.sqlalchemy import shelf
from playhead.adapters.sqlalchemy.cursors import pack, unpack
from playhead.adapters.sqlalchemy.engine import Database
from playhead.adapters.sqlalchemy.facts import pieces
from playhead.adapters.sqlalchemy.tables import aliases, artifacts, collections, memberships
from playhead.domain.artifact import ArtifactState, Collection, CollectionName, Member, version_number
from playhead.domain.errors import ConflictError, NotFoundError
from playhead.ports.collections import CollectionQuery

_SEEN = exists().where(memberships.c.collection_id == collections.c.id)


class SqlCollections:
    """`playhead.ports.collections.Collections` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ensure(self, collection: Collection) -> None:
        self._database.settled(lambda connection: _ensure(connection, collection))

    def collection(self, path: CollectionName) -> Collection:
        with self._database.read() as connection:
            return _seen(connection, shelf.collection_row(connection, path))

    def numbered(self, number: int) -> Collection:
        with self._database.read() as connection:
            row = connection.execute(select(collections).where(collections.c.id == number)).one_or_none()
            if row is None:
                raise NotFoundError(f"There is no artifact of the number {number}.")
            return _seen(connection, row)

    def collections(
        self, entity: str, project: str, query: CollectionQuery, limit: int, cursor: str | None = None
    ) -> tuple[list[Collection], str | None]:
        found = select(collections).where(*_of(entity, project), _SEEN)
        if query.type is not None:
            found = found.where(collections.c.type == query.type)
        if query.portfolio is not None:
            found = found.where(collections.c.portfolio == query.portfolio)
        if query.search:
            found = found.where(func.lower(collections.c.name).contains(query.search.lower(), autoescape=True))
        if cursor is not None:
            found = found.where(collections.c.name > unpack(cursor, (str,))[0])
        with self._database.read() as connection:
            rows = connection.execute(found.order_by(collections.c.name).limit(limit + 1)).all()
            items = shelf.collections_of(connection, rows[:limit])
        return items, pack((items[-1].path.name,)) if len(rows) > limit else None

    def types(self, entity: str, project: str) -> dict[str, int]:
        query = select(collections.c.type, func.count()).where(*_of(entity, project), _SEEN)
        with self._database.read() as connection:
            rows = connection.execute(query.group_by(collections.c.type).order_by(collections.c.type))
            return {row[0]: row[1] for row in rows}

    def change(self, path: CollectionName, fields: Mapping[str, Any], now: int) -> Collection:
        values = dict(fields)
        if "tags" in values:
            values["tags"] = list(values["tags"])
        try:
            with self._database.write() as connection:
                row = shelf.collection_row(connection, path, lock=True)
                _seen(connection, row)
                own = collections.c.id == row.id
                connection.execute(update(collections).where(own).values(**values, updated_at=now))
                return shelf.collections_of(connection, connection.execute(select(collections).where(own)).all())[0]
        except IntegrityError:
            raise ConflictError(f"There is an artifact {path._replace(name=str(fields['name']))} already.") from None

    def member(self, path: CollectionName, name: str) -> Member:
        with self._database.read() as connection:
            own = shelf.collection_row(connection, path).id
            number = version_number(name)
            if number is None:
                query = select(aliases.c.version).where(aliases.c.collection_id == own, aliases.c.alias == name)
                number = connection.scalar(query)
            return _member(connection, path, own, number, name)

    def members(
        self, path: CollectionName, limit: int, cursor: str | None = None, *, digest: str | None = None
    ) -> tuple[list[Member], str | None]:
        with self._database.read() as connection:
            row = shelf.collection_row(connection, path)
            _seen(connection, row)
            query = shelf.select_members().where(memberships.c.collection_id == row.id)
            if digest is not None:
                query = query.join(artifacts, memberships.c.artifact == artifacts.c.id)
                query = query.where(artifacts.c.digest == digest)
            if cursor is not None:
                query = query.where(memberships.c.version < unpack(cursor, (int,))[0])
            rows = connection.execute(query.order_by(memberships.c.version.desc()).limit(limit + 1)).all()
            items = shelf.members_of(connection, rows[:limit])
        return items, pack((items[-1].version,)) if len(rows) > limit else None

    def standing(self, artifact_ids: Some[str]) -> dict[str, list[Member]]:
        found: dict[str, list[Member]] = {}
        with self._database.read() as connection:
            for some in pieces(list(dict.fromkeys(artifact_ids))):
                query = shelf.select_members().where(memberships.c.artifact.in_(some))
                rows = connection.execute(query.order_by(memberships.c.created_at, memberships.c.collection_id)).all()
                for member in shelf.members_of(connection, rows):
                    found.setdefault(member.artifact.id, []).append(member)
        return {one: sorted(members, key=lambda member: member.is_link) for one, members in found.items()}

    def alias(self, path: CollectionName, version: int, add: Sequence[str], remove: Sequence[str], now: int) -> Member:
        with self._database.write() as connection:
            own = shelf.collection_row(connection, path, lock=True).id
            _member(connection, path, own, version, f"v{version}")
            if remove:
                gone = (aliases.c.collection_id == own, aliases.c.version == version, aliases.c.alias.in_(remove))
                connection.execute(delete(aliases).where(*gone))
            shelf.name(connection, own, version, add)
            connection.execute(update(collections).where(collections.c.id == own).values(updated_at=now))
            return _member(connection, path, own, version, f"v{version}")

    def link(self, artifact_id: str, path: CollectionName, names: Sequence[str], now: int) -> Member:
        with self._database.write() as connection:
            row = shelf.collection_row(connection, path, lock=True)
            known = shelf.by_id(connection, [artifact_id]).get(artifact_id)
            if known is None or known.state is not ArtifactState.COMMITTED:
                raise NotFoundError(f"There is no committed artifact of the id {artifact_id}.")
            there = select(memberships.c.version).where(
                memberships.c.collection_id == row.id, memberships.c.artifact == known.id
            )
            version = connection.scalar(there)
            if version is None:
                version = shelf.enter(connection, row, known.id, names, now)
            else:
                shelf.name(connection, row.id, version, names)
            return _member(connection, path, row.id, version, f"v{version}")

    def unlink(self, path: CollectionName, version: int, now: int) -> None:
        with self._database.write() as connection:
            row = shelf.collection_row(connection, path, lock=True)
            if not _member(connection, path, row.id, version, f"v{version}").is_link:
                raise NotFoundError(f"{path}:v{version} is no link.")
            shelf.leave(connection, row.id, version, now)


def _of(entity: str, project: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return collections.c.entity == entity, collections.c.project == project


def _ensure(connection: Connection, collection: Collection) -> None:
    try:
        row = shelf.collection_row(connection, collection.path, lock=True)
    except NotFoundError:
        values = {
            "entity": collection.path.entity, "project": collection.path.project, "name": collection.path.name,
            "type": collection.type, "portfolio": collection.portfolio, "description": collection.description,
            "tags": list(collection.tags), "created_at": collection.created_at, "updated_at": collection.updated_at, "next": 0,
        }  # fmt: skip
        connection.execute(insert(collections).values(values))
        return
    if (row.type, row.portfolio) == (collection.type, collection.portfolio):
        return
    waiting = (artifacts.c.collection_id == row.id, artifacts.c.state == ArtifactState.PENDING.value)
    inside = connection.scalar(select(exists().where(memberships.c.collection_id == row.id)))
    if inside or connection.scalar(select(exists().where(*waiting))):
        kind = f"of links to artifacts of type {row.type!r}" if row.portfolio else f"of type {row.type!r}"
        raise ConflictError(f"The artifact {collection.path} is {kind}: choose another name.")
    values = {"type": collection.type, "portfolio": collection.portfolio}
    connection.execute(update(collections).where(collections.c.id == row.id).values(values))


def _seen(connection: Connection, row: Row[Any]) -> Collection:
    """NotFoundError if it has no versions."""
    [found] = shelf.collections_of(connection, [row])
    if not found.count:
        raise shelf.no_collection(found.path)
    return found


def _member(connection: Connection, path: CollectionName, own: int, version: int | None, name: str) -> Member:
    query = shelf.select_members().where(memberships.c.collection_id == own, memberships.c.version == version)
    rows = [] if version is None else connection.execute(query).all()
    if not rows:
        raise NotFoundError(f"The artifact {path} has no version {name!r}.")
    return shelf.members_of(connection, rows)[0]
