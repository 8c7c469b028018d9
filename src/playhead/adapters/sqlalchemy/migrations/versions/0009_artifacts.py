"""Artifacts: collections, their versions, where these stand, aliases, and who logged and used them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from playhead.adapters.sqlalchemy.tables import Exact, Json

revision = "0009"
down_revision = "0008"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "collections",
        sa.Column("id", _NUMBER, nullable=False),
        *(sa.Column(name, Exact(), nullable=False) for name in ("entity", "project", "name", "type")),
        sa.Column("portfolio", sa.Boolean(), nullable=False),
        sa.Column("description", sa.Text()),
        sa.Column("tags", Json(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("created_at", "updated_at", "next")),
        sa.PrimaryKeyConstraint("id", name="pk_collections"),
        sa.UniqueConstraint("entity", "project", "name", name="uq_collections_entity_project_name"),
    )
    op.create_table(
        "artifacts",
        sa.Column("id", Exact(), nullable=False),
        sa.Column("collection_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger()),
        *(sa.Column(name, Exact(), nullable=False) for name in ("state", "digest", "manifest")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("size", "count")),
        *(sa.Column(name, Json(), nullable=False) for name in ("wanted", "tags")),
        sa.Column("description", sa.Text()),
        sa.Column("metadata", Json(), nullable=False),
        sa.Column("ttl", sa.BigInteger()),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("created_at", "updated_at")),
        *(sa.Column(name, sa.BigInteger()) for name in ("committed_at", "expires_at")),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("stream", Exact()),
        sa.Column("offset", sa.BigInteger()),
        sa.Column("segment", Exact()),
        *(sa.Column(name, sa.BigInteger()) for name in ("step", "time")),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("same", Exact()),
        sa.ForeignKeyConstraint(["collection_id"], ["collections.id"], name="fk_artifacts_collection_id"),
        sa.PrimaryKeyConstraint("id", name="pk_artifacts"),
        sa.UniqueConstraint("collection_id", "version", name="uq_artifacts_collection_id_version"),
    )
    op.create_index("ix_artifacts_stream_offset", "artifacts", ["stream", "offset"])
    op.create_index("ix_artifacts_expires_at", "artifacts", ["expires_at"])
    op.create_index("ix_artifacts_same", "artifacts", ["same"])
    pending: dict[str, Any] = dict.fromkeys(("sqlite_where", "postgresql_where"), sa.text("state = 'pending'"))
    op.create_index("ix_artifacts_pending", "artifacts", ["created_at", "id"], **pending)
    op.create_table(
        "memberships",
        *(
            sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)
            for name in ("collection_id", "version")
        ),
        sa.Column("artifact", Exact(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["collection_id"], ["collections.id"], name="fk_memberships_collection_id"),
        sa.ForeignKeyConstraint(["artifact"], ["artifacts.id"], name="fk_memberships_artifact"),
        sa.PrimaryKeyConstraint("collection_id", "version", name="pk_memberships"),
    )
    op.create_index("ix_memberships_artifact", "memberships", ["artifact"])
    op.create_table(
        "aliases",
        sa.Column("collection_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("alias", Exact(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id", "version"],
            ["memberships.collection_id", "memberships.version"],
            name="fk_aliases_collection_id_version",
        ),
        sa.PrimaryKeyConstraint("collection_id", "alias", name="pk_aliases"),
    )
    op.create_index("ix_aliases_collection_id_version", "aliases", ["collection_id", "version"])
    op.create_table(
        "edges",
        sa.Column("stream", Exact(), nullable=False),
        sa.Column("offset", sa.BigInteger(), autoincrement=False, nullable=False),
        *(sa.Column(name, Exact(), nullable=False) for name in ("role", "artifact", "segment")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("step", "time")),
        sa.Column("used_as", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("stream", "offset", name="pk_edges"),
    )
    op.create_index("ix_edges_segment_time", "edges", ["segment", "time"])
    op.create_index("ix_edges_artifact", "edges", ["artifact"])


def downgrade() -> None:
    for name in ("edges", "aliases", "memberships", "artifacts", "collections"):
        op.drop_table(name)
