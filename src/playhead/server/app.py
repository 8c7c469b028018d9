"""The ASGI application: routes, errors and the page around one context."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from fastapi import FastAPI
from starlette.routing import BaseRoute
from starlette.types import Message

from playhead.server import document, errors
from playhead.server.context import Context
from playhead.server.direct import Direct
from playhead.server.page import Page
from playhead.server.routes import (
    accounts,
    artifacts,
    files,
    media,
    projects,
    records,
    runs,
    search,
    streams,
    sweep,
    timeline,
    webhooks,
)
from playhead.server.settings import LOOPBACK
from playhead.server.shell import Shell
from playhead.server.watching import Watching

ABOUT = (
    "Playhead records training runs and lets you move through them. Times are microseconds since 1970 (UTC). "
    "Every error has one shape, `ProblemBody`."
)


def api(version: str) -> FastAPI:
    """The REST API with its document, not yet in touch with anything."""
    app = FastAPI(
        title="Playhead",
        version=version,
        description=ABOUT,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses=errors.DOCUMENTED,
    )
    for part in (
        accounts,
        sweep,
        projects,
        webhooks,
        search,
        records,
        runs,
        timeline,
        files,
        media,
        artifacts,
        streams,
    ):
        app.include_router(part.router)
    errors.install(app)
    document.refine(app)
    return app


def build(context: Context, *, hosts: frozenset[str] = frozenset(), foreign: Sequence[BaseRoute] = ()) -> Shell:
    """The application; on this machine alone it answers only to the loopback's names and `hosts`. `foreign`: what other clients than
    ours speak.
    """
    app = api(context.version)
    app.router.routes.extend(foreign)
    app.state.context = context
    app.router.default = Page()
    hosts_of_ours = LOOPBACK | hosts if context.local else None
    return Shell(Watching(Direct(app, context), context.counters), hosts=hosts_of_ours, warm=lambda: _warm(app))


def _warm(app: FastAPI) -> None:
    """Have FastAPI build what it would build while the first page waits, a third of a second: the routes of each router are made when it is
    first asked, and a path that none knows is asked of all.
    """

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(_: Message) -> None:
        pass

    nowhere = {"type": "http", "method": "GET", "path": "/api/v1/nowhere", "query_string": b"", "headers": []}
    asyncio.run(app(nowhere, receive, send))
