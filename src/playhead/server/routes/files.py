"""Content of images and the like, stored and read through a run."""

import mimetypes
import re

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from playhead.domain.ids import RunPath
from playhead.server.context import SECURED, ActorDep, ContextDep
from playhead.wire import routes

router = APIRouter(tags=["files"], dependencies=SECURED)

_BINARY = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
_SHOWN = re.compile(r"image/(png|jpeg|gif|webp|bmp|avif)|video/(mp4|webm)|audio/(mpeg|wav|x-wav|ogg)|text/plain")
"""What a browser may show. Whatever else it is, HTML and SVG among them, is for download only."""


@router.put(routes.BLOB, status_code=204, openapi_extra={"requestBody": {"required": True, "content": _BINARY}})
async def put_blob(
    entity: str, project: str, run_id: str, sha256: str, request: Request, actor: ActorDep, context: ContextDep
) -> Response:
    """Store content under its SHA-256."""
    data = await request.body()
    path = RunPath(entity, project, run_id)
    await run_in_threadpool(context.files.put, actor, path, sha256, data)
    return Response(status_code=204)


@router.get(
    routes.BLOB,
    response_class=StreamingResponse,
    responses={200: {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}, "description": "Content"}},
)
def get_blob(entity: str, project: str, run_id: str, sha256: str, actor: ActorDep, context: ContextDep) -> Response:
    """Content that the run refers to."""
    content = context.files.get(actor, RunPath(entity, project, run_id), sha256)
    kind = mimetypes.guess_type(content.path)[0] or "application/octet-stream"
    shown = _SHOWN.fullmatch(kind) is not None
    headers = {
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, max-age=31536000, immutable",
        "Content-Disposition": "inline" if shown else "attachment",
    }
    return StreamingResponse(content.pieces, media_type=kind if shown else "application/octet-stream", headers=headers)
