"""`log_artifact`: the draft, and what it holds, goes into the run's directory, and the journal says so. The sidecar does the rest."""

from __future__ import annotations

import math
import os
import re
import shutil
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playhead.client.artifacts.artifact import Artifact
from playhead.client.artifacts.stored import Stored
from playhead.client.artifacts.versioned import target_of
from playhead.domain.artifact import LATEST, ArtifactState, check_aliases, check_artifact_tags
from playhead.domain.errors import CommError, ConflictError, NotFoundError, UsageError
from playhead.domain.ids import generate_id
from playhead.journal import format as kinds
from playhead.sdk.artifacts.asking import server_of
from playhead.sdk.artifacts.finding import found
from playhead.sidecar.parcels import FOLDER, told_part

if TYPE_CHECKING:
    from playhead.client.server import Server
    from playhead.sdk.run import Run
    from playhead.sdk.talk import Talk
    from playhead.wire.artifacts import ArtifactView

_SLICE = 0.5
_PATIENCE = 60.0
"""Seconds that a server may take to make a version of what it has."""
_ASKED_FOR = 20
"""Artifacts that are asked about when a run ends; of earlier ones the page tells."""
_LOOK = 0.05
"""Seconds between two looks whether a server has made the version."""
_UNFIT = re.compile(r"[/:\x00-\x1f]")


def log(
    run: Run, told: Any, name: str | None, type_name: str | None, aliases: Iterable[str], tags: Iterable[str] | None
) -> Artifact:
    """See `Run.log_artifact`."""
    artifact = told if isinstance(told, Artifact) else _made_of(run, told, name, type_name)
    if isinstance(aliases, str):
        raise UsageError(f"aliases is a list: write aliases=[{aliases!r}].")
    wanted = [alias for alias in check_aliases(aliases) if alias != LATEST]
    if tags is not None:
        artifact.tags = check_artifact_tags(tags)
    if not artifact.is_draft:
        raise UsageError(
            f"{artifact.name} is logged already: give it aliases with artifact.aliases.append(…) and save()."
        )
    if run.disabled:
        artifact.is_nowhere()
        return artifact
    if run._ended is not None:  # noqa: SLF001 this is the run's own call
        run._after_end("log_artifact")  # noqa: SLF001 as above
        artifact.is_nowhere()
        return artifact
    if artifact.incremental:
        _add_to_newest(run, artifact)
    _bring_elsewhere(run, artifact)
    artifact_id, number = generate_id(20), 0
    try:
        number = _write(run, artifact, artifact_id, wanted)
    except OSError as error:  # a full disk: the training goes on
        run._guard.dropped_one(error)  # noqa: SLF001 as above
    artifact.is_logged(lambda timeout: _await(run, artifact.name, artifact_id, number, timeout))
    if number:
        _note(run, artifact_id, artifact.name)
        run._companion.nudge(os.fspath(run._place.folder))  # noqa: SLF001 as above
    return artifact


def link(run: Run, artifact: Artifact, target_path: str, aliases: Iterable[str]) -> Artifact:
    """See `Run.link_artifact`."""
    target_of(target_path, "-", "-", aliases)
    if run.disabled:
        return artifact
    if artifact.is_draft:
        log(run, artifact, None, None, (), None)
    artifact.wait()
    artifact.link(target_path, aliases)
    return artifact


def _made_of(run: Run, told: Any, name: str | None, type_name: str | None) -> Artifact:
    """An artifact of a file, a folder, or an address."""
    try:
        path = os.fsdecode(told)
    except TypeError:
        raise UsageError(f"log_artifact() takes an Artifact or a path, not a {type(told).__name__}.") from None
    is_address = re.match(r"[a-zA-Z][\w+.-]*://", path) is not None
    base = os.path.basename(path.rstrip("/") if is_address else os.path.normpath(path))  # noqa: PTH119 it may be an address
    artifact = Artifact(name or _UNFIT.sub("_", f"run-{run.id}-{base}")[:128], type_name or "unspecified")
    if is_address:
        artifact.add_reference(path)
    elif Path(path).is_dir():
        artifact.add_dir(path)
    else:
        artifact.add_file(path)
    return artifact


def _write(run: Run, artifact: Artifact, artifact_id: str, aliases: list[str]) -> int:
    """Move what the draft holds into the run's directory, then say so; answers the number of the asking. OSError."""
    folder = run._place.folder / FOLDER  # noqa: SLF001 as above
    parts = [told_part(part, path) for part, path in artifact.draft.hand_over(folder)]
    seconds = None if artifact.ttl is None else int(artifact.ttl.total_seconds())
    about = {
        "aliases": aliases, "tags": artifact.tags, "description": artifact.description, "metadata": artifact.metadata,
        "ttl": seconds,
    }  # fmt: skip
    data = {
        "id": artifact_id, "name": artifact.name, "type": artifact.type,
        **{name: value for name, value in about.items() if value}, "parts": parts,
    }  # fmt: skip
    target = folder / f"{artifact_id}.json"
    part = target.with_suffix(".part")
    part.write_bytes(kinds.dumps(data))
    part.replace(target)
    dropped = run._guard.dropped  # noqa: SLF001 as above
    number = run._ask_to_save(kinds.SAVE, {"artifact": target.name})  # noqa: SLF001 as above
    return number if run._guard.dropped == dropped else 0  # noqa: SLF001 as above


def _add_to_newest(run: Run, artifact: Artifact) -> None:
    """Let the draft have what the newest version has, where it says nothing else. NotFoundError is no trouble: it is the first."""
    try:
        newest = found(run, artifact.name, artifact.type)
    except NotFoundError:
        return
    entries = newest.new_draft().draft.parts
    artifact.draft.put(part for path, part in entries.items() if path not in artifact.draft.parts)
    artifact.came_from(newest)


def _bring_elsewhere(run: Run, artifact: Artifact) -> None:
    """Content that another project's version has is brought here first: this project has to be given it."""
    origin = artifact.origin
    if origin is None or (origin.view.entity, origin.view.project) == (run.entity, run.project):
        return
    wanted = {path for path, part in artifact.draft.parts.items() if part.held is None and part.sha256}
    if not wanted:
        return
    folder = artifact.draft.new_file()
    try:
        origin.fetch(folder, [origin.entries[path] for path in sorted(wanted)])
        for path in wanted:
            held = (folder / path).replace(artifact.draft.new_file())
            artifact.draft.take(path, held, overwrite=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _await(run: Run, name: str, artifact_id: str, number: int, timeout: float | None) -> Stored:
    """The version, once a server has it. See `Versioned.wait`."""
    if run.offline:
        raise UsageError(f"{name} was logged offline: it becomes a version when the run is sent, with playhead sync.")
    if not number:
        raise ConflictError(f"{name} is not logged: this disk did not take it.")
    end = math.inf if timeout is None else time.monotonic() + timeout
    while run._ended is None and not run._are_saved({number}):  # noqa: SLF001 this is the run's own call
        left = min(_SLICE, end - time.monotonic())
        if left <= 0 or not run._hear_next(left):  # noqa: SLF001 as above
            break
    if number in run._refused:  # noqa: SLF001 as above
        raise ConflictError(f"{name} is not logged: {run._refused[number].rstrip('.')}.")  # noqa: SLF001 as above
    if run._unsettled:  # noqa: SLF001 as above
        run._unsettled.pop(artifact_id, None)  # noqa: SLF001 as above
    return _committed(server_of(run), name, artifact_id, min(end, time.monotonic() + _PATIENCE))


def _committed(server: Server, name: str, artifact_id: str, end: float) -> Stored:
    """The version that the server makes of what it has."""
    while True:
        view = _look(server, artifact_id)
        if view is not None and view.state == ArtifactState.FAILED:
            raise ConflictError(f"{name} is not logged: {view.problem}")
        if view is not None and view.state == ArtifactState.COMMITTED:
            return Stored(server, view)
        if time.monotonic() > end:
            raise CommError(f"{name} is not on the server yet: wait() again, or look later.")
        time.sleep(_LOOK)


def _note(run: Run, artifact_id: str, name: str) -> None:
    """It is asked about when the run ends, if nobody has waited for it."""
    known = run._unsettled = run._unsettled or {}  # noqa: SLF001 as above
    known[artifact_id] = name
    while len(known) > _ASKED_FOR:
        del known[next(iter(known))]


def tell_failed(run: Run, unsettled: Mapping[str, str], talk: Talk) -> None:
    """Say which of these became no versions. CommError."""
    server = server_of(run)
    for artifact_id, name in unsettled.items():
        view = _look(server, artifact_id)
        if view is not None and view.state == ArtifactState.FAILED:
            talk.warn(f"The artifact {name!r} is no version: {view.problem}")


def _look(server: Server, artifact_id: str) -> ArtifactView | None:
    try:
        return server.artifact_by_id(artifact_id)
    except NotFoundError:
        return None
