"""The outermost layer of the application: host check, limits of bodies, security headers, and the net under everything.

Plain ASGI: each of these costs microseconds, and none of them holds a body.
"""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from playhead.domain.errors import BusyError
from playhead.domain.limits import FILE_PIECE, MAX_BATCH, MAX_BODY, MAX_FILE, MAX_FOREIGN_BODY, MAX_PACK
from playhead.server import errors

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_LIMITS = (
    (re.compile(r"/api/v1/streams/[^/]+"), MAX_BATCH),
    (re.compile(r"/api/v1/runs/[^/]+/[^/]+/[^/]+/blobs/[^/]+"), MAX_FILE),
    (re.compile(r"/api/v1/runs/[^/]+/[^/]+/[^/]+/blobs"), MAX_PACK),
    (re.compile(r"/files/[^/]+/[^/]+/[^/]+/content/.+|/artifacts/upload/[^/]+"), MAX_FILE),
    (re.compile(r"/graphql|/files/[^/]+/[^/]+/[^/]+/file_stream"), MAX_FOREIGN_BODY),
)

_ZIPPED = re.compile(r"/files/[^/]+/[^/]+/[^/]+/file_stream")
"""What may come compressed: whoever takes it sees to its size."""

MAX_ARRIVING = 512 << 20
"""Bytes of bodies that are held at once; beyond it senders are asked to come again."""

MAX_HELD = FILE_PIECE
"""Bytes that are held of one body at most: what is larger is stored while it comes in."""

_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]


class Shell:
    """Wraps the application. `last_request` tells when somebody last asked for something."""

    def __init__(self, app: App, *, hosts: frozenset[str] | None, warm: Callable[[], None]) -> None:
        """`hosts`: names that the server answers to; None: any. `warm` may be called, in a thread, before the first page is asked for."""
        self.warm = warm
        self._app = app
        self._hosts = hosts
        self.last_request = time.monotonic()
        self._arriving = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection event."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self.last_request = time.monotonic()
        begun = False

        async def headed(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                message["headers"] = _with_headers(message.get("headers", []))
            await send(message)

        refused = self._refusal(scope)
        if refused is not None:
            await errors.of_status(refused)(scope, receive, headed)
            return
        size = min(_length(scope), MAX_HELD if _limit(scope) == MAX_FILE else MAX_ARRIVING)
        if size and self._arriving + size > MAX_ARRIVING:
            await errors.of_error(BusyError())(scope, receive, headed)
            return
        self._arriving += size
        try:
            await self._app(scope, _limited(scope, receive), headed)
        except ClientDisconnect:
            return  # nobody is left to tell
        except Exception as error:
            answer = errors.of_fault(error)
            if begun:
                raise
            await answer(scope, receive, headed)
        finally:
            self._arriving -= size
            self.last_request = time.monotonic()

    def _refusal(self, scope: Scope) -> int | None:
        """The status that this request gets without a look at what it wants."""
        headers = dict(scope["headers"])
        if self._hosts is not None and _host(headers.get(b"host", b"")) not in self._hosts:
            return 421
        encoding = headers.get(b"content-encoding", b"identity").strip().lower()
        if encoding not in {b"identity", b""} and not (encoding == b"gzip" and _ZIPPED.fullmatch(scope["path"])):
            return 415
        return 413 if _length(scope) > _limit(scope) else None


def _length(scope: Scope) -> int:
    """The length that the body is said to have; 0 if that is left open."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


def _host(header: bytes) -> str:
    """The name in a Host header, without the port."""
    text = header.decode("latin-1").strip().lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.rpartition(":")[0] if ":" in text else text


def _limit(scope: Scope) -> int:
    path = scope["path"]
    return next((limit for pattern, limit in _LIMITS if pattern.fullmatch(path)), MAX_BODY)


def _limited(scope: Scope, receive: Receive) -> Receive:
    """`receive`, which fails once a body without a length grows too large."""
    left = _limit(scope)

    async def counted() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(413)
        return message

    return counted


def _with_headers(headers: Any) -> list[tuple[bytes, bytes]]:
    given = list(headers)
    names = {name.lower() for name, _ in given}
    own = [(name, value) for name, value in _HEADERS if name not in names]
    if b"cache-control" not in names:
        own.append((b"cache-control", b"no-store"))
    return given + own
