"""Artifacts: types, collections, versions, what is in them, their aliases, links and lineage; and what a run logged and used."""

from dataclasses import replace
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response, StreamingResponse

from playhead.domain.artifact import Collection, CollectionName, Entry, Member, Role
from playhead.domain.limits import MAX_FILE_NAME, MAX_NAME
from playhead.ports.collections import CollectionQuery
from playhead.server import content
from playhead.server.answers import MSGPACK, as_json, exact, or_msgpack
from playhead.server.context import SECURED, ActorDep, ContextDep, CursorDep, LimitDep
from playhead.server.routes.files import CONTENT, FOREVER
from playhead.server.routes.runs import AtDep, RunDep, SegmentDep
from playhead.services.history import Place
from playhead.services.lineage import MAX_DEPTH
from playhead.wire import routes
from playhead.wire.artifacts import (
    AliasPatch,
    ArtifactPage,
    ArtifactPatch,
    ArtifactView,
    CollectionPage,
    CollectionPatch,
    CollectionView,
    EntryPage,
    EntryView,
    LineageView,
    LinkNew,
    Paths,
    RunArtifactPage,
    TypeView,
)
from playhead.wire.files import LinkView

_SIGNED = r"^[A-Za-z0-9_.-]{1,12000}$"
"""A signed address has the name of its file in it."""

router = APIRouter(tags=["artifacts"], dependencies=SECURED)


def _collection(entity: str, project: str, name: Annotated[str, Path(max_length=MAX_NAME)]) -> CollectionName:
    return CollectionName(entity, project, name)


CollectionDep = Annotated[CollectionName, Depends(_collection)]


def _member(
    path: CollectionDep, version: Annotated[str, Path(max_length=MAX_NAME)], actor: ActorDep, context: ContextDep
) -> Member:
    return context.artifacts.member(actor, path, version)


MemberDep = Annotated[Member, Depends(_member)]
PathDep = Annotated[str, Query(min_length=1, max_length=MAX_FILE_NAME, description="A file of the artifact")]


@router.get(routes.ARTIFACT_TYPES, response_model=list[TypeView])
def list_artifact_types(entity: str, project: str, actor: ActorDep, context: ContextDep) -> Response:
    """Types of a project's artifacts, and how many collections each has."""
    found = context.artifacts.types(actor, entity, project)
    return as_json([TypeView(name=name, collections=count) for name, count in found.items()])


@router.get(routes.COLLECTIONS, response_model=CollectionPage)
def list_collections(
    entity: str,
    project: str,
    actor: ActorDep,
    context: ContextDep,
    kind: Annotated[str | None, Query(alias="type", max_length=MAX_NAME, description="Only those of this type")] = None,
    search: Annotated[str, Query(max_length=MAX_NAME, description="Part of the name, in any case")] = "",
    limit: LimitDep = 100,
    cursor: CursorDep = None,
) -> Response:
    """A page of a project's collections by name."""
    query = CollectionQuery(type=kind, search=search)
    found, after = context.artifacts.collections(actor, entity, project, query, limit, cursor)
    return as_json(CollectionPage(items=[_view(one) for one in found], next=after))


@router.get(routes.COLLECTION, response_model=CollectionView)
def get_collection(path: CollectionDep, actor: ActorDep, context: ContextDep) -> Response:
    """A collection, with its aliases."""
    return as_json(_view(context.artifacts.collection(actor, path)))


@router.patch(routes.COLLECTION, response_model=CollectionView)
def patch_collection(path: CollectionDep, change: CollectionPatch, actor: ActorDep, context: ContextDep) -> Response:
    """Change a collection's name, description or tags; what is left out stays."""
    return as_json(_view(context.artifacts.patch_collection(actor, path, change)))


@router.delete(routes.COLLECTION, status_code=204)
def delete_collection(path: CollectionDep, actor: ActorDep, context: ContextDep) -> Response:
    """Delete all versions of a collection; of one that has links, only these."""
    context.artifacts.delete_collection(actor, path)
    return Response(status_code=204)


@router.get(routes.VERSIONS, response_model=ArtifactPage, responses=or_msgpack("Versions"))
def list_artifact_versions(
    path: CollectionDep,
    request: Request,
    actor: ActorDep,
    context: ContextDep,
    digest: Annotated[str | None, Query(max_length=64, description="Only those with this content")] = None,
    limit: LimitDep = 100,
    cursor: CursorDep = None,
) -> Response:
    """A page of a collection's versions, the newest first."""
    found, after = context.artifacts.members(actor, path, limit, cursor, digest)
    return exact(request, ArtifactPage(items=context.lineage.views(actor, found), next=after))


_ONE = or_msgpack("The version")


@router.get(routes.ARTIFACT, response_model=ArtifactView, responses=_ONE)
def get_artifact(found: MemberDep, request: Request, actor: ActorDep, context: ContextDep) -> Response:
    """A version, by an alias or as `v3`."""
    return exact(request, context.lineage.view(actor, found))


@router.get(routes.ARTIFACT_BY_ID, response_model=ArtifactView, responses=_ONE)
def get_artifact_by_id(
    artifact_id: Annotated[str, Path(max_length=MAX_NAME)], request: Request, actor: ActorDep, context: ContextDep
) -> Response:
    """What was logged under this id: a version, one that was there with the same content, or one that waits for its content."""
    return exact(request, context.lineage.view(actor, context.artifacts.artifact(actor, artifact_id)))


@router.patch(routes.ARTIFACT, response_model=ArtifactView, responses=_ONE)
def patch_artifact(
    found: MemberDep, change: ArtifactPatch, request: Request, actor: ActorDep, context: ContextDep
) -> Response:
    """Change a version's description, metadata, tags, or how long it is kept; what is left out stays."""
    changed = replace(found, artifact=context.artifacts.patch(actor, found.artifact, change))
    return exact(request, context.lineage.view(actor, changed))


@router.delete(routes.ARTIFACT, status_code=204)
def delete_artifact(
    found: MemberDep, actor: ActorDep, context: ContextDep,
    aliases: Annotated[bool, Query(description="Even if it has aliases")] = False,  # noqa: FBT002 a parameter of the query
) -> Response:  # fmt: skip
    """Delete a version: its name and lineage stay. A link is taken away."""
    context.artifacts.delete(actor, found, aliases=aliases)
    return Response(status_code=204)


@router.post(routes.ARTIFACT_ALIASES, response_model=ArtifactView, responses=_ONE)
def change_aliases(
    found: MemberDep, change: AliasPatch, request: Request, actor: ActorDep, context: ContextDep
) -> Response:
    """Give aliases to a version, which another one of the collection loses, and take some from it."""
    return exact(request, context.lineage.view(actor, context.artifacts.alias(actor, found, change)))


@router.post(routes.ARTIFACT_LINKS, response_model=ArtifactView, responses=_ONE)
def add_link(found: MemberDep, new: LinkNew, request: Request, actor: ActorDep, context: ContextDep) -> Response:
    """Show a version in another collection too."""
    return exact(request, context.lineage.view(actor, context.artifacts.link(actor, found.artifact, new)))


@router.get(routes.ARTIFACT_LINKS, response_model=list[ArtifactView], responses=or_msgpack("Versions"))
def list_links(found: MemberDep, request: Request, actor: ActorDep, context: ContextDep) -> Response:
    """Where a version stands: in its own collection, and where it is linked."""
    return exact(request, context.lineage.views(actor, context.artifacts.standing(actor, found.artifact.id)))


@router.get(routes.ARTIFACT_MANIFEST, response_class=StreamingResponse, responses=CONTENT)
def get_manifest(found: MemberDep, request: Request, context: ContextDep) -> Response:
    """The manifest of a version: all that is in it, as JSON."""
    return content.answer(request, context.artifacts.manifest(found.artifact), FOREVER)


@router.get(routes.ARTIFACT_FILES, response_model=EntryPage, responses=or_msgpack("Entries"))
def list_entries(
    found: MemberDep,
    request: Request,
    context: ContextDep,
    prefix: Annotated[str, Query(max_length=MAX_FILE_NAME, description="Only paths that begin so")] = "",
    limit: LimitDep = 100,
    cursor: Annotated[str | None, Query(max_length=MAX_FILE_NAME, description="`next` of the page before")] = None,
) -> Response:
    """A page of what is in a version, by path."""
    items, after = context.artifacts.page(found.artifact, prefix, limit, cursor)
    return exact(request, EntryPage(items=[_entry(one) for one in items], next=after))


@router.get(routes.ARTIFACT_FILE, response_class=StreamingResponse, responses=CONTENT)
def get_artifact_file(found: MemberDep, path: PathDep, request: Request, context: ContextDep) -> Response:
    """The content of a file. The ETag is its SHA-256."""
    return content.answer(request, context.artifacts.file(found.artifact, path), "private, no-cache")


@router.post(routes.ARTIFACT_CONTENTS, response_class=Response, responses=or_msgpack("Contents by path"))
def get_contents(found: MemberDep, asked: Paths, context: ContextDep) -> Response:
    """Many small files at once, at most 1,000 and 16 MiB: a msgpack map from path to bytes. Files of more than 256 KiB, and what does not
    fit, are left out.
    """
    return Response(msgspec.msgpack.encode(context.artifacts.contents(found.artifact, asked.paths)), media_type=MSGPACK)


@router.get(routes.ARTIFACT_FILE_LINK, response_model=LinkView)
def get_artifact_file_link(found: MemberDep, path: PathDep, context: ContextDep) -> Response:
    """Where a file can be fetched for an hour without the server, with `Range`; `null`: only here."""
    return as_json(LinkView(url=context.artifacts.link_to(found.artifact, path)))


@router.get(routes.ARTIFACT_LINEAGE, response_model=LineageView)
def get_lineage(
    found: MemberDep, actor: ActorDep, context: ContextDep,
    depth: Annotated[int, Query(ge=1, le=MAX_DEPTH, description="Runs in between")] = 3,
) -> Response:  # fmt: skip
    """What a version was made from and what was made of it: at most 500 artifacts and runs."""
    return as_json(context.lineage.of_artifact(actor, found.artifact, depth))


@router.get(routes.RUN_ARTIFACTS, response_model=RunArtifactPage, responses=or_msgpack("Artifacts"))
def list_run_artifacts(
    run: RunDep,
    request: Request,
    actor: ActorDep,
    context: ContextDep,
    segment: SegmentDep = None,
    at: AtDep = None,
    role: Annotated[Role | None, Query(description="Only what it logged, or used")] = None,
    limit: LimitDep = 100,
    cursor: CursorDep = None,
) -> Response:
    """A page of what a run logged and used, by time; as of a step, if one is given."""
    place = Place(segment, at)
    found = context.lineage.of_run(actor, run, place, role=role, limit=limit, cursor=cursor)
    return exact(request, found)


@router.get(routes.SIGNED, response_class=StreamingResponse, responses=CONTENT)
def get_signed(token: Annotated[str, Path(pattern=_SIGNED)], request: Request, context: ContextDep) -> Response:
    """A content whose address was given to somebody: the address is the right to it, for a day."""
    return content.answer(request, context.signed.content(token), FOREVER)


def _view(one: Collection) -> CollectionView:
    return CollectionView(
        entity=one.path.entity, project=one.path.project, name=one.path.name, type=one.type, portfolio=one.portfolio,
        description=one.description, tags=list(one.tags), created_at=one.created_at, updated_at=one.updated_at,
        versions=one.count, aliases=dict(one.aliases),
    )  # fmt: skip


def _entry(one: Entry) -> EntryView:
    return EntryView(
        path=one.path, size=one.size, digest=one.digest, sha256=one.sha256, ref=one.ref, extra=dict(one.extra)
    )
