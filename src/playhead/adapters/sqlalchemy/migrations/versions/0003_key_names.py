"""API keys have names."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from playhead.adapters.sqlalchemy.tables import Exact

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Those of before have none."""
    with op.batch_alter_table("keys") as batch:
        batch.add_column(sa.Column("name", Exact(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("keys") as batch:
        batch.drop_column("name")
