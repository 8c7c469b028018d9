"""Streams know which lines of numbered files they have taken."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from playhead.adapters.sqlalchemy.tables import Json

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Journals have no lines."""
    op.add_column("streams", sa.Column("lines", Json(), nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("streams", "lines")
