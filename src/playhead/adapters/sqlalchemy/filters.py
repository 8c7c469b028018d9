"""Filters as SQL. A condition on config, summary or tags is a probe for a fact of the run; one on what every run has, a comparison."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Connection,
    Double,
    Select,
    and_,
    exists,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
    tuple_,
    union,
)

from playhead.adapters.sqlalchemy.expressions import among, has_part, listed, matches
from playhead.adapters.sqlalchemy.facts import field_ids
from playhead.adapters.sqlalchemy.tables import facts, runs
from playhead.domain.facts import ELEMENTS, Fact, Kind
from playhead.domain.filter import (
    Among,
    Compare,
    Condition,
    Contains,
    Every,
    Exists,
    Filter,
    Matches,
    Not,
    Op,
    Place,
    Some,
    Space,
    conditions,
)
from playhead.domain.places import NUMBERS, TIMES

FEW = 5_000
"""Runs that fulfil a condition, up to which they are looked up first, and then sorted."""
MANY = 100_000
"""Runs that fulfil a condition, up to which it is looked whether only few of them fulfil another one too."""
_MOST_LOOKS = 8
"""Conditions whose runs are counted for that."""
COLUMNS: Mapping[str, ColumnElement[Any]] = {
    "id": runs.c.run_id,
    **{
        name: runs.c[name]
        for name in (
            "name", "state", "group", "job_type", "user", "notes", "step", "exit_code", "created_at", "updated_at",
            "heartbeat_at", "started_at", "finished_at",
        )
    },
}  # fmt: skip
"""What every run has."""
_INDEXED = frozenset({"id", "name", "state", "group", "user", "created_at", "updated_at"})
TAGS = Place(Space.RUN, "tags")


def is_text(name: str) -> bool:
    """Whether what every run has by that name is text; otherwise it is a whole number."""
    return name not in NUMBERS | TIMES


def sorted_alike(connection: Connection, name: str) -> ColumnElement[Any]:
    """What every run has by that name, sorted by code points; PostgreSQL would follow its locale."""
    column = COLUMNS[name]
    return column.collate("C") if is_text(name) and connection.dialect.name == "postgresql" else column


class Compiler:
    """Compiles for one project. Fields that no run of it has are known not to be there."""

    def __init__(self, connection: Connection, project_id: int, *trees: Filter, trash: bool = False) -> None:
        places = {condition.place for tree in trees for condition in conditions(tree)}
        wanted = [place for place in places if place.space is not Space.RUN or place == TAGS]
        names = [(place.space, place.name + end) for place in wanted for end in ("", ELEMENTS)]
        self._fields = field_ids(connection, project_id, names)
        self._connection = connection
        self._in_trash = trash
        self.listed = (
            runs.c.project_id == project_id, runs.c.deleted_at.is_not(None) if trash else runs.c.deleted_at.is_(None),
        )  # fmt: skip

    def clause(self, tree: Filter, run_pk: ColumnElement[int]) -> ColumnElement[bool]:
        """The filter about the run of that number; `runs` must be there if it asks for what every run has. True or false, never null."""
        if isinstance(tree, Every):
            return and_(true(), *(self.clause(part, run_pk) for part in tree.parts))
        if isinstance(tree, Some):
            return or_(false(), *(self.clause(part, run_pk) for part in tree.parts))
        if isinstance(tree, Not):
            return self._negated(tree.part, run_pk)
        return self._condition(tree, run_pk)

    def _negated(self, tree: Filter, run_pk: ColumnElement[int]) -> ColumnElement[bool]:
        """PostgreSQL finds once the runs whose facts fulfil a condition; else it would look into run after run for one that does not."""
        finds = not self._in_trash and self._connection.dialect.name == "postgresql"
        if finds and not isinstance(tree, (Every, Some, Not)) and tree.place.space is not Space.RUN:
            return run_pk.not_in(self._numbered(tree))
        return not_(self.clause(tree, run_pk))

    def _condition(self, tree: Condition, run_pk: ColumnElement[int]) -> ColumnElement[bool]:
        if tree.place == TAGS and isinstance(tree, Exists):
            return true()
        if tree.place.space is Space.RUN and tree.place != TAGS:
            return self._about_all(tree)
        own = self._numbers(tree)
        if not own:
            return false()
        one = facts.alias()
        return exists().where(one.c.run_pk == run_pk, one.c.field_id.in_(own), self._fits(tree, one.c, own))

    def drivers(self, tree: Filter) -> Iterator[list[Select[Any]]]:
        """Ways to find first the few runs among which are all that fulfil the filter: numbers of runs, to be united."""
        if isinstance(tree, Every):
            for part in tree.parts:
                yield from self.drivers(part)
        elif isinstance(tree, Some) and tree.parts:
            parts = [next(self.drivers(part), None) for part in tree.parts]
            if all(part is not None for part in parts):
                yield [query for part in parts if part is not None for query in part]
        elif isinstance(tree, (Compare, Among)):
            query = self._driver(tree)
            if query is not None:
                yield [query]

    def patterns(self, tree: Filter) -> Iterator[Select[Any]]:
        """As `drivers`, of what is looked for in texts: each text of the index is looked at."""
        for part in tree.parts if isinstance(tree, Every) else (tree,):
            if isinstance(part, (Matches, Contains)) and (part.place.space is not Space.RUN or part.place == TAGS):
                yield self._numbered(part)

    def _driver(self, tree: Compare | Among) -> Select[Any] | None:
        if tree.place.space is Space.RUN and tree.place != TAGS:
            if tree.place.name not in _INDEXED:
                return None
            return select(runs.c.id).where(*self.listed, self._about_all(tree)).correlate(None)
        return self._numbered(tree)

    def _numbered(self, tree: Condition) -> Select[Any]:
        """The numbers of runs with a fact that fulfils it."""
        own = self._numbers(tree)
        columns = facts.c
        there = (columns.field_id.in_(own or [-1]), not_(columns.trashed))
        return select(columns.run_pk).where(*there, self._fits(tree, columns, own)).correlate(None)

    def number(self, place: Place) -> int | None:
        """The field's number, if it was among what this was made for and some run has it."""
        return self._fields.get((place.space, place.name))

    def _numbers(self, tree: Condition) -> list[int]:
        """The fields whose facts fulfil it: the value's own, and its elements'."""
        ends = ("",) if isinstance(tree, Exists) else ("", ELEMENTS)
        found = (self._fields.get((tree.place.space, tree.place.name + end)) for end in ends)
        return [number for number in found if number is not None]

    def _fits(self, tree: Condition, one: Any, own: list[int]) -> ColumnElement[bool]:
        if isinstance(tree, Exists):
            return true()
        if isinstance(tree, Compare):
            return and_(one.kind == int(tree.value.kind), _compared(tree.op, one, tree.value))
        if isinstance(tree, Among):
            return _among(one, tree.values)
        if isinstance(tree, Matches):
            return and_(one.kind == int(Kind.STRING), matches(one.text + one.rest, tree.pattern))
        elements = self._fields.get((tree.place.space, tree.place.name + ELEMENTS))
        ways = [and_(one.field_id == elements, _among(one, (tree.value,)))] if elements in own else []
        if tree.value.kind is Kind.STRING:
            part = has_part(one.text + one.rest, literal(tree.value.text + tree.value.rest))
            ways.append(and_(one.field_id != (elements or -1), one.kind == int(Kind.STRING), part))
        return or_(false(), *ways)

    def _about_all(self, tree: Condition) -> ColumnElement[bool]:
        """A condition on what every run has. Null fulfils none."""
        column = COLUMNS[tree.place.name]
        there = column.is_not(None)
        if isinstance(tree, Exists):
            return there
        text = is_text(tree.place.name)
        if isinstance(tree, Matches):
            return and_(there, matches(column, tree.pattern)) if text else false()
        if isinstance(tree, Contains):
            string = tree.value.kind is Kind.STRING and text
            return and_(there, has_part(column, _literal(tree.value))) if string else false()
        if isinstance(tree, Among):
            kind = Kind.STRING if text else Kind.NUMBER
            return and_(there, column.in_([_literal(value) for value in tree.values if value.kind is kind]))
        if tree.value.kind is not (Kind.STRING if text else Kind.NUMBER):
            return false()
        if tree.op is not Op.EQ:
            column = sorted_alike(self._connection, tree.place.name)
        return and_(there, _OPS[tree.op](column, _literal(tree.value)))


_OPS = {
    Op.EQ: lambda one, other: one == other,
    Op.LT: lambda one, other: one < other,
    Op.LE: lambda one, other: one <= other,
    Op.GT: lambda one, other: one > other,
    Op.GE: lambda one, other: one >= other,
}


def _literal(value: Fact) -> ColumnElement[Any]:
    """The value beside a column of text or of whole numbers; whole itself if it can be, so that an index serves."""
    if value.kind is Kind.STRING:
        return literal(value.text + value.rest)
    whole = value.number.is_integer() and abs(value.number) < 1 << 63
    return literal(int(value.number), BigInteger()) if whole else literal(value.number, Double())


def _compared(op: Op, one: Any, value: Fact) -> ColumnElement[bool]:
    """Values of one kind compare as (number, text, rest) do; the index has the first two."""
    if op is Op.EQ:
        return and_(one.number == value.number, one.text == value.text, one.rest == value.rest)
    if value.kind is Kind.STRING:
        compared: ColumnElement[bool] = _OPS[op](tuple_(one.text, one.rest), tuple_(value.text, value.rest))
        return and_(one.number == 0.0, compared)
    here: Any = tuple_(one.number, one.text)
    there: Any = tuple_(value.number, value.text)
    if not value.text and op in {Op.LT, Op.GE}:  # no text is before the empty one
        here, there = one.number, value.number
    result: ColumnElement[bool] = _OPS[op](here, there)
    return result


def _among(one: Any, values: tuple[Fact, ...]) -> ColumnElement[bool]:
    """One of these, each kind in one condition."""
    ways: list[ColumnElement[bool]] = []
    plain = [value.number for value in values if value.kind is Kind.NUMBER and not value.text]
    if plain:
        ways.append(and_(one.kind == int(Kind.NUMBER), one.number.in_(plain), one.text == ""))
    texts = [value.text for value in values if value.kind is Kind.STRING and not value.rest]
    if texts:
        ways.append(and_(one.kind == int(Kind.STRING), one.number == 0.0, one.text.in_(texts), one.rest == ""))
    others = (
        value for value in values if value.kind not in {Kind.NUMBER, Kind.STRING} or value.rest or _inexact(value)
    )
    ways += [and_(one.kind == int(value.kind), _compared(Op.EQ, one, value)) for value in others]
    return or_(false(), *ways)


def _inexact(value: Fact) -> bool:
    return value.kind is Kind.NUMBER and bool(value.text)


class Way(NamedTuple):
    """A way to find first the runs among which are all that fulfil a filter."""

    queries: list[Select[Any]]
    """Their numbers, to be united."""
    runs: int
    """How many they are."""
    known: Sequence[int] | None = None
    """The numbers themselves, if they are at hand."""

    def leads_to(self, run_pk: ColumnElement[int]) -> ColumnElement[bool]:
        """Whether the run of that number is one of them. There are few."""
        return among(run_pk, self.numbers) if self.known is None else listed(run_pk, self.known)

    @property
    def numbers(self) -> Select[Any] | CompoundSelect[Any]:
        """As one query."""
        return self.queries[0] if len(self.queries) == 1 else union(*self.queries)


def ways(connection: Connection, compiler: Compiler, tree: Filter, most: int) -> list[Way]:
    """Ways on which `most` runs lie at most, the shortest first."""
    found: list[Way] = []
    for _, queries in zip(range(_MOST_LOOKS), compiler.drivers(tree), strict=False):
        count = 0
        for query in queries:
            limited = query.limit(most + 1 - count).subquery()
            count += connection.execute(select(func.count()).select_from(limited)).scalar_one()
            if count > most:
                break
        else:
            found.append(Way(queries, count))
            if count == 0:
                break
    return sorted(found, key=lambda way: way.runs)
