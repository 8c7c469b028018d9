"""Makes a run's folder of what was found. The same content makes the same bytes under the same ids: sent again, nothing is added."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from playhead.domain.errors import JournalError, LimitError
from playhead.domain.file import wrong_with
from playhead.domain.limits import MAX_STEP, MAX_TIME
from playhead.importers.source import Notes, Record, Row, Sample, Saved, Source, Whole
from playhead.journal import format as f
from playhead.journal import reader
from playhead.journal.past import PastWriter
from playhead.sidecar.own_journal import MAIN
from playhead.sidecar.tail import BLOBS

_VERSION = 1
"""Of what is made of a source: what another version made has other ids."""


class Written(NamedTuple):
    """A run's folder; `known` if it was there already, of the same content."""

    folder: Path
    known: bool = False


def write(source: Source, root: Path, *, entity: str | None, project: str) -> Written:
    """The folder of the run in `root`, whole or not at all. OSError if it cannot be written, PlayheadError if the source cannot be read."""
    stream = _id("stream", source, entity, project)
    stamp = time.strftime("%Y%m%d_%H%M%S", time.gmtime(source.created_at / 1e6))
    base = root / f"offline-run-{stamp}-{source.run_id}"
    folder, number = base, 1
    while folder.exists():
        if _stream_in(folder) == stream:
            return Written(folder, known=True)
        number += 1
        folder = base.with_name(f"{base.name}-{number}")
    header = f.Header(
        stream=stream, run_id=source.run_id, segment=_id("segment", source, entity, project), role="main", project=project,
        entity=entity, created_at=source.created_at,
    )  # fmt: skip
    making = Path(tempfile.mkdtemp(prefix=".importing-", dir=root))
    try:
        making.chmod(0o755)
        for name in ("files", "logs", BLOBS):
            (making / name).mkdir()
        _Folder(making, header, source.notes).fill(source)
        making.rename(folder)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    return Written(folder)


def _id(what: str, source: Source, entity: str | None, project: str) -> str:
    """What is imported from the same content to the same place has the same id."""
    told = (what, _VERSION, entity, project, source.run_id, source.created_at, source.start, source.digest)
    return hashlib.sha256(repr(told).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _stream_in(folder: Path) -> str | None:
    try:
        return reader.open_header(folder / MAIN)[0].stream
    except (OSError, JournalError):
        return None


class _Folder:
    """A run's folder while it is filled."""

    def __init__(self, path: Path, header: f.Header, notes: Notes) -> None:
        self._path = path
        self._notes = notes
        self._writer = PastWriter(path / MAIN, header, convert=_convert, told=notes.add)
        self._header = header
        self._system: PastWriter | None = None
        self._step = 0

    def fill(self, source: Source) -> None:
        """Write all that happened."""
        try:
            self._writer.record(f.START, 0, source.start)
            for event in source.events():
                try:
                    self._take(event)
                except (TypeError, LimitError) as error:
                    self._notes.add(f"left out: {error}")
            self._writer.flush()
        finally:
            for writer in (self._writer, self._system):
                if writer is not None:
                    writer.abandon()

    def _take(self, event: Row | Sample | Record | Saved) -> None:
        if isinstance(event, Saved):
            self._save(event)
            return
        self._reach(event.time)
        match event:
            case Row():
                self._row(event)
            case Sample():
                if self._system is None:
                    self._system = self._second()
                self._system.reach(self._writer.at)
                self._system.row(self._step, event.values)
            case Record():
                self._writer.record(event.kind, self._step if event.step is None else event.step, event.data)

    def _second(self) -> PastWriter:
        """The journal of its machine."""
        writer = self._header.stream
        own = self._header._replace(
            role="system", writer=writer, stream=hashlib.sha256(writer.encode()).hexdigest()[:16]
        )
        return PastWriter(self._path / "system.journal", own, convert=_convert, told=self._notes.add)

    def _reach(self, at: int | None) -> None:
        if at is not None:
            if 0 <= at <= MAX_TIME:
                self._writer.reach(at)
            else:
                self._notes.add("a time lies outside of the years 1970 to 9999")

    def _row(self, row: Row) -> None:
        if not 0 <= row.step <= MAX_STEP:
            self._notes.add("a row is left out: its step is below 0, or too large")
            return
        if row.values:
            self._writer.row(row.step, row.values)
            self._step = max(self._step, row.step)

    def _save(self, saved: Saved) -> None:
        wrong = wrong_with(saved.name)
        if wrong is not None:
            self._notes.add(f"the file {saved.name[:80]!r} is left out: {wrong}")
            return
        try:
            sha256, size = self._keep(saved.content)
        except OSError as error:
            self._notes.add(f"the file {saved.name!r} is left out: {error.strerror}")
            return
        data: dict[str, Any] = {"path": saved.name, "sha256": sha256, "size": size}
        kind = f.MEDIA if saved.media else f.FILE
        step = self._step if saved.step is None else saved.step
        self._writer.record(kind, step, data | ({"media": True} if saved.media else {"kept": True}))

    def _keep(self, content: Path | bytes) -> tuple[str, int]:
        """Copy a file's content to where it waits for being sent: its SHA-256 and size."""
        part = self._path / BLOBS / ".part"
        if isinstance(content, bytes):
            part.write_bytes(content)
        else:
            shutil.copyfile(content, part)
        with part.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        size = part.stat().st_size
        part.rename(part.with_name(sha256))
        return sha256, size


def _convert(key: str, value: Any) -> Any:
    if isinstance(value, Whole):
        return value.value
    if isinstance(value, list):
        return value
    raise TypeError(f"{key!r} is a {type(value).__name__}, which cannot be logged.")
