"""SIGKILL at random moments, of the training, its sidecar, the server, and all at once: no returned `log()` is lost, none is doubled.

`KILLS=100 python -m pytest tests/integration/kill` does it a hundred times; by default each kind of victim gets one turn.
"""

from __future__ import annotations

import mmap
import os
import random
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from playhead.client import local
from playhead.client.api import Api
from playhead.domain.errors import PlayheadError

KILLS = int(os.environ.get("KILLS", "4"))
VICTIMS = ("training", "sidecar", "server", "all")
TRAINING = """
import mmap, os, struct, sys, time
import playhead
run = playhead.init(project="kill", id=sys.argv[1], settings=playhead.Settings(console="off"))
with open("returned", "r+b") as file:
    returned = mmap.mmap(file.fileno(), 8)
rest = float(sys.argv[2])
i = 0
while not os.path.exists("stop"):
    run.log({"i": i, "half": i / 2, "text": f"row {i}"})
    i += 1
    returned[:8] = struct.pack("<q", i)
    if rest or i % 500 == 0:
        time.sleep(rest or 0.005)
run.finish()
"""


class Trial:
    """One training in its own home, with the local server that it starts."""

    def __init__(self, folder: Path, run_id: str, rest: float) -> None:
        self.folder, self.run_id = folder, run_id
        self.data = folder / "data"
        self.env = {**os.environ, "HOME": str(folder), "PLAYHEAD_DATA_DIR": str(self.data), "PLAYHEAD_QUIET": "true"}
        (folder / "returned").write_bytes(bytes(8))
        with (folder / "log").open("wb") as log:
            self.training = subprocess.Popen(
                [sys.executable, "-c", TRAINING, run_id, str(rest)], cwd=folder, env=self.env, stdout=log, stderr=log
            )

    def returned(self) -> int:
        with (
            (self.folder / "returned").open("rb") as file,
            mmap.mmap(file.fileno(), 8, access=mmap.ACCESS_READ) as seen,
        ):
            return int(struct.unpack("<q", seen[:8])[0])

    def sidecars(self) -> list[int]:
        try:
            return [
                p.pid
                for p in psutil.Process(self.training.pid).children()
                if "playhead.sidecar" in " ".join(p.cmdline())
            ]
        except psutil.Error:
            return []

    def server(self) -> int | None:
        found = local.running(self.data)
        return found.pid if found else None

    def victims(self, who: str) -> list[int]:
        server = self.server()
        pids = {
            "training": [self.training.pid], "sidecar": self.sidecars(), "server": [] if server is None else [server]
        }  # fmt: skip
        return [pid for group in pids.values() for pid in group] if who == "all" else pids[who]

    def stop(self) -> None:
        (self.folder / "stop").touch()
        self.training.wait(60)

    def sync(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "playhead.cli", "sync", "--all"],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )

    def told(self, api: Api, path: str) -> str:
        """What is known of a run that does not end."""
        logs = "".join(log.read_text() for log in self.folder.glob("playhead/run-*/logs/*"))
        try:
            run = api.run(path)
        except PlayheadError as error:
            return f"{error}; {logs}"
        return f"{run.state} at step {run.step:,}; {logs}"

    def api(self) -> Api:
        found = local.find_or_start(self.data)
        return Api(base_url=found.url, api_key=found.key)


def wait_for(what: Callable[[], object], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def trial_in(tmp_path):
    trials: list[Trial] = []

    def start(run_id: str, rest: float) -> Trial:
        trials.append(Trial(tmp_path, run_id, rest))
        return trials[-1]

    yield start
    for trial in trials:
        sidecars, server = trial.sidecars(), trial.server()
        for pid in [trial.training.pid, *sidecars, *([] if server is None else [server])]:
            if psutil.pid_exists(pid):
                os.kill(pid, signal.SIGKILL)
        trial.training.wait()


@pytest.mark.timeout(180)
@pytest.mark.parametrize("turn", range(KILLS))
def test_no_returned_row_is_lost_or_doubled(trial_in, turn):
    chance = random.Random(f"{turn}-{time.time_ns()}")
    who, rest = VICTIMS[turn % 4], chance.choice([0.0, 0.0002, 0.01])
    trial = trial_in(f"run{turn}", rest)
    assert wait_for(lambda: trial.returned() > 0 and trial.server(), 60), (trial.folder / "log").read_text()
    time.sleep(chance.uniform(0.0, 2.0))
    killed = trial.victims(who)
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    at_kill = trial.returned()
    if who in {"sidecar", "server"}:
        time.sleep(chance.uniform(0.2, 1.0))
        trial.stop()
    else:
        trial.training.wait()
    returned = trial.returned()
    assert killed
    assert returned >= at_kill

    path = f"{local.user_name()}/kill/{trial.run_id}"
    expected_state = "finished" if who in {"sidecar", "server"} else "crashed"
    if who == "all":
        done = trial.sync()
        assert done.returncode == 0, done.stderr + done.stdout
    api = trial.api()

    def state() -> bool:
        try:
            return bool(api.run(path).state == expected_state)
        except PlayheadError:  # not there yet
            return False

    # A training that hardly rests logs 100,000 rows and more: on a busy machine they take a while to arrive.
    assert wait_for(state, 60), f"{who}: not {expected_state} of {returned:,} rows: {trial.told(api, path)}"
    rows = list(api.run(path).scan_history())
    steps = [row["_step"] for row in rows]
    assert steps == list(range(len(steps))), who
    assert returned <= len(rows) <= returned + 1, who
    assert all((row["i"], row["half"], row["text"]) == (s, s / 2, f"row {s}") for s, row in enumerate(rows))
