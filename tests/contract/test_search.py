"""Filters, orders and groups of runs: in SQLite and PostgreSQL as in memory, walking along an index or looking up few runs first."""

import sqlite3

import pytest
from sqlalchemy import text

from playhead.adapters.sqlalchemy import filters, listing
from playhead.adapters.sqlalchemy.expressions import within
from playhead.domain.errors import FilterError
from playhead.testing.search import SearchContract


class TestSearch(SearchContract):
    pass


class TestWalking(SearchContract):
    @pytest.fixture
    def catalog(self, sql_catalog):
        return sql_catalog

    @pytest.fixture(autouse=True)
    def _walk(self, monkeypatch):
        monkeypatch.setattr(filters, "FEW", -1)
        monkeypatch.setattr(listing, "_RARE", -1)


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


def test_what_takes_too_long_is_told(database):
    with database.read() as connection, pytest.raises(FilterError, match="longer"), within(connection, 0.1):
        connection.execute(text(ENDLESS))
    with database.read() as connection:
        assert connection.scalar(text("SELECT 1")) == 1


def test_sqlite_knows_row_values():
    assert sqlite3.sqlite_version_info >= (3, 24)
