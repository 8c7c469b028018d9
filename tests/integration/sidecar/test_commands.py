"""playhead login, ui, status, offline and online, as processes."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from a_home import recorded
from playhead.cli import COMMANDS
from playhead.client import local, settings
from waiting import until

WRONG = "local-" + "0" * 40


@pytest.fixture
def playhead(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLAYHEAD_DATA_DIR", str(tmp_path / "data"))

    def call(*arguments, code=0, typed=None):
        done = subprocess.run(
            [sys.executable, "-m", "playhead.cli", *map(str, arguments)],
            capture_output=True,
            text=True,
            input=typed,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout if code == 0 else done.stderr

    return call


def test_login(home, playhead):
    assert f"as {home.entity}" in playhead("login", home.key, "--host", home.url)
    assert stat.S_IMODE(settings.netrc_path().stat().st_mode) == 0o600
    told = json.loads(playhead("status", "--json"))
    assert told["server"]["url"] == home.url
    assert told["server"]["username"] == home.entity
    assert "Logged in" in playhead("login")
    assert home.url in playhead("ui", "--no-browser")
    assert home.key not in playhead("status")
    assert json.loads(playhead("login", "--host", "local", "--json"))["local"]
    assert json.loads(playhead("status", "--json"))["server"]["local"]


def test_login_with_the_key_from_standard_input(home, playhead):
    playhead("login", "-", "--host", home.url, typed=home.key + "\n")
    assert home.key in settings.netrc_path().read_text()


def test_login_with_a_wrong_key(home, playhead):
    told = playhead("login", WRONG, "--host", home.url, code=1)
    assert "playhead user add" in told
    assert not settings.netrc_path().exists()
    assert settings.base_url() is None


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["login", "k", "--host", "nowhere"], 1, "address"),
        (["login", "k", "--host", "http://127.0.0.1:1"], 1, "no server"),
        (["login", "k"], 1, "--host"),
        (["login", "a b", "--host", "http://127.0.0.1:1"], 1, "spaces"),
        (["sync", "nowhere"], 2, "nowhere"),
        (["sync", "."], 1, "no recorded run"),
        (["sync", "--jobs", "0"], 2, "jobs"),
        (["status", "--nonsense"], 2, "nonsense"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(playhead, arguments, code, said):
    assert said in playhead(*arguments, code=code)


def test_status_starts_no_server(playhead, tmp_path):
    assert "not running" in playhead("status")
    assert not (tmp_path / "data").exists()


def test_status_knows_what_is_left(home, playhead, tmp_path, monkeypatch, run_id):
    folder = recorded(tmp_path / "playhead/offline-run-20261121_093000-x", run_id, 10)
    assert folder.name in playhead("status")
    assert json.loads(playhead("status", "--json"))["unsynced"][0]["path"].endswith(folder.name)
    home.sync(folder)
    assert json.loads(playhead("status", "--json"))["unsynced"] == []


def test_status_of_a_server_that_does_not_answer(playhead, monkeypatch):
    monkeypatch.setenv("PLAYHEAD_BASE_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("PLAYHEAD_API_KEY", WRONG)
    assert "no server" in playhead("status")


def test_status_with_a_wrong_key(home, playhead, monkeypatch):
    monkeypatch.setenv("PLAYHEAD_BASE_URL", home.url)
    monkeypatch.setenv("PLAYHEAD_API_KEY", WRONG)
    assert "playhead login" in playhead("status")


def test_offline_and_online(playhead, monkeypatch):
    playhead("offline")
    assert json.loads(playhead("status", "--json"))["mode"] == "offline"
    assert "mode = offline" in Path("playhead/settings").read_text()
    playhead("online")
    assert json.loads(playhead("status", "--json"))["mode"] == "online"
    monkeypatch.setenv("PLAYHEAD_MODE", "offline")
    assert json.loads(playhead("status", "--json"))["mode"] == "offline"


def test_ui_starts_the_local_server(playhead, tmp_path):
    told = json.loads(playhead("ui", "--json"))
    try:
        assert told["local"]
        assert told["link"].startswith(told["url"] + "?token=")
        project = json.loads(playhead("ui", "digits", "--json"))
        assert project["url"] == f"{told['url']}{local.user_name()}/digits"
        run = json.loads(playhead("ui", "me/digits/a b", "--json"))
        assert run["url"] == f"{told['url']}me/digits/runs/a%20b"
        assert "entity/project/id" in playhead("ui", "a/b/c/d", "--json", code=1)
        key = local.local_key(tmp_path / "data")
        assert key not in told["link"]
    finally:
        until(lambda: local.running(tmp_path / "data").pid, 20)
        playhead("server", "stop")


def test_every_help_has_an_example(playhead):
    for command in (*COMMANDS, "server stop", "server status", "user add"):
        text = " ".join(playhead(*command.split(), "--help").split())
        assert f"playhead {command}" in text.split("Example")[1]


def test_no_help_waits_for_what_it_does_not_need(playhead):
    """Numbers of modules, for a busy machine tells no time: with the server's side there are over a thousand."""
    code = (
        "import sys, playhead.cli\nsys.argv[0] = 'playhead'\ntry:\n    playhead.cli.main()\nexcept SystemExit:\n    pass\n"
        "print(len(sys.modules), [n for n in ('fastapi', 'duckdb', 'sqlalchemy', 'numpy', 'alembic') if n in sys.modules])"
    )
    for command in ("", *COMMANDS, "server status", "server stop", "user add"):
        done = subprocess.run(
            [sys.executable, "-c", code, *command.split(), "--help"], capture_output=True, text=True, check=True
        )
        modules, _, server_side = done.stdout.splitlines()[-1].partition(" ")
        assert (int(modules) < 500, server_side) == (True, "[]"), command


def test_a_user_as_json(playhead):
    told = json.loads(playhead("user", "add", "alice", "--json"))
    assert (told["name"], told["admin"]) == ("alice", False)
    assert told["api_key"]


def test_a_wrong_key_ends_a_sync_at_once(home, playhead, tmp_path, monkeypatch):
    for number in range(3):
        recorded(tmp_path / f"playhead/offline-run-20261121_09300{number}-x", f"wrong-{number}", 10)
    monkeypatch.setenv("PLAYHEAD_BASE_URL", home.url)
    monkeypatch.setenv("PLAYHEAD_API_KEY", WRONG)
    told = playhead("sync", "--all", code=1)
    assert told.count(f"playhead login --host {home.url}") == 1
    assert len(json.loads(playhead("status", "--json"))["unsynced"]) == 3


def test_runs_list(home, playhead, tmp_path, monkeypatch):
    for number in range(3):
        home.sync(recorded(tmp_path / f"run-20261121_09300{number}-x", f"cli-{number}", number + 1), "--project", "cli")
    playhead("login", home.key, "--host", home.url)
    shown = playhead(
        "runs", "list", "cli", "step >= 2", "--order", "step", "--columns", "step,summary._step"
    ).splitlines()
    assert [line.split()[0] for line in shown] == ["id", "cli-1", "cli-2"]
    assert shown[0].split()[-2:] == ["step", "summary._step"]
    assert shown[1].split()[-2:] == ["2", "1"]
    told = json.loads(
        playhead("runs", "list", "cli", "id in [cli-1]", "--json", "--columns", "summary._step,config.none")
    )
    assert [(one["id"], one["summary._step"], one["config.none"]) for one in told] == [("cli-1", 1, None)]
    assert "which project" in playhead("runs", "list", "step >= 2", code=1)
    monkeypatch.setenv("PLAYHEAD_PROJECT", "cli")
    assert len(playhead("runs", "list").splitlines()) == 3
    assert len(playhead("runs", "list", "step >= 2").splitlines()) == 2
    monkeypatch.setenv("PLAYHEAD_ENTITY", home.entity)
    assert playhead("runs", "list", "step > 20") == "No runs.\n"
    wrong = playhead("runs", "list", "cli", "step >", code=1).splitlines()
    assert wrong[1:] == ["  step >", "        ^"]
    assert "no 'stepp'" in playhead("runs", "list", "stepp > 3", code=1)
