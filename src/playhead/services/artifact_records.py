"""What journals say of artifacts, on its way into the catalog. It comes before the journal's new offset is stored, and may come again."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from playhead.domain.account import Actor
from playhead.domain.artifact import (
    Artifact,
    ArtifactState,
    Collection,
    CollectionName,
    Edge,
    Made,
    Role,
    check_aliases,
    check_artifact_tags,
    check_collection,
    check_ttl,
    check_type,
    is_artifact_id,
)
from playhead.domain.errors import ConflictError, PlayheadError, UsageError
from playhead.domain.file import check_digest
from playhead.domain.ids import RunPath, check_name
from playhead.domain.limits import MAX_DESCRIPTION, MAX_METADATA
from playhead.domain.run import Run, Stream
from playhead.journal import format as f
from playhead.ports.artifacts import Artifacts
from playhead.ports.clock import Clock
from playhead.ports.collections import Collections
from playhead.ports.lineage import Lineage
from playhead.ports.runs import Record
from playhead.services.access import Access, may_change_artifact
from playhead.services.text import fit

KINDS = frozenset(f.KIND_NAMES[kind] for kind in (f.ARTIFACT, f.USE, f.LINK))
"""Records that this is about."""
MAX_LINKS = 100
"""Collections that one version waits to be linked to."""
REFUSED = "refused"
"""The name under which a version is kept whose own is none."""


class ArtifactRecords:
    """Turns records into versions that wait, edges of the lineage, and links that wait. The same ones may come again."""

    def __init__(
        self, *, access: Access, artifacts: Artifacts, collections: Collections, lineage: Lineage, clock: Clock
    ) -> None:
        self._access = access
        self._artifacts = artifacts
        self._collections = collections
        self._lineage = lineage
        self._clock = clock

    def take(self, actor: Actor, run: Run, stream: Stream, records: Sequence[Record]) -> list[str]:
        """Take in what a stretch of a stream says, and `actor` sent; ids of the artifacts that something is to be done about."""
        ripe: list[str] = []
        edges: list[Edge] = []
        for record in records:
            made = Made(
                stream=stream.id, offset=record.offset, segment=stream.segment, step=record.step, time=record.time
            )
            if record.kind == f.KIND_NAMES[f.ARTIFACT]:
                ripe += self._artifact(run, made, record.data, edges)
            elif record.kind == f.KIND_NAMES[f.USE] and (used := _id(record.data.get("artifact"))):
                what_for = fit(str(record.data.get("as") or ""))[:256]
                edges.append(Edge(role=Role.USED, artifact=used, made=made, used_as=what_for))
            elif record.kind == f.KIND_NAMES[f.LINK]:
                ripe += self._link(actor, run.path, record.data)
        if edges:
            self._lineage.tell(edges)
        return ripe

    def _artifact(self, run: Run, made: Made, told: Mapping[str, Any], edges: list[Edge]) -> list[str]:
        artifact_id = _id(told.get("id")) or f"{made.stream[:40]}-{made.offset}"
        if "name" not in told:
            return self._news(run, artifact_id, told)
        draft = self._draft(run, artifact_id, made, told)
        try:
            found = self._artifacts.add(draft)
        except ConflictError:  # somebody else's id
            draft = self._draft(run, f"{made.stream[:40]}-{made.offset}", made, told)
            found = self._artifacts.add(draft)
        edges.append(Edge(role=Role.LOGGED, artifact=found.id, made=made))
        return [found.id]

    def _news(self, run: Run, artifact_id: str, told: Mapping[str, Any]) -> list[str]:
        """A sidecar says what became of the content."""
        found = self._artifacts.artifacts([artifact_id]).get(artifact_id)
        if found is None or found.collection[:2] != run.path[:2] or found.user != run.user:
            return []
        if told.get("lost"):
            fields = {"state": ArtifactState.FAILED, "problem": fit(str(told["lost"]))[:1_000]}
            self._artifacts.change(artifact_id, fields, self._clock.now())
        return [artifact_id]

    def _draft(self, run: Run, artifact_id: str, made: Made, told: Mapping[str, Any]) -> Artifact:
        """The version that is to be; a failed one if it cannot be any."""
        now = self._clock.now()
        problem = ""
        try:
            fields = _fields(told)
            path = CollectionName(run.path.entity, run.path.project, check_collection(_text(told, "name")))
            kind = check_type(_text(told, "type"))
            self._collections.ensure(Collection(path=path, type=kind, created_at=now, updated_at=now))
        except (UsageError, ConflictError) as error:
            fields, problem = {}, error.message
            path, kind = self._refuge(run.path, told, now)
        return Artifact(
            id=artifact_id, collection=path, type=kind, made=made, user=run.user, created_at=now, updated_at=now, **fields,
            state=ArtifactState.FAILED if problem else ArtifactState.PENDING, problem=problem,
        )  # fmt: skip

    def _refuge(self, run: RunPath, told: Mapping[str, Any], now: int) -> tuple[CollectionName, str]:
        """The collection that a failed one belongs to: its own, whatever that one's type."""
        try:
            name = check_collection(_text(told, "name"))
        except UsageError:
            name = REFUSED
        path = CollectionName(run.entity, run.project, name)
        with contextlib.suppress(ConflictError):
            self._collections.ensure(Collection(path=path, type=REFUSED, created_at=now, updated_at=now))
        return path, REFUSED

    def _link(self, actor: Actor, run: RunPath, told: Mapping[str, Any]) -> list[str]:
        """Note that it is to be linked. What may not be is left out: the record stays."""
        artifact_id = _id(told.get("artifact"))
        try:
            entity = check_name(str(told.get("entity") or run.entity), "an entity")
            target = CollectionName(
                entity, check_name(_text(told, "project"), "a project"), check_collection(_text(told, "name"))
            )
            names = check_aliases(_list(told, "aliases"))
            self._access.check_recording(actor, target.entity, target.project)
            found = self._artifacts.artifacts([artifact_id])[artifact_id]
        except (PlayheadError, KeyError):
            return []
        if not may_change_artifact(actor, found):
            return []
        links = dict(found.links)
        links[target] = tuple(dict.fromkeys([*links.get(target, ()), *names]))
        if len(links) > MAX_LINKS:
            return []
        self._artifacts.change(found.id, {"links": tuple(links.items())}, self._clock.now())
        return [found.id]


def _fields(told: Mapping[str, Any]) -> dict[str, Any]:
    """What a record says of a version. UsageError."""
    description, metadata = told.get("description"), told.get("metadata") or {}
    if description is not None and (not isinstance(description, str) or len(description) > MAX_DESCRIPTION):
        raise UsageError(f"A description has at most {MAX_DESCRIPTION:,} characters.")
    if not isinstance(metadata, dict) or len(json.dumps(metadata)) > MAX_METADATA:
        raise UsageError(f"Metadata are an object of at most {MAX_METADATA:,} characters (MAX_METADATA).")
    check_digest(_text(told, "manifest"))
    return {
        "aliases": check_aliases(_list(told, "aliases")), "tags": check_artifact_tags(_list(told, "tags")),
        "ttl": check_ttl(told.get("ttl")), "digest": _text(told, "digest"), "manifest": _text(told, "manifest"),
        "size": _count(told, "size"), "count": _count(told, "count"), "description": description, "metadata": metadata,
    }  # fmt: skip


def _text(told: Mapping[str, Any], name: str) -> str:
    found = told.get(name)
    if not isinstance(found, str):
        raise UsageError(f"The record of an artifact has no `{name}`.")
    return found


def _list(told: Mapping[str, Any], name: str) -> list[Any]:
    found = told.get(name) or []
    if not isinstance(found, list):
        raise UsageError(f"`{name}` of an artifact is no list.")
    return found


def _count(told: Mapping[str, Any], name: str) -> int:
    found = told.get(name)
    return found if type(found) is int and 0 <= found < 1 << 62 else 0


def _id(told: Any) -> str:
    return told if isinstance(told, str) and is_artifact_id(told) else ""
