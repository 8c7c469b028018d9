"""Webhooks on dicts."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from playhead.domain.errors import NotFoundError
from playhead.domain.webhook import Delivery, Webhook


@dataclass(slots=True)
class _Waiting:
    delivery: Delivery
    due: int = 0
    done: bool = False


class MemoryWebhooks:
    """`playhead.ports.webhooks.Webhooks` in memory."""

    def __init__(self) -> None:
        self._webhooks: dict[str, Webhook] = {}
        self._queue: dict[tuple[str, str, int], _Waiting] = {}
        self._lock = threading.Lock()

    def add(self, webhook: Webhook) -> None:
        with self._lock:
            self._webhooks[webhook.id] = webhook

    def webhooks(self, entity: str, project: str) -> list[Webhook]:
        with self._lock:
            own = [one for one in self._webhooks.values() if (one.entity, one.project) == (entity, project)]
        return sorted(own, key=lambda one: (one.created_at, one.id))

    def remove(self, entity: str, project: str, webhook: str) -> None:
        with self._lock:
            found = self._webhooks.get(webhook)
            if found is None or (found.entity, found.project) != (entity, project):
                raise NotFoundError(f"{entity}/{project} has no webhook {webhook!r}.")
            del self._webhooks[webhook]
            self._queue = {key: one for key, one in self._queue.items() if key[0] != webhook}

    def put(self, deliveries: Sequence[Delivery], most: int) -> int:
        left_out = 0
        with self._lock:
            for one in deliveries:
                key = _key(one)
                if one.webhook not in self._webhooks or key in self._queue or self._near(one):
                    continue
                if sum(not it.done for it in self._queue.values() if it.delivery.webhook == one.webhook) >= most:
                    left_out += 1
                else:
                    self._queue[key] = _Waiting(one)
        return left_out

    def claim(self, now: int, until: int, limit: int, without: Collection[str] = ()) -> list[tuple[Webhook, Delivery]]:
        with self._lock:
            ripe = [one for one in self._queue.values() if not one.done and one.due <= now]
            ripe.sort(key=lambda one: (one.due, one.delivery.time, _key(one.delivery)))
            first: dict[str, _Waiting] = {}
            for one in ripe:
                if one.delivery.webhook not in without:
                    first.setdefault(one.delivery.webhook, one)
            claimed = list(first.values())[:limit]
            for one in claimed:
                one.due = until
                one.delivery = replace(one.delivery, attempts=one.delivery.attempts + 1)
            return [(self._webhooks[one.delivery.webhook], one.delivery) for one in claimed]

    def later(self, delivery: Delivery, due: int, problem: str) -> None:
        with self._lock:
            if _key(delivery) in self._queue:
                self._queue[_key(delivery)].due = due
            self._tell(delivery, problem)

    def done(self, delivery: Delivery, problem: str | None = None) -> None:
        with self._lock:
            if _key(delivery) in self._queue:
                self._queue[_key(delivery)].done = True
            self._tell(delivery, problem)

    def forget(self, before: int) -> None:
        with self._lock:
            self._queue = {
                key: one
                for key, one in self._queue.items()
                if not one.done or one.delivery.time + one.delivery.wait >= before
            }

    def waiting(self) -> int:
        with self._lock:
            return sum(not one.done for one in self._queue.values())

    def _near(self, one: Delivery) -> bool:
        others = (it.delivery for it in self._queue.values())
        return any(
            (it.webhook, it.topic) == (one.webhook, one.topic) and abs(it.time - one.time) < one.wait for it in others
        )

    def _tell(self, delivery: Delivery, problem: str | None) -> None:
        if delivery.webhook in self._webhooks:
            self._webhooks[delivery.webhook] = replace(self._webhooks[delivery.webhook], problem=problem)


def _key(delivery: Delivery) -> tuple[str, str, int]:
    return delivery.webhook, delivery.stream, delivery.offset
