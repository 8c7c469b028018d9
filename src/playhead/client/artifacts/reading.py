"""What `Api` says of artifacts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

from playhead.client import settings
from playhead.client.artifact_calls import Where
from playhead.client.artifacts.artifact import Artifact
from playhead.client.artifacts.collections import ArtifactCollection, ArtifactType, collection_of
from playhead.client.artifacts.stored import Stored, find
from playhead.client.server import Server
from playhead.domain.artifact import parse_name
from playhead.domain.errors import ConflictError, NotFoundError, UsageError


class ArtifactReading(ABC):
    """Artifacts by name: `entity/project/name:alias`. What a name leaves out is the default entity, and the project that is set."""

    _server: Server

    @property
    @abstractmethod
    def default_entity(self) -> str:
        """The entity of names that say none."""

    def artifact(self, name: str, type: str | None = None) -> Artifact:  # noqa: A002 W&B's word
        """The version of that name: `name:v3`, `name:best`, or `name` for the newest. NotFoundError, ConflictError for another type."""
        return Artifact.of(Stored(self._server, find(self._server, self._version(name), type)))

    def artifact_exists(self, name: str, type: str | None = None) -> bool:  # noqa: A002 as above
        """Whether there is one of that name (and type)."""
        try:
            self.artifact(name, type)
        except (NotFoundError, ConflictError):
            return False
        return True

    def artifacts(
        self, type_name: str | None, name: str, per_page: int = 50, tags: list[str] | None = None  # noqa: ARG002 W&B's signature
    ) -> list[Artifact]:  # fmt: skip
        """All versions of a name, the newest first; those that have all `tags`."""
        found = self.artifact_collection(type_name, name).artifacts()
        return [one for one in found if set(tags or ()) <= set(one.tags)]

    artifact_versions = artifacts

    def artifact_types(self, project: str | None = None) -> list[ArtifactType]:
        """Types of the artifacts of `entity/project`."""
        entity, name = self._owner(project)
        return [ArtifactType(self._server, entity, name, one.name) for one in self._server.artifact_types(entity, name)]

    def artifact_type(self, type_name: str, project: str | None = None) -> ArtifactType:
        """NotFoundError if the project has no artifacts of that type."""
        for one in self.artifact_types(project):
            if one.name == type_name:
                return one
        raise NotFoundError(f"{'/'.join(self._owner(project))} has no artifacts of type {type_name!r}.")

    def artifact_collections(
        self, project_name: str, type_name: str | None = None, per_page: int = 50  # noqa: ARG002 as above
    ) -> Iterator[ArtifactCollection]:  # fmt: skip
        """Collections of `entity/project` (of that type), by name."""
        entity, project = self._owner(project_name)
        for view in self._server.collections(entity, project, type_name):
            yield ArtifactCollection(self._server, view)

    def artifact_collection(self, type_name: str | None, name: str) -> ArtifactCollection:
        """NotFoundError, ConflictError if it is of another type."""
        entity, project, collection, _ = self._version(name)
        return collection_of(self._server, entity, project, collection, type_name)

    def artifact_collection_exists(self, name: str, type: str) -> bool:  # noqa: A002 as above
        """Whether there is one of that name and type."""
        try:
            self.artifact_collection(type, name)
        except (NotFoundError, ConflictError):
            return False
        return True

    def _version(self, name: str) -> Where:
        parts = name.partition(":")[0].strip("/").count("/")
        entity = None if parts == 2 else settings.entity() or self.default_entity
        collection, alias = parse_name(name, entity, settings.project())
        return (*collection, alias)

    def _owner(self, project: str | None) -> tuple[str, str]:
        told = project or settings.project()
        if told is None:
            raise UsageError("Say whose artifacts: give the project, as entity/project.")
        *entity, name = told.strip("/").split("/")
        return entity[0] if entity else settings.entity() or self.default_entity, name
