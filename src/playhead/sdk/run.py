"""A run, as the training holds it: a thin handle over the journal."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Mapping
from types import ModuleType, TracebackType
from typing import IO, TYPE_CHECKING, Any, Self

from playhead.domain.alert import AlertLevel
from playhead.journal import format as kinds
from playhead.sdk import _current, console, finishing, restoring, rundir, saving
from playhead.sdk.about import Place
from playhead.sdk.alerts import Alerts
from playhead.sdk.artifacts.methods import ArtifactMethods
from playhead.sdk.metrics import Metric
from playhead.sdk.recorder import Before
from playhead.sdk.settings import Settings
from playhead.sdk.talk import Talk

if TYPE_CHECKING:
    from datetime import timedelta
    from pathlib import Path

    from playhead.sdk.companion import Companion
    from playhead.sdk.media.shelf import Shelves

_SAID = frozenset({"registered", "fenced", "refused", "trouble", "saved", "unsaved", "done", "dead"})
_CHECK_EVERY = 1_000_000
"""Microseconds between two looks at what the sidecar says."""


class Run(ArtifactMethods):
    """One training, made by `playhead.init`. What was logged is in the operating system's hands when the call returns.

    Safe to use from several threads. In a forked child it records nothing: call `init` there (see `group=`).
    """

    def __init__(
        self,
        place: Place,
        header: kinds.Header,
        settings: Settings,
        start: dict[str, Any],
        companion: Companion,
        shelves: type[Shelves],
        before: Before | None = None,
    ) -> None:
        before = before or Before()
        super().__init__(place, header, settings, start, shelves, before)
        self._auto = before.auto
        self._companion = companion
        self._alerts = Alerts()
        self._saves = self._saved_upto = 0
        self._saved: set[int] = set()
        self._unsaved: set[str] = set()
        """Names of files that could not be saved."""
        self._refused: dict[int, str] = {}
        """Askings that came to nothing, and why."""
        self._console: console.Console | None = None

    # -- what is recorded beside rows --------------------------------------------------------------------------------

    def save(
        self, glob_str: Any = None, base_path: Any = None, policy: str = "live", *, watch: bool = False, wait: bool = False,
        path: Any = None,
    ) -> saving.Saved | bool:  # fmt: skip
        """Save files with the run: a path or a glob (`**` goes into folders). Answers the paths in `run.dir` of what will be uploaded.

        `policy`: `live` uploads now, after each change and at the end; `now` once; `end` when the run ends. Names keep the folders below
        `base_path`. `watch`: files that match later are saved too, as are those that appear in `run.dir` under a relative glob.
        `wait`: return when the server has them. The files are read by the sidecar; a version is whole, or not saved.

        Without arguments: True (scripts written for W&B call it before reading `name`). UsageError for what is wrong.
        """
        told = path if glob_str is None else glob_str
        if told is None:
            return True
        if self._ended is not None:
            self._after_end("save")
            return saving.Saved()
        return saving.save(self, told, base_path, policy, watch=watch, wait=wait)

    def log_code(
        self, root: str | os.PathLike[str] = ".", name: str | None = None,
        include_fn: Callable[..., Any] | None = None, exclude_fn: Callable[..., Any] | None = None,
    ) -> saving.Saved:  # fmt: skip
        """Save the code below `root` with the run, as `code/…`, or `code/<name>/…`. Answers what `save` answers.

        `include_fn` and `exclude_fn` take a path, or a path and the root, absolute ones; without `include_fn` it is what looks like a
        program. Left out in any case: names of secrets (`.env` and its like), what git ignores, hidden folders, Python
        environments, recorded runs. UsageError if `root` is no folder, or the run has ended.
        """
        if self._ended is not None:
            self._after_end("log_code")
            return saving.Saved()
        try:
            saved: saving.Saved = _code().log_code(self, root, name, include_fn, exclude_fn)
        except OSError as error:
            self._guard.tell_once("code", f"The code is not saved: {error}")
            return saving.Saved()
        return saved

    def restore(
        self, name: str, run_path: str | None = None, replace: bool = False, root: str | Path | None = None, *,  # noqa: FBT001, FBT002 W&B's signature
        step: int | None = None, version: int | None = None,
    ) -> IO[str] | None:  # fmt: skip
        """Bring a file back that this run, or the one at `run_path`, has saved; see `playhead.restore`."""
        return restoring.restore(self, name, run_path, root, step, version, replace=replace)

    def finish(self, exit_code: int | None = None, quiet: bool | None = None) -> None:  # noqa: FBT001 W&B's signature
        """End the run: the journal is closed and on the disk at once, then the server is waited for, at most `finish_timeout` seconds;
        what is left is shipped in the background. A second call does nothing.
        """
        with self._lock:
            if self._ended is not None:
                return
            if self._console is not None:
                console.detach(self._console)
                self._console.flush()
            self._tell_dropped(final=True)
            with self._guard():
                self._journal.record(kinds.EXIT, self._step, {"code": exit_code or 0})
            self._ended = "finished"
            with self._guard():
                self._journal.close()
            if self._auto is not None and not exit_code:
                self._auto.forget()
        _current.remove(self)
        talk = Talk(silent=self._settings.silent, quiet=bool(quiet) or self._settings.quiet)
        with self._guard.beside():
            finishing.ship(self, talk)

    def define_metric(
        self, name: str, step_metric: str | Metric | None = None, step_sync: bool | None = None, hidden: bool | None = None,  # noqa: FBT001 W&B's signature
        summary: str | None = None, goal: str | None = None, overwrite: bool | None = None,  # noqa: FBT001 as above
    ) -> Metric:  # fmt: skip
        """Say how a metric, or all whose names begin with what stands before a trailing `*`, is drawn and summed up.

        `step_metric` is the metric that it is drawn over; a row without it gets its last value, unless `step_sync=False`. `hidden`: no
        chart of its own. `summary`: what the summary has of it instead of the last value, some of `min,max,mean,first,last,best`, or
        `none`; `best` needs a `goal`, `minimize` or `maximize`. What was said before stays, unless `overwrite=True`. UsageError.
        """
        with self._lock:
            metric, data = self._metrics.define(name, step_metric, step_sync, hidden, summary, goal, overwrite)
            self._record(kinds.METRIC, data)
        return metric

    def alert(
        self, title: str, text: str = "", level: str | AlertLevel = "INFO", wait_duration: float | timedelta | None = 60
    ) -> None:
        """Tell people of something: it stands on the run's timeline, at the last row. `level` is `INFO`, `WARN` or `ERROR`.

        An alert of the same title within `wait_duration` seconds is left out. UsageError for a title that is empty, or longer than 64
        characters.
        """
        with self._lock:
            told = self._alerts.take(title, text, level, wait_duration)
            if told is not None:
                self._record(kinds.ALERT, told, self._last_row)

    def mark_preempting(self) -> None:
        """Say that this process is about to be taken away: if it ends now, the run is `preempted`, not `crashed`."""
        self._record(kinds.STATE, {"state": "preempting"})

    # -- its life ----------------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ends_with(error)

    def _label(self, **_: Any) -> None:
        """Frameworks tell W&B's run so that they are used: nothing here."""

    # -- inside ------------------------------------------------------------------------------------------------------

    def _begin(self, config: Mapping[str, Any]) -> None:
        """The journal is open: take the config, the console, and the registry."""
        self._config.update(config, allow_val_change=True)
        if self._settings.console != "off":
            self._console = console.Console(self._console_line, lock=self._lock, guard=self._guard)
            console.attach(self._console)
        _current.runs.append(self)

    def _ends_with(self, error: BaseException | None) -> None:
        """Finish because of `error`, which nobody has printed yet."""
        if self._console is not None and error is not None and not isinstance(error, SystemExit):
            self._console.write(console.STDERR, finishing.traceback_of(error))
        self.finish(exit_code=finishing.code_of(error))

    def _ask_to_save(self, kind: int, data: dict[str, Any]) -> int:
        """Write what is to be saved; answers its number. Its step is that of the last row: what is saved behind it belongs to it."""
        with self._lock:
            self._saves += 1
            self._record(kind, {"id": self._saves, **data}, self._last_row)
            return self._saves

    def _are_saved(self, numbers: set[int]) -> bool:
        return all(number <= self._saved_upto or number in self._saved for number in numbers)

    def _hear_next(self, seconds: float) -> bool:
        """Wait for the sidecar to say something. Whether there is a sense in going on."""
        folder = str(self._place.folder)
        message = self._companion.wait(folder, _SAID, seconds)
        if message is not None:
            self._hear(message)
        return message is None or message["op"] not in {"dead", "done"}

    def _console_line(self, channel: str, number: int, text: str) -> None:
        if self._ended is None:
            self._journal.record(kinds.CONSOLE, self._step, {"n": number, "c": channel, "t": text})

    def _check(self, now: int) -> None:
        """Once a second at most: make sure that the sidecar lives, hear what it says, show what the console holds back."""
        self._check_at = now + _CHECK_EVERY
        if self._console is not None:
            self._console.flush()
        with self._guard.beside():
            for message in self._companion.take(str(self._place.folder)):
                self._hear(message)

    def _hear(self, message: Mapping[str, Any]) -> None:
        if message["op"] == "registered":
            self._entity = message.get("entity") or self._entity
            if message.get("replaced"):
                self._guard.tell_once(
                    "replaced", f'There was a run {self.id} already. It is archived, whole. To go on: resume="must".'
                )
        elif message["op"] == "fenced":
            self._guard.tell_once(
                "fenced",
                f"Another training has taken the run {self.id} over: what this one records from now on is kept beside "
                "its history, in a segment of its own.",
            )
        elif message["op"] == "saved":
            self._saved.add(message["id"])
            self._saved_upto = max(self._saved_upto, message["upto"])
            self._saved = {number for number in self._saved if number > self._saved_upto}
        elif message["op"] == "unsaved":
            self._unsaved.add(str(message.get("name")))
            if isinstance(message.get("id"), int):
                self._refused[message["id"]] = str(message.get("reason"))
            self._guard.tell_once(f"unsaved: {message.get('reason')}", str(message["message"]))
        elif message["op"] in {"refused", "trouble"}:
            self._guard.tell_once(str(message.get("code", message["op"])), str(message.get("message")))

    def _discard(self) -> None:
        """The run was refused before anything was logged: take it back."""
        with self._lock:
            if self._console is not None:
                console.detach(self._console)
            self._ended = "refused"
            self._journal.abandon()
        _current.remove(self)
        rundir.remove(self._place.folder)

    def _keep_main(self) -> None:
        """Have the script that is running saved."""
        with self._guard.beside():
            _code().keep_main(self)

    @property
    def _is_foreign(self) -> bool:
        """Whether it belongs to the process that this one was forked from."""
        return self._ended == "forked"

    def _orphan(self) -> None:
        """In a forked child: this is the parent's run."""
        self._lock = threading.RLock()
        if self._ended is None:
            self._ended = "forked"
            with contextlib.suppress(OSError):
                self._journal.abandon()


def _code() -> ModuleType:
    from playhead.sdk import code  # noqa: PLC0415 few ask, and it loads what starts processes

    return code
