"""What a run says of itself to whoever looks at it, beside what it says to those that write to it."""

from __future__ import annotations

from typing import Any

from ariadne import ObjectType

from playhead.services.access import may_change
from playhead.wandb_protocol.buckets import Bucket
from playhead.wandb_protocol.context import asked
from playhead.wandb_protocol.forms import moment
from playhead.wandb_protocol.projects import number_of

run = ObjectType("Run")


@run.field("projectId")
def project_id(of: Bucket, _: Any) -> str:
    """The number of its project, as text."""
    return str(number_of(of.run.path.entity, of.run.path.project))


@run.field("commit")
def commit(of: Bucket, info: Any) -> str | None:
    """What git said of its code; not for readers from outside."""
    actor, git = asked(info).actor, of.run.meta.get("git")
    if not isinstance(git, dict) or not may_change(actor, of.run):
        return None
    return str(git["commit"]) if git.get("commit") else None


@run.field("readOnly")
def read_only(of: Bucket, info: Any) -> bool:
    """Whether the caller may not change it."""
    return not may_change(asked(info).actor, of.run)


@run.field("user")
def user(of: Bucket, _: Any) -> dict[str, str] | None:
    """Who recorded it."""
    return {"name": of.run.user, "username": of.run.user} if of.run.user else None


run.set_field("state", lambda of, _: str(of.run.state))
run.set_field("group", lambda of, _: of.run.group)
run.set_field("jobType", lambda of, _: of.run.job_type)
run.set_field("createdAt", lambda of, _: moment(of.run.created_at))
run.set_field("heartbeatAt", lambda of, _: moment(of.run.heartbeat_at))

BINDABLES = (run,)
