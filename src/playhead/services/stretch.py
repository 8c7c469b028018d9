"""A stretch of a stream's bytes, decoded and split into what the metric store, the catalog and the run's draft take of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from playhead.domain.limits import MAX_STEP, MAX_TIME
from playhead.domain.run import Channel, ConsoleLine, Stream
from playhead.journal import columns
from playhead.journal import format as f
from playhead.journal.columns import Schema
from playhead.journal.reader import read_header
from playhead.ports import runs as ports
from playhead.ports.metrics import Batch
from playhead.services.points import Logged, collect
from playhead.services.text import fit_json, fit_line


@dataclass(slots=True)
class Applied:
    """What is to be done about a stretch."""

    end: int
    batch: Batch
    logged: Logged
    records: list[columns.Record]
    kept: list[ports.Record]
    """The records as the catalog keeps them."""
    schemas: dict[int, Schema] = field(default_factory=dict)
    damaged: int = 0

    @property
    def last_time(self) -> int:
        """When the latest row or record was written."""
        return max((record.time for record in self.records), default=self.logged.last_time)


def read(body: bytes | memoryview, base: int, stream: Stream, schemas: Mapping[int, Schema], *, final: bool) -> Applied:
    """Decode `body`, the bytes of `stream` from `base` on. What cannot be understood is counted; JournalError only if the begin of a
    journal has no header.
    """
    begin = read_header(body)[1] if base == 0 else 0
    rest = memoryview(body)[begin:]
    found = columns.decode(rest, base + begin, f.seed_of(stream.id), schemas, final=final)
    system = stream.role == "system"
    logged = collect(found.rows)
    records = [_placed(record) for record in found.records]
    lines, bad_lines = _console(records)
    batch = Batch(
        segment=stream.place,
        stream=stream.id,
        history=() if system else logged.points,
        objects=() if system else logged.objects,
        system=logged.points if system else (),
        console=lines,
    )
    kept = [
        ports.Record(kind=f.KIND_NAMES[r.kind], offset=r.offset, step=r.step, time=r.time, data=fit_json(r.data))
        for r in records
        if r.kind != f.CONSOLE and not (r.kind == f.SAVE and "media" in r.data)
    ]
    damaged = found.damaged + logged.damaged + bad_lines
    return Applied(found.end, batch, logged, records, kept, found.schemas, damaged)


def _placed(record: columns.Record) -> columns.Record:
    """`record` with its place within bounds."""
    step, time = min(max(record.step, 0), MAX_STEP), min(max(record.time, 0), MAX_TIME)
    return record if (step, time) == (record.step, record.time) else replace(record, step=step, time=time)


def _console(records: Sequence[columns.Record]) -> tuple[list[ConsoleLine], int]:
    """Console lines, the last text of each number, and how many records were none."""
    lines: dict[int, ConsoleLine] = {}
    bad = 0
    for record in records:
        if record.kind != f.CONSOLE:
            continue
        number, text, channel = record.data.get("n"), record.data.get("t"), record.data.get("c")
        if type(number) is not int or not 0 <= number < 1 << 53 or not isinstance(text, str):
            bad += 1
            continue
        told = Channel.STDERR if channel == Channel.STDERR else Channel.STDOUT
        lines[number] = ConsoleLine(number, fit_line(text), told, record.step, record.time)
    return list(lines.values()), bad
