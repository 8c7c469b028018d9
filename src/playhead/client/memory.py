"""A server in the same process, for tests: requests go to its ASGI application, no socket is opened."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote

from playhead.client.transport import Request, Response, headers_of
from playhead.domain.errors import CommError

Message = MutableMapping[str, Any]
App = Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]


_PATIENCE = 60.0
"""Seconds until an answer."""


class MemoryTransport:
    """Sends requests to `app`, which runs in an event loop of its own, in a thread, until `close`."""

    def __init__(self, app: App, key: str | None = None) -> None:
        self._app = app
        self._key = key
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="playhead-memory-server", daemon=True)
        self._thread.start()
        self._leave = self._run(self._enter())

    def send(self, request: Request) -> Response:
        """CommError if the application fails or gives no answer in time."""
        response: Response = self._run(self._ask(request))
        return response

    def close(self) -> None:
        """Tell the application to shut down, and stop its loop."""
        if self._loop.is_closed():
            return
        self._run(self._exit())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Any) -> Any:
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE)
        except (TimeoutError, OSError, RuntimeError, ValueError, LookupError, TypeError) as error:
            raise CommError(f"The application failed: {error!r}.") from error

    async def _enter(self) -> tuple[asyncio.Queue[Message], asyncio.Task[None]]:
        """Start the application's lifespan, if it has one."""
        told: asyncio.Queue[Message] = asyncio.Queue()
        ready = asyncio.Event()

        async def send(_: Message) -> None:
            ready.set()

        async def live() -> None:
            try:
                await self._app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, told.get, send)
            finally:
                ready.set()

        await told.put({"type": "lifespan.startup"})
        task = asyncio.create_task(live())
        await ready.wait()
        return told, task

    async def _exit(self) -> None:
        told, task = self._leave
        await told.put({"type": "lifespan.shutdown"})
        await asyncio.wait([task], timeout=5)

    async def _ask(self, request: Request) -> Response:
        path, _, query = request.target.partition("?")
        headers = {"Host": "memory", "Content-Length": str(len(request.body)), **headers_of(request, self._key)}
        scope: Message = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 0),
            "server": ("memory", 80),
        }
        parts = [request.body]
        start: Message = {}
        body = bytearray()

        async def receive() -> Message:
            if parts:
                return {"type": "http.request", "body": parts.pop(), "more_body": False}
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                body.extend(message.get("body", b""))

        await self._app(scope, receive, send)
        names = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        return Response(start["status"], names, bytes(body))
