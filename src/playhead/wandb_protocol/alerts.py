"""`run.alert`: told in the run's session, so that it has its place on the timeline and reaches webhooks as ours do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ariadne import MutationType

from playhead.domain.errors import UsageError
from playhead.journal import format as f
from playhead.ports.runs import Record
from playhead.wandb_protocol.beginning import known, place_of
from playhead.wandb_protocol.context import asked
from playhead.wandb_protocol.sessions import Piece

MAX_TITLE = 64
"""Characters of a title."""
MAX_TEXT = 16_384
"""Characters of a text."""
_KIND = f.KIND_NAMES[f.ALERT]

mutation = MutationType()


@mutation.field("notifyScriptableRunAlert")
def alert(_: Any, info: Any, input: Mapping[str, Any]) -> dict[str, bool]:  # noqa: A002 so it is called in the schema
    """Keep an alert, unless one of that title was told a moment ago: how long that is, the client says."""
    call = asked(info)
    path = place_of(call, input.get("entityName"), input.get("projectName"), input.get("runName"))
    run, title = known(call, path), str(input.get("title") or "")[:MAX_TITLE]
    if not title.strip():
        raise UsageError("An alert needs a title.")
    told = [one.time for one in call.services.timeline.marks(call.actor, path, None) if _says(one, title)]
    last = max(told, default=None)
    wait = max(0, input.get("waitDuration") or 0) * 1000
    data = {"title": title, "text": str(input.get("text") or "")[:MAX_TEXT], "level": input.get("severity") or "INFO"}

    def tell(piece: Piece) -> None:
        if last is None or piece.now - last >= wait:
            piece.record(f.ALERT, data)

    call.services.sessions.append(call.actor, call.services.sessions.find(run, call.client), tell)
    return {"success": True}


def _says(mark: Record, title: str) -> bool:
    return bool(mark.kind == _KIND and mark.data.get("title") == title)


BINDABLES = (mutation,)
