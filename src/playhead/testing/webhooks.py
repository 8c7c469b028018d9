"""What every `playhead.ports.webhooks.Webhooks` must do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from playhead.domain.errors import NotFoundError
from playhead.domain.webhook import Delivery, Format, Webhook
from playhead.ports.webhooks import Webhooks

MOST = 100


def a_webhook(name: str = "w", **fields: Any) -> Webhook:
    """One of ada/p."""
    given: dict[str, Any] = {"entity": "ada", "project": "p", "url": f"https://example.org/{name}", "created_at": 1}
    return Webhook(id=name, **(given | fields))


def a_delivery(offset: int = 0, webhook: str = "w", **fields: Any) -> Delivery:
    """An alert that waits."""
    given: dict[str, Any] = {"stream": "s", "time": offset, "alert": {"title": f"at {offset}", "run": {"id": "r"}}}
    return Delivery(webhook=webhook, offset=offset, **(given | fields))


class WebhooksContract:
    """Subclass it with a fixture `webhooks`: an empty store."""

    def test_each_project_has_its_own(self, webhooks: Webhooks) -> None:
        ours = [a_webhook("b"), a_webhook("a", created_at=2, format=Format.SLACK)]
        for one in (*reversed(ours), a_webhook("c", project="q"), a_webhook("d", entity="bob")):
            webhooks.add(one)
        assert webhooks.webhooks("ada", "p") == ours
        assert webhooks.webhooks("ada", "P") == []

    def test_one_is_removed_with_what_waits(self, webhooks: Webhooks) -> None:
        for name in ("v", "w"):
            webhooks.add(a_webhook(name))
            webhooks.put([a_delivery(webhook=name)], MOST)
        for entity, project, name in (("ada", "q", "w"), ("bob", "p", "w"), ("ada", "p", "x")):
            with pytest.raises(NotFoundError):
                webhooks.remove(entity, project, name)
        webhooks.remove("ada", "p", "w")
        assert [one.id for one in webhooks.webhooks("ada", "p")] == ["v"]
        assert webhooks.waiting() == 1
        assert webhooks.put([a_delivery(5)], MOST) == 0
        assert [hook.id for hook, _ in webhooks.claim(9, 10, 9)] == ["v"]

    def test_what_is_put_again_is_there_once(self, webhooks: Webhooks) -> None:
        webhooks.add(a_webhook())
        for _ in range(2):
            assert webhooks.put([a_delivery(1), a_delivery(2), a_delivery(1, stream="t")], MOST) == 0
        assert webhooks.waiting() == 3
        [(hook, first)] = webhooks.claim(5, 6, 9)
        assert (hook, first) == (a_webhook(), a_delivery(1, attempts=1))
        webhooks.done(first)
        webhooks.put([a_delivery(1)], MOST)
        assert webhooks.waiting() == 2

    def test_there_is_only_so_much_room(self, webhooks: Webhooks) -> None:
        for name in ("v", "w"):
            webhooks.add(a_webhook(name))
        assert webhooks.put([a_delivery(number) for number in range(5)], 3) == 2
        assert webhooks.put([a_delivery(webhook="v")], 3) == 0
        webhooks.done(a_delivery(0))
        assert webhooks.put([a_delivery(7), a_delivery(8)], 3) == 1

    def test_it_is_claimed_by_one_until_its_time_is_over(self, webhooks: Webhooks) -> None:
        webhooks.add(a_webhook())
        webhooks.put([a_delivery()], MOST)
        assert webhooks.claim(-1, 9, 9) == []
        [(_, first)] = webhooks.claim(10, 20, 9)
        assert webhooks.claim(19, 29, 9) == []
        [(_, again)] = webhooks.claim(20, 30, 9)
        assert (first.attempts, again) == (1, replace(first, attempts=2))

    def test_one_a_webhook_and_the_longest_due_first(self, webhooks: Webhooks) -> None:
        for name in ("u", "v", "w"):
            webhooks.add(a_webhook(name))
            webhooks.put([a_delivery(number, name) for number in range(2)], MOST)
        assert {hook.id for hook, _ in webhooks.claim(9, 100, 9, without={"u"})} == {"v", "w"}
        [(hook, one)] = webhooks.claim(9, 100, 1, without={"v", "w"})
        assert (hook.id, one.offset) == ("u", 0)
        webhooks.later(one, 3, "It answered 500.")
        assert {one.offset for _, one in webhooks.claim(9, 100, 9)} == {1}
        assert len(webhooks.claim(9, 100, 9)) == 1

    def test_what_failed_is_told(self, webhooks: Webhooks) -> None:
        webhooks.add(a_webhook())
        webhooks.put([a_delivery()], MOST)
        webhooks.later(a_delivery(), 50, "It answered 500.")
        assert webhooks.webhooks("ada", "p")[0].problem == "It answered 500."
        assert webhooks.claim(49, 99, 9) == []
        [(hook, found)] = webhooks.claim(50, 99, 9)
        assert hook.problem == "It answered 500."
        webhooks.done(found)
        assert webhooks.webhooks("ada", "p")[0].problem is None
        assert webhooks.claim(1_000, 2_000, 9) == []

    def test_only_what_is_done_is_forgotten(self, webhooks: Webhooks) -> None:
        webhooks.add(a_webhook())
        webhooks.put([a_delivery(number) for number in range(4)], MOST)
        for number in (0, 1, 3):
            webhooks.done(a_delivery(number))
        webhooks.forget(3)
        webhooks.put([a_delivery(number) for number in range(4)], MOST)
        assert webhooks.waiting() == 3

    def test_a_topic_has_its_pause(self, webhooks: Webhooks) -> None:
        for name in ("v", "w"):
            webhooks.add(a_webhook(name))

        def left(time: int, topic: str = "t", webhook: str = "w", wait: int = 100) -> bool:
            before = webhooks.waiting()
            told = a_delivery(time, webhook, topic=topic, wait=wait, stream=f"s{before}")
            assert webhooks.put([told], MOST) == 0
            return webhooks.waiting() > before

        assert left(1_000)
        assert not left(1_000)
        assert not left(1_099)
        assert not left(901)  # told earlier, and heard of later
        assert left(1_099, topic="u")
        assert left(1_099, webhook="v")
        assert left(1_001, wait=0)
        assert left(1_101)
        [told] = [one for hook, one in webhooks.claim(2_000, 3_000, 9) if hook.id == "v"]
        assert (told.topic, told.wait) == ("t", 100)
        webhooks.done(told)
        webhooks.forget(1_199)
        assert not left(1_110, webhook="v")
        webhooks.forget(1_200)
        assert left(1_110, webhook="v")

    def test_many_at_once_claim_each_once(self, webhooks: Webhooks) -> None:
        names = [f"w{number}" for number in range(8)]
        for name in names:
            webhooks.add(a_webhook(name))
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: webhooks.put([a_delivery(webhook=name) for name in names], MOST), range(4)))
            claimed = list(pool.map(lambda _: webhooks.claim(9, 100, 9), range(4)))
        assert sorted(hook.id for some in claimed for hook, _ in some) == names
