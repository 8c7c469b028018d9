"""What a webhook is sent of an alert: see docs/guides/alerts.md."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from playhead.domain.alert import level_of
from playhead.domain.ids import RunPath
from playhead.domain.limits import MAX_ALERT_TEXT, MAX_ALERT_TITLE
from playhead.domain.webhook import Format
from playhead.ports.runs import Record

MAX_WAIT = 30 * 86_400.0
"""Seconds for which another alert of the same title can be held back."""
_SLACK_TEXT = 2_900
"""Characters that Slack takes in one block, nearly."""


def alert(record: Record, stream: str, run: RunPath, name: str, url: str | None) -> dict[str, Any]:
    """The alert as our own object. What a journal says is not trusted to be of the right kinds and sizes."""
    return {
        "type": "alert",
        "id": f"{stream}:{record.offset}",
        "title": str(record.data.get("title", ""))[:MAX_ALERT_TITLE],
        "text": str(record.data.get("text", ""))[:MAX_ALERT_TEXT],
        "level": level_of(record.data.get("level")),
        "step": record.step,
        "time": record.time,
        "project": {"entity": run.entity, "name": run.project},
        "run": {"id": run.run_id, "name": name, "url": url},
    }


def topic(told: Mapping[str, Any]) -> str:
    """What is not to be sent too often: the alerts of one title of one run."""
    return hashlib.sha256(f"{told['run']['id']}\0{told['title']}".encode("utf-8", "replace")).hexdigest()[:32]


def wait(record: Record) -> int:
    """Microseconds until the next one of its topic, as the training wants it."""
    told = record.data.get("wait")
    return round(min(told, MAX_WAIT) * 1e6) if isinstance(told, (int, float)) and told > 0 else 0


def body(told: Mapping[str, Any], form: Format) -> bytes:
    """The alert as a webhook of this format takes it."""
    return msgspec.json.encode(told if form is Format.JSON else slack(told))


def slack(told: Mapping[str, Any]) -> dict[str, Any]:
    """The alert as a message: a line for notifications, and blocks."""
    run, project = told["run"], told["project"]
    title, name = f"{told['level']}: {told['title']}", _escaped(run["name"] or run["id"])
    where = f"{_escaped(project['entity'])}/{_escaped(project['name'])}"
    link = f"<{run['url']}|{name}>" if run["url"] else name
    blocks: list[dict[str, Any]] = [{"type": "header", "text": {"type": "plain_text", "text": title, "emoji": False}}]
    if told["text"]:
        text = {"type": "plain_text", "text": told["text"][:_SLACK_TEXT], "emoji": False}
        blocks.append({"type": "section", "text": text})
    said = {"type": "mrkdwn", "text": f"{link} in {where}, step {told['step']}"}
    blocks.append({"type": "context", "elements": [said]})
    return {"text": f"{_escaped(title)} ({name} in {where})", "blocks": blocks}


def _escaped(text: str) -> str:
    """`text`, so that Slack sees neither links nor mentions in it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
