"""What people do with whole runs through `wandb.Api()`: make, stop and delete them, say how they stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ariadne import MutationType

from playhead.domain.errors import UsageError
from playhead.domain.ids import generate_name
from playhead.domain.run import Run, RunState
from playhead.wandb_protocol.beginning import find, place_of
from playhead.wandb_protocol.context import Call, asked
from playhead.wandb_protocol.ids import run_path

mutation = MutationType()

_MADE = frozenset({"name", "modelName", "entityName", "state"})
"""All that is said of a run that somebody makes, but does not begin."""


def is_plan(told: Mapping[str, Any]) -> bool:
    """Whether an upsert makes a run for some process to begin with later."""
    return bool(told.get("state")) and told.keys() <= _MADE


def plan(call: Call, told: Mapping[str, Any]) -> tuple[Run, bool]:
    """Make the run, if it is not there, and whether it was made. GoneError if it was deleted."""
    if told["state"] not in {RunState.PENDING, RunState.RUNNING}:
        raise UsageError(f"A run is made {RunState.PENDING} or {RunState.RUNNING}, not {told['state']!r}.")
    path = place_of(call, told.get("entityName"), told.get("modelName"), told.get("name"))
    find(call, path)
    return call.services.beginnings.plan(call.actor, path, generate_name(1))


@mutation.field("deleteRun")
def delete_run(_: Any, info: Any, input: Mapping[str, Any]) -> dict[str, Any]:  # noqa: A002 as it is called on the wire
    """Put a run into the trash; the versions of artifacts that it made are deleted if that is asked for."""
    call, path = asked(info), run_path(input["id"])
    if input.get("deleteArtifacts"):
        call.services.artifacts.delete_logged(call.actor, path)
    call.services.timeline.trash(call.actor, path)
    return {"clientMutationId": input.get("clientMutationId"), "success": True}


@mutation.field("stopRun")
def stop_run(_: Any, info: Any, input: Mapping[str, Any]) -> dict[str, Any]:  # noqa: A002
    """Ask a run's training to stop; of one that is at work no more there is nothing to stop."""
    call, path = asked(info), run_path(input["id"])
    if call.services.runs.run(call.actor, path).state.live:
        call.services.timeline.stop(call.actor, path)
    return {"success": True}


@mutation.field("updateRunState")
def update_state(_: Any, info: Any, input: Mapping[str, Any]) -> dict[str, Any]:  # noqa: A002
    """Say that a run has failed, or is to be tried again."""
    call, told = asked(info), input["state"]
    if told not in {RunState.PENDING, RunState.FAILED}:
        raise UsageError(f"A run can be said to be {RunState.PENDING} or {RunState.FAILED}, not {told!r}.")
    call.services.timeline.mark(call.actor, run_path(input["id"]), RunState(told))
    return {"success": True}


BINDABLES = (mutation,)
