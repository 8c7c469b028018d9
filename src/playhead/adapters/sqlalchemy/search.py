"""What there is to find in a project's runs: counts, columns and groups, from their facts."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, literal, not_, select

from playhead.adapters.sqlalchemy import facts as written
from playhead.adapters.sqlalchemy.engine import Database
from playhead.adapters.sqlalchemy.expressions import within
from playhead.adapters.sqlalchemy.facts import field_ids
from playhead.adapters.sqlalchemy.filters import COLUMNS, TAGS, is_text, sorted_alike
from playhead.adapters.sqlalchemy.listing import Listing, asks_summary
from playhead.adapters.sqlalchemy.tables import facts, fields, projects, runs
from playhead.domain.errors import UsageError
from playhead.domain.facts import ELEMENTS, Fact, Kind, fact
from playhead.domain.filter import Place, Space
from playhead.domain.ids import RunPath
from playhead.domain.limits import MAX_FILTER_SECONDS
from playhead.ports.runs import RunQuery
from playhead.ports.search import TINY, Column, Group, Spread

REST = 5.0
"""How many times as long as renewing took, it rests."""


class Renewal:
    """Renews what live runs say, but spends only a part of the time on it, however many ask."""

    def __init__(self, database: Database, rest: float = REST) -> None:
        self._database = database
        self._rest = rest
        self._lock = threading.Lock()
        self._rests: dict[int, float] = {}
        """Project -> when it may be renewed again."""

    def before(self, connection: Connection, project_id: int) -> None:
        """Somebody is going to look at summaries of the project: see that they are new. `connection` must not have read them yet."""
        behind = select(runs.c.id).where(runs.c.project_id == project_id, runs.c.behind).limit(1)
        if connection.scalar(behind) is None:
            return
        connection.rollback()
        with self._lock:
            begun = time.monotonic()
            if begun < self._rests.get(project_id, 0.0):
                return
            with self._database.write() as writing:
                written.renew(writing, project_id)
            done = time.monotonic()
            self._rests = {project: end for project, end in self._rests.items() if end > done}
            self._rests[project_id] = done + self._rest * (done - begun)


class SqlSearch:
    """`playhead.ports.search.Search` in a database."""

    def __init__(self, database: Database, renewal: Renewal) -> None:
        self._database = database
        self._renewal = renewal

    def count(self, entity: str, project: str, query: RunQuery) -> int:
        with (
            self._database.read() as connection,
            looking(connection, self._renewal, entity, project, query) as listing,
        ):
            return 0 if listing is None else listing.count()

    def stale(self, entity: str, project: str, limit: int) -> list[RunPath]:
        with self._database.read() as connection:
            project_id = project_of(connection, entity, project)
            own = (runs.c.project_id == project_id, runs.c.stale, runs.c.deleted_at.is_(None))
            query = select(runs.c.run_id).where(*own).order_by(runs.c.id).limit(limit)
            return [RunPath(entity, project, run_id) for run_id in connection.scalars(query)]

    def columns(self, entity: str, project: str) -> list[Column]:
        with self._database.read() as connection:
            project_id = project_of(connection, entity, project)
            if project_id is None:
                return []
            self._renewal.before(connection, project_id)
            own = (fields.c.project_id == project_id, fields.c.space != Space.RUN.value)
            kinds = [_has(kind).label(kind.name) for kind in Kind]
            query = select(fields.c.space, fields.c.name, *kinds).where(*own).order_by(fields.c.space, fields.c.name)
            with within(connection, MAX_FILTER_SECONDS):
                found = [_column(row) for row in connection.execute(query)]
        return [column for column in found if column.kinds and not column.place.name.endswith(ELEMENTS)]

    def groups(
        self, entity: str, project: str, query: RunQuery, by: Sequence[Place], of: Sequence[Place], limit: int
    ) -> list[Group]:
        with (
            self._database.read() as connection,
            looking(connection, self._renewal, entity, project, query, *by, *of) as listing,
        ):
            return [] if listing is None else _Grouping(listing, by, of).groups(limit)


@contextmanager
def looking(
    connection: Connection, renewal: Renewal, entity: str, project: str, query: RunQuery, *places: Place
) -> Iterator[Listing | None]:
    """The query's listing, after what it looks at (at `places` too) was renewed; None without such a project. FilterError past the time."""
    project_id = project_of(connection, entity, project)
    if project_id is None:
        yield None
        return
    if asks_summary(query, *places):
        renewal.before(connection, project_id)
    with within(connection, MAX_FILTER_SECONDS):
        yield Listing(connection, project_id, query)


def project_of(connection: Connection, entity: str, project: str) -> int | None:
    """The project's number."""
    return connection.scalar(select(projects.c.id).where(projects.c.entity == entity, projects.c.name == project))


def _has(kind: Kind) -> ColumnElement[bool]:
    """Whether some run has a value of this kind."""
    own = (facts.c.field_id == fields.c.id, facts.c.kind == int(kind), not_(facts.c.trashed))
    return select(facts.c.run_pk).where(*own).exists()


def _large(number: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.sum(case((func.abs(number) >= 1, number * TINY), else_=0.0))


def _small(number: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.sum(case((func.abs(number) < 1, number), else_=0.0))


def _spread(count: int, large: float, small: float, low: float, high: float) -> Spread:
    """PostgreSQL refuses a sum that a double cannot hold, and a product or quotient that is too near to zero."""
    return Spread(count=count, mean=large / count / TINY + small / count, min=low, max=high) if count else Spread()


def _column(row: Row[Any]) -> Column:
    space, name, *there = tuple[Any, ...](row)
    return Column(place=Place(Space(space), name), kinds=frozenset(kind for kind in Kind if there[kind]))


class _Grouping:
    """Groups of the runs of a listing."""

    def __init__(self, listing: Listing, by: Sequence[Place], of: Sequence[Place]) -> None:
        self._listing = listing
        self._tables: Any = runs
        places = [place for place in (*by, *of) if place.space is not Space.RUN]
        names = [(place.space, place.name) for place in places] + [(Space.RUN, "tags" + ELEMENTS)]
        self._fields = field_ids(listing.connection, listing.project_id, names)
        self._keys = [self._key(place, number) for number, place in enumerate(by)]
        self._numbers = [self._number(place, number) for number, place in enumerate(of)]

    def groups(self, limit: int) -> list[Group]:
        if self._listing.empty:
            return []
        count = func.count()
        keys = [part for key in self._keys for part in key]
        sorting = [part.asc().nulls_first() for part in keys]
        each = (func.count, _large, _small, func.min, func.max)
        spreads: list[ColumnElement[Any]] = [function(one) for one in self._numbers for function in each]
        query = select(*keys, count, *spreads).select_from(self._tables).where(*self._listing.where())
        rows = self._listing.connection.execute(query.group_by(*keys).order_by(count.desc(), *sorting).limit(limit))
        return [self._group(list(row)) for row in rows]

    def _group(self, row: list[Any]) -> Group:
        values: list[Fact | None] = []
        for key in self._keys:
            own, row = row[: len(key)], row[len(key) :]
            if len(key) == 1:
                values.append(None if own[0] is None else fact(own[0]))
            else:
                values.append(None if own[0] is None else Fact(Kind(own[0]), *own[1:]))
        count, rest = row[0], row[1:]
        spreads = tuple(_spread(*rest[start : start + 5]) for start in range(0, len(rest), 5))
        return Group(values=tuple(values), count=count, spreads=spreads)

    def _key(self, place: Place, number: int) -> list[ColumnElement[Any]]:
        """What to group by."""
        if place.space is Space.RUN and place != TAGS:
            return [sorted_alike(self._listing.connection, place.name)]
        end = ELEMENTS if place == TAGS else ""
        one = self._join(self._fields.get((place.space, place.name + end)), f"by{number}", first=place != TAGS)
        return [one.c.kind, one.c.number, one.c.text, one.c.rest]

    def _number(self, place: Place, number: int) -> ColumnElement[Any]:
        """A number, or null."""
        if place.space is Space.RUN:
            column = COLUMNS.get(place.name)
            if column is None or is_text(place.name):
                raise UsageError(f"{place} is no number.")
            return column
        one = self._join(self._fields.get((place.space, place.name)), f"of{number}", Kind.NUMBER)
        number_: ColumnElement[Any] = one.c.number
        return number_

    def _join(self, field: int | None, name: str, kind: Kind | None = None, *, first: bool = True) -> Any:
        """The facts of that field, or nulls, beside each run."""
        one = facts.alias(name)
        on = [one.c.run_pk == runs.c.id, one.c.field_id == literal(-1 if field is None else field)]
        if first:
            on.append(one.c.position == 0)
        if kind is not None:
            on.append(one.c.kind == int(kind))
        self._tables = self._tables.outerjoin(one, and_(*on))
        return one
