"""Which projects have brought which contents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from playhead.adapters.sqlalchemy.tables import Exact, Json

revision = "0004"
down_revision = "0003"

_AT_ONCE = 1_000


def upgrade() -> None:
    """Until now everybody could read what their files said: so it stays for these."""
    made = op.create_table(
        "contents",
        sa.Column("entity", Exact(), nullable=False),
        sa.Column("project", Exact(), nullable=False),
        sa.Column("sha256", Exact(), nullable=False),
        sa.PrimaryKeyConstraint("entity", "project", "sha256", name="pk_contents"),
    )
    records = sa.table("records", sa.column("run_pk"), sa.column("kind"), sa.column("data", Json()))
    runs = sa.table("runs", sa.column("id"), sa.column("project_id"))
    projects = sa.table("projects", sa.column("id"), sa.column("entity"), sa.column("name"))
    query = (
        sa.select(projects.c.entity, projects.c.name, records.c.data)
        .join_from(records, runs, runs.c.id == records.c.run_pk)
        .join(projects, projects.c.id == runs.c.project_id)
        .where(records.c.kind == "file")
    )
    told = {(entity, name, str(data.get("sha256"))) for entity, name, data in op.get_bind().execute(query)}
    rows = [{"entity": entity, "project": project, "sha256": sha256} for entity, project, sha256 in sorted(told)]
    for at in range(0, len(rows), _AT_ONCE):
        op.bulk_insert(made, rows[at : at + _AT_ONCE])


def downgrade() -> None:
    op.drop_table("contents")
