"""What the memory adapters of artifacts, collections and lineage share: the dicts and their lock."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from playhead.domain.artifact import LATEST, Artifact, Collection, CollectionName, Edge, Member
from playhead.domain.errors import NotFoundError


@dataclass(slots=True)
class Place:
    """A collection and what stands in it."""

    told: Collection
    inside: dict[int, tuple[str, int]] = field(default_factory=dict)
    """Version -> artifact, and since when."""
    aliases: dict[str, int] = field(default_factory=dict)
    next: int = 0

    def enter(self, artifact_id: str, names: Sequence[str], now: int) -> int:
        """Let it be the next version; its number."""
        version, self.next = self.next, self.next + 1
        self.inside[version] = (artifact_id, now)
        self.name(version, [*names, LATEST])
        self.told = replace(self.told, updated_at=now)
        return version

    def name(self, version: int, names: Sequence[str]) -> None:
        """Give aliases to a version."""
        self.aliases |= dict.fromkeys(names, version)

    def leave(self, version: int, now: int) -> None:
        """Take a version out."""
        del self.inside[version]
        was = self.names(version)
        self.aliases = {alias: held for alias, held in self.aliases.items() if held != version}
        if LATEST in was and self.inside:
            self.name(max(self.inside), [LATEST])
        self.told = replace(self.told, updated_at=now)

    def names(self, version: int) -> tuple[str, ...]:
        """Aliases of a version."""
        return tuple(sorted(alias for alias, held in self.aliases.items() if held == version))


@dataclass(slots=True)
class Shelf:
    """Whoever reads or writes it holds `lock`."""

    places: dict[CollectionName, Place] = field(default_factory=dict)
    made: int = 0
    """How many collections there ever were."""
    artifacts: dict[str, Artifact] = field(default_factory=dict)
    same: dict[str, str] = field(default_factory=dict)
    """Became no version of its own -> the one that was there."""
    holdings: dict[str, frozenset[str]] = field(default_factory=dict)
    """Committed artifact -> content that its manifest names."""
    edges: dict[tuple[str, int], Edge] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def place(self, path: CollectionName) -> Place:
        """NotFoundError."""
        if path not in self.places:
            raise NotFoundError(f"There is no artifact {path}.")
        return self.places[path]

    def seen(self, path: CollectionName) -> Place:
        """NotFoundError if it has no versions, too."""
        found = self.place(path)
        if not found.inside:
            raise NotFoundError(f"There is no artifact {path}.")
        return found

    def artifact(self, artifact_id: str) -> Artifact | None:
        """With its aliases; of one that became no version, the one that was there."""
        found = self.artifacts.get(self.same.get(artifact_id, artifact_id))
        if found is None or found.version is None:
            return found
        return replace(found, aliases=self.places[found.collection].names(found.version))

    def member(self, path: CollectionName, version: int) -> Member:
        """NotFoundError."""
        place = self.place(path)
        if version not in place.inside:
            raise NotFoundError(f"The artifact {path} has no version v{version}.")
        artifact_id, since = place.inside[version]
        artifact = self.artifact(artifact_id)
        assert artifact is not None
        return Member(
            collection=path, version=version, aliases=place.names(version), created_at=since, artifact=artifact
        )
