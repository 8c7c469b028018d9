"""Blobs in a dict."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from playhead.domain.errors import ConflictError, NotFoundError


class MemoryBlobs:
    """`playhead.ports.blobs.Blobs` in memory."""

    def __init__(self) -> None:
        self._blobs: dict[str, bytes] = {}

    def put(self, sha256: str, data: bytes) -> None:
        if hashlib.sha256(data).hexdigest() != sha256:
            raise ConflictError("The content is not what its SHA-256 says. Send it again.")
        self._blobs.setdefault(sha256, bytes(data))

    def has(self, sha256: str) -> bool:
        return sha256 in self._blobs

    def get(self, sha256: str) -> Iterator[bytes]:
        if sha256 not in self._blobs:
            raise NotFoundError(f"There is no blob {sha256}.")
        return iter([self._blobs[sha256]])

    def delete(self, sha256: str) -> None:
        self._blobs.pop(sha256, None)
