"""The short way for what comes a thousand times a second: journal bytes in their usual form go straight to their handler.

The route in `routes/streams.py` documents it and takes whatever is unusual; both call the same function, so they cannot differ.
"""

from __future__ import annotations

import re

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from playhead.domain.errors import PlayheadError
from playhead.server import errors
from playhead.server.context import Context
from playhead.server.routes.streams import take

_PATH = re.compile(r"/api/v1/streams/([\w-]{1,64})", re.ASCII)
_QUERY = re.compile(rb"offset=(\d{1,15})(?:&final=(1))?")


class Direct:
    """ASGI application around the whole one."""

    def __init__(self, app: FastAPI, context: Context) -> None:
        self._app = app
        self._context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        usual = scope["type"] == "http" and scope["method"] == "POST"
        path = _PATH.fullmatch(scope["path"]) if usual else None
        query = _QUERY.fullmatch(scope["query_string"]) if path else None
        if path is None or query is None:
            await self._app(scope, receive, send)
            return
        scope["app"] = self._app
        request = Request(scope, receive)
        try:
            actor = await self._context.auth.actor(request)
            answer = await take(self._context, request, actor, path[1], int(query[1]), final=query[2] is not None)
        except PlayheadError as error:
            answer = errors.of_error(error)
        except HTTPException as error:
            answer = errors.of_status(error.status_code)
        await answer(scope, receive, send)
