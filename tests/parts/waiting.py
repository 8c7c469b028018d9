"""Waiting for what is about to happen, on a machine that may be loaded."""

import contextlib
import time

PATIENCE = 60.0
"""Seconds."""


def until(what, timeout=PATIENCE, passing=()):
    """The first true answer of `what`. Errors of the kinds `passing` mean that it is not so yet."""
    end = time.monotonic() + timeout
    while True:
        with contextlib.suppress(passing):
            if found := what():
                return found
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.02)
