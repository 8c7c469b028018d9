"""What the client asks before and after it sends files of a run."""

from __future__ import annotations

from typing import Any

from ariadne import MutationType

from playhead.domain.errors import LimitError
from playhead.domain.ids import RunPath
from playhead.domain.limits import MAX_PAGE
from playhead.wandb_protocol.beginning import known, place_of
from playhead.wandb_protocol.context import Call, asked
from playhead.wandb_protocol.ids import run_node
from playhead.wandb_protocol.uploads import address

mutation = MutationType()


def _path(call: Call, told: dict[str, Any]) -> RunPath:
    """The run, if the caller may write to it. NotFoundError, GoneError, PermissionDeniedError."""
    path = known(call, place_of(call, told.get("entityName"), told.get("projectName"), told["runName"])).path
    call.services.uploads.check(call.actor, path)
    return path


@mutation.field("createRunFiles")
def create_run_files(_: Any, info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 so it is called on the wire
    """Addresses to put files at, one for each name."""
    call = asked(info)
    path = _path(call, input)
    names = input["files"]
    if len(names) > MAX_PAGE:
        raise LimitError(f"{len(names):,} files: MAX_PAGE is {MAX_PAGE:,}.")
    files = [{"name": name, "uploadUrl": address(call, path, name)} for name in names]
    return {"runID": run_node(path), "uploadHeaders": [], "files": files}


@mutation.field("markRunFilesUploaded")
def mark_run_files_uploaded(_: Any, info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 as above
    """They are known already: each was recorded when it came."""
    _path(asked(info), input)
    return {"success": True}


BINDABLES = (mutation,)
