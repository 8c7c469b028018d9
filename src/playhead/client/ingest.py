"""What is asked of a server while a run is recorded: all that the sidecar loads. Every call may raise CommError and what `errors.py` lists."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Self, TypeVar, cast
from urllib.parse import quote

import msgspec

from playhead.client.errors import check
from playhead.client.transport import HttpTransport, Request, Transport
from playhead.domain.errors import CommError, ConflictError, NotFoundError
from playhead.domain.ids import RunPath
from playhead.domain.limits import FILE_PIECE
from playhead.wire import routes
from playhead.wire.files import Digests, Links, LinkView, Missing, Offsets, UploadView
from playhead.wire.ingest import Appended, StreamView

T = TypeVar("T")

OCTETS = "application/octet-stream"
MSGPACK = "application/msgpack"
SPAN_ANSWER = 2 * FILE_PIECE
"""Bytes that are taken of an answer that is to be a piece of a file."""
BIG_INT = 1
"""msgpack extension type of an integer beyond 64 bits: its decimal digits."""


def _extension(code: int, data: memoryview) -> Any:
    return int(bytes(data)) if code == BIG_INT else bytes(data)


@functools.cache
def _decoder(kind: Any, content: str) -> Callable[[bytes], Any]:
    if content == MSGPACK:
        return msgspec.msgpack.Decoder(kind, ext_hook=_extension).decode
    return msgspec.json.Decoder(kind).decode


class Ingest:
    """A server as those see it who record a run."""

    def __init__(self, transport: Transport, url: str) -> None:
        self.url = url
        self._transport = transport

    @classmethod
    def at(cls, url: str, key: str | None, timeout: float | None = None) -> Self:
        """The server at `url`, asked over HTTP as the owner of `key`."""
        return cls(HttpTransport(url, key) if timeout is None else HttpTransport(url, key, timeout), url)

    def close(self) -> None:
        """Let go of connections."""
        self._transport.close()

    def append(self, stream: str, offset: int, data: bytes, *, final: bool = False) -> Appended:
        """Send a stream's bytes from `offset` on; without bytes it says that the writer lives. OffsetError if it wants others."""
        query = {"offset": offset, "final": 1 if final else None}
        request = Request("POST", routes.STREAM.format(stream=quote(stream, safe="")), query, data, OCTETS)
        return self._ask(request, Appended)

    def stream_offset(self, stream: str) -> int:
        """How far the server has the stream; 0 if it knows nothing of it."""
        found = self.stream(stream)
        return 0 if found is None else found.offset

    def stream(self, stream: str) -> StreamView | None:
        """The stream as the server knows it; None if it does not, or its run is in the trash."""
        try:
            return self._get(routes.STREAM.format(stream=quote(stream, safe="")), StreamView)
        except NotFoundError:
            return None

    def put_blob(self, run: RunPath, sha256: str, data: bytes) -> None:
        """Store the content of an image or the like. The run must exist."""
        self._send(Request("PUT", run_path(routes.BLOB, run, sha256=sha256), body=data, content_type=OCTETS))

    # Files

    def missing(self, run: RunPath, digests: Sequence[str]) -> set[str]:
        """Those of the contents, at most MAX_PAGE, that the server does not have."""
        body = msgspec.json.encode(Digests(digests=list(digests)))
        return set(self._ask(Request("POST", run_path(routes.MISSING, run), body=body), Missing).missing)

    def put_blobs(self, run: RunPath, contents: Mapping[str, bytes]) -> None:
        """Store small contents, at most MAX_PAGE of MAX_PACK bytes. ConflictError if one is not what its digest says."""
        body = msgspec.msgpack.encode(contents)
        self._send(Request("POST", run_path(routes.BLOBS, run), body=body, content_type=MSGPACK))

    def arrived(self, run: RunPath, sha256: str) -> UploadView:
        """How far an upload is."""
        return self._get(run_path(routes.UPLOAD, run, sha256=sha256), UploadView)

    def put_piece(self, run: RunPath, sha256: str, offset: int, total: int, data: bytes) -> UploadView:
        """Go on with an upload. OffsetError if it stands elsewhere; ConflictError if it is complete and not what the digest says."""
        path = run_path(routes.BLOB, run, sha256=sha256)
        return self._ask(Request("PUT", path, {"offset": offset, "total": total}, data, OCTETS), UploadView)

    def upload_links(self, run: RunPath, sha256: str, offsets: Sequence[int]) -> list[str]:
        """Where pieces of an upload, at most MAX_LINKS, that begin there can be put; none if they go through the server."""
        body = msgspec.json.encode(Offsets(offsets=list(offsets)))
        try:
            return self._ask(Request("POST", run_path(routes.UPLOAD_LINKS, run, sha256=sha256), body=body), Links).urls
        except NotFoundError:  # a server that knows of no links
            return []

    def link(self, run: RunPath, sha256: str) -> str | None:
        """Where a content can be fetched; None if it comes from the server."""
        return self._get(run_path(routes.BLOB_LINK, run, sha256=sha256), LinkView).url

    def piece(self, run: RunPath, sha256: str, start: int, stop: int) -> bytes:
        """Bytes of a content from `start` to before `stop`. ConflictError if it has not so many; NotFoundError if the run does not refer to it."""
        request = Request(
            "GET", run_path(routes.BLOB, run, sha256=sha256), accept="*/*", span=(start, stop), most=SPAN_ANSWER
        )
        data = self._send(request)
        if len(data) != stop - start:
            raise ConflictError(f"{self.url} sent {len(data):,} bytes where {stop - start:,} were asked for.")
        return data

    def _send(self, request: Request) -> bytes:
        return check(self._transport.send(request), self.url).body

    def _get(self, path: str, kind: type[T], accept: str = "application/json", **query: object) -> T:
        return self._ask(Request("GET", path, query, accept=accept), kind)

    def _ask(self, request: Request, kind: type[T]) -> T:
        response = check(self._transport.send(request), self.url)
        content = response.headers.get("content-type", "").partition(";")[0].strip()
        try:
            answer: T = _decoder(cast("Hashable", kind), content)(response.body)
        except (msgspec.MsgspecError, ValueError) as error:
            raise CommError(f"{self.url} does not answer as a Playhead server does: {error}.") from error
        return answer


def path_of(route: str, **names: str) -> str:
    return route.format(**{name: quote(value, safe="") for name, value in names.items()})


def run_path(route: str, run: RunPath, **names: str) -> str:
    return path_of(route, entity=run.entity, project=run.project, run_id=run.run_id, **names)
