"""Pages of runs: filtered, sorted by any value, gone on with by the last run's place.

If some condition leaves few runs, or several together do, these are looked up and sorted. Otherwise the order's own index is walked until the page is full.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    func,
    intersect,
    literal,
    not_,
    or_,
    select,
    tuple_,
)

from playhead.adapters.sqlalchemy.cursors import Key, pack, unpack
from playhead.adapters.sqlalchemy.facts import field_ids
from playhead.adapters.sqlalchemy.filters import FEW, MANY, Compiler, Way, is_text, sorted_alike, ways
from playhead.adapters.sqlalchemy.tables import facts, runs
from playhead.domain.errors import UsageError
from playhead.domain.facts import MISSING, Kind, fact
from playhead.domain.filter import Among, Compare, Every, Filter, Op, Order, Place, Space, conditions
from playhead.domain.places import order as order_of
from playhead.ports.runs import RunQuery

_STATE, _GROUP = Place(Space.RUN, "state"), Place(Space.RUN, "group")
_UNSORTED = frozenset({"notes"})
_RARE = 300
"""Runs that are looked for along the runs before a value's index is walked."""
_TOGETHER = 3
"""Conditions of which it is looked how many runs fulfil them all."""
_NULLABLE = frozenset({"group", "job_type", "exit_code", "finished_at"})


def tree_of(query: RunQuery) -> Filter:
    """All conditions of a query but its search."""
    parts: list[Filter] = []
    if query.states:
        parts.append(Among(_STATE, tuple(fact(state) for state in sorted(query.states))))
    if query.group is not None:
        parts.append(Compare(_GROUP, Op.EQ, fact(query.group)))
    if isinstance(query.filter, Every):
        return Every((*parts, *query.filter.parts))
    return Every((*parts, *([] if query.filter is None else [query.filter])))


def asks_summary(query: RunQuery, *more: Place) -> bool:
    """Whether it matters what the summaries say."""
    asked = [condition.place for condition in conditions(tree_of(query))]
    return any(place.space is Space.SUMMARY for place in (*asked, *more))


class Listing:
    """One query of one project."""

    def __init__(self, connection: Connection, project_id: int, query: RunQuery) -> None:
        self.connection = connection
        self.project_id = project_id
        self.query = query
        self.tree = tree_of(query)
        self.compiler = Compiler(connection, project_id, self.tree, trash=query.trash)
        self._way = None if query.trash else self._short_way()

    @property
    def empty(self) -> bool:
        """Whether it is known already that there is none."""
        return self._way is not None and self._way.runs == 0

    @property
    def driven(self) -> bool:
        """Whether it is known that only few runs come into question."""
        return self._way is not None or self.query.trash

    def where(self) -> list[ColumnElement[bool]]:
        """What `runs` must fulfil."""
        clauses = [*self.compiler.listed, self.compiler.clause(self.tree, runs.c.id), *self._search()]
        if self._way is not None:
            clauses.append(self._way.leads_to(runs.c.id))
        return clauses

    def _search(self) -> list[ColumnElement[bool]]:
        text = self.query.search
        return [runs.c.sought.contains(text.casefold(), autoescape=True)] if text else []

    def count(self) -> int:
        """How many runs it means."""
        if self.empty:
            return 0
        return int(self.connection.execute(select(func.count()).select_from(runs).where(*self.where())).scalar_one())

    def page(self, limit: int, cursor: str | None) -> tuple[list[int], str | None]:
        """Numbers of runs in their order, and the cursor of what follows. UsageError."""
        order = order_of(self.query.order)
        if order.place.space is Space.RUN:
            found = self._by_column(order, limit + 1, cursor)
        else:
            field = field_ids(self.connection, self.project_id, [(order.place.space, order.place.name)])
            number = next(iter(field.values()), -1)
            last = None if cursor is None else unpack(cursor, (int, float, str, int))
            walk = self._driven_by_fact if self.driven or self._rare() else self._walk_facts
            found = [] if self.empty else list(walk(number, descending=order.descending, limit=limit + 1, last=last))
        numbers = [number for number, _ in found]
        return numbers[:limit], pack(found[limit - 1][1]) if len(found) > limit else None

    def _rare(self) -> bool:
        """Whether a look along the runs finds that only few fulfil it: to walk along a value would mean to jump to each of them."""
        if not any(True for _ in conditions(self.tree)) and not self.query.search:
            return False
        found = self.connection.scalars(select(runs.c.id).where(*self.where()).limit(_RARE + 1)).all()
        if len(found) <= _RARE:
            self._way = Way([], len(found), found)
        return len(found) <= _RARE

    def _short_way(self) -> Way | None:
        """A way on which only few runs lie, if there is one. Conditions that each hold for many may together hold for few: then these are it."""
        found = ways(self.connection, self.compiler, self.tree, MANY)
        if found and found[0].runs <= FEW:
            return found[0]
        looks: list[tuple[Any, int]] = [(query, _RARE) for query in self.compiler.patterns(self.tree)]
        if len(found) > 1:
            together = intersect(*(select(way.numbers.subquery().c[0]) for way in found[:_TOGETHER]))
            looks.insert(0, (together, FEW))
        for query, most in looks[:_TOGETHER]:
            numbers = self.connection.scalars(query.limit(most + 1)).all()
            if len(numbers) <= most:
                return Way([], len(numbers), numbers)
        return None

    def _by_column(self, order: Order, limit: int, cursor: str | None) -> list[tuple[int, Key]]:
        name = order.place.name
        if name in _UNSORTED:
            raise UsageError(f"Runs cannot be ordered by {name!r}.")
        column = sorted_alike(self.connection, name)
        kind = str if is_text(name) else int
        missing: Any = column.is_(None)
        late: Any = literal(0)
        if name in _NULLABLE:
            late = case((missing, 1), else_=0)
            column = func.coalesce(column, "" if kind is str else 0)
        place = (column, runs.c.run_id)
        statement = select(runs.c.id, *place, late).where(*self.where())
        if cursor is not None:
            *at, was_late = unpack(cursor, (kind, str, int))
            further = _beyond(place, at, descending=order.descending)
            if name in _NULLABLE:
                further = and_(missing, further) if was_late else or_(missing, further)
            statement = statement.where(further)
        sorting: list[Any] = [late.asc()] if name in _NULLABLE else []
        sorting += [part.desc() if order.descending else part.asc() for part in place]
        if self.empty:
            return []
        rows = self.connection.execute(statement.order_by(*sorting).limit(limit))
        return [(row[0], tuple(row[1:])) for row in rows]

    def _driven_by_fact(
        self, field: int, *, descending: bool, limit: int, last: Key | None
    ) -> Iterator[tuple[int, Key]]:
        one = facts.alias("sorted")
        joined = runs.outerjoin(one, and_(one.c.run_pk == runs.c.id, one.c.field_id == field, one.c.position == 0))
        kind = func.coalesce(one.c.kind, MISSING)
        place = (func.coalesce(one.c.number, 0.0), func.coalesce(one.c.text, ""), runs.c.id)
        statement = select(runs.c.id, kind, *place[:2]).select_from(joined).where(*self.where())
        if last is not None:
            further = _beyond(place, last[1:], descending=descending)
            statement = statement.where(or_(kind > last[0], and_(kind == last[0], further)))
        sorting = [kind.asc(), *(part.desc() if descending else part.asc() for part in place)]
        for pk, *values in self.connection.execute(statement.order_by(*sorting).limit(limit)):
            yield pk, (*values, pk)

    def _walk_facts(self, field: int, *, descending: bool, limit: int, last: Key | None) -> Iterator[tuple[int, Key]]:
        left = limit
        for kind in (*Kind, MISSING):
            if last is not None and kind < last[0]:
                continue
            at = last if last is not None and kind == last[0] else None
            statement = (
                self._missing(field, descending=descending, last=at)
                if kind == MISSING
                else self._of_kind(field, Kind(kind), descending=descending, last=at)
            )
            rows: Sequence[Any] = (
                [] if field < 0 and kind != MISSING else self.connection.execute(statement.limit(left)).all()
            )
            for pk, number, text in rows:
                yield pk, (int(kind), number, text, pk)
            left -= len(rows)
            if left <= 0:
                return

    def _of_kind(self, field: int, kind: Kind, *, descending: bool, last: Key | None) -> Select[Any]:
        """Runs whose value is of this kind."""
        one = facts.alias("sorted")
        place = (one.c.number, one.c.text, one.c.run_pk)
        clauses = [one.c.field_id == field, one.c.kind == int(kind), not_(one.c.trashed)]
        tables: Any = one
        if self.query.search or _asks_runs(self.tree):
            tables = one.join(runs, runs.c.id == one.c.run_pk)
            clauses += self._search()
        clauses.append(self.compiler.clause(self.tree, one.c.run_pk))
        if last is not None:
            clauses.append(_beyond(place, last[1:], descending=descending))
        sorting = [part.desc() if descending else part.asc() for part in place]
        columns = (one.c.run_pk, one.c.number, one.c.text)
        return select(*columns).select_from(tables).where(*clauses).order_by(*sorting)

    def _missing(self, field: int, *, descending: bool, last: Key | None) -> Select[Any]:
        """Runs without such a value."""
        clauses = self.where()
        if field >= 0:
            one = facts.alias("sorted")
            clauses.append(~select(one.c.run_pk).where(one.c.run_pk == runs.c.id, one.c.field_id == field).exists())
        if last is not None:
            clauses.append(runs.c.id < last[3] if descending else runs.c.id > last[3])
        columns = (runs.c.id, literal(0.0), literal(""))
        return select(*columns).where(*clauses).order_by(runs.c.id.desc() if descending else runs.c.id)


def _beyond(place: Sequence[Any], last: Sequence[Any], *, descending: bool) -> ColumnElement[bool]:
    """Behind the run that the page before ended with."""
    here, there = tuple_(*place), tuple_(*last)
    result: ColumnElement[bool] = here < there if descending else here > there
    return result


def _asks_runs(tree: Filter) -> bool:
    return any(one.place.space is Space.RUN and one.place.name != "tags" for one in conditions(tree))
