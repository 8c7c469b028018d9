"""Collections of artifacts, and the versions in them: their own, or links to others."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from playhead.domain.artifact import Collection, CollectionName, Member


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionQuery:
    """Which collections of a project."""

    type: str | None = None
    search: str = ""
    """Part of the name, in any case."""
    portfolio: bool | None = None
    """Only those with links, or only those without."""


class Collections(Protocol):
    """**Contract.** Safe to call from any thread and any number of server processes. A call that returned is durable.

    A collection without versions is not to be seen: it is as if it were not there, but for the numbers of its versions, which are
    never given again.
    """

    def ensure(self, collection: Collection) -> None:
        """Make it if it is missing. ConflictError if there is one of another type, or with links where this one has none, or the reverse."""
        ...

    def collection(self, path: CollectionName) -> Collection:
        """NotFoundError."""
        ...

    def numbered(self, number: int) -> Collection:
        """The collection of this number, whatever it is called by now. NotFoundError."""
        ...

    def collections(
        self, entity: str, project: str, query: CollectionQuery, limit: int, cursor: str | None = None
    ) -> tuple[list[Collection], str | None]:
        """A page of a project's collections by name, and the cursor of the next page. UsageError for an unknown cursor."""
        ...

    def types(self, entity: str, project: str) -> dict[str, int]:
        """Type -> number of its collections, by name."""
        ...

    def change(self, path: CollectionName, fields: Mapping[str, Any], now: int) -> Collection:
        """Set `name`, `description` or `tags`. ConflictError if another collection has the name; NotFoundError."""
        ...

    def member(self, path: CollectionName, name: str) -> Member:
        """The version that `name`, an alias or `v3`, means there. NotFoundError."""
        ...

    def members(
        self, path: CollectionName, limit: int, cursor: str | None = None, *, digest: str | None = None
    ) -> tuple[list[Member], str | None]:
        """A page of the versions in a collection (with `digest`: of that digest), the newest first, and the next cursor. UsageError."""
        ...

    def standing(self, artifact_ids: Some[str]) -> dict[str, list[Member]]:
        """Where these versions stand: in their own collection first, then where they are linked."""
        ...

    def alias(self, path: CollectionName, version: int, add: Sequence[str], remove: Sequence[str], now: int) -> Member:
        """Give aliases to a version, which others of the collection lose, and take some from it. NotFoundError."""
        ...

    def link(self, artifact_id: str, path: CollectionName, aliases: Sequence[str], now: int) -> Member:
        """Let a committed version stand in another collection too, as its next version, with these aliases and `latest`.

        If it stands there already it gets the aliases. NotFoundError without the version or the collection.
        """
        ...

    def unlink(self, path: CollectionName, version: int, now: int) -> None:
        """Take a link away, with its aliases; `latest` goes to the newest version that is left. NotFoundError."""
        ...
