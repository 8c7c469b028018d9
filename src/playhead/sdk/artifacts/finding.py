"""Which version of an artifact a run means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playhead.client.artifacts.artifact import Artifact
from playhead.client.artifacts.stored import Stored, find, known_here
from playhead.domain.artifact import LATEST, ArtifactState, parse_name, version_number
from playhead.domain.errors import CommError, NotFoundError, UsageError
from playhead.domain.ids import RunPath
from playhead.domain.run import Segment
from playhead.domain.timeline import chain
from playhead.sdk.artifacts.asking import server_of
from playhead.wire.artifacts import ArtifactView

if TYPE_CHECKING:
    from playhead.client.server import Server
    from playhead.sdk.run import Run


def found(run: Run, name: str, type_name: str | None, *, later: bool = False) -> Artifact:
    """The version of that name. NotFoundError, ConflictError, CommError, UsageError."""
    if run.offline and not run.disabled:
        return _known(run, name)
    server = server_of(run)
    entity, project = (run.settings.entity, run.settings.project) if run.disabled else (run.entity, run.project)
    if entity is None and name.count("/") < 2:
        entity = server.viewer().entity
    collection, alias = parse_name(name, entity, project)
    where = (*collection, alias)
    explicit = ":" in name and alias != LATEST
    if not (explicit or later) and run.resumed and not run.disabled:
        view = _kept(run, server, find(server, where, type_name))
    else:
        view = find(server, where, type_name)
    return Artifact.of(Stored(server, view))


def _known(run: Run, name: str) -> Artifact:
    """From this disk."""
    entity = run.entity or run.settings.entity
    if entity is None and name.count("/") < 2:
        raise UsageError(f"Offline, {name!r} does not say whose it is: write entity/project/name:v3.")
    collection, alias = parse_name(name, entity, run.project)
    if version_number(alias) is None:
        raise CommError(
            f"{name!r} cannot be looked up offline: no server is asked which version that is. Name the version, such as "
            f"{collection.name}:v3; if it was used here before, it is on this disk."
        )
    return Artifact.of(known_here((*collection, alias)))


def _kept(run: Run, server: Server, newest: ArtifactView) -> ArtifactView:
    """The newest version that was not logged behind where this run, or one that it was forked from, branched off. NotFoundError."""
    own = RunPath(run.entity or "", run.project, run.id)
    told = server.segments(own)
    segments = [Segment(id=one.id, run=own, parent=one.parent, parent_step=one.parent_step) for one in told]
    line = {segment.id: limit for segment, limit in chain(segments, run.segment_id)}
    kin = {one.run or str(own) for one in told}

    def is_kept(view: ArtifactView) -> bool:
        made = view.logged_by
        if made is None or f"{made.entity}/{made.project}/{made.run_id}" not in kin:
            return True
        limit = line.get(made.segment, -1)
        return limit is None or made.step <= limit

    if is_kept(newest):
        return newest
    for view in server.artifact_versions(newest.entity, newest.project, newest.name):
        if view.state == ArtifactState.COMMITTED and is_kept(view):
            return view
    raise NotFoundError(
        f"{newest.name} has no version from before the place where this run goes on: later=True, or a version such as "
        f"{newest.name}:v{newest.version}, gives what came later."
    )
