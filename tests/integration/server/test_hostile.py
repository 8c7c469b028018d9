"""A server that would like to write where it should not: through real HTTP, to all that brings files back."""

import contextlib
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from a_run import digest
from playhead.client.api import Api
from playhead.domain.errors import CommError, NotFoundError, UsageError
from playhead.journal import format as f

OUTSIDE = [
    "/tmp/x", "../x", "a/../../x", "a/./x", "a//x", "..\\x", "C:\\x", "C:/x", "link/x", "x\ny", "x\0y", "", ".", "..", "x" * 1025,
    ".git/config", "sub/.GIT/hooks/post-checkout", "git~1/config",
]  # fmt: skip
INSIDE = ["model.pt", "Model.pt", "ordinary/model.pt"]


@contextlib.contextmanager
def lying(server, **lies):
    command = [sys.executable, str(Path(__file__).with_name("a_lying_server.py")), server.url, json.dumps(lies)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture
def run(server, journal):
    """The path of a run with a file."""
    made, data = journal().start(), b"weights"
    client = server.client()
    made.record(f.FILE, path="f", sha256=digest(data), size=len(data))
    client.append(made.stream, 0, made.data)
    client.put_blobs(made.run, {digest(data): data})
    return str(made.run)


@pytest.fixture
def places(tmp_path):
    """A folder to fetch into, with a link that leads out of it, and all else."""
    root = tmp_path / "in" / "root"
    (tmp_path / "out").mkdir()
    root.mkdir(parents=True)
    (root / "link").symlink_to(tmp_path / "out")
    return root


def everything(folder):
    """Names of all files below but for the journals of the test, links not followed."""
    return sorted(
        Path(parent, name).relative_to(folder).as_posix()
        for parent, _, names in os.walk(folder)
        for name in names
        if not name.endswith(".journal")
    )


def test_pull_writes_nothing_outside(server, run, places, tmp_path):
    with lying(server, f=[*OUTSIDE, *INSIDE]) as url:
        told = {}
        Api(url, server.key).run(run).pull(places, lambda name, _, error: told.update({name: error}))
    assert {name: type(told[name]) for name in OUTSIDE} == dict.fromkeys(OUTSIDE, UsageError)
    assert [told[name] for name in INSIDE] == [None] * len(INSIDE)
    assert everything(tmp_path) == sorted(f"in/root/{name}" for name in INSIDE)


def test_a_list_that_is_no_text(server, run, places, tmp_path):
    with lying(server, f=["\ud800"]) as url, pytest.raises(CommError):
        Api(url, server.key).run(run).pull(places, lambda *_: None)
    assert everything(tmp_path) == []


def test_the_command_pulls_nothing_from_outside(server, run, places, tmp_path):
    with lying(server, f=["../x", "link/x", "model.pt"]) as url:
        environment = {**os.environ, "PLAYHEAD_BASE_URL": url, "PLAYHEAD_API_KEY": server.key, "HOME": str(tmp_path)}
        done = subprocess.run(
            [sys.executable, "-m", "playhead.cli", "pull", run, "--root", str(places)],
            env=environment, cwd=places.parent, capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert "'../x' is not written below" in done.stderr
    assert everything(tmp_path) == ["in/root/model.pt"]


def test_one_file_is_the_one_that_was_asked_for(server, run, places, tmp_path):
    with lying(server, f=["../x", "other"]) as url:
        seen = Api(url, server.key).run(run)
        with pytest.raises(UsageError):
            seen.file("../x").download(places)
        for how in ({}, {"version": 0}):
            with pytest.raises(NotFoundError):
                seen.file("f", **how)
        for listed in seen.files():
            with contextlib.suppress(UsageError):
                listed.download(places).close()
    assert everything(tmp_path) == ["in/root/other"]


def test_names_that_are_one_on_this_disk(server, run, places, monkeypatch):
    """As where upper and lower case are the same, which they are on no disk that can be had here."""
    monkeypatch.setattr("playhead.client.downloads.folds_case", lambda _: True)
    with lying(server, f=["a/x", "A/X", "b"]) as url:
        told = {}
        Api(url, server.key).run(run).pull(places, lambda name, _, error: told.update({name: error}))
    [refused] = [error for error in told.values() if error is not None]
    assert "would take it for" in refused.message
    assert len(everything(places)) == 2


def test_what_lies_there_and_is_no_file_is_left_alone(server, run, places):
    os.mkfifo(places / "pipe")
    (places / "folder").mkdir()
    with lying(server, f=["pipe", "folder", "pipe/x"]) as url:
        told = {}
        Api(url, server.key).run(run).pull(places, lambda name, _, error: told.update({name: error}))
    assert {name: type(error) for name, error in told.items()} == dict.fromkeys(
        ("pipe", "folder", "pipe/x"), UsageError
    )
    assert (places / "pipe").is_fifo()


@pytest.mark.parametrize("cursors", [itertools.repeat("a"), itertools.cycle("ab"), map(str, itertools.count())])
def test_a_list_without_an_end(server, run, places, monkeypatch, cursors):
    monkeypatch.setattr("playhead.client.artifact_calls.MAX_PAGES", 5)
    project = run.rpartition("/")[0]

    class Endless:
        """Pages that begin anew."""

        def __init__(self, inner):
            self.inner = inner

        def send(self, request):
            if request.path.endswith(f"/runs/{project}"):
                answer = self.inner.send(request._replace(query={**request.query, "cursor": None}))
                page = msgspec.msgpack.decode(answer.body)
                return answer._replace(body=msgspec.msgpack.encode({**page, "next": "a"}))
            answer = self.inner.send(request)
            if request.path.endswith("/files"):
                page = json.loads(answer.body)
                return answer._replace(body=json.dumps({**page, "next": next(cursors)}).encode())
            return answer

        def close(self):
            self.inner.close()

    api = Api(server.url, server.key)
    api._server._transport = Endless(api._server._transport)
    with pytest.raises(CommError, match="does not come to an end"):
        list(api.run(run).files())
    with pytest.raises(CommError, match="does not come to an end with the runs of"):
        list(api.runs(project))
