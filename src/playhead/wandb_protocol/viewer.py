"""Who is asking, and what this server can do."""

from __future__ import annotations

from typing import Any

from ariadne import ObjectType, QueryType

from playhead.domain.account import Actor
from playhead.wandb_protocol.context import asked
from playhead.wandb_protocol.ids import ENTITY, USER, node_id

FEATURES: tuple[str, ...] = (
    "ARTIFACT_COLLECTIONS_FILTERING_SORTING", "FILESTREAM_GZIP", "MARK_RUN_FILES_UPLOADED", "STRUCTURED_CONSOLE_LOGS",
)  # fmt: skip
"""What this server has of that which not every server of W&B has."""

query = QueryType()
user = ObjectType("User")


@query.field("viewer")
def viewer(_: Any, info: Any) -> Actor | None:
    """The user of the key; nobody without one."""
    actor = asked(info).actor
    return actor if actor.user is not None else None


@query.field("serverInfo")
def server_info(_: Any, __: Any) -> dict[str, Any]:
    """What the client may use."""
    return {"features": [{"name": name, "isEnabled": True} for name in FEATURES]}


@query.field("entity")
def entity(_: Any, __: Any, name: str | None = None) -> dict[str, Any] | None:
    """A namespace; there are no organizations here."""
    return {"id": node_id(ENTITY, name), "name": name, "organization": None} if name else None


@query.field("organization")
def organization(_: Any, __: Any, **___: Any) -> None:
    """There are none here."""


@user.field("id")
def user_id(actor: Actor, _: Any) -> str:
    """The node's id."""
    return node_id(USER, actor.user or "")


@user.field("teams")
def teams(actor: Actor, _: Any) -> dict[str, Any]:
    """Entities beside the user's own."""
    names = sorted(actor.entities - {actor.user})
    return {"edges": [{"node": {"id": node_id(ENTITY, name), "name": name}} for name in names]}


for field in ("name", "username", "entity"):
    user.set_field(field, lambda actor, _: actor.user)
user.set_field("email", lambda *_: "")
user.set_field("flags", lambda *_: "{}")

BINDABLES = (query, user)
