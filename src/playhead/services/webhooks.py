"""Webhooks of projects: who may see and change them."""

from __future__ import annotations

from playhead.domain.account import Actor, Project, Right, allowed
from playhead.domain.errors import LimitError, PermissionDeniedError, UsageError
from playhead.domain.ids import generate_id
from playhead.domain.limits import MAX_WEBHOOKS
from playhead.domain.webhook import Format, Webhook, format_for
from playhead.ports.clock import Clock
from playhead.ports.post import Post
from playhead.ports.webhooks import Webhooks
from playhead.services.access import Access, signed_in
from playhead.wire.webhooks import WebhookNew, WebhookView


class WebhookService:
    """Listing, adding and removing."""

    def __init__(self, *, access: Access, webhooks: Webhooks, post: Post, clock: Clock) -> None:
        self._access = access
        self._webhooks = webhooks
        self._post = post
        self._clock = clock

    def webhooks(self, actor: Actor, entity: str, project: str) -> list[WebhookView]:
        """Those of the project, oldest first; their addresses are whole only for who may change them."""
        signed_in(actor)
        whole = _may_change(actor, self._access.project(actor, entity, project))
        return [_view(one, whole=whole) for one in self._webhooks.webhooks(entity, project)]

    def add(self, actor: Actor, entity: str, project: str, new: WebhookNew) -> WebhookView:
        """UsageError for an address or format that is none, LimitError, PermissionDeniedError."""
        self._check(actor, entity, project)
        if new.format is not None and new.format not in set(Format):
            raise UsageError(f"{new.format!r} is no format of a webhook: use {', '.join(Format)}.")
        self._post.check(new.url)
        if len(self._webhooks.webhooks(entity, project)) >= MAX_WEBHOOKS:
            raise LimitError(f"{entity}/{project} has {MAX_WEBHOOKS} webhooks (MAX_WEBHOOKS). Remove one first.")
        made = Webhook(
            id=generate_id(12), entity=entity, project=project, url=new.url,
            format=format_for(new.url) if new.format is None else Format(new.format), created_at=self._clock.now(),
        )  # fmt: skip
        self._webhooks.add(made)
        return _view(made, whole=True)

    def remove(self, actor: Actor, entity: str, project: str, webhook: str) -> None:
        """Forget it; what waits for it is not sent. NotFoundError, PermissionDeniedError."""
        self._check(actor, entity, project)
        self._webhooks.remove(entity, project, webhook)

    def _check(self, actor: Actor, entity: str, project: str) -> None:
        if not _may_change(actor, self._access.project(actor, entity, project)):
            raise PermissionDeniedError(
                f"{signed_in(actor)} may read {entity}/{project}, but only members of {entity} and administrators may change it."
            )


def _may_change(actor: Actor, project: Project) -> bool:
    return allowed(actor, Right.ADMIN, project.entity, project.visibility)


def _view(one: Webhook, *, whole: bool) -> WebhookView:
    return WebhookView(
        id=one.id,
        url=one.url if whole else one.shortened,
        format=one.format.value,
        created_at=one.created_at,
        problem=one.problem if whole else None,
    )
