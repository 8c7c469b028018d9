"""`make demo`: three trainings side by side on this machine's own server, and the link that shows them at work."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import playhead

PROJECT = "digits"
SETTINGS = (
    ["--lr", "0.01", "--hidden", "16"],
    ["--lr", "0.1", "--hidden", "32"],
    ["--lr", "0.4", "--hidden", "64"],
)
PLAYHEAD = [sys.executable, "-m", "playhead.cli"]


def start(settings: list[str]) -> subprocess.Popen[bytes]:
    """One training. What it prints is in its run's console; its errors are shown here too."""
    script = Path(__file__).with_name("digits.py")
    command = [sys.executable, str(script), "--pace", "0.8", *settings]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, "PLAYHEAD_QUIET": "true"})


def wait_for_runs(trainings: list[subprocess.Popen[bytes]]) -> None:
    """Until the server knows a run of them, so that the link has something to show."""
    api = playhead.Api()
    runs = f"{api.viewer.entity}/{PROJECT}"
    while all(training.poll() is None for training in trainings):
        try:
            if any(run.state == "running" for run in api.runs(runs)):
                return
        except playhead.errors.NotFoundError:
            pass
        time.sleep(0.2)


def main() -> int:
    trainings = [start(settings) for settings in SETTINGS]
    wait_for_runs(trainings)
    print("\nThree trainings are at work. Watch them here (the link logs you in on this machine):\n", flush=True)
    subprocess.run([*PLAYHEAD, "ui", "--no-browser", PROJECT], check=True)
    codes = [training.wait() for training in trainings]
    if any(codes):
        print("\nA training failed; its messages are above, and in its console on the page.")
        return 1
    print("\nThey are done, and stay on the page. `.venv/bin/playhead ui` opens it again.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
