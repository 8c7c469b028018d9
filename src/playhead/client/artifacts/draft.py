"""An artifact that is being put together: its files, held as they were when they were added, and its references."""

from __future__ import annotations

import contextlib
import os
import weakref
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playhead.client.artifacts import digests, holding
from playhead.client.artifacts.holding import Held, Holder
from playhead.domain.artifact import Entry
from playhead.domain.errors import UsageError
from playhead.domain.file import wrong_with
from playhead.domain.limits import MAX_ENTRIES

POLICIES = ("mutable", "immutable")


@dataclass(slots=True)
class Part:
    """What stands at one path: a file that is held here, a reference, or what a server has already."""

    path: str
    size: int
    held: Held | None = None
    digest: str = ""
    """Of a file, empty until somebody asks for it."""
    sha256: str = ""
    ref: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    def entry(self) -> Entry:
        """It as the manifest has it; a file is read for that, once. UsageError if it is not what it was."""
        if self.held is not None and not self.sha256:
            found = read(self.held)
            self.digest, self.sha256, self.size = found
        return Entry(self.path, self.digest, self.size, self.sha256, self.ref, self.extra)


def read(held: Held) -> digests.Digests:
    """What a held content is. UsageError if it is not the one that was held."""
    try:
        with open(held.path, "rb", buffering=0) as file:  # noqa: PTH123 quick
            found = digests.digests(file.fileno(), None if held.own else held.mark.size)
    except OSError as error:
        raise UsageError(f"{held.path} cannot be read: {error.strerror}.") from None
    if found.size != held.mark.size or (not held.own and holding.mark_of(held.path) != held.mark):
        raise UsageError(f"{held.path} was changed since it was added: nothing is logged of it.")
    return found


class Draft:
    """The parts by path. Not thread-safe. What it holds is let go of when nobody needs it any more."""

    def __init__(self, folder: Path) -> None:
        """`folder` is for what it holds."""
        self.parts: dict[str, Part] = {}
        self._holder = Holder(folder)
        self._held: dict[str, Held] = {}
        self._let_go = weakref.finalize(self, _release, self._held, os.getpid())

    def add(self, files: Mapping[str, str], *, policy: str = "mutable", overwrite: bool = False) -> list[Part]:
        """Files by their paths in the artifact. All are added, or none: UsageError, OSError."""
        if policy not in POLICIES:
            raise UsageError(f"policy={policy!r}: say one of {', '.join(POLICIES)}.")
        names = {checked(name): path for name, path in files.items()}
        self._check_room(names, overwrite=overwrite)
        if policy == "mutable":
            held = self._holder.hold(names.values())
        else:
            held = {path: holding.in_place(path) for path in names.values()}
        made = [Part(name, held[path].mark.size, held[path]) for name, path in names.items()]
        try:
            self._put(made, overwrite=overwrite)
        except UsageError:
            holding.release(held.values())
            raise
        return made

    def put(self, parts: Iterable[Part], *, overwrite: bool = False) -> None:
        """References, and what a server has. UsageError if something else is there."""
        made = list(parts)
        for one in made:
            checked(one.path)
        self._check_room({one.path: "" for one in made}, overwrite=True)
        self._put(made, overwrite=overwrite)

    def new_file(self) -> Path:
        """Where the content of a file can be written, which `take` adds. OSError."""
        return self._holder.new()

    def take(self, name: str, path: Path, *, overwrite: bool = False) -> Part:
        """Add what was written at `path`, which is this draft's from now on."""
        held = Held(str(path), holding.mark_of(str(path)), own=True)
        part = Part(checked(name), held.mark.size, held)
        self._check_room({part.path: ""}, overwrite=True)
        try:
            self._put([part], overwrite=overwrite)
        except UsageError:
            holding.release([held])
            raise
        return part

    def rename(self, part: Part, path: str) -> Part:
        """Let it stand at another path."""
        del self.parts[part.path]
        part.path = path
        self.parts[path] = part
        return part

    def remove(self, path: str) -> None:
        """What stands at `path`, or below it. UsageError if nothing does."""
        gone = [name for name in self.parts if name == path or name.startswith(path.rstrip("/") + "/")]
        if not gone:
            raise UsageError(f"There is no {path!r} in the artifact.")
        for name in gone:
            self._drop(self.parts.pop(name))

    def hand_over(self, folder: Path) -> Iterator[tuple[Part, str]]:
        """Each part, and where its content is now: what is ours moves to `folder`. Files of which none is held have an empty path. OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        moved: dict[str, str] = {}
        for part in self.parts.values():
            if part.held is None:
                yield part, ""
                continue
            path = part.held.path
            if part.held.own and path not in moved:
                moved[path] = _move(path, folder)
                self._held.pop(path, None)
            yield part, moved.get(path, path)

    def _check_room(self, names: Mapping[str, str], *, overwrite: bool) -> None:
        if not overwrite:
            for name, path in names.items():
                if name in self.parts and not self._is_same(self.parts[name], path):
                    raise _in_the_way(name)
        if len(self.parts) + len(names) > MAX_ENTRIES:
            raise UsageError(f"An artifact has at most {MAX_ENTRIES:,} files and references (MAX_ENTRIES).")

    def _is_same(self, part: Part, path: str) -> bool:
        """Whether the file at `path` is what `part` is: adding it again changes nothing."""
        if part.ref or part.size != holding.mark_of(path).size:
            return False
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 quick
            return digests.digests(file.fileno()).sha256 == part.entry().sha256

    def _put(self, parts: Iterable[Part], *, overwrite: bool) -> None:
        for part in parts:
            known = self.parts.get(part.path)
            if known is not None and not overwrite and known.entry() != part.entry():
                raise _in_the_way(part.path)
        for part in parts:
            known = self.parts.get(part.path)
            self.parts[part.path] = part
            if part.held is not None and part.held.own:
                self._held[part.held.path] = part.held
            if known is not None:
                self._drop(known)

    def _drop(self, part: Part) -> None:
        if part.held is None or any(part.held is other.held for other in self.parts.values()):
            return
        self._held.pop(part.held.path, None)
        holding.release([part.held])


def checked(name: str) -> str:
    """A path in an artifact. UsageError."""
    path = os.fspath(name).replace(os.sep, "/")
    path = path.removeprefix("./").rstrip("/")
    wrong = wrong_with(path)
    if wrong is not None:
        raise UsageError(f"{name!r} cannot be a path in an artifact: {wrong}.")
    return path


def _in_the_way(name: str) -> UsageError:
    return UsageError(f"The artifact has another {name!r} already: remove() it first, or say overwrite=True.")


def _release(held: dict[str, Held], pid: int) -> None:
    if os.getpid() == pid:  # a forked child has not made them
        holding.release(held.values())


def _move(path: str, folder: Path) -> str:
    """OSError."""
    target = folder / Path(path).name
    if Path(path) == target:
        return path
    try:
        os.rename(path, target)  # noqa: PTH104 quick
    except OSError:  # another disk
        source = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            holding.copy(source, target, os.fstat(source).st_size)
        finally:
            os.close(source)
        with contextlib.suppress(OSError):
            os.unlink(path)  # noqa: PTH108 quick
    return str(target)
