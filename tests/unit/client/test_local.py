"""Who has the lock of a data folder, and what is believed of `server.json`."""

import fcntl
import json
import os
import socket
import threading
import time

import pytest

from playhead.client import local
from playhead.client.local import LocalServer
from playhead.domain.errors import CommError

OLD = LocalServer("http://127.0.0.1:1111", "k", "me", 1)
NEW = LocalServer("http://127.0.0.1:2222", "k", "me", 2)


@pytest.fixture
def folder(tmp_path):
    """As a server that is dead left it."""
    (tmp_path / "server.lock").touch()
    local.write_state(tmp_path, OLD)
    return tmp_path


@pytest.mark.parametrize("ask", [local.running, local.find_or_start])
def test_what_an_earlier_server_wrote_is_not_believed(folder, ask):
    """Between taking the lock and writing of itself, a server may take its time."""
    lock = local.take_lock(folder)
    threading.Timer(0.2, local.write_state, (folder, NEW)).start()
    assert ask(folder).url == NEW.url
    os.close(lock)


def test_who_only_looks_is_not_taken_for_a_server(folder):
    seen, stop = [], time.monotonic() + 1

    def look():
        while time.monotonic() < stop:
            seen.append(local.running(folder))

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) > 50
    assert set(seen) == {None}


def test_a_server_that_dies_before_it_wrote_anything(folder):
    lock = local.take_lock(folder)
    threading.Timer(0.2, os.close, (lock,)).start()
    assert local.running(folder) is None


def test_who_has_the_lock_and_says_nothing_is_not_waited_for_for_ever(folder, monkeypatch):
    monkeypatch.setattr(local, "_PATIENCE", 0.2)
    lock = local.take_lock(folder)
    for ask in (local.running, local.find_or_start):
        with pytest.raises(CommError, match=r"server\.lock"):
            ask(folder)
    os.close(lock)


def test_a_turn_that_nobody_gives_back(folder, monkeypatch):
    monkeypatch.setattr(local, "_PATIENCE", 0.2)
    with (folder / "server.turn").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(CommError, match=r"server\.turn"):
            local.find_or_start(folder)


def test_a_forked_child_does_not_keep_a_lock_that_was_let_go(folder):
    """A training forks its workers whenever it likes, also between the taking and the letting go."""
    lock = local.take_lock(folder)
    child = os.fork()
    if child == 0:
        time.sleep(5)
        os._exit(0)
    local._let_go(lock)
    assert not local.is_taken(folder)
    os.kill(child, 9)
    os.waitpid(child, 0)


def test_the_last_port_is_remembered(folder):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    local.write_state(folder, OLD._replace(url=f"http://127.0.0.1:{port}"))
    for _ in range(2):
        os.close(local.take_lock(folder))
    with local._listen(folder) as listener:
        assert listener.getsockname()[1] == port


@pytest.mark.parametrize("pid", [None, 0, -1, "1"])
def test_a_number_that_would_be_a_whole_group_of_processes_is_none(folder, pid):
    lock = local.take_lock(folder)
    (folder / "server.json").write_text(json.dumps({"url": "http://127.0.0.1:1", "pid": pid}))
    assert local.running(folder).pid is None
    os.close(lock)
