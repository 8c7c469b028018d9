"""Artifacts for actors: finding them, reading what is in them, saying things of them, linking and deleting them.

Whoever may read a project may read its artifacts, and those of others that are linked there.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import islice
from typing import Any

from playhead.domain import manifest
from playhead.domain.account import Actor, Project
from playhead.domain.artifact import (
    Artifact,
    ArtifactState,
    Collection,
    CollectionName,
    Entry,
    Member,
    Role,
    check_aliases,
    check_artifact_tags,
    check_collection,
    check_ttl,
)
from playhead.domain.errors import ConflictError, LimitError, NotFoundError, PermissionDeniedError, UsageError
from playhead.domain.ids import RunPath, check_name
from playhead.domain.limits import MAX_DESCRIPTION, MAX_METADATA, MAX_PACK, MAX_PAGE, SMALL_FILE
from playhead.ports.artifacts import Artifacts
from playhead.ports.blobs import Blobs
from playhead.ports.clock import Clock
from playhead.ports.collections import CollectionQuery, Collections
from playhead.ports.lineage import Lineage
from playhead.ports.projects import Projects
from playhead.ports.timelines import Timelines
from playhead.services.access import Access, may_change_artifact, member, signed_in
from playhead.services.committer import Committer
from playhead.services.files import Content
from playhead.services.recent import Recent
from playhead.services.text import fit, fit_json
from playhead.wire.artifacts import AliasPatch, ArtifactPatch, CollectionPatch, LinkNew

_CODE = frozenset({"code", "job"})
"""Types that readers from outside do not see."""
_HELD = 8
"""Manifests that are held."""


class ArtifactService:
    """Reading and changing artifacts."""

    def __init__(
        self, *, access: Access, artifacts: Artifacts, collections: Collections, lineage: Lineage, projects: Projects,
        runs: Timelines, blobs: Blobs, clock: Clock, committer: Committer, direct: bool = False,
    ) -> None:  # fmt: skip
        """`direct`: give links to the store, where it can make some."""
        self._access = access
        self._artifacts = artifacts
        self._collections = collections
        self._lineage = lineage
        self._projects = projects
        self._runs = runs
        self._blobs = blobs
        self._clock = clock
        self._committer = committer
        self._direct = direct
        self._entries: Recent[str, dict[str, Entry]] = Recent(_HELD, 600.0)

    # What there is ----------------------------------------------------------------------------------------------------

    def types(self, actor: Actor, entity: str, project: str) -> dict[str, int]:
        """Type -> number of collections."""
        self._access.project(actor, entity, project)
        found = self._collections.types(entity, project)
        return {name: count for name, count in found.items() if shows(actor, entity, name)}

    def collections(
        self, actor: Actor, entity: str, project: str, query: CollectionQuery, limit: int, cursor: str | None
    ) -> tuple[list[Collection], str | None]:
        """A page of a project's collections by name, and the next cursor."""
        self._access.project(actor, entity, project)
        found, after = self._collections.collections(entity, project, query, min(limit, MAX_PAGE), cursor)
        return [one for one in found if shows(actor, entity, one.type)], after

    def collection(self, actor: Actor, path: CollectionName) -> Collection:
        """NotFoundError if there is none that `actor` may see."""
        self._access.project(actor, path.entity, path.project)
        found = self._collections.collection(path)
        if not shows(actor, path.entity, found.type):
            raise NotFoundError(f"There is no artifact {path}.")
        return found

    def numbered(self, actor: Actor, number: int) -> Collection:
        """The collection of this number, whatever it is called by now. NotFoundError if there is none that `actor` may see."""
        return self.collection(actor, self._collections.numbered(number).path)

    def members(
        self, actor: Actor, path: CollectionName, limit: int, cursor: str | None = None, digest: str | None = None
    ) -> tuple[list[Member], str | None]:
        """A page of a collection's versions, the newest first, and the next cursor."""
        self.collection(actor, path)
        return self._collections.members(path, min(limit, MAX_PAGE), cursor, digest=digest)

    def member(self, actor: Actor, path: CollectionName, name: str) -> Member:
        """The version that an alias or `v3` means. NotFoundError."""
        self._access.project(actor, path.entity, path.project)
        found = self._collections.member(path, name)
        self._check_type(actor, found.artifact)
        return found

    def artifact(self, actor: Actor, artifact_id: str) -> Artifact:
        """By its id, deleted ones too. If all of a pending one has arrived, it is a version now. NotFoundError."""
        found = self._artifacts.artifacts([artifact_id]).get(artifact_id)
        unseen = NotFoundError(f"There is no artifact of the id {artifact_id}, or you may not see it.")
        if found is None:
            signed_in(actor)
            raise unseen
        try:
            self._access.project(actor, found.collection.entity, found.collection.project)
        except NotFoundError:
            raise unseen from None
        self._check_type(actor, found)
        return self._committer.settle(found)

    def standing(self, actor: Actor, artifact_id: str) -> list[Member]:
        """Where a version stands, as far as `actor` may see it: its own collection first."""
        found = self._collections.standing([artifact_id]).get(artifact_id, [])
        return [one for one in found if self._may_read(actor, one.collection)]

    # What is in it ----------------------------------------------------------------------------------------------------

    def entries(self, artifact: Artifact) -> dict[str, Entry]:
        """Path -> entry, by path, of a version that its reader may see. NotFoundError if it was deleted, or has not arrived."""
        if artifact.state is not ArtifactState.COMMITTED:
            raise NotFoundError(f"The content of {artifact.name} is not to be had: it is {artifact.state}.")

        def read() -> dict[str, Entry]:
            return {entry.path: entry for entry in manifest.parse(self._stored(artifact.manifest))}

        return self._entries.ask(artifact.manifest, read)

    def page(self, artifact: Artifact, prefix: str, limit: int, cursor: str | None) -> tuple[list[Entry], str | None]:
        """A page of what is in it below `prefix`, by path, and the next cursor. NotFoundError."""
        known = self.entries(artifact).items()
        behind = (one for path, one in known if path.startswith(prefix) and path > (cursor or ""))
        found = list(islice(behind, limit))
        return found, found[-1].path if next(behind, None) is not None else None

    def manifest(self, artifact: Artifact) -> Content:
        """The manifest itself, as a file. NotFoundError."""
        self.entries(artifact)
        return self._content("manifest.json", artifact.manifest)

    def entry(self, artifact: Artifact, path: str) -> Entry:
        """NotFoundError."""
        found = self.entries(artifact).get(path)
        if found is None:
            raise NotFoundError(f"The artifact {artifact.name} has no file {path[:200]!r}.")
        return found

    def file(self, artifact: Artifact, path: str) -> Content:
        """The content of a file. NotFoundError; UsageError if it is a reference."""
        return self._content(path, self._own(artifact, path).sha256)

    def contents(self, artifact: Artifact, paths: Sequence[str]) -> dict[str, bytes]:
        """Small files by path, as many as travel at once: larger ones, and those that do not fit, are left out. NotFoundError, LimitError."""
        if len(paths) > MAX_PAGE:
            raise LimitError(f"{len(paths):,} paths: MAX_PAGE is {MAX_PAGE:,}.")
        found: dict[str, bytes] = {}
        left = MAX_PACK
        for path in paths:
            entry = self._own(artifact, path)
            if entry.size <= min(SMALL_FILE, left):
                found[path] = self._stored(entry.sha256)
                left -= entry.size
        return found

    def link_to(self, artifact: Artifact, path: str) -> str | None:
        """Where the content of a file can be fetched for a while; None: only here."""
        entry = self._own(artifact, path)
        return self._blobs.link(entry.sha256) if self._direct else None

    # Changing ---------------------------------------------------------------------------------------------------------

    def patch(self, actor: Actor, artifact: Artifact, change: ArtifactPatch) -> Artifact:
        """Change what is given. UsageError, PermissionDeniedError."""
        self._check_change(actor, artifact)
        fields: dict[str, Any] = {}
        if change.description is not None:
            fields["description"] = _description(change.description)
        if change.metadata is not None:
            if len(json.dumps(change.metadata)) > MAX_METADATA:
                raise UsageError(f"Metadata have at most {MAX_METADATA:,} characters as JSON (MAX_METADATA).")
            fields["metadata"] = fit_json(change.metadata)
        if change.tags is not None:
            fields["tags"] = check_artifact_tags(change.tags)
        if change.ttl is not None:
            fields["ttl"] = check_ttl(change.ttl or None)
        return self._artifacts.change(artifact.id, fields, self._clock.now()) if fields else artifact

    def alias(self, actor: Actor, found: Member, change: AliasPatch) -> Member:
        """Give a version aliases, and take some from it. UsageError, PermissionDeniedError."""
        self._check_place(actor, found)
        add, remove = check_aliases(change.add), tuple(change.remove)
        return self._collections.alias(found.collection, found.version, add, remove, self._clock.now())

    def link(self, actor: Actor, artifact: Artifact, new: LinkNew) -> Member:
        """Show a version in another collection too. UsageError, ConflictError, PermissionDeniedError; NotFoundError if it is none yet."""
        self._check_change(actor, artifact)
        entity = check_name(new.entity or artifact.collection.entity, "an entity")
        target = CollectionName(entity, check_name(new.project, "a project"), check_collection(new.name))
        names = check_aliases(new.aliases)
        now = self._clock.now()
        if not self._access.check_recording(actor, entity, target.project):
            self._projects.ensure(Project(entity=entity, name=target.project, created_at=now, updated_at=now))
        place = Collection(path=target, type=artifact.type, portfolio=True, created_at=now, updated_at=now)
        self._collections.ensure(place)
        return self._collections.link(artifact.id, target, names, now)

    def delete(self, actor: Actor, found: Member, *, aliases: bool) -> None:
        """Delete a version, or take a link away. ConflictError if it has aliases, unless `aliases` go with it."""
        if found.is_link:
            self._check_place(actor, found)
            self._collections.unlink(found.collection, found.version, self._clock.now())
            return
        self._check_change(actor, found.artifact)
        if found.aliases and not aliases:
            raise ConflictError(
                f"{found.artifact.name} has the aliases {', '.join(found.aliases)}: say aliases=1 to delete it with them."
            )
        self._artifacts.delete(found.artifact.id, self._clock.now())

    def patch_collection(self, actor: Actor, path: CollectionName, change: CollectionPatch) -> Collection:
        """Change what is given. UsageError, ConflictError, PermissionDeniedError."""
        found = self._collection_to_change(actor, path)
        fields: dict[str, Any] = {}
        if change.name is not None:
            fields["name"] = check_collection(change.name)
        if change.description is not None:
            fields["description"] = _description(change.description)
        if change.tags is not None:
            fields["tags"] = check_artifact_tags(change.tags)
        return self._collections.change(path, fields, self._clock.now()) if fields else found

    def delete_collection(self, actor: Actor, path: CollectionName) -> None:
        """Delete all its versions, or links. PermissionDeniedError."""
        self._collection_to_change(actor, path)
        while True:
            try:
                found, _ = self._collections.members(path, MAX_PAGE)
            except NotFoundError:
                return
            for one in found:
                if one.is_link:
                    self._collections.unlink(path, one.version, self._clock.now())
                else:
                    self._artifacts.delete(one.artifact.id, self._clock.now())

    def delete_logged(self, actor: Actor, path: RunPath) -> None:
        """Delete the versions that a run made."""
        self._access.run_to_change(actor, path, trash=True)
        own = {segment.id for segment in self._runs.segments(path) if segment.run == path}
        cursor: str | None = None
        while True:
            line = [(segment, None) for segment in sorted(own)]
            edges, cursor = self._lineage.of_segments(line, MAX_PAGE, cursor, role=Role.LOGGED)
            for one in self._artifacts.artifacts([edge.artifact for edge in edges]).values():
                if one.made is not None and one.made.segment in own and one.state is not ArtifactState.DELETED:
                    self._artifacts.delete(one.id, self._clock.now())
            if cursor is None:
                return

    # ------------------------------------------------------------------------------------------------------------------

    def _stored(self, sha256: str) -> bytes:
        return b"".join(self._blobs.get(sha256))

    def _content(self, path: str, sha256: str) -> Content:
        size = self._blobs.size(sha256)
        return Content(path, sha256, size, lambda start, stop: self._blobs.get(sha256, start, stop))

    def _own(self, artifact: Artifact, path: str) -> Entry:
        found = self.entry(artifact, path)
        if found.ref:
            raise UsageError(f"{path} of {artifact.name} is a reference: its content is at {found.ref[:500]}.")
        return found

    def _may_read(self, actor: Actor, path: CollectionName) -> bool:
        try:
            self._access.project(actor, path.entity, path.project)
        except (NotFoundError, PermissionDeniedError):
            return False
        return True

    def _check_type(self, actor: Actor, artifact: Artifact) -> None:
        if not shows(actor, artifact.collection.entity, artifact.type):
            raise NotFoundError(f"There is no artifact {artifact.collection}.")

    def _check_change(self, actor: Actor, artifact: Artifact) -> None:
        if not may_change_artifact(actor, artifact):
            raise self._refused(actor, artifact.collection)

    def _check_place(self, actor: Actor, found: Member) -> None:
        """Aliases and links are of the collection that they are in."""
        if not found.is_link:
            self._check_change(actor, found.artifact)
        elif not member(actor, found.collection.entity):
            raise self._refused(actor, found.collection)

    def _collection_to_change(self, actor: Actor, path: CollectionName) -> Collection:
        found = self.collection(actor, path)
        if not member(actor, path.entity):
            raise self._refused(actor, path)
        return found

    def _refused(self, actor: Actor, path: CollectionName) -> PermissionDeniedError:
        return PermissionDeniedError(
            f"{signed_in(actor)} may read {path}, but only members of {path.entity} and whoever logged a version may change it."
        )


def shows(actor: Actor, entity: str, type_name: str) -> bool:
    """Whether `actor`, who may read a project of `entity`, sees artifacts of this type there."""
    return type_name not in _CODE or member(actor, entity)


def _description(text: str) -> str | None:
    if len(text) > MAX_DESCRIPTION:
        raise UsageError(f"A description has at most {MAX_DESCRIPTION:,} characters.")
    return fit(text) or None
