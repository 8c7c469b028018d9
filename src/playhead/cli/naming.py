"""Which run a person means, in the ways that people write it."""

from __future__ import annotations

from playhead.client import settings
from playhead.client.api import Api
from playhead.client.runs import Run
from playhead.domain.errors import NotFoundError, UsageError

_PROJECTS = 200
"""Projects in which a run is looked for by its id alone, the ones with the newest activity first."""


def find_run(api: Api, text: str, *, entity: str | None = None, project: str | None = None) -> Run:
    """The run `id`, `project/id`, `entity/project/id`, `project:id` or `entity/project:id`.

    What the text leaves out is `entity` and `project`, else what the settings say. Without a project the run is looked for in all
    of the entity's. NotFoundError, UsageError.
    """
    parts = [part for part in text.strip().strip("/").replace(":", "/", 1).split("/") if part != "runs"]
    if not 1 <= len(parts) <= 3 or not all(parts):
        raise UsageError(f"{text!r} is not a run: write its id, project/id or entity/project/id.")
    run_id = parts[-1]
    project = parts[-2] if len(parts) > 1 else project or settings.project()
    entity = parts[0] if len(parts) > 2 else entity or settings.entity() or api.default_entity
    if project is not None:
        return api.run(f"{entity}/{project}/{run_id}")
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
        raise NotFoundError(f"{entity} has no run {run_id} in any project. Write entity/project/id.")
    return found[0]
