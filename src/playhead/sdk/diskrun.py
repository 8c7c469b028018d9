"""A run as this disk knows it, read as one reads those of a server: for bringing back what no server has yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from playhead.domain.errors import JournalError, NotFoundError, PlayheadError
from playhead.domain.file import FileVersion
from playhead.domain.ids import RunPath
from playhead.journal import format as f
from playhead.journal import reader
from playhead.sdk.diskfiles import DiskFiles
from playhead.sdk.earlier import Earlier
from playhead.sidecar import own_journal

Told = Callable[[str, int, PlayheadError | None], None]


class DiskFile:
    """A version of a file of a run on this disk."""

    def __init__(self, files: DiskFiles, one: FileVersion) -> None:
        self._files = files
        self._one = one
        self.name = one.path
        self.size = one.size
        self.sha256 = one.sha256

    def versions(self) -> list[DiskFile]:
        """All versions of this name, the newest first."""
        return [DiskFile(self._files, one) for one in reversed(self._files.versions(self.name))]

    def download(self, root: str | Path = ".") -> IO[str]:
        """Write it to its name below `root`; answers the open file. NotFoundError if its content is not on this disk, UsageError."""
        return self._files.bring(self._one, Path(root)).open(encoding="utf-8", errors="replace")


class DiskRun:
    """The run that `folder` is a piece of, as of `step` (None: its end). JournalError, OSError; UsageError for a step that it has not."""

    def __init__(self, folder: Path, step: int | None = None) -> None:
        self.folder = folder
        header, _ = reader.open_header(folder / own_journal.MAIN)
        self._header = header
        self._step = step
        self._earlier = Earlier(folder.parent, header.project)
        self._files = DiskFiles(folder.parent, header.project, header.run_id)
        self._line = self._files.line(step)

    @property
    def id(self) -> str:
        """Its id, unique in the project."""
        return self._header.run_id

    @property
    def path(self) -> list[str]:
        """Entity (if it is known), project and id."""
        own = RunPath(self._header.entity or "", self._header.project, self._header.run_id)
        return [part for part in own if part]

    def at(self, step: int) -> DiskRun:
        """The same as of `step`."""
        return DiskRun(self.folder, step)

    @property
    def config(self) -> dict[str, Any]:
        """Its inputs."""
        if self._step is None:
            found = self._earlier.resume(self.id)
            return {} if found is None else found.config
        return self._earlier.branch(self.id, self._step)[1].config

    @property
    def metadata(self) -> dict[str, Any]:
        """Host, program, git state and the like, as its newest sidecar found them."""
        found: dict[str, Any] = {}
        for path in own_journal.journals(self.folder):
            with suppress(OSError, JournalError):
                header, start = reader.open_header(path)
                for item in own_journal.frames(path, header, start):
                    if isinstance(item, reader.Frame) and item.kind == f.META:
                        info = reader.record(item.body)[2].get("info")
                        found |= info if isinstance(info, dict) else {}
        return found

    def files(self) -> Iterator[DiskFile]:
        """Its files, by name; images of charts and the like are left out."""
        return (DiskFile(self._files, one) for one in self._files.seen(self._step).values() if not one.media)

    def file(self, name: str, version: int | None = None) -> DiskFile:
        """NotFoundError, which tells near names."""
        return DiskFile(self._files, self._files.find(name, self._step, version))

    def content(self, sha256: str) -> bytes:
        """Content by its digest. NotFoundError if it is not on this disk."""
        return self._files.content(sha256)

    def pull(self, root: str | Path, told: Told) -> None:
        """Write all files to their names below `root`; `told` hears of each, with what went wrong."""
        for one in self.files():
            error: PlayheadError | None = None
            try:
                one.download(root).close()
            except PlayheadError as wrong:
                error = wrong
            told(one.name, one.size, error)


def newest_here(folders: list[Path], run_id: str, project: str | None) -> DiskRun | None:
    """The run of that id in the newest of these folders; None if it is in none. UsageError if it is in several projects."""
    found: list[tuple[f.Header, Path]] = []
    for folder in folders:
        with suppress(OSError, JournalError):
            header, _ = reader.open_header(folder / own_journal.MAIN)
            if header.run_id == run_id and project in {None, header.project}:
                found.append((header, folder))
    if len({header.project for header, _ in found}) > 1:
        names = ", ".join(sorted({f"{header.project}/{run_id}" for header, _ in found}))
        raise NotFoundError(f"Several projects have a run {run_id} on this disk: write one of {names}.")
    return DiskRun(max(found, key=lambda one: one[0].created_at)[1]) if found else None
