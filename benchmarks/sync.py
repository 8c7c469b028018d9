"""An offline run of 1,000,000 points, sent to a local server: the first time, and again.

Target: 5 s; then 0.2 s and no rows sent.
"""

from __future__ import annotations

import sys

from benchmarks.harness import child, local_server, scratch, seconds, table

RECORD = """
import random, playhead
run = playhead.init(project="bench", mode="offline")
for i in range(100_000):
    run.log({f"m{k}": random.random() for k in range(10)})
run.finish()
print("1")
"""


def main() -> None:
    with scratch() as folder:
        child(RECORD, folder, PLAYHEAD_MODE="offline")
        bytes_ = sum(path.stat().st_size for path in folder.rglob("*.journal"))
        command = [sys.executable, "-m", "playhead.cli", "sync", "--all"]
        with local_server(folder):
            first = seconds(command, folder)
            again = sorted(seconds(command, folder) for _ in range(5))[2]
        copied = seconds([sys.executable, "-c", f"open('copy','wb').write(bytes({bytes_}))"], folder)
        table(
            ("sync of 1,000,000 points", "s"),
            [("first", first), ("second", again), (f"bare Python writing {bytes_ / 1e6:.0f} MB (floor)", copied)],
        )


if __name__ == "__main__":
    main()
