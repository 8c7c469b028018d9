"""Versions that are made by a conversation: a draft first, then what is in it, known by MD5. Journals say it all at once instead."""

from __future__ import annotations

import hashlib
from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from typing import Any

from playhead.domain import manifest
from playhead.domain.account import Actor, Project
from playhead.domain.artifact import (
    Artifact,
    ArtifactState,
    Collection,
    CollectionName,
    Entry,
    check_aliases,
    check_artifact_tags,
    check_collection,
    check_type,
    digest_of,
)
from playhead.domain.errors import ConflictError, NotFoundError, PermissionDeniedError, UsageError
from playhead.domain.ids import RunPath
from playhead.ports.artifacts import Artifacts
from playhead.ports.clock import Clock
from playhead.ports.collections import Collections
from playhead.ports.contents import Contents
from playhead.ports.fingerprints import Fingerprints, Print
from playhead.ports.projects import Projects
from playhead.services.access import Access
from playhead.services.file_records import project_of
from playhead.services.uploads import UploadService


class ArtifactDrafts:
    """Drafts and what they are made of."""

    def __init__(
        self, *, access: Access, artifacts: Artifacts, collections: Collections, projects: Projects, contents: Contents,
        fingerprints: Fingerprints, uploads: UploadService, clock: Clock,
    ) -> None:  # fmt: skip
        self._access = access
        self._artifacts = artifacts
        self._collections = collections
        self._projects = projects
        self._contents = contents
        self._fingerprints = fingerprints
        self._uploads = uploads
        self._clock = clock

    def begin(
        self, actor: Actor, artifact_id: str, path: CollectionName, kind: str, fields: Mapping[str, Any]
    ) -> Artifact:
        """A draft; the one that is there, if it was asked for before. UsageError, ConflictError, PermissionDeniedError."""
        check_collection(path.name)
        check_aliases(fields.get("aliases", ()))
        check_artifact_tags(fields.get("tags", ()))
        now = self._clock.now()
        if not self._access.check_recording(actor, path.entity, path.project):
            self._projects.ensure(Project(entity=path.entity, name=path.project, created_at=now, updated_at=now))
        self._collections.ensure(Collection(path=path, type=check_type(kind), created_at=now, updated_at=now))
        draft = Artifact(
            id=artifact_id, collection=path, type=kind, state=ArtifactState.PENDING, user=actor.user or "", created_at=now,
            updated_at=now, **fields,
        )  # fmt: skip
        return self._artifacts.add(draft)

    def newest(self, path: CollectionName) -> Artifact | None:
        """The newest version of a collection, for somebody who may log into it."""
        try:
            [newest], _ = self._collections.members(path, 1)
        except NotFoundError:
            return None
        return newest.artifact

    def check(self, actor: Actor, run: RunPath, draft: Artifact) -> None:
        """PermissionDeniedError if it is somebody else's, or another project's, or `actor` may not write to the run."""
        self._uploads.check(actor, run)
        if draft.state is ArtifactState.PENDING and (draft.user != actor.user or draft.collection[:2] != run[:2]):
            raise PermissionDeniedError(f"The draft {draft.id} is somebody else's, or not of the project of {run}.")

    def known(self, actor: Actor, run: RunPath, md5s: Some[str]) -> dict[str, Print]:
        """Those contents that the run's project has. PermissionDeniedError if `actor` may not send any there."""
        self._uploads.check(actor, run)
        return self._known(run, md5s)

    def _known(self, run: RunPath, md5s: Some[str]) -> dict[str, Print]:
        project = project_of(run)
        found = self._fingerprints.known(project, md5s)
        there = self._contents.touch(project, {one.sha256 for one in found.values()})
        return {md5: one for md5, one in found.items() if one.sha256 in there}

    def tell(self, run: RunPath, md5: str, sha256: str, size: int) -> None:
        """A content of the run's project, which the server has read, has this MD5."""
        self._fingerprints.tell(project_of(run), md5, Print(sha256, size))

    def fill(self, actor: Actor, run: RunPath, artifact: Artifact, entries: Sequence[Entry]) -> Artifact:
        """Say what is in a draft; of files the SHA-256 is found by their digest. UsageError if one has not been sent; see `check`.

        Of a version that may be said again: ConflictError if it has something else in it.
        """
        self.check(actor, run, artifact)
        known = self._known(run, {entry.digest for entry in entries if not entry.ref and not entry.sha256})
        missing = [entry.path for entry in entries if not (entry.ref or entry.sha256 or entry.digest in known)]
        if missing:
            more = f" and {len(missing) - 1:,} more" if len(missing) > 1 else ""
            raise UsageError(f"The content of {missing[0]}{more} has not been sent.")
        whole = [
            entry if entry.ref or entry.sha256 else entry._replace(**known[entry.digest]._asdict()) for entry in entries
        ]
        digest = digest_of(whole)
        if artifact.state is not ArtifactState.PENDING:
            if digest != artifact.digest:
                raise ConflictError(f"{artifact.name} is {artifact.state}: what is in it cannot be changed any more.")
            return artifact
        text = manifest.to_json(whole)
        manifest.parse(text)
        sha256 = hashlib.sha256(text).hexdigest()
        self._uploads.put(actor, run, {sha256: text})
        told = {
            "manifest": sha256,
            "digest": digest,
            "size": sum(entry.size for entry in whole),
            "count": len(whole),
        }
        return self._artifacts.change(artifact.id, told, self._clock.now())

    def fill_as(self, artifact: Artifact, other: Artifact) -> Artifact:
        """A draft has the same in it as a version of its collection."""
        told = {name: getattr(other, name) for name in ("manifest", "digest", "size", "count")}
        return self._artifacts.change(artifact.id, told, self._clock.now())
