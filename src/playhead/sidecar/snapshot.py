"""One consistent version of a file that somebody else may be writing to: cloned or copied, hashed, and looked at again."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from playhead.client import disk

COPIED = 64 << 20
"""Bytes up to which a file is copied where it cannot be cloned; a larger one is sent from where it lies."""
TRIES = 4
_PIECE = 1 << 20
_FRESH = 0.02
"""Seconds that a time stamp may stand still while a file changes."""


class Mark(NamedTuple):
    """By which a file is known to be the same as before."""

    inode: int
    size: int
    changed: int
    """Nanoseconds."""


class Shot(NamedTuple):
    """A version of a file. Its content is at `path`: in the run's folder if it is `own`, else where the file itself is, or was."""

    sha256: str
    size: int
    path: Path
    own: bool
    mark: Mark
    data: bytes | None = None
    """The content itself, if it is small: it needs no copy on the disk."""


class ChangingError(OSError):
    """It was changed each time that it was read."""


class NoFileError(OSError):
    """It is a folder, a device, a socket or the like."""


def mark_of(path: str | Path) -> Mark | None:
    """None if there is no regular file."""
    try:
        status = os.stat(path)  # noqa: PTH116 for thousands of files, each second
    except (OSError, ValueError):
        return None
    return _mark(status) if stat.S_ISREG(status.st_mode) else None


def take(source: str | Path, folder: Path, *, own: bool, room: int = 0) -> Shot:
    """A version of `source`; with `own` always a copy in `folder`, where its name is its SHA-256; one of at most `room` bytes is held. OSError."""
    if not stat.S_ISREG(os.stat(source).st_mode):  # noqa: PTH116 opening a device may do something
        raise NoFileError(errno.EINVAL, "it is no file", str(source))
    handle = os.open(source, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        for number in range(TRIES):
            shot = _try(handle, Path(source), folder, room, own=own or number > 0, last=number == TRIES - 1)
            if shot is not None:
                return shot
            time.sleep(0.05 * 2**number)
    finally:
        os.close(handle)
    raise ChangingError(errno.EBUSY, "it changes whenever it is read", str(source))


def redeem(pin: Sequence[Any], folder: Path, *, own: bool) -> Shot | None:
    """The version that the training has pinned (see `playhead.sdk.pinning`); None if it is not that any more. OSError."""
    path, mark, copied = folder / Path(str(pin[0])).name, Mark(*map(int, pin[1:4])), bool(pin[4])
    used = False
    try:
        if copied:
            with path.open("rb") as file:
                digest = _digest(file.fileno(), mark.size)
                used = os.fstat(file.fileno()).st_size == mark.size
            return Shot(digest, mark.size, path.replace(folder / digest), own=True, mark=mark) if used else None
        shot = take(path, folder, own=own)
        used = shot.mark == mark and not shot.own
        if shot.mark == mark:
            return shot
        if shot.own:
            shot.path.unlink()
        return None
    finally:
        if not used:
            path.unlink(missing_ok=True)


def settle(shot: Shot, folder: Path) -> Shot:
    """The same where it outlives this process: what is held gets its copy in `folder`. OSError."""
    if shot.data is None:
        return shot
    folder.mkdir(exist_ok=True)
    copy, target = folder / f".{os.getpid()}-{time.monotonic_ns()}", folder / shot.sha256
    try:
        copy.write_bytes(shot.data)
        copy.replace(target)
    except OSError:
        with contextlib.suppress(OSError):
            copy.unlink()
        raise
    return shot._replace(path=target, own=True, data=None)


def unpin(pin: Sequence[Any] | None, folder: Path) -> None:
    """It is not needed."""
    if pin:
        with contextlib.suppress(OSError):
            (folder / Path(str(pin[0])).name).unlink()


def is_pin(path: Path) -> bool:
    """Whether the training has made it for one version of a file."""
    return path.name.startswith(".pin-")


def _try(handle: int, source: Path, folder: Path, room: int, *, own: bool, last: bool) -> Shot | None:
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        raise NoFileError(errno.EINVAL, "it is no file", str(source))
    before = _mark(status)
    if abs(time.time_ns() - before.changed) < _FRESH * 1e9:
        time.sleep(_FRESH)
    if before.size <= room and not own:
        return _held(handle, source, before)
    try:
        made = _copy(handle, before.size, folder, force=own or before.size <= COPIED)
    except OSError as error:
        if own or not disk.is_full(error):
            raise
        made = None  # no space for a copy: it is sent from where it lies
    digest, copy = made if made is not None else (_digest(handle, before.size), None)
    after = _mark(os.fstat(handle))
    grown = last and copy is not None and after.inode == before.inode and after.size > before.size
    if after != before and not grown:  # a file that grows for ever is taken as it was when we began
        if copy is not None:
            copy.unlink()
        return None
    if copy is None:
        return Shot(digest, before.size, source, own=False, mark=before)
    target = folder / digest
    copy.replace(target)
    return Shot(digest, before.size, target, own=True, mark=before)


def _held(handle: int, source: Path, before: Mark) -> Shot | None:
    """A version that is kept in memory; None if it changed meanwhile."""
    data = os.pread(handle, before.size + 1, 0)
    if len(data) != before.size or _mark(os.fstat(handle)) != before:
        return None
    return Shot(hashlib.sha256(data).hexdigest(), before.size, source, own=False, mark=before, data=data)


def _copy(handle: int, size: int, folder: Path, *, force: bool) -> tuple[str, Path] | None:
    """SHA-256 of the first `size` bytes, and a copy of them; None if it cannot be cloned and need not be copied."""
    folder.mkdir(exist_ok=True)
    copy = folder / f".{os.getpid()}-{time.monotonic_ns()}"
    made = os.open(copy, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        if size > _PIECE and disk.clone(handle, made):
            os.ftruncate(made, size)
            return _digest(made, size), copy
        if not force:
            copy.unlink()
            return None
        return _digest(handle, size, made), copy
    except BaseException:
        with contextlib.suppress(OSError):
            copy.unlink()
        raise
    finally:
        os.close(made)


def _digest(handle: int, size: int, copy: int | None = None) -> str:
    made, at = hashlib.sha256(), 0
    while at < size and (data := os.pread(handle, min(_PIECE, size - at), at)):
        made.update(data)
        at += len(data)
        if copy is not None:
            disk.write(copy, data)
    return made.hexdigest()


def _mark(status: os.stat_result) -> Mark:
    return Mark(status.st_ino, status.st_size, status.st_mtime_ns)
