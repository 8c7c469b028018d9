"""Files that runs on this disk have saved, as of any step, and where their content lies: for `restore` where no server can be asked."""

from __future__ import annotations

import difflib
import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from playhead.client.downloads import inside, written
from playhead.domain.errors import JournalError, NotFoundError
from playhead.domain.file import FileVersion, Line, as_of, numbered, version
from playhead.domain.size import size_text
from playhead.journal import format as f
from playhead.journal import reader
from playhead.sdk.earlier import Earlier
from playhead.sidecar import own_journal, sync
from playhead.sidecar.tail import BLOBS

_PIECE = 1 << 20


class DiskFiles:
    """The files of one run, and of what it was forked from, below `root`. NotFoundError if nothing of it is there."""

    def __init__(self, root: Path, project: str, run: str, segment: str | None = None) -> None:
        """`run` is its id, name or path. `segment`: what it shows, if that is not its newest."""
        self._history = Earlier(root, project).history(run, segment)
        self._sources: dict[str, list[Path]] = {}
        """Name -> where the file was when it was saved."""
        self._versions = numbered(sorted(self._read(), key=lambda one: one.time))

    def line(self, step: int | None) -> Line:
        """The segments that lead to `step`. UsageError past the end."""
        return self._history.line(step)

    def seen(self, step: int | None) -> dict[str, FileVersion]:
        """All files as of a step (None: the end), by name. UsageError past the end."""
        return as_of(self._history.line(step), self._versions)

    def versions(self, name: str) -> list[FileVersion]:
        """All versions of this name, the oldest first."""
        return [one for one in self._versions if one.path == name and not one.deleted]

    def content(self, sha256: str) -> bytes:
        """Content by its digest. NotFoundError if it is not on this disk."""
        for one in self._versions:
            if one.sha256 == sha256:
                place = next((path for path in self._places(one) if holds(path, one)), None)
                if place is not None:
                    return place.read_bytes()
        raise NotFoundError(f"Nothing with the SHA-256 {sha256} is on this disk.")

    def digests(self, name: str) -> set[str]:
        """SHA-256 of all versions of this name."""
        return {one.sha256 for one in self._versions if one.path == name}

    def find(self, name: str, step: int | None = None, number: int | None = None) -> FileVersion:
        """The file of that name as of a step, or one of its versions. NotFoundError, which tells near names; UsageError past the end."""
        known = {one.path: one for one in self._versions if not one.deleted}
        if number is not None:
            found = [one for one in self._versions if (one.path, one.number, one.deleted) == (name, number, False)]
            if not found and name in known:
                raise NotFoundError(f"{name} has no version {number} on this disk: the newest is {known[name].number}.")
        else:
            known = as_of(self._history.line(step), self._versions)
            found = [known[name]] if name in known else []
        if found:
            return found[0]
        names = [one.path for one in known.values() if not one.media]
        near = difflib.get_close_matches(name, names, n=5, cutoff=0.4)
        hint = f" Near: {', '.join(near)}." if near else " It has no files there." if not names else ""
        raise NotFoundError(
            f"The run {self._history.run_id} has no file {name!r} there, as far as this disk knows.{hint}"
        )

    def bring(self, one: FileVersion, root: Path) -> Path:
        """Let the file be at its name below `root`; answers where. NotFoundError if its content is not on this disk, UsageError, LimitError."""
        target = inside(root, one.path)
        if holds(target, one):
            return target
        place = next((path for path in self._places(one) if holds(path, one)), None)
        if place is None:
            raise NotFoundError(
                f"{one.path} was saved at step {one.step} ({size_text(one.size)}), but its content is not on this disk: "
                "a server has it, or it was changed since."
            )
        with written(target, one.size):
            _copy(place, target, one)
        return target

    def _places(self, one: FileVersion) -> Iterator[Path]:
        folders = [piece.folder for piece in self._history.pieces]
        for folder in folders:
            yield folder / BLOBS / one.sha256
        for folder in folders:
            yield folder / "files" / one.path
        yield from self._sources.get(one.path, ())

    def _read(self) -> Iterator[FileVersion]:
        for piece in self._history.pieces:
            if piece.ended is None and not sync.is_live(piece.folder):
                sync.find_files(piece.folder)  # nobody has seen to what it wanted to be saved
            for path in own_journal.journals(piece.folder):
                with suppress(OSError, JournalError):
                    yield from self._read_journal(path)

    def _read_journal(self, path: Path) -> Iterator[FileVersion]:
        header, start = reader.open_header(path)
        for item in own_journal.frames(path, header, start):
            if not isinstance(item, reader.Frame) or item.kind not in {f.FILE, f.MEDIA, f.SAVE}:
                continue
            with suppress(JournalError, TypeError, ValueError):
                step, time, data = reader.record(item.body)
                if item.kind == f.SAVE:
                    for name, source in data.get("files") or ():
                        self._sources.setdefault(str(name), []).append(Path(str(source)))
                    continue
                one = version(data, step=step, time=time, segment=header.segment)
                if one is None:
                    continue
                if isinstance(data.get("source"), str):
                    self._sources.setdefault(one.path, []).insert(0, Path(data["source"]))
                yield one


def holds(path: Path, one: FileVersion) -> bool:
    """Whether the file at `path` has that content."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError):
        return False
    with os.fdopen(handle, "rb") as file, suppress(OSError):
        return os.fstat(handle).st_size == one.size and hashlib.file_digest(file, "sha256").hexdigest() == one.sha256
    return False


def _copy(source: Path, target: Path, one: FileVersion) -> None:
    """Whole, or not at all. OSError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".playhead-{one.sha256[:16]}-{os.getpid()}.part")
    try:
        with source.open("rb") as old, part.open("wb") as new:
            shutil.copyfileobj(old, new, _PIECE)
        _check(part, one, source)
        part.replace(target)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise


def _check(part: Path, one: FileVersion, source: Path) -> None:
    if not holds(part, one):
        raise OSError(errno.EBUSY, f"{source} was changed while it was read")
