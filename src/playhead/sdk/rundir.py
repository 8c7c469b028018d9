"""The folder of a run: `<root>/playhead/run-YYYYMMDD_HHMMSS-<id>/`, with `files/`, `logs/` and the journals."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

from playhead.client.settings import temporary_folder

_RUN = re.compile(r"(offline-)?run-\d{8}_\d{6}-")


def root_of(told: str | None) -> tuple[Path, str | None]:
    """The folder that holds the runs, and a warning if it could not be where it was to be."""
    wanted = Path(told or ".").expanduser().absolute() / "playhead"
    try:
        wanted.mkdir(parents=True, exist_ok=True)
        if os.access(wanted, os.W_OK | os.X_OK):
            return wanted, None
        reason = "it is not writable"
    except OSError as error:
        reason = error.strerror or str(error)
    fallback = temporary_folder() / f"playhead-{os.getuid()}" / "playhead"
    fallback.mkdir(parents=True, exist_ok=True, mode=0o700)
    return fallback, f"{wanted} cannot be used ({reason}): recording into {fallback}. Set dir= or PLAYHEAD_DIR to choose another place."


def count_runs(root: Path) -> int:
    """How many runs were recorded there."""
    return sum(1 for name in os.listdir(root) if _RUN.match(name))  # noqa: PTH208 a third of the time, on the way to the first log()


def make(root: Path, run_id: str, *, offline: bool, symlink: bool) -> Path:
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
        if symlink:
            _point(root / "latest-run", folder.name)
        return folder
    raise FileExistsError(base)


def _point(link: Path, target: str) -> None:
    """Let `link` point to `target`, replacing it in one step; a file system without links goes without."""
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    try:
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(target)
        fresh.replace(link)
    except OSError:
        return


def default_project(start: Path) -> str:
    """Name of the git repository around `start`, with the path below it; `uncategorized` outside of one."""
    for folder in (start, *start.parents):
        if (folder / ".git").exists():
            name = "_".join((folder.name, *start.relative_to(folder).parts))
            return re.sub(r"[/\\#?%:]", "-", name)[:128] or "uncategorized"
    return "uncategorized"
