"""What the records of a journal make of a run: pure, so that every rule about states, names and config stands here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from playhead.domain.errors import UsageError
from playhead.domain.ids import check_tags
from playhead.domain.limits import MAX_NAME, MAX_TIME
from playhead.domain.run import Run, RunState, Writer
from playhead.domain.timeline import runtime
from playhead.journal import format as f
from playhead.journal.columns import Record
from playhead.services.points import Logged
from playhead.services.summary import Summary
from playhead.services.text import fit, fit_json
from playhead.services.writers import crashed, exit_code_of, find, state_of, with_writer

MAX_NOTES = 100_000
"""Characters of a run's notes."""
_STATES = {state.value: state for state in RunState}


class Draft:
    """A run, and the fields that a stretch of one of its streams changes."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._fresh: dict[str, Any] = {}
        """Changes that are not in `_run` yet: a run has many fields, and is copied when somebody looks."""
        self.changes: dict[str, Any] = {}
        self.ended = False
        """Whether the run ended by what was said."""
        self._writer: Writer | None = None

    @property
    def run(self) -> Run:
        """The run as it is by now."""
        if self._fresh:
            self._run, self._fresh = replace(self._run, **self._fresh), {}
        return self._run

    def set(self, **fields: Any) -> None:
        """Change fields of the run."""
        self.changes.update(fields)
        self._fresh.update(fields)

    def take(
        self, records: Sequence[Record], logged: Logged, *, writer: str, main: bool, now: int, place: str = ""
    ) -> None:
        """Apply what a stretch of a stream of `writer` says that came `now`. Rows of a system stream are not the run's history; of
        others, `place` is where their points are kept.

        What an earlier writer says late changes no name and no state: a later one has spoken since.
        """
        self._writer = find(self.run, writer)
        if main and logged.last_time > (self.run.finished_at or MAX_TIME):
            self.revive(writer)
        for record in records:
            if record.kind in _RULES and (self._writer is not None or record.kind not in _OF_NOW):
                _RULES[record.kind](self, record)
        fields: dict[str, Any] = {"heartbeat_at": now}
        if main:
            fields["last_at"] = max(self.run.last_at, logged.last_time, *(record.time for record in records), 0)
            if logged.row is not None and logged.row.step >= self.run.step:
                fields["step"] = logged.row.step + 1
        fields |= self._summary(records, logged if main else None, place)
        if self._writer is not None:
            self._wrote(seen=now)
        self.set(**fields)

    def edit(self, records: Sequence[Record]) -> None:
        """Apply what a person changes: it is no sign of life of a training."""
        for record in records:
            if record.kind == f.META:
                self.describe(record.data)
            elif record.kind == f.CONFIG:
                self._config(record)
        fields = self._summary(records, None, "")
        if fields:
            self.set(**fields)

    def _summary(self, records: Sequence[Record], logged: Logged | None, place: str) -> dict[str, Any]:
        """What becomes of the summary, if it changes."""
        told = [record for record in records if record.kind in {f.SUMMARY, f.METRIC}]
        if not told and (logged is None or logged.row is None):
            return {}
        summary = Summary(self.run.summary)
        for record in told:
            if record.kind == f.METRIC:
                summary.define(fit_json(record.data))
            else:
                summary.set(_settings(record), _names(record.data.get("delete")), record.time)
        if logged is not None and logged.row is not None:
            summary.log(logged, lambda time: runtime(self.run.clock, self.run.started_at, time), place)
        return {"summary": summary.stored(), **({"stale": True} if summary.stale else {})}

    def revive(self, writer: str) -> None:
        """A writer that was thought to have crashed gives a sign of life."""
        self._writer = found = find(self.run, writer)
        if found is not None and found.state is RunState.CRASHED and found.exit_code is None:
            self._wrote(state=RunState.RUNNING)

    def crash(self, writer: str, time: int) -> None:
        """The process of a writer is gone without having said goodbye."""
        self._writer = found = find(self.run, writer)
        if found is not None and found.state.live and found.exit_code is None:
            self._wrote(time, state=crashed(found).state)

    def _wrote(self, time: int = 0, **fields: Any) -> None:
        """Change the writer, and with it the run's state; `time` is when."""
        assert self._writer is not None
        self._writer = replace(self._writer, **fields)
        writers = with_writer(self.run.writers, self._writer)
        self.set(writers=writers)
        if not fields.keys() - {"seen"}:
            return
        state = state_of(writers, stopping=self.run.stopping)
        told = {"state": state, "exit_code": exit_code_of(writers), "finished_at": None}
        if not state.live:
            told["finished_at"] = self.run.finished_at or max(time, self.run.started_at)
        self.set(**{name: value for name, value in told.items() if getattr(self.run, name) != value})

    def _start(self, record: Record) -> None:
        self._wrote(state=RunState.RUNNING, exit_code=None)
        if record.time < self.run.started_at:
            self.set(started_at=record.time)
        self.describe(record.data)
        config = record.data.get("config")
        if isinstance(config, dict):
            self.set(config={**self.run.config, **fit_json(config)})

    def _config(self, record: Record) -> None:
        config = {**self.run.config, **_settings(record)}
        for key in _names(record.data.get("delete")):
            config.pop(key, None)
        self.set(config=config)

    def _meta(self, record: Record) -> None:
        self.describe(record.data)

    def describe(self, told: Mapping[str, Any]) -> None:
        """Name, notes, tags and the like, where they are told."""
        for name, limit in (("name", MAX_NAME), ("notes", MAX_NOTES), ("group", MAX_NAME), ("job_type", MAX_NAME)):
            value = told.get(name)
            if isinstance(value, str) and (value or name != "name"):
                self.set(**{name: fit(value)[:limit]})
        tags = told.get("tags")
        if isinstance(tags, list):
            self.set(tags=_fit_tags(tags))
        dropped = told.get("dropped")
        if type(dropped) is int and dropped >= 0:
            self.set(dropped=min(dropped, MAX_TIME))
        info = told.get("info")
        if isinstance(info, dict):
            self.set(meta={**self.run.meta, **fit_json(info)})

    def _exit(self, record: Record) -> None:
        code = record.data.get("code")
        code = code if type(code) is int and abs(code) < 1 << 31 else 1
        state = RunState.FINISHED if code == 0 else RunState.FAILED
        if code and self._writer is not None and self._writer.state is RunState.PREEMPTING:
            state = RunState.PREEMPTED  # as it had announced
        if self.run.finished_at is not None:
            self.set(finished_at=None)  # it had been thought to have crashed, at another time
        self._wrote(record.time, state=state, exit_code=code)
        self.ended = not self.run.state.live

    def _state(self, record: Record) -> None:
        state, writer = _STATES.get(str(record.data.get("state"))), self._writer
        if writer is None or writer.exit_code is not None or state is None:
            return
        if state is RunState.CRASHED:
            if writer.state.live:
                self._wrote(record.time, state=crashed(writer).state)
        else:
            self._wrote(record.time, state=state)


_OF_NOW = frozenset({f.START, f.META, f.EXIT, f.STATE})
"""Records that only a present writer's run takes in."""
_RULES: Mapping[int, Callable[[Draft, Record], None]] = {
    f.START: Draft._start,  # noqa: SLF001 the table belongs to the class
    f.CONFIG: Draft._config,  # noqa: SLF001
    f.META: Draft._meta,  # noqa: SLF001
    f.EXIT: Draft._exit,  # noqa: SLF001
    f.STATE: Draft._state,  # noqa: SLF001
}


def _settings(record: Record) -> dict[str, Any]:
    told = record.data.get("set")
    return fit_json(told) if isinstance(told, dict) else {}


def _names(told: Any) -> list[str]:
    return [fit(name) for name in told if isinstance(name, str)] if isinstance(told, list) else []


def _fit_tags(tags: list[Any]) -> tuple[str, ...]:
    good: list[str] = []
    for tag in tags:
        try:
            good += check_tags((fit(tag),) if isinstance(tag, str) else (tag,))
        except UsageError:
            continue
    return tuple(dict.fromkeys(good))
