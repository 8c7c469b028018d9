"""Between table rows and the domain's runs, segments, streams and records."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import Row, Select, select

from playhead.adapters.sqlalchemy.tables import projects, runs, segments, streams
from playhead.domain.errors import UsageError
from playhead.domain.file import SHA256
from playhead.domain.ids import RunPath
from playhead.domain.lines import Spans
from playhead.domain.run import Branch, Run, RunState, Segment, Stream, Writer
from playhead.ports.runs import DOCUMENTS, Record

_FIELDS = tuple(field.name for field in fields(Run) if field.name != "path")
_SETTABLE = frozenset(_FIELDS) - {"head", "epoch", "updated_at"}
_TURNED = frozenset({"head", "epoch"})
"""Fields of Run that only a turn of its timeline sets."""
SOUGHT_FIELDS = frozenset({"name", "group", "tags"})
"""Fields of Run whose change changes what a search looks at."""
_WRITER = tuple(field.name for field in fields(Writer))

Schemas = dict[int, tuple[tuple[str, str], ...]]


def select_runs(documents: frozenset[str] = DOCUMENTS) -> Select[Any]:
    """Runs with the entity and project that they are in, and only these of their documents."""
    columns = [column for column in runs.c if column.name in documents or column.name not in DOCUMENTS]
    return select(*columns, projects.c.entity, projects.c.name.label("project")).join(
        projects, runs.c.project_id == projects.c.id
    )


def select_segments() -> Select[Any]:
    """Segments with the paths of their runs."""
    return (
        select(segments, runs.c.run_id, projects.c.entity, projects.c.name.label("project"))
        .join(runs, segments.c.run_pk == runs.c.id)
        .join(projects, runs.c.project_id == projects.c.id)
    )


def select_streams() -> Select[Any]:
    """Streams with the paths of their runs."""
    return (
        select(streams, runs.c.run_id, projects.c.entity, projects.c.name.label("project"))
        .join(runs, streams.c.run_pk == runs.c.id)
        .join(projects, runs.c.project_id == projects.c.id)
    )


def path_of(row: Any) -> RunPath:
    """The path in a row of one of the three above."""
    return RunPath(row.entity, row.project, row.run_id)


def run_of(row: Row[Any]) -> Run:
    """A row of `select_runs`; documents that it has not are empty."""
    told = row._asdict()
    values = {name: told.get(name, {}) for name in _FIELDS}
    values["state"] = RunState(values["state"])
    values["tags"] = tuple(values["tags"])
    values["writers"] = tuple(Writer(**{**one, "state": RunState(one["state"])}) for one in values["writers"])
    values["clock"] = tuple((begun, start) for begun, start in values["clock"])
    values["branch"] = None if values["branch"] is None else Branch(*values["branch"])
    return Run(path=RunPath(told["entity"], told["project"], told["run_id"]), **values)


def segment_of(row: Row[Any]) -> Segment:
    """A row of `select_segments`."""
    return Segment(
        id=row.id,
        run=path_of(row),
        parent=row.parent,
        parent_step=row.parent_step,
        first_step=row.first_step,
        last_step=row.last_step,
        archived=row.archived,
        created_at=row.created_at,
        inherits=row.inherits,
        lanes=tuple((place, label) for place, label in row.lanes),
    )


def stream_of(row: Row[Any]) -> Stream:
    """A row of `select_streams`."""
    return Stream(
        id=row.id,
        run=path_of(row),
        segment=row.segment,
        role=row.role,
        offset=row.offset,
        label=row.label,
        schemas=schemas_of(row.schemas),
        writer=row.writer,
        shared=row.shared,
        begun=row.begun,
        begun_step=row.begun_step,
        last_at=row.last_at,
        last_step=row.last_step,
        fenced=row.fenced,
        lines=lines_of(row.lines),
    )


def record_of(row: Row[Any]) -> Record:
    """A row of the table of records."""
    return Record(
        kind=row.kind,
        offset=row.offset,
        step=row.step,
        time=row.time,
        data=row.data,
        stream=row.stream,
        segment=row.segment,
    )


def schemas_of(stored: Mapping[str, list[list[str]]]) -> Schemas:
    """Row schemas as the domain has them; JSON knows neither integer keys nor tuples."""
    return {int(number): tuple((key, code) for key, code in columns) for number, columns in stored.items()}


def lines_of(stored: Mapping[str, list[list[int]]]) -> dict[str, Spans]:
    """Lines that were taken, as the domain has them."""
    return {name: tuple((first, end) for first, end in spans) for name, spans in stored.items()}


def run_values(run: Run) -> dict[str, Any]:
    """A new run's columns, less `project_id` and `id`."""
    values = _stored({name: getattr(run, name) for name in _FIELDS})
    text = sought(run.path.run_id, run.name, run.group, run.tags)
    return {**values, "run_id": run.path.run_id, "sought": text, "behind": False}


def changed_values(changes: Mapping[str, Any], *, turned: bool = False) -> dict[str, Any]:
    """New values of fields of Run as columns. UsageError for what is no field, or not to be set; a turn may set more."""
    unknown = changes.keys() - (_SETTABLE | _TURNED if turned else _SETTABLE)
    if unknown:
        raise UsageError(f"{', '.join(sorted(unknown))}: no field of a run that can be set.")
    return _stored(changes)


def _stored(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of Run as its columns have them."""
    values = dict(fields)
    if "state" in values:
        values["state"] = RunState(values["state"]).value
    if "writers" in values:
        values["writers"] = [{name: getattr(writer, name) for name in _WRITER} for writer in values["writers"]]
    return values


def segment_values(segment: Segment, run_pk: int) -> dict[str, Any]:
    """A new segment's columns."""
    values = {field.name: getattr(segment, field.name) for field in fields(Segment) if field.name != "run"}
    return {**values, "run_pk": run_pk}


def stream_values(stream: Stream, run_pk: int) -> dict[str, Any]:
    """A new stream's columns."""
    values = {field.name: getattr(stream, field.name) for field in fields(Stream) if field.name != "run"}
    return {**values, "run_pk": run_pk}


def sought(run_id: str, name: str, group: str | None, tags: Any) -> str:
    """What a search looks at. The separator can be typed by nobody, so no search reaches over two fields."""
    return "\x1f".join((name, run_id, group or "", *tags)).casefold()


def record_values(record: Record, *, stream: str, segment: str, run_pk: int) -> dict[str, Any]:
    """A record's columns."""
    return {
        "stream": stream,
        "offset": record.offset,
        "run_pk": run_pk,
        "segment": segment,
        "kind": record.kind,
        "step": record.step,
        "time": record.time,
        "data": record.data,
        "name": name_key(record.data["path"]) if isinstance(record.data.get("path"), str) else None,
        "content": content_of(record.kind, record.data),
    }


def content_of(kind: str, data: Mapping[str, Any]) -> str | None:
    """SHA-256 of the content that a record refers to, empty if there is none; None for records that never do."""
    if kind not in {"file", "media"}:
        return None
    told = data.get("sha256")
    return told if isinstance(told, str) and SHA256.fullmatch(told) else ""


def name_key(path: str) -> str:
    """By which records of a file are found: of equal length, for names may be longer than what an index takes."""
    return hashlib.blake2b(path.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
