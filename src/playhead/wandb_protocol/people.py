"""Users, their keys, and who belongs to an entity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ariadne import MutationType, ObjectType, QueryType

from playhead.domain.account import Actor
from playhead.domain.errors import NotFoundError
from playhead.wandb_protocol.context import Call, asked
from playhead.wandb_protocol.ids import USER, node_id

UNTITLED = "W&B's client"
"""What a key is called that somebody made without saying what for."""

query = QueryType()
mutation = MutationType()
user = ObjectType("User")
entity = ObjectType("Entity")


@query.field("users")
def users(_: Any, info: Any, query: str | None = None) -> dict[str, Any]:
    """Users in whose names the text is, as far as the caller may know them."""
    call = asked(info)
    found = call.services.accounts.users(call.actor, query or "")
    return {"edges": [{"node": call.services.accounts.by_name(one.name)} for one in found]}


@user.field("apiKeys")
def keys(one: Actor, info: Any) -> dict[str, Any] | None:
    """The caller's own keys, but not the keys themselves."""
    call = asked(info)
    if one.user != call.actor.user:
        return None
    found = call.services.accounts.keys(call.actor)
    return {"edges": [{"node": {"id": key.id, "name": key.name or key.id, "description": key.name}} for key in found]}


@mutation.field("generateApiKey")
def make_key(_: Any, info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 as it is called on the wire
    """One more key for the caller. Its `name` is the key itself: this once."""
    call = asked(info)
    made, secret = call.services.accounts.add_key(call.actor, input.get("description") or UNTITLED)
    return {"apiKey": {"id": made.id, "name": secret, "description": made.name}}


@mutation.field("deleteApiKey")
def revoke_key(_: Any, info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
    """Take one of the caller's keys back."""
    call = asked(info)
    call.services.accounts.revoke_key(call.actor, input["id"])
    call.services.forget()
    return {"success": True}


@entity.field("members")
def members(one: Mapping[str, Any], info: Any) -> list[dict[str, Any]]:
    """Who belongs to it. NotFoundError if the caller may not know."""
    call, name = asked(info), str(one["name"])
    if not call.services.accounts.entity_exists(call.actor, name):
        raise NotFoundError(f"There is no user or team {name!r}, or you do not belong to it.")
    found = [one for one in call.services.accounts.users(call.actor, name) if one.name == name]
    return [
        {
            "id": node_id(USER, one.name), "name": one.name, "username": one.name, "email": "", "admin": one.admin,
            "pending": False, "accountType": "MEMBER",
        }
        for one in found
    ]  # fmt: skip


def _is_user(one: Mapping[str, Any], call: Call) -> bool:
    return call.services.accounts.by_name(str(one["name"])).user is not None


@entity.field("isTeam")
def is_team(one: Mapping[str, Any], info: Any) -> bool:
    """Whether it is more than a user's own."""
    return not _is_user(one, asked(info))


@entity.field("entityType")
def entity_type(one: Mapping[str, Any], info: Any) -> str:
    """`user` or `team`."""
    return "user" if _is_user(one, asked(info)) else "team"


@entity.field("readOnly")
def read_only(one: Mapping[str, Any], info: Any) -> bool:
    """Whether the caller may not make projects there."""
    actor = asked(info).actor
    return not (actor.admin or one["name"] in actor.entities)


for field, value in (
    ("readOnlyAdmin", False), ("privateOnly", False), ("storageBytes", 0), ("codeSavingEnabled", True),
    ("defaultAccess", "private"), ("available", False), ("xxhashDigestsEnabled", False),
):  # fmt: skip
    entity.set_field(field, lambda *_, value=value: value)

BINDABLES = (query, mutation, user, entity)
