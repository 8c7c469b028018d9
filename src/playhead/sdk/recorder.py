"""Rows and records of a run go into its journal here. What could not be recorded is counted; only misuse raises."""

from __future__ import annotations

import contextlib
import threading
from abc import abstractmethod
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from playhead.domain.errors import LimitError, UsageError
from playhead.journal import format as kinds
from playhead.journal.writer import LEFT_OUT, Writer
from playhead.sdk._guard import MISUSE, OURS, Guard
from playhead.sdk.about import About, Place
from playhead.sdk.config import Config
from playhead.sdk.metrics import Metrics
from playhead.sdk.settings import Settings
from playhead.sdk.summary import Summary
from playhead.sdk.talk import Talk
from playhead.sdk.values import scalar

if TYPE_CHECKING:
    from playhead.sdk.media.shelf import Shelves
    from playhead.sdk.plan import AutoFile


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


class Recorder(About):
    """Writes one run's journal, in the order of the calls. Safe to use from several threads."""

    def __init__(
        self,
        place: Place,
        header: kinds.Header,
        settings: Settings,
        start: dict[str, Any],
        shelves: type[Shelves],
        before: Before,
    ) -> None:
        super().__init__(place, settings, {**before.about, **start}, header.created_at / 1e6)
        self._lock = threading.RLock()
        self._guard = Guard(Talk(silent=settings.silent, quiet=settings.quiet))
        self._step = header.step
        self._row_step: int | None = None
        """Step of the row that is being written, if it is not the counter's."""
        self._check_at = 0
        self._ended: str | None = None
        self._told_dropped = 0
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
        self._metrics = Metrics(before.metrics, before.axes, begins=not place.resumed)
        find = None if before.summary is None else partial(self._begun_with, before.summary)
        self._summary = Summary(lambda data: self._record(kinds.SUMMARY, data), self._logged, find)

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

    @property
    def step(self) -> int:
        """The step that the next `log()` goes to."""
        return self._step

    @property
    def _last_row(self) -> int:
        """Step of the last row: what is said behind it belongs to it."""
        highest = self._journal.highest
        return self._step if highest is None else min(self._step, highest)

    @property
    def config(self) -> Config:
        """The run's inputs."""
        return self._config

    @property
    def summary(self) -> Summary:
        """One value a key."""
        return self._summary

    def _change(self, field: str, value: Any) -> None:
        self._record(kinds.META, {field: value})
        self._start[field] = value

    @abstractmethod
    def _check(self, now: int) -> None:
        """Look after what goes on beside, at `now`: called when `_check_at` is over."""

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

    def _logged(self) -> dict[str, tuple[int, Any]]:
        with self._lock:
            return self._metrics.shown(self._journal.last_values())

    def _begun_with(self, find: Callable[[], tuple[Mapping[str, Any], Mapping[str, int]]]) -> Mapping[str, Any]:
        """The summary of before this process."""
        summary, counts = find()
        self._metrics.begin_with(summary, counts)
        return summary

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
