"""The DuckDB file: its tables, one writer at a time, and readers that see one state of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from playhead.domain.errors import PlayheadError, ServerRunningError

_VERSION = 2
"""1 had tiles without `last_time`: of these it is NULL, which only lanes would need."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS version (number INTEGER);
CREATE TABLE IF NOT EXISTS names (id INTEGER, name VARCHAR);
CREATE TABLE IF NOT EXISTS hot (segment INTEGER, key INTEGER, step BIGINT, time BIGINT, kind UTINYINT, value DOUBLE);
CREATE TABLE IF NOT EXISTS cold (segment INTEGER, key INTEGER, step BIGINT, time BIGINT, kind UTINYINT, value DOUBLE);
CREATE TABLE IF NOT EXISTS tiles (
    segment INTEGER, key INTEGER, start BIGINT, width BIGINT, count INTEGER, finite INTEGER, low DOUBLE, high DOUBLE,
    total DOUBLE, last DOUBLE, kind UTINYINT, first_step BIGINT, last_step BIGINT, last_time BIGINT
);
ALTER TABLE tiles ADD COLUMN IF NOT EXISTS last_time BIGINT;
CREATE TABLE IF NOT EXISTS objects (
    segment INTEGER, key INTEGER, step BIGINT, time BIGINT, json VARCHAR, digits BOOLEAN
);
CREATE TABLE IF NOT EXISTS samples (
    segment INTEGER, key INTEGER, step BIGINT, time BIGINT, kind UTINYINT, value DOUBLE
);
CREATE TABLE IF NOT EXISTS lines (
    segment INTEGER, stream INTEGER, number BIGINT, step BIGINT, time BIGINT, channel VARCHAR, text VARCHAR
);
CREATE OR REPLACE VIEW points AS
    SELECT segment, key, step, time, kind, value FROM hot
    UNION ALL SELECT segment, key, step, time, kind, value FROM cold;
CREATE OR REPLACE VIEW logged AS
    SELECT segment, key, step, time, kind, value FROM points
    UNION ALL SELECT segment, key, step, time, 8::UTINYINT, NULL FROM objects WHERE NOT digits;
"""
_MEMORY = "1GB"
_CHECKPOINT = "128MB"
"""Journal of the file that is replayed at the next start, at most; smaller ones would rewrite the same row groups again and again."""
_GROUPS = 18
"""Groups (2^18) up to which an aggregation may use an array instead of a hash table: a chart has some 100,000 buckets."""

Columns = Mapping[str, NDArray[Any]]


class Engine:
    """One DuckDB file. A second process on it is refused with ServerRunningError."""

    def __init__(self, path: str | Path) -> None:
        try:
            self._root = duckdb.connect(
                str(path), config={"memory_limit": _MEMORY, "checkpoint_threshold": _CHECKPOINT}
            )
        except duckdb.IOException as error:
            if "lock" in str(error):
                raise ServerRunningError from error
            raise
        self._root.execute(f"SET GLOBAL perfect_ht_threshold = {_GROUPS}")
        self._root.execute(_SCHEMA)
        self._check_version()
        self._opening = threading.Lock()
        self._writer = self._root.cursor()
        self.turn = threading.RLock()
        """Held while writing."""

    @contextmanager
    def read(self) -> Iterator[Cursor]:
        """A cursor that sees one state, however many queries it asks. For one thread."""
        with self._opening:
            connection = self._root.cursor()
        try:
            connection.execute("BEGIN TRANSACTION READ ONLY")
            yield Cursor(connection)
            connection.execute("ROLLBACK")
        finally:
            connection.close()

    @contextmanager
    def write(self) -> Iterator[Cursor]:
        """A transaction of the one writer; durable when it is left, undone when it raises."""
        with self.turn:
            self._writer.execute("BEGIN TRANSACTION")
            try:
                yield Cursor(self._writer)
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            self._writer.execute("COMMIT")

    def close(self) -> None:
        """Bring everything into the file itself, and let it go."""
        with self.turn:
            self._writer.close()
            self._root.close()

    def _check_version(self) -> None:
        found = self._root.execute("SELECT max(number) FROM version").fetchone()
        if found is None or found[0] is None:
            self._root.execute("INSERT INTO version VALUES (?)", [_VERSION])
        elif found[0] > _VERSION:
            raise PlayheadError(f"The metrics were written by a newer Playhead (format {found[0]}). Update this one.")
        else:
            self._root.execute("UPDATE version SET number = ? WHERE number < ?", [_VERSION, _VERSION])


class Cursor:
    """Queries within a transaction. A query is told by its text, `$name` parameters, and tables of NumPy columns."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def run(self, query: str, parameters: Mapping[str, Any] | None = None, **tables: Columns) -> None:
        """Ask for nothing back."""
        with self._given(tables):
            self._connection.execute(query, parameters)

    def columns(self, query: str, parameters: Mapping[str, Any] | None = None, **tables: Columns) -> dict[str, Any]:
        """The answer as NumPy columns. NULL is NaN: a NaN that is written becomes NULL."""
        with self._given(tables):
            answer = self._connection.execute(query, parameters).fetchnumpy()
        return {name: np.ma.filled(column, np.nan) if _nullable(column) else column for name, column in answer.items()}

    def rows(self, query: str, parameters: Mapping[str, Any] | None = None, **tables: Columns) -> list[tuple[Any, ...]]:
        """The answer as tuples."""
        with self._given(tables):
            return self._connection.execute(query, parameters).fetchall()

    @contextmanager
    def _given(self, tables: Mapping[str, Columns]) -> Iterator[None]:
        for name, columns in tables.items():
            self._connection.register(name, dict(columns))
        try:
            yield
        finally:
            for name in tables:
                self._connection.unregister(name)


def _nullable(column: NDArray[Any]) -> bool:
    return isinstance(column, np.ma.MaskedArray) and column.dtype == np.float64
