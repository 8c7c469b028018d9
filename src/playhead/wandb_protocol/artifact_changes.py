"""What people change of artifacts: what is said of them, aliases, links, deleting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ariadne import MutationType

from playhead.domain.artifact import Artifact, CollectionName, Member
from playhead.domain.errors import NotFoundError, UsageError
from playhead.wandb_protocol.artifact_collections import of_id
from playhead.wandb_protocol.artifact_logging import metadata_of, tags_of
from playhead.wandb_protocol.artifacts import find
from playhead.wandb_protocol.context import Call, asked
from playhead.wandb_protocol.ids import client_artifact
from playhead.wire.artifacts import AliasPatch, ArtifactPatch, LinkNew

mutation = MutationType()


@mutation.field("updateArtifact")
def update(_: Any, info: Any, input: dict[str, Any]) -> dict[str, Artifact]:  # noqa: A002 as it is called on the wire
    """Change what is said of a version; what is left out stays."""
    call = asked(info)
    found = find(call, input["artifactID"])
    tags = None
    if input.get("tagsToAdd") or input.get("tagsToDelete"):
        gone = set(tags_of(input.get("tagsToDelete")))
        tags = list(dict.fromkeys([*(one for one in found.tags if one not in gone), *tags_of(input.get("tagsToAdd"))]))
    ttl = input.get("ttlDurationSeconds")
    change = ArtifactPatch(
        description=input.get("description"), metadata=metadata_of(input["metadata"]) if input.get("metadata") else None,
        tags=tags, ttl=None if ttl is None else max(ttl, 0),
    )  # fmt: skip
    return {"artifact": call.services.artifacts.patch(call.actor, found, change)}


@mutation.field("deleteArtifact")
def delete(_: Any, info: Any, input: dict[str, Any]) -> dict[str, Artifact]:  # noqa: A002 as above
    """Delete a version; with its aliases if that is asked for."""
    call = asked(info)
    found = find(call, input["artifactID"])
    own = _place(call, found, found.collection)
    call.services.artifacts.delete(call.actor, own, aliases=bool(input.get("deleteAliases")))
    return {"artifact": found}


def _place(call: Call, found: Artifact, path: CollectionName) -> Member:
    """Where it stands in a collection. NotFoundError."""
    for one in call.services.artifacts.standing(call.actor, found.id):
        if one.collection == path:
            return one
    raise NotFoundError(f"{found.name} does not stand in {path}.")


def _alias(info: Any, told: Mapping[str, Any], *, add: bool) -> dict[str, bool]:
    call = asked(info)
    found = find(call, told["artifactID"])
    by_place: dict[CollectionName, list[str]] = {}
    for one in told["aliases"]:
        path = CollectionName(one["entityName"], one["projectName"], one["artifactCollectionName"])
        by_place.setdefault(path, []).append(one["alias"])
    for path, names in by_place.items():
        change = AliasPatch(add=names) if add else AliasPatch(remove=names)
        call.services.artifacts.alias(call.actor, _place(call, found, path), change)
    return {"success": True}


@mutation.field("addAliases")
def add_aliases(_: Any, info: Any, input: dict[str, Any]) -> dict[str, bool]:  # noqa: A002 as above
    """Give a version aliases."""
    return _alias(info, input, add=True)


@mutation.field("deleteAliases")
def delete_aliases(_: Any, info: Any, input: dict[str, Any]) -> dict[str, bool]:  # noqa: A002 as above
    """Take aliases from a version."""
    return _alias(info, input, add=False)


@mutation.field("linkArtifact")
def link(_: Any, info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 as above
    """Show a version in another collection too."""
    call = asked(info)
    if input.get("artifactID"):
        found = find(call, input["artifactID"])
    elif input.get("clientID"):
        found = call.services.artifacts.artifact(call.actor, client_artifact(input["clientID"]))
    else:
        raise UsageError("Which artifact is to be linked?")
    if input.get("artifactPortfolioID"):
        target = of_id(call, input["artifactPortfolioID"]).path
    else:
        entity = input.get("entityName") or found.collection.entity
        project = input.get("projectName") or found.collection.project
        target = CollectionName(entity, project, input.get("artifactPortfolioName") or "")
    names = [one["alias"] for one in input.get("aliases") or ()]
    new = LinkNew(entity=target.entity, project=target.project, name=target.name, aliases=names)
    member = call.services.artifacts.link(call.actor, found, new)
    return {"versionIndex": member.version, "artifactMembership": member}


@mutation.field("unlinkArtifact")
def unlink(_: Any, info: Any, input: dict[str, Any]) -> dict[str, bool]:  # noqa: A002 as above
    """Take a link away."""
    call = asked(info)
    place = _place(call, find(call, input["artifactID"]), of_id(call, input["artifactPortfolioID"]).path)
    if not place.is_link:
        raise UsageError(f"{place.collection} is its own collection, not a link.")
    call.services.artifacts.delete(call.actor, place, aliases=True)
    return {"success": True}


BINDABLES = (mutation,)
