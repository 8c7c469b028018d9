"""Times every request: for `/metrics`, and for the log if it was slow or failed."""

from __future__ import annotations

import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from playhead.server import logs
from playhead.services.counters import Counters
from playhead.wire import routes

_LASTING = frozenset({routes.EVENTS})
"""Answers that are meant to last."""


class Watching:
    """ASGI application around the whole one."""

    def __init__(self, app: ASGIApp, counters: Counters) -> None:
        self._app = app
        self._counters = counters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection event."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, begun = 0, time.perf_counter()

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, seen)
        finally:
            self._done(scope, status or 499, time.perf_counter() - begun)

    def _done(self, scope: Scope, status: int, seconds: float) -> None:
        route = _route(scope)
        self._counters.observe(
            "playhead_request_seconds", seconds, method=_method(scope), route=route, status=str(status)
        )
        if route not in _LASTING:
            logs.request(scope["method"], scope["path"], route, status, seconds)


def _method(scope: Scope) -> str:
    method: str = scope["method"]
    return method if method in {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"} else "other"


def _route(scope: Scope) -> str:
    """The route as the document names it, so that there are few; `page` for everything else."""
    found: Any = scope.get("route")
    if found is not None:
        return str(getattr(found, "path", "page"))
    return routes.STREAM if scope["path"].startswith("/api/v1/streams/") else "page"
