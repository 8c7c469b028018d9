"""How requests travel: two methods, so that tests can put anything behind them. The usual way is a pool of HTTP connections.

Knows nothing of what is said: that is `server.py`; what a failure means is in `errors.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlencode

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ProxySchemeUnsupported, SSLError

from playhead.client.settings import proxy
from playhead.domain.errors import CommError

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
        """CommError if there is no answer."""
        ...

    def close(self) -> None:
        """Let go of connections. A later `send` may open new ones."""
        ...


def headers_of(request: Request, key: str | None) -> dict[str, str]:
    """The headers of `request`, sent by the owner of `key`."""
    headers = {"Accept": request.accept, "User-Agent": "playhead-client"}
    if request.body or request.method in {"POST", "PUT", "PATCH"}:
        headers["Content-Type"] = request.content_type
    if key:
        headers["Authorization"] = f"Bearer {key}"
    return headers


class HttpTransport:
    """Pooled HTTP or HTTPS to `base_url`. It repeats nothing: whoever calls knows what may be repeated.

    CommError if the environment names a proxy that cannot be used.
    """

    def __init__(self, base_url: str, key: str | None = None, timeout: float = READ_TIMEOUT) -> None:
        self.base_url = base_url.rstrip("/")
        self._key = key
        options: dict[str, Any] = {
            "retries": False,
            "timeout": urllib3.Timeout(connect=min(CONNECT_TIMEOUT, timeout), read=timeout),
            "maxsize": 8,
        }
        through = proxy(self.base_url)
        try:
            self._pool = urllib3.ProxyManager(through, **options) if through else urllib3.PoolManager(**options)
        except (HTTPError, ValueError) as error:
            raise CommError(f"The proxy {through} cannot be used: {error}. Set NO_PROXY to go without it.") from error

    def send(self, request: Request) -> Response:
        """CommError if there is no answer."""
        try:
            answer = self._pool.request(
                request.method,
                self.base_url + request.target,
                body=request.body or None,
                headers=headers_of(request, self._key),
                redirect=False,
            )
        except SSLError as error:
            raise CommError(f"{self.base_url} has no certificate that this machine trusts: {error}.") from error
        except (NewConnectionError, ConnectTimeoutError) as error:
            raise CommError(
                f"There is no server at {self.base_url}. Is it running? `playhead status` tells what is set."
            ) from error
        except (HTTPError, ProxySchemeUnsupported) as error:
            raise CommError(f"{self.base_url} did not answer: {error}.") from error
        return Response(answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.data)

    def close(self) -> None:
        """Let go of connections. A later `send` may open new ones."""
        self._pool.clear()
