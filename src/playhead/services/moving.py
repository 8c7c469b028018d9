"""Runs go to another project, with all that they recorded. Artifacts that they logged stay where they are."""

from __future__ import annotations

from collections.abc import Callable

from playhead.domain.account import Actor
from playhead.domain.errors import ConflictError
from playhead.domain.ids import RunPath
from playhead.domain.run import Run
from playhead.ports.runs import Runs
from playhead.services.access import Access
from playhead.services.alone import Alone
from playhead.services.projects import ProjectService


class MoveService:
    """Moving runs: a pointer is written, however much there is."""

    def __init__(
        self, *, access: Access, projects: ProjectService, runs: Runs, alone: Alone,
        hand_on: Callable[[RunPath, RunPath], None], turned: Callable[[RunPath], None], removed: Callable[[RunPath], None],
    ) -> None:  # fmt: skip
        """`hand_on` is told from where to where before a run is moved, `turned` of both afterwards, `removed` of where it is no more."""
        self._access = access
        self._projects = projects
        self._runs = runs
        self._alone = alone
        self._hand_on = hand_on
        self._turned = turned
        self._removed = removed

    def move(self, actor: Actor, path: RunPath, entity: str | None, project: str) -> Run:
        """Move the run to a project, which is made if there is none; its id stays. UsageError for a name that is none,
        PermissionDeniedError if the actor may not change the run or record there, ConflictError while it is at work, or if the other
        project has a run of its id.
        """
        run = self._access.run_to_change(actor, path)
        to = RunPath(entity or path.entity, project, path.run_id)
        if to == path:
            return run
        self._projects.create(actor, to.entity, to.project)

        def move() -> Run:
            if self._runs.run(path).state.live:  # its training sends its files to where it is
                raise ConflictError(f"{path} is at work. Move it when it has finished, or stop it first.")
            self._hand_on(path, to)
            return self._runs.move(path, to)

        moved = self._alone(move, path)
        self._turned(path)
        self._turned(to)
        self._removed(path)
        return moved
