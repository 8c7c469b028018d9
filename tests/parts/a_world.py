"""A server for the machine, and trainings that do as they are told; both may be killed."""

import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path

from a_local_server import LocalServer
from waiting import PATIENCE

DRIVER = Path(__file__).parent / "a_driver.py"


class Training:
    """A process that answers commands."""

    def __init__(self, folder, env):
        with (folder / "training.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(DRIVER)],
                cwd=folder,
                env=env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        self._rest = b""

    def ask(self, name, **given):
        answer = self.ask_or_fail(name, **given)
        assert "done" in answer, answer
        return answer["done"]

    def ask_or_fail(self, name, **given):
        """{"done"} or {"error", "message"}; what is said meanwhile is of no interest."""
        self.tell(name, **given)
        while True:
            answer = self.hear()
            if "done" in answer or "error" in answer:
                return answer

    def tell(self, name, **given):
        self.process.stdin.write(json.dumps([name, given]).encode() + b"\n")
        self.process.stdin.flush()

    def hear(self):
        out = self.process.stdout.fileno()
        while b"\n" not in self._rest:
            assert select.select([out], [], [], PATIENCE)[0], "the training does not answer"
            piece = os.read(out, 1 << 16)
            assert piece, "the training is gone"
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\n")
        return json.loads(line)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class World(LocalServer):
    """The server, and a training that is at hand."""

    def __init__(self, folder):
        super().__init__(folder / "data")
        self.folder = folder
        self.env = {
            **os.environ, "PLAYHEAD_DATA_DIR": str(self.data), "PLAYHEAD_SILENT": "true", "PLAYHEAD_DISABLE_GIT": "true",
            "PLAYHEAD_DISABLE_STATS": "true", "PLAYHEAD_DISABLE_META": "true", "TMPDIR": str(folder),
        }  # fmt: skip
        self._spare = []
        self.begin()

    def training(self):
        """One that has started already; the next one starts meanwhile."""
        self._spare += [Training(self.folder, self.env) for _ in range(2 - len(self._spare))]
        return self._spare.pop(0)

    def give_back(self, training):
        self._spare.insert(0, training)

    def close(self):
        for training in self._spare:
            training.kill()
        for _ in range(3):  # a sidecar that has something left starts it again
            self.kill()
            time.sleep(0.3)
