"""Trees of files that git makes beside a repository: whether a patch applies is known before anything is changed."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from playhead.client.git import Git
from playhead.domain.errors import ConflictError
from playhead.domain.limits import MAX_UNTRACKED, MAX_UNTRACKED_FILE, MAX_UNTRACKED_FILES


class _Entry(NamedTuple):
    """A file that is to be in a tree."""

    mode: str
    name: str
    content: Path


class Workshop:
    """An index, and a place for objects, in `folder`: the repository around `git` sees nothing of it before `move_in`."""

    def __init__(self, git: Git, folder: Path) -> None:
        self._folder = folder
        self._objects = folder / "objects"
        self._objects.mkdir(parents=True)
        self._home = Path(git.do("rev-parse", "--path-format=absolute", "--git-path", "objects"))
        home = str(self._home).replace("\\", "\\\\").replace('"', '\\"')
        self.git = git.with_({
            "GIT_OBJECT_DIRECTORY": str(self._objects), "GIT_ALTERNATE_OBJECT_DIRECTORIES": f'"{home}"',
        })  # fmt: skip
        """Sees the objects of both, and writes here."""
        self._index = self.git.with_({"GIT_INDEX_FILE": str(folder / "index")})

    def has(self, commit: str) -> bool:
        """Whether the commit is here."""
        return self.git.call("cat-file", "-e", f"{commit}^{{commit}}").status == 0

    def obtain(self, commit: str, base: str | None, bundle: Path | None) -> None:
        """Let the commit be here: from `bundle`, else from the remotes of this repository. ConflictError."""
        if self.has(commit) or self._unpack(commit, bundle):
            return
        remotes = self.git.do("remote").splitlines()
        for remote in remotes:
            self._fetch(remote, commit)
            if self.has(commit):
                return
            if base is not None and bundle is not None and not self.has(base):
                self._fetch(remote, base)
                if self._unpack(commit, bundle):
                    return
        asked = f"the remotes ({', '.join(remotes)})" if remotes else "a remote, for there is none"
        raise ConflictError(f"the commit {commit[:12]} is neither here nor to be had from {asked}")

    def _unpack(self, commit: str, bundle: Path | None) -> bool:
        """Whether the bundle has brought the commit."""
        if bundle is not None:
            self._fetch(str(bundle), "HEAD")
        return bundle is not None and self.has(commit)

    def _fetch(self, source: str, what: str) -> None:
        self.git.call(
            "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--refmap=", "--", source, what,
        )  # fmt: skip

    def tree(self, commit: str | None, patch: Path | None, archive: Path | None) -> str:
        """The id of the tree: that of `commit` (None: an empty one), with the patch and the files of the archive. ConflictError."""
        self._index.do("read-tree", *([f"{commit}^{{tree}}"] if commit else ["--empty"]))
        if patch is not None:
            self._index.do("apply", "--cached", "--whitespace=nowarn", "--", str(patch))
        if archive is not None:
            self._add(list(_unpacked(archive, self._folder)))
        return self._index.do("write-tree")

    def _add(self, entries: list[_Entry]) -> None:
        contents = "\n".join(str(one.content) for one in entries)
        told = self._index.do("hash-object", "-w", "--no-filters", "--stdin-paths", given=contents.encode())
        lines = zip(entries, told.split(), strict=True)
        given = b"".join(f"{one.mode} {sha}\t".encode() + os.fsencode(one.name) + b"\0" for one, sha in lines)
        answer = self._index.call("update-index", "-z", "--index-info", given=given)
        if answer.status or answer.error:  # what git calls no path it leaves out, and says so only
            raise ConflictError(f"git update-index failed: {answer.error or answer.status}")

    def without(self, tree: str, paths: list[str]) -> str:
        """The tree without these files."""
        if not paths:
            return tree
        self._index.do("read-tree", tree)
        given = b"".join(os.fsencode(path) + b"\0" for path in paths)
        self._index.do("update-index", "-z", "--force-remove", "--stdin", given=given)
        return self._index.do("write-tree")

    def move_in(self) -> None:
        """Give the repository all objects that were made or fetched. OSError."""
        found = [path for path in self._objects.rglob("*") if path.is_file() and path.parent.name != "info"]
        for path in sorted(found, key=lambda path: path.suffix == ".idx"):  # with its index a pack is seen
            target = self._home / path.relative_to(self._objects)
            if not target.exists():
                target.parent.mkdir(exist_ok=True)
                fresh = target.with_name(f"tmp_obj_{os.getpid()}_{target.name}")
                fresh.write_bytes(path.read_bytes())
                fresh.chmod(0o444)
                fresh.replace(target)


def _unpacked(archive: Path, folder: Path) -> Iterator[_Entry]:
    """The files of a tar archive, below `folder` under names of ours. ConflictError if it is none that was kept of a code."""
    contents = folder / f"contents-{archive.parent.name}"
    contents.mkdir()
    left = MAX_UNTRACKED
    try:
        with tarfile.open(archive, "r:", encoding="utf-8", errors="surrogateescape") as tar:
            for number, one in enumerate(tar):
                left -= one.size
                if number >= MAX_UNTRACKED_FILES or left < 0 or one.size > MAX_UNTRACKED_FILE:
                    raise ConflictError(f"{archive.name} has more than was ever kept of a code")
                yield _Entry(*_content(tar, one, contents / str(number)))
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise ConflictError(f"{archive.name} cannot be read: {error}") from error


def _content(tar: tarfile.TarFile, one: tarfile.TarInfo, target: Path) -> tuple[str, str, Path]:
    parts = one.name.split("/")
    if any(part in {"", ".", ".."} or part.lower() == ".git" for part in parts) or "\0" in one.name:
        raise ConflictError(f"the name of a file, {one.name!r}, leads elsewhere")
    if one.issym():
        target.write_bytes(os.fsencode(one.linkname))
        return "120000", one.name, target
    file = tar.extractfile(one) if one.isreg() else None
    if file is None:
        raise ConflictError(f"{one.name!r} is neither a file nor a link")
    target.write_bytes(file.read())
    return "100755" if one.mode & 0o100 else "100644", one.name, target
