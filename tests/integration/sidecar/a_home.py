"""A real server in a folder of its own, and runs to send to it."""

import contextlib
import json
import os
import signal
import subprocess
import sys

from a_training import gone, new_run, until

from playhead.client import local
from playhead.client.api import Api
from playhead.domain.errors import PlayheadError
from playhead.journal import format as f

NOBODY = 1 << 30
"""Number of a process that there is not."""


class Home:
    """A server in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.start()

    def start(self):
        found = local.find_or_start(self.folder)
        self.url, self.key, self.entity = found.url, found.key, found.entity
        self.api = Api(self.url, self.key)
        until(lambda: self.api.viewer and local.running(self.folder).pid, 20)

    @property
    def pid(self):
        """Of the server, once it knows it."""
        return until(lambda: local.running(self.folder).pid)

    def kill(self):
        pid = self.pid
        os.kill(pid, signal.SIGKILL)
        until(lambda: gone(pid))

    def run(self, run_id, state=None, timeout=60):
        def find():
            with contextlib.suppress(PlayheadError):
                run = self.api.run(f"{self.entity}/demo/{run_id}")
                return run if state in {None, run.state} else None

        return until(find, timeout)

    def steps(self, run_id):
        return [row["_step"] for row in self.run(run_id).scan_history()]

    def sync(self, *arguments, expect=0, **more):
        env = {**os.environ, "PLAYHEAD_BASE_URL": self.url, "PLAYHEAD_API_KEY": self.key, **more}
        command = [sys.executable, "-m", "playhead.cli", "sync", "--json", *map(str, arguments)]
        done = subprocess.run(command, check=False, env=env, capture_output=True, text=True)
        assert done.returncode == expect, done.stderr + done.stdout
        return json.loads(done.stdout)["runs"] if done.stdout else done.stderr


def recorded(folder, run_id, rows, *, text=True):
    """A run recorded to its end."""
    writer = new_run(folder, run_id, pid=NOBODY)
    for step in range(rows):
        writer.row(step, {"loss": step / 3, "text": f"row {step}"} if text else {"loss": step / 3})
    writer.record(f.EXIT, rows, {"code": 0})
    writer.close()
    return folder
