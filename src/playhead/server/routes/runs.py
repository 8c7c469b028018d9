"""Runs: the list, one of them, changing and deleting it, its segments, keys, rows and console."""

import time
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from playhead.domain.account import Actor
from playhead.domain.ids import RunPath
from playhead.domain.limits import MAX_KEY, MAX_PAGE, MAX_STEP
from playhead.domain.metric import Source
from playhead.domain.run import Run
from playhead.ports.runs import RunQuery
from playhead.server.answers import MSGPACK, as_json, exact
from playhead.server.context import SECURED, ActorDep, ContextDep, CursorDep, LimitDep, run_url
from playhead.services.history import RowQuery
from playhead.services.runs import segment_view, view
from playhead.services.text import fit
from playhead.wire import routes
from playhead.wire.views import LinePage, LineView, Rows, RunPage, RunPatch, RunView, SegmentView, SeriesView

router = APIRouter(tags=["runs"], dependencies=SECURED)

TailDep = Annotated[bool, Query(description="The last lines instead")]
StepDep = Annotated[int, Query(ge=0, le=MAX_STEP)]
SegmentDep = Annotated[str | None, Query(max_length=64, description="Another segment than the head")]
SourceDep = Annotated[Source, Query(description="What the training logged, or what was sampled of the machine")]
KeysDep = Annotated[
    list[Annotated[str, Query(max_length=MAX_KEY)]],
    Query(description="Only rows that have all of these keys; repeat the parameter for several"),
]


def _shown(run: Run, actor: Actor, request: Request) -> RunView:
    return view(run, actor, run_url(request, run.path), time.time_ns() // 1000)


_BINARY = {MSGPACK: {"schema": {"type": "string", "format": "binary"}}}


def _or_msgpack(description: str) -> dict[int | str, dict[str, Any]]:
    """What the document says of an answer that can be msgpack as well."""
    return {200: {"content": _BINARY, "description": description}}


@router.get(routes.RUNS, response_model=RunPage, responses=_or_msgpack("Runs"))
def list_runs(
    entity: str,
    project: str,
    request: Request,
    actor: ActorDep,
    context: ContextDep,
    search: Annotated[str | None, Query(max_length=256, description="Part of the name, id, group or a tag")] = None,
    state: Annotated[list[str] | None, Query(description="Only runs in this state; repeat for several")] = None,
    order: Annotated[
        str, Query(max_length=64, description="created_at, updated_at, name or state; - for descending")
    ] = "-created_at",
    limit: LimitDep = 100,
    cursor: CursorDep = None,
) -> Response:
    """A page of a project's runs."""
    query = RunQuery(search=fit(search) if search else None, states=frozenset(state or ()), order=order)
    found, after = context.runs.runs(actor, entity, project, query, limit, cursor)
    return exact(request, RunPage(items=[_shown(run, actor, request) for run in found], next=after))


@router.get(routes.RUN, response_model=RunView, responses=_or_msgpack("The run"))
def get_run(entity: str, project: str, run_id: str, request: Request, actor: ActorDep, context: ContextDep) -> Response:
    """One run."""
    return exact(request, _shown(context.runs.run(actor, RunPath(entity, project, run_id)), actor, request))


@router.patch(routes.RUN, response_model=RunView, responses=_or_msgpack("The run"))
def patch_run(
    entity: str, project: str, run_id: str, change: RunPatch, request: Request, actor: ActorDep, context: ContextDep
) -> Response:
    """Change a run's name, notes or tags; what is left out stays."""
    return exact(request, _shown(context.runs.patch(actor, RunPath(entity, project, run_id), change), actor, request))


@router.delete(routes.RUN, status_code=204)
def delete_run(entity: str, project: str, run_id: str, actor: ActorDep, context: ContextDep) -> Response:
    """Delete a run and all that it logged."""
    context.runs.delete(actor, RunPath(entity, project, run_id))
    return Response(status_code=204)


@router.get(routes.SEGMENTS, response_model=list[SegmentView])
def list_segments(entity: str, project: str, run_id: str, actor: ActorDep, context: ContextDep) -> Response:
    """A run's segments, oldest first."""
    found = context.runs.segments(actor, RunPath(entity, project, run_id))
    return as_json([segment_view(segment) for segment in found])


@router.get(routes.KEYS, response_model=list[SeriesView])
def list_keys(
    entity: str,
    project: str,
    run_id: str,
    actor: ActorDep,
    context: ContextDep,
    source: SourceDep = Source.HISTORY,
    segment: SegmentDep = None,
) -> Response:
    """What a run logged: its keys, and how many points each has."""
    found = context.history.series(actor, RunPath(entity, project, run_id), source, segment)
    return as_json(
        [
            SeriesView(
                key=one.key,
                kind=one.kind.name.lower(),
                count=one.count,
                first_step=one.first_step,
                last_step=one.last_step,
            )
            for one in found
        ]
    )


@router.get(routes.ROWS, response_model=Rows, responses=_or_msgpack("Rows"))
def list_rows(
    entity: str,
    project: str,
    run_id: str,
    request: Request,
    actor: ActorDep,
    context: ContextDep,
    keys: KeysDep = [],  # noqa: B006 FastAPI copies it
    source: SourceDep = Source.HISTORY,
    min_step: StepDep = 0,
    max_step: Annotated[int | None, Query(ge=0, le=MAX_STEP)] = None,
    limit: LimitDep = MAX_PAGE,
    samples: Annotated[int | None, Query(ge=1, le=MAX_PAGE, description="So many rows, evenly spread")] = None,
    segment: SegmentDep = None,
) -> Response:
    """Rows by step: a page of all, or a sample. As JSON, or as msgpack for those who accept it."""
    query = RowQuery([fit(key) for key in keys], source, min_step, max_step, limit, samples, segment)
    items, after = context.history.rows(actor, RunPath(entity, project, run_id), query)
    return exact(request, Rows(items=items, next=after))


@router.get(routes.CONSOLE, response_model=LinePage)
def list_lines(
    entity: str,
    project: str,
    run_id: str,
    actor: ActorDep,
    context: ContextDep,
    after: Annotated[int, Query(ge=-1, le=MAX_STEP, description="Lines behind this number")] = -1,
    limit: LimitDep = MAX_PAGE,
    tail: TailDep = False,  # noqa: FBT002 a parameter of the query
    segment: SegmentDep = None,
) -> Response:
    """Console lines."""
    path = RunPath(entity, project, run_id)
    found, total = context.history.console(actor, path, after=after, limit=limit, tail=tail, segment=segment)
    lines = [
        LineView(number=line.number, text=line.text, stream=str(line.channel), step=line.step, time=line.time)
        for line in found
    ]
    more = bool(lines) and lines[-1].number + 1 < total
    return as_json(LinePage(items=lines, total=total, next=lines[-1].number if more else None))
