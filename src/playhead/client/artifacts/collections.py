"""Types and collections of a project's artifacts, as the read API gives them."""

from __future__ import annotations

from collections.abc import Iterator

from playhead.client.artifacts.artifact import Artifact
from playhead.client.artifacts.stored import Stored
from playhead.client.server import Server
from playhead.domain.artifact import ArtifactState, check_artifact_tags
from playhead.domain.errors import ConflictError
from playhead.wire.artifacts import CollectionPatch, CollectionView


class ArtifactCollection:
    """All versions of one name. What is set is sent by `save`."""

    def __init__(self, server: Server, view: CollectionView) -> None:
        self._server = server
        self.view = view
        """What the server says of it."""
        self.name = view.name
        """May be set."""
        self.description = view.description
        """May be set."""
        self.tags = list(view.tags)
        """May be set, and changed in place."""

    def __repr__(self) -> str:
        return f"<ArtifactCollection {self.view.name} of type {self.type}>"

    def __len__(self) -> int:
        """How many versions it has."""
        return self.view.versions

    @property
    def type(self) -> str:
        """Of all its versions."""
        return self.view.type

    @property
    def entity(self) -> str:
        """Whose it is."""
        return self.view.entity

    @property
    def project(self) -> str:
        """Which project it is in."""
        return self.view.project

    @property
    def aliases(self) -> list[str]:
        """That some version has."""
        return list(self.view.aliases)

    @property
    def created_at(self) -> float:
        """Seconds since 1970 (UTC)."""
        return self.view.created_at / 1e6

    def is_sequence(self) -> bool:
        """Whether versions are logged to it; else it holds links to versions of others."""
        return not self.view.portfolio

    def artifacts(self) -> list[Artifact]:
        """Its versions, the newest first."""
        found = self._server.artifact_versions(self.entity, self.project, self.view.name)
        return [Artifact.of(Stored(self._server, view)) for view in found if view.state == ArtifactState.COMMITTED]

    versions = artifacts

    def save(self) -> None:
        """Send what was changed."""
        name = self.name if self.name != self.view.name else None
        change = CollectionPatch(
            name=name, description=self.description, tags=list(check_artifact_tags(self.tags)),
        )  # fmt: skip
        self.view = self._server.patch_collection(self.entity, self.project, self.view.name, change)

    def delete(self) -> None:
        """With all its versions."""
        self._server.delete_collection(self.entity, self.project, self.view.name)


class ArtifactType:
    """A type of a project's artifacts."""

    def __init__(self, server: Server, entity: str, project: str, name: str) -> None:
        self._server = server
        self.entity = entity
        self.project = project
        self.name = name

    def __repr__(self) -> str:
        return f"<ArtifactType {self.name}>"

    def collections(self) -> Iterator[ArtifactCollection]:
        """Its collections by name."""
        for view in self._server.collections(self.entity, self.project, self.name):
            yield ArtifactCollection(self._server, view)

    def collection(self, name: str) -> ArtifactCollection:
        """NotFoundError if there is none of that name, ConflictError if it is of another type."""
        return collection_of(self._server, self.entity, self.project, name, self.name)


def collection_of(server: Server, entity: str, project: str, name: str, type_name: str | None) -> ArtifactCollection:
    """NotFoundError, ConflictError if it is of another type."""
    view = server.collection(entity, project, name)
    if type_name is not None and view.type != type_name:
        raise ConflictError(f"{name!r} is of type {view.type!r}, not {type_name!r}.")
    return ArtifactCollection(server, view)
