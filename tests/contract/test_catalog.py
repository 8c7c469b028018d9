"""The catalog, and how its schema comes to be."""

import subprocess
import sys

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from playhead.adapters.memory.clock import MemoryClock
from playhead.adapters.sqlalchemy.accounts import SqlAccounts
from playhead.adapters.sqlalchemy.engine import NEWEST, Database
from playhead.adapters.sqlalchemy.migrate import FOLDER, upgrade
from playhead.adapters.sqlalchemy.runs import SqlRuns
from playhead.adapters.sqlalchemy.tables import metadata
from playhead.domain import filter_text
from playhead.domain.account import User
from playhead.ports.runs import RunQuery
from playhead.testing.accounts import AccountsContract
from playhead.testing.artifacts import ArtifactsContract, CollectionsContract, LineageContract
from playhead.testing.contents import ContentsContract
from playhead.testing.fingerprints import FingerprintsContract
from playhead.testing.projects import ProjectsContract
from playhead.testing.runs import RunsContract
from playhead.testing.webhooks import WebhooksContract


class TestAccounts(AccountsContract):
    pass


class TestProjects(ProjectsContract):
    pass


class TestRuns(RunsContract):
    pass


class TestContents(ContentsContract):
    pass


class TestWebhooks(WebhooksContract):
    pass


class TestArtifacts(ArtifactsContract):
    pass


class TestCollections(CollectionsContract):
    pass


class TestLineage(LineageContract):
    pass


class TestFingerprints(FingerprintsContract):
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
    told = {name: value for name, value in found.items() if name not in {"default", "comment", "autoincrement"}}
    only = {name: str(value) for name, value in told.pop("dialect_options", {}).items()}  # `WHERE` of an index
    return {name: str(value) for name, value in told.items()} | only


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


_OF_0002 = {
    "run_id": "", "name": "n", "state": "finished", "head": "h", "created_at": 1, "updated_at": 1, "heartbeat_at": 1,
    "started_at": 1, "step": 0, "tags": "[]", "config": "{}", "summary": "{}", "meta": "{}", "damaged": 0, "dropped": 0,
    "user": "ada", "sought": "n", "deleted_at": None,
}  # fmt: skip


def test_what_was_recorded_before_can_be_found(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path}/catalog.db")
    with engine.begin() as connection:
        upgrade(connection, "0002")
        connection.execute(text("INSERT INTO entities VALUES ('ada')"))
        connection.execute(text("INSERT INTO projects VALUES (1, 'ada', 'p', 'private', 1, 1)"))
        columns = ", ".join(f'"{name}"' for name in _OF_0002)
        values = ", ".join(f":{name}" for name in _OF_0002)
        told = [
            {"run_id": "a", "config": '{"lr": 0.1, "opt": {"name": "adam"}}', "tags": '["x"]'},
            {"run_id": "b", "summary": '{"acc": NaN, "_playhead": {"at": 1}}', "state": "running"},
            {"run_id": "c", "config": '{"lr": 0.1}', "deleted_at": 5},
        ]
        connection.execute(
            text(f"INSERT INTO runs (project_id, {columns}) VALUES (1, {values})"),
            [{**_OF_0002, **one} for one in told],
        )
    engine.dispose()
    database = Database(f"sqlite:///{tmp_path}/catalog.db")
    runs = SqlRuns(database, MemoryClock())
    found = {
        said: [run.path.run_id for run in runs.runs("ada", "p", RunQuery(filter=filter_text.parse(said)), 9)[0]]
        for said in ('config.lr < 1 and config.opt.name = "adam" and tags = x', "summary.acc = nan", "state exists")
    }
    assert list(found.values()) == [["a"], ["b"], ["b", "a"]]
    trash = RunQuery(filter=filter_text.parse("config.lr = 0.1"), trash=True)
    assert [run.path.run_id for run in runs.runs("ada", "p", trash, 9)[0]] == ["c"]
    database.close()
