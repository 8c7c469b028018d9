"""Lines of the client's console, as it writes them of old and today."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from playhead.domain.limits import MAX_CONSOLE_LINE
from playhead.domain.run import Channel
from playhead.journal import format as f
from playhead.wandb_protocol.rows import Rows, parsed
from playhead.wandb_protocol.sessions import Piece

FILE = "output.log"
_OLD = re.compile(r"(ERROR )?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?)Z? (.*)", re.DOTALL)
_LABEL = re.compile(r"\[([^\]]*)\] ")


class Line(NamedTuple):
    """A line of the console."""

    text: str
    channel: str = Channel.STDOUT
    time: int | None = None
    label: str = ""


def read(told: str, *, labelled: bool = False) -> Line:
    """The line in what the client says: JSON, or text behind a time. What is neither is the line itself.

    `labelled`: whether lines of old have the writer's label before their text.
    """
    if told.startswith("{"):
        data = parsed(told)
        if data is not None and isinstance(data.get("content"), str):
            channel = Channel.STDERR if data.get("level") == "error" else Channel.STDOUT
            return Line(data["content"], channel, _time(data.get("ts")), str(data.get("label") or ""))
    found = _OLD.fullmatch(told)
    time = _time(found[2]) if found else None
    if found is None or time is None:
        return Line(told)
    text, label = found[3], ""
    named = _LABEL.match(text) if labelled else None
    if named is not None:
        text, label = text[named.end() :], named[1]
    return Line(text, Channel.STDERR if found[1] else Channel.STDOUT, time, label)


def label_of(told: Any) -> str:
    """Of the line's writer; empty if it says nothing of it."""
    return read(told, labelled=True).label if isinstance(told, str) else ""


def _time(told: Any) -> int | None:
    try:
        moment = datetime.fromisoformat(told)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1e6)


def write(piece: Piece, offset: int, content: Sequence[Any], rows: Rows) -> None:
    """Append the lines; those that the session has already are written anew, for the client has changed them."""
    for number, told in enumerate(content, offset):
        if not isinstance(told, str):
            piece.unread += 1
            continue
        line = read(told, labelled=piece.stream.shared)
        time = piece.now if line.time is None else line.time
        data = {"n": number, "c": str(line.channel), "t": line.text[:MAX_CONSOLE_LINE]}
        piece.record(f.CONSOLE, data, step=rows.before(time), time=time)
    piece.take(FILE, offset, offset + len(content))
