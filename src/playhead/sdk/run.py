"""A run, as the training holds it: a thin handle over the journal."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from playhead.domain.errors import LimitError, UsageError
from playhead.domain.ids import check_name, check_tags
from playhead.journal import format as kinds
from playhead.journal.writer import Writer
from playhead.sdk import _current, console, finishing
from playhead.sdk._guard import MISUSE, OURS, Guard
from playhead.sdk.config import Config
from playhead.sdk.settings import Settings
from playhead.sdk.summary import Summary
from playhead.sdk.talk import Talk
from playhead.sdk.values import scalar

if TYPE_CHECKING:
    from playhead.sdk.companion import Companion
    from playhead.sdk.media import Describe

_CHECK_EVERY = 1_000_000
"""Microseconds between two looks at what the sidecar says."""


class Place(NamedTuple):
    """Where a run is recorded. `server` is None offline; `entity` None until the server said it."""

    folder: Path
    entity: str | None
    project: str
    run_id: str
    segment: str
    server: str | None
    link: str | None = None
    """The address that is printed: it logs in to the local server."""


class Run:
    """One training, made by `playhead.init`. What was logged is in the operating system's hands when the call returns.

    Safe to use from several threads. In a forked child it records nothing: call `init` there (see `group=`).
    """

    def __init__(self, place: Place, header: kinds.Header, settings: Settings, start: dict[str, Any], companion: Companion, describe: Describe) -> None:
        self._describe = describe
        self._place = place
        self._settings = settings
        self._start = start
        self._companion = companion
        self._lock = threading.RLock()
        self._talk = Talk(silent=settings.silent, quiet=settings.quiet)
        self._guard = Guard(self._talk)
        self._entity = place.entity
        self._step = 0
        self._check_at = 0
        self._ended: str | None = None
        self._told_dropped = 0
        self._journal = Writer(place.folder / "main.journal", header, convert=self._convert, told=self._told)
        self._journal.record(kinds.START, 0, start)
        self._config = Config(lambda data: self._record(kinds.CONFIG, data), allow_val_change=settings.allow_val_change)
        self._summary = Summary(lambda data: self._record(kinds.SUMMARY, data), self._journal.last_values)
        self._console = console.Console(self._console_line) if settings.console != "off" else None
        self._began = time.monotonic()

    # -- recording ---------------------------------------------------------------------------------------------------------------

    def log(self, data: Mapping[str, Any], step: int | None = None, commit: bool | None = None) -> None:  # noqa: FBT001 W&B's signature
        """Record a row of scalars, strings and images.

        Without `step` the row goes to the run's own counter, which then moves on unless `commit=False`. With `step` it goes there, and the
        counter stays there for more of the same row unless `commit=True`. A step below the counter is kept too. The same key twice at one
        step: the later one wins.

        TypeError if `data` is no mapping, or holds what cannot be logged; UsageError for a step below 0 or a run that has ended.
        """
        try:
            with self._lock:
                if step is None:
                    now = self._journal.row(self._step, data)
                    if commit is None or commit:
                        self._step += 1
                else:
                    now = self._log_at(data, _as_step(step), commit=bool(commit))
        except MISUSE as error:
            self._misuse(data, error)
        except OURS as error:  # a full disk, a limit
            self._not_recorded(data, error)
        else:
            if now > self._check_at:
                self._check(now)

    def _log_at(self, data: Mapping[str, Any], step: int, *, commit: bool) -> int:
        now = self._journal.row(step, data)
        if step >= self._step:
            self._step = step + 1 if commit else step
        return now

    def _misuse(self, data: object, error: Exception) -> None:
        if not isinstance(data, Mapping):
            raise TypeError(f"log() takes a dict of what to record, such as {{'loss': 0.5}}, not a {type(data).__name__}.") from None
        raise error

    def _not_recorded(self, data: object, error: Exception) -> None:
        if self._ended is not None:
            self._after_end("log")
        elif isinstance(data, Mapping):
            self._guard.dropped_one(error)
            self._tell_dropped()
        else:
            self._misuse(data, error)

    def _after_end(self, call: str) -> None:
        """The run is over here. Misuse, but for a forked child, which may not know whose run it has inherited."""
        if self._ended == "forked":
            self._guard.tell_once("forked", f"{call}() in a forked process is not recorded: call playhead.init(group=…) there.")
            return
        raise UsageError(f"The run {self.name} ({self.id}) is finished: {call}() after finish() cannot be recorded.")

    def save(self, *paths: Any, **options: Any) -> bool:
        """Without arguments: nothing to do, all that was recorded is saved already (scripts written for W&B call it before reading `name`)."""
        if paths or options:
            raise UsageError("Saving files is not yet possible in this version of Playhead: save() takes no arguments.")
        return True

    def finish(self, exit_code: int | None = None, quiet: bool | None = None) -> None:  # noqa: FBT001 W&B's signature
        """End the run: the journal is closed and on the disk at once, then the server is waited for, at most `finish_timeout` seconds; what is
        left is shipped in the background. A second call does nothing.
        """
        with self._lock:
            if self._ended is not None:
                return
            if self._console is not None:
                console.detach(self._console)
                self._console.flush()
            with self._guard():
                self._tell_dropped(final=True)
            with self._guard():
                self._journal.record(kinds.EXIT, self._step, {"code": exit_code or 0})
            with self._guard():
                self._journal.close()
            self._ended = "finished"
        _current.runs.remove(self)
        if _current.run is self:
            _current.set_run(None)
        with self._guard():
            finishing.ship(self._companion, self._place, self._settings, Talk(silent=self._settings.silent, quiet=bool(quiet) or self._settings.quiet), self.name)

    # -- what it is --------------------------------------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """Unique in its project; stays the same through resume and rewind."""
        return self._place.run_id

    @property
    def segment_id(self) -> str:
        """The immutable id of the piece of history that is being written."""
        return self._place.segment

    @property
    def project(self) -> str:
        """The project's name."""
        return self._place.project

    @property
    def entity(self) -> str | None:
        """Who owns the project; None as long as no server said it."""
        return self._entity

    @property
    def path(self) -> str:
        """`entity/project/id`."""
        return "/".join(part for part in (self._entity, self.project, self.id) if part)

    @property
    def url(self) -> str | None:
        """The run's page; None offline, or before the server was reached."""
        if self._place.server is None or self._entity is None:
            return None
        return f"{self._place.server}/{self._entity}/{self.project}/runs/{self.id}"

    @property
    def dir(self) -> str:
        """Folder for this run's files."""
        return str(self._place.folder / "files")

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
    def group(self) -> str | None:
        """Runs of one training share it."""
        return self._start.get("group")

    @property
    def job_type(self) -> str | None:
        """Such as `train` or `eval`."""
        return self._start.get("job_type")

    @property
    def resumed(self) -> bool:
        """Whether it goes on with an earlier run."""
        return False

    @property
    def offline(self) -> bool:
        """Whether it is only recorded on this disk."""
        return self._place.server is None

    @property
    def disabled(self) -> bool:
        """Whether nothing is recorded."""
        return False

    @property
    def settings(self) -> Settings:
        """What it was started with."""
        return self._settings

    @property
    def start_time(self) -> float:
        """Seconds since 1970."""
        return self._journal.header.created_at / 1e6

    @property
    def name(self) -> str:
        """For people; may be set."""
        return str(self._start["name"])

    @name.setter
    def name(self, name: str) -> None:
        self._change("name", check_name(str(name), "a run"))

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

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is not None and self._console is not None:
            with self._guard():
                finishing.show_traceback(self._console, kind, error, trace)
        self.finish(exit_code=0 if kind is None else 255 if issubclass(kind, KeyboardInterrupt) else 1)

    def __repr__(self) -> str:
        return f"<playhead run {self.path} ({self.name})>"

    # -- inside ------------------------------------------------------------------------------------------------------------------

    def _begin(self, config: Mapping[str, Any]) -> None:
        """The journal is open: take the config, the console, and the registry."""
        self._config.update(config, allow_val_change=True)
        if self._console is not None:
            console.attach(self._console)
        _current.runs.append(self)

    def _change(self, field: str, value: Any) -> None:
        self._record(kinds.META, {field: value})
        self._start[field] = value

    def _record(self, kind: int, data: dict[str, Any]) -> int:
        """Write a record; answers its time. Trouble of ours is counted."""
        if self._ended is not None:
            self._after_end("this")
            return 0
        try:
            with self._lock:
                return self._journal.record(kind, self._step, data)
        except OURS as error:
            self._guard.dropped_one(error)
            return self._journal.now()

    def _console_line(self, channel: str, number: int, text: str) -> None:
        if self._ended is None:
            with self._guard(), self._lock:
                self._journal.record(kinds.CONSOLE, self._step, {"n": number, "c": channel, "t": text})

    def _convert(self, key: str, value: Any) -> Any:
        described = self._describe(key, value, self._step, self._keep)
        return scalar(key, value) if described is None else described

    def _keep(self, path: str, content: bytes, sha256: str) -> Mapping[str, Any]:
        target = self._place.folder / "files" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        kept = {"path": path, "sha256": sha256, "size": len(content)}
        self._journal.record(kinds.FILE, self._step, {**kept, "media": True})
        return kept

    def _told(self, message: str) -> None:
        self._guard.dropped += 1
        self._guard.tell_once(LimitError.__name__, message)

    def _tell_dropped(self, *, final: bool = False) -> None:
        """The run knows how much it could not record; said now and then, and at the end."""
        if self._guard.dropped > self._told_dropped * (1 if final else 2):
            self._told_dropped = self._guard.dropped
            with self._guard():
                self._journal.record(kinds.META, self._step, {"dropped": self._guard.dropped})

    def _check(self, now: int) -> None:
        """Once a second at most: make sure that the sidecar lives, hear what it says."""
        self._check_at = now + _CHECK_EVERY
        with self._guard():
            for message in self._companion.take():
                _deliver(message)

    def _hear(self, message: Mapping[str, Any]) -> None:
        if message["op"] == "registered":
            self._entity = message.get("entity") or self._entity
        elif message["op"] in {"refused", "trouble"}:
            self._guard.tell_once(str(message.get("code", message["op"])), str(message.get("message")))

    def _discard(self) -> None:
        """The server refused the run before anything was logged: take it back."""
        if self._console is not None:
            console.detach(self._console)
        self._ended = "refused"
        self._journal.abandon()
        _current.runs.remove(self)
        import shutil  # noqa: PLC0415 rarely needed

        shutil.rmtree(self._place.folder, ignore_errors=True)

    def _orphan(self) -> None:
        """In a forked child: this is the parent's run."""
        self._ended = "forked"
        self._lock = threading.RLock()
        self._journal.abandon()


def _deliver(message: Mapping[str, Any]) -> None:
    """A message of the sidecar, to the run that it is about."""
    for run in _current.runs:
        if str(run._place.folder) == message.get("dir"):  # noqa: SLF001 a run among runs
            run._hear(message)  # noqa: SLF001


def _as_step(step: Any) -> int:
    """`step` as the run's counter takes it. TypeError, UsageError."""
    number = int(step)
    if number != step:
        raise TypeError(f"step is a whole number, not {step!r}. Use define_metric for another axis.")
    if not 0 <= number < 1 << 62:
        raise UsageError(f"step={step!r}: steps begin at 0.")
    return number
