"""Blobs as files `ab/cdef…` of a folder. What is on its way grows in `incoming/`, and gets its name once it is verified and on the disk."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import stat
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from playhead.domain.errors import BusyError, NotFoundError, OffsetError, StorageError
from playhead.domain.file import SHA256, too_many_bytes, wrong_bytes
from playhead.ports.blobs import Stored, Upload

_PIECE = 512 << 10
"""Bytes that are read at once."""
_MAX_HASHES = 256
"""Uploads whose SHA-256 so far is remembered; for others it is made anew from what is on the disk."""
_WRITTEN_OUT = 8 << 20
"""Bytes of an upload after which the disk is told to begin with them."""
_FEW, _AT_ONCE = 4, 8
"""So many files are written one after another, more by so many threads."""
_BROKEN, _MAX_BROKEN = 60.0, 1_000
"""Seconds that content which could not be read is not tried again, and how much of it is remembered."""
_VERIFYING = 5.0
"""Seconds to come back in, while an upload is being verified."""


class FolderBlobs:
    """`playhead.ports.blobs.Stock` in a folder, which several processes may share.

    An upload's file only ever grows, under a lock: so a SHA-256 that was made of the bytes as they came is one of what is in the file.
    """

    def __init__(self, folder: str | Path) -> None:
        self._folder = Path(folder).absolute()
        self._incoming = self._folder / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True)
        self._hashes = _Hashes()
        self._broken: dict[str, tuple[float, OSError]] = {}
        """Content that could not be read to its end -> when, and why."""
        self._verifying: set[str] = set()
        self._lock = threading.Lock()

    def put(self, contents: Mapping[str, bytes | memoryview]) -> set[str]:
        for sha256, data in contents.items():
            if hashlib.sha256(data).hexdigest() != sha256:
                raise wrong_bytes(sha256)
        missing = self.missing(list(contents))
        written = [(self._incoming / f"put-{uuid4().hex}", sha256) for sha256 in missing]
        with ExitStack() as undo, _space():
            for incoming, _ in written:
                undo.callback(incoming.unlink, missing_ok=True)
            _together(_write, [(incoming, contents[sha256]) for incoming, sha256 in written])
            self._publish(written)
        return contents.keys() - set(missing)

    def has(self, sha256: str) -> bool:
        return SHA256.fullmatch(sha256) is not None and self._path(sha256).is_file()

    def missing(self, digests: Sequence[str]) -> list[str]:
        return [sha256 for sha256 in digests if not self.has(sha256)]

    def size(self, sha256: str) -> int:
        handle = self._open(sha256)
        try:
            return os.fstat(handle).st_size
        finally:
            os.close(handle)

    def get(self, sha256: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        since, error = self._broken.get(sha256, (-_BROKEN, None))
        if error is not None and time.monotonic() - since < _BROKEN:
            raise _unreadable(sha256, error) from error
        pieces = _read(self._open(sha256), start, stop, lambda error: self._broke(sha256, error))
        try:
            next(pieces)  # from here on it closes the file, read to the end or not
        except OSError as error:
            raise _unreadable(sha256, error) from error
        return pieces

    def arrived(self, upload: Upload) -> int:
        try:
            return self._partial(upload).stat().st_size
        except FileNotFoundError:
            return 0

    def receive(self, upload: Upload, offset: int) -> _Piece:
        path = self._partial(upload)
        with _space():
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        there = os.fstat(handle)
        if there.st_size != offset:
            os.close(handle)
            raise OffsetError(there.st_size)
        return _Piece(path, handle, offset, self._hashes)

    def finish(self, upload: Upload, total: int) -> bool:
        path = self._partial(upload)
        with self._alone(path.name):
            try:
                handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
            except FileNotFoundError:
                if self.has(upload.sha256):
                    return False
                raise OffsetError(0) from None
            try:
                return self._verify(upload, path, handle, total)
            finally:
                os.close(handle)

    def link(self, sha256: str) -> str | None:  # noqa: ARG002 nobody else could reach it
        return None

    def piece_links(self, upload: Upload, offsets: Sequence[int]) -> list[str]:  # noqa: ARG002 as above
        return []

    def sweep(self, older_than: float) -> int:
        before, swept = time.time() - older_than, 0
        for path in self._incoming.iterdir():
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    path.unlink()
                    swept += 1
        return swept

    def stored(self, prefix: str) -> Iterator[Stored]:
        with suppress(FileNotFoundError), os.scandir(self._folder / prefix) as found:
            for one in found:
                with suppress(FileNotFoundError):
                    status = one.stat(follow_symlinks=False)
                    if SHA256.fullmatch(prefix + one.name) and stat.S_ISREG(status.st_mode):
                        yield Stored(prefix + one.name, status.st_size, status.st_mtime)

    def delete(self, sha256: str) -> None:
        if SHA256.fullmatch(sha256):
            self._path(sha256).unlink(missing_ok=True)

    def belongs_to(self, catalog: str) -> bool:
        owner, incoming = self._folder / "catalog", self._incoming / f"catalog-{uuid4().hex}"
        if not owner.exists():
            incoming.write_text(catalog, encoding="ascii")
            with suppress(FileExistsError):  # somebody was faster
                owner.hardlink_to(incoming)
            incoming.unlink()
        return owner.read_text(encoding="utf-8") == catalog

    def _verify(self, upload: Upload, path: Path, handle: int, total: int) -> bool:
        size = os.fstat(handle).st_size
        if size < total:
            raise OffsetError(size)
        found = self._hashes.take(path, handle, total) or _hash(handle, total)
        with _space():
            os.fsync(handle)
        with _locked(handle):
            if not _is(path, handle):  # another process was faster, or threw it away
                if self.has(upload.sha256):
                    return False
                raise OffsetError(0)
            if os.fstat(handle).st_size != total or found.hexdigest() != upload.sha256:
                path.unlink()
                if os.fstat(handle).st_size != total:
                    raise too_many_bytes()
                raise wrong_bytes(upload.sha256)
            if self.has(upload.sha256):
                path.unlink()
            else:
                self._publish([(path, upload.sha256)])
            return True

    def _publish(self, written: Sequence[tuple[Path, str]]) -> None:
        """Give names to files that are on the disk, and see that these are there too."""
        fresh, folders = False, set()
        for incoming, sha256 in written:
            target = self._path(sha256)
            if target.parent not in folders and not target.parent.exists():
                target.parent.mkdir(exist_ok=True)
                fresh = True
            folders.add(target.parent)
            incoming.rename(target)  # over the same bytes, if somebody was faster
        _together(_fsync, [(folder,) for folder in sorted(folders)])
        if fresh:
            _fsync(self._folder)

    def _broke(self, sha256: str, error: OSError) -> None:
        """Somebody has begun to read it, and can only be cut off; who asks again is told why."""
        if len(self._broken) >= _MAX_BROKEN:
            self._broken.clear()
        self._broken[sha256] = (time.monotonic(), error)

    @contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        with self._lock:
            if name in self._verifying:
                error = BusyError("This content is being verified. Ask again in a moment.")
                error.retry_after = _VERIFYING
                raise error
            self._verifying.add(name)
        try:
            yield
        finally:
            with self._lock:
                self._verifying.discard(name)

    def _open(self, sha256: str) -> int:
        unknown = NotFoundError(f"There is no blob {sha256}.")
        if not SHA256.fullmatch(sha256):
            raise unknown
        try:
            return os.open(self._path(sha256), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            raise unknown from None
        except OSError as error:
            raise _unreadable(sha256, error) from error

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256[2:]

    def _partial(self, upload: Upload) -> Path:
        return self._incoming / f"{upload.sha256}-{upload.owner}"


class _Piece:
    """`playhead.ports.blobs.Piece`. Each write is short and under the file's lock, so no connection that hangs can hold up another."""

    def __init__(self, path: Path, handle: int, offset: int, hashes: _Hashes) -> None:
        self._path = path
        self._handle: int | None = handle
        self._at = self._written_out = offset
        self._hashes = hashes
        self._hash = hashes.take(path, handle, offset) if offset else hashlib.sha256()

    def write(self, data: bytes) -> None:
        assert self._handle is not None
        left = memoryview(data)
        while left:
            with _locked(self._handle), _space():
                size = os.fstat(self._handle).st_size
                if size != self._at or not _is(self._path, self._handle):
                    self._hash = None
                    raise OffsetError(size if _is(self._path, self._handle) else 0)
                done = os.pwrite(self._handle, left, self._at)
            self._at += done
            if self._hash is not None:
                self._hash.update(left[:done])
            left = left[done:]
        if self._at - self._written_out >= _WRITTEN_OUT:
            self._write_out(self._handle)

    def close(self) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            if self._hash is not None:
                self._hashes.keep(self._path, handle, self._at, self._hash)
            if self._at > self._written_out:
                self._write_out(handle)
            os.close(handle)

    def _write_out(self, handle: int) -> None:
        """Have the disk begin now, so that there is little left to wait for at the end; what it has written is not kept in memory, which
        trainings have better use for.
        """
        self._written_out = self._at
        if sys.platform == "linux":
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)


class _Hashes:
    """SHA-256 of the first bytes of uploads, so that the last one need not wait until all is read again."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[int, int, Any]] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, path: Path, handle: int, size: int, made: Any) -> None:
        with self._lock:
            self._kept[path.name] = (os.fstat(handle).st_ino, size, made)
            self._kept.move_to_end(path.name)
            while len(self._kept) > _MAX_HASHES:
                self._kept.popitem(last=False)

    def take(self, path: Path, handle: int, size: int) -> Any:
        """That of the first `size` bytes; None if it is not known. It is the caller's own then."""
        with self._lock:
            inode, known, made = self._kept.pop(path.name, (0, 0, None))
        return made if (inode, known) == (os.fstat(handle).st_ino, size) else None


def _hash(handle: int, size: int) -> Any:
    made, at = hashlib.sha256(), 0
    while at < size:
        data = os.pread(handle, min(_PIECE, size - at), at)
        if not data:
            break
        made.update(data)
        at += len(data)
    return made


def _read(handle: int, start: int, stop: int | None, broke: Callable[[OSError], None]) -> Iterator[bytes]:
    try:
        os.pread(handle, 1, start)
        yield b""
        at, stop = start, os.fstat(handle).st_size if stop is None else stop
        while at < stop and (data := os.pread(handle, min(_PIECE, stop - at), at)):
            at += len(data)
            yield data
    except OSError as error:
        broke(error)
        raise
    finally:
        os.close(handle)


def _is(path: Path, handle: int) -> bool:
    """Whether `path` still names the open file."""
    try:
        return path.stat().st_ino == os.fstat(handle).st_ino
    except FileNotFoundError:
        return False


@contextmanager
def _locked(handle: int) -> Iterator[None]:
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)


@contextmanager
def _space() -> Iterator[None]:
    """Let a full disk be told as one."""
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        told = BusyError("The server has no space left for files. Make room on its disk; what arrived is kept.")
        told.retry_after = 10.0
        raise told from error


def _unreadable(sha256: str, error: OSError) -> StorageError:
    return StorageError(
        f"The server has the content {sha256[:12]}…, but cannot read it ({error.strerror or error}). "
        "Whoever runs the server should look at its folder of files."
    )


def _together(work: Callable[..., None], items: Sequence[tuple[Any, ...]]) -> None:
    """`work` with each of these, several at once: what the disk is asked for at the same time it writes in one go."""
    if len(items) < _FEW:
        for item in items:
            work(*item)
        return
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for done in [pool.submit(work, *item) for item in items]:
            done.result()


def _write(path: Path, data: bytes | memoryview) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
