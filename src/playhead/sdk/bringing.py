"""Brings a file of a run to this disk: from the server, or from this disk's runs where none is asked or can be reached."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from playhead.client.api import Api
from playhead.domain.errors import CommError, NotFoundError, PlayheadError, UsageError
from playhead.sdk import rundir
from playhead.sdk.diskfiles import DiskFiles
from playhead.sdk.settings import Settings
from playhead.sdk.talk import Talk

if TYPE_CHECKING:
    from playhead.sdk.run import Run


class Wanted(NamedTuple):
    """Which file, of which run, and where to."""

    name: str
    run_path: str
    step: int | None
    version: int | None
    folder: Path
    replace: bool
    """Whether a local file may be lost that the run has not saved."""


class Bringer:
    """Where to look: `run` is the current one, if there is one."""

    def __init__(self, run: Run | None, settings: Settings, *, own: bool) -> None:
        """`own`: its own files are wanted."""
        self._run = run
        self._own = own
        self._settings = settings

    def bring(self, wanted: Wanted) -> Path:
        """Let the file be there; answers where. NotFoundError, UsageError, LimitError, CommError and what else a server says."""
        settings = self._settings
        if self._run.offline if self._run is not None else settings.mode == "offline":
            try:
                return self._from_disk(wanted)
            except NotFoundError:
                if self._own or settings.base_url is None:
                    raise
        try:
            return self._from_server(wanted)
        except CommError as error:
            path = None
            with suppress(PlayheadError):
                path = self._from_disk(wanted)
            if path is None:
                raise
            Talk(silent=settings.silent, quiet=settings.quiet).warn(
                f"The server cannot be reached ({error.message}): {wanted.name} is the one that this disk has."
            )
            return path

    def _from_server(self, wanted: Wanted) -> Path:
        api = Api(self._settings.base_url, self._settings.api_key)
        try:
            found = api.run(wanted.run_path)
            file = (found if wanted.step is None else found.at(wanted.step)).file(wanted.name, wanted.version)
            _check(wanted, file.sha256, lambda: {one.sha256 for one in file.versions()})
            with file.download(wanted.folder) as opened:
                return Path(opened.name)
        finally:
            api.close()

    def _from_disk(self, wanted: Wanted) -> Path:
        run, segment = self._run, None
        if run is None:
            root = Path(self._settings.root_dir or ".").expanduser().absolute() / "playhead"
            project = self._settings.project or rundir.default_project(rundir.working_folder())
        else:
            root, project = run._place.folder.parent, run.project  # noqa: SLF001 restoring is part of the run
            segment = run._place.segment if self._own else None  # noqa: SLF001 as above
        files = DiskFiles(root, project, wanted.run_path, segment)
        one = files.find(wanted.name, wanted.step, wanted.version)
        _check(wanted, one.sha256, lambda: files.digests(wanted.name))
        return files.bring(one, wanted.folder)


def _check(wanted: Wanted, sha256: str, known: Callable[[], set[str]]) -> None:
    """UsageError if a local file would be lost that is none of the run's versions of it."""
    target = wanted.folder / wanted.name
    if wanted.replace or target.is_symlink() or not target.is_file():
        return
    try:
        with target.open("rb") as file:
            there = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UsageError(f"{target} cannot be read: {error.strerror or error}.") from error
    if there != sha256 and there not in known():
        raise UsageError(
            f"{target} is there already, and is no version that the run has saved: it would be lost. "
            "Say replace=True, or give another root=."
        )
