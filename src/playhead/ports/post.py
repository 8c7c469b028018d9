"""Sending something to an address that a user named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    retry_after: float | None = None
    """Seconds after which to come again, if it said."""


class Post(Protocol):
    """**Contract.** Safe to call from any thread. No call takes much longer than `playhead.domain.limits.POST_SECONDS`."""

    def check(self, url: str) -> None:
        """UsageError if `url` is no HTTP address, or one that this server does not send to. One that is not known now may be later."""
        ...

    def send(self, url: str, body: bytes) -> Answer:
        """POST JSON there; redirects are answers. UsageError as in `check`, CommError if it could not be reached."""
        ...
