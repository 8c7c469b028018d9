"""Versions of artifacts, from the time that they are logged."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from playhead.domain.artifact import Artifact

OF_PENDING = frozenset({"manifest", "digest", "size", "count", "state", "problem"})
"""Fields that nobody changes once an artifact is a version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """What is in a version, all of which has arrived."""

    manifest: str
    digest: str
    size: int
    count: int
    contents: Some[str]
    """SHA-256 of the files that its manifest names: they stay where they are as long as it does."""


class Artifacts(Protocol):
    """**Contract.** Safe to call from any thread and any number of server processes. A call that returned is durable."""

    def add(self, artifact: Artifact) -> Artifact:
        """Add a pending or failed one to its collection, which is there. Answers it as it is stored.

        If one of that id is there, in that collection, it stays as it is, but a pending one without `made` gets what `artifact` has of
        `made`, aliases, tags and description. ConflictError if it is in another collection; NotFoundError without the collection.
        """
        ...

    def artifacts(self, ids: Some[str]) -> dict[str, Artifact]:
        """Those of these ids that there are. Under the id of one that became no version of its own stands the version that was there."""
        ...

    def pending(self, limit: int, stream: str | None = None) -> list[Artifact]:
        """What waits to be committed, or to be linked, the oldest first; with `stream` what its journal told of, in the order of its
        records.
        """
        ...

    def commit(self, artifact_id: str, arrived: Arrived, now: int) -> Artifact:
        """Make a pending one the next version of its collection, with its aliases and `latest`; answers it.

        If the newest version has the same digest, no version is made: that one gets the aliases, tags and links, whatever told of the
        pending one tells of it from now on, and it is the answer. One that is not pending any more is answered as it is. NotFoundError.
        """
        ...

    def change(self, artifact_id: str, fields: Mapping[str, Any], now: int) -> Artifact:
        """Set `description`, `metadata`, `tags`, `ttl`, `links`; of a pending one OF_PENDING too: what is in it, or why it fails. Of any
        other these stay as they are. NotFoundError.
        """
        ...

    def delete(self, artifact_id: str, now: int) -> None:
        """Its content is not to be had any more: it leaves all collections, with its aliases there. Where it was `latest`, the newest
        version that is left becomes it. NotFoundError.
        """
        ...

    def expired(self, now: int, limit: int) -> list[str]:
        """Ids of committed ones whose time is over and that are linked nowhere."""
        ...
