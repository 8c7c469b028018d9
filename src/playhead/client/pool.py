"""HTTP and HTTPS to a server anywhere, also through a proxy. Loads the library for it: only where there is need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ProxySchemeUnsupported, SSLError

from playhead.domain.errors import CommError

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

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer. ConnectionRefusedError if nobody listens, CommError, OSError."""
        try:
            answer = self._pool.request(
                method, self._base_url + target, body=body or None, headers=dict(headers), redirect=False
            )
        except SSLError as error:
            raise CommError(f"{self._base_url} has no certificate that this machine trusts: {error}.") from error
        except (NewConnectionError, ConnectTimeoutError) as error:
            raise ConnectionRefusedError from error
        except (HTTPError, ProxySchemeUnsupported) as error:
            raise OSError(str(error)) from error
        return answer.status, answer.headers, answer.data

    def close(self) -> None:
        """Let go of connections."""
        self._pool.clear()
