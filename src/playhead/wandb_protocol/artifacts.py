"""Artifacts as W&B's client reads them: versions, where they stand, who made and used them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from ariadne import ObjectType, QueryType, UnionType

from playhead.domain.account import Project
from playhead.domain.artifact import Artifact, ArtifactState, CollectionName, Member, Role, parse_name
from playhead.domain.errors import UsageError
from playhead.domain.ids import RunPath
from playhead.domain.limits import MAX_PAGE
from playhead.services.history import NOW
from playhead.wandb_protocol.buckets import Bucket
from playhead.wandb_protocol.context import Call, asked
from playhead.wandb_protocol.forms import connection, json_text, moment, there
from playhead.wandb_protocol.ids import artifact_id, artifact_node, client_artifact, node_id

KEPT = -2
"""`ttlDurationSeconds` of what is kept for ever."""

query = QueryType()
project = ObjectType("Project")
run = ObjectType("Run")
artifact = ObjectType("Artifact")
membership = ObjectType("ArtifactCollectionMembership")
creator = UnionType("ArtifactCreator", lambda found, *_: "Run" if isinstance(found, Bucket) else "User")


@dataclass(frozen=True, slots=True)
class Named:
    """A collection of which no more than the name is asked for."""

    path: CollectionName
    portfolio: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft(Artifact):
    """An artifact for the run that is about to log it."""

    run: RunPath

    @classmethod
    def of(cls, found: Artifact, run: RunPath) -> Draft:
        """The artifact, handed out to that run."""
        return cls(**{one.name: getattr(found, one.name) for one in fields(Artifact)}, run=run)


def alias_node(path: CollectionName, alias: str, *, portfolio: bool = False) -> dict[str, Any]:
    """An alias in a collection."""
    return {"id": node_id("Alias", *path, alias), "alias": alias, "artifactCollection": Named(path, portfolio)}


def tag_node(name: str) -> dict[str, str]:
    """A tag."""
    return {"id": node_id("Tag", name), "name": name}


def find(call: Call, node: str) -> Artifact:
    """The artifact of this id. NotFoundError."""
    return call.services.artifacts.artifact(call.actor, artifact_id(node))


@query.field("artifact")
def by_id(_: Any, info: Any, id: str) -> Artifact | None:  # noqa: A002 as it is called on the wire
    """An artifact that the caller may see."""
    return there(lambda: find(asked(info), id))


@query.field("clientIDMapping")
def by_client_id(_: Any, info: Any, clientID: str) -> dict[str, str] | None:  # noqa: N803 as above
    """What became of what a client logged under an id of its own."""
    call = asked(info)
    found = there(lambda: call.services.artifacts.artifact(call.actor, client_artifact(clientID)))
    return None if found is None else {"serverID": artifact_node(found.id)}


@project.field("artifactCollectionMembership")
def by_name(of: Project, info: Any, name: str) -> Member | None:
    """A version, by `name:alias`."""
    call = asked(info)
    try:
        path, alias = parse_name(name, of.entity, of.name)
    except UsageError:
        return None
    return there(lambda: call.services.artifacts.member(call.actor, path, alias))


@project.field("artifact")
def project_artifact(of: Project, info: Any, name: str) -> Artifact | None:
    """The same without its place."""
    found = by_name(of, info, name)
    return None if found is None else found.artifact


def _of_run(of: Bucket, info: Any, role: Role, after: str | None, first: int) -> dict[str, Any]:
    call = asked(info)
    limit = min(max(first, 1), MAX_PAGE)
    found, following = call.services.lineage.logged_or_used(
        call.actor, of.run.path, NOW, role=role, limit=limit, cursor=after
    )
    known = {one.id: one for one, _ in found if one.state is ArtifactState.COMMITTED}
    return {**connection(list(known.values()), following), "totalCount": len(known)}


@run.field("outputArtifacts")
def logged(of: Bucket, info: Any, after: str | None = None, first: int = 50) -> dict[str, Any]:
    """A page of what a run logged."""
    return _of_run(of, info, Role.LOGGED, after, first)


@run.field("inputArtifacts")
def used(of: Bucket, info: Any, after: str | None = None, first: int = 50) -> dict[str, Any]:
    """A page of what a run used."""
    return _of_run(of, info, Role.USED, after, first)


@artifact.field("aliases")
def aliases(one: Artifact, info: Any) -> list[dict[str, Any]]:
    """In all collections that it stands in and the caller may see."""
    call = asked(info)
    found = call.services.artifacts.standing(call.actor, one.id)
    return [alias_node(place.collection, name, portfolio=place.is_link) for place in found for name in place.aliases]


@artifact.field("artifactMemberships")
def memberships(one: Artifact, info: Any) -> dict[str, Any]:
    """Where it stands."""
    call = asked(info)
    return {"edges": [{"node": place} for place in call.services.artifacts.standing(call.actor, one.id)]}


@artifact.field("createdBy")
def created_by(one: Artifact, info: Any) -> Bucket | None:
    """The run that logged it first."""
    call = asked(info)
    found = call.services.lineage.runs_of(call.actor, one, Role.LOGGED)
    return Bucket(found[0]) if found else None


@artifact.field("usedBy")
def used_by(one: Artifact, info: Any) -> dict[str, Any]:
    """Runs that used it."""
    call = asked(info)
    return connection([Bucket(found) for found in call.services.lineage.runs_of(call.actor, one, Role.USED)], None)


@artifact.field("state")
def state(one: Artifact, _: Any) -> str:
    """What failed is as good as deleted to the client."""
    return "DELETED" if one.state is ArtifactState.FAILED else one.state.name


artifact.set_field("id", lambda one, _: artifact_node(one.id, one.run if isinstance(one, Draft) else None))
artifact.set_field("artifactSequence", lambda one, _: Named(one.collection, portfolio=False))
artifact.set_field("versionIndex", lambda one, _: one.version)
artifact.set_field("artifactType", lambda one, _: {"name": one.type, "project": one.collection[:2]})
artifact.set_field("metadata", lambda one, _: json_text(one.metadata))
artifact.set_field("ttlDurationSeconds", lambda one, _: KEPT if one.ttl is None else one.ttl)
artifact.set_field("ttlIsInherited", lambda *_: False)
artifact.set_field("tags", lambda one, _: [tag_node(name) for name in one.tags])
artifact.set_field("historyStep", lambda one, _: None if one.made is None else one.made.step)
artifact.set_field("digestAlgorithm", lambda *_: "MANIFEST_MD5")
artifact.set_field("commitHash", lambda one, _: one.manifest[:20])
artifact.set_field("fileCount", lambda one, _: one.count)
artifact.set_field("createdAt", lambda one, _: moment(one.committed_at or one.created_at))
artifact.set_field("updatedAt", lambda one, _: moment(one.updated_at))
membership.set_field("id", lambda one, _: node_id("Membership", *one.collection, str(one.version)))
membership.set_field("versionIndex", lambda one, _: one.version)
membership.set_field("createdAt", lambda one, _: moment(one.created_at))
membership.set_field(
    "aliases", lambda one, _: [alias_node(one.collection, name, portfolio=one.is_link) for name in one.aliases]
)
membership.set_field("artifactCollection", lambda one, _: Named(one.collection, one.is_link))

BINDABLES = (query, project, run, artifact, membership, creator)
