"""Looks after one run's files and machine, beside its shipping: fsync, system metrics, and what the machine is."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from types import ModuleType
from typing import Protocol

from playhead.domain.errors import PlayheadError
from playhead.domain.file import matches
from playhead.journal import format as f
from playhead.sidecar.recording import Recording

TICK = 1.0
"""Seconds between two fsyncs while the run grows."""
FIRST_SAMPLE = 1.0
"""Seconds before the first sample of the system."""
_PATIENCE = 3.0
"""Seconds that the end of a run waits for git."""


class Machine(Protocol):
    """Where samples come from."""

    def sample(self) -> dict[str, float]:
        """Metrics of the system now."""
        ...


class Watch:
    """A thread for the files, and one that is there for a moment to say what the machine is."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._order = recording.order
        self._machine: Machine | None = None
        self._introduced = False
        self._introducing = threading.Lock()
        self._sampling = threading.RLock()
        self._coding = threading.Lock()
        self._coded = False

    def start(self) -> None:
        """Begin. Without threads to be had the run goes without."""
        with contextlib.suppress(RuntimeError):
            for work in (self._keep, self._introduce):
                threading.Thread(target=work, name=f"playhead{work.__name__}", daemon=True).start()

    def end(self) -> None:
        """The training has ended: one last sample."""
        self._introduce(wait=False)
        self._guarded(self._sample)

    def _keep(self) -> None:
        recording, interval = self._recording, self._order.stats_interval
        due = time.monotonic() + FIRST_SAMPLE
        while not recording.done.wait(min(TICK, max(0.01, due - time.monotonic()))):
            self._guarded(recording.look)
            now = time.monotonic()
            if now >= due:
                due += interval * (int((now - due) / interval) + 1)
                self._guarded(self._sample)

    def _introduce(self, *, wait: bool = True) -> None:
        """Say what the machine is, once; after the first batch, for that is more urgent."""
        if wait:
            self._recording.shipped_once.wait(5.0)
        if self._introducing.acquire(timeout=_PATIENCE):
            try:
                if not self._introduced:
                    self._introduced = True
                    self._guarded(self._describe)
                    if wait:
                        self.keep_code()
            finally:
                self._introducing.release()

    def keep_code(self) -> None:
        """Keep what git says of the code's state, once."""
        order = self._order
        folder = order.meta.get("cwd")
        if order.disable_git or order.disable_code or order.disable_meta or not folder:
            return
        with self._coding:
            if not self._coded:
                self._coded = True
                self._guarded(lambda: self._keep_state_of(str(folder)))

    def _keep_state_of(self, folder: str) -> None:
        recording, ignored = self._recording, self._order.ignore_globs
        _, code = _late()
        for name in code.keep(folder, recording.folder / "files", recording.log.note, lambda n: matches(n, ignored)):
            recording.keeper.keep(name, recording.main.header.step)

    def _describe(self) -> None:
        machine, _ = _late()
        if not self._order.disable_stats:
            self._load()
        if self._order.disable_meta:
            return
        info = machine.describe(self._order.meta, git=not self._order.disable_git)
        self._recording.own.record(f.META, self._recording.step, {"info": info})

    def _sample(self) -> None:
        if not self._order.disable_stats:
            with self._sampling:
                values = self._load().sample()
            self._recording.own.row(self._recording.step, values)

    def _load(self) -> Machine:
        with self._sampling:
            if self._machine is None:
                self._machine = _late()[0].Machine(int(self._order.meta.get("pid") or 0), self._recording.folder)
            return self._machine

    def _guarded(self, work: Callable[[], None]) -> None:
        """A full disk, or a machine that tells nothing, costs a sample only."""
        try:
            work()
        except (OSError, PlayheadError, ValueError) as error:
            self._recording.log.note(f"{error!r}")


def _late() -> tuple[ModuleType, ModuleType]:
    """`machine` and `code`: they, and what they load, take their time."""
    from playhead.sidecar import code, machine  # noqa: PLC0415 not before the first batch is out

    return machine, code
