"""`playhead server` as a process on a free port of the loopback interface."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import urllib3

from playhead.client.local import user_name
from playhead.client.server import Server as Client
from playhead.client.transport import HttpTransport
from waiting import until

ME = user_name()
"""The entity of the server's own user."""
CLI = [sys.executable, "-m", "playhead.cli"]
SOURCE = Path(__file__).parents[2] / "src"


def bare(home):
    """An environment with no settings in it."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, "HOME": str(home), "PYTHONPATH": str(SOURCE)}


class Server:
    """On a data folder; it can be killed and started again."""

    me = ME

    def __init__(self, folder):
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.data = folder / "data"
        self.pool = urllib3.PoolManager(retries=False, timeout=60)
        self.process = None
        self.url = ""

    def start(self, *options, port=0, **env):
        command = [*CLI, "server", "--data-dir", str(self.data), "--port", str(port), *options]
        with (self.folder / "server.log").open("ab") as log, (self.folder / "server.out").open("ab") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=log, env={**bare(self.folder), **env})
        until(self._answers)
        return self

    def _answers(self):
        assert self.process.poll() is None, self.log
        try:
            state = json.loads((self.data / "server.json").read_text())
            self.url = state["url"]
            return state["pid"] == self.process.pid and self.request("GET", "/ready").status == 200
        except (OSError, ValueError, KeyError, urllib3.exceptions.HTTPError):
            return False

    def stop(self, sig=signal.SIGTERM):
        """How it ended; None if it was never started."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(sig)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise
        return self.process.returncode

    @property
    def log(self):
        return (self.folder / "server.log").read_text()

    @property
    def link(self):
        """The address that it printed last, which logs in."""
        found = until(lambda: re.findall(r"Page: (\S+)", (self.folder / "server.out").read_text()))
        return found[-1]

    @property
    def key(self):
        return (self.data / "local.key").read_text().strip()

    def client(self, key=None):
        return Client(HttpTransport(self.url, key or self.key), self.url)

    def cli(self, *arguments, **env):
        return subprocess.run(
            [*CLI, *arguments], env={**bare(self.folder), **env}, capture_output=True, text=True, timeout=60, check=False
        )  # fmt: skip

    def add_user(self, name):
        """The key of somebody new."""
        done = self.cli("user", "add", name, "--data-dir", str(self.data))
        assert done.returncode == 0, done.stderr
        return done.stdout.strip().splitlines()[-1]

    def request(self, method, path, key="local", body=None, **headers):
        """Any request. What is no text or bytes goes as JSON."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if key is not None:
            given |= self._credentials(self.key if key == "local" else key)
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
            given.setdefault("Content-Type", "application/json")
        return self.pool.request(method, self.url + path, body=body, headers=given, redirect=False)

    def send(self, stream, offset, body, key="local", final=False):
        """Bytes of a journal, as they are."""
        path = f"/api/v1/streams/{stream}?offset={offset}" + ("&final=1" if final else "")
        return self.request("POST", path, key, body, Content_Type="application/octet-stream")

    def _credentials(self, key):
        return {"Authorization": f"Bearer {key}"}
