"""Versions of artifacts, and who logged and used them, on dicts."""

from __future__ import annotations

import copy
from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from playhead.adapters.memory.shelf import Shelf
from playhead.domain.artifact import Artifact, ArtifactState, CollectionName, Edge, Role
from playhead.domain.errors import ConflictError, NotFoundError, UsageError
from playhead.domain.file import Line
from playhead.ports.artifacts import OF_PENDING, Arrived

Links = Sequence[tuple[CollectionName, tuple[str, ...]]]


class MemoryArtifacts:
    """`playhead.ports.artifacts.Artifacts` in memory."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def add(self, artifact: Artifact) -> Artifact:
        with self._shelf.lock:
            self._shelf.place(artifact.collection)
            there = self._shelf.artifacts.get(artifact.id)
            if there is None:
                self._shelf.artifacts[artifact.id] = copy.deepcopy(artifact)
            elif there.collection != artifact.collection:
                raise ConflictError(f"{artifact.id} is the id of another artifact.")
            elif there.made is None and there.state is ArtifactState.PENDING and artifact.made is not None:
                self._shelf.artifacts[artifact.id] = _told(there, artifact)
            return self._get(artifact.id)

    def artifacts(self, ids: Some[str]) -> dict[str, Artifact]:
        with self._shelf.lock:
            found = {one: self._shelf.artifact(one) for one in dict.fromkeys(ids)}
            return {one: copy.deepcopy(artifact) for one, artifact in found.items() if artifact is not None}

    def pending(self, limit: int, stream: str | None = None) -> list[Artifact]:
        with self._shelf.lock:
            known = [self._get(one) for one in self._shelf.artifacts]
            found = [one for one in known if one.state is ArtifactState.PENDING or one.links]
            if stream is None:
                found.sort(key=lambda one: (one.created_at, one.id))
            else:
                found = [one for one in found if one.made is not None and one.made.stream == stream]
                found.sort(key=lambda one: one.made.offset if one.made else 0)
            return copy.deepcopy(found[:limit])

    def commit(self, artifact_id: str, arrived: Arrived, now: int) -> Artifact:
        with self._shelf.lock:
            one = self._get(artifact_id)
            if one.state is ArtifactState.PENDING:
                self._commit(one, arrived, now)
            return self._get(artifact_id)

    def change(self, artifact_id: str, fields: Mapping[str, Any], now: int) -> Artifact:
        values = copy.deepcopy(dict(fields))
        with self._shelf.lock:
            one = self._get(artifact_id)
            if one.state is not ArtifactState.PENDING:
                values = {name: value for name, value in values.items() if name not in OF_PENDING}
            if "tags" in values:
                values["tags"] = tuple(values["tags"])
            self._shelf.artifacts[one.id] = replace(self._shelf.artifacts[one.id], **values, updated_at=now)
            return self._get(one.id)

    def delete(self, artifact_id: str, now: int) -> None:
        with self._shelf.lock:
            one = self._get(artifact_id)
            for place in self._shelf.places.values():
                for version in [version for version, (inside, _) in place.inside.items() if inside == one.id]:
                    place.leave(version, now)
            gone = replace(self._shelf.artifacts[one.id], state=ArtifactState.DELETED, links=(), updated_at=now)
            self._shelf.artifacts[one.id] = gone
            self._shelf.holdings.pop(one.id, None)

    def expired(self, now: int, limit: int) -> list[str]:
        with self._shelf.lock:
            linked = {
                inside
                for path, place in self._shelf.places.items()
                for inside, _ in place.inside.values()
                if self._shelf.artifacts[inside].collection != path
            }
            found = [
                (one.committed_at + one.ttl * 1_000_000, one.id)
                for one in self._shelf.artifacts.values()
                if one.state is ArtifactState.COMMITTED and one.ttl is not None and one.committed_at is not None
            ]
        return [one for at, one in sorted(found) if at <= now and one not in linked][:limit]

    def _get(self, artifact_id: str) -> Artifact:
        found = self._shelf.artifact(artifact_id)
        if found is None:
            raise NotFoundError(f"There is no artifact of the id {artifact_id}.")
        return copy.deepcopy(found)

    def _commit(self, one: Artifact, arrived: Arrived, now: int) -> None:
        place = self._shelf.place(one.collection)
        own = [version for version in place.inside if place.inside[version][0] != one.id]
        newest = self._shelf.member(one.collection, max(own)).artifact if own else None
        if newest is not None and newest.version is not None and newest.digest == arrived.digest:
            place.name(newest.version, one.aliases)
            tags = tuple(dict.fromkeys([*newest.tags, *one.tags]))
            stored = self._shelf.artifacts[newest.id]
            links = tuple(_merged(newest.links, one.links).items())
            self._shelf.artifacts[newest.id] = replace(stored, tags=tags, links=links, updated_at=now)
            self._shelf.same[one.id] = newest.id
            for key, edge in self._shelf.edges.items():
                if edge.artifact == one.id:
                    self._shelf.edges[key] = replace(edge, artifact=newest.id)
            del self._shelf.artifacts[one.id]
            return
        version = place.enter(one.id, one.aliases, now)
        self._shelf.holdings[one.id] = frozenset(arrived.contents)
        self._shelf.artifacts[one.id] = replace(
            one, state=ArtifactState.COMMITTED, version=version, manifest=arrived.manifest, digest=arrived.digest,
            size=arrived.size, count=arrived.count, committed_at=now, updated_at=now,
        )  # fmt: skip


def _told(there: Artifact, artifact: Artifact) -> Artifact:
    """What a journal says of one that is there already."""
    return replace(
        there, made=artifact.made, aliases=tuple(dict.fromkeys([*there.aliases, *artifact.aliases])),
        tags=tuple(dict.fromkeys([*there.tags, *artifact.tags])), manifest=artifact.manifest or there.manifest,
        description=there.description if artifact.description is None else artifact.description,
    )  # fmt: skip


def _merged(some: Links, others: Links) -> dict[CollectionName, tuple[str, ...]]:
    found = dict(some)
    for target, names in others:
        found[target] = tuple(dict.fromkeys([*found.get(target, ()), *names]))
    return found


class MemoryLineage:
    """`playhead.ports.lineage.Lineage` in memory."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def tell(self, edges: Sequence[Edge]) -> None:
        with self._shelf.lock:
            for edge in edges:
                known = replace(edge, artifact=self._shelf.same.get(edge.artifact, edge.artifact))
                self._shelf.edges[edge.made.stream, edge.made.offset] = known

    def of_segments(
        self, line: Line, limit: int, cursor: str | None = None, *, role: Role | None = None
    ) -> tuple[list[Edge], str | None]:
        if cursor is not None and not cursor.isdecimal():
            raise UsageError("This is no cursor of this list. Start from the first page.")
        limits, start = dict(line), int(cursor or 0)

        def is_seen(edge: Edge) -> bool:
            to = limits.get(edge.made.segment, -1)
            return (to is None or edge.made.step <= to) and role in {None, edge.role}

        with self._shelf.lock:
            found = sorted(filter(is_seen, self._shelf.edges.values()), key=_order)
        return found[start : start + limit], str(start + limit) if len(found) > start + limit else None

    def of_artifacts(self, artifact_ids: Some[str], limit: int) -> list[Edge]:
        with self._shelf.lock:
            return sorted((edge for edge in self._shelf.edges.values() if edge.artifact in artifact_ids), key=_order)[
                :limit
            ]

    def forget(self, segments: Some[str]) -> None:
        with self._shelf.lock:
            for key in [key for key, edge in self._shelf.edges.items() if edge.made.segment in segments]:
                del self._shelf.edges[key]


def _order(edge: Edge) -> tuple[int, str, int]:
    return edge.made.time, edge.made.stream, edge.made.offset
