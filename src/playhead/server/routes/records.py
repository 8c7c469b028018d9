"""All that runs recorded, for exports."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from playhead.domain.limits import MAX_RECORD_RUNS, MAX_TIME
from playhead.server.answers import ARROW, as_arrow
from playhead.server.context import SECURED, ActorDep, ContextDep
from playhead.wire import routes
from playhead.wire.records import Part

router = APIRouter(tags=["runs"], dependencies=SECURED)


@router.get(routes.RECORDS, response_class=Response, responses=ARROW)
def list_records(
    entity: str,
    project: str,
    actor: ActorDep,
    context: ContextDep,
    runs: Annotated[list[str], Query(min_length=1, max_length=MAX_RECORD_RUNS, description="Ids; repeat for several")],
    part: Annotated[Part, Query(description="What of the first run to begin with")] = Part.HISTORY,
    start: Annotated[int, Query(ge=0, le=MAX_TIME, description="Where in it: the `next` of its last piece")] = 0,
) -> Response:
    """All that runs recorded: of one after the other its history, system metrics and console, as Arrow streams one behind the other; so many
    as fit into one answer. System metrics and console of a run that has none are left out, but for the last run. The schema's metadata has, as JSON under `playhead`, the `run`, the `part`, where its `next` piece begins, if
    there is one, and which text columns hold `json`.
    """
    found = context.records.records(actor, entity, project, runs, part, start)
    return as_arrow(found)
