"""The only process-wide state of the SDK: which runs are open, which one is current, and the sidecar that serves them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playhead.sdk.companion import Companion
    from playhead.sdk.run import Run

run: Run | None = None
"""What `playhead.log` and its like speak to. In a forked child at first the parent's: it can be read, and records nothing."""
runs: list[Run] = []
"""Every run of this process that is not finished, oldest first."""
companion: Companion | None = None
exit_code: int | None = None
"""What the process is about to exit with, as far as it is known."""
starting = threading.RLock()
"""One run begins at a time."""


def set_run(new: Run | None) -> None:
    """Make `new` the current run."""
    global run
    run = new


def remove(ended: Run) -> None:
    """This run has ended."""
    if ended in runs:
        runs.remove(ended)
    if run is ended:
        set_run(None)


def set_companion(new: Companion | None) -> None:
    """Make `new` the sidecar of this process."""
    global companion
    companion = new


def set_exit_code(code: int | None) -> None:
    """Note what the process exits with."""
    global exit_code
    exit_code = code


def forget_in_child() -> None:
    """In a forked child: the runs are the parent's. Nothing that the child does may touch them."""
    global starting
    starting = threading.RLock()
    for each in runs:
        each._orphan()  # noqa: SLF001 the run and its registry are one thing
    runs.clear()
    if companion is not None:
        companion.let_go()
    set_companion(None)
    set_exit_code(None)
