"""Calls of `git`. None of them takes a lock that it need not, asks for a password behind one's back, or runs what lies in a repository."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from playhead.client.settings import environment_with
from playhead.domain.errors import ConflictError, UsageError
from playhead.domain.text import printable

SAFE = (
    "core.hooksPath=/dev/null", "core.fsmonitor=false", "core.protectHFS=true", "core.protectNTFS=true",
    "fetch.fsckObjects=true", "fetch.unpackLimit=1", "transfer.fsckObjects=true", "submodule.recurse=false", "fetch.recurseSubmodules=false",
    "gc.auto=0", "maintenance.auto=false", "apply.ignoreWhitespace=no", "apply.whitespace=nowarn",
)  # fmt: skip
"""Settings under which git may handle what others sent: it checks it, and starts nothing of it."""
_ASK = 5.0


class Answer(NamedTuple):
    """What git said."""

    status: int
    out: bytes
    error: str
    """The last line that it wrote to stderr."""

    @property
    def text(self) -> str:
        """Its output without the line's end; any byte is kept, as in names of files."""
        return os.fsdecode(self.out).rstrip("\n")


class Git:
    """The repository around `folder`. UsageError from any call if git is not installed."""

    def __init__(self, folder: str | Path, environment: Mapping[str, str] | None = None) -> None:
        """`environment`: variables besides those of this process."""
        self.folder = Path(folder)
        self._environment = dict(environment or {})

    def with_(self, environment: Mapping[str, str]) -> Git:
        """The same with more variables."""
        return Git(self.folder, {**self._environment, **environment})

    def call(self, *arguments: str, given: bytes | None = None, timeout: float | None = None) -> Answer:
        """Run it with `given` as its input."""
        settings = [part for setting in SAFE for part in ("-c", setting)]
        try:
            done = subprocess.run(  # noqa: S603 no shell, and nothing of a stranger's is an option
                ["git", *settings, *arguments],  # noqa: S607 whichever git the user has
                cwd=self.folder, input=b"" if given is None else given, capture_output=True, check=False,
                env=environment_with(self._environment), timeout=timeout, start_new_session=True,  # Ctrl-C is for this process
            )  # fmt: skip
        except FileNotFoundError as error:
            if not self.folder.is_dir():
                raise UsageError(f"{self.folder} is not a folder.") from error
            raise UsageError("git is not installed.") from error
        except (OSError, subprocess.SubprocessError) as error:
            raise UsageError(f"git cannot be run: {error}.") from error
        return Answer(done.returncode, done.stdout, _last_line(done.stderr))

    def ask(self, *arguments: str) -> str | None:
        """What it answers; None if it fails."""
        answer = self.call(*arguments)
        return None if answer.status else answer.text

    def do(self, *arguments: str, given: bytes | None = None) -> str:
        """The same; ConflictError if it fails."""
        answer = self.call(*arguments, given=given)
        if answer.status:
            raise ConflictError(f"git {arguments[0]} failed: {answer.error or answer.status}")
        return answer.text


def _last_line(data: bytes) -> str:
    """The last line of what a program wrote to stderr, printable."""
    lines = data.decode(errors="replace").strip().splitlines()
    return printable(lines[-1])[:300] if lines else ""


def ask_git(folder: str | Path, *arguments: str) -> str | None:
    """What `git` answers, which may be nothing, in its user's own way; None if it fails, or takes longer than some seconds."""
    try:
        done = subprocess.run(  # noqa: S603 fixed arguments
            ["git", "--no-optional-locks", *arguments],  # noqa: S607 whichever git the user has
            cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=_ASK, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return os.fsdecode(done.stdout).rstrip("\n")


def names(out: bytes) -> list[str]:
    """The parts of an answer that was asked for with `-z`."""
    return [name for name in os.fsdecode(out).split("\0") if name]
