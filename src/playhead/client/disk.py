"""What disks and file systems do: copies that cost nothing, time stamps, and no room."""

from __future__ import annotations

import errno
import fcntl
import os
import sys
import time

_FICLONE = 0x40049409
_COARSE = 5
"""Linux' number of the clock that gives files their time stamps."""
_PIECE = 64 << 20
_READ = 1 << 20


def is_full(error: BaseException) -> bool:
    """Whether there is no room on the disk."""
    return isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}


def clone(source: int, made: int) -> bool:
    """Let the open file `made` share its blocks with the open file `source`. Whether that could be."""
    if sys.platform != "linux":
        return False
    try:
        fcntl.ioctl(made, _FICLONE, source)
    except OSError:
        return False
    return True


def copy(source: int, made: int) -> None:
    """Let the open file `made` have all bytes of the open file `source`: in the kernel, where it can. OSError."""
    try:
        while os.copy_file_range(source, made, _PIECE):
            pass
    except (AttributeError, OSError):
        os.lseek(source, 0, os.SEEK_SET)
        os.ftruncate(made, 0)
        os.lseek(made, 0, os.SEEK_SET)
        while data := os.read(source, _READ):
            write(made, data)


def write(handle: int, data: bytes) -> None:
    """All of `data`, where the open file stands. OSError."""
    left = memoryview(data)
    while left:
        left = left[os.write(handle, left) :]


def outlast(changed: int) -> None:
    """Wait until another change of a file would have another time stamp than `changed` (in nanoseconds), the time of its last one."""
    tick = 1.5 * time.clock_getres(_COARSE) if sys.platform == "linux" else 0.01
    rest = tick - (time.time_ns() - changed) / 1e9
    if 0 < rest <= tick:
        time.sleep(rest)
