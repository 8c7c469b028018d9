"""What a log() costs the training, in its own thread.

Target: 10 floats in 4 µs mean, 12 µs p99, at most 3 times the packed write() floor; 1,000 floats in 200 µs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.harness import child, in_turns, local_server, scratch, table

COMMON = """
import json, random, sys, time
width, count = int(sys.argv[1]), int(sys.argv[2])
rows = [{f"train/m{i}": random.random() for i in range(width)} for _ in range(100)]
def measure(log):
    taken, clock = [], time.perf_counter_ns
    for i in range(count):
        row = rows[i % 100]
        begun = clock(); log(row); taken.append(clock() - begun)
    taken = sorted(taken[count // 20:])
    print(json.dumps({"mean": sum(taken) / len(taken) / 1e3, "p50": taken[len(taken) // 2] / 1e3, "p99": taken[len(taken) * 99 // 100] / 1e3}), flush=True)
"""
FLOOR = """
import os, struct, zlib
fd = os.open("floor", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
pack = struct.Struct(f"<BIqq{width}d").pack
head = struct.Struct("<II").pack
def log(row):
    payload = pack(1, 0, 7, 7, *row.values())
    os.write(fd, head(len(payload), zlib.crc32(payload)) + payload)
measure(log)
"""
PEERS = {
    "packed row + crc + write() (floor)": FLOOR,
    "playhead": "import playhead\nrun = playhead.init(project='bench')\nmeasure(run.log)\nrun.finish()",
    "trackio": "import trackio\ntrackio.init(project='bench')\nmeasure(trackio.log)\nimport os; os._exit(0)",
    "wandb offline": "import wandb\nrun = wandb.init(project='bench')\nmeasure(run.log)\nrun.finish()",
}


def main() -> None:
    with scratch() as folder, local_server(folder):
        for width, count in ((10, 10_000), (1_000, 200)):

            def measure(code: str, width: int = width, count: int = count) -> Callable[[], Any]:
                return lambda: child(COMMON + code, folder, str(width), str(count), PLAYHEAD_MODE="online")

            found = in_turns(5, {name: measure(code) for name, code in PEERS.items()})
            ours = found["playhead"]["mean"]
            table((f"log() of {width:,} floats, µs", "mean", "p50", "p99", "× playhead"),
                  [(n, v["mean"], v["p50"], v["p99"], v["mean"] / ours) for n, v in found.items()])  # fmt: skip


if __name__ == "__main__":
    main()
