"""Files go after the training's own work: a thread that copies or sends them takes what processor and disk have left."""

from __future__ import annotations

import contextlib
import os
import sys
import threading

NICE = 5
"""How much less of a busy processor it gets. Linux takes the share of a busy disk from it as well."""
_behind = threading.local()


def step_back() -> None:
    """Let everybody else go first, from now on: this thread, and those that it starts. Only Linux can tell threads apart."""
    if sys.platform != "linux" or getattr(_behind, "already", False):
        return
    _behind.already = True
    thread = threading.get_native_id()
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, thread, min(os.getpriority(os.PRIO_PROCESS, thread) + NICE, 19))
