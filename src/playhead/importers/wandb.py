"""Reads the file of a run that W&B recorded offline (`run-<id>.wandb`), with the files beside it, without W&B."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from playhead.domain.definition import Definitions
from playhead.domain.errors import UsageError
from playhead.domain.file import wrong_with
from playhead.domain.ids import check_tags
from playhead.domain.limits import MAX_TIME
from playhead.importers import leveldb
from playhead.importers.protobuf import Message, MessageError
from playhead.importers.source import (
    Event,
    Notes,
    Record,
    Row,
    Sample,
    Saved,
    Source,
    Whole,
    digest_of,
    kept_id,
    time_of,
)
from playhead.journal import format as f
from playhead.sdk.terminal import Terminal

HISTORY, SUMMARY, CONFIG, FILES, STATS, ALERT, METRIC, OUTPUT, RUN, EXIT = 2, 3, 5, 6, 7, 10, 12, 13, 17, 18
"""Fields of a record: which kind it is."""
_CHANNELS = ("stderr", "stdout")
_AGGREGATES = ("min", "max", "mean", "best", "last", "none", "copy", "first")
_GOALS = {1: "minimize", 2: "maximize"}
_MEDIA = 2
"""Type of a file that a row speaks of."""
_MISSING = object()


def found(path: Path) -> list[Path]:
    """The files of runs that a person means by `path`: one, the folder of one, or a folder of several. UsageError."""
    if path.is_file():
        return [path]
    for pattern in ("*.wandb", "*run-*/*.wandb", "wandb/*run-*/*.wandb"):
        files = sorted(one for one in path.glob(pattern) if not one.parent.is_symlink())
        if files:
            return files
    raise UsageError(f"There is no .wandb file in {path}, nor in folders of runs below it.")


def read(path: Path, *, run_id: str | None = None, name: str | None = None) -> Source:
    """The run in the file at `path`. UsageError if it is none; OSError."""
    leveldb.check(path)
    look = Notes()
    run: Message | None = None
    for data in leveldb.records(path, look):
        record = _message(data, look)
        if record is not None and RUN in record and run is None:
            run = record.message(RUN)
            break
    if run is None:
        raise UsageError(f"{path} does not say which run it is of: its beginning is damaged.")
    beside = path.parent / "files"
    files = {one.relative_to(beside).as_posix(): one for one in sorted(beside.rglob("*")) if one.is_file()}
    start = {
        "name": name or run.text(8) or run.text(1), "notes": run.text(9) or None, "group": run.text(6) or None,
        "job_type": run.text(7) or None, "tags": list(check_tags(tag[:64] for tag in run.texts(10) if tag)),
    }  # fmt: skip
    began = run.message(17)
    reading = _Reading(path)
    return Source(
        run_id=kept_id(run_id, run.text(1)), digest=digest_of([path, *files.values()], *files),
        created_at=max(0, min(_time(began) or 0, MAX_TIME)), project=run.text(3) or None,
        start={key: value for key, value in start.items() if value}, events=reading.events, notes=reading.notes,
    )  # fmt: skip


def _message(data: bytes, notes: Notes) -> Message | None:
    try:
        return Message(data)
    except MessageError:
        notes.add("a record is left out: it cannot be read")
        return None


class _Reading:
    """The records of one file, told as events."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.notes = Notes()
        self._definitions = Definitions({})
        self._config: dict[str, Any] = {}
        self._summary: dict[tuple[str, ...], Any] = {}
        self._last: dict[str, Any] = {}
        """What was logged last of each key."""
        self._saved: set[str] = set()
        self._lines = 0
        self._terminals = {channel: Terminal(self._number) for channel in _CHANNELS}
        self._kinds = {
            HISTORY: self._history, SUMMARY: self._take_summary, CONFIG: self._take_config, FILES: self._files,
            STATS: self._stats, ALERT: self._alert, METRIC: self._metric, OUTPUT: self._output, RUN: self._run,
        }  # fmt: skip

    def events(self) -> Iterator[Event]:
        """All that the file tells, in its order; the summary and the end come last."""
        code = None
        for data in leveldb.records(self._path, self.notes):
            try:
                record = Message(data)
                for kind, tell in self._kinds.items():
                    if kind in record:
                        yield from tell(record.message(kind))
                if EXIT in record:
                    code = record.message(EXIT).integer(1)
            except (MessageError, ValueError, RecursionError):
                self.notes.add("a record is left out: it cannot be read")
        summary = self._own_summary()
        if summary:
            yield Record(f.SUMMARY, None, None, {"set": summary})
        if code is None:
            self.notes.add("the training did not say that it ended: the run is marked as failed")
        yield Record(f.EXIT, None, None, {"code": 1 if code is None else code})

    def _run(self, run: Message) -> Iterator[Event]:
        yield from self._take_config(run.message(4))

    def _take_config(self, config: Message) -> Iterator[Event]:
        changed = set()
        for path, value in _items(config.messages(1)):
            if path[0] != "_wandb":
                _put(self._config, path, value)
                changed.add(path[0])
        gone = [path[0] for path, _ in _items(config.messages(2)) if len(path) == 1 and path[0] in self._config]
        for key in gone:
            del self._config[key]
        now = {key: self._config[key] for key in sorted(changed - set(gone))}
        if now or gone:
            yield Record(f.CONFIG, None, None, {"set": now, "delete": gone})

    def _history(self, history: Message) -> Iterator[Event]:
        tree: dict[str, Any] = {}
        for path, value in _items(history.messages(1)):
            _put(tree, path, value)
        values = dict(_flat(tree))
        step = history.message(2).integer(1) if 2 in history else values.get("_step")
        at = values.get("_timestamp")
        logged = {key: value for key, value in values.items() if not key.startswith("_")}
        if not isinstance(step, int):
            self.notes.add("a row is left out: it has no step")
            return
        for value in logged.values():
            yield from self._media(value, step)
        self._last.update(logged)
        time = time_of(at) if isinstance(at, (int, float)) else None
        yield Row(
            step, time, {key: Whole(value) if isinstance(value, dict) else value for key, value in logged.items()}
        )

    def _media(self, value: Any, step: int) -> Iterator[Event]:
        """The files that a value is made of."""
        if not isinstance(value, dict) or not isinstance(value.get("_type"), str):
            return
        several = value.get("filenames")
        names = [value.get("path"), *(several if isinstance(several, list) else [])]
        for name in names:
            if isinstance(name, str):
                yield from self._file(name, step, media=True)

    def _files(self, files: Message) -> Iterator[Event]:
        for one in files.messages(1):
            yield from self._file(one.text(1), None, media=one.integer(3) == _MEDIA or one.text(1).startswith("media/"))

    def _file(self, name: str, step: int | None, *, media: bool) -> Iterator[Event]:
        content = self._path.parent / "files" / name
        if name in self._saved or name == "output.log":
            return
        self._saved.add(name)
        if wrong_with(name) is not None:
            self.notes.add(f"the file {name[:80]!r} is left out: {wrong_with(name)}")
        elif not content.is_file():
            self.notes.add(f"the file {name[:80]!r} is not there any more")
        else:
            yield Saved(name, content, step, media)

    def _take_summary(self, summary: Message) -> Iterator[Event]:
        for path, value in _items(summary.messages(1)):
            for known in [known for known in self._summary if known[: len(path)] == path]:
                del self._summary[known]
            self._summary[path] = value
        for path, _ in _items(summary.messages(2)):
            for known in [known for known in self._summary if known[: len(path)] == path]:
                del self._summary[known]
        yield from ()

    def _own_summary(self) -> dict[str, Any]:
        """What the script has set: all but what was logged last, and what is made of that."""
        own: dict[str, Any] = {}
        for path, value in self._summary.items():
            key = ".".join(path)
            definition = self._definitions.of(path[0]) or self._definitions.of(key)
            made = definition is not None and (definition.aggregates or definition.omitted)
            logged = any(isinstance(self._last.get(".".join(path[:end])), dict) for end in range(1, len(path)))
            if path[0].startswith("_") or made or logged or _same(self._last.get(key, _MISSING), value):
                continue
            if key in self._last:
                own[key] = value
            else:
                _put(own, path, value)
        return own

    def _metric(self, metric: Message) -> Iterator[Event]:
        name = metric.text(1) or metric.text(2)
        if not name or metric.integer(10):  # one that follows from a glob
            return
        options, summary = metric.message(6), metric.message(7)
        kinds = [kind for number, kind in enumerate(_AGGREGATES, 1) if summary.integer(number)]
        told = {
            "name": name, "step_metric": metric.text(4), "step_sync": bool(options.integer(1)), "hidden": bool(options.integer(2)),
            "summary": kinds, "goal": _GOALS.get(metric.integer(8)),
        }  # fmt: skip
        data = {key: value for key, value in told.items() if value}
        self._definitions.tell(data)
        yield Record(f.METRIC, None, None, data)

    def _stats(self, stats: Message) -> Iterator[Event]:
        values = {".".join(path): value for path, value in _items(stats.messages(3))}
        numbers = {key: value for key, value in values.items() if isinstance(value, (int, float)) and key[0] != "_"}
        if numbers:
            yield Sample(_time(stats.message(2)), numbers)

    def _alert(self, alert: Message) -> Iterator[Event]:
        level = alert.text(3).upper()
        told = {
            "title": alert.text(1)[:64],
            "text": alert.text(2),
            "level": level if level in {"WARN", "ERROR"} else "INFO",
        }
        yield Record(f.ALERT, None, None, told)

    def _output(self, output: Message) -> Iterator[Event]:
        channel = _CHANNELS[bool(output.integer(1))]
        for number, text in self._terminals[channel].feed(output.text(3)).items():
            yield Record(f.CONSOLE, None, _time(output.message(2)), {"n": number, "c": channel, "t": text})

    def _number(self) -> int:
        self._lines += 1
        return self._lines - 1


def _items(items: list[Message]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """(Path of keys, value) of each item. ValueError if one is no JSON."""
    for item in items:
        path = tuple(item.texts(2)) or (item.text(1),)
        if path[0]:
            yield path, json.loads(item.text(16)) if 16 in item else None


def _put(values: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Set a value among nested dicts."""
    for key in path[:-1]:
        inner = values.get(key)
        values[key] = values = dict(inner) if isinstance(inner, Mapping) else {}
    values[path[-1]] = value


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """(Dotted key, value); an image or the like is one value."""
    for key, value in tree.items():
        if isinstance(value, dict) and "_type" not in value:
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _same(one: Any, other: Any) -> bool:
    return one is not _MISSING and (one == other or (one != one and other != other))  # noqa: PLR0124 NaN is the same as NaN here


def _time(stamp: Message) -> int | None:
    """Microseconds since 1970; None if it says nothing."""
    return stamp.integer(1) * 1_000_000 + stamp.integer(2) // 1000 or None
