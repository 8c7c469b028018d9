"""The training dies: the sidecar ships the rest and says so, at once."""

import json
import os
import signal
import time

import pytest

from a_fake_server import FakeServer
from a_training import Training, gone
from playhead.journal import format as f
from playhead.sidecar import own_journal
from waiting import until


@pytest.fixture
def train(tmp_path):
    started = []

    def start(server, **plan):
        started.append(Training(tmp_path / "playhead" / "run-1", server, **plan))
        return started[-1]

    yield start
    for one in started:
        one.close()


def states(fake):
    return fake.records(f.STATE, "system")


@pytest.mark.parametrize("fork", [0, 15], ids=["alone", "a forked child keeps the pipe"])
def test_killed(fake, train, fork):
    training = train(fake, rows=5000, fork=fork)
    training.wait_for("written")
    assert own_journal.in_use(training.folder)
    training.kill()
    begun = time.monotonic()
    until(lambda: states(fake))
    until(lambda: gone(training.sidecar))
    assert time.monotonic() - begun < 30
    assert states(fake) == [{"state": "crashed"}]
    assert fake.rows() == list(range(5000))
    assert len(fake.final) == 2
    assert json.loads((training.folder / "sync.json").read_text())["complete"]
    assert not own_journal.in_use(training.folder)


def test_ends_without_a_word(fake, train):
    training = train(fake, rows=10, then="exit")
    training.wait_for("written")
    training.process.wait()
    until(lambda: states(fake))
    assert fake.rows() == list(range(10))


def test_killed_before_the_sidecar_is_up(fake, train):
    training = train(fake, rows=10, meet=False)
    training.wait_for("written")
    training.kill()
    until(lambda: states(fake))
    assert fake.rows() == list(range(10))


@pytest.mark.parametrize("then", ["finish", "goodbye"])
def test_finished_run_did_not_crash(fake, train, then):
    training = train(fake, rows=10, then=then)
    training.wait_for("written")
    training.process.wait()
    until(lambda: gone(training.sidecar))
    assert states(fake) == []
    assert len(fake.final) == 2
    assert fake.rows() == list(range(10))


def test_offline_run_knows_that_it_crashed(train):
    training = train(None, rows=10)
    training.wait_for("written")
    training.kill()
    until(lambda: gone(training.sidecar))
    assert b'"crashed"' in (training.folder / "system.journal").read_bytes()


def test_told_to_end_without_a_server(train):
    nowhere = FakeServer()
    nowhere.close()
    training = train(nowhere, rows=10, meet=False)
    training.wait_for("trouble", "written")
    os.kill(training.sidecar, signal.SIGTERM)
    until(lambda: gone(training.sidecar), 8)
    assert b'"crashed"' not in (training.folder / "system.journal").read_bytes()
    assert json.loads((training.folder / "sync.json").read_text())["error"]


def test_ctrl_c_does_not_reach_it(fake, train):
    training = train(fake, rows=10)
    training.wait_for("written")
    assert os.getsid(training.sidecar) == training.sidecar
    os.kill(training.sidecar, signal.SIGINT)
    time.sleep(0.2)
    assert not gone(training.sidecar)
