"""HTTP/1.1 to a server on this machine, over plain sockets: no TLS, no proxy, and nothing to load.

The usual library takes 60 ms to import, which a training that lasts a quarter of a second would wait for at its end.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Mapping
from urllib.parse import urlsplit

_MAX_HEAD = 1 << 16
_MAX_IDLE = 8
"""Connections that are kept for later."""
_PIECE = 1 << 18
_BODILESS = frozenset((204, 304))

Answer = tuple[int, Mapping[str, str], bytes]
"""Status, headers with names in lower case, body."""


class LoopbackHttp:
    """Connections to the server at `base_url`, kept open and used again. Safe to call from any thread."""

    def __init__(self, base_url: str, connect_timeout: float, read_timeout: float) -> None:
        self._parts = parts = urlsplit(base_url)
        self._host = parts.netloc.rpartition("@")[2]
        self._prefix = parts.path.rstrip("/")
        self._timeouts = (connect_timeout, read_timeout)
        self._idle: list[socket.socket] = []
        self._lock = threading.Lock()

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes, most: int) -> Answer:
        """The answer, of `most` bytes. ConnectionRefusedError if nobody listens; another OSError, or ValueError, for an answer that is none."""
        lines = [f"{method} {self._prefix}{target} HTTP/1.1", f"Host: {self._host}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines += ["Accept-Encoding: identity", f"Content-Length: {len(body)}", "", ""]
        connection = self._take()
        try:
            connection.settimeout(self._timeouts[1])
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it may have answered before it read all
                head = "\r\n".join(lines).encode("latin-1")
                if len(body) < _PIECE:
                    connection.sendall(head + body)
                else:  # no copy of it
                    connection.sendall(head)
                    connection.sendall(body)
            answer, stays = _Reader(connection, most).answer(method)
        except BaseException:
            connection.close()
            raise
        if stays:
            self._give_back(connection)
        else:
            connection.close()
        return answer

    def close(self) -> None:
        """Close what is open and not in use."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def __del__(self) -> None:
        """Nobody has to close what they no longer need."""
        self.close()

    def _take(self) -> socket.socket:
        while True:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            if connection is None:
                address = (self._parts.hostname or "", self._parts.port or 80)
                connection = socket.create_connection(address, self._timeouts[0])
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return connection
            if not _is_readable(connection):
                return connection
            connection.close()  # the server hung up, or says something that nobody asked for

    def _give_back(self, connection: socket.socket) -> None:
        with self._lock:
            if len(self._idle) < _MAX_IDLE:
                self._idle.append(connection)
                return
        connection.close()


def _is_readable(connection: socket.socket) -> bool:
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))


class _Reader:
    """Reads one answer from a connection."""

    def __init__(self, connection: socket.socket, most: int) -> None:
        self._connection = connection
        self._most = most
        self._rest = b""

    def answer(self, method: str) -> tuple[Answer, bool]:
        """The answer, and whether the connection can be used again."""
        status, headers = 100, dict[str, str]()
        while 100 <= status < 200:
            status, headers = self._head()
        stays = "close" not in headers.get("connection", "").lower()
        if method == "HEAD" or status in _BODILESS:
            return (status, headers, b""), stays
        if "chunked" in headers.get("transfer-encoding", "").lower():
            return (status, headers, self._chunks()), stays
        if "content-length" in headers:
            return (status, headers, self._exactly(_number(headers["content-length"], 10))), stays
        return (status, headers, self._all()), False

    def _head(self) -> tuple[int, dict[str, str]]:
        first, *lines = self._until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        version, _, rest = first.partition(" ")
        if version not in {"HTTP/1.1", "HTTP/1.0"} or not rest[:3].isdigit():
            raise ValueError(f"{first[:100]!r} is not the beginning of an answer")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if version == "HTTP/1.0":
            headers.setdefault("connection", "close")
        return int(rest[:3]), headers

    def _chunks(self) -> bytes:
        pieces, whole = [], 0
        while size := _number(self._until(b"\r\n").partition(b";")[0].decode("latin-1"), 16):
            whole += size
            self._check(whole)
            pieces.append(self._exactly(size))
            self._until(b"\r\n")
        while self._until(b"\r\n"):
            pass  # trailers
        return b"".join(pieces)

    def _until(self, end: bytes) -> bytes:
        while (at := self._rest.find(end)) < 0:
            if len(self._rest) > _MAX_HEAD:
                raise ValueError("the head of the answer does not end")
            self._rest += self._more()
        found, self._rest = self._rest[:at], self._rest[at + len(end) :]
        return found

    def _exactly(self, size: int) -> bytes:
        self._check(size)
        pieces, have = [self._rest], len(self._rest)
        while have < size:
            pieces.append(self._more())
            have += len(pieces[-1])
        data = b"".join(pieces)
        self._rest = data[size:]
        return data[:size]

    def _all(self) -> bytes:
        pieces, size = [self._rest], len(self._rest)
        while piece := self._connection.recv(_PIECE):
            pieces.append(piece)
            size += len(piece)
            self._check(size)  # now, for it may never end
        self._check(size)
        return b"".join(pieces)

    def _check(self, size: int) -> None:
        if size > self._most:
            raise ValueError(f"the answer has more than {self._most:,} bytes")

    def _more(self) -> bytes:
        piece = self._connection.recv(_PIECE)
        if not piece:
            raise ConnectionResetError("the connection was closed before the answer was complete")
        return piece


def _number(text: str, base: int) -> int:
    number = int(text.strip(), base)
    if number < 0:
        raise ValueError(f"{text!r} is no length")
    return number
