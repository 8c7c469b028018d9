"""A run's timeline: beginning to write, choosing the head, stopping, the trash, what was forked, what has a place on it."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from playhead.server.answers import as_json, exact
from playhead.server.context import SECURED, ActorDep, ContextDep, run_url
from playhead.server.routes.runs import RunDep, SegmentDep, whole
from playhead.services.beginnings import Started
from playhead.services.marks import mark_view
from playhead.wire import routes
from playhead.wire.timeline import Begin, Begun, MarkView, Move, Rewind, RunRef
from playhead.wire.views import RunView

router = APIRouter(tags=["timeline"], dependencies=SECURED)


@router.post(routes.BEGIN, response_model=Begun)
def begin(ask: Begin, request: Request, actor: ActorDep, context: ContextDep) -> Response:
    """Begin to write to a run: a new one, one to go on with, one to rewind, or a fork. 409 `lease` tells who else writes to it."""
    return exact(request, _begun(context.beginnings.begin(actor, ask), request))


def _begun(started: Started, request: Request) -> Begun:
    run, segment, stream = started.run, started.segment, started.stream
    return Begun(
        entity=run.path.entity, project=run.path.project, run_id=run.path.run_id, name=run.name,
        url=run_url(request, run.path), segment=segment.id, parent=segment.parent, parent_step=segment.parent_step,
        step=stream.begun_step, resumed=started.resumed, replaced=started.replaced, restored=started.restored,
        shared=stream.shared, config=run.config, notes=run.notes, tags=list(run.tags), group=run.group,
        job_type=run.job_type, metrics=started.metrics, axes=started.axes, fork_of=None if run.branch is None else "/".join(run.branch[:3]),
    )  # fmt: skip


@router.post(routes.HEAD, response_model=RunView)
def rewind(path: RunDep, ask: Rewind, request: Request, actor: ActorDep, context: ContextDep) -> Response:
    """Choose the run's head: an archived segment, or a step of one. Nothing is deleted; a training at work loses the run."""
    run = context.timeline.rewind(actor, path, ask.segment, ask.step)
    return exact(request, whole(run, actor, request, context))


@router.post(routes.STOP, response_model=RunView)
def stop(path: RunDep, request: Request, actor: ActorDep, context: ContextDep) -> Response:
    """Ask the run's training to stop: it gets a KeyboardInterrupt."""
    return exact(request, whole(context.timeline.stop(actor, path), actor, request, context))


@router.post(routes.MOVE, response_model=RunView)
def move(path: RunDep, to: Move, request: Request, actor: ActorDep, context: ContextDep) -> Response:
    """Move the run, which must not be at work, to another project; that is made if there is none. Its id stays, and so do its artifacts."""
    moved = context.moving.move(actor, path, to.entity, to.project)
    return exact(request, whole(moved, actor, request, context))


@router.post(routes.RESTORE, response_model=RunView)
def restore(path: RunDep, request: Request, actor: ActorDep, context: ContextDep) -> Response:
    """Take the run out of the trash."""
    run = context.timeline.restore(actor, path)
    return exact(request, whole(run, actor, request, context))


@router.get(routes.CHILDREN, response_model=list[RunRef])
def list_children(path: RunDep, actor: ActorDep, context: ContextDep) -> Response:
    """Runs that were forked from this one."""
    found = context.timeline.forks(actor, path)
    return as_json(
        [
            RunRef(
                entity=run.path.entity, project=run.path.project, id=run.path.run_id, name=run.name,
                state=str(run.state), segment=branch.segment, step=branch.step,
            )
            for run, branch in found
        ]
    )  # fmt: skip


@router.get(routes.MARKS, response_model=list[MarkView])
def list_marks(path: RunDep, actor: ActorDep, context: ContextDep, segment: SegmentDep = None) -> Response:
    """Changes of the config and the notes, files, alerts and ends of a segment's history, by step."""
    found = context.timeline.marks(actor, path, segment)
    return as_json([mark_view(one) for one in found])
