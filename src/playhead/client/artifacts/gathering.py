"""Which files a folder has that is added to an artifact."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from playhead.domain.errors import UsageError
from playhead.domain.limits import MAX_ENTRIES


def files_below(folder: Path) -> dict[str, str]:
    """Path in the folder -> path on this disk, of all files, through links too. UsageError if it is no folder, or has too many."""
    if not folder.is_dir():
        raise UsageError(f"{folder} cannot be added: there is no such folder.")
    found: dict[str, str] = {}
    try:
        for inner, path in _walk(str(folder), "", frozenset()):
            found[inner] = path
            if len(found) > MAX_ENTRIES:
                raise UsageError(f"{folder} has more than {MAX_ENTRIES:,} files (MAX_ENTRIES): pack them first.")
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be added: {error.strerror}.") from None
    return found


def _walk(folder: str, prefix: str, above: frozenset[tuple[int, int]]) -> Iterator[tuple[str, str]]:
    """Leaves out what is half written by us, and links that lead back to where they are."""
    status = os.stat(folder)  # noqa: PTH116 quick
    place = status.st_dev, status.st_ino
    if place in above:
        return
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda each: each.name):
            if entry.name.startswith(".playhead-") and entry.name.endswith(".part"):
                continue
            if entry.is_dir():
                yield from _walk(entry.path, f"{prefix}{entry.name}/", above | {place})
            else:
                yield prefix + entry.name, entry.path
