"""Trainings as real processes, what they left on the disk, and the local server beside them."""

import contextlib
import functools
import json
import os
import subprocess
import sys

import pytest

from a_local_server import LocalServer
from a_reader import read_journal

SAY = """import json, os, signal, sys, time
import playhead
def say(**what):
    sys.stdout.flush()
    os.write(1, f"SAID {json.dumps(what)}\\n".encode())  # past the run's console
"""


class Place:
    """A folder to train in."""

    def __init__(self, folder):
        self.folder = folder
        self.env = {
            **os.environ,
            "PLAYHEAD_MODE": "offline",
            "PLAYHEAD_DATA_DIR": str(folder / "data"),
            "TMPDIR": str(folder),
        }
        self._started = []

    def start(self, code, *arguments, env=None, python=sys.executable, command=(), **options):
        """Run `code` in a process; `command` comes before the script."""
        script = self.folder / f"train{len(self._started)}.py"
        script.write_text(code)
        process = subprocess.Popen(
            [python, *command, str(script), *arguments], cwd=self.folder, env={**self.env, **(env or {})}, text=True,
            **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
        )  # fmt: skip
        self._started.append(process)
        return process

    def train(self, code, *arguments, patience=60, **options):
        """The same to its end: (exit status, what it wrote to stdout, to stderr)."""
        process = self.start(code, *arguments, **options)
        out, err = process.communicate(timeout=patience)
        return process.returncode, out, err

    def train_well(self, code, *arguments, **options):
        """The same; it must not fail. Answers what it wrote to stdout."""
        status, out, err = self.train(code, *arguments, **options)
        assert status == 0, err
        assert "Traceback" not in err
        return out

    def ask(self, code, *arguments, status=0, **options):
        """The same; answers what the training said by `say(name=value)`, and what it wrote to stderr as `err`."""
        got, out, err = self.train(SAY + code, *arguments, **options)
        assert got == status, err
        said = {"err": err}
        for line in out.splitlines():
            if line.startswith("SAID "):
                said |= json.loads(line[5:])
        return said

    def playhead(self, *arguments, code=0, typed="", **env):
        """The command, here: what it wrote, or the JSON that was asked for; `code` is how it must end."""
        done = subprocess.run(
            [sys.executable, "-m", "playhead.cli", *map(str, arguments)], cwd=self.folder, input=typed, text=True,
            env={**self.env, **env}, capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return json.loads(done.stdout) if "--json" in arguments and done.stdout else done.stdout + done.stderr

    @property
    def runs(self):
        return sorted(path for path in (self.folder / "playhead").glob("*run-*") if not path.is_symlink())

    def journal(self):
        [folder] = self.runs
        return read_journal(folder / "main.journal")

    def journals(self):
        return [read_journal(folder / "main.journal") for folder in self.runs]

    def close(self):
        for process in self._started:
            process.kill()
            process.wait()
            for stream in filter(None, (process.stdin, process.stdout, process.stderr)):
                with contextlib.suppress(BrokenPipeError):  # what it was told and never read
                    stream.close()
            for pipe in (process.stdout, process.stderr):  # children of it may still have the other end
                if pipe is not None:
                    pipe.close()


@pytest.fixture
def place(tmp_path):
    place = Place(tmp_path)
    yield place
    place.close()


@pytest.fixture(scope="session")
def make_place():
    return Place


class Server(LocalServer):
    """The local server beside trainings."""

    def history(self, run_id, key="a", **place):
        """[(step, value)] of a run, as of a step of a segment."""
        run = self.api.run(f"{self.entity}/{self.project}/{run_id}")
        run = run.segment(place["segment"]) if "segment" in place else run
        run = run.at(place["step"]) if "step" in place else run
        return [(row["_step"], row[key]) for row in run.scan_history(keys=[key])]


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A server that no test may kill."""
    server = Server(tmp_path_factory.mktemp("data")).begin()
    yield server
    server.kill()


@pytest.fixture
def server_in():
    """Begins a server of the test's own."""
    begun = []

    def begin(folder):
        begun.append(Server(folder).begin())
        return begun[-1]

    yield begin
    for server in begun:
        server.kill()


@pytest.fixture
def online(place, server):
    """A folder to train in, beside the running local server."""
    place.env |= {"PLAYHEAD_MODE": "online", "PLAYHEAD_DATA_DIR": str(server.data)}
    return place


@pytest.fixture
def named(place, server):
    """The same, but the server is named, as one elsewhere is."""
    place.env |= {"PLAYHEAD_MODE": "online", "PLAYHEAD_BASE_URL": server.url, "PLAYHEAD_API_KEY": server.key}
    return place


@pytest.fixture
def playhead(place, server):
    """Calls the command with `server` chosen; see Place.playhead."""
    return functools.partial(place.playhead, PLAYHEAD_DATA_DIR=str(server.data))


@pytest.fixture
def sync(playhead):
    """`playhead sync`: what became of the runs."""
    return lambda *arguments, **how: playhead("sync", *arguments, "--json", **how)["runs"]


DISK = ["unshare", "--mount", "--user", "--map-root-user", "sh", "-c"]
"""A shell that may have a file system of its own."""


@pytest.fixture
def on_a_disk(place):
    """Runs a training on a small disk of its own; what it leaves is copied to `place`. `first` are commands of the shell, before it."""
    if subprocess.run([*DISK, "mount -t tmpfs none /mnt"], check=False, capture_output=True).returncode:
        pytest.skip(
            "this machine lets nobody mount a disk of their own: util-linux's unshare with user namespaces is needed"
        )

    def train(code, size, first="true", **env):
        (place.folder / "disk").mkdir()
        (place.folder / "train.py").write_text(code)
        script = (
            f"mount -t tmpfs -o size={size} none disk && cd disk && {first} && "
            f"{{ '{sys.executable}' ../train.py; status=$?; cp -RP playhead data .. 2>/dev/null; exit $status; }}"
        )
        disk = str(place.folder / "disk")
        env = {**place.env, "TMPDIR": disk, "HOME": disk, "PLAYHEAD_DATA_DIR": f"{disk}/data", **env}
        done = subprocess.run(
            [*DISK, script], cwd=place.folder, env=env, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout, done.stderr

    return train
