"""What routes work with: the services, and who is asking."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Query, Request, Security
from fastapi.security import APIKeyCookie, HTTPBasic, HTTPBearer

from playhead.domain.account import Actor
from playhead.domain.ids import RunPath
from playhead.domain.limits import MAX_PAGE
from playhead.domain.run import Run
from playhead.server.auth import Auth
from playhead.server.live import Live
from playhead.services.accounts import AccountService
from playhead.services.artifacts import ArtifactService
from playhead.services.beginnings import Beginnings
from playhead.services.counters import Counters
from playhead.services.files import FileService
from playhead.services.history import HistoryService
from playhead.services.ingest import Ingest
from playhead.services.lineage import LineageService
from playhead.services.media import MediaService
from playhead.services.moving import MoveService
from playhead.services.projects import ProjectService
from playhead.services.records import RecordService
from playhead.services.runs import RunService, view
from playhead.services.search import SearchService
from playhead.services.signed import SignedContents
from playhead.services.sweep import SweepService
from playhead.services.tables import TableService
from playhead.services.timeline import TimelineService
from playhead.services.uploads import UploadService
from playhead.services.webhooks import WebhookService
from playhead.wire.views import RunView


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Everything that the routes of one server share."""

    accounts: AccountService
    projects: ProjectService
    runs: RunService
    search: SearchService
    history: HistoryService
    records: RecordService
    timeline: TimelineService
    moving: MoveService
    beginnings: Beginnings
    files: FileService
    uploads: UploadService
    sweep: SweepService
    media: MediaService
    tables: TableService
    artifacts: ArtifactService
    lineage: LineageService
    signed: SignedContents
    webhooks: WebhookService
    ingest: Ingest
    auth: Auth
    live: Live
    counters: Counters
    touch: Callable[[], None]
    """Asks each store something; raises if one does not answer."""
    version: str
    local: bool
    url: str
    """The address that people reach the server by, if it is known."""


def get_context(request: Request) -> Context:
    """The server's context."""
    context: Context = request.app.state.context
    return context


ContextDep = Annotated[Context, Depends(get_context)]

_SCHEMES = [
    Security(HTTPBearer(auto_error=False, description="An API key")),
    Security(HTTPBasic(auto_error=False, description="`api` and an API key")),
    Security(
        APIKeyCookie(
            name="playhead_session",
            auto_error=False,
            description="A browser's session; its name ends in the server's number",
        )
    ),
]


async def _actor(request: Request) -> Actor:
    return await get_context(request).auth.actor(request)


ActorDep = Annotated[Actor, Depends(_actor)]
SECURED = _SCHEMES
"""Dependencies of routes that take credentials: for the OpenAPI document only."""

LimitDep = Annotated[int, Query(ge=1, le=MAX_PAGE, description="Items of the page")]
CursorDep = Annotated[
    str | None, Query(max_length=1_024, description="Where the page begins: `next` of the page before")
]


def base_url(request: Request) -> str:
    """The server's address as the client reaches it."""
    return get_context(request).url or f"{request.url.scheme}://{request.url.netloc}"


def run_url(request: Request, path: RunPath) -> str:
    """The address of a run's page."""
    names = [quote(part, safe="") for part in path]
    return f"{base_url(request)}/{names[0]}/{names[1]}/runs/{names[2]}"


def shown(run: Run, actor: Actor, request: Request) -> RunView:
    """The run as `actor` may see it now."""
    return view(run, actor, run_url(request, run.path), time.time_ns() // 1000)
