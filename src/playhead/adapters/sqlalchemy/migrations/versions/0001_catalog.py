"""The catalog's first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from playhead.adapters.sqlalchemy.tables import Exact, Json

revision = "0001"
down_revision = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _accounts()
    _projects()
    _runs()
    _segments()
    _streams()


def _accounts() -> None:
    op.create_table(
        "entities", sa.Column("name", Exact(), nullable=False), sa.PrimaryKeyConstraint("name", name="pk_entities")
    )
    op.create_table(
        "users",
        sa.Column("name", Exact(), nullable=False),
        sa.Column("admin", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["name"], ["entities.name"], name="fk_users_name"),
        sa.PrimaryKeyConstraint("name", name="pk_users"),
    )
    op.create_table(
        "keys",
        sa.Column("hash", Exact(), nullable=False),
        sa.Column("user", Exact(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.name"], name="fk_keys_user"),
        sa.PrimaryKeyConstraint("hash", name="pk_keys"),
    )
    op.create_table(
        "members",
        sa.Column("user", Exact(), nullable=False),
        sa.Column("entity", Exact(), nullable=False),
        sa.ForeignKeyConstraint(["entity"], ["entities.name"], name="fk_members_entity"),
        sa.ForeignKeyConstraint(["user"], ["users.name"], name="fk_members_user"),
        sa.PrimaryKeyConstraint("user", "entity", name="pk_members"),
    )


def _projects() -> None:
    op.create_table(
        "projects",
        sa.Column("id", _ID, nullable=False),
        sa.Column("entity", Exact(), nullable=False),
        sa.Column("name", Exact(), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["entity"], ["entities.name"], name="fk_projects_entity"),
        sa.PrimaryKeyConstraint("id", name="pk_projects"),
        sa.UniqueConstraint("entity", "name", name="uq_projects_entity_name"),
    )
    op.create_index("ix_projects_updated_at_entity_name", "projects", ["updated_at", "entity", "name"])


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", _ID, nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("run_id", Exact(), nullable=False),
        sa.Column("name", Exact(), nullable=False),
        sa.Column("state", Exact(), nullable=False),
        sa.Column("head", Exact(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("heartbeat_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("exit_code", sa.BigInteger(), nullable=True),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("group", sa.Text(), nullable=True),
        sa.Column("job_type", sa.Text(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("tags", Json(), nullable=False),
        sa.Column("config", Json(), nullable=False),
        sa.Column("summary", Json(), nullable=False),
        sa.Column("meta", Json(), nullable=False),
        sa.Column("damaged", sa.BigInteger(), nullable=False),
        sa.Column("dropped", sa.BigInteger(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("sought", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_runs_project_id"),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sa.UniqueConstraint("project_id", "run_id", name="uq_runs_project_id_run_id"),
    )
    op.create_index("ix_runs_project_id_created_at_run_id", "runs", ["project_id", "created_at", "run_id"])
    op.create_index("ix_runs_project_id_name_run_id", "runs", ["project_id", "name", "run_id"])
    op.create_index("ix_runs_project_id_state_run_id", "runs", ["project_id", "state", "run_id"])
    op.create_index("ix_runs_project_id_updated_at_run_id", "runs", ["project_id", "updated_at", "run_id"])
    op.create_index("ix_runs_state_heartbeat_at", "runs", ["state", "heartbeat_at"])


def _segments() -> None:
    op.create_table(
        "segments",
        sa.Column("id", Exact(), nullable=False),
        sa.Column("run_pk", sa.BigInteger(), nullable=False),
        sa.Column("parent", Exact(), nullable=True),
        sa.Column("parent_step", sa.BigInteger(), nullable=True),
        sa.Column("first_step", sa.BigInteger(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["run_pk"], ["runs.id"], name="fk_segments_run_pk"),
        sa.PrimaryKeyConstraint("id", name="pk_segments"),
    )
    op.create_index("ix_segments_run_pk", "segments", ["run_pk"])


def _streams() -> None:
    op.create_table(
        "streams",
        sa.Column("id", Exact(), nullable=False),
        sa.Column("run_pk", sa.BigInteger(), nullable=False),
        sa.Column("segment", Exact(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("schemas", Json(), nullable=False),
        sa.ForeignKeyConstraint(["run_pk"], ["runs.id"], name="fk_streams_run_pk"),
        sa.ForeignKeyConstraint(["segment"], ["segments.id"], name="fk_streams_segment"),
        sa.PrimaryKeyConstraint("id", name="pk_streams"),
    )
    op.create_index("ix_streams_run_pk", "streams", ["run_pk"])
    op.create_index("ix_streams_segment", "streams", ["segment"])
    op.create_table(
        "records",
        sa.Column("stream", Exact(), nullable=False),
        sa.Column("offset", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("run_pk", sa.BigInteger(), nullable=False),
        sa.Column("segment", Exact(), nullable=False),
        sa.Column("kind", Exact(), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("data", Json(), nullable=False),
        sa.ForeignKeyConstraint(["stream"], ["streams.id"], name="fk_records_stream"),
        sa.PrimaryKeyConstraint("stream", "offset", name="pk_records"),
    )
    op.create_index(
        "ix_records_run_pk_kind_time_stream_offset", "records", ["run_pk", "kind", "time", "stream", "offset"]
    )
