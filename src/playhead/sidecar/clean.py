"""Takes directories of runs off this disk, unless somebody is at work in one, or another run here goes on from it."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from pathlib import Path

from playhead.domain.errors import JournalError
from playhead.journal import reader
from playhead.sidecar import held, own_journal, rundirs, sync, syncfile
from playhead.sidecar.held import Inventory

_ASIDE = ".cleaning-"
_NAME = re.compile(r"(offline-)?run-")
LIVE = "it is being recorded"
BUSY = "it is being sent"


class Kin:
    """The runs in a folder, and which goes back to which: no run may go whose history another one needs that is on no server yet."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._places: dict[Path, tuple[str, str | None]] = {}
        self._look()

    def kept(self, folders: AbstractSet[Path]) -> dict[Path, str]:
        """Why some of `folders` must stay when all the others go."""
        going, kept = set(folders), dict[Path, str]()
        while True:
            needed = self._needed(path for path in self._places if path not in going)
            more = {
                path: _why(needed[place[0]])
                for path in going
                if (place := self._places.get(path)) is not None and place[0] in needed
            }
            if not more:
                return kept
            kept |= more
            going -= more.keys()

    def needed_meanwhile(self, folder: Path) -> str | None:
        """Why `folder` must stay: a run that began since the last look goes on from it."""
        fresh, place = self._look(), self._places.get(folder)
        heir = None if place is None else self._needed(fresh).get(place[0])
        return None if heir is None else _why(heir)

    def _look(self) -> list[Path]:
        """Runs that have come since the last time."""
        fresh: list[Path] = []
        for path in self._root.iterdir():
            if path in self._places or not _NAME.match(path.name) or path.is_symlink():
                continue
            with contextlib.suppress(OSError, JournalError):
                header, _ = reader.open_header(path / own_journal.MAIN)
                self._places[path] = header.segment, header.parent
                fresh.append(path)
        return fresh

    def _needed(self, staying: Iterable[Path]) -> dict[str, Path]:
        """Segment -> one of those of `staying` that no server has yet and that go back to it."""
        parents: dict[str, set[str]] = {}
        for segment, parent in self._places.values():
            parents.setdefault(segment, set()).update({parent} if parent else ())
        found: dict[str, Path] = {}
        for path in staying:
            if not path.is_dir() or rundirs.look(path).complete:
                continue
            waiting = [self._places[path][0]]
            while waiting:
                segment = waiting.pop()
                if found.setdefault(segment, path) == path:
                    waiting += [parent for parent in parents.get(segment, ()) if parent not in found]
        return found


def _why(heir: Path) -> str:
    return f"{heir.name} goes on from it, and is not on a server yet"


def remove(inventory: Inventory, kin: Kin) -> str | None:
    """Remove the directory as it was looked at; what keeps it from being removed, if something does. OSError.

    It gets another name first, so that nobody finds it any more; then it is looked at once more, and gets its name back if it is in
    use, or anything in it has changed. The journals go last: what is left of an interrupted removal is still a run's directory.
    """
    folder = inventory.folder
    aside = folder.with_name(_ASIDE + folder.name)
    with own_journal.alone(folder) as alone:
        if not alone:
            return BUSY
        if sync.is_live(folder):
            return LIVE
        folder.rename(aside)
        reason = _changed(aside, inventory) or kin.needed_meanwhile(folder)
        if reason is not None:
            aside.rename(folder)
            return reason
        _remove_tree(aside)
    link = folder.with_name("latest-run")
    with contextlib.suppress(OSError):
        if link.is_symlink() and link.readlink().name == folder.name:
            link.unlink()
    return None


def recover(root: Path) -> None:
    """Give directories below `root` whose removal was interrupted their names back. OSError."""
    for aside in root.glob(_ASIDE + "*"):
        folder = aside.with_name(aside.name.removeprefix(_ASIDE))
        if not rundirs.is_run(aside):  # all of it is gone already
            with contextlib.suppress(OSError):
                aside.rmdir()
            continue
        with own_journal.alone(aside) as alone:
            if alone and not folder.exists():
                aside.rename(folder)


def _changed(aside: Path, inventory: Inventory) -> str | None:
    if sync.is_live(aside):
        return LIVE
    return None if held.marks(aside) == inventory.marks else "it has changed meanwhile"


def _remove_tree(folder: Path) -> None:
    last = {folder / syncfile.NAME, *own_journal.journals(folder)}
    for parent, folders, files in os.walk(folder, topdown=False):
        for name in files:
            if Path(parent, name) not in last:
                Path(parent, name).unlink()
        for name in folders:
            path = Path(parent, name)
            path.unlink() if path.is_symlink() else path.rmdir()
    main = folder / own_journal.MAIN
    for path in (*sorted(last - {main}), main):
        path.unlink(missing_ok=True)
    folder.rmdir()
