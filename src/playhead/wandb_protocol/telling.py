"""What an upsert changes of a run, as frames of its session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playhead.domain.definition import Definitions
from playhead.domain.run import Run
from playhead.journal import format as f
from playhead.services.summary import definitions
from playhead.wandb_protocol.machine import info_of
from playhead.wandb_protocol.sessions import Piece
from playhead.wandb_protocol.upsert import Config, first_words

_NAMES = {"displayName": "name", "notes": "notes", "groupName": "group", "jobType": "job_type"}


def tell(piece: Piece, run: Run, told: Mapping[str, Any], config: Config, *, resumed: bool) -> None:
    """Write down what `run`, as it is, does not know yet. A session begins with a START frame, which says what the run goes on with, and
    whether its process asked for the run before it began: it resumes it.
    """
    about = _about(run, told, config, fresh=not piece.stream.offset)
    changed = {
        key: value for key, value in config.values.items() if key not in run.config or _differ(run.config[key], value)
    }
    if not piece.stream.offset:
        piece.record(f.START, {**about, "config": changed, **first_words(told, config), "resumed": resumed})
    else:
        if about:
            piece.record(f.META, about)
        if changed:
            piece.record(f.CONFIG, {"set": changed})
    known = Definitions(definitions(run.summary))
    for one in config.definitions():
        if known.tell(one):
            piece.record(f.METRIC, one)


def _about(run: Run, told: Mapping[str, Any], config: Config, *, fresh: bool) -> dict[str, Any]:
    """Names, notes, tags and the machine: what is told is repeated by the client again and again."""
    about: dict[str, Any] = {
        name: told[field]
        for field, name in _NAMES.items()
        if told.get(field) and (fresh or told[field] != getattr(run, name))
    }
    tags = told.get("tags")
    if tags and (fresh or list(run.tags) != tags):
        about["tags"] = tags
    info = info_of(config.own, told, run.meta)
    return {**about, "info": info} if info else about


def _differ(one: Any, other: Any) -> bool:
    """NaN is the same as NaN here."""
    return repr(one) != repr(other) if isinstance(other, float) else one != other
