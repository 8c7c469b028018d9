"""HTTP and HTTPS to a server anywhere, also through a proxy. Loads the library for it: only where there is need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import urllib3
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ProxySchemeUnsupported, SSLError

from playhead.domain.errors import CommError

_PIECE = 1 << 20

Answer = tuple[int, Mapping[str, str], bytes]
"""Status, headers, body."""


class PooledHttp:
    """Pooled connections to `base_url`, `through` a proxy if that is given. It repeats nothing. CommError for a proxy that cannot be used."""

    def __init__(self, base_url: str, through: str | None, connect_timeout: float, read_timeout: float) -> None:
        self._base_url = base_url
        options: dict[str, Any] = {
            "retries": False,
            "timeout": urllib3.Timeout(connect=connect_timeout, read=read_timeout),
            "maxsize": 8,
        }
        try:
            self._pool = urllib3.ProxyManager(through, **options) if through else urllib3.PoolManager(**options)
        except (HTTPError, ValueError) as error:
            raise CommError(f"The proxy {through} cannot be used: {error}. Set NO_PROXY to go without it.") from error

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes, most: int) -> Answer:
        """The answer, of `most` bytes. ConnectionRefusedError if nobody listens, CommError, OSError, ValueError."""
        try:
            answer = self._pool.request(
                method, self._base_url + target, body=body or None, headers=dict(headers), redirect=False,
                preload_content=False,
            )  # fmt: skip
            return answer.status, answer.headers, _content(answer, most)
        except SSLError as error:
            raise CommError(f"{self._base_url} has no certificate that this machine trusts: {error}.") from error
        except (NewConnectionError, ConnectTimeoutError) as error:
            raise ConnectionRefusedError from error
        except (HTTPError, ProxySchemeUnsupported) as error:
            raise OSError(str(error)) from error

    def close(self) -> None:
        """Let go of connections."""
        self._pool.clear()


def _content(answer: BaseHTTPResponse, most: int) -> bytes:
    """ValueError if it is longer."""
    pieces, size = [], 0
    for piece in answer.stream(_PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > most:
            answer.close()
            raise ValueError(f"the answer has more than {most:,} bytes")
    answer.release_conn()
    return b"".join(pieces)
