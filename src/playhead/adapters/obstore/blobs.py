"""Blobs as objects `ab/cdef…` of a store that a URL names. Pieces of uploads are objects too, so that any server can go on with them."""

from __future__ import annotations

import hashlib
import queue
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import AzureStore, GCSStore, ObjectStore, S3Store, from_url

from playhead.domain.errors import BusyError, ConflictError, NotFoundError, OffsetError, StorageError
from playhead.domain.file import SHA256, too_many_bytes, wrong_bytes
from playhead.ports.blobs import Stored, Upload

_PIECE = 1 << 20
"""Bytes of the pieces in which content is read, at least."""
_HELD = 8 << 20
"""Bytes of an upload that are held until they are stored."""
_MOST_PARTS = 9_000
"""Parts of one object: stores take 10,000."""
_AT_ONCE = 2
"""Parts of one object that are on their way at the same time."""
_WAITING = 2
"""Pieces that were read and wait to be stored."""
_ASKING = 16
"""Requests at the same time for many small contents."""
_VERIFYING = 5.0
"""Seconds to come back in, while an upload is being verified."""
_REFUSED = 10.0
"""Seconds to come back in, when the store takes nothing."""
_LINKED = timedelta(hours=1)
"""How long a link is good."""
_INCOMING = "incoming"
_CATALOG = "catalog"
"""Object that names the catalog which the content belongs to."""


class ObjectBlobs:
    """`playhead.ports.blobs.Stock` in `s3://`, `gs://`, `az://` or `memory://`.

    Credentials come from where the cloud's own tools look for them (environment, instance role). Such stores answer when they hold the
    content, and show an object whole or not at all. Two writers of one digest write the same bytes, so neither harms the other.
    """

    def __init__(self, url: str, **config: Any) -> None:
        self._store: ObjectStore = from_url(url, **config)
        self._verifying: set[Upload] = set()
        self._lock = threading.Lock()

    def put(self, contents: Mapping[str, bytes | memoryview]) -> set[str]:
        for sha256, data in contents.items():
            if hashlib.sha256(data).hexdigest() != sha256:
                raise wrong_bytes(sha256)

        def store(sha256: str) -> None:
            obstore.put(self._store, _path(sha256), contents[sha256])

        missing = self.missing(list(contents))
        with _storing(), ThreadPoolExecutor(_ASKING) as pool:
            list(pool.map(store, missing))
        return contents.keys() - set(missing)

    def has(self, sha256: str) -> bool:
        if not SHA256.fullmatch(sha256):
            return False
        with _storing():
            try:
                obstore.head(self._store, _path(sha256))
            except FileNotFoundError:
                return False
        return True

    def missing(self, digests: Sequence[str]) -> list[str]:
        with ThreadPoolExecutor(_ASKING) as pool:
            return [sha256 for sha256, there in zip(digests, pool.map(self.has, digests), strict=True) if not there]

    def size(self, sha256: str) -> int:
        with _found(sha256):
            return int(obstore.head(self._store, _path(sha256))["size"])

    def get(self, sha256: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        size = self.size(sha256)
        stop = size if stop is None else min(stop, size)
        if start >= stop:
            return iter(())
        with _found(sha256):
            found = obstore.get(self._store, _path(sha256), options={"range": (start, stop)})
            return _read(sha256, found.stream(min_chunk_size=_PIECE))

    def arrived(self, upload: Upload) -> int:
        with _storing():
            return sum(size for _, size in self._pieces(upload))

    def receive(self, upload: Upload, offset: int) -> _Piece:
        there = self.arrived(upload)
        if there != offset:
            raise OffsetError(there)
        return _Piece(self._store, upload, offset)

    def finish(self, upload: Upload, total: int) -> bool:
        with self._alone(upload), _storing():
            pieces = self._pieces(upload)
            size = sum(size for _, size in pieces)
            there = self.has(upload.sha256)
            if there and total and not pieces:
                return False
            if size < total:
                raise OffsetError(size)
            if size > total:
                self._forget(upload)
                raise too_many_bytes()
            try:
                if there:
                    self._check(upload.sha256, [path for path, _ in pieces])
                else:
                    self._join(upload.sha256, [path for path, _ in pieces], total)
            except ConflictError:
                self._forget(upload)
                raise
            self._forget(upload)
            return True

    def link(self, sha256: str) -> str | None:
        if not SHA256.fullmatch(sha256):
            return None
        return next(iter(self._signed("GET", [_path(sha256)])), None)

    def piece_links(self, upload: Upload, offsets: Sequence[int]) -> list[str]:
        return self._signed("PUT", [_place(upload, offset) for offset in offsets])

    def sweep(self, older_than: float) -> int:
        newest: dict[str, datetime] = {}
        for some in obstore.list(self._store, _INCOMING):
            for found in some:
                upload = found["path"].split("/")[1]
                newest[upload] = max(found["last_modified"], newest.get(upload, found["last_modified"]))
        before = datetime.now(UTC) - timedelta(seconds=older_than)
        old = [upload for upload, changed in newest.items() if changed < before]
        for upload in old:
            self._remove(f"{_INCOMING}/{upload}")
        return len(old)

    def stored(self, prefix: str) -> Iterator[Stored]:
        for some in obstore.list(self._store, prefix):
            for one in some:
                sha256 = one["path"].replace("/", "", 1)
                if SHA256.fullmatch(sha256):
                    yield Stored(sha256, int(one["size"]), one["last_modified"].timestamp())

    def delete(self, sha256: str) -> None:
        if SHA256.fullmatch(sha256):
            with suppress(FileNotFoundError):
                obstore.delete(self._store, _path(sha256))

    def belongs_to(self, catalog: str) -> bool:
        with suppress(AlreadyExistsError):
            obstore.put(self._store, _CATALOG, catalog.encode(), mode="create", use_multipart=False)
        return bytes(obstore.get(self._store, _CATALOG).bytes()) == catalog.encode()

    def _signed(self, method: Literal["GET", "PUT"], paths: list[str]) -> list[str]:
        if not isinstance(self._store, S3Store | GCSStore | AzureStore):
            return []
        return list(obstore.sign(self._store, method, paths, _LINKED))

    def _pieces(self, upload: Upload) -> list[tuple[str, int]]:
        """Path and length of its pieces, in their order. Each is named by its offset, and made only behind the one before."""
        found = [
            (meta["path"], int(meta["size"])) for some in obstore.list(self._store, _folder(upload)) for meta in some
        ]
        pieces, at = [], 0
        for path, size in sorted(found):
            if int(path.rpartition("/")[2]) == at:
                pieces.append((path, size))
                at += size
        return pieces

    def _check(self, sha256: str, pieces: Sequence[str]) -> None:
        made = hashlib.sha256()
        for data in self._content(pieces):
            made.update(data)
        if made.hexdigest() != sha256:
            raise wrong_bytes(sha256)

    def _join(self, sha256: str, pieces: Sequence[str], total: int) -> None:
        """Make one object of the pieces; a failure on the way, a wrong SHA-256 among them, aborts it and nothing is seen of it."""
        part = max(_HELD, -(-total // _MOST_PARTS))
        way: queue.Queue[bytes | ConflictError | None] = queue.Queue(_WAITING)
        with ThreadPoolExecutor(1) as pool:
            stored = pool.submit(
                obstore.put, self._store, _path(sha256), _arriving(way), use_multipart=total > part, chunk_size=part,
                max_concurrency=_AT_ONCE,
            )  # fmt: skip
            made = hashlib.sha256()
            try:
                for data in self._content(pieces):
                    made.update(data)
                    _pass_on(way, data, stored)
            except BaseException:
                _pass_on(way, ConflictError("A piece could not be read."), stored)  # or it would wait for ever
                raise
            _pass_on(way, None if made.hexdigest() == sha256 else wrong_bytes(sha256), stored)
            stored.result()

    def _content(self, pieces: Sequence[str]) -> Iterator[bytes]:
        for path in pieces:
            yield from map(bytes, obstore.get(self._store, path).stream(min_chunk_size=_PIECE))

    def _forget(self, upload: Upload) -> None:
        self._remove(_folder(upload))

    def _remove(self, folder: str) -> None:
        """The last piece first: what a failure leaves is a beginning."""
        paths = [meta["path"] for some in obstore.list(self._store, folder) for meta in some]
        for path in sorted(paths, reverse=True):
            with suppress(FileNotFoundError):
                obstore.delete(self._store, path)

    @contextmanager
    def _alone(self, upload: Upload) -> Iterator[None]:
        with self._lock:
            if upload in self._verifying:
                error = BusyError("This content is being verified. Ask again in a moment.")
                error.retry_after = _VERIFYING
                raise error
            self._verifying.add(upload)
        try:
            yield
        finally:
            with self._lock:
                self._verifying.discard(upload)


class _Piece:
    """`playhead.ports.blobs.Piece`."""

    def __init__(self, store: ObjectStore, upload: Upload, offset: int) -> None:
        self._store = store
        self._upload = upload
        self._at = offset
        self._held: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> None:
        self._held.append(data)
        self._size += len(data)
        if self._size >= _HELD:
            self._flush()

    def close(self) -> None:
        if self._size:
            self._flush()

    def _flush(self) -> None:
        data, self._held = b"".join(self._held), []
        self._size = 0
        try:
            with _storing():
                obstore.put(self._store, _place(self._upload, self._at), data, mode="create", use_multipart=False)
        except AlreadyExistsError:
            raise OffsetError(self._at + len(data), "Somebody else sends the same. Ask how far it is.") from None
        self._at += len(data)


def _arriving(way: queue.Queue[bytes | ConflictError | None]) -> Iterator[bytes]:
    """What another thread reads: obstore cannot be asked for anything while it asks for what to store."""
    while (data := way.get()) is not None:
        if isinstance(data, ConflictError):
            raise data
        yield data


def _pass_on(way: queue.Queue[Any], data: Any, stored: Future[Any]) -> None:
    """Hand it over, unless the other side has failed."""
    while not stored.done():
        try:
            way.put(data, timeout=1)
        except queue.Full:
            continue
        return
    stored.result()


@contextmanager
def _found(sha256: str) -> Iterator[None]:
    """NotFoundError if what is done finds no such object."""
    if not SHA256.fullmatch(sha256):
        raise NotFoundError(f"There is no blob {sha256}.")
    try:
        yield
    except FileNotFoundError:
        raise NotFoundError(f"There is no blob {sha256}.") from None
    except BaseError as error:
        raise _unreadable(sha256, error) from error


def _read(sha256: str, pieces: Iterable[Any]) -> Iterator[bytes]:
    try:
        yield from map(bytes, pieces)
    except BaseError as error:
        raise _unreadable(sha256, error) from error


def _unreadable(sha256: str, error: BaseError) -> StorageError:
    return StorageError(
        f"The server's object store does not give the content {sha256[:12]}… ({_reason(error)}). "
        "Whoever runs the server should look at its store and credentials."
    )


@contextmanager
def _storing() -> Iterator[None]:
    """Let a store that takes nothing be told as one: what is sent waits until it does."""
    try:
        yield
    except AlreadyExistsError:
        raise
    except BaseError as error:
        told = BusyError(
            f"The server's object store takes nothing ({_reason(error)}). Whoever runs the server should look at its store and credentials; "
            "what arrived is kept."
        )
        told.retry_after = _REFUSED
        raise told from error


def _reason(error: BaseError) -> str:
    return str(error).strip().splitlines()[0][:200]


def _path(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256[2:]}"


def _folder(upload: Upload) -> str:
    return f"{_INCOMING}/{upload.sha256}-{upload.owner}"


def _place(upload: Upload, offset: int) -> str:
    """Of a piece; the digits let a list be in order."""
    return f"{_folder(upload)}/{offset:020d}"
