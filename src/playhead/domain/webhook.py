"""Webhooks: where a project's alerts are sent, and what is on its way there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

SLACK_HOST = "hooks.slack.com"


class Format(StrEnum):
    """What a webhook is sent."""

    JSON = "json"
    """The alert as an object of ours, see docs/guides/alerts.md."""
    SLACK = "slack"
    """A message as Slack takes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An address that hears of a project's alerts."""

    id: str
    entity: str
    project: str
    url: str
    """Often a secret: whoever has it may post there."""
    format: Format = Format.JSON
    created_at: int = 0
    problem: str | None = None
    """Why the last delivery failed; None if it did not."""

    @property
    def shortened(self) -> str:
        """The address without what may be secret of it."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}/…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An alert on its way to a webhook. (Webhook, stream, offset) is its identity: it exists once, however often it is told."""

    webhook: str
    stream: str
    offset: int
    """Where the alert stands in its journal."""
    time: int
    """When it was raised."""
    alert: Mapping[str, Any]
    attempts: int = 0
    """How often it was taken to be sent."""
    topic: str = ""
    """What it is about,"""
    wait: int = 0
    """and how many microseconds must lie between it and another of that topic."""


def format_for(url: str) -> Format:
    """What the host of `url` most likely takes."""
    return Format.SLACK if urlsplit(url).hostname == SLACK_HOST else Format.JSON
