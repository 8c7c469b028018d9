"""A journal that is being followed: what is new in it, what has been acknowledged, and what the sidecar must know of its content."""

from __future__ import annotations

import os
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from playhead.domain import manifest
from playhead.domain.errors import JournalError, UsageError
from playhead.domain.limits import MAX_BATCH, MAX_FRAME, SHIP_BATCH
from playhead.journal import format as f
from playhead.journal import reader
from playhead.journal.writer import to_disk

_GUARDED = struct.Struct("<II")
_HEAD = f.FRAME_HEAD.size
_NOTED = frozenset({f.FILE, f.EXIT, f.STATE, f.SAVE, f.MEDIA, f.ARTIFACT})
BLOBS = "blobs"
"""Folder of a run's directory with contents that wait to be sent, by their SHA-256."""
_STEP = struct.Struct("<q")


class Media(NamedTuple):
    """A file whose content the server must have before it gets the frame that names it."""

    offset: int
    path: str
    sha256: str
    size: int
    kept: bool = False
    """It is in the run's `blobs/`, or at `source` (relative: in the run's folder); else in its `files/`, and small."""
    source: str = ""


class Save(NamedTuple):
    """What the training wants to be saved."""

    step: int
    data: dict[str, Any]


class Tail:
    """Follows the journal at `path`. JournalError, OSError if it is none.

    Two positions: `scanned`, up to where frames have been looked at, and `acked`, up to where the server has them. Thread-safe but for
    `acked` and `batch`, which belong to whoever ships. Frames are found by their guarded lengths; checksums are the server's business.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._lock = threading.Lock()
        try:
            self.header, self.scanned = reader.read_header(os.pread(self._fd, f.MAX_HEADER, 0))
        except JournalError:
            os.close(self._fd)
            raise
        self.header_end = self.scanned
        self.acked = 0
        self.step = 0
        """Step of the last row."""
        self.ended = False
        """Whether the training said goodbye (an EXIT frame)."""
        self.crashed = False
        """Whether it says that the training crashed (a STATE frame)."""
        self.lost = 0
        """Bytes that are no frame."""
        self.closed = False
        """Whether nothing more will be written: then what is left at the end counts as lost."""
        self.told_final = False
        """Whether the server knows that."""
        self.media: deque[Media] = deque()
        """Files named in what has been scanned and is not yet acknowledged, in order."""
        self.saves: deque[Save] = deque()
        """What is to be saved, in order; whoever sees to it takes it away. Some may come twice."""
        self.noticed: Callable[[], None] = lambda: None
        """Called when something was added to `saves`."""
        self.sent_elsewhere = False
        """Whether content that was sent may have gone to another server than the one that gets the journal."""
        self._piece = SHIP_BATCH
        self._synced = 0

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            fd, self._fd = self._fd, -1
            if fd >= 0:
                os.close(fd)

    def size(self) -> int:
        """Bytes in the file."""
        return os.fstat(self._fd).st_size

    def sync(self) -> None:
        """Have what is new since the last call on the disk when this returns."""
        with self._lock:
            if self._fd < 0:
                return
            size = self.size()
            if size != self._synced:
                to_disk(self._fd)
                self._synced = size

    def scan_all(self) -> None:
        """Look at everything that is there."""
        while self.scan():
            pass

    def scan(self) -> bool:
        """Look at the next few megabytes. Whether there was anything new."""
        with self._lock:
            if self._fd < 0:
                return False
            data = os.pread(self._fd, SHIP_BATCH, self.scanned)
            moved = self._take(data)
            if not moved and len(data) == SHIP_BATCH:
                moved = self._take(os.pread(self._fd, MAX_BATCH, self.scanned))
            return moved

    def finish(self) -> None:
        """Nothing more will be written: whatever stands at the end goes to the server as it is."""
        self.closed = True
        self.scan_all()

    def batch(self) -> bytes:
        """The next bytes to send; empty if there are none."""
        if self.scanned - self.acked < self._piece:
            self.scan()
        return os.pread(self._fd, max(0, min(self.scanned - self.acked, self._piece)), self.acked)

    def acknowledge(self, offset: int) -> None:
        """The server has everything before `offset`. Without progress the next batch is larger: a frame may not have fitted."""
        stuck = offset == self.acked
        if stuck and self._piece == MAX_BATCH:
            raise JournalError(f"{self.path}: the server cannot read on at byte {offset}.")
        self._piece = MAX_BATCH if stuck else SHIP_BATCH
        self.acked = offset
        while self.media and self.media[0].offset < offset:
            self.media.popleft()

    def restart(self, offset: int) -> None:
        """The server wants bytes from `offset`. JournalError if the file does not have them."""
        if offset > self.size():
            raise JournalError(f"{self.path}: the server has {offset:,} bytes of it, the file only {self.size():,}.")
        if offset < self.acked:  # files named there may be needed again
            with self._lock:
                self.scanned, self.lost = self.header_end, 0
                self.media.clear()
        self.acked = offset
        self._piece = SHIP_BATCH
        while self.scanned < offset and self.scan():
            pass
        while self.media and self.media[0].offset < offset:
            self.media.popleft()

    def _take(self, data: bytes) -> bool:
        """Look at the frames in `data`, which begins at `scanned`; False if there is no whole one."""
        view, base, size = memoryview(data), self.scanned, len(data)
        key, at, last_row = f.key_of(self.header.seed), 0, -1
        unpack, row = _GUARDED.unpack_from, f.ROW
        while at + _HEAD < size:
            length, guard = unpack(view, at)
            end = at + _HEAD + length
            if length ^ guard != key or length > MAX_FRAME or end > size:
                end = self._damage(view[at:], base + at)
                if end is None:
                    break
                self.lost += end - base - at
                at = end - base
                continue
            kind = view[at + _HEAD]
            if kind == row:
                last_row = at
            elif kind in _NOTED:
                self._note(view[at:end], base + at)
            at = end
        if last_row >= 0 and last_row + _HEAD + 13 <= size:
            self.step = _STEP.unpack_from(view, last_row + _HEAD + 5)[0]
        if self.closed and at < size and base + size == self.size():
            self.lost += size - at
            at = size
        self.scanned = base + at
        return at > 0

    def _damage(self, view: memoryview, base: int) -> int | None:
        """Where to go on behind what is no frame; None if that is a frame which is still being written."""
        item = next(reader.frames(view, base, self.header.seed), None)
        return item.end if isinstance(item, reader.Damage) else None

    def _note(self, frame: memoryview, offset: int) -> None:
        item = next(reader.frames(frame, offset, self.header.seed), None)
        if not isinstance(item, reader.Frame):
            return
        if item.kind == f.EXIT:
            self.ended = True
            return
        try:
            step, _, data = reader.record(item.body)
            if item.kind == f.STATE:
                self.crashed = data.get("state") == "crashed"
            elif item.kind == f.SAVE:
                self.saves.append(Save(step, data))
                self.noticed()
            elif data.get("lost") or (data.get("sent") and not self.sent_elsewhere):
                return
            elif item.kind == f.ARTIFACT:
                found = contents_of(self.path.parent, str(data["manifest"]))
                self.media.extend(Media(offset, *one, kept=True) for one in found)
            elif item.kind == f.MEDIA:
                path, sha256, size = str(data["path"]), str(data["sha256"]), int(data["size"])
                self.media.append(Media(offset, path, sha256, size, kept=True, source=f"files/{path}"))
            elif data.get("media") or data.get("kept"):
                path, sha256, size = str(data["path"]), str(data["sha256"]), int(data["size"])
                kept = bool(data.get("kept")) and not data.get("media")
                self.media.append(Media(offset, path, sha256, size, kept, str(data.get("source") or "")))
        except (JournalError, KeyError, TypeError, ValueError):
            return


def contents_of(folder: Path, sealed: str) -> Iterator[tuple[str, str, int]]:
    """Name, SHA-256 and size of what an artifact's manifest names, and of the manifest, last; nothing if it is not in the run's `folder`: a server has it."""
    try:
        text = (folder / BLOBS / Path(sealed).name).read_bytes()
        entries = manifest.parse(text)
    except (OSError, UsageError):
        return
    for one in {entry.sha256: entry for entry in entries if entry.sha256}.values():
        yield one.path, one.sha256, one.size
    yield "the manifest of an artifact", sealed, len(text)
