"""Sees to the files of a run that are to be saved: finds them, keeps a version of each, and lets the server have it before it is told of it."""

from __future__ import annotations

import contextlib
import glob
import os
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from playhead.client.files import Outcome, Outgoing, Tries, upload, upload_all
from playhead.client.ingest import Ingest
from playhead.domain.errors import CommError, ConflictError, PlayheadError
from playhead.domain.file import matches, wrong_with
from playhead.domain.ids import RunPath
from playhead.journal import format as f
from playhead.sidecar import snapshot
from playhead.sidecar.backoff import Backoff
from playhead.sidecar.log import Log
from playhead.sidecar.media import Made, Maker
from playhead.sidecar.own_journal import told_files
from playhead.sidecar.priority import step_back
from playhead.sidecar.ship import BLOBS
from playhead.sidecar.snapshot import ChangingError, Mark, Shot
from playhead.sidecar.tail import Save, Tail

LOOK = 1.0
"""Seconds between two looks at what may have changed; more if a look takes long."""
SETTLED = 10
"""Looks after which a file that never rests is taken all the same."""
MOST_AT_ONCE = 1_000
"""Files that are on their way before there is another look at what else is to be sent."""
_PATIENCE = 5.0
_SPOILED = 5
"""Times that a file is taken anew because it changed before it was sent."""
_MEDIA = re.compile(r"media/.+_\d+_[0-9a-f]{20}\.[\w.]+", re.DOTALL)

Way = tuple[Ingest, RunPath]


class Told(Protocol):
    """The journal that says which files there are."""

    path: Path

    def record(self, kind: int, step: int, data: dict[str, Any]) -> None:
        """Append a frame."""
        ...

    def size(self) -> int:
        """Bytes that were written."""
        ...


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


@dataclass(slots=True, eq=False)
class Item:
    """A version of a file on its way."""

    name: str
    source: str
    shot: Shot
    step: int
    save: int | None
    media: bool = False
    done: int = 0
    over: bool = False
    spoiled: int = 0


class Keeper:
    """Two threads: one finds and keeps versions, the other sends them and tells of them in the sidecar's own journal.

    Nothing is sent before `goes_to` is called. Files of a run that never got there wait for `playhead sync`.
    """

    def __init__(
        self, folder: Path, main: Tail, own: Told, log: Log, *, ignore: tuple[str, ...] = (),
        say: Callable[..., None] = lambda *_, **__: None, until: float | None = None,
    ) -> None:  # fmt: skip
        """`until`: files that were changed after this time (seconds since 1970) are not what was to be saved."""
        self._folder = folder
        self._files = folder / "files"
        self._main = main
        self._own = own
        self._log = log
        self._ignore = set(ignore)
        self._say = say
        self._until = until
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._pending: deque[Item] = deque()
        self._moving: list[Item] = []
        self._arrived = threading.Event()
        self._way: Callable[[], Way] | None = None
        self._offline = self._here = False
        self._finishing = self._collected = False
        self._end = threading.Event()
        self.done = threading.Event()
        """Set when the training has ended and all its files are where they belong."""
        self.before_final: Callable[[], None] = lambda: None
        """Called when the training has ended, before the last look."""
        self.troubled = False
        """Whether the last try to send failed because of the server."""
        self.total = 0
        """Bytes that were to be sent,"""
        self._sent = 0
        self._sources: dict[str, Source] = {}
        self._globs: list[tuple[str, str, str]] = []
        self._again: list[tuple[str, int, int | None]] = []
        self._seen: set[int] = set()
        self._open: dict[int, int] = {}
        """Asking -> files of it that are not yet there."""
        self._upto = 0
        self._told: deque[tuple[int, int | None]] = deque()
        """Where the journal says of a file that it is there, and for which asking: it has an answer when the server knows that."""
        self._last: dict[str, str] = {}
        """Name -> SHA-256 of its last version."""
        self._answered: set[tuple[int, str]] = set()
        media: list[str] = []
        for told in told_files(folder, besides=own.path):
            if told.get("media"):
                media.append(str(told.get("path")))
                continue
            self._last[str(told.get("path"))] = str(told.get("sha256"))
            if isinstance(told.get("save"), int):
                self._answered.add((told["save"], str(told.get("path"))))
        self._maker = Maker(folder, log, known=media, made=self._keep_made, lost=self._lose)
        main.noticed = self._wake.set

    def start(self) -> None:
        """Begin. RuntimeError if no thread can be had."""
        for work in (self._collect, self._send):
            threading.Thread(target=work, name=f"playhead{work.__name__}", daemon=True).start()

    def goes_to(self, way: Callable[[], Way]) -> None:
        """The server knows the run: its files may be sent."""
        self._way = way
        self._arrived.set()

    def stays_here(self) -> None:
        """There is no server: what is kept waits for `playhead sync`."""
        self._offline = True
        self._arrived.set()

    def acknowledged(self, offset: int) -> None:
        """The server has the sidecar's own journal up to there: what was told before is the run's."""
        while self._told and self._told[0][0] <= offset:
            self._answer(self._told.popleft()[1])

    def finish(self) -> None:
        """The training has ended; `done` follows."""
        if not self._finishing:
            self._finishing = True
            self._wake.set()

    def stop(self, *, dropped: bool = False) -> None:
        """No more: what is not on the server waits for `playhead sync`."""
        self._end.set()
        self._wake.set()
        self._arrived.set()
        self._maker.stop()
        with self._lock:
            for item in () if dropped else (*self._moving, *self._pending):
                self._tell(item, kept=True)
            self._pending.clear()

    @property
    def sent(self) -> int:
        """How many of them were."""
        with self._lock:
            return self._sent + sum(item.done for item in self._moving if not item.over)

    def keep(self, name: str, step: int) -> None:
        """Save the file of that name in `files/` at once, and at the end if it is another one then."""
        with self._lock:
            source = self._sources.setdefault(name, Source(str(self._files / name), "now"))
            if not self._is_ignored(name):
                self._take(name, source, step, None)

    # Finding

    def _collect(self) -> None:
        due = 0.0
        while not self._end.is_set():
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
                break
            self._wake.wait(max(0.0, due - time.monotonic()))
        self._collected = True
        self._arrived.set()

    def collect_now(self) -> None:
        """All in one go, in this thread, and to be sent later."""
        self._offline = self._here = True
        self._main.scan_all()
        self._begin_all()
        self._maker.finish()
        self._look(final=True)
        while self._pending:
            self._tell(self._pending.popleft(), kept=True)

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
        number, policy = int(save.data["id"]), str(save.data["policy"])
        if number in self._seen:
            return
        self._seen.add(number)
        self._ignore |= {str(each) for each in save.data.get("ignore") or ()}
        files = [(str(name), str(path)) for name, path in save.data.get("files") or ()]
        self._globs += [(str(base), str(pattern), policy) for base, pattern in save.data.get("watch") or ()]
        pins = dict(save.data.get("pins") or {})
        self._open[number] = len(files) + 1
        for name, path in files:
            known = self._sources.get(name)
            if known is None or known.path != path:
                known = self._sources[name] = Source(path, policy)
            known.policy = policy if known.policy != "live" or policy == "live" else known.policy
            if policy == "end" or (number, name) in self._answered:
                snapshot.unpin(pins.get(name), self._folder / BLOBS)
                self._answer(number)
            else:
                self._take(name, known, save.step, number, pin=pins.get(name))
        self._answer(number)

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
        if mark is None or (mark == source.mark and not again) or self._end.is_set():
            if final and mark is None and source.mark is None:
                self._note(name, "it is not there")
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
                self._note(name, "it is a link to a folder")
                continue
            if self._may_be(name, tell=True):
                source = self._sources[name] = Source(str(path), "end")
                self._take(name, source, self._main.step, None, last=True)

    def _may_be(self, name: str, *, tell: bool = False) -> bool:
        wrong = wrong_with(name)
        if wrong is not None and tell:
            self._note(name, wrong)
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
                shot = snapshot.take(source.path, self._folder / BLOBS, own=self._offline)
        except ChangingError as error:
            if last:
                self._failed(name, error, save)
            else:
                self._again.append((name, step, save))
            return
        except (OSError, ValueError) as error:
            source.mark, source.failed = snapshot.mark_of(source.path), True
            self._failed(name, error, save)
            return
        source.mark, source.seen, source.failed = shot.mark, shot.mark, False
        if save is None and self._last.get(name) == shot.sha256:
            self._drop(shot)
            return
        self._last[name] = shot.sha256
        with self._lock:
            self._pending.append(Item(name, source.path, shot, step, save))
            self.total += shot.size
        self._arrived.set()

    def _redeemed(self, pin: Any) -> Shot | None:
        """The version that the training held on to, if it did."""
        if not pin:
            return None
        try:
            return snapshot.redeem(pin, self._folder / BLOBS, own=self._offline)
        except OSError:
            return None

    def _check_time(self, path: str) -> None:
        if self._until is not None and os.stat(path).st_mtime > self._until:  # noqa: PTH116 as above
            raise OSError("it was changed since, and is not what was to be saved")

    def _keep_made(self, made: Made) -> None:
        """An image or the like is there: it has to go."""
        path = self._files / made.path
        shot = Shot(made.sha256, made.size, path, own=False, mark=Mark(0, 0, 0))
        with self._lock:
            self._pending.append(Item(made.path, str(path), shot, made.step, None, media=True))
            self.total += made.size
        self._arrived.set()

    def _lose(self, path: str, step: int, why: str) -> None:
        """An image or the like cannot be made: whoever looks for it is told."""
        with self._lock:
            self._own.record(f.MEDIA, step, {"path": path, "media": True, "lost": why})
        self._note(path, why)

    def _failed(self, name: str, error: Exception, save: int | None) -> None:
        told = getattr(error, "strerror", None) or getattr(error, "message", None) or str(error)
        self._note(name, str(told))
        self._answer(save)

    def _note(self, name: str, reason: str) -> None:
        self._log.note(f"{name!r} is not saved: {reason}")
        self._say("unsaved", name=name, reason=reason, message=f"{name!r} is not saved: {reason}.")

    # Sending

    def _send(self) -> None:
        backoff = Backoff()
        while not self._end.is_set():
            self._arrived.wait(LOOK)
            self._arrived.clear()
            if self._offline or self._way is not None:
                self._send_all(backoff)
            if (
                self._collected
                and not self._pending
                and not self._end.is_set()
                and (self._offline or self._way is not None)
            ):
                self.done.set()
                return

    def _send_all(self, backoff: Backoff) -> None:
        while self._pending and not self._end.is_set():
            step_back()
            with self._lock:
                batch = self._moving = self._next()
            if self._offline:
                for item in batch:
                    self._tell(item, kept=True)
                continue
            try:
                left = self._try(batch)
            except PlayheadError as error:
                self._log.note(f"{type(error).__name__}: {error.message}")
                left = [item for item in batch if not item.over]
            with self._lock:
                self._moving = []
                if self._end.is_set():
                    for item in left:
                        self._tell(item, kept=True)
                    return
                self._pending.extendleft(reversed(left))
            self.troubled = bool(left)
            if left:
                self._rest(backoff.failed())
            else:
                backoff.worked()

    def _rest(self, seconds: float) -> None:
        with contextlib.suppress(CommError):
            self._pause(seconds)

    def _next(self) -> list[Item]:
        """The next items, of each name one: its versions are told of in their order."""
        names: set[str] = set()
        batch: list[Item] = []
        while self._pending and len(batch) < MOST_AT_ONCE and self._pending[0].name not in names:
            batch.append(self._pending.popleft())
            names.add(batch[-1].name)
        return batch

    def _try(self, batch: list[Item]) -> list[Item]:
        """Send them; answers those for which the server was not to be had."""
        assert self._way is not None
        server, run = self._way()
        items: dict[str, list[Item]] = {}
        for item in batch:
            items.setdefault(item.shot.sha256, []).append(item)
        left: list[Item] = []

        def told(outcome: Outcome) -> None:
            left.extend(item for item in items.pop(outcome.file.sha256, []) if not self._settle(item, outcome.error))

        def progress(file: Outgoing, done: int) -> None:
            self._check()
            for item in items.get(file.sha256, ())[:1]:
                item.done = done

        outgoing = [Outgoing(some[0].shot.sha256, some[0].shot.path, some[0].shot.size) for some in items.values()]
        try:
            upload_all(server, run, outgoing, told, progress=progress, tries=self._tries)
        except RuntimeError:  # the interpreter ends, and starts no threads any more
            for one in [one for one in outgoing if one.sha256 in items]:
                told(self._send_one(one, server, run))
        return left

    def _send_one(self, one: Outgoing, server: Ingest, run: RunPath) -> Outcome:
        try:
            return Outcome(one, upload(server, run, one.sha256, one.path, tries=self._tries()), None)
        except (PlayheadError, OSError) as error:
            return Outcome(one, 0, error)

    def _tries(self) -> Tries:
        return Tries(_PATIENCE, self._pause)

    def _pause(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._check()
            time.sleep(min(left, 0.1))

    def _check(self) -> None:
        """CommError if nothing more is to be sent."""
        if self._end.is_set():
            raise CommError("This ends here; it goes on later.")

    def _settle(self, item: Item, error: PlayheadError | OSError | None) -> bool:
        """Whether this item is settled."""
        if error is None:
            self._tell(item)
            return True
        if isinstance(error, CommError):
            return False
        if isinstance(error, ConflictError | OSError) and not (item.shot.own or item.media) and item.spoiled < _SPOILED:
            # It was changed while it was sent from where it lies: what it is now is kept first.
            with contextlib.suppress(OSError):
                spoiled, item.shot = item.shot, snapshot.take(item.source, self._folder / BLOBS, own=True)
                self._drop(spoiled)
                item.spoiled, item.done = item.spoiled + 1, 0
                self._last[item.name] = item.shot.sha256
                return False
        item.over = True
        if item.media:
            self._lose(item.name, item.step, str(getattr(error, "message", None) or error))
        else:
            self._failed(item.name, error, item.save)
        return True

    def _tell(self, item: Item, *, kept: bool = False) -> None:
        """The content is there (or waits here): now the run has the file."""
        with self._lock:
            if item.over:
                return
            item.over = True
            self._sent += item.shot.size
            data: dict[str, Any] = {"path": item.name, "sha256": item.shot.sha256, "size": item.shot.size}
            if item.save is not None:
                data["save"] = item.save
            if item.media:
                data |= {"media": True} if kept else {"media": True, "sent": True}
            elif kept:
                data["kept"] = True
                if not item.shot.own:
                    data["source"] = str(item.shot.path)
            try:
                self._own.record(f.MEDIA if item.media else f.FILE, item.step, data)
                self._told.append((self._own.size(), item.save))
            except OSError as error:  # a full disk: its content may be there, but the run cannot have it
                self._failed(item.name, error, item.save)
                return
            if not kept:
                self._drop(item.shot)

    def _drop(self, shot: Shot) -> None:
        """Its content is not needed here any more, unless another item is of the same."""
        with self._lock:
            others = (item for item in (*self._pending, *self._moving) if not item.over)
            if (
                (shot.own or snapshot.is_pin(shot.path))
                and not self._offline
                and not any(item.shot.path == shot.path for item in others)
            ):
                with contextlib.suppress(OSError):
                    shot.path.unlink()

    def _answer(self, save: int | None) -> None:
        """One file less to wait for."""
        with self._lock:
            if save is None or save not in self._open:
                return
            self._open[save] -= 1
            if not self._open[save]:
                del self._open[save]
                self._upto = min(self._open, default=max(self._seen) + 1) - 1
                self._say("saved", id=save, upto=self._upto)


def _walk(folder: Path) -> Iterator[Path]:
    """All that is no folder, below `folder`; links to folders too."""
    for parent, folders, files in os.walk(folder):
        for name in sorted([*files, *(each for each in folders if Path(parent, each).is_symlink())]):
            yield Path(parent, name)
