"""Brings the code of a run into a working tree: whole, or not at all. Files that git does not know are never overwritten."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from playhead.client.code import RunCode
from playhead.client.git import Git, names
from playhead.client.workshop import Workshop
from playhead.domain.code import Kept, Repository
from playhead.domain.errors import ConflictError, UsageError

_SHOWN = 5
"""Names that a message shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How the code is to be brought."""

    branch: str | None
    """Which is made, or gone on with if it is at that commit; None: a detached HEAD."""
    worktree: Path | None = None
    """A folder that is to become a new working tree; None: the one that is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was brought."""

    root: Path
    """The outermost folder of the working tree."""
    commit: str | None
    before: str
    """What HEAD was: a branch, or a commit."""
    changed: int
    """Files that differ from the commit, submodules' too."""
    notes: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """A repository whose tree is made, and in nobody's way."""

    git: Git
    workshop: Workshop
    path: str
    commit: str | None
    tree: str
    old: str
    """The tree that HEAD has now."""
    target: str
    """`tree` without files that are there already."""


def restore(here: Path, code: RunCode, wish: Wish, *, and_then: partial[None] | None = None) -> Restored:
    """Bring `code` into the repository around `here`; `and_then` is called with its root when it is there.

    UsageError, ConflictError: then all is as it was.
    """
    git = _repository(here)
    notes: list[str] = []
    if wish.branch is None and code.repositories[0].commit is None:
        raise UsageError("The run began in a repository without commits: its code can only be brought on a branch.")
    if wish.worktree is None:
        _check_clean(git)
    elif wish.worktree.exists() and (not wish.worktree.is_dir() or any(wish.worktree.iterdir())):
        raise UsageError(f"{wish.worktree} is there, and not empty: name a new folder.")
    with tempfile.TemporaryDirectory(prefix="playhead-restore-") as folder:
        ready: list[_Ready] = []
        for number, one in enumerate(code.repositories):
            inner = git if not one.path else _submodule(git, one, notes)
            if inner is not None:
                _check_place(one.path, ready)
                ready.append(_prepare(inner, one, code, Path(folder, str(number)), wish, notes))
        if wish.branch is not None:
            _check_branch(git, wish.branch, ready[0].commit, wish)
        before = git.ask("symbolic-ref", "--quiet", "--short", "HEAD") or git.ask("rev-parse", "HEAD") or ""
        with _whole() as check, ExitStack() as undo:
            for made in ready:
                made.workshop.move_in()
                _perform(made, wish, undo)
                check()
            root = wish.worktree or git.folder
            if and_then is not None:
                and_then(root)
            check()
            undo.pop_all()
        changed = sum(_count(made) for made in ready)
    return Restored(root=root, commit=ready[0].commit, before=before, changed=changed, notes=notes)


@contextmanager
def _whole() -> Iterator[Callable[[], None]]:
    """What is begun here is ended, or undone: Ctrl-C is heard when the function is called that this gives."""
    heard: list[int] = []

    def check() -> None:
        if heard:
            raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():  # which alone hears it
        yield check
        return
    before = signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, before)


# What there is --------------------------------------------------------------------------------------------------------


def _repository(here: Path) -> Git:
    if shutil.which("git") is None:
        raise UsageError("git is not installed here: install it, or bring the run's files with --no-git.")
    root = Git(here).ask("rev-parse", "--show-toplevel")
    if not root:
        raise UsageError(
            f"{here} is in no git repository: go into a clone of the run's, or bring its files with --no-git."
        )
    return Git(root)


def _check_clean(git: Git) -> None:
    changed = names(
        git.call("status", "--porcelain", "-z", "--untracked-files=no", "--ignore-submodules=untracked").out
    )
    if changed:
        raise UsageError(
            f"{git.folder} has changes that are not committed ({_some([one[3:] for one in changed])}): commit them, "
            "put them away with `git stash`, or give --worktree DIR to bring the run's code into a folder of its own."
        )


def _check_branch(git: Git, branch: str, commit: str | None, wish: Wish) -> None:
    ref = f"refs/heads/{branch}"
    there = git.ask("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    if there and there != commit:
        raise ConflictError(
            f"There is a branch {branch} already, at {there[:12]}: the run's code is at {(commit or 'no commit')[:12]}. "
            f"Delete it (git branch -D {branch}), rename it (git branch -m {branch} NAME), or go without one: --no-branch."
        )
    listed = (git.ask("worktree", "list", "--porcelain") or "").split("\n\n")
    for lines in (entry.splitlines() for entry in listed):
        other = lines[0].removeprefix("worktree ") if lines else ""
        if f"branch {ref}" in lines and (wish.worktree is not None or Path(other).resolve() != git.folder.resolve()):
            raise ConflictError(f"The branch {branch} is checked out in {other}: go there, or give --no-branch.")


def _submodule(git: Git, one: Repository, notes: list[str]) -> Git | None:
    """The submodule's repository. It is not fetched from where a stranger says: whoever is here has to do that."""
    folder = git.folder / one.path
    if (folder / ".git").exists() and folder.resolve().is_relative_to(git.folder.resolve()):
        return Git(folder)
    way = f"git submodule update --init --recursive -- {one.path}"
    if one.files:
        raise UsageError(f"The submodule {one.path} is not here, and the run had changed it. Fetch it first: {way}")
    notes.append(f"The submodule {one.path} is not here. To fetch it: {way}")
    return None


def _check_place(path: str, outer: list[_Ready]) -> None:
    """ConflictError unless a submodule is what the tree around it has there."""
    around = [one for one in outer if not one.path or path.startswith(f"{one.path}/")]
    if path and around:
        inner = path.removeprefix(around[-1].path).lstrip("/")
        told = around[-1].workshop.git.do("ls-tree", "-z", around[-1].tree, "--", inner)
        if not told.startswith("160000 ") or not told.endswith(f"\t{inner}\0"):
            raise ConflictError(f"The run's code has no submodule {path}, and yet its state tells of one.")


def _some(found: list[str]) -> str:
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return ", ".join(repr(name) for name in found[:_SHOWN]) + more


# What is to be --------------------------------------------------------------------------------------------------------


def _prepare(git: Git, one: Repository, code: RunCode, folder: Path, wish: Wish, notes: list[str]) -> _Ready:
    workshop = Workshop(git, folder)
    place = f" in the submodule {one.path}" if one.path else ""
    commit, tree = _made(workshop, one, code, place, notes)
    notes += [f"Of the run's code{place}, {sentence}." for sentence in one.left_out]
    head = git.ask("rev-parse", "--verify", "--quiet", "HEAD^{tree}")
    old = head or git.do("hash-object", "-t", "tree", "--stdin")
    target = tree
    if wish.worktree is None:
        target = workshop.without(tree, _there_already(workshop, git.folder, old, tree))
        answer = workshop.git.call("read-tree", "-n", "-m", "-u", old, target)
        if answer.status:
            raise ConflictError(f"The run's code cannot be brought{place}: {answer.error}")
    return _Ready(git=git, workshop=workshop, path=one.path, commit=commit, tree=tree, old=old, target=target)


def _made(workshop: Workshop, one: Repository, code: RunCode, place: str, notes: list[str]) -> tuple[str | None, str]:
    """The commit to begin with, and the tree that the run saw: by the commit and what was changed since, or else by the upstream's."""
    archive = _optional(code, one.untracked, notes)
    bundle = _optional(code, one.commits, notes)
    ways = [(one.commit, one.changes)]
    if one.base is not None and one.changes_since_base is not None:
        ways.append((one.base, one.changes_since_base))
    reasons: list[str] = []
    for commit, patch in ways:
        try:
            if commit is not None:
                workshop.obtain(commit, one.base, bundle)
            tree = workshop.tree(commit, None if patch is None else code.content(patch), archive)
        except ConflictError as error:
            reasons.append(error.message)
        else:
            if reasons:
                notes.append(f"It begins{place} at the upstream's commit {str(commit)[:12]}: {reasons[0]}.")
            return commit, tree
    raise ConflictError(
        f"The run's code cannot be made here{place}: {'; and '.join(reasons)}. Nothing was changed. Is this a clone of the run's "
        "repository? Fetch what it lacks (git fetch --all), or get the run's files and patches with --no-git."
    )


def _optional(code: RunCode, kept: Kept | None, notes: list[str]) -> Path | None:
    try:
        return None if kept is None else code.content(kept)
    except ConflictError as error:
        notes.append(error.message)
        return None


def _there_already(workshop: Workshop, root: Path, old: str, tree: str) -> list[str]:
    """Files to be added that lie there with the same content. ConflictError if one has another."""
    told = names(workshop.git.call("diff-tree", "-r", "-z", "--no-renames", "--diff-filter=A", old, tree).out)
    same: list[str] = []
    others: list[str] = []
    for line, path in zip(told[::2], told[1::2], strict=True):
        _, mode, _, sha, _ = line.split(" ")
        if mode != "160000" and os.path.lexists(root / path):
            (same if _is(root / path, mode, sha) else others).append(path)
    if others:
        raise ConflictError(
            f"Files of yours that git does not know would be overwritten: {_some(others)}. Move them away, or give --worktree DIR "
            "to bring the run's code into a folder of its own."
        )
    return same


def _is(path: Path, mode: str, sha: str) -> bool:
    """Whether the file has this content, as git counts it."""
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode) != (mode == "120000") or not (
            stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode)
        ):
            return False
        data = os.fsencode(path.readlink()) if mode == "120000" else path.read_bytes()
    except OSError:
        return False
    made = hashlib.new("sha1" if len(sha) == 40 else "sha256", usedforsecurity=False)
    made.update(b"blob %d\0" % len(data) + data)
    return made.hexdigest() == sha


# Doing it -------------------------------------------------------------------------------------------------------------


def _perform(one: _Ready, wish: Wish, undo: ExitStack) -> None:
    branch = wish.branch if not one.path else None
    if wish.worktree is None:
        _switch(one, branch, undo)
        git = one.git
    else:
        git = _add_worktree(one, wish.worktree / one.path, branch, undo)
        git.do("read-tree", "-m", "-u", one.tree)
    git.do("read-tree", *([one.commit] if one.commit else ["--empty"]))
    git.call("update-index", "-q", "--refresh")


def _switch(one: _Ready, branch: str | None, undo: ExitStack) -> None:
    git, head = one.git, one.git.ask("symbolic-ref", "--quiet", "HEAD")
    was = git.ask("rev-parse", "--verify", "--quiet", "HEAD")
    git.do("read-tree", "-n", "-m", "-u", one.old, one.target)
    undo.callback(_take_back, git, one)
    git.do("read-tree", "-m", "-u", one.old, one.target)
    if branch is None:
        assert one.commit is not None
        undo.callback(_point_head, git, head, was)
        git.do("update-ref", "--no-deref", "-m", "playhead restore", "HEAD", one.commit)
        return
    ref = f"refs/heads/{branch}"
    if one.commit is not None and not git.ask("rev-parse", "--verify", "--quiet", ref):
        undo.callback(git.call, "update-ref", "-d", ref, one.commit)
        git.do("update-ref", "-m", "playhead restore", ref, one.commit, "0" * len(one.commit))
    undo.callback(_point_head, git, head, was)
    git.do("symbolic-ref", "-m", "playhead restore", "HEAD", ref)


def _take_back(git: Git, one: _Ready) -> None:
    """However far it came: nothing of it was in anybody's way."""
    git.call("read-tree", one.target)
    git.call("read-tree", "--reset", "-u", one.old)


def _point_head(git: Git, head: str | None, was: str | None) -> None:
    if head is not None:
        git.call("symbolic-ref", "-m", "playhead restore", "HEAD", head)
    elif was is not None:
        git.call("update-ref", "--no-deref", "HEAD", was)


def _add_worktree(one: _Ready, folder: Path, branch: str | None, undo: ExitStack) -> Git:
    git = one.git
    begin = one.commit or git.ask("rev-parse", "--verify", "--quiet", "HEAD")
    if begin is None:
        raise UsageError("A repository without commits can have no second working tree: leave --worktree out.")
    there = branch is not None and git.ask("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}")
    how = ["--detach", str(folder), begin]
    if branch is not None and one.commit is not None:
        how = [str(folder), branch] if there else ["-b", branch, str(folder), begin]
        if not there:
            undo.callback(git.call, "branch", "-D", branch)
    undo.callback(git.call, "worktree", "remove", "--force", str(folder))
    git.do("worktree", "add", "--quiet", "--no-checkout", *how)
    made = Git(folder)
    if one.commit is None:
        made.do("symbolic-ref", "HEAD", f"refs/heads/{branch}")
    return made


def _count(one: _Ready) -> int:
    """Files of the tree that the commit has not, or otherwise."""
    begin = f"{one.commit}^{{tree}}" if one.commit else one.git.do("hash-object", "-t", "tree", "--stdin")
    told = one.git.call("diff-tree", "-r", "-z", "--no-renames", "--name-only", begin, one.tree)
    return len(names(told.out))
