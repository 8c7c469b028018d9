"""Giving a run to another project: its row says where it is, and its facts are written down anew, as each project names its fields itself."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select, update

from playhead.adapters.sqlalchemy import lookup
from playhead.adapters.sqlalchemy.commits import next_number
from playhead.adapters.sqlalchemy.facts import DOCUMENTS, begin
from playhead.adapters.sqlalchemy.tables import facts, projects, runs
from playhead.domain.errors import ConflictError, NotFoundError
from playhead.domain.ids import RunPath


def move(connection: Connection, run_pk: int, to: RunPath, now: int) -> None:
    """Let the run be `to`. NotFoundError without that project, ConflictError if there is one of the id."""
    columns = [runs.c[name] for name in ("deleted_at", *DOCUMENTS)]
    # The run, then the project: in the order in which a commit locks them.
    row = connection.execute(select(*columns).where(runs.c.id == run_pk).with_for_update()).one()
    wanted = select(projects.c.id).where(projects.c.entity == to.entity, projects.c.name == to.project)
    project_id = connection.scalar(wanted)
    if project_id is None:
        raise NotFoundError(f"There is no project {to.entity}/{to.project}.")
    number = next_number(connection, project_id, now)
    if lookup.find(connection, to) is not None:
        raise ConflictError(f"There is a run {to} already.")
    changed = update(runs).where(runs.c.id == run_pk)
    connection.execute(changed.values(project_id=project_id, updated_at=number, behind=False))
    connection.execute(delete(facts).where(facts.c.run_pk == run_pk))
    begin(connection, run_pk, project_id, dict(zip(("deleted_at", *DOCUMENTS), row, strict=True)))
