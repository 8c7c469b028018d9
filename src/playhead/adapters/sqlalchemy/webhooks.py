"""Webhooks and what waits for them, in tables."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, insert, select, update

from playhead.adapters.sqlalchemy.engine import Database
from playhead.adapters.sqlalchemy.tables import deliveries as queue
from playhead.adapters.sqlalchemy.tables import webhooks
from playhead.domain.errors import NotFoundError
from playhead.domain.webhook import Delivery, Format, Webhook

_OPEN = ~queue.c.done


class SqlWebhooks:
    """`playhead.ports.webhooks.Webhooks` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, webhook: Webhook) -> None:
        values = {name: getattr(webhook, name) for name in ("id", "entity", "project", "url", "created_at", "problem")}
        with self._database.write() as connection:
            connection.execute(insert(webhooks).values(**values, format=webhook.format.value))

    def webhooks(self, entity: str, project: str) -> list[Webhook]:
        own = select(webhooks).where(webhooks.c.entity == entity, webhooks.c.project == project)
        with self._database.read() as connection:
            return [_webhook(row) for row in connection.execute(own.order_by(webhooks.c.created_at, webhooks.c.id))]

    def remove(self, entity: str, project: str, webhook: str) -> None:
        own = (webhooks.c.id == webhook, webhooks.c.entity == entity, webhooks.c.project == project)
        with self._database.write() as connection:
            if connection.scalar(select(webhooks.c.id).where(*own).with_for_update()) is None:
                raise NotFoundError(f"{entity}/{project} has no webhook {webhook!r}.")
            connection.execute(delete(queue).where(queue.c.webhook == webhook))
            connection.execute(delete(webhooks).where(*own))

    def put(self, deliveries: Sequence[Delivery], most: int) -> int:
        def work(connection: Connection) -> int:
            return sum(not _put(connection, one, most) for one in deliveries)

        return self._database.settled(work)

    def claim(self, now: int, until: int, limit: int, without: Collection[str] = ()) -> list[tuple[Webhook, Delivery]]:
        due = and_(_OPEN, queue.c.due <= now)
        whose = select(queue.c.webhook).where(due, queue.c.webhook.not_in(sorted(without))).group_by(queue.c.webhook)
        with self._database.read() as connection:
            ripe = connection.scalars(whose.order_by(func.min(queue.c.due)).limit(limit)).all()
        if not ripe:
            return []
        with self._database.write() as connection:
            return [found for one in ripe if (found := _claim(connection, one, due, until)) is not None]

    def later(self, delivery: Delivery, due: int, problem: str) -> None:
        self._tell(delivery, problem, due=due)

    def done(self, delivery: Delivery, problem: str | None = None) -> None:
        self._tell(delivery, problem, done=True)

    def forget(self, before: int) -> None:
        with self._database.write() as connection:
            connection.execute(delete(queue).where(queue.c.done, queue.c.time + queue.c.wait < before))

    def waiting(self) -> int:
        with self._database.read() as connection:
            return connection.scalar(select(func.count()).select_from(queue).where(_OPEN)) or 0

    def _tell(self, delivery: Delivery, problem: str | None, **values: Any) -> None:
        with self._database.write() as connection:
            connection.execute(update(webhooks).where(webhooks.c.id == delivery.webhook).values(problem=problem))
            connection.execute(update(queue).where(_is(delivery)).values(**values))


def _put(connection: Connection, one: Delivery, most: int) -> bool:
    """Whether there was room for it, if it was needed. The webhook is locked: it neither goes meanwhile nor gets too much."""
    known = connection.scalar(select(webhooks.c.id).where(webhooks.c.id == one.webhook).with_for_update())
    if known is None or connection.scalar(select(queue.c.offset).where(_is(one) | _near(one)).limit(1)) is not None:
        return True
    count = select(func.count()).select_from(queue).where(_OPEN, queue.c.webhook == one.webhook)
    if (connection.scalar(count) or 0) >= most:
        return False
    values = {name: getattr(one, name) for name in ("webhook", "stream", "offset", "time", "attempts", "topic", "wait")}
    connection.execute(insert(queue).values(**values, alert=dict(one.alert), due=0, done=False))
    return True


def _claim(
    connection: Connection, webhook: str, due: ColumnElement[bool], until: int
) -> tuple[Webhook, Delivery] | None:
    hook = connection.execute(select(webhooks).where(webhooks.c.id == webhook)).one_or_none()
    order = (queue.c.due, queue.c.time, queue.c.stream, queue.c.offset)
    own = select(queue).where(queue.c.webhook == webhook, due).order_by(*order).limit(1)
    row = connection.execute(own.with_for_update(skip_locked=True)).one_or_none()
    if hook is None or row is None:
        return None
    found = Delivery(
        webhook=webhook, stream=row.stream, offset=row.offset, time=row.time, alert=row.alert, attempts=row.attempts + 1,
        topic=row.topic, wait=row.wait,
    )  # fmt: skip
    connection.execute(update(queue).where(_is(found)).values(due=until, attempts=found.attempts))
    return _webhook(hook), found


def _is(one: Delivery) -> ColumnElement[bool]:
    return and_(queue.c.webhook == one.webhook, queue.c.stream == one.stream, queue.c.offset == one.offset)


def _near(one: Delivery) -> ColumnElement[bool]:
    """Another of its topic, of about its time."""
    near = (queue.c.time > one.time - one.wait, queue.c.time < one.time + one.wait)
    return and_(queue.c.webhook == one.webhook, queue.c.topic == one.topic, *near)


def _webhook(row: Row[Any]) -> Webhook:
    return Webhook(
        id=row.id, entity=row.entity, project=row.project, url=row.url, format=Format(row.format),
        created_at=row.created_at, problem=row.problem,
    )  # fmt: skip
