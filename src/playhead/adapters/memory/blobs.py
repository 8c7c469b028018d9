"""Blobs in a dict."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator, Mapping, Sequence

from playhead.domain.errors import NotFoundError, OffsetError
from playhead.domain.file import too_many_bytes, wrong_bytes
from playhead.ports.blobs import Stored, Upload

_PIECE = 1 << 20


class MemoryBlobs:
    """`playhead.ports.blobs.Stock` in memory."""

    def __init__(self) -> None:
        self._blobs: dict[str, bytes] = {}
        self._changed: dict[str, float] = {}
        self._catalog: str | None = None
        self._uploads: dict[Upload, tuple[bytearray, float]] = {}
        self._lock = threading.Lock()

    def put(self, contents: Mapping[str, bytes | memoryview]) -> set[str]:
        for sha256, data in contents.items():
            if hashlib.sha256(data).hexdigest() != sha256:
                raise wrong_bytes(sha256)
        there = {sha256 for sha256 in contents if sha256 in self._blobs}
        for sha256, data in contents.items():
            self._blobs.setdefault(sha256, bytes(data))
            self._changed.setdefault(sha256, time.time())
        return there

    def has(self, sha256: str) -> bool:
        return sha256 in self._blobs

    def missing(self, digests: Sequence[str]) -> list[str]:
        return [sha256 for sha256 in digests if sha256 not in self._blobs]

    def size(self, sha256: str) -> int:
        return len(self._found(sha256))

    def get(self, sha256: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        data = self._found(sha256)
        stop = len(data) if stop is None else min(stop, len(data))
        return (data[at : min(at + _PIECE, stop)] for at in range(start, stop, _PIECE))

    def arrived(self, upload: Upload) -> int:
        with self._lock:
            return len(self._uploads.get(upload, (b"", 0.0))[0])

    def receive(self, upload: Upload, offset: int) -> _Piece:
        with self._lock:
            data, _ = self._uploads.setdefault(upload, (bytearray(), time.time()))
            if len(data) != offset:
                raise OffsetError(len(data))
            return _Piece(data, self._lock)

    def finish(self, upload: Upload, total: int) -> bool:
        with self._lock:
            if upload not in self._uploads and upload.sha256 in self._blobs:
                return False
            data = bytes(self._uploads.get(upload, (b"", 0.0))[0])
            if len(data) < total:
                raise OffsetError(len(data))
            self._uploads.pop(upload, None)
        if len(data) > total:
            raise too_many_bytes()
        self.put({upload.sha256: data})
        return True

    def link(self, sha256: str) -> str | None:  # noqa: ARG002 nobody else could reach it
        return None

    def piece_links(self, upload: Upload, offsets: Sequence[int]) -> list[str]:  # noqa: ARG002 as above
        return []

    def sweep(self, older_than: float) -> int:
        before = time.time() - older_than
        with self._lock:
            old = [upload for upload, (_, begun) in self._uploads.items() if begun < before]
            for upload in old:
                del self._uploads[upload]
        return len(old)

    def stored(self, prefix: str) -> Iterator[Stored]:
        for sha256, data in list(self._blobs.items()):
            if sha256.startswith(prefix):
                yield Stored(sha256, len(data), self._changed[sha256])

    def delete(self, sha256: str) -> None:
        self._blobs.pop(sha256, None)
        self._changed.pop(sha256, None)

    def belongs_to(self, catalog: str) -> bool:
        with self._lock:
            self._catalog = self._catalog or catalog
            return self._catalog == catalog

    def _found(self, sha256: str) -> bytes:
        if sha256 not in self._blobs:
            raise NotFoundError(f"There is no blob {sha256}.")
        return self._blobs[sha256]


class _Piece:
    """`playhead.ports.blobs.Piece`."""

    def __init__(self, data: bytearray, lock: threading.Lock) -> None:
        self._data = data
        self._lock = lock
        self._at = len(data)

    def write(self, data: bytes) -> None:
        with self._lock:
            if len(self._data) != self._at:
                raise OffsetError(len(self._data))
            self._data += data
            self._at += len(data)

    def close(self) -> None:
        pass
