"""File content under its SHA-256."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol


class Blobs(Protocol):
    """**Contract.** Safe to call from any thread. A blob is stored once, verified, durable when `put` returned, and never overwritten."""

    def put(self, sha256: str, data: bytes) -> None:
        """Store `data` under its digest (64 hex digits). ConflictError if the digest is not that of `data`; nothing is stored then."""
        ...

    def has(self, sha256: str) -> bool:
        """Whether it is there."""
        ...

    def get(self, sha256: str) -> Iterator[bytes]:
        """Its content in pieces. NotFoundError (at the call, not at the first piece) if it is not there."""
        ...

    def delete(self, sha256: str) -> None:
        """Remove it, if it is there."""
        ...
