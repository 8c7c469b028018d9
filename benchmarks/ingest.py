"""Journals into a server: one stream of large bodies (10 floats a row), and 1,000 streams of one row a second each.

Targets, server and sender on two cores: 2,000,000 points a second stored; 1,000 rows a second under one core.
"""

from __future__ import annotations

import asyncio
import bisect
import json
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
import numpy as np
import psutil
import urllib3

from benchmarks.harness import environment, local_server, scratch, table
from playhead.journal import format as f
from playhead.journal.writer import Writer
from playhead.sidecar.recording import POLL, SPACING

BODY = 4 << 20
ROWS = 1_000_000
COLUMNS = 10
STREAMS = 1_000
SECONDS = 10


def journal(folder: Path, name: str, rows: int, columns: int = COLUMNS) -> bytes:
    """A journal of `rows` rows of `columns` floats."""
    header = f.Header(f"s-{name}", f"r-{name}", f"g-{name}", "main", "bench", None, time.time_ns() // 1000)
    path = folder / f"{name}.journal"
    writer = Writer(path, header)
    writer.record(f.START, 0, {"name": name})
    row = {f"metric/{i}": 0.0 for i in range(columns)}
    for step in range(rows):
        row["metric/3"] = step * 0.5
        row["metric/7"] = 1.0 / (step + 1)
        writer.row(step, row)
    writer.abandon()
    data = path.read_bytes()
    path.unlink()
    return data


class Sender:
    """Sends journals to the server."""

    def __init__(self, url: str, key: str) -> None:
        self.pool = urllib3.PoolManager(maxsize=16)
        self.url = url
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/octet-stream"}

    def send(self, stream: str, offset: int, body: bytes | memoryview) -> int:
        """The new offset."""
        url = f"{self.url}/api/v1/streams/{stream}?offset={offset}"
        answer = self.pool.request("POST", url, body=bytes(body), headers=self.headers, retries=False)
        if answer.status != 200:
            raise RuntimeError(answer.data.decode())
        return int(json.loads(answer.data)["offset"])

    def whole(self, stream: str, data: bytes) -> None:
        """All of a journal, in large bodies."""
        view, offset = memoryview(data), 0
        while offset < len(data):
            offset = self.send(stream, offset, view[offset : offset + BODY])


def told_by(folder: Path) -> tuple[Path, str, int]:
    """Where the local server keeps its data, its key, and its process."""
    status = subprocess.run(
        [sys.executable, "-m", "playhead.cli", "server", "status", "--json"],
        env=environment(folder), capture_output=True, text=True, check=False,
    )  # fmt: skip
    told = json.loads(status.stdout)
    data = Path(told["data_dir"])
    return data, (data / "local.key").read_text().strip(), told["pid"]


def large(sender: Sender, folder: Path) -> float:
    """Points a second of one long stream."""
    data = journal(folder, "large", ROWS)
    begun = time.perf_counter()
    sender.whole("s-large", data)
    return ROWS * COLUMNS / (time.perf_counter() - begun)


def plain_insert(folder: Path) -> float:
    """Points a second of DuckDB alone, given the same columns in pieces of the same size."""
    rows = BODY // (f.FRAME_HEAD.size + f.ROW_HEAD.size + 8 * COLUMNS)
    connection = duckdb.connect(str(folder / "plain.duckdb"))
    connection.execute(
        "CREATE TABLE points (segment INT, key INT, step BIGINT, time BIGINT, kind UTINYINT, value DOUBLE)"
    )
    count, begun = 0, time.perf_counter()
    while count < ROWS:
        n = rows * COLUMNS
        piece = {
            "segment": np.zeros(n, np.int32),
            "key": np.repeat(np.arange(COLUMNS, dtype=np.int32), rows),
            "step": np.tile(np.arange(count, count + rows), COLUMNS),
            "time": np.tile(np.arange(count, count + rows), COLUMNS),
            "kind": np.zeros(n, np.uint8),
            "value": np.random.default_rng(0).random(n),
        }
        connection.register("piece", piece)
        connection.execute("INSERT INTO points FROM piece")
        count += rows
    elapsed = time.perf_counter() - begun
    connection.close()
    return count * COLUMNS / elapsed


class Beating:
    """1,000 streams, each on a connection of its own, each logging one row a second and sent as the sidecar sends them."""

    def __init__(self, url: str, key: str, folder: Path, *, columns: int = COLUMNS, seconds: int = SECONDS) -> None:
        parts = urlsplit(url)
        self.address = (parts.hostname, parts.port)
        self.key = key
        self.seconds = seconds
        self.journals = [journal(folder, f"n{i}", seconds + 2, columns) for i in range(STREAMS)]
        self.size = f.FRAME_HEAD.size + f.ROW_HEAD.size + 8 * columns
        self.waits: list[float] = []
        self.late: list[float] = []
        """Seconds from a row to the answer that it is stored,"""
        self.stored: list[float] = []
        """and when that came."""
        self.logged: list[float] = []
        """When the last stream logged each of its rows."""
        self.begun = threading.Event()
        """All streams are open, and go on."""

    async def send(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str, offset: int, body: bytes
    ) -> tuple[int, float]:
        """Where the server stands then, and the seconds that it asks to let pass."""
        head = f"POST /api/v1/streams/{name}?offset={offset} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.key}\r\n"
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", answer)
        content = await reader.readexactly(int(length[1]) if length else 0)
        if not answer.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(content.decode())
        answered = json.loads(content)
        return int(answered["offset"]), float(answered["pause"])

    async def stream(self, i: int, opened: asyncio.Semaphore, start: asyncio.Event) -> None:
        data, name = self.journals[i], f"s-n{i}"
        first = len(data) - self.size * (self.seconds + 1)
        async with opened:
            reader, writer = await asyncio.open_connection(*self.address)
            offset, _ = await self.send(reader, writer, name, 0, data[:first])
        self.ready += 1
        if self.ready == STREAMS:
            self.all_open.set()
        await start.wait()
        begun = time.perf_counter() + i / STREAMS
        logged = [begun + second for second in range(self.seconds)]
        if i == STREAMS - 1:
            self.logged = logged
        stored, pause = 0, 0.0
        while stored < self.seconds:
            await asyncio.sleep(max(pause, logged[stored] + POLL / 2 - time.perf_counter()))
            sent = time.perf_counter()
            rows = bisect.bisect(logged, sent) - stored
            offset, asked = await self.send(reader, writer, name, offset, data[offset : offset + rows * self.size])
            now, pause = time.perf_counter(), max(SPACING, asked)
            self.waits.append(now - sent)
            self.late += [now - at for at in logged[stored : stored + rows]]
            self.stored += rows * [now]
            stored += rows
        writer.close()

    async def all(self, pid: int) -> dict[str, float]:
        self.ready, self.all_open = 0, asyncio.Event()
        start, begun = asyncio.Event(), time.perf_counter()
        limit = asyncio.Semaphore(100)
        tasks = [asyncio.create_task(self.stream(i, limit, start)) for i in range(STREAMS)]
        opening = asyncio.create_task(self.all_open.wait())
        await asyncio.wait([opening, *tasks], return_when=asyncio.FIRST_COMPLETED)
        opened = time.perf_counter() - begun
        server = psutil.Process(pid)
        before, begun = server.cpu_times(), time.perf_counter()
        start.set()
        self.begun.set()
        await asyncio.gather(*tasks)
        elapsed, after = time.perf_counter() - begun, server.cpu_times()
        cpu = after.user + after.system - before.user - before.system
        waits, late, half = sorted(self.waits), sorted(self.late), self.seconds / 2
        return {
            "opened": opened,
            "rate": sum(half < at - begun < self.seconds for at in self.stored) / half,
            "bodies": len(waits) / elapsed,
            "median": waits[len(waits) // 2],
            "slowest": waits[len(waits) * 99 // 100],
            "late": late[len(late) // 2],
            "latest": late[len(late) * 99 // 100],
            "cores": cpu / elapsed,
        }


def main() -> None:
    with scratch() as folder, local_server(folder) as url:
        _, key, pid = told_by(folder)
        sender = Sender(url, key)
        points = large(sender, folder)
        alone = plain_insert(folder)
        table(
            ("one stream, bodies of 4 MiB", "points/s", "ratio"),
            [("server, from journal to disk", points, points / alone), ("DuckDB, the same columns", alone, 1.0)],
        )
        figures = asyncio.run(Beating(url, key, folder).all(pid))
        table(
            (f"{STREAMS} streams, one row a second each", "value"),
            [
                ("cores that the server uses", figures["cores"]),
                ("rows a second, in the second half", figures["rate"]),
                ("bodies a second", figures["bodies"]),
                ("from a body to its answer, median s", figures["median"]),
                ("from a body to its answer, 99 % s", figures["slowest"]),
                ("from a row to the answer, median s", figures["late"]),
                ("from a row to the answer, 99 % s", figures["latest"]),
                ("seconds to open all", figures["opened"]),
            ],
        )


if __name__ == "__main__":
    main()
