"""Makes versions of what was logged, once all of it has arrived: one thread, and whoever cannot wait for it.

What waits is in the catalog. Each commit is one transaction there, so any number of servers may try the same one.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection as Some
from collections.abc import Sequence

from playhead.domain import manifest
from playhead.domain.account import Project
from playhead.domain.artifact import Artifact, ArtifactState, Collection, Entry, digest_of
from playhead.domain.errors import ConflictError, NotFoundError, UsageError
from playhead.domain.limits import MAX_MANIFEST
from playhead.ports.artifacts import Arrived, Artifacts
from playhead.ports.blobs import Blobs
from playhead.ports.clock import Clock
from playhead.ports.collections import Collections
from playhead.ports.contents import Contents, ProjectName
from playhead.ports.projects import Projects
from playhead.services.counters import Counters
from playhead.services.recent import Recent

LOOK_EVERY = 15.0
"""Seconds between looks at all that waits: what nobody told of, since another server took it in."""
EXPIRE_EVERY = 4
"""Every so many looks, versions whose time is over are deleted."""
MOST = 1_000
"""Versions that are looked at, or deleted, at once."""
ABANDONED_AFTER = 30 * 24 * 3600
"""Seconds after which it is given up that the content of one arrives."""

_log = logging.getLogger("playhead.server")


class Committer:
    """Commits what has arrived, links what is to be linked, deletes what has expired. Safe to call from any thread."""

    def __init__(
        self, *, artifacts: Artifacts, collections: Collections, projects: Projects, blobs: Blobs, contents: Contents,
        clock: Clock, counters: Counters,
    ) -> None:  # fmt: skip
        self._artifacts = artifacts
        self._collections = collections
        self._projects = projects
        self._blobs = blobs
        self._contents = contents
        self._clock = clock
        self._counters = counters
        self._lacks: Recent[str, str] = Recent(MOST, 3600.0)
        """Artifact -> a content of it that had not arrived: it is looked for first."""
        self._ripe: set[str] = set()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._serve, name="playhead-committer", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop after what is being done right now. What waits is done by the next server."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def soon(self, artifact_ids: Some[str]) -> None:
        """Something is new about these."""
        with self._lock:
            self._ripe.update(artifact_ids)
        self._wake.set()

    def settle(self, artifact: Artifact) -> Artifact:
        """Do now what can be done about one; how it stands then. A draft that no journal has told of waits until one does."""
        if artifact.state is ArtifactState.PENDING and artifact.made is not None:
            artifact = self._try(artifact)
        if artifact.state is ArtifactState.COMMITTED and artifact.links:
            artifact = self._link(artifact)
        return artifact

    def _serve(self) -> None:
        looks = 0
        while not self._stop.is_set():
            with self._lock:
                ripe, self._ripe = self._ripe, set()
            try:
                if ripe:
                    self._settle_all(ripe)
                else:
                    self._look()
                    if looks % EXPIRE_EVERY == 0:
                        self._expire()
                    looks += 1
            except Exception:  # noqa: BLE001 the next look may do better
                _log.exception("artifacts")
            self._wake.wait(LOOK_EVERY)
            self._wake.clear()

    def _settle_all(self, artifact_ids: Some[str]) -> None:
        """These, and what stands behind them in their journals."""
        streams: set[str] = set()
        for one in self._artifacts.artifacts(artifact_ids).values():
            if one.made is None or one.state is not ArtifactState.PENDING:
                self._settle_one(one)
            else:
                streams.add(one.made.stream)
        for stream in streams:
            for one in self._artifacts.pending(MOST, stream):
                self._settle_one(one)

    def _look(self) -> None:
        before = self._clock.now() - ABANDONED_AFTER * 1_000_000
        for one in self._artifacts.pending(MOST):
            if self._stop.is_set():
                return
            found = self._settle_one(one)
            if found is not None and found.state is ArtifactState.PENDING and found.created_at < before:
                self._fail(found, "Its content has not arrived for a month.")

    def _settle_one(self, artifact: Artifact) -> Artifact | None:
        try:
            return self.settle(artifact)
        except Exception:  # noqa: BLE001 the others must not suffer
            _log.exception("artifact %s", artifact.id)
            return None

    def _expire(self) -> None:
        now = self._clock.now()
        for one in self._artifacts.expired(now, MOST):
            self._artifacts.delete(one, now)
            self._counters.add("playhead_artifacts_expired_total")

    def _try(self, artifact: Artifact) -> Artifact:
        """Commit it, if all has arrived and nothing of its collection stands before it in its journal."""
        try:
            entries = None if self._is_behind(artifact) else self._arrived(artifact)
        except UsageError as error:
            return self._fail(artifact, error.message)
        if entries is None:
            return artifact
        if digest_of(entries) != artifact.digest:
            return self._fail(artifact, "Its digest is not that of its manifest.")
        arrived = Arrived(
            manifest=artifact.manifest,
            contents={entry.sha256 for entry in entries if entry.sha256},
            digest=artifact.digest,
            size=sum(entry.size for entry in entries),
            count=len(entries),
        )
        committed = self._artifacts.commit(artifact.id, arrived, self._clock.now())
        self._counters.add("playhead_artifacts_committed_total", new=str(committed.id == artifact.id).lower())
        return committed

    def _arrived(self, artifact: Artifact) -> list[Entry] | None:
        """What is in it, if all of that has arrived. UsageError if its manifest is none."""
        project = ProjectName(artifact.collection.entity, artifact.collection.project)
        known = self._lacks.get(artifact.id)
        if not self._has(project, [artifact.manifest, *([known] if known else ())], artifact.id):
            return None
        entries = manifest.parse(self._read(artifact.manifest))
        contents = {entry.sha256 for entry in entries if entry.sha256}
        return entries if self._has(project, list(contents), artifact.id) else None

    def _is_behind(self, artifact: Artifact) -> bool:
        if artifact.made is None:
            return False
        for one in self._artifacts.pending(MOST, artifact.made.stream):
            if (
                one.made is not None
                and one.made.offset < artifact.made.offset
                and one.collection == artifact.collection
            ):
                return True
        return False

    def _has(self, project: ProjectName, digests: Sequence[str], artifact_id: str) -> bool:
        """Whether the project has all of these contents."""
        given = self._contents.touch(project, digests)
        lacking = [sha256 for sha256 in digests if sha256 not in given] or self._blobs.missing(digests)
        if lacking:
            self._lacks.put(artifact_id, lacking[0])
        return not lacking

    def _read(self, sha256: str) -> bytes:
        if self._blobs.size(sha256) > MAX_MANIFEST:
            raise UsageError(f"Its manifest is larger than MAX_MANIFEST, {MAX_MANIFEST:,} bytes.")
        return b"".join(self._blobs.get(sha256))

    def _fail(self, artifact: Artifact, problem: str) -> Artifact:
        self._counters.add("playhead_artifacts_failed_total")
        _log.warning("artifact %s of %s: %s", artifact.id, artifact.collection, problem)
        fields = {"state": ArtifactState.FAILED, "problem": problem[:1_000]}
        return self._artifacts.change(artifact.id, fields, self._clock.now())

    def _link(self, artifact: Artifact) -> Artifact:
        """Link it where it was said to; whoever said so was allowed to."""
        now = self._clock.now()
        for target, names in artifact.links:
            place = Collection(path=target, type=artifact.type, portfolio=True, created_at=now, updated_at=now)
            try:
                self._projects.ensure(
                    Project(entity=target.entity, name=target.project, created_at=now, updated_at=now)
                )
                self._collections.ensure(place)
                self._collections.link(artifact.id, target, names, now)
            except (ConflictError, NotFoundError) as error:
                _log.warning("%s is not linked to %s: %s", artifact.name, target, error.message)
        return self._artifacts.change(artifact.id, {"links": ()}, now)
