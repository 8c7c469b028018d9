"""Files as of a place on a run's timeline, their versions and content; and content on its way in."""

import re
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from playhead.domain.errors import UsageError
from playhead.domain.limits import MAX_FILE, MAX_FILE_NAME, MAX_STEP
from playhead.server import content
from playhead.server.answers import as_json
from playhead.server.context import SECURED, ActorDep, ContextDep, LimitDep
from playhead.server.routes.runs import AtDep, RunDep, SegmentDep
from playhead.services.history import Place
from playhead.wire import routes
from playhead.wire.files import Digests, FilePage, Links, LinkView, Missing, Offsets, UploadView

router = APIRouter(tags=["files"], dependencies=SECURED)

_BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
_BODY = {"requestBody": {"required": True, "content": {"application/octet-stream": _BINARY}}}
CONTENT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"*/*": _BINARY}, "description": "Content"},
    206: {"content": {"*/*": _BINARY}, "description": "The part that `Range` asks for"},
    304: {"description": "`If-None-Match` has its SHA-256"},
    416: {"description": "There is nothing in this range"},
}
FOREVER = "private, max-age=31536000, immutable"
_ASK_AGAIN = "private, no-cache"
NameDep = Annotated[str, Query(alias="path", min_length=1, max_length=MAX_FILE_NAME, description="The file's name")]
AfterDep = Annotated[
    str | None, Query(alias="cursor", max_length=MAX_FILE_NAME, description="`next` of the page before")
]


@router.get(routes.FILES, response_model=FilePage)
def list_files(
    run: RunDep,
    actor: ActorDep,
    context: ContextDep,
    segment: SegmentDep = None,
    at: AtDep = None,
    prefix: Annotated[str, Query(max_length=MAX_FILE_NAME, description="Only names that begin so")] = "",
    media: Annotated[bool, Query(description="Images of charts and the like too")] = False,  # noqa: FBT002 a parameter of the query
    limit: LimitDep = 100,
    cursor: AfterDep = None,
) -> Response:
    """A page of a run's files by name; as of a step, if one is given."""
    place = Place(segment, at)
    return as_json(context.files.files(actor, run, place, prefix=prefix, media=media, limit=limit, after=cursor))


@router.get(routes.FILE_VERSIONS, response_model=FilePage)
def list_versions(
    run: RunDep, path: NameDep, actor: ActorDep, context: ContextDep, limit: LimitDep = 100, cursor: AfterDep = None
) -> Response:
    """A page of all versions of a file, the newest first, in archived segments too."""
    if cursor is not None and not re.fullmatch(r"[0-9]{1,15}", cursor):
        raise UsageError(f"{cursor!r} is no page: use `next` of the page before.")
    before = None if cursor is None else int(cursor)
    return as_json(context.files.versions(actor, run, path, limit=limit, before=before))


@router.get(routes.FILE, response_class=StreamingResponse, responses=CONTENT)
def get_file(
    run: RunDep,
    path: NameDep,
    request: Request,
    actor: ActorDep,
    context: ContextDep,
    segment: SegmentDep = None,
    at: AtDep = None,
    version: Annotated[int | None, Query(ge=0, le=MAX_STEP, description="This version, wherever it was saved")] = None,
) -> Response:
    """Content of a file: as of a step, if one is given, or of one of its versions. The ETag is its SHA-256."""
    if version is not None and (segment, at) != (None, None):
        raise UsageError("Give `version`, or `segment` and `step`.")
    found = context.files.file(actor, run, path, Place(segment, at), version)
    return content.answer(request, found, _ASK_AGAIN)


@router.post(routes.MISSING, response_model=Missing)
def list_missing(run: RunDep, asked: Digests, actor: ActorDep, context: ContextDep) -> Response:
    """Which of these contents, at most 1,000, the server does not have: only they need to be sent."""
    return as_json(Missing(missing=context.uploads.missing(actor, run, asked.digests)))


_PACK = msgspec.msgpack.Decoder(dict[str, memoryview])


@router.post(routes.BLOBS, status_code=204, openapi_extra=_BODY)
async def put_blobs(run: RunDep, request: Request, actor: ActorDep, context: ContextDep) -> Response:
    """Store many small contents, at most 1,000 and 16 MiB: a msgpack map from SHA-256 to bytes."""
    body = await request.body()

    def store() -> None:
        try:
            contents = _PACK.decode(body)
        except msgspec.MsgspecError as error:
            raise UsageError(f"The body is no msgpack map from SHA-256 to bytes: {error}.") from error
        context.uploads.put(actor, run, contents)

    await run_in_threadpool(store)
    return Response(status_code=204)


@router.get(routes.UPLOAD, response_model=UploadView)
def get_upload(run: RunDep, sha256: str, actor: ActorDep, context: ContextDep) -> Response:
    """How far an upload is: send from `offset`, unless it is `complete`."""
    return as_json(context.uploads.arrived(actor, run, sha256))


@router.post(routes.UPLOAD_LINKS, response_model=Links)
def list_upload_links(run: RunDep, sha256: str, asked: Offsets, actor: ActorDep, context: ContextDep) -> Response:
    """Where pieces of an upload that begin at these offsets, at most 64, can be `PUT` for an hour without the server; none: only here. When
    all are there, an empty piece at the end lets the server verify them.
    """
    return as_json(Links(urls=context.uploads.piece_links(actor, run, sha256, asked.offsets)))


@router.get(routes.BLOB_LINK, response_model=LinkView)
def get_blob_link(run: RunDep, sha256: str, actor: ActorDep, context: ContextDep) -> Response:
    """Where content that the run refers to can be fetched for an hour without the server, with `Range`; `null`: only here."""
    return as_json(LinkView(url=context.files.link(actor, run, sha256)))


@router.put(routes.BLOB, response_model=UploadView, openapi_extra=_BODY)
async def put_blob(
    run: RunDep,
    sha256: str,
    request: Request,
    actor: ActorDep,
    context: ContextDep,
    offset: Annotated[int | None, Query(ge=0, le=MAX_FILE, description="Where in the content the body begins")] = None,
    total: Annotated[int | None, Query(ge=0, le=MAX_FILE, description="The content's length")] = None,
) -> Response:
    """Store content under its SHA-256: the whole, or with `offset` a piece. It is verified when `total` bytes are there. 409 with `offset`
    tells where to go on.
    """
    length = request.headers.get("content-length", "")
    size = int(length) if length.isascii() and length.isdigit() else 0
    arrival = await run_in_threadpool(context.uploads.receive, actor, run, sha256, offset, total, size)
    if not arrival.needless:
        await content.take(request, arrival)
    return as_json(await run_in_threadpool(arrival.end))


@router.get(routes.BLOB, response_class=StreamingResponse, responses=CONTENT)
def get_blob(
    run: RunDep,
    sha256: str,
    request: Request,
    actor: ActorDep,
    context: ContextDep,
    path: Annotated[
        str | None, Query(max_length=MAX_FILE_NAME, description="A file that has it: then it is found at once")
    ] = None,
) -> Response:
    """Content that the run refers to. The ETag is its SHA-256."""
    return content.answer(request, context.files.get(actor, run, sha256, path), FOREVER)
