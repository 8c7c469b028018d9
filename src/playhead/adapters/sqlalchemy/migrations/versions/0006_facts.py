"""Facts: what runs can be found, sorted and grouped by. What is there already is written down by `facts.fill`."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from playhead.adapters.sqlalchemy.facts import fill
from playhead.adapters.sqlalchemy.tables import Exact

revision = "0006"
down_revision = "0005"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _partial(name: str, table: str, columns: list[str], where: str, postgresql: str = "") -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(postgresql or where))


def upgrade() -> None:
    """Make the tables, and fill them."""
    op.create_table(
        "fields",
        sa.Column("id", _ID, nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("space", Exact(), nullable=False),
        sa.Column("name", Exact(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_fields_project_id"),
        sa.PrimaryKeyConstraint("id", name="pk_fields"),
        sa.UniqueConstraint("project_id", "space", "name", name="uq_fields_project_id_space_name"),
    )
    op.create_table(
        "facts",
        sa.Column("run_pk", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("field_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("number", sa.Double(), nullable=False),
        sa.Column("text", Exact(), nullable=False),
        sa.Column("rest", Exact(), nullable=False),
        sa.Column("trashed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("run_pk", "field_id", "position", name="pk_facts"),
        sqlite_with_rowid=False,
    )
    op.add_column("runs", sa.Column("behind", sa.Boolean(), nullable=False, server_default=sa.false()))
    for by in ("created_at", "name", "state"):
        op.drop_index(f"ix_runs_project_id_{by}_run_id", "runs")
    for by in ("created_at", "name", "state", "group", "user"):
        _partial(f"ix_runs_listed_{by}", "runs", ["project_id", by, "run_id"], "deleted_at IS NULL")
    _partial("ix_runs_listed_id", "runs", ["project_id", "id"], "deleted_at IS NULL")
    _partial("ix_runs_trashed", "runs", ["project_id", "id"], "deleted_at IS NOT NULL")
    _partial("ix_runs_behind", "runs", ["project_id", "id"], "behind = 1", "behind")
    _partial("ix_runs_stale", "runs", ["project_id", "id"], "stale = 1", "stale")
    fill(op.get_bind())
    sought = ["field_id", "kind", "number", "text", "run_pk"]
    _partial("ix_facts_listed", "facts", sought, "trashed = 0", "NOT trashed")
