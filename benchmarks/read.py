"""One metric of a run into NumPy, through the API of each tracker; those that are not installed are left out.

Target: 1,000,000 points in 200 ms; of 200,000 points, at least 10 times faster than the others in the same run.

    python -m benchmarks read        (POINTS=20000 for fewer)
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.harness import child, in_turns, local_server, scratch, table
from benchmarks.ingest import Sender, journal, told_by

POINTS = int(os.environ.get("POINTS", "200000"))
LONG = 1_000_000
COMMON = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
import numpy as np
count = int(sys.argv[1])
def measure(read):
    read()
    begun = time.perf_counter(); values = read(); taken = time.perf_counter() - begun
    assert isinstance(values, np.ndarray) and len(values) == count, len(values)
    print(json.dumps(taken), flush=True)
"""
OURS = """
import playhead
run = playhead.Api().run(sys.argv[2])
measure(lambda: run.series("metric/3").y)
"""
WRITE = {
    "mlflow (SQLite)": """
import mlflow
from mlflow.entities import Metric
mlflow.set_tracking_uri("sqlite:///mlflow.db")
client = mlflow.MlflowClient()
run = client.create_run(client.create_experiment("bench")).info.run_id
for start in range(0, count, 1000):
    client.log_batch(run, [Metric("loss", i * 0.5, 1000 + i, i) for i in range(start, start + 1000)])
open("mlflow.id", "w").write(run)
""",
    "trackio": """
import trackio
trackio.init(project="bench", name="r")
for i in range(count): trackio.log({"loss": i * 0.5})
trackio.finish()
""",
    "aim": """
import aim
run = aim.Run(repo=".", experiment="bench")
for i in range(count): run.track(i * 0.5, name="loss", step=i)
open("aim.id", "w").write(run.hash)
run.close()
""",
}
READ = {
    "mlflow (SQLite)": """
import mlflow
mlflow.set_tracking_uri("sqlite:///mlflow.db")
client, run = mlflow.MlflowClient(), open("mlflow.id").read()
measure(lambda: np.array([one.value for one in client.get_metric_history(run, "loss")]))
""",
    "trackio": """
from trackio.sqlite_storage import SQLiteStorage
measure(lambda: np.array([row["loss"] for row in SQLiteStorage.get_logs("bench", "r")]))
""",
    "aim": """
import aim
run = aim.Run(run_hash=open("aim.id").read(), repo=".")  # to read alone it would have to be indexed first
def read():
    metric = next(m for m in run.metrics() if m.name == "loss")
    return metric.values.sparse_numpy()[1]
measure(read)
""",
}


def _filled(folder: Path, url: str) -> None:
    """Two runs on the local server, settled."""
    sender = Sender(url, told_by(folder)[1])
    for name, rows in (("short", POINTS), ("long", LONG)):
        data = journal(folder, name, rows)
        sender.whole(f"s-{name}", data)
        sender.send(f"s-{name}", len(data), b"")


def main() -> None:
    with scratch() as folder, local_server(folder) as url:
        _filled(folder, url)
        peers: dict[str, Callable[[], Any]] = {}
        for name, code in WRITE.items():
            try:
                child(COMMON + code + "print('null')", folder, str(POINTS))
            except (RuntimeError, subprocess.SubprocessError) as error:
                print(f"  {name} left out: {str(error).strip().splitlines()[-1][:150]}")
                continue

            def read(code: str = READ[name]) -> float:
                return float(child(COMMON + code, folder, str(POINTS)))

            peers[name] = read
        time.sleep(5)  # the runs are sorted by now, as those of yesterday are

        def ours(name: str, count: int) -> Callable[[], float]:
            return lambda: float(child(COMMON + OURS, folder, str(count), f"bench/r-{name}"))

        found = in_turns(5, {"playhead": ours("short", POINTS), **peers, f"playhead, {LONG:,}": ours("long", LONG)})
        table(
            (f"one metric of {POINTS:,} points into NumPy, warm", "s", "× playhead"),
            [(name, taken, taken / found["playhead"]) for name, taken in found.items()],
        )


if __name__ == "__main__":
    main()
