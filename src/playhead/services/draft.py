"""What the records of a journal make of a run: pure, so that every rule about states, names and config stands here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from playhead.domain.errors import UsageError
from playhead.domain.ids import check_tags
from playhead.domain.limits import MAX_NAME, MAX_TIME
from playhead.domain.run import Run, RunState
from playhead.journal import format as f
from playhead.journal.columns import Record
from playhead.services.points import Logged
from playhead.services.summary import Summary
from playhead.services.text import fit, fit_json

MAX_NOTES = 100_000
"""Characters of a run's notes."""
_STATES = {state.value: state for state in RunState}


class Draft:
    """A run, and the fields that a stretch of one of its streams changes."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.changes: dict[str, Any] = {}
        self.ended = False
        """Whether an EXIT was among the records."""

    def set(self, **fields: Any) -> None:
        """Change fields of the run."""
        self.changes.update(fields)
        self.run = replace(self.run, **fields)

    def take(self, records: Sequence[Record], logged: Logged, *, main: bool, now: int) -> None:
        """Apply what a stretch of a stream says that came `now`. Rows of a system stream are not the run's history."""
        if main and logged.last_time > (self.run.finished_at or MAX_TIME) and self.run.state is RunState.CRASHED:
            self.revive()
        summary: Summary | None = None
        for record in records:
            if record.kind == f.SUMMARY:
                summary = summary or Summary(self.run.summary)
                summary.set(_settings(record), _names(record.data.get("delete")), record.time)
            elif record.kind in _RULES:
                _RULES[record.kind](self, record)
        fields: dict[str, Any] = {"heartbeat_at": now}
        if main and logged.row is not None:
            summary = summary or Summary(self.run.summary)
            summary.log(logged, self.run.started_at)
            if logged.row.step >= self.run.step:
                fields["step"] = logged.row.step + 1
        if summary is not None:
            fields["summary"] = summary.stored()
        self.set(**fields)

    def revive(self) -> None:
        """A run that was thought to have crashed gives a sign of life."""
        if self.run.state is RunState.CRASHED and self.run.exit_code is None:
            self.set(state=RunState.RUNNING, finished_at=None)

    def crash(self, time: int) -> None:
        """The process is gone without having said goodbye."""
        if self.run.state.live and self.run.exit_code is None:
            self.set(state=RunState.CRASHED, finished_at=max(time, self.run.started_at))

    def _start(self, record: Record) -> None:
        again = {"state": RunState.RUNNING, "finished_at": None, "exit_code": None}
        self.set(**{name: value for name, value in again.items() if getattr(self.run, name) != value})
        if record.time < self.run.started_at:
            self.set(started_at=record.time)
        self._describe(record)
        config = record.data.get("config")
        if isinstance(config, dict):
            self.set(config={**self.run.config, **fit_json(config)})

    def _config(self, record: Record) -> None:
        config = {**self.run.config, **_settings(record)}
        for key in _names(record.data.get("delete")):
            config.pop(key, None)
        self.set(config=config)

    def _describe(self, record: Record) -> None:
        """Name, notes, tags and the like, where the record has them."""
        for name, limit in (("name", MAX_NAME), ("notes", MAX_NOTES), ("group", MAX_NAME), ("job_type", MAX_NAME)):
            value = record.data.get(name)
            if isinstance(value, str) and (value or name != "name"):
                self.set(**{name: fit(value)[:limit]})
        tags = record.data.get("tags")
        if isinstance(tags, list):
            self.set(tags=_fit_tags(tags))
        dropped = record.data.get("dropped")
        if type(dropped) is int and dropped >= 0:
            self.set(dropped=min(dropped, MAX_TIME))
        info = record.data.get("info")
        if isinstance(info, dict):
            self.set(meta={**self.run.meta, **fit_json(info)})

    def _exit(self, record: Record) -> None:
        code = record.data.get("code")
        code = code if type(code) is int and abs(code) < 1 << 31 else 1
        state = RunState.FINISHED if code == 0 else RunState.FAILED
        self.set(state=state, exit_code=code, finished_at=max(record.time, self.run.started_at))
        self.ended = True

    def _state(self, record: Record) -> None:
        state = _STATES.get(str(record.data.get("state")))
        if state is RunState.CRASHED:
            self.crash(record.time)
        elif state is not None and self.run.exit_code is None:
            self.set(state=state, finished_at=None if state.live else record.time)


_RULES: Mapping[int, Callable[[Draft, Record], None]] = {
    f.START: Draft._start,  # noqa: SLF001 the table belongs to the class
    f.CONFIG: Draft._config,  # noqa: SLF001
    f.META: Draft._describe,  # noqa: SLF001
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
