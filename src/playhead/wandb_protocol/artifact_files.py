"""Files of artifacts as W&B's client lists and fetches them. Nodes of the type `File` are of a run or of an artifact."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ariadne import ObjectType

from playhead.domain.artifact import Artifact, ArtifactState, Entry, Member
from playhead.domain.limits import MAX_PAGE
from playhead.wandb_protocol import files
from playhead.wandb_protocol.artifact_forms import hex_of_md5
from playhead.wandb_protocol.artifact_transfer import content_address, manifest_url
from playhead.wandb_protocol.context import asked
from playhead.wandb_protocol.forms import connection, moment
from playhead.wandb_protocol.ids import artifact_node, node_id

artifact = ObjectType("Artifact")
membership = ObjectType("ArtifactCollectionMembership")
file = ObjectType("File")


@dataclass(frozen=True, slots=True)
class ArtifactFile:
    """A file in a version."""

    artifact: Artifact
    entry: Entry


def _entries(one: Artifact, info: Any) -> list[ArtifactFile]:
    entries = asked(info).services.artifacts.entries(one)
    return [ArtifactFile(one, entry) for entry in entries.values() if not entry.ref]


@membership.field("files")
def list_files(
    of: Member, info: Any, names: Sequence[str] | None = None, after: str | None = None, first: int = 50
) -> dict[str, Any]:
    """A page of the files by path; of `names`, those that there are."""
    wanted = set(names or ())
    found = [one for one in _entries(of.artifact, info) if not wanted or one.entry.path in wanted]
    behind = [one for one in found if after is None or one.entry.path > after]
    shown = behind[: min(max(first, 1), 5 * MAX_PAGE)]
    following = shown[-1].entry.path if len(behind) > len(shown) else None
    return {**connection(shown, following), "totalCount": len(found)}


@artifact.field("filesByManifestEntries")
def by_entries(of: Artifact, info: Any, entries: Sequence[dict[str, Any]] | None = None, **_: Any) -> dict[str, Any]:
    """Files of these names."""
    wanted = {one["name"] for one in entries or ()}
    return connection([one for one in _entries(of, info) if one.entry.path in wanted], None)


@artifact.field("currentManifest")
def manifest(of: Artifact, info: Any) -> dict[str, Any] | None:
    """What is in it; nothing of a draft, or of what was deleted."""
    if of.state is not ArtifactState.COMMITTED:
        return None
    node = node_id("ArtifactManifest", of.id)
    return {"id": node, "file": {"id": artifact_node(of.id), "directUrl": manifest_url(asked(info), of)}}


def _url(one: ArtifactFile, info: Any) -> str:
    """Where it can be fetched for a while."""
    return content_address(asked(info), one.entry)


def _either(name: str, ours: Callable[[ArtifactFile, Any], Any]) -> Callable[..., Any]:
    """A field of a file, of either kind."""
    of_run = files.file._resolvers.get(name)  # noqa: SLF001 ariadne has no other way to ask

    def resolve(one: Any, info: Any, **more: Any) -> Any:
        if isinstance(one, ArtifactFile):
            return ours(one, info)
        return of_run(one, info, **more) if of_run is not None else None

    return resolve


_FIELDS: dict[str, Callable[[ArtifactFile, Any], Any]] = {
    "id": lambda one, _: node_id("ArtifactFile", one.artifact.id, one.entry.path),
    "name": lambda one, _: one.entry.path,
    "displayName": lambda one, _: one.entry.path,
    "url": _url,
    "directUrl": _url,
    "sizeBytes": lambda one, _: one.entry.size,
    "mimetype": lambda one, _: mimetypes.guess_type(one.entry.path)[0] or "application/octet-stream",
    "md5": lambda one, _: one.entry.digest,
    "digest": lambda one, _: one.entry.digest,
    "updatedAt": lambda one, _: moment(one.artifact.committed_at or 0),
    "storagePath": lambda one, _: f"wandb_artifacts/{hex_of_md5(one.entry.digest)}",
}
for field, ours in _FIELDS.items():
    file.set_field(field, _either(field, ours))

BINDABLES = (artifact, membership, file)
