"""A run, as the training holds it: a thin handle over the journal."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Mapping
from functools import partial
from types import ModuleType, TracebackType
from typing import IO, TYPE_CHECKING, Any, NamedTuple, Self

from playhead.domain.errors import LimitError, UsageError
from playhead.domain.ids import check_tags
from playhead.journal import format as kinds
from playhead.journal.writer import LEFT_OUT, Writer
from playhead.sdk import _current, console, finishing, restoring, rundir, saving
from playhead.sdk._guard import MISUSE, OURS, Guard
from playhead.sdk.about import About, Place
from playhead.sdk.alerts import AlertLevel, Alerts
from playhead.sdk.config import Config
from playhead.sdk.metrics import Metric, Metrics
from playhead.sdk.settings import Settings, display_name
from playhead.sdk.summary import Summary
from playhead.sdk.talk import Talk
from playhead.sdk.values import scalar

if TYPE_CHECKING:
    from datetime import timedelta
    from pathlib import Path

    from playhead.sdk.companion import Companion
    from playhead.sdk.media.shelf import Shelves
    from playhead.sdk.plan import AutoFile

_SAID = frozenset({"registered", "fenced", "refused", "trouble", "saved", "unsaved", "done", "dead"})
_CHECK_EVERY = 1_000_000
"""Microseconds between two looks at what the sidecar says."""


class Before(NamedTuple):
    """What was there before the run was gone on with."""

    config: Mapping[str, Any] = {}
    about: Mapping[str, Any] = {}
    """Name, notes, tags, group and job type."""
    summary: Callable[[], tuple[Mapping[str, Any], Mapping[str, int]]] | None = None
    """Finds the summary, and how many points its means are of, when there is need."""
    auto: AutoFile | None = None
    """Remembers the run until it comes to a clean end."""
    metrics: Mapping[str, Mapping[str, Any]] = {}
    """What its metrics are defined as, see `Definitions.as_data`."""
    axes: Mapping[str, Any] = {}
    """What its step metrics were last, as far as that is known."""


class Run(About):
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
        super().__init__(place, settings, {**before.about, **start}, header.created_at / 1e6)
        self._auto = before.auto
        self._companion = companion
        self._lock = threading.RLock()
        self._guard = Guard(Talk(silent=settings.silent, quiet=settings.quiet))
        self._step = header.step
        self._row_step: int | None = None
        """Step of the row that is being written, if it is not the counter's."""
        self._check_at = 0
        self._ended: str | None = None
        self._told_dropped = 0
        self._saves = self._saved_upto = 0
        self._saved: set[int] = set()
        self._unsaved: set[str] = set()
        """Names of files that could not be saved."""
        self._journal = Writer(place.folder / "main.journal", header, convert=self._convert, told=self._told)
        self._shelves = shelves(place.folder, self._ask_for_media, self._warn)
        self._left_out: list[Exception] = []
        """Why values of the row that is being written are not."""
        try:
            self._journal.record(kinds.START, header.step, start)
        except BaseException:
            self._journal.abandon()
            raise
        self._config = Config(
            lambda data: self._record(kinds.CONFIG, data), before.config, allow_val_change=settings.allow_val_change
        )
        self._alerts = Alerts()
        self._metrics = Metrics(before.metrics, before.axes, begins=not place.resumed)
        find = None if before.summary is None else partial(self._begun_with, before.summary)
        self._summary = Summary(lambda data: self._record(kinds.SUMMARY, data), self._logged, find)
        self._console: console.Console | None = None

    # -- recording ---------------------------------------------------------------------------------------------------

    def log(self, data: Mapping[str, Any], step: int | None = None, commit: bool | None = None) -> None:  # noqa: FBT001 W&B's signature
        """Record a row of scalars, strings, images and other media.

        Without `step` the row goes to the run's own counter, which then moves on unless `commit=False`. With `step` it goes there, and
        the counter stays there for more of the same row unless `commit=True`. A step below the counter is kept too. The same key
        twice at one step: the later one wins.

        TypeError if `data` is no mapping, or holds what cannot be logged (the rest of the row is recorded); UsageError for a step below 0 or a
        run that has ended.
        """
        try:
            with self._lock:
                if self._metrics.active:
                    now = self._log_defined(data, step, commit=commit)
                elif step is None:
                    now = self._journal.row(self._step, data)
                    if (commit is None or commit) and (now or not self._left_out):
                        self._step += 1
                else:
                    now = self._log_at(data, as_step(step), commit=bool(commit))
                if self._left_out:
                    raise self._left_out[0]
        except MISUSE as error:
            self._misuse(data, error)
        except OURS as error:  # a full disk, a limit
            self._not_recorded(data, step, error, commit=commit)
        else:
            if now > self._check_at:
                self._check(now)

    def _log_at(self, data: Mapping[str, Any], step: int, *, commit: bool) -> int:
        self._row_step = step
        try:
            now = self._journal.row(step, data)
        finally:
            self._row_step = None
        if step >= self._step and (now or not self._left_out):
            self._step = step + 1 if commit else step
        return now

    def _log_defined(self, data: Mapping[str, Any], step: int | None, *, commit: bool | None) -> int:
        """As `log`, where something is said of the metrics."""
        if not isinstance(data, Mapping):
            raise TypeError
        at = self._step if step is None else as_step(step)
        whole = self._metrics.completed(data, at, self._journal.highest)
        if step is None:
            now = self._journal.row(at, whole)
            self._step += commit is None or commit
        else:
            now = self._log_at(whole, at, commit=bool(commit))
        self._metrics.took(whole, at)
        return now

    def _misuse(self, data: object, error: Exception) -> None:
        self._left_out = []
        if not isinstance(data, Mapping):
            raise TypeError(
                f"log() takes a dict of what to record, such as {{'loss': 0.5}}, not a {type(data).__name__}."
            ) from None
        raise error

    def _not_recorded(self, data: object, step: int | None, error: Exception, *, commit: bool | None) -> None:
        """The row is lost. Its place stays empty: the next rows keep their steps."""
        self._left_out = []
        if self._ended is not None:
            self._after_end("log")
            return
        if not isinstance(data, Mapping):
            self._misuse(data, error)
        with self._lock:
            if step is not None:
                self._step = max(self._step, as_step(step) + bool(commit))
            elif commit is None or commit:
                self._step += 1
            self._guard.dropped_one(error)
            self._tell_dropped()

    def _after_end(self, call: str) -> None:
        """The run is over here. Misuse, but for a forked child, which may not know whose run it has inherited."""
        if self._ended == "forked":
            self._guard.tell_once(
                "forked", f"{call}() in a forked process is not recorded: call playhead.init(group=…) there."
            )
            return
        raise UsageError(f"The run {self.name} ({self.id}) is finished: {call}() after finish() cannot be recorded.")

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
                highest = self._journal.highest
                self._record(kinds.ALERT, told, self._step if highest is None else min(self._step, highest))

    def mark_preempting(self) -> None:
        """Say that this process is about to be taken away: if it ends now, the run is `preempted`, not `crashed`."""
        self._record(kinds.STATE, {"state": "preempting"})

    # -- what it is --------------------------------------------------------------------------------------------------

    @property
    def step(self) -> int:
        """The step that the next `log()` goes to."""
        return self._step

    @property
    def config(self) -> Config:
        """The run's inputs."""
        return self._config

    @property
    def summary(self) -> Summary:
        """One value a key."""
        return self._summary

    @property
    def name(self) -> str:
        """For people; may be set."""
        return str(self._start["name"])

    @name.setter
    def name(self, name: str) -> None:
        self._change("name", display_name(name))

    @property
    def notes(self) -> str | None:
        """Markdown; may be set."""
        return self._start.get("notes")

    @notes.setter
    def notes(self, notes: str | None) -> None:
        self._change("notes", None if notes is None else str(notes))

    @property
    def tags(self) -> tuple[str, ...]:
        """May be set, or added to with `+=`."""
        return tuple(self._start.get("tags") or ())

    @tags.setter
    def tags(self, tags: tuple[str, ...]) -> None:
        self._change("tags", list(check_tags(tuple(tags))))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ends_with(error)

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

    def _change(self, field: str, value: Any) -> None:
        self._record(kinds.META, {field: value})
        self._start[field] = value

    def _record(self, kind: int, data: dict[str, Any], step: int | None = None) -> int:
        """Write a record; answers its time. Trouble of ours is counted."""
        with self._lock:
            if self._ended is not None:
                self._after_end("this")
                return 0
            try:
                return self._journal.record(kind, self._step if step is None else step, data)
            except OURS as error:
                self._guard.dropped_one(error)
                return self._journal.now()

    def _ask_to_save(self, kind: int, data: dict[str, Any]) -> int:
        """Write what is to be saved; answers its number. Its step is that of the last row: what is saved behind it belongs to it."""
        with self._lock:
            self._saves += 1
            highest = self._journal.highest
            step = self._step if highest is None else min(self._step, highest)
            self._record(kind, {"id": self._saves, **data}, step)
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

    def _logged(self) -> dict[str, tuple[int, Any]]:
        with self._lock:
            return self._metrics.shown(self._journal.last_values())

    def _begun_with(self, find: Callable[[], tuple[Mapping[str, Any], Mapping[str, int]]]) -> Mapping[str, Any]:
        """The summary of before this process."""
        summary, counts = find()
        self._metrics.begin_with(summary, counts)
        return summary

    def _console_line(self, channel: str, number: int, text: str) -> None:
        if self._ended is None:
            self._journal.record(kinds.CONSOLE, self._step, {"n": number, "c": channel, "t": text})

    def _convert(self, key: str, value: Any) -> Any:
        """What goes wrong with one value costs that value only."""
        if self._ended is not None:
            raise ValueError("The run has ended.")
        step = self._step if self._row_step is None else self._row_step
        try:
            described = self._shelves.describe(key, value, step)
            return scalar(key, value) if described is None else described
        except MISUSE as error:
            self._left_out.append(error)
        except OURS as error:
            self._guard.dropped_one(error)
            self._tell_dropped()
        return LEFT_OUT

    def _ask_for_media(self, step: int, data: dict[str, Any]) -> None:
        self._journal.record(kinds.SAVE, step, data)

    def _warn(self, message: str) -> None:
        self._guard.tell_once(message, message)

    def _told(self, message: str) -> None:
        self._guard.dropped += 1
        self._guard.tell_once(LimitError.__name__, message)

    def _tell_dropped(self, *, final: bool = False) -> None:
        """The run knows how much it could not record; said now and then, and at the end."""
        if self._guard.dropped > self._told_dropped * (1 if final else 2):
            with contextlib.suppress(OSError):
                self._journal.record(kinds.META, self._step, {"dropped": self._guard.dropped})
                self._told_dropped = self._guard.dropped

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


def as_step(step: Any) -> int:
    """`step` as the run's counter takes it. TypeError, UsageError."""
    try:
        number = int(step)
    except (TypeError, ValueError, OverflowError):  # NaN, infinity, text
        number = None
    if number is None or number != step:
        raise TypeError(f"step is a whole number, not {step!r}. Use define_metric for another axis.")
    if not 0 <= number < 1 << 62:
        raise UsageError(f"step={step!r}: steps begin at 0.")
    return number
