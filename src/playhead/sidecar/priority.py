"""Files go after the training's own work: a thread that copies or sends them takes what processor and disk have left."""

from __future__ import annotations

import contextlib
import os
import sys
import threading

_NICE = 5
"""How much less of a busy processor it gets."""
_LAST = 7
"""Of the eight levels at which a disk is shared."""
_behind = threading.local()


def step_back() -> None:
    """Let everybody else go first, from now on: this thread, and those that it starts. Only Linux can tell threads apart."""
    if sys.platform != "linux" or getattr(_behind, "already", False):
        return
    _behind.already = True
    import psutil  # noqa: PLC0415 it takes its time: not before there are files

    thread = threading.get_native_id()
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, thread, _NICE)
    with contextlib.suppress(OSError, psutil.Error):
        psutil.Process(thread).ionice(psutil.IOPRIO_CLASS_BE, _LAST)
