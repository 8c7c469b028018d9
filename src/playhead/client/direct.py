"""Content on its way to an object store, and from one, by links that the server gives: it does not pass through the server.

Whatever goes wrong here, the way through the server is there, and goes on where this one ended. Both verify what they bring.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit

from playhead.client.ingest import OCTETS, SPAN_ANSWER, Ingest
from playhead.client.transport import HttpTransport, Request, Response
from playhead.domain.errors import CommError, PlayheadError
from playhead.domain.ids import RunPath
from playhead.domain.limits import FILE_PIECE, MAX_LINKS


class Source(Protocol):
    """A server that has content which may be read through something that refers to it."""

    @property
    def url(self) -> str: ...

    def link(self, sha256: str) -> str | None:
        """Where a content can be fetched; None if it comes from the server."""
        ...

    def piece(self, sha256: str, start: int, stop: int) -> bytes:
        """Bytes of a content from `start` to before `stop`. ConflictError if it has not so many; NotFoundError."""
        ...


class _Store:
    """The object store behind the links. CommError if it cannot be reached."""

    def __init__(self) -> None:
        self._transports: dict[str, HttpTransport] = {}

    def send(self, method: str, link: str, body: bytes = b"", span: tuple[int, int] | None = None) -> Response:
        """What it answers."""
        parts = urlsplit(link)
        if parts.scheme not in {"http", "https"}:
            raise CommError(f"{link[:100]!r} is no link to a store.")
        base = f"{parts.scheme}://{parts.netloc}"
        transport = self._transports.get(base)
        if transport is None:
            transport = self._transports[base] = HttpTransport(base)
        path = f"{parts.path}?{parts.query}"
        return transport.send(
            Request(method, path, body=body, content_type=OCTETS, accept="*/*", span=span, most=SPAN_ANSWER)
        )

    def close(self) -> None:
        """Let go of connections."""
        for transport in self._transports.values():
            transport.close()


def upload(
    server: Ingest, run: RunPath, sha256: str, handle: int, total: int, progress: Callable[[int], None] | None
) -> int:
    """Send as much of a large open file as the store takes; how many bytes these were. The server has still to be told of the end."""
    if total < FILE_PIECE:
        return 0
    sent, store = 0, _Store()
    try:
        at = server.arrived(run, sha256).offset
        while at < total:
            offsets = list(range(at, total, FILE_PIECE))[:MAX_LINKS]
            links = server.upload_links(run, sha256, offsets)
            if len(links) < len(offsets):
                break
            for link in links:
                data = os.pread(handle, min(FILE_PIECE, total - at), at)
                if len(data) < min(FILE_PIECE, total - at) or store.send("PUT", link, data).status // 100 != 2:
                    return sent
                at, sent = at + len(data), sent + len(data)
                if progress is not None:
                    progress(at)
    except CommError:
        pass
    finally:
        store.close()
    return sent


class Pieces:
    """Pieces of one content: from the store as long as that goes well, else from the server."""

    def __init__(self, source: Source, sha256: str, size: int) -> None:
        self._source = source
        self._sha256 = sha256
        self._store = _Store()
        self._link: str | None = None
        if size >= FILE_PIECE:
            try:
                self._link = source.link(sha256)
            except PlayheadError:  # an older server; or it says again what is wrong when it is asked for the content
                self._link = None

    def get(self, start: int, stop: int) -> bytes:
        """Bytes from `start` to before `stop`. What `Source.piece` raises."""
        if self._link is not None:
            try:
                answer = self._store.send("GET", self._link, span=(start, stop))
            except CommError:
                answer = None
            if answer is not None and answer.status == 206 and len(answer.body) == stop - start:
                return answer.body
            self._link = None
        return self._source.piece(self._sha256, start, stop)

    def distrust(self) -> bool:
        """What came was wrong: take it from the server from now on. Whether the store had a part in it."""
        had, self._link = self._link is not None, None
        return had

    def close(self) -> None:
        """Let go of connections."""
        self._store.close()
