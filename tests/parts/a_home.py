"""A real server in a folder of its own, and runs to send to it."""

import json
import os
import subprocess
import sys

from a_local_server import LocalServer
from a_training import new_run
from playhead.journal import format as f

NOBODY = 1 << 30
"""Number of a process that there is not."""


class Home(LocalServer):
    """With the project that the runs are sent to."""

    project = "demo"

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
