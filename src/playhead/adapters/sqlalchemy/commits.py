"""Applying stretches of streams to the catalog: many at once in a handful of statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, case, insert, or_, select, update

from playhead.adapters.sqlalchemy import facts
from playhead.adapters.sqlalchemy.facts import pieces
from playhead.adapters.sqlalchemy.rows import (
    SOUGHT_FIELDS,
    changed_values,
    record_values,
    sought,
)
from playhead.adapters.sqlalchemy.tables import projects, records, runs, segments, streams
from playhead.domain.errors import NotFoundError, OffsetError
from playhead.ports.runs import Commit


@dataclass(slots=True)
class _Stream:
    """A stream, and what the commits make of it."""

    run_pk: int
    segment: str
    offset: int
    last_at: int
    last_step: int | None
    schemas: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, Any] = field(default_factory=dict)
    """Both are read only if there are new ones."""
    new_schemas: bool = False
    new_lines: bool = False


@dataclass(slots=True)
class _Plan:
    """All that is to be written, folded: one entry a stream, segment, run and record."""

    streams: dict[str, _Stream]
    runs: dict[int, dict[str, Any]] = field(default_factory=dict)
    steps: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)
    records: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)

    def fold(self, commit: Commit) -> None:
        """Take one more commit in. OffsetError if it does not go on where the stream ends."""
        stream = self.streams.get(commit.stream)
        if stream is None:
            raise NotFoundError(f"Nothing of the stream {commit.stream} has arrived.")
        if commit.start != stream.offset:
            raise OffsetError(stream.offset)
        stream.offset = commit.end
        stream.last_at = max(stream.last_at, commit.last_time)
        stream.last_step = _widest(max, stream.last_step, commit.last_step)
        if commit.schemas:
            stream.schemas.update({str(number): columns for number, columns in commit.schemas.items()})
            stream.new_schemas = True
        if commit.lines:
            stream.lines.update(commit.lines)
            stream.new_lines = True
        self.runs.setdefault(stream.run_pk, {}).update(changed_values(commit.run))
        first, last = self.steps.get(stream.segment, (None, None))
        self.steps[stream.segment] = (_widest(min, first, commit.first_step), _widest(max, last, commit.last_step))
        for record in commit.records:
            self.records[commit.stream, record.offset] = record_values(
                record, stream=commit.stream, segment=stream.segment, run_pk=stream.run_pk
            )


def apply(connection: Connection, commits: Sequence[Commit], now: int) -> None:
    """Apply all, or raise OffsetError or NotFoundError."""
    plan = _Plan(_lock_streams(connection, commits))
    for commit in commits:
        plan.fold(commit)
    _write_streams(connection, plan.streams)
    _write_steps(connection, plan.steps)
    if plan.records:
        connection.execute(insert(records), list(plan.records.values()))
    change_runs(connection, plan.runs, now)


def change_runs(connection: Connection, changes: Mapping[int, Mapping[str, Any]], now: int) -> None:
    """Set columns of runs (by their numbers), and number the changes: above every earlier one of their projects."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for run_pk, number in _numbers(connection, sorted(changes), now).items():
        values = {**changes[run_pk], "updated_at": number}
        row = {f"new_{name}": value for name, value in values.items()}
        alike.setdefault(tuple(sorted(values)), []).append({"pk": run_pk, **row})
    for names, rows in alike.items():
        statement = update(runs).where(runs.c.id == bindparam("pk"))
        connection.execute(statement.values({name: bindparam(f"new_{name}") for name in names}), rows)
    facts.follow(connection, changes)
    _write_sought(connection, [run_pk for run_pk, values in changes.items() if SOUGHT_FIELDS & values.keys()])


def next_number(connection: Connection, project_id: int, now: int, count: int = 1) -> int:
    """The first of `count` numbers (microseconds, now if it can be) above every earlier change of the project, which is locked."""
    locked = select(projects.c.updated_at).where(projects.c.id == project_id).with_for_update(key_share=True)
    first: int = max(now, connection.execute(locked).scalar_one() + 1)
    connection.execute(update(projects).where(projects.c.id == project_id).values(updated_at=first + count - 1))
    return first


def _numbers(connection: Connection, run_pks: Sequence[int], now: int) -> dict[int, int]:
    """A new `updated_at` for each of these runs. Runs, then projects are locked, each in order, so that no two writers block each other."""
    by_project: dict[int, list[int]] = {}
    for some in pieces(run_pks):
        query = select(runs.c.id, runs.c.project_id).where(runs.c.id.in_(some)).order_by(runs.c.id)
        for run_pk, project_id in connection.execute(query.with_for_update(key_share=True)):
            by_project.setdefault(project_id, []).append(run_pk)
    numbers: dict[int, int] = {}
    for project_id in sorted(by_project):
        own = by_project[project_id]
        first = next_number(connection, project_id, now, len(own))
        numbers |= {run_pk: first + place for place, run_pk in enumerate(own)}
    return numbers


def _lock_streams(connection: Connection, commits: Sequence[Commit]) -> dict[str, _Stream]:
    found = {}
    own = ("id", "run_pk", "segment", "offset", "last_at", "last_step")
    for some in pieces(sorted({commit.stream for commit in commits})):
        query = select(*(streams.c[name] for name in own)).where(streams.c.id.in_(some)).order_by(streams.c.id)
        for stream_id, *values in connection.execute(query.with_for_update(key_share=True)):
            found[stream_id] = _Stream(*values)
    for some in pieces(sorted({commit.stream for commit in commits if commit.schemas or commit.lines})):
        query = select(streams.c.id, streams.c.schemas, streams.c.lines).where(streams.c.id.in_(some))
        for stream_id, schemas, lines in connection.execute(query):
            found[stream_id].schemas, found[stream_id].lines = schemas, lines
    return found


def _write_streams(connection: Connection, changed: Mapping[str, _Stream]) -> None:
    moved = [
        {"pk": name, "end": stream.offset, "time": stream.last_at, "step": stream.last_step}
        for name, stream in changed.items()
    ]
    statement = update(streams).where(streams.c.id == bindparam("pk"))
    if moved:
        places: dict[str, Any] = {
            "offset": bindparam("end"),
            "last_at": bindparam("time"),
            "last_step": bindparam("step"),
        }
        connection.execute(statement.values(places), moved)
    told = [{"pk": name, "known": stream.schemas} for name, stream in changed.items() if stream.new_schemas]
    if told:
        connection.execute(statement.values(schemas=bindparam("known")), told)
    taken = [{"pk": name, "taken": stream.lines} for name, stream in changed.items() if stream.new_lines]
    if taken:
        connection.execute(statement.values(lines=bindparam("taken")), taken)


def _write_steps(connection: Connection, steps: Mapping[str, tuple[int | None, int | None]]) -> None:
    """Widen segments. Compared in the database: another stream of the segment may be writing at the same time."""
    wider = [{"pk": name, "lo": lo, "hi": hi} for name, (lo, hi) in sorted(steps.items()) if lo is not None]
    if not wider:
        return
    first, last = segments.c.first_step, segments.c.last_step
    lo, hi = bindparam("lo", type_=first.type), bindparam("hi", type_=last.type)
    statement = update(segments).where(segments.c.id == bindparam("pk"))
    connection.execute(
        statement.values(
            first_step=case((or_(first.is_(None), first > lo), lo), else_=first),
            last_step=case((or_(last.is_(None), last < hi), hi), else_=last),
        ),
        wider,
    )


def _write_sought(connection: Connection, run_pks: Sequence[int]) -> None:
    """Bring what a search looks at up to date."""
    columns = (runs.c.id, runs.c.run_id, runs.c.name, runs.c.group, runs.c.tags)
    for some in pieces(run_pks):
        rows = connection.execute(select(*columns).where(runs.c.id.in_(some))).all()
        texts = [{"pk": row[0], "text": sought(*row[1:])} for row in rows]
        connection.execute(update(runs).where(runs.c.id == bindparam("pk")).values(sought=bindparam("text")), texts)


def _widest(choose: Any, known: int | None, new: int | None) -> int | None:
    both = [step for step in (known, new) if step is not None]
    return choose(both, default=None)  # type: ignore[no-any-return]  # min or max
