"""Files of a run as the read API gives them: what there is at a step, all versions, and their content on this disk."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any

from playhead.client.downloads import Incoming, OfRun, download, download_all, inside
from playhead.client.meter import LARGE, Meter
from playhead.client.server import Server
from playhead.domain.errors import NotFoundError, PlayheadError
from playhead.domain.ids import RunPath
from playhead.domain.limits import MAX_PAGE
from playhead.domain.size import size_text
from playhead.wire.files import FileView

_NEAR = 2 * MAX_PAGE
"""Names among which near ones are looked for."""


class File:
    """A version of a file. Its content is fetched by `download` and `read`."""

    def __init__(self, server: Server, run: RunPath, view: FileView) -> None:
        self._server = server
        self._run = run
        self._view = view

    def __repr__(self) -> str:
        return f"<File {self.name} version {self.version} of {self._run}>"

    @property
    def name(self) -> str:
        """Its name in the run, with `/` between folders."""
        return self._view.path

    @property
    def size(self) -> int:
        """Bytes."""
        return self._view.size

    @property
    def sha256(self) -> str:
        """Of its content."""
        return self._view.sha256

    @property
    def step(self) -> int:
        """Where on the timeline it was saved."""
        return self._view.step

    @property
    def segment_id(self) -> str:
        """In which segment."""
        return self._view.segment

    @property
    def version(self) -> int:
        """Its number among the versions of this name, from 0."""
        return self._view.version

    @property
    def saved_at(self) -> float:
        """Seconds since 1970 (UTC)."""
        return self._view.time / 1e6

    def versions(self) -> list[File]:
        """All versions of this name, the newest first, in archived segments too."""
        return [File(self._server, self._run, view) for view in self._server.file_versions(self._run, self.name)]

    def download(self, root: str | Path = ".") -> IO[str]:
        """Write it to its name below `root`, unless that has this content already; answers the open file, whose `name` is its path.

        UsageError if its name leads out of `root`, or it cannot be written there.
        """
        return Path(self._fetch(Path(root))).open(encoding="utf-8", errors="replace")

    def _fetch(self, root: Path) -> Path:
        target = inside(root, self.name)
        if self.size < LARGE:
            download(OfRun(self._server, self._run), self._view, target, root=root)
            return target
        meter = Meter()
        try:
            step = partial(meter.step, self.name, size=self.size)
            if download(OfRun(self._server, self._run), self._view, target, step, root=root):
                meter.tell(f"{target} is here, {size_text(self.size)}.")
        finally:
            meter.clear()
        return target


def find(server: Server, run: RunPath, name: str, version: int | None = None, **place: Any) -> File:
    """The file of that name, as of a place or of that version. NotFoundError, which tells near names."""
    if version is not None:
        for view in server.file_versions(run, name):
            if (view.path, view.version) == (name, version):
                return File(server, run, view)
        raise NotFoundError(f"{name} has no version {version} in {run}.")
    for view in server.files(run, prefix=name, media=True, page_size=1, **place):
        if view.path == name:
            return File(server, run, view)
        break
    names = [view.path for view in itertools.islice(server.files(run, **place), _NEAR)]
    near = difflib.get_close_matches(name, names, n=5, cutoff=0.4)
    hint = f" Near: {', '.join(near)}." if near else " It has no files there." if not names else ""
    raise NotFoundError(f"{run} has no file {name!r} there.{hint}")


def listed(server: Server, run: RunPath, **place: Any) -> Iterator[File]:
    """The run's files as of a place, by name."""
    for view in server.files(run, **place):
        yield File(server, run, view)


def pull(
    server: Server, run: RunPath, root: Path, told: Callable[[str, int, PlayheadError | None], None], **place: Any
) -> None:
    """Fetch all files as of a place to their names below `root`, and show on a terminal how far that is."""
    meter = Meter()

    def tell(one: Incoming, error: PlayheadError | None) -> None:
        meter.arrived(one.path, 0 if error else one.size)
        meter.clear()
        told(one.path, one.size, error)

    try:
        download_all(
            OfRun(server, run), server.files(run, **place), root, tell,
            progress=lambda one, done: meter.step(one.path, done, one.size),
        )  # fmt: skip
    finally:
        meter.clear()
