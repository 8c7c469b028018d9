"""Short-lived login tokens for links that are printed: whoever holds the key can make one, the server checks it, no key is shown."""

from __future__ import annotations

import hashlib
import hmac

LINK_LIFETIME = 12 * 3600
"""Seconds that a printed link logs in for."""


def mint(key: str, expires: int) -> str:
    """A token that logs in as the owner of `key` until `expires` (seconds since 1970)."""
    return f"{expires}.{_mac(key, expires)}"


def valid(token: str, key: str, now: int) -> bool:
    """Whether `token` was made with `key` and has not expired at `now` (seconds since 1970)."""
    head, _, mac = token.partition(".")
    return head.isascii() and head.isdigit() and int(head) > now and hmac.compare_digest(mac, _mac(key, int(head)))


def _mac(key: str, expires: int) -> str:
    return hmac.new(key.encode(), f"playhead-link.{expires}".encode(), hashlib.sha256).hexdigest()[:40]
