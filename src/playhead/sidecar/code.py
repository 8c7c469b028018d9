"""Keeps the state of the code that git can tell of: patches, files that git does not know, commits that no remote has. In the background.

What git ignores is never kept, nor what has the name of a secret (`playhead.domain.code.SECRETS`).
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from playhead.client.git import Git, ask_git, names
from playhead.domain.code import FOLDER, STATE, CodeState, Kept, Repository, is_secret
from playhead.domain.errors import UsageError
from playhead.domain.limits import MAX_BUNDLE, MAX_BUNDLE_COMMITS, MAX_LEFT_OUT, MAX_PATCH, MAX_SUBMODULES
from playhead.sidecar.untracked import archive

PART = "code.part"
"""Beside `files/`: what is being written, and may not be sent yet."""
_TIMEOUT = 30.0
"""Seconds that one call of git may take,"""
_ALL = 120.0
"""and all of them."""
_NICE = 10
"""Git's priority beside the training."""
_DIFF = (
    "--no-ext-diff", "--no-textconv", "--no-color", "--binary", "--no-renames", "--no-relative", "--src-prefix=a/",
    "--dst-prefix=b/", "--submodule=short", "--ignore-submodules=dirty",
)  # fmt: skip

Note = Callable[[str], None]


def keep(folder: str, files: Path, note: Note, ignored: Callable[[str], bool]) -> Iterator[str]:
    """Write the state of the repository around `folder`, and of its submodules, into `files`; yields the names of what is there.

    `STATE` comes last and tells of the others. Outside of a repository, or without git, nothing is written; `note` hears why. OSError.
    """
    root = ask_git(folder, "rev-parse", "--show-toplevel")
    if not root:
        note(f"The state of the code is not kept: {_why(folder)}")
        return
    part = files.with_name(PART)
    try:
        yield from _keep_all(Path(root), files, part, note, ignored)
    finally:
        part.unlink(missing_ok=True)


def _keep_all(root: Path, files: Path, part: Path, note: Note, ignored: Callable[[str], bool]) -> Iterator[str]:
    until = time.monotonic() + _ALL
    found: list[Repository] = []
    for number, path in enumerate(["", *_submodules(root, note)]):
        place = f"{FOLDER}/submodules/{number}/" if path else ""
        one = _Snapshot(root / path, Repository(path=path), files, place, ignored, until)
        yield from one.keep()
        for sentence in one.state.left_out:
            note(f"Of the code{f' in the submodule {path}' if path else ''}, {sentence}")
        found.append(one.state)
    if not ignored(STATE):
        (files / FOLDER).mkdir(parents=True, exist_ok=True)
        part.write_bytes(msgspec.json.encode(CodeState(repositories=tuple(found))))
        part.replace(files / STATE)
        yield STATE


def _why(folder: str) -> str:
    try:
        return Git(folder).call("rev-parse", timeout=_TIMEOUT).error or "there is no working tree."
    except UsageError as error:
        return error.message


def _submodules(root: Path, note: Note) -> Iterator[str]:
    """Paths of all submodules that are there, below `root`, an outer one before its inner ones."""
    waiting, count = [""], 0
    while waiting:
        outer = waiting.pop(0)
        if not Path(root, outer, ".gitmodules").is_file():
            continue
        staged = (ask_git(Path(root, outer), "ls-files", "--stage", "-z") or "").split("\0")
        for path in (line.partition("\t")[2] for line in staged if line.startswith("160000 ")):
            inner = f"{outer}/{path}" if outer else path
            if not Path(root, inner, ".git").exists():
                continue
            count += 1
            if count > MAX_SUBMODULES or not _is_text(inner):
                note(f"The state of the submodule {inner!r} is not kept: there are too many, or its name is no text")
                continue
            waiting.append(inner)
            yield inner


class _Snapshot:
    """One repository, and what is kept of it in `files` below `place`."""

    def __init__(
        self, root: Path, state: Repository, files: Path, place: str, ignored: Callable[[str], bool], until: float
    ) -> None:
        self._root = root
        self._files = files
        self._part = files.with_name(PART)
        self._place = place
        self._ignored = ignored
        self._until = until
        self.state = state
        self._left_out = 0

    def keep(self) -> Iterator[str]:
        """Write what there is; yields names."""
        commit = self._ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        base = self._base(commit) if commit else None
        self._set(commit=commit, base=base)
        if commit:
            yield from self._patch("changes", "diff.patch", commit)
        if base:
            yield from self._patch("changes_since_base", f"diff_{base}.patch", base)
        yield from self._untracked()
        if commit:
            yield from self._commits(commit)
        if self._left_out > MAX_LEFT_OUT:
            more = f"{self._left_out - MAX_LEFT_OUT:,} more of that kind"
            self._set(left_out=(*self.state.left_out, more))

    def _ask(self, *arguments: str) -> str | None:
        return ask_git(self._root, *arguments) or None

    def _set(self, **values: object) -> None:
        self.state = dataclasses.replace(self.state, **values)  # type: ignore[arg-type] # names and types are those of the fields

    def _leave_out(self, sentence: str) -> None:
        self._left_out += 1
        if self._left_out <= MAX_LEFT_OUT:
            self._set(left_out=(*self.state.left_out, sentence.encode(errors="replace").decode()))

    def _base(self, commit: str) -> str | None:
        """The commit below the work that others are likely to have."""
        upstream = self._ask("rev-parse", "--symbolic-full-name", "@{upstream}") or ""
        if upstream.startswith("refs/remotes/"):
            base = self._ask("rev-parse", "--verify", "--quiet", f"{upstream}^{{commit}}")
        else:
            told = self._ask("rev-list", "--first-parent", "--boundary", commit, "--not", "--remotes") or ""
            base = next((line[1:] for line in told.splitlines() if line.startswith("-")), None)
        return base if base != commit else None

    # Patches

    def _patch(self, role: str, name: str, commit: str) -> Iterator[str]:
        """The difference between `commit` and what there is, without secrets."""
        changed = self._read("diff", *_DIFF, "--name-only", "-z", commit)
        if changed is None:
            self._leave_out(f"{name} is not kept: git cannot tell what has changed")
            return
        secrets = [path for path in names(changed) if is_secret(path)]
        if role == "changes":
            for path in secrets:
                self._leave_out(f"changes of {path!r} are not kept: its name is one of secrets")
        excluded = [f":(top,exclude,literal){path}" for path in secrets]
        yield from self._write(
            role, name, MAX_PATCH, "--no-optional-locks", "diff", *_DIFF, commit, "--", ":(top)", *excluded,
            check=self._has_no_secrets,
        )  # fmt: skip

    def _has_no_secrets(self, patch: Path) -> str | None:
        """A file may have changed since the secrets were looked for: the patch itself is looked at."""
        told = self._read("apply", "--numstat", "-z", str(patch))
        if told is None:
            return "git cannot read it"
        secret = next((line for line in names(told) if is_secret(line.split("\t")[-1])), None)
        return None if secret is None else f"it has {secret!r}, and that is a name of secrets"

    # Other files

    def _untracked(self) -> Iterator[str]:
        known = () if self.state.commit else ("--cached",)
        told = self._read("ls-files", "-z", "--others", "--exclude-standard", *known)
        if told is None:
            self._leave_out("files that git does not know are not kept: git cannot tell them")
            return
        name = self._name("untracked.tar")
        paths = list(dict.fromkeys(names(told)))
        if not paths:
            return
        if self._ignored(name):
            self._leave_out(f"{name} is not kept: ignore_globs has its name")
            return
        if archive(self._root, paths, self._part, self._leave_out):
            yield from self._settle("untracked", name)

    # Commits

    def _commits(self, commit: str) -> Iterator[str]:
        """The commits that no remote has, if they are none too many, and hold no secrets."""
        unknown = (commit, "--not", "--remotes")
        count = int(self._ask("rev-list", "--count", *unknown) or 0)
        if not count:
            return
        name = "commits.bundle"
        wrong = self._wrong_with_commits(count, unknown)
        if wrong is not None:
            self._leave_out(f"the {count:,} commits that no remote has are not kept: {wrong}")
            return
        yield from self._write(
            "commits", name, MAX_BUNDLE, "bundle", "create", "--quiet", "-", "HEAD", "--not", "--remotes",
            check=lambda bundle: self._is_of(commit, bundle),
        )  # fmt: skip

    def _wrong_with_commits(self, count: int, unknown: tuple[str, ...]) -> str | None:
        if count > MAX_BUNDLE_COMMITS:
            return f"there are more than MAX_BUNDLE_COMMITS ({MAX_BUNDLE_COMMITS:,})"
        remote = self._ask("for-each-ref", "--count=1", "refs/remotes")
        if not remote and self._ask("rev-parse", "--is-shallow-repository") == "true":
            return "in this shallow clone they have no beginning"
        told = self._read("log", "-m", "--root", "--no-renames", "--name-only", "-z", "--format=", *unknown)
        if told is None:
            return "git cannot tell what is in them"
        secret = next((path for path in names(told) if is_secret(path.lstrip("\n"))), None)
        return None if secret is None else f"they have {secret!r}, and that is a name of secrets"

    def _is_of(self, commit: str, bundle: Path) -> str | None:
        """Somebody may have committed meanwhile."""
        heads = self._ask("bundle", "list-heads", str(bundle)) or ""
        return None if heads.split(" ")[0] == commit else "there is another commit by now"

    # Calls of git

    def _name(self, name: str) -> str:
        own = self._place or ("" if name.endswith(".patch") else f"{FOLDER}/")
        return own + name

    def _write(
        self, role: str, name: str, most: int, *command: str, check: Callable[[Path], str | None]
    ) -> Iterator[str]:
        """Let the file of that name be what git writes, unless that is nothing."""
        name = self._name(name)
        if self._ignored(name):
            self._leave_out(f"{name} is not kept: ignore_globs has its name")
            return
        with self._part.open("wb") as out:
            size, wrong = self._run(command, most, out.write)
        wrong = wrong or (check(self._part) if size else None)
        if wrong:
            self._leave_out(f"{name} is not kept: {wrong}")
        elif size:
            yield from self._settle(role, name)

    def _settle(self, role: str, name: str) -> Iterator[str]:
        """What was written is whole, and may be seen now."""
        target = self._files / name
        if target.exists():
            self._leave_out(f"{name} is not kept: the run has a file of that name")
            return
        self._set(**{role: Kept(name, _digest(self._part))})
        target.parent.mkdir(parents=True, exist_ok=True)
        self._part.replace(target)
        yield name

    def _read(self, *command: str) -> bytes | None:
        """What git says, at most so much as a patch; None if it fails."""
        pieces: list[bytes] = []
        _, wrong = self._run(("--no-optional-locks", *command), MAX_PATCH, pieces.append)
        return None if wrong else b"".join(pieces)

    def _run(self, command: tuple[str, ...], most: int, take: Callable[[bytes], object]) -> tuple[int, str | None]:
        """Bytes that git has written, and what is wrong."""
        left = min(_TIMEOUT, self._until - time.monotonic())
        if left <= 0:
            return 0, f"it takes more than {_ALL:g} s"
        size = 0
        try:
            with subprocess.Popen(  # noqa: S603 no shell; names of files stand behind `--`
                ["git", *command],  # noqa: S607 whichever git the user has
                cwd=self._root, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            ) as git:  # fmt: skip
                _lower(git.pid)
                timer = threading.Timer(left, git.kill)
                timer.daemon = True
                timer.start()
                assert git.stdout is not None
                while size <= most and (data := git.stdout.read(1 << 16)):
                    size += len(data)
                    take(data)
                git.kill() if size > most else git.wait()
                timer.cancel()
        except (OSError, RuntimeError) as error:
            return size, str(error)
        if size > most:
            return size, f"it is larger than {most:,} bytes"
        return size, f"git failed ({git.returncode})" if git.returncode else None


def _lower(pid: int) -> None:
    try:
        os.setpriority(os.PRIO_PROCESS, pid, _NICE)
    except OSError:  # it is gone already, or it may not be
        return


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
