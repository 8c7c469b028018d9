"""How a process of W&B's client begins to write to a run: which beginning of ours its first requests mean.

Nothing in its requests tells one process from another. So ids that are handed out to one that is about to begin name its session, and
one whose first answer may have been lost goes on with the session that it made, as long as nothing else was said in it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from playhead.domain.errors import ConflictError, LeaseError, NotFoundError
from playhead.domain.ids import RunPath, generate_id, generate_name
from playhead.domain.limits import MAX_NAME
from playhead.domain.run import Run, Stream
from playhead.journal import format as f
from playhead.services.access import signed_in
from playhead.services.writers import LEASE, holders
from playhead.wandb_protocol import replays
from playhead.wandb_protocol.context import Call
from playhead.wandb_protocol.errors import GoneError, HeldError
from playhead.wandb_protocol.sessions import is_session, session_id
from playhead.wandb_protocol.upsert import BranchPoint, Config
from playhead.wire.timeline import Begin

DEFAULT_PROJECT = "uncategorized"
HELD = 5.0
"""Seconds after which one who waits for a run is asked to come again."""
_FIRST = frozenset(
    (
        "host",
        "displayName",
        "groupName",
        "jobType",
        "notes",
        "tags",
        "commit",
        "sweep",
        "state",
        "jobProgram",
        "jobRepo",
    )
)
"""What only the first upsert of a process says without naming its session: later ones have nothing but a config."""


class Begun(NamedTuple):
    """A session, and its run."""

    run: Run
    stream: Stream
    inserted: bool = False
    """Whether the run was made for it."""


def first(call: Call, told: Mapping[str, Any], config: Config) -> Begun:
    """The session of an upsert that names none: a new one, unless the run has one that it can only belong to."""
    path = place_of(call, told.get("entityName"), told.get("modelName"), told.get("name"))
    run = find(call, path)
    if call.client:
        return named(call, path, session_id(path, call.client), told, config)
    if run is not None and not _FIRST & {name for name, value in told.items() if value}:
        return Begun(run, call.services.sessions.find(run))
    again = _again(call, run, told, config, resumed=False)
    if again is not None:
        return again
    branch = config.branch
    if branch is not None and branch.run_id == path.run_id:
        branch = None
    lost = _lost(call, run, branch) if run is not None else None
    if lost is not None and run is not None:
        call.services.begun.put(lost.id, value=True)
        return Begun(run, lost)
    if branch is None:
        return _begin(call, told, run, _ask(path, told))
    if run is not None:
        raise ConflictError(f"The run {path} is there already: a fork needs an id of its own. Leave id out.")
    return _begin(call, told, run, _ask(path, told, from_run=branch.run_id, step=branch.step, fork=True))


def named(call: Call, path: RunPath, stream: str, told: Mapping[str, Any], config: Config) -> Begun:
    """The session of this name: begun if it is not, with what the run has."""
    run = find(call, path)
    again = None if call.services.sessions.has(stream) else _again(call, run, told, config, resumed=True)
    return again or _begin(call, told, run, _ask(path, told, stream=stream, resume="allow", shared=bool(call.client)))


def _again(call: Call, run: Run | None, told: Mapping[str, Any], config: Config, *, resumed: bool) -> Begun | None:
    """The session that a file which is sent may be of. It notes whether the file's process resumed the run, for `other`."""
    if run is None or not replays.is_sync(told):
        return None
    found = replays.session(call, run, told, config, resumed=resumed)
    if found is None:
        return None
    _check_silent(run)
    stream, words = found
    if words.get("resumed") != resumed:
        note = {"first": words["first"], "resumed": resumed}
        call.services.sessions.append(call.actor, stream, lambda piece: piece.record(f.META, note))
    return Begun(run, stream)


def other(call: Call, path: RunPath, stream: Stream) -> Stream:
    """A session of its own after all: a file that begins as this one does is another training's. The run begins anew, or goes on if
    it resumes.
    """
    run = known(call, path)
    _check_silent(run)
    words = call.services.sessions.first_words(stream)
    begun = _begin(call, {}, run, _ask(path, {}, resume="allow" if words.get("resumed") else None))
    call.services.sessions.append(call.actor, begun.stream, lambda piece: piece.record(f.START, dict(words)))
    return begun.stream


def _check_silent(run: Run) -> None:
    """HeldError if W&B's client is at work on it."""
    others = [one for one in holders(run, time.time_ns() // 1000) if is_session(one.stream)]
    if others:
        raise _held(run.path, others[-1].host)


def rewind(call: Call, path: RunPath, step: int) -> Begun:
    """A session that goes on from an earlier step. NotFoundError if there is no such run, UsageError if it ends before that step."""
    run = known(call, path)
    if _lost(call, run, None) is None:  # what it goes on sending would be taken for the new session's
        _check_silent(run)
    # That the client heard of it is known when it begins: until then, it may ask again.
    return _made(call, {}, run, _ask(path, {}, from_run=path.run_id, step=step))


def _begin(call: Call, told: Mapping[str, Any], run: Run | None, ask: Begin) -> Begun:
    begun = _made(call, told, run, ask)
    call.services.begun.put(begun.stream.id, value=True)
    return begun


def _made(call: Call, told: Mapping[str, Any], run: Run | None, ask: Begin) -> Begun:
    name = told.get("displayName") or (run.name if run is not None else _fresh_name(call, ask))
    try:
        started = call.services.beginnings.begin(call.actor, replace(ask, name=name[:MAX_NAME]))
    except LeaseError as error:
        raise _held(RunPath(ask.entity or "", ask.project, ask.run_id or ""), error.host) from error
    return Begun(started.run, started.stream, inserted=run is None)


def _held(path: RunPath, host: str) -> HeldError:
    error = HeldError(
        f"The run {path} is being written by another process on {host or 'an unknown host'}. Wait for its end, or stop it with "
        f"`playhead stop {path}`; one that was killed is forgotten after {LEASE // 1_000_000} seconds."
    )
    error.retry_after = HELD
    return error


def _lost(call: Call, run: Run, branch: BranchPoint | None) -> Stream | None:
    """The run's session, if it is one that nothing was said in yet, of a client that may not have heard that it has it."""
    if not run.state.live or not run.writers or not is_session(run.writers[-1].stream):
        return None
    if branch is not None and (run.branch is None or run.branch.run_id != branch.run_id):
        return None
    stream = call.services.sessions.find(run)
    system = call.services.sessions.system(stream)
    return None if stream.lines or system.lines or call.services.begun.get(stream.id) else stream


def find(call: Call, path: RunPath) -> Run | None:
    """The run, if there is one that the caller may see. GoneError if it is in the trash."""
    try:  # One question: between two of them, another process may begin the run.
        run = call.services.runs.run(call.actor, path, trash=True)
    except NotFoundError:
        return None
    if run.deleted_at is None:
        return run
    raise GoneError(
        f"The run {path} was deleted: it is in the trash. `playhead runs restore {path}` brings it back, "
        f"`playhead runs delete --forever {path}` makes its id free again. Or choose another id."
    )


def known(call: Call, path: RunPath) -> Run:
    """The run. NotFoundError if there is none that the caller may see; GoneError if it is in the trash."""
    run = find(call, path)
    if run is None:
        raise NotFoundError(f"There is no run {path}.")
    return run


def _fresh_name(call: Call, ask: Begin) -> str:
    try:
        count = call.services.projects.project(call.actor, ask.entity or "", ask.project).runs
    except NotFoundError:
        count = 0
    return generate_name(count + 1)


def place_of(call: Call, entity: str | None, project: str | None, run_id: str | None) -> RunPath:
    """The path of a run, as the client gives it: what it leaves out is the caller's own. AuthenticationError for nobody."""
    return RunPath(entity or signed_in(call.actor), project or DEFAULT_PROJECT, run_id or generate_id())


def _ask(path: RunPath, told: Mapping[str, Any], *, stream: str = "", **more: Any) -> Begin:
    return Begin(
        entity=path.entity, project=path.project, run_id=path.run_id, stream=stream or session_id(path),
        segment=generate_id(16), created_at=0, host=str(told.get("host") or ""), **more,
    )  # fmt: skip
