"""`make demo`: three trainings side by side on this machine's own server, and the link that shows them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SETTINGS = (
    ["--lr", "0.01", "--hidden", "16"],
    ["--lr", "0.1", "--hidden", "32"],
    ["--lr", "0.4", "--hidden", "64"],
)


def main() -> int:
    script = str(Path(__file__).with_name("digits.py"))
    trainings = [subprocess.Popen([sys.executable, script, "--pace", "0.3", *settings]) for settings in SETTINGS]
    codes = [training.wait() for training in trainings]
    if any(codes):
        print("A training failed; its messages are above.")
        return 1
    print("\nThree trainings are recorded. Look at them here (the link logs you in on this machine):\n", flush=True)
    return subprocess.run(
        [sys.executable, "-m", "playhead.cli", "ui", "--no-browser", "digits"], check=False
    ).returncode


if __name__ == "__main__":
    raise SystemExit(main())
