"""Beginning a run by asking the server: what this disk owes it goes first, then it says where the run goes on, or who holds it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from playhead.client.opener import Opener
from playhead.domain.errors import ConflictError, JournalError, LeaseError, NotFoundError, UsageError
from playhead.domain.ids import generate_name
from playhead.journal import reader
from playhead.sdk import rundir
from playhead.sdk.outset import Beginning, Where
from playhead.sdk.plan import Plan
from playhead.sidecar import rundirs
from playhead.sidecar.own_journal import MAIN
from playhead.wire.timeline import Begin, Begun

_ASK_AGAIN = 1.0
"""Seconds between two questions whether another writer has ended."""
_LEFTOVERS = 20.0
"""Seconds that what lies unsent on this disk may take, before a run is gone on with."""
_LOOK_AGAIN = 0.02
"""Seconds between two looks whether a sidecar has sent the rest."""


def asked(
    plan: Plan, fresh: Beginning, run_id: str | None, name: str | None, where: Where, say: Callable[[str], None]
) -> Beginning:
    """Where the server lets the run begin. UsageError as `resume` says, LeaseError, CommError and what else a server may say."""
    assert where.url is not None
    if plan.shared:  # the first writer's name is that of the run
        name = name or generate_name(rundir.count_runs(where.root) + 1)
    server = Opener.at(where.url, where.key)
    try:
        _send_leftovers(plan.run or run_id, where, server, shared=plan.shared)
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
    is_first = plan.shared and begun.name == name and not begun.resumed
    return _beginning(plan, fresh, begun, name if is_first else None)


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


def _send_leftovers(run: str | None, where: Where, server: Opener, *, shared: bool) -> None:
    """What a crash left of the run on this disk goes first, so that the run goes on behind it."""
    folders = rundir.folders_of(where.root, run.rpartition("/")[2]) if run else []
    left = [folder for folder in folders if not rundirs.look(folder).complete]
    if not left:
        return
    server.stream_offset("none")  # a server that does not answer is known by now: sending would try again and again
    from playhead.sidecar import sync  # noqa: PLC0415 loads psutil: only for a run that has left something here

    end = time.monotonic() + _LEFTOVERS
    for folder in left:
        while sync.is_live(folder) and time.monotonic() < end and not rundirs.look(folder).complete:
            # Another training is at work: the server knows it, and decides.
            if _is_of_another(folder, where) if shared else sync.trains(folder):
                break
            time.sleep(_LOOK_AGAIN)
        if not rundirs.look(folder).complete and not sync.is_live(folder):
            sync.sync_run(folder, server)


def _is_of_another(folder: Path, where: Where) -> bool:
    """Whether another living process began it: to see whether it is still at work would take reading all of what it wrote."""
    try:
        header, _ = reader.open_header(folder / MAIN)
    except (OSError, JournalError):
        return False
    return header.pid != os.getpid() and (header.host != where.host or _alive(header.pid))


def _beginning(plan: Plan, fresh: Beginning, begun: Begun, made_up: str | None) -> Beginning:
    about = {
        "name": begun.name, "notes": begun.notes, "tags": begun.tags, "group": begun.group, "job_type": begun.job_type,
    }  # fmt: skip
    is_known = (plan.shared and made_up is None) or (begun.resumed and not plan.fork)
    told = []
    if begun.replaced:
        told.append(
            f"There was a run {begun.run_id} already. It is archived, whole, and this one begins anew; to go on with a run say "
            'resume="must" (or "allow").'
        )
    if begun.restored:
        told.append(f"The run {begun.run_id} was in the trash, and is taken out of it.")
    return fresh._replace(
        run_id=begun.run_id, segment=begun.segment, parent=begun.parent, parent_step=begun.parent_step, step=begun.step,
        resumed=begun.resumed, shared=begun.shared, config=begun.config, about=about if is_known else {}, name=made_up or "",
        entity=begun.entity, told=tuple(told), metrics=begun.metrics, axes=begun.axes, fork_of=begun.fork_of or "" if plan.fork else "",
    )  # fmt: skip
