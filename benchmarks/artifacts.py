"""Artifacts: what a training waits for when it logs one, until it is a version on a local server, and back again; beside W&B's client offline.

python -m benchmarks artifacts        (SIZE=268435456 for a smaller large file)
"""

from __future__ import annotations

import os
from functools import partial

from benchmarks.harness import child, in_turns, local_server, scratch, table

SIZE = int(os.environ.get("SIZE", str(512 << 20)))
MANY = 2_000
MADE = """
import json, os, pathlib, sys, time
size, many = int(sys.argv[1]), int(sys.argv[2])
path = pathlib.Path("data")
path.mkdir(exist_ok=True)
if many == 1:
    with open("data/large.bin", "wb") as file:
        for _ in range(size >> 20):
            file.write(os.urandom(1 << 20))
else:
    for number in range(many):
        (path / f"{number}.txt").write_text(f"{number} {os.urandom(8).hex()}")
said = {}
def timed(name, call):
    begun = time.perf_counter()
    answer = call()
    said[name] = time.perf_counter() - begun
    return answer
"""
OURS = (
    MADE
    + """
import playhead
with playhead.init(project="bench", mode="online") as run:
    artifact = playhead.Artifact("data", "dataset")
    timed("add", lambda: artifact.add_dir("data"))
    logged = timed("log", lambda: run.log_artifact(artifact))
    timed("there", logged.wait)
    timed("fetched", lambda: logged.download("fetched"))
    timed("again", lambda: logged.download("fetched"))
    timed("cached", lambda: logged.download("cached"))
print(json.dumps(said))
"""
)
THEIRS = (
    MADE
    + """
import wandb
with wandb.init(project="bench", mode="offline") as run:
    artifact = wandb.Artifact("data", "dataset")
    timed("add", lambda: artifact.add_dir("data"))
    timed("log", lambda: run.log_artifact(artifact))
print(json.dumps(said))
"""
)


def main() -> None:
    for title, size, many in ((f"one file of {SIZE >> 20:,} MiB", SIZE, 1), (f"{MANY:,} small files", 0, MANY)):
        rows = []
        for name, code in (("playhead", OURS), ("wandb offline", THEIRS)):
            with scratch() as folder, local_server(folder):
                found = in_turns(1, {name: partial(child, code, folder, str(size), str(many))})
            said = found.get(name, {})
            rows.append([name, *(said.get(what, "") for what in ("add", "log", "there", "fetched", "again", "cached"))])
        table([f"{title}, s", "add", "log", "a version", "fetched", "again", "from the cache"], rows)
