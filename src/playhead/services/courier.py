"""Alerts on their way to webhooks, in the background. What waits is in the catalog: a server that is killed goes on where it was."""

from __future__ import annotations

import logging
import queue
import random
import threading
from collections.abc import Callable, Sequence
from urllib.parse import quote

from playhead.domain.errors import CommError, UsageError
from playhead.domain.ids import RunPath
from playhead.domain.limits import ALERT_AGE, MAX_ALERTS_WAITING, MAX_ATTEMPTS, POST_SECONDS
from playhead.domain.webhook import Delivery, Webhook
from playhead.ports.clock import Clock
from playhead.ports.post import Post
from playhead.ports.runs import Record
from playhead.ports.webhooks import Webhooks
from playhead.services import messages
from playhead.services.counters import Counters

FIRST = 2.0
"""Seconds until the second attempt, about; each further one takes twice as long."""
LONGEST = 600.0
"""Seconds between two attempts at most."""
PATIENCE = 3_600.0
"""Seconds that a `Retry-After` can ask for at most."""
LEASE = 2 * POST_SECONDS + 10
"""Seconds after which another attempt is made if the server that made one is gone."""
WORKERS = 4
"""Deliveries at the same time, one a webhook."""
LOOK_EVERY = 1.0
"""Seconds between looks at what is due."""
FORGET_EVERY = 600.0
CLOSE_WITHIN = 5.0
"""Seconds that a delivery gets to end when the server ends."""
_AGAIN = frozenset({408, 425, 429})
"""Refusals that may be none the next time; all others but those of a server in trouble stay."""

_log = logging.getLogger("playhead.server")


class Courier:
    """Takes alerts in, and some threads that deliver them. Safe to call from any thread."""

    def __init__(
        self, *, webhooks: Webhooks, post: Post, clock: Clock, counters: Counters, url: str,
        draw: Callable[[], float] = random.random,
    ) -> None:  # fmt: skip
        """`url` is where people reach the server, empty if that is not known."""
        self._webhooks = webhooks
        self._post = post
        self._clock = clock
        self._counters = counters
        self._url = url
        self._draw = draw
        self._ready: queue.Queue[tuple[Webhook, Delivery] | None] = queue.Queue()
        self._busy: set[str] = set()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def take(self, run: RunPath, name: str, stream: str, records: Sequence[Record]) -> None:
        """Let the alerts among a stream's records wait for the project's webhooks, but for those that are no news any more.

        The same ones may come again: each is sent once.
        """
        now = self._clock.now()
        fresh = [r for r in records if r.kind == "alert" and abs(now - r.time) < ALERT_AGE * 1e6]
        hooks = self._webhooks.webhooks(run.entity, run.project) if fresh else []
        if not hooks:
            return
        waiting = [
            Delivery(
                webhook=hook.id,
                stream=stream,
                offset=record.offset,
                time=record.time,
                alert=told,
                topic=messages.topic(told),
                wait=messages.wait(record),
            )
            for record in fresh
            for told in [messages.alert(record, stream, run, name, self._address(run))]
            for hook in hooks
        ]
        left_out = self._webhooks.put(waiting, MAX_ALERTS_WAITING)
        if left_out:
            self._count("no_room", left_out)
            _log.warning("%d alerts of %s are not sent: too many wait for its webhooks", left_out, run)
        self._wake.set()

    def start(self) -> None:
        """Begin."""
        targets = [self._serve, *[self._work] * WORKERS]
        self._threads = [threading.Thread(target=one, name="playhead-courier", daemon=True) for one in targets]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop. What is under way gets a moment; what is not done by then is sent by the next server."""
        self._stop.set()
        self._wake.set()
        for _ in range(WORKERS):
            self._ready.put(None)
        for thread in self._threads:
            thread.join(CLOSE_WITHIN / WORKERS)

    def _serve(self) -> None:
        looks = 0
        while not self._stop.is_set():
            try:
                if looks % int(FORGET_EVERY / LOOK_EVERY) == 0:
                    self._webhooks.forget(self._clock.now() - int(2 * ALERT_AGE * 1e6))
                self._hand_out()
            except Exception:  # noqa: BLE001 the next look may do better
                _log.exception("alerts for webhooks")
            looks += 1
            self._wake.wait(LOOK_EVERY)
            self._wake.clear()

    def _hand_out(self) -> None:
        """Give what is due to workers that have nothing to do."""
        busy = set(self._busy)
        now = self._clock.now()
        free = WORKERS - len(busy)
        for found in self._webhooks.claim(now, now + int(LEASE * 1e6), free, busy) if free > 0 else []:
            self._busy.add(found[0].id)
            self._ready.put(found)

    def _work(self) -> None:
        while (found := self._ready.get()) is not None:
            try:
                self._deliver(*found)
            except Exception:  # noqa: BLE001 its lease ends, and it is tried again
                _log.exception("an alert for a webhook")
            self._busy.discard(found[0].id)
            self._wake.set()

    def _deliver(self, hook: Webhook, delivery: Delivery) -> None:
        """One attempt, and what becomes of the alert then."""
        asked: float | None = None
        again = True
        try:
            answer = self._post.send(hook.url, messages.body(delivery.alert, hook.format))
        except CommError as error:
            problem = error.message
        except UsageError as error:
            problem, again = error.message, False
        else:
            if 200 <= answer.status < 300:
                self._webhooks.done(delivery)
                self._counters.add("playhead_alerts_sent_total")
                return
            problem, asked = f"It answered {answer.status}.", answer.retry_after
            again = answer.status >= 500 or answer.status in _AGAIN
        if again and delivery.attempts < MAX_ATTEMPTS:
            self._webhooks.later(
                delivery, self._clock.now() + int(self._pause(delivery.attempts, asked) * 1e6), problem
            )
            return
        self._webhooks.done(delivery, problem)
        self._count("given_up" if again else "refused")
        _log.warning(
            "an alert was not delivered to %s after %d attempts: %s", hook.shortened, delivery.attempts, problem
        )

    def _pause(self, attempts: int, asked: float | None) -> float:
        """Seconds until the next attempt: longer each time, half of it by chance, and never less than was asked for."""
        pause = min(LONGEST, FIRST * 2.0 ** (attempts - 1)) * (0.5 + self._draw() / 2)
        return pause if asked is None else min(asked, PATIENCE) + pause / 2

    def _address(self, run: RunPath) -> str | None:
        entity, project, run_id = (quote(part, safe="") for part in run)
        return f"{self._url}/{entity}/{project}/runs/{run_id}" if self._url else None

    def _count(self, reason: str, number: int = 1) -> None:
        self._counters.add("playhead_alerts_not_sent_total", number, reason=reason)
