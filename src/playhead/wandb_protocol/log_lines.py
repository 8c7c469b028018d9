"""A run's console, as W&B's client reads it: a page behind a line, or the last lines."""

from __future__ import annotations

from typing import Any

from ariadne import ObjectType

from playhead.domain.errors import UsageError
from playhead.domain.limits import MAX_PAGE
from playhead.domain.run import Channel, ConsoleLine
from playhead.wandb_protocol.buckets import Bucket
from playhead.wandb_protocol.context import asked
from playhead.wandb_protocol.forms import connection, exact_moment
from playhead.wandb_protocol.limits import MAX_LINES

run = ObjectType("Run")

Line = tuple[ConsoleLine, str]


@run.field("logLines")
def log_lines(
    of: Bucket, info: Any, first: int | None = None, after: str | None = None, last: int | None = None, **_: Any
) -> dict[str, Any]:
    """The `first` lines behind line `after`, or the `last` ones."""
    call = asked(info)
    wanted = min(max(last if last is not None else first if first is not None else MAX_PAGE, 1), MAX_LINES)
    behind, total, found = _number(after), 0, list[Line]()
    if last is not None:
        behind = max(log_line_count(of, info) - wanted, 0) - 1
    while len(found) < wanted:
        limit = min(wanted - len(found), MAX_PAGE)
        page, total = call.services.history.console(call.actor, of.run.path, after=behind, limit=limit, tail=False)
        if not page:
            break
        call.budget.write(
            sum(len(line.text) for line, _ in page), "run.console_logs(per_page=...) with a smaller number"
        )
        found += page
        behind = page[-1][0].number
    end = found[-1][0].number if found else behind
    return connection([_line(*line) for line in found], str(end), more=end + 1 < total)


@run.field("logLineCount")
def log_line_count(of: Bucket, info: Any) -> int:
    """How many lines there are; a session counts its own from 0."""
    if of.stream:
        return 0
    call = asked(info)
    return call.services.history.console(call.actor, of.run.path, after=-1, limit=1, tail=True)[1]


def _line(line: ConsoleLine, label: str) -> dict[str, Any]:
    level = "error" if line.channel == Channel.STDERR else None
    return {
        "number": line.number, "timestamp": exact_moment(line.time), "level": level, "label": label or None,
        "line": line.text,
    }  # fmt: skip


def _number(cursor: str | None) -> int:
    if not cursor:
        return -1
    if not cursor.removeprefix("-").isdecimal() or len(cursor) > 15:
        raise UsageError("This is no line of this console. Start from the first page.")
    return int(cursor)


BINDABLES = (run,)
