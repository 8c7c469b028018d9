"""Sends a run's directory that nobody ships: recorded offline, or left over from a crash. What `playhead sync` does for each run."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from playhead.client.ingest import Ingest
from playhead.domain.errors import BusyError, CommError, JournalError, PlayheadError
from playhead.domain.run import RunState
from playhead.journal import format as f
from playhead.journal import reader
from playhead.sidecar import own_journal, syncfile
from playhead.sidecar.backoff import Backoff
from playhead.sidecar.keeper import Keeper
from playhead.sidecar.log import Log
from playhead.sidecar.readdress import Target, readdress
from playhead.sidecar.ship import Shipment
from playhead.sidecar.tail import Media, Tail

PATIENCE = 20.0
"""Seconds without an answer after which a sync gives up; it goes on from there the next time."""
_LATE = 2.0
"""Seconds behind a run's last word in which its files may have been written."""
_FOREIGN_REST = 600.0
"""Seconds of silence after which a run of another machine counts as over."""


class Moved(NamedTuple):
    """How far a run is: what the server has, and what there is, of journals and of the content of files."""

    bytes: int
    total: int
    files: int = 0
    total_files: int = 0


Progress = Callable[[Moved], None]


@dataclass(frozen=True, slots=True)
class Loss:
    """What could not be read of a file."""

    file: str
    bytes: int
    places: int
    reason: str = ""


@dataclass(slots=True)
class Outcome:
    """What became of one run."""

    folder: Path
    run: str = ""
    url: str = ""
    state: str = "complete"
    """`complete`, `running` (all that is there was sent, more is coming) or `failed`."""
    sent: int = 0
    """Bytes of journals sent this time."""
    total: int = 0
    files: int = 0
    """Files whose content was sent this time,"""
    file_bytes: int = 0
    """and its bytes."""
    crashed: bool = False
    """Whether it was found here that its training crashed."""
    losses: list[Loss] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What was refused, or could not be sent."""
    error: str | None = None


def sync_run(
    folder: Path, server: Ingest, *, target: Target | None = None, progress: Progress = lambda *_: None
) -> Outcome:
    """Send what `server` does not have of the run in `folder`. What fails ends up in the outcome.

    AuthenticationError and the like, which will meet the next run too, are raised.
    """
    outcome = Outcome(folder)
    live = is_live(folder)
    with ExitStack() as stack:
        try:
            stack.enter_context(own_journal.being_read(folder))
            if not live:
                outcome.crashed = _mark_crash(folder)
                find_files(folder)
            if target is not None:
                outcome.losses += losses(folder)
                folder = stack.enter_context(readdress(folder, target))
            _Sync(folder, server, outcome, progress, live=live, frees=target is None).run(stack)
        except (OSError, JournalError, CommError) as error:
            outcome.state = "failed"
            outcome.error = error.message if isinstance(error, PlayheadError) else str(error)
    return outcome


def is_live(folder: Path) -> bool:
    """Whether the training that records into `folder` is at work, or a sidecar still looks after it."""
    return own_journal.in_use(folder) or trains(folder)


def trains(folder: Path) -> bool:
    """Whether the training that records into `folder` is at work, as far as can be told from here."""
    main = folder / own_journal.MAIN
    try:
        with main.open("rb") as file:
            head = file.read(1 << 20)
            silent = time.time() - os.fstat(file.fileno()).st_mtime
        header, at = reader.read_header(head)
    except (OSError, JournalError):
        return False
    start = _first(head[at:], at, header, f.START)
    host = _host(folder)
    if host is not None and host != socket.gethostname():
        return silent < _FOREIGN_REST
    pid = start.get("pid")
    return isinstance(pid, int) and _alive(pid, header.created_at / 1e6) and not _says(main, f.EXIT)


def losses(folder: Path) -> list[Loss]:
    """What cannot be read of the journals in `folder`."""
    found = []
    for path in own_journal.journals(folder):
        try:
            header, start = reader.open_header(path)
        except JournalError as error:
            found.append(Loss(path.name, path.stat().st_size, 1, error.message))
            continue
        lost = places = 0
        for item in own_journal.frames(path, header, start):
            if isinstance(item, reader.Damage):
                lost += item.end - item.offset
                places += 1
        if places:
            found.append(Loss(path.name, lost, places))
    return found


def _first(data: bytes, at: int, header: f.Header, kind: int) -> dict[str, Any]:
    for item in reader.frames(data, at, header.seed):
        if isinstance(item, reader.Frame) and item.kind == kind:
            return reader.record(item.body)[2]
    return {}


def _host(folder: Path) -> str | None:
    """On which machine it was recorded, if a sidecar said so."""
    for path in sorted(folder.glob("system*.journal")):
        try:
            header, start = reader.open_header(path)
            with path.open("rb") as file:
                info = _first(file.read(1 << 20)[start:], start, header, f.META).get("info")
        except (OSError, JournalError):
            continue
        if isinstance(info, dict) and isinstance(info.get("node"), str):
            return str(info["node"])
    return None


def _alive(pid: int, created: float) -> bool:
    """Whether that process lives, and not a later one of the same number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    try:
        return bool(psutil.Process(pid).create_time() <= created + 5.0)
    except psutil.Error:
        return False


def _says(path: Path, kind: int) -> bool:
    """Whether the file's last frame is of that kind; looked for in its last bytes only."""
    tail = Tail(path)
    try:
        tail.scan_all()
        return tail.ended if kind == f.EXIT else tail.crashed
    finally:
        tail.close()


def _mark_crash(folder: Path) -> bool:
    """The training is gone: if it did not say goodbye, and nobody noticed, note that. Whether it was noted now."""
    state = syncfile.read(folder)
    if state.complete:
        return False
    main = Tail(folder / own_journal.MAIN)
    try:
        main.scan_all()
        if main.ended:
            return False
        systems = sorted(folder.glob("system*.journal"))
        if any(_says(path, f.STATE) for path in systems):
            return False
        for path in systems:
            try:
                own_journal.add_crash(path, reader.open_header(path)[0], main.step)
            except JournalError:
                continue
            return True
        own = own_journal.OwnJournal(folder, main.header)
        own.record(f.STATE, main.step, {"state": RunState.CRASHED.value})
        own.close()
        own.release()
    finally:
        main.close()
    return True


class _Later:
    """Takes what is to be told, and tells it if there is anything."""

    def __init__(self, folder: Path) -> None:
        self.path = folder
        self.records: list[tuple[int, int, dict[str, Any]]] = []

    def record(self, kind: int, step: int, data: dict[str, Any]) -> None:
        """Remember it."""
        self.records.append((kind, step, data))

    def size(self) -> int:
        """Records that wait."""
        return len(self.records)


def find_files(folder: Path) -> None:
    """A sidecar that was killed has left files that were to be saved: keep them now, unless they were changed since."""
    if syncfile.read(folder).complete:
        return
    main = Tail(folder / own_journal.MAIN)
    try:
        later, until = _Later(folder), (folder / own_journal.MAIN).stat().st_mtime + _LATE
        Keeper(folder, main, later, Log(folder / "logs" / "sync.log"), until=until).collect_now()
        if later.records:
            own = own_journal.OwnJournal(folder, main.header)
            for kind, step, data in later.records:
                own.record(kind, step, data)
            own.close()
            own.release()
    finally:
        main.close()


def _named(tails: list[Tail], digests: Collection[str]) -> list[Media]:
    """The files with these contents that the journals name in front of what the server wants next."""
    found: list[Media] = []
    for tail in tails if digests else ():
        acked = tail.acked
        tail.restart(0)
        tail.scan_all()
        found += [media for media in tail.media if media.sha256 in digests and media.offset < acked]
        tail.restart(acked)
    return found


class _Sync:
    """One run on its way."""

    def __init__(
        self, folder: Path, server: Ingest, outcome: Outcome, progress: Progress, *, live: bool, frees: bool
    ) -> None:
        self._folder = folder
        self._server = server
        self._outcome = outcome
        self._progress = progress
        self._live = live
        self._frees = frees
        self._files = self._file_bytes = 0

    def run(self, stack: ExitStack) -> None:
        """Send all that is there."""
        tails = self._open(stack)
        outcome = self._outcome
        main = tails[0]
        outcome.run = f"{main.header.project}/{main.header.run_id}"
        outcome.total = sum(tail.size() for tail in tails)
        if self._is_there(tails):
            return
        if not self._live:
            for tail in tails:
                tail.finish()
        shipment = Shipment(
            self._folder, main, tails[1:], self._server, outcome.notes.append, frees=self._frees,
            moved=lambda: self._tell(shipment),
        )  # fmt: skip
        for tail in tails:
            offset = self._server.stream_offset(tail.header.stream)
            if offset != tail.acked:
                tail.restart(offset)
        again = _named(tails, shipment.state.unsent)
        before = shipment.sent
        self._begin(shipment, again)
        try:
            self._send(shipment, {tail: tail.size() for tail in tails})
            shipment.put(again)
        finally:
            outcome.sent = max(0, shipment.sent - before)
            outcome.files, outcome.file_bytes = shipment.files_sent, shipment.file_bytes_sent
        outcome.url = shipment.state.run_url
        if self._live:
            outcome.state = "running"
        if shipment.answer is not None:
            outcome.run = f"{shipment.answer.entity}/{shipment.answer.project}/{shipment.answer.run_id}"
        if shipment.damaged or any(tail.lost for tail in tails):
            outcome.losses += losses(self._folder)
        shipment.save(error=None)

    def _open(self, stack: ExitStack) -> list[Tail]:
        tails = []
        for path in own_journal.journals(self._folder):
            try:
                tail = Tail(path)
            except JournalError as error:
                if path.name == own_journal.MAIN:
                    raise
                self._outcome.losses.append(Loss(path.name, path.stat().st_size, 1, error.message))
                continue
            stack.callback(tail.close)
            tail.sent_elsewhere = True
            tails.append(tail)
        if not tails or tails[0].path.name != own_journal.MAIN:
            raise JournalError(f"There is no {own_journal.MAIN} in {self._folder}.")
        return tails

    def _is_there(self, tails: list[Tail]) -> bool:
        """Whether the server has all of it already; asks for each stream's offset, if there is reason to believe so."""
        state = syncfile.read(self._folder)
        if not state.complete or state.unsent or state.server != self._server.url:
            return False
        self._outcome.url = state.run_url
        return all(
            state.streams.get(tail.header.stream) == tail.size() == self._server.stream_offset(tail.header.stream)
            for tail in tails
        )

    def _begin(self, shipment: Shipment, again: list[Media]) -> None:
        """Know how much there is."""
        for tail in shipment.tails:
            tail.scan_all()
        contents = {media.sha256: media.size for media in (*shipment.left, *again)}
        self._files, self._file_bytes = len(contents), sum(contents.values())
        self._tell(shipment)

    def _tell(self, shipment: Shipment) -> None:
        done, total = shipment.sent + shipment.file_bytes_done, shipment.total + self._file_bytes
        self._progress(Moved(done, max(done, total), shipment.files, max(shipment.files, self._files)))

    def _send(self, shipment: Shipment, ends: dict[Tail, int]) -> None:
        backoff, last_answer = Backoff(), time.monotonic()
        while True:
            try:
                moved = shipment.step()
            except CommError as error:
                shipment.save(error=error.message)
                asked = error.retry_after if isinstance(error, BusyError) else None
                if time.monotonic() - last_answer > PATIENCE:
                    raise
                time.sleep(min(backoff.failed(asked), PATIENCE))
                continue
            backoff.worked()
            last_answer = time.monotonic()
            self._tell(shipment)
            if not moved or (self._live and all(tail.acked >= end for tail, end in ends.items())):
                return
