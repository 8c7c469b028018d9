"""Webhooks of projects: who hears of alerts."""

from fastapi import APIRouter
from starlette.responses import Response

from playhead.server.answers import as_json
from playhead.server.context import SECURED, ActorDep, ContextDep
from playhead.wire import routes
from playhead.wire.webhooks import WebhookNew, WebhookView

router = APIRouter(tags=["projects"], dependencies=SECURED)


@router.get(routes.WEBHOOKS, response_model=list[WebhookView])
def list_webhooks(entity: str, project: str, actor: ActorDep, context: ContextDep) -> Response:
    """Addresses that hear of the project's alerts; shortened for who may not change the project."""
    return as_json(context.webhooks.webhooks(actor, entity, project))


@router.post(routes.WEBHOOKS, response_model=WebhookView, status_code=201)
def add_webhook(entity: str, project: str, new: WebhookNew, actor: ActorDep, context: ContextDep) -> Response:
    """Let an address hear of the project's alerts: its members and administrators only."""
    return as_json(context.webhooks.add(actor, entity, project, new), 201)


@router.delete(routes.WEBHOOK, status_code=204)
def remove_webhook(entity: str, project: str, webhook: str, actor: ActorDep, context: ContextDep) -> Response:
    """Forget a webhook, and what waits for it."""
    context.webhooks.remove(actor, entity, project, webhook)
    return Response(status_code=204)
