"""Two files that share their blocks: a copy that costs nothing, where the file system can."""

from __future__ import annotations

import fcntl
import sys

_FICLONE = 0x40049409


def clone(source: int, made: int) -> bool:
    """Let the open file `made` be what the open file `source` is. Whether that could be."""
    if sys.platform != "linux":
        return False
    try:
        fcntl.ioctl(made, _FICLONE, source)
    except OSError:
        return False
    return True
