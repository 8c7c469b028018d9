"""`use_artifact`: finds a version, and says in the journal that the run uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playhead.client.artifacts.artifact import Artifact
from playhead.domain.errors import ConflictError
from playhead.journal import format as kinds
from playhead.sdk.artifacts.finding import found
from playhead.sdk.artifacts.logging import log

if TYPE_CHECKING:
    from playhead.sdk.run import Run


def use(run: Run, told: Artifact | str, type_name: str | None, used_as: str, *, later: bool) -> Artifact:
    """See `Run.use_artifact`."""
    if isinstance(told, Artifact):
        if told.is_draft:
            log(run, told, None, None, (), None)
        artifact = told if run.disabled else told.wait()
        if type_name is not None and artifact.type != type_name:
            raise ConflictError(f"{artifact.name} is of type {artifact.type!r}, not {type_name!r}.")
    else:
        artifact = found(run, str(told), type_name, later=later)
    if not run.disabled:
        said = {"artifact": artifact.id, "as": used_as or artifact.use_as or ""}
        run._record(kinds.USE, {name: value for name, value in said.items() if value}, run._last_row)  # noqa: SLF001 this is the run's own call
    return artifact
