"""Links that wait for their version, and which artifacts something is to be done about."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from playhead.adapters.sqlalchemy.tables import Json

revision = "0011"
down_revision = "0010"

_PENDING: dict[str, Any] = dict.fromkeys(("sqlite_where", "postgresql_where"), sa.text("state = 'pending'"))
_WAITS: dict[str, Any] = {"sqlite_where": sa.text("waits = 1"), "postgresql_where": sa.text("waits")}


def upgrade() -> None:
    op.add_column("artifacts", sa.Column("links", Json(), nullable=False, server_default="[]"))
    op.add_column("artifacts", sa.Column("waits", sa.Boolean(), nullable=False, server_default=sa.false()))
    artifacts = sa.table("artifacts", sa.column("state"), sa.column("waits"))
    op.execute(artifacts.update().where(artifacts.c.state == "pending").values(waits=sa.true()))
    op.drop_index("ix_artifacts_pending", "artifacts")
    op.create_index("ix_artifacts_waits", "artifacts", ["created_at", "id"], **_WAITS)


def downgrade() -> None:
    op.drop_index("ix_artifacts_waits", "artifacts")
    op.create_index("ix_artifacts_pending", "artifacts", ["created_at", "id"], **_PENDING)
    op.drop_column("artifacts", "waits")
    op.drop_column("artifacts", "links")
