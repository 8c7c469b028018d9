"""Projects: the list, one of them, the keys of its runs, charts, live events."""

from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Query
from numpy.typing import NDArray
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from playhead.domain.account import Project
from playhead.domain.errors import UsageError
from playhead.domain.metric import Axis, Source
from playhead.ports.metrics import Chart
from playhead.server.answers import as_json
from playhead.server.context import SECURED, ActorDep, ContextDep, CursorDep, LimitDep
from playhead.services.history import ChartAsk, Place
from playhead.wire import columns, routes
from playhead.wire.views import ChartQuery, ProjectKeys, ProjectPage, ProjectPatch, ProjectView

Choice = TypeVar("Choice", Source, Axis)
router = APIRouter(tags=["projects"], dependencies=SECURED)


def _view(project: Project) -> ProjectView:
    return ProjectView(
        entity=project.entity,
        name=project.name,
        visibility=str(project.visibility),
        created_at=project.created_at,
        updated_at=project.updated_at,
        runs=project.runs,
        running=project.running,
    )


@router.get(routes.PROJECTS, response_model=ProjectPage)
def list_projects(
    actor: ActorDep,
    context: ContextDep,
    entity: Annotated[str | None, Query(max_length=128)] = None,
    limit: LimitDep = 100,
    cursor: CursorDep = None,
) -> Response:
    """Projects of your entities, or of `entity`, newest activity first."""
    found, after = context.projects.projects(actor, entity, limit, cursor)
    return as_json(ProjectPage(items=[_view(project) for project in found], next=after))


@router.get(routes.PROJECT, response_model=ProjectView)
def get_project(entity: str, project: str, actor: ActorDep, context: ContextDep) -> Response:
    """One project."""
    return as_json(_view(context.projects.project(actor, entity, project)))


@router.patch(routes.PROJECT, response_model=ProjectView)
def patch_project(entity: str, project: str, change: ProjectPatch, actor: ActorDep, context: ContextDep) -> Response:
    """Say who may see a project, and log into it: its members and administrators only."""
    return as_json(_view(context.projects.patch(actor, entity, project, change)))


@router.get(routes.PROJECT_KEYS, response_model=ProjectKeys)
def get_keys(entity: str, project: str, actor: ActorDep, context: ContextDep) -> Response:
    """Keys that the newest runs logged: what there is to draw."""
    return as_json(context.projects.keys(actor, entity, project))


_COLUMNS = {"content": {columns.CONTENT_TYPE: {"schema": {"type": "string", "format": "binary"}}}}


@router.post(routes.CHART, response_class=Response, responses={200: {**_COLUMNS, "description": "Columns"}})
def chart(entity: str, project: str, query: ChartQuery, actor: ActorDep, context: ContextDep) -> Response:
    """One key over several runs, in buckets on one grid, as columns."""
    ask = ChartAsk(
        runs=query.runs,
        key=query.key,
        source=_one_of(Source, query.source, "source"),
        axis=_one_of(Axis, query.axis, "axis"),
        lo=query.lo,
        hi=query.hi,
        buckets=query.buckets,
        place=Place(query.segment, query.step, query.label),
        over=query.over,
    )
    found = context.history.chart(actor, entity, project, ask)
    return Response(_encoded(found), media_type=columns.CONTENT_TYPE)


def _one_of(kind: type[Choice], text: str, what: str) -> Choice:
    try:
        return kind(text)
    except ValueError:
        raise UsageError(f"{text!r} is no {what}: use {', '.join(kind)}.") from None


def _encoded(chart: Chart) -> bytes:
    given: dict[str, tuple[str, NDArray[Any]]] = {
        "run": ("i4", chart.track),
        "bucket": ("i4", chart.bucket),
        "count": ("i8", chart.count),
        "min": ("f8", chart.min),
        "max": ("f8", chart.max),
        "mean": ("f8", chart.mean),
        "last": ("f8", chart.last),
    }
    data = {name: (kind, array.astype("<" + kind, copy=False).tobytes()) for name, (kind, array) in given.items()}
    return columns.encode(data, {"lo": chart.lo, "width": chart.width})


_EVENTS = {"content": {"text/event-stream": {"schema": {"type": "string"}}}}


@router.get(routes.EVENTS, response_class=StreamingResponse, responses={200: {**_EVENTS, "description": "Events"}})
async def events(entity: str, project: str, actor: ActorDep, context: ContextDep) -> Response:
    """Changes of the project's runs as they happen: events `runs` with `{"runs": [{id, state, step, updated_at}], "removed": [id]}`."""
    await run_in_threadpool(context.projects.project, actor, entity, project)
    stream = await context.live.watch(entity, project)
    return StreamingResponse(stream, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
