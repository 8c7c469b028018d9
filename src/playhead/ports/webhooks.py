"""Webhooks of projects, and the alerts that wait to be sent to them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from playhead.domain.webhook import Delivery, Webhook


class Webhooks(Protocol):
    """**Contract.** Safe to call from any thread and any number of server processes. A call that returned is durable."""

    def add(self, webhook: Webhook) -> None:
        """Add one to its project."""
        ...

    def webhooks(self, entity: str, project: str) -> list[Webhook]:
        """Those of a project, oldest first."""
        ...

    def remove(self, entity: str, project: str, webhook: str) -> None:
        """Forget it and what waits for it. NotFoundError if the project has none of that id."""
        ...

    def put(self, deliveries: Sequence[Delivery], most: int) -> int:
        """Let these wait, due at once, but for those that are known already (delivered ones too), whose webhook is gone, or that
        come nearer than their `wait` to another of their topic for the same webhook, whichever process put that one.

        At most `most` wait for one webhook: the answer is how many found no room.
        """
        ...

    def claim(self, now: int, until: int, limit: int, without: Collection[str] = ()) -> list[tuple[Webhook, Delivery]]:
        """What is due, the longest first, one a webhook and none of `without`; nobody else gets it before `until`. Counts an attempt."""
        ...

    def later(self, delivery: Delivery, due: int, problem: str) -> None:
        """It failed, and is due again then."""
        ...

    def done(self, delivery: Delivery, problem: str | None = None) -> None:
        """It was delivered, or given up for that reason. It is remembered, so that it does not come again."""
        ...

    def forget(self, before: int) -> None:
        """Forget what is done of alerts whose `wait` was over before that time."""
        ...

    def waiting(self) -> int:
        """How many are not done."""
        ...
