"""The addresses that W&B's client knows, as routes for the server's application.

GraphQL is loaded with the first question: a server that nobody asks in it has no use for its modules.
"""

from __future__ import annotations

import functools
import importlib
import time
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

from playhead.domain.errors import NotFoundError, UsageError
from playhead.wandb_protocol import artifact_transfer, metadata
from playhead.wandb_protocol.context import Call, Services, call_of
from playhead.wandb_protocol.errors import Endpoint, answering
from playhead.wandb_protocol.filestream import FileStream
from playhead.wandb_protocol.pace import Pace
from playhead.wandb_protocol.uploads import Uploads

_ALL = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


class _Named(Route):
    """A route by whose path `/metrics` counts."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, child = super().matches(scope)
        return match, {**child, "route": self} if child else child


class _Question(msgspec.Struct):
    """Body of a GraphQL request."""

    query: str
    variables: dict[str, Any] | None = None
    operationName: str | None = None  # noqa: N815 so it is called on the wire


_question = msgspec.json.Decoder(_Question)


def routes(services: Services) -> list[BaseRoute]:
    """All of them."""
    transfer = artifact_transfer.Transfer(services)
    table: list[tuple[str, list[str], Endpoint]] = [
        ("/graphql", ["POST"], _GraphQL(services).answer),
        (metadata.ROUTE, ["GET"], metadata.Metadata(services).answer),
        ("/files/{entity}/{project}/{run}/file_stream", ["POST"], FileStream(services).answer),
        ("/files/{entity}/{project}/{run}/content/{name:path}", ["PUT"], Uploads(services).answer),
        (artifact_transfer.UPLOAD, ["PUT"], transfer.take),
        (artifact_transfer.MANIFEST, ["GET"], transfer.manifest),
        (artifact_transfer.SINGLE, ["GET"], transfer.single),
        # Where the client would tell of its own use: it stops when there is nothing.
        ("/sdk/otel/{rest:path}", _ALL, _nothing),
    ]
    return [_Named(path, answering(endpoint), methods=methods) for path, methods, endpoint in table]


class _GraphQL:
    """The one address of all questions."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._pace = Pace()

    async def answer(self, request: Request) -> Response:
        """Answer one question. Work is done on a thread: services wait for their stores."""
        call = await call_of(request, self._services)
        self._pace.take(call.actor.user or _address(request), time.monotonic())
        try:
            asked = _question.decode(await request.body())
        except msgspec.DecodeError as error:
            raise UsageError(f"This is no GraphQL request: {error}.") from None
        return await run_in_threadpool(_answered, call, asked)


def _answered(call: Call, asked: _Question) -> Response:
    # The client sends the empty name for "the only one there is".
    answer: Response = _executor().answer(call, asked.query, asked.variables or {}, asked.operationName or None)
    return answer


@functools.cache
def _executor() -> Any:
    return importlib.import_module("playhead.wandb_protocol.executor")


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


async def _nothing(_: Request) -> Response:
    raise NotFoundError
