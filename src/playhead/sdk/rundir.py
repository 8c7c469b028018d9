"""The folder of a run: `<root>/playhead/run-YYYYMMDD_HHMMSS-<id>/`, with `files/`, `logs/` and the journals."""

from __future__ import annotations

import contextlib
import os
import re
import time
from pathlib import Path

from playhead.client.settings import temporary_folder

_RUN = re.compile(r"(offline-)?run-\d{8}_\d{6}-")


def working_folder() -> Path:
    """The folder that the process is in, or was in before that was deleted."""
    try:
        return Path.cwd()
    except OSError:
        return Path()


def root_of(told: str | None) -> Path:
    """The folder that holds the runs. OSError if it cannot be made or is not writable."""
    root = Path(told or ".").expanduser().absolute() / "playhead"
    root.mkdir(parents=True, exist_ok=True)
    if not os.access(root, os.W_OK | os.X_OK):
        raise PermissionError(0, "it is not writable")
    return root


def fallback_root() -> Path:
    """A folder of this user's alone among the temporary ones, for runs that cannot be where they were to be. OSError."""
    own = temporary_folder() / f"playhead-{os.getuid()}"
    own.mkdir(mode=0o700, exist_ok=True)
    status = own.lstat()
    if own.is_symlink() or status.st_uid != os.getuid() or status.st_mode & 0o022:  # somebody laid it there for us
        own = own.with_name(f"{own.name}-{os.urandom(8).hex()}")
        own.mkdir(mode=0o700)
    root = own / "playhead"
    root.mkdir(exist_ok=True)
    return root


def count_runs(root: Path) -> int:
    """How many runs were recorded there."""
    return sum(1 for name in os.listdir(root) if _RUN.match(name))  # noqa: PTH208 a third of the time, on the way to the first log()


def is_of_a_run(path: str) -> bool:
    """Whether `path`, below a folder that holds runs, belongs to one of them."""
    first = path.lstrip(os.sep).partition(os.sep)[0]
    return first == "latest-run" or _RUN.match(first) is not None


def folders_of(root: Path, run_id: str) -> list[Path]:
    """Folders that belong to runs of that id, whatever their project, oldest first."""
    mine = re.compile(rf"(offline-)?run-\d{{8}}_\d{{6}}-{re.escape(run_id)}(-\d+)?")
    try:
        names = [name for name in os.listdir(root) if mine.fullmatch(name)]  # noqa: PTH208 as above
    except OSError:
        return []
    folders = [root / name for name in sorted(names, key=lambda name: name.removeprefix("offline-"))]
    return [folder for folder in folders if (folder / "main.journal").is_file()]


def make(root: Path, run_id: str, *, offline: bool) -> Path:
    """A new folder for a run of that id. OSError."""
    stamp = time.strftime("%Y%m%d_%H%M%S")
    base = f"{'offline-' if offline else ''}run-{stamp}-{run_id}"
    for number in range(1, 10_000):
        folder = root / (base if number == 1 else f"{base}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        (folder / "files").mkdir()
        (folder / "logs").mkdir()
        return folder
    raise FileExistsError(base)


def remove(folder: Path) -> None:
    """Take a run's folder away again, as far as that is possible."""
    with contextlib.suppress(OSError):
        for parent, folders, files in os.walk(folder, topdown=False):
            for name in files:
                Path(parent, name).unlink()
            for name in folders:
                Path(parent, name).rmdir()
        folder.rmdir()


def point_to(folder: Path) -> None:
    """Let `latest-run` point to this run, replacing it in one step; a file system without links goes without."""
    link = folder.with_name("latest-run")
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    try:
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(folder.name)
        fresh.replace(link)
    except OSError:
        return


def default_project(start: Path) -> str:
    """Name of the git repository around `start`, with the path below it; `uncategorized` outside of one."""
    for folder in (start, *start.parents):
        if (folder / ".git").exists():
            name = "_".join((folder.name, *start.relative_to(folder).parts))
            return re.sub(r"[/\\#?%:\x00-\x1f]", "-", name)[:128].strip(" .") or "uncategorized"
    return "uncategorized"
