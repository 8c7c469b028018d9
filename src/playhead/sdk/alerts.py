"""`run.alert`: something that people should hear of, with its place on the timeline. The same title is not told too often."""

from __future__ import annotations

import time
from typing import Any

from playhead.domain.alert import AlertLevel
from playhead.domain.errors import UsageError
from playhead.domain.limits import MAX_ALERT_TEXT, MAX_ALERT_TITLE

_WAIT = 60.0
_TITLES = 1_000
"""Titles of which it is remembered when they were told last."""


class Alerts:
    """Checks alerts, and holds back those whose title was told a moment ago."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}

    def take(self, title: Any, text: Any, level: Any, wait_duration: Any) -> dict[str, Any] | None:
        """The frame that says it; None if it is too early to say it again. UsageError for wrong arguments."""
        if not isinstance(title, str) or not 0 < len(title.strip()) <= MAX_ALERT_TITLE:
            raise UsageError(
                f"alert(title={title!r}): a title is a text of 1 to {MAX_ALERT_TITLE} characters (MAX_ALERT_TITLE)."
            )
        name = str(getattr(level, "value", level)).upper()
        if name not in list(AlertLevel):
            raise UsageError(f"alert(level={level!r}): say {', '.join(AlertLevel)}.")
        wait = _seconds(wait_duration)
        now = time.monotonic()
        if now - self._told.get(title, -1e18) < wait:
            return None
        self._told.pop(title, None)
        self._told[title] = now
        if len(self._told) > _TITLES:
            self._told.pop(next(iter(self._told)))
        told = {"title": title, "text": str(text)[:MAX_ALERT_TEXT], "level": name}
        return told | ({"wait": wait} if wait else {})


def _seconds(told: Any) -> float:
    """A number of seconds, or a timedelta. UsageError."""
    if told is None:
        return _WAIT
    seconds = told.total_seconds() if hasattr(told, "total_seconds") else told
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not seconds >= 0:
        raise UsageError(f"alert(wait_duration={told!r}): it is a number of seconds, or a timedelta.")
    return float(seconds)
