"""How requests travel: two methods, so that tests can put anything behind them. The usual way is HTTP.

Knows nothing of what is said: that is `server.py`; what a failure means is in `errors.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import urlencode

from playhead.client.loopback import LoopbackHttp
from playhead.client.settings import is_loopback, proxy
from playhead.domain.errors import CommError
from playhead.domain.limits import MAX_ANSWER

if TYPE_CHECKING:
    from playhead.client.pool import PooledHttp

CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 60.0


class Request(NamedTuple):
    """A request. `path` begins with a slash; `query` is not yet encoded, and None in it means: leave it out."""

    method: str
    path: str
    query: Mapping[str, object] = {}
    body: bytes = b""
    content_type: str = "application/json"
    accept: str = "application/json"
    span: tuple[int, int] | None = None
    """Only these bytes of the answer: from the first number to before the second."""
    most: int = MAX_ANSWER
    """Bytes of the answer that are taken."""

    @property
    def target(self) -> str:
        """Path and query as they stand in the request line."""
        given = [(name, value) for name, value in self.query.items() if value is not None]
        return f"{self.path}?{urlencode(given, doseq=True)}" if given else self.path


class Response(NamedTuple):
    """An answer. Names of `headers` are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport(Protocol):
    """**Contract.** Safe to call from any thread. An answer of any status is returned, not raised."""

    def send(self, request: Request) -> Response:
        """CommError if there is no answer, or it has more than `request.most` bytes."""
        ...

    def close(self) -> None:
        """Let go of connections. A later `send` may open new ones."""
        ...


def headers_of(request: Request, key: str | None) -> dict[str, str]:
    """The headers of `request`, sent by the owner of `key`."""
    headers = {"Accept": request.accept, "User-Agent": "playhead-client"}
    if request.body or request.method in {"POST", "PUT", "PATCH"}:
        headers["Content-Type"] = request.content_type
    if request.span is not None:
        headers["Range"] = f"bytes={request.span[0]}-{request.span[1] - 1}"
    if key:
        headers["Authorization"] = f"Bearer {key}"
    return headers


class HttpTransport:
    """HTTP or HTTPS to `base_url`, over connections that are used again. It repeats nothing: whoever calls knows what may be repeated.

    CommError if the environment names a proxy that cannot be used.
    """

    def __init__(self, base_url: str, key: str | None = None, timeout: float = READ_TIMEOUT) -> None:
        self.base_url = base_url.rstrip("/")
        self._key = key
        self._http = _http(self.base_url, min(CONNECT_TIMEOUT, timeout), timeout)

    def send(self, request: Request) -> Response:
        """CommError if there is no answer, or it has more than `request.most` bytes."""
        try:
            status, headers, body = self._http.send(
                request.method, request.target, headers_of(request, self._key), request.body, request.most
            )
        except ConnectionRefusedError as error:
            raise CommError(
                f"There is no server at {self.base_url}. Is it running? `playhead status` tells what is set."
            ) from error
        except (OSError, ValueError) as error:
            raise CommError(f"{self.base_url} did not answer: {error}.") from error
        return Response(status, {name.lower(): value for name, value in headers.items()}, body)

    def close(self) -> None:
        """Let go of connections. A later `send` may open new ones."""
        self._http.close()


def _http(base_url: str, connect_timeout: float, read_timeout: float) -> LoopbackHttp | PooledHttp:
    if base_url.startswith("http://") and is_loopback(base_url):
        return LoopbackHttp(base_url, connect_timeout, read_timeout)
    from playhead.client.pool import PooledHttp  # noqa: PLC0415 it takes its time to load, and most runs go to the local server

    return PooledHttp(base_url, proxy(base_url), connect_timeout, read_timeout)
