"""What has a place on a run's timeline and is no row, and what is said of it."""

from __future__ import annotations

from playhead.domain.alert import level_of
from playhead.domain.limits import MAX_ALERT_TEXT
from playhead.ports.runs import Record
from playhead.wire.timeline import MarkView

MARKS = ("config", "file", "artifact", "alert", "state", "exit", "start", "meta")
"""Kinds of records that may be marks."""
_NAMES = {"start": "notes", "meta": "notes"}
_TITLES = {"file": "path", "artifact": "name", "alert": "title"}


def is_mark(record: Record) -> bool:
    """Whether a person wants to find it again: no image of a chart, no name of a machine."""
    if record.kind in {"start", "meta"}:
        return isinstance(record.data.get("notes"), str)
    if record.kind == "artifact":
        return "name" in record.data
    return not record.data.get("media")


def mark_view(mark: Record) -> MarkView:
    """It as the page shows it."""
    return MarkView(
        kind=_NAMES.get(mark.kind, mark.kind), step=mark.step, time=mark.time, segment=mark.segment, text=_text(mark),
        **_alert(mark),
    )  # fmt: skip


def _alert(mark: Record) -> dict[str, str]:
    """What an alert says beside its title."""
    if mark.kind != "alert":
        return {}
    return {"level": level_of(mark.data.get("level")), "more": str(mark.data.get("text", ""))[:MAX_ALERT_TEXT]}


def _text(mark: Record) -> str:
    """What a mark says, in a line."""
    data = mark.data
    match mark.kind:
        case "config":
            changed = data.get("set")
            names = [*(changed if isinstance(changed, dict) else ()), *(data.get("delete") or ())]
            return ", ".join(map(str, names))[:500]
        case "start" | "meta":
            return str(data.get("notes", ""))[:500]
        case "file" | "artifact" | "alert":
            return str(data.get(_TITLES[mark.kind], ""))[:500]
        case "exit":
            return f"exit code {data.get('code')}"
    return str(data.get("state", ""))[:500]
