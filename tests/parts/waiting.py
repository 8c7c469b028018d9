"""Waiting for what is about to happen, on a machine that may be loaded."""

import contextlib
import time

PATIENCE = 60.0
"""Seconds."""


def until(what, timeout=PATIENCE, passing=()):
    """The first true answer of `what`. Errors of the kinds `passing` mean that it is not so yet; the last one is raised."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        with contextlib.suppress(passing):
            if found := what():
                return found
        time.sleep(0.02)
    found = what()
    assert found, "it does not happen"
    return found
