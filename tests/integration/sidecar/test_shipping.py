"""The sidecar as a process, beside a training and a server that may fail."""

import hashlib
import itertools
import json
import os
import threading
import time

import psutil
import pytest

from a_fake_server import FakeServer
from a_training import new_run
from playhead.domain.limits import MAX_BATCH, SHIP_BATCH
from playhead.journal import format as f
from playhead.sidecar.thread import ThreadLink
from waiting import until


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "playhead" / "run-1"


def begin(parent, folder, server, **more):
    told = {"url": server.url, "key": "the-key"} if server else None
    message = {
        "op": "run",
        "dir": str(folder),
        "server": told,
        "local": None,
        "meta": {"pid": os.getpid(), "cwd": "/"},
        **more,
    }
    parent.send(message)


def finish(parent, folder, writer, code=0):
    writer.record(f.EXIT, 0, {"code": code})
    parent.send({"op": "finish", "dir": str(folder)})


def state(folder):
    return json.loads((folder / "sync.json").read_text())


def test_rows_arrive_while_the_training_runs(fake, parent, folder):
    writer = new_run(folder)
    begin(parent, folder, fake)
    parent.wait_for("registered")
    waits = []
    for step in range(20):
        begun = time.monotonic()
        writer.row(step, {"loss": 0.5})
        until(lambda step=step: step in fake.rows())
        waits.append(time.monotonic() - begun)
    assert sorted(waits)[10] < 3
    finish(parent, folder, writer)
    assert parent.wait_for("done")["dir"] == str(folder)
    assert fake.rows() == list(range(20))
    assert len(fake.final) == 2
    assert {request[4] for request in fake.requests} == {"Bearer the-key"}
    told = state(folder)
    assert told["complete"]
    assert told["streams"] == {stream: len(data) for stream, data in fake.streams.items()}


def test_a_busy_training_does_not_hold_back_the_system(fake, parent, folder):
    """There are new rows whenever the sidecar looks; what it says itself gets across all the same."""
    writer = new_run(folder)
    begin(parent, folder, fake)
    steps, over = itertools.count(), threading.Event()

    def train():
        while not over.wait(0.01):
            writer.row(next(steps), {"loss": 0.5})

    training = threading.Thread(target=train)
    training.start()
    try:
        assert until(lambda: fake.records(f.META, "system"), timeout=20)
    finally:
        over.set()
        training.join()


def test_a_training_that_is_over_at_once_takes_few_requests(fake, parent, folder):
    """All of its journal with its end, then the system's, which may need another: each request is a commit of the server, which the training waits for."""
    writer = new_run(folder)
    writer.row(0, {"loss": 0.5})
    begin(parent, folder, fake)
    finish(parent, folder, writer)
    parent.wait_for("done")
    asked = [(request[1], request[2], request[3] > 0) for request in fake.requests]
    main, system = ("POST", asked[0][1], True), ("POST", asked[-1][1], True)
    assert main != system
    assert asked in ([main, system], [main, system, system])
    assert fake.rows() == [0]
    assert len(fake.final) == 2
    assert fake.records(f.META, "system")[0]["info"]["host"]


def test_system_metrics_and_what_the_machine_is(fake, parent, folder):
    writer = new_run(folder)
    writer.row(7, {"loss": 0.5})
    begin(parent, folder, fake, stats_interval=0.3)
    until(lambda: len(fake.rows("system")) >= 3)
    finish(parent, folder, writer)
    parent.wait_for("done")
    assert set(fake.rows("system")) == {7}
    (info,) = (data["info"] for data in fake.records(f.META, "system"))
    assert {"host", "os", "python", "cpu_count", "memory"} <= info.keys()
    (schema, *_) = fake.records(f.SCHEMA, "system")
    keys = {key for key, _ in schema["columns"]}
    assert {"cpu", "cpu.process", "memory", "memory.process", "disk.used", "network.sent", "threads"} <= keys


def test_nothing_of_the_system_if_so_told(fake, parent, folder):
    writer = new_run(folder)
    begin(parent, folder, fake, disable_stats=True, disable_git=True)
    finish(parent, folder, writer)
    parent.wait_for("done")
    assert fake.rows("system") == []
    assert "git" not in fake.records(f.META, "system")[0]["info"]


def test_server_that_is_not_there_yet(parent, folder):
    nowhere = FakeServer()
    nowhere.close()
    writer = new_run(folder)
    begin(parent, folder, nowhere)
    writer.row(0, {"loss": 0.5})
    assert "no server" in parent.wait_for("trouble")["message"]
    server = FakeServer(int(nowhere.url.rsplit(":")[-1]))
    parent.wait_for("registered")
    finish(parent, folder, writer)
    parent.wait_for("done")
    assert server.rows() == [0]
    server.close()


def test_lost_answers_double_nothing(fake, parent, folder):
    writer = new_run(folder)
    begin(parent, folder, fake)
    parent.wait_for("registered")
    for step in range(60):
        if step % 20 == 0:
            fake.lose_answers = 2
        writer.row(step, {"loss": 0.5})
        time.sleep(0.01)
    finish(parent, folder, writer)
    parent.wait_for("done")
    assert fake.rows() == list(range(60))


def test_busy_server_says_how_long_to_wait(fake, parent, folder):
    answers = [(503, {"Retry-After": "1"}, "internal"), (429, {"Retry-After": "0.5"}, "limit")]
    fake.say = lambda *_: answers.pop(0) if answers else None
    writer = new_run(folder)
    begin(parent, folder, fake)
    parent.wait_for("registered")
    first, second, third = (request[0] for request in fake.requests[:3])
    assert second - first >= 1
    assert third - second >= 0.5
    finish(parent, folder, writer)
    parent.wait_for("done")


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "authentication"), (403, "permission"), (400, "usage"), (413, "limit"), (409, "conflict")],
)
def test_refused_is_told_once_and_never_spins(fake, parent, folder, status, code):
    fake.say = lambda *_: (status, {}, code)
    writer = new_run(folder)
    begin(parent, folder, fake)
    assert parent.wait_for("refused")["code"] == code
    writer.row(0, {"loss": 0.5})
    time.sleep(0.7)
    assert len(fake.requests) == 1
    assert [message["op"] for message in parent.heard] == ["refused"]
    assert state(folder)["error"]
    parent.send({"op": "bye"})
    assert parent.process.wait(60) == 0


def test_dropped_run_is_left_alone(fake, parent, folder):
    fake.say = lambda *_: (403, {}, "permission")
    new_run(folder)
    begin(parent, folder, fake)
    parent.wait_for("refused")
    parent.send({"op": "drop", "dir": str(folder)})
    parent.send({"op": "bye"})
    assert parent.process.wait(60) == 0
    assert len(fake.requests) == 1


def test_frame_that_is_larger_than_a_batch(fake, parent, folder):
    writer = new_run(folder)
    writer.record(f.CONFIG, 0, {"set": {"big": "x" * (SHIP_BATCH + 1000)}})
    writer.row(0, {"loss": 0.5})
    begin(parent, folder, fake)
    finish(parent, folder, writer)
    parent.wait_for("done")
    assert fake.rows() == [0]
    assert max(request[3] for request in fake.requests) <= MAX_BATCH


def test_files_go_before_the_frame_that_names_them(fake, parent, folder):
    writer = new_run(folder)
    picture = b"a picture"
    sha256 = hashlib.sha256(picture).hexdigest()
    secret = hashlib.sha256(b"not yours").hexdigest()
    (folder / "files/media").mkdir()
    (folder / "files/media/a.png").write_bytes(picture)
    for path, digest in (("media/a.png", sha256), ("media/gone.png", sha256[::-1]), ("../../secret", secret)):
        writer.record(f.FILE, 0, {"path": path, "sha256": digest, "size": 9, "media": "image"})
    writer.record(f.FILE, 0, {"path": "model.pt", "sha256": "1" * 64, "size": 9})
    (folder.parent / "secret").write_text("not yours")
    begin(parent, folder, fake)
    finish(parent, folder, writer)
    parent.wait_for("done")
    assert fake.blobs == {sha256: picture}
    assert len(fake.records(f.FILE)) == 4
    order = [(method, size) for _, method, _, size, _ in fake.requests]
    put = [method for method, _ in order].index("PUT")
    assert 1 <= put < len(order) - 1
    assert all(size < 1000 for _, size in order[:put])  # headers, and no frame yet


def test_offline_run_is_not_shipped(fake, parent, folder):
    writer = new_run(folder)
    begin(parent, folder, None)
    for step in range(10):
        writer.row(step, {"loss": 0.5})
    finish(parent, folder, writer)
    parent.wait_for("done")
    parent.send({"op": "bye"})
    assert parent.process.wait(60) == 0
    assert (folder / "system.journal").stat().st_size > 500
    assert fake.requests == []


def test_new_bytes_are_on_the_disk_within_a_second_or_so(folder, monkeypatch):
    flushed = []
    monkeypatch.setattr("playhead.sidecar.tail.to_disk", lambda fd: flushed.append(os.fstat(fd).st_size))
    writer = new_run(folder)
    link = ThreadLink()
    begin(link, folder, None, disable_stats=True)
    sizes = []
    for step in range(3):
        writer.row(step, {"loss": 0.5})
        sizes.append((folder / "main.journal").stat().st_size)
        until(lambda: sizes[-1] in flushed, 2.5)
    link.close()
    until(lambda: not link.alive())
    assert [size for size in flushed if size in sizes] == sizes  # and what did not grow is not flushed again


def test_a_wish_to_stop_is_passed_on(fake, parent, folder):
    writer = new_run(folder)
    begin(parent, folder, fake)
    parent.wait_for("registered")
    assert "stop" not in [message["op"] for message in parent.heard]
    fake.stop = True
    writer.row(0, {"loss": 0.5})
    assert parent.wait_for("stop")["dir"] == str(folder)


def test_as_a_thread(fake, folder):
    writer = new_run(folder)
    link = ThreadLink()
    begin(link, folder, fake)
    writer.row(0, {"loss": 0.5})
    writer.record(f.EXIT, 1, {"code": 0})
    link.send({"op": "finish", "dir": str(folder)})
    heard = []
    until(lambda: heard.extend(link.receive(0.1)) or (heard and heard[-1]["op"] == "done"))
    assert fake.rows() == [0]
    link.close()
    until(lambda: not link.alive())


def test_one_sidecar_for_many_runs(fake, parent, folder):
    folders = [folder.with_name(f"run-{number}") for number in range(5)]
    writers = [new_run(one, run_id=one.name) for one in folders]
    for one in folders:
        begin(parent, one, fake)
    for step in range(100):
        for writer in writers:
            writer.row(step, {"loss": 0.5})
    for one, writer in zip(folders, writers, strict=True):
        finish(parent, one, writer)
    until(lambda: sum(message["op"] == "done" for message in parent.heard) == 5)
    assert sorted(fake.rows()) == sorted(list(range(100)) * 5)


def test_heartbeat_while_nothing_is_logged(fake, folder, monkeypatch):
    monkeypatch.setattr("playhead.sidecar.recording.HEARTBEAT", 0.5)
    new_run(folder)
    link = ThreadLink()
    begin(link, folder, fake, disable_stats=True)
    until(lambda: len(fake.records(f.META, "system")) == 1)
    known = len(fake.requests)
    until(lambda: len(fake.requests) >= known + 2)
    assert [request[3] for request in fake.requests[known:]] == [0, 0]
    link.close()
    until(lambda: not link.alive())


def test_server_that_forgot_gets_it_again(fake, parent, folder):
    writer = new_run(folder)
    begin(parent, folder, fake)
    writer.row(0, {"loss": 0.5})
    until(lambda: fake.rows() == [0])
    fake.streams.clear()
    writer.row(1, {"loss": 0.5})
    finish(parent, folder, writer)
    parent.wait_for("done")
    assert fake.rows() == [0, 1]


def test_many_points_take_little(fake, parent, folder):
    """A million points. The fake server, which checks each frame in Python, sets the pace; the sidecar's own time is what counts."""
    writer = new_run(folder)
    values = {f"metric/{number}": 0.5 for number in range(10)}
    for step in range(100_000):
        writer.row(step, values)
    begin(parent, folder, fake, disable_stats=True)
    finish(parent, folder, writer)
    parent.wait_for("done", 60)
    spent = psutil.Process(parent.process.pid).cpu_times()
    assert fake.rows()[-1] == 99_999
    assert spent.user + spent.system < 3.0
