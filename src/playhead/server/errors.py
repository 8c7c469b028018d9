"""Errors as answers: one table from Playhead's errors to HTTP, one shape for all of them, and nothing of the inside for the client."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from playhead.domain.errors import (
    AuthenticationError,
    BusyError,
    ConflictError,
    FilterError,
    JournalError,
    LaunchError,
    LeaseError,
    LimitError,
    NotFoundError,
    OffsetError,
    PlayheadError,
    StorageError,
    UsageError,
)
from playhead.wire.ingest import Holder, Problem, ProblemBody

_log = logging.getLogger("playhead.server")


class TooManyFailuresError(BusyError):
    """Too many failed logins from this address. Wait a minute, then check the API key."""


TABLE: tuple[tuple[type[PlayheadError], int, str], ...] = (
    (OffsetError, 409, "offset"),
    (LeaseError, 409, "lease"),
    (ConflictError, 409, "conflict"),
    (AuthenticationError, 401, "authentication"),
    (LaunchError, 403, "permission"),
    (NotFoundError, 404, "not_found"),
    (LimitError, 413, "limit"),
    (FilterError, 400, "filter"),
    (UsageError, 400, "usage"),
    (JournalError, 400, "usage"),
    (TooManyFailuresError, 429, "busy"),
    (StorageError, 500, "storage"),
    (BusyError, 503, "busy"),
)
"""Error -> status and code; the first that fits counts. What is not here is our own fault."""

_HTTP: Mapping[int, tuple[str, str]] = {
    400: ("usage", "This request cannot be understood."),
    401: ("authentication", "This needs an API key. Run `playhead login`."),
    403: ("permission", "Permission denied."),
    404: ("not_found", "There is nothing at this address."),
    405: ("usage", "This address does not take this method."),
    413: ("limit", "This is larger than the limit for it."),
    415: ("usage", "Content of this type or encoding is not taken here."),
    421: ("usage", "This server has another name."),
}

_ANSWERS = {
    400: "The request is wrong",
    401: "No API key, or one that the server does not know",
    403: "Permission denied",
    404: "Nothing there, or nothing that you may see",
    409: "It changed in between",
    413: "Larger than a limit",
    415: "Content of another type than is taken here",
    422: "The request is wrong",
    429: "Too many failed logins",
    500: "The server's own fault",
    503: "The server is busy",
}

_BODY = {"application/json": {"schema": {"$ref": "#/components/schemas/ProblemBody"}}}
DOCUMENTED: dict[int | str, dict[str, Any]] = {
    status: {"content": _BODY, "description": text} for status, text in _ANSWERS.items()
}
"""What the OpenAPI document says about answers of 400 or more. Of a model FastAPI would make a field for each of these and each route."""


def answer(status: int, problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """`problem` as an answer."""
    extra = dict(headers or {})
    if status == 401:
        extra["WWW-Authenticate"] = "Bearer"
    body = msgspec.json.encode(ProblemBody(error=problem))
    return Response(body, status, media_type="application/json", headers=extra)


def of_error(error: PlayheadError) -> Response:
    """An error of ours as an answer."""
    if isinstance(error, StorageError):
        _log.error("%s", error.message, exc_info=error.__cause__)
    for kind, status, code in TABLE:
        if isinstance(error, kind):
            offset = error.expected if isinstance(error, OffsetError) else None
            headers = (
                {"Retry-After": str(max(1, round(error.retry_after or 1)))} if isinstance(error, BusyError) else None
            )
            holder = (
                Holder(stream=error.stream, host=error.host, pid=error.pid) if isinstance(error, LeaseError) else None
            )
            position = error.position if isinstance(error, FilterError) else None
            problem = Problem(code=code, message=error.message, offset=offset, holder=holder, position=position)
            return answer(status, problem, headers)
    return of_fault(error)


def of_fault(error: BaseException) -> Response:
    """Our own fault: the log has all of it, the client gets a number to ask about."""
    number = secrets.token_hex(6)
    _log.error("fault %s", number, exc_info=error)
    return answer(500, Problem(code="internal", message=f"The server failed; its log says more about fault {number}."))


def of_status(status: int, headers: Mapping[str, str] | None = None) -> Response:
    """An answer to what HTTP itself forbids."""
    code, message = _HTTP.get(status, _HTTP[400])
    return answer(status, Problem(code=code, message=message), headers)


def install(app: FastAPI) -> None:
    """Let every error of `app` be answered in the one shape."""

    async def known(_: Request, error: Exception) -> Response:
        return of_error(error) if isinstance(error, PlayheadError) else of_fault(error)

    async def http(request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            return of_fault(error)
        headers = _allowed(request) if error.status_code == 405 else error.headers
        return of_status(error.status_code, headers)

    async def invalid(_: Request, error: Exception) -> Response:
        message = _told(error.errors()) if isinstance(error, RequestValidationError) else "The request is wrong."
        return answer(422, Problem(code="usage", message=message))

    app.add_exception_handler(PlayheadError, known)
    app.add_exception_handler(Exception, known)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, invalid)


def _allowed(request: Request) -> dict[str, str]:
    """All methods of this address: it may have a route for each."""
    methods: set[str] = set()
    for route in request.app.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            methods |= getattr(route, "methods", None) or set()
    return {"Allow": ", ".join(sorted(methods))}


def _told(errors: Any) -> str:
    """What is wrong, without what was sent."""
    parts = []
    for error in list(errors)[:5]:
        place = ".".join(str(part) for part in error.get("loc", ()))
        parts.append(f"{place}: {error.get('msg', 'wrong')}".encode("utf-8", "replace").decode())
    return "; ".join(parts) or "The request is wrong."
