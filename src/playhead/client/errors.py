"""What a failed answer means: the one table from HTTP to the errors of Playhead, on the client's side."""

from __future__ import annotations

import msgspec

from playhead.client.transport import Response
from playhead.domain.errors import (
    AuthenticationError,
    BusyError,
    CommError,
    ConflictError,
    FilterError,
    LeaseError,
    LimitError,
    NotFoundError,
    OffsetError,
    PermissionDeniedError,
    PlayheadError,
    StorageError,
    UsageError,
)
from playhead.wire.ingest import Problem, ProblemBody

BY_STATUS: dict[int, type[PlayheadError]] = {
    400: UsageError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    405: CommError,
    408: BusyError,
    409: ConflictError,
    413: LimitError,
    416: UsageError,
    422: UsageError,
    429: BusyError,
    502: BusyError,
    503: BusyError,
    504: BusyError,
}
"""Status -> error. Any other status of 400 or more is a CommError: nothing that the caller did wrong."""

CODES: dict[type[PlayheadError], str] = {
    AuthenticationError: "authentication",
    PermissionDeniedError: "permission",
    NotFoundError: "not_found",
    FilterError: "filter",
    UsageError: "usage",
    LeaseError: "lease",
    ConflictError: "conflict",
    LimitError: "limit",
    StorageError: "storage",
}
"""Error -> the code that a Problem has for it."""

LONGEST_WAIT = 300.0
"""Seconds that a `Retry-After` can make a client wait at most."""

_decoder = msgspec.json.Decoder(ProblemBody)


def code_of(error: PlayheadError) -> str:
    """The code that a Problem has for `error`."""
    return next((CODES[kind] for kind in type(error).__mro__ if kind in CODES), "internal")


def _problem(response: Response) -> Problem | None:
    try:
        return _decoder.decode(response.body).error
    except msgspec.MsgspecError:
        return None


def retry_after(response: Response) -> float | None:
    """Seconds that the server asks to wait, if it does (a date counts as not saying)."""
    try:
        seconds = float(response.headers.get("retry-after", ""))
    except ValueError:
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT) if seconds == seconds else None  # noqa: PLR0124 NaN is none


def error_of(response: Response, where: str) -> PlayheadError:
    """The error that an answer with a status of 300 or more is. `where` says for people which server it was."""
    problem = _problem(response)
    if problem is not None and problem.offset is not None and response.status == 409:
        return OffsetError(problem.offset, problem.message)
    if problem is not None and problem.holder is not None and response.status == 409:
        holder = problem.holder
        return LeaseError(problem.message, stream=holder.stream, host=holder.host, pid=holder.pid)
    if problem is not None and problem.code == "filter" and response.status == 400:
        wrong = FilterError(problem.message)
        wrong.position = problem.position
        return wrong
    if problem is not None and problem.code == "storage" and response.status == 500:
        return StorageError(problem.message)
    kind = BY_STATUS.get(response.status, CommError)
    message = (
        problem.message
        if problem
        else f"{where} answered with status {response.status}, and not as a Playhead server does."
    )
    if kind is AuthenticationError:
        known = problem.message if problem else AuthenticationError().message
        message = f"{known.partition(' Run `playhead login`')[0]} Run: playhead login --host {where}"
    error = kind(message)
    if isinstance(error, BusyError):
        error.retry_after = retry_after(response)
    return error


def check(response: Response, where: str) -> Response:
    """`response`, unless it is an error: then that is raised."""
    if response.status >= 300:
        raise error_of(response, where)
    return response
