"""The local server of a data folder, found or started as the SDK does it."""

import contextlib
import os
import signal

from playhead.client import local
from playhead.client.api import Api
from playhead.domain.errors import PlayheadError
from waiting import PATIENCE, until


class LocalServer:
    """It can be killed, and begun again."""

    project = "p"
    """Where its runs are."""

    def __init__(self, data):
        self.data = data

    def begin(self):
        """Start it, and wait until it answers."""
        found = local.find_or_start(self.data)
        self.url, self.key, self.entity = found.url, found.key, found.entity
        self.api = Api(self.url, self.key)
        self.wait(lambda: self.api.viewer and self.pid)
        return self

    @property
    def pid(self):
        """None: it does not run, or has just been started."""
        found = local.running(self.data)
        return found and found.pid

    def wait(self, what, timeout=PATIENCE):
        """The first true answer of `what`, whatever the server said before."""
        return until(what, timeout, PlayheadError)

    def run(self, run_id, state=None, timeout=PATIENCE):
        """The run, once it is in this state."""

        def find():
            run = self.api.run(f"{self.entity}/{self.project}/{run_id}")
            return run if state in {None, run.state} else None

        return self.wait(find, timeout)

    def kill(self):
        """A sidecar may start the next one at once."""
        pid = self.pid
        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            until(lambda: self.pid != pid)
