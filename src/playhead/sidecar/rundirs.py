"""The directories of runs on this disk, and which of them a server does not have yet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from playhead.domain.errors import UsageError
from playhead.sidecar import own_journal, syncfile

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
