"""How the process takes memory: glibc would give each thread a store of its own, and keep what a large body needed once; Python would
look through all modules for garbage again and again.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager

_ARENA_MAX, _MMAP_THRESHOLD, _TRIM_THRESHOLD = -8, -3, -1
"""Parameters of glibc's `mallopt`."""
_WANTED = {_ARENA_MAX: 2, _MMAP_THRESHOLD: 1 << 20, _TRIM_THRESHOLD: 1 << 20}


def be_lean() -> None:
    """Give memory back early. Where there is no glibc, nothing happens."""
    tune = getattr(ctypes.CDLL(None), "mallopt", None)
    if tune is not None:
        for parameter, value in _WANTED.items():
            tune(parameter, value)


@contextmanager
def settled() -> Iterator[None]:
    """What there is now stays as long as this lasts: whoever looks for garbage need not look at it."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
