"""What can be asked of a server, as typed calls over a transport. Every call may raise CommError and what `errors.py` lists."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Iterator
from typing import Any, TypeVar, cast
from urllib.parse import quote

import msgspec

from playhead.client.errors import check
from playhead.client.transport import HttpTransport, Request, Transport
from playhead.domain.errors import CommError, NotFoundError
from playhead.domain.ids import RunPath
from playhead.wire import columns, routes
from playhead.wire.views import (
    Appended,
    ChartQuery,
    LinePage,
    ProjectKeys,
    ProjectPage,
    ProjectView,
    Rows,
    RunPage,
    RunPatch,
    RunView,
    SegmentView,
    SeriesView,
    ServerView,
    StreamView,
    ViewerView,
)

T = TypeVar("T")

OCTETS = "application/octet-stream"
MSGPACK = "application/msgpack"
BIG_INT = 1
"""msgpack extension type of an integer beyond 64 bits: its decimal digits."""


def _extension(code: int, data: memoryview) -> Any:
    return int(bytes(data)) if code == BIG_INT else bytes(data)


@functools.cache
def _decoder(kind: Any, content: str) -> Callable[[bytes], Any]:
    if content == MSGPACK:
        return msgspec.msgpack.Decoder(kind, ext_hook=_extension).decode
    return msgspec.json.Decoder(kind).decode


class Server:
    """A server as its clients see it."""

    def __init__(self, transport: Transport, url: str) -> None:
        self.url = url
        self._transport = transport

    @classmethod
    def at(cls, url: str, key: str | None, timeout: float | None = None) -> Server:
        """The server at `url`, asked over HTTP as the owner of `key`."""
        return cls(HttpTransport(url, key) if timeout is None else HttpTransport(url, key, timeout), url)

    def close(self) -> None:
        """Let go of connections."""
        self._transport.close()

    # Who and what

    def health(self) -> ServerView:
        """Whether it answers, and its version."""
        return self._get(routes.HEALTH, ServerView)

    def viewer(self) -> ViewerView:
        """Who the key belongs to. AuthenticationError if the server does not know it."""
        return self._get(routes.VIEWER, ViewerView)

    # Recording

    def append(self, stream: str, offset: int, data: bytes, *, final: bool = False) -> Appended:
        """Send a stream's bytes from `offset` on; without bytes it says that the writer lives. OffsetError if it wants others."""
        query = {"offset": offset, "final": 1 if final else None}
        request = Request("POST", routes.STREAM.format(stream=quote(stream, safe="")), query, data, OCTETS)
        return self._ask(request, Appended)

    def stream_offset(self, stream: str) -> int:
        """How far the server has the stream; 0 if it knows nothing of it."""
        try:
            return self._get(routes.STREAM.format(stream=quote(stream, safe="")), StreamView).offset
        except NotFoundError:
            return 0

    def put_blob(self, run: RunPath, sha256: str, data: bytes) -> None:
        """Store the content of an image or the like. The run must exist."""
        self._send(Request("PUT", _run(routes.BLOB, run, sha256=sha256), body=data, content_type=OCTETS))

    def blob(self, run: RunPath, sha256: str) -> bytes:
        """The content of an image or the like."""
        return self._send(Request("GET", _run(routes.BLOB, run, sha256=sha256), accept="*/*"))

    # Projects and runs

    def projects(self, entity: str | None = None) -> Iterator[ProjectView]:
        """All projects (of the entity), newest activity first, page by page."""
        cursor = None
        while True:
            page = self._get(routes.PROJECTS, ProjectPage, entity=entity, cursor=cursor)
            yield from page.items
            cursor = page.next
            if cursor is None:
                return

    def project(self, entity: str, project: str) -> ProjectView:
        """NotFoundError if there is none."""
        return self._get(_path(routes.PROJECT, entity=entity, project=project), ProjectView)

    def project_keys(self, entity: str, project: str) -> ProjectKeys:
        """Keys that the newest runs of the project logged."""
        return self._get(_path(routes.PROJECT_KEYS, entity=entity, project=project), ProjectKeys)

    def runs(self, entity: str, project: str, cursor: str | None = None, **query: object) -> RunPage:
        """A page of the project's runs; `query` may have `order`, `state`, `search`, `limit`."""
        return self._get(_path(routes.RUNS, entity=entity, project=project), RunPage, cursor=cursor, **query)

    def run(self, run: RunPath) -> RunView:
        """NotFoundError if there is none."""
        return self._get(_run(routes.RUN, run), RunView)

    def patch(self, run: RunPath, change: RunPatch) -> RunView:
        """Change what a person may change of a run."""
        return self._ask(Request("PATCH", _run(routes.RUN, run), body=msgspec.json.encode(change)), RunView)

    def delete(self, run: RunPath) -> None:
        """Delete the run and all that it recorded."""
        self._send(Request("DELETE", _run(routes.RUN, run)))

    def segments(self, run: RunPath) -> list[SegmentView]:
        """The run's segments, oldest first."""
        return self._get(_run(routes.SEGMENTS, run), list[SegmentView])

    def keys(self, run: RunPath, source: str = "history") -> list[SeriesView]:
        """The keys of the run's history (or of its `system` metrics)."""
        return self._get(_run(routes.KEYS, run), list[SeriesView], source=source)

    def rows(self, run: RunPath, **query: object) -> Rows:
        """A page of rows; `query` may have `keys`, `source`, `min_step`, `max_step`, `limit`, `samples`."""
        request = Request("GET", _run(routes.ROWS, run), query, accept=MSGPACK)
        return self._ask(request, Rows)

    def console(self, run: RunPath, **query: object) -> LinePage:
        """A page of console lines; `query` may have `after`, `limit`."""
        return self._get(_run(routes.CONSOLE, run), LinePage, **query)

    def chart(
        self, entity: str, project: str, query: ChartQuery
    ) -> tuple[dict[str, tuple[str, memoryview]], dict[str, Any]]:
        """A key over runs, in buckets: the columns as (type, buffer), and the meta. See ChartQuery."""
        path = _path(routes.CHART, entity=entity, project=project)
        body = self._send(Request("POST", path, body=msgspec.json.encode(query), accept=columns.CONTENT_TYPE))
        try:
            return columns.decode(body)
        except (ValueError, KeyError) as error:
            raise CommError(f"{self.url} sent a chart that cannot be read: {error}.") from error

    def _send(self, request: Request) -> bytes:
        return check(self._transport.send(request), self.url).body

    def _get(self, path: str, kind: type[T], **query: object) -> T:
        return self._ask(Request("GET", path, query), kind)

    def _ask(self, request: Request, kind: type[T]) -> T:
        response = check(self._transport.send(request), self.url)
        content = response.headers.get("content-type", "").partition(";")[0].strip()
        try:
            answer: T = _decoder(cast("Hashable", kind), content)(response.body)
        except (msgspec.MsgspecError, ValueError) as error:
            raise CommError(f"{self.url} does not answer as a Playhead server does: {error}.") from error
        return answer


def _path(route: str, **names: str) -> str:
    return route.format(**{name: quote(value, safe="") for name, value in names.items()})


def _run(route: str, run: RunPath, **names: str) -> str:
    return _path(route, entity=run.entity, project=run.project, run_id=run.run_id, **names)
