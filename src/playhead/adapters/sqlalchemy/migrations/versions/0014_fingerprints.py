"""The MD5 of contents that projects have."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from playhead.adapters.sqlalchemy.tables import Exact

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "fingerprints",
        *(sa.Column(name, Exact(), nullable=False) for name in ("entity", "project", "md5", "sha256")),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("entity", "project", "md5", name="pk_fingerprints"),
    )


def downgrade() -> None:
    op.drop_table("fingerprints")
