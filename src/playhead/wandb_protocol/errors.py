"""Errors as W&B's client understands them: a status that it does not try again for ever, and the text that its user gets to read."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from playhead.domain.errors import (
    AuthenticationError,
    BusyError,
    ConflictError,
    LaunchError,
    LimitError,
    NotFoundError,
    PlayheadError,
    StorageError,
)

_log = logging.getLogger("playhead.server")


class GoneError(NotFoundError):
    """This run was deleted. Choose another run id."""


class HeldError(BusyError):
    """Another training writes to this run."""


class PaceError(BusyError):
    """These are more requests than one user may send at once. Send them again in a moment."""


STATUSES: tuple[tuple[type[PlayheadError], int], ...] = (
    (AuthenticationError, 401),
    (LaunchError, 403),
    (GoneError, 410),
    (NotFoundError, 404),
    (LimitError, 413),
    (PaceError, 429),
    (HeldError, 429),
    (BusyError, 503),
    (StorageError, 500),
    # It takes a 409 for something that passes, and tries for days.
    (ConflictError, 422),
    (PlayheadError, 400),
)
"""Error -> status; the first that fits counts."""

Endpoint = Callable[[Request], Awaitable[Response]]


def status_of(error: BaseException) -> int:
    """The status that tells of it; 500 if it is our own fault."""
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 500)


def message_of(error: BaseException) -> str:
    """What may be said of it. Our own fault is logged, the client gets a number to ask about."""
    if isinstance(error, PlayheadError):
        if isinstance(error, StorageError):
            _log.error("%s", error.message, exc_info=error.__cause__)
        return error.message.replace("`playhead login`", "`wandb login`")
    number = secrets.token_hex(6)
    _log.error("fault %s", number, exc_info=error)
    return f"The server failed; its log says more about fault {number}."


def headers_of(error: BaseException | None) -> dict[str, str]:
    """When to come again, if that is asked for."""
    return {"Retry-After": str(max(1, round(error.retry_after or 1)))} if isinstance(error, BusyError) else {}


def as_answer(told: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """`told` as JSON; NaN and infinities only inside strings. Parts of it may be written already, as `msgspec.Raw`."""
    try:
        text = json.dumps(told, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        body = text.encode("utf-8", "replace")
    except TypeError:
        body = msgspec.json.encode(told)
    return Response(body, status, media_type="application/json", headers=headers)


def of_error(error: BaseException) -> Response:
    """An error as an answer."""
    return _told(message_of(error), status_of(error), headers_of(error))


def _told(message: str, status: int, headers: dict[str, str] | None = None) -> Response:
    return as_answer({"errors": [{"message": message}], "data": None}, status, headers)


def answering(endpoint: Endpoint) -> Endpoint:
    """`endpoint`, whose errors are answered in W&B's form. What is our own fault goes on to the server's outermost handler."""

    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except HTTPException as error:
            return _told(str(error.detail), error.status_code)
        except PlayheadError as error:
            return of_error(error)

    return answered
