"""Content of files on its way to a server: piece by piece, gone on with after a cut, verified on arrival, never held whole.

The sidecar loads this beside a training, so it loads nothing that takes time.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from playhead.client import direct
from playhead.client.ingest import Ingest
from playhead.client.transfer import AT_ONCE, Progress, Tries, attempt, digest, work
from playhead.domain.errors import CommError, ConflictError, OffsetError, PlayheadError
from playhead.domain.ids import RunPath
from playhead.domain.limits import FILE_PIECE, MAX_PAGE, SMALL_FILE

PACK = 1 << 20
"""Bytes of small files that go in one request."""


class Outgoing(NamedTuple):
    """A file that a server is to have."""

    sha256: str
    path: Path
    size: int
    data: bytes | None = None
    """Its content, if it is small and at hand."""


def upload(
    server: Ingest, run: RunPath, sha256: str, path: Path, progress: Progress | None = None, *, tries: Tries | None = None
) -> int:  # fmt: skip
    """Let the server have the content of `path`, from where it says it has it. How many bytes were sent: none if it had all.

    ConflictError if the file is not (or no longer) what `sha256` says, OSError if it cannot be read, CommError when patience is over.
    """
    with path.open("rb", buffering=0) as source:
        total = os.fstat(source.fileno()).st_size
        tries = tries or Tries()
        sent = direct.upload(server, run, sha256, source.fileno(), total, progress)
        spoiled, at = 0, -1
        while True:
            try:
                if at < 0:
                    view = server.arrived(run, sha256)
                else:
                    data = _read(source.fileno(), at, min(FILE_PIECE, total - at), path)
                    view = server.put_piece(run, sha256, at, total, data)
                    sent += len(data)
                    tries.worked()
            except OffsetError as error:
                at = min(error.expected, total)
                tries.failed(error)
            except ConflictError as error:
                spoiled += 1
                if spoiled > 2 or digest(source.fileno()) != sha256:
                    raise _changed(path) from error
                at = 0
            except CommError as error:
                at = -1
                tries.failed(error)
            else:
                at = min(view.offset, total)
                if progress is not None:
                    progress(at)
                if view.complete:
                    return sent


class Outcome(NamedTuple):
    """What became of a file that was to be sent."""

    file: Outgoing
    sent: int
    """Bytes that were sent for it; 0 if the server had them."""
    error: PlayheadError | OSError | None


def upload_all(
    server: Ingest, run: RunPath, files: Iterable[Outgoing], told: Callable[[Outcome], None], *,
    progress: Callable[[Outgoing, int], None] | None = None, at_once: int = AT_ONCE,
    tries: Callable[[], Tries] = Tries,
) -> None:  # fmt: skip
    """Let the server have all contents that it misses: small ones together, some large ones at once. `told` hears of each, in any order."""
    lock = threading.Lock()

    def tell(outcome: Outcome) -> None:
        with lock:
            told(outcome)

    def large(one: Outgoing, twins: Sequence[Outgoing]) -> None:
        step = None if progress is None else lambda done: progress(one, done)
        sent, error = attempt(lambda: upload(server, run, one.sha256, one.path, step, tries=tries()), 0)
        tell(Outcome(one, sent, error))
        for twin in twins:
            tell(Outcome(twin, 0, error))

    def jobs() -> Iterator[Callable[[], None]]:
        for some in _pages(files):
            asked = list(dict.fromkeys(one.sha256 for one in some))
            missing, error = attempt(partial(tries().ask, partial(server.missing, run, asked)), set[str]())
            groups: dict[str, list[Outgoing]] = {}
            for one in some:
                if error is not None or one.sha256 not in missing:
                    tell(Outcome(one, 0, error))
                else:
                    groups.setdefault(one.sha256, []).append(one)
            small = [group for group in groups.values() if group[0].size <= SMALL_FILE]
            for pack in _packs(small):
                yield partial(_send_pack, server, run, pack, tell, tries())
            for first, *twins in (group for group in groups.values() if group[0].size > SMALL_FILE):
                yield partial(large, first, twins)

    work(jobs(), at_once)


def _send_pack(
    server: Ingest, run: RunPath, pack: Sequence[Sequence[Outgoing]], tell: Callable[[Outcome], None], tries: Tries
) -> None:
    contents: dict[str, bytes] = {}
    errors: dict[str, PlayheadError | OSError | None] = {}
    for one, *_ in pack:
        data, errors[one.sha256] = attempt(partial(_small, one), b"")
        if errors[one.sha256] is None:
            contents[one.sha256] = data
    if contents:
        _, failed = attempt(partial(tries.ask, partial(server.put_blobs, run, contents)), None)
        errors |= dict.fromkeys(contents, failed)
    for first, *twins in pack:
        error = errors[first.sha256]
        tell(Outcome(first, 0 if error else len(contents[first.sha256]), error))
        for twin in twins:
            tell(Outcome(twin, 0, error))


def _small(one: Outgoing) -> bytes:
    if one.data is not None:
        return one.data
    with one.path.open("rb") as source:
        data = source.read(SMALL_FILE + 1)
    if hashlib.sha256(data).hexdigest() != one.sha256:
        raise _changed(one.path)
    return data


def _packs(groups: Iterable[list[Outgoing]]) -> Iterator[list[list[Outgoing]]]:
    pack: list[list[Outgoing]] = []
    size = 0
    for group in groups:
        if pack and size + group[0].size > PACK:
            yield pack
            pack, size = [], 0
        pack.append(group)
        size += group[0].size
    if pack:
        yield pack


def _pages(files: Iterable[Outgoing]) -> Iterator[list[Outgoing]]:
    page: list[Outgoing] = []
    for one in files:
        page.append(one)
        if len(page) == MAX_PAGE:
            yield page
            page = []
    if page:
        yield page


def _read(handle: int, at: int, size: int, path: Path) -> bytes:
    data = os.pread(handle, size, at)
    if len(data) < size:
        raise _changed(path)
    return data


def _changed(path: Path) -> ConflictError:
    return ConflictError(f"{path} was changed before it was sent: it is no longer what was saved.")
