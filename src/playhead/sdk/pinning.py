"""Holds on to what files are when `save()` is called: a script may write the next version at once. Bounded in time; what is beyond it is read later."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from playhead.client import disk
from playhead.domain.limits import PINNED_BYTES, PINNED_FILES

PREFIX = ".pin-"


class Pin(NamedTuple):
    """A file as it was. It travels in the record of what is to be saved."""

    path: str
    """A copy of it, or another name of it: then it is what it was only as long as it is not written to in place."""
    inode: int
    size: int
    changed: int
    """Of the original; the time in nanoseconds."""
    copied: bool


def pin(folder: Path, files: Mapping[str, str]) -> dict[str, Pin]:
    """Pin the first of `files` (name -> path) in `folder`: small ones are copied, large ones cloned, or linked to. Name -> pin of those that could be."""
    pins: dict[str, Pin] = {}
    left = PINNED_BYTES
    with contextlib.suppress(OSError):
        folder.mkdir(exist_ok=True)
        for name, path in list(files.items())[:PINNED_FILES]:
            pinned = _pin(folder, path, left)
            if pinned is not None:
                pins[name] = pinned
                left -= pinned.size if pinned.copied else 0
    disk.outlast(max((one.changed for one in pins.values() if one.copied), default=0))
    return {name: one for name, one in pins.items() if not one.copied or _is_same(files[name], one)}


def _pin(folder: Path, path: str, left: int) -> Pin | None:
    target = folder / f"{PREFIX}{os.urandom(8).hex()}"
    try:
        status = os.stat(path)  # noqa: PTH116 quick
        if not stat.S_ISREG(status.st_mode):
            return None
        place = status.st_ino, status.st_size, status.st_mtime_ns
        if status.st_size <= left:
            with open(path, "rb") as source:  # noqa: PTH123 quick
                target.write_bytes(source.read(status.st_size + 1))
            return Pin(str(target), *place, copied=True)
        if _clone(path, target):
            return Pin(str(target), *place, copied=True)
        os.link(os.path.realpath(path), target)  # of the file, not of a link to it
    except OSError:
        with contextlib.suppress(OSError):
            target.unlink()
        return None
    return Pin(str(target), *place, copied=False)


def _clone(path: str, target: Path) -> bool:
    """Let `target` be a copy that shares its blocks with the original, where the file system can."""
    with open(path, "rb") as source, target.open("xb") as made:  # noqa: PTH123 quick
        cloned = disk.clone(source.fileno(), made.fileno())
    if not cloned:
        target.unlink()
    return cloned


def _is_same(path: str, one: Pin) -> bool:
    """Whether the file was not written to while it was copied."""
    with contextlib.suppress(OSError):
        status = os.stat(path)  # noqa: PTH116 quick
        if (status.st_ino, status.st_size, status.st_mtime_ns) == one[1:4]:
            return True
    with contextlib.suppress(OSError):
        os.unlink(one.path)  # noqa: PTH108 quick
    return False
