"""Trainings as real processes, what they left on the disk, and the local server beside them."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from playhead.client import local
from playhead.client.api import Api
from playhead.domain.errors import PlayheadError
from playhead.journal import format as f
from playhead.journal import reader
from playhead.journal.columns import decode


@dataclass
class Journal:
    header: f.Header
    rows: list = field(default_factory=list)
    """(step, {key: value}), in the order of the file."""
    records: list = field(default_factory=list)
    """(kind's name, data)."""
    times: list = field(default_factory=list)
    damaged: int = 0

    def of(self, kind):
        return [data for name, data in self.records if name == kind]

    @property
    def exit_code(self):
        """None: the run never said goodbye."""
        codes = [data["code"] for data in self.of("exit")]
        assert len(codes) <= 1
        return codes[0] if codes else None

    @property
    def console(self):
        lines = {data["n"]: data["t"] for data in self.of("console")}
        return [lines[number] for number in sorted(lines)]

    @property
    def config(self):
        config = {}
        for change in self.of("config"):
            config |= change.get("set", {})
        return config

    @property
    def start(self):
        return self.of("start")[0]


def read_journal(folder, name="main"):
    data = (Path(folder) / f"{name}.journal").read_bytes()
    header, start = reader.read_header(data)
    stretch = decode(data[start:], start, header.seed, {}, final=True)
    rows = []
    for table in stretch.rows:
        for i, offset in enumerate(table.offset):
            values = {key: column[i].item() for key, column in zip(table.keys, table.columns, strict=True)}
            if table.objects:
                values |= dict(zip(table.object_keys, table.objects[i], strict=True))
            rows.append((int(offset), int(table.step[i]), int(table.time[i]), values))
    rows.sort(key=lambda row: row[0])
    return Journal(
        header,
        [(step, values) for _, step, _, values in rows],
        [(f.KIND_NAMES[record.kind], record.data) for record in stretch.records],
        [time for _, _, time, _ in rows],
        stretch.damaged,
    )


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

    @property
    def runs(self):
        return sorted(path for path in (self.folder / "playhead").glob("*run-*") if not path.is_symlink())

    def journal(self):
        [folder] = self.runs
        return read_journal(folder)

    def journals(self):
        return [read_journal(folder) for folder in self.runs]

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


@pytest.fixture
def journal_of():
    return read_journal


@pytest.fixture
def until():
    def wait(what, timeout=60.0):
        end = time.monotonic() + timeout
        while not (found := what()):
            assert time.monotonic() < end, "it does not happen"
            time.sleep(0.02)
        return found

    return wait


class Server:
    """The local server of a data folder."""

    def __init__(self, folder):
        self.folder = folder

    def begin(self):
        """Start it, and wait until it answers."""
        found = local.find_or_start(self.folder)
        self.url, self.key, self.entity = found.url, found.key, found.entity
        self.api = Api(self.url, self.key)
        self.wait(lambda: self.api.viewer)

    def wait(self, what, timeout=60.0):
        end = time.monotonic() + timeout
        while True:
            with contextlib.suppress(PlayheadError):
                if found := what():
                    return found
            assert time.monotonic() < end, "it does not happen"
            time.sleep(0.02)

    def history(self, run_id, key="a", **place):
        """[(step, value)] of a run of project `p`, as of a step of a segment."""
        run = self.api.run(f"{self.entity}/p/{run_id}")
        run = run.segment(place["segment"]) if "segment" in place else run
        run = run.at(place["step"]) if "step" in place else run
        return [(row["_step"], row[key]) for row in run.scan_history(keys=[key])]

    def run(self, run_id, state, timeout=60.0):
        def find():
            run = self.api.run(f"{self.entity}/p/{run_id}")
            return run if run.state == state else None

        return self.wait(find, timeout)

    def kill(self):
        found = local.running(self.folder)
        if found is not None and found.pid:
            os.kill(found.pid, signal.SIGKILL)
            # A sidecar may have started the next one already.
            self.wait(lambda: (local.running(self.folder) or found._replace(pid=None)).pid != found.pid)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A server that no test may kill."""
    server = Server(tmp_path_factory.mktemp("data"))
    server.begin()
    yield server
    server.kill()


@pytest.fixture
def server_in():
    """Begins a server of the test's own."""
    begun = []

    def begin(folder):
        begun.append(Server(folder))
        begun[-1].begin()
        return begun[-1]

    yield begin
    for server in begun:
        server.kill()


@pytest.fixture
def online(place, server):
    """A folder to train in, beside the running local server."""
    place.env |= {"PLAYHEAD_MODE": "online", "PLAYHEAD_DATA_DIR": str(server.folder)}
    return place


@pytest.fixture
def named(place, server):
    """The same, but the server is named, as one elsewhere is."""
    place.env |= {"PLAYHEAD_MODE": "online", "PLAYHEAD_BASE_URL": server.url, "PLAYHEAD_API_KEY": server.key}
    return place


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
