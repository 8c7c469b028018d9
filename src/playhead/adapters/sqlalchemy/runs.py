"""Runs, segments and streams in tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, tuple_, update

from playhead.adapters.sqlalchemy.commits import apply, change_runs, next_number
from playhead.adapters.sqlalchemy.cursors import pack, unpack
from playhead.adapters.sqlalchemy.engine import Database
from playhead.adapters.sqlalchemy.rows import (
    changed_values,
    path_of,
    record_of,
    run_of,
    run_values,
    segment_of,
    select_runs,
    select_segments,
    select_streams,
    stream_of,
)
from playhead.adapters.sqlalchemy.tables import projects, records, runs, segments, streams
from playhead.domain.errors import ConflictError, NotFoundError, UsageError
from playhead.domain.ids import RunPath
from playhead.domain.run import Run, RunState, Segment, Stream
from playhead.ports.clock import Clock
from playhead.ports.runs import Commit, Record, RunQuery

_LIVE = [state.value for state in RunState if state.live]
_ORDERS = {"created_at": int, "updated_at": int, "name": str, "state": str}
_CHANGED = 1_000
_REOPENED = (
    "state started_at finished_at heartbeat_at exit_code name group job_type notes tags config summary step user"
).split()
"""Fields that a new segment of a run that exists sets anew."""


class SqlRuns:
    """`playhead.ports.runs.Runs` in a database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def open(self, run: Run, segment: Segment, stream: Stream) -> tuple[Run, Segment, Stream]:
        def work(connection: Connection) -> None:
            _check_free(connection, run.path, segment, stream)
            now = self._clock.now()
            run_pk = _find(connection, run.path)
            if run_pk is None:
                run_pk = _add_run(connection, run, segment.id, now)
            if not _known(connection, segments, segment.id):
                _add_segment(connection, run, segment, run_pk, now)
            if not _known(connection, streams, stream.id):
                _add_stream(connection, stream, run_pk)

        self._database.settled(work)
        with self._database.read() as connection:
            stored = _one(connection.execute(select_segments().where(segments.c.id == segment.id)), segment.id)
            return _run(connection, run.path), segment_of(stored), _stream(connection, stream.id)

    def run(self, path: RunPath) -> Run:
        with self._database.read() as connection:
            return _run(connection, path)

    def runs(
        self, entity: str, project: str, query: RunQuery, limit: int, cursor: str | None = None
    ) -> tuple[list[Run], str | None]:
        field = query.order.removeprefix("-")
        if field not in _ORDERS:
            raise UsageError(f"Runs cannot be ordered by {field!r}, only by {', '.join(sorted(_ORDERS))}.")
        descending = query.order.startswith("-")
        by = (runs.c[field], runs.c.run_id)
        statement = select_runs().where(projects.c.entity == entity, projects.c.name == project)
        if query.states:
            statement = statement.where(runs.c.state.in_(sorted(query.states)))
        if query.search:
            statement = statement.where(runs.c.sought.contains(query.search.casefold(), autoescape=True))
        if cursor is not None:
            place = tuple_(*unpack(cursor, (_ORDERS[field], str)))
            statement = statement.where(tuple_(*by) < place if descending else tuple_(*by) > place)
        statement = statement.order_by(*(column.desc() if descending else column for column in by))
        with self._database.read() as connection:
            rows = connection.execute(statement.limit(limit + 1)).all()
        page = [run_of(row) for row in rows[:limit]]
        return page, pack((getattr(page[-1], field), page[-1].path.run_id)) if len(rows) > limit else None

    def changed(self, entity: str, project: str, since: int) -> list[tuple[str, str, int, int]]:
        statement = (
            select(runs.c.run_id, runs.c.state, runs.c.step, runs.c.updated_at)
            .join(projects, runs.c.project_id == projects.c.id)
            .where(projects.c.entity == entity, projects.c.name == project, runs.c.updated_at > since)
            .order_by(runs.c.updated_at)
            .limit(_CHANGED)
        )
        with self._database.read() as connection:
            return [(row[0], row[1], row[2], row[3]) for row in connection.execute(statement)]

    def segments(self, path: RunPath) -> list[Segment]:
        with self._database.read() as connection:
            run_pk = _existing(connection, path)
            query = select_segments().where(segments.c.run_pk == run_pk).order_by(segments.c.created_at, segments.c.id)
            own = [segment_of(row) for row in connection.execute(query)]
            return _ancestors(connection, own) + own

    def stream(self, stream_id: str) -> Stream:
        with self._database.read() as connection:
            return _stream(connection, stream_id)

    def streams(self, path: RunPath) -> list[Stream]:
        with self._database.read() as connection:
            run_pk = _existing(connection, path)
            query = select_streams().where(streams.c.run_pk == run_pk).order_by(streams.c.id)
            return [stream_of(row) for row in connection.execute(query)]

    def commit(self, commits: Sequence[Commit]) -> None:
        with self._database.write() as connection:
            apply(connection, commits, self._clock.now())

    def records(self, path: RunPath, kind: str) -> list[Record]:
        with self._database.read() as connection:
            run_pk = _existing(connection, path)
            query = (
                select(records)
                .where(records.c.run_pk == run_pk, records.c.kind == kind)
                .order_by(records.c.time, records.c.stream, records.c.offset)
            )
            return [record_of(row) for row in connection.execute(query)]

    def update(self, path: RunPath, fields: Mapping[str, Any]) -> Run:
        with self._database.write() as connection:
            change_runs(connection, {_existing(connection, path): changed_values(fields)}, self._clock.now())
            return _run(connection, path)

    def delete(self, path: RunPath) -> list[str]:
        def work(connection: Connection) -> list[str]:
            run_pk = _existing(connection, path)
            # Streams are locked before the run, as a commit does it.
            locked = select(streams.c.id).where(streams.c.run_pk == run_pk).order_by(streams.c.id).with_for_update()
            own_streams = list(connection.scalars(locked))
            own_segments = list(connection.scalars(select(segments.c.id).where(segments.c.run_pk == run_pk)))
            connection.execute(delete(records).where(records.c.run_pk == run_pk))
            connection.execute(delete(streams).where(streams.c.run_pk == run_pk))
            connection.execute(delete(segments).where(segments.c.run_pk == run_pk))
            connection.execute(delete(runs).where(runs.c.id == run_pk))
            return own_segments + own_streams

        return self._database.settled(work)

    def silent(self, before: int) -> list[RunPath]:
        statement = select(runs.c.run_id, projects.c.entity, projects.c.name.label("project")).join(
            projects, runs.c.project_id == projects.c.id
        )
        statement = statement.where(runs.c.state.in_(_LIVE), runs.c.heartbeat_at < before)
        with self._database.read() as connection:
            return sorted(path_of(row) for row in connection.execute(statement))


def _find(connection: Connection, path: RunPath) -> int | None:
    statement = (
        select(runs.c.id)
        .join(projects, runs.c.project_id == projects.c.id)
        .where(projects.c.entity == path.entity, projects.c.name == path.project, runs.c.run_id == path.run_id)
    )
    return connection.scalar(statement)


def _existing(connection: Connection, path: RunPath) -> int:
    run_pk = _find(connection, path)
    if run_pk is None:
        raise NotFoundError(f"There is no run {path}.")
    return run_pk


def _run(connection: Connection, path: RunPath) -> Run:
    statement = select_runs().where(
        projects.c.entity == path.entity, projects.c.name == path.project, runs.c.run_id == path.run_id
    )
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no run {path}.")
    return run_of(row)


def _stream(connection: Connection, stream_id: str) -> Stream:
    row = connection.execute(select_streams().where(streams.c.id == stream_id)).one_or_none()
    if row is None:
        raise NotFoundError(f"Nothing of the stream {stream_id} has arrived.")
    return stream_of(row)


def _known(connection: Connection, table: Any, name: str) -> bool:
    return connection.scalar(select(table.c.id).where(table.c.id == name)) is not None


def _one(rows: Any, what: str) -> Row[Any]:
    row: Row[Any] | None = rows.one_or_none()
    if row is None:
        raise NotFoundError(f"{what} was deleted meanwhile.")
    return row


def _check_free(connection: Connection, path: RunPath, segment: Segment, stream: Stream) -> None:
    found = [
        *connection.execute(select_segments().where(segments.c.id == segment.id)),
        *connection.execute(select_streams().where(streams.c.id == stream.id)),
    ]
    for row in found:
        if path_of(row) != path:
            raise ConflictError(f"{row.id} belongs to another run.")


def _add_run(connection: Connection, run: Run, head: str, now: int) -> int:
    statement = select(projects.c.id).where(projects.c.entity == run.path.entity, projects.c.name == run.path.project)
    project_id = connection.scalar(statement)
    if project_id is None:
        raise NotFoundError(f"There is no project {run.path.entity}/{run.path.project}.")
    values = {**run_values(run), "head": head, "updated_at": next_number(connection, project_id, now)}
    added = connection.execute(insert(runs).values(project_id=project_id, **values)).inserted_primary_key
    assert added is not None
    return int(added[0])


def _add_segment(connection: Connection, run: Run, segment: Segment, run_pk: int, now: int) -> None:
    former = select(runs.c.head).where(runs.c.id == run_pk).scalar_subquery()
    connection.execute(update(segments).where(segments.c.id == former).values(archived=True))
    connection.execute(
        insert(segments).values(
            id=segment.id,
            run_pk=run_pk,
            parent=segment.parent,
            parent_step=segment.parent_step,
            first_step=segment.first_step,
            last_step=segment.last_step,
            archived=segment.archived,
            created_at=segment.created_at,
        )
    )
    again = changed_values({name: getattr(run, name) for name in _REOPENED})
    change_runs(connection, {run_pk: {**again, "head": segment.id}}, now)


def _add_stream(connection: Connection, stream: Stream, run_pk: int) -> None:
    connection.execute(
        insert(streams).values(
            id=stream.id,
            run_pk=run_pk,
            segment=stream.segment,
            role=stream.role,
            offset=stream.offset,
            label=stream.label,
            schemas=stream.schemas,
        )
    )


def _ancestors(connection: Connection, own: Sequence[Segment]) -> list[Segment]:
    """Segments of other runs that lead to these, the oldest first."""
    seen = {segment.id for segment in own}
    found: list[Segment] = []
    for segment in own:
        line: list[Segment] = []
        parent = segment.parent
        while parent is not None and parent not in seen:
            row = connection.execute(select_segments().where(segments.c.id == parent)).one_or_none()
            if row is None:  # Its run was deleted.
                break
            line.insert(0, segment_of(row))
            seen.add(parent)
            parent = row.parent
        found += line
    return found
