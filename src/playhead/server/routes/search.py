"""Finding runs: pages by filter and order, the values that runs have, groups."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from playhead.domain.account import Actor
from playhead.domain.limits import MAX_FILTER, MAX_KEY, MAX_PAGE
from playhead.server.answers import as_json, exact, or_msgpack
from playhead.server.context import SECURED, ActorDep, Context, ContextDep, CursorDep, LimitDep, shown
from playhead.wire import routes
from playhead.wire.search import ColumnList, GroupList, GroupsAsk, RunsAsk
from playhead.wire.views import RunPage

router = APIRouter(tags=["runs"], dependencies=SECURED)

FilterDep = Annotated[
    str | None,
    Query(max_length=MAX_FILTER, description="In the filter language, or JSON as W&B's clients write it"),
]
SearchDep = Annotated[str | None, Query(max_length=256, description="Part of the name, id, group or a tag")]
OrderDep = Annotated[
    str, Query(max_length=MAX_KEY + 16, description="A value of a run, such as -summary.acc; - for descending")
]
BriefDep = Annotated[bool, Query(description="Without `meta` and `metrics`, and of config and summary only `values`")]
ValuesDep = Annotated[
    list[Annotated[str, Query(max_length=MAX_KEY + 16)]],
    Query(description="Such as `config.net.depth` or `summary.acc`; repeat for several"),
]


@router.get(routes.RUNS, response_model=RunPage, responses=or_msgpack("Runs"))
def list_runs(
    entity: str,
    project: str,
    request: Request,
    actor: ActorDep,
    context: ContextDep,
    search: SearchDep = None,
    state: Annotated[list[str] | None, Query(description="Only runs in this state; repeat for several")] = None,
    order: OrderDep = "-created_at",
    group: Annotated[str | None, Query(max_length=128, description="Only runs of this group")] = None,
    trash: Annotated[bool, Query(description="Those in the trash")] = False,  # noqa: FBT002 a parameter of the query
    filter: FilterDep = None,  # noqa: A002 its name in the query
    count: Annotated[bool, Query(description="Tell the total as well")] = False,  # noqa: FBT002 as above
    brief: BriefDep = False,  # noqa: FBT002 as above
    values: ValuesDep = [],  # noqa: B006 FastAPI copies it
    limit: LimitDep = 100,
    cursor: CursorDep = None,
) -> Response:
    """A page of a project's runs."""
    ask = RunsAsk(
        filter=filter, order=order, cursor=cursor, limit=limit, count=count, search=search, state=state or [],
        group=group, trash=trash, brief=brief, values=values,
    )  # fmt: skip
    return _page(entity, project, ask, request, actor, context)


@router.post(routes.RUNS, response_model=RunPage, responses=or_msgpack("Runs"))
def find_runs(
    entity: str, project: str, ask: RunsAsk, request: Request, actor: ActorDep, context: ContextDep
) -> Response:
    """A page of a project's runs, as `GET` gives it; the filter may be an object."""
    return _page(entity, project, ask, request, actor, context)


def _page(entity: str, project: str, ask: RunsAsk, request: Request, actor: Actor, context: Context) -> Response:
    found = context.search.runs(actor, entity, project, ask)
    items = [shown(run, actor, request) for run in found.runs]
    return exact(request, RunPage(items=items, next=found.next, total=found.total))


@router.get(routes.COLUMNS, response_model=ColumnList)
def list_columns(
    entity: str,
    project: str,
    actor: ActorDep,
    context: ContextDep,
    prefix: Annotated[str, Query(max_length=MAX_KEY + 16, description="Only names that begin so")] = "",
    limit: LimitDep = MAX_PAGE,
) -> Response:
    """Values in config and summary of the project's runs: what can be filtered, sorted and grouped by, those with a leading `_` last."""
    items, total = context.search.columns(actor, entity, project, prefix, limit)
    return as_json(ColumnList(items=items, total=total))


@router.post(routes.GROUPS, response_model=GroupList, responses=or_msgpack("Groups"))
def list_groups(
    entity: str, project: str, ask: GroupsAsk, request: Request, actor: ActorDep, context: ContextDep
) -> Response:
    """Runs by their values, the largest groups first, with count, mean, minimum and maximum of numbers."""
    items, more = context.search.groups(actor, entity, project, ask)
    return exact(request, GroupList(items=items, more=more))
