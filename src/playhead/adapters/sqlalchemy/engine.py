"""One database: its connections, transactions and schema. The only place that knows one dialect from another."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import ConnectionPoolEntry

from playhead.adapters.sqlalchemy import expressions
from playhead.adapters.sqlalchemy.tables import metadata

Answer = TypeVar("Answer")

NEWEST = "0014"
"""Revision of the schema in `tables.py`; `migrations/versions/` has the way there."""
_BUSY = 30_000
"""Milliseconds to wait for another process that writes to the SQLite file."""
_MIGRATING = 7_317_024
"""PostgreSQL's advisory lock that lets one server process migrate at a time."""
SWEEPING = 7_317_025
"""The one between those who give content to projects and those who throw it away."""


class Database:
    """A database by SQLAlchemy URL (`sqlite:////path/file.db`, `postgresql+psycopg://…`), brought to the newest schema.

    A transaction that returned from `write` is on the disk. Inside `write` nobody else changes the rows that it has locked
    (SQLite: anything).
    """

    def __init__(self, url: str) -> None:
        self._engine = create_engine(make_url(url), hide_parameters=True)
        self._turn: AbstractContextManager[Any] = nullcontext()
        if self._engine.dialect.name == "sqlite":
            _tame_sqlite(self._engine)
            # SQLite lets a writer that waits sleep and try again; a lock hands over at once.
            self._turn = threading.Lock()
        self._writing = self._engine.execution_options(writes=True)
        with self.write() as connection:
            _migrate(connection)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database and changes nothing."""
        with self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that commits at the end, and undoes itself when it raises."""
        with self._turn, self._writing.begin() as connection:
            yield connection

    def settled(self, work: Callable[[Connection], Answer]) -> Answer:
        """`work` in a transaction; once more if another process inserted the same row meanwhile (`work` then finds it)."""
        try:
            with self.write() as connection:
                return work(connection)
        except IntegrityError:
            with self.write() as connection:
                return work(connection)

    def close(self) -> None:
        """Close all connections; the SQLite file is then whole without its -wal."""
        self._engine.dispose()


def lock(connection: Connection, key: int, *, shared: bool = False) -> None:
    """Until the end of the transaction nobody else has the lock, or only others who share it. In SQLite one alone writes anyway."""
    if connection.dialect.name == "postgresql":
        name = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
        connection.execute(text(f"SELECT {name}(:key)"), {"key": key})


def _tame_sqlite(engine: Engine) -> None:
    """Let SQLite commit durably, check foreign keys, and begin transactions where SQLAlchemy says so."""

    def connected(connection: Any, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # Python's driver would begin transactions late, at the first write.
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout = {_BUSY}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "cache_size = -16000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
        expressions.install(connection)

    def begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        # A transaction that reads first and writes later could be refused in the middle: take the lock at once.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)


def _migrate(connection: Connection) -> None:
    lock(connection, _MIGRATING)
    tables = inspect(connection).get_table_names()
    if not tables:
        metadata.create_all(connection)
        connection.execute(
            text(
                "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
            )
        )
        connection.execute(text("INSERT INTO alembic_version VALUES (:newest)"), {"newest": NEWEST})
    elif (
        "alembic_version" not in tables or connection.scalar(text("SELECT version_num FROM alembic_version")) != NEWEST
    ):
        # Alembic takes as long to load as all of SQLAlchemy, and as much memory, and is hardly ever needed.
        importlib.import_module("playhead.adapters.sqlalchemy.migrate").upgrade(connection)
