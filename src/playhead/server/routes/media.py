"""Images, tables, histograms and the like that a run logged."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse

from playhead.domain.limits import MAX_BINS, MAX_FILE_NAME, MAX_KEY, MAX_MEDIA_LIST, MAX_STEP, MAX_TABLE_PAGE
from playhead.server import content
from playhead.server.answers import as_json, exact
from playhead.server.context import SECURED, ActorDep, ContextDep, LimitDep
from playhead.server.routes.runs import PlaceDep, RunDep, StepDep
from playhead.services.text import fit
from playhead.wire import routes
from playhead.wire.media import HistogramView, MediaKey, MediaPage, TablePage

router = APIRouter(tags=["media"], dependencies=SECURED)

KeyDep = Annotated[str, Query(min_length=1, max_length=MAX_KEY, description="The key that it was logged under")]


@router.get(routes.MEDIA_KEYS, response_model=list[MediaKey])
def list_media_keys(run: RunDep, actor: ActorDep, context: ContextDep, place: PlaceDep) -> Response:
    """Keys under which a run logged media, and how many steps have them; as of a step, if one is given."""
    return as_json(context.media.keys(actor, run, place))


@router.get(routes.MEDIA, response_model=MediaPage)
def list_media(
    run: RunDep,
    key: KeyDep,
    request: Request,
    actor: ActorDep,
    context: ContextDep,
    place: PlaceDep,
    min_step: StepDep = 0,
    max_step: Annotated[int | None, Query(ge=0, le=MAX_STEP)] = None,
    limit: LimitDep = 100,
) -> Response:
    """A page of what was logged under a key, by step, with the addresses of the content; as of a step, if one is given."""
    found = context.media.page(actor, run, fit(key), place, min_step=min_step, max_step=max_step, limit=limit)
    return exact(request, found)


@router.get(routes.HISTOGRAMS, response_model=HistogramView)
def list_histograms(
    run: RunDep,
    key: KeyDep,
    actor: ActorDep,
    context: ContextDep,
    place: PlaceDep,
    bins: Annotated[int, Query(ge=1, le=MAX_BINS)] = 64,
) -> Response:
    """The histograms of a key over the steps, at most 500 of them, evenly spread, on common bins."""
    return as_json(context.media.histograms(actor, run, fit(key), place, bins=bins))


@router.get(routes.TABLE, response_model=TablePage)
def list_table_rows(
    run: RunDep,
    key: KeyDep,
    request: Request,
    actor: ActorDep,
    context: ContextDep,
    place: PlaceDep,
    item: Annotated[int, Query(ge=0, lt=MAX_MEDIA_LIST, description="Which of several in one value")] = 0,
    offset: Annotated[int, Query(ge=0, le=MAX_STEP, description="Rows before the page")] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_TABLE_PAGE)] = 100,
) -> Response:
    """Rows of the table that a key shows as of a step (now, if none is given): the last one that was logged until then."""
    return exact(request, context.tables.page(actor, run, fit(key), place, item=item, offset=offset, limit=limit))


@router.get(
    routes.HTML,
    response_class=StreamingResponse,
    responses={200: {"content": {"text/html": {}}, "description": "HTML"}},
)
def get_html(
    run: RunDep,
    path: Annotated[str, Query(min_length=1, max_length=MAX_FILE_NAME, description="As the row says it")],
    request: Request,
    actor: ActorDep,
    context: ContextDep,
) -> Response:
    """A logged HTML page, for a frame: its scripts run, but have no origin, no cookies, no network, and no way to the page around it."""
    return content.sandboxed(request, context.media.html(actor, run, path))
