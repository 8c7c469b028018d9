"""Records about files are found by the file's name."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from playhead.adapters.sqlalchemy.rows import name_key

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Those that are there get their names."""
    op.add_column("records", sa.Column("name", sa.Text(), nullable=True))
    connection = op.get_bind()
    records = sa.table("records", *(sa.column(name) for name in ("stream", "offset", "kind", "data", "name")))
    found = connection.execute(
        sa.select(records.c.stream, records.c.offset, records.c.data).where(records.c.kind.in_(["file", "media"]))
    ).all()
    named = [(row.stream, row.offset, json.loads(row.data).get("path")) for row in found]
    told = [{"s": stream, "o": offset, "n": name_key(path)} for stream, offset, path in named if isinstance(path, str)]
    if told:
        change = sa.update(records).where(records.c.stream == sa.bindparam("s"), records.c.offset == sa.bindparam("o"))
        connection.execute(change.values(name=sa.bindparam("n")), told)
    op.create_index("ix_records_segment_name", "records", ["segment", "name"])
