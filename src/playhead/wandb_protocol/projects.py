"""Projects, and the runs in them: one, or a page of those that a filter means."""

from __future__ import annotations

import zlib
from typing import Any

from ariadne import MutationType, ObjectType, QueryType

from playhead.domain.account import Actor, Project, Right, allowed
from playhead.domain.errors import UsageError
from playhead.domain.ids import RunPath
from playhead.services.access import signed_in
from playhead.wandb_protocol.beginning import DEFAULT_PROJECT
from playhead.wandb_protocol.buckets import Bucket
from playhead.wandb_protocol.context import Call, asked
from playhead.wandb_protocol.forms import connection, moment, there
from playhead.wandb_protocol.limits import MAX_TOGETHER
from playhead.wire.search import RunsAsk

query = QueryType()
mutation = MutationType()
project = ObjectType("Project")


def entity_of(call: Call, told: str | None) -> str:
    """The entity that is meant; the caller's own if none is named."""
    return told or call.actor.entity or signed_in(call.actor)


def number_of(entity: str, name: str) -> int:
    """A number for a project, for clients that want one: nothing is found by it."""
    return zlib.crc32(f"{entity}/{name}".encode()) & 0x7FFFFFFF


@query.field("project")
def one_project(_: Any, info: Any, name: str | None = None, entityName: str | None = None) -> Project | None:  # noqa: N803 as it is called on the wire
    """A project that the caller may see."""
    call = asked(info)
    entity = entity_of(call, entityName)
    return there(lambda: call.services.projects.project(call.actor, entity, name or DEFAULT_PROJECT))


@query.field("models")
def projects(
    _: Any, info: Any, entityName: str | None = None, after: str | None = None, first: int = 50,  # noqa: N803 as above
) -> dict[str, Any]:  # fmt: skip
    """A page of an entity's projects."""
    call = asked(info)
    entity = entity_of(call, entityName)
    return connection(*call.services.projects.projects(call.actor, entity, max(first, 1), after))


@mutation.field("upsertModel")
def make_project(_: Any, info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 as it is called on the wire
    """Make a project, if there is none of that name."""
    call = asked(info)
    if not input.get("name"):
        raise UsageError("A project needs a name.")
    entity = entity_of(call, input.get("entityName"))
    made, inserted = call.services.projects.create(call.actor, entity, input["name"])
    return {"project": made, "model": made, "inserted": inserted}


@project.field("internalId")
def project_number(one: Project, _: Any) -> str:
    """A number, as text."""
    return str(number_of(one.entity, one.name))


@project.field("user")
def project_user(one: Project, info: Any) -> Actor | None:
    """The user whose entity it belongs to."""
    owner = asked(info).services.accounts.by_name(one.entity)
    return owner if owner.user is not None else None


@project.field("readOnly")
def read_only(one: Project, info: Any) -> bool:
    """Whether the caller may not record there."""
    return not allowed(asked(info).actor, Right.WRITE, one.entity, one.visibility)


@project.field("run")
def run(one: Project, info: Any, name: str) -> Bucket | None:
    """A run by its id."""
    call = asked(info)
    path = RunPath(one.entity, one.name, name)
    return there(lambda: Bucket(call.services.timeline.fresh(call.services.runs.run(call.actor, path))))


@project.field("runs")
def runs(
    one: Project, info: Any, filters: str | None = None, after: str | None = None, first: int = 50,
    order: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """A page of its runs."""
    ask = RunsAsk(filter=filters or None, order=order or "+created_at", cursor=after, limit=max(first, 1))
    call = asked(info)
    found = call.services.search.runs(call.actor, one.entity, one.name, ask)
    ids = [run.path.run_id for run in found.runs]
    together = [ids[start : start + MAX_TOGETHER] for start in range(0, len(ids), MAX_TOGETHER)]
    nodes = [Bucket(run, beside=together[number // MAX_TOGETHER]) for number, run in enumerate(found.runs)]
    return connection(nodes, found.next)


@project.field("runCount")
def run_count(one: Project, info: Any, filters: str | None = None) -> int:
    """How many runs the filter means."""
    call = asked(info)
    ask = RunsAsk(filter=filters or None, limit=1, count=True)
    return call.services.search.runs(call.actor, one.entity, one.name, ask).total or 0


project.set_field("entityName", lambda one, _: one.entity)
project.set_field("createdAt", lambda one, _: moment(one.created_at))
project.set_field("access", lambda one, _: str(one.visibility))
project.set_field("isBenchmark", lambda *_: False)
project.set_field("views", lambda *_: "{}")

BINDABLES = (query, mutation, project)
