"""Versions of artifacts in tables."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, insert, select, update

from playhead.adapters.sqlalchemy import shelf
from playhead.adapters.sqlalchemy.engine import Database
from playhead.adapters.sqlalchemy.tables import artifacts, collections, edges, holdings, memberships
from playhead.domain.artifact import Artifact, ArtifactState
from playhead.domain.errors import ConflictError, NotFoundError
from playhead.ports.artifacts import OF_PENDING, Arrived

_COMMITTED = artifacts.c.state == ArtifactState.COMMITTED.value


class SqlArtifacts:
    """`playhead.ports.artifacts.Artifacts` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, artifact: Artifact) -> Artifact:
        def work(connection: Connection) -> Artifact:
            collection = shelf.collection_row(connection, artifact.collection)
            there = connection.execute(select(artifacts).where(artifacts.c.id == artifact.id)).one_or_none()
            if there is None:
                connection.execute(insert(artifacts).values(shelf.artifact_values(artifact, collection.id)))
            elif there.collection_id != collection.id:
                raise ConflictError(f"{artifact.id} is the id of another artifact.")
            elif there.stream is None and there.state == ArtifactState.PENDING.value and artifact.made is not None:
                _tell(connection, there, artifact)
            return shelf.by_id(connection, [artifact.id])[artifact.id]

        return self._database.settled(work)

    def artifacts(self, ids: Some[str]) -> dict[str, Artifact]:
        with self._database.read() as connection:
            return shelf.by_id(connection, ids)

    def pending(self, limit: int, stream: str | None = None) -> list[Artifact]:
        query = shelf.select_artifacts().where(artifacts.c.waits)
        if stream is None:
            query = query.order_by(artifacts.c.created_at, artifacts.c.id)
        else:
            query = query.where(artifacts.c.stream == stream).order_by(artifacts.c.offset)
        with self._database.read() as connection:
            return shelf.artifacts_of(connection, connection.execute(query.limit(limit)))

    def commit(self, artifact_id: str, arrived: Arrived, now: int) -> Artifact:
        with self._database.write() as connection:
            collection, row = _locked(connection, artifact_id)
            if row.state == ArtifactState.PENDING.value:
                _commit(connection, collection, row, arrived, now)
            return shelf.by_id(connection, [artifact_id])[artifact_id]

    def change(self, artifact_id: str, fields: Mapping[str, Any], now: int) -> Artifact:
        values = dict(fields)
        if "tags" in values:
            values["tags"] = list(values["tags"])
        with self._database.write() as connection:
            _, row = _locked(connection, artifact_id)
            if row.state != ArtifactState.PENDING.value:
                values = {name: value for name, value in values.items() if name not in OF_PENDING}
            state = values.get("state", row.state)
            if {"state", "links"} & values.keys():
                values["waits"] = state == ArtifactState.PENDING.value or bool(values.get("links", row.links))
            if "ttl" in values:
                values["expires_at"] = _expiry(row.committed_at, values["ttl"])
            connection.execute(update(artifacts).where(artifacts.c.id == row.id).values(**values, updated_at=now))
            return shelf.by_id(connection, [row.id])[row.id]

    def delete(self, artifact_id: str, now: int) -> None:
        with self._database.write() as connection:
            _, row = _locked(connection, artifact_id)
            own = select(memberships).where(memberships.c.artifact == row.id).order_by(memberships.c.collection_id)
            for place in connection.execute(own).all():
                shelf.leave(connection, place.collection_id, place.version, now)
            gone = {"links": [], "waits": False, "expires_at": None}
            values = {**gone, "state": ArtifactState.DELETED.value, "updated_at": now}
            connection.execute(update(artifacts).where(artifacts.c.id == row.id).values(**values))
            connection.execute(delete(holdings).where(holdings.c.artifact == row.id))

    def expired(self, now: int, limit: int) -> list[str]:
        elsewhere = exists().where(
            memberships.c.artifact == artifacts.c.id, memberships.c.collection_id != artifacts.c.collection_id
        )
        query = select(artifacts.c.id).where(_COMMITTED, artifacts.c.expires_at <= now, ~elsewhere)
        with self._database.read() as connection:
            return list(connection.scalars(query.order_by(artifacts.c.expires_at, artifacts.c.id).limit(limit)))


def _tell(connection: Connection, there: Row[Any], artifact: Artifact) -> None:
    """What a journal says of one that is there already."""
    values: dict[str, Any] = {
        **shelf.made_values(artifact.made), "wanted": list(dict.fromkeys([*there.wanted, *artifact.aliases])),
        "tags": list(dict.fromkeys([*there.tags, *artifact.tags])), "manifest": artifact.manifest or there.manifest,
        "description": there.description if artifact.description is None else artifact.description,
    }  # fmt: skip
    connection.execute(update(artifacts).where(artifacts.c.id == there.id).values(**values))


def _locked(connection: Connection, artifact_id: str) -> tuple[Row[Any], Row[Any]]:
    """The collection and the artifact (that it became), both locked, in that order. NotFoundError."""
    query = select(artifacts.c.id, artifacts.c.same, artifacts.c.collection_id).where(artifacts.c.id == artifact_id)
    found = connection.execute(query).one_or_none()
    if found is None:
        raise NotFoundError(f"There is no artifact of the id {artifact_id}.")
    own = select(collections).where(collections.c.id == found.collection_id).with_for_update()
    collection = connection.execute(own).one()
    row = connection.execute(select(artifacts).where(artifacts.c.id == artifact_id)).one()
    if row.same is not None:
        row = connection.execute(select(artifacts).where(artifacts.c.id == row.same)).one()
    return collection, row


def _commit(connection: Connection, collection: Row[Any], row: Row[Any], arrived: Arrived, now: int) -> None:
    own = (artifacts.c.collection_id == collection.id, _COMMITTED, artifacts.c.version.is_not(None))
    newest = connection.execute(
        select(artifacts).where(*own).order_by(artifacts.c.version.desc()).limit(1)
    ).one_or_none()
    committed = {"state": ArtifactState.COMMITTED.value, "updated_at": now, "committed_at": now}
    if newest is not None and newest.digest == arrived.digest:
        shelf.name(connection, collection.id, newest.version, row.wanted)
        tags = list(dict.fromkeys([*newest.tags, *row.tags]))
        links = _merged(newest.links, row.links)
        more = {"tags": tags, "links": links, "waits": bool(links), "updated_at": now}
        connection.execute(update(artifacts).where(artifacts.c.id == newest.id).values(**more))
        became = {**committed, "same": newest.id, "digest": arrived.digest, "waits": False}
        connection.execute(update(artifacts).where(artifacts.c.id == row.id).values(**became))
        connection.execute(update(edges).where(edges.c.artifact == row.id).values(artifact=newest.id))
        return
    version = shelf.enter(connection, collection, row.id, row.wanted, now)
    what = {name: getattr(arrived, name) for name in ("manifest", "digest", "size", "count")}
    values = {**committed, **what, "version": version, "expires_at": _expiry(now, row.ttl), "waits": bool(row.links)}
    connection.execute(update(artifacts).where(artifacts.c.id == row.id).values(**values))
    if arrived.contents:
        held = [{"artifact": row.id, "sha256": sha256} for sha256 in sorted(set(arrived.contents))]
        connection.execute(insert(holdings), held)


def _merged(some: Any, others: Any) -> list[Any]:
    """Links of two as those of one."""
    found = dict(shelf.links_of(some))
    for target, names in shelf.links_of(others):
        found[target] = tuple(dict.fromkeys([*found.get(target, ()), *names]))
    return list(found.items())


def _expiry(committed_at: int | None, ttl: int | None) -> int | None:
    return None if committed_at is None or ttl is None else committed_at + ttl * 1_000_000
