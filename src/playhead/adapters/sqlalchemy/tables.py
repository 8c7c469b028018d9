"""The catalog's tables. What changes here needs a migration in `migrations/versions/`; a test compares the two."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    not_,
    text,
)


class Exact(TypeDecorator[str]):
    """Text that compares and sorts by code points everywhere, as Python does; PostgreSQL would follow its locale."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        collation = "C" if dialect.name == "postgresql" else None
        return dialect.type_descriptor(Text(collation=collation))


class Json(TypeDecorator[Any]):
    """Any JSON value as ASCII text: NaN, infinities and integers of any size come back as they were (JSON columns would lose them)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:  # noqa: ARG002 -- SQLAlchemy's signature
        return json.dumps(value, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002 -- as above
        if value == "[]":  # Most lists of most runs; a page of runs has thousands.
            return []
        return None if value is None else json.loads(value)


_Id = BigInteger().with_variant(Integer(), "sqlite")  # SQLite numbers rows by itself only in a column of type INTEGER.

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

entities = Table("entities", metadata, Column("name", Exact, primary_key=True))

users = Table(
    "users",
    metadata,
    Column("name", Exact, ForeignKey("entities.name"), primary_key=True),
    Column("admin", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

members = Table(
    "members",
    metadata,
    Column("user", Exact, ForeignKey("users.name"), primary_key=True),
    Column("entity", Exact, ForeignKey("entities.name"), primary_key=True),
)

keys = Table(
    "keys",
    metadata,
    Column("hash", Exact, primary_key=True),
    Column("user", Exact, ForeignKey("users.name"), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("name", Exact, nullable=False, server_default=""),
)

projects = Table(
    "projects",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("entity", Exact, ForeignKey("entities.name"), nullable=False),
    Column("name", Exact, nullable=False),
    Column("visibility", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    UniqueConstraint("entity", "name"),
    Index(None, "updated_at", "entity", "name"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("project_id", BigInteger, ForeignKey("projects.id"), nullable=False),
    Column("run_id", Exact, nullable=False),
    Column("name", Exact, nullable=False),
    Column("state", Exact, nullable=False),
    Column("head", Exact, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("heartbeat_at", BigInteger, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    Column("exit_code", BigInteger),
    Column("step", BigInteger, nullable=False),
    Column("group", Text),
    Column("job_type", Text),
    Column("notes", Text),
    Column("tags", Json, nullable=False),
    Column("config", Json, nullable=False),
    Column("summary", Json, nullable=False),
    Column("meta", Json, nullable=False),
    Column("damaged", BigInteger, nullable=False),
    Column("dropped", BigInteger, nullable=False),
    Column("user", Text, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("writers", Json, nullable=False),
    Column("shared", Boolean, nullable=False),
    Column("base", BigInteger, nullable=False),
    Column("head_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("clock", Json, nullable=False),
    Column("stale", Boolean, nullable=False),
    Column("branch", Json),
    Column("stopping", Boolean, nullable=False),
    Column("deleted_at", BigInteger),
    Column("sought", Text, nullable=False),  # name, id, group and tags, case-folded: what a search looks at
    Column("behind", Boolean, nullable=False),  # its summary is newer than the facts of it: see facts.py
    UniqueConstraint("project_id", "run_id"),
    Index(None, "project_id", "updated_at", "run_id"),
    Index(None, "state", "heartbeat_at"),
)
# Lists show what is not in the trash. Were it looked up in the rows, every run's documents would be read on the way.
_LISTED: dict[str, Any] = dict.fromkeys(("sqlite_where", "postgresql_where"), runs.c.deleted_at.is_(None))
_TRASHED: dict[str, Any] = dict.fromkeys(("sqlite_where", "postgresql_where"), runs.c.deleted_at.is_not(None))
_BEHIND: dict[str, Any] = {"sqlite_where": text("behind = 1"), "postgresql_where": text("behind")}
for _by in ("created_at", "name", "state", "group", "user"):
    Index(f"ix_runs_listed_{_by}", runs.c.project_id, runs.c[_by], runs.c.run_id, **_LISTED)
Index("ix_runs_listed_id", runs.c.project_id, runs.c.id, **_LISTED)
Index("ix_runs_trashed", runs.c.project_id, runs.c.id, **_TRASHED)
_STALE: dict[str, Any] = {"sqlite_where": text("stale = 1"), "postgresql_where": text("stale")}
Index("ix_runs_behind", runs.c.project_id, runs.c.id, **_BEHIND)
Index("ix_runs_stale", runs.c.project_id, runs.c.id, **_STALE)

fields = Table(
    "fields",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("project_id", BigInteger, ForeignKey("projects.id"), nullable=False),
    Column("space", Exact, nullable=False),
    Column("name", Exact, nullable=False),
    UniqueConstraint("project_id", "space", "name"),
)

facts = Table(
    "facts",
    metadata,
    Column("run_pk", BigInteger, primary_key=True, autoincrement=False),
    Column("field_id", BigInteger, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("kind", Integer, nullable=False),
    Column("number", Double, nullable=False),
    Column("text", Exact, nullable=False),
    Column("rest", Exact, nullable=False),
    Column("trashed", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
_SOUGHT: dict[str, Any] = dict.fromkeys(("sqlite_where", "postgresql_where"), not_(facts.c.trashed))
# SQLite looks at `trashed` although the index has none that are: without it there, it would look into each row.
_COVERED = ("field_id", "kind", "number", "text", "run_pk", "rest", "trashed")
Index("ix_facts_listed", *(facts.c[name] for name in _COVERED), **_SOUGHT)

segments = Table(
    "segments",
    metadata,
    Column("id", Exact, primary_key=True),
    Column("run_pk", BigInteger, ForeignKey("runs.id"), nullable=False),
    Column("parent", Exact),  # no foreign key: the run that it was forked from may be deleted
    Column("parent_step", BigInteger),
    Column("first_step", BigInteger),
    Column("last_step", BigInteger),
    Column("archived", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("inherits", Boolean, nullable=False),
    Column("lanes", Json, nullable=False),
    Index(None, "run_pk"),
    Index(None, "parent"),
)

streams = Table(
    "streams",
    metadata,
    Column("id", Exact, primary_key=True),
    Column("run_pk", BigInteger, ForeignKey("runs.id"), nullable=False),
    Column("segment", Exact, ForeignKey("segments.id"), nullable=False),
    Column("role", Text, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("label", Text, nullable=False),
    Column("schemas", Json, nullable=False),
    Column("writer", Exact, nullable=False),
    Column("shared", Boolean, nullable=False),
    Column("begun", BigInteger, nullable=False),
    Column("begun_step", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("last_step", BigInteger),
    Column("fenced", Boolean, nullable=False),
    Column("lines", Json, nullable=False),
    Index(None, "run_pk"),
    Index(None, "segment"),
)

records = Table(
    "records",
    metadata,
    Column("stream", Exact, primary_key=True),
    Column("offset", BigInteger, primary_key=True, autoincrement=False),
    Column("run_pk", BigInteger, nullable=False),
    Column("segment", Exact, nullable=False),
    Column("kind", Exact, nullable=False),
    Column("step", BigInteger, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("data", Json, nullable=False),
    Column("name", Text),  # of a record about a file: see `rows.name_key`
    Column("content", Exact),  # SHA-256 that it refers to: see references.py
    ForeignKeyConstraint(["stream"], ["streams.id"]),
    Index(None, "run_pk", "kind", "time", "stream", "offset"),
    Index(None, "segment", "kind"),
    Index(None, "segment", "name"),
)

_REFERRING: dict[str, Any] = dict.fromkeys(("sqlite_where", "postgresql_where"), records.c.content.is_not(None))
UNREAD = text("content IS NULL AND kind IN ('file', 'media')")
"""Records of an older server, which did not tell what they refer to."""
Index("ix_records_content", records.c.content, **_REFERRING)
Index("ix_records_unread", records.c.stream, records.c.offset, sqlite_where=UNREAD, postgresql_where=UNREAD)

contents = Table(
    "contents",
    metadata,
    Column("entity", Exact, primary_key=True),
    Column("project", Exact, primary_key=True),
    Column("sha256", Exact, primary_key=True),
    Column("touched_at", BigInteger),  # NULL: by an older server
    Index(None, "sha256"),
)

condemned = Table(
    "condemned",
    metadata,
    Column("sha256", Exact, primary_key=True),
    Column("since", BigInteger, nullable=False),
)

identity = Table("identity", metadata, Column("id", Exact, primary_key=True))

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Exact, primary_key=True),
    Column("entity", Exact, nullable=False),
    Column("project", Exact, nullable=False),
    Column("url", Text, nullable=False),
    Column("format", Exact, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("problem", Text),
    Index(None, "entity", "project"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("webhook", Exact, primary_key=True),
    Column("stream", Exact, primary_key=True),
    Column("offset", BigInteger, primary_key=True, autoincrement=False),
    Column("time", BigInteger, nullable=False),
    Column("alert", Json, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("done", Boolean, nullable=False),
    Column("topic", Exact, nullable=False, server_default=""),
    Column("wait", BigInteger, nullable=False, server_default="0"),
    ForeignKeyConstraint(["webhook"], ["webhooks.id"]),
    Index(None, "done", "due"),
    Index(None, "webhook", "topic", "time"),
)

collections = Table(
    "collections",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("entity", Exact, nullable=False),
    Column("project", Exact, nullable=False),
    Column("name", Exact, nullable=False),
    Column("type", Exact, nullable=False),
    Column("portfolio", Boolean, nullable=False),
    Column("description", Text),
    Column("tags", Json, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("next", BigInteger, nullable=False),  # the number of its next version
    UniqueConstraint("entity", "project", "name"),
)

artifacts = Table(
    "artifacts",
    metadata,
    Column("id", Exact, primary_key=True),
    Column("collection_id", BigInteger, ForeignKey("collections.id"), nullable=False),
    Column("version", BigInteger),
    Column("state", Exact, nullable=False),
    Column("digest", Exact, nullable=False),
    Column("manifest", Exact, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("wanted", Json, nullable=False),  # aliases that it will take over
    Column("tags", Json, nullable=False),
    Column("description", Text),
    Column("metadata", Json, nullable=False),
    Column("ttl", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("committed_at", BigInteger),
    Column("expires_at", BigInteger),
    Column("user", Text, nullable=False),
    Column("stream", Exact),
    Column("offset", BigInteger),
    Column("segment", Exact),
    Column("step", BigInteger),
    Column("time", BigInteger),
    Column("problem", Text, nullable=False),
    Column("same", Exact),  # it became no version of its own: this one was there
    Column("links", Json, nullable=False),
    Column("waits", Boolean, nullable=False),  # to be committed, or to be linked
    UniqueConstraint("collection_id", "version"),
    Index(None, "stream", "offset"),
    Index(None, "expires_at"),
    Index(None, "same"),
    Index(None, "manifest"),
)
holdings = Table(
    "holdings",  # content that a committed version's manifest names
    metadata,
    Column("artifact", Exact, ForeignKey("artifacts.id"), primary_key=True),
    Column("sha256", Exact, primary_key=True),
    Index(None, "sha256"),
)

_WAITS: dict[str, Any] = {"sqlite_where": text("waits = 1"), "postgresql_where": text("waits")}
Index("ix_artifacts_waits", artifacts.c.created_at, artifacts.c.id, **_WAITS)

memberships = Table(
    "memberships",
    metadata,
    Column("collection_id", BigInteger, ForeignKey("collections.id"), primary_key=True, autoincrement=False),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("artifact", Exact, ForeignKey("artifacts.id"), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index(None, "artifact"),
)

aliases = Table(
    "aliases",
    metadata,
    Column("collection_id", BigInteger, primary_key=True, autoincrement=False),
    Column("alias", Exact, primary_key=True),
    Column("version", BigInteger, nullable=False),
    ForeignKeyConstraint(["collection_id", "version"], ["memberships.collection_id", "memberships.version"]),
    Index(None, "collection_id", "version"),
)

edges = Table(
    "edges",
    metadata,
    Column("stream", Exact, primary_key=True),
    Column("offset", BigInteger, primary_key=True, autoincrement=False),
    Column("role", Exact, nullable=False),
    Column("artifact", Exact, nullable=False),  # no foreign key: what is used may arrive later
    Column("segment", Exact, nullable=False),
    Column("step", BigInteger, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("used_as", Text, nullable=False),
    Index(None, "segment", "time"),
    Index(None, "artifact"),
)

fingerprints = Table(
    "fingerprints",
    metadata,
    Column("entity", Exact, primary_key=True),
    Column("project", Exact, primary_key=True),
    Column("md5", Exact, primary_key=True),
    Column("sha256", Exact, nullable=False),
    Column("size", BigInteger, nullable=False),
)
