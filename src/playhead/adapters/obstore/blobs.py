"""Blobs as objects `ab/cdef…` of whatever store a URL names."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import LocalStore, ObjectStore, from_url

from playhead.domain.errors import ConflictError, NotFoundError

_DIGEST = re.compile(r"[0-9a-f]{64}")
_PIECE = 1 << 20
"""Bytes of the pieces in which content is read, at least."""
_INCOMING = "incoming"
"""Where a folder keeps what is not yet known to be on the disk."""


class _Writer(Protocol):
    """How a kind of store takes content so that it lasts."""

    def write(self, path: str, data: bytes) -> None: ...


class ObjectBlobs:
    """`playhead.ports.blobs.Blobs` in a folder (a path or `file://`), `s3://`, `gs://`, `az://` or `memory://`.

    Credentials come from where the cloud's own tools look for them (environment, instance role).
    """

    def __init__(self, url: str) -> None:
        folder = _folder(url)
        self._store: ObjectStore
        self._writer: _Writer
        if folder is None:
            self._store = from_url(url)
            self._writer = _RemoteWriter(self._store)
        else:
            local = LocalStore(folder, mkdir=True)
            self._store = local
            self._writer = _FolderWriter(local, folder)

    def put(self, sha256: str, data: bytes) -> None:
        if hashlib.sha256(data).hexdigest() != sha256:
            raise ConflictError("The content is not what its SHA-256 says. Send it again.")
        if not self.has(sha256):
            self._writer.write(_path(sha256), data)

    def has(self, sha256: str) -> bool:
        if not _DIGEST.fullmatch(sha256):
            return False
        try:
            obstore.head(self._store, _path(sha256))
        except FileNotFoundError:
            return False
        return True

    def get(self, sha256: str) -> Iterator[bytes]:
        if not _DIGEST.fullmatch(sha256):
            raise NotFoundError(f"There is no blob {sha256}.")
        try:
            found = obstore.get(self._store, _path(sha256))
        except FileNotFoundError as error:
            raise NotFoundError(f"There is no blob {sha256}.") from error
        return iter(found.stream(min_chunk_size=_PIECE))

    def delete(self, sha256: str) -> None:
        if _DIGEST.fullmatch(sha256):
            with suppress(FileNotFoundError):
                obstore.delete(self._store, _path(sha256))


class _RemoteWriter:
    """Object stores answer when they hold the content. Two writers of one digest write the same bytes, so neither harms the other."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def write(self, path: str, data: bytes) -> None:
        obstore.put(self._store, path, data)


class _FolderWriter:
    """Writes beside, fsyncs, then renames: obstore does not fsync, and a name must never stand over content that a power cut emptied."""

    def __init__(self, store: LocalStore, folder: Path) -> None:
        self._store = store
        self._folder = folder
        for left in obstore.list(store, _INCOMING).collect():
            obstore.delete(store, left["path"])

    def write(self, path: str, data: bytes) -> None:
        incoming = f"{_INCOMING}/{uuid4().hex}"
        obstore.put(self._store, incoming, data, use_multipart=False)
        _fsync(self._folder / incoming)
        target = self._folder / path
        fresh = not target.parent.exists()
        try:
            obstore.rename(self._store, incoming, path, overwrite=False)
        except AlreadyExistsError:
            obstore.delete(self._store, incoming)
        _fsync(target.parent)
        if fresh:
            _fsync(self._folder)


def _path(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256[2:]}"


def _folder(url: str) -> Path | None:
    """The folder that `url` means; None if it is no folder."""
    if "://" not in url:
        return Path(url).absolute()
    parts = urlsplit(url)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def _fsync(path: Path) -> None:
    if os.name == "nt" and path.is_dir():  # Windows has no fsync of folders; NTFS journals names by itself.
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
