"""Deleting a run. What forks of it are built on stays, and becomes the oldest fork's: whoever reads that one misses nothing."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, select, update

from playhead.adapters.sqlalchemy.facts import pieces
from playhead.adapters.sqlalchemy.tables import facts, records, runs, segments, streams


def remove(connection: Connection, run_pk: int) -> list[str]:
    """Remove the run; answer the segments, lanes and streams that are gone."""
    # Streams are locked before the run, as a commit does it.
    locked = select(streams.c.id).where(streams.c.run_pk == run_pk).order_by(streams.c.id).with_for_update()
    gone = set(connection.scalars(locked))
    own = connection.execute(
        select(segments.c.id, segments.c.parent, segments.c.lanes).where(segments.c.run_pk == run_pk)
    )
    parents: dict[str, str | None] = {}
    for segment, parent, lanes in own:
        parents[segment] = parent
        gone |= {segment, *(place for place, _ in lanes)}
    for segment, heir in _heirs(connection, run_pk, parents).items():
        gone -= _inherit(connection, segment, heir)
    connection.execute(delete(facts).where(facts.c.run_pk == run_pk))
    connection.execute(delete(records).where(records.c.run_pk == run_pk))
    connection.execute(delete(streams).where(streams.c.run_pk == run_pk))
    connection.execute(delete(segments).where(segments.c.run_pk == run_pk))
    connection.execute(delete(runs).where(runs.c.id == run_pk))
    return sorted(gone)


def _heirs(connection: Connection, run_pk: int, parents: dict[str, str | None]) -> dict[str, int]:
    """The segments that other runs' segments descend from, each with the run whose segment was the first to."""
    children: list[tuple[int, str, int, str]] = []
    for some in pieces(list(parents)):
        columns = (segments.c.created_at, segments.c.id, segments.c.run_pk, segments.c.parent)
        query = select(*columns).where(segments.c.parent.in_(some), segments.c.run_pk != run_pk)
        children += [(row[0], row[1], row[2], row[3]) for row in connection.execute(query)]
    heirs: dict[str, int] = {}
    for _, _, heir, parent in sorted(children):
        at: str | None = parent
        while at in parents and at not in heirs:
            heirs[at] = heir
            at = parents[at]
    return heirs


def _inherit(connection: Connection, segment: str, heir: int) -> set[str]:
    """Give the segment, and what was recorded in it, to another run. What is thereby kept: segment, lanes and streams."""
    connection.execute(update(segments).where(segments.c.id == segment).values(run_pk=heir, archived=True))
    connection.execute(update(records).where(records.c.segment == segment).values(run_pk=heir))
    told = select(records.c.stream).where(records.c.segment == segment)
    wrote = (streams.c.segment == segment) | streams.c.id.in_(told)
    # A writer that went on in a segment which is gone is a writer of this one now; nobody may go on writing.
    values: dict[str, Any] = {"run_pk": heir, "segment": segment, "fenced": True}
    kept = set(connection.scalars(select(streams.c.id).where(wrote)))
    connection.execute(update(streams).where(wrote).values(values))
    [lanes] = connection.scalars(select(segments.c.lanes).where(segments.c.id == segment))
    return {segment, *(place for place, _ in lanes), *kept}
