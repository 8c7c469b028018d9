"""Content of files on its way from a server: piece by piece, gone on with after a cut, verified, never held whole.

What a server says is not believed: neither names nor bytes.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Protocol

from playhead.client import direct, disk
from playhead.client.direct import Source
from playhead.client.ingest import Ingest
from playhead.client.transfer import AT_ONCE, Progress, Tries, digest, work
from playhead.domain.errors import ConflictError, LimitError, PlayheadError, UsageError
from playhead.domain.file import wrong_with
from playhead.domain.ids import RunPath
from playhead.domain.limits import FILE_PIECE

_GIT = frozenset({".git", "git~1"})


class OfRun:
    """Content that a run refers to."""

    def __init__(self, server: Ingest, run: RunPath) -> None:
        self.url = server.url
        self._server = server
        self._run = run

    def link(self, sha256: str) -> str | None:
        """See Source."""
        return self._server.link(self._run, sha256)

    def piece(self, sha256: str, start: int, stop: int) -> bytes:
        """See Source."""
        return self._server.piece(self._run, sha256, start, stop)


class Incoming(Protocol):
    """A file that a server has, as `playhead.wire.files.FileView` tells of it."""

    @property
    def path(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def size(self) -> int: ...


def inside(root: Path, name: str) -> Path:
    """Where the file `name` goes below `root`. UsageError if that were anywhere else, by its parts or by a link on the way."""
    wrong = wrong_with(name)
    if wrong is None and os.name == "nt" and ":" in name:
        wrong = "it has a colon"
    if wrong is None and any(part.casefold() in _GIT for part in name.replace("\\", "/").split("/")):
        wrong = "git would do what such a file says"
    target = root / name
    if wrong is None and not Path(os.path.realpath(target.parent)).is_relative_to(os.path.realpath(root)):
        wrong = "a link on its way leads out of there"
    if wrong is not None:
        raise UsageError(f"{name!r} is not written below {root}: {wrong}.")
    return target


def download(
    source: Source, file: Incoming, target: Path, progress: Progress | None = None, *, root: Path | None = None,
    tries: Tries | None = None,
) -> bool:  # fmt: skip
    """Let `target` be the file, below `root` if that is given. Whether anything had to be fetched: nothing if it has that content already.

    It grows beside its target, whole or not at all under that name; a later call goes on with what is there. UsageError if it cannot be
    written there, LimitError if there is no space for it, ConflictError if the server has other bytes, CommError when patience is over.
    """
    if root is not None:
        inside(root, str(target.relative_to(root)))
    with written(target, file.size):
        if holds(target, file):
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        with _part(target, file) as (handle, part):
            _fetch(source, file, handle, part, progress, tries or Tries())
            part.replace(target)
    return True


@contextmanager
def written(target: Path, size: int) -> Iterator[None]:
    """Let it be told when `target`, of `size` bytes, cannot be written: LimitError without space for it, else UsageError."""
    try:
        yield
    except OSError as error:
        if disk.is_full(error):
            raise _no_space(target, size) from error
        raise UsageError(f"{target} cannot be written: {error.strerror or error}.") from error


def download_all(
    source: Source, files: Iterable[Incoming], root: Path,
    told: Callable[[Incoming, PlayheadError | None], None], *,
    progress: Callable[[Incoming, int], None] | None = None,
) -> None:  # fmt: skip
    """Fetch files to their names below `root`, some at once. `told` hears of each, in any order, with what went wrong."""
    lock = threading.Lock()
    names: dict[str, str] = {}
    folds = folds_case(root)

    def target_of(one: Incoming) -> Path:
        target = inside(root, one.path)
        with lock:
            other = names.setdefault(one.path.casefold(), one.path)
        if folds and other != one.path:
            raise UsageError(f"{one.path!r} is not written: this disk would take it for {other!r}.")
        return target

    def fetch(one: Incoming) -> None:
        step = None if progress is None else lambda done: progress(one, done)
        error: PlayheadError | None = None
        try:
            download(source, one, target_of(one), step, root=root)
        except PlayheadError as wrong:
            error = wrong
        with lock:
            told(one, error)

    work((partial(fetch, one) for one in files), AT_ONCE)


def _fetch(source: Source, file: Incoming, handle: int, part: Path, progress: Progress | None, tries: Tries) -> None:
    """Let `part` be the whole file."""
    resumed = os.fstat(handle).st_size
    if resumed > file.size:
        os.ftruncate(handle, 0)
        resumed = 0
    _check_space(part, file.size - resumed)
    with closing(direct.Pieces(source, file.sha256, file.size)) as pieces:
        _take(pieces, source.url, file, handle, part, resumed, progress, tries)


def _take(
    pieces: direct.Pieces, url: str, file: Incoming, handle: int, part: Path, resumed: int, progress: Progress | None,
    tries: Tries,
) -> None:  # fmt: skip
    """The same from `pieces`, behind the first `resumed` bytes, which are there."""
    while True:
        made, at = hashlib.sha256(), 0
        while at < file.size:
            if at < resumed:
                data = os.pread(handle, min(FILE_PIECE, resumed - at), at)
            else:
                stop = min(at + FILE_PIECE, file.size)
                data = tries.ask(partial(pieces.get, at, stop))
                tries.worked()
                _write(handle, data, at)
            made.update(data)
            at += len(data)
            if progress is not None:
                progress(at)
        if made.hexdigest() == file.sha256:
            return
        os.ftruncate(handle, 0)
        if not pieces.distrust() and not resumed:
            part.unlink(missing_ok=True)
            raise ConflictError(
                f"{url} sent something else than {file.path} with the SHA-256 {file.sha256}: it is thrown away."
            )
        resumed = 0  # what an earlier transfer left may be what is wrong


@contextmanager
def _part(target: Path, file: Incoming) -> Iterator[tuple[int, Path]]:
    """The file beside `target` that grows. One process at a time goes on with it; another one begins its own."""
    name = hashlib.sha256(os.fsencode(target.name)).hexdigest()[:8]
    part = target.with_name(f".playhead-{file.sha256[:16]}-{name}.part")
    handle = _open_alone(part, os.O_NOFOLLOW)
    if handle is None:
        part = part.with_suffix(f".{os.getpid()}-{threading.get_ident()}.part")
        handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        yield handle, part
    except OSError:
        with suppress(OSError):
            part.unlink()  # gives its space back
        raise
    finally:
        os.close(handle)


def _open_alone(path: Path, flags: int) -> int | None:
    """The file, made if it is missing, for this process alone; None if another one has it."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | flags, 0o666)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        if path.exists() and path.stat().st_ino == os.fstat(handle).st_ino:
            return handle
        os.close(handle)  # it got its own name meanwhile


def _write(handle: int, data: bytes, at: int) -> None:
    left = memoryview(data)
    while left:
        done = os.pwrite(handle, left, at)
        left, at = left[done:], at + done


def folds_case(folder: Path) -> bool:
    """Whether this disk takes names for one that differ in nothing but case."""
    probe = folder / f".playhead-{os.urandom(6).hex()}-case.part"
    try:
        probe.touch(exist_ok=False)
        try:
            return probe.with_name(probe.name.upper()).exists()
        finally:
            probe.unlink()
    except OSError:
        return False


def holds(path: Path, file: Incoming) -> bool:
    """Whether the content is there already."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise UsageError(f"{path} is a device or the like, and is left alone.")
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        return False
    try:
        return os.fstat(handle).st_size == file.size and digest(handle) == file.sha256
    finally:
        os.close(handle)


def _check_space(part: Path, wanted: int) -> None:
    there = os.statvfs(part.parent)
    if wanted > there.f_bavail * there.f_frsize:
        part.unlink(missing_ok=True)
        raise _no_space(part, wanted)


def _no_space(target: Path, wanted: int) -> LimitError:
    return LimitError(f"There is no space left in {target.parent}: {wanted:,} bytes are needed.")
