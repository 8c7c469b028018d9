"""What SQLite and PostgreSQL say differently, as SQL expressions that know how; and SQLite's own functions for it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Boolean, ColumnElement, CompoundSelect, Connection, Select, func, literal, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from playhead.domain.errors import FilterError
from playhead.domain.pattern import Pattern, finds

_OFTEN = 20_000
"""Instructions of SQLite's machine between two looks at the clock."""
_CANCELLED = "57014"
"""PostgreSQL's code for a statement that took too long."""

_MEMORY = "64MB"
"""What PostgreSQL may take to hold the runs that fulfil a condition; with less it would look for them again and again."""


class matches(FunctionElement[bool]):  # noqa: N801 it is written like a function
    """Whether something in a text matches a pattern. PostgreSQL has its own engine; SQLite is lent Rust's, which is linear in the text."""

    type = Boolean()
    inherit_cache = True
    name = "playhead_matches"

    def __init__(self, column: ColumnElement[str], pattern: Pattern) -> None:
        super().__init__(
            column, literal(pattern.spelling.rust), literal(pattern.spelling.posix), literal(int(pattern.any_case))
        )


@compiles(matches)
def _in_sqlite(element: matches, compiler: SQLCompiler, **more: Any) -> str:
    column, rust, _, any_case = element.clauses
    parts = (compiler.process(part, **more) for part in (column, rust, any_case))
    return f"playhead_matches({', '.join(parts)})"


@compiles(matches, "postgresql")
def _in_postgresql(element: matches, compiler: SQLCompiler, **more: Any) -> str:
    column, _, posix, any_case = element.clauses
    value, pattern, any_case_ = (compiler.process(part, **more) for part in (column, posix, any_case))
    return f"(CASE {any_case_} WHEN 1 THEN {value} ~* {pattern} ELSE {value} ~ {pattern} END)"


class has_part(FunctionElement[bool]):  # noqa: N801 as above
    """Whether a text is in another one, in the same case."""

    type = Boolean()
    inherit_cache = True
    name = "has_part"


@compiles(has_part)
def _instr(element: has_part, compiler: SQLCompiler, **more: Any) -> str:
    return f"(instr({compiler.process(element.clauses, **more)}) > 0)"


@compiles(has_part, "postgresql")
def _strpos(element: has_part, compiler: SQLCompiler, **more: Any) -> str:
    return f"(strpos({compiler.process(element.clauses, **more)}) > 0)"


class among(FunctionElement[bool]):  # noqa: N801 as above
    """Whether a column is one of the few values that a query finds. PostgreSQL, which may think that they are many, is told to find them first."""

    type = Boolean()
    inherit_cache = True
    name = "among"

    def __init__(self, column: ColumnElement[Any], query: Select[Any] | CompoundSelect[Any]) -> None:
        super().__init__(column, query.scalar_subquery())


@compiles(among)
def _in(element: among, compiler: SQLCompiler, **more: Any) -> str:
    column, query = (compiler.process(part, **more) for part in element.clauses)
    return f"({column} IN {query})"


@compiles(among, "postgresql")
def _any(element: among, compiler: SQLCompiler, **more: Any) -> str:
    column, query = (compiler.process(part, **more) for part in element.clauses)
    return f"({column} = ANY (ARRAY{query}))"


class listed(FunctionElement[bool]):  # noqa: N801 as above
    """Whether a column is one of these numbers, which travel as one parameter."""

    type = Boolean()
    inherit_cache = True
    name = "listed"

    def __init__(self, column: ColumnElement[int], numbers: Sequence[int]) -> None:
        super().__init__(column, literal(json.dumps(list(numbers))))


@compiles(listed)
def _in_json(element: listed, compiler: SQLCompiler, **more: Any) -> str:
    column, numbers = (compiler.process(part, **more) for part in element.clauses)
    return f"({column} IN (SELECT value FROM json_each({numbers})))"  # noqa: S608 names and parameters


@compiles(listed, "postgresql")
def _any_of_array(element: listed, compiler: SQLCompiler, **more: Any) -> str:
    column, numbers = (compiler.process(part, **more) for part in element.clauses)
    return f"({column} = ANY (CAST(translate({numbers}, '[]', '{{}}') AS bigint[])))"


def install(connection: Any) -> None:
    """Give a new SQLite connection the functions that it lacks."""
    connection.create_function("playhead_matches", 3, _matches, deterministic=True)


def _matches(value: str | None, pattern: str, any_case: int) -> bool | None:
    return None if value is None else finds(pattern, value, any_case=bool(any_case))


@contextmanager
def within(connection: Connection, seconds: float) -> Iterator[None]:
    """What is read in here must be done in time. FilterError."""
    try:
        with (
            _sqlite_within(connection, seconds)
            if connection.dialect.name == "sqlite"
            else _limited(connection, seconds)
        ):
            yield
    except OperationalError as error:
        if "interrupted" in str(error.orig) or getattr(error.orig, "sqlstate", None) == _CANCELLED:
            raise FilterError(
                f"This search takes longer than {seconds:g} s. Ask for less: a simpler filter, or one more condition with = or <."
            ) from error
        raise


@contextmanager
def _sqlite_within(connection: Connection, seconds: float) -> Iterator[None]:
    driver: Any = connection.connection.driver_connection
    end = time.monotonic() + seconds
    driver.set_progress_handler(lambda: time.monotonic() > end, _OFTEN)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)


@contextmanager
def _limited(connection: Connection, seconds: float) -> Iterator[None]:
    limits = {"statement_timeout": str(int(seconds * 1000)), "work_mem": _MEMORY}
    connection.execute(select(*(func.set_config(name, value, True) for name, value in limits.items())))
    yield
