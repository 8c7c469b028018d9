"""Which content records refer to, when content was touched, and what is being thrown away."""

from __future__ import annotations

import time

import sqlalchemy as sa
from alembic import op

from playhead.adapters.sqlalchemy.tables import Exact

revision = "0010"
down_revision = "0009"

_UNREAD = sa.text("content IS NULL AND kind IN ('file', 'media')")


def upgrade() -> None:
    """What records refer to is read when something is to be thrown away."""
    op.add_column("records", sa.Column("content", Exact(), nullable=True))
    referring = sa.text("content IS NOT NULL")
    op.create_index("ix_records_content", "records", ["content"], sqlite_where=referring, postgresql_where=referring)
    op.create_index(
        "ix_records_unread", "records", ["stream", "offset"], sqlite_where=_UNREAD, postgresql_where=_UNREAD
    )
    op.add_column("contents", sa.Column("touched_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_contents_sha256", "contents", ["sha256"])
    contents = sa.table("contents", sa.column("touched_at"))
    op.execute(contents.update().values(touched_at=time.time_ns() // 1_000))
    op.create_table(
        "condemned",
        sa.Column("sha256", Exact(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_condemned"),
    )
    op.create_table(
        "identity", sa.Column("id", Exact(), nullable=False), sa.PrimaryKeyConstraint("id", name="pk_identity")
    )
    op.create_table(
        "holdings",
        sa.Column("artifact", Exact(), nullable=False),
        sa.Column("sha256", Exact(), nullable=False),
        sa.ForeignKeyConstraint(["artifact"], ["artifacts.id"], name="fk_holdings_artifact"),
        sa.PrimaryKeyConstraint("artifact", "sha256", name="pk_holdings"),
    )
    op.create_index("ix_holdings_sha256", "holdings", ["sha256"])
    op.create_index("ix_artifacts_manifest", "artifacts", ["manifest"])


def downgrade() -> None:
    op.drop_index("ix_artifacts_manifest", "artifacts")
    op.drop_table("holdings")
    op.drop_table("identity")
    op.drop_table("condemned")
    op.drop_index("ix_contents_sha256", "contents")
    op.drop_column("contents", "touched_at")
    op.drop_index("ix_records_unread", "records")
    op.drop_index("ix_records_content", "records")
    op.drop_column("records", "content")
