"""Between table rows and the domain's artifacts and collections, and what several of their stores do to the tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection as Some
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from playhead.adapters.sqlalchemy.facts import pieces
from playhead.adapters.sqlalchemy.tables import aliases, artifacts, collections, memberships
from playhead.domain.artifact import LATEST, Artifact, ArtifactState, Collection, CollectionName, Made, Member
from playhead.domain.errors import NotFoundError

_OWN = (
    "id", "version", "digest", "manifest", "size", "count", "description", "metadata", "ttl", "created_at", "updated_at",
    "committed_at", "user", "problem",
)  # fmt: skip
_MADE = ("stream", "offset", "segment", "step", "time")


def select_artifacts() -> Select[Any]:
    """Artifacts with the names of their collections."""
    return select(artifacts, collections.c.entity, collections.c.project, collections.c.name, collections.c.type).join(
        collections, artifacts.c.collection_id == collections.c.id
    )


def artifacts_of(connection: Connection, rows: Iterable[Row[Any]]) -> list[Artifact]:
    """Rows of `select_artifacts`."""
    found = list(rows)
    known = aliases_of(connection, {(row.collection_id, row.version) for row in found if row.version is not None})
    return [_artifact(row, known.get((row.collection_id, row.version), ())) for row in found]


def _artifact(row: Any, held: Sequence[str]) -> Artifact:
    made = None if row.stream is None else Made(**{name: getattr(row, name) for name in _MADE})
    return Artifact(
        **{name: getattr(row, name) for name in _OWN}, collection=CollectionName(row.entity, row.project, row.name),
        type=row.type, state=ArtifactState(row.state), tags=tuple(row.tags), made=made,
        aliases=tuple(held) if row.version is not None else tuple(row.wanted), links=links_of(row.links),
    )  # fmt: skip


def artifact_values(artifact: Artifact, collection_id: int) -> dict[str, Any]:
    """A new artifact's columns."""
    values = {name: getattr(artifact, name) for name in _OWN}
    return {
        **values, "collection_id": collection_id, "state": artifact.state.value, "wanted": list(artifact.aliases),
        "tags": list(artifact.tags), **made_values(artifact.made), "links": artifact.links,
        "waits": artifact.state is ArtifactState.PENDING,
    }  # fmt: skip


def links_of(stored: Iterable[Any]) -> tuple[tuple[CollectionName, tuple[str, ...]], ...]:
    """Where it is to be linked, as the domain has it; JSON knows no tuples."""
    return tuple((CollectionName(*target), tuple(names)) for target, names in stored)


def made_values(made: Made | None) -> dict[str, Any]:
    """Where it was made, as columns."""
    return {name: None if made is None else getattr(made, name) for name in _MADE}


def by_id(connection: Connection, ids: Some[str]) -> dict[str, Artifact]:
    """Artifacts by their ids; of one that became no version, the one that was there."""
    rows: dict[str, Row[Any]] = {}
    leads: dict[str, str] = {}
    asked = list(dict.fromkeys(ids))
    for some in pieces(asked):
        for row in connection.execute(select_artifacts().where(artifacts.c.id.in_(some))):
            rows[row.id] = row
            if row.same is not None:
                leads[row.id] = row.same
    others = [one for one in dict.fromkeys(leads.values()) if one not in rows]
    for some in pieces(others):
        rows |= {row.id: row for row in connection.execute(select_artifacts().where(artifacts.c.id.in_(some)))}
    known = {one.id: one for one in artifacts_of(connection, rows.values())}
    return {one: known[leads.get(one, one)] for one in asked if leads.get(one, one) in known}


def collection_row(connection: Connection, path: CollectionName, *, lock: bool = False) -> Row[Any]:
    """NotFoundError."""
    query = select(collections).where(
        collections.c.entity == path.entity, collections.c.project == path.project, collections.c.name == path.name
    )
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise no_collection(path)
    return row


def no_collection(path: CollectionName) -> NotFoundError:
    return NotFoundError(f"There is no artifact {path}.")


def collections_of(connection: Connection, rows: Sequence[Row[Any]]) -> list[Collection]:
    """Rows of the table of collections."""
    counts: dict[int, int] = {}
    held: dict[int, dict[str, int]] = defaultdict(dict)
    for some in pieces([row.id for row in rows]):
        own = memberships.c.collection_id
        query = select(own, func.count()).where(own.in_(some)).group_by(own)
        counts |= {row[0]: row[1] for row in connection.execute(query)}
        given = select(aliases).where(aliases.c.collection_id.in_(some)).order_by(aliases.c.alias)
        for row in connection.execute(given):
            held[row.collection_id][row.alias] = row.version
    return [
        Collection(
            path=CollectionName(row.entity, row.project, row.name), type=row.type, portfolio=row.portfolio,
            description=row.description, tags=tuple(row.tags), created_at=row.created_at, updated_at=row.updated_at,
            count=counts.get(row.id, 0), aliases=held[row.id], number=row.id,
        )
        for row in rows
    ]  # fmt: skip


def aliases_of(connection: Connection, places: Some[tuple[int, int]]) -> dict[tuple[int, int], list[str]]:
    """(Collection, version) -> its aliases, in order."""
    found: dict[tuple[int, int], list[str]] = defaultdict(list)
    wanted = set(places)
    by_collection: dict[int, list[int]] = defaultdict(list)
    for collection_id, version in sorted(wanted):
        by_collection[collection_id].append(version)
    for collection_id, versions in by_collection.items():
        for some in pieces(versions):
            query = select(aliases).where(aliases.c.collection_id == collection_id, aliases.c.version.in_(some))
            for row in connection.execute(query.order_by(aliases.c.alias)):
                found[collection_id, row.version].append(row.alias)
    return found


def members_of(connection: Connection, rows: Sequence[Row[Any]]) -> list[Member]:
    """Rows of memberships with the names of their collections."""
    known = by_id(connection, {row.artifact for row in rows})
    held = aliases_of(connection, {(row.collection_id, row.version) for row in rows})
    return [
        Member(
            collection=CollectionName(row.entity, row.project, row.name), version=row.version, created_at=row.created_at,
            aliases=tuple(held.get((row.collection_id, row.version), ())), artifact=known[row.artifact],
        )
        for row in rows
    ]  # fmt: skip


def select_members() -> Select[Any]:
    """Memberships with the names of their collections."""
    return select(memberships, collections.c.entity, collections.c.project, collections.c.name).join(
        collections, memberships.c.collection_id == collections.c.id
    )


def enter(connection: Connection, collection: Row[Any], artifact_id: str, names: Sequence[str], now: int) -> int:
    """Let it be the next version of a collection (its row, locked), with these aliases and `latest`; the version."""
    own, version = collection.id, int(collection.next)
    connection.execute(update(collections).where(collections.c.id == own).values(next=version + 1, updated_at=now))
    connection.execute(
        insert(memberships).values(collection_id=own, version=version, artifact=artifact_id, created_at=now)
    )
    name(connection, own, version, [*names, LATEST])
    return version


def name(connection: Connection, collection_id: int, version: int, names: Sequence[str]) -> None:
    """Give aliases to a version."""
    given = list(dict.fromkeys(names))
    if given:
        own = aliases.c.collection_id == collection_id
        connection.execute(delete(aliases).where(own, aliases.c.alias.in_(given)))
        rows = [{"collection_id": collection_id, "alias": alias, "version": version} for alias in given]
        connection.execute(insert(aliases), rows)


def leave(connection: Connection, collection_id: int, version: int, now: int) -> None:
    """Take a version out of a collection, with its aliases; the newest that is left is `latest`."""
    in_it = memberships.c.collection_id == collection_id
    own = (aliases.c.collection_id == collection_id, aliases.c.version == version)
    was = set(connection.scalars(select(aliases.c.alias).where(*own)))
    connection.execute(delete(aliases).where(*own))
    connection.execute(delete(memberships).where(in_it, memberships.c.version == version))
    connection.execute(update(collections).where(collections.c.id == collection_id).values(updated_at=now))
    left = connection.scalar(select(func.max(memberships.c.version)).where(in_it))
    if LATEST in was and left is not None:
        name(connection, collection_id, left, [LATEST])
