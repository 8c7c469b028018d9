"""Turning a run's timeline, in one transaction: a new segment or writer, another head, a writer that lost the run."""

from __future__ import annotations

from sqlalchemy import Connection, insert, or_, select, update

from playhead.adapters.sqlalchemy import lookup
from playhead.adapters.sqlalchemy.commits import change_runs
from playhead.adapters.sqlalchemy.rows import changed_values, segment_values, stream_values
from playhead.adapters.sqlalchemy.tables import runs, segments, streams
from playhead.domain.errors import ConflictError, NotFoundError
from playhead.domain.ids import RunPath
from playhead.domain.run import Segment
from playhead.ports.timelines import Turn


def apply(connection: Connection, turn: Turn, now: int) -> RunPath:
    """Apply it; the run's path. ConflictError, NotFoundError."""
    segment, stream = turn.segment, turn.stream
    has_segment, has_stream = lookup.owned(
        connection, turn.path, segment.id if segment else None, stream.id if stream else None
    )
    run_pk, former = _made(connection, turn, now) if turn.epoch is None else _locked(connection, turn.path, turn.epoch)
    if segment is not None and not has_segment:
        connection.execute(insert(segments).values(segment_values(segment, run_pk)))
    elif segment is not None:
        _add_to(connection, segment)
    if stream is not None and not has_stream:
        connection.execute(insert(streams).values(stream_values(stream, run_pk)))
    _fence(connection, turn)
    for name, label in turn.labels.items():
        _label(connection, name, label)
    if turn.epoch is not None:
        change_runs(connection, {run_pk: changed_values(turn.fields, turned=True)}, now)
    head = turn.fields.get("head", former)
    if head != former:
        connection.execute(update(segments).where(segments.c.id == former).values(archived=True))
        connection.execute(update(segments).where(segments.c.id == head).values(archived=False))
    if turn.rename is None:
        return turn.path
    return _renamed(connection, turn.path._replace(run_id=turn.rename), run_pk)


def _made(connection: Connection, turn: Turn, now: int) -> tuple[int, str]:
    """The new run's number and head."""
    if turn.run is None:
        raise NotFoundError(f"There is no run {turn.path}.")
    if lookup.find(connection, turn.path) is not None:
        raise ConflictError(f"There is a run {turn.path} already.")
    return lookup.add_run(connection, turn.run, turn.run.head, now), turn.run.head


def _locked(connection: Connection, path: RunPath, epoch: int) -> tuple[int, str]:
    """The run's number and head."""
    run_pk = lookup.existing(connection, path)
    query = select(runs.c.epoch, runs.c.head).where(runs.c.id == run_pk).with_for_update(key_share=True)
    found, head = connection.execute(query).one()
    if found != epoch:
        raise ConflictError(f"The timeline of {path} was turned meanwhile. Read it again.")
    return run_pk, head


def _add_to(connection: Connection, more: Segment) -> None:
    """The segment is there: it gets more lanes, and is as old as the oldest piece of it."""
    own = segments.c.id == more.id
    there, created_at = connection.execute(select(segments.c.lanes, segments.c.created_at).where(own)).one()
    known = {place for place, _ in there or []}
    lanes = [*(there or []), *(lane for lane in more.lanes if lane[0] not in known)]
    created_at = min(created_at, more.created_at)
    connection.execute(update(segments).where(own).values(lanes=lanes, created_at=created_at))


def _fence(connection: Connection, turn: Turn) -> None:
    if turn.free:
        connection.execute(update(streams).where(streams.c.segment.in_(turn.free)).values(fenced=False))
    if turn.fence:
        lost = or_(streams.c.id.in_(turn.fence), streams.c.writer.in_(turn.fence))
        connection.execute(update(streams).where(lost).values(fenced=True))
    for stream, segment in turn.divert.items():
        connection.execute(update(streams).where(streams.c.id == stream).values(segment=segment))


def _label(connection: Connection, writer: str, label: str) -> None:
    own = or_(streams.c.id == writer, streams.c.writer == writer)
    places = {f"{segment}.{writer}" for (segment,) in connection.execute(select(streams.c.segment).where(own))}
    connection.execute(update(streams).where(own).values(label=label))
    for place in sorted(places):
        known = segments.c.id == place.rpartition(".")[0]
        lanes = connection.execute(select(segments.c.lanes).where(known)).scalar_one()
        new = [(name, label if name == place else old) for name, old in lanes or []]
        connection.execute(update(segments).where(known).values(lanes=new))


def _renamed(connection: Connection, path: RunPath, run_pk: int) -> RunPath:
    if lookup.find(connection, path) is not None:
        raise ConflictError(f"There is a run {path} already.")
    connection.execute(update(runs).where(runs.c.id == run_pk).values(run_id=path.run_id))
    return path
