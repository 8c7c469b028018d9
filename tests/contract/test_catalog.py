"""Accounts, projects and runs: in memory and in SQLite."""

import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from playhead.adapters.memory.accounts import MemoryAccounts
from playhead.adapters.memory.catalog import Catalog
from playhead.adapters.memory.clock import MemoryClock
from playhead.adapters.memory.contents import MemoryContents
from playhead.adapters.memory.projects import MemoryProjects
from playhead.adapters.memory.runs import MemoryRuns
from playhead.adapters.sqlalchemy.accounts import SqlAccounts
from playhead.adapters.sqlalchemy.contents import SqlContents
from playhead.adapters.sqlalchemy.engine import NEWEST, Database
from playhead.adapters.sqlalchemy.migrate import FOLDER, upgrade
from playhead.adapters.sqlalchemy.projects import SqlProjects
from playhead.adapters.sqlalchemy.runs import SqlRuns
from playhead.adapters.sqlalchemy.tables import metadata
from playhead.domain.account import User
from playhead.testing.accounts import AccountsContract
from playhead.testing.contents import ContentsContract
from playhead.testing.projects import ProjectsContract
from playhead.testing.runs import RunsContract


@pytest.fixture
def clock():
    return MemoryClock()


class Memory:
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
    def runs(self, catalog, clock):
        return MemoryRuns(catalog, clock)

    @pytest.fixture
    def contents(self):
        return MemoryContents()


class Sqlite:
    @pytest.fixture
    def database(self, tmp_path):
        database = Database(f"sqlite:///{tmp_path}/catalog.db")
        yield database
        database.close()

    @pytest.fixture
    def accounts(self, database):
        return SqlAccounts(database)

    @pytest.fixture
    def projects(self, database):
        return SqlProjects(database)

    @pytest.fixture
    def runs(self, database, clock):
        return SqlRuns(database, clock)

    @pytest.fixture
    def contents(self, database):
        return SqlContents(database)


class TestMemoryAccounts(Memory, AccountsContract):
    pass


class TestMemoryProjects(Memory, ProjectsContract):
    pass


class TestMemoryRuns(Memory, RunsContract):
    pass


class TestMemoryContents(Memory, ContentsContract):
    pass


class TestSqliteContents(Sqlite, ContentsContract):
    pass


class TestSqliteAccounts(Sqlite, AccountsContract):
    pass


class TestSqliteProjects(Sqlite, ProjectsContract):
    pass


class TestSqliteRuns(Sqlite, RunsContract):
    pass


def test_migrations_make_what_the_tables_say(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path}/migrated.db")
    with engine.begin() as connection:
        upgrade(connection)
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
        migrated = schema(connection)
    database = Database(f"sqlite:///{tmp_path}/made.db")
    with database.read() as connection:
        assert schema(connection) == migrated
    for one in (database, Database(f"sqlite:///{tmp_path}/migrated.db")):
        SqlAccounts(one).add_user(User(name="ada"))
        one.close()
    engine.dispose()


def schema(connection):
    """Table -> what it has, in any order."""
    seen = inspect(connection)
    looks = (seen.get_columns, seen.get_indexes, seen.get_foreign_keys, seen.get_unique_constraints)
    return {
        table: [sorted(repr(_plain(one)) for one in look(table)) for look in looks] + [seen.get_pk_constraint(table)]
        for table in seen.get_table_names()
    }


def _plain(found):
    """Defaults only serve rows that were there before a migration."""
    return {name: str(value) for name, value in found.items() if name not in {"default", "comment", "autoincrement"}}


def test_a_database_of_the_newest_schema_opens_without_alembic(tmp_path):
    assert ScriptDirectory(str(FOLDER)).get_current_head() == NEWEST
    code = f"import sys; from playhead.adapters.sqlalchemy.engine import Database; Database('sqlite:///{tmp_path}/catalog.db').close(); "
    code += "print('alembic' in sys.modules)"
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "False"


def test_a_database_opens_again(tmp_path):
    for number in range(2):
        database = Database(f"sqlite:///{tmp_path}/catalog.db")
        accounts = SqlAccounts(database)
        assert len(accounts.users()) == number
        accounts.add_user(User(name=f"user{number}"))
        database.close()


def test_sqlite_commits_durably(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/catalog.db")
    with database.read() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    database.close()
