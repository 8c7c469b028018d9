"""The state of a run's code, as a server tells it: which commits it is made of, and its files, fetched to this disk. Nothing of it is believed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Protocol

import msgspec

from playhead.domain.code import COMMIT, STATE, CodeState, Kept, Repository
from playhead.domain.errors import ConflictError, NotFoundError
from playhead.domain.file import wrong_with
from playhead.domain.limits import MAX_BUNDLE, MAX_LEFT_OUT, MAX_PATCH, MAX_UNTRACKED

_MAX_STATE = 4 << 20
_MAX_FILE = 2 * max(MAX_PATCH, MAX_BUNDLE, MAX_UNTRACKED)
"""Bytes of a file that is fetched: what is larger no Playhead has kept."""
_PATCH = re.compile(r"diff_([0-9a-f]{40}|[0-9a-f]{64})\.patch")


class SourceFile(Protocol):
    """A version of a file: `playhead.client.run_files.File`, or one on this disk."""

    @property
    def name(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def sha256(self) -> str: ...
    def versions(self) -> Sequence[SourceFile]: ...
    def download(self, root: Path) -> IO[str]: ...


class Source(Protocol):
    """A run whose code is brought back: `playhead.client.runs.Run`, or one on this disk."""

    @property
    def path(self) -> list[str]: ...
    @property
    def metadata(self) -> dict[str, Any]: ...
    def file(self, name: str) -> SourceFile: ...
    def files(self) -> Iterator[SourceFile]: ...
    def content(self, sha256: str) -> bytes: ...


class RunCode:
    """The code of `run`, as of the step that `run` is seen as of. What is fetched goes below `folder`."""

    def __init__(self, run: Source, folder: Path) -> None:
        """NotFoundError if nothing is known of its code, ConflictError if what the server says of it cannot be."""
        self._run = run
        self._folder = folder
        self.repositories = _repositories(run)
        """The outermost first."""

    def content(self, kept: Kept) -> Path:
        """Where the content is on this disk. ConflictError if the server does not have it."""
        file = self._file(kept)
        if file.size > _MAX_FILE:
            raise ConflictError(f"{kept.name} has {file.size:,} bytes: that is nothing that was kept of any code.")
        with file.download(self._folder) as there:
            return Path(there.name)

    def _file(self, kept: Kept) -> SourceFile:
        try:
            newest = self._run.file(kept.name)
            versions: Sequence[SourceFile] = (
                [newest] if newest.sha256 == kept.sha256 or not kept.sha256 else newest.versions()
            )
        except NotFoundError:
            versions = []
        for file in versions:
            if not kept.sha256 or file.sha256 == kept.sha256:
                return file
        raise ConflictError(f"{kept.name} is not among the files of {'/'.join(self._run.path)} any more.")


def _repositories(run: Source) -> tuple[Repository, ...]:
    try:
        file = run.file(STATE)
    except NotFoundError:
        return (_of_patches(run),)
    try:
        return _decoded(b"" if file.size > _MAX_STATE else run.content(file.sha256))
    except (msgspec.MsgspecError, ConflictError) as error:
        raise ConflictError(f"{STATE} of {'/'.join(run.path)} is no state of code: {error}.") from error


def _decoded(data: bytes) -> tuple[Repository, ...]:
    repositories = msgspec.json.decode(data, type=CodeState).repositories
    for one in repositories:
        _check(one)
    if [bool(one.path) for one in repositories] != [number > 0 for number in range(max(1, len(repositories)))]:
        raise ConflictError("it does not begin with one repository that the others are in")
    return repositories


def _check(one: Repository) -> None:
    if any(commit is not None and not COMMIT.fullmatch(commit) for commit in (one.commit, one.base)):
        raise ConflictError("a commit has no id of one")
    if any(wrong_with(kept.name) for kept in one.files) or len(one.left_out) > MAX_LEFT_OUT + 1:
        raise ConflictError("a file has no name of one, or too much is said of what was left out")
    parts = one.path.lower().replace("\\", "/").split("/")
    if one.path and (wrong_with(one.path) or ".git" in parts or one.path.startswith("-")):
        raise ConflictError("a submodule has no path of one")


def _of_patches(run: Source) -> Repository:
    """Of a run that has no more than patches, as W&B's client saves them."""
    git = run.metadata.get("git")
    commit = git.get("commit") if isinstance(git, dict) else None
    commit = commit if isinstance(commit, str) and COMMIT.fullmatch(commit) else None
    names = {file.name for file in run.files() if file.name.endswith(".patch")}
    base = next((match[1] for name in sorted(names) if (match := _PATCH.fullmatch(name))), None)
    if commit is None and base is None:
        raise NotFoundError(
            f"Nothing is known of the code of {'/'.join(run.path)}: it began outside of a git repository, or with `disable_git`, "
            "or you are none of its project's members. With --no-git you get its files and config."
        )
    return Repository(
        commit=commit, base=base,
        changes=Kept("diff.patch", "") if "diff.patch" in names else None,
        changes_since_base=Kept(f"diff_{base}.patch", "") if base else None,
    )  # fmt: skip
