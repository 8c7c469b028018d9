"""An archive of files that git does not know: regular ones and links, within limits, whatever their names."""

from __future__ import annotations

import io
import os
import stat
import tarfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from playhead.domain.code import is_of_a_run, is_secret
from playhead.domain.limits import MAX_UNTRACKED, MAX_UNTRACKED_FILE, MAX_UNTRACKED_FILES


class _Found(NamedTuple):
    """A file that may be kept."""

    size: int
    name: str
    mode: int


def archive(root: Path, names: Iterable[str], target: Path, leave_out: Callable[[str], None]) -> int:
    """Write `names`, below `root`, into the tar archive `target`; how many.

    The smallest come first; `leave_out` is told what stays out, and why. OSError.
    """
    found = sorted(_fit(root, names, leave_out))
    count = size = 0
    with tarfile.open(target, "w", format=tarfile.GNU_FORMAT, encoding="utf-8", errors="surrogateescape") as tar:
        for one in found:
            if count == MAX_UNTRACKED_FILES or size + one.size > MAX_UNTRACKED:
                leave_out(
                    f"{len(found) - count:,} untracked files are not kept, the first of them {one.name!r}: together "
                    f"they are more than MAX_UNTRACKED ({MAX_UNTRACKED:,} bytes) or MAX_UNTRACKED_FILES ({MAX_UNTRACKED_FILES:,})"
                )
                break
            added = _add(tar, root, one)
            if added is None:
                leave_out(f"the untracked file {one.name!r} is not kept: it cannot be read, or has grown")
                continue
            count, size = count + 1, size + added
    return count


def _fit(root: Path, names: Iterable[str], leave_out: Callable[[str], None]) -> Iterator[_Found]:
    for name in names:
        if is_of_a_run(name):
            continue
        if name.endswith("/"):
            leave_out(f"the untracked folder {name!r} is not kept: it is a repository of its own")
        elif is_secret(name):
            leave_out(f"the untracked file {name!r} is not kept: its name is one of secrets")
        else:
            try:
                status = os.lstat(root / name)
            except OSError:  # it is gone
                continue
            if stat.S_ISREG(status.st_mode) and status.st_size > MAX_UNTRACKED_FILE:
                leave_out(
                    f"the untracked file {name!r} is not kept: it is larger than MAX_UNTRACKED_FILE ({MAX_UNTRACKED_FILE:,} bytes)"
                )
            elif stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode):
                yield _Found(status.st_size, name, status.st_mode)


def _add(tar: tarfile.TarFile, root: Path, one: _Found) -> int | None:
    """Bytes that were added; None if it is not what it was."""
    info = tarfile.TarInfo(one.name)
    try:
        if stat.S_ISLNK(one.mode):
            info.type, info.linkname = tarfile.SYMTYPE, str((root / one.name).readlink())
            tar.addfile(info)
            return 0
        handle = os.open(root / one.name, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
        with os.fdopen(handle, "rb") as file:
            data = file.read(MAX_UNTRACKED_FILE + 1)
    except OSError:
        return None
    if len(data) > MAX_UNTRACKED_FILE:
        return None
    info.size, info.mode = len(data), 0o755 if one.mode & 0o100 else 0o644
    tar.addfile(info, io.BytesIO(data))
    return len(data)
