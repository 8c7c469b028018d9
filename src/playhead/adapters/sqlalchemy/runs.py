"""Runs, segments and streams in tables."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from playhead.adapters.sqlalchemy import lookup, turns
from playhead.adapters.sqlalchemy.commits import apply, change_runs
from playhead.adapters.sqlalchemy.engine import Database
from playhead.adapters.sqlalchemy.facts import pieces
from playhead.adapters.sqlalchemy.moving import move
from playhead.adapters.sqlalchemy.removal import remove
from playhead.adapters.sqlalchemy.rows import (
    changed_values,
    name_key,
    path_of,
    record_of,
    run_of,
    segment_of,
    select_runs,
    select_segments,
    select_streams,
    stream_of,
)
from playhead.adapters.sqlalchemy.search import Renewal, looking
from playhead.adapters.sqlalchemy.tables import projects, records, runs, segments, streams
from playhead.domain.errors import NotFoundError
from playhead.domain.ids import RunPath
from playhead.domain.places import order
from playhead.domain.run import Run, RunState, Segment, Stream
from playhead.ports.clock import Clock
from playhead.ports.runs import Commit, Record, RunQuery
from playhead.ports.timelines import Turn

_LIVE = [state.value for state in RunState if state.live]
_CHANGED = 1_000


class SqlRuns:
    """`playhead.ports.runs.Runs` in a database."""

    def __init__(self, database: Database, clock: Clock, renewal: Renewal | None = None) -> None:
        self._database = database
        self._clock = clock
        self._renewal = renewal or Renewal(database)

    def run(self, path: RunPath) -> Run:
        with self._database.read() as connection:
            return lookup.run(connection, path)

    def runs(
        self, entity: str, project: str, query: RunQuery, limit: int, cursor: str | None = None
    ) -> tuple[list[Run], str | None]:
        place = order(query.order).place
        with (
            self._database.read() as connection,
            looking(connection, self._renewal, entity, project, query, place) as listing,
        ):
            if listing is None:
                return [], None
            numbers, after = listing.page(limit, cursor)
            wanted = select_runs(query.documents).where(runs.c.id.in_(numbers))
            found = {row.id: run_of(row) for row in connection.execute(wanted)}
        return [found[number] for number in numbers], after

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
            run_pk = lookup.existing(connection, path)
            query = select_segments().where(segments.c.run_pk == run_pk).order_by(segments.c.created_at, segments.c.id)
            own = [segment_of(row) for row in connection.execute(query)]
            return _ancestors(connection, own) + own

    def chains(self, entity: str, project: str, run_ids: Sequence[str]) -> dict[str, tuple[Run, list[Segment]]]:
        found: dict[str, tuple[Run, list[Segment]]] = {}
        here = (projects.c.entity == entity, projects.c.name == project)
        with self._database.read() as connection:
            for some in pieces(run_ids):
                those = (*here, runs.c.run_id.in_(some))
                for row in connection.execute(select_runs(frozenset()).where(*those)):
                    found[row.run_id] = run_of(row), []
                query = select_segments().where(*those).order_by(segments.c.created_at, segments.c.id)
                for row in connection.execute(query):
                    found[row.run_id][1].append(segment_of(row))
            return {run_id: (run, _ancestors(connection, own) + own) for run_id, (run, own) in found.items()}

    def segment(self, segment_id: str) -> Segment:
        with self._database.read() as connection:
            row = connection.execute(select_segments().where(segments.c.id == segment_id)).one_or_none()
            if row is None:
                raise NotFoundError(f"There is no segment {segment_id}.")
            return segment_of(row)

    def stream(self, stream_id: str) -> Stream:
        with self._database.read() as connection:
            return lookup.stream(connection, stream_id)

    def streams(self, path: RunPath) -> list[Stream]:
        with self._database.read() as connection:
            run_pk = lookup.existing(connection, path)
            query = select_streams().where(streams.c.run_pk == run_pk).order_by(streams.c.id)
            return [stream_of(row) for row in connection.execute(query)]

    def commit(self, commits: Sequence[Commit]) -> None:
        with self._database.write() as connection:
            apply(connection, commits, self._clock.now())

    def records(self, path: RunPath, kind: str) -> list[Record]:
        with self._database.read() as connection:
            run_pk = lookup.existing(connection, path)
            query = (
                select(records)
                .where(records.c.run_pk == run_pk, records.c.kind == kind)
                .order_by(records.c.time, records.c.stream, records.c.offset)
            )
            return [record_of(row) for row in connection.execute(query)]

    def turn(self, turn: Turn) -> Run:
        def work(connection: Connection) -> Run:
            return lookup.run(connection, turns.apply(connection, turn, self._clock.now()))

        return self._database.settled(work)

    def told(self, segments: Sequence[str], kinds: Sequence[str], names: Sequence[str] | None = None) -> list[Record]:
        named = [None] if names is None else list(pieces([name_key(name) for name in names]))
        with self._database.read() as connection:
            found: list[Record] = []
            for some, keys in itertools.product(pieces(segments), named):
                query = select(records).where(records.c.segment.in_(some), records.c.kind.in_(kinds))
                if keys is not None:
                    query = query.where(records.c.name.in_(keys))
                found += [record_of(row) for row in connection.execute(query)]
        return sorted(found, key=lambda record: (record.time, record.stream, record.offset))

    def count_told(self, segments: Sequence[str], kinds: Sequence[str]) -> int:
        with self._database.read() as connection:
            found = 0
            for some in pieces(segments):
                query = select(func.count()).select_from(records)
                query = query.where(records.c.segment.in_(some), records.c.kind.in_(kinds))
                found += connection.scalar(query) or 0
        return found

    def forks(self, path: RunPath) -> list[RunPath]:
        child, parent = segments.alias("child"), segments.alias("parent")
        with self._database.read() as connection:
            run_pk = lookup.existing(connection, path)
            query = (
                select(runs.c.run_id, projects.c.entity, projects.c.name.label("project"))
                .join(child, child.c.run_pk == runs.c.id)
                .join(parent, child.c.parent == parent.c.id)
                .join(projects, runs.c.project_id == projects.c.id)
                .where(parent.c.run_pk == run_pk, runs.c.id != run_pk, runs.c.deleted_at.is_(None))
                .order_by(child.c.created_at, child.c.id)
            )
            return list(dict.fromkeys(path_of(row) for row in connection.execute(query)))

    def update(self, path: RunPath, fields: Mapping[str, Any]) -> Run:
        with self._database.write() as connection:
            change_runs(connection, {lookup.existing(connection, path): changed_values(fields)}, self._clock.now())
            return lookup.run(connection, path)

    def move(self, path: RunPath, to: RunPath) -> Run:
        def work(connection: Connection) -> Run:
            move(connection, lookup.existing(connection, path), to, self._clock.now())
            return lookup.run(connection, to)

        return self._database.settled(work)

    def delete(self, path: RunPath) -> list[str]:
        return self._database.settled(lambda connection: remove(connection, lookup.existing(connection, path)))

    def silent(self, before: int) -> list[RunPath]:
        statement = select(runs.c.run_id, projects.c.entity, projects.c.name.label("project")).join(
            projects, runs.c.project_id == projects.c.id
        )
        statement = statement.where(runs.c.state.in_(_LIVE), runs.c.heartbeat_at < before, runs.c.deleted_at.is_(None))
        with self._database.read() as connection:
            return sorted(path_of(row) for row in connection.execute(statement))


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
