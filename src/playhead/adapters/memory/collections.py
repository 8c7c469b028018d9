"""Collections of artifacts, and what stands in them, on dicts."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from playhead.adapters.memory.shelf import Place, Shelf
from playhead.domain.artifact import ArtifactState, Collection, CollectionName, Member, version_number
from playhead.domain.errors import ConflictError, NotFoundError, UsageError
from playhead.ports.collections import CollectionQuery


class MemoryCollections:
    """`playhead.ports.collections.Collections` in memory."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def ensure(self, collection: Collection) -> None:
        with self._shelf.lock:
            there = self._shelf.places.get(collection.path)
            if there is None:
                self._shelf.made += 1
                told = replace(copy.deepcopy(collection), number=self._shelf.made)
                self._shelf.places[collection.path] = Place(told)
                return
            if (there.told.type, there.told.portfolio) == (collection.type, collection.portfolio):
                return
            waiting = any(
                one.collection == collection.path and one.state is ArtifactState.PENDING
                for one in self._shelf.artifacts.values()
            )
            if there.inside or waiting:
                raise ConflictError(
                    f"The artifact {collection.path} is of type {there.told.type!r}: choose another name."
                )
            there.told = replace(there.told, type=collection.type, portfolio=collection.portfolio)

    def collection(self, path: CollectionName) -> Collection:
        with self._shelf.lock:
            return _shown(self._shelf.seen(path))

    def numbered(self, number: int) -> Collection:
        with self._shelf.lock:
            found = next((path for path, place in self._shelf.places.items() if place.told.number == number), None)
            if found is None:
                raise NotFoundError(f"There is no artifact of the number {number}.")
            return self.collection(found)

    def collections(
        self, entity: str, project: str, query: CollectionQuery, limit: int, cursor: str | None = None
    ) -> tuple[list[Collection], str | None]:
        if cursor is not None and not cursor.startswith("="):
            raise UsageError("This is no cursor of this list. Start from the first page.")
        with self._shelf.lock:
            found = [
                _shown(place)
                for path, place in sorted(self._shelf.places.items())
                if path[:2] == (entity, project) and place.inside and _is_meant(place.told, query)
            ]
        rest = [one for one in found if cursor is None or one.path.name > cursor[1:]]
        return rest[:limit], f"={rest[limit - 1].path.name}" if len(rest) > limit else None

    def types(self, entity: str, project: str) -> dict[str, int]:
        with self._shelf.lock:
            found = Counter(
                place.told.type
                for path, place in self._shelf.places.items()
                if path[:2] == (entity, project) and place.inside
            )
        return dict(sorted(found.items()))

    def change(self, path: CollectionName, fields: Mapping[str, Any], now: int) -> Collection:
        values = copy.deepcopy(dict(fields))
        with self._shelf.lock:
            place = self._shelf.seen(path)
            renamed = path._replace(name=values.pop("name", path.name))
            if renamed != path and renamed in self._shelf.places:
                raise ConflictError(f"There is an artifact {renamed} already.")
            if "tags" in values:
                values["tags"] = tuple(values["tags"])
            place.told = replace(place.told, **values, path=renamed, updated_at=now)
            self._shelf.places[renamed] = self._shelf.places.pop(path)
            for one in [one for one in self._shelf.artifacts.values() if one.collection == path]:
                self._shelf.artifacts[one.id] = replace(one, collection=renamed)
            return _shown(place)

    def member(self, path: CollectionName, name: str) -> Member:
        with self._shelf.lock:
            number = version_number(name)
            if number is None:
                number = self._shelf.place(path).aliases.get(name)
            if number is None:
                raise NotFoundError(f"The artifact {path} has no version {name!r}.")
            return copy.deepcopy(self._shelf.member(path, number))

    def members(
        self, path: CollectionName, limit: int, cursor: str | None = None, *, digest: str | None = None
    ) -> tuple[list[Member], str | None]:
        if cursor is not None and not cursor.isdecimal():
            raise UsageError("This is no cursor of this list. Start from the first page.")
        with self._shelf.lock:
            place = self._shelf.seen(path)
            found = [self._shelf.member(path, version) for version in sorted(place.inside, reverse=True)]
            rest = [
                one
                for one in found
                if (cursor is None or one.version < int(cursor)) and digest in {None, one.artifact.digest}
            ]
            return copy.deepcopy(rest[:limit]), str(rest[limit - 1].version) if len(rest) > limit else None

    def standing(self, artifact_ids: Some[str]) -> dict[str, list[Member]]:
        found: dict[str, list[Member]] = {}
        with self._shelf.lock:
            for path, place in self._shelf.places.items():
                for version, (inside, _) in place.inside.items():
                    if inside in artifact_ids:
                        found.setdefault(inside, []).append(copy.deepcopy(self._shelf.member(path, version)))
        return {
            one: sorted(members, key=lambda member: (member.is_link, member.created_at, member.collection))
            for one, members in found.items()
        }

    def alias(self, path: CollectionName, version: int, add: Sequence[str], remove: Sequence[str], now: int) -> Member:
        with self._shelf.lock:
            self._shelf.member(path, version)
            place = self._shelf.place(path)
            place.aliases = {
                alias: held for alias, held in place.aliases.items() if held != version or alias not in remove
            }
            place.name(version, add)
            place.told = replace(place.told, updated_at=now)
            return copy.deepcopy(self._shelf.member(path, version))

    def link(self, artifact_id: str, path: CollectionName, aliases: Sequence[str], now: int) -> Member:
        with self._shelf.lock:
            place, known = self._shelf.place(path), self._shelf.artifact(artifact_id)
            if known is None or known.state is not ArtifactState.COMMITTED:
                raise NotFoundError(f"There is no committed artifact of the id {artifact_id}.")
            version = next((number for number, (inside, _) in place.inside.items() if inside == known.id), None)
            if version is None:
                version = place.enter(known.id, aliases, now)
            else:
                place.name(version, aliases)
            return copy.deepcopy(self._shelf.member(path, version))

    def unlink(self, path: CollectionName, version: int, now: int) -> None:
        with self._shelf.lock:
            if not self._shelf.member(path, version).is_link:
                raise NotFoundError(f"{path}:v{version} is no link.")
            self._shelf.place(path).leave(version, now)


def _shown(place: Place) -> Collection:
    return replace(copy.deepcopy(place.told), count=len(place.inside), aliases=dict(sorted(place.aliases.items())))


def _is_meant(told: Collection, query: CollectionQuery) -> bool:
    return (
        query.type in {None, told.type}
        and query.portfolio in {None, told.portfolio}
        and query.search.lower() in told.path.name.lower()
    )
