"""Sessions of browsers: a signed cookie that says who and until when. The server keeps nothing of them."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

LIFETIME = 30 * 24 * 3600
"""Seconds that a session lasts."""


class Sessions:
    """Makes and reads the cookie's text."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        # Browsers give a host's cookies to all of its ports: each server has a name of its own.
        self.cookie = "playhead_" + hashlib.sha256(secret).hexdigest()[:8]

    def mint(self, user: str, now: int) -> str:
        """The cookie of `user`; `now` in seconds since 1970."""
        head = f"{now + LIFETIME}.{user.encode().hex()}"
        return f"{head}.{self._mac(head)}"

    def user(self, text: str, now: int) -> str | None:
        """Whose cookie it is; None if it is nobody's or has expired."""
        head, _, mac = text.rpartition(".")
        expires, _, name = head.partition(".")
        if not (text.isascii() and expires.isdigit() and hmac.compare_digest(mac, self._mac(head))):
            return None
        try:
            return bytes.fromhex(name).decode() if int(expires) > now else None
        except ValueError:
            return None

    def _mac(self, head: str) -> str:
        return hmac.new(self._secret, f"playhead-session.{head}".encode(), hashlib.sha256).hexdigest()


def secret_in(folder: Path) -> bytes:
    """The secret in the data folder, made on first use, readable by its owner only."""
    path = folder / "session.secret"
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(fd, "w") as file:
        file.write(secrets.token_hex(32))
    return path.read_bytes()
