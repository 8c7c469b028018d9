"""The state of the code that git can tell of: what was changed since the last commit, and since what the upstream has. In the background."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from playhead.sidecar.about import ask_git

MAX_PATCH = 32 << 20
"""Bytes of one patch; of a larger one nothing is kept."""
_TIMEOUT = 30.0


def write_patches(folder: str, files: Path, note: Callable[[str], None]) -> Iterator[str]:
    """Write `diff.patch` and `diff_<upstream commit>.patch` of the repository around `folder` into `files`; yields their names.

    Files that git does not know are in neither. Without git, outside of a repository, or without changes nothing is written.
    """
    head = ask_git(folder, "rev-parse", "--verify", "HEAD")
    if head is None:
        return
    upstream = ask_git(folder, "rev-parse", "--verify", "@{upstream}")
    wanted = [("diff.patch", "HEAD")]
    if upstream and upstream != head:
        wanted.append((f"diff_{upstream}.patch", upstream))
    for name, commit in wanted:
        wrong = _diff(folder, commit, files / name)
        if wrong:
            note(f"{name} is not kept: {wrong}")
        elif (files / name).exists():
            yield name


def _diff(folder: str, commit: str, target: Path) -> str | None:
    """Let `target` be the difference to `commit`, if there is any; what is wrong."""
    command = [
        "git",
        "--no-optional-locks",
        "diff",
        "--no-ext-diff",
        "--no-textconv",
        "--no-color",
        "--binary",
        "--submodule=diff",
        commit,
    ]
    size = 0
    try:
        with (
            subprocess.Popen(  # noqa: S603 fixed arguments
                command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            ) as git,
            target.open("xb") as out,
        ):
            timer = threading.Timer(_TIMEOUT, git.kill)
            timer.daemon = True
            timer.start()
            assert git.stdout is not None
            while size <= MAX_PATCH and (data := git.stdout.read(1 << 16)):
                size += len(data)
                out.write(data)
            git.kill() if size > MAX_PATCH else git.wait()
            timer.cancel()
        status = git.returncode
    except (OSError, RuntimeError) as error:
        return str(error)
    if size > MAX_PATCH:
        target.unlink()
        return f"it is larger than MAX_PATCH ({MAX_PATCH:,} bytes)"
    if status or not size:
        target.unlink()
    return f"git failed ({status})" if status else None
