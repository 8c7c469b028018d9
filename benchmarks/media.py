"""What logging an image costs the training, in its own thread; and how soon the sidecar has made what was logged.

Target: a 256 × 256 image in 2 ms. Floor: writing its pixels to a new file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.harness import child, in_turns, local_server, scratch, table

COMMON = """
import json, os, sys, time
import numpy as np
size, kind, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
rng = np.random.default_rng(0)
slope = np.add.outer(np.arange(size), np.arange(size))[:, :, None] * 200 / (2 * size)
images = [np.clip(slope + rng.normal(0, 6, (size, size, 3)), 0, 255).astype("uint8") for _ in range(10)]
if kind == "float32":
    images = [image.astype("float32") / 255 for image in images]
def measure(log):
    taken, clock = [], time.perf_counter_ns
    for i in range(count):
        image = images[i % 10]
        begun = clock(); log(image); taken.append(clock() - begun)
        time.sleep(0.02)
    taken = sorted(taken[count // 10:])
    print(json.dumps({"mean": sum(taken) / len(taken) / 1e6, "p50": taken[len(taken) // 2] / 1e6, "p99": taken[len(taken) * 99 // 100] / 1e6}), flush=True)
"""
FLOOR = """
def log(image, number=[0]):
    number[0] += 1
    with open(f"floor-{os.getpid()}-{number[0]}", "wb", buffering=0) as file:
        file.write(image)
measure(log)
"""
PEERS = {
    "pixels to a new file (floor)": FLOOR,
    "playhead": "import playhead\nrun = playhead.init(project='bench')\nmeasure(lambda image: run.log({'image': playhead.Image(image)}))\nrun.finish()",
    "wandb offline": "import wandb\nrun = wandb.init(project='bench')\nmeasure(lambda image: run.log({'image': wandb.Image(image)}))\nrun.finish()",
}
BEHIND = """
import json, pathlib, sys, time
import numpy as np
import playhead
run = playhead.init(project="bench", mode="offline")
images = np.random.default_rng(0).integers(0, 256, (10, 256, 256, 3), "uint8")
begun = time.perf_counter()
for i in range(300):
    run.log({"image": playhead.Image(images[i % 10])})
logged = time.perf_counter() - begun
files = pathlib.Path(run.dir, "media/images")
while len([name for name in files.glob("image_*.png")]) < 300:
    time.sleep(0.05)
print(json.dumps({"logged": 300 / logged, "made": 300 / (time.perf_counter() - begun)}))
run.finish()
"""


def main() -> None:
    with scratch() as folder, local_server(folder):
        for size, kind in ((256, "uint8"), (256, "float32"), (1024, "uint8")):

            def measure(code: str, size: int = size, kind: str = kind) -> Callable[[], Any]:
                return lambda: child(COMMON + code, folder, str(size), kind, "60", PLAYHEAD_MODE="online")

            found = in_turns(3, {name: measure(code) for name, code in PEERS.items()})
            ours = found["playhead"]["p50"]
            table((f"an image of {size} × {size}, {kind}, ms", "mean", "p50", "p99", "× playhead"),
                  [(n, v["mean"], v["p50"], v["p99"], v["p50"] / ours) for n, v in found.items()])  # fmt: skip
        behind = in_turns(3, {"300 images of 256 × 256": lambda: child(BEHIND, folder)})
        table(
            ("images a second", "logged", "made by the sidecar"),
            [(n, v["logged"], v["made"]) for n, v in behind.items()],
        )


if __name__ == "__main__":
    main()
