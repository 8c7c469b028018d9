"""Finding and making single rows: what opening, turning and reading runs share."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from playhead.adapters.sqlalchemy import facts
from playhead.adapters.sqlalchemy.commits import next_number
from playhead.adapters.sqlalchemy.rows import (
    path_of,
    run_of,
    run_values,
    select_runs,
    select_segments,
    select_streams,
    stream_of,
)
from playhead.adapters.sqlalchemy.tables import projects, runs, segments, streams
from playhead.domain.errors import ConflictError, NotFoundError
from playhead.domain.ids import RunPath
from playhead.domain.run import Run, Stream


def find(connection: Connection, path: RunPath) -> int | None:
    """The run's number."""
    statement = (
        select(runs.c.id)
        .join(projects, runs.c.project_id == projects.c.id)
        .where(projects.c.entity == path.entity, projects.c.name == path.project, runs.c.run_id == path.run_id)
    )
    return connection.scalar(statement)


def existing(connection: Connection, path: RunPath) -> int:
    """The run's number. NotFoundError."""
    run_pk = find(connection, path)
    if run_pk is None:
        raise NotFoundError(f"There is no run {path}.")
    return run_pk


def run(connection: Connection, path: RunPath) -> Run:
    """NotFoundError."""
    statement = select_runs().where(
        projects.c.entity == path.entity, projects.c.name == path.project, runs.c.run_id == path.run_id
    )
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no run {path}.")
    return run_of(row)


def stream(connection: Connection, stream_id: str) -> Stream:
    """NotFoundError."""
    row = connection.execute(select_streams().where(streams.c.id == stream_id)).one_or_none()
    if row is None:
        raise NotFoundError(f"Nothing of the stream {stream_id} has arrived.")
    return stream_of(row)


def owned(connection: Connection, path: RunPath, segment: str | None, stream: str | None) -> tuple[bool, bool]:
    """Whether the segment and the stream are there already. ConflictError if one belongs to another run."""
    there = []
    for name, table, query in ((segment, segments, select_segments), (stream, streams, select_streams)):
        row = None if name is None else connection.execute(query().where(table.c.id == name)).one_or_none()
        if row is not None and path_of(row) != path:
            raise ConflictError(f"{row.id} belongs to another run.")
        there.append(row is not None)
    return there[0], there[1]


def add_run(connection: Connection, run: Run, head: str, now: int) -> int:
    """Make the run; its number. NotFoundError without its project."""
    statement = select(projects.c.id).where(projects.c.entity == run.path.entity, projects.c.name == run.path.project)
    project_id = connection.scalar(statement)
    if project_id is None:
        raise NotFoundError(f"There is no project {run.path.entity}/{run.path.project}.")
    values = {**run_values(run), "head": head, "updated_at": next_number(connection, project_id, now)}
    added = connection.execute(insert(runs).values(project_id=project_id, **values)).inserted_primary_key
    assert added is not None
    run_pk = int(added[0])
    facts.begin(connection, run_pk, project_id, values)
    return run_pk
