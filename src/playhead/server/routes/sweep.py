"""Throwing away content that nothing refers to."""

from fastapi import APIRouter
from starlette.responses import Response

from playhead.server.answers import as_json
from playhead.server.context import SECURED, ActorDep, ContextDep
from playhead.wire import routes
from playhead.wire.sweep import SweepAsk, SweepView

router = APIRouter(tags=["accounts"], dependencies=SECURED)


@router.post(routes.SWEEP, response_model=SweepView)
def sweep(asked: SweepAsk, actor: ActorDep, context: ContextDep) -> Response:
    """Throw away content that no run refers to and nobody touched for long, for some seconds; `next` is where to go on. Administrators only."""
    return as_json(context.sweep.sweep(actor, asked))
