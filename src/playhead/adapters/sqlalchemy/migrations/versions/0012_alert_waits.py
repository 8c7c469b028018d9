"""Alerts of one topic are not sent too often, whichever process tells them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from playhead.adapters.sqlalchemy.tables import Exact

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("topic", Exact(), nullable=False, server_default=""))
    op.add_column("deliveries", sa.Column("wait", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_index("ix_deliveries_webhook_topic_time", "deliveries", ["webhook", "topic", "time"])


def downgrade() -> None:
    op.drop_index("ix_deliveries_webhook_topic_time", "deliveries")
    op.drop_column("deliveries", "wait")
    op.drop_column("deliveries", "topic")
