"""Beginning a run by what this disk knows of it: offline, or while the server does not answer."""

from __future__ import annotations

import hashlib
from typing import Any

from playhead.domain.errors import NotFoundError, UsageError
from playhead.sdk.earlier import Earlier, Found
from playhead.sdk.outset import Beginning, Where
from playhead.sdk.plan import Plan


def offline(plan: Plan, fresh: Beginning, where: Where, *, asked: str | None) -> Beginning:
    """Offline. What a server may have is not known; when both come together, the pieces are joined by their segments."""
    found = here(plan, fresh, where, asked=asked)
    if found is not None:
        return found
    if plan.resume == "must":
        raise UsageError(
            f'resume="must", but nothing of the run {asked} is in {where.root}, and offline no server is asked.'
        )
    return fresh


def here(plan: Plan, fresh: Beginning, where: Where, *, asked: str | None) -> Beginning | None:
    """Where the run goes on by what this disk knows of it; None if it knows nothing. UsageError."""
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
        return _behind(fresh._replace(run_id=run_id), where, found, config, about)
    known = earlier.resume(asked) if asked is not None and (plan.resume or not plan.shared) else None
    if known is None:
        return _shared(fresh, where) if plan.shared else None
    if plan.resume == "never":
        raise UsageError(f'resume="never", but the run {asked} is in {where.root} already. Choose another id.')
    if plan.resume is None:
        return None
    if plan.step is not None:
        _, found = earlier.branch(str(asked), plan.step)
        return _behind(fresh, where, found, found.config, found.about)
    return _behind(fresh, where, known, known.config, known.about)._replace(
        segment=known.segment, inherit_config=known.inherits
    )


def _behind(fresh: Beginning, where: Where, found: Found, config: dict[str, Any], about: dict[str, Any]) -> Beginning:
    """In a new segment behind what was found."""
    own = found.origin is None or (found.origin.project, found.origin.run_id) == (where.project, fresh.run_id)
    return fresh._replace(
        resumed=True, config=config, about=about, parent=found.parent, parent_step=found.parent_step,
        step=found.step, metrics=found.metrics, summary=found.summary, axes=found.axes,
        fork_of="" if own else "/".join(part for part in found.origin or () if part),
    )  # fmt: skip


def _shared(fresh: Beginning, where: Where) -> Beginning:
    """Writers that cannot ask each other meet in a segment whose id follows from the run's."""
    name = f"shared {where.entity or ''}/{where.project}/{fresh.run_id}"
    return fresh._replace(segment=hashlib.sha256(name.encode()).hexdigest()[:16])
