"""The sidecar as the training sees it: who gets which message, and what happens when it dies."""

import contextlib
import itertools
import threading
import time

import pytest

from playhead.sdk import companion as module
from playhead.sdk.companion import Companion


class FakeLink:
    """A sidecar that says what the test wants."""

    def __init__(self):
        self.sent, self.says = [], []
        self.lives, self.disowned = True, False

    def send(self, message):
        if not self.lives:
            raise BrokenPipeError
        self.sent.append(message)

    def receive(self, timeout):
        end = time.monotonic() + timeout
        while not self.says and time.monotonic() < end:
            time.sleep(0.001)
        said, self.says = self.says, []
        return said

    def alive(self):
        return self.lives

    def close(self):
        self.lives = False

    def disown(self):
        self.disowned = True


@pytest.fixture
def links(monkeypatch):
    made = []

    def start(log):
        made.append(FakeLink())
        return made[-1]

    monkeypatch.setattr(module, "ProcessLink", start)
    return made


@pytest.fixture
def companion(links, tmp_path):
    companion = Companion("process", tmp_path / "log")
    for name in "ab":
        companion.add_run({"op": "run", "dir": name})
    return companion


def test_each_run_gets_its_own_messages(companion, links):
    links[0].says = [{"op": "x", "dir": "a"}, {"op": "y", "dir": "b"}, {"op": "z", "dir": "none"}, {"op": "w"}]
    assert companion.take("a") == [{"op": "x", "dir": "a"}]
    assert companion.take("a") == []
    assert companion.take("b") == [{"op": "y", "dir": "b"}]
    assert companion.take("never heard of") == []


def test_what_is_waited_for_is_not_taken_by_another(companion, links):
    found = []
    thread = threading.Thread(target=lambda: found.append(companion.wait("a", frozenset({"done"}), 30)))
    thread.start()
    end = time.monotonic() + 0.3
    links[0].says = [{"op": "progress", "dir": "a"}]
    while time.monotonic() < end:
        begun = time.monotonic()
        assert companion.take("b") == []
        assert time.monotonic() - begun < 5
    links[0].says = [{"op": "done", "dir": "a"}]
    companion.take("b")
    thread.join(30)
    assert found == [{"op": "done", "dir": "a"}]


def test_two_can_wait(companion, links):
    found = {}

    def wait(name):
        found[name] = companion.wait(name, frozenset({"done"}), 30)["dir"]

    threads = [threading.Thread(target=wait, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    links[0].says = [{"op": "done", "dir": "b"}, {"op": "done", "dir": "a"}]
    for thread in threads:
        thread.join(30)
    assert found == {"a": "a", "b": "b"}


def test_waiting_ends(companion):
    begun = time.monotonic()
    assert companion.wait("a", frozenset({"done"}), 0.1) is None
    assert 0.1 <= time.monotonic() - begun < 10


def test_a_new_sidecar_is_told_everything(companion, links):
    companion.finish_run("a")
    companion.forget_run("b")
    links[0].lives = False
    companion.take("a")
    assert links[0].disowned
    assert links[1].sent == [{"op": "run", "dir": "a"}, {"op": "finish", "dir": "a"}]


def test_a_message_to_a_dead_sidecar_reaches_the_next(companion, links):
    links[0].lives = False
    companion.finish_run("a")
    assert {"op": "finish", "dir": "a"} in links[1].sent


def test_it_is_started_more_and_more_rarely(companion, links, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    companion._began, companion._rest_until = now[0], 0.0
    starts = []
    for _ in range(6000):
        count = len(links)
        links[-1].lives = False
        companion.take("a")
        if len(links) > count:
            starts.append(now[0] - 1000)
        now[0] += 0.05
    gaps = [later - earlier for earlier, later in itertools.pairwise(starts)]
    assert [round(gap, 3) for gap in gaps] == sorted(round(gap, 3) for gap in gaps)
    assert gaps[0] < 1
    assert 50 < gaps[-1] < 70
    assert len(starts) < 12


def test_one_that_lived_long_is_started_at_once(companion, links, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    for _ in range(5):
        now[0] += 3600
        links[-1].lives = False
        companion.take("a")
    assert len(links) == 6


def test_a_refused_run_is_dropped(companion, links):
    companion.drop_run("a")
    assert links[0].sent[-1] == {"op": "drop", "dir": "a"}
    links[0].lives = False
    companion.take("b")
    assert links[1].sent == [{"op": "run", "dir": "b"}]


def test_unread_messages_are_bounded(companion, links):
    links[0].says = [{"op": "progress", "dir": "a", "n": n} for n in range(10_000)]
    companion.take("b")
    assert [message["n"] for message in companion.take("a")] == list(range(9800, 10_000))


def test_goodbye(companion, links):
    companion.close()
    assert links[0].sent[-1] == {"op": "bye"}
    companion.close()


def test_a_link_that_was_let_go_writes_nowhere(tmp_path):
    link = module.ProcessLink(tmp_path / "log")
    numbers = {link._in, link._out}
    link.disown()
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context((tmp_path / f"{n}").open("w+b")) for n in range(10)]
        assert numbers <= {file.fileno() for file in files}
        with pytest.raises(OSError, match="Bad file descriptor"):
            link.send({"op": "finish"})
        assert link.receive(0.01) == []
        assert not link.alive()
    assert not any((tmp_path / f"{n}").read_bytes() for n in range(10))
