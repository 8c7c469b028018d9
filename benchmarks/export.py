"""A project as Parquet: points a second, and memory; beside DuckDB's own COPY of the same points, one below the other, out of the server's file.

Target: 5,000,000 points a second of 5,000 runs with 100,000 points each, with less than 500 MB.

    python -m benchmarks export        (RUNS=5000 for all of them)
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import psutil

from benchmarks.harness import environment, local_server, scratch, table
from benchmarks.ingest import Sender, told_by
from playhead.journal import format as f
from playhead.journal.writer import Writer

RUNS = int(os.environ.get("RUNS", "100"))
ROWS, KEYS = 10_000, 10
POINTS = RUNS * ROWS * KEYS
TIMES = 3
MB = 1 << 20


def main() -> None:
    rows: list[tuple[Any, ...]] = []
    with scratch() as folder:
        with local_server(folder) as url:
            data, key, pid = told_by(folder)
            sender = Sender(url, key)
            for number in range(RUNS):
                sender.whole(f"s-{number}", ended(folder, number))
            rest(psutil.Process(pid))
            for again in range(TIMES):
                taken, own, servers = exported(folder, again, psutil.Process(pid))
                rows.append((f"export, {again + 1}.", POINTS / taken, own / MB, servers / MB))
        rows += [("DuckDB alone", POINTS / copied(data / "metrics.duckdb", folder), "", "") for _ in range(TIMES)]
    table((f"{RUNS:,} runs of {ROWS * KEYS:,} points", "points/s", "MB at most", "MB of the server"), rows)


def ended(folder: Path, number: int) -> bytes:
    """The journal of a run that is over."""
    header = f.Header(f"s-{number}", f"r-{number}", f"g-{number}", "main", "bench", None, time.time_ns() // 1000)
    path = folder / "run.journal"
    writer = Writer(path, header)
    writer.record(f.START, 0, {"name": f"run-{number}"})
    keys, value = [f"metric/{key}" for key in range(KEYS)], random.Random(number).random
    for step in range(ROWS):
        writer.row(step, {key: value() for key in keys})
    writer.record(f.EXIT, ROWS, {"code": 0})
    writer.abandon()
    data = path.read_bytes()
    path.unlink()
    return data


def rest(server: psutil.Process) -> None:
    """Wait until it has sorted what came."""
    while server.cpu_percent(2.0) > 5:
        pass


def exported(folder: Path, again: int, server: psutil.Process) -> tuple[float, int, int]:
    """Seconds, and the most memory of both sides."""
    command = [sys.executable, "-m", "playhead.cli", "export", "bench", "--to", str(folder / f"out-{again}")]
    begun, own, servers = time.perf_counter(), 0, 0
    with (
        (folder / "told").open("w") as told,
        subprocess.Popen(command, env=environment(folder), stdout=told, stderr=told) as process,
    ):
        while process.poll() is None:
            own = max(own, psutil.Process(process.pid).memory_info().rss)
            servers = max(servers, server.memory_info().rss)
            time.sleep(0.02)
    if process.returncode:
        raise RuntimeError((folder / "told").read_text()[-2_000:])
    return time.perf_counter() - begun, own, servers


def copied(file: Path, folder: Path) -> float:
    """Seconds that DuckDB needs for all points."""
    with duckdb.connect(str(file), read_only=True) as connection:
        begun = time.perf_counter()
        connection.execute(f"COPY (SELECT * FROM points) TO '{folder / 'alone.parquet'}' (FORMAT parquet)")
        return time.perf_counter() - begun


if __name__ == "__main__":
    main()
