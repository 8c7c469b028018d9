"""Alerts that come one by one, not in a journal: one whose title was told a moment ago is held back here, as our SDK does it there."""

from __future__ import annotations

from typing import Any

from playhead.domain.account import Actor
from playhead.domain.errors import UsageError
from playhead.domain.ids import RunPath
from playhead.domain.limits import MAX_ALERT_TEXT, MAX_ALERT_TITLE
from playhead.ports.clock import Clock
from playhead.services.timeline import TimelineService


class AlertService:
    """Checks alerts, and holds back those that come too soon."""

    def __init__(self, *, timeline: TimelineService, clock: Clock) -> None:
        self._timeline = timeline
        self._clock = clock

    def take(self, actor: Actor, path: RunPath, title: str, text: str, level: str, wait: float) -> dict[str, Any] | None:  # fmt: skip
        """What the alert's frame says; None if one of its title was told less than `wait` seconds ago. UsageError without a title."""
        title = title[:MAX_ALERT_TITLE]
        if not title.strip():
            raise UsageError("An alert needs a title.")
        marks = self._timeline.marks(actor, path, None)
        told = (mark.time for mark in marks if mark.kind == "alert" and mark.data.get("title") == title)
        last = max(told, default=None)
        if last is not None and self._clock.now() - last < wait * 1e6:
            return None
        data = {"title": title, "text": text[:MAX_ALERT_TEXT], "level": level}
        return data | ({"wait": wait} if wait else {})
