"""Journals: their bytes come in here, and nothing else about a run does."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from playhead.domain.account import Actor
from playhead.domain.limits import MAX_STEP
from playhead.server.answers import as_json
from playhead.server.context import SECURED, ActorDep, Context, ContextDep, run_url
from playhead.services.access import signed_in
from playhead.wire import routes
from playhead.wire.ingest import Appended, StreamView

router = APIRouter(tags=["streams"], dependencies=SECURED)

_BINARY = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
FinalDep = Annotated[bool, Query(description="Nothing more will come: what is torn at the end stays so")]
StreamDep = Annotated[str, Path(max_length=64)]


@router.post(
    routes.STREAM, response_model=Appended, openapi_extra={"requestBody": {"required": False, "content": _BINARY}}
)
async def append(
    stream: StreamDep,
    request: Request,
    actor: ActorDep,
    context: ContextDep,
    offset: Annotated[int, Query(ge=0, le=MAX_STEP, description="Where in the journal the body begins")],
    final: FinalDep = False,  # noqa: FBT002 a parameter of the query
) -> Response:
    """Send journal bytes from an offset; without bytes it says that the writer lives. 409 with `offset` tells where to go on."""
    return await take(context, request, actor, stream, offset, final=final)


async def take(context: Context, request: Request, actor: Actor, stream: str, offset: int, *, final: bool) -> Response:
    """Hand the body to the ingest, and wait until it is stored."""
    signed_in(actor)
    body = await request.body()
    taken = await asyncio.wrap_future(context.ingest.submit(actor, stream, offset, body, final=final))
    return as_json(
        Appended(
            offset=taken.offset,
            entity=taken.run.entity,
            project=taken.run.project,
            run_id=taken.run.run_id,
            name=taken.name,
            url=run_url(request, taken.run),
            stop=taken.stop,
            fenced=taken.fenced,
            replaced=taken.replaced,
            damaged=taken.damaged,
            pause=taken.pause,
        )
    )


@router.get(routes.STREAM, response_model=StreamView)
def get_stream(stream: StreamDep, actor: ActorDep, context: ContextDep) -> Response:
    """How far the server has applied a stream, and of which run it is."""
    found = context.runs.stream(actor, stream)
    return as_json(StreamView(offset=found.offset, **found.run._asdict()))
