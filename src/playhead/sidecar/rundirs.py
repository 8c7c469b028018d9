"""The directories of runs on this disk, and which of them a server does not have yet."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from playhead.domain.errors import JournalError, UsageError
from playhead.journal import format as f
from playhead.journal import reader
from playhead.sidecar import own_journal, syncfile
from playhead.sidecar.tail import contents_of

_NAME = re.compile(r"(offline-)?run-\d{8}_\d{6}-.+")


@dataclass(frozen=True, slots=True)
class RunDir:
    """A run's directory."""

    path: Path
    complete: bool
    """Whether a server has all of it."""
    live: bool
    """Whether a sidecar looks after it."""
    url: str
    error: str | None
    size: int
    """Bytes of its journals."""


def look(path: Path) -> RunDir:
    """The run in `path`. OSError."""
    state = syncfile.read(path)
    journals = own_journal.journals(path)
    size = sum(journal.stat().st_size for journal in journals)
    complete = state.complete and sum(state.streams.values()) == size
    return RunDir(path, complete, own_journal.in_use(path), state.run_url, state.error, size)


class Left(NamedTuple):
    """What a server does not have of a run, as far as this disk knows."""

    rows: int = 0
    bytes: int = 0
    """Of journals."""
    files: int = 0
    file_bytes: int = 0


def left(path: Path) -> Left:
    """What of the run in `path` nobody has acknowledged yet. Reads all that is behind it. OSError."""
    known = syncfile.read(path).streams
    rows = size = 0
    files: dict[str, int] = {}
    for journal in own_journal.journals(path):
        try:
            header, start = reader.open_header(journal)
        except JournalError:
            size += journal.stat().st_size
            continue
        offset = known.get(header.stream, 0)
        size += max(journal.stat().st_size - offset, 0)
        for item in own_journal.frames(journal, header, max(start, offset)):
            if not isinstance(item, reader.Frame):
                continue
            if item.kind == f.ROW and journal.name == own_journal.MAIN:
                rows += 1
            elif item.kind == f.ARTIFACT:
                with suppress(JournalError):
                    sealed = str(reader.record(item.body)[2].get("manifest"))
                    files.update({sha256: bytes_ for _, sha256, bytes_ in contents_of(path, sealed)})
            elif item.kind in f.CONTENTS:
                with suppress(JournalError, TypeError, ValueError):
                    data = reader.record(item.body)[2]
                    if data.get("lost"):
                        continue
                    files[str(data.get("sha256"))] = int(data.get("size", 0))
    return Left(rows, size, len(files), sum(files.values()))


def weight(path: Path) -> int:
    """Bytes of all files of the run in `path`. OSError."""
    return sum(Path(parent, name).lstat().st_size for parent, _, names in os.walk(path) for name in names)


def last_written(path: Path) -> float:
    """When something was last recorded there, in seconds since 1970. OSError."""
    return max(journal.stat().st_mtime for journal in own_journal.journals(path))


def below(folder: Path) -> list[Path]:
    """Directories of runs in `folder`, or in `folder/playhead`, oldest first."""
    for place in (folder, folder / "playhead"):
        if place.is_dir():
            found = [
                path
                for path in place.iterdir()
                if _NAME.fullmatch(path.name) and is_run(path) and not path.is_symlink()
            ]
            if found:
                return sorted(found, key=lambda path: path.name.removeprefix("offline-"))
    return []


def by_run(folders: Sequence[Path]) -> list[list[Path]]:
    """`folders`, those that are pieces of one run together, in the order in which they were recorded."""
    pieces: dict[object, list[tuple[int, Path]]] = {}
    for folder in folders:
        try:
            header, _ = reader.open_header(folder / own_journal.MAIN)
        except (OSError, JournalError):
            pieces[folder] = [(0, folder)]
        else:
            pieces.setdefault((header.project, header.run_id), []).append((header.created_at, folder))
    return [[folder for _, folder in sorted(some)] for some in pieces.values()]


def is_run(path: Path) -> bool:
    """Whether `path` is the directory of a run."""
    return (path / own_journal.MAIN).is_file()


def named(path: Path) -> list[Path]:
    """What a person means by `path`: a run's directory, a file in one, or a folder of several. UsageError if it is none of these."""
    path = path.resolve()
    if path.is_file():
        path = path.parent
    if is_run(path):
        return [path]
    found = below(path)
    if not found:
        raise UsageError(f"There is no recorded run in {path}. A run's directory holds a {own_journal.MAIN}.")
    return found
