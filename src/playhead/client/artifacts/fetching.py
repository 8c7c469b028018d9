"""Lets the files of an artifact be on this disk: from the cache, else from the server, verified, each whole or not at all. Several at once.

Neither a manifest nor the cache is believed: not in names, and not in bytes.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from playhead.client import disk
from playhead.client.artifacts import digests, references
from playhead.client.artifacts.cache import Cache
from playhead.client.direct import Source
from playhead.client.downloads import download, folds_case, holds, inside, written
from playhead.client.meter import LARGE, Meter
from playhead.client.transfer import work
from playhead.client.uploads import PACK
from playhead.domain.artifact import Entry
from playhead.domain.errors import CommError, ConflictError, LimitError, NotFoundError, PlayheadError, UsageError
from playhead.domain.limits import SMALL_FILE
from playhead.domain.size import size_text

Pack = Callable[[Sequence[Entry]], Mapping[str, bytes]]
"""Fetches the content of small files, by path; some may be left out."""

AT_ONCE = 6
"""Files that are on their way at the same time."""
_PIECE = 1 << 20
_TOLD = 3
_PACKED = 500
"""Files that are asked for at once."""


class Fetcher:
    """Files of one artifact on their way to `root`. Used once."""

    def __init__(
        self,
        root: Path,
        cache: Cache,
        source: Callable[[Entry], Source],
        pack: Pack | None = None,
        *,
        missing: bool = False,
    ) -> None:
        """`source` has the content of a file, `pack` of several small ones. `missing`: references that lead nowhere are left out."""
        self._pack = pack
        self._root = root
        self._cache = cache
        self._source = source
        self._missing = missing
        self._meter = Meter()
        self._lock = threading.Lock()
        self._wrong: list[tuple[str, PlayheadError]] = []
        self._here: set[str] = set()
        """Paths that are settled."""
        self.fetched = 0
        """Bytes that came from elsewhere."""

    def fetch(self, entries: Sequence[Entry]) -> None:
        """Bring them all. What goes wrong with some does not keep the others; it is raised at the end."""
        with written(self._root, 0):
            self._root.mkdir(parents=True, exist_ok=True)
        targets = planned(self._root, entries)
        wanted = sum(entry.size for entry in entries if not targets[entry.path].exists())
        self._check_space(wanted)
        try:
            jobs = [partial(self._take, some, targets) for some in self._packs(entries, targets)]
            work(iter(jobs), min(AT_ONCE, len(jobs)))
            rest = [partial(self._try, entry, targets[entry.path]) for entry in entries if entry.path not in self._here]
            work(iter(rest), min(AT_ONCE, len(rest)))
        finally:
            self._meter.clear()
            self._cache.tidy()
        if self._wrong:
            raise self._told()

    def _packs(self, entries: Iterable[Entry], targets: Mapping[str, Path]) -> Iterator[list[Entry]]:
        """Small files that are neither here nor in the cache, as many at once as one request should bring."""
        some: list[Entry] = []
        size = 0
        for entry in entries if self._pack is not None else ():
            if (
                entry.ref
                or entry.size > SMALL_FILE
                or targets[entry.path].exists()
                or self._cache.find(entry.sha256, entry.size)
            ):
                continue
            if some and (size + entry.size > PACK or len(some) == _PACKED):
                yield some
                some, size = [], 0
            some.append(entry)
            size += entry.size
        if len(some) > 1:
            yield some

    def _take(self, some: Sequence[Entry], targets: Mapping[str, Path]) -> None:
        """Fetch these at once. What does not come, or is not what it should be, is fetched by itself afterwards."""
        assert self._pack is not None
        try:
            contents = self._pack(some)
        except CommError:
            return
        for entry in some:
            data = contents.get(entry.path)
            if data is None or hashlib.sha256(data).hexdigest() != entry.sha256:
                continue
            with suppress(OSError, PlayheadError):
                inside(self._root, entry.path)
                write_whole(targets[entry.path], data)
                if self._cache.takes(entry.size):
                    write_whole(self._cache.path_of(entry.sha256), data)
                with self._lock:
                    self._here.add(entry.path)
                    self.fetched += entry.size
                    self._cache.added(entry.size)

    def _try(self, entry: Entry, target: Path) -> None:
        try:
            if entry.ref:
                self._refer(entry, target)
            else:
                self._bring(entry, target)
        except PlayheadError as error:
            with self._lock:
                self._wrong.append((entry.path, error))
        self._meter.arrived(entry.path, entry.size)

    def _bring(self, entry: Entry, target: Path) -> None:
        inside(self._root, entry.path)
        with written(target, entry.size):
            if holds(target, entry):
                return
            if not self._cache.takes(entry.size):
                self._download(entry, target, self._root)
                return
            kept = self._cache.find(entry.sha256, entry.size)
            if kept is not None and self._copy(kept, target, entry):
                return
            if kept is not None:  # it was damaged
                self._cache.drop(entry.sha256)
            kept = self._cache.path_of(entry.sha256)
            try:
                kept.parent.mkdir(parents=True, exist_ok=True)
                self._download(entry, kept, None)
            except (OSError, UsageError, LimitError):  # there is no cache to be had
                self._download(entry, target, self._root)
                return
            self._cache.added(entry.size)
            if not self._copy(kept, target, entry):
                self._download(entry, target, self._root)

    def _download(self, entry: Entry, target: Path, root: Path | None) -> None:
        step = partial(self._meter.step, entry.path, size=entry.size) if entry.size >= LARGE else None
        if download(self._source(entry), entry, target, step, root=root):
            with self._lock:
                self.fetched += entry.size

    def _copy(self, kept: Path, target: Path, entry: Entry) -> bool:
        """Let `target` be what the cache has. Whether that is the content; OSError if it cannot be written."""
        try:
            source = os.open(kept, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        part = _beside(target)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            made = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
            try:
                good = _same_bytes(source, made, entry)
            finally:
                os.close(made)
            if good:
                part.replace(target)
            return good
        finally:
            os.close(source)
            with suppress(OSError):
                part.unlink()

    def _refer(self, entry: Entry, target: Path) -> None:
        """What a reference leads to, as long as that is what it led to when it was added."""
        inside(self._root, entry.path)
        try:
            _check_reference(entry)
            with references.open_reference(entry.ref) as source, written(target, entry.size):
                part = _beside(target)
                target.parent.mkdir(parents=True, exist_ok=True)
                try:
                    with part.open("xb") as made:
                        while data := source.read(_PIECE):
                            made.write(data)
                    part.replace(target)
                finally:
                    part.unlink(missing_ok=True)
        except NotFoundError:
            if not self._missing:
                raise

    def _check_space(self, wanted: int) -> None:
        there = os.statvfs(self._root)
        if wanted > there.f_bavail * there.f_frsize:
            raise LimitError(f"There is no space left in {self._root}: {size_text(wanted)} are needed.")

    def _told(self) -> PlayheadError:
        name, first = self._wrong[0]
        names = ", ".join(repr(path) for path, _ in self._wrong[:_TOLD])
        more = f" ({len(self._wrong):,} files are not here: {names}{', …' if len(self._wrong) > _TOLD else ''})"
        text = first.message if name in first.message else f"{name!r}: {first.message}"
        first.args = (text + (more if len(self._wrong) > 1 else ""),)
        return first


def planned(root: Path, entries: Iterable[Entry]) -> dict[str, Path]:
    """Where each goes below `root`. UsageError if one would be outside, or in another's place."""
    targets: dict[str, Path] = {}
    folded: dict[str, str] = {}
    folds = folds_case(root)
    for entry in entries:
        targets[entry.path] = inside(root, entry.path)
        other = folded.setdefault(entry.path.casefold() if folds else entry.path, entry.path)
        if other != entry.path:
            raise UsageError(f"{entry.path!r} is not written: this disk would take it for {other!r}.")
    for path in targets:
        parent = path.rpartition("/")[0]
        while parent:
            if parent in targets:
                raise UsageError(f"{path!r} is not written: {parent!r} is a file in the same artifact.")
            parent = parent.rpartition("/")[0]
    return targets


def differs(root: Path, entry: Entry) -> str | None:
    """What is wrong with the file that should be `entry` below `root`; None if it is that."""
    path = inside(root, entry.path)
    try:
        with path.open("rb", buffering=0) as file:
            found = digests.digests(file.fileno())
    except OSError as error:
        return f"{entry.path!r} cannot be read: {error.strerror}"
    if entry.sha256:
        return None if found.sha256 == entry.sha256 else f"{entry.path!r} is not what was logged"
    same = found.size == entry.size and (not entry.ref.startswith("file:") or found.md5 == entry.digest)
    return None if same or not entry.size else f"{entry.path!r} is not what was logged"


def _check_reference(entry: Entry) -> None:
    """NotFoundError if it leads nowhere, ConflictError if to something else than it did."""
    if entry.digest == digests.md5_of_text(entry.ref):  # nobody looked then
        return
    digest, size = references.digest_of(entry.ref)
    if (digest, size) != (entry.digest, entry.size):
        raise ConflictError(f"{entry.path!r}: what {entry.ref} leads to has changed since it was logged.")


def write_whole(target: Path, data: bytes) -> None:
    """Let `target` be that; at no time it is a part of it. OSError."""
    part = _beside(target)
    try:
        try:
            part.write_bytes(data)
        except FileNotFoundError:
            target.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(data)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _beside(target: Path) -> Path:
    return target.with_name(f".playhead-{os.urandom(8).hex()}.part")


def _same_bytes(source: int, made: int, entry: Entry) -> bool:
    """Copy; whether that is the content."""
    told = hashlib.sha256()
    cloned = entry.size > _PIECE and disk.clone(source, made)
    at = 0
    while data := os.pread(made if cloned else source, _PIECE, at):
        told.update(data)
        if not cloned:
            disk.write(made, data)
        at += len(data)
    return at == entry.size and told.hexdigest() == entry.sha256
