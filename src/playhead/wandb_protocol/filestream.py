"""The client's file stream: numbered lines of history, system metrics, summary and console, and the run's end.

Each line is taken once, in whatever pieces and however often it comes; see `Sessions`.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from playhead.domain.errors import LimitError, NotFoundError, UsageError
from playhead.domain.ids import RunPath
from playhead.domain.limits import MAX_PAGE
from playhead.domain.run import Run, Stream
from playhead.journal import format as f
from playhead.services.access import signed_in
from playhead.services.intake import Taken
from playhead.wandb_protocol import console, replays, rows, summaries, system
from playhead.wandb_protocol.beginning import find, other
from playhead.wandb_protocol.context import Call, Services, call_of
from playhead.wandb_protocol.errors import as_answer
from playhead.wandb_protocol.limits import MAX_AT_ONCE, MAX_UNZIPPED
from playhead.wandb_protocol.rows import Rows
from playhead.wandb_protocol.sessions import Piece, is_session, next_step
from playhead.wandb_protocol.uploads import placed

SUMMARY = "wandb-summary.json"
JUST_NOW = 60_000_000
"""Microseconds: what was said so long ago was said by a training that ended then."""


class Lines(msgspec.Struct):
    """Lines of one file, from `offset` on."""

    offset: int = 0
    content: list[Any] = []


class Told(msgspec.Struct):
    """Body of a request. An empty one is a sign of life."""

    files: dict[str, Lines] = {}
    preempting: bool = False
    complete: bool = False
    exitcode: int | None = None
    uploaded: list[str] = []


_told = msgspec.json.Decoder(Told)


class FileStream:
    """The address of the stream of each run."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def answer(self, request: Request) -> Response:
        """Take what one request says."""
        call = await call_of(request, self._services)
        signed_in(call.actor)
        path = RunPath(*(request.path_params[name] for name in ("entity", "project", "run")))
        body = await request.body()
        zipped = request.headers.get("content-encoding", "").strip().lower() == "gzip"
        stopped = await run_in_threadpool(_take, call, path, body, zipped=zipped)
        return as_answer({"stopped": True} if stopped else {})


def _take(call: Call, path: RunPath, body: bytes, *, zipped: bool) -> bool:
    """Whether the training is to stop."""
    run = find(call, path)
    if run is None:
        raise NotFoundError(f"There is no run {path}: call wandb.init() first.")
    told = _read(_unzipped(body) if zipped else body)
    stream = call.services.sessions.find(run, call.client)
    if not stream.shared and replays.is_other(call, stream, _first(told, rows.FILE), _first(told, system.FILE)):
        stream = other(call, path, stream)
    return _Taking(call, path, stream, Rows(next_step(stream))).all(told)


def _first(told: Told, file: str) -> Sequence[Any]:
    """A file's lines, if they are its first ones."""
    lines = told.files.get(file)
    return () if lines is None or lines.offset else lines.content


def _unzipped(body: bytes) -> bytes:
    unzip = zlib.decompressobj(wbits=31)
    try:
        plain = unzip.decompress(body, MAX_UNZIPPED)
    except zlib.error as error:
        raise UsageError(f"This is no gzip: {error}.") from None
    if unzip.unconsumed_tail:
        raise LimitError(f"This is more than {MAX_UNZIPPED:,} bytes (MAX_UNZIPPED).")
    return plain


def _read(body: bytes) -> Told:
    if not body.strip():
        return Told()
    try:
        return _told.decode(body)
    except msgspec.ValidationError as error:
        raise UsageError(f"This is nothing of a file stream: {error}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError):  # perhaps it is in Python's dialect of JSON
        try:
            return msgspec.convert(json.loads(body), Told)
        except (ValueError, RecursionError) as error:
            raise UsageError(f"This is nothing of a file stream: {error}.") from None


@dataclass(slots=True)
class _Taking:
    """What one request says, on its way into a session."""

    call: Call
    path: RunPath
    stream: Stream
    new: Rows

    def all(self, told: Told) -> bool:
        """Take it, in pieces of bounded size; whether the training is to stop."""
        files = {name: lines for name, lines in told.files.items() if lines.content and lines.offset >= 0}
        self._name(files)
        history = list(_pieces(files.pop(rows.FILE, Lines())))
        samples = files.pop(system.FILE, None)
        answer: Taken | None = None
        for lines in history[:-1]:
            answer = self._append(Told({rows.FILE: lines}))
        if history:
            files[rows.FILE] = history[-1]
        if told.complete or told.preempting or told.uploaded or files.keys() & {rows.FILE, console.FILE, SUMMARY}:
            answer = self._append(msgspec.structs.replace(told, files=files))
        if samples is not None:
            answer = self._sample(samples)
        if answer is None:
            answer = self._append(Told())
        if told.complete and self.stream.shared:
            self._end_others(told.exitcode or 0)
        return answer.stop

    def _name(self, files: dict[str, Lines]) -> None:
        """A writer of a shared run tells its label with its lines only."""
        if not self.stream.shared or self.stream.label:
            return
        labels = [*map(console.label_of, files[console.FILE].content)] if console.FILE in files else []
        labels += [*map(system.label_of, files[system.FILE].content)] if system.FILE in files else []
        label = next(filter(None, labels), "")
        if label:
            self.call.services.beginnings.label(self.call.actor, self.path, self.stream.id, label)
            self.stream = self.call.services.sessions.again(self.stream)

    def _end_others(self, code: int) -> None:
        """The client's other writers of a shared run do not say that they end: the first one speaks for all."""
        sessions = self.call.services.sessions
        for writer in sessions.run(self.path).writers:
            if is_session(writer.stream) and writer.exit_code is None:
                stream = sessions.named(writer.stream)
                sessions.append(self.call.actor, stream, lambda piece: piece.record(f.EXIT, {"code": code}))

    def _append(self, told: Told) -> Taken:
        def make(piece: Piece) -> None:
            self._write(piece, told)

        return self.call.services.sessions.append(self.call.actor, self.stream, make, final=told.complete)

    def _write(self, piece: Piece, told: Told) -> None:
        files, services = told.files, self.call.services
        new = self.new = Rows(piece.next_step)
        if rows.FILE in files:
            rows.write(piece, files[rows.FILE].offset, files[rows.FILE].content, new)
        if console.FILE in files:
            console.write(piece, files[console.FILE].offset, files[console.FILE].content, new)
        summary = rows.parsed(files[SUMMARY].content[-1]) if SUMMARY in files else {}
        if summary is None:
            piece.unread += 1
        run = services.sessions.run(self.path) if summary or told.complete else None
        if summary and run is not None:
            self._summary(piece, services.timeline.fresh(run), summary, new)
        placed(services.sessions, piece, told.uploaded[:MAX_PAGE], new)
        if told.preempting:
            piece.record(f.STATE, {"state": "preempting"}, time=new.latest or piece.now)
        if told.complete and run is not None:
            piece.record(f.EXIT, {"code": told.exitcode or 0}, time=_end(piece, run, new, summary or {}))

    def _summary(self, piece: Piece, run: Run, told: dict[str, Any], new: Rows) -> None:
        changed, gone = summaries.changes(
            told, run.summary, new.last(), piece.stream.begun, alone=not piece.stream.shared
        )
        if not changed and not gone:
            return
        time = rows.time_of(told.get("_timestamp")) or piece.now
        try:
            piece.record(f.SUMMARY, {"set": changed, "delete": gone}, time=max([time, *new.times[-1:]]))
        except (LimitError, TypeError):
            piece.unread += 1

    def _sample(self, lines: Lines) -> Taken:
        sessions = self.call.services.sessions

        def make(piece: Piece) -> None:
            system.write(piece, lines.offset, lines.content, self.new.before)

        return sessions.append(self.call.actor, sessions.system(self.stream), make)


def _end(piece: Piece, run: Run, new: Rows, summary: dict[str, Any]) -> int:
    """When the training ended, by its own clock, for how long it was at work as the summary tells: it may be a synced run of old."""
    whole = summary.get("_wandb")
    seconds = whole.get("runtime") if isinstance(whole, dict) else None
    if isinstance(seconds, (int, float)):
        start = new.started or (run.clock[-1][1] if run.clock else run.started_at)
        return max(new.latest, min(rows.time_of(start / 1e6 + seconds) or 0, piece.now))
    return new.latest if new.latest and piece.now - new.latest > JUST_NOW else piece.now


def _pieces(lines: Lines) -> Iterator[Lines]:
    """The lines in their order, a few megabytes at a time."""
    content: Sequence[Any] = lines.content
    first = size = 0
    for at, line in enumerate(content):
        size += len(line) if isinstance(line, str) else 0
        if size >= MAX_AT_ONCE:
            yield Lines(lines.offset + first, list(content[first : at + 1]))
            first, size = at + 1, 0
    if first < len(content):
        yield Lines(lines.offset + first, list(content[first:]))
