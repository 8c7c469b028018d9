"""Fills the disk of a server, and makes room again. Its arguments are a small disk and another folder."""

import hashlib
import os
import signal
import sys
import time
from pathlib import Path

from playhead.client import transfer, uploads
from playhead.client.ingest import Ingest
from playhead.client.local import find_or_start, read_state
from playhead.domain.errors import BusyError
from playhead.domain.ids import RunPath
from playhead.journal import format as f
from playhead.journal.writer import Writer

disk, folder = (Path(argument).absolute() for argument in sys.argv[1:])
source = folder / "source"
source.write_bytes(os.urandom(20 << 20))
sha256 = hashlib.sha256(source.read_bytes()).hexdigest()

local = find_or_start(disk)
server = Ingest.at(local.url, local.key)
header = f.Header("s", "r", "g", "main", "demo", None, time.time_ns() // 1000)
writer = Writer(folder / "a.journal", header)
writer.record(f.START, 0, {"name": "a", "config": {}})
writer.close()
told = server.append("s", 0, (folder / "a.journal").read_bytes())
run = RunPath(told.entity, told.project, told.run_id)

try:
    room = os.statvfs(disk)
    (disk / "ballast").write_bytes(bytes(room.f_bavail * room.f_frsize - (10 << 20)))
    try:
        uploads.upload(server, run, sha256, source, tries=transfer.Tries(1, pause=lambda _: time.sleep(0.1)))
    except BusyError as error:
        sys.stdout.write("no space left\n" if "no space left" in error.message else error.message)
    kept = server.arrived(run, sha256).offset
    (disk / "ballast").unlink()
    sent = uploads.upload(server, run, sha256, source)
    sys.stdout.write("complete\n" if sent == (20 << 20) - kept < 20 << 20 else f"{sent} {kept}")
finally:
    os.kill(int(read_state(disk)["pid"]), signal.SIGTERM)
