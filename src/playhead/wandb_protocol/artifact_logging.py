"""Logging and using artifacts: a draft, what is in it, the commit. What comes of it is a record in the run's journal, as everywhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ariadne import MutationType

from playhead.domain.artifact import LATEST, Artifact, ArtifactState, CollectionName
from playhead.domain.errors import ConflictError, UsageError
from playhead.domain.ids import RunPath, generate_id
from playhead.domain.limits import MAX_PAGE
from playhead.journal import format as f
from playhead.services.edits import Said
from playhead.wandb_protocol.artifact_forms import hex_of_md5
from playhead.wandb_protocol.artifact_transfer import file_address, manifest_address
from playhead.wandb_protocol.artifacts import Draft, find
from playhead.wandb_protocol.beginning import known, place_of
from playhead.wandb_protocol.context import Call, asked
from playhead.wandb_protocol.ids import client_artifact, draft_of, node_id, parts_of

MANIFEST = "ArtifactManifest"
"""Kind of a manifest's id: the draft, the version that it adds to, and the run that logs it."""
_ALONE = "-"

mutation = MutationType()


@mutation.field("createArtifact")
def create(_: Any, info: Any, input: dict[str, Any]) -> dict[str, Artifact]:  # noqa: A002 as it is called on the wire
    """A draft; if the newest version of the collection has this digest, that one, which gets the aliases."""
    call = asked(info)
    run = _run(call, input)
    name = input.get("artifactCollectionName") or next(iter(input.get("artifactCollectionNames") or ()), "")
    path = CollectionName(run.entity, run.project, name)
    client = input.get("clientID")
    draft = call.services.drafts.begin(
        call.actor,
        client_artifact(client) if client else generate_id(32),
        path,
        input["artifactTypeName"],
        _fields(input),
    )
    newest = call.services.drafts.newest(path)
    if (
        draft.state is ArtifactState.PENDING
        and newest is not None
        and newest.digest == input["digest"]
        and input.get("enableDigestDeduplication") is not False
    ):
        draft = _commit(call, run, call.services.drafts.fill_as(draft, newest))
    return {"artifact": Draft.of(draft, run) if draft.state is ArtifactState.PENDING else draft}


def _fields(told: Mapping[str, Any]) -> dict[str, Any]:
    aliases = [one["alias"] for one in told.get("aliases") or () if one["alias"] != LATEST]
    ttl = told.get("ttlDurationSeconds")
    return {
        "digest": told["digest"], "description": told.get("description"), "metadata": metadata_of(told.get("metadata")),
        "aliases": tuple(aliases), "tags": tags_of(told.get("tags")), "ttl": ttl if ttl and ttl > 0 else None,
    }  # fmt: skip


def metadata_of(text: str | None) -> dict[str, Any]:
    """Metadata as the client sends them. UsageError."""
    try:
        told = json.loads(text) if text else {}
    except ValueError:
        raise UsageError("The metadata are no JSON.") from None
    if not isinstance(told, dict):
        raise UsageError("The metadata are no JSON object.")
    return told


def tags_of(told: Any) -> tuple[str, ...]:
    """Names of tags."""
    return tuple(one["tagName"] for one in told or ())


def _run(call: Call, told: Mapping[str, Any]) -> RunPath:
    if not told.get("runName"):
        raise UsageError("An artifact is logged by a run.")
    return place_of(call, told.get("entityName"), told.get("projectName"), told["runName"])


@mutation.field("createArtifactManifest")
def create_manifest(_: Any, info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 as above
    """Where the manifest of a draft is to be put."""
    call = asked(info)
    run = _run(call, input)
    draft = find(call, input["artifactID"])
    call.services.drafts.check(call.actor, run, draft)
    base: Artifact | None = None
    if input.get("type") in {"PATCH", "INCREMENTAL"}:
        told = input.get("baseArtifactID")
        base = find(call, told) if told else call.services.drafts.newest(draft.collection)
    return _manifest(call, run, draft.id, base.id if base else "")


@mutation.field("updateArtifactManifest")
def update_manifest(_: Any, info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 as above
    """The same once more: it adds to another version."""
    artifact, run, base = _draft_in(input["artifactManifestID"])
    call, told = asked(info), input.get("baseArtifactID")
    return _manifest(call, run, artifact, find(call, told).id if told else base)


def _draft_in(node: str) -> tuple[str, RunPath, str]:
    """The draft whose manifest this is, the run that logs it, and the version that it adds to. NotFoundError."""
    artifact, base, *run = parts_of(node, MANIFEST, 5)
    return artifact, RunPath(*run), base.removeprefix(_ALONE)


def _manifest(call: Call, run: RunPath, draft: str, base: str) -> dict[str, Any]:
    """`base`: the version that it adds to."""
    where = manifest_address(call, run, draft, base)
    node = node_id(MANIFEST, draft, base or _ALONE, *run)
    return {"artifactManifest": {"id": node, "file": {"id": node, "uploadUrl": where, "uploadHeaders": []}}}


@mutation.field("createArtifactFiles")
def create_files(_: Any, info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 as above
    """Where the files of a draft are to be put, in their order; nowhere if the project has their content."""
    call = asked(info)
    asked_for = input["artifactFiles"]
    if len(asked_for) > 10 * MAX_PAGE:
        raise UsageError(f"{len(asked_for):,} files at once: at most {10 * MAX_PAGE:,}.")
    by_manifest: dict[str | None, tuple[RunPath, Artifact, set[str]]] = {}
    for one in asked_for:
        node = one.get("artifactManifestID")
        if node not in by_manifest:
            artifact, path, _ = _draft_in(node or "")
            draft = call.services.artifacts.artifact(call.actor, artifact)
            own = {each["md5"] for each in asked_for if each.get("artifactManifestID") == node}
            by_manifest[node] = (path, draft, set(call.services.drafts.known(call.actor, path, own)))
    edges = []
    for one in asked_for:
        path, draft, there = by_manifest[one.get("artifactManifestID")]
        where = None if one["md5"] in there else file_address(call, path, one["md5"])
        told: dict[str, Any] = {
            "storagePath": f"wandb_artifacts/{hex_of_md5(one['md5'])}",
            "uploadUrl": where,
            "uploadHeaders": [],
        }
        edges.append({"node": {**told, "uploadMultipartUrls": None, "artifact": Draft.of(draft, path)}})
    return {"files": {"edges": edges}}


@mutation.field("commitArtifact")
def commit(_: Any, info: Any, input: dict[str, Any]) -> dict[str, Artifact]:  # noqa: A002 as above
    """All has been sent: the run logs it."""
    call = asked(info)
    artifact, run = draft_of(input["artifactID"])
    draft = call.services.artifacts.artifact(call.actor, artifact)
    if draft.state is not ArtifactState.PENDING:
        return {"artifact": draft}
    if not draft.manifest or run is None:
        raise ConflictError("The manifest of this artifact has not been sent.")
    return {"artifact": _commit(call, run, draft)}


def _commit(call: Call, run: RunPath, draft: Artifact) -> Artifact:
    """Write down that the run logged it, and make it a version."""
    told = {
        "id": draft.id, "name": draft.collection.name, "type": draft.type, "digest": draft.digest, "manifest": draft.manifest,
        "size": draft.size, "count": draft.count,
    }  # fmt: skip
    tell(call, run, f.ARTIFACT, told)
    return call.services.artifacts.artifact(call.actor, draft.id)


def tell(call: Call, run: RunPath, kind: int, data: dict[str, Any]) -> None:
    """Append a record to what the run's session says; of a run that has none, to what people say of it."""
    sessions = call.services.sessions
    stream = sessions.last(known(call, run), call.client)
    if stream is None:
        call.services.runs.say(call.actor, run, lambda _: [Said(kind, data)])
    else:
        sessions.append(call.actor, stream, lambda piece: piece.record(kind, data))


@mutation.field("useArtifact")
def use(_: Any, info: Any, input: dict[str, Any]) -> dict[str, Artifact]:  # noqa: A002 as above
    """The run uses a version."""
    call = asked(info)
    run = place_of(call, input.get("entityName"), input.get("projectName"), input["runName"])
    found = find(call, input["artifactID"])
    told: dict[str, Any] = {"artifact": found.id} | ({"as": input["usedAs"]} if input.get("usedAs") else {})
    tell(call, run, f.USE, told)
    return {"artifact": found}


BINDABLES = (mutation,)
