"""Files to and from a local server: a large one against `cp` and `sha256sum` of it, again unchanged, small ones, memory, a training beside it.

Target: 1 GiB at half the speed of both commands; nothing sent again; under 150 MB for 5 GiB up and down; 10,000 of 4 KiB in 20 s, and a page
of their list in 0.3 s; a change on the server in 5 s; what the training itself writes not slower by more than 5 %.

    python -m benchmarks files        (SIZE=268435456 for a smaller large file; the memory is measured with five times that)
"""

from __future__ import annotations

import hashlib
import os
import resource
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.harness import child, local_server, scratch, table
from playhead.client import downloads, uploads
from playhead.client.local import local_key, read_state
from playhead.client.server import Server
from playhead.domain.ids import RunPath, generate_id
from playhead.journal import format as f
from playhead.journal.writer import Writer
from playhead.wire.files import FileView

SIZE = int(os.environ.get("SIZE", str(1 << 30)))
SMALL, MANY = 4 << 10, 10_000


def main() -> None:
    with scratch() as folder, local_server(folder) as url:
        data = folder / ".local" / "share" / "playhead"
        server = Server.at(url, local_key(data))
        process = psutil.Process(int(str(read_state(data)["pid"])))
        run = new_run(server, folder)
        memory(server, run, folder, process)
        large(server, run, folder)
        small(server, run, folder)
    with scratch() as folder, local_server(folder) as url:
        data = folder / ".local" / "share" / "playhead"
        saved(folder, data)
        beside(folder)


def large(server: Server, run: RunPath, folder: Path) -> None:
    source = random_file(folder / "large", SIZE)
    ours, theirs = [], []
    for number in range(3):
        begun = time.perf_counter()
        subprocess.run(["cp", source, folder / "copy"], check=True)
        subprocess.run(["sha256sum", folder / "copy"], check=True, stdout=subprocess.DEVNULL)
        theirs.append(time.perf_counter() - begun)
        (folder / "copy").unlink()
        with source.open("r+b") as file:
            file.write(os.urandom(16))
        begun = time.perf_counter()
        sha256 = digest(source)
        sent = uploads.upload(server, run, sha256, source)
        ours.append(time.perf_counter() - begun)
        assert sent == SIZE, number
    begun = time.perf_counter()
    again = uploads.upload(server, run, sha256, source)
    unchanged = time.perf_counter() - begun
    down = fetched(server, run, folder, sha256, SIZE)
    table(
        (f"{SIZE / (1 << 30):.3g} GiB", "s", "bytes sent", "speed, cp + sha256sum = 1"),
        [
            ("cp, then sha256sum", sorted(theirs)[1], "", 1.0),
            ("hashed and sent to the local server", sorted(ours)[1], sent, sorted(theirs)[1] / sorted(ours)[1]),
            ("again, unchanged", unchanged, again, ""),
            ("fetched and verified", down, "", sorted(theirs)[1] / down),
        ],
    )
    source.unlink()


def small(server: Server, run: RunPath, folder: Path) -> None:
    place = folder / "small"
    place.mkdir()
    for number in range(MANY):
        (place / str(number)).write_bytes(os.urandom(SMALL))
    begun = time.perf_counter()
    outcomes: list[uploads.Outcome] = []
    files = [uploads.Outgoing(digest(path), path, SMALL) for path in sorted(place.iterdir())]
    uploads.upload_all(server, run, files, outcomes.append)
    first = time.perf_counter() - begun
    assert sum(one.sent for one in outcomes) == SMALL * MANY
    outcomes.clear()
    begun = time.perf_counter()
    uploads.upload_all(server, run, files, outcomes.append)
    table(
        (f"{MANY:,} files of {SMALL:,} bytes", "s", "bytes sent"),
        [
            ("hashed and sent", first, SMALL * MANY),
            ("again", time.perf_counter() - begun, sum(one.sent for one in outcomes)),
        ],
    )


_SAVE = """
import json, os, pathlib, sys, time
import playhead, psutil
run = playhead.init(project="bench", settings={"console": "off"})
here, size, many = pathlib.Path("work").absolute(), int(sys.argv[1]), int(sys.argv[2])
here.mkdir()
own = psutil.Process()
sidecar = [one for one in own.children() if "playhead.sidecar" in " ".join(one.cmdline())][0]
server = psutil.Process(int(sys.argv[3]))
peak = 0
def timed(name, pattern="*", **how):
    global peak
    read, begun = server.io_counters().read_chars, time.perf_counter()
    saved = playhead.save(str(here / name / pattern), base_path=str(here), policy="now", **how)
    while not saved.wait(0.1):
        peak = max(peak, sidecar.memory_info().rss)
    return time.perf_counter() - begun, server.io_counters().read_chars - read
def folder(name):
    (here / name).mkdir()
    return here / name
with (folder("large") / "large").open("wb") as file:
    for at in range(0, size, 1 << 24):
        file.write(os.urandom(min(1 << 24, size - at)))
first, again = timed("large"), timed("large")
same = folder("same") / "same"
same.write_bytes(os.urandom(1 << 24))
sent = 0
for turn in range(100):
    os.utime(same, (turn, turn))
    sent += timed("same")[1]
place = folder("small")
for number in range(many):
    (place / str(number)).write_bytes(os.urandom(4096))
small = timed("small")
api = playhead.Api()
found = api.run(run.path)
begun = time.perf_counter()
next(iter(found.files()))
page = time.perf_counter() - begun
live = folder("live") / "live"
live.write_text("0")
playhead.save(str(live), base_path=str(here), policy="live").wait(60)
waits = []
for turn in range(1, 6):
    time.sleep(0.7)
    live.write_text(str(turn))
    begun = time.perf_counter()
    while [one.version for one in found.files() if one.name == "live/live"][-1:] != [turn]:
        time.sleep(0.05)
    waits.append(time.perf_counter() - begun)
print(json.dumps({"first": first, "again": again, "sent": sent, "small": small, "page": page, "live": sorted(waits)[2], "peak": peak}))
"""


def saved(folder: Path, data: Path) -> None:
    """Through the SDK: what `save` takes until the server has it."""
    source = random_file(folder / "copied", SIZE)
    begun = time.perf_counter()
    subprocess.run(["cp", source, folder / "copy"], check=True)
    subprocess.run(["sha256sum", folder / "copy"], check=True, stdout=subprocess.DEVNULL)
    theirs = time.perf_counter() - begun
    (folder / "copy").unlink()
    source.unlink()
    told = child(_SAVE, folder, str(SIZE), str(MANY), str(read_state(data)["pid"]), WANDB_MODE="online")
    stored = sum(
        1 for path in (data / "blobs").glob("*/*") if path.parent.name != "incoming" and path.stat().st_size == 1 << 24
    )
    table(
        ("save() in a training", "s", "bytes that the server read", "speed, cp + sha256sum = 1"),
        [
            (f"{SIZE / (1 << 30):.3g} GiB", *told["first"], theirs / told["first"][0]),
            ("again, unchanged", *told["again"], ""),
            (f"100 versions of the same 16 MiB, stored {stored} times", "", told["sent"], ""),
            (f"{MANY:,} files of {SMALL:,} bytes", *told["small"], ""),
            ("the first of them in a list", told["page"], "", ""),
            ('policy="live": changed, until the server has it', told["live"], "", ""),
            ("MB of memory of the sidecar at most", told["peak"] / 1e6, "", ""),
        ],
    )


_WRITE = """
import json, os, pathlib, statistics, sys, time
import playhead
run = playhead.init(project="bench", settings={"console": "off"})
data = os.urandom(64 << 20)
def write():
    begun = time.perf_counter()
    with open("checkpoint", "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return time.perf_counter() - begun
size, alone, beside = int(sys.argv[1]), [], []
for turn in range(4):
    path = pathlib.Path(f"beside{turn}").absolute()
    with path.open("wb") as file:
        for at in range(0, size, 1 << 24):
            file.write(os.urandom(min(1 << 24, size - at)))
        os.fsync(file.fileno())
    alone += [write() for _ in range(8)]
    saved = playhead.save(str(path), policy="now")
    while not saved.wait(0.001):
        beside.append(write())
    path.unlink()
print(json.dumps([statistics.median(alone), statistics.median(beside)]))
"""


def beside(folder: Path) -> None:
    """What a training writes, alone and while a large file is on its way."""
    alone, meanwhile = child(_WRITE, folder, str(min(SIZE, 1 << 29)), WANDB_MODE="online")
    table(
        ("64 MiB that the training writes, to the disk", "s", "alone = 1"),
        [("alone", alone, 1.0), ("while save() sends a large file", meanwhile, alone / meanwhile)],
    )


def memory(server: Server, run: RunPath, folder: Path, process: psutil.Process) -> None:
    """Five times the large file up, then down."""
    source = random_file(folder / "largest", 5 * SIZE)
    sha256 = digest(source)
    with peak_of(process) as before:
        time.sleep(0.1)
    with peak_of(process) as up:
        uploads.upload(server, run, sha256, source)
    source.unlink()
    with peak_of(process) as down:
        fetched(server, run, folder, sha256, 5 * SIZE)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    table(
        (f"MB of memory at most, for {5 * SIZE / (1 << 30):.3g} GiB", "before", "going up", "going down"),
        [
            ("server: its own", *(peak[0] / 1e6 for peak in (before, up, down))),
            ("server: with libraries that are mapped", *(peak[1] / 1e6 for peak in (before, up, down))),
            ("this client, with libraries", "", own / 1e6, own / 1e6),
        ],
    )


@contextmanager
def peak_of(process: psutil.Process) -> Iterator[list[int]]:
    """The most memory that the process has meanwhile: what is its own, and all that is resident."""
    peak, done = [0, 0], threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            now = process.memory_info()
            peak[:] = max(peak[0], now.rss - now.shared), max(peak[1], now.rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        done.set()
        watcher.join()


def fetched(server: Server, run: RunPath, folder: Path, sha256: str, size: int) -> float:
    """Seconds to fetch it."""
    file = FileView(path="x", sha256=sha256, size=size, step=0, time=0, segment="", version=0, versions=1)
    record(server, run, folder, file)
    begun = time.perf_counter()
    downloads.download(downloads.OfRun(server, run), file, folder / "fetched")
    taken = time.perf_counter() - begun
    (folder / "fetched").unlink()
    return taken


def new_run(server: Server, folder: Path) -> RunPath:
    taken = send(server, folder, "files", generate_id(16), f.START, {"name": "files", "config": {}})
    return RunPath(taken[0], taken[1], taken[2])


def record(server: Server, run: RunPath, folder: Path, file: FileView) -> None:
    told = {"path": file.path, "sha256": file.sha256, "size": file.size}
    send(server, folder, run.run_id, generate_id(16), f.FILE, told)


def send(
    server: Server, folder: Path, run_id: str, stream: str, kind: int, data: dict[str, object]
) -> tuple[str, str, str]:
    """A journal of one record: the first one makes the run, the others begin it anew, which takes nothing from its files."""
    path = folder / f"{stream}.journal"
    writer = Writer(path, f.Header(stream, run_id, generate_id(16), "main", "bench", None, time.time_ns() // 1000))
    if kind != f.START:
        writer.record(f.START, 0, {"name": run_id, "config": {}})
    writer.record(kind, 0, data)
    writer.close()
    taken = server.append(stream, 0, path.read_bytes(), final=True)
    return taken.entity, taken.project, taken.run_id


def random_file(path: Path, size: int) -> Path:
    with path.open("wb") as file:
        for at in range(0, size, 1 << 24):
            file.write(os.urandom(min(1 << 24, size - at)))
    return path


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    main()
