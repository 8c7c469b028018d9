"""Which run a person means, in the ways that people write it."""

from __future__ import annotations

import shlex
from contextlib import suppress
from pathlib import Path

import click

from playhead.client import settings
from playhead.client.api import Api
from playhead.client.runs import Run
from playhead.domain.errors import CommError, JournalError, NotFoundError, UsageError
from playhead.journal import reader
from playhead.sdk.diskrun import DiskRun, newest_here
from playhead.sidecar import own_journal, rundirs

_PROJECTS = 200
"""Projects in which a run is looked for by its id alone, the ones with the newest activity first."""


def find_run(api: Api, text: str, *, entity: str | None = None, project: str | None = None) -> Run:
    """The run `id`, `project/id`, `entity/project/id`, `project:id` or `entity/project:id`.

    What the text leaves out is `entity` and `project`, else what the settings say. Without a project the run is looked for in all
    of the entity's. NotFoundError, UsageError.
    """
    parts = _parts(text)
    run_id = parts[-1]
    project = parts[-2] if len(parts) > 1 else project or settings.project()
    entity = parts[0] if len(parts) > 2 else entity or settings.entity() or api.default_entity
    if project is not None:
        try:
            return api.run(f"{entity}/{project}/{run_id}")
        except NotFoundError as error:
            raise NotFoundError(f"{error.message}{_here(run_id, project)}") from error
    found: list[Run] = []
    for number, one in enumerate(api.projects(entity)):
        if number == _PROJECTS:
            break
        try:
            found.append(api.run(f"{entity}/{one.name}/{run_id}"))
        except NotFoundError:
            continue
    if len(found) > 1:
        paths = ", ".join("/".join(run.path) for run in found)
        raise UsageError(f"Several projects have a run {run_id}: write one of {paths}.")
    if not found:
        hint = _here(run_id, None) or " Write entity/project/id."
        raise NotFoundError(f"{entity} has no run {run_id} in any project.{hint}")
    return found[0]


def find_source(text: str, *, entity: str | None = None, project: str | None = None) -> Run | DiskRun:
    """The same, and where no server has it, or none can be reached, the run as this disk knows it."""
    try:
        return find_run(Api(), text, entity=entity, project=project)
    except (NotFoundError, CommError) as error:
        parts = _parts(text)
        wanted = parts[-2] if len(parts) > 1 else project or settings.project()
        found = newest_here(list(rundirs.below(Path(settings.env("DIR") or "."))), parts[-1], wanted)
        if found is None:
            raise
        why = "No server has it" if isinstance(error, NotFoundError) else "No server can be reached"
        click.echo(f"{why}: the run {'/'.join(found.path)} is taken from {found.folder}.", err=True)
        return found


def _parts(text: str) -> list[str]:
    """What stands between the slashes. UsageError."""
    parts = [part for part in text.strip().strip("/").replace(":", "/", 1).split("/") if part != "runs"]
    if not 1 <= len(parts) <= 3 or not all(parts):
        raise UsageError(f"{text!r} is not a run: write its id, project/id or entity/project/id.")
    return parts


def _here(run_id: str, project: str | None) -> str:
    """What to do if the run was recorded in this folder, and no server has it yet."""
    for folder in rundirs.below(Path(settings.env("DIR") or ".")):
        with suppress(OSError, JournalError):
            header, _ = reader.open_header(folder / own_journal.MAIN)
            if header.run_id == run_id and project in {None, header.project} and not rundirs.look(folder).complete:
                return f" It is on this disk only. Send it first: playhead sync {shlex.quote(str(folder))}"
    return ""
