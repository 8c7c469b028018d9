"""`run.alert`: told in the run's session, so that it has its place on the timeline and reaches webhooks as ours do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ariadne import MutationType

from playhead.journal import format as f
from playhead.wandb_protocol.beginning import known, place_of
from playhead.wandb_protocol.context import asked

mutation = MutationType()


@mutation.field("notifyScriptableRunAlert")
def alert(_: Any, info: Any, input: Mapping[str, Any]) -> dict[str, bool]:  # noqa: A002 so it is called in the schema
    """Keep an alert, unless one of that title was told a moment ago: how long that is, the client says, in milliseconds."""
    call = asked(info)
    path = place_of(call, input.get("entityName"), input.get("projectName"), input.get("runName"))
    run, wait = known(call, path), max(0, input.get("waitDuration") or 0) / 1000
    title, text = str(input.get("title") or ""), str(input.get("text") or "")
    told = call.services.alerts.take(call.actor, path, title, text, input.get("severity") or "INFO", wait)
    if told is not None:
        session = call.services.sessions.find(run, call.client)
        call.services.sessions.append(call.actor, session, lambda piece: piece.record(f.ALERT, told))
    return {"success": True}


BINDABLES = (mutation,)
