"""The timeline: epochs and writers of a run, lanes of a segment, what a stream wrote last, the trash."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from playhead.adapters.sqlalchemy.tables import Exact, Json

revision = "0002"
down_revision = "0001"


def _whole(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False, server_default="0")


def _no(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def _empty(name: str) -> sa.Column[object]:
    return sa.Column(name, Json(), nullable=False, server_default="[]")


def upgrade() -> None:
    """What was recorded before has had one epoch, and one writer at a time."""
    runs: tuple[sa.Column[Any], ...] = (_whole("epoch"), _empty("writers"), _no("shared"), _whole("base"), _whole("head_at"), _whole("last_at"),
            _empty("clock"), _no("stale"), sa.Column("branch", Json(), nullable=True), _no("stopping"),
            sa.Column("deleted_at", sa.BigInteger(), nullable=True))  # fmt: skip
    segments: tuple[sa.Column[Any], ...] = (
        sa.Column("inherits", sa.Boolean(), nullable=False, server_default=sa.true()),
        _empty("lanes"),
    )
    streams: tuple[sa.Column[Any], ...] = (sa.Column("writer", Exact(), nullable=False, server_default=""), _no("shared"), _whole("begun"),
               _whole("begun_step"), _whole("last_at"), sa.Column("last_step", sa.BigInteger(), nullable=True),
               _no("fenced"))  # fmt: skip
    for table, columns in (("runs", runs), ("segments", segments), ("streams", streams)):
        for column in columns:
            op.add_column(table, column)
    op.create_index("ix_segments_parent", "segments", ["parent"])
    op.create_index("ix_records_segment_kind", "records", ["segment", "kind"])
    op.execute("UPDATE runs SET epoch = 1, stale = true WHERE epoch = 0")
