"""Content that was fetched before, in the user's cache directory, by its SHA-256. What it holds is looked at again whenever it is used."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_OLD_PART = 7 * 24 * 3600.0
"""Seconds after which a download that nobody goes on with is given up."""
_LARGE = 4
"""A content of more than this part of the bound is not kept."""


class _Kept(NamedTuple):
    used: float
    size: int
    path: Path


class Cache:
    """At most `bound` bytes below `folder`: the least recently used go. Several processes may share it."""

    def __init__(self, folder: Path, bound: int) -> None:
        self.folder = folder / "artifacts" / "sha256"
        self._bound = bound
        self._added = 0

    def takes(self, size: int) -> bool:
        """Whether a content of that size is kept here."""
        return size * _LARGE <= self._bound

    def path_of(self, sha256: str) -> Path:
        """Where that content is, if it is here."""
        return self.folder / sha256[:2] / sha256

    def find(self, sha256: str, size: int) -> Path | None:
        """The file that should have that content; whoever reads it looks whether it has."""
        path = self.path_of(sha256)
        try:
            if path.stat().st_size == size:
                os.utime(path)
                return path
        except OSError:
            pass
        return None

    def drop(self, sha256: str) -> None:
        """It is not what it should be."""
        with contextlib.suppress(OSError):
            self.path_of(sha256).unlink()

    def added(self, size: int) -> None:
        """So much came."""
        self._added += size

    def tidy(self, bound: int | None = None) -> int:
        """Let it keep within its bound, or within `bound`; how many bytes went. Looks only if something came, or `bound` is given."""
        if bound is None and not self._added:
            return 0
        self._added = 0
        kept = sorted(self._walk())
        over = sum(one.size for one in kept) - (self._bound if bound is None else bound)
        gone = 0
        for one in kept:
            if gone >= over:
                break
            with contextlib.suppress(OSError):
                one.path.unlink()
                gone += one.size
        return gone

    def _walk(self) -> Iterator[_Kept]:
        now = time.time()
        for parent, _, names in os.walk(self.folder):
            for name in names:
                path = Path(parent, name)
                with contextlib.suppress(OSError):
                    status = path.stat()
                    if name.endswith(".part"):
                        if now - status.st_mtime > _OLD_PART:
                            path.unlink()
                        continue
                    yield _Kept(status.st_mtime, status.st_blocks * 512, path)
