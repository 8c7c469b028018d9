"""Who am I, log in, log out, add a user; and whether the server is well."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from playhead.domain.errors import PermissionDeniedError
from playhead.server.answers import as_json
from playhead.server.context import SECURED, ActorDep, ContextDep, base_url
from playhead.services.access import signed_in
from playhead.wire import routes
from playhead.wire.views import ApiKeyMade, ApiKeyNew, ApiKeyView, Login, ServerView, UserMade, UserNew, ViewerView

router = APIRouter(tags=["accounts"])

TEXT = "text/plain; version=0.0.4; charset=utf-8"


@router.get(routes.HEALTH, response_model=ServerView)
async def health(context: ContextDep) -> Response:
    """Whether the server lives, and its version."""
    return as_json(ServerView(version=context.version, local=context.local))


@router.get(routes.READY, response_model=ServerView)
def ready(context: ContextDep) -> Response:
    """Whether the server can work: its stores answer."""
    context.touch()
    return as_json(ServerView(version=context.version, local=context.local))


_TEXT: dict[int | str, dict[str, Any]] = {
    200: {"content": {TEXT: {"schema": {"type": "string"}}}, "description": "Metrics"}
}


@router.get(routes.METRICS, response_class=Response, responses=_TEXT, dependencies=SECURED)
async def metrics(actor: ActorDep, context: ContextDep) -> Response:
    """What the server does, as Prometheus reads it: administrators only."""
    signed_in(actor)
    if not actor.admin:
        raise PermissionDeniedError("Only administrators may watch the server.")
    return Response(context.counters.text(), media_type=TEXT)


@router.get(routes.VIEWER, response_model=ViewerView, dependencies=SECURED)
async def viewer(actor: ActorDep) -> Response:
    """Whose key or session this is."""
    user = signed_in(actor)
    return as_json(ViewerView(username=user, entity=user, admin=actor.admin, entities=sorted(actor.entities)))


@router.post(routes.SESSION, response_model=ViewerView)
async def log_in(login: Login, request: Request, context: ContextDep) -> Response:
    """Start a browser's session with an API key or with the token of a printed link."""
    actor = await context.auth.log_in(request, login.key, login.token)
    user = signed_in(actor)
    answer = as_json(ViewerView(username=user, entity=user, admin=actor.admin, entities=sorted(actor.entities)))
    context.auth.begin(answer, actor, secure=base_url(request).startswith("https:"))
    return answer


@router.delete(routes.SESSION, status_code=204)
async def log_out(context: ContextDep) -> Response:
    """End the browser's session."""
    answer = Response(status_code=204)
    context.auth.end(answer)
    return answer


@router.post(routes.USERS, response_model=UserMade, status_code=201, dependencies=SECURED)
async def add_user(new: UserNew, actor: ActorDep, context: ContextDep) -> Response:
    """Add a user and its entity; administrators only. The key is in this answer and nowhere else."""

    def add() -> UserMade:
        user, key = context.accounts.add_user(actor, new.name, admin=new.admin, key=new.api_key)
        return UserMade(name=user.name, admin=user.admin, api_key=key)

    return as_json(await run_in_threadpool(add), 201)


@router.get(routes.API_KEYS, response_model=list[ApiKeyView], dependencies=SECURED)
def list_keys(actor: ActorDep, context: ContextDep) -> Response:
    """Your API keys: when they were made and what for, not the keys themselves."""
    found = context.accounts.keys(actor)
    return as_json([ApiKeyView(id=key.id, name=key.name, created_at=key.created_at) for key in found])


@router.post(routes.API_KEYS, response_model=ApiKeyMade, status_code=201, dependencies=SECURED)
def add_key(new: ApiKeyNew, actor: ActorDep, context: ContextDep) -> Response:
    """Make one more API key for yourself. The key is in this answer and nowhere else."""
    made, key = context.accounts.add_key(actor, new.name)
    return as_json(ApiKeyMade(id=made.id, name=made.name, created_at=made.created_at, api_key=key), 201)


@router.delete(routes.API_KEY, status_code=204, dependencies=SECURED)
def revoke_key(key_id: str, actor: ActorDep, context: ContextDep) -> Response:
    """Take one of your API keys back; what uses it is refused from then on."""
    context.accounts.revoke_key(actor, key_id)
    context.auth.forget()
    return Response(status_code=204)
