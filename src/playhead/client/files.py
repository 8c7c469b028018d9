"""Content of files on its way to a server and from one: piece by piece, gone on with after a cut, verified on arrival, never held whole.

The sidecar loads this beside a training, so it loads nothing that takes time. What a server says is not believed: neither names nor bytes.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from playhead.client import direct
from playhead.client.ingest import Ingest
from playhead.domain.errors import (
    BusyError,
    CommError,
    ConflictError,
    LimitError,
    OffsetError,
    PlayheadError,
    UsageError,
)
from playhead.domain.file import wrong_with
from playhead.domain.ids import RunPath
from playhead.domain.limits import FILE_PIECE, MAX_PAGE, SMALL_FILE

T = TypeVar("T")

AT_ONCE = 3
"""Files that are on their way at the same time: each holds up to three pieces' worth of memory."""
PACK = 1 << 20
"""Bytes of small files that go in one request."""
PATIENCE = 300.0
"""Seconds without any progress after which a transfer is given up."""
_FIRST, _LONGEST = 0.2, 20.0
"""Seconds between two tries, at most: of the first two, and of any."""

Progress = Callable[[int], None]
"""Is told how many bytes of the file are there. A PlayheadError that it raises ends the transfer; a later one goes on from there."""
Pause = Callable[[float], object]


class Outgoing(NamedTuple):
    """A file that a server is to have."""

    sha256: str
    path: Path
    size: int


class Incoming(Protocol):
    """A file that a server has, as `playhead.wire.files.FileView` tells of it."""

    @property
    def path(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def size(self) -> int: ...


class Tries:
    """Waits before another try, longer each time and by chance, as long as there is patience. Progress renews it."""

    def __init__(self, patience: float = PATIENCE, pause: Pause = time.sleep) -> None:
        """`pause` sleeps, and may raise a PlayheadError to end it."""
        self._patience = patience
        self._pause = pause
        self._failures = 0
        self._since = 0.0

    def worked(self) -> None:
        """There was progress."""
        self._failures = 0

    def failed(self, error: PlayheadError) -> None:
        """Wait; raises `error` when there is no patience left."""
        now = time.monotonic()
        if not self._failures:
            self._since = now
        asked = error.retry_after if isinstance(error, BusyError) else None
        wait = (asked or 0.0) + random.random() * min(_LONGEST, _FIRST * 2.0 ** min(self._failures, 16))  # noqa: S311 no secret
        self._failures += 1
        if now + wait - self._since > self._patience:
            raise error
        self._pause(wait)

    def ask(self, call: Callable[[], T]) -> T:
        """What `call` answers, once there is an answer."""
        while True:
            try:
                return call()
            except CommError as error:
                self.failed(error)


# Up -------------------------------------------------------------------------------------------------------------------


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
                if spoiled > 2 or _digest(source.fileno()) != sha256:
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
        sent, error = _attempt(lambda: upload(server, run, one.sha256, one.path, step, tries=tries()), 0)
        tell(Outcome(one, sent, error))
        for twin in twins:
            tell(Outcome(twin, 0, error))

    def jobs() -> Iterator[Callable[[], None]]:
        for some in _pages(files):
            asked = list(dict.fromkeys(one.sha256 for one in some))
            missing, error = _attempt(partial(tries().ask, partial(server.missing, run, asked)), set[str]())
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

    _work(jobs(), at_once)


def _send_pack(
    server: Ingest, run: RunPath, pack: Sequence[Sequence[Outgoing]], tell: Callable[[Outcome], None], tries: Tries
) -> None:
    contents: dict[str, bytes] = {}
    errors: dict[str, PlayheadError | OSError | None] = {}
    for one, *_ in pack:
        data, errors[one.sha256] = _attempt(partial(_small, one), b"")
        if errors[one.sha256] is None:
            contents[one.sha256] = data
    if contents:
        _, failed = _attempt(partial(tries.ask, partial(server.put_blobs, run, contents)), None)
        errors |= dict.fromkeys(contents, failed)
    for first, *twins in pack:
        error = errors[first.sha256]
        tell(Outcome(first, 0 if error else len(contents[first.sha256]), error))
        for twin in twins:
            tell(Outcome(twin, 0, error))


def _small(one: Outgoing) -> bytes:
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


_GIT = frozenset({".git", "git~1"})


# Down -----------------------------------------------------------------------------------------------------------------


def inside(root: Path, name: str) -> Path:
    """Where the file `name` goes below `root`. UsageError if that were anywhere else, by its parts or by a link on the way."""
    wrong = wrong_with(name)
    if wrong is None and os.name == "nt" and ":" in name:
        wrong = "it has a colon"
    if wrong is None and any(part.casefold() in _GIT for part in name.replace("\\", "/").split("/")):
        wrong = "git would do what such a file says"
    target = root / name
    if wrong is None and not target.parent.resolve().is_relative_to(root.resolve()):
        wrong = "a link on its way leads out of there"
    if wrong is not None:
        raise UsageError(f"{name!r} is not written below {root}: {wrong}.")
    return target


def download(
    server: Ingest, run: RunPath, file: Incoming, target: Path, progress: Progress | None = None, *,
    root: Path | None = None, tries: Tries | None = None,
) -> bool:  # fmt: skip
    """Let `target` be the file, below `root` if that is given. Whether anything had to be fetched: nothing if it has that content already.

    It grows beside its target, whole or not at all under that name; a later call goes on with what is there. UsageError if it cannot be
    written there, LimitError if there is no space for it, ConflictError if the server has other bytes, CommError when patience is over.
    """
    if root is not None:
        inside(root, str(target.relative_to(root)))
    try:
        if _holds(target, file):
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        with _part(target, file) as (handle, part):
            _fetch(server, run, file, handle, part, progress, tries or Tries())
            part.replace(target)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise _no_space(target, file.size) from error
        raise UsageError(f"{target} cannot be written: {error.strerror or error}.") from error
    return True


def download_all(
    server: Ingest, run: RunPath, files: Iterable[Incoming], root: Path,
    told: Callable[[Incoming, PlayheadError | None], None], *,
    progress: Callable[[Incoming, int], None] | None = None, at_once: int = AT_ONCE, tries: Callable[[], Tries] = Tries,
) -> None:  # fmt: skip
    """Fetch files to their names below `root`, some at once. `told` hears of each, in any order, with what went wrong."""
    lock = threading.Lock()
    names: dict[str, str] = {}
    folds = _is_same(root, root.with_name(root.name.swapcase()))

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
            download(server, run, one, target_of(one), step, root=root, tries=tries())
        except PlayheadError as wrong:
            error = wrong
        with lock:
            told(one, error)

    _work((partial(fetch, one) for one in files), at_once)


def _fetch(
    server: Ingest, run: RunPath, file: Incoming, handle: int, part: Path, progress: Progress | None, tries: Tries
) -> None:
    """Let `part` be the whole file."""
    resumed = os.fstat(handle).st_size
    if resumed > file.size:
        os.ftruncate(handle, 0)
        resumed = 0
    _check_space(part, file.size - resumed)
    pieces = direct.Pieces(server, run, file.sha256, file.size)
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
            pieces.close()
            return
        os.ftruncate(handle, 0)
        if not pieces.distrust() and not resumed:
            part.unlink(missing_ok=True)
            raise ConflictError(
                f"{server.url} sent something else than {file.path} with the SHA-256 {file.sha256}: it is thrown away."
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


def _is_same(one: Path, other: Path) -> bool:
    """Whether both names are of one file that is there."""
    try:
        return one.samefile(other)
    except OSError:
        return False


def _holds(path: Path, file: Incoming) -> bool:
    """Whether the content is there already."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise UsageError(f"{path} is a device or the like, and is left alone.")
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        return False
    try:
        return os.fstat(handle).st_size == file.size and _digest(handle) == file.sha256
    finally:
        os.close(handle)


def _check_space(part: Path, wanted: int) -> None:
    there = os.statvfs(part.parent)
    if wanted > there.f_bavail * there.f_frsize:
        part.unlink(missing_ok=True)
        raise _no_space(part, wanted)


def _no_space(target: Path, wanted: int) -> LimitError:
    return LimitError(f"There is no space left in {target.parent}: {wanted:,} bytes are needed.")


# Both -----------------------------------------------------------------------------------------------------------------


def _digest(handle: int) -> str:
    made, at = hashlib.sha256(), 0
    while data := os.pread(handle, 1 << 20, at):
        made.update(data)
        at += len(data)
    return made.hexdigest()


def _attempt(call: Callable[[], T], otherwise: T) -> tuple[T, PlayheadError | OSError | None]:
    try:
        return call(), None
    except (PlayheadError, OSError) as error:
        return otherwise, error


def _work(jobs: Iterator[Callable[[], None]], at_once: int) -> None:
    """Do the jobs, some at once. What goes wrong with finding them is raised when those that were found are done."""
    lock = threading.Lock()
    wrong: list[PlayheadError] = []

    def take() -> Callable[[], None] | None:
        with lock:
            try:
                return None if wrong else next(jobs, None)
            except PlayheadError as error:
                wrong.append(error)
                return None

    def work() -> None:
        while (job := take()) is not None:
            job()

    threads = [threading.Thread(target=work, name="playhead-files", daemon=True) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise wrong[0]
