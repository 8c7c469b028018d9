"""How the process takes memory: glibc would give each thread a store of its own, and keep what a large body needed once."""

from __future__ import annotations

import ctypes

_ARENA_MAX, _MMAP_THRESHOLD, _TRIM_THRESHOLD = -8, -3, -1
"""Parameters of glibc's `mallopt`."""
_WANTED = {_ARENA_MAX: 2, _MMAP_THRESHOLD: 128 << 10, _TRIM_THRESHOLD: 256 << 10}


def be_lean() -> None:
    """Give memory back early. Where there is no glibc, nothing happens."""
    tune = getattr(ctypes.CDLL(None), "mallopt", None)
    if tune is not None:
        for parameter, value in _WANTED.items():
            tune(parameter, value)
