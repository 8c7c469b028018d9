"""Holds on to what files are when they are added to an artifact: a script may write the next version at once."""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from playhead.client import disk
from playhead.domain.errors import UsageError

_TRIES = 4
_SMALL = 64 << 10
"""Bytes that are copied without asking the file system for better."""
_LEFT = 24 * 3600.0
"""Seconds after which what a killed process left here is nobody's."""


class Mark(NamedTuple):
    """By which a file is known to be the same as before."""

    inode: int
    size: int
    changed: int
    """Nanoseconds."""


class Held(NamedTuple):
    """The content of a file at one moment."""

    path: str
    """A copy that is ours; or the file itself, which nobody will change."""
    mark: Mark
    """Of the file."""
    own: bool


def mark_of(path: str) -> Mark:
    """UsageError if there is no file that may be read."""
    try:
        status = os.stat(path)  # noqa: PTH116 quick
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be added: {getattr(error, 'strerror', None) or error}.") from None
    if not stat.S_ISREG(status.st_mode):
        raise UsageError(f"{path} cannot be added: it is no file. Folders go with add_dir().")
    return Mark(status.st_ino, status.st_size, status.st_mtime_ns)


def in_place(path: str) -> Held:
    """The file as it lies there. UsageError if it cannot be read."""
    mark = mark_of(path)
    if not os.access(path, os.R_OK):
        raise UsageError(f"{path} cannot be added: it may not be read.")
    return Held(os.path.abspath(path), mark, own=False)  # noqa: PTH100 quick


class Holder:
    """Copies of files in a folder of ours: where the file system can, they share their blocks, and cost nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = 0
        self._salt = os.urandom(6).hex()

    def hold(self, paths: Iterable[str]) -> dict[str, Held]:
        """What each file is now, by its path. UsageError for one that cannot be read, or never rests; OSError without space. Then none is held."""
        held: dict[str, Held] = {}
        left = list(dict.fromkeys(paths))
        try:
            for number in range(_TRIES):
                for path in left:
                    held[path] = self._copy(path)
                left = _changed({path: held[path] for path in left})
                if not left:
                    return held
                release(held.pop(path) for path in left)
                time.sleep(0.05 * 2**number)
        except BaseException:
            release(held.values())
            raise
        release(held.values())
        raise UsageError(f"{left[0]} cannot be added: it is written to whenever it is read.")

    def new(self) -> Path:
        """The path of a file to write. OSError."""
        if not self._made:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _tidy(self._folder)
        self._made += 1
        return self._folder / f"{self._salt}-{self._made:x}"

    def _copy(self, path: str) -> Held:
        mark, target = mark_of(path), self.new()
        try:
            source = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            raise UsageError(f"{path} cannot be added: {error.strerror}.") from None
        try:
            copy(source, target, mark.size)
        finally:
            os.close(source)
        return Held(str(target), mark, own=True)


def copy(source: int, target: Path, size: int) -> None:
    """Let `target`, which is made, be what the open file `source` is, or at least its first `size` bytes. OSError; then it is not there."""
    made = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        if size <= _SMALL:
            os.write(made, os.read(source, _SMALL + 1))
        elif not disk.clone(source, made):
            disk.copy(source, made)
    except BaseException:
        target.unlink()
        raise
    finally:
        os.close(made)


def release(held: Iterable[Held]) -> None:
    """They are not needed."""
    for one in held:
        if one.own:
            with contextlib.suppress(OSError):
                os.unlink(one.path)  # noqa: PTH108 quick


def _changed(held: Mapping[str, Held]) -> list[str]:
    """Those that may have been written to while they were copied."""
    disk.outlast(max((one.mark.changed for one in held.values()), default=0))
    return [path for path, one in held.items() if _now(path) != one.mark or _size(one.path) != one.mark.size]


def _now(path: str) -> Mark | None:
    try:
        return mark_of(path)
    except UsageError:
        return None


def _size(path: str) -> int:
    return os.stat(path).st_size  # noqa: PTH116 quick


def _tidy(folder: Path) -> None:
    """Remove what killed processes left in `folder` long ago."""
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_ctime > _LEFT:
                    path.unlink()
