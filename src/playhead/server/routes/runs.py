"""Runs: one of them, changing and deleting it, its segments, keys, rows and console."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response, StreamingResponse

from playhead.domain.account import Actor
from playhead.domain.ids import RunPath
from playhead.domain.limits import MAX_KEY, MAX_PAGE, MAX_STEP, MAX_TIME
from playhead.domain.metric import Source
from playhead.domain.run import Run
from playhead.ports.frames import FrameQuery
from playhead.server.answers import ARROW, as_arrow, as_json, exact, or_msgpack
from playhead.server.context import SECURED, ActorDep, Context, ContextDep, LimitDep, shown
from playhead.services.history import NOW, Place, RowQuery
from playhead.services.runs import segment_view
from playhead.services.text import fit
from playhead.wire import routes
from playhead.wire.views import LinePage, LineView, Rows, RunPatch, RunView, SegmentView, SeriesView

router = APIRouter(tags=["runs"], dependencies=SECURED)

_COLOURS = re.compile(r"\x1b\[[0-9;:?]*[ -/]*[@-~]")

TailDep = Annotated[bool, Query(description="The last lines instead")]
StepDep = Annotated[int, Query(ge=0, le=MAX_STEP)]
SegmentDep = Annotated[str | None, Query(max_length=64, description="Another segment than the head")]
AtDep = Annotated[int | None, Query(alias="step", ge=0, le=MAX_STEP, description="As of this step")]
LabelDep = Annotated[str | None, Query(max_length=64, description="Only what the writers of this label wrote")]


async def _run(entity: str, project: str, run_id: str) -> RunPath:
    """Asynchronous, for it needs no thread."""
    return RunPath(entity, project, run_id)


async def _place(
    segment: SegmentDep = None,
    at: AtDep = None,
    label: LabelDep = None,
) -> Place:
    return Place(segment, at, label)


RunDep = Annotated[RunPath, Depends(_run)]
PlaceDep = Annotated[Place, Depends(_place)]
SourceDep = Annotated[Source, Query(description="What the training logged, or what was sampled of the machine")]
KeysDep = Annotated[
    list[Annotated[str, Query(max_length=MAX_KEY)]],
    Query(description="Only rows that have all of these keys; repeat the parameter for several"),
]


def whole(run: Run, actor: Actor, request: Request, context: Context, place: Place = NOW) -> RunView:
    """All that there is to say of a run, as of a place on its timeline."""
    seen = context.timeline.as_of(run, place.segment, place.step)
    parent = context.timeline.parent(actor, run)
    return replace(
        shown(seen, actor, request), at=place.step, segment=place.segment or run.head, parent=parent,
        labels=context.history.labels(run.path, place),
    )  # fmt: skip


@router.get(routes.RUN, response_model=RunView, responses=or_msgpack("The run"))
def get_run(path: RunDep, request: Request, actor: ActorDep, context: ContextDep, place: PlaceDep) -> Response:
    """One run; as of a step, if one is given."""
    run = context.runs.run(actor, path)
    return exact(request, whole(run, actor, request, context, place))


@router.patch(routes.RUN, response_model=RunView, responses=or_msgpack("The run"))
def patch_run(path: RunDep, change: RunPatch, request: Request, actor: ActorDep, context: ContextDep) -> Response:
    """Change a run's name, notes, tags, group or job type; what is left out stays."""
    run = context.runs.patch(actor, path, change)
    return exact(request, whole(run, actor, request, context))


@router.delete(routes.RUN, status_code=204)
def delete_run(
    path: RunDep, actor: ActorDep, context: ContextDep,
    forever: Annotated[bool, Query(description="Now and for ever, and not into the trash")] = False,  # noqa: FBT002 as above
    artifacts: Annotated[bool, Query(description="With `forever`: the versions of artifacts that it made, too")] = False,  # noqa: FBT002 as above
) -> Response:  # fmt: skip
    """Put a run into the trash; or delete it, with all that it logged and that no fork of it shows. Artifacts stay, unless they
    are to go as well.
    """
    if forever:
        if artifacts:
            context.artifacts.delete_logged(actor, path)
        context.runs.delete(actor, path)
    else:
        context.timeline.trash(actor, path)
    return Response(status_code=204)


@router.get(routes.SEGMENTS, response_model=list[SegmentView])
def list_segments(path: RunDep, actor: ActorDep, context: ContextDep) -> Response:
    """A run's segments, oldest first."""
    found, streams = context.runs.segments(actor, path), context.timeline.streams(path)
    return as_json([segment_view(segment, streams) for segment in found])


@router.get(routes.KEYS, response_model=list[SeriesView])
def list_keys(
    path: RunDep,
    actor: ActorDep,
    context: ContextDep,
    place: PlaceDep,
    source: SourceDep = Source.HISTORY,
) -> Response:
    """What a run logged: its keys, and how many points each has."""
    found = context.history.series(actor, path, source, place)
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


@router.get(routes.ROWS, response_model=Rows, responses=or_msgpack("Rows"))
def list_rows(
    path: RunDep,
    request: Request,
    actor: ActorDep,
    context: ContextDep,
    place: PlaceDep,
    keys: KeysDep = [],  # noqa: B006 FastAPI copies it
    source: SourceDep = Source.HISTORY,
    min_step: StepDep = 0,
    max_step: Annotated[int | None, Query(ge=0, le=MAX_STEP)] = None,
    limit: LimitDep = MAX_PAGE,
    samples: Annotated[int | None, Query(ge=1, le=MAX_PAGE, description="So many rows, evenly spread")] = None,
) -> Response:
    """Rows by step: a page of all, or a sample. As JSON, or as msgpack for those who accept it."""
    query = RowQuery([fit(key) for key in keys], source, min_step, max_step, limit, samples, place)
    items, after = context.history.rows(actor, path, query)
    return exact(request, Rows(items=items, next=after))


@router.get(routes.ROW_COLUMNS, response_class=Response, responses=ARROW)
def list_row_columns(
    path: RunDep,
    actor: ActorDep,
    context: ContextDep,
    place: PlaceDep,
    keys: KeysDep = [],  # noqa: B006 FastAPI copies it
    source: SourceDep = Source.HISTORY,
    some: Annotated[bool, Query(description="Rows that have at least one of the keys")] = False,  # noqa: FBT002 as above
    start: Annotated[
        int, Query(ge=0, le=MAX_TIME, description="The first step; of system metrics: the first time")
    ] = 0,
    end: Annotated[int | None, Query(ge=0, le=MAX_TIME, description="The last one")] = None,
) -> Response:
    """Rows by step as columns, in Arrow's stream format: so many as fit into one answer. The schema's metadata has, as JSON under
    `playhead`, the `start` of the `next` one, and which text columns hold `json`.
    """
    query = FrameQuery(keys=[fit(key) for key in keys], source=source, some=some, start=start, end=end)
    return as_arrow([context.history.frame(actor, path, query, place)])


@router.get(routes.CONSOLE, response_model=LinePage)
def list_lines(
    path: RunDep,
    actor: ActorDep,
    context: ContextDep,
    place: PlaceDep,
    after: Annotated[int, Query(ge=-1, le=MAX_STEP, description="Lines behind this number")] = -1,
    limit: LimitDep = MAX_PAGE,
    tail: TailDep = False,  # noqa: FBT002 a parameter of the query
) -> Response:
    """Console lines."""
    found, total = context.history.console(actor, path, after=after, limit=limit, tail=tail, place=place)
    lines = [
        LineView(
            number=line.number, text=line.text, stream=str(line.channel), step=line.step, time=line.time, label=label
        )
        for line, label in found
    ]  # fmt: skip
    more = bool(lines) and lines[-1].number + 1 < total
    return as_json(LinePage(items=lines, total=total, next=lines[-1].number if more else None))


_TEXT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Lines"}
}


@router.get(routes.CONSOLE_TEXT, response_class=StreamingResponse, responses=_TEXT)
def get_lines(path: RunDep, actor: ActorDep, context: ContextDep, place: PlaceDep) -> StreamingResponse:
    """All console lines as a text file, without their colours."""

    def page(after: int) -> tuple[list[str], int]:
        found, total = context.history.console(actor, path, after=after, limit=MAX_PAGE, tail=False, place=place)
        return [_COLOURS.sub("", line.text) for line, _ in found], total

    first, _ = page(-1)  # what is wrong is told before the answer begins

    def lines() -> Iterator[bytes]:
        found, seen = first, 0
        while found:
            yield "".join(f"{line}\n" for line in found).encode()
            seen += len(found)
            found, _ = page(seen - 1)

    name = quote(f"{path.run_id}.log", safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "X-Content-Type-Options": "nosniff"}
    return StreamingResponse(lines(), media_type="text/plain; charset=utf-8", headers=headers)
