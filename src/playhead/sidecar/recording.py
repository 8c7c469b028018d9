"""A run that the sidecar looks after: its journals, its way to the server, its thread."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playhead.client.errors import code_of
from playhead.domain.errors import BusyError, CommError, JournalError, PlayheadError
from playhead.domain.ids import RunPath
from playhead.domain.run import RunState
from playhead.journal import format as f
from playhead.sidecar import own_journal
from playhead.sidecar.backoff import Backoff
from playhead.sidecar.keeper import Keeper
from playhead.sidecar.log import Log
from playhead.sidecar.orders import RunOrder, Way
from playhead.sidecar.own_journal import MAIN, OwnJournal
from playhead.sidecar.ship import Shipment
from playhead.sidecar.tail import Tail

POLL = 0.1
"""Seconds between two looks for new bytes."""
SPACING = 0.25
"""Seconds between two batches while rows keep coming: each costs the server and the training's machine something."""
SLOWEST = 0.5
"""Most seconds between two batches: sending takes a twentieth of the time at most, unless that is too slow."""
LONGEST_ASKED = 10.0
"""Most seconds between two batches that a server to which many send may ask for."""
HEARTBEAT = 4.0
"""Seconds of silence after which the server is told that the training lives. Its answer may ask it to stop."""
GRACE = 60.0
"""Seconds without a server after which a sidecar without a training leaves the rest to `playhead sync`."""
LEAVE = 3.0
"""Seconds that a sidecar which is told to end goes on shipping."""
_FAILURES = 3
"""In a row, after which a local server that is there is trouble all the same."""
_PROGRESS = 0.2

Tell = Callable[[dict[str, Any]], None]


class Recording:
    """Follows, ships and ends one run. Its thread is the only one that ships. JournalError, OSError if there is no journal."""

    def __init__(self, order: RunOrder, tell: Tell) -> None:
        self.order = order
        self._tell = tell
        self.folder = order.folder
        self.log = Log(order.folder / "logs" / "sidecar.log")
        self.main = Tail(order.folder / MAIN)
        try:
            self.own = OwnJournal(order.folder, self.main.header)
            self.system = Tail(self.own.path)
        except OSError:
            self.main.close()
            raise
        self._earlier = _left(order.folder, self.own.path)
        """Journals of sidecars that died: what they did not get across is this one's to send."""
        self.keeper = Keeper(order.folder, self.main, self.own, self.log, ignore=order.ignore_globs, say=self._say)
        self.shipped_once = threading.Event()
        """Set when the first batch is out: from then on there is time for other things."""
        self.done = threading.Event()
        self.before_end: Callable[[], None] = lambda: None
        """Called once when the training has ended and before the system journal is closed."""
        self._way = Way(order) if order.url else None
        self._wake = threading.Event()
        self._finishing = False
        self._crashed = self._told_crash = False
        self._give_up: float | None = None
        self._dropped = False
        self._backoff = Backoff()
        self._refused: str | None = None
        self._error: str | None = None
        """Why the last try failed."""
        self._progress_told = 0.0
        self._trouble_told = -1e9
        self._registered = False
        self._fenced = False
        self._thread = threading.Thread(target=self._run, name=f"playhead-ship-{order.folder.name}", daemon=True)

    def start(self) -> None:
        """Begin to ship. RuntimeError if no thread can be had."""
        if self._way is None:
            self.keeper.outbox.stays_here()
        try:
            self.keeper.start()
            self._thread.start()
        except RuntimeError:
            self._close()
            raise

    @property
    def step(self) -> int:
        """Where the training is."""
        return self.main.step

    def look(self) -> None:
        """Have what is new on the disk, and know how far the training is."""
        self.main.scan_all()
        self.main.sync()
        self.system.sync()

    def finish(self) -> None:
        """The training's journal is complete. While it lives there is all the time in the world."""
        self._finishing = True
        self.shipped_once.set()  # what there is to find out about the machine is found out while the rest is sent
        self._wake.set()

    def leave(self, *, training_died: bool) -> None:
        """The training is gone (or the sidecar is told to go): ship what there is, within bounds."""
        if training_died and not self._finishing:
            self.main.scan_all()
            self._crashed = not self.main.ended
            self._finishing = True
        self._give_up = time.monotonic() + (GRACE if training_died else LEAVE)
        self._wake.set()

    def drop(self) -> None:
        """The run is taken back: nothing of it is to be shipped."""
        self._dropped = True
        self._wake.set()

    # Its thread

    def _run(self) -> None:
        try:
            if self._way is None:
                self._stay_offline()
            else:
                journals = [*self._earlier, self.system]
                shipment = Shipment(self.folder, self.main, journals, self._way.server, self._trouble, frees=True)
                self._ship(shipment, self._way)
        except Exception as error:  # noqa: BLE001 the outermost guard: a bug must not hold up other runs, nor be silent
            self.log.note(f"stopped shipping: {error!r}")
            self._say("trouble", message=f"{error!r}; the run stays on this disk, for `playhead sync`")
            if self._finishing:
                self._end_journals()
        finally:
            self._close()

    def _close(self) -> None:
        self.keeper.stop(dropped=self._dropped)
        self.own.close()
        self.main.sync()
        self.system.sync()
        for tail in (self.main, self.system, *self._earlier):
            tail.close()
        if self._way is not None:
            self._way.server.close()
        self.own.release()
        self.done.set()

    def _stay_offline(self) -> None:
        self.shipped_once.set()
        while not (self._finishing or self._dropped or self._give_up):
            self._wake.wait()
        if self._finishing:
            self.keeper.finish()
            while not (self.keeper.outbox.done.wait(POLL) or self._dropped):
                if self._give_up is not None and time.monotonic() > self._give_up:
                    return
            self._end_journals()
            self._say("done")

    def _end_journals(self) -> None:
        """The training has ended: the system's journal ends too."""
        if not self.system.closed:
            with contextlib.suppress(OSError):
                self._tell_crash()
                self.before_end()
                self.own.close()
            self.main.finish()
            self.system.finish()

    def _end_main(self) -> None:
        """The training has ended: its own journal goes first, unless the system's has to say of what it died."""
        self.keeper.finish()
        self._tell_crash()
        if not (self._crashed or self.main.told_final):
            if not self.main.closed:
                self.main.finish()
        elif self.keeper.outbox.done.wait(POLL):  # most trainings have no files: then the rest goes in one request
            self._end_journals()

    def _tell_crash(self) -> None:
        """Once, and at once: files may take their time."""
        if self._crashed and not self._told_crash:
            self._told_crash = True
            with contextlib.suppress(OSError):
                self.own.record(f.STATE, self.step, {"state": RunState.CRASHED.value})

    def _ship(self, shipment: Shipment, way: Way) -> None:
        while not self._dropped:
            if self._finishing:
                self._end_main()
            self._wake.clear()
            pause = self._try(shipment, way)
            if shipment.complete:
                shipment.save()
                self._say("done")
                return
            if pause is None or (self._give_up is not None and time.monotonic() > self._give_up):
                break
            if pause > 0:
                self._wait(pause)
        if not self._dropped:
            shipment.save(error=self._error)

    def _try(self, shipment: Shipment, way: Way) -> float | None:
        """Send a batch. Seconds to wait before the next look; None if there is no sense in one."""
        try:
            return self._send(shipment)
        except PlayheadError as error:
            return self._failed(error, shipment, way)

    def _send(self, shipment: Shipment) -> float | None:
        begun = time.monotonic()
        moved = shipment.step()
        self.keeper.acknowledged(self.system.acked)
        if not moved and begun - shipment.last_contact > HEARTBEAT:
            shipment.beat()
            self._heard(shipment)
        if self._finishing and not moved:
            self._tell_progress(shipment)
        if self._give_up is not None:
            if not moved and not self._finishing:
                return None
            if not self.keeper.outbox.troubled:
                self._give_up = max(self._give_up, time.monotonic() + LEAVE)
        if moved:
            self._backoff.worked()
            self._refused, self._error, self._trouble_told = None, None, -1e9
            self._heard(shipment)
        self.shipped_once.set()
        more = self._finishing or shipment.total - shipment.sent > 1 << 20
        if moved and more:
            return 0.0
        spacing = min(max(SPACING if moved else POLL, 20 * (time.monotonic() - begun)), SLOWEST)
        asked = shipment.answer.pause if moved and shipment.answer is not None else 0.0
        return max(spacing, min(asked, LONGEST_ASKED))

    def _heard(self, shipment: Shipment) -> None:
        answer = shipment.answer
        if answer is None:
            return
        if not self._registered:
            self._registered = True
            names = {"entity": answer.entity, "project": answer.project, "name": answer.name, "url": answer.url}
            self._say("registered", **names, replaced=answer.replaced)
            run, way = RunPath(answer.entity, answer.project, answer.run_id), self._way
            assert way is not None
            self.keeper.outbox.goes_to(lambda: (way.server, run))
        if answer.stop:
            self._say("stop")
        if answer.fenced and not self._fenced:
            self._fenced = True
            self._say("fenced")
        if self._finishing:
            self._tell_progress(shipment)

    def _tell_progress(self, shipment: Shipment) -> None:
        now = time.monotonic()
        if now - self._progress_told > _PROGRESS:
            self._progress_told = now
            sent, total = shipment.sent + self.keeper.outbox.sent, shipment.total + self.keeper.outbox.total
            self._say("progress", sent=sent, total=total)

    def _failed(self, error: PlayheadError, shipment: Shipment, way: Way) -> float | None:
        """Seconds to wait after this; None if there is no sense in trying again."""
        self.shipped_once.set()
        self.log.note(f"{type(error).__name__}: {error.message}")
        self._error = error.message
        shipment.save(error=self._error)
        leaving = self._give_up is not None
        if isinstance(error, CommError):
            found = not isinstance(error, BusyError) and way.find_again()
            if found and way.server is not shipment.server:
                shipment.move_to(way.server)
                return 0.0
            if not found or self._backoff.failures > _FAILURES:
                self._trouble(error.message)
            pause = self._backoff.failed(error.retry_after if isinstance(error, BusyError) else None)
            return min(pause, 2.0) if leaving else pause
        if isinstance(error, JournalError):
            self._trouble(error.message)
            return None if leaving else self._backoff.refused()
        if self._refused != error.message or self._finishing:
            self._refused = error.message
            self._say("refused", code=code_of(error), message=error.message)
        return None if leaving else self._backoff.refused()

    def _trouble(self, message: str) -> None:
        """Tell the training, once an outage; again when it waits for the end."""
        now = time.monotonic()
        if now - self._trouble_told > (1.0 if self._finishing else 600.0):
            self._trouble_told = now
            self._say("trouble", message=message)

    def _wait(self, seconds: float) -> None:
        """Wait, but look up when something changed: a finish, a drop, the end of the training."""
        if self._finishing and self._backoff.failures == 0:
            seconds = min(seconds, 0.02)
        self._wake.wait(seconds)

    def _say(self, op: str, **said: Any) -> None:
        self._tell({"op": op, "dir": str(self.folder), **said})


def _left(folder: Path, own: Path) -> list[Tail]:
    """The journals of sidecars that are gone, to their ends."""
    found = []
    for path in own_journal.journals(folder):
        if path.name != MAIN and path != own and not own_journal.is_held(path):
            with contextlib.suppress(OSError, JournalError):
                found.append(Tail(path))
                found[-1].finish()
    return found
