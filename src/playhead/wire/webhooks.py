"""Webhooks of a project, as client and server tell each other of them. Times are microseconds since 1970 (UTC)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookNew:
    """Let an address hear of the project's alerts."""

    url: str
    format: str | None = None
    """`json` or `slack`; None: by the host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookView:
    """An address that hears of the project's alerts."""

    id: str
    url: str
    """Shortened to its host for who may not change the project: the rest of it may be a secret."""
    format: str
    created_at: int
    problem: str | None = None
    """Why the last delivery failed; None if it did not."""
