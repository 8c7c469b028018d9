"""HTTP to addresses that users name, and nowhere else: a name is resolved once, and what was checked is what is connected to."""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult, urlsplit

from playhead.domain.errors import CommError, UsageError
from playhead.domain.limits import MAX_URL, POST_SECONDS
from playhead.ports.post import Answer

_PORTS = {"http": 80, "https": 443}
_CONNECT = 5.0
"""Seconds to wait for one address."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class HttpPost:
    """`playhead.ports.post.Post` with sockets. No proxies, no redirects, no credentials."""

    def __init__(self, *, private: bool) -> None:
        """`private`: whether addresses may be sent to that the internet does not reach."""
        self._private = private
        self._tls = ssl.create_default_context()

    def check(self, url: str) -> None:
        with contextlib.suppress(CommError):  # it may be known later
            self._addresses(_parsed(url))

    def send(self, url: str, body: bytes) -> Answer:
        parts = _parsed(url)
        sock = _connected(self._addresses(parts), parts)
        # A receiver that sends a byte now and then would keep a timeout of the socket from ever coming.
        handle = sock.dup()  # TLS takes the socket itself over
        end = threading.Timer(POST_SECONDS, _shut, [handle])
        end.daemon = True
        end.start()
        try:
            return self._post(sock, parts, body)
        except (OSError, http.client.HTTPException) as error:
            raise CommError(f"{parts.hostname} did not answer: {_told(error)}") from error
        finally:
            end.cancel()
            handle.close()
            sock.close()

    def _post(self, sock: socket.socket, parts: SplitResult, body: bytes) -> Answer:
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(host, port)
        connection.auto_open = 0  # only the address that was checked
        connection.sock = self._tls.wrap_socket(sock, server_hostname=host) if parts.scheme == "https" else sock
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Content-Type": "application/json", "User-Agent": "playhead", "Connection": "close"}
        with contextlib.closing(connection):
            connection.request("POST", target, body, headers)
            answer = connection.getresponse()
            return Answer(status=answer.status, retry_after=_retry_after(answer.getheader("Retry-After")))

    def _addresses(self, parts: SplitResult) -> list[str]:
        """Where the host is, each address checked. UsageError if one must not be sent to, CommError if there is none."""
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise CommError(f"{host} is not known: {_told(error)}") from error
        addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
        if not self._private and not all(_public(address) for address in addresses):
            raise UsageError(
                f"{host} is an address that only this server's own network reaches, so nothing is sent there. "
                "Whoever runs the server can allow it with `--webhooks-private`."
            )
        return addresses


def _parsed(url: str) -> SplitResult:
    """UsageError if it is no address of HTTP."""
    wrong = UsageError(
        f"This is no address of a webhook: write https://HOST/PATH, at most {MAX_URL} characters, without a user or a password."
    )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise wrong from None
    printable = url.isascii() and url.isprintable() and " " not in url
    if not printable or len(url) > MAX_URL or parts.scheme not in _PORTS or not parts.hostname or port == 0:
        raise wrong
    if parts.username is not None or parts.password is not None:
        raise wrong
    return parts


def _public(address: str) -> bool:
    """Whether it is one of the internet's, not of a network of its own, of this machine or of many."""
    one = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(one, ipaddress.IPv6Address):
        inner = one.ipv4_mapped or one.sixtofour or (one.teredo or (None, None))[1]
        if one in _NAT64:
            inner = ipaddress.IPv4Address(int(one) & 0xFFFFFFFF)
        if inner is not None:
            one = inner
    return one.is_global and not one.is_multicast and not one.is_reserved


def _connected(addresses: list[str], parts: SplitResult) -> socket.socket:
    """A socket to the first that answers. CommError."""
    failure: OSError | None = None
    until = time.monotonic() + POST_SECONDS
    for address in addresses:
        if time.monotonic() >= until:
            break
        try:
            sock = socket.create_connection((address, parts.port or _PORTS[parts.scheme]), _CONNECT)
        except OSError as error:
            failure = error
        else:
            sock.settimeout(POST_SECONDS)
            return sock
    raise CommError(f"{parts.hostname} could not be reached: {_told(failure or TimeoutError())}") from failure


def _shut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _told(error: Exception) -> str:
    return f"{str(error) or type(error).__name__}."


def _retry_after(told: str | None) -> float | None:
    """Seconds, or a date."""
    if told is None:
        return None
    if told.strip().isdecimal():
        return float(told[:9])
    try:
        return max(0.0, parsedate_to_datetime(told).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None
