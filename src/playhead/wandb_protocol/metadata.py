"""What W&B's client looks for in `wandb-metadata.json`: of a run that it did not record itself, made of what the run says of its machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from playhead.domain.errors import NotFoundError
from playhead.domain.ids import RunPath
from playhead.domain.run import Run
from playhead.services.access import may_change
from playhead.wandb_protocol.context import Services, call_of
from playhead.wandb_protocol.errors import as_answer
from playhead.wandb_protocol.forms import moment

NAME = "wandb-metadata.json"
ROUTE = "/wandb/{entity}/{project}/{run_id}/metadata"

_SAME = ("os", "python", "program", "args", "host", "executable", "docker", "email", "cpu_count")


class Metadata:
    """The endpoint."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def answer(self, request: Request) -> Response:
        """The run's metadata. NotFoundError for readers from outside: they do not see the machine."""
        call = await call_of(request, self._services)
        path = RunPath(*(request.path_params[name] for name in RunPath._fields))
        run = await run_in_threadpool(self._services.runs.run, call.actor, path)
        if not may_change(call.actor, run):
            raise NotFoundError
        return as_answer(metadata_of(run))


def url_of(address: str, path: RunPath) -> str:
    """Where a run's metadata is."""
    return address + ROUTE.format(**{name: quote(part, safe="") for name, part in path._asdict().items()})


def metadata_of(run: Run) -> dict[str, Any]:
    """What `run.meta` says, in W&B's words."""
    meta = run.meta
    told: dict[str, Any] = {name: meta[name] for name in _SAME if name in meta} | {"startedAt": moment(run.started_at)}
    git = meta.get("git")
    if isinstance(git, Mapping):
        told["git"] = {name: git[name] for name in ("remote", "commit") if git.get(name)}
    if meta.get("user"):
        told["username"] = meta["user"]
    gpus = meta.get("gpus")
    if isinstance(gpus, list) and gpus:
        told |= {"gpu": gpus[0], "gpu_count": len(gpus)}
    if meta.get("memory"):
        told["memory"] = {"total": str(meta["memory"])}
    return told
