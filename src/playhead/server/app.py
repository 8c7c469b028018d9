"""The ASGI application: routes, errors and the page around one context."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import FastAPI
from starlette.routing import BaseRoute

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
    return Shell(Watching(Direct(app, context), context.counters), hosts=LOOPBACK | hosts if context.local else None)
