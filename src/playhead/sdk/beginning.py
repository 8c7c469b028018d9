"""Where a run begins: asked of the server if its answer matters, else of this disk, else made up here."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from playhead.domain.errors import CommError
from playhead.domain.ids import generate_id
from playhead.sdk.outset import Beginning, Where
from playhead.sdk.plan import Plan


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
