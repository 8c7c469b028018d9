"""Where a run begins: asked of the server if its answer matters, else of this disk, else made up here."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playhead.domain.errors import CommError, ConflictError, LeaseError, NotFoundError, UsageError
from playhead.domain.ids import generate_id
from playhead.sdk.plan import Plan

if TYPE_CHECKING:
    from playhead.sdk.earlier import Found
    from playhead.wire.timeline import Begin, Begun

_ASK_AGAIN = 1.0
"""Seconds between two questions whether another writer has ended."""
_LEFTOVERS = 20.0
"""Seconds that what lies unsent on this disk may take, before a run is gone on with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """Where a run's journal begins, and what was there before."""

    run_id: str
    stream: str
    segment: str
    created_at: int
    parent: str | None = None
    parent_step: int | None = None
    step: int = 0
    resumed: bool = False
    shared: bool = False
    label: str = ""
    inherit_config: bool = True
    config: dict[str, Any] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)
    """Name, notes, tags, group and job type that the run has already."""
    entity: str | None = None
    told: tuple[str, ...] = ()
    """Sentences for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Where:
    """A server to ask, and where it is recorded here."""

    root: Path
    project: str
    entity: str | None
    url: str | None
    key: str | None
    host: str


def begin(plan: Plan, run_id: str | None, name: str | None, where: Where, say: Callable[[str], None]) -> Beginning:
    """Decide where the run begins. UsageError as `resume` says, LeaseError, LaunchError; CommError if nobody can tell."""
    fresh = Beginning(
        run_id=run_id or generate_id(), stream=os.urandom(8).hex(), segment=os.urandom(8).hex(),
        created_at=time.time_ns() // 1000, shared=plan.shared, label=plan.label, inherit_config=plan.inherit_config,
    )  # fmt: skip
    if not plan.needs_answer and run_id is None:
        return fresh
    if where.url is None:
        return _on_this_disk(plan, fresh, where, asked=run_id)
    try:
        return _asked(plan, fresh, run_id, name, where, say)
    except CommError as error:
        if not plan.needs_answer:
            return fresh
        found = _here(plan, fresh, where, asked=run_id)
        if found is None:
            raise CommError(
                f"{error.message} Whether the run is there must be known before it is gone on with, and nothing of it is on this disk."
            ) from error
        say(f"The server cannot be reached ({error.message}): going on with what is on this disk.")
        return found


def _asked(
    plan: Plan, fresh: Beginning, run_id: str | None, name: str | None, where: Where, say: Callable[[str], None]
) -> Beginning:
    from playhead.client.server import Server  # noqa: PLC0415 only those who must ask pay for it
    from playhead.wire.timeline import Begin  # noqa: PLC0415 as above

    assert where.url is not None
    server = Server.at(where.url, where.key)
    try:
        _send_leftovers(plan.run or run_id, where, server)
        ask = Begin(
            project=where.project, entity=where.entity, stream=fresh.stream, segment=fresh.segment,
            created_at=fresh.created_at, run_id=run_id if plan.run is None or plan.fork or run_id else None, name=name,
            resume=plan.resume, from_run=plan.run, step=plan.step, fork=plan.fork, inherit_config=plan.inherit_config,
            shared=plan.shared, label=plan.label, host=where.host, pid=os.getpid(),
        )  # fmt: skip
        if ask.run_id is None and plan.run is None:
            ask = replace(ask, run_id=fresh.run_id)
        begun = _ask(server.begin, ask, plan.wait, say)
    except (NotFoundError, ConflictError) as error:
        if isinstance(error, LeaseError):
            raise
        raise UsageError(error.message) from error
    finally:
        server.close()
    return _beginning(fresh, begun)


def _ask(ask_server: Callable[[Begin], Begun], ask: Begin, wait: float, say: Callable[[str], None]) -> Begun:
    """Ask until no other writer holds the run; one of this machine that is dead does not."""
    end = time.monotonic() + wait
    told = False
    while True:
        try:
            return ask_server(ask)
        except LeaseError as error:
            if error.host == ask.host and error.pid and not _alive(error.pid) and ask.evict != error.stream:
                ask = replace(ask, evict=error.stream)
                continue
            if time.monotonic() >= end:
                raise
            if not told:
                told = True
                say(f"Waiting for another training: {error.message}")
            time.sleep(min(_ASK_AGAIN, max(0.0, end - time.monotonic())))


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _send_leftovers(run_id: str | None, where: Where, server: Any) -> None:
    """What a crash left of the run on this disk goes first, so that the run goes on behind it."""
    from playhead.sdk.earlier import Earlier  # noqa: PLC0415 as `client.server`

    folders = Earlier(where.root, where.project).folders(run_id) if run_id else []
    if not folders:
        return
    from playhead.sidecar import rundirs, sync  # noqa: PLC0415 loads psutil: only for a run that has been here

    end = time.monotonic() + _LEFTOVERS
    for folder in folders:
        state = rundirs.look(folder)
        if state.complete:
            continue
        while sync.is_live(folder) and time.monotonic() < end and not rundirs.look(folder).complete:
            if sync.trains(folder):  # another training: the server knows it, and decides
                return
            time.sleep(0.05)
        if not rundirs.look(folder).complete and not sync.is_live(folder):
            sync.sync_run(folder, server)


def _beginning(fresh: Beginning, begun: Begun) -> Beginning:
    about = {
        "name": begun.name, "notes": begun.notes, "tags": begun.tags, "group": begun.group, "job_type": begun.job_type,
    }  # fmt: skip
    told = []
    if begun.replaced:
        told.append(
            f"There was a run {begun.run_id} already. It is archived, whole, and this one begins anew; to go on with a run say "
            'resume="must" (or "allow").'
        )
    if begun.restored:
        told.append(f"The run {begun.run_id} was in the trash, and is taken out of it.")
    is_new = not begun.resumed and not begun.fork_of
    return Beginning(
        run_id=begun.run_id, stream=fresh.stream, segment=begun.segment, created_at=fresh.created_at, parent=begun.parent,
        parent_step=begun.parent_step, step=begun.step, resumed=begun.resumed, shared=begun.shared, label=fresh.label,
        inherit_config=fresh.inherit_config, config=begun.config, about={} if is_new or begun.fork_of else about,
        entity=begun.entity, told=tuple(told),
    )  # fmt: skip


def _on_this_disk(plan: Plan, fresh: Beginning, where: Where, *, asked: str | None) -> Beginning:
    """Offline. What a server may have is not known; when both come together, the pieces are joined by their segments."""
    found = _here(plan, fresh, where, asked=asked)
    if found is not None:
        return found
    if plan.resume == "must":
        raise UsageError(
            f'resume="must", but nothing of the run {asked} is in {where.root}, and offline no server is asked.'
        )
    return fresh


def _here(plan: Plan, fresh: Beginning, where: Where, *, asked: str | None) -> Beginning | None:
    """Where the run goes on by what this disk knows of it; None if it knows nothing. UsageError."""
    from playhead.sdk.earlier import Earlier  # noqa: PLC0415 as `client.server`

    earlier = Earlier(where.root, where.project)
    if plan.run is not None:
        try:
            source, found = earlier.branch(plan.run, plan.step)
        except NotFoundError as error:
            raise UsageError(error.message) from error
        if not plan.fork and asked not in {None, source}:
            raise UsageError(f"A rewind keeps the run's id: {source!r} cannot become {asked!r}. Fork it instead.")
        config = found.config if plan.inherit_config else {}
        run_id = fresh.run_id if plan.fork else source
        about = {} if plan.fork else found.about
        return _behind(replace(fresh, run_id=run_id), found, config, about)
    known = earlier.resume(asked) if asked is not None and (plan.resume or not plan.shared) else None
    if known is None:
        return _shared(fresh, where) if plan.shared else None
    if plan.resume == "never":
        raise UsageError(f'resume="never", but the run {asked} is in {where.root} already. Choose another id.')
    if plan.resume is None:
        return None
    if plan.step is not None:
        _, found = earlier.branch(str(asked), plan.step)
        return _behind(fresh, found, found.config, found.about)
    return replace(fresh, segment=known.segment, step=known.step, resumed=True, config=known.config, about=known.about)


def _behind(fresh: Beginning, found: Found, config: dict[str, Any], about: dict[str, Any]) -> Beginning:
    """In a new segment behind what was found."""
    return replace(
        fresh, resumed=True, config=config, about=about, parent=found.parent, parent_step=found.parent_step,
        step=found.step,
    )  # fmt: skip


def _shared(fresh: Beginning, where: Where) -> Beginning:
    """Writers that cannot ask each other meet in a segment whose id follows from the run's."""
    import hashlib  # noqa: PLC0415 as `client.server`

    name = f"shared {where.entity or ''}/{where.project}/{fresh.run_id}"
    return replace(fresh, segment=hashlib.sha256(name.encode()).hexdigest()[:16])
