"""The index of facts has all that a search asks of them: it looks nothing up in the rows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_SOUGHT = ["field_id", "kind", "number", "text", "run_pk"]


def upgrade() -> None:
    _make([*_SOUGHT, "rest", "trashed"])


def downgrade() -> None:
    _make(_SOUGHT)


def _make(columns: list[str]) -> None:
    op.drop_index("ix_facts_listed", "facts")
    where = sa.text("trashed = 0"), sa.text("NOT trashed")
    op.create_index("ix_facts_listed", "facts", columns, sqlite_where=where[0], postgresql_where=where[1])
