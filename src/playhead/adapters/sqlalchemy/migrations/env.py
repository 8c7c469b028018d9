"""Alembic's entry: runs the migrations in the transaction that `Database` opened."""

from __future__ import annotations

from alembic import context

from playhead.adapters.sqlalchemy.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a column by copying its table.
)
context.run_migrations()
