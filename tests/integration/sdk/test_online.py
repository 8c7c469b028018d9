"""Trainings beside the local server that they start themselves, and beside one that is named."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

BEGIN = """
import os, signal, sys, time
import playhead
run = playhead.init(project="p", id=sys.argv[1], config={"lr": 0.1})
playhead.log({"loss": 0.5})
print("hello")
"""
STATES = {
    "normal": ("", "finished", 0),
    "exception": ("raise ValueError('a mistake')", "failed", 1),
    "sys.exit(3)": ("sys.exit(3)", "failed", 3),
    "Ctrl-C": ("signal.raise_signal(signal.SIGINT)", "failed", 255),
    "with": ("with run:\n    raise ValueError('a mistake')", "failed", 1),
    "os._exit": ("os._exit(0)", "crashed", None),
    "SIGTERM": ("os.kill(os.getpid(), signal.SIGTERM)\ntime.sleep(9)", "crashed", None),
    "SIGKILL": ("os.kill(os.getpid(), signal.SIGKILL)", "crashed", None),
    "a forked child lives on": (
        "if not os.fork():\n    os.close(1), os.close(2)\n    time.sleep(8)\n    os._exit(0)\nos.kill(os.getpid(), signal.SIGKILL)",
        "crashed",
        None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STATES)
def test_the_final_state_is_there_within_5_seconds(online, server, name):
    end, state, code = STATES[name]
    run_id = re.sub(r"\W", "-", name)
    process = online.start(BEGIN + end, run_id)
    process.wait(timeout=60)
    run = server.run(run_id, state)
    assert [row["loss"] for row in run.scan_history()] == [0.5]
    assert run.config == {"lr": 0.1}
    lines = [line.text for line in run.console()]
    assert lines[0] == "hello"
    assert ("ValueError: a mistake" in lines) is (name in {"exception", "with"})
    assert online.journal().exit_code == code


@pytest.mark.parametrize(("start_method", "state"), [("process", "finished"), ("thread", "finished")])
def test_start_methods(online, server, start_method, state):
    _, out, err = online.train(
        BEGIN + "print(run.url, run.entity, run.path)", start_method, env={"PLAYHEAD_START_METHOD": start_method}
    )
    assert out.split()[1:] == [
        f"{server.url}/{server.entity}/p/runs/{start_method}",
        server.entity,
        f"{server.entity}/p/{start_method}",
    ]
    assert "is complete" in err
    server.run(start_method, state)


def test_the_printed_link_logs_in(online):
    _, _, err = online.train(BEGIN, "link")
    [link] = re.findall(r"Recording .*: (http\S+)", err)
    assert re.findall(r"complete: (http\S+)\?token=", err) == [link.partition("?")[0]]
    jar = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    page = jar.open(link).read().decode()
    assert "<html" in page.lower()
    origin = re.match(r"http://[^/]+", link)[0]
    with jar.open(f"{origin}/api/v1/viewer") as answer:
        assert answer.status == 200
    with pytest.raises(OSError, match="401"):
        urllib.request.urlopen(f"{origin}/api/v1/viewer")


def test_a_sidecar_that_is_killed_loses_nothing(online, server):
    online.train_well(
        BEGIN
        + """
from playhead.sdk import _current
for i in range(3000):
    run.log({"loss": i})
    if i == 1000:
        os.kill(_current.companion._link._process.pid, signal.SIGKILL)
    if i % 100 == 0:
        run._check_at = 0
        time.sleep(0.01)
""",
        "revived",
    )
    run = server.run("revived", "finished")
    assert [row["loss"] for row in run.scan_history()] == [0.5, *range(3000)]


def test_several_runs_of_one_process(online, server):
    online.train_well(
        "import playhead\nfor i in range(3):\n    with playhead.init(project='p', id=f'loop{i}') as run:\n        run.log({'i': i})"
    )
    for i in range(3):
        assert [row["i"] for row in server.run(f"loop{i}", "finished").scan_history()] == [i]


def test_name_notes_tags_and_summary_arrive(online, server):
    online.train_well(
        BEGIN
        + "run.name, run.notes, run.tags = 'other', 'n', ('a',)\nrun.summary['best'] = 1\nrun.config.x = {'y': 1}",
        "facts",
    )
    run = server.run("facts", "finished")
    assert (run.name, run.summary["best"], run.config) == ("other", 1, {"lr": 0.1, "x": {"y": 1}})


# -- a server that is named ------------------------------------------------------------------------------------------------


def test_a_named_server(named, server):
    _, out, err = named.train(BEGIN + "print(run.url, run.offline)", "named")
    assert err.count(f"{server.url}/{server.entity}/p/runs/named\n") == 2
    assert out.split()[1:] == [f"{server.url}/{server.entity}/p/runs/named", "False"]
    server.run("named", "finished")


def test_a_key_is_needed(named, server):
    status, _, err = named.train(BEGIN, "none", env={"PLAYHEAD_API_KEY": "", "NETRC": "/none"})
    assert status == 1
    assert f"AuthenticationError: There is no API key for {server.url} on this machine." in err
    assert f"playhead login --host {server.url}" in err
    assert not named.runs


def test_a_wrong_key(named, server):
    status, _, err = named.train(BEGIN, "wrong", env={"PLAYHEAD_API_KEY": "x" * 40})
    assert status == 1
    assert "AuthenticationError" in err
    assert f"playhead login --host {server.url}" in err
    assert not named.runs
    assert not (named.folder / "playhead/latest-run").is_symlink()


def test_no_right(named, server):
    key = add_user(server, "alice")
    status, _, err = named.train(
        "import playhead\nplayhead.init(entity='nobody', project='p')", env={"PLAYHEAD_API_KEY": key}
    )
    assert status == 1
    assert "PermissionDeniedError: permission denied:" in err
    for said in ("alice", "'nobody'", "playhead login", "does not exist", "owner"):
        assert said in err
    assert not named.runs


def test_the_seeds_name_for_it(named, server):
    key = add_user(server, "carol")
    out = named.train_well(
        f"import playhead\ntry:\n    playhead.init(entity={server.entity!r}, project='p')\nexcept playhead.errors.LaunchError as error:\n"
        "    print('caught', playhead.run)\nplayhead.init(project='mine').log({'a': 1})",
        env={"PLAYHEAD_API_KEY": key},
    )
    assert out == "caught None\n"
    assert [journal.rows for journal in named.journals()] == [[(0, {"a": 1})]]


def add_user(server, name):
    """A user, and its key."""
    key = os.urandom(20).hex()
    command = [
        sys.executable,
        "-m",
        "playhead.cli",
        "user",
        "add",
        name,
        "--api-key",
        key,
        "--data-dir",
        str(server.data),
    ]
    subprocess.run(command, check=True, capture_output=True)
    return key


def test_a_server_that_is_down(place):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    begun = time.monotonic()
    status, _, err = place.train(
        BEGIN,
        "down",
        env={"PLAYHEAD_MODE": "", "PLAYHEAD_BASE_URL": url, "PLAYHEAD_API_KEY": "k", "PLAYHEAD_FINISH_TIMEOUT": "1"},
    )
    assert status == 0
    assert time.monotonic() - begun < 60
    assert "The server cannot be reached" in err
    assert "playhead sync" in err
    assert place.journal().rows == [(0, {"loss": 0.5})]
    assert place.journal().exit_code == 0


def test_a_server_that_is_down_with_force(place):
    status, _, err = place.train(
        "import playhead\nplayhead.init(force=True)",
        env={"PLAYHEAD_MODE": "", "PLAYHEAD_BASE_URL": "http://127.0.0.1:1", "PLAYHEAD_API_KEY": "k"},
    )
    assert status == 1
    assert "CommError" in err
    assert not place.runs


def test_a_local_server_that_cannot_be_started(place):
    (place.folder / "data").write_text("no folder")
    status, _, err = place.train(BEGIN, "none", env={"PLAYHEAD_MODE": ""})
    assert status == 0
    assert "The local server cannot be started" in err
    assert place.runs[0].name.startswith("offline-run-")
    assert place.journal().exit_code == 0


def test_the_local_server_is_killed_in_the_middle(place, tmp_path, server_in):
    server = server_in(tmp_path / "data")
    process = place.start(
        BEGIN + "open('ready', 'w').close()\nfor i in range(200):\n    run.log({'loss': i})\n    time.sleep(0.01)",
        "middle",
        env={"PLAYHEAD_MODE": "online", "PLAYHEAD_DATA_DIR": str(server.data)},
    )
    server.run("middle", "running", 20)
    server.kill()
    process.communicate(timeout=60)
    server.begin()
    run = server.run("middle", "finished", 20)
    assert [row["loss"] for row in run.scan_history()] == [0.5, *range(200)]
