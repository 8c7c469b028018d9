"""What a content is: its MD5, by which W&B's manifests name it, and its SHA-256, by which it is stored. Read once for both."""

from __future__ import annotations

import base64
import hashlib
import os
import queue
import threading
from typing import Any, NamedTuple, Self

PIECE = 1 << 20
_BESIDE = 16 << 20
"""Bytes from which on the two are made at the same time."""
_AHEAD = 8
"""Pieces that may wait for the second."""


class Digests(NamedTuple):
    """Of one content."""

    md5: str
    """In base64, as W&B's manifests have it."""
    sha256: str
    size: int


def digests(handle: int, size: int | None = None) -> Digests:
    """Of what the open file has, or of its first `size` bytes. OSError."""
    whole = os.fstat(handle).st_size if size is None else size
    md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
    if whole < _BESIDE:
        at = _read(handle, whole, (md5, sha256))
    else:
        with _Beside(md5) as beside:
            at = _read(handle, whole, (beside, sha256))
    return Digests(base64.b64encode(md5.digest()).decode(), sha256.hexdigest(), at)


def of_bytes(data: bytes) -> Digests:
    """The same of what is at hand."""
    md5 = hashlib.md5(data, usedforsecurity=False)
    return Digests(base64.b64encode(md5.digest()).decode(), hashlib.sha256(data).hexdigest(), len(data))


def md5_of_text(text: str) -> str:
    """In base64: what stands for the content of a reference that has no digest of its own."""
    return of_bytes(text.encode("utf-8", "surrogatepass")).md5


def _read(handle: int, size: int, made: tuple[Any, ...]) -> int:
    at = 0
    while at < size and (data := os.pread(handle, min(PIECE, size - at), at)):
        for each in made:
            each.update(data)
        at += len(data)
    return at


class _Beside:
    """Updates a digest in a thread of its own."""

    def __init__(self, made: Any) -> None:
        self._made = made
        self._pieces: queue.Queue[bytes | None] = queue.Queue(_AHEAD)
        self._thread = threading.Thread(target=self._work, name="playhead-digest", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._pieces.put(None)
        self._thread.join()

    def update(self, data: bytes) -> None:
        self._pieces.put(data)

    def _work(self) -> None:
        while (data := self._pieces.get()) is not None:
            self._made.update(data)
