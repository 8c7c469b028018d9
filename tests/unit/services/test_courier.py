"""Alerts for webhooks: which are taken, what is sent, when it is tried again."""

import threading

import pytest

from playhead.adapters.memory.clock import MemoryClock
from playhead.adapters.memory.webhooks import MemoryWebhooks
from playhead.adapters.post import HttpPost
from playhead.domain.errors import UsageError
from playhead.domain.limits import ALERT_AGE
from playhead.domain.webhook import Format, Webhook, format_for
from playhead.ports.runs import Record
from playhead.services import messages
from playhead.services.counters import Counters
from playhead.services.courier import FIRST, LONGEST, PATIENCE, Courier
from playhead.testing.made import PATH

HOOK = Webhook(id="w", entity="ada", project="p", url="http://127.0.0.1:9/")


@pytest.fixture
def clock():
    return MemoryClock()


@pytest.fixture
def webhooks():
    store = MemoryWebhooks()
    store.add(HOOK)
    return store


@pytest.fixture
def courier(webhooks, clock):
    post = HttpPost(private=True)
    return Courier(webhooks=webhooks, post=post, clock=clock, counters=Counters(), url="http://here", draw=lambda: 1.0)


def an_alert(clock, age=0.0, offset=0, **data):
    told = {"title": "t", "text": "x", "level": "WARN", **data}
    return Record(kind="alert", offset=offset, step=7, time=clock.now() - int(age * 1e6), data=told)


def test_an_alert_that_is_told_again_waits_once(courier, webhooks, clock):
    for _ in range(2):
        courier.take(PATH, "n", "s", [an_alert(clock), an_alert(clock, offset=5)])
    assert webhooks.waiting() == 2


def test_what_arrives_long_after_is_no_news(courier, webhooks, clock):
    ages = (ALERT_AGE - 1, ALERT_AGE + 1, 9e6, -ALERT_AGE - 1)
    courier.take(PATH, "n", "s", [an_alert(clock, age, number) for number, age in enumerate(ages)])
    assert webhooks.waiting() == 1


def test_pauses_grow_and_believe_the_receiver(courier):
    pauses = [courier._pause(attempts, None) for attempts in range(1, 12)]
    assert pauses[:3] == [FIRST, 2 * FIRST, 4 * FIRST]
    assert max(pauses) == LONGEST
    assert courier._pause(1, 30.0) >= 30
    assert courier._pause(1, 1e9) <= PATIENCE + LONGEST


def test_it_says_where_the_alert_is_from(clock):
    told = messages.alert(an_alert(clock), "s", PATH, "calm-river-1", "http://here/r")
    assert told == {
        "type": "alert", "id": "s:0", "title": "t", "text": "x", "level": "WARN", "step": 7, "time": clock.now(),
        "project": {"entity": "ada", "name": "p"}, "run": {"id": "r", "name": "calm-river-1", "url": "http://here/r"},
    }  # fmt: skip


def test_slack_sees_no_mentions_in_what_people_wrote(clock):
    record = an_alert(clock, title="<!channel>", text="&" * 9_000)
    told = messages.slack(messages.alert(record, "s", PATH, "<@U1>", "http://here/r"))
    header, section, context = told["blocks"]
    assert "<!" not in told["text"]
    assert (header["text"]["type"], section["text"]["type"]) == ("plain_text", "plain_text")
    assert len(section["text"]["text"]) <= 3_000
    assert context["elements"][0]["text"] == "<http://here/r|&lt;@U1&gt;> in ada/p, step 7"


def test_the_host_says_what_is_taken():
    assert format_for("https://hooks.slack.com/services/T/B/X") is Format.SLACK
    assert format_for("https://hooks.slack.com.example.org/services") is Format.JSON


PRIVATE = [
    "127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "localhost", "[::1]", "[::]", "[fe80::1]", "[fd00:ec2::254]", "[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]",
    "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "2130706433", "0x7f.1", "127.1",
]  # fmt: skip


@pytest.mark.parametrize("host", PRIVATE)
def test_nothing_is_sent_into_private_networks(host):
    post = HttpPost(private=False)
    for call in (lambda: post.check(f"http://{host}/x"), lambda: post.send(f"http://{host}:1/x", b"{}")):
        with pytest.raises(UsageError, match="webhooks-private"):
            call()


@pytest.mark.parametrize("host", ["8.8.8.8", "[2606:4700::1111]"])
def test_the_internet_is_no_private_network(host):
    HttpPost(private=False).check(f"https://{host}/x")


@pytest.mark.parametrize(
    "url",
    ["", "example.org", "ftp://example.org", "file:///etc/passwd", "http://", "http://u:p@example.org", "http://a b",
     "http://example.org/\r\nX: y", "http://example.org:99999", "http://[::1", "https://example.org/" + "x" * 3_000],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(UsageError):
        HttpPost(private=True).check(url)


def test_it_ends_while_idle(courier):
    courier.start()
    courier.close()
    assert not [one for one in threading.enumerate() if one.name == "playhead-courier"]
