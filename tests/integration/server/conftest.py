"""Real server processes on free ports of the loopback interface, and journals as a training writes them."""

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import urllib3

from playhead.client.local import user_name
from playhead.client.server import Server
from playhead.client.transport import HttpTransport
from playhead.domain.ids import RunPath
from playhead.journal import format as f
from playhead.journal.writer import Writer

ME = user_name()
ROOT = Path(__file__).parents[3]
CLI = [sys.executable, "-m", "playhead.cli"]
_numbers = itertools.count()


def environment(home):
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, "HOME": str(home), "PYTHONPATH": str(ROOT / "src")}


class Process:
    """A server on a data folder; it can be killed and started again."""

    def __init__(self, folder):
        self.folder = folder
        self.data = folder / "data"
        self.pool = urllib3.PoolManager(retries=False, timeout=60)
        self.process = None
        self.url = ""

    def start(self, *options, port=0, wait=True, **env):
        command = [*CLI, "server", "--data-dir", str(self.data), "--port", str(port), *options]
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, env={**environment(self.folder), **env}, text=True
            )
        if wait:
            self.output = [self.process.stdout.readline() for _ in range(2)]
            state = json.loads((self.data / "server.json").read_text())
            self.url = state["url"]
            self.wait_ready()
        return self

    def wait_ready(self):
        for _ in range(200):
            with contextlib.suppress(urllib3.exceptions.HTTPError):
                if self.pool.request("GET", self.url + "/ready").status == 200:
                    return
            assert self.process.poll() is None, (self.folder / "server.log").read_text()
            time.sleep(0.05)
        raise AssertionError("the server does not become ready")

    def stop(self, sig=signal.SIGTERM):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(sig)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise
        if self.process is not None:
            self.process.stdout.close()
        return self.process.returncode if self.process else None

    @property
    def key(self):
        return (self.data / "local.key").read_text().strip()

    def client(self, key=None):
        return Server(HttpTransport(self.url, key or self.key), self.url)

    def cli(self, *arguments, **env):
        return subprocess.run(
            [*CLI, *arguments],
            env={**environment(self.folder), **env},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def add_user(self, name):
        done = self.cli("user", "add", name, "--data-dir", str(self.data))
        assert done.returncode == 0, done.stderr
        return done.stdout.strip().splitlines()[-1]

    def request(self, method, path, key="local", body=None, **headers):
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if key is not None:
            given["Authorization"] = f"Bearer {self.key if key == 'local' else key}"
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
            given.setdefault("Content-Type", "application/json")
        return self.pool.request(method, self.url + path, body=body, headers=given, redirect=False)

    def send(self, stream, offset, body, key="local", final=False):
        path = f"/api/v1/streams/{stream}?offset={offset}" + ("&final=1" if final else "")
        return self.request("POST", path, key, body, Content_Type="application/octet-stream")


class Media:
    """Something to log that the SDK turns into this."""

    def __init__(self, **data):
        self.data = data


class Journal:
    """A stream of a run of its own, unless the header says otherwise."""

    def __init__(self, folder, **header):
        number = f"{os.getpid()}-{next(_numbers)}"
        fields = {
            "stream": f"s-{number}",
            "run_id": f"r-{number}",
            "segment": f"g-{number}",
            "role": "main",
            "project": "demo",
            "entity": None,
            "created_at": time.time_ns() // 1000,
        }
        self.header = f.Header(**{**fields, **header})
        self.stream = self.header.stream
        self.path = folder / f"{number}.journal"
        self.writer = Writer(self.path, self.header, convert=lambda _, value: getattr(value, "data", value))

    @property
    def data(self):
        return self.path.read_bytes()

    @property
    def run(self):
        return RunPath(self.header.entity or ME, self.header.project, self.header.run_id)

    def start(self, **data):
        self.writer.record(f.START, 0, {"name": "calm-river-1", "config": {}, **data})
        return self

    def rows(self, count, first=0, key="loss"):
        for step in range(first, first + count):
            self.writer.row(step, {key: 1.0 / (step + 1)})
        return self

    def record(self, kind, step=0, **data):
        self.writer.record(kind, step, data)
        return self


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """One server for all tests that do not disturb it."""
    process = Process(tmp_path_factory.mktemp("server")).start()
    yield process
    process.stop()


@pytest.fixture
def own_server(tmp_path):
    """A server of the test's own, not started yet."""
    process = Process(tmp_path)
    yield process
    process.stop(signal.SIGKILL)


@pytest.fixture
def journal(tmp_path):
    """Makes journals."""
    with _journals(tmp_path) as make:
        yield make


@pytest.fixture(scope="module")
def journals(tmp_path_factory):
    """Makes journals that all tests of a file share."""
    with _journals(tmp_path_factory.mktemp("journals")) as make:
        yield make


@contextlib.contextmanager
def _journals(folder):
    made = []

    def make(**header):
        made.append(Journal(folder, **header))
        return made[-1]

    yield make
    for one in made:
        one.writer.abandon()


@pytest.fixture(scope="session")
def media():
    """Makes what stands for an image or the like."""
    return Media


@pytest.fixture(scope="session")
def bob(server):
    """The key of a user without any right in ada's projects."""
    return server.add_user("bob")
