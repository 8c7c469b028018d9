"""Back-off, links, sync.json, what git says."""

import json
import os
import subprocess

import pytest

from playhead.sidecar import about, rundirs, syncfile
from playhead.sidecar.backoff import LONGEST, Backoff
from playhead.sidecar.link import PipeLink
from playhead.sidecar.machine import Machine


def test_waits_grow_to_a_limit_and_begin_again():
    longest = Backoff(draw=lambda: 1.0)
    waits = [longest.failed() for _ in range(20)]
    assert waits == sorted(waits)
    assert waits[0] < 1
    assert waits[-1] == LONGEST
    longest.worked()
    assert longest.failed() == waits[0]


def test_waits_are_drawn_by_chance_and_never_shorter_than_asked():
    waits = [Backoff().failed(2.0) for _ in range(50)]
    assert min(waits) >= 2.0
    assert len(set(waits)) > 40


def test_pipe():
    out, into = os.pipe()
    back, told = os.pipe()
    link = PipeLink(out, told)
    os.write(into, b'{"op": "a"}\n{"op": ')
    assert link.receive(0.1) == {"op": "a"}
    assert link.receive(0.05) is None
    os.write(into, b'"b"}\n')
    assert link.receive(0.1) == {"op": "b"}
    link.send({"op": "done"})
    assert json.loads(os.read(back, 100)) == {"op": "done"}
    os.close(into)
    with pytest.raises(EOFError):
        link.receive(0.1)
    os.close(back)
    link.send({"op": "nobody hears it"})
    for fd in (out, told):
        os.close(fd)


def test_sync_file_round_trip(tmp_path):
    state = syncfile.SyncState("http://a", "http://a/r", {"s": 5}, True, None, {"ab": "model.pt"})
    syncfile.write(tmp_path, state)
    assert syncfile.read(tmp_path) == state
    assert [path.name for path in tmp_path.iterdir()] == ["sync.json"]


@pytest.mark.parametrize("text", ["", "[]", "null", '{"streams": 3}', '{"streams": {"a": "x"}}', "\ud800"])
def test_sync_file_that_is_none(tmp_path, text):
    (tmp_path / "sync.json").write_text(text, errors="replace")
    assert syncfile.read(tmp_path) == syncfile.SyncState()


def test_what_git_says(tmp_path):
    def git(*arguments):
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments],
            cwd=tmp_path,
            check=True,
            capture_output=True,
        )

    assert "git" not in about.describe({"cwd": str(tmp_path)}, git=True)
    git("init", "-b", "trunk")
    (tmp_path / "a").write_text("1")
    git("add", "a")
    git("commit", "-m", "x")
    git("remote", "add", "origin", "https://me:secret@example.org/r.git")
    told = about.describe({"cwd": str(tmp_path)}, git=True)["git"]
    assert told["branch"] == "trunk"
    assert told["remote"] == "https://example.org/r.git"
    assert told["dirty"] is False
    assert len(told["commit"]) == 40
    (tmp_path / "a").write_text("2")
    assert about.describe({"cwd": str(tmp_path), "git": {"commit": "told"}}, git=True)["git"] == {
        **told,
        "dirty": True,
        "commit": "told",
    }
    assert "git" not in about.describe({"cwd": str(tmp_path)}, git=False)


def test_processes_of_the_training_count(tmp_path):
    machine = Machine(os.getpid(), tmp_path)
    alone = machine.sample()
    with subprocess.Popen(["sleep", "60"]) as child:
        both = machine.sample()
        child.kill()
    assert both["threads"] == alone["threads"] + 1
    assert both["memory.process"] > alone["memory.process"]


def test_runs_are_found_by_what_people_write(tmp_path):
    for name in ("run-20261121_093000-b", "offline-run-20260101_093000-a", "other"):
        (tmp_path / "playhead" / name).mkdir(parents=True)
        (tmp_path / "playhead" / name / "main.journal").write_bytes(b"")
    (tmp_path / "playhead" / "latest-run").symlink_to("run-20261121_093000-b")
    both = ["offline-run-20260101_093000-a", "run-20261121_093000-b"]
    assert [path.name for path in rundirs.named(tmp_path)] == both
    assert [path.name for path in rundirs.named(tmp_path / "playhead")] == both
    assert [path.name for path in rundirs.named(tmp_path / "playhead/latest-run")] == both[1:]
    assert [path.name for path in rundirs.named(tmp_path / "playhead/other/main.journal")] == ["other"]
