"""The one place that decides whether an actor may do something. Deny is the default."""

from __future__ import annotations

from playhead.domain.account import Actor, Project, Right, allowed
from playhead.domain.artifact import Artifact
from playhead.domain.errors import AuthenticationError, NotFoundError, PermissionDeniedError, PlayheadError
from playhead.domain.ids import RunPath
from playhead.domain.run import Run
from playhead.ports.projects import Projects
from playhead.ports.runs import Runs


def signed_in(actor: Actor) -> str:
    """The actor's name. AuthenticationError for nobody."""
    if actor.user is None:
        raise AuthenticationError("This needs an API key. Run `playhead login`.")
    return actor.user


def member(actor: Actor, entity: str) -> bool:
    """Whether `actor` sees what readers from outside do not."""
    return actor.admin or entity in actor.entities


def may_change(actor: Actor, run: Run) -> bool:
    """A run belongs to its entity, and to whoever recorded it."""
    return member(actor, run.path.entity) or (actor.user is not None and actor.user == run.user)


def may_change_artifact(actor: Actor, artifact: Artifact) -> bool:
    """A version belongs to its entity, and to whoever logged it."""
    return member(actor, artifact.collection.entity) or (actor.user is not None and actor.user == artifact.user)


def refusal(actor: Actor, entity: str, project: str) -> PermissionDeniedError:
    """Why nothing can be recorded there. It does not tell whether the entity exists: that is not for everybody to know."""
    user = signed_in(actor)
    return PermissionDeniedError(
        f"The user {user!r} may not record runs in {entity}/{project}. One of three things is the cause. "
        f"This machine is not logged in as the user that you mean: run `playhead login`. "
        f"The entity {entity!r} does not exist or is misspelt: check it. "
        f"{user!r} has no right in this project: ask its owner to make it open or to add you."
    )


def check_run_is_free(actor: Actor, run: Run) -> None:
    """PermissionDeniedError if `actor` may record into the project, but this run is somebody else's."""
    if not may_change(actor, run):
        raise PermissionDeniedError(f"The run {run.path} was recorded by {run.user!r}. Choose another run id.")


class Access:
    """Finds projects and runs for actors who may have them."""

    def __init__(self, *, projects: Projects, runs: Runs) -> None:
        self._projects = projects
        self._runs = runs

    def project(self, actor: Actor, entity: str, project: str) -> Project:
        """A project that `actor` may read. NotFoundError if there is none, or the actor may not see it; AuthenticationError for
        nobody, who may be somebody that has not logged in yet.
        """
        unseen: PlayheadError = NotFoundError(f"There is no project {entity}/{project}, or you may not see it.")
        if actor.user is None:
            unseen = AuthenticationError("This needs an API key. Run `playhead login`.")
        try:
            found = self._projects.project(entity, project)
        except NotFoundError:
            raise unseen from None
        if not allowed(actor, Right.READ, entity, found.visibility):
            raise unseen
        return found

    def run(self, actor: Actor, path: RunPath, *, trash: bool = False) -> Run:
        """A run that `actor` may read, with `trash` even if it was thrown away. NotFoundError if there is none to be seen."""
        self.project(actor, path.entity, path.project)
        run = self._runs.run(path)
        if run.deleted_at is not None and not trash:
            raise NotFoundError(f"The run {path} is in the trash. `playhead runs restore {path}` brings it back.")
        return run

    def run_to_change(self, actor: Actor, path: RunPath, *, trash: bool = False) -> Run:
        """A run that `actor` may change or delete. NotFoundError, AuthenticationError, PermissionDeniedError."""
        run = self.run(actor, path, trash=trash)
        if not may_change(actor, run):
            raise PermissionDeniedError(
                f"{signed_in(actor)} may read {path}, but only its owner and members of {path.entity} may change it."
            )
        return run

    def check_recording(self, actor: Actor, entity: str, project: str) -> bool:
        """Whether the project is there already. PermissionDeniedError if `actor` may not record into it, or not make it."""
        signed_in(actor)
        try:
            visible = self._projects.project(entity, project).visibility
        except NotFoundError:
            visible = None
        if not (member(actor, entity) if visible is None else allowed(actor, Right.WRITE, entity, visible)):
            raise refusal(actor, entity, project)
        return visible is not None
