"""Versions of files on their way: the server has the content before the sidecar's own journal says that the run has the file."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from playhead.client.disk import is_full
from playhead.client.ingest import Ingest
from playhead.client.transfer import Tries
from playhead.client.uploads import Outcome, Outgoing, upload, upload_all
from playhead.domain.errors import CommError, ConflictError, PlayheadError
from playhead.domain.ids import RunPath
from playhead.domain.limits import SMALL_FILE
from playhead.journal import format as f
from playhead.sidecar import snapshot
from playhead.sidecar.answers import Answers
from playhead.sidecar.backoff import Backoff
from playhead.sidecar.log import Log, why
from playhead.sidecar.parcels import Parcel
from playhead.sidecar.priority import step_back
from playhead.sidecar.snapshot import Shot

MOST_AT_ONCE = 1_000
"""Versions in one call of the uploader."""
HELD = 16 << 20
"""Bytes of small files that are held in memory instead of being copied."""
_LOOK = 1.0
_PATIENCE = 5.0
_SPOILED = 5
"""Times that a file is taken anew because it changed before it was sent."""

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


@dataclass(slots=True, eq=False)
class Item:
    """A version of a file on its way."""

    name: str
    source: str
    shot: Shot
    step: int
    asking: int | None = None
    media: bool = False
    done: int = 0
    over: bool = False
    spoiled: int = 0
    parcel: Parcel | None = None
    """The artifact that it is a content of."""


class Outbox:
    """One thread, which sends what is put here, in turn. Nothing goes before `goes_to` is called; what never gets there waits for `playhead sync`."""

    def __init__(self, blobs: Path, own: Told, log: Log, answers: Answers) -> None:
        self._blobs = blobs
        self._own = own
        self._log = log
        self._answers = answers
        self._lock = threading.RLock()
        self._pending: deque[Item] = deque()
        self._moving: list[Item] = []
        self._parcels: deque[Parcel] = deque()
        """Artifacts whose contents are on their way: each is told of after those before it, so that versions count as they were logged."""
        self._arrived = threading.Event()
        self._way: Callable[[], Way] | None = None
        self._complete = False
        self._sent = 0
        self._held = 0
        """Bytes in memory."""
        self._uses: Counter[Path] = Counter()
        """Copy -> items that are not over and need it."""
        self.latest: dict[str, str] = {}
        """Name -> SHA-256 of its last version."""
        self.offline = False
        """Whether there is no server to send to."""
        self.ended = threading.Event()
        """Set when nothing more is to be done."""
        self.done = threading.Event()
        """Set when all is where it belongs, and nothing more comes."""
        self.troubled = False
        """Whether the last try failed because of the server."""
        self.total = 0
        """Bytes that were to be sent."""

    @property
    def sent(self) -> int:
        """How many of them were."""
        with self._lock:
            return self._sent + sum(item.done for item in self._moving if not item.over)

    @property
    def room(self) -> int:
        """Bytes that a file may have to be held in memory."""
        return 0 if self.offline else min(SMALL_FILE, HELD - self._held)

    def start(self) -> None:
        """Begin. RuntimeError if no thread can be had."""
        threading.Thread(target=self._run, name="playhead-send", daemon=True).start()

    def goes_to(self, way: Callable[[], Way]) -> None:
        """The server knows the run: its files may be sent."""
        self._way = way
        self._arrived.set()

    def stays_here(self) -> None:
        """There is no server: what is kept waits for `playhead sync`."""
        self.offline = True
        self._arrived.set()

    def put(self, item: Item) -> None:
        """Have this sent."""
        with self._lock:
            self._pending.append(item)
            self.total += item.shot.size
            self._count(item.shot, 1)
            if not item.media:
                self.latest[item.name] = item.shot.sha256
        self._arrived.set()

    def put_parcel(self, parcel: Parcel) -> None:
        """Have an artifact sent: its contents, then it is told of."""
        with self._lock:
            parcel.left = len(parcel.shots)
            self._parcels.append(parcel)
            for number, shot in enumerate(parcel.shots):
                name = f"{parcel.record['id']}/{number}"
                self._pending.append(Item(name, str(shot.path), shot, parcel.step, parcel=parcel))
                self.total += shot.size
                self._count(shot, 1)
        self._arrived.set()

    def lose_parcel(self, step: int, name: str, asking: int, artifact_id: str, error: Exception) -> None:
        """An artifact cannot be had: whoever waits for it is told. A full disk may have room when `playhead sync` tries again."""
        if not is_full(error):
            with self._lock, contextlib.suppress(OSError):
                self._own.record(f.ARTIFACT, step, {"id": artifact_id, "lost": why(error), "save": asking})
        self._answers.failed(name, error, asking)

    def complete(self) -> None:
        """Nothing more is put here."""
        self._complete = True
        self._arrived.set()

    def stop(self, *, dropped: bool = False) -> None:
        """No more: what is not on the server waits for `playhead sync`."""
        self.ended.set()
        self._arrived.set()
        with self._lock:
            for item in () if dropped else (*self._moving, *self._pending):
                self._tell(item, kept=True)
            self._pending.clear()

    def keep_all(self) -> None:
        """Tell of what is put here without sending it."""
        while self._pending:
            self._tell(self._pending.popleft(), kept=True)

    def drop(self, shot: Shot) -> None:
        """Its content is not needed here any more, unless another item is of the same."""
        with self._lock:
            if not self.offline and _is_copy(shot) and not self._uses[shot.path]:
                with contextlib.suppress(OSError):
                    shot.path.unlink()

    def _count(self, shot: Shot, number: int) -> None:
        """An item with this content is there, or over."""
        self._held += number * len(shot.data or b"")
        if _is_copy(shot):
            self._uses[shot.path] += number
            if not self._uses[shot.path]:
                del self._uses[shot.path]

    def lose(self, path: str, step: int, why: str) -> None:
        """An image or the like cannot be had: whoever looks for it is told."""
        with self._lock:
            self._own.record(f.MEDIA, step, {"path": path, "media": True, "lost": why})
        self._answers.note(path, why)

    @property
    def _may_go(self) -> bool:
        return (self.offline or self._way is not None) and not self.ended.is_set()

    def _run(self) -> None:
        backoff = Backoff()
        while not self.ended.is_set():
            self._arrived.wait(_LOOK)
            self._arrived.clear()
            if self._may_go:
                self._send_all(backoff)
            if self._complete and not self._pending and self._may_go:
                self.done.set()
                return

    def _send_all(self, backoff: Backoff) -> None:
        while self._pending and not self.ended.is_set():
            step_back()
            with self._lock:
                batch = self._moving = self._next()
            if self.offline:
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
                if self.ended.is_set():
                    for item in left:
                        self._tell(item, kept=True)
                    return
                self._pending.extendleft(reversed(left))
            self.troubled = bool(left)
            if left:
                self._rest(backoff.failed())
            else:
                backoff.worked()

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

        outgoing = [_outgoing(some[0].shot) for some in items.values()]
        try:
            upload_all(server, run, outgoing, told, progress=progress, tries=self._tries)
        except RuntimeError:  # the interpreter ends, and starts no threads any more
            for one in [one for one in outgoing if one.sha256 in items]:
                told(self._send_one(one, server, run))
        return left

    def _send_one(self, one: Outgoing, server: Ingest, run: RunPath) -> Outcome:
        try:
            if one.data is not None:
                self._tries().ask(partial(server.put_blobs, run, {one.sha256: one.data}))
                return Outcome(one, one.size, None)
            return Outcome(one, upload(server, run, one.sha256, one.path, tries=self._tries()), None)
        except (PlayheadError, OSError) as error:
            return Outcome(one, 0, error)

    def _tries(self) -> Tries:
        return Tries(_PATIENCE, self._pause)

    def _rest(self, seconds: float) -> None:
        with contextlib.suppress(CommError):
            self._pause(seconds)

    def _pause(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._check()
            time.sleep(min(left, 0.1))

    def _check(self) -> None:
        """CommError if nothing more is to be sent."""
        if self.ended.is_set():
            raise CommError("This ends here; it goes on later.")

    def _settle(self, item: Item, error: PlayheadError | OSError | None) -> bool:
        """Whether this item is settled."""
        if error is None:
            self._tell(item)
            return True
        if isinstance(error, CommError):
            return False
        if isinstance(error, ConflictError | OSError) and self._take_anew(item):
            return False
        with self._lock:
            if item.over:  # it was told of as waiting here meanwhile
                return True
            self._end(item)
        if item.parcel is not None:
            item.parcel.problem = error
            self._settled(item.parcel, kept=False)
        elif item.media:
            self.lose(item.name, item.step, why(error))
        else:
            self._answers.failed(item.name, error, item.asking)
        return True

    def _take_anew(self, item: Item) -> bool:
        """It was changed while it was sent from where it lies: what it is now is kept first. False if it cannot be."""
        if item.shot.own or item.media or item.parcel is not None or item.spoiled == _SPOILED:
            return False
        try:
            shot = snapshot.take(item.source, self._blobs, own=True)
        except OSError:
            return False
        with self._lock:
            spoiled, item.shot = item.shot, shot
            self._count(spoiled, -1)
            self._count(shot, 1)
        self.drop(spoiled)
        item.spoiled, item.done = item.spoiled + 1, 0
        self.latest[item.name] = item.shot.sha256
        return True

    def _tell(self, item: Item, *, kept: bool = False) -> None:
        """The content is there (or waits here): now the run has the file."""
        with self._lock:
            if item.over:
                return
            self._end(item)
            self._sent += item.shot.size
            if item.parcel is not None:
                self._settled(item.parcel, kept=kept)
                return
            try:
                if kept:
                    item.shot = snapshot.settle(item.shot, self._blobs)
                self._own.record(f.MEDIA if item.media else f.FILE, item.step, _record(item, kept=kept))
                self._answers.told(self._own.size(), item.asking)
            except OSError as error:  # a full disk: its content may be there, but the run cannot have it
                self._answers.failed(item.name, error, item.asking)
                return
            if not kept:
                self.drop(item.shot)

    def _end(self, item: Item) -> None:
        with self._lock:
            if not item.over:
                item.over = True
                self._count(item.shot, -1)

    def _settled(self, parcel: Parcel, *, kept: bool) -> None:
        """One content of an artifact is settled; what is complete is told of, in turn."""
        with self._lock:
            parcel.left -= 1
            parcel.kept |= kept
            while self._parcels and not self._parcels[0].left:
                self._tell_of(self._parcels.popleft())

    def _tell_of(self, parcel: Parcel) -> None:
        try:
            if parcel.problem is not None:
                raise parcel.problem
            if parcel.kept:
                parcel.keep(self._blobs)
            self._own.record(f.ARTIFACT, parcel.step, parcel.record | {"kept" if parcel.kept else "sent": True})
            self._answers.told(self._own.size(), parcel.asking)
        except (PlayheadError, OSError) as error:
            self.lose_parcel(parcel.step, parcel.name, parcel.asking, parcel.record["id"], error)
            if is_full(error):
                return
        parcel.tidy()


def _is_copy(shot: Shot) -> bool:
    return shot.own or snapshot.is_pin(shot.path)


def _outgoing(shot: Shot) -> Outgoing:
    return Outgoing(shot.sha256, shot.path, shot.size, shot.data)


def _record(item: Item, *, kept: bool) -> dict[str, Any]:
    data: dict[str, Any] = {"path": item.name, "sha256": item.shot.sha256, "size": item.shot.size}
    if item.asking is not None:
        data["save"] = item.asking
    if item.media:
        return data | ({"media": True} if kept else {"media": True, "sent": True})
    if kept:
        data["kept"] = True
        if not item.shot.own:
            data["source"] = str(item.shot.path)
    return data
