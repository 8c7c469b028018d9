"""Trainings and syncs against a real server, which dies when it must."""

import math
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from a_home import NOBODY, Home, recorded
from a_training import Training, new_run
from playhead.journal import format as f
from playhead.sidecar import own_journal, sync
from playhead.sidecar.thread import ThreadLink
from waiting import until


@pytest.fixture
def mortal(tmp_path):
    home = Home(tmp_path / "data").begin()
    yield home
    home.kill()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "playhead" / "run-20261121_093000-x"


@pytest.fixture
def train(folder, run_id):
    started = []

    def start(server, **plan):
        started.append(Training(folder, server, run_id=run_id, **plan))
        return started[-1]

    yield start
    for one in started:
        one.close()


def test_live(home, train, run_id):
    training = train(home, rows=500, pause=0.002, then="finish")
    training.wait_for("done")
    run = home.run(run_id, "finished")
    rows = list(run.scan_history())
    assert [(row["_step"], row["step2"], row["loss"]) for row in rows] == [(i, i, 1 / (i + 1)) for i in range(500)]
    assert run.exit_code == 0
    assert run.metadata["program"] == "a_training.py"
    assert run.system_metrics()
    assert run.damaged == 0


def test_wrong_key(home, train):
    home_with_wrong_key = type("Wrong", (), {"url": home.url, "key": "local-" + "0" * 40})
    training = train(home_with_wrong_key, rows=1, meet=False)
    assert training.wait_for("refused")["code"] == "authentication"


def test_entity_of_somebody_else(home, train):
    training = train(home, rows=1, meet=False, header={"entity": "somebody"})
    assert training.wait_for("refused")["code"] in {"permission", "not_found"}


def test_server_killed_in_the_middle(mortal, train, run_id):
    training = train(mortal, rows=1500, pause=0.002, then="finish")
    until(lambda: len(mortal.steps(run_id)) > 100)
    mortal.kill()
    time.sleep(0.5)
    before = mortal.url
    mortal.begin()
    assert mortal.url == before
    training.wait_for("done")
    assert mortal.steps(run_id) == list(range(1500))
    assert mortal.run(run_id).state == "finished"


def test_sidecar_starts_the_local_server_again(mortal, train, run_id):
    training = train(mortal, rows=1000, pause=0.002, then="finish", local=str(mortal.data))
    until(lambda: len(mortal.steps(run_id)) > 100)
    mortal.kill()
    training.wait_for("done")
    mortal.begin()
    assert mortal.steps(run_id) == list(range(1000))


def test_training_killed(home, train, run_id):
    training = train(home, rows=3000)
    training.wait_for("written")
    training.kill()
    begun = time.monotonic()
    home.run(run_id, "crashed")
    assert time.monotonic() - begun < 30
    assert home.steps(run_id) == list(range(3000))


def test_sidecar_and_training_killed_then_sync(home, train, run_id, folder):
    training = train(home, rows=10_000, pause=0.0001, meet=False)
    until(lambda: len(home.steps(run_id)) > 1000)
    os.kill(psutil.Process(training.process.pid).children()[0].pid, signal.SIGKILL)
    training.wait_for("written")
    training.kill()
    assert not own_journal.in_use(folder)
    (outcome,) = home.sync(folder)
    assert outcome["marked_crashed"]
    assert home.steps(run_id) == list(range(10_000))
    assert home.run(run_id).state == "crashed"
    (again,) = home.sync(folder)
    assert (again["sent_bytes"], again["marked_crashed"], again["state"]) == (0, False, "complete")


def test_sync_and_again(home, run_id, folder):
    recorded(folder, run_id, 1000)
    (outcome,) = home.sync(folder)
    assert outcome["sent_bytes"] == outcome["total_bytes"] > 0
    assert outcome["run"] == f"{home.entity}/demo/{run_id}"
    assert home.run(run_id).state == "finished"
    assert [row["text"] for row in home.run(run_id).scan_history()] == [f"row {i}" for i in range(1000)]
    (again,) = home.sync(folder)
    assert again["sent_bytes"] == 0
    (folder / "sync.json").unlink()
    (again,) = home.sync(folder)
    assert again["sent_bytes"] == 0
    assert home.steps(run_id) == list(range(1000))


def test_interrupted_sync_goes_on(home, run_id, folder):
    recorded(folder, run_id, 400_000, text=False)
    env = {**os.environ, "PLAYHEAD_BASE_URL": home.url, "PLAYHEAD_API_KEY": home.key}
    process = subprocess.Popen(
        [sys.executable, "-m", "playhead.cli", "sync", str(folder)], env=env, stderr=subprocess.DEVNULL
    )
    until(lambda: home.run(run_id).step > 1000, 20)
    process.kill()
    process.wait()
    (outcome,) = home.sync(folder)
    assert 0 < outcome["sent_bytes"] < outcome["total_bytes"]
    run = home.run(run_id, "finished", 20)
    assert run.step == 400_000
    assert run.keys()[0].count == 400_000


def test_run_that_is_still_recorded(home, train, run_id, folder):
    training = train(None, rows=1000)
    training.wait_for("written")
    (outcome,) = home.sync(folder)
    assert outcome["state"] == "running"
    assert home.steps(run_id) == list(range(1000))
    assert home.run(run_id).state == "running"
    training.kill()
    until(lambda: not own_journal.in_use(folder))
    (outcome,) = home.sync(folder)
    assert outcome["state"] == "complete"
    assert home.run(run_id).state == "crashed"
    assert home.steps(run_id) == list(range(1000))


def test_sidecar_alone_makes_a_run_live(run_id, folder):
    new_run(folder, run_id, pid=NOBODY).close()
    assert not sync.is_live(folder)
    link = ThreadLink()
    link.send({"op": "run", "dir": str(folder), "server": None})
    until(lambda: sync.is_live(folder))
    link.close()
    until(lambda: not link.alive())
    assert not sync.is_live(folder)


def test_torn_end(home, run_id, folder):
    path = recorded(folder, run_id, 100) / "main.journal"
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 5)
    (outcome,) = home.sync(folder)
    assert outcome["error"] is None
    assert home.steps(run_id) == list(range(100))
    assert home.run(run_id).state == "crashed"  # it was the goodbye that was torn
    (again,) = home.sync(folder)
    assert again["sent_bytes"] == 0


def test_damaged_file(home, run_id, folder):
    path = recorded(folder, run_id, 1000) / "main.journal"
    data = bytearray(path.read_bytes())
    middle = data.index(b"row 500")
    data[middle] ^= 0xFF
    data[data.index(b"row 700") - 60 : data.index(b"row 710")] = bytes(300)
    path.write_bytes(data)
    (outcome,) = home.sync(folder)
    (loss,) = outcome["losses"]
    assert loss["file"] == "main.journal"
    assert loss["places"] >= 2
    assert loss["bytes"] > 300
    steps = home.steps(run_id)
    assert 500 not in steps
    assert steps[:500] == list(range(500))
    assert steps[-280:] == list(range(720, 1000))
    assert home.run(run_id).damaged >= 2


def test_file_that_is_no_journal(home, run_id, folder):
    folder.mkdir(parents=True)
    (folder / "main.journal").write_bytes(b"\0" * 5000)
    (outcome,) = home.sync(folder, expect=1)
    assert outcome["state"] == "failed"
    assert "journal" in outcome["error"]


def test_many_runs_at_once_and_only_what_is_left(home, tmp_path, run_id):
    for number in range(12):
        recorded(tmp_path / f"playhead/offline-run-20261121_0930{number:02}-{number}", f"{run_id}-{number}", 50)
    env = {"PLAYHEAD_DIR": str(tmp_path)}
    assert "playhead sync --all" in home.sync(expect=1, **env)
    assert len(home.sync("--all", **env)) == 12
    assert home.sync("--all", **env) == []
    for number in range(12):
        assert home.steps(f"{run_id}-{number}") == list(range(50))


def test_to_another_run(home, run_id, folder):
    recorded(folder, run_id, 100)
    home.sync(folder)
    for sent in (True, False):
        (outcome,) = home.sync(folder, "--id", run_id + "-b", "--project", "other")
        assert outcome["run"] == f"{home.entity}/other/{run_id}-b"
        assert bool(outcome["sent_bytes"]) is sent
    run = home.api.run(f"other/{run_id}-b")
    assert len(list(run.scan_history())) == 100
    assert len(home.steps(run_id)) == 100


def test_same_values_come_back(home, run_id, folder):
    values = {
        "nan": math.nan,
        "inf": math.inf,
        "big": 10**30,
        "text": "é",
        "none": None,
        "list": [1, math.nan],
        "yes": True,
        "i": 3,
    }
    writer = new_run(folder, run_id)
    writer.row(0, {**values, "list": None})
    writer.record(f.EXIT, 1, {"code": 1})
    home.sync(folder)
    (row,) = home.run(run_id, "failed").history()
    assert repr({key: row[key] for key in values}) == repr({**values, "list": None})
