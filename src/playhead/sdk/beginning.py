"""Where a run begins: asked of the server if its answer matters, else of this disk, else made up here."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from playhead.domain.errors import CommError
from playhead.domain.ids import generate_id
from playhead.sdk.plan import Plan


class Beginning(NamedTuple):
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
    config: Mapping[str, Any] = {}
    about: Mapping[str, Any] = {}
    """Name, notes, tags, group and job type that the run has already."""
    name: str = ""
    """For people, if one was made up already."""
    entity: str | None = None
    fork_of: str = ""
    """The run that `parent` is a segment of, if that is another one."""
    told: tuple[str, ...] = ()
    """Sentences for the person at the terminal."""


class Where(NamedTuple):
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
    from playhead.sdk import asking, ondisk  # noqa: PLC0415 only those who go on with a run pay for it

    if where.url is None:
        return ondisk.offline(plan, fresh, where, asked=run_id)
    try:
        return asking.asked(plan, fresh, run_id, name, where, say)
    except CommError as error:
        if not plan.needs_answer:
            return fresh
        found = ondisk.here(plan, fresh, where, asked=run_id)
        if found is None:
            raise CommError(
                f"{error.message} Whether the run is there must be known before it is gone on with, and nothing of it is on this disk."
            ) from error
        say(f"The server cannot be reached ({error.message}): going on with what is on this disk.")
        return found
