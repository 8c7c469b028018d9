"""`python -m playhead.sidecar`: the sidecar as a process, started by the training and spoken to over its standard input and output."""

from __future__ import annotations

import contextlib
import os
import signal

from playhead.sidecar.link import PipeLink
from playhead.sidecar.sidecar import Sidecar


def main() -> None:
    """Serve whoever started this process."""
    with contextlib.suppress(OSError):
        os.setsid()  # a Ctrl-C in the terminal is for the training
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    reading, writing = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)  # what anything prints must not look like a message
    sidecar = Sidecar(PipeLink(reading, writing))
    signal.signal(signal.SIGTERM, lambda *_: sidecar.terminate())
    sidecar.serve()


if __name__ == "__main__":
    main()
