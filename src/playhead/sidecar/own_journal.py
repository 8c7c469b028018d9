"""The sidecar's own journal in a run's directory: system metrics, files, what the machine is, and that the training crashed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playhead.domain.errors import JournalError, LimitError
from playhead.domain.ids import generate_id
from playhead.domain.limits import SHIP_BATCH
from playhead.domain.run import RunState
from playhead.journal import format as f
from playhead.journal import reader
from playhead.journal.writer import Writer

MAIN = "main.journal"
_PATTERN = "system*.journal"


def journals(folder: Path) -> list[Path]:
    """The journals in a run's directory, the training's first."""
    found = sorted(folder.glob("*.journal"), key=lambda path: (not path.name.startswith("main"), path.name))
    return [path for path in found if path.is_file()]


def in_use(folder: Path) -> bool:
    """Whether a living sidecar looks after this run."""
    return any(map(is_held, folder.glob(_PATTERN)))


def is_held(path: Path) -> bool:
    """Whether a living sidecar writes the journal at `path`."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a file system without locks: nothing is known
        return False
    return False


@contextlib.contextmanager
def being_read(folder: Path) -> Iterator[None]:
    """As long as the context lasts, nobody removes this run. JournalError if it is just being removed, OSError if it is not there."""
    with (folder / MAIN).open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            raise JournalError(f"{folder} is just being removed.") from None
        except OSError:  # a file system without locks
            pass
        yield


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """Whether nobody sends this run; as long as the context lasts, nobody begins to."""
    with (folder / MAIN).open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        except OSError:  # a file system without locks
            yield True
        else:
            yield True


def add_crash(path: Path, header: f.Header, step: int) -> None:
    """Say in the system journal at `path`, which no sidecar writes any more, that the training crashed. OSError."""
    payload = f.record_payload(f.STATE, step, time.time_ns() // 1000, {"state": RunState.CRASHED.value})
    with path.open("ab") as file:
        file.write(f.frame(payload, header.seed))


def frames(path: Path, header: f.Header, at: int) -> Iterator[reader.Frame | reader.Damage]:
    """All frames of a journal from `at` on, a few megabytes at a time. OSError."""
    rest = b""
    with path.open("rb") as file:
        file.seek(at)
        while True:
            piece = file.read(SHIP_BATCH)
            data = rest + piece
            walk = reader.frames(data, at, header.seed, final=not piece)
            yield from walk
            rest = data[walk.at :]
            at += walk.at
            if not piece:
                return


def told_files(folder: Path, *, besides: Path | None = None) -> Iterator[dict[str, Any]]:
    """What the system journals in `folder`, but for `besides`, say of files and artifacts, in their order."""
    for path in sorted(folder.glob(_PATTERN), key=lambda path: (len(path.name), path.name)):
        if path == besides:
            continue
        try:
            header, at = reader.open_header(path)
            for item in frames(path, header, at):
                if isinstance(item, reader.Frame) and item.kind in {f.FILE, f.MEDIA, f.ARTIFACT}:
                    yield reader.record(item.body)[2]
        except (OSError, JournalError):
            continue


class OwnJournal:
    """Written by the sidecar for the run whose training has `header`. Thread-safe; after `close` nothing is written any more.

    An exclusive `flock` on it says that the sidecar lives. OSError if the file cannot be made.
    """

    def __init__(self, folder: Path, header: f.Header) -> None:
        self._lock = threading.Lock()
        own = header._replace(stream=generate_id(16), role="system", writer=header.writer or header.stream)
        names = ["system.journal", *(f"system-{number}.journal" for number in range(2, 1000))]
        for name in names:
            with contextlib.suppress(FileExistsError):
                self._writer: Writer | None = Writer(folder / name, own)
                break
        else:
            raise FileExistsError(f"{folder} has too many journals.")
        self.path = folder / name
        self._guard = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        with contextlib.suppress(OSError):
            fcntl.flock(self._guard, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def row(self, step: int, values: dict[str, float]) -> None:
        """Append a sample of the system."""
        with self._lock:
            if self._writer is not None:
                self._writer.row(step, values)

    def record(self, kind: int, step: int, data: dict[str, Any]) -> None:
        """Append something else; what is too large is left out."""
        with self._lock, contextlib.suppress(LimitError):
            if self._writer is not None:
                self._writer.record(kind, step, data)

    def size(self) -> int:
        """Bytes that were written. OSError."""
        return self.path.stat().st_size

    def close(self) -> None:
        """Nothing more will be written. The lock stays until `release`."""
        with self._lock:
            if self._writer is not None:
                writer, self._writer = self._writer, None
                writer.close()

    def release(self) -> None:
        """Let go of the lock: whoever comes may look after the run."""
        guard, self._guard = self._guard, -1
        if guard >= 0:
            os.close(guard)
