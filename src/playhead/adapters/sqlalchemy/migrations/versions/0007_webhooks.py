"""Webhooks of projects, and the alerts that wait for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from playhead.adapters.sqlalchemy.tables import Exact, Json

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", Exact(), nullable=False),
        sa.Column("entity", Exact(), nullable=False),
        sa.Column("project", Exact(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("format", Exact(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("problem", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
    )
    op.create_index("ix_webhooks_entity_project", "webhooks", ["entity", "project"])
    op.create_table(
        "deliveries",
        sa.Column("webhook", Exact(), nullable=False),
        sa.Column("stream", Exact(), nullable=False),
        sa.Column("offset", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("alert", Json(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["webhook"], ["webhooks.id"], name="fk_deliveries_webhook"),
        sa.PrimaryKeyConstraint("webhook", "stream", "offset", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_done_due", "deliveries", ["done", "due"])


def downgrade() -> None:
    op.drop_table("deliveries")
    op.drop_table("webhooks")
