"""What of a run's directory a server holds: asked of it stream by stream and content by content. What this disk believes of it counts for nothing."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from playhead.client.ingest import Ingest
from playhead.domain.errors import CommError, JournalError, PlayheadError
from playhead.domain.file import SHA256
from playhead.domain.ids import RunPath
from playhead.domain.limits import MAX_PAGE
from playhead.domain.size import count_text, size_text
from playhead.journal import format as f
from playhead.journal import reader
from playhead.sidecar import own_journal, rundirs, syncfile
from playhead.sidecar.snapshot import Mark
from playhead.sidecar.tail import BLOBS, contents_of

_NO_DATA = re.compile(
    r"logs/.*|\.?sync\.json(\.\d+)?|code\.part|blobs/\.(\d+-\d+|pin-[0-9a-f]+)|(.*/)?\.playhead-[^/]*\.part", re.DOTALL
)
"""What a run's directory has beside data: our own logs, hints, and what never became whole."""
_NAMING = f.CONTENTS | {f.ARTIFACT}
"""Frames that name contents."""
_NAMED = 3
"""Files that are told by name."""


@dataclass(slots=True)
class Inventory:
    """A run's directory, and what of it is on no server that was asked."""

    folder: Path
    run: str = ""
    """`project/id`, as its journal says."""
    url: str = ""
    """Where it was sent to, as this disk believes."""
    marks: dict[str, Mark] = field(default_factory=dict)
    """Each file as it was when it was looked at, by its name in the directory."""
    size: int = 0
    """Bytes of all files."""
    rows: int = 0
    """Rows that only this disk has,"""
    bytes: int = 0
    """and bytes of journals,"""
    files: dict[str, int] = field(default_factory=dict)
    """and files that only this disk has: name in the directory -> bytes."""
    reasons: list[str] = field(default_factory=list)
    """Why else it is not held."""

    @property
    def held(self) -> bool:
        """Whether the server has all of it."""
        return not (self.bytes or self.files or self.reasons)

    @property
    def lacking(self) -> str:
        """What would be lost, for people."""
        parts = [*self.reasons]
        if self.bytes:
            parts.append(f"{count_text(self.rows, 'row')} in {size_text(self.bytes)} of journals")
        if self.files:
            some = sorted(name.removeprefix("files/") for name in self.files)
            names = sorted(some, key=lambda name: name.startswith("media/"))[:_NAMED]
            more = ", …" if len(self.files) > _NAMED else ""
            size = size_text(sum(self.files.values()))
            parts.append(f"{count_text(len(self.files), 'file')} of {size} ({', '.join(map(repr, names))}{more})")
        return "; ".join(parts)


def take(folder: Path, server: Ingest) -> Inventory:
    """Look at all of `folder`, and ask `server` about each part. CommError and the like if it does not answer; OSError."""
    state = syncfile.read(folder)
    found = Inventory(folder, url=state.run_url, marks=marks(folder))
    found.size = sum(mark.size for mark in found.marks.values())
    if not rundirs.look(folder).complete:
        found.reasons.append("it was never sent to its end")
    told: dict[str, _Name] = {}
    run: RunPath | None = None
    journals = own_journal.journals(folder)
    for path in journals:
        run = _journal(found, path, server, told) or run
    unknown: dict[str, list[str]] = {}
    for name, mark in found.marks.items():
        if folder / name in journals or _NO_DATA.fullmatch(name):
            continue
        sha256 = _digest(folder / name)
        known = told.get(sha256)
        if run is not None and known is not None and known.acknowledged:
            unknown.setdefault(sha256, []).append(name)
        else:
            found.files[known.path if known is not None and name.startswith(BLOBS) else name] = mark.size
    if run is not None:
        for sha256 in _missing(found, server, run, list(unknown)):
            found.files[told[sha256].path] = found.marks[unknown[sha256][0]].size
    return found


class _Name(NamedTuple):
    """What a journal says of a content."""

    path: str
    acknowledged: bool
    """Whether the server knows that."""


def marks(folder: Path) -> dict[str, Mark]:
    """All files below `folder` by their names there. Links are none: what they lead to is elsewhere."""
    found = {}
    for path in _walk(folder):
        status = path.lstat()
        if stat.S_ISREG(status.st_mode):
            found[str(path.relative_to(folder))] = Mark(status.st_ino, status.st_size, status.st_mtime_ns)
    return found


def _walk(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder, onerror=_raise):
        for name in names:
            yield Path(parent, name)


def _raise(error: OSError) -> None:
    raise error


def _journal(found: Inventory, path: Path, server: Ingest, told: dict[str, _Name]) -> RunPath | None:
    """Ask about one journal; `told` gets the contents that it names. The run that the server has it in."""
    size = path.stat().st_size
    try:
        header, start = reader.open_header(path)
    except JournalError:
        if size:
            found.bytes += size
            found.reasons.append(f"{path.name} cannot be read")
        return None
    found.run = f"{header.project}/{header.run_id}"
    view = server.stream(header.stream)
    same = view is not None and (view.project, view.run_id) == (header.project, header.run_id)
    offset = view.offset if view is not None and same else 0
    if offset > size:
        found.reasons.append(f"the server has more of {path.name} than there is")
    rows = lost = 0
    for item in own_journal.frames(path, header, start):
        if isinstance(item, reader.Damage):
            lost += item.end - item.offset
        elif item.kind == f.ROW:
            rows += item.end > offset
        elif item.kind in _NAMING:
            _name(path.parent, item, told, acknowledged=item.end <= offset)
    if offset < size:
        found.bytes += size - offset
        found.rows += rows if path.name == own_journal.MAIN else 0
    if lost:
        found.reasons.append(f"{size_text(lost)} of {path.name} could not be read by the server")
    return RunPath(view.entity, view.project, view.run_id) if view is not None and same else None


def _name(folder: Path, frame: reader.Frame, told: dict[str, _Name], *, acknowledged: bool) -> None:
    with suppress(JournalError):
        data = reader.record(frame.body)[2]
        named = [(str(data.get("path")), str(data.get("sha256")))]
        if frame.kind == f.ARTIFACT:  # as far as its content waits here
            inside = contents_of(folder, str(data.get("manifest")))
            named = [(f"{data.get('name')}: {path}", sha256) for path, sha256, _ in inside]
        for path, sha256 in named:
            if acknowledged or sha256 not in told:
                told[sha256] = _Name(path, acknowledged)


def _missing(found: Inventory, server: Ingest, run: RunPath, digests: list[str]) -> set[str]:
    """Those that the server does not have; all, if it does not say."""
    missing: set[str] = set()
    for at in range(0, len(digests), MAX_PAGE):
        page = digests[at : at + MAX_PAGE]
        try:
            missing |= server.missing(run, page)
        except CommError:
            raise
        except PlayheadError as error:
            found.reasons.append(error.message)
            missing.update(page)
    return missing & set(digests)


def _digest(path: Path) -> str:
    """What the content is: as its name in `blobs/` says, else read."""
    if path.parent.name == BLOBS and SHA256.fullmatch(path.name):
        return path.name
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
