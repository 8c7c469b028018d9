"""Bad input and bad luck, each as a user meets it: a disk that is full or read-only, a server that is dead, values that nobody expects."""

import json
import os
import signal
import socket
import subprocess
import time

import pytest

from playhead.client import local
from playhead.client.api import Api

# -- the disk ----------------------------------------------------------------------------------------------------------

FULL = """
import os, playhead
run = playhead.init(settings={"console": "off"})
for i in range(60_000):
    run.log({"i": i, "text": "x" * 50})
os.unlink("ballast")
for i in range(60_000, 60_010):
    run.log({"i": i})
"""


def test_a_full_disk(place, on_a_disk):
    _, err = on_a_disk(FULL, "3m", "head -c 1000000 /dev/zero > ballast")
    assert err.count("WARNING") == 1
    assert "Not recorded: [Errno 28] No space left on device" in err
    journal = place.journal()
    kept = [step for step, _ in journal.rows]
    assert (journal.damaged, journal.exit_code) == (0, 0)
    assert all(step == row["i"] for step, row in journal.rows)
    assert kept[-10:] == list(range(60_000, 60_010))
    assert 10_000 < len(kept) < 60_000
    assert journal.of("meta")[-1]["dropped"] == 60_010 - len(kept)


ALL_FULL = """
import os, time, playhead
run = playhead.init(project="p", id="full", settings={"console": "off", "stats_interval": 1})
def log(first, last, rest=0):
    for i in range(first, last):
        run.log({"i": i, "text": "x" * 50})
        time.sleep(rest)
log(0, 1000)
time.sleep(2)  # the server has begun to store
with open("ballast", "wb", buffering=0) as ballast:
    try:
        while True:
            ballast.write(bytes(4096))
    except OSError:
        pass
log(1000, 3000, 0.001)
os.unlink("ballast")
log(3000, 3010)
run.finish()
print(run._guard.dropped)
"""


def test_a_disk_that_is_full_for_the_server_too(place, on_a_disk):
    """It refuses what it cannot store, keeps what it has, and goes on when there is room."""
    out, err = on_a_disk(ALL_FULL, "30m", PLAYHEAD_MODE="online")
    state = local.read_state(place.folder / "data")
    try:
        run = Api(state["url"], (place.folder / "data/local.key").read_text().strip()).run("p/full")
        rows = [row["i"] for row in run.scan_history()]
    finally:
        os.kill(state["pid"], signal.SIGTERM)
    assert err.count("Not recorded") == 1
    assert "full is complete" in err.replace(run.name, run.id)
    assert (run.state, run.dropped, run.damaged) == ("finished", int(out), 0)
    assert rows[:1000] == list(range(1000))
    assert rows[-10:] == list(range(3000, 3010))
    assert sorted(set(rows)) == rows
    assert len(rows) + run.dropped == 3010


@pytest.mark.parametrize("first", ["mkdir playhead", "true"], ids=["its folder too", "without one"])
def test_a_disk_that_is_read_only(place, on_a_disk, first):
    out, err = on_a_disk(
        "import playhead\nrun = playhead.init()\nrun.log({'a': 1})\nprint(run.dir)",
        "1m",
        f"{first} && mount -o remount,ro none .",
        TMPDIR=str(place.folder),
    )
    assert out.startswith(f"{place.folder}/playhead-")
    assert err.count("WARNING") == 1
    assert f"{place.folder}/disk cannot be used" in err
    assert "PLAYHEAD_DIR" in err


# -- the local server --------------------------------------------------------------------------------------------------

ONE = "import sys, playhead\nrun = playhead.init(project='p', id=sys.argv[1])\nrun.log({'a': 1})"


def test_a_dead_local_server_and_its_stale_lock(place, server_in):
    """What it left (a lock, an address, the number of a process that somebody else has now) leads nobody astray."""
    place.env |= {"PLAYHEAD_MODE": "online"}
    server = server_in(place.folder / "data")
    place.train_well(ONE, "before")
    server.kill()
    state = local.read_state(server.data)
    assert (server.data / "server.lock").exists()
    (server.data / "server.json").write_text(json.dumps({**state, "pid": os.getpid()}))
    place.train_well(ONE, "after")
    for run_id in ("before", "after"):
        assert [row["a"] for row in server.run(run_id, "finished", 20).scan_history()] == [1]
    assert local.read_state(server.data)["url"] == state["url"]


def test_a_taken_port(place, server_in):
    place.env |= {"PLAYHEAD_MODE": "online"}
    server = server_in(place.folder / "data")
    server.kill()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", int(server.url.rpartition(":")[2])))
        other.listen()
        place.train_well(ONE, "elsewhere")
        before = server.url
        server.begin()
        assert server.url != before
        server.run("elsewhere", "finished", 20)


@pytest.mark.thorough
def test_it_dies_while_nobody_logs_and_comes_back_for_the_next_row(place, server_in):
    place.env |= {"PLAYHEAD_MODE": "online"}
    server = server_in(place.folder / "data")
    process = place.start(
        ONE + "\ninput()\nrun.log({'a': 2})\ninput()\nrun.log({'a': 3})", "twice", stdin=subprocess.PIPE
    )
    for seen in ([1], [1, 2]):
        server.wait(lambda seen=seen: [row["a"] for row in server.api.run("p/twice").scan_history()] == seen, 20)
        server.kill()
        process.stdin.write("\n")
        process.stdin.flush()
        if seen == [1]:
            server.begin()
    _, err = process.communicate(timeout=60)
    server.begin()
    assert [row["a"] for row in server.run("twice", "finished", 20).scan_history()] == [1, 2, 3]
    assert "is complete" in err, err


# -- values ------------------------------------------------------------------------------------------------------------

ODD = """
import playhead
run = playhead.init(project="p", id="odd")
run.log({"tab\\there\\nand\\x1b[31m\\x7f": 1, "\\u202eright to left": 2, " ": 4, "a.b/c:d%e": 5})
run.log({f"wide/{i}": i / 7 for i in range(10_000)})
for i in range(3):
    run.log({"long": "é" * (10 << 20), "i": i})
    run.log({"k" * 513: 1, "i": i})
    run.log({"list": ["x" * 1000] * 9000, "i": i})
for value in (object(), open, playhead, {1: object()}, [object()], 1j):
    try:
        run.log({"good": 1, "bad": value})
        print("recorded", value)
    except TypeError as error:
        assert "'bad" in str(error), error
for data in ([1], None, 3, "text", {1: 2}):
    try:
        run.log(data)
        print("recorded", data)
    except TypeError as error:
        pass
run.log({"last": 1})
"""


def test_odd_values(online, server):
    _, out, err = online.train(ODD)
    assert out == ""
    assert err.count("MAX_TEXT") == 1
    assert err.count("MAX_KEY") == 1
    assert err.count("WARNING") == 2
    run = server.run("odd", "finished")
    rows = list(run.scan_history())
    given = {"tab\there\nand\x1b[31m\x7f": 1, "\u202eright to left": 2, " ": 4, "a.b/c:d%e": 5}
    assert {key: value for key, value in rows[0].items() if key[:1] != "_"} == given
    assert {key: value for key, value in rows[1].items() if key[:1] != "_"} == {
        f"wide/{i}": i / 7 for i in range(10_000)
    }
    assert [(row["_step"], row["i"], row["long"]) for row in rows[2:5]] == [
        (2 + 3 * i, i, "é" * (1 << 20)) for i in range(3)
    ]
    assert [row["good"] for row in rows[5:-1]] == [1] * 6  # what is wrong in a row costs only itself
    assert rows[-1]["last"] == 1
    assert run.dropped == 9
    assert run.damaged == 0


def test_a_clock_that_goes_backwards(online, server):
    """The run's own times go on; its rows keep their order, whatever the wall clock says, also from one run to the next."""
    online.train_well(
        """
import time
real, shift = time.time_ns, [0]
time.time_ns = lambda: real() - shift[0]
import playhead
for name in ("now", "earlier"):
    with playhead.init(project="p", id=name) as run:
        for i in range(100):
            shift[0] += 3600 * 10**9
            run.log({"i": i})
"""
    )
    for name in ("now", "earlier"):
        run = server.run(name, "finished")
        rows = list(run.scan_history())
        assert [row["i"] for row in rows] == list(range(100))
        times = [row["_timestamp"] for row in rows]
        assert times == sorted(times)
        assert times[-1] - times[0] < 60
        assert 0 <= run.runtime < 3600
    assert server.api.run("p/earlier").created_at < time.time() - 90 * 3600
