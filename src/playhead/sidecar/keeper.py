"""Finds the files of a run that are to be saved, and keeps a version of each at its step."""

from __future__ import annotations

import glob
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playhead.domain.file import matches, wrong_with
from playhead.sidecar import snapshot
from playhead.sidecar.answers import Answers
from playhead.sidecar.log import Log
from playhead.sidecar.media import Made, Maker
from playhead.sidecar.outbox import Item, Outbox, Told
from playhead.sidecar.own_journal import told_files
from playhead.sidecar.parcels import Packer
from playhead.sidecar.priority import step_back
from playhead.sidecar.snapshot import ChangingError, Mark, Shot
from playhead.sidecar.tail import BLOBS, Save, Tail

LOOK = 1.0
"""Seconds between two looks at what may have changed; more if a look takes long."""
SETTLED = 10
"""Looks after which a file that never rests is taken all the same."""
_MEDIA = re.compile(r"media/.+_\d+_[0-9a-f]{20}\.[\w.]+", re.DOTALL)


@dataclass(slots=True)
class Source:
    """A file that is looked after, under its name in the run."""

    path: str
    policy: str
    mark: Mark | None = None
    """Of the version that was taken last."""
    seen: Mark | None = None
    """At the last look."""
    looks: int = 0
    """At which it was another one each time."""
    failed: bool = False
    """Whether it could not be taken as it is; tried again at the end."""


class Keeper:
    """A thread that looks what there is to save, and puts each version into `outbox`."""

    def __init__(
        self, folder: Path, main: Tail, own: Told, log: Log, *, ignore: tuple[str, ...] = (),
        say: Callable[..., None] = lambda *_, **__: None, until: float | None = None,
    ) -> None:  # fmt: skip
        """`until`: files that were changed after this time (seconds since 1970) are not what was to be saved."""
        self._files = folder / "files"
        self._blobs = folder / BLOBS
        self._main = main
        self._log = log
        self._ignore = set(ignore)
        self._until = until
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._finishing = self._here = False
        self._answers = Answers(log, say)
        self.outbox = Outbox(self._blobs, own, log, self._answers)
        self.before_final: Callable[[], None] = lambda: None
        """Called when the training has ended, before the last look."""
        self._sources: dict[str, Source] = {}
        self._globs: list[tuple[str, str, str]] = []
        self._again: list[tuple[str, int, int | None]] = []
        self._answered: set[tuple[int, str]] = set()
        self._packed: set[int] = set()
        """Askings for artifacts that were answered."""
        media: list[str] = []
        for told in told_files(folder, besides=own.path):
            if "path" not in told:
                self._packed.add(int(told.get("save") or 0))
                continue
            if told.get("media"):
                media.append(str(told.get("path")))
                continue
            self.outbox.latest[str(told.get("path"))] = str(told.get("sha256"))
            if isinstance(told.get("save"), int):
                self._answered.add((told["save"], str(told.get("path"))))
        self._maker = Maker(folder, log, known=media, made=self._keep_made, lost=self.outbox.lose)
        self._packer = Packer(folder, log, packed=self.outbox.put_parcel, failed=self.outbox.lose_parcel)
        main.noticed = self._wake.set

    def start(self) -> None:
        """Begin. RuntimeError if no thread can be had."""
        threading.Thread(target=self._collect, name="playhead-collect", daemon=True).start()
        self.outbox.start()

    def acknowledged(self, offset: int) -> None:
        """The server has the sidecar's own journal up to there."""
        self._answers.acknowledged(offset)

    def finish(self) -> None:
        """The training has ended; `outbox.done` follows."""
        if not self._finishing:
            self._finishing = True
            self._wake.set()

    def stop(self, *, dropped: bool = False) -> None:
        """No more: what is not on the server waits for `playhead sync`."""
        self.outbox.ended.set()
        self._wake.set()
        self._maker.stop()
        self._packer.stop()
        self.outbox.stop(dropped=dropped)

    def keep(self, name: str, step: int) -> None:
        """Save the file of that name in `files/` at once, and at the end if it is another one then."""
        with self._lock:
            source = self._sources.setdefault(name, Source(str(self._files / name), "now"))
            if not self._is_ignored(name):
                self._take(name, source, step, None)

    def _collect(self) -> None:
        due = 0.0
        while not self.outbox.ended.is_set():
            self._wake.clear()
            last = self._finishing
            if last:
                self.before_final()
                self._main.scan_all()
            if self._main.saves or self._sources:
                step_back()
            with self._lock:
                self._begin_all()
            begun = time.monotonic()
            if begun >= due or last:
                self._look(final=last)
                due = time.monotonic() + max(LOOK, 20 * (time.monotonic() - begun))
            if last:
                self._maker.finish()
                self._packer.finish()
                break
            self._wake.wait(max(0.0, due - time.monotonic()))
        self.outbox.complete()

    def collect_now(self) -> None:
        """All in one go, in this thread, and to be sent later."""
        self.outbox.offline = self._here = True
        self._main.scan_all()
        self._begin_all()
        self._maker.finish()
        self._look(final=True)
        self.outbox.keep_all()

    def _begin_all(self) -> None:
        while self._main.saves:
            save = self._main.saves.popleft()
            try:
                self._begin(save)
            except (KeyError, TypeError, ValueError) as error:
                self._log.note(f"what is to be saved cannot be read: {error!r}")

    def _begin(self, save: Save) -> None:
        if "media" in save.data:
            self._maker.take(save.step, save.data, now=self._here)
            return
        number = int(save.data["id"])
        if "artifact" in save.data:
            if self._answers.open(number, 1):
                self._answers.count(number)
                self._begin_artifact(save, number)
            return
        policy = str(save.data["policy"])
        files = [(str(name), str(path)) for name, path in save.data.get("files") or ()]
        if not self._answers.open(number, len(files)):
            return
        self._ignore |= {str(each) for each in save.data.get("ignore") or ()}
        self._globs += [(str(base), str(pattern), policy) for base, pattern in save.data.get("watch") or ()]
        pins = dict(save.data.get("pins") or {})
        for name, path in files:
            known = self._sources.get(name)
            if known is None or known.path != path:
                known = self._sources[name] = Source(path, policy)
            known.policy = policy if known.policy != "live" or policy == "live" else known.policy
            if policy == "end" or (number, name) in self._answered:
                snapshot.unpin(pins.get(name), self._blobs)
                self._answers.count(number)
            else:
                self._take(name, known, save.step, number, pin=pins.get(name))
        self._answers.count(number)

    def _begin_artifact(self, save: Save, number: int) -> None:
        if number in self._packed:
            self._answers.count(number)
        else:
            self._packer.take(save.step, number, str(save.data["artifact"]), now=self._here)

    def _look(self, *, final: bool) -> None:
        with self._lock:
            again, self._again = self._again, []
        for name, step, save in again:
            self._take(name, self._sources[name], step, save, last=final)
        for base, pattern, policy in self._globs:
            for name in glob.iglob(pattern, root_dir=base, recursive=True):  # noqa: PTH207 names are relative
                if name not in self._sources and self._may_be(name) and snapshot.mark_of(os.path.join(base, name)):  # noqa: PTH118 as above
                    self._sources[name] = Source(os.path.join(base, name), "once" if policy == "now" else policy)  # noqa: PTH118 as above
        for name, source in list(self._sources.items()):
            if source.policy in {"live", "once"} or (final and source.policy == "end"):
                self._see(name, source, final=final)
        if final:
            self._sweep()

    def _see(self, name: str, source: Source, *, final: bool) -> None:
        """Take a version if there is a new one that is at rest."""
        mark = snapshot.mark_of(source.path)
        again = final and source.failed
        if mark is None or (mark == source.mark and not again) or self.outbox.ended.is_set():
            if final and mark is None and source.mark is None:
                self._answers.note(name, "it is not there")
            return
        if mark != source.seen and source.looks < SETTLED and not final:
            source.seen, source.looks = mark, source.looks + 1
            return
        source.looks = 0
        if source.policy == "once":
            source.policy = "now"
        self._take(name, source, self._main.step, None, last=final)

    def _sweep(self) -> None:
        """Whatever lies in the run's folder for files at the end."""
        for path in _walk(self._files):
            name = path.relative_to(self._files).as_posix()
            if name in self._sources or _MEDIA.fullmatch(name) or path.name.startswith(".playhead-"):
                continue
            if path.is_symlink() and path.is_dir():
                self._answers.note(name, "it is a link to a folder")
                continue
            if self._may_be(name, tell=True):
                source = self._sources[name] = Source(str(path), "end")
                self._take(name, source, self._main.step, None, last=True)

    def _may_be(self, name: str, *, tell: bool = False) -> bool:
        wrong = wrong_with(name)
        if wrong is not None and tell:
            self._answers.note(name, wrong)
        return wrong is None and not self._is_ignored(name)

    def _is_ignored(self, name: str) -> bool:
        return matches(name, self._ignore)

    def _take(
        self, name: str, source: Source, step: int, save: int | None, *, last: bool = False, pin: Any = None
    ) -> None:
        """Keep a version, and have it sent if it is another one than before, or was asked for."""
        try:
            shot = self._redeemed(pin)
            if shot is None:
                self._check_time(source.path)
                shot = snapshot.take(source.path, self._blobs, own=self.outbox.offline, room=self.outbox.room)
        except ChangingError as error:
            if last:
                self._answers.failed(name, error, save)
            else:
                self._again.append((name, step, save))
            return
        except (OSError, ValueError) as error:
            source.mark, source.failed = snapshot.mark_of(source.path), True
            self._answers.failed(name, error, save)
            return
        source.mark, source.seen, source.failed = shot.mark, shot.mark, False
        if save is None and self.outbox.latest.get(name) == shot.sha256:
            self.outbox.drop(shot)
        else:
            self.outbox.put(Item(name, source.path, shot, step, save))

    def _redeemed(self, pin: Any) -> Shot | None:
        """The version that the training held on to, if it did."""
        if not pin:
            return None
        try:
            return snapshot.redeem(pin, self._blobs, own=self.outbox.offline)
        except OSError:
            return None

    def _check_time(self, path: str) -> None:
        if self._until is not None and os.stat(path).st_mtime > self._until:  # noqa: PTH116 as above
            raise OSError("it was changed since, and is not what was to be saved")

    def _keep_made(self, made: Made) -> None:
        """An image or the like is there: it has to go."""
        path = self._files / made.path
        shot = Shot(made.sha256, made.size, path, own=False, mark=Mark(0, 0, 0))
        self.outbox.put(Item(made.path, str(path), shot, made.step, media=True))


def _walk(folder: Path) -> Iterator[Path]:
    """All that is no folder, below `folder`; links to folders too."""
    for parent, folders, files in os.walk(folder):
        for name in sorted([*files, *(each for each in folders if Path(parent, each).is_symlink())]):
            yield Path(parent, name)
