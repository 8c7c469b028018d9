"""What moving through a run costs: rewind, fork and resume of a short and a long run, and a look at a step of a wide one.

Target: rewind and fork under 10 ms, at most 1.5 times as long for 10,000,000 rows as for 1,000; resuming under 150 ms; the summary of
1,000 metrics as of a step under 50 ms.

    python -m benchmarks timeline        (LONG=1000000 for a shorter long run)
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.harness import child, local_server, scratch, table
from playhead.client.local import local_key
from playhead.client.server import Server
from playhead.domain.ids import RunPath, generate_id
from playhead.journal import format as f
from playhead.journal.writer import Writer
from playhead.wire.timeline import Begin

LONG = int(os.environ.get("LONG", "10000000"))
RESUME = """
import json, time, playhead
begun = time.perf_counter()
run = playhead.init(project="bench", id="{run_id}", resume="must")
print(json.dumps((time.perf_counter() - begun) * 1e3), flush=True)
run.finish()
"""


def main() -> None:
    with scratch() as folder, local_server(folder) as url:
        key = local_key(folder / ".local" / "share" / "playhead")
        server = Server.at(url, key)
        entity = server.viewer().entity
        sizes = {"1,000 rows": 1_000, f"{LONG:,} rows": LONG}
        for rows in sizes.values():
            send(server, folder, name_of(rows), rows, 1)
        send(server, folder, "wide", 1_000, 1_000)
        time.sleep(8)  # the segments are settled by then
        found = {
            what: {name: measure(server, name_of(rows), rows, fork=fork) for name, rows in sizes.items()}
            for what, fork in (("rewind", False), ("fork", True))
        }
        table(
            ("ms on a warm server", *sizes, "ratio"),
            [
                (what, *times.values(), [*times.values()][1] / next(iter(times.values())))
                for what, times in found.items()
            ],
        )
        resumes = [(name, resume(folder, name_of(rows))) for name, rows in sizes.items()]
        table(('init(resume="must")', "ms"), resumes)
        wide = RunPath(entity, "bench", "wide")
        table(
            ("1,000 metrics", "ms"),
            [
                ("run.at(500), with its summary", median(lambda: server.run(wide, step=500))),
                ("run, with its summary", median(lambda: server.run(wide))),
            ],
        )


def name_of(rows: int) -> str:
    return f"run-{rows}"


def send(server: Server, folder: Path, run_id: str, rows: int, keys: int) -> None:
    """A run of that many rows, as an ended training would have sent it."""
    header = f.Header(generate_id(16), run_id, generate_id(16), "main", "bench", None, time.time_ns() // 1000)
    path = folder / f"{run_id}.journal"
    writer = Writer(path, header)
    writer.record(f.START, 0, {"name": run_id, "config": {"lr": 0.1}})
    row = {f"m{number}": 0.5 for number in range(keys)}
    for step in range(rows):
        writer.row(step, row)
    writer.record(f.EXIT, rows, {"code": 0})
    writer.close()
    offset = 0
    with path.open("rb") as file:
        while piece := file.read(4 << 20):
            while piece:
                taken = server.append(header.stream, offset, piece).offset
                piece, offset = piece[taken - offset :], taken
                if len(piece) < 1 << 20:
                    piece += file.read(4 << 20)
    path.unlink()


def measure(server: Server, run_id: str, rows: int, *, fork: bool) -> float:
    """Milliseconds of one turn, the answer included."""

    def turn() -> Any:
        return server.begin(
            Begin(
                project="bench", stream=generate_id(16), segment=generate_id(16), created_at=time.time_ns() // 1000,
                from_run=run_id, step=rows // 2, fork=fork,
            )
        )  # fmt: skip

    if not fork:
        head = server.run(RunPath(server.viewer().entity, "bench", run_id)).head
        result = median(turn)
        server.rewind(RunPath(server.viewer().entity, "bench", run_id), segment=head)
        return result
    return median(turn)


def median(work: Callable[[], Any], times: int = 21) -> float:
    work()
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begun) * 1e3)
    return statistics.median(taken)


def resume(folder: Path, run_id: str) -> float:
    """A new process each time; the former one has ended."""
    return statistics.median(child(RESUME.format(run_id=run_id), folder, PLAYHEAD_MODE="online") for _ in range(5))


if __name__ == "__main__":
    main()
